//! `cargo xtask seeds --from 1 --count 500`: worlds by their seeds, on all processors.

use anyhow::Result;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use worlds::campaign::{Total, seeds};
use worlds::careless::Careless;
use worlds::plan::{Less, Plan, Shape};
use worlds::shrink::shrink;
use worlds::world::{Outcome, run};

/// Worlds by their seeds: sessions on a simulated network, disk and clock, with faults, judged by an auditor.
#[derive(Debug, Parser)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many.
    #[arg(long, default_value_t = 500)]
    count: u64,
    /// Virtual minutes of each.
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// Threads; as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    /// Ends after so many worlds in which something did not hold.
    #[arg(long, default_value_t = 10)]
    failures: usize,
    /// A small file of what was done: goes on where it ended.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Tells the story of the first seed, whatever came of it; with RUST_LOG also what the session and its connection log.
    #[arg(long)]
    story: bool,
    /// The server makes no mistakes.
    #[arg(long)]
    no_server_faults: bool,
    /// Nothing befalls the process or its disk.
    #[arg(long)]
    no_process_faults: bool,
    /// Nobody else touches the wallet.
    #[arg(long)]
    no_outside: bool,
    /// Faults of the server's script that are left out: bit n stands for the n-th.
    #[arg(long, value_name = "BITS", default_value_t = 0)]
    without_rules: u64,
    /// A control that must be noticed: the disk answers every sync and does nothing.
    #[arg(long)]
    lying_disk: bool,
    /// A control that must be noticed: the engine makes this mistake.
    #[arg(long)]
    careless: Option<Careless>,
    /// A control, with `--careless told-twice`: the table of fills lacks its key.
    #[arg(long)]
    keyless: bool,
}

/// Worlds between two lines where there is no terminal to show a bar on.
const LINE_EVERY: u64 = 100;

fn main() -> ExitCode {
    match worlds(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("worlds: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn worlds(arguments: &Arguments) -> Result<bool> {
    let less = Less {
        server: arguments.no_server_faults,
        process: arguments.no_process_faults,
        outside: arguments.no_outside,
        rules: arguments.without_rules,
    };
    let shape = Shape {
        minutes: arguments.minutes,
        less,
        lying_disk: arguments.lying_disk,
        careless: arguments.careless,
        keyless: arguments.keyless,
    };
    if arguments.story {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        tracing_subscriber::fmt().with_env_filter(filter).without_time().with_writer(std::io::stderr).init();
        return tell_one(arguments.from, shape);
    }
    let (next, before) = match &arguments.state {
        Some(path) => Total::read(path)?,
        None => (0, Total::default()),
    };
    let end = arguments.from.saturating_add(arguments.count);
    let from = arguments.from.max(next);
    let threads =
        arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let count = end.saturating_sub(from);
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(count) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template(
        "{wide_bar} {pos}/{len} worlds, {per_sec}, {eta} left, {msg}",
    )?);
    let began = Instant::now();
    let (mut total, mut at) = (before, from);
    while at < end && total.failed.len() < arguments.failures {
        // In parts, so that what was done is written down now and then.
        let part = (end - at).min(20);
        let failures = arguments.failures - total.failed.len();
        let done = seeds(at, part, shape, threads, failures, |seed, outcome| {
            if let Some(violation) = outcome.violations.first() {
                bar.suspend(|| println!("FAILED: seed {seed}: {violation}\n{}", again(seed, shape)));
                bar.set_message("something did not hold");
            }
            bar.inc(1);
        })?;
        total = total.plus(done);
        at += part;
        if bar.is_hidden() && (at - from).is_multiple_of(LINE_EVERY) && at < end {
            let (done, seconds) = ((at - from) as f64, began.elapsed().as_secs_f64());
            let left = (end - at) as f64 * seconds / done / 60.0;
            let failed = total.failed.len();
            println!(
                "seed {}: {failed} failed; {:.2} worlds a second, {left:.0} min left",
                at - 1,
                done / seconds
            );
        }
        if let Some(path) = &arguments.state {
            total.write(path, at)?;
        }
    }
    bar.finish_and_clear();
    table(&total);
    for (seed, outcome) in &total.failed {
        failure(*seed, shape, outcome);
    }
    if let Some((seed, outcome)) = total.failed.first() {
        let (shape, outcome) = shrink(*seed, shape, outcome)?;
        println!("the story of seed {seed}, as short as it was found:");
        failure(*seed, shape, &outcome);
    }
    let seconds = began.elapsed().as_secs_f64().max(0.001);
    println!(
        "seeds {from} to {}: {} failed; {seconds:.0} s, {:.1} worlds a minute and thread",
        at.saturating_sub(1),
        total.failed.len(),
        (at - from) as f64 * 60.0 / seconds / threads as f64
    );
    Ok(total.failed.is_empty())
}

fn tell_one(seed: u64, shape: Shape) -> Result<bool> {
    let plan = Plan::of(seed, shape);
    println!("{}{:?}", plan.script, plan.config.texts());
    let outcome = run(seed, shape)?;
    for (word, times) in &outcome.counts {
        println!("{times:>10}  {word}");
    }
    println!("{:?}, digest {:016x}", outcome.figures, outcome.digest);
    failure(seed, shape, &outcome);
    Ok(outcome.violations.is_empty())
}

fn failure(seed: u64, shape: Shape, outcome: &Outcome) {
    for line in &outcome.story {
        println!("{line}");
    }
    for violation in &outcome.violations {
        println!("FAILED: seed {seed}: {violation}");
    }
    if outcome.violations.is_empty() {
        return;
    }
    println!("{}\n", again(seed, shape));
}

/// The one command that repeats it.
fn again(seed: u64, shape: Shape) -> String {
    let mut again =
        format!("again: cargo xtask seeds --from {seed} --count 1 --minutes {} --story", shape.minutes);
    for (is_so, word) in [
        (shape.less.server, " --no-server-faults"),
        (shape.less.process, " --no-process-faults"),
        (shape.less.outside, " --no-outside"),
        (shape.lying_disk, " --lying-disk"),
        (shape.keyless, " --keyless"),
    ] {
        again.push_str(if is_so { word } else { "" });
    }
    if shape.less.rules != 0 {
        again.push_str(&format!(" --without-rules {}", shape.less.rules));
    }
    if let Some(mistake) = shape.careless.as_ref().and_then(clap::ValueEnum::to_possible_value) {
        again.push_str(&format!(" --careless {}", mistake.get_name()));
    }
    again
}

fn table(total: &Total) {
    print!("{}", worlds::coverage::table(&total.counts, total.worlds));
    let [ledgers, sessions, fills, submissions] = total.figures;
    println!(
        "{} worlds ({} run twice, the same journal each time), {ledgers} ledgers, {sessions} sessions, {fills} fills, {submissions} submissions",
        total.worlds, total.twice
    );
}
