//! Answers about the server, its fees and its ledgers. Never judges whether the server is healthy.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value as Json};
use units::Drops;

use super::text;
use crate::ids::Hash256;

/// `server_info`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerInfoAnswer {
    /// What it says.
    pub info: ServerInfo,
}

/// The server's condition, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// Version of the server.
    pub build_version: String,
    /// Which ledgers it has: ranges like `2-7,9-12`, or `empty`.
    pub complete_ledgers: String,
    /// `full`, `proposing`, `syncing`, ...
    pub server_state: String,
    /// The network, where the server says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_id: Option<u32>,
    /// Fee factor now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_factor: Option<Number>,
    /// Peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<u32>,
    /// Seconds it has been running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime: Option<u64>,
    /// The last validated ledger; missing while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated_ledger: Option<ValidatedLedger>,
}

/// The last validated ledger, fees and reserves in XRP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValidatedLedger {
    /// Seconds since it closed.
    #[serde(default)]
    pub age: u64,
    /// Base fee, XRP.
    pub base_fee_xrp: Number,
    /// Its hash.
    pub hash: Hash256,
    /// Reserve of an account, XRP.
    pub reserve_base_xrp: Number,
    /// Reserve of each object, XRP.
    pub reserve_inc_xrp: Number,
    /// Its number.
    pub seq: u32,
}

/// `server_state`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerStateAnswer {
    /// What it says.
    pub state: ServerState,
}

/// The server's condition, in integers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerState {
    /// Version of the server.
    pub build_version: String,
    /// Which ledgers it has.
    pub complete_ledgers: String,
    /// `full`, `proposing`, `syncing`, ...
    pub server_state: String,
    /// The network, where the server says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_id: Option<u32>,
    /// What `load_factor` is measured in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_base: Option<u64>,
    /// Fee factor now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_factor: Option<u64>,
    /// The last validated ledger; missing while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated_ledger: Option<StateLedger>,
}

/// The last validated ledger, fees and reserves in drops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateLedger {
    /// Base fee, drops.
    pub base_fee: u64,
    /// When it closed, seconds since 2000-01-01.
    pub close_time: u32,
    /// Its hash.
    pub hash: Hash256,
    /// Reserve of an account, drops.
    pub reserve_base: u64,
    /// Reserve of each object, drops.
    pub reserve_inc: u64,
    /// Its number.
    pub seq: u32,
}

/// `fee`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeeAnswer {
    /// Transactions in the open ledger.
    pub current_ledger_size: String,
    /// Transactions in the queue.
    pub current_queue_size: String,
    /// In drops.
    pub drops: FeeDrops,
    /// How many transactions fit before the fee rises.
    pub expected_ledger_size: String,
    /// The open ledger.
    pub ledger_current_index: u32,
    /// In fee levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<FeeLevels>,
    /// How many fit in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_queue_size: Option<String>,
}

/// Fees in drops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeeDrops {
    /// Of a reference transaction under no load.
    #[serde(with = "text::drops")]
    pub base_fee: Drops,
    /// The median of the last validated ledger.
    #[serde(with = "text::drops")]
    pub median_fee: Drops,
    /// To get into the queue.
    #[serde(with = "text::drops")]
    pub minimum_fee: Drops,
    /// To get into the open ledger.
    #[serde(with = "text::drops")]
    pub open_ledger_fee: Drops,
}

/// Fees in levels (256 = base).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeeLevels {
    /// The median of the last validated ledger.
    pub median_level: String,
    /// To get into the queue.
    pub minimum_level: String,
    /// To get into the open ledger.
    pub open_ledger_level: String,
    /// The base.
    pub reference_level: String,
}

/// `ledger`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerAnswer {
    /// The header, and the transactions if they were asked for.
    pub ledger: LedgerHeader,
    /// Its number; missing for the open ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<u32>,
    /// Its hash; missing for the open ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_hash: Option<Hash256>,
    /// Whether it is final.
    #[serde(default)]
    pub validated: bool,
}

/// A closed ledger's header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerHeader {
    /// Its number.
    #[serde(with = "text::u32_or_text")]
    pub ledger_index: u32,
    /// Its hash.
    pub ledger_hash: Hash256,
    /// The hash of the one before.
    pub parent_hash: Hash256,
    /// When it closed, seconds since 2000-01-01.
    pub close_time: u32,
    /// When the one before closed; offers expire by this.
    pub parent_close_time: u32,
    /// Resolution of close times, seconds.
    pub close_time_resolution: u32,
    /// The same, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time_iso: Option<String>,
    /// Whether it is closed.
    #[serde(default)]
    pub closed: bool,
    /// All XRP there is.
    #[serde(with = "text::drops")]
    pub total_coins: Drops,
    /// Root of the state tree.
    pub account_hash: Hash256,
    /// Root of the transaction tree.
    pub transaction_hash: Hash256,
    /// Hashes, or with `expand` objects of `hash`, `tx_json` and `meta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transactions: Option<Vec<Json>>,
}

/// `ledger_accept`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerAccept {
    /// The new open ledger.
    pub ledger_current_index: u32,
}
