//! The hub without sockets: any parameters get one answer; what cannot be recorded is announced to nobody.

use proptest::prelude::*;
use sim::world::{MarketSpec, WorldSpec};
use units::LedgerTime;

use super::CloseMode;
use super::ending::Ending;
use super::hub::{Hub, Joined, Origin};
use crate::embedded::EmbeddedLedger;
use crate::error::ServerError;
use serde_json::{Map, Value};

fn texts(joined: &mut Joined) -> Vec<String> {
    std::iter::from_fn(|| joined.queue.try_recv().ok()).map(|message| message.text.to_string()).collect()
}

/// Any JSON, with the words the commands know in likely places.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "validated",
        "current",
        "XRP",
        "ledger",
        "transactions",
        "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        "0",
        "-1",
        "524C555344000000000000000000000000000000",
        "",
        "1200",
        "\u{0}",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        words.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(parameter(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn parameter() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "account",
        "ledger_index",
        "ledger_hash",
        "limit",
        "marker",
        "ledger_index_min",
        "ledger_index_max",
        "forward",
        "transaction",
        "min_ledger",
        "max_ledger",
        "taker_gets",
        "taker_pays",
        "currency",
        "issuer",
        "tx_blob",
        "streams",
        "accounts",
        "books",
        "snapshot",
        "both",
        "peer",
        "ledger",
        "seq",
        "transactions",
        "expand",
        "id",
        "api_version",
        "accounts_proposed",
        "binary",
        "type",
        "role",
        "hotwallet",
        "tx_json",
        "tx_hash",
        "ctid",
        "offer",
        "ticket",
        "ripple_state",
        "directory",
        "amm",
        "asset",
        "asset2",
        "account_root",
        "index",
        "source_account",
        "destination_account",
        "Account",
        "TransactionType",
        "Sequence",
    ])
    .prop_map(str::to_owned)
}

/// An integer that the server's reader does not take (below -2^31, above 2^32 - 1), anywhere but in an `id`.
fn has_long_integer(name: &str, value: &Value) -> bool {
    match value {
        _ if name == "id" => false,
        Value::Number(number) => {
            let whole = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
            whole.is_some_and(|whole| !(-2_147_483_648..=4_294_967_295).contains(&whole))
        }
        Value::Array(items) => items.iter().any(|item| has_long_integer("", item)),
        Value::Object(fields) => fields.iter().any(|(name, value)| has_long_integer(name, value)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_one_answer_over_both_doors(
        text in prop_oneof![
            ".{0,80}",
            any_json().prop_map(|json| json.to_string()),
            (any_json(), any_json()).prop_map(|(method, params)| {
                serde_json::json!({"method": method, "params": params}).to_string()
            }),
            any_json().prop_map(|params| serde_json::json!({"method": "ledger_entry", "params": [params]}).to_string()),
        ],
    ) {
        let spec = WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400));
        let mut hub = Hub::new(EmbeddedLedger::in_memory(spec).unwrap(), CloseMode::Manual, 4);
        let mut joined = hub.join(Origin::Network).unwrap();
        hub.message(joined.id, &text);
        let answers = texts(&mut joined);
        prop_assert_eq!(answers.len(), 1);
        prop_assert!(serde_json::from_str::<Value>(&answers[0]).is_ok());
        let (status, body) = hub.rpc(&text, Origin::Network);
        prop_assert!([200, 400, 403].contains(&status));
        prop_assert!(status != 200 || serde_json::from_str::<Value>(&body).is_ok(), "{}", body);
    }

    #[test]
    fn any_parameters_get_one_answer(
        command in prop::sample::select(vec![
            "server_info", "server_state", "server_definitions", "feature", "fee", "ledger", "ledger_closed",
            "ledger_current", "ledger_data", "ledger_entry", "account_info", "account_lines", "account_offers",
            "account_channels", "account_objects", "account_nfts", "account_currencies", "gateway_balances",
            "noripple_check", "deposit_authorized", "account_tx", "tx", "transaction_entry", "book_offers",
            "book_changes", "simulate", "submit", "subscribe", "unsubscribe", "ping", "random", "version",
            "path_find", "peers", "sign", "amm_info", "wallet_propose", "validation_create",
        ]),
        params in prop::collection::btree_map(parameter(), any_json(), 0..7),
        good_account in any::<bool>(),
        is_local in any::<bool>(),
    ) {
        let spec = WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400));
        let mut hub = Hub::new(EmbeddedLedger::in_memory(spec).unwrap(), CloseMode::Manual, 4);
        let mut joined = hub.join(if is_local { Origin::Local } else { Origin::Network }).unwrap();
        let mut request: Map<String, Value> = params.into_iter().collect();
        request.insert("command".into(), command.into());
        if good_account {
            let account = sim::identity::account(sim::identity::WALLET).unwrap();
            request.insert("account".into(), account.to_string().into());
        }
        let id = request.get("id").cloned();
        let is_json_to_the_server = !request.iter().any(|(name, value)| has_long_integer(name, value));
        hub.message(joined.id, &Value::Object(request).to_string());
        let answers = texts(&mut joined);
        prop_assert_eq!(answers.len(), 1);
        let answer: Value = serde_json::from_str(&answers[0]).unwrap();
        prop_assert!(answer["status"] == "success" || answer["error"].is_string());
        prop_assert!(answer["error"] != "internal", "{}", answer);
        // What is no JSON to the server has no id either.
        prop_assert_eq!(answer["error"] == "jsonInvalid", !is_json_to_the_server, "{}", answer);
        let echoed = if is_json_to_the_server { id.as_ref() } else { None };
        prop_assert_eq!(answer.get("id"), echoed, "{}", answer);
    }
}

#[test]
fn a_ledger_that_cannot_be_recorded_is_announced_to_nobody() {
    let temporary = tempfile::tempdir().unwrap();
    let spec = WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400));
    let mut ledger = EmbeddedLedger::create(&temporary.path().join("world"), spec).unwrap();
    ledger.break_disk();
    let mut hub = Hub::new(ledger, CloseMode::Manual, 4);
    let mut joined = hub.join(Origin::Local).unwrap();
    hub.message(joined.id, r#"{"command":"subscribe","streams":["ledger"]}"#);
    assert_eq!(texts(&mut joined).len(), 1);
    hub.message(joined.id, r#"{"command":"ledger_accept"}"#);
    let after = texts(&mut joined);
    assert!(after.len() == 1 && after[0].contains(r#""error":"internal""#), "{after:?}");
    assert!(matches!(hub.close_ledger(), Err(ServerError::Stopped(_))));
    assert!(joined.queue.is_closed() && joined.verdict.why() == Ending::LedgerStopped);
    assert_eq!(hub.join(Origin::Process).map(drop), Err(Ending::LedgerStopped));
}

/// What the market sends comes as proposed before its ledger closes, and the very same then as validated. A ledger that
/// is asked for it early closes to the same.
#[test]
fn what_the_market_sends_is_proposed_first() {
    let spec = WorldSpec::paper(3, MarketSpec::Synthetic, LedgerTime(825_638_400));
    let hub = || Hub::new(EmbeddedLedger::in_memory(spec.clone()).unwrap(), CloseMode::Clock, 4);
    let (mut hub, mut quiet) = (hub(), hub());
    let mut joined = hub.join(Origin::Network).unwrap();
    hub.message(
        joined.id,
        r#"{"command":"subscribe","streams":["ledger","transactions_proposed"],"api_version":2}"#,
    );
    assert_eq!(texts(&mut joined).len(), 1);
    let clock = hub.take_clock();
    let mut total = 0;
    for round in 0..20 {
        if round % 2 == 0 {
            hub.act_by_clock(clock);
            let early = texts(&mut joined);
            hub.act_by_clock(clock);
            assert!(texts(&mut joined).is_empty(), "once a ledger");
            // They are in the open ledger now.
            hub.message(joined.id, r#"{"command":"ledger","ledger_index":"current","transactions":true}"#);
            let open: Value = serde_json::from_str(&texts(&mut joined)[0]).unwrap();
            let open = open["result"]["ledger"]["transactions"].as_array().unwrap().len();
            assert!(open >= early.len());
            total += check_round(&early, &closing(&mut hub, &mut joined));
        } else {
            let all = closing(&mut hub, &mut joined);
            let close = all.iter().position(|message| message.contains("ledgerClosed")).unwrap();
            total += check_round(&all[..close], &all[close..]);
        }
        assert_eq!(hub.ledger().header(), &quiet.close_ledger().unwrap());
    }
    assert!(total > 20, "{total}");
}

fn closing(hub: &mut Hub, joined: &mut Joined) -> Vec<String> {
    hub.close_ledger().unwrap();
    texts(joined)
}

/// Every transaction that is validated was proposed in this ledger or, held over, before; gives how many were.
fn check_round(proposed: &[String], closed: &[String]) -> usize {
    let read = |text: &String| serde_json::from_str::<Value>(text).unwrap();
    let proposed: Vec<Value> = proposed.iter().map(read).collect();
    assert!(proposed.iter().all(|message| message["status"] == "proposed" && message["validated"] == false));
    let closed: Vec<Value> =
        closed.iter().map(read).filter(|message| message["type"] == "transaction").collect();
    let is_known = |message: &&Value| proposed.iter().any(|before| before["hash"] == message["hash"]);
    let known = closed.iter().filter(is_known).count();
    assert!(known + 2 >= closed.len(), "{known} of {}", closed.len());
    known
}

#[test]
fn who_lets_too_many_bytes_of_answers_wait_is_closed_and_others_are_not() {
    let start = LedgerTime::from_unix(1_767_225_600).unwrap();
    let ledger = EmbeddedLedger::in_memory(WorldSpec::paper(1, MarketSpec::None, start)).unwrap();
    let mut hub = Hub::new(ledger, CloseMode::Manual, 4);
    let ask = r#"{"command":"server_definitions"}"#;
    let mut reads = hub.join(Origin::Local).unwrap();
    let lazy = hub.join(Origin::Local).unwrap();
    hub.message(reads.id, ask);
    let size: usize = texts(&mut reads).iter().map(String::len).sum();
    hub.answers_bytes_max = 3 * size;
    for count in 1..=4 {
        hub.message(lazy.id, ask);
        hub.message(reads.id, ask);
        assert_eq!(hub.clients.contains_key(&lazy.id), count < 3, "{count} answers wait");
        assert_eq!(texts(&mut reads).len(), 1);
    }
    assert_eq!(lazy.verdict.why(), Ending::Slow);
    assert!(hub.clients.contains_key(&reads.id), "who reads stays");
}
