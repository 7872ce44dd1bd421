//! Kills, power cuts and failing disks against the store, on files in memory. For tests alone: nothing that trades
//! uses it.
//!
//! A workload of the store is recorded once, as every write and every sync that reaches a disk. One seed and one
//! operation of that record are a crash: the files as a kill or a power cut at that operation leaves them are opened
//! by the store itself, and must hold, row for row, what was committed.

pub mod books;
pub mod campaign;
pub mod canary;
pub mod careless;
pub mod drive;
pub mod errors;
pub mod examine;
pub mod faults;
pub mod folder;
mod locks;
pub mod past;
pub mod place;
pub mod points;
pub mod recording;
pub mod script;
pub mod seed;
mod sums;
pub mod trouble;
pub mod vfs;
