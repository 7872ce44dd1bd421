//! Capital: what comes in and goes out is no profit, what the operator announced is no other writer, and what nobody
//! explains is summed by its size.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crafted;
mod support;

use crafted::{Told, put};
use engine::{
    Announced, Asset, CapitalKind, CapitalRow, Cause, HaltReason, Input, Mode, MovementRow, Notice,
    Reclassified, Record, Step, ValuationRow, notice_note,
};
use ledger::{AccountId, Hash256, TxType};
use support::{ISSUER, OTHER, Rig, US, World, drops};
use units::{Exact, LedgerIndex, LedgerTime, Price};

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

fn capital(rig: &Rig) -> Vec<CapitalRow> {
    let rows = rig.records.iter().filter_map(|record| match record {
        Record::CapitalEvent(row) => Some(row.clone()),
        _ => None,
    });
    rows.collect()
}

fn moved(rig: &Rig, cause: Cause) -> Vec<(Asset, Exact)> {
    let rows = rig.records.iter().filter_map(|record| match record {
        Record::Movement(row) if row.cause == cause => Some((row.asset, row.wallet_change())),
        _ => None,
    });
    rows.collect()
}

fn net_deposits(rig: &Rig) -> Exact {
    let row = rig.records.iter().rev().find_map(|record| match record {
        Record::ValuationSnapshot(row) => Some(row),
        _ => None,
    });
    let row: &ValuationRow = row.unwrap();
    row.net_deposits_rlusd_cum.clone()
}

/// A payment that our key signed elsewhere: so many drops and so much RLUSD leave, and the fee.
fn pay_out(world: &mut World, to: AccountId, xrp: i64, rlusd: &str, code: i16) -> Hash256 {
    let told = Told::new(TxType::PAYMENT, US, world.sequence, 10).to(to).with_result(code);
    put(world, told, -xrp - 10, rlusd, true)
}

#[test]
fn deposits_are_neither_profit_nor_loss_and_are_counted_at_the_price_of_their_ledger() {
    let mut rig = Rig::started();
    rig.tick();
    let mid: Price = "1.42".parse().unwrap();
    let opening = &(&exact("60") * &mid.to_exact()) + &exact("85.2");
    assert_eq!(net_deposits(&rig), opening);
    rig.world.pay_us(7_000_000, "3.25");
    rig.tick();
    rig.world.pay_us(2_000_000, "0.5");
    rig.tick();
    let came = &(&exact("9") * &mid.to_exact()) + &exact("3.75");
    assert_eq!(net_deposits(&rig), &opening + &came);
    // Nothing was traded: what is lost is what was burned, against doing nothing and against holding.
    let figures = rig.engine.figures();
    let burned = -&(&Exact::from_drops(figures.fees_drops) * &mid.to_exact());
    assert!(burned.is_negative());
    assert_eq!(figures.pnl_rlusd, Some(burned.clone()));
    assert_eq!(figures.pnl_against_holding_rlusd, Some(burned));
    let rows = capital(&rig);
    let told: Vec<_> = rows
        .iter()
        .filter(|row| row.tx_hash.is_some())
        .map(|row| (row.kind, row.asset, row.amount.to_string(), row.value_rlusd.clone().unwrap()))
        .collect();
    let value = |xrp: &str| &exact(xrp) * &mid.to_exact();
    assert_eq!(
        told,
        [
            (CapitalKind::Deposit, Asset::Xrp, "7".to_owned(), value("7")),
            (CapitalKind::Deposit, Asset::Rlusd, "3.25".to_owned(), exact("3.25")),
            (CapitalKind::Deposit, Asset::Xrp, "2".to_owned(), value("2")),
            (CapitalKind::Deposit, Asset::Rlusd, "0.5".to_owned(), exact("0.5")),
        ]
    );
    rig.audit();
}

#[test]
fn what_nobody_explains_is_summed_by_its_size() {
    let mut rig = Rig::started();
    rig.tick();
    for (xrp, rlusd) in [(3, "-0.001"), (-1, "0.002"), (0, "0.004")] {
        rig.world.mystery(xrp, rlusd);
        let ledger = rig.world.close();
        rig.feed(ledger);
    }
    let figures = rig.engine.figures();
    assert_eq!((figures.unexplained_xrp, figures.unexplained_rlusd), (drops(4), exact("0.007")));
}

#[test]
fn a_clawback_is_booked_by_its_name_and_ends_the_session() {
    let mut rig = Rig::started();
    rig.tick();
    let told = Told::new(TxType(30), ISSUER, 4, 10);
    let hash = put(&mut rig.world, told, 0, "-5", false);
    rig.tick();
    assert_eq!(moved(&rig, Cause::Clawback), [(Asset::Rlusd, exact("-5"))]);
    let (reason, detail) = rig.engine.halt().unwrap();
    assert_eq!((reason, detail.contains(&hash.to_string())), (HaltReason::IssuerFreeze, true), "{detail}");
    assert!(rig.run_out().verified);
    rig.audit();
}

#[test]
fn who_empties_a_pool_says_how_the_session_ends() {
    // The issuer's AMMClawback (31), which pays us the XRP of our share, and our own key's AMMWithdraw (37) elsewhere.
    for (tx_type, signer, xrp, moved_xrp, halt) in [
        (31, ISSUER, 5_000_000, "5", HaltReason::IssuerFreeze),
        (37, US, 4_999_990, "5", HaltReason::ForeignTransaction),
    ] {
        let mut rig = Rig::started();
        rig.tick();
        let is_ours = signer == US;
        let sequence = if is_ours { rig.world.sequence } else { 4 };
        put(&mut rig.world, Told::new(TxType(tx_type), signer, sequence, 10), xrp, "0", is_ours);
        rig.tick();
        assert_eq!(moved(&rig, Cause::Amm), [(Asset::Xrp, exact(moved_xrp))]);
        assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(halt), "{tx_type}");
        assert!(rig.run_out().verified);
        rig.audit();
    }
}

fn announced(amount: &str, destination: Option<AccountId>, until: u32) -> Announced {
    let asset = if amount.ends_with('X') { Asset::Xrp } else { Asset::Rlusd };
    let amount = exact(amount.trim_end_matches('X'));
    Announced { number: 4, asset, amount, destination, until: LedgerTime(until) }
}

fn told(rig: &mut Rig, notice: Notice) -> Step {
    rig.feed(Input::Notices(vec![notice]))
}

#[test]
fn an_announced_payment_is_a_withdrawal_by_table() {
    let now = World::new().close_time;
    // The ledger of the payment closes 8 seconds after the start.
    let at = now + 8;
    // What was announced; what is paid, to whom, with which result; whether that is it.
    let rows = [
        (announced("5X", None, at), 5_000_000, "0", OTHER, 0, true),
        (announced("5X", Some(OTHER), at + 600), 5_000_000, "0", OTHER, 0, true),
        (announced("2.5", Some(ISSUER), at), 0, "-2.5", ISSUER, 0, true),
        (announced("5X", Some(ISSUER), at), 5_000_000, "0", OTHER, 0, false),
        (announced("5X", None, at - 1), 5_000_000, "0", OTHER, 0, false),
        (announced("5X", None, at), 4_999_999, "0", OTHER, 0, false),
        (announced("5X", None, at), 5_000_000, "-1", OTHER, 0, false),
        (announced("2.5", None, at), 0, "-2.4", OTHER, 0, false),
        (announced("2.5", None, at), 1, "-2.5", OTHER, 0, false),
        (announced("5", None, at), 5_000_000, "0", OTHER, 0, false),
        (announced("5X", None, at), 5_000_000, "0", OTHER, 104, false),
    ];
    for (notice, xrp, rlusd, to, code, is_it) in rows {
        let what = format!("{notice:?}: {xrp} {rlusd} {code}");
        let mut rig = Rig::started();
        rig.tick();
        told(&mut rig, Notice::Announced(notice.clone()));
        let hash = pay_out(&mut rig.world, to, xrp, rlusd, code);
        let before = net_deposits(&rig);
        rig.tick();
        let withdrawn = moved(&rig, Cause::Withdrawal);
        let is_halted = rig.engine.halt().map(|(reason, _)| reason) == Some(HaltReason::ForeignTransaction);
        assert_eq!((withdrawn.len(), is_halted), (usize::from(is_it), !is_it), "{what}");
        rig.audit();
        if !is_it {
            continue;
        }
        assert_eq!(withdrawn, [(notice.asset, -&notice.amount)], "{what}");
        let worth = match notice.asset {
            Asset::Xrp => &notice.amount * &"1.42".parse::<Price>().unwrap().to_exact(),
            Asset::Rlusd => notice.amount.clone(),
        };
        assert_eq!(net_deposits(&rig), &before - &worth, "{what}");
        let row = capital(&rig).pop().unwrap();
        assert_eq!((row.kind, row.note, row.tx_hash), (CapitalKind::Withdrawal, notice_note(4), Some(hash)));
        assert_eq!((row.amount, row.value_rlusd), (notice.amount, Some(worth)), "{what}");
        assert_eq!(rig.engine.mode(), Mode::Active, "{what}");
        // One announcement stands for one payment, however often it is told.
        told(&mut rig, Notice::Announced(announced("5X", None, at + 600)));
        pay_out(&mut rig.world, to, 5_000_000, "0", 0);
        rig.tick();
        assert_eq!(rig.engine.halt().map(|(reason, _)| reason), Some(HaltReason::ForeignTransaction));
    }
}

#[test]
fn no_transaction_of_somebody_else_uses_an_announcement_up() {
    let mut rig = Rig::started();
    rig.tick();
    let until = rig.world.close_time + 600;
    told(&mut rig, Notice::Announced(announced("0.00002X", None, until)));
    // Ten drops less than the fee of ten that it burns itself make twenty: what a careless reading takes for the payment.
    let stranger = Told::new(TxType::PAYMENT, OTHER, 9, 10).to(ISSUER);
    put(&mut rig.world, stranger, -30, "0", false);
    rig.tick();
    assert!(moved(&rig, Cause::Withdrawal).is_empty());
    pay_out(&mut rig.world, OTHER, 20, "0", 0);
    rig.tick();
    assert_eq!(moved(&rig, Cause::Withdrawal), [(Asset::Xrp, exact("-0.00002"))]);
    assert_eq!(rig.engine.halt(), None);
}

fn reclassified(number: u32, kind: CapitalKind, amount: &str) -> Notice {
    Notice::Capital(Reclassified {
        number,
        kind,
        asset: Asset::Xrp,
        amount: exact(amount),
        value_rlusd: exact("7.1"),
        tx_hash: Hash256([6; 32]),
        ledger_index: LedgerIndex(90),
    })
}

#[test]
fn capital_that_was_booked_as_external_changes_net_deposits_once_and_no_balance() {
    for in_session in [true, false] {
        for (kind, worth) in [(CapitalKind::Deposit, "7.1"), (CapitalKind::Withdrawal, "-7.1")] {
            let mut rig = Rig::new();
            let start = rig.world.start(None, None);
            if in_session {
                rig.feed(start);
                told(&mut rig, reclassified(9, kind, "5"));
                // It is told again when a recovery begins.
                assert!(told(&mut rig, reclassified(9, kind, "5")).records.is_empty());
            } else {
                assert!(told(&mut rig, reclassified(9, kind, "5")).records.is_empty(), "no session is open");
                rig.feed(start);
            }
            rig.tick();
            let opening = exact("170.4");
            assert_eq!(net_deposits(&rig), &opening + &exact(worth), "{kind:?}");
            let rows = capital(&rig);
            let told: Vec<_> = rows.iter().filter(|row| row.note == notice_note(9)).collect();
            assert_eq!(told.len(), 1);
            assert_eq!((told[0].kind, told[0].ledger_index), (kind, LedgerIndex(90)));
            assert_eq!((&told[0].amount, &told[0].value_rlusd), (&exact("5"), &Some(exact("7.1"))));
            rig.audit();
        }
    }
}

#[test]
fn books_are_realigned_before_a_session_and_never_in_one() {
    let movements = |rig: &Rig| -> Vec<MovementRow> {
        let rows = rig.records.iter().filter_map(|record| match record {
            Record::Movement(row) => Some(row.clone()),
            _ => None,
        });
        rows.collect()
    };
    let mut first = Rig::started();
    first.tick();
    let closed = first.stop();
    for is_realigned in [true, false] {
        // A drop that no transaction explains is there when the next session begins.
        let mut rig = Rig::with(first.engine.config().clone(), first.world.clone());
        rig.world.xrp = rig.world.xrp.checked_add(drops(1)).unwrap();
        if is_realigned {
            told(&mut rig, Notice::Realign);
        }
        let Input::Start(mut start) = rig.world.start(Some(closed.carried.clone()), None) else {
            unreachable!()
        };
        start.accept_divergence = true;
        rig.feed(Input::Start(start));
        let cause = if is_realigned { Cause::Realignment } else { Cause::AcceptedDivergence };
        let rows: Vec<_> = movements(&rig).into_iter().map(|row| (row.cause, row.wallet_change())).collect();
        assert_eq!(rows, [(cause, Exact::from_drops(drops(1)))]);
        let reason = rig.engine.halt().map(|(reason, _)| reason);
        assert_eq!(reason, is_realigned.then_some(HaltReason::OperatorStop));
    }
    let mut rig = Rig::started();
    told(&mut rig, Notice::Realign);
    rig.tick();
    assert_eq!(rig.engine.halt(), None, "a session that is open goes on");
}
