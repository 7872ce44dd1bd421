//! The table: a row a figure, real and simulated side by side. Never says whether a figure is good.

use super::real;
use sim::market::cast::TakerKind;
use sim::market::measure::{Measures, Quantiles};

/// Width of a line: name, real, simulated.
const NAME: usize = 42;
const REAL: usize = 36;

/// The whole table.
pub fn text(measures: &Measures) -> String {
    let mut rows = vec![("".to_owned(), "real".to_owned(), "simulated".to_owned())];
    rows.push(("ledgers".into(), "14".into(), measures.ledgers.to_string()));
    flow(measures, &mut rows);
    book(measures, &mut rows);
    fills(measures, &mut rows);
    rows.iter().map(|(name, real, simulated)| format!("{name:<NAME$}{real:<REAL$}{simulated}\n")).collect()
}

type Row = (String, String, String);

fn flow(measures: &Measures, rows: &mut Vec<Row>) {
    let flow = &measures.flow;
    rows.push(quantiles("transactions a ledger", real::PER_LEDGER, &flow.per_ledger, 0));
    rows.push(quantiles("order size, RLUSD", real::SIZES, &flow.sizes, 1));
    rows.push(quantiles("life of an offer, ledgers", real::LIFETIMES, &flow.lifetimes, 0));
    let all: usize = flow.results.values().sum();
    let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / all.max(1) as f64);
    let of_real = |count: u32| format!("{:.1} %", 100.0 * f64::from(count) / f64::from(real::TRANSACTIONS));
    for (kind, count) in real::KINDS {
        let simulated = flow.kinds.get(kind).copied().unwrap_or(0);
        rows.push((kind.replace('_', " "), of_real(count), share(simulated)));
    }
    for (result, count) in real::RESULTS {
        let simulated = flow.results.get(result).copied().unwrap_or(0);
        rows.push((result.to_owned(), of_real(count), share(simulated)));
    }
    let known = |result: &str| real::RESULTS.iter().any(|(name, _)| *name == result);
    let rest: usize = flow.results.iter().filter(|(name, _)| !known(name)).map(|(_, count)| count).sum();
    rows.push(("other results".into(), of_real(0), share(rest)));
}

fn book(measures: &Measures, rows: &mut Vec<Row>) {
    rows.push(quantiles("touch spread, bps", real::SPREAD_BPS, &measures.spread_bps, 1));
    for (depth, (_, bids, asks)) in measures.depth.iter().zip(real::DEPTH) {
        rows.push((
            format!("bids/asks within {:.0} bps, RLUSD", depth.within_bps),
            format!("{bids:.0}/{asks:.0} placed"),
            format!("{:.0}/{:.0} resting", depth.bids_rlusd, depth.asks_rlusd),
        ));
    }
    let off = &measures.pool_off_bps;
    rows.push((
        "pool over fair value, bps".into(),
        format!("{:.0} once", real::POOL_OFF_BPS),
        format!("{:.0} to {:.0} ({:.0})", off.p5, off.p95, off.p50),
    ));
    let [deviation, kurtosis] = real::MINUTE;
    let minute = &measures.minute_returns_bps;
    rows.push((
        "fair value, deviation of a minute, bps".into(),
        format!("{} to {}", deviation.0, deviation.1),
        format!("{:.1}", minute.deviation),
    ));
    rows.push((
        "fair value, kurtosis of a minute".into(),
        format!("{} to {}", kurtosis.0, kurtosis.1),
        format!("{:.1}", minute.kurtosis),
    ));
}

fn fills(measures: &Measures, rows: &mut Vec<Row>) {
    let fills = &measures.fills;
    rows.push((
        "offers filled a ledger".into(),
        format!("{} (4 ledgers)", real::FILLS.0),
        format!("{:.1}", fills.per_ledger.mean),
    ));
    rows.push((
        "ledgers with fills".into(),
        format!("{:.0} % (4 ledgers)", 100.0 * real::FILLS.1),
        format!("{:.0} %", 100.0 * fills.ledgers_with_fills),
    ));
    rows.push(quantiles("fill size, RLUSD", real::FILL_SIZES, &fills.sizes, 2));
    let (book, pool) = (fills.book_rlusd_per_ledger, fills.pool_rlusd_per_ledger);
    rows.push(("traded in the book, RLUSD a ledger".into(), "36 (4 ledgers)".into(), format!("{book:.0}")));
    rows.push(("traded in the pool, RLUSD a ledger".into(), "31 (4 ledgers)".into(), format!("{pool:.0}")));
    for markout in &fills.markouts {
        let who = match markout.by {
            TakerKind::Informed => "informed",
            TakerKind::Quick => "quick",
            TakerKind::Other => "others",
        };
        rows.push((
            format!("markout after {}, taken by {who}, bps", markout.ledgers),
            "not known".into(),
            format!("{:+.1} ({} fills)", markout.weighted_bps, markout.count),
        ));
    }
}

fn quantiles(name: &str, real: real::Spread, simulated: &Quantiles, digits: usize) -> Row {
    let shown = |[p5, p50, p95, mean]: [f64; 4]| {
        format!("{p5:.digits$} / {p50:.digits$} / {p95:.digits$} ({mean:.1})")
    };
    let simulated = [simulated.p5, simulated.p50, simulated.p95, simulated.mean];
    (name.to_owned(), shown(real), shown(simulated))
}
