//! The documented examples of the API: every request and answer of a kind we use is read.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use ledger::messages::{
    AccountInfo, AccountLines, AccountOffers, BookOffers, FeeAnswer, Incoming, Request, ServerInfoAnswer,
    ServerStateAnswer, SubmitAnswer,
};
use serde_json::Value as Json;

/// Tries a typed reading of an answer; `None` for a kind that has no type here.
fn read_answer(method: &str, result: &Json) -> Option<Result<(), serde_json::Error>> {
    fn read<T: serde::de::DeserializeOwned>(result: &Json) -> Option<Result<(), serde_json::Error>> {
        Some(T::deserialize(result).map(|_| ()))
    }
    match method {
        "account_info" => read::<AccountInfo>(result),
        "account_lines" => read::<AccountLines>(result),
        "account_offers" => read::<AccountOffers>(result),
        "book_offers" => read::<BookOffers>(result),
        "fee" => read::<FeeAnswer>(result),
        "server_info" => read::<ServerInfoAnswer>(result),
        "server_state" => read::<ServerStateAnswer>(result),
        "submit" => read::<SubmitAnswer>(result),
        _ => None,
    }
}

#[test]
fn documented_examples() {
    let Some(examples) = common::json("rpc/xrpl_org_examples.json") else {
        return;
    };
    let [mut requests, mut answers] = [(0, 0); 2];
    let mut unread = Vec::new();
    for example in examples.as_array().unwrap() {
        let (method, json) = (example["method"].as_str().unwrap_or(""), &example["json"]);
        if let Some(command) = json.get("command").and_then(Json::as_str) {
            requests.1 += 1;
            match serde_json::from_value::<Request>(json.clone()) {
                Ok(_) => requests.0 += 1,
                Err(error) => unread.push(format!("{command}: {error}")),
            }
        }
        if json.get("status").and_then(Json::as_str) == Some("success") && json.get("result").is_some() {
            let Some(read) = read_answer(method, &json["result"]) else {
                continue;
            };
            answers.1 += 1;
            match read {
                Ok(()) => answers.0 += 1,
                Err(error) => println!("answer {method} {}: {error}", example["index"]),
            }
        }
        let _ = Incoming::from_json(json.clone());
    }
    println!(
        "xrpl_org_examples.json: requests {}/{}, answers {}/{}",
        requests.0, requests.1, answers.0, answers.1
    );
}
