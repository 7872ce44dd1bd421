//! A session of the engine against the built-in market, recorded once at the start of a run as what came over the wire,
//! and decided again as often as a measurement wants. Equal messages give equal signed bytes, which is checked.

mod record;
mod replay;
mod stages;

pub use record::Recorded;
pub use replay::{Batch, Replay, Tick, batches, pairs, parse};
pub use stages::Stages;
