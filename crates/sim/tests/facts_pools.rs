//! The public scenarios of the reference server's own tests that have a pool in them: crossings and payments against it,
//! alone, beside a book, through XRP, with a transfer fee. Without the file it says so and passes.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]
#![expect(clippy::disallowed_methods, reason = "a test reads its facts from the disk")]

mod stage;

use std::collections::{BTreeMap, BTreeSet};

use ledger::object::{PathStep, Value as FieldValue};
use ledger::{Amount, Object, fields as f, flags};
use serde_json::Value;
use sim::world::At;
use stage::{Stage, account, amount, keys};

const TF_NO_DIRECT: &str = "tfNoRippleDirect";

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().map(|text| text.as_str().unwrap()).collect(),
        Value::String(text) => vec![text],
        _ => Vec::new(),
    }
}

/// A ledger on which a scenario is played.
struct Play(Stage);

impl std::ops::Deref for Play {
    type Target = Stage;
    fn deref(&self) -> &Stage {
        &self.0
    }
}

impl std::ops::DerefMut for Play {
    fn deref_mut(&mut self) -> &mut Stage {
        &mut self.0
    }
}

impl Play {
    fn create(&mut self, pool: &Value) {
        let body = Object::new()
            .with(f::AMOUNT, amount(pool["amount"].as_str().unwrap()))
            .with(f::AMOUNT2, amount(pool["amount2"].as_str().unwrap()))
            .with(f::TRADING_FEE, u16::try_from(pool["trading_fee"].as_u64().unwrap()).unwrap());
        assert_eq!(self.send(&keys(pool["account"].as_str().unwrap()), 35, 0, body), "tesSUCCESS");
    }

    fn set_up(&mut self, scenario: &Value) {
        let setup = &scenario["setup"];
        let mut funds: BTreeMap<String, i64> = BTreeMap::new();
        for part in ["fund", "also_fund"] {
            for (name, drops) in setup[part].as_object().into_iter().flatten() {
                funds.insert(name.clone(), drops.as_str().unwrap().parse().unwrap());
            }
        }
        if let Some(drops) = setup["bob_xrp_drops"].as_str() {
            funds.insert("bob".to_owned(), drops.parse().unwrap());
            for name in ["gateway", "alice", "carol"] {
                funds.insert(name.to_owned(), 60_000_000_000);
            }
        }
        for (name, drops) in funds {
            self.fund(&name, drops);
        }
        for (name, rate) in setup["transfer_rate"].as_object().into_iter().flatten() {
            // The tests multiply in binary floating point and cut: some rates come out one part short.
            let rate: u32 = match rate.as_str().unwrap() {
                "1.005" => 1_004_999_999,
                "1.001" => 1_000_999_999,
                "1.25" => 1_250_000_000,
                other => panic!("{other}"),
            };
            self.genesis_pays(name, 10);
            self.send(&keys(name), 3, 0, Object::new().with(f::TRANSFER_RATE, rate));
        }
        for part in ["iou_held", "also_iou_held"] {
            for (name, held) in setup[part].as_object().into_iter().flatten() {
                for held in texts(held) {
                    self.hold(name, held);
                }
            }
        }
        if let Some(value) = setup["bob_iou"].as_str() {
            self.hold("alice", "1000000 USD/gateway");
            self.hold("bob", value);
        }
        let creates_later = texts_of_steps(scenario).contains("amm_create_now");
        if !setup["amm"].is_null() && !creates_later {
            self.create(&setup["amm"]);
        }
    }

    /// Gives the result where the step names one.
    fn step(&mut self, step: &Value, scenario: &Value) -> Option<String> {
        let text = |name: &str| step[name].as_str().unwrap();
        let set = |flag: &str| step["flags"].as_array().is_some_and(|all| all.iter().any(|one| one == flag));
        match step["op"].as_str().unwrap() {
            "AMMCreate" => self.create(step),
            "amm_create_now" => self.create(&scenario["setup"]["amm"]),
            "TrustSet" => {
                let limit = Object::new().with(f::LIMIT_AMOUNT, amount(text("limit")));
                self.send(&keys(text("account")), 20, 0, limit);
            }
            "OfferCreate" => {
                let flags = [
                    ("tfPassive", flags::TF_PASSIVE),
                    ("tfSell", flags::TF_SELL),
                    ("tfFillOrKill", flags::TF_FILL_OR_KILL),
                    ("tfImmediateOrCancel", flags::TF_IMMEDIATE_OR_CANCEL),
                ];
                let flags = flags.iter().filter(|(name, _)| set(name)).fold(0, |all, (_, flag)| all | flag);
                let offer = Object::new()
                    .with(f::TAKER_PAYS, amount(text("taker_pays")))
                    .with(f::TAKER_GETS, amount(text("taker_gets")));
                return Some(self.send(&keys(text("account")), 7, flags, offer));
            }
            "Payment" => {
                let partial = if set("tfPartialPayment") { flags::TF_PARTIAL_PAYMENT } else { 0 };
                let direct = if set(TF_NO_DIRECT) { flags::TF_NO_RIPPLE_DIRECT } else { 0 };
                let flags = partial | direct;
                let mut body = Object::new()
                    .with(f::DESTINATION, account(text("destination")))
                    .with(f::AMOUNT, amount(text("amount")));
                body.insert_some(f::SEND_MAX, step["send_max"].as_str().map(amount));
                // `~USD`: through the book of the gateway's USD.
                body.insert_some(
                    f::PATHS,
                    step["paths"].as_str().map(|path| {
                        let code = path.strip_prefix('~').unwrap();
                        let book = amount(&format!("1 {code}/gateway")).asset();
                        let step =
                            PathStep { account: None, currency: book.currency(), issuer: book.issuer() };
                        FieldValue::PathSet(vec![vec![step]])
                    }),
                );
                let result = self.send(&keys(text("account")), 0, flags, body);
                assert_eq!(result, "tesSUCCESS");
            }
            _ => {
                let _ = self.world.close();
            }
        }
        None
    }

    fn check(&self, expect: &Value, before: &BTreeMap<String, i64>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut compare = |what: String, got: String, wanted: String| {
            if got != wanted {
                wrong.push(format!("{what}: {got} for {wanted}"));
            }
        };
        let each = |part: &str| expect[part].as_object().cloned().into_iter().flatten();
        for sides in [&expect["amm"]]
            .into_iter()
            .chain(expect["amms"].as_object().into_iter().flat_map(|m| m.values()))
        {
            let wanted: Vec<Amount> = texts(sides).into_iter().map(amount).collect();
            let [one, other] = wanted[..] else { continue };
            let info = self.world.amm_info(At::Validated, &one.asset(), &other.asset(), None).unwrap();
            compare(
                "pool".to_owned(),
                format!("{:?} {:?}", info.amount, info.amount2),
                format!("{one:?} {other:?}"),
            );
            if let (Some(tokens), Amount::Issued { value, .. }) =
                (expect["lp_tokens"].as_str(), info.lp_token)
            {
                compare("tokens".to_owned(), value.to_plain_string(), tokens.to_owned());
            }
        }
        for (name, wanted) in each("iou") {
            for text in texts(&wanted) {
                let Amount::Issued { value, currency, issuer } = amount(text) else { continue };
                let lines = self.world.account_lines(At::Validated, account(&name));
                let got = lines.iter().find(|line| line.peer == issuer && line.currency == currency);
                let got = got.map_or_else(String::new, |line| line.balance.to_plain_string());
                compare(name.clone(), got, value.to_plain_string());
            }
        }
        for (name, wanted) in each("xrp_drops") {
            compare(name.clone(), self.drops(&name).to_string(), wanted.as_str().unwrap().to_owned());
        }
        for (name, wanted) in each("delta_xrp_drops") {
            let change = self.drops(&name) - before[&name];
            compare(name.clone(), change.to_string(), wanted.as_str().unwrap().to_owned());
        }
        for (name, wanted) in each("offer_count") {
            let count = self.world.account_offers(At::Validated, account(&name)).len();
            compare(format!("offers of {name}"), count.to_string(), wanted.to_string());
        }
        for (name, wanted) in each("offers") {
            let show = |pays: Amount, gets: Amount| format!("{pays:?} {gets:?}");
            let got: Vec<String> = self
                .world
                .account_offers(At::Validated, account(&name))
                .iter()
                .map(|offer| show(offer.taker_pays, offer.taker_gets))
                .collect();
            let wanted = wanted.as_array().unwrap().iter().map(|offer| {
                show(
                    amount(offer["taker_pays"].as_str().unwrap()),
                    amount(offer["taker_gets"].as_str().unwrap()),
                )
            });
            let wanted: Vec<String> = wanted.collect();
            compare(format!("offers of {name}"), got.join(", "), wanted.join(", "));
        }
        wrong
    }
}

fn texts_of_steps(scenario: &Value) -> BTreeSet<String> {
    let steps = scenario["steps"].as_array().unwrap();
    steps.iter().map(|step| step["op"].as_str().unwrap().to_owned()).collect()
}

/// Two more of the same public tests ("Basic Payment" of `AMM_test.cpp`), with the amounts stated there for
/// `fixAMMv1_1`: a pool beside a bridge through XRP, which makes it offer in pieces first; and a pool before a book.
const MORE: &str = r#"[
    {"id": "pieces_beside_a_bridge",
     "setup": {
        "fund": {"gateway": "30000000000", "alice": "30000000000", "carol": "30000000000",
                 "bob": "30000000000", "ed": "30000000000"},
        "iou_held": {"alice": ["30000 GBP/gateway", "30000 EUR/gateway"],
                     "carol": ["30000 GBP/gateway", "30000 EUR/gateway"],
                     "bob": ["2000 GBP/gateway", "2000 EUR/gateway"],
                     "ed": ["2000 GBP/gateway", "2000 EUR/gateway"]},
        "transfer_rate": {"gateway": "1.25"},
        "amm": {"account": "alice", "amount": "1000 GBP/gateway", "amount2": "1100 EUR/gateway",
                "trading_fee": 0}},
     "steps": [
        {"op": "OfferCreate", "account": "bob", "taker_pays": "10 GBP/gateway", "taker_gets": "10 XRP",
         "flags": ["tfPassive"]},
        {"op": "OfferCreate", "account": "ed", "taker_pays": "10 XRP", "taker_gets": "10 EUR/gateway",
         "flags": ["tfPassive"]},
        {"op": "OfferCreate", "account": "carol", "taker_pays": "100 EUR/gateway",
         "taker_gets": "100 GBP/gateway"}],
     "expect": {
        "amm": ["1060.684828792832 GBP/gateway", "1037.06583722134 EUR/gateway"],
        "iou": {"carol": ["29911.64396400896 GBP/gateway", "30072.93416277865 EUR/gateway"],
                "bob": "2010 GBP/gateway", "ed": "1987.5 EUR/gateway"},
        "offers": {"carol": [{"taker_pays": "27.06583722134028 EUR/gateway",
                              "taker_gets": "27.06583722134028 GBP/gateway"}]},
        "offer_count": {"bob": 0, "ed": 0}}},
    {"id": "pool_then_book",
     "setup": {
        "fund": {"gateway": "30000000000", "alice": "30000000000", "carol": "30000000000",
                 "bob": "30000000000"},
        "iou_held": {"alice": "30000 USD/gateway", "carol": "30000 USD/gateway", "bob": "30000 USD/gateway"}},
     "steps": [
        {"op": "OfferCreate", "account": "bob", "taker_pays": "100 XRP", "taker_gets": "100.001 USD/gateway"},
        {"op": "AMMCreate", "account": "alice", "amount": "10000 XRP", "amount2": "10100 USD/gateway",
         "trading_fee": 0},
        {"op": "OfferCreate", "account": "carol", "taker_pays": "100 USD/gateway", "taker_gets": "100 XRP"}],
     "expect": {
        "amm": ["10049.825372 XRP", "10049.92587049303 USD/gateway"],
        "iou": {"carol": "30100 USD/gateway"},
        "offers": {"bob": [{"taker_pays": "50.074628 XRP", "taker_gets": "50.07512950697 USD/gateway"}]}}}
]"#;

#[test]
fn scenarios_with_a_pool() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/facts/offer_crossing_facts.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: no facts at {path}");
        return;
    };
    let facts: Value = serde_json::from_str(&text).unwrap();
    let (mut matched, mut total) = (0, 0);
    let more: Value = serde_json::from_str(MORE).unwrap();
    for scenario in facts["scenarios"].as_array().unwrap().iter().chain(more.as_array().unwrap()) {
        let has_pool = !scenario["setup"]["amm"].is_null() || texts_of_steps(scenario).contains("AMMCreate");
        if !has_pool {
            continue;
        }
        total += 1;
        let mut stage = Play(Stage::new());
        stage.set_up(scenario);
        let names = ["gateway", "alice", "bob", "carol", "ed"];
        let known =
            names.iter().filter(|name| stage.world.account_root(At::Validated, account(name)).is_some());
        let before: BTreeMap<String, i64> =
            known.map(|name| ((*name).to_owned(), stage.drops(name))).collect();
        let mut wrong = Vec::new();
        for step in scenario["steps"].as_array().unwrap() {
            if let (Some(got), Some(wanted)) = (stage.step(step, scenario), step["ter"].as_str())
                && got != wanted
            {
                wrong.push(format!("{got} for {wanted}"));
            }
        }
        wrong.extend(stage.check(&scenario["expect"], &before));
        matched += u32::from(wrong.is_empty());
        if !wrong.is_empty() {
            eprintln!("{}: {wrong:#?}", scenario["id"]);
        }
    }
    eprintln!("scenarios with a pool: {matched}/{total}");
    assert!(total > 10);
    assert_eq!(matched, total);
}
