//! A recording of a standalone rippled as a document: what was sent, what came of it, what the ledger held afterwards.
//! Typed where it is used, JSON where it is only compared. Never repairs what it reads.

use serde::Deserialize;
use serde_json::Value;
use sim::world::SubmitResult;
use std::collections::BTreeMap;

/// One scenario.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Document {
    /// Version of the form.
    pub format: u32,
    /// Its name.
    pub name: String,
    pub server: Server,
    /// Code of the issued currency.
    pub currency: String,
    pub accounts: Vec<Party>,
    #[serde(default)]
    pub setup: Vec<Step>,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub final_state: FinalState,
}

/// How the recorded server was set up.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Server {
    pub base_fee_drops: Value,
    pub reserve_base_drops: Value,
    pub reserve_inc_drops: Value,
    #[serde(default)]
    pub network_id: u32,
    /// Names of the amendments in force.
    pub amendments: Vec<String>,
}

/// An account with a name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Party {
    pub name: String,
    pub address: String,
    pub seed: String,
    /// `secp256k1` or `ed25519`.
    pub key_type: String,
    pub public_key: String,
}

/// Transactions, the ledger that closed on them, and what it held.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Step {
    pub n: i64,
    #[serde(default)]
    pub txs: Vec<Sent>,
    pub ledger: Header,
    #[serde(default)]
    pub state: Option<State>,
    /// Hashes applied in this ledger although submitted in an earlier step.
    #[serde(default)]
    pub carried_in: Vec<String>,
    /// What the server said to the bytes of this step's last transaction once they were in the ledger.
    #[serde(default)]
    pub resubmitted_same_blob: Option<Again>,
}

/// The answer to bytes that were sent once more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Again {
    pub engine_result: String,
    pub accepted: bool,
    pub applied: bool,
}

/// One transaction.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Sent {
    /// Name of the account that sent it.
    pub by: String,
    pub tx_json: Value,
    pub tx_blob: String,
    pub hash: String,
    pub submit: Submit,
    #[serde(default)]
    pub validated: bool,
    #[serde(default)]
    pub ledger_index: Option<u32>,
    #[serde(default)]
    pub result: Option<String>,
    #[serde(default)]
    pub transaction_index: Option<u32>,
    /// Of an OfferCreate: what its account then had of what it sells.
    #[serde(default)]
    pub owner_funds: Option<String>,
    #[serde(default)]
    pub meta: Option<Value>,
}

/// The preliminary answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Submit {
    pub engine_result: String,
    pub engine_result_code: i32,
    pub accepted: bool,
    pub applied: bool,
    pub broadcast: bool,
    pub queued: bool,
    pub kept: bool,
    pub open_ledger_cost: String,
}

/// The ledger's header and the order in which it applied transactions.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Header {
    pub ledger_index: u32,
    pub ledger_hash: String,
    pub parent_hash: String,
    pub account_hash: String,
    pub transaction_hash: String,
    pub close_time: u32,
    pub parent_close_time: u32,
    pub close_time_resolution: u8,
    pub close_flags: u8,
    pub total_coins: String,
    pub tx_order: Vec<String>,
}

/// What accounts, books and pools were.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct State {
    /// The ledger it was read from.
    #[serde(default)]
    pub ledger_index: Option<u32>,
    #[serde(default)]
    pub accounts: BTreeMap<String, Account>,
    #[serde(default)]
    pub books: BTreeMap<String, Value>,
    #[serde(default)]
    pub amm: Option<BTreeMap<String, Value>>,
}

/// One account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Account {
    pub balance: String,
    pub owner_count: u32,
    pub sequence: u32,
    pub flags: u32,
    #[serde(default, rename = "TicketCount")]
    pub ticket_count: Option<u32>,
    #[serde(default)]
    pub tickets: Vec<u32>,
    #[serde(default, rename = "TransferRate")]
    pub transfer_rate: Option<u32>,
    #[serde(default, rename = "TickSize")]
    pub tick_size: Option<u32>,
    #[serde(default)]
    pub lines: Vec<Value>,
    #[serde(default)]
    pub offers: Vec<Value>,
}

/// What was there at the end.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct FinalState {
    /// Accounts, books and pools, as after a step.
    #[serde(flatten)]
    pub state: State,
    /// Every entry but the ledger's own.
    #[serde(default)]
    pub objects: Option<Vec<Value>>,
}

impl Submit {
    /// The same of the embedded ledger.
    pub(super) fn of(answer: &SubmitResult) -> Submit {
        Submit {
            engine_result: answer.engine_result.to_string(),
            engine_result_code: i32::from(answer.engine_result.0),
            accepted: answer.accepted,
            applied: answer.applied,
            broadcast: answer.broadcast,
            queued: answer.queued,
            kept: answer.kept,
            open_ledger_cost: answer.open_ledger_cost.to_string(),
        }
    }
}

impl Document {
    /// Setup and steps, in order.
    pub(super) fn all_steps(&self) -> impl Iterator<Item = &Step> {
        self.setup.iter().chain(&self.steps)
    }

    /// The address of a named account.
    pub(super) fn address(&self, name: &str) -> Option<&str> {
        self.accounts.iter().find(|party| party.name == name).map(|party| party.address.as_str())
    }
}
