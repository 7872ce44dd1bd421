//! Requests. Never without `api_version` 2.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value as Json;

use crate::amount::Asset;
use crate::ids::{AccountId, Hash256};

/// A request as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Comes back in the answer.
    #[serde(default)]
    pub id: Json,
    /// Always 2 from us; a server reads what the client sent (1 where it sent nothing).
    #[serde(default = "api_version_1")]
    pub api_version: u32,
    /// What is asked.
    #[serde(flatten)]
    pub command: Command,
}

fn api_version_1() -> u32 {
    1
}

impl Request {
    /// A request with an id.
    pub fn new(id: u64, command: Command) -> Self {
        Self { id: id.into(), api_version: 2, command }
    }
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// An answer without content.
    Ping,
    /// The server's condition, for people.
    ServerInfo,
    /// The server's condition, in integers.
    ServerState,
    /// Fees now.
    Fee,
    /// A ledger's header, and its transactions if wanted.
    Ledger(LedgerRequest),
    /// The number and hash of the last closed ledger.
    LedgerClosed,
    /// The number of the open ledger.
    LedgerCurrent,
    /// One ledger entry.
    LedgerEntry(LedgerEntryRequest),
    /// An account's root entry.
    AccountInfo(AccountInfoRequest),
    /// An account's trust lines.
    AccountLines(AccountLinesRequest),
    /// An account's offers.
    AccountOffers(AccountOffersRequest),
    /// An account's transactions.
    AccountTx(AccountTxRequest),
    /// One transaction.
    Tx(TxRequest),
    /// One side of an order book.
    BookOffers(BookOffersRequest),
    /// Sends a signed transaction.
    Submit(SubmitRequest),
    /// Starts streams.
    Subscribe(SubscribeRequest),
    /// Ends streams.
    Unsubscribe(SubscribeRequest),
    /// Closes the open ledger of a standalone server.
    LedgerAccept,
    /// A command that is not here.
    #[serde(other)]
    Unknown,
}

/// Which ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LedgerSpec {
    /// By its number.
    Index(u32),
    /// The last validated.
    #[default]
    Validated,
    /// The last closed.
    Closed,
    /// The open one.
    Current,
}

impl Serialize for LedgerSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Index(index) => serializer.serialize_u32(*index),
            Self::Validated => serializer.serialize_str("validated"),
            Self::Closed => serializer.serialize_str("closed"),
            Self::Current => serializer.serialize_str("current"),
        }
    }
}

impl<'de> Deserialize<'de> for LedgerSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::String(text) => match text.as_str() {
                "validated" => Ok(Self::Validated),
                "closed" => Ok(Self::Closed),
                "current" => Ok(Self::Current),
                digits => digits.parse().map(Self::Index).map_err(D::Error::custom),
            },
            Json::Number(number) => number
                .as_u64()
                .and_then(|n| u32::try_from(n).ok())
                .map(Self::Index)
                .ok_or_else(|| D::Error::custom("not a ledger index")),
            _ => Err(D::Error::custom("not a ledger index")),
        }
    }
}

/// `ledger`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LedgerRequest {
    /// Which ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<LedgerSpec>,
    /// Which ledger, by hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_hash: Option<Hash256>,
    /// Its transactions too.
    #[serde(default)]
    pub transactions: bool,
    /// In full, not by hash alone.
    #[serde(default)]
    pub expand: bool,
    /// With the owner's funds for each OfferCreate.
    #[serde(default)]
    pub owner_funds: bool,
}

/// `ledger_entry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntryRequest {
    /// The entry's index; the other ways of naming an entry are not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Hash256>,
    /// In which ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<LedgerSpec>,
}

/// `account_info`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountInfoRequest {
    /// Whose.
    pub account: AccountId,
    /// In which ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<LedgerSpec>,
}

/// `account_lines`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountLinesRequest {
    /// Whose.
    pub account: AccountId,
    /// Only those with this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<AccountId>,
    /// In which ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<LedgerSpec>,
    /// At most how many (the server's own limits apply).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Json>,
}

/// `account_offers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountOffersRequest {
    /// Whose.
    pub account: AccountId,
    /// In which ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<LedgerSpec>,
    /// At most how many (the server's own limits apply).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Json>,
}

/// `account_tx`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountTxRequest {
    /// Whose.
    pub account: AccountId,
    /// First ledger; -1 for the first the server has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index_min: Option<i64>,
    /// Last ledger; -1 for the last validated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index_max: Option<i64>,
    /// Oldest first.
    #[serde(default)]
    pub forward: bool,
    /// At most how many (the server's own limits apply).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Json>,
}

/// `tx`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TxRequest {
    /// Its id.
    pub transaction: Hash256,
    /// First ledger to search; with `max_ledger`, at most 1000 apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_ledger: Option<u32>,
    /// Last ledger to search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ledger: Option<u32>,
}

/// `book_offers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BookOffersRequest {
    /// What the offers give.
    pub taker_gets: Asset,
    /// What they ask.
    pub taker_pays: Asset,
    /// In which ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_index: Option<LedgerSpec>,
    /// At most how many (default 60, at most 100).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Whose view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker: Option<AccountId>,
}

/// `submit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubmitRequest {
    /// The signed transaction, hexadecimal.
    pub tx_blob: String,
    /// Neither keep nor relay it when it fails here.
    #[serde(default)]
    pub fail_hard: bool,
}

/// `subscribe` and `unsubscribe`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscribeRequest {
    /// `ledger`, `transactions`, ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<String>,
    /// Accounts whose validated transactions are wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// Order books.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub books: Vec<BookSpec>,
}

/// One order book to follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BookSpec {
    /// What the offers give.
    pub taker_gets: Asset,
    /// What they ask.
    pub taker_pays: Asset,
    /// The book as it is, in the answer.
    #[serde(default)]
    pub snapshot: bool,
    /// Both sides.
    #[serde(default)]
    pub both: bool,
    /// Whose view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker: Option<AccountId>,
}
