//! What holds for any input, one function a door of the program: bytes in, nothing out, a panic when a law is broken.
//!
//! The fuzz targets (`fuzz/`) call these functions with what the fuzzer finds; the tests here call them with the inputs
//! that were kept (`fuzz/corpora/`) and with generated ones. Nothing here is part of the program.

mod addresses;
mod candles;
mod codec;
mod config;
pub mod corpus;
pub mod laws;
mod messages;
mod metadata;
pub mod oracle;
pub mod seeds;
mod source;
pub mod storm;
mod terminal;

pub use source::Source;

/// A law over any bytes.
pub type Door = fn(&[u8]);

/// Every door by the name of its fuzz target.
pub const DOORS: [(&str, Door); 6] = [
    ("addresses", addresses::check),
    ("candles", candles::check),
    ("codec", codec::check),
    ("config", config::check),
    ("messages", messages::check),
    ("metadata", metadata::check),
];

/// The door of a name.
#[must_use]
pub fn door(name: &str) -> Option<Door> {
    DOORS.iter().find(|(known, _)| *known == name).map(|(_, door)| *door)
}
