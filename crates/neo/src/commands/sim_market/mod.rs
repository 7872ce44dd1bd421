//! `neo sim market`: the built-in market alone, measured beside the real one. Nothing is written to disk but the pictures
//! that were asked for. Never tunes anything.

mod chart;
mod pictures;
mod real;
#[cfg(test)]
mod recount;
mod table;

use super::paper::market::MarketChoice;
use crate::cli::SimMarketArgs;
use crate::exit::{Exit, Failure, Outcome};
use serde_json::json;
use sim::World;
use sim::market::measure::{Measures, Samples, Watch};

/// Runs the market and prints what it is like.
pub fn run(args: &SimMarketArgs) -> Outcome {
    let choice = MarketChoice::load(&args.market)?;
    let (measures, samples) = measure(&choice, args.seed, args.ledgers)?;
    if let Some(directory) = &args.pictures {
        pictures::write(directory, &measures, &samples)?;
    }
    if args.json {
        let document = json!({"format": 1, "seed": args.seed, "real": real::json(), "simulated": measures});
        crate::out::line(&document.to_string())?;
    } else {
        crate::out::text(&table::text(&measures))?;
    }
    Ok(Exit::Done)
}

fn measure(choice: &MarketChoice, seed: u64, ledgers: u32) -> Result<(Measures, Samples), Failure> {
    let failed = |error: sim::WorldError| Failure::failed(error.to_string());
    let mut world = World::genesis(choice.spec(seed)).map_err(failed)?;
    let mut watch = Watch::new().map_err(failed)?;
    for _ in 0..ledgers {
        let closed = world.close();
        watch.ledger(&world, &closed);
        if world.market_exhausted() {
            break;
        }
    }
    Ok(watch.finish())
}
