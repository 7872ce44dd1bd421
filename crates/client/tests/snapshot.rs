//! A full read is of one ledger or an error: scripted servers whose ledger moves on meanwhile.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

use client::{ClientError, Connection};
use futures_util::{SinkExt, StreamExt};
use ledger::{AccountId, Asset, Currency, Hash256};
use serde_json::{Value, json};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// A server whose n-th request is answered as of this ledger; `None`: that ledger is not kept any more.
async fn moving(ledgers: Vec<Option<u32>>) -> Connection {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move {
        let mut socket = accept_async(theirs).await.unwrap();
        let mut ledgers = ledgers.into_iter();
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            let request: Value = serde_json::from_str(&text).unwrap();
            let answer = answered(&request, ledgers.next().flatten());
            socket.send(Message::text(answer.to_string())).await.unwrap();
        }
    });
    Connection::over(ours).await.unwrap()
}

fn answered(request: &Value, ledger: Option<u32>) -> Value {
    let Some(index) = ledger else {
        return json!({"id": request["id"], "type": "response", "status": "error", "error": "lgrNotFound"});
    };
    let hash = Hash256([u8::try_from(index).unwrap(); 32]).to_string();
    let mut result = json!({"ledger_index": index, "ledger_hash": hash, "validated": true});
    let account = AccountId::ONE.to_string();
    match request["command"].as_str().unwrap() {
        "account_info" => {
            result["account_data"] =
                json!({"Account": account, "Balance": "5", "Flags": 0, "OwnerCount": 0, "Sequence": 1});
        }
        "ledger_entry" => {
            assert_eq!(request["account_root"], account);
            result["node"] =
                json!({"Account": account, "Balance": "5", "Flags": 0, "OwnerCount": 0, "Sequence": 1});
        }
        "account_lines" => result["lines"] = json!([]),
        "account_offers" | "book_offers" => result["offers"] = json!([]),
        "amm_info" => {
            let quote = json!({"currency": Currency::RLUSD.to_string(), "issuer": account, "value": "2"});
            result["amm"] = json!({"account": account, "amount": "1", "amount2": quote, "trading_fee": 267});
        }
        other => panic!("{other}"),
    }
    json!({"id": request["id"], "type": "response", "status": "success", "result": result})
}

async fn snapshot(ledgers: &[Option<u32>]) -> Result<u32, ClientError> {
    let quote = Asset::Issued { currency: Currency::RLUSD, issuer: AccountId::ONE };
    let mut connection = moving(ledgers.to_vec()).await;
    let read = connection.snapshot(&AccountId::ONE, &Asset::Xrp, &quote).await?;
    Ok(read.index.get())
}

#[tokio::test]
async fn it_is_read_again_until_it_is_of_one_ledger() {
    let whole = [Some(6); 7];
    assert_eq!(snapshot(&whole).await.unwrap(), 6);
    for moved_after in 1..7 {
        let mut ledgers = vec![Some(5); moved_after];
        ledgers.push(None);
        ledgers.extend(whole);
        assert_eq!(snapshot(&ledgers).await.unwrap(), 6, "moved after {moved_after} answers");
    }
    let never = [Some(5), None].repeat(20);
    assert!(matches!(snapshot(&never).await, Err(ClientError::SnapshotMoved(_))));
}

#[tokio::test]
async fn an_answer_of_another_ledger_is_an_error() {
    for other in 1..7 {
        let mut ledgers = vec![Some(6); 7];
        ledgers[other] = Some(7);
        let read = snapshot(&ledgers).await;
        assert!(matches!(read, Err(ClientError::BadAnswer { .. })), "answer {other}: {read:?}");
    }
}
