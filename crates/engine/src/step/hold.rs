//! Why nothing is quoted, or why one side is not: values with their numbers. A hold ends by itself when its cause does.

use crate::side::Side;
use serde::{Deserialize, Serialize};
use std::fmt;
use units::{Drops, IssuedValue, LedgerIndex, MicroBps, Price};

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
    /// Quotes are to be measured from the pool's price, and no pool is seen.
    PoolUnknown,
    /// The network asks more than we pay.
    FeeAboveCap {
        /// What it asks.
        fee_drops: Drops,
        /// What we pay at most.
        cap_drops: Drops,
    },
    /// DEGRADED: something is not explained, or the operator chose to watch.
    Degraded,
    /// The session is ending.
    Stopping,
    /// An own offer is gone, or is not what it was, and the history is searched for why.
    OrderSearched {
        /// Its number.
        offer: u32,
    },
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hold::LedgerStale { wall_seconds } => write!(f, "ledger_stale wall_seconds={wall_seconds}"),
            Hold::LedgerGap { from } => write!(f, "ledger_gap from={from}"),
            Hold::BookEmpty => f.write_str("book_empty"),
            Hold::BookOneSided { side } => write!(f, "book_one_sided has={side}"),
            Hold::BookCrossed { bid, ask } => write!(f, "book_crossed bid={bid} ask={ask}"),
            Hold::SpreadTooWide { spread_bps, limit_bps } => {
                write!(f, "spread_too_wide spread_bps={spread_bps} limit_bps={limit_bps}")
            }
            Hold::FeeAboveCap { fee_drops, cap_drops } => {
                write!(f, "fee_above_cap fee_drops={fee_drops} cap_drops={cap_drops}")
            }
            Hold::PoolUnknown => f.write_str("pool_unknown"),
            Hold::Degraded => f.write_str("degraded"),
            Hold::Stopping => f.write_str("stopping"),
            Hold::OrderSearched { offer } => write!(f, "order_searched offer={offer}"),
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
