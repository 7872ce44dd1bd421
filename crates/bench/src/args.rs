//! The arguments after `cargo bench --`. Never more than a filter and a handful of switches.

use anyhow::{Result, bail};

use crate::rounds::Pace;

/// What a run is asked to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// Works whose name contains one of these; all when empty.
    pub filters: Vec<String>,
    /// Whether peers are measured too.
    pub peers: bool,
    /// How many rounds of what length.
    pub pace: Pace,
    /// Also what takes minutes and gigabytes.
    pub large: bool,
    /// Form of the figures.
    pub output: Output,
}

/// Form of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A table for a terminal.
    People,
    /// One JSON document a line.
    Json,
    /// The section for docs/performance.md.
    Markdown,
}

const HELP: &str = "\
cargo bench                  every work, against xrpl.js and xrpl-py
cargo bench -- sign decode   works whose name contains one of these
    --no-peers               ours alone
    --quick                  a short run: smoke, not figures
    --large                  also a database of ten million journal rows (5 GB of disk)
    --json                   one JSON document a line
    --markdown               the section for docs/performance.md";

impl Args {
    /// `None` when there is nothing to run: help was asked for, or the tests are being run rather than the benches
    /// (cargo gives `--bench` to benches alone). Errors: an unknown switch.
    pub fn parse(args: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let mut is_bench = false;
        let mut parsed =
            Self { filters: Vec::new(), peers: true, pace: Pace::FULL, large: false, output: Output::People };
        for arg in args {
            match arg.as_str() {
                "--bench" => is_bench = true,
                "--no-peers" => parsed.peers = false,
                "--quick" => parsed.pace = Pace::QUICK,
                "--large" => parsed.large = true,
                "--json" => parsed.output = Output::Json,
                "--markdown" => parsed.output = Output::Markdown,
                "--help" | "-h" => {
                    println!("{HELP}");
                    return Ok(None);
                }
                switch if switch.starts_with('-') => bail!("unknown switch {switch}\n{HELP}"),
                filter => parsed.filters.push(filter.to_owned()),
            }
        }
        if !is_bench {
            eprintln!("bench: nothing is measured outside `cargo bench`");
            return Ok(None);
        }
        Ok(Some(parsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<Args>> {
        Args::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn filters_and_switches_are_told_apart() {
        let args = parse("sign --quick --no-peers --bench").unwrap().unwrap();
        assert_eq!((args.filters, args.peers, args.pace), (vec!["sign".to_owned()], false, Pace::QUICK));
        assert!(parse("--bench --quik").is_err());
    }

    #[test]
    fn outside_cargo_bench_nothing_runs() {
        assert_eq!(parse("sign").unwrap(), None);
    }
}
