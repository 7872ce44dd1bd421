//! The laws of a ledger, held against closed ledgers from outside: what the metadata of each transaction says, and the
//! whole state after it. Shares no rule with the embedded ledger: it only adds, counts and compares.

mod money;
mod picture;
mod shape;
mod touch;

use std::collections::{BTreeMap, BTreeSet};

use ledger::{AccountId, Hash256, Object, fields as f};
use sim::world::{AppliedTx, ClosedLedger, LedgerHeader};

use picture::Picture;

/// Every entry of a ledger's state by its index.
pub type State = BTreeMap<Hash256, Object>;

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub law: &'static str,
    /// Where, and by how much.
    pub what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.law, self.what)
    }
}

/// A law broken in so many words.
pub(crate) fn broken<T>(law: &'static str, what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { law, what: what.into() })
}

/// Follows a chain of ledgers and says which law the next one breaks.
pub struct Judge {
    picture: Picture,
    header: LedgerHeader,
    issuers: BTreeSet<AccountId>,
}

impl Judge {
    /// A judge who believes this state of this ledger. Nobody but `issuers` and pools may owe anything.
    #[must_use]
    pub fn new(header: LedgerHeader, state: &State, issuers: BTreeSet<AccountId>) -> Judge {
        Judge { picture: Picture::of(state), header, issuers }
    }

    /// Holds every law against the next ledger: the cheap ones after each of its transactions, the others over `state`,
    /// which must be the whole state after it.
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn ledger(&mut self, closed: &ClosedLedger, state: &State) -> Result<(), Broken> {
        let mut burned = 0;
        for (tx, place) in closed.transactions.iter().zip(0_u32..) {
            if tx.index != place || tx.meta.index != place {
                return broken("transactions are numbered in order", format!("{} at {place}", tx.index));
            }
            let told = |found: Broken| Broken { what: format!("{}\n{}", found.what, story(tx)), ..found };
            burned += self.transaction(tx, closed.header.ledger_index.0).map_err(told)?;
        }
        let before = self.header.total_coins.get();
        if closed.header.total_coins.get() != before - burned {
            return broken(
                "fees alone burn drops",
                format!("{before} less {burned} is not {}", closed.header.total_coins.get()),
            );
        }
        if closed.header.parent_hash != self.header.ledger_hash {
            return broken("ledgers follow each other", closed.header.ledger_index.0.to_string());
        }
        self.header = closed.header;
        self.picture.agrees(state)?;
        money::whole(state, closed.header.total_coins, &self.issuers)?;
        shape::whole(state)
    }

    /// Gives what the transaction burned, in drops.
    fn transaction(&mut self, tx: &AppliedTx, ledger_index: u32) -> Result<i64, Broken> {
        let Ok(fields) = Object::from_bytes(&tx.blob) else {
            return broken("a transaction can be read", "it cannot");
        };
        let meta_bytes = tx.meta.to_bytes().map(|bytes| Object::from_bytes(&bytes).is_ok());
        if meta_bytes != Ok(true) {
            return broken("metadata has a binary form", format!("{meta_bytes:?}"));
        }
        let changes = self.picture.apply(&tx.meta, tx.hash, ledger_index)?;
        let fee = fields.amount(f::FEE).and_then(|fee| fee.drops()).map_or(0, |fee| fee.get());
        let burned = money::transaction(&fields, &tx.meta, &changes, self.picture.entries(), fee)?;
        shape::transaction(&fields, &tx.meta, &changes, self.picture.entries())?;
        Ok(burned)
    }
}

/// A transaction and its metadata, to look at.
fn story(tx: &AppliedTx) -> String {
    let fields = Object::from_bytes(&tx.blob).map(|fields| fields.to_json()).unwrap_or_default();
    format!("  transaction {} {}: {fields}\n  metadata: {}", tx.index, tx.hash, tx.meta.to_json())
}
