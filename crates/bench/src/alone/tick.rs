//! From a ledger's messages to a signed bid and ask, without and with the durable commit: whole sessions in turn, so that
//! what slows the machine slows both.

use std::time::Duration;

use anyhow::Result;

use super::Bench;
use super::database::Database;
use crate::figures::{Figure, Figures, Sorted};
use crate::session::{Replay, Stages, Tick};

/// Times of both, and where they go.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let (mut plain, mut durable) = (Vec::new(), Vec::new());
    for _ in 0..bench.effort.passes {
        let mut replay = Replay::new(bench.program, bench.recorded);
        while let Some(tick) = replay.next(|_| Ok(()))? {
            plain.push(tick);
        }
        let mut database = Database::new(bench.recorded)?;
        let mut replay = Replay::new(bench.program, bench.recorded);
        while let Some(tick) = replay.next(|batch| database.write(batch))? {
            durable.push(tick);
        }
    }
    let mut figures = Figures::of("tick-stages");
    let is_pair = |tick: &&Tick| tick.is_pair;
    let of_pairs: Vec<Tick> = plain.iter().filter(is_pair).copied().collect();
    let durable_pairs: Vec<Tick> = durable.iter().filter(is_pair).copied().collect();
    let mean = |of: fn(&Tick) -> usize| of_pairs.iter().map(of).sum::<usize>() / of_pairs.len().max(1);
    let note =
        format!(": {} messages, {} bytes (means)", mean(|tick| tick.messages), mean(|tick| tick.bytes));
    figures.times("a ledger's messages to a signed pair", totals(&of_pairs), &note);
    figures.times("the same, committed (SQLite, FULL)", totals(&durable_pairs), "");
    figures.times("a ledger that changes nothing", quiet(&plain), "");
    for (i, (name, _)) in Stages::default().named().iter().enumerate() {
        let ticks = if *name == "commit" { &durable_pairs } else { &of_pairs };
        let of_stage = ticks.iter().map(|tick| tick.stages.named()[i].1).collect();
        figures.add(format!("pair, stage {name}"), Sorted::of(of_stage).at(0.5), "us", "median");
    }
    let (read, messages) = plain.iter().fold((Duration::ZERO, 0), |(time, count), tick| {
        let stages = tick.stages;
        (time + stages.parse + stages.assemble + stages.translate, count + tick.messages)
    });
    let each = read.as_secs_f64() * 1e6 / messages.max(1) as f64;
    figures.add("parse, assemble and translate, each message", each, "us", "mean of all ledgers");
    Ok(figures.into_all())
}

fn totals(ticks: &[Tick]) -> Vec<Duration> {
    ticks.iter().map(|tick| tick.stages.total()).collect()
}

fn quiet(ticks: &[Tick]) -> Vec<Duration> {
    let quiet: Vec<Tick> = ticks.iter().filter(|tick| tick.stages.note.is_zero()).copied().collect();
    totals(&quiet)
}
