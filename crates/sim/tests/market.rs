//! The built-in market by itself: its figures lie in the bands of the real one (docs/market.md), whoever knows the next
//! minute costs those who rest, equal seeds give equal bytes, and nothing is created or lost.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use ledger::{Amount, fields as f};
use sim::market::cast::{Role, TakerKind, accounts};
use sim::market::measure::{Measures, Watch};
use sim::world::{At, MarketSpec, World, WorldSpec};
use units::LedgerTime;

const START: LedgerTime = LedgerTime(825_638_400);

fn synthetic(seed: u64) -> World {
    World::genesis(WorldSpec::paper(seed, MarketSpec::Synthetic, START)).unwrap()
}

fn measured(mut world: World, ledgers: usize) -> Measures {
    let mut watch = Watch::new().unwrap();
    for _ in 0..ledgers {
        let closed = world.close();
        watch.ledger(&world, &closed);
    }
    watch.finish().0
}

/// Wide bands, so that a seed's luck does not matter: the figures of three seeds are in docs/market.md.
#[test]
fn figures_lie_in_the_bands_of_the_real_market() {
    for seed in [1, 2, 3] {
        let measures = measured(synthetic(seed), 300);
        let flow = &measures.flow;
        eprintln!("seed {seed}: {:?} {:?}", flow.per_ledger, measures.spread_bps);
        assert!((8.0..24.0).contains(&flow.per_ledger.mean), "{:?}", flow.per_ledger);
        assert!(flow.per_ledger.p95 <= 45.0);
        assert!((5.0..25.0).contains(&measures.spread_bps.p50), "{:?}", measures.spread_bps);
        assert!(measures.spread_bps.p95 < 30.0 && measures.spread_bps.mean > 4.0);
        assert!((300.0..4_000.0).contains(&flow.sizes.p50), "{:?}", flow.sizes);
        assert!(flow.sizes.p5 < 10.0 && flow.sizes.p95 > 5_000.0, "{:?}", flow.sizes);
        assert!(
            (1.0..10.0).contains(&flow.lifetimes.p50) && flow.lifetimes.p95 >= 8.0,
            "{:?}",
            flow.lifetimes
        );
        assert!(measures.pool_off_bps.p5 > -80.0 && measures.pool_off_bps.p95 < 80.0);
        for kind in ["passive", "immediate", "sell", "tickets", "expirations", "replacing", "payments"] {
            assert!(flow.kinds.get(kind).is_some_and(|count| *count > 20), "{kind}: {:?}", flow.kinds);
        }
        for result in ["tesSUCCESS", "tecKILLED", "tecUNFUNDED_OFFER", "tecINSUF_RESERVE_OFFER"] {
            assert!(flow.results.contains_key(result), "{result}: {:?}", flow.results);
        }
        assert!(measures.fills.ledgers_with_fills > 0.2 && measures.fills.book_rlusd_per_ledger > 10.0);
    }
}

/// What the informed take is worth more to them a minute later; what others take is not. 20 bps up and down in turn.
#[test]
fn whoever_knows_the_next_minute_costs_those_who_rest() {
    let text: String = (0..60)
        .map(|minute| {
            let (open, close) = if minute % 2 == 0 { ("1.4000", "1.4028") } else { ("1.4028", "1.4000") };
            format!("{},{open},1.4028,1.4000,{close},10\n", 1_774_267_740_000_i64 + minute * 60_000)
        })
        .collect();
    let candles = sim::market::candles::parse(&text).unwrap();
    let spec = WorldSpec::paper(5, MarketSpec::Candles(candles), START);
    let measures = measured(World::genesis(spec).unwrap(), 600);
    let after = |by: TakerKind| {
        let mut of =
            measures.fills.markouts.iter().filter(|markout| markout.by == by && markout.ledgers == 15);
        of.next().unwrap().clone()
    };
    let (informed, other) = (after(TakerKind::Informed), after(TakerKind::Other));
    eprintln!("{informed:?}\n{other:?}");
    assert!(informed.count > 30 && informed.weighted_bps < -1.0, "{informed:?}");
    assert!(other.count > 100 && other.weighted_bps > informed.weighted_bps + 2.0, "{other:?}");
}

#[test]
fn equal_seeds_give_equal_bytes_through_a_snapshot_too() {
    let run = |seed: u64, cut: bool| {
        let mut world = synthetic(seed);
        for at in 0..60 {
            if cut && at == 25 {
                world = World::restore(&world.snapshot().unwrap()).unwrap();
            }
            let _ = world.close();
        }
        (world.header().ledger_hash, world.snapshot().unwrap())
    };
    assert_eq!(run(4, false), run(4, false));
    assert!(run(4, false) == run(4, true), "a restored world goes on as if nothing had happened");
    assert_ne!(run(4, false).0, run(5, false).0);
}

/// Drops are burned and nothing else; RLUSD lies with its holders, the pool among them, as issued.
#[test]
fn nothing_is_created_or_lost() {
    let mut world = synthetic(6);
    let held = |world: &World| {
        let (mut drops, mut rlusd) = (0_i64, 0_i128);
        for (_, entry) in world.all_entries(At::Validated) {
            match entry.amount(f::BALANCE) {
                Some(Amount::Xrp(balance)) => drops += balance.get(),
                Some(Amount::Issued { value, currency, .. }) if currency == ledger::Currency::RLUSD => {
                    rlusd += trillionths(value);
                }
                _ => {}
            }
        }
        (drops, rlusd)
    };
    let before = held(&world);
    for _ in 0..250 {
        let _ = world.close();
    }
    let after = held(&world);
    assert_eq!(after.0, world.header().total_coins.get());
    assert!(after.0 < before.0, "fees are burned");
    // Sixteen digits a balance: what is rounded away in 250 ledgers is far below a cent.
    assert!((after.1 - before.1).abs() < 10_000_000_000, "{} {}", before.1, after.1);
}

/// Magnitude of a line's balance: one side of every line is the issuer.
fn trillionths(value: units::IssuedValue) -> i128 {
    let shift = value.exponent() + 12;
    let mantissa = i128::from(value.mantissa()).abs();
    let ten = |power: i32| 10_i128.pow(power.unsigned_abs());
    if shift >= 0 { mantissa * ten(shift) } else { mantissa / ten(shift) }
}

#[test]
fn everybody_has_an_account_of_its_own() {
    let players: usize = Role::ALL.iter().map(|role| role.players()).sum();
    assert_eq!(accounts().len(), players);
}
