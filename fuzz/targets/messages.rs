//! Any bytes at the door `messages`; the laws are in `crates/properties/src/messages.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::door("messages").unwrap()(data));
