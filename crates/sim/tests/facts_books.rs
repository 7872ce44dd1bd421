//! The public scenarios of the reference server's own tests that have no pool in them, and its two tables ("Partial
//! Crossing", "Sell Offer"): every one, with results, balances, offers and owner counts. Those with a pool are in
//! `facts_pools.rs`. Without the file it says so and passes.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]
#![expect(clippy::disallowed_methods, reason = "a test reads its facts from the disk")]

mod stage;

use std::collections::BTreeMap;

use ledger::{Amount, Asset, Currency, Object, fields as f, flags};
use serde_json::Value;
use sim::world::{AccountLine, AccountOffer, At};
use stage::{Stage, account, amount, keys};
use units::{Exact, IssuedValue, Rounding};

const PAYMENT: u16 = 0;
const ACCOUNT_SET: u16 = 3;
const OFFER_CREATE: u16 = 7;
const TRUST_SET: u16 = 20;

fn facts() -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/facts/offer_crossing_facts.json");
    let text = std::fs::read_to_string(path);
    if text.is_err() {
        eprintln!("SKIPPED: no facts at {path}");
    }
    Some(serde_json::from_str(&text.ok()?).unwrap())
}

/// A text or a list of texts.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().map(|text| text.as_str().unwrap()).collect(),
        Value::String(text) => vec![text],
        _ => Vec::new(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn offer_flags(step: &Value) -> u32 {
    let known = [
        ("tfPassive", flags::TF_PASSIVE),
        ("tfSell", flags::TF_SELL),
        ("tfFillOrKill", flags::TF_FILL_OR_KILL),
        ("tfImmediateOrCancel", flags::TF_IMMEDIATE_OR_CANCEL),
        ("tfPartialPayment", flags::TF_PARTIAL_PAYMENT),
    ];
    let set = |name: &str| texts(&step["flags"]).contains(&name);
    let named: Vec<_> = known.iter().filter(|(name, _)| set(name)).collect();
    assert_eq!(named.len(), texts(&step["flags"]).len(), "every flag is known: {step}");
    named.iter().fold(0, |all, (_, flag)| all | flag)
}

/// The one scenario whose amounts its test writes as binary floating-point numbers: the test's own notation prints those
/// with six decimals, and so they went into the ledger. What is expected of it fits these amounts alone.
const SIX_DECIMALS: &str = "in_scaling_partial_remainder_xfer";

fn with_six_decimals(stated: Amount) -> Amount {
    let Amount::Issued { value, currency, issuer } = stated else { return stated };
    let value = Exact::from(value).rounded(6, Rounding::HalfEven).to_issued(Rounding::HalfEven).unwrap();
    Amount::Issued { value, currency, issuer }
}

/// A ledger on which a scenario is played, and what was found wrong.
struct Play {
    stage: Stage,
    labels: BTreeMap<String, u32>,
    drops: BTreeMap<String, i64>,
    held: BTreeMap<(String, String), IssuedValue>,
    wrong: Vec<String>,
    six_decimals: bool,
}

impl Play {
    fn new() -> Play {
        let (labels, drops, held) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Play { stage: Stage::new(), labels, drops, held, wrong: Vec::new(), six_decimals: false }
    }

    fn stated(&self, text: &str) -> Amount {
        if self.six_decimals { with_six_decimals(amount(text)) } else { amount(text) }
    }

    fn compare(&mut self, what: &str, got: impl ToString, wanted: impl ToString) {
        let (got, wanted) = (got.to_string(), wanted.to_string());
        if got != wanted {
            self.wrong.push(format!("{what}: {got} for {wanted}"));
        }
    }

    fn trust(&mut self, name: &str, limit: &str, free: bool) -> String {
        if free {
            self.stage.genesis_pays(name, 10);
        }
        self.stage.send(&keys(name), TRUST_SET, 0, Object::new().with(f::LIMIT_AMOUNT, amount(limit)))
    }

    fn set_up(&mut self, setup: &Value) {
        for (name, drops) in entries(&setup["fund"]) {
            self.stage.fund(name, drops.as_str().unwrap().parse().unwrap());
        }
        for (name, rate) in entries(&setup["transfer_rate"]) {
            // The tests multiply in binary floating point and cut: some rates come out one part short.
            let rate: u32 = match rate.as_str().unwrap() {
                "1.25" => 1_250_000_000,
                "1.002" => 1_002_000_000,
                other => panic!("{other}"),
            };
            self.stage.genesis_pays(name, 10);
            self.stage.send(&keys(name), ACCOUNT_SET, 0, Object::new().with(f::TRANSFER_RATE, rate));
        }
        for (name, size) in entries(&setup["tick_size"]) {
            let size = u8::try_from(size.as_u64().unwrap()).unwrap();
            self.stage.send(&keys(name), ACCOUNT_SET, 0, Object::new().with(f::TICK_SIZE, size));
        }
        for (name, limits) in entries(&setup["trust_free"]) {
            for limit in texts(limits) {
                assert_eq!(self.trust(name, limit, true), "tesSUCCESS");
            }
        }
        for payment in setup["pay"].as_array().into_iter().flatten() {
            let [from, to, sum] = texts(payment)[..] else { panic!("{payment}") };
            assert_eq!(self.stage.pay(&keys(from), to, amount(sum)), "tesSUCCESS");
        }
        for (name, _) in entries(&setup["fund"]) {
            self.drops.insert(name.clone(), self.stage.drops(name));
            for line in self.lines(name) {
                self.held.insert((name.clone(), line.currency.to_string()), line.balance);
            }
        }
    }

    fn lines(&self, name: &str) -> Vec<AccountLine> {
        self.stage.world.account_lines(At::Validated, account(name))
    }

    fn offers(&self, name: &str) -> Vec<AccountOffer> {
        self.stage.world.account_offers(At::Validated, account(name))
    }

    fn owned(&self, name: &str) -> u32 {
        self.stage.world.account_root(At::Validated, account(name)).unwrap().1.u32(f::OWNER_COUNT).unwrap()
    }

    fn holds(&self, name: &str, asset: &Asset) -> Option<IssuedValue> {
        let Asset::Issued { currency, issuer } = *asset else { return None };
        let lines = self.lines(name);
        lines.iter().find(|line| line.peer == issuer && line.currency == currency).map(|line| line.balance)
    }

    fn step(&mut self, step: &Value) {
        let text = |name: &str| step[name].as_str().unwrap();
        let result = match text("op") {
            "OfferCreate" => self.offer(step),
            "TrustSet" => self.trust(text("account"), text("limit"), false),
            "Payment" => {
                let mut body = Object::new()
                    .with(f::DESTINATION, account(text("destination")))
                    .with(f::AMOUNT, self.stated(text("amount")));
                body.insert_some(f::SEND_MAX, step["send_max"].as_str().map(amount));
                self.stage.send(&keys(text("account")), PAYMENT, offer_flags(step), body)
            }
            "repeat" => {
                for _ in 0..step["n"].as_u64().unwrap() {
                    self.step(&step["step"]);
                }
                return;
            }
            "check" => return self.check(step),
            "close_ledger" => {
                let _ = self.stage.world.close();
                return;
            }
            other => panic!("{other}"),
        };
        self.compare(&step.to_string(), result, step["ter"].as_str().unwrap_or("tesSUCCESS"));
    }

    fn offer(&mut self, step: &Value) -> String {
        let name = step["account"].as_str().unwrap();
        let mut body = Object::new()
            .with(f::TAKER_PAYS, self.stated(step["taker_pays"].as_str().unwrap()))
            .with(f::TAKER_GETS, self.stated(step["taker_gets"].as_str().unwrap()));
        let last_close = self.stage.world.header().close_time.get();
        body.insert_some(
            f::EXPIRATION,
            step["expiration"].as_str().map(|at| match at {
                "last_close_time" => last_close,
                "last_close_time+1" => last_close + 1,
                other => panic!("{other}"),
            }),
        );
        body.insert_some(f::OFFER_SEQUENCE, step["offer_sequence"].as_str().map(|label| self.labels[label]));
        if let Some(label) = step["label"].as_str() {
            let sequence = self.stage.world.sequence(At::Current, account(name)).unwrap();
            self.labels.insert(label.to_owned(), sequence);
        }
        self.stage.send(&keys(name), OFFER_CREATE, offer_flags(step), body)
    }

    fn check(&mut self, expect: &Value) {
        for (part, people) in entries(expect).filter(|(part, _)| *part != "op") {
            match part.as_str() {
                "no_line" => {
                    for name in texts(people) {
                        self.compare(&format!("lines of {name}"), self.lines(name).len(), 0);
                    }
                }
                "no_line_for" => {
                    for pair in people.as_array().unwrap() {
                        let [name, asset] = texts(pair)[..] else { panic!("{pair}") };
                        let asset = amount(&format!("1 {asset}")).asset();
                        self.compare(&format!("a line of {name}"), self.holds(name, &asset).is_some(), false);
                    }
                }
                _ => {
                    for (name, wanted) in entries(people) {
                        self.check_of(part, name, wanted);
                    }
                }
            }
        }
    }

    fn check_of(&mut self, part: &str, name: &str, wanted: &Value) {
        let what = format!("{part} of {name}");
        match part {
            "iou" => {
                for text in texts(wanted) {
                    let Amount::Issued { value, .. } = amount(text) else { panic!("{text}") };
                    let got = self.holds(name, &amount(text).asset()).unwrap_or(IssuedValue::ZERO);
                    self.compare(&what, got, value);
                }
            }
            "delta_iou" => {
                let text = wanted.as_str().unwrap().trim_start_matches('+');
                let Amount::Issued { value, currency, .. } = amount(text) else { panic!("{text}") };
                let before = self.held.get(&(name.to_owned(), currency.to_string())).copied();
                let now = self.holds(name, &amount(text).asset()).unwrap_or(IssuedValue::ZERO);
                self.compare(&what, now.checked_sub(before.unwrap_or(IssuedValue::ZERO)).unwrap(), value);
            }
            "xrp_drops" => self.compare(&what, self.stage.drops(name), wanted.as_str().unwrap()),
            "delta_xrp_drops" => {
                self.compare(&what, self.stage.drops(name) - self.drops[name], wanted.as_str().unwrap());
            }
            "offer_count" => self.compare(&what, self.offers(name).len(), wanted),
            "owner_count" => self.compare(&what, self.owned(name), wanted),
            "lines" => self.compare(&what, self.lines(name).len(), wanted),
            "offers" => {
                let shown = |pays: Amount, gets: Amount| format!("{pays:?} {gets:?}");
                let mut got: Vec<String> =
                    self.offers(name).iter().map(|offer| shown(offer.taker_pays, offer.taker_gets)).collect();
                let side = |offer: &Value, side: &str| amount(offer[side].as_str().unwrap());
                let all = wanted.as_array().unwrap().iter();
                let mut wanted: Vec<String> =
                    all.map(|offer| shown(side(offer, "taker_pays"), side(offer, "taker_gets"))).collect();
                got.sort_unstable();
                wanted.sort_unstable();
                self.compare(&what, got.join(", "), wanted.join(", "));
            }
            "offers_in_sequence_order" => self.check_in_order(name, wanted),
            other => panic!("{other}"),
        }
    }

    fn check_in_order(&mut self, name: &str, wanted: &Value) {
        let mut offers = self.offers(name);
        offers.sort_by_key(|offer| offer.sequence);
        let wanted = wanted.as_array().unwrap();
        self.compare("offers", offers.len(), wanted.len());
        for (offer, wanted) in offers.iter().zip(wanted) {
            let pays = amount(wanted["taker_pays"].as_str().unwrap());
            self.compare("taker pays", format!("{:?}", offer.taker_pays), format!("{pays:?}"));
            let Amount::Issued { value, .. } = offer.taker_gets else { panic!("{offer:?}") };
            match wanted["taker_gets"].as_str() {
                Some(gets) => self.compare(
                    "taker gets",
                    format!("{:?}", offer.taker_gets),
                    format!("{:?}", amount(gets)),
                ),
                None => {
                    let bound = |name: &str| wanted[name].as_str().unwrap().parse::<IssuedValue>().unwrap();
                    let within = bound("taker_gets_gt") < value && value < bound("taker_gets_lt");
                    self.compare(&format!("{value} within its bounds"), within, true);
                }
            }
        }
    }

    fn run(&mut self, scenario: &Value, all: &[Value]) {
        if let Some(first) = scenario["setup"]["continue_from"].as_str() {
            let first = all.iter().find(|other| other["id"] == first).unwrap();
            self.run(first, all);
        }
        self.six_decimals = scenario["id"] == SIX_DECIMALS;
        self.set_up(&scenario["setup"]);
        for step in scenario["steps"].as_array().unwrap() {
            self.step(step);
        }
        self.check(&scenario["expect"]);
    }
}

fn has_pool(scenario: &Value) -> bool {
    let creates = |step: &Value| step["op"].as_str().is_some_and(|op| op.to_lowercase().starts_with("amm"));
    !scenario["setup"]["amm"].is_null() || scenario["steps"].as_array().unwrap().iter().any(creates)
}

/// Says how many matched, and what did not.
fn report(name: &str, played: &[(String, Vec<String>)]) {
    let wrong: Vec<_> = played.iter().filter(|(_, wrong)| !wrong.is_empty()).collect();
    println!("{name}: {}/{}", played.len() - wrong.len(), played.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn scenarios_without_a_pool() {
    let Some(facts) = facts() else { return };
    let all = facts["scenarios"].as_array().unwrap();
    let play = |scenario: &Value| {
        let mut play = Play::new();
        play.run(scenario, all);
        (scenario["id"].to_string(), play.wrong)
    };
    let played: Vec<_> = all.iter().filter(|scenario| !has_pool(scenario)).map(play).collect();
    println!("scenarios in all: {}, with a pool: {}", all.len(), all.len() - played.len());
    report("scenarios without a pool", &played);
    assert!(played.len() > 30);
}

/// How a row of either table ends: what is spent, held, offered and owned.
fn check_row(play: &mut Play, row: &Value, usd: &str) {
    let name = row["account"].as_str().unwrap();
    let fund: i64 = row["fund_drops"].as_str().unwrap().parse().unwrap();
    let held = play.holds(name, &amount("1 USD/gateway").asset()).unwrap_or(IssuedValue::ZERO);
    play.compare("spent", fund - play.stage.drops(name), row["spent_drops"].as_str().unwrap());
    play.compare("held", held, row[usd].as_str().unwrap().parse::<IssuedValue>().unwrap());
    play.compare("offers", play.offers(name).len(), &row["offers"]);
    play.compare("owned", play.owned(name), &row["owners"]);
}

fn offer(play: &mut Play, name: &str, pays: &str, gets: &str, flags: u32) -> String {
    let body = Object::new().with(f::TAKER_PAYS, amount(pays)).with(f::TAKER_GETS, amount(gets));
    play.stage.send(&keys(name), OFFER_CREATE, flags, body)
}

#[test]
fn the_table_of_partial_crossing() {
    let Some(facts) = facts() else { return };
    let mut played = Vec::new();
    for row in facts["partial_crossing_table"]["rows"].as_array().unwrap() {
        let mut play = Play::new();
        let name = row["account"].as_str().unwrap();
        play.stage.fund("gateway", 10_000_000_000_000);
        play.stage.fund(name, row["fund_drops"].as_str().unwrap().parse().unwrap());
        let book = row["book_offer_amount"].as_u64().unwrap();
        if book > 0 {
            let result =
                offer(&mut play, "gateway", &format!("{book} XRP"), &format!("{book} USD/gateway"), 0);
            assert_eq!(result, "tesSUCCESS");
        }
        match row["pre_trust"].as_str().unwrap() {
            "gateway" => {
                let side = Amount::Issued {
                    value: IssuedValue::from_int(1),
                    currency: Currency::issued("USD").unwrap(),
                    issuer: account(name),
                };
                let limit = Object::new().with(f::LIMIT_AMOUNT, side);
                assert_eq!(play.stage.send(&keys("gateway"), TRUST_SET, 0, limit), "tesSUCCESS");
            }
            "account" => assert_eq!(play.trust(name, "1 USD/gateway", false), "tesSUCCESS"),
            _ => {}
        }
        let asked = row["offer_amount"].as_u64().unwrap();
        let (pays, gets) = (format!("{asked} USD/gateway"), format!("{asked} XRP"));
        let result = offer(&mut play, name, &pays, &gets, 0);
        play.compare("result", result, row["ter"].as_str().unwrap());
        check_row(&mut play, row, "usd");
        if row["offers"] != 0 {
            let left = asked - book;
            let wanted = (amount(&format!("{left} USD/gateway")), amount(&format!("{left} XRP")));
            let got = play.offers(name).first().map(|rest| (rest.taker_pays, rest.taker_gets));
            play.compare("what is left", format!("{got:?}"), format!("{:?}", Some(wanted)));
        }
        played.push((name.to_owned(), play.wrong));
    }
    report("partial crossing", &played);
    assert!(played.len() > 15);
}

#[test]
fn the_table_of_sell_offers() {
    let Some(facts) = facts() else { return };
    let mut played = Vec::new();
    for row in facts["sell_offer_table"]["rows"].as_array().unwrap() {
        let mut play = Play::new();
        let name = row["account"].as_str().unwrap();
        play.stage.fund("gateway", 10_000_000_000_000);
        play.stage.fund(name, row["fund_drops"].as_str().unwrap().parse().unwrap());
        let usd = row["fund_usd"].as_str().unwrap();
        if usd != "0" {
            let held = format!("{usd} USD/gateway");
            assert_eq!(play.trust(name, &held, false), "tesSUCCESS");
            assert_eq!(play.stage.pay(&keys("gateway"), name, amount(&held)), "tesSUCCESS");
        }
        let side = |offer: &str, side: &str| row[offer][side].as_str().unwrap().to_owned();
        let (pays, gets) = (side("gateway_offer", "taker_pays"), side("gateway_offer", "taker_gets"));
        assert_eq!(offer(&mut play, "gateway", &pays, &gets, 0), "tesSUCCESS");
        let (pays, gets) = (side("account_offer", "taker_pays"), side("account_offer", "taker_gets"));
        let result = offer(&mut play, name, &pays, &gets, offer_flags(&row["account_offer"]));
        play.compare("result", result, row["ter"].as_str().unwrap());
        check_row(&mut play, row, "final_usd");
        if !row["remainder"].is_null() {
            let part = |name: &str| amount(row["remainder"][name].as_str().unwrap());
            let got = play.offers(name).first().map(|rest| (rest.taker_pays, rest.taker_gets));
            let wanted = Some((part("taker_pays"), part("taker_gets")));
            play.compare("what is left", format!("{got:?}"), format!("{wanted:?}"));
        }
        played.push((name.to_owned(), play.wrong));
    }
    report("sell offers", &played);
    assert!(played.len() > 5);
}
