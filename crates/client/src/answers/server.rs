//! Answers about a server: its condition, its fees, what a subscription begins with, its ledgers. Never decides whether
//! a server is good enough; the caller checks the network and the age.

use ledger::Hash256;
use serde_json::Value;
use units::{Drops, LedgerIndex, LedgerTime};

use super::fields::Fields;
use crate::error::ClientError;
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

/// The answer to `fee`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeAnswer {
    /// The open ledger it is about.
    pub ledger_current_index: u32,
    /// Transactions in the open ledger.
    pub current_ledger_size: u32,
    /// How many transactions fit before the fee rises.
    pub expected_ledger_size: u32,
    /// Transactions in the queue.
    pub current_queue_size: u32,
    /// What they cost.
    pub drops: FeeDrops,
}

/// Costs of a reference transaction, as `fee` gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeDrops {
    /// Under no load.
    pub base_fee: Drops,
    /// The median of the last validated ledger.
    pub median_fee: Drops,
    /// To get into the queue.
    pub minimum_fee: Drops,
    /// To get into the open ledger.
    pub open_ledger_fee: Drops,
}

impl ServerInfo {
    /// Reads a `server_info` answer.
    pub fn read(answer: &Value) -> Result<Self, ClientError> {
        let info = Fields::of("server_info", answer).object("info")?;
        let ranges = LedgerRanges::parse(info.text("complete_ledgers")?);
        let validated = info.get("validated_ledger").map(|_| ValidatedLedgerInfo::read(&info));
        Ok(Self {
            build_version: info.text("build_version")?.to_owned(),
            server_state: info.text("server_state")?.to_owned(),
            network_id: info.u32_or_none("network_id")?,
            complete_ledgers: ranges.ok_or_else(|| info.bad("complete_ledgers", "not ledger ranges"))?,
            validated: validated.transpose()?,
        })
    }
}

impl ValidatedLedgerInfo {
    fn read(info: &Fields<'_>) -> Result<Self, ClientError> {
        let ledger = info.object("validated_ledger")?;
        let age_s = ledger.u64_or_none("age")?.unwrap_or(0);
        Ok(Self { index: ledger.index("seq")?, hash: ledger.hash("hash")?, age_s })
    }
}

impl FeeAnswer {
    /// Reads a `fee` answer. Its sizes are texts of digits.
    pub fn read(answer: &Value) -> Result<Self, ClientError> {
        let fields = Fields::of("fee", answer);
        let drops = fields.object("drops")?;
        Ok(Self {
            ledger_current_index: fields.u32("ledger_current_index")?,
            current_ledger_size: fields.parsed("current_ledger_size")?,
            expected_ledger_size: fields.parsed("expected_ledger_size")?,
            current_queue_size: fields.parsed("current_queue_size")?,
            drops: FeeDrops {
                base_fee: drops.drops("base_fee")?,
                median_fee: drops.drops("median_fee")?,
                minimum_fee: drops.drops("minimum_fee")?,
                open_ledger_fee: drops.drops("open_ledger_fee")?,
            },
        })
    }
}

impl Subscribed {
    /// Reads a `subscribe` answer; with the ledger stream (`of_ledgers`) it must say where that begins.
    pub fn read(answer: Value, of_ledgers: bool) -> Result<Self, ClientError> {
        let at = if of_ledgers { Some(begins_at(&answer)?) } else { None };
        Ok(Self { at, answer })
    }
}

/// When the ledger of a `ledger` answer closed.
pub fn ledger_close_time(answer: &Value) -> Result<LedgerTime, ClientError> {
    Fields::of("ledger", answer).object("ledger")?.time("close_time")
}

/// The hash of the ledger of a `ledger` answer.
pub fn ledger_hash(answer: &Value) -> Result<Hash256, ClientError> {
    Fields::of("ledger", answer).hash("ledger_hash")
}

/// The new open ledger of a `ledger_accept` answer.
pub fn ledger_accepted(answer: &Value) -> Result<LedgerIndex, ClientError> {
    Fields::of("ledger_accept", answer).index("ledger_current_index")
}

fn begins_at(answer: &Value) -> Result<(LedgerIndex, Hash256, LedgerTime, Fees), ClientError> {
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
