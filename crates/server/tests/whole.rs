//! A ledger asked for whole is the ledger the streams told of, transaction by transaction, and what is not all of it is
//! refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use client::{AssemblerEvent, ClientError, LedgerStream, Subscription};
use common::{manual, pipe, spec};
use server::EmbeddedLedger;
use sim::world::MarketSpec;
use units::LedgerIndex;

#[tokio::test]
async fn asked_for_and_told_are_the_same() {
    let server = manual(EmbeddedLedger::in_memory(spec(1, MarketSpec::Synthetic)).unwrap());
    let connection = pipe(&server).await;
    let (mut stream, _) = LedgerStream::open(connection, None, Subscription::whole_ledgers()).await.unwrap();
    let mut transactions = 0;
    for _ in 0..25 {
        stream.connection().ledger_accept().await.unwrap();
        let Some(AssemblerEvent::Ledger(told)) = stream.ready_event().unwrap() else {
            panic!("the ledger is there before the answer");
        };
        let asked = stream.connection().whole_ledger(told.index).await.unwrap();
        assert_eq!((asked.index, asked.hash, asked.close_time), (told.index, told.hash, told.close_time));
        assert_eq!((asked.txn_count, asked.complete), (told.txn_count, true));
        assert_eq!(asked.transactions.len(), told.transactions.len());
        for (asked, told) in asked.transactions.iter().zip(&told.transactions) {
            assert_eq!((asked.hash, asked.transaction_index), (told.hash, told.transaction_index));
            assert_eq!((&asked.result, asked.account), (&told.result, told.account));
            assert_eq!(asked.owner_funds, told.owner_funds);
            assert_eq!(asked.typed_tx().unwrap().to_bytes(), told.typed_tx().unwrap().to_bytes());
            assert_eq!(asked.typed_meta().unwrap().to_bytes(), told.typed_meta().unwrap().to_bytes());
        }
        transactions += told.transactions.len();
    }
    assert!(transactions > 100, "only {transactions} transactions");
    let next = LedgerIndex(stream.last().unwrap().get() + 1);
    let none = stream.connection().whole_ledger(next).await.unwrap_err();
    assert!(matches!(none, ClientError::Refused { .. } | ClientError::BadAnswer { .. }), "{none}");
}
