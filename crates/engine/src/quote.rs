//! What we would like to have on the book: offsets, skew by inventory, size, exact amounts. Prices round away from us:
//! bids down, asks up. Never asks whether it is allowed: that is the risk check's.

use crate::config::{Config, Millionths};
use crate::side::{Legs, Side};
use crate::step::Wanted;
use std::collections::VecDeque;
use units::{Drops, Exact, IssuedValue, MicroBps, Price, Rounding};

/// Decimals of RLUSD in our offers: what rests is then exactly what was meant.
const QUOTE_PLACES: u16 = 6;

/// How the wallet is composed at a mid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Composition {
    /// Worth of the XRP, RLUSD.
    pub xrp_value: Exact,
    /// Worth of everything, RLUSD.
    pub total: Exact,
    /// Share of XRP in percent; 50 when there is nothing.
    pub xrp_pct: Millionths,
}

impl Composition {
    /// Of these balances at this mid.
    pub fn of(xrp: Drops, rlusd: &Exact, mid: Price) -> Composition {
        let xrp_value = &Exact::from_drops(xrp) * &mid.to_exact();
        let total = &xrp_value + rlusd;
        let share = xrp_value.scaled(2).divide(&total, 6, Rounding::HalfEven).ok();
        let share = share.and_then(|pct| pct.scaled(6).to_i128()).and_then(|pct| i64::try_from(pct).ok());
        let is_sound = !total.is_zero() && !total.is_negative();
        Composition {
            xrp_value,
            total,
            xrp_pct: Millionths(share.filter(|_| is_sound).unwrap_or(50_000_000)),
        }
    }

    /// XRP share less 50 %, in points; above zero is too much XRP.
    pub fn drift(&self) -> Millionths {
        Millionths(self.xrp_pct.0.saturating_sub(50_000_000))
    }

    /// `flat` under 5 points, `mild` under 15, then `strong`.
    pub fn tier(&self) -> &'static str {
        match self.drift().0.unsigned_abs() {
            0..5_000_000 => "flat",
            5_000_000..15_000_000 => "mild",
            15_000_000.. => "strong",
        }
    }
}

/// By how much prices move down when the wallet is long of XRP.
pub(crate) fn skew(config: &Config, drift: Millionths) -> MicroBps {
    let raw = i128::from(drift.0) * i128::from(config.skew_bps_per_drift_pct.get()) / 1_000_000;
    let limit = i128::from(config.max_skew_bps.get());
    MicroBps(i64::try_from(raw.clamp(-limit, limit)).unwrap_or(0))
}

/// Distance of a side from the reference, after skew.
pub(crate) fn offset(config: &Config, side: Side, drift: Millionths) -> MicroBps {
    let skew = skew(config, drift);
    let offset = match side {
        Side::Buy => config.bid_offset_bps.saturating_add(skew),
        Side::Sell => config.ask_offset_bps.saturating_sub(skew),
    };
    offset.max(config.min_offset_bps)
}

/// Size of a side in RLUSD, after size skew, cut to six decimals.
pub(crate) fn size(config: &Config, side: Side, drift: Millionths) -> IssuedValue {
    let change = i128::from(drift.0) * i128::from(config.size_skew_per_drift_pct.get()) / 1_000_000;
    let factor = match side {
        Side::Buy => 1_000_000 - change,
        Side::Sell => 1_000_000 + change,
    };
    let factor = factor.clamp(config.size_skew_min.get().into(), config.size_skew_max.get().into());
    let size = &Exact::from(config.base_size_rlusd) * &Exact::new(factor.into(), -6);
    to_quote(&size, Rounding::Down)
}

fn to_quote(value: &Exact, rounding: Rounding) -> IssuedValue {
    value.rounded(QUOTE_PLACES, rounding).to_issued(rounding).unwrap_or(IssuedValue::ZERO)
}

/// What can be given on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spendable {
    pub rlusd: IssuedValue,
    pub xrp: Drops,
}

/// The wanted offer of a side: `Err` with what could be given (RLUSD) when that is below the smallest size, or with
/// nothing when the numbers make no offer.
pub(crate) fn wanted(
    config: &Config,
    side: Side,
    reference: Price,
    drift: Millionths,
    spendable: Spendable,
) -> Result<Wanted, Option<IssuedValue>> {
    let offset = offset(config, side, drift);
    let size = size(config, side, drift);
    let (price, quote) = match side {
        Side::Buy => {
            let price = reference.offset_by(MicroBps(-offset.get()), Rounding::Down).map_err(|_| None)?;
            let available = to_quote(&Exact::from(spendable.rlusd), Rounding::Down);
            (price, size.min(available))
        }
        Side::Sell => {
            let price = reference.offset_by(offset, Rounding::Up).map_err(|_| None)?;
            let available = price.value_of(spendable.xrp, Rounding::Down).map_err(|_| None)?;
            (price, size.min(to_quote(&Exact::from(available), Rounding::Down)))
        }
    };
    if quote < config.min_size_rlusd {
        return Err(Some(quote));
    }
    let legs = legs(side, price, quote, spendable).ok_or(None)?;
    Ok(Wanted { side, price: legs.price(Rounding::HalfEven).map_err(|_| None)?, legs })
}

/// Exact amounts at a price no worse for us than `price`.
fn legs(side: Side, price: Price, quote: IssuedValue, spendable: Spendable) -> Option<Legs> {
    let legs = match side {
        Side::Buy => Legs { quote, base: price.base_for(quote, Rounding::Up).ok()? },
        Side::Sell => {
            let base = price.base_for(quote, Rounding::Down).ok()?.min(spendable.xrp);
            let exact = &Exact::from_drops(base) * &price.to_exact();
            Legs { quote: to_quote(&exact, Rounding::Up), base }
        }
    };
    legs.is_positive().then_some(legs)
}

/// The move of the mid over the look-back, when that many mids are known. `mids`: oldest first, now last.
pub(crate) fn momentum(config: &Config, mids: &VecDeque<Price>) -> Option<MicroBps> {
    let back = usize::try_from(config.momentum_lookback_ticks).ok()?;
    let now = mids.back()?;
    let then = mids.get(mids.len().checked_sub(back + 1)?)?;
    Some(now.relative_to(*then))
}

/// Whether a move suppresses a side: upwards the ask, downwards the bid.
pub(crate) fn is_suppressed(config: &Config, side: Side, moved: MicroBps) -> bool {
    match side {
        Side::Sell => moved >= config.momentum_threshold_bps,
        Side::Buy => moved.get() <= -config.momentum_threshold_bps.get(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    fn rich() -> Spendable {
        Spendable { rlusd: IssuedValue::from_int(1000), xrp: Drops::from_xrp(1000) }
    }

    /// drift points | bid offset | ask offset | bid size | ask size | tier
    const TABLE: &str = "
        0      10     14     15      15     flat
        4.9    13.185 10.815 12.795  17.205 flat
        5      13.25  10.75  12.75   17.25  mild
        -5     6.75   17.25  17.25   12.75  mild
        10     16.5   7.5    10.5    19.5   mild
        15     19.75  4.25   10.5    19.5   strong
        15.4   20     4      10.5    19.5   strong
        50     20     4      10.5    19.5   strong
        -15    2      23.75  19.5    10.5   strong
        -50    2      24     19.5    10.5   strong
    ";

    #[test]
    fn skew_by_table() {
        let config = Config::default();
        for row in TABLE.lines().filter(|row| !row.trim().is_empty()) {
            let cells: Vec<_> = row.split_whitespace().collect();
            let drift = Millionths(MicroBps::from_bps_str(cells[0]).unwrap().get());
            let of =
                |side| (offset(&config, side, drift).to_string(), size(&config, side, drift).to_string());
            assert_eq!(of(Side::Buy), (cells[1].to_owned(), cells[3].to_owned()), "{row}");
            assert_eq!(of(Side::Sell), (cells[2].to_owned(), cells[4].to_owned()), "{row}");
            let share = Composition {
                xrp_value: Exact::zero(),
                total: Exact::zero(),
                xrp_pct: Millionths(drift.0 + 50_000_000),
            };
            assert_eq!(share.tier(), cells[5], "{row}");
        }
    }

    #[test]
    fn amounts_round_away_from_us_and_have_at_most_six_decimals() {
        let config = Config::default();
        for reference in ["1.418150000001", "0.333333333333", "2", "17.123456789"] {
            for side in Side::BOTH {
                let reference = price(reference);
                let w = wanted(&config, side, reference, Millionths(0), rich()).unwrap();
                let quote = Exact::from(w.legs.quote);
                assert_eq!(quote.rounded(6, Rounding::Down), quote);
                match side {
                    Side::Buy => {
                        let limit = reference.offset_by(MicroBps::from_bps(-10), Rounding::Down).unwrap();
                        assert!(w.legs.price(Rounding::Up).unwrap() <= limit);
                    }
                    Side::Sell => {
                        let limit = reference.offset_by(MicroBps::from_bps(14), Rounding::Up).unwrap();
                        assert!(w.legs.price(Rounding::Down).unwrap() >= limit);
                    }
                }
            }
        }
    }

    #[test]
    fn funds_bound_the_size() {
        let config = Config::default();
        let poor = Spendable { rlusd: "3.25".parse().unwrap(), xrp: Drops::new(400_000).unwrap() };
        let buy = wanted(&config, Side::Buy, price("1.4"), Millionths(0), poor).unwrap();
        assert_eq!(buy.legs.quote.to_string(), "3.25");
        let sell = wanted(&config, Side::Sell, price("1.4"), Millionths(0), poor);
        assert_eq!(sell, Err(Some("0.560784".parse().unwrap())));
    }

    #[test]
    fn momentum_by_table() {
        let config = Config::default();
        for (mids, moved, buy, sell) in [
            (vec!["1", "1", "1"], None, false, false),
            (vec!["1", "1", "1", "1"], Some("0"), false, false),
            (vec!["9", "1", "1", "1", "1.0004"], Some("4"), false, true),
            (vec!["1", "1", "1", "1.00039"], Some("3.9"), false, false),
            (vec!["1", "1", "1", "0.9996"], Some("-4"), true, false),
            (vec!["1", "2", "2", "1"], Some("0"), false, false),
        ] {
            let line: VecDeque<_> = mids.iter().map(|m| price(m)).collect();
            let found = momentum(&config, &line);
            assert_eq!(found.map(|m| m.to_string()), moved.map(str::to_owned), "{mids:?}");
            let suppressed = |side| found.is_some_and(|m| is_suppressed(&config, side, m));
            assert_eq!((suppressed(Side::Buy), suppressed(Side::Sell)), (buy, sell), "{mids:?}");
        }
    }
}
