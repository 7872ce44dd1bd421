//! First inputs for the fuzzer, made by the embedded ledger: transactions, metadata and messages of a market at work.
//! Never read from a file, so that nothing of somebody else's is kept.

use engine::config::KEYS;
use ledger::{JsonStyle, Object, hex};
use serde_json::{Value as Json, json};
use sim::world::{AppliedTx, ClosedLedger, MarketSpec, World, WorldSpec};
use units::LedgerTime;

/// Ledgers that the market runs for.
const LEDGERS: usize = 12;

/// The inputs of one door.
#[must_use]
pub fn of(door: &str) -> Vec<Vec<u8>> {
    match door {
        "addresses" => addresses(),
        "candles" => vec![marked(0, CANDLES.as_bytes())],
        "codec" => transactions(|_, tx| vec![marked(0, &tx.blob), marked(1, &json_of(&tx.blob))]),
        "config" => vec![marked(0, yaml().as_bytes())],
        "messages" => ledgers().iter().map(messages).collect(),
        "metadata" => transactions(|_, tx| {
            let bytes = tx.meta.to_bytes().unwrap_or_default();
            vec![marked(0, &bytes), marked(1, tx.meta.to_json().to_string().as_bytes())]
        }),
        _ => Vec::new(),
    }
}

const CANDLES: &str = "ts_ms,open,high,low,close,volume\n1774267740000,1.41,1.43,1.40,1.42,900\n\
    1774267800000,1.42,1.44,1.41,1.43,12.5\n1774267860000,1.43,1.43,1.42,1.42,0\n";

/// An input that begins with the byte that says how it is read.
fn marked(mode: u8, rest: &[u8]) -> Vec<u8> {
    [&[mode], rest].concat()
}

fn ledgers() -> Vec<ClosedLedger> {
    let spec = WorldSpec::paper(1, MarketSpec::Synthetic, LedgerTime(825_638_400));
    let Ok(mut world) = World::genesis(spec) else { return Vec::new() };
    (0..LEDGERS).map(|_| world.close()).collect()
}

fn transactions(inputs: fn(&ClosedLedger, &AppliedTx) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let ledgers = ledgers();
    ledgers.iter().flat_map(|l| l.transactions.iter().flat_map(move |tx| inputs(l, tx))).collect()
}

fn json_of(blob: &[u8]) -> Vec<u8> {
    document(blob).to_string().into_bytes()
}

fn document(blob: &[u8]) -> Json {
    Object::from_bytes(blob).map(|tx| tx.to_json_as(JsonStyle::Server)).unwrap_or_default()
}

/// A closed ledger and its transactions as a server streams them, a message a line.
fn messages(closed: &ClosedLedger) -> Vec<u8> {
    let header = &closed.header;
    let head = json!({
        "type": "ledgerClosed", "fee_base": 10, "ledger_hash": header.ledger_hash.to_string(),
        "ledger_index": header.ledger_index.0, "ledger_time": header.close_time.0, "reserve_base": 1_000_000,
        "reserve_inc": 200_000, "txn_count": closed.transactions.len(), "validated_ledgers": "1-9",
    });
    let transaction = |tx: &AppliedTx| {
        json!({
            "type": "transaction", "validated": true, "status": "closed", "hash": tx.hash.to_string(),
            "ledger_index": header.ledger_index.0, "ledger_hash": header.ledger_hash.to_string(), "engine_result": "tesSUCCESS",
            "engine_result_code": 0, "tx_json": document(&tx.blob), "meta": tx.meta.to_json(),
        })
    };
    let binary = |tx: &AppliedTx| {
        json!({
            "type": "transaction", "validated": true, "ledger_index": header.ledger_index.0,
            "tx_blob": hex::encode(&tx.blob), "meta": hex::encode(&tx.meta.to_bytes().unwrap_or_default()),
        })
    };
    let body = closed.transactions.iter().take(4);
    let lines: Vec<String> = std::iter::once(head)
        .chain(body.clone().map(transaction))
        .chain(body.take(1).map(binary))
        .map(|json| json.to_string())
        .collect();
    marked(0, lines.join("\n").as_bytes())
}

fn addresses() -> Vec<Vec<u8>> {
    let texts = [
        "rrrrrrrrrrrrrrrrrrrrBZbvji",
        "sEdTM1uX8pu2do5XvTnutH6HsouMaM2",
        "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
        "USD",
        "524C555344000000000000000000000000000000",
        "XVPcpSm47b1CZkf5AkKM9a84dQHe3m4sBhsrA4XtnBECTAc",
        "12.5e-3",
        "OfferCreate",
        "tecUNFUNDED_OFFER",
        "1.42",
    ];
    texts.iter().map(|text| marked(0, text.as_bytes())).chain([vec![1; 90]]).collect()
}

fn yaml() -> String {
    KEYS.iter().map(|key| format!("{}: {}\n", key.name, key.default)).collect()
}
