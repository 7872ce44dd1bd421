//! What resting offers and the pool traded, from the metadata, and what became of it: the markout of a fill is by how many
//! bps the fair value stands better for the resting side some ledgers later than the price it got. Never guesses: a
//! ledger too near the end of the run has no markout.

use std::collections::BTreeMap;

use ledger::meta::NodeAction;
use ledger::{AccountId, Amount, Asset, EntryType, Object, TxType, fields as f};
use serde::Serialize;

use super::flow::pair;
use super::stats::Quantiles;
use crate::market::cast::{self, Role, TakerKind};
use crate::market::scene::sides;
use crate::world::ClosedLedger;

/// Ledgers after a fill at which it is marked out.
pub const HORIZONS: [usize; 3] = [1, 5, 15];

/// What was traded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fills {
    /// Offers filled, in part or whole, a ledger.
    pub per_ledger: Quantiles,
    /// Share of ledgers with any.
    pub ledgers_with_fills: f64,
    /// Transactions that filled offers or used the pool, a ledger.
    pub consuming_per_ledger: f64,
    /// Sizes in RLUSD.
    pub sizes: Quantiles,
    /// RLUSD a ledger through offers.
    pub book_rlusd_per_ledger: f64,
    /// RLUSD a ledger through the pool.
    pub pool_rlusd_per_ledger: f64,
    /// Markouts of resting offers, by who took them.
    pub markouts: Vec<Markout>,
}

/// The mean markout of a kind of fills.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Markout {
    /// Who took.
    pub by: TakerKind,
    /// Ledgers later.
    pub ledgers: usize,
    /// Fills.
    pub count: usize,
    /// Mean in bps, each fill by its size.
    pub weighted_bps: f64,
    /// Mean in bps, each fill alike.
    pub plain_bps: f64,
}

/// A fill of a resting offer.
struct Fill {
    ledger: usize,
    by: TakerKind,
    /// The resting side bought XRP.
    bought: bool,
    price: f64,
    rlusd: f64,
}

/// What was seen so far.
pub struct FillWatch {
    rlusd: Asset,
    roles: BTreeMap<AccountId, Role>,
    fair: Vec<f64>,
    fills: Vec<Fill>,
    per_ledger: Vec<f64>,
    consuming: usize,
    pool_rlusd: f64,
}

impl FillWatch {
    /// Nothing yet.
    pub fn new(rlusd: Asset) -> FillWatch {
        let roles = cast::accounts();
        let (fair, fills, per_ledger) = (Vec::new(), Vec::new(), Vec::new());
        FillWatch { rlusd, roles, fair, fills, per_ledger, consuming: 0, pool_rlusd: 0.0 }
    }

    /// One ledger; `pool` is the pool's account.
    pub fn ledger(
        &mut self,
        closed: &ClosedLedger,
        transactions: &[Object],
        fair: f64,
        pool: Option<AccountId>,
    ) {
        let before = self.fills.len();
        for (applied, tx) in closed.transactions.iter().zip(transactions) {
            let tx_type = tx.u32(f::TRANSACTION_TYPE);
            let trades =
                [TxType::OFFER_CREATE, TxType::PAYMENT].map(|t| Some(u32::from(t.0))).contains(&tx_type);
            if !trades {
                continue;
            }
            let (had, sender) = (self.fills.len(), tx.account(f::ACCOUNT));
            let role = sender.and_then(|sender| self.roles.get(&sender));
            let by = role.map_or(TakerKind::Other, |role| role.taker_kind());
            let mut through_pool = 0.0;
            for node in &applied.meta.nodes {
                if node.entry_type == EntryType::OFFER && node.action != NodeAction::Created {
                    let own = node.fields.as_ref().and_then(|fields| fields.account(f::ACCOUNT)) == sender;
                    self.fills.extend(self.fill(node, by).filter(|_| !own));
                } else if node.entry_type == EntryType::ACCOUNT_ROOT {
                    through_pool += pool_xrp(node, pool) * fair;
                }
            }
            self.pool_rlusd += through_pool;
            self.consuming += usize::from(self.fills.len() > had || through_pool > 0.0);
        }
        self.per_ledger.push((self.fills.len() - before) as f64);
        self.fair.push(fair);
    }

    fn fill(&self, node: &ledger::meta::AffectedNode, by: TakerKind) -> Option<Fill> {
        let (fields, previous) = (node.fields.as_ref()?, node.previous.as_ref()?);
        pair(fields, &self.rlusd)?;
        let (gets, pays) = (fields.amount(f::TAKER_GETS)?, fields.amount(f::TAKER_PAYS)?);
        let was = |field, now: Amount| previous.amount(field).unwrap_or(now);
        let (xrp_was, rlusd_was) = sides(was(f::TAKER_GETS, gets), was(f::TAKER_PAYS, pays))?;
        let (xrp_left, rlusd_left) = sides(gets, pays)?;
        let (xrp, rlusd) = (xrp_was - xrp_left, rlusd_was - rlusd_left);
        let bought = matches!(pays, Amount::Xrp(_));
        (xrp > 0.0 && rlusd > 0.0).then(|| Fill {
            ledger: self.fair.len(),
            by,
            bought,
            price: rlusd / xrp,
            rlusd,
        })
    }

    /// The figures.
    pub fn finish(&self) -> Fills {
        let ledgers = self.fair.len().max(1) as f64;
        let with = self.per_ledger.iter().filter(|count| **count > 0.0).count() as f64;
        let kinds = TakerKind::ALL.into_iter().flat_map(|who| HORIZONS.map(|ledgers| (who, ledgers)));
        Fills {
            per_ledger: Quantiles::of(self.per_ledger.clone()),
            ledgers_with_fills: with / ledgers,
            consuming_per_ledger: self.consuming as f64 / ledgers,
            sizes: Quantiles::of(self.fills.iter().map(|fill| fill.rlusd).collect()),
            book_rlusd_per_ledger: self.fills.iter().map(|fill| fill.rlusd).sum::<f64>() / ledgers,
            pool_rlusd_per_ledger: self.pool_rlusd / ledgers,
            markouts: kinds.map(|(by, ledgers)| self.markout(by, ledgers)).collect(),
        }
    }

    fn markout(&self, by: TakerKind, ledgers: usize) -> Markout {
        let (mut count, mut plain, mut weighted, mut weight) = (0_usize, 0.0, 0.0, 0.0);
        for fill in self.fills.iter().filter(|fill| fill.by == by) {
            let Some(later) = self.fair.get(fill.ledger + ledgers) else { continue };
            let bps = (later / fill.price - 1.0) * 1e4 * if fill.bought { 1.0 } else { -1.0 };
            count += 1;
            plain += bps;
            weighted += bps * fill.rlusd;
            weight += fill.rlusd;
        }
        let over = |sum: f64, by: f64| if by > 0.0 { sum / by } else { 0.0 };
        let (weighted_bps, plain_bps) = (over(weighted, weight), over(plain, count as f64));
        Markout { by, ledgers, count, weighted_bps, plain_bps }
    }
}

/// XRP that went into or out of the pool.
fn pool_xrp(node: &ledger::meta::AffectedNode, pool: Option<AccountId>) -> f64 {
    let moved = || {
        let fields = node.fields.as_ref().filter(|fields| fields.account(f::ACCOUNT) == pool)?;
        let drops = |object: &Object| object.amount(f::BALANCE)?.drops().map(|drops| drops.get() as f64);
        Some(libm::fabs(drops(fields)? - drops(node.previous.as_ref()?)?) / 1e6)
    };
    pool.and_then(|_| moved()).unwrap_or(0.0)
}
