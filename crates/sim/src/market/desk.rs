//! An agent's desk: its account as the ledger has it, and the signed transactions it sends. Prices and sizes are rounded
//! here, once, to drops and six decimals.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::{AccountId, Amount, Asset, KeyPair, Object, SeqProxy, SignedTx, TxKind, TxType, fields as f};
use units::{Drops, IssuedValue, Rounding};

use super::scene::sides;
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

impl Side {
    /// Both.
    pub const BOTH: [Side; 2] = [Side::Buy, Side::Sell];

    /// A price so many bps away from `price` on the side where an offer rests: below for a bid, above for an ask.
    pub fn away(self, price: f64, bps: f64) -> f64 {
        match self {
            Side::Buy => price * (1.0 - bps / 1e4),
            Side::Sell => price * (1.0 + bps / 1e4),
        }
    }

    /// By how many bps `price` is better than `other` for somebody who trades this way.
    pub fn gain_bps(self, price: f64, other: f64) -> f64 {
        match self {
            Side::Buy => (other / price - 1.0) * 1e4,
            Side::Sell => (price / other - 1.0) * 1e4,
        }
    }
}

/// One order. Only price and size must be given.
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
    /// Sequence or ticket of the own offer it replaces.
    pub replaces: Option<u32>,
    /// Ticket it uses instead of a sequence.
    pub ticket: Option<u32>,
    /// When it dies, seconds since 2000-01-01.
    pub expires: Option<u32>,
}

impl Order {
    /// An order without anything special.
    pub fn plain(side: Side, price: f64, size: f64) -> Order {
        Order { side, price, size, flags: 0, replaces: None, ticket: None, expires: None }
    }
}

/// Keys by identity; derived once.
#[derive(Clone, Default)]
pub struct Keyring(BTreeMap<String, Arc<KeyPair>>);

impl Keyring {
    fn keys(&mut self, name: &str) -> Option<Arc<KeyPair>> {
        if let Some(known) = self.0.get(name) {
            return Some(known.clone());
        }
        let keys = Arc::new(identity::keys(name).ok()?);
        self.0.insert(name.to_owned(), keys.clone());
        Some(keys)
    }
}

/// What is the same for all desks of a ledger.
#[derive(Clone, Copy)]
pub struct Floor<'e> {
    /// State after the last closed ledger.
    pub entries: &'e Entries,
    /// RLUSD.
    pub rlusd: Asset,
    /// Network id, where transactions must carry it.
    pub network_id: Option<u32>,
    /// The least fee.
    pub base_fee: Drops,
}

/// The desk of one agent for one ledger.
pub struct Desk<'e> {
    keys: Arc<KeyPair>,
    floor: Floor<'e>,
    opening: u32,
    sequence: u32,
    fee: Drops,
    sent: Vec<SignedTx>,
}

impl<'e> Desk<'e> {
    /// The desk of the identity `name`, who pays `fee_drops` for each transaction (at least what the ledger asks);
    /// `None` before its account exists.
    pub fn open(name: &str, keyring: &mut Keyring, floor: Floor<'e>, fee_drops: i64) -> Option<Desk<'e>> {
        let keys = keyring.keys(name)?;
        let Some(Entry::Account(root)) = floor.entries.get(&index::account(keys.account())) else {
            return None;
        };
        let fee = Drops::new(fee_drops).unwrap_or(floor.base_fee).max(floor.base_fee);
        Some(Desk { keys, floor, opening: root.sequence, sequence: root.sequence, fee, sent: Vec::new() })
    }

    /// The agent's offer with this sequence or ticket, when it rests: its price and what is left of it in RLUSD.
    pub fn resting(&self, sequence: u32) -> Option<(f64, f64)> {
        let offer = self.offer(sequence)?;
        let (xrp, rlusd) = sides(offer.taker_gets, offer.taker_pays)?;
        (xrp > 0.0).then(|| (rlusd / xrp, rlusd))
    }

    fn offer(&self, sequence: u32) -> Option<&'e Offer> {
        match self.floor.entries.get(&index::offer(self.account(), sequence)) {
            Some(Entry::Offer(offer)) if sequence != 0 => Some(offer),
            _ => None,
        }
    }

    /// Whether the ledger has this ticket of the agent.
    pub fn has_ticket(&self, ticket: u32) -> bool {
        self.floor.entries.contains_key(&index::ticket(self.account(), ticket))
    }

    /// The agent's account.
    pub fn account(&self) -> AccountId {
        self.keys.account()
    }

    /// The account's sequence in the last closed ledger.
    pub fn opening_sequence(&self) -> u32 {
        self.opening
    }

    /// XRP held, for rough decisions.
    pub fn xrp(&self) -> f64 {
        match self.floor.entries.get(&index::account(self.account())) {
            Some(Entry::Account(root)) => root.balance.get() as f64 / 1e6,
            _ => 0.0,
        }
    }

    /// Sends an order; gives the sequence or ticket it rests under. An order of nothing is not sent.
    pub fn place(&mut self, order: Order) -> Option<u32> {
        let drops = drops(order.size / order.price)?;
        let value = rlusd_value(drops.get() as f64 / 1e6 * order.price)?;
        let (xrp, rlusd) = (Amount::Xrp(drops), self.issued(value)?);
        let (taker_gets, taker_pays) = match order.side {
            Side::Buy => (rlusd, xrp),
            Side::Sell => (xrp, rlusd),
        };
        let kind = TxKind::OfferCreate {
            taker_gets,
            taker_pays,
            expiration: order.expires,
            offer_sequence: order.replaces.filter(|sequence| *sequence != 0),
        };
        self.send(kind, order.flags, order.ticket)
    }

    /// Takes an offer back.
    pub fn cancel(&mut self, sequence: u32) -> Option<u32> {
        self.send(TxKind::OfferCancel { offer_sequence: sequence }, 0, None)
    }

    /// Pays `to` (or itself) across the two currencies: gives at most `spend`, `to` gets at most `deliver`.
    pub fn exchange(&mut self, to: AccountId, deliver: Money, spend: Money, flags: u32) -> Option<u32> {
        let (amount, send_max) = (self.amount(deliver)?, Some(self.amount(spend)?));
        self.pay_kind(to, amount, send_max, flags)
    }

    /// Pays somebody in one currency.
    pub fn pay(&mut self, to: AccountId, money: Money) -> Option<u32> {
        let amount = self.amount(money)?;
        self.pay_kind(to, amount, None, 0)
    }

    fn pay_kind(
        &mut self,
        to: AccountId,
        amount: Amount,
        send_max: Option<Amount>,
        flags: u32,
    ) -> Option<u32> {
        let kind = TxKind::Payment {
            destination: to,
            amount,
            send_max,
            deliver_min: None,
            destination_tag: None,
            paths: Vec::new(),
        };
        self.send(kind, flags, None)
    }

    /// Sets `count` sequences aside as tickets; gives the first of them.
    pub fn create_tickets(&mut self, count: u32) -> Option<u32> {
        let fields = Object::new().with(f::TICKET_COUNT, count);
        let sequence = self.send_fields(TxType::TICKET_CREATE, 0, fields)?;
        self.sequence = self.sequence.checked_add(count)?;
        sequence.checked_add(1)
    }

    /// Puts money into the pool (`AMMDeposit`), or takes it out (`AMMWithdraw`); one asset, the pool prices it.
    pub fn pool(&mut self, deposits: bool, money: Money) -> Option<u32> {
        /// `tfSingleAsset`.
        const SINGLE_ASSET: u32 = 0x0008_0000;
        let fields = Object::new()
            .with(f::ASSET, Asset::Xrp)
            .with(f::ASSET2, self.floor.rlusd)
            .with(f::AMOUNT, self.amount(money)?);
        let (deposit, withdraw) = (TxType(36), TxType(37));
        self.send_fields(if deposits { deposit } else { withdraw }, SINGLE_ASSET, fields)
    }

    fn amount(&self, money: Money) -> Option<Amount> {
        match money {
            Money::Xrp(xrp) => drops(xrp).map(Amount::Xrp),
            Money::Rlusd(value) => self.issued(rlusd_value(value)?),
        }
    }

    fn issued(&self, value: IssuedValue) -> Option<Amount> {
        let Asset::Issued { currency, issuer } = self.floor.rlusd else {
            return None;
        };
        value.is_positive().then_some(Amount::Issued { value, currency, issuer })
    }

    fn send(&mut self, kind: TxKind, flags: u32, ticket: Option<u32>) -> Option<u32> {
        let transaction = ledger::Transaction {
            account: self.account(),
            sequence: ticket.map_or(SeqProxy::Sequence(self.sequence), SeqProxy::Ticket),
            fee: self.fee,
            flags,
            last_ledger_sequence: None,
            network_id: self.floor.network_id,
            source_tag: None,
            kind,
        };
        self.sent.push(ledger::sign(&transaction, &self.keys).ok()?);
        if ticket.is_some() {
            return ticket;
        }
        let used = self.sequence;
        self.sequence = used.checked_add(1)?;
        Some(used)
    }

    /// Sends a transaction of a type that has no typed form.
    fn send_fields(&mut self, tx_type: TxType, flags: u32, mut fields: Object) -> Option<u32> {
        fields.insert(f::TRANSACTION_TYPE, tx_type);
        fields.insert(f::ACCOUNT, self.account());
        fields.insert(f::FEE, self.fee);
        fields.insert(f::SEQUENCE, self.sequence);
        fields.insert_some(f::FLAGS, Some(flags).filter(|flags| *flags != 0));
        fields.insert_some(f::NETWORK_ID, self.floor.network_id);
        let (_, signed) = ledger::sign_object(&fields, &self.keys).ok()?;
        self.sent.push(signed);
        let used = self.sequence;
        self.sequence = used.checked_add(1)?;
        Some(used)
    }

    /// What was sent, in order.
    pub fn sent(self) -> Vec<SignedTx> {
        self.sent
    }
}

/// An amount before it is rounded.
#[derive(Debug, Clone, Copy)]
pub enum Money {
    /// XRP.
    Xrp(f64),
    /// RLUSD.
    Rlusd(f64),
}

/// To the drop; `None` for nothing.
fn drops(xrp: f64) -> Option<Drops> {
    Drops::new(libm::round(xrp * 1e6) as i64).ok().filter(|drops| drops.get() > 0)
}

/// To six decimals.
fn rlusd_value(value: f64) -> Option<IssuedValue> {
    let millionths = libm::round(value * 1e6);
    IssuedValue::from_parts_rounded(millionths as i128, -6, Rounding::HalfEven).ok()
}
