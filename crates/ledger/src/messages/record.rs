//! One validated transaction, read in full, whichever message brought it. Never a preliminary one without saying so.

use serde_json::Value as Json;
use units::LedgerTime;

use super::MessageError;
use crate::ids::Hash256;
use crate::meta::TxMeta;
use crate::object::Object;

/// A transaction, what it did, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxRecord {
    /// Its id.
    pub hash: Hash256,
    /// In which ledger.
    pub ledger_index: u32,
    /// Whether it is final.
    pub validated: bool,
    /// The transaction.
    pub tx: Object,
    /// What it did.
    pub meta: TxMeta,
    /// When its ledger closed, where the message says so.
    pub close_time: Option<LedgerTime>,
    /// Of an OfferCreate: what its owner has of TakerGets, as the server wrote it (drops, or a decimal).
    pub owner_funds: Option<String>,
    /// Names in the message that our definitions do not have (a newer server): what they mean is not in `tx` or
    /// `meta`. Empty on every server whose amendments we know.
    pub unknown: Vec<String>,
}

impl TxRecord {
    pub(super) fn read(
        hash: Hash256,
        ledger_index: u32,
        validated: bool,
        tx_json: &Json,
        meta: &Json,
    ) -> Result<Self, MessageError> {
        let seconds = tx_json.get("date").and_then(Json::as_u64).and_then(|s| u32::try_from(s).ok());
        let owner_funds = tx_json.get("owner_funds").and_then(Json::as_str).map(str::to_owned);
        let (tx, mut unknown) = Object::from_api_json_lenient(tx_json)?;
        let (meta, unknown_in_meta) = TxMeta::from_json_lenient(meta)?;
        unknown.extend(unknown_in_meta);
        Ok(Self {
            hash,
            ledger_index,
            validated,
            tx,
            meta,
            close_time: seconds.map(LedgerTime),
            owner_funds,
            unknown,
        })
    }

    /// Reads an expanded entry of a `ledger` answer (API v2: `hash`, `tx_json`, `meta`), whose ledger is known.
    pub fn from_ledger_entry(
        entry: &Json,
        ledger_index: u32,
        close_time: LedgerTime,
    ) -> Result<Self, MessageError> {
        let field = |name: &'static str| entry.get(name).ok_or(MessageError::Missing(name));
        let hash = field("hash")?
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or(MessageError::Missing("hash"))?;
        let mut record = Self::read(hash, ledger_index, true, field("tx_json")?, field("meta")?)?;
        record.close_time = Some(close_time);
        if let Some(funds) = entry.get("owner_funds").and_then(Json::as_str) {
            record.owner_funds = Some(funds.to_owned());
        }
        Ok(record)
    }
}
