//! Laws over random stories: every drop and digit is explained, limits hold at every ledger, the same inputs give the
//! same chain, and no input makes the engine panic.
#![allow(clippy::unwrap_used, reason = "a test helper: a wrong value is a failed test")]

mod support;

use engine::{
    Effect, Engine, HaltReason, Input, IntentBody, Side, SignedIntent, StopInput, SubmitOutcome, TruthSource,
    journal,
};
use proptest::prelude::*;
use support::{Rig, World, identity};
use units::{Exact, LedgerIndex, Price};

/// One thing that a random story may do.
#[derive(Debug, Clone)]
enum Act {
    /// Somebody takes part of our offer on a side (per mille of what is left; above 1000 all).
    Take { sell: bool, mille: u16 },
    /// Several takes in one ledger.
    Sweep { sell: bool, times: u8 },
    /// The price of others moves.
    Move { bps_tenths: i16 },
    /// Everything on its way is lost.
    Lose,
    /// What is on its way waits another ledger.
    Delay,
    /// Somebody pays us.
    Pay { drops: u16, micro: u16 },
    /// Ledgers are missed.
    Gap { ledgers: u8 },
    /// The last ledger comes again.
    Again,
    /// The process dies and the journal is replayed.
    Quiet,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (any::<bool>(), 1..1200_u16).prop_map(|(sell, mille)| Act::Take { sell, mille }),
        1 => (any::<bool>(), 2..6_u8).prop_map(|(sell, times)| Act::Sweep { sell, times }),
        4 => (-60..60_i16).prop_map(|bps_tenths| Act::Move { bps_tenths }),
        1 => Just(Act::Lose),
        1 => Just(Act::Delay),
        1 => (1..60_000_u16, 0..60_000_u16).prop_map(|(drops, micro)| Act::Pay { drops, micro }),
        1 => (1..4_u8).prop_map(|ledgers| Act::Gap { ledgers }),
        1 => Just(Act::Again),
        6 => Just(Act::Quiet),
    ]
}

fn take(rig: &mut Rig, sell: bool, mille: u16) {
    let side = if sell { Side::Sell } else { Side::Buy };
    let found = rig.world.offers.iter().find(|(_, o)| o.side == side).map(|(s, o)| (*s, o.legs.base.get()));
    if let Some((sequence, base)) = found {
        let part = base / 1000 * i64::from(mille) + 1;
        rig.world.take(sequence, part);
    }
}

fn shift(world: &mut World, tenths: i16) {
    let moved = |text: &str| {
        let price: Price = text.parse().unwrap();
        price
            .offset_by(units::MicroBps(i64::from(tenths) * 100_000), units::Rounding::HalfEven)
            .unwrap()
            .to_string()
    };
    world.touch = (moved(&world.touch.0), moved(&world.touch.1));
}

/// Runs a story and checks the laws at every ledger.
fn run(acts: &[Act]) -> Rig {
    let mut rig = Rig::new();
    let start = rig.world.start(None, None);
    rig.feed(start);
    for act in acts {
        let mut is_delayed = false;
        match act {
            Act::Take { sell, mille } => take(&mut rig, *sell, *mille),
            Act::Sweep { sell, times } => (0..*times).for_each(|_| take(&mut rig, *sell, 150)),
            Act::Move { bps_tenths } => shift(&mut rig.world, *bps_tenths),
            Act::Lose => rig.world.queue.clear(),
            Act::Delay => is_delayed = true,
            Act::Pay { drops, micro } => rig.world.pay_us(i64::from(*drops), &format!("{micro}e-6")),
            Act::Gap { ledgers } => {
                let from = rig.engine.cursor().plus(1);
                for _ in 0..*ledgers {
                    rig.world.validate_all();
                    let _ = rig.world.close();
                }
                let next = rig.world.close();
                let step = rig.feed(next);
                assert!(step.effects.contains(&Effect::RequestBackfill { from }));
                let backfill = rig.world.backfill(from);
                rig.feed(Input::Backfill(Box::new(backfill)));
            }
            Act::Again => {
                let last = rig.journal.iter().rev().find(|i| matches!(i, Input::Ledger(_))).cloned();
                if let Some(last) = last {
                    let step = rig.engine.step(&last);
                    assert!(step.records.is_empty() && step.effects.is_empty());
                }
            }
            Act::Quiet => {}
        }
        if !is_delayed {
            rig.world.validate_all();
        }
        let ledger = rig.world.close();
        rig.feed(ledger);
        laws(&rig);
    }
    rig
}

/// What must hold at every ledger.
fn laws(rig: &Rig) {
    let balances = rig.engine.balances();
    assert_eq!(balances.xrp, rig.world.xrp);
    assert_eq!(balances.rlusd, Exact::from(rig.world.rlusd));
    let config = rig.engine.config();
    if let (Some(mid), None) = (rig.engine.mid(), rig.engine.halt()) {
        let xrp_value = &Exact::from_drops(balances.xrp) * &mid.to_exact();
        assert!(xrp_value <= &Exact::from(config.max_xrp_exposure) * &Exact::new(11.into(), -1));
        assert!(balances.rlusd <= &Exact::from(config.max_rlusd_exposure) * &Exact::new(11.into(), -1));
    }
    let prices = |side| {
        let offers = rig.world.offers.values().filter(move |o| o.side == side);
        offers.filter_map(|o| o.legs.price(units::Rounding::HalfEven).ok())
    };
    if let (Some(bid), Some(ask)) = (prices(Side::Buy).max(), prices(Side::Sell).min()) {
        assert!(bid < ask, "own offers never meet: {bid} {ask}");
    }
}

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_260_301),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(settings(160))]

    #[test]
    fn random_stories_conserve_every_drop_and_end(acts in prop::collection::vec(act(), 1..60)) {
        let mut rig = run(&acts);
        rig.audit();
        prop_assert!(rig.engine.halt().is_none_or(|(r, _)| matches!(r, HaltReason::RiskDrawdown | HaltReason::RiskXrpExposure | HaltReason::RiskRlusdExposure)), "{:?}", rig.engine.halt());
        let closed = rig.stop();
        prop_assert!(closed.verified);
        prop_assert!(rig.world.offers.is_empty());
        prop_assert!(closed.figures.unexplained_rlusd.is_zero() && closed.figures.unexplained_xrp.is_zero());
        let rows: std::collections::BTreeSet<_> = rig.fills().iter().map(|f| (f.tx_hash, f.order_id)).collect();
        prop_assert_eq!(rows.len(), rig.fills().len());
        prop_assert!(rig.orders().values().all(|o| o.status.is_final()));
        rig.audit();
    }

    #[test]
    fn the_journal_decides_the_same_again(acts in prop::collection::vec(act(), 1..40)) {
        let rig = run(&acts);
        let mut again = Engine::new(support::no_pool(), identity());
        let mut digest = journal::genesis(again.config(), again.identity()).unwrap();
        for input in &rig.journal {
            let bytes = journal::encode_input(input).unwrap();
            let step = again.step(&journal::decode_input(&bytes).unwrap());
            digest = journal::link(&digest, &bytes, &step).unwrap();
        }
        prop_assert_eq!(digest, rig.digest);
        prop_assert_eq!(again.figures(), rig.engine.figures());
    }

    #[test]
    fn a_crash_anywhere_is_recovered(acts in prop::collection::vec(act(), 1..30), after in prop::collection::vec(act(), 0..6)) {
        let mut rig = run(&acts);
        for act in &after {
            match act {
                Act::Take { sell, mille } => take(&mut rig, *sell, *mille),
                Act::Pay { drops, micro } => rig.world.pay_us(i64::from(*drops), &format!("{micro}e-6")),
                Act::Lose => rig.world.queue.clear(),
                _ => {}
            }
            rig.world.validate_all();
            let _ = rig.world.close();
        }
        let backfill = rig.world.backfill(rig.engine.cursor().plus(1));
        rig.feed(Input::Resume(Box::new(engine::ResumeInput { backfill })));
        let closed = rig.run_out();
        prop_assert!(closed.verified && rig.world.offers.is_empty());
        rig.audit();
    }
}

/// Inputs that make no sense at all, at any time.
fn nonsense(rig: &Rig, kind: u8, n: u32) -> Input {
    let mut world = rig.world.clone();
    match kind {
        0 => Input::StopDeadline,
        1 => Input::Stale { wall_seconds: n },
        2 => Input::Submitted(SubmitOutcome {
            intent_id: u64::from(n),
            engine_result: Some("tefPAST_SEQ".to_owned()),
            detail: String::new(),
        }),
        3 => Input::Signed(vec![SignedIntent {
            intent_id: u64::from(n),
            hash: ledger::Hash256::ZERO,
            blob: vec![7; 3],
        }]),
        4 => Input::TruthFailed { detail: "no".to_owned() },
        5 => {
            world.index = n;
            Input::Truth(Box::new(world.truth(TruthSource::Periodic)))
        }
        6 => {
            world.index = n;
            world.close()
        }
        7 => {
            world.mystery(i64::from(n % 1000), "1e-3");
            let Input::Ledger(mut ledger) = world.close() else {
                return Input::StopDeadline;
            };
            ledger.own[0].meta_blob.truncate(n as usize % 60);
            Input::Ledger(ledger)
        }
        8 => Input::Backfill(Box::new(world.backfill(LedgerIndex(n)))),
        9 => world.start(None, Some(n)),
        10 => Input::Signed(vec![engine::SignedIntent {
            intent_id: u64::from(n),
            hash: ledger::Hash256([n as u8; 32]),
            blob: vec![],
        }]),
        11 => {
            let Input::Ledger(mut ledger) = world.close() else {
                return Input::StopDeadline;
            };
            ledger.header.close_time = units::LedgerTime(n);
            ledger.header.reserve_inc_drops = units::Drops::MAX;
            ledger.header.fee_base_drops = units::Drops::MAX.negate();
            Input::Ledger(ledger)
        }
        12 => {
            world.touch = ("18000000".to_owned(), "18000001".to_owned());
            world.close()
        }
        13 => {
            world.touch = ("0.000000000001".to_owned(), "0.000000000002".to_owned());
            world.close()
        }
        _ => Input::Stop(StopInput {
            reason: HaltReason::KillSwitch,
            detail: String::new(),
            verify: n.is_multiple_of(2),
        }),
    }
}

proptest! {
    #![proptest_config(settings(400))]

    #[test]
    fn no_input_makes_it_panic(story in prop::collection::vec((0..30_u8, any::<u32>()), 1..40), small in any::<bool>()) {
        let mut rig = Rig::new();
        if story[0].1 % 4 != 0 {
            let start = rig.world.start(None, None);
            rig.feed(start);
        }
        for (kind, n) in story {
            let n = if small { n % 130 } else { n };
            if kind > 14 {
                rig.tick();
            } else {
                let input = nonsense(&rig, kind, n);
                rig.engine.step(&input);
            }
        }
    }
}

#[test]
fn every_submission_respects_the_published_rules() {
    let mut rig = Rig::started();
    let mut seen = 0;
    for i in 0..50 {
        shift(&mut rig.world, if i % 3 == 0 { 40 } else { -25 });
        rig.tick();
        for (intent, _) in &rig.world.queue {
            seen += 1;
            assert!(intent.fee_drops <= rig.engine.config().max_fee_drops);
            assert!(
                intent.last_ledger_sequence
                    <= rig.engine.cursor().plus(rig.engine.config().last_ledger_offset)
            );
            let tx = intent.transaction(&identity());
            assert_eq!(tx.network_id, Some(61337));
            if let IntentBody::Offer { expiration, legs, .. } = &intent.body {
                assert!(expiration.seconds_since(rig.engine.now()) == 180 && legs.is_positive());
            }
        }
    }
    assert!(seen > 20, "{seen}");
}
