//! Laws that hold for every number, checked on generated ones. Seeds are fixed: a failure prints
//! the smallest counter-example and repeats with the same command.

use num_bigint::BigInt;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use units::stamount::{self, Kind, StAmount, Strictness};
use units::{Drops, Exact, IssuedValue, MicroBps, Price, Rounding};

/// A runner whose draws are the same on every machine and at every run.
fn runner(cases: u32) -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng)
}

/// Any issued value: full-length, short and extreme ones.
fn issued() -> impl Strategy<Value = IssuedValue> {
    let mantissa = prop_oneof![
        IssuedValue::MANTISSA_MIN..=IssuedValue::MANTISSA_MAX,
        (1_i64..1000).prop_map(|m| m * 10_i64.pow(13)),
        Just(0),
    ];
    let exponent = prop_oneof![-24_i32..-8, -96_i32..=80];
    (mantissa, exponent, any::<bool>()).prop_map(|(m, e, negative)| {
        let signed = if negative { -m } else { m };
        IssuedValue::from_parts_rounded(signed.into(), e, Rounding::HalfEven).unwrap_or(IssuedValue::ZERO)
    })
}

/// An issued value of the size of a balance or an order.
fn everyday() -> impl Strategy<Value = IssuedValue> {
    (1_i64..1_000_000_000_000_000, -12_i32..-5)
        .prop_map(|(m, e)| IssuedValue::from_parts(m.into(), e).unwrap_or(IssuedValue::ZERO))
}

fn drops() -> impl Strategy<Value = Drops> {
    prop_oneof![1_i64..100, 1_i64..1_000_000_000_000].prop_map(|d| Drops::new(d).unwrap_or(Drops::ZERO))
}

fn price() -> impl Strategy<Value = Price> {
    (100_000_000_u64..100_000_000_000_000).prop_map(|p| Price::from_pico(p).expect("above zero"))
}

#[test]
fn text_and_bytes_round_trip() {
    runner(2_000)
        .run(&issued(), |v| {
            prop_assert_eq!(v.to_string().parse(), Ok(v));
            prop_assert_eq!(v.to_plain_string().parse(), Ok(v));
            prop_assert_eq!(Exact::from(v).to_issued(Rounding::HalfEven), Ok(v));
            let bytes = postcard::to_allocvec(&v).expect("encodes");
            prop_assert_eq!(postcard::from_bytes::<IssuedValue>(&bytes).expect("decodes"), v);
            let json = serde_json::to_string(&v).expect("encodes");
            prop_assert_eq!(serde_json::from_str::<IssuedValue>(&json).expect("decodes"), v);
            Ok(())
        })
        .unwrap();
}

#[test]
fn sums_are_the_exact_sum_rounded_half_even() {
    runner(4_000)
        .run(&(issued(), issued()), |(a, b)| {
            let exact = &Exact::from(a) + &Exact::from(b);
            prop_assert_eq!(a.checked_add(b), exact.to_issued(Rounding::HalfEven));
            prop_assert_eq!(a.checked_add(b), b.checked_add(a));
            prop_assert_eq!(a.checked_sub(a), Ok(IssuedValue::ZERO));
            Ok(())
        })
        .unwrap();
}

#[test]
fn order_agrees_with_value() {
    runner(4_000)
        .run(&(issued(), issued()), |(a, b)| {
            prop_assert_eq!(a.cmp(&b), Exact::from(a).cmp(&Exact::from(b)));
            prop_assert_eq!(a.negate().cmp(&b.negate()), b.cmp(&a));
            Ok(())
        })
        .unwrap();
}

fn tenth_of_last_digit(amount: StAmount) -> Exact {
    match amount {
        StAmount::Issued(v) => Exact::new(1.into(), v.exponent() - 1),
        StAmount::Native(_) => Exact::new(1.into(), -1),
    }
}

/// The server cuts an intermediate to one digit more than the result has before it rounds up, so
/// "up" may miss the true value by less than a tenth of the last digit.
#[test]
fn strict_rounding_brackets_the_true_product_and_quotient() {
    let kinds = prop_oneof![Just(Kind::Issued), Just(Kind::Native)];
    runner(4_000)
        .run(&(everyday(), drops(), kinds), |(a, b, kind)| {
            let (iou, xrp) = (StAmount::Issued(a), StAmount::Native(b));
            let product = &Exact::from(a) * &Exact::new(b.get().into(), 0);
            let in_exact = |amount: StAmount| match amount {
                StAmount::Issued(v) => Exact::from(v),
                StAmount::Native(d) => Exact::new(d.get().into(), 0),
            };
            let (Ok(up), Ok(down)) = (
                stamount::mul_round(iou, xrp, kind, true, Strictness::Strict),
                stamount::mul_round(iou, xrp, kind, false, Strictness::Strict),
            ) else {
                return Ok(()); // out of the kind's range: refused, nothing to bracket
            };
            prop_assert!(in_exact(down) <= product && product <= &in_exact(up) + &tenth_of_last_digit(up));
            let (Ok(up), Ok(down)) = (
                stamount::div_round(xrp, iou, kind, true, Strictness::Strict),
                stamount::div_round(xrp, iou, kind, false, Strictness::Strict),
            ) else {
                return Ok(());
            };
            let dividend = Exact::new(b.get().into(), 0);
            prop_assert!(&in_exact(down) * &Exact::from(a) <= dividend);
            prop_assert!(&(&in_exact(up) + &tenth_of_last_digit(up)) * &Exact::from(a) >= dividend);
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_order_sized_in_quote_never_prices_against_us() {
    runner(4_000)
        .run(&(price(), 1_000_000_i64..100_000_000_000), |(price, micro)| {
            let quote = IssuedValue::from_parts(micro.into(), -6).expect("short");
            // A bid buys at least what its price promises, an ask sells at most that.
            let bought = price.base_for(quote, Rounding::Up).expect("fits");
            prop_assert!(Price::from_legs(quote, bought, Rounding::Down).expect("a price") <= price);
            let sold = price.base_for(quote, Rounding::Down).expect("fits");
            if sold.get() > 0 {
                prop_assert!(Price::from_legs(quote, sold, Rounding::Up).expect("a price") >= price);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn offsets_go_the_way_they_are_named() {
    runner(2_000)
        .run(&(price(), 1_i64..1_000_000_000), |(price, units)| {
            let bid = price.offset_by(MicroBps(-units), Rounding::Down).expect("a price");
            let ask = price.offset_by(MicroBps(units), Rounding::Up).expect("a price");
            prop_assert!(bid < price && price < ask);
            prop_assert!(bid.relative_to(price) <= MicroBps(-units + 1));
            prop_assert!(ask.relative_to(price) >= MicroBps(units - 1));
            Ok(())
        })
        .unwrap();
}

#[test]
fn exact_sums_do_not_depend_on_order() {
    let many = proptest::collection::vec((any::<i64>(), -30_i32..10), 2..20);
    runner(500)
        .run(&many, |parts| {
            let values: Vec<Exact> = parts.iter().map(|(m, e)| Exact::new(BigInt::from(*m), *e)).collect();
            let forward = values.iter().fold(Exact::zero(), |sum, v| &sum + v);
            let backward = values.iter().rev().fold(Exact::zero(), |sum, v| &sum + v);
            prop_assert_eq!(&forward, &backward);
            prop_assert_eq!(forward.to_string().parse(), Ok(forward));
            Ok(())
        })
        .unwrap();
}
