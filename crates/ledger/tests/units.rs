//! Token units (multi-purpose tokens) by table: who held and had locked how many before and after, where the metadata says it
//! and where it leaves out what was nothing before. Real transactions are in the tests beside this one.
#![allow(clippy::unwrap_used, reason = "a test")]

use ledger::meta::{MptRole, mpt_changes};
use ledger::{AccountId, TxMeta};
use serde_json::{Value as Json, json};

/// Nodes, each with what it is (`H` a holder's, `I` the issuer's, `E` an escrow, `X` a holder's of another token), whether
/// it was created, modified or deleted, and whose it is. Then its units, before and after: `20>50` where the metadata shows
/// both, `=50` where it shows no change; `L` the same of what is locked; `none`: without previous fields. An escrow has its
/// amount. Behind the line: what changed for whom.
const TABLE: &str = "
    H M 7 20>50                            | H7 20>50
    H C 7 =30                              | H7 0>30
    H C 7                                  | -
    H D 7 5>0                              | H7 5>0
    H D 7 =0                               | -
    I M 9 50>80                            | I9 50>80
    I C 9 =0                               | -
    H M 7 20>50; I M 9 50>80               | H7 20>50; I9 50>80
    H M 7 =50 L 10>4                       | H7 50>50 L 10>4
    H M 7 100>70 L =30; E C 7 30           | H7 100>70 L 0>30
    H M 7 100>70 L =50; E C 7 30           | H7 100>70
    H M 7 100>70 L 20>50; E C 7 30         | H7 100>70 L 20>50
    H M 7 100>70 L =30; E C 5 30           | H7 100>70
    H M 7 100>70 L =30; E D 7 30           | H7 100>70
    H M 7 100>50 L =30; E C 7 30; E C 7 20 | H7 100>50 L 0>30
    I M 9 =80 L =30; E C 7 30              | I9 80>80 L 0>30
    I M 9 =80 L =50; E C 7 30              | -
    H C 7 =70 L =30; E C 7 30              | H7 0>70 L 0>30
    H M 7 =25                              | H7 0>25
    H M 7 =25 none                         | -
    H M 7 =0                               | -
    I M 9 =25                              | -
    H M 7 =30 L 30>0                       | H7 0>30 L 30>0
    H M 7 =40 L 30>0                       | H7 40>40 L 30>0
    H M 7 =30 L 50>20                      | H7 0>30 L 50>20
    H M 7 =30 L 30>0; H M 5 20>50          | H7 30>30 L 30>0; H5 20>50
    H M 7 =30 L 30>0; H M 5 =30            | H7 30>30 L 30>0; H5 0>30
    H M 7 =30 L 30>0; H C 5 =30            | H7 30>30 L 30>0; H5 0>30
    H M 7 =30 L 30>0; I M 9 80>50          | H7 30>30 L 30>0; I9 80>50
    H M 7 =30 L 30>0; I M 9 =80 L 30>0     | H7 0>30 L 30>0; I9 80>80 L 30>0
    H M 7 =30 L 30>0; X M 5 20>50          | H7 0>30 L 30>0; X5 20>50
    H M 7 =30 L 30>0; H M 5 =40 L 10>5     | H7 0>30 L 30>0; H5 40>40 L 10>5
    H M 7 =30 L 30>0; I M 9 =80            | H7 0>30 L 30>0
    I M 9 =30 L 30>0                       | I9 30>30 L 30>0
";

/// Sequence 4 of account 9, and of account 8.
fn token(issuer: u8) -> String {
    format!("00000004{}", format!("{issuer:02X}").repeat(20))
}

fn account(byte: u8) -> String {
    AccountId([byte; 20]).to_string()
}

fn node(at: usize, words: &str) -> Json {
    let mut words = words.split_whitespace();
    let (what, action) = (words.next().unwrap(), words.next().unwrap());
    let who: u8 = words.next().unwrap().parse().unwrap();
    let (entry, own, mut fields) = match what {
        "H" => ("MPToken", "MPTAmount", json!({ "Account": account(who), "MPTokenIssuanceID": token(9) })),
        "X" => ("MPToken", "MPTAmount", json!({ "Account": account(who), "MPTokenIssuanceID": token(8) })),
        "I" => ("MPTokenIssuance", "OutstandingAmount", json!({ "Issuer": account(who), "Sequence": 4 })),
        _ => ("Escrow", "", json!({ "Account": account(who), "Destination": account(6) })),
    };
    let mut previous = Some(json!({}));
    let mut name = own;
    for word in words {
        match (word, word.split_once('>')) {
            ("L", _) => name = "LockedAmount",
            ("none", _) => previous = None,
            (_, Some((before, after))) => {
                previous.as_mut().unwrap()[name] = json!(before);
                if after != "0" {
                    fields[name] = json!(after);
                }
            }
            (amount, None) if entry == "Escrow" => {
                fields["Amount"] = json!({ "mpt_issuance_id": token(9), "value": amount });
            }
            (same, None) => {
                let same = same.strip_prefix('=').unwrap();
                if same != "0" {
                    fields[name] = json!(same);
                }
            }
        }
    }
    let (action, fields_name) = match action {
        "C" => ("CreatedNode", "NewFields"),
        "M" => ("ModifiedNode", "FinalFields"),
        _ => ("DeletedNode", "FinalFields"),
    };
    let index = format!("{:02X}", at + 1).repeat(32);
    let mut inner = json!({ "LedgerEntryType": entry, "LedgerIndex": index, fields_name: fields });
    if let Some(previous) = previous.filter(|_| action != "CreatedNode") {
        inner["PreviousFields"] = previous;
    }
    json!({ action: inner })
}

#[test]
fn who_had_how_many_by_table() {
    for row in TABLE.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (nodes, wanted) = row.split_once('|').unwrap();
        let nodes: Vec<Json> = nodes.split(';').enumerate().map(|(at, words)| node(at, words)).collect();
        let meta = json!({
            "TransactionResult": "tesSUCCESS", "TransactionIndex": 0, "AffectedNodes": nodes,
        });
        let seen = mpt_changes(&TxMeta::from_json(&meta).unwrap());
        let told: Vec<String> = seen
            .iter()
            .map(|change| {
                let what = match change.role {
                    MptRole::Issuer => "I",
                    MptRole::Holder if change.id.to_string() == token(8) => "X",
                    MptRole::Holder => "H",
                };
                let mut text = format!("{what}{} {}>{}", change.account.0[0], change.before, change.after);
                if change.locked_before != change.locked_after {
                    text += &format!(" L {}>{}", change.locked_before, change.locked_after);
                }
                assert_eq!(change.change(), i128::from(change.after) - i128::from(change.before), "{row}");
                let locked = i128::from(change.locked_after) - i128::from(change.locked_before);
                assert_eq!(change.locked_change(), locked, "{row}");
                text
            })
            .collect();
        let told = if told.is_empty() { "-".to_owned() } else { told.join("; ") };
        assert_eq!(told, wanted.trim(), "{row}");
    }
}
