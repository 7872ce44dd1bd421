//! Any bytes at the door `metadata`; the laws are in `crates/properties/src/metadata.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::door("metadata").unwrap()(data));
