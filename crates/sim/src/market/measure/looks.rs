//! How the book, the pool and the fair value look after each ledger. Expired offers and what their owners cannot fund do
//! not count.

use ledger::{AccountId, Asset, fields as f};
use serde::Serialize;
use units::LedgerTime;

use super::stats::{Moments, Quantiles};
use crate::market::scene::sides;
use crate::world::{At, BookOffer, World};

/// Distances from the middle, in bps, at which depth is summed.
pub const DISTANCES_BPS: [f64; 3] = [10.0, 25.0, 50.0];
/// How far the profile goes.
const PROFILE_BPS: usize = 70;
/// Every so many ledgers the whole book is summed.
const DEPTH_EVERY: usize = 5;
const OFFERS_MAX: usize = 200;

/// RLUSD resting within a distance of the middle, mean over the ledgers looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Depth {
    /// Distance in bps.
    pub within_bps: f64,
    /// On the bid side.
    pub bids_rlusd: f64,
    /// On the ask side.
    pub asks_rlusd: f64,
}

/// One ledger. Prices are RLUSD per XRP, 0 where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Look {
    /// Seconds since 2000-01-01.
    pub at: u32,
    /// What XRP is worth.
    pub fair: f64,
    /// Best bid.
    pub bid: f64,
    /// Best ask.
    pub ask: f64,
    /// The pool's price, without its fee.
    pub pool: f64,
}

/// What was seen.
pub struct Looks {
    /// Every ledger.
    pub looks: Vec<Look>,
    /// Spreads in bps.
    pub spreads: Vec<f64>,
    /// Depth.
    pub depth: Vec<Depth>,
    /// Mean RLUSD by whole bps.
    pub profile: Vec<(f64, f64)>,
    /// Returns of a minute in bps.
    pub minutes: Moments,
    /// Pool over fair in bps.
    pub pool_off: Quantiles,
}

/// What was seen so far.
pub struct LookWatch {
    rlusd: Asset,
    looks: Vec<Look>,
    profile: Vec<(f64, f64)>,
    profiles: usize,
}

impl LookWatch {
    /// Nothing yet.
    pub fn new(rlusd: Asset) -> LookWatch {
        LookWatch { rlusd, looks: Vec::new(), profile: vec![(0.0, 0.0); PROFILE_BPS], profiles: 0 }
    }

    /// One ledger; gives the pool's account.
    pub fn ledger(&mut self, world: &World, fair: f64) -> Option<AccountId> {
        let whole = self.looks.len().is_multiple_of(DEPTH_EVERY);
        let limit = if whole { OFFERS_MAX } else { 8 };
        let now = world.header().close_time;
        let side = |pays: &Asset, gets: &Asset| -> Vec<(f64, f64)> {
            let offers = world.book_offers(At::Validated, pays, gets, limit);
            offers.iter().filter_map(|offer| level(offer, now)).collect()
        };
        let (bids, asks) = (side(&Asset::Xrp, &self.rlusd), side(&self.rlusd, &Asset::Xrp));
        let best = |levels: &[(f64, f64)]| levels.first().map_or(0.0, |(price, _)| *price);
        let info = world.amm_info(At::Validated, &Asset::Xrp, &self.rlusd, None);
        let pool = info.as_ref().and_then(|info| sides(info.amount, info.amount2));
        let pool = pool.map_or(0.0, |(xrp, rlusd)| rlusd / xrp);
        let look = Look { at: world.now().0, fair, bid: best(&bids), ask: best(&asks), pool };
        if whole && look.bid > 0.0 && look.ask > 0.0 {
            self.profiles += 1;
            let middle = (look.bid + look.ask) / 2.0;
            for (price, size) in bids {
                self.add((1.0 - price / middle) * 1e4, (size, 0.0));
            }
            for (price, size) in asks {
                self.add((price / middle - 1.0) * 1e4, (0.0, size));
            }
        }
        self.looks.push(look);
        info.map(|info| info.account)
    }

    fn add(&mut self, bps: f64, (bid, ask): (f64, f64)) {
        if let Some(cell) = self.profile.get_mut(libm::floor(bps.max(0.0)) as usize) {
            cell.0 += bid;
            cell.1 += ask;
        }
    }

    /// The figures.
    pub fn finish(self) -> Looks {
        let times = self.profiles.max(1) as f64;
        let profile: Vec<(f64, f64)> =
            self.profile.iter().map(|(bids, asks)| (bids / times, asks / times)).collect();
        let depth = DISTANCES_BPS.map(|within_bps| {
            let inside = profile.iter().take(within_bps as usize);
            let (bids_rlusd, asks_rlusd) =
                inside.fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
            Depth { within_bps, bids_rlusd, asks_rlusd }
        });
        let both = self.looks.iter().filter(|look| look.bid > 0.0 && look.ask > 0.0);
        let spreads = both.map(|look| (look.ask - look.bid) / (look.ask + look.bid) * 2e4).collect();
        let pools = self.looks.iter().filter(|look| look.pool > 0.0 && look.fair > 0.0);
        let pool_off = Quantiles::of(pools.map(|look| (look.pool / look.fair - 1.0) * 1e4).collect());
        let minutes = minutes(&self.looks);
        Looks {
            spreads,
            depth: depth.into(),
            profile,
            minutes: Moments::of(&minutes),
            pool_off,
            looks: self.looks,
        }
    }
}

/// Price and what is funded in RLUSD.
fn level(offer: &BookOffer, now: LedgerTime) -> Option<(f64, f64)> {
    if offer.entry.u32(f::EXPIRATION).is_some_and(|at| at <= now.0) {
        return None;
    }
    let gets = offer.taker_gets_funded.or_else(|| offer.entry.amount(f::TAKER_GETS))?;
    let pays = offer.taker_pays_funded.or_else(|| offer.entry.amount(f::TAKER_PAYS))?;
    let (_, funded) = sides(gets, pays)?;
    let (xrp, rlusd) = sides(offer.entry.amount(f::TAKER_GETS)?, offer.entry.amount(f::TAKER_PAYS)?)?;
    (funded > 0.0 && xrp > 0.0).then(|| (rlusd / xrp, funded))
}

/// Returns from the first look of a minute to the first of the next.
fn minutes(looks: &[Look]) -> Vec<f64> {
    let mut firsts: Vec<(u32, f64)> = Vec::new();
    for look in looks.iter().filter(|look| look.fair > 0.0) {
        let minute = look.at / 60;
        if firsts.last().is_none_or(|(last, _)| *last != minute) {
            firsts.push((minute, look.fair));
        }
    }
    firsts.windows(2).map(|pair| libm::log(pair[1].1 / pair[0].1) * 1e4).collect()
}
