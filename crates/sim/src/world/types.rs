//! What a world is made from and what it hands out: plain values that a server can store and show. No rules here.

use ledger::meta::TxMeta;
use ledger::object::Object;
use ledger::{AccountId, Amount, Currency, Hash256, ResultCode};
use serde::{Deserialize, Serialize};
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime, Price};

use crate::identity;
use crate::market::candles::Candle;

/// Where the value of XRP comes from, and with it the agents' orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum MarketSpec {
    /// No market: accounts and trust lines only.
    None,
    /// The built-in process.
    Synthetic,
    /// Candles from the first to the last; the last price holds after them.
    Candles(Vec<Candle>),
}

/// Everything a world follows from. Equal specs give equal worlds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorldSpec {
    /// Seed of the agents' and the built-in process's draws. No key follows from it.
    pub seed: u64,
    /// The market.
    pub market: MarketSpec,
    /// Network id; above 1024 every transaction must carry it.
    pub network_id: u32,
    /// Close time of the genesis ledger.
    pub start: LedgerTime,
    /// Seconds from one close to the next.
    pub ledger_interval_seconds: u32,
    /// Fees and reserves that hold in every ledger.
    pub fees: Fees,
    /// Price at the start: of the built-in process, and of the wallet's RLUSD. Candles begin at their own first price.
    pub start_price: Price,
    /// XRP of the paper wallet; it gets the same value in RLUSD at the starting price.
    pub wallet_funds: Drops,
    /// Ledgers closed with the agents at work before the world is handed over.
    pub warm_up_ledgers: u32,
}

impl WorldSpec {
    /// The paper network: 60 XRP and their value in RLUSD, a ledger every four seconds.
    #[must_use]
    pub fn paper(seed: u64, market: MarketSpec, start: LedgerTime) -> WorldSpec {
        let start_price = match &market {
            MarketSpec::Candles(candles) => candles.first().map(|first| first.open),
            MarketSpec::None | MarketSpec::Synthetic => None,
        };
        WorldSpec {
            seed,
            market,
            network_id: identity::NETWORK_ID,
            start,
            ledger_interval_seconds: 4,
            fees: Fees::current(),
            start_price: start_price.unwrap_or_else(default_price),
            wallet_funds: Drops::from_xrp(60),
            warm_up_ledgers: 30,
        }
    }
}

/// 1.42 RLUSD, about the price of the recorded minutes of March 2026.
#[expect(clippy::expect_used, reason = "a constant above zero is a price")]
fn default_price() -> Price {
    Price::from_pico(1_420_000_000_000).expect("above zero")
}

/// Fees and reserves, in drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// What the cheapest transaction burns.
    pub base_fee: Drops,
    /// Reserve of an account that owns nothing.
    pub reserve_base: Drops,
    /// Reserve of each object an account owns.
    pub reserve_increment: Drops,
}

impl Fees {
    /// 10 drops; 1 XRP and 0.2 XRP an object (main network since December 2024).
    #[must_use]
    pub fn current() -> Fees {
        let drops = |count| Drops::new(count).unwrap_or_default();
        Fees { base_fee: drops(10), reserve_base: Drops::from_xrp(1), reserve_increment: drops(200_000) }
    }

    /// The reserve of an account that owns `owner_count` objects.
    #[must_use]
    pub fn reserve(&self, owner_count: u32) -> Drops {
        let objects = self.reserve_increment.get().saturating_mul(i64::from(owner_count));
        Drops::new(self.reserve_base.get().saturating_add(objects)).unwrap_or(Drops::MAX)
    }
}

/// The header of a closed ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerHeader {
    /// Its number.
    pub ledger_index: LedgerIndex,
    /// Its hash: over everything below, in the form of the documentation ("Ledger Header").
    pub ledger_hash: Hash256,
    /// Hash of the ledger before it.
    pub parent_hash: Hash256,
    /// Digest of the state after it.
    pub account_hash: Hash256,
    /// Digest of its transactions and their metadata.
    pub transaction_hash: Hash256,
    /// When it closed: rounded to the resolution, or one second after its parent.
    pub close_time: LedgerTime,
    /// When its parent closed; what an Expiration is compared with in this ledger.
    pub parent_close_time: LedgerTime,
    /// Seconds to which close times are rounded.
    pub close_time_resolution: u8,
    /// Always 0 here: the close time is agreed.
    pub close_flags: u8,
    /// All drops there are.
    pub total_coins: Drops,
}

/// The preliminary answer to a submission, as a server words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitResult {
    /// The transaction's id.
    pub hash: Hash256,
    /// What applying it to the open ledger gave.
    pub engine_result: ResultCode,
    /// Applied, queued, kept or passed on: any of them.
    pub accepted: bool,
    /// It is in the open ledger.
    pub applied: bool,
    /// It was passed on to the network: applied or queued.
    pub broadcast: bool,
    /// It waits in the queue.
    pub queued: bool,
    /// The server counts it among its clients' own. So it says of everything that was submitted to it (recordings of
    /// rippled 3.1.1), also of what no later ledger can take.
    pub kept: bool,
    /// Whether the world is another one for it: it is in the open ledger, in the queue, or tried again later. For those
    /// who repeat what was submitted; a server does not say it.
    pub is_remembered: bool,
    /// The next sequence of the sender that neither the open ledger nor the queue uses (0 without such an account).
    pub account_sequence_available: u32,
    /// The next sequence of the sender in the open ledger (0 without such an account).
    pub account_sequence_next: u32,
    /// What a transaction like this one must burn to enter the open ledger, rounded down.
    pub open_ledger_cost: Drops,
    /// Index of the last closed ledger.
    pub validated_ledger_index: LedgerIndex,
}

/// A transaction in a closed ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedTx {
    /// The bytes as submitted.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    /// What it did. `delivered_amount` is there only where the metadata itself has it (a payment that delivered less
    /// than its `Amount`); for every other successful payment a server answers `Amount`.
    pub meta: TxMeta,
    /// Its place in the ledger, from 0.
    pub index: u32,
    /// For an OfferCreate: what the sender can fund of what the offer gives, after the ledger.
    pub owner_funds: Option<Amount>,
}

/// A ledger that was just closed. The world itself keeps only the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedLedger {
    /// The header.
    pub header: LedgerHeader,
    /// Its transactions in the order they were applied.
    pub transactions: Vec<AppliedTx>,
}

/// A trust line from one account's side, as `account_lines` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountLine {
    /// Index of the ledger entry.
    pub index: Hash256,
    /// The other side.
    pub peer: AccountId,
    /// The currency.
    pub currency: Currency,
    /// What the account holds (negative: what it has issued).
    pub balance: IssuedValue,
    /// How much the account is willing to hold.
    pub limit: IssuedValue,
    /// How much the other side is willing to hold.
    pub limit_peer: IssuedValue,
    /// Parts of 10^9, 0 for the default.
    pub quality_in: u32,
    /// Parts of 10^9, 0 for the default.
    pub quality_out: u32,
    /// The account set NoRipple.
    pub no_ripple: bool,
    /// The other side set NoRipple.
    pub no_ripple_peer: bool,
    /// The account authorised the line.
    pub authorized: bool,
    /// The other side authorised the line.
    pub peer_authorized: bool,
    /// The account froze the line.
    pub freeze: bool,
    /// The other side froze the line.
    pub freeze_peer: bool,
    /// The account deep-froze the line.
    pub deep_freeze: bool,
    /// The other side deep-froze the line.
    pub deep_freeze_peer: bool,
}

/// A resting offer, as `account_offers` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountOffer {
    /// Index of the ledger entry.
    pub index: Hash256,
    /// Flags of the entry (0x00010000 passive, 0x00020000 sell).
    pub flags: u32,
    /// Sequence or ticket of the transaction that placed it.
    pub sequence: u32,
    /// What remains to be given.
    pub taker_gets: Amount,
    /// What remains to be paid.
    pub taker_pays: Amount,
    /// The rate it was placed at, in the units of the amounts (drops for XRP): paid / got.
    pub quality: IssuedValue,
    /// When it dies.
    pub expiration: Option<LedgerTime>,
}

/// An offer of a book, best first, as `book_offers` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookOffer {
    /// Index of the ledger entry.
    pub index: Hash256,
    /// The whole entry (`Account`, `BookDirectory`, `TakerGets`, ...).
    pub entry: Object,
    /// The rate of its directory: paid / got, in drops for XRP.
    pub quality: IssuedValue,
    /// On an owner's first offer in the book: what the owner can fund.
    pub owner_funds: Option<Amount>,
    /// Only when not fully funded: what a taker can get.
    pub taker_gets_funded: Option<Amount>,
    /// Only when not fully funded: what a taker would pay for that.
    pub taker_pays_funded: Option<Amount>,
}

/// A transaction that an agent brought into the open ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTx {
    /// The signed bytes.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    /// The preliminary result.
    pub result: ResultCode,
}

/// Why a world could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// The bytes are no transaction.
    #[error("not a transaction: {0}")]
    NotATransaction(String),
    /// The spec is no world (an interval of zero, fewer than two candles, ...).
    #[error("no world follows from this: {0}")]
    Spec(&'static str),
    /// A set-up transaction was refused: the spec gives too little for it.
    #[error("setting up `{account}` failed: {result}")]
    SetUp {
        /// The identity concerned.
        account: String,
        /// What the ledger answered.
        result: ResultCode,
    },
    /// The bytes are no snapshot of this version.
    #[error("not a snapshot of a world: {0}")]
    Snapshot(String),
    /// The fields at this index are no entry of this ledger.
    #[error("no entry of this ledger: {0}")]
    Entry(Hash256),
    /// Something that the identities' fixed keys rule out.
    #[error("key: {0}")]
    Key(String),
}
