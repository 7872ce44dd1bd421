//! Guards: hard risk limits, the composition corridor, the drift guard. Each says what it saw; the machine decides
//! what follows. Never fires on what was not observed: without a mid nothing is judged.

use crate::config::{Config, DriftGuard};
use crate::halt::HaltReason;
use crate::quote::Composition;
use crate::side::Side;
use ledger::Hash256;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use units::{Exact, LedgerTime, Rounding};

/// A reason to halt, with its numbers.
pub(crate) type Halt = (HaltReason, String);

/// Hard risk limits: 110 % of an exposure cap, and drawdown against holding.
pub(crate) fn hard_limits(
    config: &Config,
    now: &Composition,
    rlusd: &Exact,
    holding: Option<&Exact>,
) -> Option<Halt> {
    let over = |value: &Exact, cap: &Exact| value > &(cap * &Exact::new(11.into(), -1));
    let (xrp_cap, rlusd_cap) = (Exact::from(config.max_xrp_exposure), Exact::from(config.max_rlusd_exposure));
    if over(&now.xrp_value, &xrp_cap) {
        let detail = format!("xrp_value_rlusd={} cap={xrp_cap}", now.xrp_value.to_fixed(6));
        return Some((HaltReason::RiskXrpExposure, detail));
    }
    if over(rlusd, &rlusd_cap) {
        return Some((HaltReason::RiskRlusdExposure, format!("rlusd={} cap={rlusd_cap}", rlusd.to_fixed(6))));
    }
    let holding = holding.filter(|value| !value.is_zero() && !value.is_negative())?;
    let loss = holding - &now.total;
    let pct = loss.scaled(2).divide(holding, 6, Rounding::HalfEven).ok()?;
    let limit = Exact::new(config.max_drawdown_pct.get().into(), -6);
    (pct >= limit).then(|| {
        let detail = format!(
            "drawdown_pct={pct} limit={limit} value={} holding={}",
            now.total.to_fixed(6),
            holding.to_fixed(6)
        );
        (HaltReason::RiskDrawdown, detail)
    })
}

/// The composition corridor: which side may still be quoted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Corridor {
    outside_ticks: u32,
    inside_ticks: u32,
    only: Option<Side>,
}

impl Corridor {
    /// Judges one tick: the only side to quote, or `None` for both.
    pub fn judge(&mut self, config: &Config, now: &Composition, rlusd: &Exact) -> Option<Side> {
        let is_small = now.total < Exact::from(config.corridor_min_portfolio_rlusd);
        let is_short_of_rlusd = !is_small && rlusd < &Exact::from(config.corridor_min_rlusd);
        let outside = if is_small {
            None
        } else if is_short_of_rlusd || now.xrp_pct > config.corridor_max_xrp_pct {
            Some(Side::Sell)
        } else if now.xrp_pct < config.corridor_min_xrp_pct {
            Some(Side::Buy)
        } else {
            None
        };
        match outside {
            Some(side) => {
                self.inside_ticks = 0;
                self.outside_ticks = self.outside_ticks.saturating_add(1);
                if is_short_of_rlusd || self.outside_ticks >= config.corridor_ticks {
                    self.only = Some(side);
                }
            }
            None => {
                self.outside_ticks = 0;
                self.inside_ticks = self.inside_ticks.saturating_add(1);
                if self.inside_ticks >= config.corridor_ticks {
                    self.only = None;
                }
            }
        }
        self.only
    }
}

/// A fill as the drift guard sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct DriftFill {
    at: LedgerTime,
    side: Side,
    tx_hash: Hash256,
    quote: Exact,
}

/// One-sided fills: A by count of taker transactions, B by net notional.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Drift {
    fills: VecDeque<DriftFill>,
}

impl Drift {
    /// Takes a fill.
    pub fn add(&mut self, at: LedgerTime, side: Side, tx_hash: Hash256, quote: Exact) {
        self.fills.push_back(DriftFill { at, side, tx_hash, quote });
    }

    /// Judges at a time; `None` when off or calm.
    pub fn judge(&mut self, config: &Config, now: LedgerTime) -> Option<Halt> {
        let keep = config.drift_a_window_seconds.max(config.drift_b_window_seconds);
        while self.fills.front().is_some_and(|fill| now.seconds_since(fill.at) > keep) {
            self.fills.pop_front();
        }
        if config.drift_guard == DriftGuard::Off {
            return None;
        }
        let within =
            |seconds: u32| self.fills.iter().filter(move |fill| now.seconds_since(fill.at) <= seconds);
        for side in Side::BOTH {
            let takers: BTreeSet<_> =
                within(config.drift_a_window_seconds).filter(|f| f.side == side).map(|f| f.tx_hash).collect();
            if u32::try_from(takers.len()).unwrap_or(u32::MAX) >= config.drift_a_fills {
                return Some((
                    HaltReason::DegradedTimeoutHalt,
                    format!("drift_a side={side} takers={}", takers.len()),
                ));
            }
        }
        let net = within(config.drift_b_window_seconds).fold(Exact::zero(), |sum, fill| match fill.side {
            Side::Buy => &sum + &fill.quote,
            Side::Sell => &sum - &fill.quote,
        });
        (net.abs() >= Exact::from(config.drift_b_notional_rlusd))
            .then(|| (HaltReason::DegradedTimeoutHalt, format!("drift_b net_rlusd={}", net.to_fixed(6))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Millionths;

    fn at(pct: i64, total: i64) -> Composition {
        let total = Exact::new(total.into(), 0);
        let xrp_value = &total * &Exact::new(pct.into(), -2);
        Composition { xrp_value, total, xrp_pct: Millionths(pct * 1_000_000) }
    }

    fn rlusd(c: &Composition) -> Exact {
        &c.total - &c.xrp_value
    }

    #[test]
    fn hard_limits_by_table() {
        let config = Config::default();
        for (pct, total, holding, expected) in [
            (50, 170, 170, None),
            (50, 300, 300, None),
            (100, 150, 150, None),
            (100, 165, 165, None),
            (100, 166, 166, Some(HaltReason::RiskXrpExposure)),
            (0, 166, 166, Some(HaltReason::RiskRlusdExposure)),
            (50, 97, 100, Some(HaltReason::RiskDrawdown)),
            (50, 98, 100, None),
            (50, 120, 100, None),
        ] {
            let now = at(pct, total);
            let halt = hard_limits(&config, &now, &rlusd(&now), Some(&Exact::new(holding.into(), 0)));
            assert_eq!(halt.map(|(reason, _)| reason), expected, "{pct} % of {total}, holding {holding}");
        }
    }

    #[test]
    fn the_corridor_lets_only_the_restoring_side_and_returns() {
        let config = Config::default();
        let mut corridor = Corridor::default();
        let steps = [
            (50, None),
            (76, None),
            (76, None),
            (76, Some(Side::Sell)),
            (70, Some(Side::Sell)),
            (70, Some(Side::Sell)),
            (70, None),
            (24, None),
            (24, None),
            (24, Some(Side::Buy)),
            (26, Some(Side::Buy)),
            (24, Some(Side::Buy)),
            (26, Some(Side::Buy)),
            (26, Some(Side::Buy)),
            (26, None),
            (90, Some(Side::Sell)),
        ];
        for (i, (pct, expected)) in steps.into_iter().enumerate() {
            let now = at(pct, 170);
            assert_eq!(corridor.judge(&config, &now, &rlusd(&now)), expected, "step {i}: {pct} %");
        }
        let small = at(99, 40);
        assert_eq!(Corridor::default().judge(&config, &small, &rlusd(&small)), None);
    }

    #[test]
    fn one_sweep_is_one_and_two_sided_flow_is_calm() {
        let config = Config::from_pairs([("drift_guard", "halt")]).unwrap();
        let fill = |drift: &mut Drift, at: u32, side, tx: u8, quote: i64| {
            drift.add(LedgerTime(at), side, Hash256([tx; 32]), Exact::new(quote.into(), 0));
            drift.judge(&config, LedgerTime(at)).map(|(_, detail)| detail)
        };
        let mut drift = Drift::default();
        for i in 0..3 {
            assert_eq!(fill(&mut drift, 100 + i, Side::Buy, 1, 10), None);
        }
        assert_eq!(fill(&mut drift, 110, Side::Buy, 2, 5), None);
        assert!(fill(&mut drift, 120, Side::Buy, 3, 5).is_some_and(|d| d.starts_with("drift_a")));
        let mut drift = Drift::default();
        assert_eq!(fill(&mut drift, 100, Side::Sell, 1, 49), None);
        assert!(fill(&mut drift, 140, Side::Sell, 2, 1).is_some_and(|d| d.starts_with("drift_b")));
        assert_eq!(drift.judge(&config, LedgerTime(260)), None);
        assert_eq!(drift.judge(&Config::default(), LedgerTime(140)), None);
    }
}
