//! From `ledgerClosed` and transaction messages, in any order and several times, to whole ledgers in
//! order. Pure: no clock and no socket; the caller says when to stop waiting ([`Assembler::give_up`]).
//!
//! A ledger comes out when its header is known, every ledger before it came out (or was declared a gap)
//! and as many different transactions arrived as `txn_count` says. One validated transaction may arrive
//! up to four times (recorded on a real server: transactions, accounts and both books streams).

use std::collections::BTreeMap;

use ledger::Hash256;
use units::LedgerIndex;

use crate::answers::StreamMessage;
use crate::limits::{ASSEMBLER_LEDGERS_MAX, ASSEMBLER_TRANSACTIONS_MAX, LATE_LEDGERS};
use crate::types::{ClosedLedger, Gap, LedgerHeader, ValidatedTx};

/// Collects messages until ledgers are whole.
#[derive(Debug, Default)]
pub struct Assembler {
    /// The last ledger that came out or was declared a gap.
    last: Option<LedgerIndex>,
    pending: BTreeMap<LedgerIndex, Pending>,
    held: usize,
    /// Up to here missing ledgers are declared gaps instead of being waited for.
    given_up: Option<LedgerIndex>,
    /// The newest ledger that is known to have closed.
    newest: Option<LedgerIndex>,
    stats: AssemblerStats,
}

/// What comes out, in ledger order.
#[derive(Clone, Debug, PartialEq)]
pub enum AssemblerEvent {
    /// A whole ledger.
    Ledger(ClosedLedger),
    /// Ledgers the stream did not give whole: back-fill them.
    Gap(Gap),
}

/// Counters of what was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AssemblerStats {
    /// Messages seen before, dropped.
    pub duplicates: u64,
    /// Messages about ledgers that already came out, dropped.
    pub late: u64,
    /// Ledgers declared missing.
    pub ledgers_missing: u64,
}

/// Two messages about one ledger that cannot both be true, or more than can be held.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// Two hashes for one ledger.
    #[error("ledger {index} has two hashes: {one} and {other}")]
    LedgerHash {
        /// Which ledger.
        index: LedgerIndex,
        /// The hash seen first.
        one: Hash256,
        /// The hash seen now.
        other: Hash256,
    },
    /// Two different headers for one ledger with one hash.
    #[error("ledger {0} has two different headers")]
    Header(LedgerIndex),
    /// One transaction with two contents, or two transactions at one place.
    #[error("transaction {hash} of ledger {index} contradicts one seen before")]
    Transaction {
        /// Which ledger.
        index: LedgerIndex,
        /// The transaction seen now.
        hash: Hash256,
    },
    /// More transactions than the header says.
    #[error("ledger {0} has more transactions than its txn_count")]
    TooMany(LedgerIndex),
    /// [`ASSEMBLER_LEDGERS_MAX`] or [`ASSEMBLER_TRANSACTIONS_MAX`] reached.
    #[error("too much is held back by an incomplete ledger")]
    Overflow,
}

#[derive(Debug, Default)]
struct Pending {
    header: Option<LedgerHeader>,
    hash: Option<Hash256>,
    by_place: BTreeMap<u32, ValidatedTx>,
}

impl Assembler {
    /// Starts after `last` (the last ledger already taken), or with the first ledger that shows up.
    pub fn new(last: Option<LedgerIndex>) -> Self {
        Self { last, ..Self::default() }
    }

    /// Says that the subscription stood at ledger `at`: the stream gives only later ones, so whatever is
    /// missing up to `at` is a gap at once.
    pub fn subscribed_at(&mut self, at: LedgerIndex) {
        match self.last {
            None => self.last = Some(at),
            Some(last) if last < at => self.given_up = self.given_up.max(Some(at)),
            Some(_) => {}
        }
    }

    /// Says that ledger `at` closed, whatever the stream tells: a ledger that is not whole when [`LATE_LEDGERS`] later ones
    /// have closed is a gap, and so is every one after it up to the newest or the first whole one.
    pub fn closed(&mut self, at: LedgerIndex) {
        self.newest = self.newest.max(Some(at));
        let Some(last) = self.last else { return };
        if at.since(last.plus(1)) >= LATE_LEDGERS && at > last {
            self.given_up = self.given_up.max(Some(at));
        }
    }

    /// The last ledger that came out.
    pub fn last(&self) -> Option<LedgerIndex> {
        self.last
    }

    /// Counters of what was dropped.
    pub fn stats(&self) -> AssemblerStats {
        self.stats
    }

    /// Whether something is held back waiting for more.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Takes a message; kinds other than ledgers and validated transactions are ignored. After an error
    /// nothing of this connection may be accounted: drop it and back-fill from another.
    pub fn accept(&mut self, message: StreamMessage) -> Result<(), Contradiction> {
        match message {
            StreamMessage::LedgerClosed(header) => self.accept_header(header),
            StreamMessage::Transaction(tx) => self.accept_transaction(*tx),
            _ => Ok(()),
        }
    }

    /// Takes a ledger header.
    pub fn accept_header(&mut self, header: LedgerHeader) -> Result<(), Contradiction> {
        let index = header.index;
        let Some(pending) = self.slot(index)? else {
            return Ok(());
        };
        pending.agree(index, Some(header.hash))?;
        match &pending.header {
            Some(known) if *known == header => self.stats.duplicates += 1,
            Some(_) => return Err(Contradiction::Header(index)),
            None => pending.header = Some(header),
        }
        self.check_count(index)
    }

    /// Takes a validated transaction.
    pub fn accept_transaction(&mut self, tx: ValidatedTx) -> Result<(), Contradiction> {
        let index = tx.ledger_index;
        let Some(pending) = self.slot(index)? else {
            return Ok(());
        };
        pending.agree(index, tx.ledger_hash)?;
        match pending.by_place.get(&tx.transaction_index) {
            Some(known) if known.hash == tx.hash && known.result == tx.result && known.meta == tx.meta => {
                self.stats.duplicates += 1;
                return Ok(());
            }
            Some(_) => return Err(Contradiction::Transaction { index, hash: tx.hash }),
            None => {}
        }
        if pending.by_place.values().any(|known| known.hash == tx.hash) {
            return Err(Contradiction::Transaction { index, hash: tx.hash });
        }
        pending.by_place.insert(tx.transaction_index, tx);
        self.held += 1;
        if self.held > ASSEMBLER_TRANSACTIONS_MAX {
            return Err(Contradiction::Overflow);
        }
        self.check_count(index)
    }

    /// The next ledger or gap that is ready, in order; `None` when more messages are needed.
    pub fn next_event(&mut self) -> Option<AssemblerEvent> {
        let last = self.last.or_else(|| self.first_header().map(before))?;
        let due = last.plus(1);
        if let Some(pending) = self.pending.get(&due)
            && pending.is_complete()
        {
            let pending = self.pending.remove(&due)?;
            self.held -= pending.by_place.len();
            self.last = Some(due);
            return pending.into_ledger().map(AssemblerEvent::Ledger);
        }
        let given_up = self.given_up.filter(|until| *until >= due)?;
        Some(AssemblerEvent::Gap(self.declare_gap(due, given_up)))
    }

    /// Stops waiting: what is missing before the oldest ledger held back comes out as a [`Gap`]; when
    /// nothing is missing before it, that incomplete ledger itself does. Does nothing when nothing is
    /// waited for.
    pub fn give_up(&mut self) {
        let Some(oldest) = self.pending.keys().next().copied() else {
            return;
        };
        let missing_before = self.last.is_some_and(|last| last.plus(1) < oldest);
        let until = if missing_before { before(oldest) } else { oldest };
        self.given_up = self.given_up.max(Some(until));
        self.last = self.last.or(Some(before(oldest)));
    }

    /// The ledgers from `due` on that are not whole, at most up to `until`.
    fn declare_gap(&mut self, due: LedgerIndex, until: LedgerIndex) -> Gap {
        let whole =
            self.pending.iter().find(|(_, pending)| pending.is_complete()).map(|(index, _)| before(*index));
        let to = whole.map_or(until, |whole| until.min(whole)).max(due);
        let later = self.pending.split_off(&to.plus(1));
        let dropped = std::mem::replace(&mut self.pending, later);
        self.held -= dropped.values().map(|pending| pending.by_place.len()).sum::<usize>();
        self.stats.ledgers_missing += u64::from(to.since(due)) + 1;
        self.last = Some(to);
        Gap { from: due, to }
    }

    /// Before anything came out: the first ledger whose header is known begins the series.
    fn first_header(&self) -> Option<LedgerIndex> {
        self.pending.iter().find(|(_, pending)| pending.header.is_some()).map(|(index, _)| *index)
    }

    fn slot(&mut self, index: LedgerIndex) -> Result<Option<&mut Pending>, Contradiction> {
        if self.last.is_some_and(|last| index <= last) {
            self.stats.late += 1;
            return Ok(None);
        }
        if self.pending.len() >= ASSEMBLER_LEDGERS_MAX && !self.pending.contains_key(&index) {
            return Err(Contradiction::Overflow);
        }
        Ok(Some(self.pending.entry(index).or_default()))
    }

    fn check_count(&self, index: LedgerIndex) -> Result<(), Contradiction> {
        let too_many = self.pending.get(&index).is_some_and(|pending| {
            pending.header.as_ref().is_some_and(|header| pending.by_place.len() > header.txn_count as usize)
        });
        if too_many { Err(Contradiction::TooMany(index)) } else { Ok(()) }
    }
}

impl Pending {
    fn agree(&mut self, index: LedgerIndex, hash: Option<Hash256>) -> Result<(), Contradiction> {
        match (self.hash, hash) {
            (Some(one), Some(other)) if one != other => Err(Contradiction::LedgerHash { index, one, other }),
            (None, Some(hash)) => {
                self.hash = Some(hash);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn is_complete(&self) -> bool {
        self.header.as_ref().is_some_and(|header| self.by_place.len() == header.txn_count as usize)
    }

    fn into_ledger(self) -> Option<ClosedLedger> {
        let header = self.header?;
        Some(ClosedLedger {
            index: header.index,
            hash: header.hash,
            close_time: header.close_time,
            fees: Some(header.fees),
            txn_count: Some(header.txn_count),
            transactions: self.by_place.into_values().collect(),
            complete: true,
        })
    }
}

fn before(index: LedgerIndex) -> LedgerIndex {
    LedgerIndex(index.get().saturating_sub(1))
}
