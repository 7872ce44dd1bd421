//! Rows of orders, fills and submissions. No rule lives here.

use crate::ending::Ending;
use crate::side::{Legs, OrderId, OrderStatus, Side};
use crate::step::Purpose;
use ledger::{Hash256, SeqProxy};
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime, MicroBps, Price};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// Its name.
    pub order_id: OrderId,
    /// Which side.
    pub side: Side,
    /// Price as placed.
    pub price: Price,
    /// Amounts as placed.
    pub placed: Legs,
    /// What is left.
    pub remaining: Legs,
    /// Where it stands.
    pub status: OrderStatus,
    /// Its number on the ledger.
    pub offer_sequence: u32,
    /// Its transaction.
    pub tx_hash: Option<Hash256>,
    /// The last ledger that transaction may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// The order it replaces.
    pub replaces: Option<OrderId>,
    /// The transaction that took it off the book.
    pub cancel_tx_hash: Option<Hash256>,
    /// Why it was to go.
    pub cancel_reason: Option<String>,
    /// When it dies.
    pub expiration: Option<LedgerTime>,
    /// When it was decided.
    pub created_at: LedgerTime,
    /// When it changed last.
    pub updated_at: LedgerTime,
    /// When it ended.
    pub closed_at: Option<LedgerTime>,
}

impl OrderRow {
    /// What the taker of the offer gets as placed: `(RLUSD)` for a bid, drops for an ask, as ledger text.
    #[must_use]
    pub fn taker_gets_text(&self) -> String {
        leg_text(self.side, self.placed)
    }

    /// What the taker pays as placed, as ledger text.
    #[must_use]
    pub fn taker_pays_text(&self) -> String {
        leg_text(self.side.opposite(), self.placed)
    }
}

fn leg_text(giver: Side, legs: Legs) -> String {
    match giver {
        Side::Buy => legs.quote.to_string(),
        Side::Sell => legs.base.to_string(),
    }
}

/// Who was waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Liquidity {
    /// Our offer rested and was taken.
    Maker,
    /// Our offer took from the book as it was placed: an accident, counted.
    Taker,
}

/// A fill, from validated metadata alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillRow {
    /// The order.
    pub order_id: OrderId,
    /// Which side.
    pub side: Side,
    /// The transaction that filled it.
    pub tx_hash: Hash256,
    /// Its ledger.
    pub ledger_index: LedgerIndex,
    /// When that closed.
    pub executed_at: LedgerTime,
    /// RLUSD per XRP.
    pub price: Price,
    /// RLUSD leg, exact.
    pub quantity_rlusd: Exact,
    /// XRP leg, exact.
    pub quantity_xrp: Drops,
    /// Mid of the last validated ledger before the fill, without our own offers.
    pub mid_price_at_fill: Option<Price>,
    /// Positive is earned.
    pub realized_spread_bps: Option<MicroBps>,
    /// Who was waiting.
    pub liquidity: Liquidity,
    /// The order belongs to an earlier session: credit it there.
    pub of_earlier_session: bool,
}

/// How an own offer ended, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferEndingRow {
    /// The order.
    pub order_id: OrderId,
    /// Its number on the ledger.
    pub offer_sequence: u32,
    /// Which side.
    pub side: Side,
    /// How it ended.
    pub ending: Ending,
    /// Of one that was partly filled: what took the rest.
    pub removal: Option<Ending>,
    /// The ledger that shows it: of the transaction, or the one up to which nothing was found.
    pub ledger_index: LedgerIndex,
    /// When that closed.
    pub at: LedgerTime,
    /// The transaction; `None` where no transaction is the evidence.
    pub tx_hash: Option<Hash256>,
    /// Index of the offer's entry on the ledger, the node in that transaction's metadata; `None` where it never had one.
    pub node: Option<Hash256>,
    /// RLUSD as placed.
    pub quantity_rlusd: IssuedValue,
    /// RLUSD traded in all.
    pub filled_rlusd: Exact,
    /// XRP traded in all.
    pub filled_xrp: Drops,
    /// From the decision to the end.
    pub age_seconds: u32,
}

/// A submission as it is born.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionRow {
    /// Number within the session.
    pub intent_id: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was decided.
    pub at: LedgerTime,
    /// On which ledger.
    pub ledger_index: LedgerIndex,
    /// Its sequence or ticket.
    pub sequence: SeqProxy,
    /// What it burns.
    pub fee_drops: Drops,
    /// The last ledger it may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// The offer it takes off the book.
    pub ends_offer: Option<u32>,
}

/// The one terminal state of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SubmissionVerdict {
    /// Validated with `tesSUCCESS`.
    ValidatedTes,
    /// Validated with a `tec` code: fee and sequence or ticket are gone.
    ValidatedTec,
    /// Never validated: its last ledger passed and history is complete.
    ExpiredProved,
    /// Never validated: another transaction used its sequence or ticket.
    SupersededProved,
}

impl SubmissionVerdict {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SubmissionVerdict::ValidatedTes => "validated_tes",
            SubmissionVerdict::ValidatedTec => "validated_tec",
            SubmissionVerdict::ExpiredProved => "expired_proved",
            SubmissionVerdict::SupersededProved => "superseded_proved",
        }
    }
}
