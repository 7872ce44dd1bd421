//! Liquidity pools in metadata, against the balances of 35 real swaps; and what their LP tokens sum to.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;

use ledger::meta::{PoolChange, holding_changes, pool_changes};
use ledger::{Asset, Object, TxMeta};
use serde_json::Value as Json;
use units::Exact;

fn asset_of(side: &Json) -> Asset {
    let currency = side["currency"].as_str().unwrap().parse().unwrap();
    Asset::new(currency, side.get("issuer").map(|issuer| issuer.as_str().unwrap().parse().unwrap())).unwrap()
}

fn value_of(side: &Json, name: &str) -> Exact {
    let text = side[name].as_str().unwrap();
    if side["currency"] == "XRP" { Exact::from_drops(text.parse().unwrap()) } else { text.parse().unwrap() }
}

fn is_as_recorded(pool: &PoolChange, sides: &[Json]) -> bool {
    sides.len() == pool.assets.len()
        && sides.iter().all(|side| {
            pool.assets.iter().any(|holding| {
                holding.asset == asset_of(side)
                    && holding.before == value_of(side, "pre")
                    && holding.after == value_of(side, "post")
            })
        })
}

/// The transactions of a ledger, from whichever file has it.
fn transactions(index: u64) -> Json {
    let path = match index {
        87_704_323 | 90_150_378 => format!("ledgers/ledger_response_{index}.json"),
        _ => format!("ledgers/{index}.json"),
    };
    let mut file = common::json(&path).unwrap();
    let rows = if file.get("rows").is_some() { "/rows" } else { "/ledger/transactions" };
    file.pointer_mut(rows).unwrap().take()
}

#[test]
fn real_swaps() {
    let Some(swaps) = common::json("facts/mainnet_amm_swaps.json") else {
        return;
    };
    let swaps = swaps.as_array().unwrap();
    let mut ledgers: BTreeMap<u64, Json> = BTreeMap::new();
    let [mut pools_matched, mut fees_matched] = [0; 2];
    for swap in swaps {
        let index = swap["ledger_index"].as_u64().unwrap();
        let rows = ledgers.entry(index).or_insert_with(|| transactions(index));
        let row = rows.as_array().unwrap().iter().find(|row| row["hash"] == swap["tx_hash"]).unwrap();
        let meta = TxMeta::from_json(row.get("meta").unwrap_or(&row["metaData"])).unwrap();
        let account = swap["amm_account"].as_str().unwrap();
        let pools = pool_changes(&meta);
        let Some(pool) = pools.iter().find(|pool| pool.account.to_string() == account) else {
            panic!("{}: no pool {account} among {pools:?}", swap["tx_hash"]);
        };
        if is_as_recorded(pool, swap["sides"].as_array().unwrap()) {
            pools_matched += 1;
        } else {
            println!("{}: {pool:?}", swap["tx_hash"]);
        }
        let fee = pool.implied_fee().map(|fee| fee.to_fixed(4));
        if fee.as_deref() == swap["implied_fee_1e5"].as_str() {
            fees_matched += 1;
        } else {
            println!("{}: fee {fee:?}, recorded {}", swap["tx_hash"], swap["implied_fee_1e5"]);
        }
    }
    let total = swaps.len();
    println!("mainnet_amm_swaps.json: pools {pools_matched}/{total}, implied fees {fees_matched}/{total}");
    assert_eq!((pools_matched, fees_matched), (total, total));
}

/// Deposits, withdrawals, votes and bids recorded from a real server: what LPs gained of the pool's tokens is what the
/// pool issued, and every touched entry says its fee.
#[test]
fn lp_tokens_are_what_holders_have() {
    let [mut matched, mut total, mut entries, mut slots, mut votes] = [0; 5];
    for name in common::names("rippled/named").iter().filter(|name| name.starts_with("amm_")) {
        let Some(text) = common::unpacked(&format!("rippled/named/{name}")) else {
            return;
        };
        let document: Json = serde_json::from_str(&text).unwrap();
        let steps = ["setup", "steps"].iter().flat_map(|part| document[part].as_array().unwrap());
        for tx in steps.flat_map(|step| step["txs"].as_array().unwrap()).filter(|tx| tx["validated"] == true)
        {
            let meta = TxMeta::from_json(&tx["meta"]).unwrap();
            assert!(Object::from_json(&tx["tx_json"]).is_ok());
            for pool in pool_changes(&meta) {
                entries += usize::from(pool.action.is_some());
                slots += usize::from(pool.auction_slot.is_some());
                votes += usize::from(pool.votes_changed);
                assert_eq!(pool.action.is_some(), pool.trading_fee.is_some());
                let Some((before, after)) = pool.lp_tokens else { continue };
                let issued = &Exact::from(after.value().unwrap()) - &Exact::from(before.value().unwrap());
                let holders = holding_changes(&meta).into_iter().filter(|held| held.asset == after.asset());
                let held = holders.fold(Exact::zero(), |sum, held| &sum + &held.change());
                total += 1;
                // The pool's number has 16 digits: a smaller holder's own loss can have more (seen with AMMBid).
                let digits = Exact::from(after.value().unwrap()).max(Exact::from(before.value().unwrap()));
                let unit = &digits * &"0.000000000000001".parse::<Exact>().unwrap();
                if (&held - &issued).abs() <= unit {
                    matched += 1;
                } else {
                    println!("{name} {}: issued {issued}, held {held}", tx["note"]);
                }
            }
        }
    }
    println!("recorded pools: LP tokens {matched}/{total}; {entries} entries, {slots} slots, {votes} votes");
    assert_eq!(matched, total);
}
