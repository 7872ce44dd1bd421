//! A client and the server around a real world, over a pipe and over TCP: what is submitted is seen in
//! whole ledgers, in history and in state, and every answer names its ledger.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use client::{
    AssemblerEvent, ClientError, ClosedLedger, Connection, LedgerSpec, LedgerStream, Subscription, TxLookup,
};
use common::{manual, pair, pipe, resting_offer, spec, tcp, wallet, whole_ledgers};
use serde_json::json;
use server::{EmbeddedLedger, LedgerServer, ServerError};
use sim::identity;
use sim::world::MarketSpec;
use std::time::Duration;
use units::LedgerIndex;

fn quiet_server() -> LedgerServer {
    manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap())
}

/// Closes a ledger and gives it, whole, without waiting: the barrier.
async fn accept(stream: &mut LedgerStream) -> ClosedLedger {
    let current = stream.connection().ledger_accept().await.unwrap();
    match stream.ready_event().unwrap() {
        Some(AssemblerEvent::Ledger(ledger)) => {
            assert_eq!(ledger.index.plus(1), current);
            ledger
        }
        other => panic!("no whole ledger right after ledger_accept: {other:?}"),
    }
}

async fn submits_and_sees(connection: Connection, server: &LedgerServer) {
    let account = wallet().account();
    let (base, quote) = pair();
    let mut stream = whole_ledgers(connection).await;
    let before = stream.connection().snapshot(&account, &base, &quote).await.unwrap();
    let offer = resting_offer(before.account.sequence, 5);
    let answer = stream.connection().submit(&offer.blob_hex()).await.unwrap();
    assert_eq!((answer.engine_result.as_str(), answer.applied), ("tesSUCCESS", true));
    let open = stream.connection().account_info(&account, LedgerSpec::Current).await.unwrap();
    assert!(!open.validated && open.value.sequence == before.account.sequence + 1);

    let ledger = accept(&mut stream).await;
    assert_eq!(ledger.transactions.len(), 1);
    let tx = &ledger.transactions[0];
    assert_eq!((tx.hash, tx.result.as_str(), tx.account), (offer.hash, "tesSUCCESS", account));
    assert_eq!(tx.ledger_hash, Some(ledger.hash));
    assert_eq!(tx.close_time, Some(ledger.close_time));
    assert!(tx.owner_funds.is_some() && tx.typed_meta().is_ok());
    assert_eq!(ledger::tx_hash(&tx.typed_tx().unwrap().to_bytes().unwrap()), offer.hash);
    assert_eq!(server.with_ledger(|ledger| *ledger.header()).ledger_hash, ledger.hash);

    let after = stream.connection().snapshot(&account, &base, &quote).await.unwrap();
    assert_eq!((after.index, after.hash), (ledger.index, ledger.hash));
    assert_eq!(after.account.balance.get(), before.account.balance.get() - 12);
    assert_eq!(after.account.owner_count, before.account.owner_count + 1);
    assert_eq!(after.offers.len(), before.offers.len() + 1);
    let asks = &after.book.asks;
    assert!(asks.iter().any(|ask| ask.account == account && ask.sequence == before.account.sequence));

    let found = stream.connection().tx(&offer.hash, ledger.index, ledger.index).await.unwrap();
    assert_eq!(found, TxLookup::Validated(Box::new(ledger.transactions[0].clone())).without_funds());
    let later =
        stream.connection().tx(&offer.hash, ledger.index.plus(1), ledger.index.plus(9)).await.unwrap();
    assert_eq!(later, TxLookup::NotFound { searched_all: false });
    let earlier = LedgerIndex(ledger.index.get() - 1);
    let none = stream.connection().tx(&offer.hash, earlier, earlier).await.unwrap();
    assert_eq!(none, TxLookup::NotFound { searched_all: true });
}

/// `tx` does not give owner_funds, as on a real server.
trait WithoutFunds {
    fn without_funds(self) -> Self;
}

impl WithoutFunds for TxLookup {
    fn without_funds(self) -> Self {
        match self {
            Self::Validated(mut tx) => {
                tx.owner_funds = None;
                Self::Validated(tx)
            }
            other => other,
        }
    }
}

#[tokio::test]
async fn through_the_pipe() {
    let server = quiet_server();
    submits_and_sees(pipe(&server).await, &server).await;
}

#[tokio::test]
async fn over_tcp() {
    let server = quiet_server();
    submits_and_sees(tcp(&server).await, &server).await;
}

#[tokio::test]
async fn history_by_pages_gives_every_transaction_once() {
    let server = quiet_server();
    let account = wallet().account();
    let mut stream = whole_ledgers(pipe(&server).await).await;
    let info = stream.connection().account_info(&account, LedgerSpec::Validated).await.unwrap();
    let mut seen = Vec::new();
    let (mut first, mut last) = (None, info.index);
    let mut sequence = info.value.sequence;
    for count in [3_u32, 0, 1, 2] {
        for _ in 0..count {
            let offer = resting_offer(sequence, 1);
            stream.connection().submit(&offer.blob_hex()).await.unwrap();
            sequence += 1;
        }
        let ledger = accept(&mut stream).await;
        first.get_or_insert(ledger.index);
        last = ledger.index;
        seen.extend(ledger.transactions.iter().map(|tx| (tx.ledger_index, tx.transaction_index, tx.hash)));
    }
    assert_eq!(seen.len(), 6);
    for page in [1, 2, 5, 6, 200] {
        let found = stream.connection().backfill_by(&account, first.unwrap(), last, page).await.unwrap();
        let got: Vec<_> = found
            .ledgers
            .iter()
            .flat_map(|ledger| {
                assert!(!ledger.complete);
                ledger.transactions.iter().map(|tx| (tx.ledger_index, tx.transaction_index, tx.hash))
            })
            .collect();
        assert_eq!(got, seen, "pages of {page}");
    }
    // Backwards, by hand: the same in the other order.
    let params =
        json!({"account": account.to_string(), "ledger_index_min": first.unwrap().get(), "limit": 4});
    let page = stream.connection().request("account_tx", params.clone()).await.unwrap();
    let mut rest = params;
    rest["marker"] = page["marker"].clone();
    let rest = stream.connection().request("account_tx", rest).await.unwrap();
    assert!(rest.get("marker").is_none());
    let hashes = [&page, &rest].into_iter().flat_map(|page| page["transactions"].as_array().unwrap());
    let hashes: Vec<String> = hashes.map(|tx| tx["hash"].as_str().unwrap().to_owned()).collect();
    assert_eq!(hashes, seen.iter().rev().map(|(_, _, hash)| hash.to_string()).collect::<Vec<_>>());
    // Beyond the history: refused, and taken as a hole, no proof of anything.
    let (from, to) = (first.unwrap(), last.plus(1));
    let params =
        json!({"account": account.to_string(), "ledger_index_min": from.get(), "ledger_index_max": to.get()});
    let refused = stream.connection().request("account_tx", params).await.unwrap_err();
    assert!(refused.is_refused("lgrIdxMalformed"), "{refused}");
    let beyond = stream.connection().backfill(&account, from, to).await.unwrap_err();
    assert!(matches!(beyond, client::ClientError::Hole { .. }), "{beyond}");
}

#[tokio::test]
async fn offers_come_by_pages_of_one_ledger() {
    let server = quiet_server();
    let account = wallet().account();
    let mut stream = whole_ledgers(pipe(&server).await).await;
    let sequence =
        stream.connection().account_info(&account, LedgerSpec::Validated).await.unwrap().value.sequence;
    for number in sequence..sequence + 25 {
        stream.connection().submit(&resting_offer(number, 1).blob_hex()).await.unwrap();
    }
    let ledger = accept(&mut stream).await;
    assert_eq!(ledger.transactions.len(), 25);
    let connection = stream.connection();
    let mut params = json!({"account": account.to_string(), "ledger_index": ledger.index.get(), "limit": 10});
    let mut sequences = Vec::new();
    for pages in 1.. {
        let page = connection.request("account_offers", params.clone()).await.unwrap();
        assert_eq!((&page["validated"], &page["ledger_index"]), (&json!(true), &json!(ledger.index.get())));
        sequences
            .extend(page["offers"].as_array().unwrap().iter().map(|offer| offer["seq"].as_u64().unwrap()));
        match page.get("marker") {
            Some(marker) => params["marker"] = marker.clone(),
            None => {
                assert_eq!(pages, 3);
                break;
            }
        }
    }
    sequences.sort_unstable();
    assert_eq!(sequences, (u64::from(sequence)..u64::from(sequence) + 25).collect::<Vec<_>>());
    let all = connection.account_offers(&account, LedgerSpec::Validated).await.unwrap();
    assert_eq!(all.value.len(), 25);
    // A state no longer kept is not answered with another.
    accept(&mut stream).await;
    let gone =
        stream.connection().account_offers(&account, LedgerSpec::Index(ledger.index)).await.unwrap_err();
    assert!(gone.is_refused("lgrNotFound"), "{gone}");
}

#[tokio::test]
async fn one_transaction_is_sent_once_for_each_wish_it_meets() {
    let server = quiet_server();
    let mut connection = pipe(&server).await;
    let account = wallet().account();
    let wanted =
        Subscription { ledger: true, transactions: true, accounts: vec![account], books: vec![pair()] };
    connection.subscribe(&wanted).await.unwrap();
    let sequence = connection.account_info(&account, LedgerSpec::Current).await.unwrap().value.sequence;
    connection.submit(&resting_offer(sequence, 1).blob_hex()).await.unwrap();
    connection.ledger_accept().await.unwrap();
    let kinds: Vec<&str> = std::iter::from_fn(|| connection.buffered_message())
        .map(|message| match message.unwrap() {
            client::StreamMessage::LedgerClosed(_) => "ledger",
            client::StreamMessage::Transaction(_) => "transaction",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["ledger", "transaction", "transaction", "transaction"]);
}

#[tokio::test]
async fn a_market_trades_and_every_ledger_comes_whole() {
    let server = manual(EmbeddedLedger::in_memory(spec(3, MarketSpec::Synthetic)).unwrap());
    let mut stream = whole_ledgers(pipe(&server).await).await;
    let (base, quote) = pair();
    let mut transactions = 0;
    for _ in 0..20 {
        let ledger = accept(&mut stream).await;
        transactions += ledger.transactions.len();
        assert!(ledger.transactions.iter().all(|tx| tx.typed_meta().is_ok() && tx.typed_tx().is_ok()));
    }
    assert!(transactions >= 20, "{transactions}");
    let book = stream.connection().book(&base, &quote, LedgerSpec::Validated).await.unwrap();
    assert!(!book.value.asks.is_empty() && !book.value.bids.is_empty());
}

#[tokio::test]
async fn ledgers_close_by_the_clock_and_a_second_clock_takes_over() {
    let ledger = EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap();
    let server = LedgerServer::new(ledger, server::CloseMode::Clock);
    let mut stream = whole_ledgers(pipe(&server).await).await;
    let refused = stream.connection().ledger_accept().await.unwrap_err();
    assert!(refused.is_refused("notStandAlone"), "{refused}");
    let first = {
        let server = server.clone();
        tokio::spawn(async move { server.run_clock(Duration::from_millis(5)).await })
    };
    assert!(matches!(stream.next_event().await.unwrap(), AssemblerEvent::Ledger(_)));
    let second = {
        let server = server.clone();
        tokio::spawn(async move { server.run_clock(Duration::from_millis(5)).await })
    };
    assert!(matches!(first.await.unwrap(), ServerError::ClockReplaced));
    assert!(matches!(stream.next_event().await.unwrap(), AssemblerEvent::Ledger(_)));
    server.shut_down();
    assert!(matches!(second.await.unwrap(), ServerError::Stopped(_)));
    let ended = loop {
        match stream.next_event().await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(ended, ClientError::Closed { code: Some(1001), .. }), "{ended}");
}

#[tokio::test]
async fn a_port_in_use_is_its_own_error() {
    let server = quiet_server();
    let listening = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listening.address();
    assert!(matches!(server.listen(address).await, Err(ServerError::PortInUse(taken)) if taken == address));
}

#[tokio::test]
async fn server_and_fees_describe_the_network() {
    let server = quiet_server();
    let mut connection = pipe(&server).await;
    let info = connection.server_info().await.unwrap();
    let header = server.with_ledger(|ledger| *ledger.header());
    assert_eq!(info.network_id, Some(identity::NETWORK_ID));
    assert_eq!(info.validated.unwrap().hash, header.ledger_hash);
    assert!(info.complete_ledgers.contains(header.ledger_index, header.ledger_index));
    let fee = connection.fee().await.unwrap();
    assert_eq!((fee.drops.base_fee.get(), fee.ledger_current_index), (10, header.ledger_index.get() + 1));
    let ledger = connection.request("ledger", json!({"ledger_index": "validated"})).await.unwrap();
    assert_eq!(ledger["ledger"]["ledger_hash"], header.ledger_hash.to_string());
    assert_eq!(ledger["ledger"]["parent_hash"], header.parent_hash.to_string());
}
