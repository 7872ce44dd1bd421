//! One transaction of a ledger's history as the books need it: what it did to our balances and to each offer of ours, and
//! its own fields. Read out of the bytes by the audit's own rules; takes no change from `ledger` and none from `engine`.

use ledger::{AccountId, Amount, EntryType, Hash256, Object, TxType, fields as f};
use store::Identity;
use units::{Drops, Exact, IssuedValue, LedgerTime};

use super::elsewhere::Elsewhere;
use crate::metadata::{Leg, TxEvidence};
use crate::proofs::{rounding_bound, rounding_of};

/// `Clawback` (published transaction types).
const CLAWBACK: TxType = TxType(30);
/// The issuer's clawback from a pool: it pays the other side of the pool out.
const POOL_CLAWBACK: TxType = TxType(31);
/// From `AMMCreate` to `AMMDelete`, and the vote and the bid among them.
const POOL_DEEDS: [TxType; 6] = [TxType(35), TxType(36), TxType(37), TxType(38), TxType(39), TxType(40)];
/// The other side of what another hand did.
pub(super) const EXTERNAL: &str = "external";
/// `Payment`, `EscrowFinish`, `PaymentChannelClaim`, `AccountDelete`: what others can pay us with.
const MONEY_IN: [TxType; 4] = [TxType::PAYMENT, TxType(2), TxType(15), TxType(21)];
/// Numbers of the entries `Escrow` and `PayChannel`, which say whom they pay where the transaction does not.
const PAYING_ENTRIES: [u32; 2] = [117, 120];

/// A transaction that touched us.
pub(super) struct Own {
    pub(super) did: TxEvidence,
    elsewhere: Elsewhere,
    pub(super) tx_type: TxType,
    pub(super) signer: Option<AccountId>,
    /// Sequence or ticket.
    pub(super) number: u32,
    /// The number is a ticket's.
    pub(super) by_ticket: bool,
    /// The result: 0 for `tesSUCCESS`, from 100 on `tec` (ledger documentation, "Transaction results").
    pub(super) result: u32,
    pub(super) destination: Option<AccountId>,
    /// The offer it takes away or replaces.
    pub(super) ends: Option<u32>,
    pub(super) last_ledger_sequence: Option<u32>,
    pub(super) expiration: Option<u32>,
    /// What it offers, for an OfferCreate of our pair.
    pub(super) offered: Option<(Side, Legs)>,
    /// Our offers in its metadata, in the order of its nodes.
    pub(super) offers: Vec<OfferNode>,
}

/// Which side an offer of our pair is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Buy,
    Sell,
}

/// Both legs of an offer of our pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Legs {
    pub(super) quote: IssuedValue,
    pub(super) base: Drops,
}

/// An own offer of our pair in the metadata of a transaction.
pub(super) struct OfferNode {
    pub(super) sequence: u32,
    pub(super) side: Side,
    pub(super) after: Legs,
    pub(super) traded: bool,
    pub(super) kind: NodeKind,
    pub(super) expiration: Option<u32>,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    Created,
    Changed,
    Gone,
}

/// A movement of our balance and its cause, in the words of the books.
pub(super) struct Moved {
    pub(super) cause: &'static str,
    pub(super) counter: &'static str,
    pub(super) is_xrp: bool,
    pub(super) amount: Exact,
    /// The offer of a fill.
    pub(super) offer: Option<u32>,
}

/// A trade of ours; amounts without sign.
pub(super) struct Fill {
    pub(super) offer: u32,
    pub(super) side: Side,
    pub(super) base: Exact,
    pub(super) quote: Exact,
    pub(super) liquidity: &'static str,
}

impl Side {
    pub(super) fn word(self) -> &'static str {
        match self {
            Side::Buy => "buy",
            Side::Sell => "sell",
        }
    }
}

impl Own {
    /// Reads a transaction and its metadata; the text says what is wrong with them.
    pub(super) fn read(us: &Identity, hash: Hash256, blob: &[u8], meta: &[u8]) -> Result<Own, String> {
        let did = TxEvidence::read(us, hash, blob, meta)?;
        let tx = Object::from_bytes(blob).map_err(|error| error.to_string())?;
        let meta = Object::from_bytes(meta).map_err(|error| error.to_string())?;
        let nodes = meta.array(f::AFFECTED_NODES).ok_or("it has no affected nodes")?;
        let code = tx.u32(f::TRANSACTION_TYPE).and_then(|code| u16::try_from(code).ok());
        let sequence = tx.u32(f::SEQUENCE).unwrap_or(0);
        let amounts = (tx.amount(f::TAKER_GETS), tx.amount(f::TAKER_PAYS));
        let paid_by_entry = || {
            let paying = nodes.iter().filter(|node| {
                node.fields.u32(f::LEDGER_ENTRY_TYPE).is_some_and(|kind| PAYING_ENTRIES.contains(&kind))
            });
            paying.filter_map(|node| node.fields.object(f::FINAL_FIELDS)?.account(f::DESTINATION)).next()
        };
        let offers = nodes.iter().filter_map(|node| offer_node(us, node.name, &node.fields));
        let elsewhere = Elsewhere::read(us, nodes.iter().map(|node| (node.name, &node.fields)));
        Ok(Own {
            did,
            elsewhere,
            tx_type: TxType(code.ok_or("it has no type")?),
            signer: tx.account(f::ACCOUNT),
            number: if sequence == 0 { tx.u32(f::TICKET_SEQUENCE).unwrap_or(0) } else { sequence },
            by_ticket: sequence == 0,
            result: meta.u32(f::TRANSACTION_RESULT).ok_or("it has no result")?,
            destination: tx.account(f::DESTINATION).or_else(paid_by_entry),
            ends: tx.u32(f::OFFER_SEQUENCE),
            last_ledger_sequence: tx.u32(f::LAST_LEDGER_SEQUENCE),
            expiration: tx.u32(f::EXPIRATION),
            offered: if let (Some(gets), Some(pays)) = amounts { pair(us, &gets, &pays) } else { None },
            offers: offers.collect(),
        })
    }

    pub(super) fn is_ours(&self, us: &Identity) -> bool {
        self.signer == Some(us.account)
    }

    /// Every movement with its cause, and the trades among them. `by_engine`: the engine signed it.
    pub(super) fn explained(&self, us: &Identity, by_engine: bool) -> (Vec<Moved>, Vec<Fill>) {
        let (mut moved, mut fills) = (Vec::new(), Vec::new());
        let (mut xrp, mut rlusd) = (self.did.xrp_change(), self.did.rlusd_change());
        let mut book = |cause, counter, is_xrp, amount: &Exact, offer| {
            if !amount.is_zero() {
                moved.push(Moved { cause, counter, is_xrp, amount: amount.clone(), offer });
            }
        };
        if self.is_ours(us) {
            let fee = Exact::from_drops(self.did.fee);
            xrp = &xrp + &fee;
            book("fee", "network_fees", true, &-&fee, None);
        }
        for traded in &self.did.traded {
            let (side, base, quote) = match (&traded.gave, &traded.got) {
                (Leg::Xrp(drops), Leg::Rlusd(value)) => {
                    (Side::Sell, Exact::from_drops(*drops), value.clone())
                }
                (Leg::Rlusd(value), Leg::Xrp(drops)) => (Side::Buy, Exact::from_drops(*drops), value.clone()),
                _ => continue,
            };
            let (in_xrp, in_rlusd) = signed(side, &base, &quote);
            (xrp, rlusd) = (&xrp - &in_xrp, &rlusd - &in_rlusd);
            book("fill", "market", true, &in_xrp, Some(traded.sequence));
            book("fill", "market", false, &in_rlusd, Some(traded.sequence));
            fills.push(Fill { offer: traded.sequence, side, base, quote, liquidity: "maker" });
        }
        if !self.is_ours(us) {
            for (is_xrp, amount) in &self.elsewhere.legs {
                book("other_writer", EXTERNAL, *is_xrp, amount, None);
                if *is_xrp { xrp = &xrp - amount } else { rlusd = &rlusd - amount }
            }
        }
        if !fills.is_empty() && rlusd.abs() <= rounding_bound(&self.did) {
            book("ledger_rounding", "rounding", false, &rlusd, None);
            rlusd = Exact::zero();
        }
        let mut bids = fills.iter().filter(|fill| fill.side == Side::Buy).peekable();
        let has_bid = bids.peek().is_some();
        let given = bids.fold(self.did.given_elsewhere.clone(), |sum, fill| &sum + &fill.quote);
        if has_bid && rlusd.is_negative() && rlusd.abs() <= given {
            // Whose offer gives RLUSD pays the issuer's part on top, at most as much again.
            book("transfer_fee", "transfer_fees", false, &rlusd, None);
            rlusd = Exact::zero();
        }
        let is_placement = self.tx_type == TxType::OFFER_CREATE && self.result == 0;
        let is_exchange = !xrp.is_zero() && !rlusd.is_zero() && xrp.is_negative() != rlusd.is_negative();
        if self.is_ours(us) && by_engine && is_placement && is_exchange {
            book("fill", "market", true, &xrp, Some(self.number));
            book("fill", "market", false, &rlusd, Some(self.number));
            let side = if xrp.is_negative() { Side::Sell } else { Side::Buy };
            let (base, quote) = (xrp.abs(), rlusd.abs());
            fills.push(Fill { offer: self.number, side, base, quote, liquidity: "taker" });
            (xrp, rlusd) = (Exact::zero(), Exact::zero());
        }
        for (is_xrp, left) in [(true, xrp), (false, rlusd)] {
            if let Some((cause, counter)) = self.cause_of(us, by_engine, is_xrp, &left) {
                book(cause, counter, is_xrp, &left, None);
            }
        }
        // With nothing on one side it has no price: its money moved, and it is no fill.
        fills.retain(|fill| !fill.base.is_zero() && !fill.quote.is_zero());
        (moved, fills)
    }

    /// Less than the passes over offers of another pair can round.
    fn is_rounding_elsewhere(&self, left: &Exact) -> bool {
        let offers = self.did.traded.len() + self.elsewhere.legs.len();
        self.elsewhere.rounds() && left.abs() <= rounding_of(&self.did, offers, self.elsewhere.digit)
    }

    /// What is neither fee nor trade: money that came in, or a change by another hand. Anything else has no cause.
    fn cause_of(
        &self,
        us: &Identity,
        by_engine: bool,
        is_xrp: bool,
        left: &Exact,
    ) -> Option<(&'static str, &'static str)> {
        let is_ours = self.is_ours(us);
        let to_us = self.destination == Some(us.account) && !is_ours;
        let is_issuer = self.signer == Some(us.issuer) && !is_ours;
        let is_rounding = !is_xrp && self.is_rounding_elsewhere(left);
        if MONEY_IN.contains(&self.tx_type) && to_us && !left.is_negative() && !is_rounding {
            Some(("deposit", "owner"))
        } else if is_ours {
            let in_pool = POOL_DEEDS.contains(&self.tx_type);
            (!by_engine).then_some((if in_pool { "amm" } else { "other_writer" }, EXTERNAL))
        } else if is_rounding || self.elsewhere.covers(is_xrp, left) {
            Some((if self.elsewhere.pool_paid { "amm" } else { "other_writer" }, EXTERNAL))
        } else if is_issuer && self.tx_type == CLAWBACK && !is_xrp && left.is_negative() {
            Some(("clawback", EXTERNAL))
        } else if is_issuer && self.tx_type == POOL_CLAWBACK && is_xrp && !left.is_negative() {
            Some(("amm", EXTERNAL))
        } else {
            None
        }
    }
}

impl OfferNode {
    /// The word for where the offer stands after this transaction. Only a removal without trade needs the transaction:
    /// it may name the offer, or be our own and cross it; `parent_close` tells expired from unfunded.
    pub(super) fn status(&self, us: &Identity, tx: &Own, parent_close: LedgerTime) -> &'static str {
        let is_ours = tx.is_ours(us);
        let is_named = is_ours && tx.ends == Some(self.sequence);
        match self.kind {
            NodeKind::Created => "open",
            NodeKind::Changed => "partially_filled",
            NodeKind::Gone if self.traded && (self.after.quote.is_zero() || self.after.base.is_zero()) => {
                "filled"
            }
            NodeKind::Gone if self.traded => "unfunded",
            NodeKind::Gone if is_named && tx.tx_type == TxType::OFFER_CANCEL => "cancelled",
            NodeKind::Gone if is_named && tx.tx_type == TxType::OFFER_CREATE => "replaced",
            NodeKind::Gone if self.expiration.is_some_and(|end| parent_close.get() >= end) => "expired",
            NodeKind::Gone if is_ours => "cancelled",
            NodeKind::Gone => "unfunded",
        }
    }
}

/// Changes of our balances by a trade: XRP, RLUSD.
fn signed(side: Side, base: &Exact, quote: &Exact) -> (Exact, Exact) {
    match side {
        Side::Buy => (base.clone(), -quote),
        Side::Sell => (-base, quote.clone()),
    }
}

fn offer_node(us: &Identity, action: ledger::FieldId, node: &Object) -> Option<OfferNode> {
    let kind = match action {
        f::CREATED_NODE => NodeKind::Created,
        f::DELETED_NODE => NodeKind::Gone,
        _ => NodeKind::Changed,
    };
    let now = node.object(if kind == NodeKind::Created { f::NEW_FIELDS } else { f::FINAL_FIELDS })?;
    let is_offer = node.u32(f::LEDGER_ENTRY_TYPE) == Some(u32::from(EntryType::OFFER.0));
    if !is_offer || now.account(f::ACCOUNT) != Some(us.account) {
        return None;
    }
    let (side, after) = pair(us, &now.amount(f::TAKER_GETS)?, &now.amount(f::TAKER_PAYS)?)?;
    let traded = node
        .object(f::PREVIOUS_FIELDS)
        .is_some_and(|was| was.contains(f::TAKER_GETS) || was.contains(f::TAKER_PAYS));
    // An offer whose book page alone changed is no news.
    (kind != NodeKind::Changed || traded).then_some(())?;
    let sequence = now.u32(f::SEQUENCE)?;
    Some(OfferNode { sequence, side, after, traded, kind, expiration: now.u32(f::EXPIRATION) })
}

/// Side and legs of an offer of XRP against our quote currency; `None` for any other pair.
fn pair(us: &Identity, gets: &Amount, pays: &Amount) -> Option<(Side, Legs)> {
    let quote = |amount: &Amount| match amount {
        Amount::Issued { value, currency, issuer } if (*currency, *issuer) == (us.currency, us.issuer) => {
            Some(*value)
        }
        _ => None,
    };
    match (gets, pays) {
        (Amount::Xrp(base), pays) => Some((Side::Sell, Legs { quote: quote(pays)?, base: *base })),
        (gets, Amount::Xrp(base)) => Some((Side::Buy, Legs { quote: quote(gets)?, base: *base })),
        _ => None,
    }
}
