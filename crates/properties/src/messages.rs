//! What a server sends: any message is read, passed over or refused with the name of what is wrong, and no sequence of
//! messages gives a ledger twice or out of order. Never connects to anything.

use super::Source;
use super::terminal;
use client::{Assembler, StreamMessage};
use serde_json::Value as Json;

/// Bytes as lines of JSON, each a message.
pub fn check(data: &[u8]) {
    let source = Source::new(data);
    let mut assembler = Assembler::default();
    for line in source.rest().split(|byte| *byte == b'\n').take(50) {
        let Ok(json) = serde_json::from_slice::<Json>(line) else { continue };
        match StreamMessage::parse(json) {
            Ok(message) => drop(assembler.accept(message)),
            Err(error) => terminal::check(&error.to_string()),
        }
    }
}
