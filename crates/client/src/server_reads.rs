//! Questions about the server: `server_info`, `fee`, `subscribe`, `ledger_accept`. Never decides whether
//! a server is good enough; the caller checks the network and the age.

use ledger::Hash256;
use ledger::messages::{FeeAnswer, ServerInfoAnswer};
use serde_json::{Value, json};
use units::{LedgerIndex, LedgerTime};

use crate::ask::{LedgerSpec, Subscription};
use crate::connection::Connection;
use crate::error::ClientError;
use crate::fields::{Fields, typed};
use crate::types::Fees;

/// The answer to `server_info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// Version of the server software.
    pub build_version: String,
    /// Its state: `full`, `proposing`, `validating`, `connected`, ...
    pub server_state: String,
    /// The network's number; `None` where the server does not say.
    pub network_id: Option<u32>,
    /// Which ledgers it has.
    pub complete_ledgers: LedgerRanges,
    /// The newest validated ledger; `None` while it has none (syncing).
    pub validated: Option<ValidatedLedgerInfo>,
}

/// The newest validated ledger as `server_info` describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatedLedgerInfo {
    /// Which ledger.
    pub index: LedgerIndex,
    /// Its hash.
    pub hash: Hash256,
    /// Seconds since it closed, by the server's clock.
    pub age_s: u64,
}

/// Ranges of ledgers, such as `2-6,9-12`; possibly disjoint, possibly empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerRanges(pub Vec<(LedgerIndex, LedgerIndex)>);

impl LedgerRanges {
    /// Reads `empty`, `7`, `2-6` or `2-6,9-12`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "empty" {
            return Some(Self::default());
        }
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            if from > to {
                return None;
            }
            ranges.push((LedgerIndex(from), LedgerIndex(to)));
        }
        Some(Self(ranges))
    }

    /// Whether one unbroken range holds `from..=to`.
    pub fn contains(&self, from: LedgerIndex, to: LedgerIndex) -> bool {
        self.0.iter().any(|(first, last)| *first <= from && to <= *last)
    }
}

/// The answer to `subscribe`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscribed {
    /// With the ledger stream: the newest validated ledger, its hash, close time and costs. The stream
    /// gives later ones only.
    pub at: Option<(LedgerIndex, Hash256, LedgerTime, Fees)>,
    /// The whole answer (snapshots of books, when asked for).
    pub answer: Value,
}

impl Connection {
    /// Asks `server_info`.
    pub async fn server_info(&mut self) -> Result<ServerInfo, ClientError> {
        let answer = self.request("server_info", json!({})).await?;
        let info = typed::<ServerInfoAnswer>("server_info", answer)?.info;
        let ranges = LedgerRanges::parse(&info.complete_ledgers);
        let validated = info.validated_ledger.map(|ledger| ValidatedLedgerInfo {
            index: LedgerIndex(ledger.seq),
            hash: ledger.hash,
            age_s: ledger.age,
        });
        Ok(ServerInfo {
            build_version: info.build_version,
            server_state: info.server_state,
            network_id: info.network_id,
            complete_ledgers: ranges
                .ok_or_else(|| ClientError::bad("server_info", "complete_ledgers", "not ledger ranges"))?,
            validated,
        })
    }

    /// Asks `fee`.
    pub async fn fee(&mut self) -> Result<FeeAnswer, ClientError> {
        let answer = self.request("fee", json!({})).await?;
        typed("fee", answer)
    }

    /// Subscribes; messages then come from [`Connection::next_message`].
    pub async fn subscribe(&mut self, wanted: &Subscription) -> Result<Subscribed, ClientError> {
        let answer = self.request("subscribe", wanted.json()).await?;
        let at = if wanted.ledger { Some(subscribed_at(&answer)?) } else { None };
        Ok(Subscribed { at, answer })
    }

    /// When a ledger closed (`ledger`).
    pub async fn ledger_close_time(&mut self, at: LedgerSpec) -> Result<LedgerTime, ClientError> {
        let answer = self.request("ledger", json!({"ledger_index": at.json()})).await?;
        Fields::of("ledger", &answer).object("ledger")?.time("close_time")
    }

    /// The hash of a closed ledger (`ledger`).
    pub async fn ledger_hash(&mut self, at: LedgerSpec) -> Result<Hash256, ClientError> {
        let answer = self.request("ledger", json!({"ledger_index": at.json()})).await?;
        Fields::of("ledger", &answer).hash("ledger_hash")
    }

    /// Closes the open ledger of a server in manual mode; gives the index of the new open ledger. The
    /// embedded ledger has sent every stream message of the closed ledger before this answer.
    pub async fn ledger_accept(&mut self) -> Result<LedgerIndex, ClientError> {
        let answer = self.request("ledger_accept", json!({})).await?;
        Fields::of("ledger_accept", &answer).index("ledger_current_index")
    }
}

fn subscribed_at(answer: &Value) -> Result<(LedgerIndex, Hash256, LedgerTime, Fees), ClientError> {
    let fields = Fields::of("subscribe", answer);
    let fees = Fees {
        fee_base: fields.drops("fee_base")?,
        reserve_base: fields.drops("reserve_base")?,
        reserve_inc: fields.drops("reserve_inc")?,
    };
    let time = LedgerTime(fields.u32("ledger_time")?);
    Ok((fields.index("ledger_index")?, fields.hash("ledger_hash")?, time, fees))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ledger_ranges() {
        let ranges = LedgerRanges::parse("2-6,9-12,20").unwrap();
        let contains = |from, to| ranges.contains(LedgerIndex(from), LedgerIndex(to));
        assert!(contains(2, 6) && contains(10, 11) && contains(20, 20));
        assert!(!contains(5, 9) && !contains(1, 2) && !contains(20, 21));
        assert_eq!(LedgerRanges::parse("empty"), Some(LedgerRanges::default()));
        for bad in ["", "6-2", "a-b", "1-", "1,,2", "-"] {
            assert_eq!(LedgerRanges::parse(bad), None, "{bad}");
        }
    }
}
