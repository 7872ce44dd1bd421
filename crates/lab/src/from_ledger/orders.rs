//! The life of every order that came to the ledger, followed from transaction to transaction, and its row at the end.
//! Takes nothing from the orders of the session, but the names of offers that the engine found and did not place.

use std::collections::BTreeMap;

use store::Cell;
use units::{Drops, Exact, IssuedValue, LedgerTime, Price, Rounding};

use super::own::{Fill, Legs, OfferNode, Own, Side};

/// An order as the ledger tells it.
pub(super) struct Order {
    pub(super) name: String,
    pub(super) session_id: i64,
    pub(super) price: Option<Price>,
    side: Side,
    placed: Legs,
    remaining: Legs,
    status: &'static str,
    number: u32,
    tx_hash: Option<String>,
    last_ledger_sequence: u32,
    expiration: Option<u32>,
    replaces: Option<String>,
    cancel_tx_hash: Option<String>,
    closed_at: Option<String>,
}

/// All orders, by the offer's number on the ledger.
pub(super) type Orders = BTreeMap<u32, Order>;

impl Order {
    /// What a transaction of the engine's placed, and what became of it at once.
    pub(super) fn placed(
        (name, session_id): (String, i64),
        tx: &Own,
        taken: Option<&Fill>,
        replaces: Option<String>,
        at: LedgerTime,
    ) -> Option<Order> {
        let (side, placed) = tx.offered?;
        let mut order = Order {
            price: Price::from_legs(placed.quote, placed.base, Rounding::HalfEven).ok(),
            name,
            session_id,
            side,
            placed,
            remaining: placed,
            status: "open",
            number: tx.number,
            tx_hash: Some(tx.did.hash.to_string()),
            last_ledger_sequence: tx.last_ledger_sequence.unwrap_or(0),
            expiration: tx.expiration,
            replaces,
            cancel_tx_hash: None,
            closed_at: None,
        };
        let rests = tx.offers.iter().find(|offer| offer.sequence == tx.number && offer.is_new());
        match (rests, taken) {
            (Some(offer), taken) => {
                order.remaining = offer.after;
                order.status = if taken.is_some() { "partially_filled" } else { "open" };
            }
            (None, Some(fill)) => {
                let is_whole =
                    fill.base >= Exact::from_drops(placed.base) || fill.quote >= Exact::from(placed.quote);
                order.remaining = left_of(placed, fill);
                order.end(if is_whole { "filled" } else { "unfunded" }, at);
            }
            (None, None) => order.end(refused(tx.result), at),
        }
        Some(order)
    }

    /// An offer that somebody else made with our key, or that was there before the first session.
    pub(super) fn found((name, session_id): (String, i64), offer: &OfferNode) -> Order {
        Order {
            name,
            session_id,
            price: Price::nearest(offer.after.quote, offer.after.base, Rounding::HalfEven),
            side: offer.side,
            placed: offer.after,
            remaining: offer.after,
            status: "open",
            number: offer.sequence,
            tx_hash: None,
            last_ledger_sequence: 0,
            expiration: offer.expiration,
            replaces: None,
            cancel_tx_hash: None,
            closed_at: None,
        }
    }

    /// What a transaction did to the offer; `cancels`: it is ours, and of a kind that takes offers away.
    pub(super) fn changed(
        &mut self,
        offer: &OfferNode,
        status: &'static str,
        cancels: Option<&str>,
        at: LedgerTime,
    ) {
        self.remaining = offer.after;
        self.status = status;
        if offer.is_gone() {
            if let Some(hash) = cancels {
                self.cancel_tx_hash = Some(hash.to_owned());
            }
            self.end(status, at);
        }
    }

    fn end(&mut self, status: &'static str, at: LedgerTime) {
        self.status = status;
        self.closed_at = Some(at.to_iso());
    }

    /// The row, as the table has it.
    pub(super) fn row(&self) -> Vec<(&'static str, Cell)> {
        let text = |text: &str| Cell::Text(text.to_owned());
        let maybe = |text: &Option<String>| text.clone().map_or(Cell::Null, Cell::Text);
        let quote = |legs: Legs| Cell::Text(legs.quote.to_string());
        let (gives, wants) = {
            let (quote, base) = (self.placed.quote.to_string(), self.placed.base.to_string());
            if self.side == Side::Buy { (quote, base) } else { (base, quote) }
        };
        vec![
            ("order_id", text(&self.name)),
            ("session_id", Cell::Integer(self.session_id)),
            ("side", text(self.side.word())),
            ("price", Cell::Text(self.price.map(|price| price.to_string()).unwrap_or_default())),
            ("quantity_rlusd", quote(self.placed)),
            ("quantity_xrp", Cell::Text(self.placed.base.to_xrp_string())),
            ("taker_gets", Cell::Text(gives)),
            ("taker_pays", Cell::Text(wants)),
            ("remaining_rlusd", quote(self.remaining)),
            ("remaining_xrp", Cell::Text(self.remaining.base.to_xrp_string())),
            ("status", text(self.status)),
            ("offer_sequence", Cell::Integer(self.number.into())),
            ("tx_hash", maybe(&self.tx_hash)),
            ("last_ledger_sequence", Cell::Integer(self.last_ledger_sequence.into())),
            ("expiration", self.expiration.map_or(Cell::Null, |end| Cell::Text(LedgerTime(end).to_iso()))),
            ("replaces", maybe(&self.replaces)),
            ("cancel_tx_hash", maybe(&self.cancel_tx_hash)),
            ("closed_at", maybe(&self.closed_at)),
            ("created_at", text("")),
            ("updated_at", text("")),
        ]
    }
}

/// The row of a fill, as the table has it.
pub(super) fn fill_row(
    fill: &Fill,
    order: &Order,
    tx_hash: &str,
    index: u32,
    at: LedgerTime,
) -> Vec<(&'static str, Cell)> {
    let drops = drops_of(&fill.base);
    let price = fill
        .quote
        .to_issued(Rounding::HalfEven)
        .ok()
        .and_then(|quote| Price::from_legs(quote, drops, Rounding::HalfEven).ok())
        .or(order.price);
    let (quote, base) = (fill.quote.to_string(), drops.to_string());
    let (gets, pays) = if fill.side == Side::Buy { (quote.clone(), base) } else { (base, quote.clone()) };
    vec![
        ("order_id", Cell::Text(order.name.clone())),
        ("session_id", Cell::Integer(order.session_id)),
        ("side", Cell::Text(fill.side.word().to_owned())),
        ("tx_hash", Cell::Text(tx_hash.to_owned())),
        ("ledger_index", Cell::Integer(index.into())),
        ("executed_at", Cell::Text(at.to_iso())),
        ("price", Cell::Text(price.map(|price| price.to_string()).unwrap_or_default())),
        ("quantity_rlusd", Cell::Text(quote)),
        ("quantity_xrp", Cell::Text(drops.to_xrp_string())),
        ("taker_gets", Cell::Text(gets)),
        ("taker_pays", Cell::Text(pays)),
        ("liquidity", Cell::Text(fill.liquidity.to_owned())),
    ]
}

/// What is left of an order that took and did not come to rest.
fn left_of(placed: Legs, fill: &Fill) -> Legs {
    let quote = (&Exact::from(placed.quote) - &fill.quote).to_issued(Rounding::Down);
    let base = placed.base.checked_sub(drops_of(&fill.base)).unwrap_or(Drops::ZERO);
    Legs { quote: quote.unwrap_or(IssuedValue::ZERO).max(IssuedValue::ZERO), base: base.max(Drops::ZERO) }
}

/// XRP as drops.
fn drops_of(xrp: &Exact) -> Drops {
    let drops = xrp.scaled(6).to_i128().and_then(|drops| i64::try_from(drops).ok());
    drops.and_then(|drops| Drops::new(drops).ok()).unwrap_or(Drops::ZERO)
}

/// Why the ledger made no offer: tecKILLED, tecEXPIRED, tecUNFUNDED_OFFER by their published codes.
fn refused(result: u32) -> &'static str {
    match result {
        150 => "killed",
        148 => "expired",
        103 => "unfunded",
        _ => "failed",
    }
}

impl OfferNode {
    pub(super) fn is_new(&self) -> bool {
        self.kind == super::own::NodeKind::Created
    }

    pub(super) fn is_gone(&self) -> bool {
        self.kind == super::own::NodeKind::Gone
    }
}
