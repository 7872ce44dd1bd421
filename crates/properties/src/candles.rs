//! Candle files: any text is read or refused by line, and what is read makes a market that runs. Never opens a file.

use super::Source;
use super::terminal;
use sim::market::candles::{Candle, parse};
use sim::world::{MarketSpec, World, WorldSpec};
use units::LedgerTime;

/// Ledgers that a market of fuzzed candles runs for.
const LEDGERS: usize = 3;

/// Bytes as CSV text, or as rows that are nearly right.
pub fn check(data: &[u8]) {
    let mut source = Source::new(data);
    let runs = source.byte();
    let text = if runs & 1 == 0 {
        match std::str::from_utf8(source.rest()) {
            Ok(text) => text.to_owned(),
            Err(_) => return,
        }
    } else {
        rows(&mut source)
    };
    let candles = match parse(&text) {
        Ok(candles) => candles,
        Err(error) => return terminal::check(&error.to_string()),
    };
    assert!(candles.len() >= 2);
    assert!(candles.windows(2).all(|pair| pair[0].ts_ms < pair[1].ts_ms));
    let again: String = candles.iter().map(row).collect();
    assert_eq!(parse(&again).as_ref(), Ok(&candles));
    // One in sixteen: a market is a hundred times the work of a reading.
    if runs < 16 {
        runs_on(candles);
    }
}

fn row(c: &Candle) -> String {
    format!("{},{},{},{},{},0\n", c.ts_ms, c.open, c.high, c.low, c.close)
}

fn runs_on(candles: Vec<Candle>) {
    let first = candles.first().map_or(0, |candle| candle.ts_ms);
    let Some(start) = LedgerTime::from_unix(first.div_euclid(1_000)) else { return };
    let spec = WorldSpec { warm_up_ledgers: 0, ..WorldSpec::paper(1, MarketSpec::Candles(candles), start) };
    let Ok(mut world) = World::genesis(spec) else { return };
    for _ in 0..LEDGERS {
        world.close();
    }
}

fn rows(source: &mut Source) -> String {
    let mut time = 1_700_000_000_000_i64 + i64::from(source.byte());
    let mut text = String::new();
    for _ in 0..source.below(6) {
        let price = |source: &mut Source| -> String {
            let [high, low, digits] = source.array::<3>();
            format!("{}.{}", u16::from_be_bytes([high, low]) >> (low % 16), digits)
        };
        let [open, mut high, mut low, close] = [price(source), price(source), price(source), price(source)];
        if source.byte().is_multiple_of(2) {
            (high, low) = ("70000".to_owned(), "0.0001".to_owned());
        }
        text.push_str(&format!("{time},{open},{high},{low},{close},{}\n", source.byte()));
        time = time.saturating_add(60_000 * i64::from(source.byte()));
    }
    text
}
