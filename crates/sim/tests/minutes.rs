//! Real minute candles make a market.
#![expect(clippy::disallowed_types, reason = "a test reads its candles from the disk")]

use sim::world::{MarketSpec, World, WorldSpec};
use std::io::Read;
use std::path::PathBuf;
use units::LedgerTime;

/// 2026-03-01T00:00:00Z.
const START: LedgerTime = LedgerTime(825_638_400);

/// The recorded minutes of March 2026 parse, and a world on them begins at their first price.
#[test]
fn recorded_minutes() {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/market/binance_spot_XRPUSDT_1m_20260323_20260407.csv"
    ));
    let Ok(mut file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no candles at {}", path.display());
        return;
    };
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    let candles = sim::market::candles::parse(&text).unwrap();
    assert!(candles.len() > 20_000);
    let spec = WorldSpec::paper(7, MarketSpec::Candles(candles), START);
    let mut world = World::genesis(spec).unwrap();
    for _ in 0..30 {
        let _ = world.close();
    }
    let fair = world.fair_value().unwrap();
    assert!(("1.41".parse().unwrap()..="1.42".parse().unwrap()).contains(&fair), "{fair}");
    eprintln!("snapshot with candles: {} bytes", world.snapshot().unwrap().len());
}
