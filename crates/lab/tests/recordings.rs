//! Recordings of a real server (rippled 3.1.1, standalone), replayed. Every scenario is equal in every compared thing.
//! Without the recordings it says so and passes.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use flate2::read::GzDecoder;
use lab::{RecordingError, Score, check_recording};
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

/// What is compared is compared: one digit changed in each part of a recording is seen in its family.
#[test]
fn a_changed_digit_is_seen() {
    let Some(folder) = recordings("named") else { return };
    let whole: serde_json::Value = serde_json::from_str(&unzip(&folder.join("amm_payment.json.gz"))).unwrap();
    for (pointer, family) in [
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
    ] {
        let mut changed = whole.clone();
        let value = changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"));
        *value = match value.as_str() {
            None => serde_json::json!(value.as_u64().unwrap() + 1),
            Some(text) => {
                let last = if text.ends_with('1') { '2' } else { '1' };
                format!("{}{last}", &text[..text.len() - 1]).into()
            }
        };
        let report = check_recording(&changed.to_string()).unwrap();
        let differs: Vec<_> = report.score.families().filter(|(_, equal, all)| equal < all).collect();
        assert!(differs.iter().any(|(name, ..)| *name == family), "{pointer}: {differs:?}");
    }
}

#[test]
fn what_is_no_recording_is_told() {
    for text in ["", "[]", "{}", r#"{"name":"x"}"#, "\u{feff}{"] {
        assert!(matches!(check_recording(text), Err(RecordingError::Document(_))), "{text}");
    }
}
