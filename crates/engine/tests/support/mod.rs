//! A ledger of one wallet, for tests: just enough to validate what the engine submits and to let others trade with
//! it. It keeps its own books and writes metadata in the published shape; it shares no decision with the engine.
#![allow(dead_code, unused_imports, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test helper: a wrong value is a failed test")]

pub use engine::{
    AccountFacts, BackfillInput, BookChange, BookOffer, BookSnapshot, CarriedBooks, Config, Effect, Engine,
    Identity, Input, Intent, IntentBody, LedgerHeader, LedgerInput, Legs, OwnLedger, OwnOffer, OwnTx, Record,
    Side, SignedIntent, SnapshotOffer, StartInput, Step, TruthRead, TruthSource, journal,
};
pub use ledger::hash::sha512_half;
pub use ledger::{
    AccountId, AffectedNode, Amount, Currency, EntryType, Hash256, NodeAction, Object, ResultCode, SeqProxy,
    TxMeta, TxType, fields as f, tx_hash,
};
pub use std::collections::{BTreeMap, BTreeSet};
pub use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime, Rounding};

pub mod rig;
mod transactions;
pub mod world;

pub use rig::Rig;
pub use world::{Offer, World};

pub const US: AccountId = AccountId([7; 20]);
pub const ISSUER: AccountId = AccountId([9; 20]);
pub const OTHER: AccountId = AccountId([5; 20]);

pub fn identity() -> Identity {
    Identity { network_id: 61337, account: US, quote_currency: Currency::RLUSD, quote_issuer: ISSUER }
}

/// The usual configuration without a ticket pool: only what is quoted is sent.
pub fn no_pool() -> Config {
    Config { ticket_pool: 0, ..Config::default() }
}

pub fn value(text: &str) -> IssuedValue {
    text.parse().unwrap()
}

pub fn drops(n: i64) -> Drops {
    Drops::new(n).unwrap()
}
