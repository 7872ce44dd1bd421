//! Pools by table: whose entry it is, what a swap cost, and what an entry of the pool says was changed. The rules are those
//! of the ledger's documentation ("AMM", "RippleState", "AccountRoot"); real swaps are in the tests beside this one.
#![allow(clippy::unwrap_used, reason = "a test")]

use ledger::meta::{AuctionSlot, NodeAction, PoolChange, pool_changes};
use ledger::{AccountId, TxMeta};
use serde_json::{Value as Json, json};

/// `lsfAMMNode` of a trust line.
const AMM_LINE: u32 = 0x0100_0000;

fn account(byte: u8) -> String {
    AccountId([byte; 20]).to_string()
}

fn index(byte: u8) -> String {
    format!("{byte:02X}").repeat(32)
}

fn node(action: &str, entry: &str, at: u8, fields: Json, previous: Option<Json>) -> Json {
    let name = if action == "Created" { "NewFields" } else { "FinalFields" };
    let mut inner = json!({ "LedgerEntryType": entry, "LedgerIndex": index(at), name: fields });
    if let Some(previous) = previous {
        inner["PreviousFields"] = previous;
    }
    json!({ format!("{action}Node"): inner })
}

fn pools(nodes: Vec<Json>) -> Vec<PoolChange> {
    let meta = json!({
        "TransactionResult": "tesSUCCESS", "TransactionIndex": 0, "AffectedNodes": nodes,
    });
    pool_changes(&TxMeta::from_json(&meta).unwrap())
}

fn tokens(issuer: u8, text: &str) -> Json {
    json!({ "currency": "USD", "issuer": account(issuer), "value": text })
}

/// A trust line between two accounts, its balance before and after as the low one sees it.
fn line(at: u8, low: u8, high: u8, flags: u32, before: &str, after: &str) -> Json {
    let amount =
        |text: &str| json!({ "currency": "USD", "issuer": "rrrrrrrrrrrrrrrrrrrrBZbvji", "value": text });
    let fields = json!({
        "Balance": amount(after), "LowLimit": tokens(low, "0"), "HighLimit": tokens(high, "0"),
        "Flags": flags,
    });
    node("Modified", "RippleState", at, fields, Some(json!({ "Balance": amount(before) })))
}

/// The AccountRoot of the pool (account 7), in drops.
fn root(before: &str, after: &str) -> Json {
    let fields = json!({ "Account": account(7), "Balance": after, "AMMID": index(66) });
    node("Modified", "AccountRoot", 1, fields, Some(json!({ "Balance": before })))
}

/// XRP before and after, in XRP; tokens before and after: the fee that a swap paid, or `-` for what is no swap.
const SWAPS: &str = "
    1000 1125 1000 900  | 11111.1111
    1000 900  1000 1125 | 11111.1111
    1000 1100 1000 1000 | -
    1000 1000 1000 900  | -
    1000 1100 1000 1100 | -
    1000 900  1000 900  | -
";

#[test]
fn what_a_swap_paid_by_table() {
    for row in SWAPS.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (left, wanted) = row.split_once('|').unwrap();
        let cells: Vec<&str> = left.split_whitespace().collect();
        let drops = |xrp: &str| format!("{xrp}000000");
        let mut nodes = vec![root(&drops(cells[0]), &drops(cells[1]))];
        nodes.push(line(2, 7, 9, AMM_LINE, cells[2], cells[3]));
        let seen = pools(nodes);
        assert_eq!((seen.len(), seen[0].account), (1, AccountId([7; 20])), "{row}");
        assert_eq!((seen[0].action, seen[0].amm_id), (None, Some(index(66).parse().unwrap())));
        let fee = seen[0].implied_fee().map_or("-".to_owned(), |fee| fee.to_fixed(4));
        assert_eq!(fee, wanted.trim(), "{row}");
    }
}

#[test]
fn a_line_of_a_pool_belongs_to_the_side_that_holds() {
    // Low, high, its flag, before, after as the low one sees it: whose pool.
    for (low, high, flags, before, after, pool) in [
        (7, 9, AMM_LINE, "10", "20", Some(7)),
        (5, 7, AMM_LINE, "-10", "-20", Some(7)),
        (7, 9, AMM_LINE, "10", "0", Some(7)),
        (5, 7, AMM_LINE, "-10", "0", Some(7)),
        (7, 9, AMM_LINE, "0", "10", Some(7)),
        (7, 9, 0, "10", "20", None),
        (7, 9, 0x0002_0000, "10", "20", None),
    ] {
        let seen = pools(vec![line(2, low, high, flags, before, after)]);
        let accounts: Vec<_> = seen.iter().map(|pool| pool.account).collect();
        let wanted: Vec<_> = pool.into_iter().map(|byte| AccountId([byte; 20])).collect();
        assert_eq!(accounts, wanted, "{low} {high} {before} {after}");
        for pool in seen {
            let changes: Vec<_> = pool.assets.iter().map(|held| held.change().to_string()).collect();
            let size = if after == "0" { "-10" } else { "10" };
            assert_eq!((changes, pool.amm_id), (vec![size.to_owned()], None));
        }
    }
}

#[test]
fn a_pool_that_was_only_named_is_not_listed() {
    let fields = json!({ "Account": account(7), "Balance": "5", "AMMID": index(66) });
    assert!(pools(vec![node("Modified", "AccountRoot", 1, fields, Some(json!({})))]).is_empty());
}

fn entry(action: &str, fields: &Json, previous: Option<Json>) -> PoolChange {
    let mut all = json!({ "Account": account(7) });
    for (name, value) in fields.as_object().unwrap() {
        all[name] = value.clone();
    }
    pools(vec![node(action, "AMM", 66, all, previous)]).remove(0)
}

#[test]
fn what_an_entry_says_of_its_fee_and_its_votes() {
    for (fields, previous, fee, before, votes) in [
        (json!({ "TradingFee": 300 }), json!({ "TradingFee": 200 }), 300, Some(200), false),
        (json!({ "TradingFee": 300 }), json!({}), 300, None, false),
        (json!({}), json!({ "TradingFee": 200 }), 0, Some(200), false),
        (json!({ "TradingFee": 300 }), json!({ "VoteSlots": [] }), 300, None, true),
    ] {
        let seen = entry("Modified", &fields, Some(previous));
        assert_eq!(
            (seen.trading_fee, seen.trading_fee_before, seen.votes_changed),
            (Some(fee), before, votes)
        );
        assert_eq!(
            (seen.action, seen.amm_id),
            (Some(NodeAction::Modified), Some(index(66).parse().unwrap()))
        );
    }
}

#[test]
fn how_many_lp_tokens_were_issued_or_burned() {
    let balance = |text: &str| json!({ "LPTokenBalance": tokens(7, text) });
    for (action, after, before, wanted) in [
        ("Created", "100", None, Some(("0", "100"))),
        ("Modified", "100", Some("80"), Some(("80", "100"))),
        ("Modified", "100", None, None),
        ("Deleted", "0", Some("80"), Some(("80", "0"))),
        ("Deleted", "80", None, Some(("80", "0"))),
        ("Deleted", "0", None, None),
    ] {
        let previous = (action != "Created").then(|| before.map_or(json!({}), balance));
        let seen = entry(action, &balance(after), previous);
        let told = seen.lp_tokens.map(|(before, after)| (before.to_json(), after.to_json()));
        let wanted = wanted.map(|(before, after)| (tokens(7, before), tokens(7, after)));
        assert_eq!(told, wanted, "{action} {before:?} {after}");
    }
}

#[test]
fn an_auction_slot_is_told_where_it_went_to_another_bid() {
    let slot = |who: u8, price: &str, until: u32| {
        json!({ "AuctionSlot": {
            "Account": account(who), "Price": tokens(7, price), "Expiration": until, "DiscountedFee": 1,
        } })
    };
    let bid = |who: u8, price: &str, until: u32| AuctionSlot {
        account: Some(AccountId([who; 20])),
        price: Some(serde_json::from_value(tokens(7, price)).unwrap()),
        expiration: Some(until),
    };
    let was = slot(5, "10", 800);
    for (now, wanted) in [
        (slot(6, "10", 800), Some(bid(6, "10", 800))),
        (slot(5, "11", 800), Some(bid(5, "11", 800))),
        (slot(5, "10", 900), Some(bid(5, "10", 900))),
        (slot(5, "10", 800), None),
    ] {
        assert_eq!(entry("Modified", &now, Some(was.clone())).auction_slot, wanted);
        assert_eq!(entry("Modified", &now, Some(json!({}))).auction_slot, None, "it did not change");
    }
}
