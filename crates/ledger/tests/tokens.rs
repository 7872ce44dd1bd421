//! Multi-purpose tokens, escrows and channels against another client's own cases of real transactions. Prints
//! matched/total.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use ledger::TxRecord;
use ledger::meta::{MptRole, channel_changes, escrow_changes, mpt_changes};
use serde_json::{Value as Json, json};

fn number(json: &Json) -> i128 {
    json.as_str().map_or(0, |text| text.parse().unwrap())
}

#[test]
fn cases_of_another_client() {
    let Some(cases) = common::json("metadata/bithomp_cases.json") else {
        return;
    };
    let [mut holders, mut issuers, mut escrows, mut channels] = [(0, 0); 4];
    let count = |tally: &mut (usize, usize), name: &Json, same: bool| {
        tally.1 += 1;
        tally.0 += usize::from(same);
        if !same {
            println!("{name} differs");
        }
    };
    for case in cases.as_array().unwrap().iter().filter(|case| case["function"] == "Models.getTxDetails") {
        let (name, want) = (&case["case"], &case["expected"]["outcome"]);
        let record = TxRecord::read(&case["args"][0]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let changes = mpt_changes(&record.meta);
        for (id, of) in want["mptokenChanges"].as_object().into_iter().flatten() {
            for (account, theirs) in of.as_object().unwrap() {
                let ours = changes.iter().find(|change| {
                    change.role == MptRole::Holder
                        && change.id.to_string() == *id
                        && change.account.to_string() == *account
                });
                let ours = ours.map_or((0, 0), |change| (change.change(), change.locked_change()));
                // They leave out a change from nothing; then it must be what was unlocked.
                let unsaid = theirs.get("amountChange").is_none() && ours.0 == -ours.1;
                let theirs = (number(&theirs["amountChange"]), number(&theirs["lockedAmountChange"]));
                count(&mut holders, name, ours == theirs || (unsaid && ours.1 == theirs.1));
            }
        }
        for (id, theirs) in want["mptokenIssuanceChanges"].as_object().into_iter().flatten() {
            let ours =
                changes.iter().find(|change| change.role == MptRole::Issuer && change.id.to_string() == *id);
            let ours = ours.map_or((0, 0), |change| (change.change(), change.locked_change()));
            // Where the number in issue did not change they give the number itself as its change.
            let issued = number(&theirs["outstandingAmountChange"]);
            let unchanged = ours.0 == 0 && theirs["outstandingAmountChange"] == theirs["outstandingAmount"];
            let same = (unchanged || ours.0 == issued) && ours.1 == number(&theirs["lockedAmountChange"]);
            count(&mut issuers, name, same);
        }
        if let Some(theirs) = want.get("escrowChanges").filter(|changes| changes.is_object()) {
            let ours = escrow_changes(&record.meta);
            let same = ours.len() == 1
                && json!(ours[0].account.to_string()) == theirs["source"]["address"]
                && json!(ours[0].destination.to_string()) == theirs["destination"]["address"];
            count(&mut escrows, name, same);
        }
        if let Some(theirs) = want.get("channelChanges").filter(|changes| changes.is_object()) {
            let ours = channel_changes(&record.meta);
            let same = ours.len() == 1 && json!(ours[0].index.to_string()) == theirs["channelId"];
            count(&mut channels, name, same);
        }
    }
    println!("holders {holders:?}, issuers {issuers:?}, escrows {escrows:?}, channels {channels:?}");
    for (matched, total) in [holders, issuers, escrows, channels] {
        assert!(total > 0 && matched == total);
    }
}

const HOLDER: &str = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
const OTHER: &str = "rrrrrrrrrrrrrrrrrrrrBZbvji";
const TOKEN: &str = "000000010000000000000000000000000000000000000002";

fn token(index: u8, account: &str, now: Json, before: Json) -> Json {
    let mut fields = json!({ "Account": account, "MPTokenIssuanceID": TOKEN });
    fields.as_object_mut().unwrap().extend(now.as_object().unwrap().clone());
    json!({ "ModifiedNode": { "LedgerEntryType": "MPToken", "LedgerIndex": format!("{index:064}"),
        "FinalFields": fields, "PreviousFields": before } })
}

fn escrow(action: &str, fields: &str) -> Json {
    json!({ action: { "LedgerEntryType": "Escrow", "LedgerIndex": "F".repeat(64), fields: { "Account": HOLDER,
        "Destination": OTHER, "Amount": { "mpt_issuance_id": TOKEN, "value": "7" } } } })
}

/// What a server leaves out because it was nothing before: (account, change, locked change) of each holder.
#[test]
fn amounts_that_were_nothing_before() {
    let cases = [
        // A first payment to an empty holding: PreviousFields is there and empty.
        (vec![token(1, OTHER, json!({ "MPTAmount": "7" }), json!({}))], vec![(OTHER, 7, 0)]),
        // Locked for the first time: only the amount held is said to have changed.
        (
            vec![
                token(
                    1,
                    HOLDER,
                    json!({ "MPTAmount": "3", "LockedAmount": "7" }),
                    json!({ "MPTAmount": "10" }),
                ),
                escrow("CreatedNode", "NewFields"),
            ],
            vec![(HOLDER, -7, 7)],
        ),
        // Paid out while seven stay locked: the lock did not change.
        (
            vec![token(
                1,
                HOLDER,
                json!({ "MPTAmount": "3", "LockedAmount": "7" }),
                json!({ "MPTAmount": "10" }),
            )],
            vec![(HOLDER, -7, 0)],
        ),
        // Taken back from an escrow by a holder with nothing else.
        (
            vec![
                token(1, HOLDER, json!({ "MPTAmount": "7" }), json!({ "LockedAmount": "7" })),
                escrow("DeletedNode", "FinalFields"),
            ],
            vec![(HOLDER, 7, -7)],
        ),
        // Given to the other side, while the owner happens to hold as many as were locked.
        (
            vec![
                token(1, HOLDER, json!({ "MPTAmount": "7" }), json!({ "LockedAmount": "7" })),
                token(2, OTHER, json!({ "MPTAmount": "7" }), json!({})),
                escrow("DeletedNode", "FinalFields"),
            ],
            vec![(HOLDER, 0, -7), (OTHER, 7, 0)],
        ),
    ];
    for (nodes, expected) in cases {
        let meta =
            json!({ "AffectedNodes": nodes, "TransactionIndex": 0, "TransactionResult": "tesSUCCESS" });
        let read = ledger::TxMeta::from_json(&meta).unwrap();
        let again = ledger::TxMeta::from_bytes(&read.to_bytes().unwrap()).unwrap();
        for meta in [read, again] {
            let changes = mpt_changes(&meta);
            let ours: Vec<(String, i128, i128)> = changes
                .iter()
                .map(|change| (change.account.to_string(), change.change(), change.locked_change()))
                .collect();
            let expected: Vec<_> =
                expected.iter().map(|(who, by, locked)| (who.to_string(), *by, *locked)).collect();
            assert_eq!(ours, expected);
        }
    }
}
