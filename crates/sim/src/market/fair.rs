//! What one XRP is worth at each moment: a random walk, or the path through minute candles. Never looks at the book.

use serde::{Deserialize, Serialize};
use units::{LedgerTime, Price};

use super::candles::Candle;
use super::draw::Draws;
use crate::world::{MarketSpec, WorldError, WorldSpec};

/// Deviation of the logarithm over a year: 70 %, as XRP's own over 2025 and 2026 was (60 to 80 %).
const YEARLY_DEVIATION: f64 = 0.70;
const YEAR_SECONDS: f64 = 31_557_600.0;
/// How fast the walk's temperament changes: about a fiftieth each ledger.
const MOOD_PERSISTENCE: f64 = 0.98;
const MOOD_DEVIATION: f64 = 0.06;

/// The path and where it stands.
#[derive(Clone, Serialize, Deserialize)]
pub struct FairValue {
    price: Price,
    last: LedgerTime,
    source: Source,
}

#[derive(Clone, Serialize, Deserialize)]
enum Source {
    Walk {
        draws: Box<Draws>,
        log_price: f64,
        mood: f64,
    },
    /// The candles themselves stay in the spec.
    Candles {
        origin: LedgerTime,
        exhausted: bool,
    },
}

impl FairValue {
    /// The path of a spec, from its first price at `now`.
    pub fn new(spec: &WorldSpec, now: LedgerTime) -> Result<FairValue, WorldError> {
        let source = match &spec.market {
            MarketSpec::None => return Err(WorldError::Spec("a market without a source")),
            MarketSpec::Synthetic => Source::Walk {
                draws: Box::new(Draws::new(spec.seed, 1)),
                log_price: libm::log(to_float(spec.start_price)),
                mood: 0.0,
            },
            MarketSpec::Candles(_) => Source::Candles { origin: now, exhausted: false },
        };
        let price = match &spec.market {
            MarketSpec::Candles(candles) => candles.first().map_or(spec.start_price, |first| first.open),
            MarketSpec::None | MarketSpec::Synthetic => spec.start_price,
        };
        Ok(FairValue { price, last: now, source })
    }

    /// The price as an exact number.
    pub fn price(&self) -> Price {
        self.price
    }

    /// The price for the agents' reckoning.
    pub fn value(&self) -> f64 {
        to_float(self.price)
    }

    /// Whether the candles have run out.
    pub fn is_exhausted(&self) -> bool {
        matches!(&self.source, Source::Candles { exhausted: true, .. })
    }

    /// Moves on to `now` along the market's candles, where it has any.
    pub fn advance(&mut self, now: LedgerTime, market: &MarketSpec) {
        let elapsed = now.seconds_since(self.last);
        self.last = now;
        match &mut self.source {
            Source::Walk { draws, log_price, mood } => {
                *mood = MOOD_PERSISTENCE * *mood + MOOD_DEVIATION * draws.normal();
                let deviation = YEARLY_DEVIATION * libm::sqrt(f64::from(elapsed) / YEAR_SECONDS);
                *log_price += deviation * libm::exp(*mood - 0.05) * draws.normal();
                // Between a tenth of a cent and a thousand: a path that leaves this is no market.
                *log_price = log_price.clamp(-6.9, 6.9);
                self.price = to_price(libm::exp(*log_price)).unwrap_or(self.price);
            }
            Source::Candles { origin, exhausted } => {
                let elapsed_ms = i64::from(now.seconds_since(*origin)) * 1_000;
                let MarketSpec::Candles(candles) = market else {
                    return;
                };
                if let Some((price, ended)) = along(candles, elapsed_ms) {
                    self.price = price;
                    *exhausted = ended;
                }
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

fn to_float(price: Price) -> f64 {
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
