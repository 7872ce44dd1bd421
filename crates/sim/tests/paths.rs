//! Payments with paths of their own: through books, through accounts, and what is no path. The set-ups and results are
//! those of the reference server's own tests of its payment engine (`Flow_test`: book steps, direct steps, loops).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod stage;

use ledger::object::{PathStep, Value};
use ledger::{Amount, Currency, Object, fields as f, flags};
use sim::world::At;
use stage::{Stage, account, amount, keys};

/// `A` is an account; `CUR/issuer` and `XRP` are books.
fn path(text: &str) -> Vec<PathStep> {
    let step = |word: &str| match word.split_once('/') {
        Some((code, issuer)) => PathStep {
            currency: Some(Currency::issued(code).unwrap()),
            issuer: Some(account(issuer)),
            account: None,
        },
        None if word == "XRP" => PathStep { currency: Some(Currency::XRP), ..PathStep::default() },
        None => PathStep { account: Some(account(word)), ..PathStep::default() },
    };
    text.split_whitespace().map(step).collect()
}

/// Ten accounts' worth of names with XRP, a gateway, and lines of 100 to it in four currencies for each.
fn stage() -> Stage {
    let mut stage = Stage::new();
    for name in ["gateway", "alice", "bob", "carol"] {
        stage.fund(name, 10_000_000_000);
    }
    for name in ["alice", "bob", "carol"] {
        for code in ["USD", "BTC", "EUR", "JPY"] {
            trust(&mut stage, name, &format!("100 {code}/gateway"));
        }
    }
    stage
}

fn trust(stage: &mut Stage, name: &str, limit: &str) {
    let body = Object::new().with(f::LIMIT_AMOUNT, amount(limit));
    assert_eq!(stage.send(&keys(name), 20, 0, body), "tesSUCCESS", "{name} {limit}");
}

fn offer(stage: &mut Stage, name: &str, pays: &str, gets: &str) {
    let body = Object::new().with(f::TAKER_PAYS, amount(pays)).with(f::TAKER_GETS, amount(gets));
    assert_eq!(stage.send(&keys(name), 7, 0, body), "tesSUCCESS", "{name} {pays} {gets}");
}

/// A payment of alice: to whom, what, at most what, by which paths, with which flags.
fn pay(stage: &mut Stage, to: &str, what: &str, most: Option<&str>, paths: &[&str], flags: u32) -> String {
    let mut body = Object::new().with(f::DESTINATION, account(to)).with(f::AMOUNT, amount(what));
    if let Some(most) = most {
        body = body.with(f::SEND_MAX, amount(most));
    }
    if !paths.is_empty() {
        body = body.with(f::PATHS, Value::PathSet(paths.iter().map(|text| path(text)).collect()));
    }
    stage.send(&keys("alice"), 0, flags, body)
}

/// What of an issued currency somebody holds.
fn held(stage: &Stage, name: &str, of: &str) -> String {
    let asset = amount(&format!("1 {of}")).asset();
    match stage.world.spendable(At::Validated, account(name), &asset) {
        Some(Amount::Issued { value, .. }) => value.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn through_one_book_and_through_two() {
    for offers in [
        &[("50 BTC/gateway", "50 USD/gateway")][..],
        &[("50 BTC/gateway", "50 XRP"), ("50 XRP", "50 USD/gateway")],
        &[("50 BTC/gateway", "50 EUR/gateway"), ("50 EUR/gateway", "50 USD/gateway")],
    ] {
        let mut stage = stage();
        let gateway = keys("gateway");
        for (name, what) in
            [("alice", "50 BTC/gateway"), ("bob", "50 USD/gateway"), ("bob", "50 EUR/gateway")]
        {
            assert_eq!(stage.pay(&gateway, name, amount(what)), "tesSUCCESS");
        }
        for (pays, gets) in offers {
            offer(&mut stage, "bob", pays, gets);
        }
        let through = match offers.first().unwrap().1 {
            "50 XRP" => "XRP USD/gateway",
            "50 EUR/gateway" => "EUR/gateway USD/gateway",
            _ => "USD/gateway",
        };
        let default = pay(&mut stage, "carol", "50 USD/gateway", Some("50 BTC/gateway"), &[], 0);
        let expected = if offers.len() == 1 { "tesSUCCESS" } else { "tecPATH_PARTIAL" };
        assert!(default == expected || (offers.len() > 1 && default == "tecPATH_DRY"), "{default}");
        if offers.len() > 1 {
            let told = pay(&mut stage, "carol", "50 USD/gateway", Some("50 BTC/gateway"), &[through], 0);
            assert_eq!(told, "tesSUCCESS", "{through}");
        }
        let held: Vec<String> = [("alice", "BTC"), ("bob", "BTC"), ("bob", "USD"), ("carol", "USD")]
            .iter()
            .map(|(name, code)| held(&stage, name, &format!("{code}/gateway")))
            .collect();
        assert_eq!(held, ["0", "50", "0", "50"], "{through}");
    }
}

#[test]
fn the_better_way_comes_first_and_both_are_used() {
    let mut stage = stage();
    let gateway = keys("gateway");
    for (name, what) in [("alice", "60 BTC/gateway"), ("bob", "50 USD/gateway"), ("bob", "50 EUR/gateway")] {
        assert_eq!(stage.pay(&gateway, name, amount(what)), "tesSUCCESS");
    }
    // The default way costs twice as much.
    offer(&mut stage, "bob", "40 BTC/gateway", "20 USD/gateway");
    offer(&mut stage, "bob", "10 BTC/gateway", "10 EUR/gateway");
    offer(&mut stage, "bob", "10 EUR/gateway", "10 USD/gateway");
    let through = ["EUR/gateway USD/gateway"];
    let told = pay(&mut stage, "carol", "15 USD/gateway", Some("60 BTC/gateway"), &through, 0);
    assert_eq!(told, "tesSUCCESS");
    assert_eq!(held(&stage, "alice", "BTC/gateway"), "40", "10 for the first 10, 10 for the other 5");
    // Without the default way only the path counts, and it is used up.
    let flags = flags::TF_NO_RIPPLE_DIRECT;
    let told = pay(&mut stage, "carol", "5 USD/gateway", Some("40 BTC/gateway"), &through, flags);
    assert!(["tecPATH_DRY", "tecPATH_PARTIAL"].contains(&told.as_str()), "{told}");
    let told = pay(&mut stage, "carol", "5 USD/gateway", Some("40 BTC/gateway"), &[], flags);
    assert_eq!(told, "temRIPPLE_EMPTY");
}

#[test]
fn through_an_account_that_trusts() {
    let mut stage = stage();
    trust(&mut stage, "bob", "10 USD/alice");
    trust(&mut stage, "carol", "10 USD/bob");
    let told = pay(&mut stage, "carol", "10 USD/bob", None, &["bob"], 0);
    assert_eq!(told, "tesSUCCESS");
    assert_eq!(
        (held(&stage, "bob", "USD/alice"), held(&stage, "carol", "USD/bob")),
        ("10".into(), "10".into())
    );
    let told = pay(&mut stage, "carol", "10 USD/bob", None, &["bob"], 0);
    assert_eq!(told, "tecPATH_DRY", "the lines are full");
}

#[test]
fn what_is_no_path_by_table() {
    let mut stage = stage();
    let gateway = keys("gateway");
    for what in ["50 BTC/gateway", "50 USD/gateway", "50 EUR/gateway"] {
        assert_eq!(stage.pay(&gateway, "alice", amount(what)), "tesSUCCESS");
    }
    for (what, most, paths, result) in [
        ("1 EUR/gateway", "1 XRP", &["USD/gateway XRP EUR/gateway"][..], "temBAD_PATH_LOOP"),
        ("1 XRP", "1 EUR/gateway", &["XRP USD/gateway XRP"], "temBAD_PATH_LOOP"),
        ("1 JPY/gateway", "1 USD/gateway", &["XRP EUR/gateway XRP JPY/gateway"], "temBAD_PATH_LOOP"),
        ("1 XRP", "1 EUR/gateway", &["XRP XRP"], "temBAD_PATH"),
        ("1 EUR/gateway", "1 USD/gateway", &["nobody"], "tecPATH_DRY"),
        (
            "1 EUR/gateway",
            "1 USD/gateway",
            &["bob", "bob", "bob", "bob", "bob", "bob", "bob"],
            "telBAD_PATH_COUNT",
        ),
        ("1 EUR/gateway", "1 USD/gateway", &["bob bob bob bob bob bob bob bob bob"], "telBAD_PATH_COUNT"),
    ] {
        let told = pay(&mut stage, "bob", what, Some(most), paths, flags::TF_NO_RIPPLE_DIRECT);
        assert_eq!(told, result, "{what} for {most} by {paths:?}");
    }
    let told = pay(&mut stage, "bob", "1 XRP", None, &["XRP"], 0);
    assert_eq!(told, "temBAD_SEND_XRP_PATHS");
}
