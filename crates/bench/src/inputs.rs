//! What all works are fed with: transactions of the built-in exchange, made anew each run from a fixed seed, and, where
//! the recordings are there, those of real ledgers. Never written into the repository.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Context, Result};
use ledger::object::{JsonStyle, Object};
use ledger::{
    AccountId, Amount, Currency, KeyKind, KeyPair, ResultCode, Seed, SeqProxy, Transaction, TxKind, TxMeta,
    TxType, fields as f, flags, sign,
};
use serde::Serialize;
use serde_json::{Value as Json, json};
use sim::world::{MarketSpec, World, WorldSpec};
use units::{Drops, LedgerTime};

use crate::work::kind_name;

/// The first sequence of an offer that is signed.
pub const SEQUENCE: u32 = 1_000;
/// How many signed offers are compared, and verified in turn.
pub const CHECKS: u32 = 24;
/// Transactions taken from the built-in exchange.
const SIM_TRANSACTIONS: usize = 400;
/// Who issues RLUSD on the main network (docs.ripple.com).
const MAINNET_ISSUER: &str = "rMxCKbEDwqr76QuheSUMdEGf4B9xJ8m5De";
/// Recordings of whole main-network ledgers with binary metadata: they stand beside the repository, or they do not.
const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ledgers");

/// Everything works need, as it is written for peers.
#[derive(Serialize)]
pub struct Inputs {
    /// By kind of key.
    pub keys: BTreeMap<&'static str, Key>,
    /// The fields of the offer that do not change.
    pub offer: Json,
    /// First sequence.
    pub sequence: u32,
    /// How many results of signing are compared.
    pub checks: u32,
    /// Transactions by where they come from.
    pub data: BTreeMap<String, Vec<Item>>,
    /// Who issues the RLUSD of each data's order book.
    pub issuers: BTreeMap<String, String>,
    /// Code of RLUSD.
    pub currency: String,
    /// The messages of each ledger of the recorded session that was answered with a bid and an ask.
    pub ticks: Vec<Vec<String>>,
}

/// A key of the bench, worth nothing.
#[derive(Serialize)]
pub struct Key {
    /// Its seed as text.
    pub seed: String,
    /// Offers signed with it.
    pub signed: Vec<String>,
}

/// One validated transaction in the forms that works begin with.
#[derive(Serialize)]
pub struct Item {
    /// The transaction, hexadecimal.
    pub tx_blob: String,
    /// Its metadata, hexadecimal.
    pub meta_blob: String,
    /// The transaction as the codecs write it.
    pub tx_json: Json,
    /// The `transaction` message of a stream, as text.
    pub message: String,
}

impl Inputs {
    /// Makes and reads everything. Errors: the built-in exchange cannot be set up, a recording cannot be read.
    pub fn make(ticks: Vec<Vec<String>>) -> Result<Self> {
        let mut keys = BTreeMap::new();
        for kind in [KeyKind::Secp256k1, KeyKind::Ed25519] {
            keys.insert(
                kind_name(kind),
                Key { seed: seed(kind).reveal().to_string(), signed: signed(kind)? },
            );
        }
        let mut data = BTreeMap::from([("sim".to_owned(), from_sim()?)]);
        let recorded = from_recordings()?;
        if recorded.is_empty() {
            eprintln!("SKIPPED: real ledgers, because {RECORDINGS} is not there");
        } else {
            data.insert("mainnet".to_owned(), recorded);
        }
        for (name, items) in &data {
            let bytes: usize = items.iter().map(|item| item.message.len()).sum();
            eprintln!(
                "inputs: {name}: {} transactions, messages of {} bytes",
                items.len(),
                bytes / items.len().max(1)
            );
        }
        let mut offer = offer(AccountId::ZERO, SEQUENCE)?.to_object();
        for field in [f::ACCOUNT, f::SEQUENCE, f::OFFER_SEQUENCE] {
            offer.remove(field);
        }
        let issuers = issuers()?;
        let (offer, currency) = (offer.to_json(), Currency::RLUSD.to_string());
        Ok(Self { keys, offer, sequence: SEQUENCE, checks: CHECKS, data, issuers, currency, ticks })
    }

    /// Writes them for the peers, into a file that is gone at the end.
    pub fn write(&self) -> Result<tempfile::NamedTempFile> {
        let file = tempfile::NamedTempFile::new()?;
        let mut writer = std::io::BufWriter::new(file);
        serde_json::to_writer(&mut writer, self)?;
        writer.flush()?;
        Ok(writer.into_inner()?)
    }
}

/// Who issues the RLUSD of each data's order book.
pub fn issuers() -> Result<BTreeMap<String, String>> {
    let ours = sim::identity::account(sim::identity::ISSUER)?.to_string();
    let all = [("sim", ours.clone()), ("session", ours), ("mainnet", MAINNET_ISSUER.to_owned())];
    Ok(all.map(|(data, issuer)| (data.to_owned(), issuer)).into())
}

fn seed(kind: KeyKind) -> Seed {
    Seed::from_entropy(sim::identity::entropy("bench"), kind)
}

/// The bench's key of a kind.
pub fn key_pair(kind: KeyKind) -> Result<KeyPair> {
    Ok(KeyPair::from_seed(&seed(kind))?)
}

/// 15 XRP for 34.5 RLUSD, replacing the offer before.
pub fn offer(account: AccountId, sequence: u32) -> Result<Transaction> {
    let issuer = sim::identity::account(sim::identity::ISSUER)?;
    Ok(Transaction {
        account,
        sequence: SeqProxy::Sequence(sequence),
        fee: Drops::new(12)?,
        flags: flags::TF_PASSIVE,
        last_ledger_sequence: Some(90_000_008),
        network_id: None,
        source_tag: None,
        kind: TxKind::OfferCreate {
            taker_gets: Amount::Xrp(Drops::new(15_000_000)?),
            taker_pays: Amount::issued("34.5".parse()?, Currency::RLUSD, issuer)?,
            expiration: None,
            offer_sequence: Some(sequence.wrapping_sub(1)),
        },
    })
}

fn signed(kind: KeyKind) -> Result<Vec<String>> {
    let keys = key_pair(kind)?;
    let one = |n| Ok(sign(&offer(keys.account(), SEQUENCE + n)?, &keys)?.blob_hex());
    (0..CHECKS).map(one).collect()
}

/// What the market of the built-in exchange does in its first ledgers.
fn from_sim() -> Result<Vec<Item>> {
    let mut world = World::genesis(WorldSpec::paper(7, MarketSpec::Synthetic, LedgerTime(800_000_000)))?;
    let mut items = Vec::new();
    while items.len() < SIM_TRANSACTIONS {
        let closed = world.close();
        for tx in closed.transactions {
            let funds = tx.owner_funds.map(|funds| funds.to_json());
            let place = Place {
                hash: tx.hash.to_string(),
                ledger_index: closed.header.ledger_index.0,
                ledger_hash: closed.header.ledger_hash.to_string(),
                close_time: closed.header.close_time,
            };
            items.push(item(&tx.blob, &tx.meta.to_bytes()?, &place, funds)?);
        }
    }
    Ok(items)
}

/// Every transaction of the recorded ledgers that have their binary forms; none without recordings.
fn from_recordings() -> Result<Vec<Item>> {
    let Ok(folder) = std::fs::read_dir(RECORDINGS) else { return Ok(Vec::new()) };
    let mut files: Vec<_> = folder.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    let mut items = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let json: Json = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        for row in json["rows"].as_array().into_iter().flatten() {
            let (Some(tx), Some(meta)) = (row["tx_blob"].as_str(), row["meta_blob"].as_str()) else {
                continue;
            };
            let place = Place {
                hash: row["hash"].as_str().unwrap_or_default().to_owned(),
                ledger_index: json["ledger_index"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
                ledger_hash: "0".repeat(64),
                close_time: LedgerTime(830_000_000),
            };
            let bytes = |text| ledger::hex::decode(text).context("a blob that is not hexadecimal");
            items.push(item(&bytes(tx)?, &bytes(meta)?, &place, None)?);
        }
    }
    Ok(items)
}

struct Place {
    hash: String,
    ledger_index: u32,
    ledger_hash: String,
    close_time: LedgerTime,
}

fn item(tx_blob: &[u8], meta_blob: &[u8], place: &Place, owner_funds: Option<Json>) -> Result<Item> {
    let tx = Object::from_bytes(tx_blob)?;
    let meta = TxMeta::from_bytes(meta_blob)?;
    Ok(Item {
        tx_blob: ledger::hex::encode(tx_blob),
        meta_blob: ledger::hex::encode(meta_blob),
        tx_json: tx.to_json(),
        message: message(&tx, &meta, place, owner_funds).to_string(),
    })
}

/// The message as a server sends it (API version 2).
fn message(tx: &Object, meta: &TxMeta, place: &Place, owner_funds: Option<Json>) -> Json {
    let mut tx_json = tx.to_json_as(JsonStyle::Server);
    let mut meta_json = meta.to_json();
    tx_json["date"] = place.close_time.0.into();
    if let Some(Json::String(funds)) = owner_funds {
        tx_json["owner_funds"] = funds.into();
    }
    let is_payment = tx.u32(f::TRANSACTION_TYPE) == Some(u32::from(TxType::PAYMENT.0));
    if is_payment && meta.result == ResultCode::TES_SUCCESS {
        let delivered = meta.delivered_amount.or_else(|| tx.amount(f::AMOUNT));
        meta_json["delivered_amount"] = delivered.map_or(Json::Null, |amount| amount.to_json());
    }
    json!({
        "close_time_iso": place.close_time.to_iso(), "engine_result": meta.result.to_string(),
        "engine_result_code": meta.result.0, "engine_result_message": "", "hash": place.hash,
        "ledger_hash": place.ledger_hash, "ledger_index": place.ledger_index, "meta": meta_json, "status": "closed",
        "tx_json": tx_json, "type": "transaction", "validated": true,
    })
}
