//! Rows for the store in the field's own words. Amounts are typed and exact; times are ledger time. No row knows its
//! session: the store adds the session whose journal is being written.

use crate::figures::Figures;
use crate::halt::HaltReason;
use crate::input::CarriedBooks;
use crate::side::{Legs, OrderId, OrderStatus, Side};
use crate::step::{Mode, Purpose};
use ledger::{AccountId, Hash256};
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime, MicroBps, Price};

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

/// What a movement moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Asset {
    /// XRP; amounts in XRP.
    Xrp,
    /// RLUSD.
    Rlusd,
}

impl Asset {
    /// `XRP` or `RLUSD`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Asset::Xrp => "XRP",
            Asset::Rlusd => "RLUSD",
        }
    }
}

/// Why a balance moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// The first books of a wallet.
    Genesis,
    /// A fill.
    Fill,
    /// The network fee of an own transaction.
    Fee,
    /// The ledger's rounding of the trust line to 16 digits, against the legs of the offer.
    LedgerRounding,
    /// The issuer's transfer fee.
    TransferFee,
    /// An incoming payment.
    Deposit,
    /// An outgoing payment that was announced.
    Withdrawal,
    /// A change by somebody else's hand that is no trade: a transaction signed elsewhere with our key, a clawback.
    External,
    /// A difference that the operator accepted at a start.
    AcceptedDivergence,
}

impl Cause {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::Genesis => "genesis",
            Cause::Fill => "fill",
            Cause::Fee => "fee",
            Cause::LedgerRounding => "ledger_rounding",
            Cause::TransferFee => "transfer_fee",
            Cause::Deposit => "deposit",
            Cause::Withdrawal => "withdrawal",
            Cause::External => "external",
            Cause::AcceptedDivergence => "accepted_divergence",
        }
    }

    /// The account on the other side of the wallet.
    #[must_use]
    pub const fn counter_account(self) -> Account {
        match self {
            Cause::Genesis => Account::Genesis,
            Cause::Fill => Account::Market,
            Cause::Fee => Account::NetworkFees,
            Cause::LedgerRounding => Account::Rounding,
            Cause::TransferFee => Account::TransferFees,
            Cause::Deposit | Cause::Withdrawal => Account::Owner,
            Cause::External => Account::External,
            Cause::AcceptedDivergence => Account::Unexplained,
        }
    }
}

/// An account of the inventory ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Account {
    /// Our balance.
    Wallet,
    /// Where the first books came from.
    Genesis,
    /// The other side of our trades.
    Market,
    /// Burned by the network.
    NetworkFees,
    /// Lost or won by the ledger's rounding.
    Rounding,
    /// Burned for the issuer.
    TransferFees,
    /// Whoever owns the capital.
    Owner,
    /// Changes made elsewhere.
    External,
    /// Nobody knows.
    Unexplained,
}

impl Account {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Account::Wallet => "wallet",
            Account::Genesis => "genesis",
            Account::Market => "market",
            Account::NetworkFees => "network_fees",
            Account::Rounding => "rounding",
            Account::TransferFees => "transfer_fees",
            Account::Owner => "owner",
            Account::External => "external",
            Account::Unexplained => "unexplained",
        }
    }
}

/// A movement: `amount` (above zero) goes to `debit` and comes from `credit`; one of the two is the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementRow {
    /// The ledger.
    pub ledger_index: LedgerIndex,
    /// When it closed.
    pub at: LedgerTime,
    /// The transaction; `None` for opening movements.
    pub tx_hash: Option<Hash256>,
    /// What moved.
    pub asset: Asset,
    /// How much, above zero: XRP in XRP.
    pub amount: Exact,
    /// Who has more.
    pub debit: Account,
    /// Who has less.
    pub credit: Account,
    /// Why.
    pub cause: Cause,
    /// The order of a fill.
    pub order_id: Option<OrderId>,
}

impl MovementRow {
    /// The change of our balance: above zero when the wallet has more.
    #[must_use]
    pub fn wallet_change(&self) -> Exact {
        if self.debit == Account::Wallet {
            self.amount.clone()
        } else {
            -&self.amount
        }
    }
}

/// What asked for a truth check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TruthSource {
    /// The start of the session.
    Start,
    /// The metadata of own transactions of a ledger.
    Metadata,
    /// The regular full read.
    Periodic,
    /// The read after a gap or a crash.
    Backfill,
    /// The last read of a session.
    Final,
}

impl TruthSource {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TruthSource::Start => "start",
            TruthSource::Metadata => "metadata",
            TruthSource::Periodic => "periodic",
            TruthSource::Backfill => "backfill",
            TruthSource::Final => "final",
        }
    }
}

/// How a truth check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TruthStatus {
    /// No difference at all.
    Ok,
    /// A difference below the warning level.
    Unexplained,
    /// A difference from the warning level on.
    Warn,
    /// A difference from the halt level on.
    Halt,
    /// The read could not be made or not be compared.
    Unverified,
}

impl TruthStatus {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TruthStatus::Ok => "ok",
            TruthStatus::Unexplained => "unexplained",
            TruthStatus::Warn => "warn",
            TruthStatus::Halt => "halt",
            TruthStatus::Unverified => "unverified",
        }
    }
}

/// A truth check: both sides at one ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthRow {
    /// When the ledger closed.
    pub at: LedgerTime,
    /// The ledger.
    pub ledger_index: LedgerIndex,
    /// What asked.
    pub source: TruthSource,
    /// XRP by accounting.
    pub internal_xrp: Drops,
    /// RLUSD by accounting.
    pub internal_rlusd: Exact,
    /// XRP by ledger; `None` when not read.
    pub ledger_xrp: Option<Drops>,
    /// RLUSD by ledger; `None` when not read.
    pub ledger_rlusd: Option<IssuedValue>,
    /// internal - ledger.
    pub delta_xrp: Option<Drops>,
    /// internal - ledger.
    pub delta_rlusd: Option<Exact>,
    /// How it came out.
    pub status: TruthStatus,
}

/// The market at a ledger. `None` is "no observation".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// Best bid of others.
    pub best_bid: Option<Price>,
    /// Best ask of others.
    pub best_ask: Option<Price>,
    /// Middle of the two.
    pub mid: Option<Price>,
    /// Distance of the two against the mid.
    pub spread_bps: Option<MicroBps>,
    /// The reference of our quotes.
    pub reference: Option<Price>,
    /// Funded RLUSD bid within the depth band.
    pub bid_depth_rlusd: Option<Exact>,
    /// RLUSD worth of funded XRP asked within the depth band.
    pub ask_depth_rlusd: Option<Exact>,
    /// Our bid, when one rests.
    pub own_bid: Option<Price>,
    /// Our ask, when one rests.
    pub own_ask: Option<Price>,
    /// How far our bid is from the best bid (above zero: behind it).
    pub bid_distance_bps: Option<MicroBps>,
    /// How far our ask is from the best ask.
    pub ask_distance_bps: Option<MicroBps>,
    /// RLUSD at better prices than our bid.
    pub bid_ahead_rlusd: Option<Exact>,
    /// RLUSD worth at better prices than our ask.
    pub ask_ahead_rlusd: Option<Exact>,
}

/// The inventory at a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// XRP by accounting.
    pub xrp_balance: Drops,
    /// RLUSD by accounting.
    pub rlusd_balance: Exact,
    /// Worth of the XRP; `None` without a mid.
    pub xrp_value_in_rlusd: Option<Exact>,
    /// Worth of both.
    pub total_value_in_rlusd: Option<Exact>,
    /// Share of XRP, in percent.
    pub xrp_pct: Option<Exact>,
    /// `xrp_pct - 50`, in points.
    pub drift_pct: Option<Exact>,
    /// `flat`, `mild` or `strong`; empty without a mid.
    pub skew_tier: String,
    /// Change of the drift in points a minute, over the last minute.
    pub drift_velocity_pct_per_min: Option<Exact>,
}

/// The value at a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValuationRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// Worth of both balances.
    pub total_value_rlusd: Exact,
    /// Deposits less withdrawals so far.
    pub net_deposits_rlusd_cum: Exact,
}

/// An anomaly of the reconciler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnomalyRow {
    /// When it was seen.
    pub detected_at: LedgerTime,
    /// The order.
    pub order_id: Option<OrderId>,
    /// Its side.
    pub side: Option<Side>,
    /// What was left of it.
    pub quantity_rlusd: Option<IssuedValue>,
    /// The same in XRP at the mid; `None` without one.
    pub xrp_equivalent: Option<Drops>,
    /// Age of the order.
    pub age_seconds: Option<u32>,
    /// Where it stood.
    pub last_status: Option<OrderStatus>,
    /// Its number on the ledger.
    pub offer_sequence: Option<u32>,
    /// A cancel of ours that was on its way.
    pub cancel_tx_hash: Option<Hash256>,
    /// `searching`, then the outcome (open text).
    pub action_taken: String,
    /// Mid when it was seen.
    pub mid_price: Option<Price>,
}

/// Deposit or withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CapitalKind {
    /// Money came in.
    Deposit,
    /// Money went out.
    Withdrawal,
}

impl CapitalKind {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            CapitalKind::Deposit => "deposit",
            CapitalKind::Withdrawal => "withdrawal",
        }
    }
}

/// A deposit or withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapitalRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// In or out.
    pub kind: CapitalKind,
    /// What.
    pub asset: Asset,
    /// How much, above zero.
    pub amount: Exact,
    /// Its worth in RLUSD; `None` when no mid was ever seen.
    pub value_rlusd: Option<Exact>,
    /// The transaction; `None` for the first books.
    pub tx_hash: Option<Hash256>,
    /// Where it came from.
    pub note: String,
}

/// A change of mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitBreakerRow {
    /// When.
    pub at: LedgerTime,
    /// Which ledger.
    pub ledger_index: LedgerIndex,
    /// Which guard.
    pub source: String,
    /// Mode before.
    pub from: Mode,
    /// Mode after.
    pub to: Mode,
    /// The halt reason, when it halts.
    pub halt: Option<HaltReason>,
    /// Its numbers.
    pub detail: String,
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
    /// Its sequence.
    pub sequence: u32,
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
    /// Validated with a `tec` code: fee and sequence are gone.
    ValidatedTec,
    /// Never validated: its last ledger passed and history is complete.
    ExpiredProved,
    /// Never validated: another transaction used its sequence.
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
