//! Everything that can happen to the engine, as values. Every input is journalled in binary form, so fields are only
//! ever added by a new journal version. Nothing here is parsed: raw evidence stays bytes until the engine reads it.

mod carried;
mod notice;

pub use carried::{CarriedBooks, CarriedOrder, CarriedPending};
pub use notice::{Announced, Notice, Reclassified, notice_note};

use crate::halt::HaltReason;
use crate::pool::Pool;
use crate::record::TruthSource;
use crate::side::{Legs, Side};
use ledger::{AccountId, Hash256};
use serde::{Deserialize, Serialize};
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A session opens.
    Start(Box<StartInput>),
    /// One validated ledger.
    Ledger(Box<LedgerInput>),
    /// Proven history after a gap, with a fresh read at its end.
    Backfill(Box<BackfillInput>),
    /// The shell signed the intents of the step before.
    Signed(Vec<SignedIntent>),
    /// A preliminary answer to a submission: a hint, nothing more.
    Submitted(SubmitOutcome),
    /// A full read of account, trust line, offers and book, pinned at one validated ledger.
    Truth(Box<TruthRead>),
    /// The read that was asked for failed or could not be pinned: one unverified truth read.
    TruthFailed {
        /// What went wrong.
        detail: String,
    },
    /// No validated ledger for so many seconds of wall time (live only).
    Stale {
        /// Whole seconds since the last one.
        wall_seconds: u32,
    },
    /// Begin to stop.
    Stop(StopInput),
    /// The time for a stop is over: close with what is not verified named.
    StopDeadline,
    /// After a crash, once the journal was replayed: catch up, cancel what is left, close.
    Resume(Box<ResumeInput>),
    /// What the operator says before a session begins or a recovery goes on.
    Notices(Vec<Notice>),
}

/// Facts of a validated ledger's header, and the reserves and base fee that hold in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerHeader {
    /// Its number.
    pub index: LedgerIndex,
    /// Its hash.
    pub hash: Hash256,
    /// When it closed.
    pub close_time: LedgerTime,
    /// Reserve of an account without objects.
    pub reserve_base_drops: Drops,
    /// Reserve of each object owned.
    pub reserve_inc_drops: Drops,
    /// What an ordinary transaction burns now, escalation included.
    pub fee_base_drops: Drops,
}

/// A session opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartInput {
    /// The ledger everything here is pinned at.
    pub header: LedgerHeader,
    /// The full read at that ledger.
    pub truth: TruthRead,
    /// The books as the last session of this wallet left them (`SessionClosedRow::carried`, handed back unchanged);
    /// `None` at the very first start: what the ledger shows becomes the `genesis` movement.
    pub carried: Option<CarriedBooks>,
    /// Own transactions of every ledger after `carried.at` up to the header's, proven complete by `account_tx`;
    /// ledgers without own transactions may be left out. Empty without `carried`.
    pub missed: Vec<OwnLedger>,
    /// Start although books and ledger differ: opens DEGRADED and books the difference as unexplained.
    pub accept_divergence: bool,
    /// How long the session runs, in seconds of ledger time; `None` until stopped.
    pub duration_seconds: Option<u32>,
}

/// One validated ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerInput {
    /// Its header.
    pub header: LedgerHeader,
    /// All transactions of the ledger were seen (their count agrees); `false` declares a gap.
    pub complete: bool,
    /// Changes to offers of our book, in transaction order, last change of each offer last.
    pub book: Vec<BookChange>,
    /// What owners can spend after this ledger, where metadata shows it.
    pub owner_funds: Vec<OwnerFunds>,
    /// The liquidity pool of our pair after this ledger; `None` when nothing changed it.
    pub pool: Option<Pool>,
    /// Every transaction that touches our account, trust line or offers, by transaction index.
    pub own: Vec<OwnTx>,
}

/// One offer of our book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookOffer {
    /// Index of the ledger entry.
    pub id: Hash256,
    /// Whose it is.
    pub owner: AccountId,
    /// Its number among the owner's.
    pub sequence: u32,
    /// [`Side::Buy`] when the owner gives RLUSD.
    pub side: Side,
    /// What is left of it.
    pub legs: Legs,
    /// The last eight bytes of its `BookDirectory` (TakerPays / TakerGets as placed); `None`: taken from the legs.
    pub quality: Option<u64>,
    /// When it dies.
    pub expiration: Option<LedgerTime>,
}

/// A change to our book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BookChange {
    /// A new offer.
    Created(BookOffer),
    /// An offer as it is after the change.
    Modified(BookOffer),
    /// An offer is gone.
    Deleted {
        /// Index of the ledger entry.
        id: Hash256,
    },
}

/// What an account can spend (above its reserve for XRP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerFunds {
    /// Whose.
    pub account: AccountId,
    /// XRP, where known.
    pub xrp: Option<Drops>,
    /// RLUSD, where known.
    pub rlusd: Option<IssuedValue>,
}

/// The book at one ledger, both sides, each best first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BookSnapshot {
    /// Offers that give RLUSD.
    pub bids: Vec<SnapshotOffer>,
    /// Offers that give XRP.
    pub asks: Vec<SnapshotOffer>,
}

/// An offer of a snapshot with what the server says about its funding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotOffer {
    /// The offer.
    pub offer: BookOffer,
    /// What its owner can spend of what it gives (`owner_funds`, on an owner's best offer only): of a bid RLUSD.
    pub owner_rlusd: Option<IssuedValue>,
    /// The same of an ask, in XRP.
    pub owner_xrp: Option<Drops>,
}

/// A transaction that touches us: raw evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTx {
    /// Its id.
    pub hash: Hash256,
    /// Its place within the ledger.
    pub index: u32,
    /// The transaction in binary form.
    pub tx_blob: Vec<u8>,
    /// Its metadata in binary form.
    pub meta_blob: Vec<u8>,
}

/// The own transactions of one ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLedger {
    /// The ledger.
    pub index: LedgerIndex,
    /// When it closed.
    pub close_time: LedgerTime,
    /// By transaction index.
    pub own: Vec<OwnTx>,
}

/// Proven history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackfillInput {
    /// First ledger of the range; the engine wants the one after its cursor.
    pub from: LedgerIndex,
    /// The last ledger of the range, where `truth` is pinned.
    pub header: LedgerHeader,
    /// The server proved that it searched the whole range.
    pub complete: bool,
    /// Own transactions of the range; ledgers without any may be left out.
    pub ledgers: Vec<OwnLedger>,
    /// A full read at `header`.
    pub truth: TruthRead,
}

/// After a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeInput {
    /// What happened since the last ledger of the journal.
    pub backfill: BackfillInput,
}

/// A signed intent, before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIntent {
    /// Which intent.
    pub intent_id: u64,
    /// The transaction id.
    pub hash: Hash256,
    /// The bytes that will be sent.
    pub blob: Vec<u8>,
}

/// A preliminary answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitOutcome {
    /// Which intent.
    pub intent_id: u64,
    /// The server's `engine_result`; `None` when no answer came or the request failed.
    pub engine_result: Option<String>,
    /// What went wrong, for the log; empty otherwise.
    pub detail: String,
}

/// Account facts of a full read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Next sequence.
    pub sequence: u32,
    /// Objects it owns.
    pub owner_count: u32,
    /// XRP balance, reserve included.
    pub xrp: Drops,
    /// RLUSD balance from our side; zero without a trust line.
    pub rlusd: IssuedValue,
    /// The transaction that changed the account last, where the server says it.
    pub previous_txn_id: Option<Hash256>,
    /// The issuer froze our trust line.
    pub frozen: bool,
}

/// An offer of ours as `account_offers` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnOffer {
    /// Its sequence or ticket.
    pub sequence: u32,
    /// Which way it trades.
    pub side: Side,
    /// What is left of it.
    pub legs: Legs,
    /// When it dies.
    pub expiration: Option<LedgerTime>,
}

/// A full read, all of it pinned at one validated ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthRead {
    /// The ledger.
    pub index: LedgerIndex,
    /// Its hash.
    pub hash: Hash256,
    /// When it closed.
    pub close_time: LedgerTime,
    /// The account.
    pub account: AccountFacts,
    /// Our offers in XRP/RLUSD. All pages.
    pub offers: Vec<OwnOffer>,
    /// Numbers of the tickets we own. All pages.
    pub tickets: Vec<u32>,
    /// The book.
    pub book: BookSnapshot,
    /// The liquidity pool of our pair; `None` when there is none.
    pub pool: Option<Pool>,
    /// What asked for it.
    pub source: TruthSource,
}

/// Begin to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopInput {
    /// Why.
    pub reason: HaltReason,
    /// In words.
    pub detail: String,
    /// See the book empty and read the truth once more (20 s); `false`: send the cancels and close (3 s).
    pub verify: bool,
}
