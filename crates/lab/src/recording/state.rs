//! Accounts, lines, offers, books and, at the end, every entry of the ledger beside the recorded ones.

use super::document::{Account, State};
use super::{RecordingError, Replay, pools, read};
use ledger::{AccountId, Amount, Asset, JsonStyle, Object, fields as f};
use serde_json::{Value, json};
use sim::world::At;
use std::collections::BTreeMap;
use units::IssuedValue;

/// Types of the entries that are the ledger's own: Amendments, LedgerHashes, FeeSettings. Recordings leave them out; the
/// state hash holds them.
const OWN_TYPES: [Option<u32>; 3] = [Some(0x66), Some(0x68), Some(0x73)];
/// Offers of a book that a recording holds at most.
const BOOK_MAX: usize = 100;

/// Everything that a step recorded.
pub(super) fn compare(replay: &mut Replay<'_>, state: &State, step: i64) -> Result<(), RecordingError> {
    for (name, wanted) in &state.accounts {
        if let Some(account) = replay.accounts.get(name.as_str()).copied() {
            compare_account(replay, account, wanted, &format!("step {step}: {name}"))?;
        }
    }
    for (name, pays, gets) in [("asks", replay.rlusd, Asset::Xrp), ("bids", Asset::Xrp, replay.rlusd)] {
        if let Some(wanted) = state.books.get(name).and_then(Value::as_array) {
            compare_book(replay, &pays, &gets, wanted, &format!("step {step}: {name}"));
        }
    }
    for (name, wanted) in state.amm.iter().flatten() {
        pools::compare(replay, wanted, &format!("step {step}: {name}"));
    }
    Ok(())
}

fn compare_account(
    replay: &mut Replay<'_>,
    account: AccountId,
    wanted: &Account,
    place: &str,
) -> Result<(), RecordingError> {
    let world = &replay.world;
    let Some((_, root)) = world.account_root(At::Validated, account) else {
        replay.score.count("account", false, || format!("{place} is not there"));
        return Ok(());
    };
    let balance = root.amount(f::BALANCE).and_then(|balance| balance.drops());
    let own = (balance.map(|drops| drops.to_string()), root.u32(f::OWNER_COUNT), root.u32(f::SEQUENCE));
    let recorded = (Some(wanted.balance.clone()), Some(wanted.owner_count), Some(wanted.sequence));
    let mut lines: Vec<(Value, Value)> = world
        .account_lines(At::Validated, account)
        .iter()
        .map(|line| (line.peer.to_string().into(), line.balance.to_string().into()))
        .collect();
    let mut wanted_lines: Vec<(Value, Value)> =
        wanted.lines.iter().map(|line| (line["account"].clone(), line["balance"].clone())).collect();
    let by_text = |line: &(Value, Value)| (line.0.to_string(), line.1.to_string());
    lines.sort_by_key(by_text);
    wanted_lines.sort_by_key(by_text);
    let offers = world.account_offers(At::Validated, account);
    let mut offers: Vec<Value> = offers
        .iter()
        .map(|o| json!([o.sequence, o.flags, o.taker_gets, o.taker_pays, o.quality.to_plain_string()]))
        .collect();
    let mut wanted_offers = Vec::new();
    for offer in &wanted.offers {
        let quality: IssuedValue = read("offers[].quality", offer["quality"].as_str().unwrap_or_default())?;
        let of = |name: &str| offer[name].clone();
        wanted_offers.push(json!([
            of("seq"),
            of("flags"),
            of("taker_gets"),
            of("taker_pays"),
            quality.to_plain_string()
        ]));
    }
    offers.sort_by_key(|offer| offer[0].as_u64());
    wanted_offers.sort_by_key(|offer| offer[0].as_u64());
    let score = &mut replay.score;
    score.count("account", own == recorded, || format!("{place} {own:?} for {recorded:?}"));
    score.count("lines", lines == wanted_lines, || format!("{place} {lines:?} for {wanted_lines:?}"));
    score.count("offers", offers == wanted_offers, || format!("{place} {offers:?} for {wanted_offers:?}"));
    Ok(())
}

fn compare_book(replay: &mut Replay<'_>, pays: &Asset, gets: &Asset, wanted: &[Value], place: &str) {
    let text = |amount: Option<Amount>| match amount {
        None => Value::Null,
        Some(Amount::Issued { value, .. }) => Value::from(value.to_string()),
        Some(other) => serde_json::to_value(other).unwrap_or_default(),
    };
    let plain = |value: &Value| if value.is_object() { value["value"].clone() } else { value.clone() };
    let got: Vec<Value> = replay
        .world
        .book_offers(At::Validated, pays, gets, BOOK_MAX)
        .iter()
        .map(|offer| {
            json!([
                offer.index.to_string(),
                text(offer.owner_funds),
                text(offer.taker_gets_funded),
                text(offer.taker_pays_funded)
            ])
        })
        .collect();
    let expected: Vec<Value> = wanted
        .iter()
        .map(|offer| {
            let funded = |name: &str| plain(&offer[name]);
            json!([
                offer["index"],
                offer["owner_funds"],
                funded("taker_gets_funded"),
                funded("taker_pays_funded")
            ])
        })
        .collect();
    replay.score.count("books", got == expected, || format!("{place} {got:?} for {expected:?}"));
}

/// Every entry at the end.
pub(super) fn compare_entries(replay: &mut Replay<'_>, objects: &[Value]) {
    let own: BTreeMap<String, Object> = replay
        .world
        .all_entries(At::Validated)
        .filter(|(_, object)| !OWN_TYPES.contains(&object.u32(f::LEDGER_ENTRY_TYPE)))
        .map(|(index, object)| (index.to_string(), object))
        .collect();
    let score = &mut replay.score;
    score.count("entries in all", own.len() == objects.len(), || {
        format!("{} for {}", own.len(), objects.len())
    });
    for wanted in objects {
        let mut expected = wanted.clone();
        let index = expected.as_object_mut().and_then(|fields| fields.remove("index")).unwrap_or_default();
        let got =
            index.as_str().and_then(|index| own.get(index)).map(|entry| entry.to_json_as(JsonStyle::Server));
        score.count("entries", got.as_ref() == Some(&expected), || format!("{got:?} for {expected}"));
    }
}
