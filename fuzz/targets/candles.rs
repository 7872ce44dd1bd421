//! Any bytes at the door `candles`; the laws are in `crates/properties/src/candles.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::door("candles").unwrap()(data));
