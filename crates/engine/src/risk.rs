//! The one door to the ledger: only what passes here becomes [`Approved`], and only that can be submitted. Judges the
//! worst case of everything in flight, never the expected one.

use crate::config::Config;
use crate::side::{Legs, OrderId, Side};
use crate::step::{Purpose, SideHold, Wanted};
use units::{Drops, Exact, IssuedValue, LedgerTime, Price, Rounding};

/// Passed the risk check. Made nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Approved<T>(T);

impl<T> Approved<T> {
    /// What passed.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// A transaction before it has a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Draft {
    /// Place or replace.
    Offer { side: Side, legs: Legs, expiration: LedgerTime, replaces: Option<(OrderId, u32)>, why: String },
    /// Cancel.
    Cancel { order: Option<(OrderId, Side)>, offer_sequence: u32, why: String },
    /// Set sequences aside.
    Tickets { count: u32, why: String },
}

impl Draft {
    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        match self {
            Draft::Offer { replaces: None, .. } => Purpose::Place,
            Draft::Offer { replaces: Some(_), .. } => Purpose::Replace,
            Draft::Cancel { .. } => Purpose::Cancel,
            Draft::Tickets { .. } => Purpose::TicketCreate,
        }
    }
}

/// What the check must know: the wallet, the market, and everything of ours that may trade.
#[derive(Debug, Clone)]
pub(crate) struct RiskView {
    /// Worth of the XRP, RLUSD.
    pub xrp_value: Exact,
    /// RLUSD.
    pub rlusd: Exact,
    /// XRP balance.
    pub xrp: Drops,
    /// Reserve with one more offer than all that rest or are in flight.
    pub reserve_with_one_more: Drops,
    /// What the transaction burns.
    pub fee: Drops,
    /// Every offer of ours that rests or may come to rest, the one to be replaced included.
    pub live: Vec<(Side, Legs)>,
    /// Best price of others on each side, funded or not, the pool's with its fee among them.
    pub nearest_bid: Option<Price>,
    pub nearest_ask: Option<Price>,
}

/// Cancels only lessen what is at risk: they always pass.
pub(crate) fn approve_cancel(
    order: Option<(OrderId, Side)>,
    offer_sequence: u32,
    why: &str,
) -> Approved<Draft> {
    Approved(Draft::Cancel { order, offer_sequence, why: why.to_owned() })
}

/// What a TicketCreate is judged by, all in drops.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TicketFunds {
    /// XRP balance.
    pub xrp: Drops,
    /// Reserve with the tickets, all that is in flight and one more offer.
    pub reserve: Drops,
    /// Kept for fees, its own among them.
    pub kept: Drops,
    /// What the asks give, or one of the largest size would.
    pub quoted: Drops,
}

/// Tickets hold reserve: they pass only when what is quoted is as well funded with them as without.
pub(crate) fn approve_tickets(funds: &TicketFunds, count: u32) -> Option<Approved<Draft>> {
    let needed = funds.reserve.saturating_add(funds.kept).saturating_add(funds.quoted);
    (funds.xrp >= needed).then(|| Approved(Draft::Tickets { count, why: "ticket_pool".to_owned() }))
}

/// Checks an offer: passive against the book and our own offers, reserve, exposure in the worst case.
pub(crate) fn approve_offer(
    config: &Config,
    view: &RiskView,
    wanted: &Wanted,
    expiration: LedgerTime,
    replaces: Option<(OrderId, u32)>,
    why: &str,
) -> Result<Approved<Draft>, SideHold> {
    let (side, legs) = (wanted.side, wanted.legs);
    if !legs.is_positive() {
        return Err(SideHold::NotAnOffer);
    }
    check_passive(view, side, legs)?;
    if view.xrp < view.reserve_with_one_more.saturating_add(view.fee) {
        return Err(SideHold::Reserve);
    }
    check_exposure(config, view, side, legs)?;
    Ok(Approved(Draft::Offer { side, legs, expiration, replaces, why: why.to_owned() }))
}

/// An offer never trades at once: neither with the book nor with an own offer.
fn check_passive(view: &RiskView, side: Side, legs: Legs) -> Result<(), SideHold> {
    let rounding = match side {
        Side::Buy => Rounding::Up,
        Side::Sell => Rounding::Down,
    };
    let price = legs.price(rounding).map_err(|_| SideHold::NotAnOffer)?;
    let meets = |other: Price| match side {
        Side::Buy => price >= other,
        Side::Sell => price <= other,
    };
    let touch = match side {
        Side::Buy => view.nearest_ask,
        Side::Sell => view.nearest_bid,
    };
    if let Some(touch) = touch.filter(|touch| meets(*touch)) {
        return Err(SideHold::WouldCross { price, touch });
    }
    let others = view.live.iter().filter(|(other, _)| *other != side);
    match others.filter_map(|(_, legs)| legs.price(Rounding::HalfEven).ok()).find(|own| meets(*own)) {
        Some(own) => Err(SideHold::WouldMeetOwn { own }),
        None => Ok(()),
    }
}

/// Cap on the asset that a fill would add, if this and everything live of its side filled (an offer to be replaced
/// counts as well: it may fill before the replacement is validated).
fn check_exposure(config: &Config, view: &RiskView, side: Side, legs: Legs) -> Result<(), SideHold> {
    let (now, cap) = match side {
        Side::Buy => (&view.xrp_value, config.max_xrp_exposure),
        Side::Sell => (&view.rlusd, config.max_rlusd_exposure),
    };
    let live = view.live.iter().filter(|(other, _)| *other == side).map(|(_, legs)| legs.quote);
    let worst = live.chain([legs.quote]).fold(now.clone(), |sum, quote| &sum + &Exact::from(quote));
    if worst > Exact::from(cap) {
        let worst_rlusd = worst.to_issued(Rounding::Up).unwrap_or(IssuedValue::ZERO);
        return Err(SideHold::ExposureCap { worst_rlusd });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legs(quote: &str, base: i64) -> Legs {
        Legs { quote: quote.parse().unwrap(), base: Drops::new(base).unwrap() }
    }

    fn view() -> RiskView {
        RiskView {
            xrp_value: Exact::new(85.into(), 0),
            rlusd: Exact::new(85.into(), 0),
            xrp: Drops::from_xrp(60),
            reserve_with_one_more: Drops::from_xrp(2),
            fee: Drops::new(10).unwrap(),
            live: vec![],
            nearest_bid: "1.4".parse().ok(),
            nearest_ask: "1.44".parse().ok(),
        }
    }

    fn judge(view: &RiskView, side: Side, legs: Legs) -> Result<(), SideHold> {
        let wanted = Wanted { side, price: legs.price(Rounding::HalfEven).unwrap(), legs };
        approve_offer(&Config::default(), view, &wanted, LedgerTime(1), None, "test").map(|_| ())
    }

    #[test]
    fn an_offer_never_meets_the_book() {
        assert_eq!(judge(&view(), Side::Buy, legs("14.3", 10_000_000)), Ok(()));
        assert!(matches!(
            judge(&view(), Side::Buy, legs("14.4", 10_000_000)),
            Err(SideHold::WouldCross { .. })
        ));
        assert!(matches!(
            judge(&view(), Side::Sell, legs("14", 10_000_000)),
            Err(SideHold::WouldCross { .. })
        ));
        assert_eq!(judge(&view(), Side::Sell, legs("14.1", 10_000_000)), Ok(()));
    }

    #[test]
    fn own_offers_never_meet() {
        let mut view = view();
        view.live = vec![(Side::Sell, legs("14.2", 10_000_000))];
        assert!(matches!(
            judge(&view, Side::Buy, legs("14.25", 10_000_000)),
            Err(SideHold::WouldMeetOwn { .. })
        ));
        assert_eq!(judge(&view, Side::Buy, legs("14.1", 10_000_000)), Ok(()));
    }

    #[test]
    fn old_and_new_both_count_until_one_is_gone() {
        let mut view = view();
        view.xrp_value = Exact::new(121.into(), 0);
        assert_eq!(judge(&view, Side::Buy, legs("14.1", 10_000_000)), Ok(()));
        view.live = vec![(Side::Buy, legs("15", 10_700_000))];
        let refused = judge(&view, Side::Buy, legs("14.1", 10_000_000));
        assert_eq!(refused, Err(SideHold::ExposureCap { worst_rlusd: "150.1".parse().unwrap() }));
        assert_eq!(judge(&view, Side::Sell, legs("14.1", 9_800_000)), Ok(()));
    }

    #[test]
    fn the_cap_itself_may_be_reached_and_not_passed() {
        // What is held, and an offer with which it is exactly the 150 of the configuration, and one a little larger.
        for (side, held, exact, larger) in [
            (Side::Buy, "135.9", "14.1", "14.10000000000001"),
            (Side::Sell, "135.85", "14.15", "14.15000000000001"),
        ] {
            let view = RiskView { xrp_value: held.parse().unwrap(), rlusd: held.parse().unwrap(), ..view() };
            assert_eq!(judge(&view, side, legs(exact, 10_000_000)), Ok(()), "{side}");
            let refused = judge(&view, side, legs(larger, 10_000_000));
            assert!(matches!(refused, Err(SideHold::ExposureCap { .. })), "{side} {refused:?}");
        }
    }

    #[test]
    fn the_reserve_is_kept_to_the_drop() {
        let mut view = view();
        view.xrp = Drops::new(2_000_010).unwrap();
        assert_eq!(judge(&view, Side::Buy, legs("14.1", 10_000_000)), Ok(()));
        view.xrp = Drops::new(2_000_009).unwrap();
        assert_eq!(judge(&view, Side::Buy, legs("14.1", 10_000_000)), Err(SideHold::Reserve));
    }

    #[test]
    fn the_reserve_is_kept() {
        let mut view = view();
        view.xrp = Drops::from_xrp(2);
        assert_eq!(judge(&view, Side::Buy, legs("14.1", 10_000_000)), Err(SideHold::Reserve));
    }
}
