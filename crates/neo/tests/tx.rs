//! `neo tx` in whole runs of the binary: the published codec cases, signed transactions, and documents that are bad.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, Run, shared_data};
use serde_json::{Map, Value, json};

const GENESIS: &str = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";

fn data(name: &str) -> Option<Vec<Value>> {
    let path = shared_data()?.join(name);
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// Runs `neo tx <command>` with this on stdin.
fn tx(command: &[&str], stdin: &str) -> Run {
    let folder = Folder::new();
    let input = std::fs::File::open(folder.file("stdin", stdin)).unwrap();
    let args = [&["tx"], command].concat();
    Run::of(folder.command(&args).stdin(input).output().unwrap())
}

/// A document a line in, a document a line out.
fn lines(command: &str, documents: &[String], code: i32) -> Vec<Value> {
    let run = tx(&[command, "--lines"], &documents.iter().map(|d| format!("{d}\n")).collect::<String>())
        .ended(code);
    let answers: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), documents.len());
    answers
}

/// Without the names that have no bytes.
fn plain(json: &Value) -> Value {
    const DERIVED: [&str; 3] = ["hash", "index", "ledger_index"];
    match json {
        Value::Object(map) => {
            let kept = map.iter().filter(|(name, _)| !DERIVED.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

#[track_caller]
fn all_match(file: &str, what: &str, pairs: impl IntoIterator<Item = (Value, Value)>) {
    let (mut matched, mut total) = (0, 0);
    for (ours, theirs) in pairs {
        total += 1;
        if ours == theirs {
            matched += 1;
        } else if total - matched < 5 {
            println!("{file} {what} {total}:\n  ours   {ours}\n  theirs {theirs}");
        }
    }
    println!("{file}: {what} {matched}/{total}");
    assert!(matched == total && total > 0, "{file}: {what} {matched}/{total}");
}

#[test]
fn every_published_codec_case() {
    let file = "codec/codec_cases_1806.json";
    let Some(cases) = data(file) else { return };
    let of = |kinds: &[&str]| -> Vec<&Value> {
        cases.iter().filter(|case| kinds.contains(&case["kind"].as_str().unwrap())).collect()
    };
    let [encoded, decoded, again, refused] =
        [of(&["enc"]), of(&["dec"]), of(&["dec2", "recycle"]), of(&["err"])];
    assert_eq!(encoded.len() + decoded.len() + again.len() + refused.len(), 1806);
    let column =
        |cases: &[&Value], name: &str| cases.iter().map(|case| case[name].to_string()).collect::<Vec<_>>();
    let blobs = |answers: Vec<Value>| answers.into_iter().map(|answer| answer["tx_blob"].clone());
    let hex = |cases: &[&Value]| cases.iter().map(|case| case["hex"].clone()).collect::<Vec<_>>();

    let answers = lines("encode", &column(&encoded, "json"), 0);
    all_match(file, "encoded", blobs(answers).zip(hex(&encoded)));
    let answers = lines("decode", &column(&decoded, "hex"), 0);
    all_match(file, "decoded", answers.into_iter().zip(decoded.iter().map(|case| plain(&case["json"]))));
    let answers = lines("decode", &column(&again, "hex"), 0);
    let answers = lines("encode", &answers.iter().map(Value::to_string).collect::<Vec<_>>(), 0);
    all_match(file, "decoded and encoded", blobs(answers).zip(hex(&again)));
    let answers = lines("encode", &column(&refused, "json"), 1);
    let are_refused = answers.iter().map(|answer| (json!(answer["error"].is_string()), json!(true)));
    all_match(file, "refused", are_refused);
}

#[test]
fn every_reference_signature() {
    let file = "codec/signed_transactions_940.json";
    let Some(cases) = data(file) else { return };
    let documents: Vec<String> =
        cases.iter().map(|case| json!({"tx_json": case["tx"], "seed": case["seed"]}).to_string()).collect();
    let want = cases.iter().map(|case| json!({"format": 1, "tx_blob": case["blob"], "hash": case["hash"]}));
    let signed = lines("sign", &documents, 0);
    all_match(file, "signed", signed.iter().cloned().zip(want));
    let hashes = cases.iter().map(|case| json!({"format": 1, "hash": case["hash"]}));
    let blobs: Vec<String> = cases.iter().map(|case| case["blob"].as_str().unwrap().to_owned()).collect();
    all_match(file, "hash of bytes", lines("hash", &blobs, 0).into_iter().zip(hashes.clone()));
    let shown: Vec<String> = lines("decode", &blobs, 0).iter().map(Value::to_string).collect();
    all_match(file, "hash of JSON", lines("hash", &shown, 0).into_iter().zip(hashes));
}

#[test]
fn every_blob_of_real_ledgers() {
    for name in ["104540000", "104550000", "104552050", "104552600"] {
        let Some(folder) = shared_data() else { return };
        let text = std::fs::read_to_string(folder.join(format!("ledgers/{name}.json"))).unwrap();
        let ledger: Value = serde_json::from_str(&text).unwrap();
        let rows = ledger["rows"].as_array().unwrap();
        let column = |key: &str| rows.iter().map(|row| row[key].clone()).collect::<Vec<_>>();
        for (blob, shown) in [("tx_blob", "tx_json"), ("meta_blob", "meta")] {
            let want = column(blob);
            let texts: Vec<String> = want.iter().map(Value::to_string).collect();
            let decoded: Vec<String> = lines("decode", &texts, 0).iter().map(Value::to_string).collect();
            let shown: Vec<String> = column(shown).iter().map(Value::to_string).collect();
            for (what, documents) in [("decoded and encoded", decoded), ("shown and encoded", shown)] {
                let ours = lines("encode", &documents, 0).into_iter().map(|answer| answer["tx_blob"].clone());
                all_match(name, &format!("{blob} {what}"), ours.zip(want.iter().cloned()));
            }
        }
        let blobs: Vec<String> = column("tx_blob").iter().map(Value::to_string).collect();
        let ours = lines("hash", &blobs, 0).into_iter().map(|answer| answer["hash"].clone());
        all_match(name, "hash", ours.zip(column("hash")));
    }
}

fn payment() -> Value {
    json!({ "TransactionType": "Payment", "Account": "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "Amount": "1",
        "Destination": "rrrrrrrrrrrrrrrrrrrrBZbvji", "Fee": "10", "Sequence": 1 })
}

#[test]
fn a_seed_of_the_environment_signs_as_one_of_the_document() {
    let folder = Folder::new();
    let sign = |document: Value| {
        let input = std::fs::File::open(folder.file("stdin", &document.to_string())).unwrap();
        let mut command = folder.command(&["tx", "sign"]);
        Run::of(command.env("TEST_SEED", GENESIS).stdin(input).output().unwrap())
    };
    let given = sign(json!({ "tx_json": payment(), "seed": GENESIS })).ended(0).json();
    let named = sign(json!({ "tx_json": payment(), "secret_env": "TEST_SEED" })).ended(0).json();
    assert_eq!(given, named);
    assert_eq!(tx(&["hash"], &given.to_string()).ended(0).json()["hash"], given["hash"]);
}

/// A secret in any place of any document is never said again.
#[test]
fn bad_documents_by_table() {
    let mut signed_by_several = payment();
    signed_by_several["Signers"] = json!([]);
    let with = |more: Value| {
        let mut tx = payment();
        tx.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        tx
    };
    let (document, near) = (|more: Value| more.to_string(), format!("{GENESIS}x"));
    for (command, stdin, word) in [
        ("encode", String::new(), "empty"),
        ("encode", "{".to_owned(), "not JSON"),
        ("encode", "[]".to_owned(), "not a JSON object"),
        ("encode", "{}".to_owned(), "no field"),
        ("encode", r#"{"Feee":"10"}"#.to_owned(), "Feee"),
        ("encode", r#"{"Fee":"10","Fee":"11"}"#.to_owned(), "Fee"),
        ("encode", document(json!({ "Account": GENESIS })), "Account"),
        ("encode", document(json!({ GENESIS: 1 })), "unknown field"),
        ("decode", String::new(), "empty"),
        ("decode", "\"\"".to_owned(), "no bytes"),
        ("decode", "1".to_owned(), "not hexadecimal"),
        ("decode", "12".to_owned(), "end within"),
        ("decode", "{}".to_owned(), "hexadecimal"),
        ("decode", "91000000000000000000000000".to_owned(), "canonical"),
        ("decode", "12FFFF".to_owned(), "no type"),
        ("decode", format!("F9{}F1", "EAE1".repeat(70_000)), "more than"),
        ("encode", r#"{"AssetsMaximum":"1e-32768"}"#.to_owned(), "AssetsMaximum"),
        ("encode", r#"{"TransactionType":"Invalid"}"#.to_owned(), "TransactionType"),
        ("encode", r#"{"TransactionType":"Payment","Amount":"5","DeliverMax":"6"}"#.to_owned(), "DeliverMax"),
        ("encode", r#"{"TransactionType":"OfferCreate","DeliverMax":"6"}"#.to_owned(), "DeliverMax"),
        ("hash", document(with(json!({ "TxnSignature": "" }))), "TxnSignature"),
        ("hash", document(with(json!({ "TxnSignature": "00", "hash": "0".repeat(64) }))), "`hash`"),
        ("hash", document(payment()), "not signed"),
        ("sign", document(json!({ "tx_json": with(json!({ "meta": {} })), "seed": GENESIS })), "`meta`"),
        ("sign", document(json!({ "tx_json": with(json!({ "hash": "00" })), "seed": GENESIS })), "`hash`"),
        ("hash", r#"{"Balance":"1"}"#.to_owned(), "TransactionType"),
        ("sign", document(payment()), "tx_json"),
        ("sign", document(json!({ "tx_json": payment() })), "secret_env"),
        ("sign", document(json!({ "tx_json": payment(), "seed": near })), "not a family seed"),
        ("sign", document(json!({ "tx_json": payment(), "secret_env": GENESIS })), "environment"),
        ("sign", document(json!({ "tx_json": payment(), GENESIS: "seed" })), "other than"),
        ("sign", document(json!({ "tx_json": { "Account": GENESIS }, "seed": GENESIS })), "Account"),
        ("sign", document(json!({ "tx_json": { "Fee": "1" }, "seed": GENESIS })), "TransactionType"),
        ("sign", document(json!({ "tx_json": signed_by_several, "seed": GENESIS })), "Signers"),
        ("explain", document(payment()), "no metadata"),
        ("explain", document(json!({ "meta": "12" })), "metadata"),
    ] {
        let run = tx(&[command, "--json"], &stdin).ended(1);
        let error = run.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(word), "{command} {stdin}: {error}");
        assert!(run.stderr.contains(&error), "{}", run.stderr);
        for shown in [&run.stdout, &run.stderr] {
            assert!(!shown.contains(&GENESIS[..12]), "{command}: {shown}");
        }
    }
    let run = tx(&["explain"], "{}").ended(1);
    assert!(run.stdout.is_empty() && run.stderr.contains("no metadata"), "{}", run.stderr);
}

#[test]
fn a_bad_line_does_not_stop_the_good_ones() {
    let documents = ["{\"Fee\":\"10\"}", "", "{", "{\"Fee\":\"11\"}"].map(str::to_owned);
    let answers = lines("encode", &documents, 1);
    assert_eq!(answers[0]["tx_blob"], "68400000000000000A");
    assert_eq!(answers[3]["tx_blob"], "68400000000000000B");
    assert!(answers[1]["error"].is_string() && answers[2]["error"].is_string());
    assert!(lines("encode", &[], 0).is_empty());
}

/// What decodes encodes, also what looks like metadata and is none.
#[test]
fn fragments_come_back_to_the_same_bytes() {
    let blobs = ["F8F1", "F8E5E1F1", "F8F1031000", "120000", "F9EAE1F1"].map(str::to_owned);
    let shown: Vec<String> = lines("decode", &blobs, 0).iter().map(Value::to_string).collect();
    let again: Vec<Value> = lines("encode", &shown, 0).iter().map(|a| a["tx_blob"].clone()).collect();
    assert_eq!(again, blobs.map(Value::from));
}

/// A reader that has enough, as `head -1`, is no failure.
#[test]
fn a_reader_that_leaves_ends_it_in_silence() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let folder = Folder::new();
    let input = std::fs::File::open(folder.file("stdin", &"{\"Fee\":\"10\"}\n".repeat(200_000))).unwrap();
    let mut command = folder.command(&["tx", "encode", "--lines"]);
    let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("tx_blob"), "{first}");
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn the_help_fits_a_terminal_of_eighty_columns() {
    let run = tx(&["explain", "--help"], "").ended(0);
    for key in [
        "pool_changes",
        "mpt_changes",
        "escrow_changes",
        "channel_changes",
        "created",
        "deleted",
        "delivered_amount",
        "unknown",
        "fee_payer",
        "other_hash",
        "ledger_index",
        "validated",
    ] {
        assert!(run.stdout.contains(key), "{key}");
    }
    let help = run.stdout.split("Usage:").next().unwrap();
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
}
