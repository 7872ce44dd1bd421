//! Deterministic simulation: one seed is one world. For tests alone: nothing that trades uses it.
//!
//! In a world the real loop, engine, client and store trade on an embedded ledger, in virtual time, on a disk in
//! memory, while a script drawn from the seed lets the server, the process, the disk and the market go wrong. After
//! every end of the process, and at last, an auditor of its own compares what the database holds with what the ledger
//! did (invariants I20 to I45 of the reliability page).

pub mod audit;
pub mod campaign;
pub mod careless;
pub mod coverage;
mod crowd;
mod damage;
pub mod doom;
mod end;
mod facts;
mod kills;
mod life;
mod met;
mod outside;
pub mod plan;
mod program;
mod rows;
pub mod script;
pub mod shrink;
mod small;
pub mod story;
mod truth;
pub mod world;
