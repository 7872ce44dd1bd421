//! Answers about an account. Never a default for a balance.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use units::{Drops, IssuedValue};

use super::{MessageError, TxRecord, text};
use crate::amount::Amount;
use crate::ids::{AccountId, Currency, Hash256};

/// `account_info`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountInfo {
    /// The root entry.
    pub account_data: AccountData,
    /// The closed ledger it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<u32>,
    /// The open ledger it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_current_index: Option<u32>,
    /// That ledger's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_hash: Option<Hash256>,
    /// Whether it is final.
    #[serde(default)]
    pub validated: bool,
}

/// An account's root entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountData {
    /// Whose.
    #[serde(rename = "Account")]
    pub account: AccountId,
    /// XRP, reserve included.
    #[serde(rename = "Balance", with = "text::drops")]
    pub balance: Drops,
    /// `lsf` flags.
    #[serde(rename = "Flags")]
    pub flags: u32,
    /// Objects that count towards the reserve.
    #[serde(rename = "OwnerCount")]
    pub owner_count: u32,
    /// The next sequence.
    #[serde(rename = "Sequence")]
    pub sequence: u32,
    /// Fee for moving what it issues, parts of 10^9.
    #[serde(rename = "TransferRate", default, skip_serializing_if = "Option::is_none")]
    pub transfer_rate: Option<u32>,
    /// Significant digits of offers in what it issues.
    #[serde(rename = "TickSize", default, skip_serializing_if = "Option::is_none")]
    pub tick_size: Option<u8>,
    /// Tickets it has.
    #[serde(rename = "TicketCount", default, skip_serializing_if = "Option::is_none")]
    pub ticket_count: Option<u32>,
    /// A second key that may sign.
    #[serde(rename = "RegularKey", default, skip_serializing_if = "Option::is_none")]
    pub regular_key: Option<AccountId>,
    /// The transaction that changed it last.
    #[serde(rename = "PreviousTxnID", default, skip_serializing_if = "Option::is_none")]
    pub previous_txn_id: Option<Hash256>,
    /// The ledger of that transaction.
    #[serde(rename = "PreviousTxnLgrSeq", default, skip_serializing_if = "Option::is_none")]
    pub previous_txn_lgr_seq: Option<u32>,
}

/// `account_lines`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountLines {
    /// Whose.
    pub account: AccountId,
    /// One page.
    pub lines: Vec<TrustLine>,
    /// The closed ledger they were read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<u32>,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Json>,
    /// Whether it is final.
    #[serde(default)]
    pub validated: bool,
}

/// One trust line, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrustLine {
    /// The other party.
    pub account: AccountId,
    /// Positive: the other party owes us.
    #[serde(with = "value")]
    pub balance: IssuedValue,
    /// The code.
    pub currency: Currency,
    /// How much we trust the other party.
    #[serde(with = "value")]
    pub limit: IssuedValue,
    /// How much the other party trusts us.
    #[serde(with = "value")]
    pub limit_peer: IssuedValue,
    /// We block rippling.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_ripple: bool,
    /// The other party blocks rippling.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_ripple_peer: bool,
    /// We froze it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub freeze: bool,
    /// The other party froze it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub freeze_peer: bool,
    /// We authorized it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub authorized: bool,
    /// The other party authorized it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub peer_authorized: bool,
    /// At which rate incoming balances count, parts of 10^9.
    #[serde(default)]
    pub quality_in: u32,
    /// At which rate outgoing balances count, parts of 10^9.
    #[serde(default)]
    pub quality_out: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

mod value {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use units::IssuedValue;

    pub fn serialize<S: Serializer>(value: &IssuedValue, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<IssuedValue, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// `account_offers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountOffers {
    /// Whose.
    pub account: AccountId,
    /// One page.
    pub offers: Vec<AccountOffer>,
    /// The closed ledger they were read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<u32>,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Json>,
    /// Whether it is final.
    #[serde(default)]
    pub validated: bool,
}

/// One offer of an account; expired ones are still among them until a transaction touches them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountOffer {
    /// `lsf` flags.
    pub flags: u32,
    /// Sequence or ticket that names it.
    pub seq: u32,
    /// What it gives.
    pub taker_gets: Amount,
    /// What it asks.
    pub taker_pays: Amount,
    /// Its rate, as the server writes it.
    #[serde(default)]
    pub quality: String,
    /// When it expires, seconds since 2000-01-01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration: Option<u32>,
}

/// `account_tx`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountTx {
    /// Whose.
    pub account: AccountId,
    /// First ledger searched: compare with what was asked.
    pub ledger_index_min: u32,
    /// Last ledger searched: compare with what was asked.
    pub ledger_index_max: u32,
    /// One page.
    pub transactions: Vec<AccountTxEntry>,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Json>,
    /// Whether the range is final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated: Option<bool>,
}

/// One transaction of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountTxEntry {
    /// Its id.
    pub hash: Hash256,
    /// In which ledger.
    pub ledger_index: u32,
    /// That ledger's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_hash: Option<Hash256>,
    /// That ledger's close time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time_iso: Option<String>,
    /// The transaction.
    pub tx_json: Json,
    /// What it did.
    pub meta: Json,
    /// Whether it is final.
    pub validated: bool,
}

impl AccountTxEntry {
    /// The transaction and its metadata, read in full.
    pub fn record(&self) -> Result<TxRecord, MessageError> {
        TxRecord::read(self.hash, self.ledger_index, self.validated, &self.tx_json, &self.meta)
    }
}
