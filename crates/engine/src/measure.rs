//! Counting what a session did: spreads, markouts, distances, time in each mode. Integers and exact sums only; never
//! read by a decision.

use crate::figures::{Balances, Figures, Markout};
use crate::record::Liquidity;
use crate::side::Side;
use crate::step::Mode;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use units::{Drops, Exact, LedgerIndex, LedgerTime, MicroBps, Price, Rounding};

/// After how many ledgers a fill is judged; the first one decides what is toxic.
const HORIZONS: [u32; 2] = [5, 20];
/// Distances are counted in tenths of a bps, within plus and minus this many.
const DISTANCE_MOST: i64 = 100_000;
/// Fills that wait for their markout.
const WAITING_MAX: usize = 4096;

/// A weighted mean in the making.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Mean {
    count: u32,
    weight: Exact,
    sum: Exact,
}

impl Mean {
    fn add(&mut self, value: MicroBps, weight: &Exact) {
        self.count = self.count.saturating_add(1);
        self.weight = &self.weight + weight;
        self.sum = &self.sum + &(&Exact::new(value.get().into(), 0) * weight);
    }

    fn value(&self) -> Option<MicroBps> {
        let mean = self.sum.divide(&self.weight, 0, Rounding::HalfEven).ok()?;
        i64::try_from(mean.to_i128()?).ok().map(MicroBps)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Waiting {
    horizon: usize,
    due: LedgerIndex,
    side: Side,
    price: Price,
    quote: Exact,
}

/// Everything counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Measure {
    pub figures: Figures,
    spread: Mean,
    /// Of what we took: kept apart, because a maker's edge is not judged by it.
    take_spread: Mean,
    markouts: [Mean; 2],
    toxic: u32,
    waiting: VecDeque<Waiting>,
    distances: BTreeMap<i64, u64>,
    opened_at: LedgerTime,
    now: LedgerTime,
}

impl Measure {
    /// Starts counting at a time and with these balances.
    pub fn open(&mut self, at: LedgerTime, start: Balances) {
        self.opened_at = at;
        self.now = at;
        self.figures.start = start.clone();
        self.figures.end = start;
    }

    /// A ledger went by in this mode.
    pub fn tick(&mut self, at: LedgerTime, mode: Mode, is_held: bool) {
        let seconds = at.seconds_since(self.now);
        self.now = self.now.max(at);
        self.figures.ledgers = self.figures.ledgers.saturating_add(1);
        self.figures.seconds = self.now.seconds_since(self.opened_at);
        let times = &mut self.figures.mode_seconds;
        let slot = match mode {
            Mode::Active => &mut times.active,
            Mode::ReduceOnly => &mut times.reduce_only,
            Mode::Degraded => &mut times.degraded,
            Mode::Idle | Mode::Halted | Mode::Closed => &mut times.halted,
        };
        *slot = slot.saturating_add(seconds);
        if is_held {
            times.held = times.held.saturating_add(seconds);
        }
    }

    /// A fill of this session, and what it earned against the mid before it. Spread, markouts and the toxic share are
    /// those of resting offers; an accidental take has a mean of its own.
    pub fn fill(
        &mut self,
        at: LedgerIndex,
        side: Side,
        liquidity: Liquidity,
        price: Price,
        quote: &Exact,
        spread: Option<MicroBps>,
    ) {
        let figures = &mut self.figures;
        figures.fills = figures.fills.saturating_add(1);
        match side {
            Side::Buy => figures.buys = figures.buys.saturating_add(1),
            Side::Sell => figures.sells = figures.sells.saturating_add(1),
        }
        figures.volume_rlusd = &figures.volume_rlusd + quote;
        let mean = match liquidity {
            Liquidity::Maker => &mut self.spread,
            Liquidity::Taker => &mut self.take_spread,
        };
        if let Some(spread) = spread {
            mean.add(spread, quote);
        }
        if liquidity == Liquidity::Taker {
            figures.accidental_takes = figures.accidental_takes.saturating_add(1);
            return;
        }
        for (horizon, ledgers) in HORIZONS.into_iter().enumerate() {
            if self.waiting.len() < WAITING_MAX {
                self.waiting.push_back(Waiting {
                    horizon,
                    due: at.plus(ledgers),
                    side,
                    price,
                    quote: quote.clone(),
                });
            }
        }
    }

    /// A mid was observed: judges the fills that are due.
    pub fn mid(&mut self, at: LedgerIndex, mid: Price) {
        let mut rest = VecDeque::new();
        for fill in std::mem::take(&mut self.waiting) {
            if fill.due > at {
                rest.push_back(fill);
                continue;
            }
            let gain = earned(fill.side, fill.price, mid);
            if let Some(mean) = self.markouts.get_mut(fill.horizon) {
                mean.add(gain, &fill.quote);
            }
            if fill.horizon == 0 && gain < MicroBps::ZERO {
                self.toxic = self.toxic.saturating_add(1);
            }
        }
        self.waiting = rest;
    }

    /// One of our quotes stood so far from the best price of others.
    pub fn distance(&mut self, distance: MicroBps) {
        let bucket = (distance.get() / 100_000).clamp(-DISTANCE_MOST, DISTANCE_MOST);
        *self.distances.entry(bucket).or_insert(0) += 1;
    }

    /// The figures so far.
    pub fn figures(&self) -> Figures {
        let mut figures = self.figures.clone();
        figures.vw_spread_bps = self.spread.value();
        figures.take_spread_bps = self.take_spread.value();
        figures.markouts = HORIZONS
            .iter()
            .zip(&self.markouts)
            .map(|(ledgers, mean)| Markout { ledgers: *ledgers, fills: mean.count, mean_bps: mean.value() })
            .collect();
        let judged = self.markouts.first().map_or(0, |mean| i64::from(mean.count));
        figures.toxic_share =
            (judged > 0).then(|| MicroBps(i64::from(self.toxic).saturating_mul(MicroBps::PER_ONE) / judged));
        let seconds = u64::from(figures.seconds.max(1));
        let rate = u64::from(figures.fills) * 60_000 / seconds;
        figures.fills_per_minute_milli = u32::try_from(rate).unwrap_or(u32::MAX);
        figures.distance_p50_bps = self.percentile(50);
        figures.distance_p95_bps = self.percentile(95);
        figures
    }

    /// The smallest distance that so many percent of all do not exceed.
    fn percentile(&self, percent: u64) -> Option<MicroBps> {
        let total: u64 = self.distances.values().sum();
        let mut left = (total * percent).div_ceil(100).max(1);
        for (bucket, count) in &self.distances {
            if *count >= left {
                return Some(MicroBps(bucket * 100_000));
            }
            left -= count;
        }
        None
    }
}

/// What a trade at `price` earned against `mid`, in bps of the mid: above zero is good.
pub(crate) fn earned(side: Side, price: Price, mid: Price) -> MicroBps {
    match side {
        Side::Buy => MicroBps::ZERO.saturating_sub(price.relative_to(mid)),
        Side::Sell => price.relative_to(mid),
    }
}

/// Worth of balances at a mid.
pub(crate) fn value(xrp: Drops, rlusd: &Exact, mid: Price) -> Exact {
    &(&Exact::from_drops(xrp) * &mid.to_exact()) + rlusd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn spreads_and_markouts_are_weighted_and_signed() {
        let mut m = Measure::default();
        m.open(LedgerTime(0), Balances::default());
        m.fill(
            LedgerIndex(10),
            Side::Buy,
            Liquidity::Maker,
            price("0.999"),
            &Exact::new(10.into(), 0),
            Some(MicroBps::from_bps(10)),
        );
        m.fill(
            LedgerIndex(10),
            Side::Sell,
            Liquidity::Maker,
            price("1.002"),
            &Exact::new(30.into(), 0),
            Some(MicroBps::from_bps(20)),
        );
        m.fill(
            LedgerIndex(10),
            Side::Sell,
            Liquidity::Taker,
            price("0.9"),
            &Exact::new(500.into(), 0),
            Some(MicroBps::from_bps(-1_000)),
        );
        m.mid(LedgerIndex(14), price("9"));
        m.mid(LedgerIndex(15), price("1.0"));
        m.tick(LedgerTime(60), Mode::Active, false);
        let f = m.figures();
        assert_eq!(f.vw_spread_bps.map(|v| v.to_string()), Some("17.5".to_owned()));
        assert_eq!(f.markouts[0].mean_bps.map(|v| v.to_string()), Some("17.5".to_owned()));
        assert_eq!((f.markouts[0].fills, f.markouts[1].fills), (2, 0));
        assert_eq!(f.toxic_share, Some(MicroBps::ZERO));
        assert_eq!(f.take_spread_bps, Some(MicroBps::from_bps(-1_000)));
        assert_eq!(f.fills_per_minute_milli, 3000);
        assert_eq!((f.fills, f.buys, f.sells, f.accidental_takes), (3, 1, 2, 1));
    }

    #[test]
    fn percentiles_of_distances() {
        let mut m = Measure::default();
        assert_eq!(m.figures().distance_p50_bps, None);
        for bps in 1..=100 {
            m.distance(MicroBps::from_bps(bps));
        }
        assert_eq!(m.figures().distance_p50_bps, Some(MicroBps::from_bps(50)));
        assert_eq!(m.figures().distance_p95_bps, Some(MicroBps::from_bps(95)));
    }
}
