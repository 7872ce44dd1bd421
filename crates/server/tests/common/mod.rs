//! What the tests share: a small paper world, a funded wallet that signs, a connection to a server.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;

use client::{Connection, LedgerStream, Subscription};
use ledger::{Amount, Asset, Currency, KeyPair, SeqProxy, SignedTx, Transaction, TxKind, sign};
use serde_json::Value;
use server::{CloseMode, EmbeddedLedger, LedgerServer};
use sim::identity;
use sim::world::{MarketSpec, WorldSpec};
use units::{Drops, LedgerTime};

/// 2026-03-01, as a time of the ledger.
const START: LedgerTime = LedgerTime(825_638_400);

/// A paper world; `market` says whether agents trade in it.
pub fn spec(seed: u64, market: MarketSpec) -> WorldSpec {
    WorldSpec::paper(seed, market, START)
}

/// The paper wallet's keys.
pub fn wallet() -> KeyPair {
    KeyPair::from_seed(&identity::wallet()).unwrap()
}

/// XRP and the paper network's RLUSD.
pub fn pair() -> (Asset, Asset) {
    let issuer = KeyPair::from_seed(&identity::issuer()).unwrap().account();
    (Asset::Xrp, Asset::Issued { currency: Currency::RLUSD, issuer })
}

/// An offer of the wallet: gives XRP at a price nobody pays, so that it rests.
pub fn resting_offer(sequence: u32, xrp: u32) -> SignedTx {
    sign(&resting_offer_tx(sequence, xrp), &wallet()).unwrap()
}

/// The same before it is signed.
pub fn resting_offer_tx(sequence: u32, xrp: u32) -> Transaction {
    let (_, Asset::Issued { currency, issuer }) = pair() else { unreachable!("RLUSD is issued") };
    let price = format!("{}", xrp * 50).parse().unwrap();
    Transaction {
        account: wallet().account(),
        sequence: SeqProxy::Sequence(sequence),
        fee: Drops::new(12).unwrap(),
        flags: 0,
        last_ledger_sequence: None,
        network_id: Some(identity::NETWORK_ID),
        source_tag: None,
        kind: TxKind::OfferCreate {
            taker_gets: Amount::Xrp(Drops::from_xrp(xrp)),
            taker_pays: Amount::issued(price, currency, issuer).unwrap(),
            expiration: None,
            offer_sequence: None,
        },
    }
}

/// A server in manual mode around a ledger.
pub fn manual(ledger: EmbeddedLedger) -> LedgerServer {
    LedgerServer::new(ledger, CloseMode::Manual)
}

/// A connection through an in-process pipe.
pub async fn pipe(server: &LedgerServer) -> Connection {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = server.clone();
    tokio::spawn(async move { server.serve_stream(theirs).await });
    Connection::over(ours).await.unwrap()
}

/// A connection over TCP.
pub async fn tcp(server: &LedgerServer) -> Connection {
    let listening = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let url = format!("ws://{}", listening.address());
    tokio::spawn(listening.run());
    Connection::connect(&url).await.unwrap()
}

/// The stream of whole ledgers over a connection.
pub async fn whole_ledgers(connection: Connection) -> LedgerStream {
    LedgerStream::open(connection, None, Subscription::whole_ledgers()).await.unwrap().0
}

/// Field names of an object with their JSON kinds; never what is inside.
pub fn shape(json: &Value) -> BTreeMap<String, &'static str> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fields = json.as_object().unwrap_or_else(|| panic!("not an object: {json}")).iter();
    fields.map(|(name, value)| (name.clone(), kind(value))).collect()
}
