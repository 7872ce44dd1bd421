//! Stories of what may befall a session, each told ledger by ledger: the real session, client and store, on a real file,
//! against an embedded ledger whose every ledger the story closes itself. Each ends with `neo audit`, which must prove the
//! books from the stored evidence and once more from the ledger alone. `-- --nocapture` prints what happened and the audit.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../common/mod.rs"]
mod common;

mod away;
mod elsewhere;
mod money;
mod nodes;
mod people;
mod races;
mod refused;
mod stage;
mod swept;
mod tickets;
mod wallet;
