//! A transaction and its metadata, out of whatever document a server gave. Never reads one thing as another: metadata
//! must be there, and a transaction that is there must be one.

use super::super::{Refusal, hash};
use ledger::{AccountId, Amount, Hash256, Object, TxMeta, fields as f, hex, tx_hash};
use serde_json::Value as Json;
use units::{Drops, LedgerTime};

/// Where a document keeps the transaction as JSON, or in hexadecimal.
const TX_NAMES: [&str; 4] = ["tx_json", "tx", "transaction", "tx_blob"];
/// Where it keeps the metadata.
const META_NAMES: [&str; 3] = ["meta", "metaData", "meta_blob"];

/// A transaction, what it did, and where.
pub struct Record {
    /// Its id, where the document gives it or the transaction is signed.
    pub hash: Option<Hash256>,
    /// How it ended.
    pub result: String,
    /// The transaction, where it is beside the metadata.
    pub tx: Option<Object>,
    /// What it did.
    pub meta: TxMeta,
    /// In which ledger.
    pub ledger_index: Option<u32>,
    /// Whether it is final, where the document says so.
    pub validated: Option<bool>,
    /// The close time that decides over expirations: that of the ledger before.
    pub parent_close: Option<LedgerTime>,
    /// Names newer than our definitions.
    pub unknown: Vec<String>,
}

impl Record {
    /// Reads an answer, a stream message, an entry of a list, or bare metadata.
    pub fn read(document: &Json) -> Result<Record, Refusal> {
        let document = document.get("result").filter(|inner| inner.is_object()).unwrap_or(document);
        let bare = document.get("AffectedNodes").is_some();
        let shown = if bare { Some(document) } else { first(document, &META_NAMES) };
        let shown =
            shown.ok_or_else(|| Refusal::new("no metadata: none of `meta`, `metaData`, `meta_blob`"))?;
        let (meta, mut unknown) = read_meta(shown)?;
        let inner = if bare { None } else { transaction(document) };
        let (tx, blob) = match inner {
            Some(json) => {
                let (tx, blob, more) = read_tx(json)?;
                unknown.extend(more);
                (Some(tx), blob)
            }
            None => (None, None),
        };
        let places = [Some(document), inner];
        let number = |name: &str| number(&places, name);
        let own_close = number("close_time").or_else(|| number("date")).map(|close| close.saturating_sub(1));
        Ok(Record {
            hash: find_hash(&places, tx.as_ref(), blob.as_deref(), unknown.is_empty())?,
            result: shown
                .get("TransactionResult")
                .and_then(Json::as_str)
                .map_or_else(|| meta.result.to_string(), str::to_owned),
            ledger_index: number("ledger_index").or_else(|| number("inLedger")),
            validated: places.iter().flatten().find_map(|place| place.get("validated")?.as_bool()),
            parent_close: number("parent_close_time").or(own_close).map(LedgerTime),
            tx,
            meta,
            unknown,
        })
    }

    /// What the transaction burned.
    pub fn fee(&self) -> Option<Drops> {
        match self.tx.as_ref()?.amount(f::FEE)? {
            Amount::Xrp(drops) => Some(drops),
            Amount::Issued { .. } | Amount::Mpt { .. } => None,
        }
    }

    /// Who paid the fee: the delegate where there is one, else the sender.
    pub fn fee_payer(&self) -> Option<AccountId> {
        let tx = self.tx.as_ref()?;
        tx.account(f::DELEGATE).or_else(|| tx.account(f::ACCOUNT))
    }
}

fn first<'a>(document: &'a Json, names: &[&str]) -> Option<&'a Json> {
    names.iter().find_map(|name| document.get(name).filter(|value| !value.is_null()))
}

/// The transaction of a document: in a place of its own, or the document itself (API version 1).
fn transaction(document: &Json) -> Option<&Json> {
    if document.get("TransactionType").is_some() { Some(document) } else { first(document, &TX_NAMES) }
}

fn read_meta(shown: &Json) -> Result<(TxMeta, Vec<String>), Refusal> {
    match shown.as_str() {
        Some(text) => Ok((TxMeta::from_bytes(&bytes(text)?)?, Vec::new())),
        None => Ok(TxMeta::from_json_lenient(shown)?),
    }
}

/// The transaction, its bytes where the document has them, and unknown names.
type ReadTx = (Object, Option<Vec<u8>>, Vec<String>);

fn read_tx(json: &Json) -> Result<ReadTx, Refusal> {
    if let Some(text) = json.as_str() {
        let blob = bytes(text)?;
        return Ok((Object::from_bytes(&blob)?, Some(blob), Vec::new()));
    }
    let (tx, unknown) = Object::from_api_json_lenient(json)?;
    if !tx.contains(f::TRANSACTION_TYPE) {
        return Err(Refusal::new("the transaction: field `TransactionType` is missing"));
    }
    Ok((tx, None, unknown))
}

fn bytes(text: &str) -> Result<Vec<u8>, Refusal> {
    hex::decode(text).ok_or_else(|| Refusal::new("neither a JSON object nor hexadecimal"))
}

/// A number of 32 bits in one of the places.
fn number(places: &[Option<&Json>; 2], name: &str) -> Option<u32> {
    places.iter().flatten().find_map(|place| u32::try_from(place.get(name)?.as_u64()?).ok())
}

/// The id as the document gives it; else of the bytes; else of the JSON, if that is signed and known in full.
fn find_hash(
    places: &[Option<&Json>; 2],
    tx: Option<&Object>,
    blob: Option<&[u8]>,
    known: bool,
) -> Result<Option<Hash256>, Refusal> {
    if let Some(shown) = places.iter().flatten().find_map(|place| place.get("hash")) {
        let text = shown.as_str().ok_or_else(|| Refusal::new("`hash` is no string"))?;
        return Ok(Some(text.parse()?));
    }
    Ok(match (blob, tx) {
        (Some(blob), _) => Some(tx_hash(blob)),
        (None, Some(tx)) if known => hash::id(tx).ok(),
        _ => None,
    })
}
