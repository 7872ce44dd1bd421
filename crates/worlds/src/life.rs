//! One life of the process: it opens its database, recovers what was left, trades, and ends, in time or before it.

use crate::careless::Spoiler;
use crate::doom::{Doom, How, dead};
use crate::plan::Plan;
use crate::story::{Story, Teller};
use crashlab::folder::Image;
use crashlab::past::Past;
use crashlab::place::Place;
use crashlab::seed::Chance;
use crashlab::trouble::Kind;
use engine::Identity;
use ledger::KeyPair;
use platform::signals::Signal;
use server::LedgerServer;
use session::{Connected, Desk, DriverError, Left, Link, Pace, RecoverError, Space, Terms, Way, begin};
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use store::{Disk, OpenMode, Reader, Store};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes that may wait in each direction of the pipe.
const PIPE_BYTES: usize = 1 << 20;
/// Name of the ledger's history in the database: a world has one.
const WORLD_ID: &str = "world";
/// How a world of a control ends that the replay has noticed before the auditor.
pub(crate) const SPOILED: &str = "the replay differs";
/// How a process ends whose disk has failed.
pub(crate) const STORE_FAILED: &str = "store failed";
/// How long after the first signal the second one comes.
const SECOND_SIGNAL: Duration = Duration::from_millis(1_500);
/// More awakenings than these in one life are a loop that does nothing.
const POLLS_MAX: u64 = 300_000;

/// What a life works with.
pub(crate) struct Body<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) server: &'a LedgerServer,
    pub(crate) place: &'a mut Place,
    pub(crate) keys: &'a KeyPair,
    pub(crate) identity: &'a Identity,
    pub(crate) story: &'a Story,
    /// The rows of a session left open that were not decided again.
    pub(crate) taken: Cell<i64>,
}

/// How a life ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The session was closed.
    Closed,
    /// It ended as a process that cannot go on does, by this word; the next start finds the rest.
    Gave(&'static str, String),
    /// Killed, or without power.
    Killed,
    /// Something that must not happen.
    Wrong(&'static str, String),
}

/// The disk of a place, perhaps with the control that wants no key.
#[derive(Debug)]
struct OnPlace<'a> {
    place: &'a Place,
    is_keyless: bool,
}

impl Disk for OnPlace<'_> {
    fn vfs(&self) -> Option<&str> {
        self.place.vfs()
    }

    fn bytes(&self, path: &Path) -> std::io::Result<Option<u64>> {
        self.place.bytes(path)
    }

    fn create(&self, path: &Path) -> std::io::Result<()> {
        self.place.create(path)
    }

    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.place.sync_dir(dir)
    }

    fn is_keyless(&self) -> bool {
        self.is_keyless
    }
}

/// What befell a life besides its end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Befell {
    /// What the disk was asked for when it first failed.
    pub(crate) met: Option<Kind>,
    /// It was not run for so long.
    pub(crate) suspended: Duration,
    /// Writes that the disk took its time over.
    pub(crate) slow: u64,
    /// It began with a session left open, whose engine was made again of a checkpoint.
    pub(crate) at_checkpoint: bool,
}

impl Body<'_> {
    /// Lives, and leaves the disk as that end leaves it.
    pub(crate) async fn live(&mut self, doom: &Doom, chance: &mut Chance) -> (End, Befell) {
        let base = self.place.folder().image();
        if doom.power {
            self.place.folder().record();
        }
        self.place.folder().trouble = doom.trouble();
        let mut befell = Befell::default();
        let (end, killed_at) = self.until_end(doom, &mut befell).await;
        befell.met = self.place.folder().trouble.met_at();
        befell.at_checkpoint = self.taken.get() > 0;
        let met = befell.met.is_some();
        let image = if doom.power && (end == End::Killed || met) {
            self.after_a_power_cut(&base, chance)
        } else {
            killed_at.unwrap_or_else(|| self.place.folder().image())
        };
        self.place.load(&image);
        let end = match end {
            End::Wrong("store", _) | End::Gave(..) if met && matches!(doom.how, How::KillAtOperation(_)) => {
                End::Killed
            }
            End::Wrong("store", what) if met => End::Gave(STORE_FAILED, what),
            other => other,
        };
        (end, befell)
    }

    /// The files as they are when the process is killed from outside; else what is left is what it left.
    async fn until_end(&mut self, doom: &Doom, befell: &mut Befell) -> (End, Option<Image>) {
        let path = self.place.database();
        let store = match Store::open_on(&self.disk(), &path, &self.place.whose, OpenMode::CreateIfMissing) {
            Ok(store) => store,
            Err(error) => return (End::Wrong("store", error.to_string()), None),
        };
        let (sender, mut signals) = unbounded_channel();
        send_later(doom, sender);
        let began = Instant::now();
        let (polls, after) = match doom.how {
            How::KillAtPoll(polls) => (polls, None),
            How::KillAfter(after) => (POLLS_MAX, Some(began + after)),
            _ => (POLLS_MAX, None),
        };
        let hands = Hands {
            polls,
            after,
            suspended: doom.suspended.map(|(after, length)| (began + after, began + after + length)),
            slow: doom.slow.map(|(after, each)| (began + after, each)),
            befell,
        };
        let syncs = || self.place.folder().trouble.syncs();
        let lived = hands.killable(self.sessions(&store, doom, &mut signals), syncs).await;
        let Some(end) = lived else {
            // What the writer still does after its answer is done; a kill in the midst of it is `KillAtOperation`.
            let _ = store.checkpoint_aggregate();
            let image = self.place.folder().image();
            self.place.folder().trouble = dead();
            drop(store);
            let is_loop = polls == POLLS_MAX && after.is_none();
            let end =
                if is_loop { End::Wrong("I42", "it wakes and does nothing".to_owned()) } else { End::Killed };
            return (end, Some(image));
        };
        store.close();
        (end, None)
    }

    fn after_a_power_cut(&self, base: &Image, chance: &mut Chance) -> Image {
        let (changes, _) = self.place.folder().recorded();
        let mut past = Past::of(base);
        past.lies = self.plan.shape.lying_disk;
        changes.iter().for_each(|change| past.advance(change, chance));
        past.cut(None, chance)
    }

    /// What `neo paper` does: recovers, then runs a new session.
    async fn sessions(&self, store: &Store, doom: &Doom, signals: &mut UnboundedReceiver<Signal>) -> End {
        let spoiler = self.plan.shape.careless.map(Spoiler::new);
        let mut teller = Teller { story: self.story.clone(), ledger: self.newest(), spoiler };
        match self.recovered(store, &mut teller, signals).await {
            Ok(true) => return End::Closed,
            Ok(false) => {}
            Err(end) => return end,
        }
        let connected = match self.connect().await {
            Ok(connected) => connected,
            Err(error) => return gave(error),
        };
        let disk = self.disk();
        let terms = Terms {
            config: &self.plan.config,
            world_id: WORLD_ID.to_owned(),
            parent_session_id: None,
            accept_divergence: false,
            duration_seconds: Some(doom.session_seconds),
        };
        match begin(self.desk(&disk, store, &mut teller, signals), connected, terms).await {
            Ok(_) => End::Closed,
            Err(error) => gave(error),
        }
    }

    /// Closes a session that is open; says whether a signal came meanwhile.
    async fn recovered(
        &self,
        store: &Store,
        teller: &mut Teller,
        signals: &mut UnboundedReceiver<Signal>,
    ) -> Result<bool, End> {
        let wrong =
            |invariant: &'static str, error: &dyn std::fmt::Display| End::Wrong(invariant, error.to_string());
        let left = {
            let reader =
                Reader::open_on(&self.disk(), store.path()).map_err(|error| wrong("store", &error))?;
            let unclosed = reader.unclosed_session().map_err(|error| wrong("store", &error))?;
            let Some(session) = unclosed else { return Ok(false) };
            if self.plan.shape.careless.is_none() && !self.place.folder().trouble.met_any() {
                is_as_of_the_whole_journal(&reader, session.session_id)?;
            }
            Left::rebuild(&reader, session).map_err(|error| {
                if self.plan.shape.careless.is_some() {
                    // The replay notices any spoiled step; a control is for the auditor to notice.
                    return End::Gave(SPOILED, error.to_string());
                }
                let failed = self.place.folder().trouble.met_any();
                wrong(if failed { "store" } else { "I42" }, &error)
            })?
        };
        self.taken.set(left.taken());
        let connected = self.connect().await.map_err(gave)?;
        let disk = self.disk();
        left.close(self.desk(&disk, store, teller, signals), connected).await.map_err(|error| match error {
            RecoverError::Driver(error) => gave(error),
            RecoverError::Journal(error) if self.place.folder().trouble.met_any() => wrong("store", &error),
            other => wrong("I42", &other),
        })
    }

    async fn connect(&self) -> Result<Connected, DriverError> {
        let interval = Duration::from_secs(self.plan.spec.ledger_interval_seconds.into());
        let link = Link::new(self.way(false), self.identity.network_id, Some(interval));
        let others = if self.plan.has_second_node { vec![self.way(true)] } else { Vec::new() };
        link.with_others(others).open(self.identity.clone()).await
    }

    /// Pipes to one of the nodes.
    fn way(&self, to_second: bool) -> Way {
        let server = self.server.clone();
        Way::Pipe(Box::new(move || {
            if !(if to_second { server.lets_in_second() } else { server.lets_in() }) {
                return Err(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
            }
            let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
            let serving = server.clone();
            tokio::spawn(async move {
                if to_second {
                    serving.serve_second(theirs).await
                } else {
                    serving.serve_stream(theirs).await
                }
            });
            Ok(ours)
        }))
    }

    fn disk(&self) -> OnPlace<'_> {
        OnPlace { place: self.place, is_keyless: self.plan.shape.keyless }
    }

    fn desk<'d>(
        &'d self,
        disk: &'d dyn Disk,
        store: &'d Store,
        teller: &'d mut Teller,
        signals: &'d mut UnboundedReceiver<Signal>,
    ) -> Desk<'d> {
        Desk {
            disk,
            store,
            keys: self.keys,
            identity: self.identity,
            pace: Pace::Clock,
            checkpoint_rows: self.plan.checkpoint_rows,
            space: Space::of(store.path(), 0),
            view: teller,
            signals,
        }
    }

    fn newest(&self) -> u32 {
        self.server.with_ledger(|ledger| ledger.header().ledger_index.get())
    }
}

/// An engine made of a checkpoint and the rows after it is the one of the whole journal. Where one cannot be made, what
/// the restart itself says of that counts.
fn is_as_of_the_whole_journal(reader: &Reader, session_id: i64) -> Result<(), End> {
    let (Ok(quick), Ok(whole)) = (lab::restart(reader, session_id), lab::rebuild(reader, session_id)) else {
        return Ok(());
    };
    let place = |rebuilt: &lab::Rebuilt| {
        let engine = &rebuilt.engine;
        // As it is in memory too: what the form leaves out would not be missed in it.
        (rebuilt.head, rebuilt.rows, engine.checkpoint().ok(), format!("{engine:?}"))
    };
    if place(&quick) == place(&whole) && quick.set_aside.is_empty() {
        return Ok(());
    }
    let what = format!(
        "of {} rows {} by a checkpoint: another engine {:?}",
        whole.rows, quick.taken, quick.set_aside
    );
    Err(End::Wrong("I42", what))
}

/// Sends the signals of a doom when it is time.
fn send_later(doom: &Doom, sender: UnboundedSender<Signal>) {
    let How::Signal(signal, after, twice) = doom.how else {
        // Without a sender the channel would say that it is closed.
        tokio::spawn(async move { sender.closed().await });
        return;
    };
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        let _ = sender.send(signal);
        tokio::time::sleep(SECOND_SIGNAL).await;
        if twice {
            let _ = sender.send(signal);
        }
        sender.closed().await;
    });
}

/// Who lets a process run, or not.
struct Hands<'a> {
    /// Dropped when it has been woken so often.
    polls: u64,
    /// Dropped then.
    after: Option<Instant>,
    /// Not run from then till then.
    suspended: Option<(Instant, Instant)>,
    /// From then on each sync takes so long, and nothing else runs meanwhile.
    slow: Option<(Instant, Duration)>,
    befell: &'a mut Befell,
}

impl Hands<'_> {
    /// Runs the future to its end, unless it is dropped before.
    async fn killable<F: Future>(mut self, future: F, syncs: impl Fn() -> u64) -> Option<F::Output> {
        let mut future = pin!(future);
        let after = self.after;
        let mut time = pin!(async move {
            match after {
                Some(after) => sleep_until(after).await,
                None => pending().await,
            }
        });
        let mut hold = pin!(sleep_until(Instant::now()));
        let mut synced = syncs();
        poll_fn(|context| {
            if self.polls == 0 || time.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            self.suspend(hold.as_mut());
            if hold.deadline() > Instant::now() && hold.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.polls -= 1;
            let polled = future.as_mut().poll(context).map(Some);
            let now = syncs();
            self.wait_for_disk(hold.as_mut(), now - synced);
            synced = now;
            polled
        })
        .await
    }

    fn suspend(&mut self, hold: Pin<&mut Sleep>) {
        let now = Instant::now();
        if let Some((from, to)) = self.suspended
            && from <= now
        {
            self.suspended = None;
            if now < to {
                self.befell.suspended = to - now;
                hold.reset(to);
            }
        }
    }

    /// A write blocks the whole process: nothing of it runs before the disk is done.
    fn wait_for_disk(&mut self, hold: Pin<&mut Sleep>, syncs: u64) {
        let now = Instant::now();
        if let Some((from, each)) = self.slow
            && from <= now
            && syncs > 0
        {
            self.befell.slow += syncs;
            hold.reset(now + each * u32::try_from(syncs).unwrap_or(1));
        }
    }
}

/// What an error of the loop ends a process as.
fn gave(error: DriverError) -> End {
    let what = error.to_string();
    match error {
        DriverError::Store(_) => End::Wrong("store", what),
        DriverError::Sign(_) | DriverError::Journal(_) => End::Wrong("I42", what),
        DriverError::StartRefused(_) | DriverError::BooksDisagree(_) => End::Gave("start refused", what),
        DriverError::StoppedBeforeStart => End::Gave("stopped before a session", what),
        DriverError::SecondSignal => End::Gave("stopped at once", what),
        DriverError::Client(_) | DriverError::Unreachable(_) => End::Gave("no connection", what),
        DriverError::Translate(_) => End::Gave("unreadable ledger", what),
        DriverError::LedgerStopped(_) => End::Wrong("I42", what),
    }
}
