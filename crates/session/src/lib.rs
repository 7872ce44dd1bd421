//! One session of the engine against a ledger: the loop around it, its first inputs, and its recovery after a crash.
//!
//! The clock is tokio's, so that a simulation can hold it; the way to the ledger is a [`Way`], the operating system's
//! signals come in by a channel, and whoever watches is a [`View`]. Knows no command line, no terminal and no server.

mod begin;
mod driver;
mod recover;
pub mod signals;
mod space;
mod translate;
mod view;

pub use begin::{Desk, Terms, begin, realign, realign_would};
pub use driver::{
    CHECKPOINT_ROWS, Connected, Driver, DriverError, Link, LinkError, LoopState, Opening, Pace, Pipe,
    STOP_DEADLINE, Way,
};
pub use recover::{Left, RecoverError, Unsettled, is_unfinished, unsettled};
pub use space::Space;
pub use translate::{TranslateError, Translator};
pub use view::View;
