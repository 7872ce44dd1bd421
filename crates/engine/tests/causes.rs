//! What one validated transaction means for our balances, by table: from the bytes of a transaction to the cause of every
//! drop and digit. The rules are those of the ledger's documentation: who may move what, and what an offer's node says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crafted;
mod support;

use crafted::{Line, NOTHING, Told, legs};
use engine::proof::{Explained, explained};
use engine::{Identity, Liquidity, Side};
use ledger::{AccountId, Currency, NodeAction, TxType};
use support::{ISSUER, OTHER, US, drops, identity, value};
use units::{Exact, LedgerTime};

fn read(told: Told, identity: &Identity, signed_by_us: bool) -> Explained {
    explained(&told.own(0), identity, LedgerTime(800_000_000), signed_by_us).unwrap()
}

/// Causes in the order in which they are booked, then the trades, then what nothing explains.
#[must_use]
fn words(seen: &Explained) -> String {
    let mut out: Vec<String> = seen
        .changes
        .iter()
        .map(|(asset, amount, cause)| format!("{} {amount} {}", cause.as_str(), asset.as_str()))
        .collect();
    for trade in &seen.trades {
        let how = if trade.liquidity == Liquidity::Maker { "made" } else { "took" };
        out.push(format!("{how} {} {} drops for {}", trade.side, trade.base.get(), trade.quote));
    }
    if !seen.unexplained_xrp.is_zero() {
        out.push(format!("? {} drops", seen.unexplained_xrp.get()));
    }
    if !seen.unexplained_rlusd.is_zero() {
        out.push(format!("? {} RLUSD", seen.unexplained_rlusd));
    }
    out.join("; ")
}

/// Type, signer, whether this engine made it, destination, drops (the fee of 10 among them when we sign), RLUSD.
const MOVED: &str = "
    Payment       other  -    us     5000000    3   | deposit 5 XRP; deposit 3 RLUSD
    Payment       other  -    us     5000000    0   | deposit 5 XRP
    Payment       other  -    us     -1         0   | ? -1 drops
    Payment       other  -    us     0          -3  | ? -3 RLUSD
    Payment       other  -    other  1          0   | ? 1 drops
    Payment       other  -    none   1          0   | ? 1 drops
    Payment       issuer -    us     0          3   | deposit 3 RLUSD
    Payment       us     -    us     3999990    -4  | fee -0.00001 XRP; other_writer 4 XRP; other_writer -4 RLUSD
    Payment       us     -    other  -4000010   0   | fee -0.00001 XRP; other_writer -4 XRP
    AccountSet    other  -    us     1          0   | ? 1 drops
    AccountSet    us     -    none   -10        0   | fee -0.00001 XRP
    AccountDelete other  -    us     7000000    0   | deposit 7 XRP
    AccountDelete other  -    other  7000000    0   | ? 7000000 drops
    EscrowFinish  other  -    us     7000000    0   | deposit 7 XRP
    ChannelClaim  other  -    us     7000000    0   | deposit 7 XRP
    Clawback      issuer -    none   0          -5  | clawback -5 RLUSD
    Clawback      issuer -    none   0          5   | ? 5 RLUSD
    Clawback      issuer -    none   -3         -5  | clawback -5 RLUSD; ? -3 drops
    Clawback      issuer -    none   -3         0   | ? -3 drops
    Clawback      other  -    none   0          -5  | ? -5 RLUSD
    AccountSet    issuer -    none   0          -5  | ? -5 RLUSD
    AMMClawback   issuer -    none   5          0   | amm 0.000005 XRP
    AMMClawback   issuer -    none   -5         0   | ? -5 drops
    AMMClawback   issuer -    none   0          -5  | ? -5 RLUSD
    AMMClawback   other  -    none   5          0   | ? 5 drops
    AMMCreate     us     -    none   -5000010   -7  | fee -0.00001 XRP; amm -5 XRP; amm -7 RLUSD
    AMMWithdraw   us     -    none   4999990    7   | fee -0.00001 XRP; amm 5 XRP; amm 7 RLUSD
    AMMDelete     us     -    none   4999990    0   | fee -0.00001 XRP; amm 5 XRP
    AMMWithdraw   other  -    none   5          0   | ? 5 drops
    OfferCreate   us     made none   -5000010   7   | fee -0.00001 XRP; fill -5 XRP; fill 7 RLUSD; took sell 5000000 drops for 7
    OfferCreate   us     made none   4999990    -7  | fee -0.00001 XRP; fill 5 XRP; fill -7 RLUSD; took buy 5000000 drops for 7
    OfferCreate   us     -    none   -5000010   7   | fee -0.00001 XRP; other_writer -5 XRP; other_writer 7 RLUSD
    OfferCreate   us     made none   -5000010   0   | fee -0.00001 XRP; ? -5000000 drops
    OfferCreate   us     made none   4999990    0   | fee -0.00001 XRP; ? 5000000 drops
    OfferCreate   us     made none   -10        7   | fee -0.00001 XRP; ? 7 RLUSD
    OfferCreate   us     made none   -10        -7  | fee -0.00001 XRP; ? -7 RLUSD
    OfferCreate   us     made none   -5000010   -7  | fee -0.00001 XRP; ? -5000000 drops; ? -7 RLUSD
    OfferCreate   us     made none   4999990    7   | fee -0.00001 XRP; ? 5000000 drops; ? 7 RLUSD
    OfferCreate   other  -    none   -5000000   7   | ? -5000000 drops; ? 7 RLUSD
    OfferCancel   us     made none   -5000010   7   | fee -0.00001 XRP; ? -5000000 drops; ? 7 RLUSD
    OfferCancel   us     made none   -10        0   | fee -0.00001 XRP
";

#[test]
fn who_moved_what_by_table() {
    let ids = [("us", Some(US)), ("other", Some(OTHER)), ("issuer", Some(ISSUER)), ("none", None)];
    let who = |word: &str| ids.iter().find(|(name, _)| *name == word).unwrap().1;
    let types = [
        ("Payment", TxType::PAYMENT),
        ("AccountSet", TxType::ACCOUNT_SET),
        ("AccountDelete", TxType(21)),
        ("EscrowFinish", TxType(2)),
        ("ChannelClaim", TxType(15)),
        ("Clawback", TxType(30)),
        ("AMMClawback", TxType(31)),
        ("AMMCreate", TxType(35)),
        ("AMMWithdraw", TxType(37)),
        ("AMMDelete", TxType(40)),
        ("OfferCreate", TxType::OFFER_CREATE),
        ("OfferCancel", TxType::OFFER_CANCEL),
    ];
    for row in MOVED.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (left, wanted) = row.split_once('|').unwrap();
        let cells: Vec<&str> = left.split_whitespace().collect();
        let tx_type = types.iter().find(|(name, _)| *name == cells[0]).unwrap().1;
        let mut told = Told::new(tx_type, who(cells[1]).unwrap(), 12, 10);
        if let Some(destination) = who(cells[3]) {
            told = told.to(destination);
        }
        let moved: i64 = cells[4].parse().unwrap();
        told = told.root(US, drops(60_000_000), drops(60_000_000 + moved), 13, 2);
        if cells[5] != "0" {
            let after = value("100").checked_add(value(cells[5])).unwrap().to_string();
            told = told.line(Line::OURS, NodeAction::Modified, "100", &after);
        }
        assert_eq!(words(&read(told, &identity(), cells[2] == "made")), wanted.trim(), "{row}");
    }
}

#[test]
fn a_placement_that_the_ledger_refused_took_nothing() {
    let told = Told::new(TxType::OFFER_CREATE, US, 12, 10)
        .root(US, drops(60_000_000), drops(54_999_990), 13, 2)
        .line(Line::OURS, NodeAction::Modified, "100", "107");
    let seen = read(told.with_result(150), &identity(), true);
    assert_eq!(words(&seen), "fee -0.00001 XRP; ? -5000000 drops; ? 7 RLUSD");
}

/// Somebody takes the whole of so many asks of ours, each of 1 XRP for 1 RLUSD; the line gets this much more than that.
fn taken(offers: u32, more: &str) -> Explained {
    let mut told = Told::new(TxType::OFFER_CREATE, OTHER, 12, 10);
    for sequence in 0..offers {
        let whole = Some(legs("1", 1_000_000));
        told = told.offer(NodeAction::Deleted, 20 + sequence, Side::Sell, whole, NOTHING);
    }
    let paid = i64::from(offers) * 1_000_000;
    let after = value("1000000000000000").checked_add(value(&offers.to_string())).unwrap();
    let after = after.checked_add(value(more)).unwrap().to_string();
    let told = told.root(US, drops(60_000_000), drops(60_000_000 - paid), 13, 2).line(
        Line::OURS,
        NodeAction::Modified,
        "1000000000000000",
        &after,
    );
    read(told, &identity(), false)
}

#[test]
fn rounding_is_at_most_two_thousand_last_digits_an_offer_and_one() {
    // A thousand passes over an offer at the most (rippled, StrandFlow.h), each of which rounds two numbers, and the line
    // itself once. The line has 16 digits before the point: its last digit is one RLUSD.
    for (offers, more, is_rounding) in
        [(1, "2001", true), (1, "2002", false), (1, "-2001", true), (2, "4001", true), (2, "4002", false)]
    {
        let seen = taken(offers, more);
        let rounded = format!("ledger_rounding {more} RLUSD");
        assert_eq!(words(&seen).contains(&rounded), is_rounding, "{offers} {more}: {}", words(&seen));
        assert_eq!(seen.unexplained_rlusd, if is_rounding { Exact::zero() } else { more.parse().unwrap() });
    }
}

#[test]
fn an_offer_is_ours_when_owner_currency_and_issuer_are() {
    let another = AccountId([11; 20]);
    let usd = Currency::issued("USD").unwrap();
    for (owner, currency, issuer, is_ours) in [
        (US, Currency::RLUSD, ISSUER, true),
        (OTHER, Currency::RLUSD, ISSUER, false),
        (US, usd, ISSUER, false),
        (US, Currency::RLUSD, another, false),
        (US, usd, another, false),
    ] {
        let told = Told::new(TxType::OFFER_CREATE, OTHER, 12, 10).offer_of(
            (owner, currency, issuer),
            NodeAction::Modified,
            30,
            Side::Buy,
            Some(legs("5", 4_000_000)),
            legs("4", 3_000_000),
        );
        let seen = read(told, &identity(), false);
        assert_eq!((seen.offers.len(), seen.trades.len()), (usize::from(is_ours), usize::from(is_ours)));
    }
}

#[test]
fn the_line_is_ours_when_both_parties_and_the_currency_are_and_has_our_sign() {
    let (low_issuer, another) = (AccountId([1; 20]), AccountId([11; 20]));
    let usd = Currency::issued("USD").unwrap();
    let ours = ("100", "107");
    let turned = ("-100", "-107");
    for (issuer, low, high, currency, wanted) in [
        (ISSUER, US, ISSUER, Currency::RLUSD, Some(ours)),
        (low_issuer, low_issuer, US, Currency::RLUSD, Some(turned)),
        (ISSUER, US, another, Currency::RLUSD, None),
        (ISSUER, OTHER, ISSUER, Currency::RLUSD, None),
        (low_issuer, low_issuer, OTHER, Currency::RLUSD, None),
        (low_issuer, AccountId([2; 20]), US, Currency::RLUSD, None),
        (ISSUER, US, ISSUER, usd, None),
        (low_issuer, low_issuer, US, usd, None),
    ] {
        let told = Told::new(TxType::PAYMENT, OTHER, 12, 10).line(
            Line { low, high, currency, flags: 0 },
            NodeAction::Modified,
            "100",
            "107",
        );
        let seen = read(told, &Identity { quote_issuer: issuer, ..identity() }, false);
        let wanted = wanted.map(|(before, after)| (value(before), value(after)));
        assert_eq!(seen.rlusd, wanted, "low {low} high {high}");
    }
}

#[test]
fn a_line_that_is_made_was_nothing_before() {
    let told = Told::new(TxType::PAYMENT, OTHER, 12, 10).to(US);
    let told = told.line(Line::OURS, NodeAction::Created, "0", "12.5");
    let seen = read(told, &identity(), false);
    assert_eq!(seen.rlusd, Some((value("0"), value("12.5"))));
    assert_eq!(words(&seen), "deposit 12.5 RLUSD");
}
