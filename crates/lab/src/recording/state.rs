//! Accounts, lines, offers, books and, at the end, every entry of the ledger beside the recorded ones.

use super::document::{Account, State};
use super::transaction::bare;
use super::{RecordingError, Replay, pools, read};
use ledger::{AccountId, Asset, Currency, JsonStyle, Object, fields as f};
use serde_json::{Value, json};
use sim::world::{AccountLine, AccountOffer, At, BookOffer};
use std::collections::BTreeMap;
use units::IssuedValue;

/// Types of the entries that are the ledger's own: Amendments, LedgerHashes, FeeSettings. Recordings leave them out; the
/// state hash holds them.
const OWN_TYPES: [Option<u32>; 3] = [Some(0x66), Some(0x68), Some(0x73)];
/// Offers of a book that a recording holds at most.
const BOOK_MAX: usize = 100;

/// What the state document leaves out of a book's offer: links of directories and of transactions.
const LINKS: [&str; 5] = ["BookNode", "LedgerEntryType", "OwnerNode", "PreviousTxnID", "PreviousTxnLgrSeq"];

/// Everything that a step recorded, and that nothing is missing from it.
pub(super) fn compare(replay: &mut Replay<'_>, state: &State, place: &str) -> Result<(), RecordingError> {
    let parties: Vec<(&str, AccountId)> = replay.accounts.iter().map(|(name, id)| (*name, *id)).collect();
    for (name, account) in parties {
        let place = format!("{place}: {name}");
        match state.accounts.get(name) {
            Some(wanted) => compare_account(replay, account, wanted, &place)?,
            // The recorder leaves out the account that every ledger begins with.
            None if name == "genesis" => {}
            None => {
                let is_there = replay.world.account_root(At::Validated, account).is_some();
                replay.score.count("state", !is_there, || format!("{place} is not recorded"));
            }
        }
    }
    let index = replay.world.header().ledger_index.0;
    replay.score.count("state", state.ledger_index == Some(index), || {
        format!("{place}: of ledger {:?} for {index}", state.ledger_index)
    });
    let unknown = state.accounts.keys().find(|name| !replay.accounts.contains_key(name.as_str()));
    replay.score.count("state", unknown.is_none(), || format!("{place}: {unknown:?} has no address"));
    for (name, pays, gets) in books(replay) {
        let wanted = state.books.get(name).and_then(Value::as_array);
        let place = format!("{place}: {name}");
        match wanted {
            Some(wanted) => compare_book(replay, &pays, &gets, wanted, &place),
            None if name == "asks" || name == "bids" => {
                replay.score.count("state", false, || format!("{place} is not recorded"));
            }
            None => {}
        }
    }
    let pools = state.amm.iter().flatten();
    // A pool that was emptied is recorded as null.
    let is_recorded = pools.clone().any(|(_, pool)| !pool.is_null());
    let has_pool = replay.world.amm_info(At::Validated, &Asset::Xrp, &replay.rlusd, None).is_some();
    replay.score.count("state", is_recorded == has_pool, || {
        format!("{place}: a pool is there: {has_pool}, recorded: {is_recorded}")
    });
    for (name, wanted) in pools {
        pools::compare(replay, wanted, &format!("{place}: {name}"));
    }
    Ok(())
}

/// Name, what a taker pays, what it gets. Scenarios that bridge have a third asset, issued by `gw`.
fn books(replay: &Replay<'_>) -> Vec<(&'static str, Asset, Asset)> {
    let (xrp, rlusd) = (Asset::Xrp, replay.rlusd);
    let mut books = vec![("asks", rlusd, xrp), ("bids", xrp, rlusd)];
    if let (Some(issuer), Ok(currency)) = (replay.accounts.get("gw"), Currency::issued("USD")) {
        let usd = Asset::Issued { currency, issuer: *issuer };
        books.extend([("usd_asks", usd, xrp), ("usd_bids", xrp, usd)]);
        books.extend([("rlusd_for_usd", usd, rlusd), ("usd_for_rlusd", rlusd, usd)]);
    }
    books
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
    let own = account_shown(&root, tickets(replay, account));
    let mut wanted_tickets = wanted.tickets.clone();
    wanted_tickets.sort_unstable();
    let recorded = json!([
        wanted.balance,
        wanted.owner_count,
        wanted.sequence,
        wanted.flags,
        wanted.ticket_count,
        wanted.transfer_rate,
        wanted.tick_size,
        wanted_tickets
    ]);
    let by_text = |line: &Value| line.to_string();
    let mut lines: Vec<Value> = world.account_lines(At::Validated, account).iter().map(line_shown).collect();
    let mut wanted_lines = wanted.lines.clone();
    lines.sort_by_key(by_text);
    wanted_lines.sort_by_key(by_text);
    let offers = world.account_offers(At::Validated, account);
    let mut offers: Vec<Value> = offers.iter().map(offer_shown).collect();
    let mut wanted_offers = wanted.offers.clone();
    for offer in &mut wanted_offers {
        plain_quality(offer)?;
    }
    offers.sort_by_key(|offer| offer["seq"].as_u64());
    wanted_offers.sort_by_key(|offer| offer["seq"].as_u64());
    let score = &mut replay.score;
    score.count("account", own == recorded, || format!("{place} {own} for {recorded}"));
    score.count("lines", lines == wanted_lines, || format!("{place} {lines:?} for {wanted_lines:?}"));
    score.count("offers", offers == wanted_offers, || format!("{place} {offers:?} for {wanted_offers:?}"));
    Ok(())
}

fn tickets(replay: &Replay<'_>, account: AccountId) -> Vec<u32> {
    let owned = replay.world.account_objects(At::Validated, account);
    let mut tickets: Vec<u32> =
        owned.iter().filter_map(|(_, object)| object.u32(f::TICKET_SEQUENCE)).collect();
    tickets.sort_unstable();
    tickets
}

fn account_shown(root: &Object, tickets: Vec<u32>) -> Value {
    let balance = root.amount(f::BALANCE).and_then(|balance| balance.drops());
    json!([
        balance.map(|drops| drops.to_string()),
        root.u32(f::OWNER_COUNT),
        root.u32(f::SEQUENCE),
        root.u32(f::FLAGS).unwrap_or_default(),
        root.u32(f::TICKET_COUNT),
        root.u32(f::TRANSFER_RATE),
        root.u32(f::TICK_SIZE),
        tickets
    ])
}

/// A line as `account_lines` gives it: what is not so is not named.
fn line_shown(line: &AccountLine) -> Value {
    let mut shown = json!({
        "account": line.peer,
        "balance": line.balance.to_string(),
        "currency": line.currency.to_string(),
        "limit": line.limit.to_string(),
        "limit_peer": line.limit_peer.to_string(),
        "quality_in": line.quality_in,
        "quality_out": line.quality_out,
    });
    for (name, is_so) in [
        ("no_ripple", line.no_ripple),
        ("no_ripple_peer", line.no_ripple_peer),
        ("authorized", line.authorized),
        ("peer_authorized", line.peer_authorized),
        ("freeze", line.freeze),
        ("freeze_peer", line.freeze_peer),
    ] {
        if is_so {
            shown[name] = true.into();
        }
    }
    shown
}

fn offer_shown(offer: &AccountOffer) -> Value {
    let mut shown = json!({
        "seq": offer.sequence,
        "flags": offer.flags,
        "taker_gets": offer.taker_gets,
        "taker_pays": offer.taker_pays,
        "quality": offer.quality.to_plain_string(),
    });
    if let Some(expiration) = offer.expiration {
        shown["expiration"] = expiration.0.into();
    }
    shown
}

/// One quality has more than one way of being written.
fn plain_quality(offer: &mut Value) -> Result<(), RecordingError> {
    let quality: IssuedValue = read("offers[].quality", offer["quality"].as_str().unwrap_or_default())?;
    offer["quality"] = quality.to_plain_string().into();
    Ok(())
}

fn compare_book(replay: &mut Replay<'_>, pays: &Asset, gets: &Asset, wanted: &[Value], place: &str) {
    let offers = replay.world.book_offers(At::Validated, pays, gets, BOOK_MAX);
    let got: Vec<Value> = offers.iter().map(book_offer_shown).collect();
    let mut wanted = wanted.to_vec();
    for offer in &mut wanted {
        // What does not read stays as it is, and differs.
        let _ = plain_quality(offer);
    }
    replay.score.count("books", got == wanted, || format!("{place} {got:?} for {wanted:?}"));
}

/// An offer as `book_offers` gives it, without [`LINKS`].
fn book_offer_shown(offer: &BookOffer) -> Value {
    let mut shown = offer.entry.to_json_as(JsonStyle::Server);
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|name, _| !LINKS.contains(&name.as_str()));
    }
    shown["index"] = offer.index.to_string().into();
    shown["quality"] = offer.quality.to_plain_string().into();
    if let Some(funds) = &offer.owner_funds {
        shown["owner_funds"] = bare(funds).into();
    }
    let funded =
        [("taker_gets_funded", offer.taker_gets_funded), ("taker_pays_funded", offer.taker_pays_funded)];
    for (name, amount) in funded {
        if let Some(amount) = amount {
            shown[name] = amount.to_json();
        }
    }
    shown
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
