//! Our session in a story: it starts as `neo paper` starts one, is stopped or killed, and its books are proven at the end.

use crate::stage::{FORK, Stage, Told};
use engine::config::Config;
use engine::{Engine, Identity, Level, Step};
use ledger::Currency;
use platform::signals::Signal;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use server::LedgerServer;
use session::{Connected, Desk, Left, Link, Pace, Space, Terms, View, Way};
use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::Duration;
use store::{OpenMode, Reader, Store, SystemDisk};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// Bytes that may wait in each direction of the pipe.
const PIPE_BYTES: usize = 1 << 20;
/// Ledgers within which a session must have begun to quote, or ended after it was told to.
const LEDGERS_MAX: u32 = 20;

/// What a session needs.
pub struct Seat {
    pub db: PathBuf,
    pub server: LedgerServer,
    pub config: Config,
    pub interval: Duration,
    pub told: Told,
}

/// A session that runs.
pub struct Session {
    task: JoinHandle<Result<(), String>>,
    signals: UnboundedSender<Signal>,
}

impl Stage {
    /// A session starts, after the recovery of one that was killed, and ledgers close until both sides rest.
    pub async fn session_quotes(&mut self) {
        self.session_quotes_beside(0).await;
    }

    /// The same where the wallet has so many offers that are none of the session's.
    pub async fn session_quotes_beside(&mut self, others: usize) {
        let before = self.last_session();
        self.session_starts();
        for _ in 0..LEDGERS_MAX {
            self.closes(1).await;
            if self.session.as_ref().is_some_and(|session| session.task.is_finished()) {
                let ended = self.session.take().unwrap().task.await.unwrap();
                panic!("it ended: {ended:?}\n{}", self.story());
            }
            if self.last_session() > before && self.offers_of(crate::people::Who::Wallet).len() == 2 + others
            {
                return self.tell("story   both sides rest".to_owned());
            }
        }
        panic!("nothing is quoted: {}", self.told.borrow().join("\n"));
    }

    fn last_session(&self) -> u32 {
        if !self.db().is_file() {
            return 0;
        }
        self.rows("SELECT coalesce(max(session_id), 0) FROM sessions").remove(0).parse().unwrap()
    }

    pub fn session_starts(&mut self) {
        let (signals, receiver) = unbounded_channel();
        let task = tokio::task::spawn_local(live(self.seat(), receiver));
        self.session = Some(Session { task, signals });
    }

    /// The session is asked to end in order, and does.
    pub async fn session_is_stopped(&mut self) {
        self.signal(Signal::Terminate);
        self.session_ends().await;
    }

    pub fn signal(&self, signal: Signal) {
        self.session.as_ref().unwrap().signals.send(signal).unwrap();
    }

    /// Ledgers close until the session has ended; it must have closed its books.
    pub async fn session_ends(&mut self) {
        self.session_outcome().await.unwrap_or_else(|error| panic!("{error}\n{}", self.story()));
    }

    /// The same, with what it ended with.
    pub async fn session_outcome(&mut self) -> Result<(), String> {
        let session = self.session.take().unwrap();
        for _ in 0..LEDGERS_MAX {
            if session.task.is_finished() {
                return session.task.await.unwrap();
            }
            self.closes(1).await;
        }
        panic!("it does not end: {}", self.story());
    }

    /// The process is gone from one moment to the next.
    pub async fn session_is_killed(&mut self) {
        let session = self.session.take().unwrap();
        session.task.abort();
        assert!(session.task.await.is_err_and(|end| end.is_cancelled()), "it had ended by itself");
        self.tell("story   the process is killed".to_owned());
    }

    /// Rows of the database, each with its columns joined by `|`; NULL is empty.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        let connection = Connection::open_with_flags(self.db(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..columns).map(|cell| match row.get_ref(cell)? {
                rusqlite::types::ValueRef::Null => Ok(String::new()),
                rusqlite::types::ValueRef::Integer(number) => Ok(number.to_string()),
                other => Ok(String::from_utf8_lossy(other.as_bytes()?).into_owned()),
            });
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
        });
        rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    /// Fills, oldest first: session, side, offer, XRP, RLUSD.
    pub fn fills(&self) -> Vec<String> {
        self.rows(
            "SELECT f.session_id, f.side, o.offer_sequence, f.quantity_xrp, f.quantity_rlusd
             FROM fills f JOIN orders o USING (order_id) ORDER BY f.fill_id",
        )
    }

    /// How an order stands: status, why it went, whether a transaction of ours took it off.
    pub fn order(&self, offer_sequence: u32) -> String {
        let sql = format!(
            "SELECT status, cancel_reason, cancel_tx_hash IS NOT NULL FROM orders WHERE offer_sequence = {offer_sequence}"
        );
        self.rows(&sql).join(" and ")
    }

    /// What became of the transaction that was to take an offer off: purpose, hint, outcome, result.
    pub fn submission_against(&self, offer_sequence: u32) -> String {
        let sql = format!(
            "SELECT intent, preliminary, outcome, result FROM submissions WHERE ends_offer = {offer_sequence} ORDER BY 1"
        );
        self.rows(&sql).join(" and ")
    }

    /// Halt reasons of all sessions, oldest first.
    pub fn halts(&self) -> Vec<String> {
        self.rows("SELECT session_id, status, halt_reason FROM sessions ORDER BY session_id")
    }

    /// What was gone without a word: one line each.
    pub fn anomalies(&self) -> Vec<String> {
        self.rows("SELECT order_id, action_taken FROM reconciler_anomaly_log ORDER BY id")
    }

    /// Everything that happened, for a reader.
    pub fn story(&self) -> String {
        self.told.borrow().join("\n")
    }

    /// `neo audit` proves the books, from the stored evidence and from the ledger alone. Printed with the story; gives the
    /// audit of each session.
    #[track_caller]
    pub fn proven(&self) -> Vec<Value> {
        self.falls_silent();
        let text = self.neo(&["audit"]);
        let text = text.ended(0).stdout;
        println!("{text}");
        let sessions = self.halts().len();
        let fills = self.fills().len();
        let verdict =
            format!("PROVEN: {sessions} sessions, {fills} fills; unexplained 0.000000 XRP, 0 RLUSD");
        assert_eq!(text.trim_end().lines().last(), Some(verdict.as_str()), "{text}");
        let again = self.neo(&["audit", "--from-ledger", "--json"]).ended(0).json();
        assert_eq!(again["equal"], true, "{again}");
        let report = self.neo(&["audit", "--json"]).ended(0).json();
        report["sessions"].as_array().unwrap().clone()
    }
}

/// Movements of a session by cause, as the audit has them: `cause xrp rlusd`.
pub fn movements(session: &Value) -> Vec<String> {
    let causes = session["movements"].as_object().unwrap();
    let shown = causes.iter().map(|(cause, sum)| {
        format!("{cause} {} {}", sum["xrp"].as_str().unwrap(), sum["rlusd"].as_str().unwrap())
    });
    shown.collect()
}

/// What `neo paper` does: recovers, then runs a new session.
async fn live(seat: Seat, mut signals: UnboundedReceiver<Signal>) -> Result<(), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let keys = sim::identity::keys(sim::identity::WALLET).map_err(|error| words(&error))?;
    let identity = Identity {
        network_id: sim::identity::NETWORK_ID,
        account: keys.account(),
        quote_currency: Currency::RLUSD,
        quote_issuer: sim::identity::account(sim::identity::ISSUER).map_err(|error| words(&error))?,
    };
    let whose = store::Identity::new("paper", &identity);
    let store = {
        let _alone = FORK.lock().unwrap_or_else(PoisonError::into_inner);
        Store::open(&seat.db, &whose, OpenMode::CreateIfMissing).map_err(|error| words(&error))?
    };
    let mut teller = Teller { told: seat.told.clone() };
    let reader = Reader::open(&seat.db).map_err(|error| words(&error))?;
    if let Some(session) = reader.unclosed_session().map_err(|error| words(&error))? {
        let left = Left::rebuild(&reader, session).map_err(|error| words(&error))?;
        let connected = connect(&seat, &identity).await?;
        let desk = desk(&store, &keys, &identity, &mut teller, &mut signals);
        if left.close(desk, connected).await.map_err(|error| words(&error))? {
            return Ok(());
        }
    }
    let world = seat.server.with_ledger(|ledger| ledger.world_id().to_string());
    let terms = Terms {
        config: &seat.config,
        world_id: format!("{world}-1"),
        parent_session_id: None,
        accept_divergence: false,
        duration_seconds: None,
    };
    let connected = connect(&seat, &identity).await?;
    let desk = desk(&store, &keys, &identity, &mut teller, &mut signals);
    session::begin(desk, connected, terms).await.map_err(|error| words(&error))?;
    store.close();
    Ok(())
}

fn desk<'d>(
    store: &'d Store,
    keys: &'d ledger::KeyPair,
    identity: &'d Identity,
    view: &'d mut Teller,
    signals: &'d mut UnboundedReceiver<Signal>,
) -> Desk<'d> {
    let space = Space::of(store.path(), 0);
    Desk {
        disk: &SystemDisk,
        store,
        keys,
        identity,
        pace: Pace::Clock,
        checkpoint_rows: 7,
        space,
        view,
        signals,
    }
}

async fn connect(seat: &Seat, identity: &Identity) -> Result<Connected, String> {
    let server = seat.server.clone();
    let pipe = Box::new(move || {
        if !server.lets_in() {
            return Err(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
        }
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let serving = server.clone();
        tokio::spawn(async move { serving.serve_stream(theirs).await });
        Ok(ours)
    });
    let link = Link::new(Way::Pipe(pipe), identity.network_id, Some(seat.interval));
    link.open(identity.clone()).await.map_err(|error| error.to_string())
}

/// Writes down what the engine says.
struct Teller {
    told: Told,
}

impl View for Teller {
    fn step(&mut self, engine: &Engine, step: &Step) {
        let index = engine.cursor();
        let lines = step.logs.iter().filter(|line| line.level >= Level::Info);
        let lines = lines.map(|line| format!("{:>6}  engine  {} {}", index.get(), line.event, line.text));
        self.told.borrow_mut().extend(lines);
    }

    fn note(&mut self, text: &str) {
        self.told.borrow_mut().push(format!("        session {text}"));
    }

    fn finish(&mut self) {}
}
