//! The engine by itself: the recorded session's inputs, already translated, through `step`.

use std::time::{Duration, Instant};

use anyhow::Result;
use engine::{Config, Engine, Input};

use super::Bench;
use crate::figures::{Figure, Figures};
use crate::session::batches;

/// Time of a ledger's step, and how many inputs are decided in a second.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let inputs: Vec<Input> =
        batches(bench.program, bench.recorded)?.into_iter().flatten().map(|(input, _)| input).collect();
    let (mut of_ledgers, mut all) = (Vec::new(), Duration::ZERO);
    for _ in 0..bench.effort.passes {
        let mut engine = Engine::new(Config::default(), bench.recorded.identity.clone());
        for input in &inputs {
            let clock = Instant::now();
            let step = engine.step(input);
            let took = clock.elapsed();
            std::hint::black_box(step);
            all += took;
            if matches!(input, Input::Ledger(_)) {
                of_ledgers.push(took);
            }
        }
    }
    let decided = inputs.len() * bench.effort.passes;
    let mut figures = Figures::of("engine-step");
    figures.times("step of a validated ledger", of_ledgers, "");
    figures.add(
        "inputs decided",
        decided as f64 / all.as_secs_f64(),
        "per s",
        format!("{} inputs of the session: ledgers, signatures, answers, full reads", inputs.len()),
    );
    Ok(figures.into_all())
}
