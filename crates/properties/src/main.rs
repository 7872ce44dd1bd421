//! The corpora's tool: inputs of the fuzz targets from text to files and back, and one input again without a fuzzer.

use properties::storm::{self, Tally};
use properties::{DOORS, corpus, door, oracle, seeds};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "properties doors               the names of the doors
properties unpack DOOR FOLDER   the kept and the first inputs of a door, a file each
properties pack DOOR FOLDER     keeps the inputs of a folder, and nothing else
properties try DOOR FILE        one input again: ends well, or with the law that is broken
properties storm COUNT [SEED]   storms from a seed (1) on, until so many transactions are in ledgers, every law held
properties storm 1 SEED         one storm again
properties oracle COUNT [SEED]  the fill parser against the state before and after, for so many transactions
properties oracle 1 SEED        one scene of it again";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["doors"] => {
            DOORS.iter().for_each(|(name, _)| println!("{name}"));
            Ok(())
        }
        ["unpack", name, folder] => unpack(name, Path::new(folder)),
        ["pack", name, folder] => pack(name, Path::new(folder)),
        ["try", name, file] => once(name, Path::new(file)),
        ["storm", count] => storms(count, "1"),
        ["storm", count, seed] => storms(count, seed),
        ["oracle", count] => oracles(count, "1"),
        ["oracle", count, seed] => oracles(count, seed),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn unpack(name: &str, folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let path = corpus::path(name);
    let text = if path.exists() { read(&path)? } else { Vec::new() };
    let text = String::from_utf8(text).map_err(|_| format!("{} is not text", path.display()))?;
    let kept =
        corpus::parse(&text).map_err(|line| format!("{}: line {line} is no hexadecimal", path.display()))?;
    for (at, input) in kept.iter().chain(&seeds::of(name)).enumerate() {
        let file = folder.join(format!("kept-{at:05}"));
        std::fs::write(&file, input).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}

fn pack(name: &str, folder: &Path) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    let mut inputs = files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let found = inputs.len();
    inputs.retain(|input| input.len() <= corpus::KEPT_BYTES_MAX);
    let path = corpus::path(name);
    println!("{name}: {} inputs kept, {} longer ones left out", inputs.len(), found - inputs.len());
    std::fs::write(&path, corpus::text(inputs)).map_err(|e| format!("{}: {e}", path.display()))
}

fn once(name: &str, file: &Path) -> Result<(), String> {
    let door = door(name).ok_or_else(|| format!("no door is called {name}\n{USAGE}"))?;
    door(&read(file)?);
    println!("{name}: every law holds for {}", file.display());
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Storms until so many transactions were in ledgers. All are run, however many fail.
fn storms(count: &str, seed: &str) -> Result<(), String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text} is no number\n{USAGE}"));
    let (wanted, first) = (number(count)?, number(seed)?);
    let (mut seed, mut failed, mut told) = (first, 0_u64, 0);
    let mut tally = Tally::default();
    let clock = std::time::Instant::now();
    while tally.transactions < wanted {
        match storm::run(seed) {
            Ok(one) => tally.add(&one),
            Err(what) => {
                failed += 1;
                println!("FAILED: seed {seed}: {what}");
                println!("  again: cargo run --release -p properties -- storm 1 {seed}");
                if failed >= FAILURES_MAX {
                    break;
                }
            }
        }
        seed = seed.saturating_add(1);
        if tally.transactions / TOLD_EVERY > told {
            told = tally.transactions / TOLD_EVERY;
            eprintln!("{} transactions, seed {seed}, {failed} failed", tally.transactions);
        }
    }
    for ((kind, result), count) in &tally.kinds {
        println!("{count:>9}  {} {result}", ledger::TxType(u16::try_from(*kind).unwrap_or(u16::MAX)));
    }
    let (last, seconds) = (seed.saturating_sub(1), clock.elapsed().as_secs());
    println!(
        "{} transactions in {} ledgers of {} storms, seeds {first} to {last}: {failed} failed; {seconds} s",
        tally.transactions, tally.ledgers, tally.storms
    );
    if failed == 0 { Ok(()) } else { Err(format!("{failed} storms broke a law")) }
}

/// The fill parser against the oracle, until so many transactions were compared. All are run, however many fail.
fn oracles(count: &str, seed: &str) -> Result<(), String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text} is no number\n{USAGE}"));
    let (wanted, first) = (number(count)?, number(seed)?);
    let (mut seed, mut failed, mut told) = (first, 0_u64, 0);
    let mut tally = oracle::Tally::default();
    let clock = std::time::Instant::now();
    while tally.transactions < wanted && failed < FAILURES_MAX {
        match oracle::run(seed) {
            Ok(one) => tally.add(&one),
            Err(what) => {
                failed += 1;
                println!("DIFFERS: {what}");
                println!("  again: cargo run --release -p properties -- oracle 1 {seed}");
            }
        }
        seed = seed.saturating_add(1);
        if tally.transactions / TOLD_EVERY > told {
            told = tally.transactions / TOLD_EVERY;
            eprintln!("{} transactions, seed {seed}, {failed} differ", tally.transactions);
        }
    }
    for ((kind, result), count) in &tally.kinds {
        println!("{count:>9}  {} {result}", ledger::TxType(*kind));
    }
    let (last, looked) = (seed.saturating_sub(1), &tally.looked);
    println!(
        "{} transactions of {} scenes, seeds {first} to {last}: {} readings compared, {} of them of changed holdings, {} \
         trades of resting offers, {} of offers gone that the state alone tells, {} placements that took; {failed} scenes \
         differ; {} s",
        tally.transactions,
        tally.scenes,
        tally.compared,
        looked.changed,
        looked.traded,
        looked.deduced,
        looked.took,
        clock.elapsed().as_secs()
    );
    if failed == 0 { Ok(()) } else { Err(format!("{failed} scenes differ")) }
}

/// Storms that may fail before a run ends.
const FAILURES_MAX: u64 = 20;
/// Transactions between two lines that tell how far a run is.
const TOLD_EVERY: u64 = 100_000;
