//! What one XRP is worth at each moment: a random walk, or the path through minute candles. Never looks at the book.

use serde::{Deserialize, Serialize};
use units::{LedgerTime, Price};

use super::candles::Candle;
use super::draw::Draws;
use super::walk::Walk;
use crate::world::{MarketSpec, WorldError, WorldSpec};

/// How far ahead the informed agents see, in seconds.
pub const AHEAD_SECONDS: u32 = 60;

/// The path and where it stands.
#[derive(Clone, Serialize, Deserialize)]
pub struct FairValue {
    price: Price,
    /// The price [`AHEAD_SECONDS`] later.
    ahead: f64,
    origin: LedgerTime,
    source: Source,
}

#[derive(Clone, Serialize, Deserialize)]
enum Source {
    Walk(Box<Walk>),
    /// The candles themselves stay in the spec.
    Candles {
        exhausted: bool,
    },
}

impl FairValue {
    /// The path of a spec, from its first price at `now`.
    pub fn new(spec: &WorldSpec, now: LedgerTime) -> Result<FairValue, WorldError> {
        let source = match &spec.market {
            MarketSpec::None => return Err(WorldError::Spec("a market without a source")),
            MarketSpec::Synthetic => {
                Source::Walk(Box::new(Walk::new(Draws::new(spec.seed, 1), to_float(spec.start_price))))
            }
            MarketSpec::Candles(_) => Source::Candles { exhausted: false },
        };
        let price = match &spec.market {
            MarketSpec::Candles(candles) => candles.first().map_or(spec.start_price, |first| first.open),
            MarketSpec::None | MarketSpec::Synthetic => spec.start_price,
        };
        Ok(FairValue { price, ahead: to_float(price), origin: now, source })
    }

    /// The price as an exact number.
    pub fn price(&self) -> Price {
        self.price
    }

    /// The price for the agents' reckoning.
    pub fn value(&self) -> f64 {
        to_float(self.price)
    }

    /// What the price will be a minute later, for the agents that know.
    pub fn ahead(&self) -> f64 {
        self.ahead
    }

    /// Whether the candles have run out.
    pub fn is_exhausted(&self) -> bool {
        matches!(&self.source, Source::Candles { exhausted: true, .. })
    }

    /// Moves on to `now` along the market's candles, where it has any.
    pub fn advance(&mut self, now: LedgerTime, market: &MarketSpec) {
        let elapsed = now.seconds_since(self.origin);
        match &mut self.source {
            Source::Walk(walk) => {
                self.price = to_price(walk.at(elapsed)).unwrap_or(self.price);
                self.ahead = walk.at(elapsed.saturating_add(AHEAD_SECONDS));
                walk.forget(elapsed);
            }
            Source::Candles { exhausted } => {
                let MarketSpec::Candles(candles) = market else {
                    return;
                };
                let elapsed_ms = i64::from(elapsed) * 1_000;
                if let Some((price, ended)) = along(candles, elapsed_ms) {
                    self.price = price;
                    *exhausted = ended;
                }
                let later = along(candles, elapsed_ms + i64::from(AHEAD_SECONDS) * 1_000);
                self.ahead = later.map_or(to_float(self.price), |(price, _)| to_float(price));
            }
        }
    }
}

/// The price so many milliseconds after the first candle began, and whether the last has ended.
fn along(candles: &[Candle], elapsed_ms: i64) -> Option<(Price, bool)> {
    let first = candles.first()?;
    let now = first.ts_ms.saturating_add(elapsed_ms);
    let at = candles.partition_point(|candle| candle.ts_ms <= now).checked_sub(1)?;
    let candle = candles.get(at)?;
    // All candles are as long as the first; in a gap after one its last price holds.
    let usual = candles.get(1)?.ts_ms - first.ts_ms;
    let length = candles.get(at + 1).map_or(usual, |next| (next.ts_ms - candle.ts_ms).min(usual));
    let within = (now - candle.ts_ms).min(length);
    let ended = at + 1 == candles.len() && now >= candle.ts_ms.saturating_add(length);
    // A rising candle goes down first, a falling one up: the way that needs the least travel.
    let stops = if candle.close >= candle.open {
        [candle.open, candle.low, candle.high, candle.close]
    } else {
        [candle.open, candle.high, candle.low, candle.close]
    };
    Some((between(stops, within, length)?, ended))
}

/// Straight lines through four stops, a third of the way each.
fn between(stops: [Price; 4], within: i64, length: i64) -> Option<Price> {
    let scaled = i128::from(within) * 3;
    let length = i128::from(length.max(1));
    let leg = usize::try_from(scaled / length).ok()?.min(2);
    let (from, to) = (i128::from(stops.get(leg)?.pico()), i128::from(stops.get(leg + 1)?.pico()));
    let done = scaled - i128::try_from(leg).ok()? * length;
    let pico = from + (to - from) * done / length;
    Price::from_pico(u64::try_from(pico).ok()?).ok()
}

/// As a float.
pub fn to_float(price: Price) -> f64 {
    price.pico() as f64 / Price::PER_ONE as f64
}

/// To six decimals.
fn to_price(value: f64) -> Option<Price> {
    let millionths = libm::round(value * 1_000_000.0);
    Price::from_pico((millionths as u64).checked_mul(1_000_000)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candle_is_walked_from_open_to_close() {
        let price = |text: &str| text.parse::<Price>().unwrap();
        let candle = |ts_ms, close: &str| Candle {
            ts_ms,
            open: price("2"),
            high: price("2.3"),
            low: price("1.7"),
            close: price(close),
        };
        let candles = [candle(60_000, "2.1"), candle(120_000, "1.9")];
        for (ms, expected, ended) in [
            (0, "2", false),
            (20_000, "1.7", false),
            (40_000, "2.3", false),
            (59_999, "2.10001", false),
            (60_000, "2", false),
            (80_000, "2.3", false),
            (119_000, "1.89", false),
            (120_000, "1.9", true),
            (9_000_000, "1.9", true),
        ] {
            assert_eq!(along(&candles, ms), Some((price(expected), ended)), "{ms}");
        }
    }
}
