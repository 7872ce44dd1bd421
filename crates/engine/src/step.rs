//! What the engine answers: effects to perform, rows to write, the decision in words, log lines. Never performs any.

use crate::identity::Identity;
use crate::record::{Record, TruthSource};
use crate::side::{Legs, OrderId, Side};
use ledger::tx::{SeqProxy, Transaction, TxKind};
use ledger::{Amount, Hash256};
use serde::{Deserialize, Serialize};
use std::fmt;
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime, MicroBps, Price};

/// The answer to one input. Everything but `logs` is part of the journal digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Step {
    /// What to do, once the step is on disk.
    pub effects: Vec<Effect>,
    /// What to write.
    pub records: Vec<Record>,
    /// What was decided.
    pub decision: Decision,
    /// What to log.
    pub logs: Vec<LogLine>,
}

/// Something to do outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Sign, write down (`Input::Signed`), then send.
    Submit(Intent),
    /// Read account, line, offers and book at one validated ledger; answer with `Input::Truth`.
    ReadTruth {
        /// Why; comes back in the answer.
        reason: TruthReason,
    },
    /// Look one transaction up; answer with `Input::Lookup`.
    LookupTx {
        /// Which intent.
        intent_id: u64,
        /// Its id.
        hash: Hash256,
        /// First ledger to search.
        min_ledger: LedgerIndex,
        /// Last ledger to search.
        max_ledger: LedgerIndex,
    },
    /// Fetch everything from this ledger on; answer with `Input::Backfill`.
    RequestBackfill {
        /// First ledger that is missing.
        from: LedgerIndex,
    },
    /// The start was refused; nothing was opened.
    StartRefused {
        /// Why, with the numbers.
        detail: String,
    },
    /// The session is closed; nothing more will come.
    SessionEnded,
}

/// Why a full read is wanted.
pub type TruthReason = TruthSource;

/// A transaction that is wanted, complete but for its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Number within the session, from 1.
    pub intent_id: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// Sequence it uses.
    pub sequence: u32,
    /// What it burns.
    pub fee_drops: Drops,
    /// The last ledger it may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// What it does.
    pub body: IntentBody,
}

/// What an intent is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Places an offer where there is none.
    Place,
    /// Places an offer in the place of another, atomically.
    Replace,
    /// Takes an offer off the book.
    Cancel,
}

impl Purpose {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::Place => "place",
            Purpose::Replace => "replace",
            Purpose::Cancel => "cancel",
        }
    }
}

/// What an intent does on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntentBody {
    /// An OfferCreate.
    Offer {
        /// The order it makes.
        order_id: OrderId,
        /// Which way it trades.
        side: Side,
        /// Its amounts.
        legs: Legs,
        /// When it dies.
        expiration: LedgerTime,
        /// The offer it takes off the book.
        replaces: Option<u32>,
    },
    /// An OfferCancel.
    Cancel {
        /// The order it ends; `None` for an offer that no order explains.
        order_id: Option<OrderId>,
        /// The offer's number.
        offer_sequence: u32,
    },
}

impl Intent {
    /// The transaction to sign. `NetworkID` is written for networks above 1024 only, as the ledger demands (ledger
    /// documentation, "Transaction common fields").
    #[must_use]
    pub fn transaction(&self, identity: &Identity) -> Transaction {
        let rlusd = |value: IssuedValue| Amount::Issued {
            value,
            currency: identity.quote_currency,
            issuer: identity.quote_issuer,
        };
        let kind = match &self.body {
            IntentBody::Offer {
                side,
                legs,
                expiration,
                replaces,
                ..
            } => {
                let (gets, pays) = match side {
                    Side::Buy => (rlusd(legs.quote), Amount::Xrp(legs.base)),
                    Side::Sell => (Amount::Xrp(legs.base), rlusd(legs.quote)),
                };
                TxKind::OfferCreate {
                    taker_gets: gets,
                    taker_pays: pays,
                    expiration: Some(expiration.get()),
                    offer_sequence: *replaces,
                }
            }
            IntentBody::Cancel { offer_sequence, .. } => TxKind::OfferCancel {
                offer_sequence: *offer_sequence,
            },
        };
        Transaction {
            account: identity.account,
            sequence: SeqProxy::Sequence(self.sequence),
            fee: self.fee_drops,
            flags: 0,
            last_ledger_sequence: Some(self.last_ledger_sequence.get()),
            network_id: (identity.network_id > 1024).then_some(identity.network_id),
            source_tag: None,
            kind,
        }
    }
}

/// What the engine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Mode {
    /// Not opened yet.
    #[default]
    Idle,
    /// Quotes both sides.
    Active,
    /// Quotes only the side that restores the balance.
    ReduceOnly,
    /// Observes, quotes nothing.
    Degraded,
    /// Ending: cancels, then verifies.
    Halted,
    /// The session is closed.
    Closed,
}

impl Mode {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Idle => "IDLE",
            Mode::Active => "ACTIVE",
            Mode::ReduceOnly => "REDUCE_ONLY",
            Mode::Degraded => "DEGRADED",
            Mode::Halted => "HALTED",
            Mode::Closed => "CLOSED",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why nothing is quoted now. A hold ends by itself when its cause does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hold {
    /// No validated ledger for a while.
    LedgerStale {
        /// Whole seconds of wall time.
        wall_seconds: u32,
    },
    /// Ledgers are missing; their history was asked for.
    LedgerGap {
        /// First missing ledger.
        from: LedgerIndex,
    },
    /// No offers of others on either side.
    BookEmpty,
    /// Offers of others on one side only.
    BookOneSided {
        /// The side that has some.
        side: Side,
    },
    /// The best bid is not below the best ask.
    BookCrossed {
        /// Best bid.
        bid: Price,
        /// Best ask.
        ask: Price,
    },
    /// The touch is wider than the configured limit.
    SpreadTooWide {
        /// What it is.
        spread_bps: MicroBps,
        /// What is allowed.
        limit_bps: MicroBps,
    },
    /// The network asks more than we pay.
    FeeAboveCap {
        /// What it asks.
        fee_drops: Drops,
        /// What we pay at most.
        cap_drops: Drops,
    },
    /// The books and the ledger differ and the operator chose to watch.
    Degraded,
    /// The session is ending.
    Stopping,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hold::LedgerStale { wall_seconds } => write!(f, "ledger_stale wall_seconds={wall_seconds}"),
            Hold::LedgerGap { from } => write!(f, "ledger_gap from={from}"),
            Hold::BookEmpty => f.write_str("book_empty"),
            Hold::BookOneSided { side } => write!(f, "book_one_sided has={side}"),
            Hold::BookCrossed { bid, ask } => write!(f, "book_crossed bid={bid} ask={ask}"),
            Hold::SpreadTooWide {
                spread_bps,
                limit_bps,
            } => {
                write!(f, "spread_too_wide spread_bps={spread_bps} limit_bps={limit_bps}")
            }
            Hold::FeeAboveCap { fee_drops, cap_drops } => {
                write!(f, "fee_above_cap fee_drops={fee_drops} cap_drops={cap_drops}")
            }
            Hold::Degraded => f.write_str("degraded"),
            Hold::Stopping => f.write_str("stopping"),
        }
    }
}

/// Why one side is not quoted now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SideHold {
    /// The price moves towards it.
    Momentum {
        /// Move over the look-back.
        move_bps: MicroBps,
    },
    /// Quoting it would make the composition worse.
    ReduceOnly,
    /// A fill of everything in flight could pass the exposure cap.
    ExposureCap {
        /// Exposure in the worst case, in RLUSD.
        worst_rlusd: IssuedValue,
    },
    /// Too little of what it gives, after the reserve.
    Unfunded {
        /// What could be given, in RLUSD.
        available_rlusd: IssuedValue,
    },
    /// The reserve for one more offer is not there.
    Reserve,
    /// It would trade at once.
    WouldCross {
        /// Price it would have had.
        price: Price,
        /// Price it would have met.
        touch: Price,
    },
    /// It would meet an own offer.
    WouldMeetOwn {
        /// Price of that offer.
        own: Price,
    },
    /// Its amounts make no offer.
    NotAnOffer,
}

impl fmt::Display for SideHold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SideHold::Momentum { move_bps } => write!(f, "momentum move_bps={move_bps}"),
            SideHold::ReduceOnly => f.write_str("reduce_only"),
            SideHold::ExposureCap { worst_rlusd } => write!(f, "exposure_cap worst_rlusd={worst_rlusd}"),
            SideHold::Unfunded { available_rlusd } => write!(f, "unfunded available_rlusd={available_rlusd}"),
            SideHold::Reserve => f.write_str("reserve"),
            SideHold::WouldCross { price, touch } => write!(f, "would_cross price={price} touch={touch}"),
            SideHold::WouldMeetOwn { own } => write!(f, "would_meet_own own={own}"),
            SideHold::NotAnOffer => f.write_str("not_an_offer"),
        }
    }
}

/// A quote that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which side.
    pub side: Side,
    /// At which price.
    pub price: Price,
    /// Its exact amounts.
    pub legs: Legs,
}

/// One action of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLine {
    /// What is done.
    pub purpose: Purpose,
    /// On which side.
    pub side: Option<Side>,
    /// With which sequence.
    pub sequence: u32,
    /// The offer it ends.
    pub ends: Option<u32>,
    /// Its amounts, when it places.
    pub legs: Option<Legs>,
    /// Why.
    pub why: String,
}

/// What was decided on one input, compact and printable: what a replay shows when two decisions differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Decision {
    /// The last validated ledger processed.
    pub ledger_index: LedgerIndex,
    /// When it closed.
    pub close_time: LedgerTime,
    /// Mode after the input.
    pub mode: Mode,
    /// Why nothing is quoted.
    pub hold: Option<Hold>,
    /// The reference price.
    pub reference: Option<Price>,
    /// What is wanted on the book.
    pub wanted: Vec<Wanted>,
    /// Sides that are not wanted, and why.
    pub side_holds: Vec<(Side, SideHold)>,
    /// What is done about it.
    pub actions: Vec<ActionLine>,
    /// Fills of this input.
    pub fills: u32,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ledger {} at {} {}",
            self.ledger_index, self.close_time, self.mode
        )?;
        if let Some(reference) = self.reference {
            write!(f, " ref={reference}")?;
        }
        if let Some(hold) = &self.hold {
            write!(f, " hold[{hold}]")?;
        }
        for w in &self.wanted {
            write!(
                f,
                " want[{} {} RLUSD for {} drops @ {}]",
                w.side, w.legs.quote, w.legs.base, w.price
            )?;
        }
        for (side, hold) in &self.side_holds {
            write!(f, " no_{side}[{hold}]")?;
        }
        for a in &self.actions {
            write!(f, " do[{} #{}", a.purpose.as_str(), a.sequence)?;
            if let Some(side) = a.side {
                write!(f, " {side}")?;
            }
            if let Some(ends) = a.ends {
                write!(f, " ends #{ends}")?;
            }
            if let Some(legs) = a.legs {
                write!(f, " {} RLUSD for {} drops", legs.quote, legs.base)?;
            }
            write!(f, " {}]", a.why)?;
        }
        write!(f, " fills={}", self.fills)
    }
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Detail.
    Debug,
    /// Ordinary.
    Info,
    /// Worth a look.
    Warn,
    /// Something is wrong.
    Error,
}

/// A line for the log, as a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// How loud.
    pub level: Level,
    /// The event's name, one of the words others grep (`fill`, `mode_change`, `truth_check`, `anomaly`, ...).
    pub event: String,
    /// `key=value` pairs.
    pub text: String,
}
