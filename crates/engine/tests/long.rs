//! Two hours of ordinary flow, from many seeds: no guard may end a session in which nothing went wrong.

mod support;

use engine::{HaltReason, Side};
use support::Rig;

/// A small generator (splitmix64), so that a seed names a story.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

/// The mid walks about 1.5 bps a ledger (60 bps an hour); takers come on either side every 30 s or so.
fn session(seed: u64) -> (engine::SessionClosedRow, Rig) {
    let mut draw = Draw(seed);
    let mut rig = Rig::new();
    let start = rig.world.start(None, Some(7200));
    rig.feed(start);
    let mut mid = 14_200_000_i64;
    for _ in 0..2000 {
        if rig.engine.is_closed() {
            break;
        }
        mid += i64::try_from(draw.below(4301)).unwrap_or(0) - 2150;
        let text = |micro: i64| format!("{}.{:07}", micro / 10_000_000, micro % 10_000_000);
        rig.world.touch = (text(mid - 7100), text(mid + 7100));
        if draw.below(8) == 0 {
            let side = if draw.below(2) == 0 { Side::Buy } else { Side::Sell };
            let found =
                rig.world.offers.iter().find(|(_, o)| o.side == side).map(|(s, o)| (*s, o.legs.base.get()));
            if let Some((sequence, base)) = found {
                rig.world.take(sequence, base * i64::try_from(draw.below(1500)).unwrap_or(0) / 1000 + 1);
            }
        }
        rig.tick();
    }
    (rig.closed().expect("the session closes"), rig)
}

#[test]
fn ordinary_flow_ends_by_its_time() {
    for seed in 0..6 {
        let (closed, rig) = session(seed);
        let figures = &closed.figures;
        assert_eq!(closed.halt_reason, HaltReason::DurationElapsed, "seed {seed}: {}", closed.halt_detail);
        assert!(closed.verified && figures.buys > 0 && figures.sells > 0, "seed {seed}");
        assert!(figures.vw_spread_bps.is_some() && figures.markouts.iter().all(|m| m.fills > 0));
        rig.audit();
        eprintln!(
            "seed {seed}: fills {} requotes {} orders {} vw {:?} modes {:?} pnl {:?} p50 {:?} momentum {}",
            figures.fills,
            figures.requotes,
            figures.orders,
            figures.vw_spread_bps.map(|v| v.to_string()),
            figures.mode_seconds,
            figures.pnl_rlusd.as_ref().map(|p| p.to_fixed(4)),
            figures.distance_p50_bps.map(|v| v.to_string()),
            figures.momentum_suppressions
        );
    }
}
