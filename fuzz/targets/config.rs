//! Any bytes at the door `config`; the laws are in `crates/properties/src/config.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::door("config").unwrap()(data));
