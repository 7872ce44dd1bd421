//! The pool's arithmetic against real swaps and the public table of offers to a quality, and its laws.
#![expect(clippy::disallowed_methods, reason = "a test reads its facts from the disk")]

use proptest::prelude::*;
use serde_json::Value;
use units::stamount::{Kind, StAmount};
use units::{Drops, Exact, IssuedValue};

use super::spot::offer_to_quality;
use super::swap::{swap_in, swap_out};
use super::tokens::{self, Way};
use crate::amount;
use crate::flow::{Pair, Quality};
use crate::number::{DOWN, NEAREST};

fn facts(name: &str) -> Option<Value> {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/facts/{}"), name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            eprintln!("SKIPPED: no facts at {path}");
            None
        }
    }
}

fn of_text(text: &str, is_xrp: bool) -> StAmount {
    if is_xrp { StAmount::Native(text.parse().unwrap()) } else { StAmount::Issued(text.parse().unwrap()) }
}

/// The table of the public tests of the reference server: an offer of the quality, or none.
#[test]
fn offers_to_a_quality_by_the_public_table() {
    let Some(table) = facts("amm_spot_price_quality_table.json") else { return };
    let rows = table["rows"].as_array().unwrap();
    let mut matched = 0;
    for row in rows {
        let side = |name: &str, xrp: &str| of_text(row[name].as_str().unwrap(), row[xrp].as_bool().unwrap());
        let balances = Pair { paid: side("pool_in", "in_is_xrp"), got: side("pool_out", "out_is_xrp") };
        // One row names its quality by amounts: 10 drops for 100.
        let ten_for_a_hundred = Pair { paid: of_text("10", true), got: of_text("100", false) };
        let quality =
            row["target_quality_u64"].as_u64().map_or_else(|| Quality::of(ten_for_a_hundred), Quality);
        let fee = u16::try_from(row["trading_fee"].as_u64().unwrap()).unwrap();
        let wanted = !matches!(row["status"].as_str().unwrap(), "Fail" | "SucceedShouldFail");
        let offer = offer_to_quality(balances, quality, fee).unwrap();
        let fits =
            offer.is_some() == wanted && offer.is_none_or(|offer| !Quality::of(offer).is_worse_than(quality));
        if fits {
            matched += 1;
        } else {
            eprintln!("{row}\n  gives {offer:?}");
        }
    }
    eprintln!("offers to a quality: {matched}/{}", rows.len());
    assert_eq!(matched, rows.len());
}

/// Ledgers below this one on the main network did swaps by the rule before `fixAMMv1_1`: every step to the nearest.
const ROUNDED_FOR_THE_POOL_FROM: u64 = 91_000_000;

fn swap_in_to_nearest(balances: Pair, paid: StAmount, fee: u16) -> StAmount {
    let calc = NEAREST;
    let (held_in, held_out) = (calc.of(balances.paid), calc.of(balances.got));
    let after = calc.add(held_in, calc.mul(calc.of(paid), super::after_fee(calc, fee).unwrap()));
    let left = calc.div(calc.mul(held_in, held_out), after).unwrap();
    DOWN.amount(calc.sub(held_out, left), balances.got.kind()).unwrap()
}

/// Whether the pool after follows from the pool before and what went in, or what came out.
fn follows(before: Pair, after: Pair, fee: u16, to_nearest: bool) -> bool {
    let paid = amount::sub(after.paid, before.paid).unwrap();
    let got = amount::sub(before.got, after.got).unwrap();
    let by_paid =
        if to_nearest { swap_in_to_nearest(before, paid, fee) } else { swap_in(before, paid, fee).unwrap() };
    let by_got = swap_out(before, got, fee).unwrap();
    amount::sub(before.got, by_paid).unwrap() == after.got
        || amount::add(before.paid, by_got).unwrap() == after.paid
}

/// 35 real swaps. A whole number for the implied fee means one clean swap: there the pool after must follow to the last
/// digit. The others were several slices, a swap of dust, or had a transfer fee; most of them follow all the same.
#[test]
fn real_swaps() {
    let Some(swaps) = facts("mainnet_amm_swaps.json") else { return };
    let (mut clean, mut clean_matched, mut matched) = (0, 0, 0);
    let swaps = swaps.as_array().unwrap();
    for swap in swaps {
        let side = |at: usize, name: &str| {
            let side = &swap["sides"][at];
            of_text(side[name].as_str().unwrap(), side["currency"] == "XRP")
        };
        let paid_at = usize::try_from(swap["in"].as_u64().unwrap()).unwrap();
        let pair = |name: &str| Pair { paid: side(paid_at, name), got: side(1 - paid_at, name) };
        let (before, after) = (pair("pre"), pair("post"));
        let (whole, rest) = swap["implied_fee_1e5"].as_str().unwrap().split_once('.').unwrap();
        let nearest: u16 = whole.parse().unwrap();
        let is_clean = rest.bytes().all(|digit| digit == b'0');
        let is_old = swap["ledger_index"].as_u64().unwrap() < ROUNDED_FOR_THE_POOL_FROM;
        let fits = [nearest, nearest + 1].into_iter().any(|fee| follows(before, after, fee, is_old));
        clean += u32::from(is_clean);
        clean_matched += u32::from(is_clean && fits);
        matched += u32::from(fits);
        if !fits {
            eprintln!("{} fee {}: not one swap", swap["tx_hash"], swap["implied_fee_1e5"]);
        }
    }
    eprintln!("real swaps: {matched}/{}, of the clean ones {clean_matched}/{clean}", swaps.len());
    assert_eq!((clean_matched, matched), (clean, 34));
}

fn exact(amount: StAmount) -> Exact {
    match amount {
        StAmount::Native(drops) => Exact::from_drops(drops).scaled(6),
        StAmount::Issued(value) => Exact::from(value),
    }
}

fn amount_of(kind: Kind) -> BoxedStrategy<StAmount> {
    match kind {
        Kind::Native => {
            (1_i64..5_000_000_000_000).prop_map(|d| StAmount::Native(Drops::new(d).unwrap())).boxed()
        }
        Kind::Issued => (IssuedValue::MANTISSA_MIN..=IssuedValue::MANTISSA_MAX, -24_i32..-6)
            .prop_map(|(m, e)| StAmount::Issued(IssuedValue::from_parts(m.into(), e).unwrap()))
            .boxed(),
    }
}

fn pool_and_amounts() -> impl Strategy<Value = (Pair, StAmount, StAmount, u16)> {
    let kinds = prop_oneof![
        Just((Kind::Native, Kind::Issued)),
        Just((Kind::Issued, Kind::Native)),
        Just((Kind::Issued, Kind::Issued)),
    ];
    kinds.prop_flat_map(|(paid, got)| {
        (amount_of(paid), amount_of(got), amount_of(paid), amount_of(got), 0_u16..=1000)
            .prop_map(|(held_in, held_out, a, b, fee)| (Pair { paid: held_in, got: held_out }, a, b, fee))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(21), ..ProptestConfig::default() })]

    /// Whatever is swapped, the product of what the pool holds never falls, exactly reckoned, and it never gives all.
    #[test]
    fn the_product_never_falls((balances, paid, got, fee) in pool_and_amounts()) {
        let (held_in, held_out) = (exact(balances.paid), exact(balances.got));
        let product = &held_in * &held_out;
        let out = swap_in(balances, paid, fee).unwrap();
        prop_assert!(amount::compare(out, balances.got).is_lt() || out.is_zero());
        prop_assert!(&(&held_in + &exact(paid)) * &(&held_out - &exact(out)) >= product);
        if amount::compare(got, balances.got).is_lt() {
            let needed = swap_out(balances, got, fee).unwrap();
            prop_assert!(&(&held_in + &exact(needed)) * &(&held_out - &exact(got)) >= product);
        }
    }

    /// An offer to a quality is of that quality or better, and within what the pool holds.
    #[test]
    fn offers_to_a_quality_keep_to_it((balances, paid, got, fee) in pool_and_amounts()) {
        let quality = Quality::of(Pair { paid, got });
        if let Some(offer) = offer_to_quality(balances, quality, fee).ok().flatten() {
            prop_assert!(!Quality::of(offer).is_worse_than(quality));
            prop_assert!(amount::compare(offer.got, balances.got).is_lt());
        }
    }

    /// Who deposits one asset and withdraws what the tokens give never ends with more, but for the last digits of what the
    /// pool holds (a fraction of it has 16 digits).
    #[test]
    fn a_round_trip_gives_nothing((balances, deposit, _, fee) in pool_and_amounts()) {
        let supply = tokens::first_tokens(balances.paid, balances.got).unwrap();
        let held = balances.paid;
        let got = tokens::tokens_for_deposit(held, deposit, supply, fee)
            .and_then(|got| tokens::fitted(supply, got, Way::Deposit));
        let Ok(got) = got else { return Ok(()) };
        if got.is_zero() {
            return Ok(());
        }
        let (got, paid) = tokens::matched_deposit(held, deposit, supply, got, fee).unwrap();
        prop_assert!(amount::compare(paid, deposit).is_le());
        let (held, supply) = (amount::add(held, paid).unwrap(), amount::add(supply, got).unwrap());
        let back = tokens::withdrawal_for_tokens(held, supply, got, fee).unwrap();
        let gain = &exact(back) - &exact(paid);
        let last_digits = &exact(held) * &Exact::new(1.into(), -14);
        prop_assert!(gain <= last_digits, "{paid:?} in, {back:?} out");
    }
}
