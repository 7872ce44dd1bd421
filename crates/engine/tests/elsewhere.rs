//! What our key set up elsewhere and a stranger completes, by table: from the bytes of a transaction to the cause of every
//! drop and digit. Who may complete what is in the ledger's documentation of each entry type.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crafted;
mod support;

use crafted::{Line, NOTHING, Told, legs};
use engine::Side;
use engine::proof::{Explained, explained};
use ledger::{AccountId, Amount, Currency, EntryType, NodeAction, Object, TxType, fields as f};
use support::{ISSUER, OTHER, US, drops, identity, value};
use units::LedgerTime;

/// Who issues other assets.
const THIRD: AccountId = AccountId([0x33; 20]);
/// Number of an account between ours and the others', so that we are the high side of its line.
const LOW: AccountId = AccountId([0; 20]);

/// `10` drops, `3R` RLUSD, `5T` of a third asset.
fn amount(text: &str) -> Amount {
    let issued = |text: &str, currency, issuer| Amount::Issued { value: value(text), currency, issuer };
    if let Some(text) = text.strip_suffix('R') {
        issued(text, Currency::RLUSD, ISSUER)
    } else if let Some(text) = text.strip_suffix('T') {
        issued(text, "TKN".parse().unwrap(), THIRD)
    } else {
        Amount::Xrp(drops(text.parse().unwrap()))
    }
}

fn account(word: &str) -> AccountId {
    match word {
        "us" => US,
        "other" => OTHER,
        "issuer" => ISSUER,
        _ => panic!("{word}"),
    }
}

/// An entry of this owner that goes; what it holds.
fn gone(told: Told, kind: &str, owner: &str, holds: &str) -> Told {
    let (entry_type, owner_field, amount_field) = match kind {
        "cheque" => (67, f::ACCOUNT, f::SEND_MAX),
        "escrow" => (117, f::ACCOUNT, f::AMOUNT),
        "channel" => (120, f::ACCOUNT, f::AMOUNT),
        "token-bid" | "token-ask" => (55, f::OWNER, f::AMOUNT),
        _ => panic!("{kind}"),
    };
    let fields = Object::new()
        .with(owner_field, account(owner))
        .with(amount_field, amount(holds))
        .with(f::FLAGS, u32::from(kind == "token-ask"));
    told.entry(EntryType(entry_type), NodeAction::Deleted, fields, None)
}

/// An offer of this owner; its legs before and after, `TakerGets` first.
fn offer(told: Told, action: NodeAction, owner: &str, was: [&str; 2], now: [&str; 2]) -> Told {
    let both = |object: Object, legs: [&str; 2]| {
        object.with(f::TAKER_GETS, amount(legs[0])).with(f::TAKER_PAYS, amount(legs[1]))
    };
    let fields = both(Object::new().with(f::ACCOUNT, account(owner)).with(f::SEQUENCE, 4_u32), now);
    let previous = (was != now).then(|| both(Object::new(), was));
    told.entry(EntryType::OFFER, action, fields, previous)
}

/// The rest of a transaction of a stranger: our drops and our RLUSD change by so much.
fn ends(told: Told, moved: i64, rlusd: &str) -> String {
    let mut told = told.root(US, drops(60_000_000), drops(60_000_000 + moved), 13, 2);
    if rlusd != "0" {
        let after = value("100").checked_add(value(rlusd)).unwrap().to_string();
        told = told.line(Line::OURS, NodeAction::Modified, "100", &after);
    }
    words(&explained(&told.own(0), &identity(), LedgerTime(800_000_000), false).unwrap())
}

fn words(seen: &Explained) -> String {
    assert!(seen.trades.is_empty(), "none of it is a trade of ours: {:?}", seen.trades);
    causes(seen)
}

fn causes(seen: &Explained) -> String {
    let changes = seen.changes.iter();
    let mut out: Vec<String> = changes
        .map(|(asset, amount, cause)| format!("{} {amount} {}", cause.as_str(), asset.as_str()))
        .collect();
    if !seen.unexplained_xrp.is_zero() {
        out.push(format!("? {} drops", seen.unexplained_xrp.get()));
    }
    if !seen.unexplained_rlusd.is_zero() {
        out.push(format!("? {} RLUSD", seen.unexplained_rlusd));
    }
    out.join("; ")
}

fn by(tx_type: u16, signer: &str) -> Told {
    Told::new(TxType(tx_type), account(signer), 12, 10)
}

/// Transaction type, entry, whose, what it holds, our drops, our RLUSD.
const GONE: &str = "
    17 cheque    us    5000000  -5000000  0     | other_writer -5 XRP
    17 cheque    us    5000000  -4000000  0     | other_writer -4 XRP
    17 cheque    us    5000000  -5000001  0     | ? -5000001 drops
    17 cheque    us    5000000  1         0     | ? 1 drops
    17 cheque    us    7R       0         -7    | other_writer -7 RLUSD
    17 cheque    us    7R       0         -8    | ? -8 RLUSD
    17 cheque    us    7R       -7        0     | ? -7 drops
    17 cheque    us    7T       -7        0     | ? -7 drops
    17 cheque    other 5000000  -5000000  0     | ? -5000000 drops
    4  escrow    us    5000000  5000000   0     | other_writer 5 XRP
    4  escrow    us    5000000  5000001   0     | ? 5000001 drops
    4  escrow    us    5000000  -1        0     | ? -1 drops
    4  escrow    us    7R       0         7     | other_writer 7 RLUSD
    4  escrow    other 5000000  5000000   0     | ? 5000000 drops
    15 channel   us    5000000  2000000   0     | other_writer 2 XRP
    15 channel   us    5000000  -2000000  0     | ? -2000000 drops
    29 token-bid us    5000000  -5000000  0     | other_writer -5 XRP
    29 token-bid us    5000000  5000000   0     | ? 5000000 drops
    29 token-ask us    5000000  4900000   0     | other_writer 4.9 XRP
    29 token-ask us    7R       0         6.5   | other_writer 6.5 RLUSD
    29 token-ask us    7R       0         -6.5  | ? -6.5 RLUSD
    29 token-ask other 7R       0         6.5   | ? 6.5 RLUSD
";

#[test]
fn an_entry_that_a_stranger_completes_moves_no_more_than_it_holds_and_that_way() {
    for row in GONE.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (left, wanted) = row.split_once('|').unwrap();
        let cells: Vec<&str> = left.split_whitespace().collect();
        let told = gone(by(cells[0].parse().unwrap(), "other"), cells[1], cells[2], cells[3]);
        assert_eq!(ends(told, cells[4].parse().unwrap(), cells[5]), wanted.trim(), "{row}");
    }
}

/// Whose, legs before, legs after, whether it goes, our drops, our RLUSD.
const OFFERED: &str = "
    us    3000000 6T  2000000 4T  stays -1000000 0     | other_writer -1 XRP
    us    3000000 6T  0       0T  goes  -3000000 0     | other_writer -3 XRP
    us    3000000 6T  2000000 4T  stays -1000001 0     | other_writer -1 XRP; ? -1 drops
    us    3000000 6T  3000000 6T  goes  0        0     |
    us    3000000 6T  3000000 6T  goes  -3000000 0     | ? -3000000 drops
    us    6T 3000000  4T 2000000  stays 1000000  0     | other_writer 1 XRP
    us    6T 3000000  4T 2000000  stays 0        0     | other_writer 1 XRP; ? -1000000 drops
    us    3R 6T       2R 4T       stays 0        -1    | other_writer -1 RLUSD
    us    3R 6T       2R 4T       stays 0        -1.02 | other_writer -1 RLUSD; other_writer -0.02 RLUSD
    us    3R 6T       2R 4T       stays 0        -2.02 | other_writer -1 RLUSD; ? -1.02 RLUSD
    us    3R 6T       2R 4T       stays 0        1     | other_writer -1 RLUSD; ? 2 RLUSD
    us    6T 3R       4T 2R       stays 0        1     | other_writer 1 RLUSD
    us    6T 3R       4T 2R       stays 0        1.000000000002 | other_writer 1 RLUSD; other_writer 0.000000000002 RLUSD
    us    6T 3R       4T 2R       stays 0        1.001 | other_writer 1 RLUSD; ? 0.001 RLUSD
    other 3000000 6T  2000000 4T  stays -1000000 0     | ? -1000000 drops
";

#[test]
fn an_offer_of_another_pair_moves_what_its_node_says_and_is_no_fill() {
    for row in OFFERED.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (left, wanted) = row.split_once('|').unwrap();
        let cells: Vec<&str> = left.split_whitespace().collect();
        let action = if cells[5] == "goes" { NodeAction::Deleted } else { NodeAction::Modified };
        let told = offer(by(7, "other"), action, cells[0], [cells[1], cells[2]], [cells[3], cells[4]]);
        assert_eq!(ends(told, cells[6].parse().unwrap(), cells[7]), wanted.trim(), "{row}");
    }
}

#[test]
fn a_transfer_fee_is_on_what_our_bid_and_the_other_offer_gave_together() {
    // One transaction takes a bid of ours of 2 RLUSD and an offer of 3 RLUSD for a third asset.
    for (rlusd, wanted) in
        [("-5.5", "transfer_fee -0.5 RLUSD"), ("-9.5", "transfer_fee -4.5 RLUSD"), ("-10.5", "? -5.5 RLUSD")]
    {
        let bid = Some(legs("2", 1_000_000));
        let told = by(7, "other").offer(NodeAction::Deleted, 20, Side::Buy, bid, NOTHING);
        let told = offer(told, NodeAction::Deleted, "us", ["3R", "6T"], ["0R", "0T"]);
        let told = told.root(US, drops(60_000_000), drops(61_000_000), 13, 2);
        let after = value("100").checked_add(value(rlusd)).unwrap().to_string();
        let told = told.line(Line::OURS, NodeAction::Modified, "100", &after);
        let seen = explained(&told.own(0), &identity(), LedgerTime(800_000_000), false).unwrap();
        let booked = format!("fill 1 XRP; fill -2 RLUSD; other_writer -3 RLUSD; {wanted}");
        assert_eq!((seen.trades.len(), causes(&seen)), (1, booked));
    }
}

#[test]
fn an_offer_that_was_only_made_moves_nothing() {
    let told = offer(by(7, "other"), NodeAction::Created, "us", ["3000000", "6T"], ["3000000", "6T"]);
    assert_eq!(ends(told, -3_000_000, "0"), "? -3000000 drops");
}

fn line(low: AccountId, high: AccountId, currency: Currency, before: &str, after: &str) -> Told {
    by(31, "other").line(Line { low, high, currency, flags: 0 }, NodeAction::Modified, before, after)
}

#[test]
fn a_share_of_a_pool_that_is_taken_back_pays_out_and_none_that_grows() {
    let mut share = [0x11; 20];
    share[0] = 3;
    let share = Currency(share);
    for (low, high, sign) in [(US, THIRD, ""), (LOW, US, "-")] {
        let of = |before: &str, after: &str| {
            line(low, high, share, &format!("{sign}{before}"), &format!("{sign}{after}"))
        };
        assert_eq!(ends(of("10", "4"), 2_000_000, "0"), "amm 2 XRP");
        assert_eq!(ends(of("10", "4"), 0, "3"), "amm 3 RLUSD");
        assert_eq!(ends(of("10", "4"), -1, "0"), "? -1 drops");
        assert_eq!(ends(of("4", "10"), 2_000_000, "0"), "? 2000000 drops");
        assert_eq!(ends(of("4", "4"), 2_000_000, "0"), "? 2000000 drops");
    }
}

#[test]
fn lines_of_one_currency_ripple_and_against_each_other() {
    for (low, high, sign) in [(US, THIRD, ""), (LOW, US, "-")] {
        let of = |currency, before: &str, after: &str| {
            line(low, high, currency, &format!("{sign}{before}"), &format!("{sign}{after}"))
        };
        assert_eq!(ends(of(Currency::RLUSD, "10", "4"), 0, "6"), "other_writer 6 RLUSD");
        assert_eq!(ends(of(Currency::RLUSD, "4", "10"), 0, "-6"), "other_writer -6 RLUSD");
        assert_eq!(ends(of(Currency::RLUSD, "4", "10"), 0, "6"), "? 6 RLUSD");
        assert_eq!(ends(of(Currency::RLUSD, "4", "10"), -6, "0"), "? -6 drops");
        assert_eq!(ends(of("USD".parse().unwrap(), "4", "10"), 0, "-6"), "? -6 RLUSD");
    }
    // A line of two others is none of ours.
    assert_eq!(ends(line(OTHER, THIRD, Currency::RLUSD, "4", "10"), 0, "-6"), "? -6 RLUSD");
}
