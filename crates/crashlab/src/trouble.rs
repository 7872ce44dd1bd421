//! What goes wrong with a disk while a process uses it: an error at the n-th operation, once or from then on, or no
//! space left. Counts every operation that could fail; never touches a byte.

/// What is asked of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Opening or making a file.
    Open,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Cutting.
    Truncate,
    /// Making bytes or names durable.
    Sync,
    /// Taking a name away.
    Delete,
}

/// How it went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such file.
    Missing,
    /// The disk failed (EIO).
    Broken,
    /// No space is left (ENOSPC).
    Full,
    /// The process is dead: nothing it asks for happens.
    Dead,
}

impl Wrong {
    /// Whether a write that failed so may have happened in part.
    pub(crate) fn leaves_half(self) -> bool {
        matches!(self, Wrong::Broken | Wrong::Full)
    }
}

/// An error to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which operation fails, counted from 0 among those that can fail so.
    pub at: u64,
    /// From then on all of them fail.
    pub sticky: bool,
    /// No space instead of a broken disk: only what needs space fails.
    pub full: bool,
    /// The process dies with the first error, as by a kill; else it goes on and closes what it has.
    pub dies: bool,
}

/// The trouble a folder has.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    fault: Option<Fault>,
    /// Only operations of this kind can fail, and only they are counted.
    only: Option<Kind>,
    /// Bytes that all files together may have.
    budget: Option<u64>,
    seen: u64,
    syncs: u64,
    met: bool,
    met_at: Option<Kind>,
    dead: bool,
}

impl Trouble {
    /// One error to come.
    #[must_use]
    pub fn fault(fault: Fault) -> Trouble {
        Trouble { fault: Some(fault), ..Trouble::default() }
    }

    /// The same trouble for operations of one kind alone; the others are not counted.
    #[must_use]
    pub fn only(self, kind: Kind) -> Trouble {
        Trouble { only: Some(kind), ..self }
    }

    /// A disk that ends at so many bytes.
    #[must_use]
    pub fn budget(bytes: u64) -> Trouble {
        Trouble { budget: Some(bytes), ..Trouble::default() }
    }

    /// How many operations could have failed so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether anything failed.
    #[must_use]
    pub fn met_any(&self) -> bool {
        self.met
    }

    /// What the first operation that failed was to do.
    #[must_use]
    pub fn met_at(&self) -> Option<Kind> {
        self.met_at
    }

    /// How often bytes or names were to be made durable.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    pub(crate) fn meet(&mut self, kind: Kind) -> Result<(), Wrong> {
        if self.dead {
            return Err(Wrong::Dead);
        }
        self.syncs += u64::from(kind == Kind::Sync);
        if self.only.is_some_and(|only| only != kind) {
            return Ok(());
        }
        let needs_space = matches!(kind, Kind::Write | Kind::Open);
        if self.fault.is_some_and(|fault| fault.full && !needs_space) {
            return Ok(());
        }
        let now = self.seen;
        self.seen += 1;
        match self.fault {
            Some(fault) if now == fault.at || (fault.sticky && now > fault.at) => {
                (self.met, self.dead) = (true, fault.dies);
                self.met_at.get_or_insert(kind);
                Err(if fault.full { Wrong::Full } else { Wrong::Broken })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn write(&mut self, used: u64) -> Result<(), Wrong> {
        self.meet(Kind::Write)?;
        if self.budget.is_some_and(|budget| used > budget) {
            self.met = true;
            self.met_at.get_or_insert(Kind::Write);
            return Err(Wrong::Full);
        }
        Ok(())
    }
}
