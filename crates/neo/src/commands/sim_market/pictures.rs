//! The pictures of docs/market.md, drawn from what was measured. Never shows a figure that was not.

use super::chart::{Chart, Ink, step};
use super::real;
use crate::exit::Failure;
use sim::market::measure::{Look, Measures, Samples};
use std::path::Path;

/// Ledgers of the close look.
const CLOSE_LOOK: usize = 150;
/// Points a line has at most.
const POINTS: usize = 600;

/// Writes all of them.
///
/// # Errors
/// When the directory or a file cannot be written.
pub fn write(directory: &Path, measures: &Measures, samples: &Samples) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::failed(format!("cannot write the pictures to {}: {error}", directory.display()))
    };
    std::fs::create_dir_all(directory).map_err(failed)?;
    let last = samples.looks.len().saturating_sub(CLOSE_LOOK);
    let pictures = [
        ("market-spread.svg", spread(samples)),
        ("market-sizes.svg", sizes(samples)),
        ("market-depth.svg", depth(measures, samples)),
        ("market-day.svg", path("Value and pool, the whole run", &samples.looks, false)),
        ("market-minutes.svg", path("The last ten minutes", samples.looks.get(last..).unwrap_or(&[]), true)),
    ];
    for (name, svg) in pictures {
        std::fs::write(directory.join(name), svg).map_err(failed)?;
    }
    Ok(())
}

fn spread(samples: &Samples) -> String {
    const MOST: usize = 26;
    let mut bins = [0_usize; MOST];
    for spread in &samples.spreads_bps {
        if let Some(bin) = bins.get_mut((spread.max(0.0) as usize).min(MOST - 1)) {
            *bin += 1;
        }
    }
    let share = |count: usize| 100.0 * count as f64 / samples.spreads_bps.len().max(1) as f64;
    let top = bins.iter().map(|bin| share(*bin)).fold(5.0, f64::max) * 1.1;
    let mut chart = Chart::new("Touch spread", (0.0, MOST as f64), (0.0, top));
    percent_axis(&mut chart, top);
    for (at, bin) in bins.iter().enumerate() {
        chart.bar(at as f64 + 0.1, at as f64 + 0.9, share(*bin), Ink::A);
    }
    for spread in real::SPREADS_BPS {
        chart.dot(spread, top * 0.04, Ink::B);
    }
    for at in (0..MOST).step_by(5) {
        chart.x_label(at as f64, &at.to_string());
    }
    chart.x_title("bps");
    chart.legend("simulated, share of ledgers", Ink::A);
    chart.legend("real, 11 ledgers", Ink::B);
    chart.svg()
}

fn sizes(samples: &Samples) -> String {
    let mut bins = [0_u32; real::SIZE_BINS.len()];
    for size in &samples.sizes {
        let half_decade = (2.0 * size.max(1e-9).log10()).floor() + 2.0;
        if let Some(bin) = bins.get_mut((half_decade.max(0.0) as usize).min(real::SIZE_BINS.len() - 1)) {
            *bin += 1;
        }
    }
    let shares = |bins: &[u32]| -> Vec<f64> {
        let all = f64::from(bins.iter().sum::<u32>().max(1));
        bins.iter().map(|bin| 100.0 * f64::from(*bin) / all).collect()
    };
    let (simulated, real) = (shares(&bins), shares(&real::SIZE_BINS));
    let top = simulated.iter().chain(&real).copied().fold(5.0, f64::max) * 1.1;
    let mut chart = Chart::new("Order sizes", (-2.0, 10.0), (0.0, top));
    percent_axis(&mut chart, top);
    for (at, (simulated, real)) in simulated.iter().zip(&real).enumerate() {
        let left = at as f64 - 2.0;
        chart.bar(left + 0.08, left + 0.49, *simulated, Ink::A);
        chart.bar(left + 0.51, left + 0.92, *real, Ink::B);
    }
    for (at, text) in [(-2.0, "0.1"), (0.0, "1"), (2.0, "10"), (4.0, "100"), (6.0, "1k"), (8.0, "10k")] {
        chart.x_label(at, text);
    }
    chart.x_title("RLUSD");
    chart.legend("simulated, share of orders", Ink::A);
    chart.legend("real, 195 orders", Ink::B);
    chart.svg()
}

fn depth(measures: &Measures, samples: &Samples) -> String {
    const FAR: f64 = 62.0;
    let (mut bids, mut asks) = (vec![(0.0, 0.0)], vec![(0.0, 0.0)]);
    let (mut bid, mut ask) = (0.0, 0.0);
    for (at, cell) in samples.profile.iter().enumerate().take(FAR as usize) {
        bid += cell.0;
        ask += cell.1;
        bids.push((-(at as f64 + 1.0), bid));
        asks.push((at as f64 + 1.0, ask));
    }
    let real_top = real::DEPTH.iter().map(|row| row.1.max(row.2)).fold(0.0, f64::max);
    let top = bid.max(ask).max(real_top) * 1.1;
    let mut chart = Chart::new("RLUSD from the middle outwards", (-FAR, FAR), (0.0, top));
    thousands(&mut chart, top);
    chart.line(bids.into_iter(), Ink::C);
    chart.line(asks.into_iter(), Ink::A);
    for (within, bids, asks) in real::DEPTH {
        chart.dot(-within, bids, Ink::B);
        chart.dot(within, asks, Ink::B);
    }
    for at in [-50.0, -25.0, 0.0, 25.0, 50.0] {
        chart.x_label(at, &format!("{at:.0}"));
    }
    chart.x_title(&format!("bps from the middle ({} ledgers)", measures.ledgers));
    chart.legend("bids", Ink::C);
    chart.legend("asks", Ink::A);
    chart.legend("real, placed in one ledger", Ink::B);
    chart.svg()
}

/// Value and pool, and for a close look bid and ask in place of the pool.
fn path(title: &str, looks: &[Look], close: bool) -> String {
    let every = looks.len().div_ceil(POINTS).max(1);
    let kept: Vec<&Look> =
        looks.iter().filter(|look| look.bid > 0.0 && look.ask > 0.0).step_by(every).collect();
    let shown =
        |look: &Look| if close { [look.bid, look.ask, look.fair] } else { [look.pool, look.fair, look.fair] };
    let values = || kept.iter().flat_map(|look| shown(look));
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    if kept.len() < 2 || high <= low {
        return Chart::new(title, (0.0, 1.0), (0.0, 1.0)).svg();
    }
    let room = (high - low) * 0.05;
    let start = kept.first().map_or(0, |look| look.at);
    let (seconds, unit) = if close { (60.0, "minutes") } else { (3_600.0, "hours") };
    let time = |look: &Look| f64::from(look.at - start) / seconds;
    let end = kept.last().map_or(1.0, |look| time(look));
    let mut chart = Chart::new(title, (0.0, end), (low - room, high + room));
    let size = step(high - low, 5.0);
    let mut at = (low / size).ceil() * size;
    while at <= high {
        chart.y_label(at, &format!("{at:.4}"));
        at += size;
    }
    let size = step(end, 6.0);
    let mut at = 0.0;
    while at <= end {
        chart.x_label(at, &format!("{at}"));
        at += size;
    }
    chart.x_title(&format!("{unit}; RLUSD per XRP"));
    let points = |of: fn(&Look) -> f64| kept.iter().map(move |look| (time(look), of(look)));
    if close {
        chart.line(points(|look| look.bid), Ink::C);
        chart.line(points(|look| look.ask), Ink::A);
        chart.legend("best bid", Ink::C);
        chart.legend("best ask", Ink::A);
    } else {
        chart.line(points(|look| look.pool), Ink::A);
        chart.legend("pool", Ink::A);
    }
    chart.line(points(|look| look.fair), Ink::B);
    chart.legend("fair value", Ink::B);
    chart.svg()
}

fn percent_axis(chart: &mut Chart, top: f64) {
    let size = step(top, 5.0);
    let mut at = 0.0;
    while at <= top {
        chart.y_label(at, &format!("{at} %"));
        at += size;
    }
}

fn thousands(chart: &mut Chart, top: f64) {
    let size = step(top, 5.0);
    let mut at = 0.0;
    while at <= top {
        chart.y_label(at, &format!("{}k", at / 1_000.0));
        at += size;
    }
}
