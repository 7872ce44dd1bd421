//! The documented examples of the API, and answers recorded for other clients: each of a kind we use is read, or refused
//! for a reason that is named here. Prints matched/total.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

use client::answers::{
    AccountInfo, AccountOffer, BookOffer, FeeAnswer, HistoryPage, ServerInfo, StreamMessage, SubmitAnswer,
    TrustLine, TxLookup, ledger_close_time, result_of, validated_tx,
};
use client::{ClientError, LedgerSpec};
use ledger::Hash256;
use serde_json::Value;
use units::LedgerIndex;

/// Examples out of which something was cut that a real server says: what the refusal must name.
const CUT: [(&str, &str); 1] =
    [("streams/partialPaymentTransaction", "`hash` of transaction message: missing")];

fn data(path: &str) -> Option<Value> {
    let full = format!("{}/../../../shared/data/{path}", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read_to_string(&full) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) => {
            eprintln!("SKIPPED: no data file {path} ({error})");
            None
        }
    }
}

/// Reads a result by its command; `None` for a kind that we do not ask for.
fn read(method: &str, result: &Value) -> Option<Result<(), ClientError>> {
    let at = LedgerSpec::Current;
    Some(match method {
        "account_info" => AccountInfo::read(result, at).map(drop),
        "account_lines" => TrustLine::read_page(result, at).map(drop),
        "account_offers" => AccountOffer::read_page(result, at).map(drop),
        "account_tx" => {
            let index = |name: &str| LedgerIndex(u32::try_from(result[name].as_u64().unwrap()).unwrap());
            let page =
                HistoryPage::read(result.clone(), index("ledger_index_min"), index("ledger_index_max"));
            page.map(|page| assert!(!page.transactions.is_empty() && page.marker.is_some()))
        }
        "book_offers" => BookOffer::read_all(result, at).map(drop),
        "fee" => FeeAnswer::read(result).map(drop),
        "ledger_entry" if result["node"]["LedgerEntryType"] == "AccountRoot" => {
            AccountInfo::read_entry(result, at).map(|root| assert!(root.value.sequence > 0))
        }
        "ledger" => ledger_close_time(result).map(drop),
        "server_info" => ServerInfo::read(result).map(drop),
        "submit" => SubmitAnswer::read(result).map(|answer| assert!(answer.result().is_some())),
        "tx" => {
            let hash: Result<Hash256, _> = result["hash"].as_str().unwrap_or("").parse();
            TxLookup::read(result.clone(), &hash.unwrap_or(Hash256::ZERO)).map(drop)
        }
        "simulate" => {
            let refused = validated_tx(result.clone(), "simulate").unwrap_err();
            assert!(refused.to_string().contains("`hash` of simulate: missing"), "{refused}");
            Ok(())
        }
        _ => return None,
    })
}

#[derive(Default)]
struct Tally(usize, usize);

impl Tally {
    fn count(&mut self, name: &str, read: Result<(), ClientError>) {
        self.1 += 1;
        let expected = CUT.iter().find(|(cut, _)| *cut == name).map(|(_, why)| *why);
        match (read, expected) {
            (Ok(()), None) => self.0 += 1,
            (Err(error), Some(why)) if error.to_string().contains(why) => self.0 += 1,
            (Ok(()), Some(_)) => println!("{name}: read, and should be refused"),
            (Err(error), _) => println!("{name}: {error}"),
        }
    }

    fn finish(self, file: &str) {
        println!("{file}: {}/{}", self.0, self.1);
        assert!(self.1 > 10 && self.0 == self.1, "{file}");
    }
}

#[test]
fn documented_examples() {
    let Some(examples) = data("rpc/xrpl_org_examples.json") else {
        return;
    };
    let mut tally = Tally::default();
    for example in examples.as_array().unwrap() {
        let (method, json) = (example["method"].as_str().unwrap_or(""), &example["json"]);
        let name = format!("{method} {}", example["index"]);
        let is_request = json.get("command").is_some() || json.get("params").is_some();
        let kind = json.get("type").and_then(Value::as_str).unwrap_or("");
        if matches!(kind, "ledgerClosed" | "transaction") {
            let message = StreamMessage::parse(json.clone());
            tally.count(&name, message.map(|m| assert!(!matches!(m, StreamMessage::Other(_)))));
        } else if json.get("error").is_some() {
            assert!(matches!(result_of(method, json.clone()), Err(ClientError::Refused { .. })), "{name}");
            let lost = TxLookup::not_found(json);
            assert_eq!(lost, TxLookup::NotFound { searched_all: true });
            tally.count(&name, Ok(()));
        } else if !is_request
            && let Some(result) = json.get("result").filter(|r| r.get("error").is_none())
            && let Some(read) = read(method, result)
        {
            tally.count(&name, read);
        }
    }
    tally.finish("xrpl_org_examples.json");
}

#[test]
fn answers_recorded_for_another_client() {
    let Some(fixtures) = data("rpc/xrpljs_rippled_fixtures.json") else {
        return;
    };
    let mut tally = Tally::default();
    for (name, method) in [
        ("accountInfo", "account_info"),
        ("bookOffersUsdXrp", "book_offers"),
        ("bookOffersXrpUsd", "book_offers"),
        ("ledger", "ledger"),
        ("serverInfo", "server_info"),
        ("serverInfoHighLoadFactor", "server_info"),
        ("serverInfoNetworkID", "server_info"),
        ("submit", "submit"),
        ("submitTemError", "submit"),
    ] {
        tally.count(name, read(method, &fixtures[name]["result"]).unwrap());
    }
    for name in
        ["streams/ledger", "streams/transaction", "streams/partialPaymentTransaction", "streams/validation"]
    {
        tally.count(name, StreamMessage::parse(fixtures[name].clone()).map(drop));
    }
    let refused = result_of("subscribe", fixtures["subscribeError"].clone());
    assert!(matches!(refused, Err(ClientError::Refused { .. })), "{refused:?}");
    tally.finish("xrpljs_rippled_fixtures.json");
}
