//! Golden stories about the pool: what quotes are measured from, and what they must not meet.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod support;

use engine::{Config, Hold, MarketRow, Pool, Record, ReferenceSource, Side, SideHold, Step};
use support::Rig;
use units::{Drops, Price};

/// A pool of 1.9 million XRP at a price, with a fee in 1/100,000.
fn pool(price: &str, trading_fee: u16) -> Option<Pool> {
    let xrp = Drops::from_xrp(1_900_000);
    let price: Price = price.parse().unwrap();
    let rlusd = price.value_of(xrp, units::Rounding::HalfEven).unwrap();
    Some(Pool { xrp, rlusd, trading_fee })
}

fn rig(pairs: &[(&str, &str)], pool: Option<Pool>) -> Rig {
    let mut world = support::World::new();
    world.pool = pool;
    let pairs = pairs.iter().copied().chain([("ticket_pool", "0")]);
    let mut rig = Rig::with(Config::from_pairs(pairs).unwrap(), world);
    let start = rig.world.start(None, None);
    rig.feed(start);
    rig
}

fn market(step: &Step) -> &MarketRow {
    let row = step.records.iter().find_map(|record| match record {
        Record::MarketSnapshot(row) => Some(row),
        _ => None,
    });
    row.unwrap()
}

fn shown(step: &Step) -> (String, Option<ReferenceSource>) {
    (step.decision.reference.unwrap().to_string(), step.decision.reference_source)
}

#[test]
fn a_pool_near_the_book_is_the_anchor_and_one_further_off_is_not() {
    // The book's middle is 1.42.
    let mut rig = rig(&[], pool("1.4202", 267));
    let step = rig.tick();
    assert_eq!(shown(&step), ("1.4202".to_owned(), Some(ReferenceSource::Amm)));
    let row = market(&step);
    assert_eq!(row.pool_price.map(|price| price.to_string()).as_deref(), Some("1.4202"));
    assert_eq!((row.pool_fee, row.reference_source), (Some(267), Some(ReferenceSource::Amm)));
    // The book is below the pool.
    assert!(row.anchor_divergence_bps.is_some_and(|bps| bps.get() < 0));
    rig.world.pool = pool("1.4212", 267);
    let step = rig.tick();
    assert_eq!(shown(&step), ("1.42".to_owned(), Some(ReferenceSource::ClobMid)));
    rig.audit();
}

#[test]
fn without_a_pool_the_book_is_the_reference_unless_the_pool_alone_is_wanted() {
    let mut near = rig(&[], None);
    let step = near.tick();
    assert_eq!(shown(&step), ("1.42".to_owned(), Some(ReferenceSource::ClobMid)));
    assert_eq!((market(&step).pool_price, market(&step).anchor_divergence_bps), (None, None));
    let mut alone = rig(&[("anchor_mode", "amm")], None);
    let step = alone.tick();
    assert_eq!(step.decision.hold, Some(Hold::PoolUnknown));
    assert!(step.decision.actions.is_empty() && step.decision.reference.is_none());
    // It comes back by itself.
    alone.world.pool = pool("1.4205", 267);
    let step = alone.tick();
    assert_eq!(step.decision.hold, None);
    assert_eq!(shown(&step), ("1.4205".to_owned(), Some(ReferenceSource::Amm)));
}

#[test]
fn an_offer_never_takes_from_the_pool() {
    // The pool would sell XRP at 1.4179 * (1 + 0.0001): below where our bid would stand (1.42 less 10 bps).
    let mut rig = rig(&[("anchor_mode", "clob_mid")], pool("1.4179", 10));
    let step = rig.tick();
    let held: Vec<_> = step.decision.side_holds.iter().map(|(side, hold)| (*side, hold.clone())).collect();
    assert!(matches!(held.as_slice(), [(Side::Buy, SideHold::WouldCross { .. })]), "{}", step.decision);
    assert!(step.decision.actions.iter().all(|action| action.side != Some(Side::Buy)));
    // With a fee of 1 % it sells at 1.4322: our bid is far from it.
    rig.world.pool = pool("1.4179", 1000);
    let step = rig.tick();
    assert!(step.decision.actions.iter().any(|action| action.side == Some(Side::Buy)), "{}", step.decision);
}
