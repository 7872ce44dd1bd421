//! Backups by the clock: a thread of its own with a connection of its own that only reads, so that the writer is never
//! waited for. One backup at a time; one that fails is an error in the log and nothing more.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::list::Backup;
use super::make::{self, BackupError};
use super::name::BackupKind;
use super::tell;
use crate::beside::{self, Finding};
use crate::disk::SystemDisk;
use crate::open;
use rusqlite::Connection;

/// How long the close waits for a backup that is being made.
const JOIN_WITHIN: Duration = Duration::from_secs(5);

/// Makes backups of one database, asked or by the clock.
#[derive(Debug)]
pub(crate) struct Timer {
    db: PathBuf,
    stop: Arc<AtomicBool>,
    one_at_a_time: Arc<Mutex<()>>,
    running: Mutex<Option<Running>>,
    /// Hung up when the look beside the session has ended.
    beside: Mutex<Option<Receiver<()>>>,
}

#[derive(Debug)]
struct Running {
    /// Dropped to end the thread.
    _stopper: Sender<()>,
    ended: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Timer {
    pub(crate) fn new(db: &Path) -> Timer {
        Timer {
            db: db.to_owned(),
            stop: Arc::new(AtomicBool::new(false)),
            one_at_a_time: Arc::default(),
            running: Mutex::default(),
            beside: Mutex::default(),
        }
    }

    /// Starts the clock; one that runs keeps its pace, and a warning says so. Zero: no clock.
    pub(crate) fn start(&self, interval: Duration) -> std::io::Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            tracing::warn!("backups by the clock are running already; started once only");
            return Ok(());
        }
        if interval.is_zero() {
            tracing::info!("backups by the clock are switched off");
            return Ok(());
        }
        let (stopper, stopped) = channel::<()>();
        let (tell_end, ended) = channel::<()>();
        let (db, stop, turn) = (self.db.clone(), Arc::clone(&self.stop), Arc::clone(&self.one_at_a_time));
        let log = tracing::dispatcher::get_default(Clone::clone);
        let thread = std::thread::Builder::new().name("store-backup".to_owned()).spawn(move || {
            tracing::dispatcher::with_default(&log, || {
                while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                    drop(one(&db, BackupKind::Timed, &stop, &turn));
                }
            });
            drop(tell_end);
        })?;
        *running = Some(Running { _stopper: stopper, ended, thread });
        Ok(())
    }

    /// Makes one now, in the caller's thread. A failure is in the log as well.
    pub(crate) fn now(&self, kind: BackupKind) -> Result<Backup, BackupError> {
        one(&self.db, kind, &self.stop, &self.one_at_a_time)
    }

    /// Makes one in a thread of its own, for a caller that has other things to look at; it logs as [`Timer::now`] does.
    pub(crate) fn begin(&self, kind: BackupKind) -> std::io::Result<JoinHandle<Result<Backup, BackupError>>> {
        let (db, stop, turn) = (self.db.clone(), Arc::clone(&self.stop), Arc::clone(&self.one_at_a_time));
        let log = tracing::dispatcher::get_default(Clone::clone);
        std::thread::Builder::new()
            .name("store-backup".to_owned())
            .spawn(move || tracing::dispatcher::with_default(&log, || one(&db, kind, &stop, &turn)))
    }

    /// Looks at a large database and backs it up, from a snapshot, in a thread of its own. Damage is told and left for the
    /// writer to find.
    pub(crate) fn begin_beside(&self, source: Connection, found: Finding) -> std::io::Result<()> {
        let (db, stop, turn) = (self.db.clone(), Arc::clone(&self.stop), Arc::clone(&self.one_at_a_time));
        let log = tracing::dispatcher::get_default(Clone::clone);
        let (tell_end, ended) = channel::<()>();
        std::thread::Builder::new().name("store-beside".to_owned()).spawn(move || {
            tracing::dispatcher::with_default(&log, || {
                let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
                let made = make::make(&db, BackupKind::Before, &source, &stop);
                let Err(error) = made else { return };
                match beside::damage(&source, &error) {
                    Some(finding) => {
                        tracing::error!(finding, "the database is damaged; what is in it now is kept");
                        beside::doubt(&db, &finding);
                        let _ = found.set(finding);
                    }
                    None if matches!(error, BackupError::Stopped) => {
                        tracing::info!(kind = "bak", "backup given up: the session ends");
                    }
                    None => tell(&db, BackupKind::Before, &error),
                }
            });
            drop(tell_end);
        })?;
        *self.beside.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        Ok(())
    }

    /// Gives up the backups that are being made, as soon as they look.
    pub(crate) fn give_up(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Ends the clock, and a backup that is being made with it.
    pub(crate) fn close(&self) {
        if let Some(ended) = self.beside.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.stop.store(true, Ordering::Relaxed);
            if ended.recv_timeout(JOIN_WITHIN) == Err(RecvTimeoutError::Timeout) {
                tracing::error!(
                    "the look beside the session did not stop within 5 s; the database is closed without it"
                );
            }
        }
        let Some(running) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        self.stop.store(true, Ordering::Relaxed);
        let Running { _stopper, ended, thread } = running;
        drop(_stopper);
        if ended.recv_timeout(JOIN_WITHIN) == Err(RecvTimeoutError::Timeout) {
            tracing::error!("the backup did not stop within 5 s; the database is closed without it");
            return;
        }
        if thread.join().is_err() {
            tracing::error!("the backup thread panicked");
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.close();
    }
}

fn one(db: &Path, kind: BackupKind, stop: &Arc<AtomicBool>, turn: &Mutex<()>) -> Result<Backup, BackupError> {
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    if stop.load(Ordering::Relaxed) {
        return Err(BackupError::Stopped);
    }
    let made = open::connect_read_only(&SystemDisk, db)
        .map_err(BackupError::Sqlite)
        .and_then(|source| make::make(db, kind, &source, stop));
    match &made {
        Err(BackupError::Stopped) => tracing::info!(kind = kind.word(), "backup given up: the session ends"),
        Err(error) => tell(db, kind, error),
        Ok(_) => {}
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logged::Logged;
    use crate::open::{First, OpenMode, open_writable};
    use std::time::Instant;

    fn made(path: &Path) -> crate::open::Opened {
        let identity = crate::Identity {
            network: "paper".to_owned(),
            network_id: 61337,
            account: ledger::AccountId([7; 20]),
            currency: ledger::Currency::RLUSD,
            issuer: ledger::AccountId([9; 20]),
        };
        open_writable(&SystemDisk, path, &identity, OpenMode::CreateIfMissing, First::Nothing).unwrap()
    }

    #[test]
    fn the_clock_makes_backups_until_it_is_closed_and_a_second_start_warns() {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("neo.db");
        let _writer = made(&db);
        let log = Logged::new();
        log.during(|| {
            let timer = Timer::new(&db);
            timer.start(Duration::from_millis(20)).unwrap();
            timer.start(Duration::from_millis(20)).unwrap();
            let began = Instant::now();
            while log.lines("INFO", "\"kind\":\"timed\"").len() < 2 {
                assert!(began.elapsed() < Duration::from_secs(60), "no backup: {:?}", log.all());
                std::thread::sleep(Duration::from_millis(5));
            }
            timer.close();
        });
        assert_eq!(log.lines("WARN", "running already").len(), 1);
        assert_eq!(log.lines("ERROR", ""), Vec::<String>::new());
        let timed = super::super::backups(&db);
        assert!(timed.len() >= 2 && timed.iter().all(|backup| backup.kind == BackupKind::Timed), "{timed:?}");
    }

    /// The control: without a clock none is made, and one that is asked for still is.
    #[test]
    fn an_interval_of_zero_makes_none() {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("neo.db");
        let _writer = made(&db);
        let log = Logged::new();
        log.during(|| {
            let timer = Timer::new(&db);
            timer.start(Duration::ZERO).unwrap();
            assert!(timer.running.lock().unwrap().is_none());
            timer.now(BackupKind::After).unwrap();
        });
        assert_eq!(log.lines("INFO", "switched off").len(), 1);
        assert_eq!(super::super::backups(&db).len(), 1);
    }

    /// A disk that cannot take the copy: an error that says what is kept, and nothing else.
    #[test]
    fn a_backup_that_fails_says_what_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let db = dir.path().join("neo.db");
        let writer = made(&db);
        let log = Logged::new();
        log.during(|| {
            let timer = Timer::new(&db);
            timer.now(BackupKind::Timed).unwrap();
            writer.connection.execute_batch("CREATE TABLE more (x)").unwrap();
            assert!(matches!(timer.now(BackupKind::Timed), Err(BackupError::Damaged(_))));
        });
        let errors = log.lines("ERROR", "backup failed");
        assert!(errors.len() == 1 && errors.iter().all(|line| line.contains("\"kept\":1")), "{errors:?}");
    }
}
