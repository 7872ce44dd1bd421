//! Recordings of a real server (rippled 3.1.1, standalone), replayed. Every scenario is equal in every compared thing.
//! Without the recordings it says so and passes.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use flate2::read::GzDecoder;
use lab::{RecordingError, Score, check_recording};
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};

fn recordings(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/rippled")).join(name);
    if !path.exists() {
        eprintln!("SKIPPED: no recordings at {}", path.display());
        return None;
    }
    Some(path)
}

fn unzip(path: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// How many were replayed and how many were equal in everything.
fn check<'t>(texts: impl Iterator<Item = std::borrow::Cow<'t, str>>) -> (usize, usize) {
    let (mut total, mut checked, mut equal) = (Score::default(), 0, 0);
    for text in texts {
        let report = check_recording(&text).unwrap();
        (checked, equal) = (checked + 1, equal + usize::from(report.score.is_full()));
        for difference in report.score.differences() {
            eprintln!("{}: {difference}", report.name);
        }
        total.add(&report.score);
    }
    eprintln!("{equal} of {checked}: {:?}", total.families().collect::<Vec<_>>());
    (checked, equal)
}

#[test]
fn named_recordings() {
    let Some(folder) = recordings("named") else { return };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert_eq!(check(paths.iter().map(|path| unzip(path).into())), (66, 66));
}

/// 200 drawn scenarios, 81 of them with a pool.
#[test]
fn random_recordings() {
    let Some(path) = recordings("random.jsonl.gz") else { return };
    let text = unzip(&path);
    assert_eq!(check(text.lines().map(Into::into)), (200, 200));
}

/// Another value of the same kind; what holds others is emptied.
fn altered(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let last = if text.ends_with('1') { '2' } else { '1' };
            format!("{}{last}", &text[..text.len() - 1]).into()
        }
        Value::Bool(is_so) => (!is_so).into(),
        Value::Object(_) => serde_json::json!({}),
        Value::Array(_) => serde_json::json!([]),
        _ => serde_json::json!(value.as_u64().unwrap() + 1),
    }
}

/// Where a recording with a pool is changed, and the family that sees it.
const OF_A_POOL: &[(&str, &str)] = &[
    ("/steps/0/txs/0/submit/engine_result", "preliminary"),
    ("/steps/0/txs/0/submit/open_ledger_cost", "answer"),
    ("/steps/0/txs/0/result", "result"),
    ("/steps/0/txs/0/meta/TransactionResult", "metadata"),
    ("/steps/0/ledger/account_hash", "state hash"),
    ("/steps/0/ledger/ledger_hash", "ledger hash"),
    ("/steps/0/ledger/total_coins", "header"),
    ("/steps/0/ledger/tx_order/0", "order"),
    ("/steps/0/state/accounts/mm/balance", "account"),
    ("/steps/0/state/amm/XRP~1RLUSD/trading_fee", "amm"),
    ("/final_state/objects/0/index", "entries"),
    ("/steps/0/txs/0/hash", "hash"),
    ("/steps/1/txs/0/tx_json/Fee", "tx_json"),
    ("/steps/1/txs/0/tx_json/Flags", "tx_json"),
    ("/steps/1/txs/0/meta/delivered_amount", "delivered"),
    ("/steps/0/txs/0/transaction_index", "result"),
    ("/steps/0/txs/0/submit/engine_result_code", "answer"),
    ("/steps/0/ledger/parent_hash", "header"),
    ("/steps/0/ledger/transaction_hash", "header"),
    ("/steps/0/ledger/close_flags", "header"),
    ("/steps/0/ledger/close_time_resolution", "header"),
    ("/steps/0/ledger/parent_close_time", "header"),
    ("/steps/0/state/accounts/mm/flags", "account"),
    ("/steps/0/state/accounts/mm/lines/0/limit", "lines"),
    ("/steps/0/state/accounts/mm/lines/0/limit_peer", "lines"),
    ("/steps/0/state/accounts/mm/lines/0/currency", "lines"),
    ("/steps/0/state/accounts/mm/lines/0/quality_in", "lines"),
    ("/steps/0/state/accounts/mm/lines/0/quality_out", "lines"),
    ("/steps/0/state/accounts/mm/lines/0/no_ripple", "lines"),
    ("/final_state/accounts/mm/balance", "account"),
    ("/final_state/accounts/mm/flags", "account"),
    ("/final_state/accounts/mm/lines/0/limit", "lines"),
    ("/final_state/amm/XRP~1RLUSD/trading_fee", "amm"),
    ("/steps/0/txs/0/validated", "validated"),
    ("/steps/0/state/accounts", "state"),
    ("/steps/0/state/books", "state"),
    ("/steps/0/state/amm", "state"),
    ("/final_state/accounts", "state"),
    ("/final_state/books", "state"),
    ("/final_state/objects", "entries in all"),
    ("/final_state", "state"),
    ("/format", "format"),
    ("/accounts/1/seed", "keys"),
    ("/accounts/1/public_key", "keys"),
    ("/steps/0/txs/0/by", "sender"),
    ("/steps/0/state/ledger_index", "state"),
];

/// The same of one with resting offers and tickets.
const OF_OFFERS: &[(&str, &str)] = &[
    ("/steps/2/txs/0/owner_funds", "owner_funds"),
    ("/steps/2/state/books/asks/0/Account", "books"),
    ("/steps/2/state/books/asks/0/TakerGets", "books"),
    ("/steps/2/state/books/asks/0/TakerPays/value", "books"),
    ("/steps/2/state/books/asks/0/TakerPays/issuer", "books"),
    ("/steps/2/state/books/asks/0/quality", "books"),
    ("/steps/2/state/books/asks/0/Flags", "books"),
    ("/steps/2/state/books/asks/0/Sequence", "books"),
    ("/steps/2/state/books/asks/0/BookDirectory", "books"),
    ("/final_state/accounts/mm/offers/0/seq", "offers"),
    ("/final_state/books/asks/0/TakerGets", "books"),
    ("/steps/2/state/accounts/mm/TicketCount", "account"),
    ("/steps/2/state/accounts/mm/tickets", "account"),
    ("/steps/2/state/books/asks/0/owner_funds", "books"),
];

/// What is compared is compared: one digit changed in each part of a recording is seen in its family.
#[test]
fn a_changed_digit_is_seen() {
    let Some(folder) = recordings("named") else { return };
    for (file, changes) in [("amm_payment.json.gz", OF_A_POOL), ("tickets.json.gz", OF_OFFERS)] {
        let whole: Value = serde_json::from_str(&unzip(&folder.join(file))).unwrap();
        for (pointer, family) in changes {
            is_seen(&whole, pointer, family);
        }
    }
}

/// A part taken out of a recording is seen: it is no comparison less.
#[test]
fn what_is_taken_out_is_seen() {
    let Some(folder) = recordings("named") else { return };
    for (file, pointer, key, family) in [
        ("amm_payment.json.gz", "/steps/0", "state", "state"),
        ("amm_payment.json.gz", "/steps/2", "state", "state"),
        ("amm_payment.json.gz", "/setup/3", "state", "state"),
        ("txq_escalation.json.gz", "/steps/1", "carried_in", "carried in"),
        ("sequence_errors.json.gz", "/steps/2", "carried_in", "carried in"),
    ] {
        let mut document: Value = serde_json::from_str(&unzip(&folder.join(file))).unwrap();
        let from = document.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap();
        assert!(from.remove(key).is_some_and(|value| !value.is_null()), "{file} {pointer} {key}");
        let report = check_recording(&document.to_string()).unwrap();
        let differs: Vec<_> = report.score.families().filter(|(_, equal, all)| equal < all).collect();
        assert!(differs.iter().any(|(name, ..)| *name == family), "{file} {pointer} {key}: {differs:?}");
    }
}

fn is_seen(whole: &Value, pointer: &str, family: &str) {
    let mut changed = whole.clone();
    let value = changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"));
    *value = altered(value);
    let report = check_recording(&changed.to_string()).unwrap();
    let differs: Vec<_> = report.score.families().filter(|(_, equal, all)| equal < all).collect();
    assert!(differs.iter().any(|(name, ..)| *name == family), "{pointer}: {differs:?}");
}

#[test]
fn what_is_no_recording_is_told() {
    for text in ["", "[]", "{}", r#"{"name":"x"}"#, "\u{feff}{"] {
        assert!(matches!(check_recording(text), Err(RecordingError::Document(_))), "{text}");
    }
}
