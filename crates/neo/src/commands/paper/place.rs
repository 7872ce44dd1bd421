//! Where a paper session lives: its database, and beside it the embedded ledger's directory.

use super::Plan;
use crate::exit::Failure;
use ::session::Space;
use engine::{HaltReason, Identity};
use ledger::{Currency, KeyPair};
use platform::signals::Signal;
use server::EmbeddedLedger;
use sim::identity;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{BackupKind, CheckpointAggregate, OpenError, OpenMode, Reader, Store};
use tokio::sync::mpsc::UnboundedReceiver;

/// How often it is looked whether a backup is done.
const POLL: Duration = Duration::from_millis(2);
/// Name of the network in the database.
const NETWORK: &str = "paper";

/// An open database, the keys of the paper wallet, and the ledger's directory.
pub struct Place {
    /// The database.
    pub store: Store,
    /// The wallet's keys.
    pub keys: KeyPair,
    /// Who we are on the paper network.
    pub identity: Identity,
    /// Where the embedded ledger is.
    pub ledger_dir: PathBuf,
    /// The disk of both.
    pub space: Space,
}

impl Place {
    /// Opens the database or refuses; starts its checkpoint loop.
    ///
    /// # Errors
    /// A refusal that says why; nothing was written then.
    pub fn open(plan: &Plan<'_>) -> Result<Place, Failure> {
        let keys = identity::keys(identity::WALLET).map_err(|error| Failure::failed(error.to_string()))?;
        let issuer =
            identity::account(identity::ISSUER).map_err(|error| Failure::failed(error.to_string()))?;
        let identity = Identity {
            network_id: identity::NETWORK_ID,
            account: keys.account(),
            quote_currency: Currency::RLUSD,
            quote_issuer: issuer,
        };
        let db = &plan.args.common.db;
        // However the name was written, the ledger is found beside the file.
        let literal = store::literal(db).map_err(|refused| open_failure(&refused.into()))?;
        let ledger_dir = ledger_dir(&literal);
        EmbeddedLedger::check(&ledger_dir)
            .map_err(|error| Failure::refused(format!("refused to start: {error}; nothing was written")))?;
        let space = Space::of(db, plan.settings.config.min_free_disk_mib);
        if let Some(missing) = space.shortage() {
            return Err(Failure::refused(format!("refused to start: {missing}; nothing was written")));
        }
        let whose = store::Identity::new(NETWORK, &identity);
        let store = Store::open_for_session(db, &whose, OpenMode::CreateIfMissing)
            .map_err(|error| open_failure(&error))?;
        let interval = plan.settings.config.wal_checkpoint_interval_seconds.get();
        store.start_checkpoints(interval.into()).map_err(|error| Failure::failed(error.to_string()))?;
        let interval = plan.settings.config.backup_interval_minutes.get();
        store.start_backups(interval).map_err(|error| Failure::failed(error.to_string()))?;
        Ok(Place { store, keys, identity, ledger_dir, space })
    }

    /// The read side of the database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn reader(&self) -> Result<Reader, Failure> {
        Reader::open(self.store.path()).map_err(|error| Failure::failed(error.to_string()))
    }

    /// Backs up what the session made, unless its end left no time. A failure is in the log, and ends nothing; a signal
    /// gives it up.
    pub async fn backup_after(&self, session_id: i64, signals: &mut UnboundedReceiver<Signal>) {
        let reason = self.reader().ok().and_then(|reader| reader.session(session_id).ok()?.halt_reason);
        let reason = reason.and_then(|reason| reason.parse::<HaltReason>().ok());
        if reason.is_some_and(::session::signals::left_no_time) {
            tracing::warn!(session_id, "no backup after this session: the system left no time");
            return;
        }
        match self.store.begin_backup(BackupKind::After) {
            Err(error) => tracing::error!(%error, "backup failed: there is no thread for it"),
            Ok(backup) => {
                while !backup.is_finished() {
                    tokio::select! {
                        Some(_) = signals.recv() => self.store.give_up_backups(),
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
            }
        }
    }

    /// Closes the database; gives the figures of its checkpoints.
    pub fn close(self) -> Option<CheckpointAggregate> {
        self.store.close()
    }
}

/// `<db>.ledger`, beside the database.
pub fn ledger_dir(db: &Path) -> PathBuf {
    let mut name = db.as_os_str().to_owned();
    name.push(".ledger");
    PathBuf::from(name)
}

fn open_failure(error: &OpenError) -> Failure {
    match error {
        OpenError::Refused(refused) => {
            Failure::refused(format!("refused to start: {refused}; nothing was written"))
        }
        other => Failure::failed(format!("{other}; nothing was started")),
    }
}
