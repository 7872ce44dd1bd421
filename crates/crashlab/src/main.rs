//! The campaigns: `cargo run --release -p crashlab -- --points 1000000 --seed 1` for crashes,
//! `cargo run --release -p crashlab -- --errors 20 --seed 1` for disks that fail.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, ValueEnum};
use crashlab::campaign::{self, Outcome};
use crashlab::errors;
use crashlab::points::{Crash, Point, repeat};
use crashlab::recording::Recording;
use crashlab::script::{Before, Shape};
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
    /// Instead of crashes: so many short scripts, each of whose operations fails in every way, in a session and in a
    /// recovery, and each on full disks of every size.
    #[arg(long, value_name = "SCRIPTS", conflicts_with = "at")]
    errors: Option<u64>,
    /// Repeats one crash of the seed: after so many changes on the disk.
    #[arg(long, requires = "crash")]
    at: Option<usize>,
    /// Opens a table of numbers as another program would, tells how many it has, and closes it.
    #[arg(long, hide = true, value_name = "FILE")]
    peek: Option<std::path::PathBuf>,
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
    if let Some(file) = &arguments.peek {
        let connection = rusqlite::Connection::open(file)?;
        let n: i64 = connection.query_row("SELECT count(*) FROM numbers", [], |row| row.get(0))?;
        println!("{n}");
        return Ok(true);
    }
    if let (Some(at), Some(crash)) = (arguments.at, arguments.crash) {
        let crash = match crash {
            How::Kill => Crash::Kill,
            How::Power => Crash::Power,
        };
        repeat(Point { seed: arguments.seed, at, crash })?;
        println!("held");
        return Ok(true);
    }
    if let Some(scripts) = arguments.errors {
        return all_errors(arguments.seed..arguments.seed.saturating_add(scripts));
    }
    let bar = bar(arguments.points, "{wide_bar} {pos}/{len} points, {per_sec}, {eta} left")?;
    let start = Instant::now();
    let outcome = campaign::run(arguments.points, arguments.seed, arguments.threads, |n| bar.inc(n))?;
    bar.finish_and_clear();
    tell(arguments, &outcome, start.elapsed());
    Ok(outcome.failed == 0)
}

fn bar(len: u64, template: &str) -> Result<ProgressBar> {
    let bar = ProgressBar::new(len).with_style(ProgressStyle::with_template(template)?);
    bar.enable_steady_tick(Duration::from_millis(500));
    Ok(bar)
}

/// Shape by turns: a database that is there, one that is made, one that is migrated.
fn all_errors(seeds: std::ops::Range<u64>) -> Result<bool> {
    let bar = bar(seeds.end.saturating_sub(seeds.start) * 4, "{wide_bar} {pos}/{len} rounds, {eta} left")?;
    let mut held = true;
    for seed in seeds {
        let before = match seed % 3 {
            0 => Before::Version1,
            1 => Before::Made,
            _ => Before::Nothing,
        };
        let recording = Recording::of(seed, Shape { before, heavy: false, timer: false, ledgers: 4 })?;
        let mut told = |what: &str, line: String, failures: &[String]| {
            bar.suspend(|| {
                println!("seed {seed} ({before:?}), {what}: {line}");
                failures.iter().for_each(|failure| println!("FAILED: {failure}"));
            });
            held &= failures.is_empty();
            bar.inc(1);
        };
        let tally = errors::in_session(&recording, 1)?;
        told("an error at every operation", errors::line(&tally), &tally.failures);
        let tally = errors::in_recovery(&recording, 29);
        told("an error at every operation of a recovery", errors::line(&tally), &tally.failures);
        let (tried, failures) = errors::crash_in_recovery(&recording, 3);
        told("a second crash at every change of a recovery", format!("{tried} tried"), &failures);
        let tally = errors::full_disks(&recording, 1);
        told("full disks", errors::line(&tally), &tally.failures);
    }
    bar.finish_and_clear();
    Ok(held)
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
