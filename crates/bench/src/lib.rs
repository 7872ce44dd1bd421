//! What `cargo bench` runs: the works of NEO measured against the same works of its peers, in interleaved rounds of one
//! run, so that a noisy machine disturbs all of them alike. Never part of the program, and never a test: a figure here
//! decides nothing by itself.

mod agree;
mod args;
mod inputs;
mod machine;
mod ours;
mod peer;
mod report;
mod rounds;
mod set_up;
mod work;

use std::process::ExitCode;

use anyhow::Result;

use args::{Args, Output};
use inputs::Inputs;
use machine::Machine;
use ours::Ours;
use peer::Peer;

/// Runs the bench with the arguments of the process. Notes go to standard error, figures to standard output.
pub fn main() -> ExitCode {
    let outcome = Args::parse(std::env::args().skip(1)).and_then(|args| match args {
        Some(args) => run(&args),
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

fn run(args: &Args) -> Result<()> {
    let inputs = Inputs::make()?;
    let jobs = work::jobs(&inputs, &args.filters);
    if jobs.is_empty() {
        anyhow::bail!("no work's name contains {}", args.filters.join(" or "));
    }
    let written = inputs.write()?;
    let mut peers: Vec<Peer> = if args.peers { set_up::all(written.path()) } else { Vec::new() };
    let mut ours = Ours::new(&inputs)?;
    for job in &jobs {
        agree::check(job, &mut ours, &mut peers)?;
    }
    let machine = Machine::read(&peers);
    let rows = rounds::measure(&jobs, &mut ours, &mut peers, args.pace)?;
    match args.output {
        Output::People => print!("{}", report::table(&machine, &inputs, &rows)),
        Output::Json => print!("{}", report::json_lines(&machine, &rows)),
        Output::Markdown => print!("{}", report::markdown(&machine, &inputs, &rows)),
    }
    Ok(())
}
