//! The rules of the open ledger's cost and of the queue, as scripts: who is applied, queued or refused, and who comes out.
//! Rules: XRP Ledger documentation, "Transaction Queue" and "Transaction Cost"; numbers: the reference server's settings.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod queue_stage;

use std::collections::BTreeMap;

use ledger::{Hash256, SeqProxy, fields as f, flags};
use queue_stage::{Draft, keys, next, open_index, submit, world};
use sim::world::{DropReason, QueueSettings, World};

/// Room for two transactions and one more, then the cost is `5000 * n² / 4` drops.
fn small() -> QueueSettings {
    QueueSettings { minimum_txn_in_ledger: 2, ..QueueSettings::standalone() }
}

/// A queue for two transactions.
fn tiny() -> QueueSettings {
    QueueSettings { ledgers_in_queue: 1, minimum_queue_size: 2, ..small() }
}

/// Whoever does not fit waits, whatever it pays.
fn dear() -> QueueSettings {
    QueueSettings { minimum_escalation_multiplier: 1 << 50, ..small() }
}

/// A world and the names of what was sent in it.
struct Script {
    world: World,
    first: BTreeMap<String, u32>,
    names: BTreeMap<Hash256, String>,
}

const NAMES: [&str; 3] = ["alice", "bob", "carol"];

impl Script {
    fn new(settings: QueueSettings) -> Script {
        let world = world(settings, &NAMES, 3);
        let first = NAMES.map(|name| (name.to_owned(), next(&world, keys(name).account()).number()));
        Script { world, first: first.into(), names: BTreeMap::new() }
    }

    /// `alice 2 12 lls+2 ...`: her third sequence counted from the start, a fee of 12. `t0` is her first ticket.
    fn send(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let first = self.first[words[0]];
        let number = match words[1].strip_prefix('t') {
            Some(ticket) => SeqProxy::Ticket(first - 3 + ticket.parse::<u32>().unwrap()),
            None => SeqProxy::Sequence(first + words[1].parse::<u32>().unwrap()),
        };
        let mut draft = Draft::new(number, words[2].parse().unwrap());
        for option in &words[3..] {
            match option.split_once(['+', '=']) {
                Some(("lls", ahead)) => {
                    draft.last_ledger = Some(open_index(&self.world) + ahead.parse::<u32>().unwrap());
                }
                Some(("tag", tag)) => {
                    draft.body.insert_some(f::SOURCE_TAG, Some(tag.parse::<u32>().unwrap()))
                }
                None if *option == "blocks" => {
                    draft.body.insert_some(f::SET_FLAG, Some(flags::ASF_REQUIRE_AUTH));
                }
                None if *option == "prior" => {
                    draft.body.insert_some(f::ACCOUNT_TXN_ID, Some(Hash256::ZERO));
                }
                _ => panic!("{option}"),
            }
        }
        let keys = keys(words[0]);
        self.names.insert(draft.signed(&keys).0, format!("{} {}", words[0], words[1]));
        let answer = submit(&mut self.world, &keys, &draft);
        assert_eq!(answer.queued, answer.engine_result.to_string() == "terQUEUED");
        format!("{} {}", answer.engine_result, answer.open_ledger_cost)
    }

    /// What came into the ledger, by account and number.
    fn close(&mut self) -> String {
        let closed = self.world.close();
        let mut names: Vec<&str> =
            closed.transactions.iter().map(|tx| self.names[&tx.hash].as_str()).collect();
        names.sort_unstable();
        names.join(", ")
    }

    fn queue(&self) -> String {
        let names: Vec<&str> = self.world.queued().iter().map(|tx| self.names[&tx.hash].as_str()).collect();
        names.join(", ")
    }

    /// Lines of `what = outcome`; an outcome is compared as far as it is written.
    fn run(settings: QueueSettings, script: &str) -> Script {
        let mut stage = Script::new(settings);
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (what, wanted) = line.rsplit_once(" = ").unwrap_or_else(|| panic!("no outcome: {line}"));
            let got = match what {
                "close" => stage.close(),
                "queue" => stage.queue(),
                sent => stage.send(sent),
            };
            let is_answer = wanted.starts_with("te");
            let wanted = if wanted == "nobody" { "" } else { wanted };
            let shown = if is_answer { got.get(..wanted.len()).unwrap_or(&got) } else { got.as_str() };
            assert_eq!(shown, wanted, "{line}");
        }
        stage
    }
}

#[test]
fn one_more_than_expected_enters_at_the_base_cost_and_then_it_rises() {
    Script::run(
        small(),
        "alice 0 10 = tesSUCCESS 10
         bob 0 10 = tesSUCCESS 10
         alice 1 10 = tesSUCCESS 11250
         bob 1 11249 = terQUEUED 11250
         carol 0 11250 = tesSUCCESS 20000
         carol 1 19999 = terQUEUED 20000
         queue = carol 1, bob 1
         close = alice 0, alice 1, bob 0, carol 0
         queue = nobody",
    );
}

#[test]
fn a_queued_transaction_is_replaced_by_one_that_pays_a_quarter_more() {
    Script::run(
        small(),
        "alice 0 10 = tesSUCCESS
         alice 1 10 = tesSUCCESS
         alice 2 10 = tesSUCCESS
         alice 3 10 = terQUEUED
         alice 3 12 = telCAN_NOT_QUEUE_FEE
         alice 3 13 = terQUEUED
         alice 4 10 = terQUEUED
         alice 3 16 = telCAN_NOT_QUEUE_FEE
         alice 3 17 = terQUEUED
         alice 2 1000 = tefPAST_SEQ
         close = alice 0, alice 1, alice 2
         close = alice 3, alice 4",
    );
}

#[test]
fn numbers_are_queued_without_gaps() {
    Script::run(
        small(),
        "alice 0 10 = tesSUCCESS
         alice 1 10 = tesSUCCESS
         alice 2 10 = tesSUCCESS
         bob 1 10 = terPRE_SEQ
         alice 4 10 = terPRE_SEQ
         alice 3 10 = terQUEUED
         alice 6 10 = telCAN_NOT_QUEUE
         alice 5 10 tag=1 = telCAN_NOT_QUEUE
         alice 4 10 tag=1 = terQUEUED
         queue = alice 3, alice 4
         close = alice 0, alice 1, alice 2",
    );
}

#[test]
fn what_waits_must_have_the_time_and_no_prior_transaction() {
    Script::run(
        small(),
        "alice 0 10 = tesSUCCESS
         alice 1 10 = tesSUCCESS
         alice 2 10 = tesSUCCESS
         alice 3 10 lls+1 = telCAN_NOT_QUEUE
         bob 0 10 prior = telCAN_NOT_QUEUE
         alice 3 10 lls+2 = terQUEUED
         alice 3 9 = telCAN_NOT_QUEUE_FEE
         bob 0 9 = telINSUF_FEE_P
         queue = alice 3",
    );
}

#[test]
fn a_blocker_waits_alone() {
    Script::run(
        small(),
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS
         alice 0 10 blocks = terQUEUED
         alice 1 10 = telCAN_NOT_QUEUE_BLOCKED
         alice t0 10 = telCAN_NOT_QUEUE_BLOCKED
         alice 0 20 tag=1 = terQUEUED
         alice 1 10 blocks = telCAN_NOT_QUEUE_BLOCKS
         alice 0 40 blocks = terQUEUED
         bob 0 10 = terQUEUED
         bob 1 10 = terQUEUED
         bob 0 40 blocks = telCAN_NOT_QUEUE_BLOCKS
         bob 1 40 blocks = telCAN_NOT_QUEUE_BLOCKS",
    );
}

#[test]
fn ten_of_an_account_wait_and_more_are_tried_again() {
    let mut stage = Script::run(
        small(),
        "alice 0 10 = tesSUCCESS
         alice 1 10 = tesSUCCESS
         alice 2 10 = tesSUCCESS",
    );
    for number in 3..13 {
        assert!(stage.send(&format!("alice {number} 10")).starts_with("terQUEUED"));
    }
    assert!(stage.send("alice 13 10").starts_with("telCAN_NOT_QUEUE_FULL"));
    assert!(stage.send("bob 0 10").starts_with("terQUEUED"));
    let closed: Vec<String> = (0..5).map(|_| stage.close()).collect();
    let all = closed.join(", ");
    assert!(all.contains("alice 13") && all.contains("bob 0"), "{closed:?}");
    assert_eq!(stage.queue(), "");
}

#[test]
fn a_full_queue_drops_the_last_of_the_cheapest_account() {
    let mut stage = Script::run(
        tiny(),
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS
         alice 0 20 = terQUEUED
         alice 1 10 = terQUEUED
         bob 0 15 = telCAN_NOT_QUEUE_FULL",
    );
    // The account's average is 15, so that 16 is more; its last transaction goes, not its cheapest.
    assert_eq!(stage.world.fee_report().minimum_level, 257);
    assert!(stage.send("bob 0 16 tag=2").starts_with("terQUEUED"));
    assert_eq!(stage.queue(), "alice 0, bob 0");
    let [lost] = stage.world.dropped_from_queue() else { panic!() };
    assert_eq!(stage.names[&lost.hash], "alice 1");
    assert!(matches!(lost.reason, DropReason::Outbid(by) if stage.names[&by] == "bob 0"));
    // Nobody drops an own transaction.
    assert!(stage.send("bob 1 20").starts_with("telCAN_NOT_QUEUE_FULL"));
    assert!(stage.send("bob 1 21").starts_with("terQUEUED"));
    assert_eq!(stage.queue(), "bob 1, bob 0");
    assert!(stage.send("bob 2 5000").starts_with("telCAN_NOT_QUEUE_FULL"));
}

#[test]
fn fees_in_flight_stay_below_the_reserve() {
    Script::run(
        dear(),
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS
         alice 0 600000 = terQUEUED
         alice 1 400000 = terQUEUED
         alice 2 10 = telCAN_NOT_QUEUE_BALANCE
         alice 1 600000 = terQUEUED
         bob 0 25000000 = terINSUF_FEE_B",
    );
}

#[test]
fn who_pays_for_all_before_brings_them_along() {
    // Three, four and five squared, times 128000 levels, over two squared: 1,600,000 levels or 62,500 drops.
    Script::run(
        small(),
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS 11250
         alice 0 10 = terQUEUED
         alice 1 10 = terQUEUED
         alice 2 62479 = terQUEUED 11250
         bob 0 10 = terQUEUED
         bob 1 10 = terQUEUED
         bob 2 62480 = tesSUCCESS 45000
         close = bob 0, bob 1, bob 2, carol 0, carol 1, carol 2",
    );
}

#[test]
fn the_next_ledger_takes_the_best_payers_first_and_each_account_in_order() {
    Script::run(
        QueueSettings { normal_consensus_increase_percent: 0, ..small() },
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS
         alice 0 10 = terQUEUED
         alice 1 400 = terQUEUED
         bob 0 30 = terQUEUED
         bob 1 20 = terQUEUED
         bob 2 25 = terQUEUED
         queue = alice 1, bob 0, bob 2, bob 1, alice 0
         close = carol 0, carol 1, carol 2
         close = alice 0, bob 0, bob 1, bob 2
         close = alice 1",
    );
}

#[test]
fn a_transaction_leaves_the_queue_when_its_last_ledger_closes() {
    let mut stage = Script::run(
        QueueSettings { normal_consensus_increase_percent: 0, ..small() },
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS
         alice 0 10 lls+2 = terQUEUED
         alice 1 10 = terQUEUED",
    );
    // Others always pay more.
    for ledger in 0..3_u32 {
        for number in 0..5_u32 {
            let name = ["bob", "carol"][usize::try_from(ledger % 2).unwrap()];
            let from = 5 * (ledger / 2) + number + if name == "carol" { 3 } else { 0 };
            let _ = stage.send(&format!("{name} {from} 3000"));
        }
        let closed = stage.close();
        assert!(!closed.contains("alice"), "{closed}");
    }
    let lost =
        stage.world.dropped_from_queue().iter().find(|lost| lost.reason == DropReason::Expired).unwrap();
    assert_eq!(stage.names[&lost.hash], "alice 0");
    // Its successor waits for what never comes, until the gap is filled.
    assert!(stage.queue().contains("alice 1"));
    let _ = (stage.close(), stage.close());
    assert!(stage.send("alice 0 10 tag=9").starts_with("tesSUCCESS"));
    assert_eq!(stage.close(), "alice 0");
    assert_eq!(stage.close(), "alice 1");
}

#[test]
fn tickets_wait_for_nobody() {
    Script::run(
        small(),
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS
         alice t1 10 = terQUEUED
         alice 0 10 = terQUEUED
         alice t9 10 = terPRE_TICKET
         alice t1 20 = terQUEUED
         alice t1 21 = telCAN_NOT_QUEUE_FEE
         alice t0 30 = terQUEUED
         queue = alice t0, alice t1, alice 0
         alice t0 20000 = tesSUCCESS
         alice t0 10 = tefNO_TICKET
         queue = alice t1, alice 0
         close = alice t0, carol 0, carol 1, carol 2
         close = alice 0, alice t1
         alice t2 10 = tesSUCCESS",
    );
}

#[test]
fn with_fail_hard_nothing_waits() {
    let mut stage = Script::run(
        small(),
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS",
    );
    let alice = keys("alice");
    let own = next(&stage.world, alice.account());
    for (number, fee, wanted) in [
        (own, 10, Some("telCAN_NOT_QUEUE")),
        (own, 11_250, None),
        (SeqProxy::Sequence(own.number() + 1), 10, Some("terPRE_SEQ")),
        (own, 9, Some("telINSUF_FEE_P")),
    ] {
        let before = stage.world.snapshot().unwrap();
        let told = stage.world.refused_hard(&Draft::new(number, fee).signed(&alice).1).unwrap();
        let result = told.map(|told| {
            assert!(!told.accepted && !told.kept && !told.queued && !told.is_remembered);
            told.engine_result.to_string()
        });
        assert_eq!(result.as_deref(), wanted, "{fee}");
        assert_eq!(stage.world.snapshot().unwrap(), before);
    }
    let _ = stage.send("alice 0 10");
    let later = Draft::new(SeqProxy::Sequence(own.number() + 1), 10).signed(&alice).1;
    let told = stage.world.refused_hard(&later).unwrap().unwrap();
    assert_eq!(told.engine_result.to_string(), "telCAN_NOT_QUEUE");
}

#[test]
fn what_is_told_of_the_queue() {
    let mut stage = Script::run(
        small(),
        "carol 0 10 = tesSUCCESS
         carol 1 10 = tesSUCCESS
         carol 2 10 = tesSUCCESS
         alice 0 12 lls+7 = terQUEUED
         alice t1 10 = terQUEUED",
    );
    let report = stage.world.fee_report();
    assert_eq!(
        (report.current_ledger_size, report.current_queue_size, report.expected_ledger_size),
        (3, 2, 2)
    );
    assert_eq!(
        (report.max_queue_size, report.median_level, report.minimum_level),
        (Some(2_000), 128_000, 256)
    );
    assert_eq!((report.open_ledger_level, report.open_ledger_fee().get()), (288_000, 11_250));
    assert_eq!((report.median_fee().get(), report.minimum_fee().get()), (5_000, 10));
    let account = keys("alice").account();
    let own: Vec<(u64, Option<u32>)> =
        stage.world.queued_of(account).iter().map(|tx| (tx.fee_level, tx.last_ledger)).collect();
    assert_eq!(own, [(307, Some(open_index(&stage.world) + 7)), (256, None)]);
    // Both numbers of the answer: the ledger's next and the one nobody uses.
    let answer = submit(&mut stage.world, &keys("alice"), &Draft::new(SeqProxy::Ticket(1), 10));
    assert_eq!(answer.account_sequence_next + 1, answer.account_sequence_available);
    assert_eq!(stage.world.waiting(), 2);
}

#[test]
fn a_slow_network_expects_less() {
    let mut stage = Script::new(QueueSettings { minimum_txn_in_ledger: 2, ..QueueSettings::networked() });
    for number in 0..9 {
        let _ = stage.send(&format!("alice {number} 100000"));
    }
    let size = stage.close().split(", ").count();
    assert_eq!((size, stage.world.fee_report().expected_ledger_size), (9, 10));
    for number in 9..13 {
        let _ = stage.send(&format!("alice {number} 10"));
    }
    let most = stage.world.fee_report().max_queue_size;
    let _ = stage.world.close_slowly();
    assert_eq!(stage.world.fee_report().expected_ledger_size, 2);
    assert_eq!(stage.world.fee_report().max_queue_size, most);
}
