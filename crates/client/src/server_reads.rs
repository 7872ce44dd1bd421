//! Questions about the server: `server_info`, `fee`, `subscribe`, `ledger`, `ledger_accept`. Only asks.

use ledger::Hash256;
use serde_json::json;
use units::{LedgerIndex, LedgerTime};

use crate::answers::{self, FeeAnswer, ServerInfo, Subscribed};
use crate::ask::{LedgerSpec, Subscription};
use crate::connection::Connection;
use crate::error::ClientError;

impl Connection {
    /// Asks `server_info`.
    pub async fn server_info(&mut self) -> Result<ServerInfo, ClientError> {
        let answer = self.request("server_info", json!({})).await?;
        ServerInfo::read(&answer)
    }

    /// Asks `fee`.
    pub async fn fee(&mut self) -> Result<FeeAnswer, ClientError> {
        let answer = self.request("fee", json!({})).await?;
        FeeAnswer::read(&answer)
    }

    /// Subscribes; messages then come from [`Connection::next_message`].
    pub async fn subscribe(&mut self, wanted: &Subscription) -> Result<Subscribed, ClientError> {
        let answer = self.request("subscribe", wanted.json()).await?;
        Subscribed::read(answer, wanted.ledger)
    }

    /// When a ledger closed (`ledger`).
    pub async fn ledger_close_time(&mut self, at: LedgerSpec) -> Result<LedgerTime, ClientError> {
        let answer = self.request("ledger", json!({"ledger_index": at.json()})).await?;
        answers::ledger_close_time(&answer)
    }

    /// The hash of a closed ledger (`ledger`).
    pub async fn ledger_hash(&mut self, at: LedgerSpec) -> Result<Hash256, ClientError> {
        let answer = self.request("ledger", json!({"ledger_index": at.json()})).await?;
        answers::ledger_hash(&answer)
    }

    /// Closes the open ledger of a server in manual mode; gives the index of the new open ledger. The
    /// embedded ledger has sent every stream message of the closed ledger before this answer.
    pub async fn ledger_accept(&mut self) -> Result<LedgerIndex, ClientError> {
        let answer = self.request("ledger_accept", json!({})).await?;
        answers::ledger_accepted(&answer)
    }
}
