//! What the store is asked to do, from a seed: open, sessions, batches, checkpoints, a reader that stays, close in the
//! midst of a session, open again. The same seed is the same script.

use engine::{Input, Step};
use store::SessionStart;

use crate::books::Books;
use crate::seed::Chance;

/// One script in so many has steps so large that the log is moved by its size: they make ten times the points.
const HEAVY: u64 = 128;
/// One script in so many waits for the checkpoint timer.
const TIMED: u64 = 16;

/// One thing the store is asked to do.
#[derive(Debug, Clone)]
pub enum Action {
    /// Opens the store, and goes on with the session that is open in it, if any.
    Open,
    /// Opens a session with its first inputs.
    Begin(Box<SessionStart>, Vec<(Input, Step)>),
    /// Commits inputs and their steps.
    Commit(Vec<(Input, Step)>),
    /// Gives up the session that is open.
    Abandon,
    /// Lets the checkpoint timer fire once.
    Timer,
    /// A reader begins to look at this instant.
    Pin,
    /// The reader ends.
    Unpin,
    /// Closes the store.
    Close,
}

impl Action {
    /// Whether it writes rows.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Action::Begin(..) | Action::Commit(_) | Action::Abandon)
    }

    /// How many journal rows it adds.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Action::Begin(_, batch) | Action::Commit(batch) => batch.len(),
            _ => 0,
        }
    }
}

/// What is there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing: the database is made.
    Nothing,
    /// An empty database as version 1 made it, which is migrated.
    Version1,
    /// A database with a session that has ended.
    Made,
}

/// How a script is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// What is there before.
    pub before: Before,
    /// Steps so large that the log is moved by its size.
    pub heavy: bool,
    /// The checkpoint timer fires.
    pub timer: bool,
    /// Ledgers of the script.
    pub ledgers: u64,
}

impl Shape {
    /// The shape that a seed has.
    #[must_use]
    pub fn of(seed: u64) -> Shape {
        let mut chance = Chance::of(&[seed, 1]);
        let heavy = seed % HEAVY == 5;
        let before = match chance.below(12) {
            0 => Before::Nothing,
            1 => Before::Version1,
            _ => Before::Made,
        };
        let ledgers = if heavy { 9 } else { 10 + chance.below(16) };
        Shape { before, heavy, timer: seed % TIMED == 2, ledgers }
    }
}

/// The script of a seed.
#[derive(Debug, Clone)]
pub struct Script {
    /// What is done before anything is recorded.
    pub before: Vec<Action>,
    /// What is recorded.
    pub actions: Vec<Action>,
}

/// The script of a seed.
#[must_use]
pub fn script(seed: u64, shape: Shape) -> Script {
    let mut chance = Chance::of(&[seed, 2]);
    let mut books = Books::new(Chance::of(&[seed, 3]), if shape.heavy { 300_000 } else { 0 });
    let begin = |books: &mut Books| {
        let (start, first) = books.begin();
        Action::Begin(Box::new(start), first)
    };
    let mut before = Vec::new();
    if shape.before == Before::Made {
        before.extend([Action::Open, begin(&mut books), Action::Commit(vec![books.ledger(), books.end()])]);
        before.push(Action::Close);
    }
    let mut script = vec![Action::Open, begin(&mut books)];
    let mut ledgers = 0;
    let mut pinned = false;
    while ledgers < shape.ledgers {
        let n = 1 + chance.below(3);
        script.push(Action::Commit((0..n).map(|_| books.ledger()).collect()));
        ledgers += n;
        match chance.below(12) {
            0 if !pinned => {
                script.push(Action::Pin);
                pinned = true;
            }
            1..=4 if pinned => {
                script.push(Action::Unpin);
                pinned = false;
            }
            5 if !pinned => script.extend([Action::Close, Action::Open]),
            6 => script.extend([Action::Commit(vec![books.end()]), begin(&mut books)]),
            7 => script.extend([Action::Abandon, begin(&mut books)]),
            _ => {}
        }
        if shape.timer && ledgers == shape.ledgers / 2 {
            script.push(Action::Timer);
        }
    }
    if pinned {
        script.push(Action::Unpin);
    }
    if shape.timer {
        script.push(Action::Timer);
    }
    script.extend([Action::Commit(vec![books.end()]), Action::Close]);
    Script { before, actions: script }
}
