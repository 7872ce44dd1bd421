//! Any bytes at the door `codec`; the laws are in `crates/properties/src/codec.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::door("codec").unwrap()(data));
