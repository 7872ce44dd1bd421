//! What `cargo bench` runs: the works of NEO measured against the same works of its peers, in interleaved rounds of one
//! run, so that a noisy machine disturbs all of them alike. Never part of the program, and never a test: a figure here
//! decides nothing by itself.

mod agree;
mod alone;
mod args;
mod figures;
mod inputs;
mod machine;
mod ours;
mod peer;
mod program;
mod report;
mod rounds;
mod session;
mod set_up;
mod tick;
mod work;

use std::process::ExitCode;

use anyhow::{Context, Result};

use alone::{Bench, Effort};
use args::{Args, Output};
use inputs::Inputs;
use machine::Machine;
use ours::Ours;
use peer::Peer;
pub use program::{Program, Translation};
use rounds::Pace;
use session::Recorded;

/// Ledgers of the recorded session: forty minutes of the built-in market.
const RECORDED_LEDGERS: usize = 600;

/// Runs the bench with the arguments of the process. Notes go to standard error, figures to standard output.
pub fn main(program: &Program) -> ExitCode {
    let outcome = Args::parse(std::env::args().skip(1)).and_then(|args| match args {
        Some(args) => run(&args, program),
        None => Ok(()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args, program: &Program) -> Result<()> {
    let recorded = Recorded::make(program, RECORDED_LEDGERS).context("recording a session")?;
    let inputs = Inputs::make(session::pairs(program, &recorded)?)?;
    eprintln!("inputs: session: {} of {RECORDED_LEDGERS} ledgers answered with a pair", inputs.ticks.len());
    let jobs = work::jobs(&inputs, &args.filters);
    let alone = alone::wanted(&args.filters);
    if jobs.is_empty() && alone.is_empty() {
        anyhow::bail!("no work's name contains {}", args.filters.join(" or "));
    }
    let written = inputs.write()?;
    let mut peers: Vec<Peer> =
        if args.peers && !jobs.is_empty() { set_up::all(written.path()) } else { Vec::new() };
    let mut ours = Ours::new(&inputs, tick::Ticks::new(program, &recorded)?)?;
    for job in &jobs {
        agree::check(job, &mut ours, &mut peers)?;
    }
    let machine = Machine::read(&peers);
    let rows = rounds::measure(&jobs, &mut ours, &mut peers, args.pace)?;
    let effort = match (args.pace == Pace::FULL, args.large) {
        (false, _) => Effort::QUICK,
        (true, false) => Effort::FULL,
        (true, true) => Effort::LARGE,
    };
    let figures = alone::measure(&alone, &Bench { program, recorded: &recorded, effort })?;
    let load = machine::load();
    let report = report::Report {
        machine: &machine,
        load_after: &load,
        inputs: &inputs,
        rows: &rows,
        figures: &figures,
    };
    match args.output {
        Output::People => print!("{}", report.table()),
        Output::Json => print!("{}", report.json_lines()),
        Output::Markdown => print!("{}", report.markdown()),
    }
    Ok(())
}
