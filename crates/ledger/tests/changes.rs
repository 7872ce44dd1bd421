//! Metadata by table: one node in the published shape, and what it means for an offer, a holding, a channel, an escrow or an
//! entry. The rules are those of the ledger's documentation; the real recordings are in the tests beside this one.
#![allow(clippy::unwrap_used, reason = "a test")]

use ledger::meta::{
    MetaError, channel_changes, created_entries, deleted_entries, escrow_changes, holding_changes,
};
use ledger::{AccountId, Amount, Asset, Object, OfferStatus, TxMeta, offer_changes};
use serde_json::{Value as Json, json};
use units::LedgerTime;

fn account(byte: u8) -> String {
    AccountId([byte; 20]).to_string()
}

fn index(byte: u8) -> String {
    format!("{byte:02X}").repeat(32)
}

fn meta(nodes: Json) -> Result<TxMeta, MetaError> {
    TxMeta::from_json(&json!({
        "TransactionResult": "tesSUCCESS", "TransactionIndex": 0, "AffectedNodes": nodes,
    }))
}

/// A node of an entry: `fields` and, where it was changed, what it had before.
fn node(action: &str, entry: &str, at: u8, fields: Json, previous: Option<Json>) -> Json {
    let name = if action == "Created" { "NewFields" } else { "FinalFields" };
    let mut inner = json!({ "LedgerEntryType": entry, "LedgerIndex": index(at), name: fields });
    if let Some(previous) = previous {
        inner["PreviousFields"] = previous;
    }
    json!({ format!("{action}Node"): inner })
}

fn tokens(text: &str) -> Json {
    json!({ "currency": "USD", "issuer": account(9), "value": text })
}

/// Action; drops given before and after; tokens wanted before and after (`=`: the metadata shows no change); the
/// transaction, whether its sender owns the offer and whether it names it; seconds that the offer has left when the ledger
/// before closed (`never`: it has no end, `?`: that close is not known): status, or `-` for no change.
const OFFERS: &str = "
    Created  10 10 5 5  OfferCreate own   -     never | created
    Modified 10 4  5 2  OfferCreate other -     never | partially-filled
    Modified 10 4  = 5  OfferCreate other -     never | partially-filled
    Modified =  10 5 4  OfferCreate other -     never | partially-filled
    Modified =  10 = 5  OfferCreate other -     never | -
    Deleted  10 0  5 0  OfferCreate other -     never | filled
    Deleted  10 0  5 1  OfferCreate other -     never | filled
    Deleted  10 1  5 0  Payment     other -     never | filled
    Deleted  10 1  5 1  OfferCreate other -     never | unfunded
    Deleted  10 1  = 5  OfferCreate other -     never | unfunded
    Deleted  10 1  5 1  OfferCancel own   named never | unfunded
    Deleted  =  10 = 5  OfferCancel own   named never | cancelled
    Deleted  =  10 = 5  OfferCreate own   named never | replaced
    Deleted  =  10 = 5  OfferCancel own   -     never | removed
    Deleted  =  10 = 5  OfferCreate own   -     never | removed
    Deleted  =  10 = 5  Payment     own   named never | removed
    Deleted  =  10 = 5  OfferCancel other named never | unfunded
    Deleted  =  10 = 5  OfferCreate other named never | unfunded
    Deleted  =  10 = 5  OfferCreate other -     1     | unfunded
    Deleted  =  10 = 5  OfferCreate other -     0     | expired
    Deleted  =  10 = 5  OfferCreate other -     -1    | expired
    Deleted  =  10 = 5  OfferCreate own   -     -1    | expired
    Deleted  =  10 = 5  OfferCancel own   named -1    | cancelled
    Deleted  =  10 = 5  OfferCreate other -     ?     | removed
";

#[test]
fn how_an_offer_ends_by_table() {
    for row in OFFERS.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (left, wanted) = row.split_once('|').unwrap();
        let cells: Vec<&str> = left.split_whitespace().collect();
        let [action, gave, gives, wanted_before, wants] = cells[..5] else { unreachable!() };
        let mut fields = json!({
            "Account": account(7), "Sequence": 12, "TakerGets": gives, "TakerPays": tokens(wants),
        });
        let mut previous = json!({});
        if action != "Created" {
            if gave != "=" {
                previous["TakerGets"] = json!(gave);
            }
            if wanted_before != "=" {
                previous["TakerPays"] = tokens(wanted_before);
            }
        }
        let expires = 800_000_000_u32;
        if cells[8] != "never" {
            fields["Expiration"] = json!(expires);
        }
        let parent_close = match cells[8] {
            "never" => Some(LedgerTime(expires)),
            "?" => None,
            left => Some(LedgerTime(expires.checked_add_signed(-left.parse::<i32>().unwrap()).unwrap())),
        };
        let owner = if cells[6] == "own" { 7 } else { 5 };
        let mut tx = json!({
            "TransactionType": cells[5], "Account": account(owner), "Sequence": 20, "Fee": "10",
            "SigningPubKey": "",
        });
        if cells[7] == "named" {
            tx["OfferSequence"] = json!(12);
        }
        let tx = Object::from_json(&tx).unwrap();
        let meta = meta(json!([node(action, "Offer", 1, fields, Some(previous))])).unwrap();
        let seen = offer_changes(&meta, Some(&tx), parent_close);
        let status = seen.first().map_or("-".to_owned(), |change| change.status.to_string());
        assert_eq!(status, wanted.trim(), "{row}");
        if let Some(change) = seen.first() {
            let number = |before: &str, after: &str| {
                let before = if before == "=" || action == "Created" { after } else { before };
                before.parse::<i64>().unwrap() - after.parse::<i64>().unwrap()
            };
            let filled = number(gave, gives).to_string();
            assert_eq!(change.filled_gets.to_json(), json!(filled), "{row}");
            let filled = number(wanted_before, wants).to_string();
            assert_eq!(change.filled_pays.to_json(), tokens(&filled), "{row}");
        }
        if status != "-" {
            // Without the transaction nobody knows why an offer went that did not trade.
            let unknown = offer_changes(&meta, None, parent_close)[0].status;
            let is_told = matches!(status.as_str(), "created" | "partially-filled" | "filled")
                || previous_traded(gave, wanted_before, action);
            assert_eq!(unknown == OfferStatus::Removed, !is_told, "{row}");
        }
    }
}

fn previous_traded(gave: &str, wanted: &str, action: &str) -> bool {
    action != "Created" && (gave != "=" || wanted != "=")
}

#[test]
fn an_offer_is_gone_by_its_status() {
    for (status, is_gone) in [
        (OfferStatus::Created, false),
        (OfferStatus::PartiallyFilled, false),
        (OfferStatus::Filled, true),
        (OfferStatus::Cancelled, true),
        (OfferStatus::Replaced, true),
        (OfferStatus::Expired, true),
        (OfferStatus::Unfunded, true),
        (OfferStatus::Removed, true),
    ] {
        assert_eq!(status.is_gone(), is_gone, "{status}");
    }
}

const MPT: &str = "000004C463C52827307480341125DA0577DEFC38405B0E3E";

#[test]
fn an_offer_of_token_units_is_read_in_units() {
    let units = |value: &str| json!({ "mpt_issuance_id": MPT, "value": value });
    let fields = json!({
        "Account": account(7), "Sequence": 12, "TakerGets": units("70"), "TakerPays": "700",
    });
    let previous = json!({ "TakerGets": units("100"), "TakerPays": "1000" });
    let meta = meta(json!([node("Modified", "Offer", 1, fields, Some(previous))])).unwrap();
    let seen = offer_changes(&meta, None, None);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].filled_gets.to_json(), units("30"));
    assert_eq!(seen[0].filled_pays.to_json(), json!("300"));
}

#[test]
fn a_created_node_has_new_fields_and_no_other_final_ones() {
    let inner =
        |name: &str| json!({ "LedgerEntryType": "Offer", "LedgerIndex": index(1), name: { "Sequence": 5 } });
    for (action, name, is_read) in [
        ("CreatedNode", "NewFields", true),
        ("CreatedNode", "FinalFields", false),
        ("ModifiedNode", "FinalFields", true),
        ("ModifiedNode", "NewFields", false),
        ("DeletedNode", "FinalFields", true),
        ("DeletedNode", "NewFields", false),
    ] {
        let read = meta(json!([{ action: inner(name) }]));
        assert_eq!(read.is_ok(), is_read, "{action} {name}: {read:?}");
    }
}

#[test]
fn units_are_held_by_holders_and_owed_by_the_issuer() {
    let holder = |before: &str, after: &str| {
        let fields = json!({ "Account": account(7), "MPTokenIssuanceID": MPT, "MPTAmount": after });
        node("Modified", "MPToken", 1, fields, Some(json!({ "MPTAmount": before })))
    };
    let issued = json!({ "Issuer": account(9), "Sequence": 4, "OutstandingAmount": "80" });
    let issuance = node("Modified", "MPTokenIssuance", 2, issued, Some(json!({ "OutstandingAmount": "50" })));
    let seen = holding_changes(&meta(json!([holder("20", "50"), issuance])).unwrap());
    let told: Vec<_> = seen
        .iter()
        .map(|holding| (holding.account, holding.before.to_string(), holding.after.to_string()))
        .collect();
    assert_eq!(told, [(AccountId([7; 20]), "20".to_owned(), "50".to_owned())]);
    assert_eq!(seen[0].asset, Asset::Mpt(MPT.parse().unwrap()));
}

/// Action; amount and balance of the channel before (`=`: unchanged) and after: added, paid, returned, left, or `-`.
const CHANNELS: &str = "
    Created  = 100 = 0   | 100 0  0  100
    Modified = 100 0 30  | 0   30 0  70
    Modified 100 150 = 30 | 50 0  0  120
    Modified = 100 = 30  | -
    Modified 100 150 10 30 | 50 20 0 120
    Deleted  = 100 = 30  | 0   0  70 0
    Deleted  = 100 30 80 | 0   50 20 0
";

#[test]
fn what_a_channel_took_and_paid_by_table() {
    for row in CHANNELS.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (left, wanted) = row.split_once('|').unwrap();
        let cells: Vec<&str> = left.split_whitespace().collect();
        let fields = json!({
            "Account": account(7), "Destination": account(5), "Amount": cells[2], "Balance": cells[4],
        });
        let mut previous = json!({});
        for (name, before) in [("Amount", cells[1]), ("Balance", cells[3])] {
            if before != "=" {
                previous[name] = json!(before);
            }
        }
        let previous = (cells[0] != "Created").then_some(previous);
        let seen =
            channel_changes(&meta(json!([node(cells[0], "PayChannel", 1, fields, previous)])).unwrap());
        let told: Vec<String> = seen
            .iter()
            .flat_map(|change| [change.added, change.paid, change.returned, change.left])
            .map(|drops| drops.get().to_string())
            .collect();
        let wanted: Vec<&str> = wanted.split_whitespace().filter(|word| *word != "-").collect();
        assert_eq!(told, wanted, "{row}");
    }
}

/// Action; the change of XRP of the source and of the destination; who is the destination: drops, locked, released to.
const ESCROWS: &str = "
    Created  -100 0   other | 100 locked   -
    Deleted  100  0   other | 100 released source
    Deleted  0    100 other | 100 released destination
    Deleted  100  100 other | 100 released -
    Deleted  0    0   other | 100 released -
    Deleted  -10  100 other | 100 released destination
    Deleted  100  -10 other | 100 released source
    Deleted  -10  -10 other | 100 released -
    Deleted  0    0   same  | 100 released source
    Modified 0    0   other | none
";

#[test]
fn who_got_what_an_escrow_released_by_table() {
    for row in ESCROWS.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (left, wanted) = row.split_once('|').unwrap();
        let cells: Vec<&str> = left.split_whitespace().collect();
        let (source, destination) = (7, if cells[3] == "same" { 7 } else { 5 });
        let fields =
            json!({ "Account": account(source), "Destination": account(destination), "Amount": "100" });
        let mut nodes = vec![node(cells[0], "Escrow", 1, fields, None)];
        for (at, who, change) in [(2, source, cells[1]), (3, destination, cells[2])] {
            let change: i64 = change.parse().unwrap();
            // An account that is only threaded is there too, with nothing changed.
            let root = json!({ "Account": account(who), "Balance": (1000 + change).to_string() });
            let previous = if change == 0 { json!({}) } else { json!({ "Balance": "1000" }) };
            nodes.push(node("Modified", "AccountRoot", at, root, Some(previous)));
        }
        let seen = escrow_changes(&meta(json!(nodes)).unwrap());
        let told = seen.first().map_or("none".to_owned(), |change| {
            let Amount::Xrp(drops) = change.amount else { unreachable!() };
            let to = match change.released_to {
                None => "-",
                Some(to) if to == AccountId([source; 20]) => "source",
                Some(_) => "destination",
            };
            format!("{} {} {to}", drops.get(), if change.locked { "locked" } else { "released" })
        });
        assert_eq!(told, wanted.split_whitespace().collect::<Vec<_>>().join(" "), "{row}");
    }
}

#[test]
fn an_entry_belongs_to_whom_its_fields_or_its_number_name() {
    let nodes = json!([
        node("Created", "Check", 1, json!({ "Account": account(7), "SendMax": "5" }), None),
        node("Created", "Ticket", 2, json!({ "Account": account(6), "TicketSequence": 3 }), None),
        node("Created", "NFTokenPage", 4, json!({}), None),
        node("Deleted", "DirectoryNode", 3, json!({ "Owner": account(8), "Account": account(1) }), None),
        node("Deleted", "MPTokenIssuance", 5, json!({ "Issuer": account(9), "Sequence": 1 }), None),
        node("Modified", "AccountRoot", 6, json!({ "Account": account(7) }), None),
    ]);
    let meta = meta(nodes).unwrap();
    let owners = |entries: Vec<ledger::meta::EntryChange>| {
        entries.into_iter().map(|entry| (entry.index.as_bytes()[0], entry.owner)).collect::<Vec<_>>()
    };
    let id = |byte| Some(AccountId([byte; 20]));
    assert_eq!(owners(created_entries(&meta)), [(1, id(7)), (2, id(6)), (4, id(4))]);
    assert_eq!(owners(deleted_entries(&meta)), [(3, id(8)), (5, id(9))]);
}
