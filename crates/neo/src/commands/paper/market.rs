//! Which market a paper ledger has, and how fast its time passes.

use crate::cli::{Market, Speed};
use crate::exit::Failure;
use sim::WorldSpec;
use sim::market::candles;
use sim::world::MarketSpec;
use std::io::Read;
use std::path::Path;
use std::time::Duration;
use units::LedgerTime;

/// When the built-in market begins: 2026-01-01T00:00:00Z. Fixed, so that equal seeds give equal sessions.
const SYNTHETIC_START_UNIX: i64 = 1_767_225_600;
/// A candle file is some megabytes; more is a mistake.
const CANDLE_BYTES_MAX: u64 = 512 << 20;
/// Speed that time away is counted at after a session at `--speed max`: that of an ordinary paper session.
const SPEED_OF_MAX_WHILE_AWAY: f64 = 10.0;

/// A market, read and checked, without the seed.
pub struct MarketChoice {
    market: MarketSpec,
    start: LedgerTime,
}

impl MarketChoice {
    /// No agents at all.
    pub fn none() -> MarketChoice {
        MarketChoice { market: MarketSpec::None, start: synthetic_start() }
    }

    /// Reads what the command line names.
    ///
    /// # Errors
    /// A usage failure that names the file and the line.
    pub fn load(market: &Market) -> Result<MarketChoice, Failure> {
        match market {
            Market::Synthetic => Ok(MarketChoice { market: MarketSpec::Synthetic, start: synthetic_start() }),
            Market::Candles(path) => from_candles(path),
        }
    }

    /// The world of this market with that seed.
    pub fn spec(&self, seed: u64) -> WorldSpec {
        WorldSpec::paper(seed, self.market.clone(), self.start)
    }
}

fn synthetic_start() -> LedgerTime {
    LedgerTime::from_unix(SYNTHETIC_START_UNIX).unwrap_or_default()
}

fn from_candles(path: &Path) -> Result<MarketChoice, Failure> {
    let shown = path.display();
    let unreadable = |why: String| {
        Failure::usage(format!("cannot use the candle file {shown}: {why}; nothing was written"))
    };
    // Looked at before it is opened: to open a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.is_file() {
        return Err(unreadable("it is not a regular file".to_owned()));
    }
    let mut file = std::fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    file.by_ref()
        .take(CANDLE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > CANDLE_BYTES_MAX {
        return Err(unreadable(format!("it has more than {CANDLE_BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        unreadable(format!("line {line} is not UTF-8 text"))
    })?;
    let rows = candles::parse(&text).map_err(|error| unreadable(error.to_string()))?;
    let first = rows.first().and_then(|candle| LedgerTime::from_unix(candle.ts_ms.div_euclid(1000)));
    let start = first
        .ok_or_else(|| unreadable("its first candle lies before the year 2000 or after 2136".to_owned()))?;
    Ok(MarketChoice { market: MarketSpec::Candles(rows), start })
}

/// Ledger time against wall time.
#[derive(Debug, Clone, Copy)]
pub struct Pacing {
    seconds: f64,
}

impl Pacing {
    /// Wall seconds from one close to the next.
    pub fn of(speed: Speed, ledger_interval_seconds: u32) -> Pacing {
        let times = match speed {
            Speed::Times(times) => times,
            Speed::Max => SPEED_OF_MAX_WHILE_AWAY,
        };
        Pacing { seconds: (f64::from(ledger_interval_seconds) / times).max(0.001) }
    }

    /// As a duration.
    pub fn interval(self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    /// How many ledgers pass in so many wall seconds: at least one, at most `most`.
    pub fn ledgers_in(self, wall_seconds: u64, most: u32) -> u32 {
        let passed = Duration::from_secs(wall_seconds).as_secs_f64() / self.seconds;
        // A float becomes a count here, and only here: it is wall time, never money.
        if passed >= f64::from(most) { most } else { (passed as u32).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_away_by_table() {
        for (speed, seconds, ledgers) in [
            (Speed::Times(10.0), 0, 1),
            (Speed::Times(10.0), 4, 10),
            (Speed::Max, 4, 10),
            (Speed::Times(1.0), 3_600, 900),
            (Speed::Times(1.0), 1_000_000, 5_400),
        ] {
            assert_eq!(Pacing::of(speed, 4).ledgers_in(seconds, 5_400), ledgers, "{speed:?} {seconds}");
        }
    }
}
