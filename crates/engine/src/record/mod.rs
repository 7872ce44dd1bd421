//! Rows for the store in the field's own words. Amounts are typed and exact; times are ledger time. No row knows its
//! session: the store adds the session whose journal is being written.

mod books;
mod orders;
mod snapshots;
mod truth;

pub use books::{Account, Asset, CapitalKind, CapitalRow, Cause, MovementRow};
pub use orders::{FillRow, Liquidity, OfferEndingRow, OrderRow, SubmissionRow, SubmissionVerdict};
pub use snapshots::{AnomalyRow, CircuitBreakerRow, InventoryRow, MarketRow, ValuationRow};
pub use truth::{TruthRow, TruthSource, TruthStatus};

use crate::figures::Figures;
use crate::halt::HaltReason;
use crate::input::CarriedBooks;
use crate::side::OrderId;
use ledger::{AccountId, Hash256};
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, LedgerIndex, LedgerTime};

/// One row to write, all rows of a step in one transaction and in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// A session row.
    SessionOpened(SessionOpenedRow),
    /// The end of the session row.
    SessionClosed(Box<SessionClosedRow>),
    /// An order as it stands now; replaces the row of the same `order_id`.
    OrderUpsert(Box<OrderRow>),
    /// A fill, unique by (`tx_hash`, `order_id`).
    Fill(Box<FillRow>),
    /// A movement of the inventory ledger.
    Movement(MovementRow),
    /// A truth check.
    TruthCheck(TruthRow),
    /// The market at a ledger.
    MarketSnapshot(MarketRow),
    /// The inventory at a ledger.
    InventorySnapshot(InventoryRow),
    /// The value at a ledger.
    ValuationSnapshot(ValuationRow),
    /// An anomaly; a later row with the same `order_id` and `detected_at` updates it with the outcome.
    Anomaly(AnomalyRow),
    /// A deposit or withdrawal.
    CapitalEvent(CapitalRow),
    /// A change of mode.
    CircuitBreakerEvent(CircuitBreakerRow),
    /// A key of `engine_state`.
    State {
        /// Key.
        key: String,
        /// Value.
        value: String,
    },
    /// A submission row is born.
    SubmissionIntent(SubmissionRow),
    /// The submission was signed (bytes before sending).
    SubmissionSigned {
        /// Which intent.
        intent_id: u64,
        /// The transaction id.
        hash: Hash256,
        /// The bytes.
        blob: Vec<u8>,
    },
    /// A preliminary answer: a hint.
    SubmissionHint {
        /// Which intent.
        intent_id: u64,
        /// The server's word, or what went wrong.
        engine_result: String,
    },
    /// The submission's one terminal state.
    SubmissionOutcome {
        /// Which intent of this session; `None` when an earlier session sent it: find it by `hash`.
        intent_id: Option<u64>,
        /// The transaction id, when it was signed.
        hash: Option<Hash256>,
        /// How it ended.
        verdict: SubmissionVerdict,
        /// The ledger's result code, when it was validated.
        result: Option<String>,
        /// The ledger that decided it.
        ledger_index: LedgerIndex,
    },
    /// Everything up to this ledger is accounted for.
    Cursor {
        /// The ledger.
        ledger_index: LedgerIndex,
        /// When it closed.
        close_time: LedgerTime,
    },
    /// How an own offer ended, and the evidence; replaces the row of the same `order_id`, which was not proven yet.
    OfferEnding(Box<OfferEndingRow>),
}

/// A session begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOpenedRow {
    /// When.
    pub at: LedgerTime,
    /// At which ledger.
    pub ledger_index: LedgerIndex,
    /// On which network.
    pub network_id: u32,
    /// Whose wallet.
    pub account: AccountId,
    /// SHA-256 of the config's canonical text.
    pub config_hash: Hash256,
    /// Opening XRP.
    pub starting_xrp: Drops,
    /// Opening RLUSD.
    pub starting_rlusd: Exact,
    /// Opening value in RLUSD; `None` without a mid.
    pub starting_value: Option<Exact>,
}

/// A session ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClosedRow {
    /// When.
    pub at: LedgerTime,
    /// At which ledger.
    pub ledger_index: LedgerIndex,
    /// Closing XRP.
    pub ending_xrp: Drops,
    /// Closing RLUSD.
    pub ending_rlusd: Exact,
    /// Closing value in RLUSD; `None` when no mid was ever seen.
    pub ending_value: Option<Exact>,
    /// Why it ended.
    pub halt_reason: HaltReason,
    /// The same in words and numbers.
    pub halt_detail: String,
    /// The book was seen empty and the final truth was read.
    pub verified: bool,
    /// What could not be verified, with its expiry.
    pub unverified: Vec<Unverified>,
    /// What the session did.
    pub figures: Figures,
    /// What the next session starts from; to be handed back in `StartInput::carried`.
    pub carried: CarriedBooks,
}

/// An own offer or submission whose end was not seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unverified {
    /// Its sequence.
    pub sequence: u32,
    /// The order it belongs to.
    pub order_id: Option<OrderId>,
    /// When the ledger stops filling it.
    pub expires_at: Option<LedgerTime>,
}
