//! A plain client on a real socket sees exactly the faults that a script lists: each kind by itself, and the same ones
//! again for the same seed and the same traffic.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

#[path = "../common/mod.rs"]
mod common;

mod http;
mod nodes;
mod plain;
mod repeated;
mod requests;
mod stream;
mod wire;
