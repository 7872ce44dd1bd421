//! Any bytes at the door `addresses`; the laws are in `crates/properties/src/addresses.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::door("addresses").unwrap()(data));
