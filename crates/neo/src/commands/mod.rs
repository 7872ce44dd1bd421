//! One file a command.

pub mod anomalies;
pub mod audit;
pub mod capital;
pub mod config;
pub mod db;
pub mod faults;
pub mod paper;
pub mod realign;
pub mod replay;
pub mod session;
pub mod sim_check;
pub mod sim_market;
pub mod sim_serve;
pub mod tx;
