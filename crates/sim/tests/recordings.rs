//! Recordings of a real server (rippled 3.1.1, standalone), replayed: the same signed transactions, accounts and close
//! times. Counts what is equal by family and fails below the level reached. Without the recordings it says so and passes.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]
#![expect(clippy::disallowed_types, reason = "a test reads its recordings from the disk")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use ledger::hash::sha512_half;
use ledger::{AccountId, Asset, Currency, Hash256, JsonStyle, Object, fields as f};
use serde_json::Value;
use sim::world::{AmmInfo, At, Fees, MarketSpec, World, WorldSpec};
use units::{Drops, LedgerTime, Price};

/// Start of every recording: 2026-03-01T00:00:00Z.
const START: LedgerTime = LedgerTime(825_638_400);
const SUPPORTED: [&str; 14] = [
    "Payment",
    "OfferCreate",
    "OfferCancel",
    "TrustSet",
    "AccountSet",
    "TicketCreate",
    "AMMCreate",
    "AMMDeposit",
    "AMMWithdraw",
    "AMMVote",
    "AMMBid",
    "AMMDelete",
    "AMMClawback",
    "Clawback",
];

fn directory() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/rippled"))
}

fn unzip(path: &std::path::Path) -> Option<String> {
    let file = std::fs::File::open(path).ok()?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).ok()?;
    Some(text)
}

/// (equal, compared) by family.
#[derive(Default)]
struct Score {
    families: BTreeMap<&'static str, (u32, u32)>,
    first: Vec<String>,
}

impl Score {
    fn count(&mut self, family: &'static str, equal: bool, what: impl FnOnce() -> String) {
        let (matched, total) = self.families.entry(family).or_default();
        *total += 1;
        *matched += u32::from(equal);
        if !equal && self.first.len() < 12 {
            self.first.push(format!("{family}: {}", what()));
        }
    }

    fn add(&mut self, other: &Score) {
        for (family, (matched, total)) in &other.families {
            let own = self.families.entry(family).or_default();
            own.0 += matched;
            own.1 += total;
        }
    }

    fn is_full(&self) -> bool {
        self.families.values().all(|(matched, total)| matched == total)
    }

    fn line(&self) -> String {
        self.families
            .iter()
            .map(|(family, (m, t))| format!("{family} {m}/{t}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn world_of(document: &Value) -> World {
    let drops = |name: &str| document["server"][name].to_string().trim_matches('"').parse::<Drops>().unwrap();
    let spec = WorldSpec {
        seed: 0,
        market: MarketSpec::None,
        network_id: 0,
        start: START,
        ledger_interval_seconds: 4,
        fees: Fees {
            base_fee: drops("base_fee_drops"),
            reserve_base: drops("reserve_base_drops"),
            reserve_increment: drops("reserve_inc_drops"),
        },
        start_price: "1".parse::<Price>().unwrap(),
        wallet_funds: Drops::ZERO,
        warm_up_ledgers: 0,
    };
    let ids = document["server"]["amendments"].as_array().unwrap().iter();
    let mut ids: Vec<_> = ids.map(|name| sha512_half(&[name.as_str().unwrap().as_bytes()])).collect();
    ids.sort_unstable();
    World::bare_with(spec, ids).unwrap()
}

fn steps(document: &Value) -> impl Iterator<Item = &Value> {
    ["setup", "steps"].into_iter().flat_map(|part| document[part].as_array().into_iter().flatten())
}

fn is_supported(document: &Value) -> bool {
    steps(document).flat_map(|step| step["txs"].as_array().into_iter().flatten()).all(|tx| {
        let body = &tx["tx_json"];
        body["TransactionType"].as_str().is_some_and(|name| SUPPORTED.contains(&name))
            && body.get("Paths").is_none()
    })
}

fn replay(document: &Value) -> Score {
    let mut score = Score::default();
    let mut world = world_of(document);
    let mut recorded: BTreeMap<String, (Value, String)> = BTreeMap::new();
    for step in steps(document) {
        let label = format!("step {}", step["n"]);
        for tx in step["txs"].as_array().unwrap() {
            let blob = ledger::hex::decode(tx["tx_blob"].as_str().unwrap()).unwrap();
            let answer = world.submit(&blob).unwrap();
            let wanted = tx["submit"]["engine_result"].as_str().unwrap();
            score.count("preliminary", answer.engine_result.to_string() == wanted, || {
                format!("{label}: {} for {wanted}", answer.engine_result)
            });
            recorded.insert(tx["hash"].as_str().unwrap().to_owned(), (tx.clone(), label.clone()));
        }
        let close_time = u32::try_from(step["ledger"]["close_time"].as_u64().unwrap()).unwrap();
        let closed = world.close_at(LedgerTime(close_time));
        let header = &step["ledger"];
        let hash = |name: &str| header[name].as_str().unwrap().parse::<Hash256>().unwrap();
        score.count("state hash", hash("account_hash") == closed.header.account_hash, || label.clone());
        score.count("ledger hash", hash("ledger_hash") == closed.header.ledger_hash, || label.clone());
        // One difference must not make every later ledger differ.
        world.adopt_ledger_hash(hash("ledger_hash"));
        let total = closed.header.total_coins.to_string();
        let same = header["ledger_index"] == closed.header.ledger_index.0
            && header["close_time"] == closed.header.close_time.0
            && header["total_coins"] == total.as_str();
        score.count("header", same, || format!("{label}: {:?}", closed.header));
        let order: Vec<Value> =
            closed.transactions.iter().map(|tx| Value::from(tx.hash.to_string())).collect();
        score.count("order", header["tx_order"] == Value::from(order.clone()), || {
            format!("{label}: {order:?} for {}", header["tx_order"])
        });
        for tx in &closed.transactions {
            let Some((known, label)) = recorded.get(&tx.hash.to_string()) else {
                continue;
            };
            compare_transaction(&mut score, known, label, tx);
        }
        compare_state(&mut score, &world, document, &step["state"], &label);
    }
    compare_objects(&mut score, &world, &document["final_state"]["objects"]);
    score
}

fn compare_transaction(score: &mut Score, known: &Value, label: &str, tx: &sim::world::AppliedTx) {
    let result = tx.meta.result.to_string();
    score.count("result", known["result"] == result.as_str(), || {
        format!("{label}: {result} for {}", known["result"])
    });
    let mut wanted = known["meta"].clone();
    if let Some(map) = wanted.as_object_mut() {
        map.remove("delivered_amount");
    }
    let mut got = tx.meta.to_json();
    if let Some(map) = got.as_object_mut() {
        map.remove("delivered_amount");
    }
    score.count("metadata", got == wanted, || {
        format!("{label}: {}\n   got {got}\n  want {wanted}", known["tx_json"])
    });
}

fn compare_state(score: &mut Score, world: &World, document: &Value, state: &Value, label: &str) {
    let Some(accounts) = state["accounts"].as_object() else {
        return;
    };
    for (name, wanted) in accounts {
        let Some(entry) =
            document["accounts"].as_array().unwrap().iter().find(|entry| entry["name"] == name.as_str())
        else {
            continue;
        };
        let account: AccountId = entry["address"].as_str().unwrap().parse().unwrap();
        let Some((_, root)) = world.account_root(At::Validated, account) else {
            continue;
        };
        let own = (
            root.amount(f::BALANCE).and_then(|b| b.drops()).unwrap().to_string(),
            root.u32(f::OWNER_COUNT),
            root.u32(f::SEQUENCE),
        );
        let same = wanted["balance"] == own.0.as_str()
            && wanted["owner_count"].as_u64().map(|n| n as u32) == own.1
            && wanted["sequence"].as_u64().map(|n| n as u32) == own.2;
        score.count("account", same, || format!("{label}: {name} {own:?}"));
        let mut lines: Vec<(String, String)> = world
            .account_lines(At::Validated, account)
            .iter()
            .map(|line| (line.peer.to_string(), line.balance.to_string()))
            .collect();
        let mut expected: Vec<(String, String)> = wanted["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| {
                (line["account"].as_str().unwrap().to_owned(), line["balance"].as_str().unwrap().to_owned())
            })
            .collect();
        lines.sort();
        expected.sort();
        score.count("lines", lines == expected, || format!("{label}: {name} {lines:?} for {expected:?}"));
        let mut offers: Vec<Value> = world
            .account_offers(At::Validated, account)
            .iter()
            .map(|offer| {
                serde_json::json!([
                    offer.sequence,
                    offer.flags,
                    offer.taker_gets,
                    offer.taker_pays,
                    offer.quality.to_plain_string()
                ])
            })
            .collect();
        let mut wanted_offers: Vec<Value> = wanted["offers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|offer| {
                let quality: units::IssuedValue = offer["quality"].as_str().unwrap().parse().unwrap();
                serde_json::json!([
                    offer["seq"],
                    offer["flags"],
                    offer["taker_gets"],
                    offer["taker_pays"],
                    quality.to_plain_string()
                ])
            })
            .collect();
        offers.sort_by_key(|offer| offer[0].as_u64());
        wanted_offers.sort_by_key(|offer| offer[0].as_u64());
        score.count("offers", offers == wanted_offers, || {
            format!("{label}: {name} {offers:?} for {wanted_offers:?}")
        });
    }
    compare_books(score, world, document, &state["books"], label);
    compare_pools(score, world, document, &state["amm"], label);
}

fn rlusd_of(document: &Value) -> Asset {
    let accounts = document["accounts"].as_array().unwrap();
    let issuer = accounts.iter().find(|a| a["name"] == "issuer").unwrap()["address"].as_str().unwrap();
    let currency = Currency::issued(document["currency"].as_str().unwrap()).unwrap();
    Asset::Issued { currency, issuer: issuer.parse().unwrap() }
}

/// Every field of the recorded `amm_info`.
fn compare_pools(score: &mut Score, world: &World, document: &Value, pools: &Value, label: &str) {
    for (name, wanted) in pools.as_object().into_iter().flatten() {
        assert_eq!(name, "XRP/RLUSD");
        let got = world.amm_info(At::Validated, &Asset::Xrp, &rlusd_of(document), None);
        let got = got.map_or(Value::Null, |info| amm_info_json(&info));
        score.count("amm", got == *wanted, || format!("{label}:\n   got {got}\n  want {wanted}"));
    }
}

fn amm_info_json(info: &AmmInfo) -> Value {
    let slot = &info.auction_slot;
    let ends = slot.expiration.to_iso().replace('Z', ".000000000+0000");
    let vote = |vote: &sim::world::VoteInfo| {
        serde_json::json!({
            "account": vote.account, "trading_fee": vote.trading_fee, "vote_weight": vote.vote_weight
        })
    };
    let mut shown = serde_json::json!({
        "account": info.account,
        "amount": info.amount,
        "amount2": info.amount2,
        "auction_slot": {
            "account": slot.account,
            "discounted_fee": slot.discounted_fee,
            "expiration": ends,
            "price": slot.price,
            "time_interval": slot.time_interval,
        },
        "lp_token": info.lp_token,
        "trading_fee": info.trading_fee,
    });
    let fields = shown.as_object_mut().unwrap();
    for (name, frozen) in [("asset_frozen", info.asset_frozen), ("asset2_frozen", info.asset2_frozen)] {
        if let Some(frozen) = frozen {
            fields.insert(name.to_owned(), Value::from(frozen));
        }
    }
    if !info.vote_slots.is_empty() {
        fields.insert("vote_slots".to_owned(), info.vote_slots.iter().map(vote).collect());
    }
    shown
}

fn compare_books(score: &mut Score, world: &World, document: &Value, books: &Value, label: &str) {
    let accounts = document["accounts"].as_array().unwrap();
    let issuer: AccountId = accounts.iter().find(|a| a["name"] == "issuer").unwrap()["address"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let currency = Currency::issued(document["currency"].as_str().unwrap()).unwrap();
    let rlusd = Asset::Issued { currency, issuer };
    for (name, pays, gets) in [("asks", rlusd, Asset::Xrp), ("bids", Asset::Xrp, rlusd)] {
        let Some(wanted) = books[name].as_array() else {
            continue;
        };
        let text = |amount: Option<ledger::Amount>| {
            amount.map_or(Value::Null, |amount| match amount {
                ledger::Amount::Issued { value, .. } => Value::from(value.to_string()),
                other => serde_json::to_value(other).unwrap(),
            })
        };
        let plain = |value: &Value| {
            if value.is_object() { value["value"].clone() } else { value.clone() }
        };
        let got: Vec<Value> = world
            .book_offers(At::Validated, &pays, &gets, 100)
            .iter()
            .map(|offer| {
                serde_json::json!([
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
                serde_json::json!([
                    offer["index"],
                    offer["owner_funds"],
                    plain(&offer["taker_gets_funded"]),
                    plain(&offer["taker_pays_funded"])
                ])
            })
            .collect();
        score.count("books", got == expected, || format!("{label}: {name} {got:?} for {expected:?}"));
    }
}

fn compare_objects(score: &mut Score, world: &World, objects: &Value) {
    let Some(objects) = objects.as_array() else { return };
    // The recordings leave out the ledger's own entries; the state hash holds them.
    let own_kinds = [0x66, 0x68, 0x73].map(Some);
    let recorded = world
        .all_entries(At::Validated)
        .filter(|(_, object)| !own_kinds.contains(&object.u32(f::LEDGER_ENTRY_TYPE)));
    let own: BTreeMap<String, Object> = recorded.map(|(index, object)| (index.to_string(), object)).collect();
    score
        .count("object count", own.len() == objects.len(), || format!("{} for {}", own.len(), objects.len()));
    for wanted in objects {
        let index = wanted["index"].as_str().unwrap();
        let mut expected = wanted.clone();
        expected.as_object_mut().unwrap().remove("index");
        let got = own.get(index).map(|object| object.to_json_as(JsonStyle::Server));
        score.count("objects", got.as_ref() == Some(&expected), || format!("{got:?} for {expected}"));
    }
}

/// Recordings of what this ledger does not do. `txq_escalation`: its open ledger asks no more than the base fee.
const OUT_OF_SCOPE: [&str; 1] = ["txq_escalation"];

/// Replays what is supported; gives the sums, how many were replayed, how many were equal in everything.
fn replay_all(documents: impl Iterator<Item = Value>) -> (Score, u32, u32) {
    let mut total = Score::default();
    let (mut replayed, mut full, mut skipped) = (0, 0, Vec::new());
    for document in documents {
        let name = document["name"].as_str().unwrap().to_owned();
        if !is_supported(&document) || OUT_OF_SCOPE.contains(&name.as_str()) {
            skipped.push(name);
            continue;
        }
        let score = replay(&document);
        replayed += 1;
        full += u32::from(score.is_full());
        if !score.is_full() || name.starts_with("amm_") {
            eprintln!("{name}: {}", score.line());
            for first in &score.first {
                eprintln!("    {first}");
            }
        }
        total.add(&score);
    }
    eprintln!("replayed {replayed}, equal in everything {full}; not supported: {}", skipped.join(" "));
    eprintln!("{}", total.line());
    (total, replayed, full)
}

/// Every named scenario is equal in every compared thing: preliminary and final results, order, every metadata field,
/// balances, offers, books with their funding, pools, and all ledger objects at the end.
#[test]
fn named_recordings() {
    let Ok(listed) = std::fs::read_dir(directory().join("named")) else {
        eprintln!("SKIPPED: no recordings at {}", directory().display());
        return;
    };
    let mut paths: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let documents = paths.iter().map(|path| serde_json::from_str(&unzip(path).unwrap()).unwrap());
    let (_, replayed, full) = replay_all(documents);
    assert_eq!((replayed, full), (65, 65));
}

/// The recorded minutes of March 2026 parse, and a world on them begins at their first price.
#[test]
fn recorded_minutes() {
    let path = directory().join("../market/binance_spot_XRPUSDT_1m_20260323_20260407.csv");
    let Ok(mut file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no candles at {}", path.display());
        return;
    };
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    let candles = sim::market::candles::parse(&text).unwrap();
    assert!(candles.len() > 20_000);
    let spec = WorldSpec::paper(7, MarketSpec::Candles(candles), START);
    let mut world = World::genesis(spec).unwrap();
    for _ in 0..30 {
        let _ = world.close();
    }
    let fair = world.fair_value().unwrap();
    assert!(("1.41".parse().unwrap()..="1.42".parse().unwrap()).contains(&fair), "{fair}");
    eprintln!("snapshot with candles: {} bytes", world.snapshot().unwrap().len());
}

/// The same of the 200 random scenarios, 81 of them with a pool.
#[test]
fn random_recordings() {
    let Some(text) = unzip(&directory().join("random.jsonl.gz")) else {
        eprintln!("SKIPPED: no recordings at {}", directory().display());
        return;
    };
    let (_, replayed, full) = replay_all(text.lines().map(|line| serde_json::from_str(line).unwrap()));
    assert_eq!((replayed, full), (200, 200));
}
