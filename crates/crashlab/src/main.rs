//! The campaign: `cargo run --release -p crashlab -- --points 1000000 --seed 1`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, ValueEnum};
use crashlab::campaign::{self, Outcome};
use crashlab::points::{Crash, Point, repeat};
use indicatif::{ProgressBar, ProgressStyle};

/// Kills and power cuts against the store, on files in memory.
#[derive(Debug, Parser)]
struct Arguments {
    /// Crash points to try: whole seeds, until at least so many.
    #[arg(long, default_value_t = 50_000)]
    points: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Repeats one crash of the seed: after so many changes on the disk.
    #[arg(long, requires = "crash")]
    at: Option<usize>,
    /// How that one crash happens.
    #[arg(long, requires = "at")]
    crash: Option<How>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum How {
    Kill,
    Power,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("crashlab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool> {
    if let (Some(at), Some(crash)) = (arguments.at, arguments.crash) {
        let crash = match crash {
            How::Kill => Crash::Kill,
            How::Power => Crash::Power,
        };
        repeat(Point { seed: arguments.seed, at, crash })?;
        println!("held");
        return Ok(true);
    }
    let bar = ProgressBar::new(arguments.points)
        .with_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} points, {per_sec}, {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(500));
    let start = Instant::now();
    let outcome = campaign::run(arguments.points, arguments.seed, arguments.threads, |n| bar.inc(n))?;
    bar.finish_and_clear();
    tell(arguments, &outcome, start.elapsed());
    Ok(outcome.failed == 0)
}

fn tell(arguments: &Arguments, outcome: &Outcome, took: Duration) {
    for failure in &outcome.failures {
        let Point { seed, at, crash } = failure.point;
        let crash = if crash == Crash::Kill { "kill" } else { "power" };
        println!("FAILED: {:#}", failure.what);
        println!("  again: cargo run --release -p crashlab -- --seed {seed} --at {at} --crash {crash}");
    }
    let seconds = took.as_secs().max(1);
    println!(
        "{} points ({} kills, {} power cuts) of {} scripts with {} transactions, seeds {} to {}: {} failed; \
         {seconds} s, {} a second",
        outcome.points(),
        outcome.kills,
        outcome.cuts,
        outcome.seeds,
        outcome.transactions,
        arguments.seed,
        outcome.next_seed.saturating_sub(1),
        outcome.failed,
        outcome.points() / seconds,
    );
    println!("go on with --seed {}", outcome.next_seed);
}
