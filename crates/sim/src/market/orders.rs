//! An agent's desk: its account as the ledger has it, and the signed transactions it sends. Prices and sizes are rounded
//! here, once, to drops and six decimals.

use ledger::{AccountId, Amount, Asset, KeyPair, SeqProxy, SignedTx, Transaction, TxKind};
use units::{Drops, IssuedValue, Rounding};

use crate::identity;
use crate::state::{Entries, Entry, Offer, index};

/// Which way an order goes, in XRP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Pays RLUSD for XRP.
    Buy,
    /// Gives XRP for RLUSD.
    Sell,
}

/// One order.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Which way.
    pub side: Side,
    /// RLUSD per XRP.
    pub price: f64,
    /// Size in RLUSD.
    pub size: f64,
    /// OfferCreate flags.
    pub flags: u32,
    /// Sequence of the own offer it replaces.
    pub replaces: Option<u32>,
}

/// The desk of one agent for one ledger.
pub struct Desk<'e> {
    keys: KeyPair,
    entries: &'e Entries,
    rlusd: Asset,
    sequence: u32,
    network_id: Option<u32>,
    fee: Drops,
    sent: Vec<SignedTx>,
}

impl<'e> Desk<'e> {
    /// The desk of the identity `name`; `None` before its account exists.
    pub fn open(name: &str, entries: &'e Entries, network_id: Option<u32>, fee: Drops) -> Option<Desk<'e>> {
        let keys = identity::keys(name).ok()?;
        let Some(Entry::Account(root)) = entries.get(&index::account(keys.account())) else {
            return None;
        };
        let rlusd = identity::rlusd().ok()?;
        Some(Desk { keys, entries, rlusd, sequence: root.sequence, network_id, fee, sent: Vec::new() })
    }

    /// The agent's offer with this sequence, when it rests.
    pub fn offer(&self, sequence: u32) -> Option<&Offer> {
        match self.entries.get(&index::offer(self.account(), sequence)) {
            Some(Entry::Offer(offer)) => Some(offer),
            _ => None,
        }
    }

    /// The agent's account.
    pub fn account(&self) -> AccountId {
        self.keys.account()
    }

    /// XRP held, for rough decisions.
    pub fn xrp(&self) -> f64 {
        match self.entries.get(&index::account(self.account())) {
            Some(Entry::Account(root)) => root.balance.get() as f64 / 1e6,
            _ => 0.0,
        }
    }

    /// Sends an order; gives its sequence. An order of nothing is not sent.
    pub fn place(&mut self, order: Order) -> Option<u32> {
        let drops = Drops::new(libm::round(order.size / order.price * 1e6) as i64).ok()?;
        let value = rlusd_value(drops.get() as f64 / 1e6 * order.price)?;
        if drops.get() <= 0 || !value.is_positive() {
            return None;
        }
        let Asset::Issued { currency, issuer } = self.rlusd else {
            return None;
        };
        let (xrp, rlusd) = (Amount::Xrp(drops), Amount::Issued { value, currency, issuer });
        let (taker_gets, taker_pays) = match order.side {
            Side::Buy => (rlusd, xrp),
            Side::Sell => (xrp, rlusd),
        };
        let kind =
            TxKind::OfferCreate { taker_gets, taker_pays, expiration: None, offer_sequence: order.replaces };
        self.send(order.flags, kind)
    }

    fn send(&mut self, flags: u32, kind: TxKind) -> Option<u32> {
        let sequence = self.sequence;
        let transaction = Transaction {
            account: self.account(),
            sequence: SeqProxy::Sequence(sequence),
            fee: self.fee,
            flags,
            last_ledger_sequence: None,
            network_id: self.network_id,
            source_tag: None,
            kind,
        };
        self.sent.push(ledger::sign(&transaction, &self.keys).ok()?);
        self.sequence = sequence.checked_add(1)?;
        Some(sequence)
    }

    /// What was sent, in order.
    pub fn sent(self) -> Vec<SignedTx> {
        self.sent
    }
}

/// To six decimals.
fn rlusd_value(value: f64) -> Option<IssuedValue> {
    let millionths = libm::round(value * 1e6);
    IssuedValue::from_parts_rounded(millionths as i128, -6, Rounding::HalfEven).ok()
}

/// The price of a resting offer, RLUSD per XRP, and what remains of it in RLUSD.
pub fn resting(offer: &Offer) -> Option<(f64, f64)> {
    let number = |value: IssuedValue| value.mantissa() as f64 * libm::pow(10.0, f64::from(value.exponent()));
    let (drops, value) = match (offer.taker_gets, offer.taker_pays) {
        (Amount::Xrp(drops), Amount::Issued { value, .. })
        | (Amount::Issued { value, .. }, Amount::Xrp(drops)) => (drops.get() as f64, number(value)),
        _ => return None,
    };
    (drops > 0.0).then(|| (value / drops * 1e6, value))
}
