//! Who else is on the ledger, and what they do. All keys follow from names.

use ledger::{Amount, Currency, KeyPair, Object, TxType, fields as f, flags};
use units::{Drops, IssuedValue};

/// `Clawback` (published transaction types).
const CLAWBACK: TxType = TxType(30);

/// An account of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Has all XRP at first.
    Genesis,
    /// Issues RLUSD, and may claw it back.
    Issuer,
    /// Rests a bid and an ask around 1.42, wider than ours.
    Maker,
    /// Takes what rests.
    Taker,
    /// Our wallet: the engine signs with its key, and in some stories another program does too.
    Wallet,
}

impl Who {
    pub fn keys(self) -> KeyPair {
        match self {
            Who::Genesis => KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap(),
            Who::Issuer => sim::identity::keys(sim::identity::ISSUER).unwrap(),
            Who::Maker => sim::identity::keys("maker").unwrap(),
            Who::Taker => sim::identity::keys("taker").unwrap(),
            Who::Wallet => sim::identity::keys(sim::identity::WALLET).unwrap(),
        }
    }
}

pub fn xrp(text: &str) -> Amount {
    Amount::Xrp(Drops::from_xrp_str(text).unwrap())
}

pub fn rlusd(text: &str) -> Amount {
    of_holder(text, Who::Issuer)
}

/// What the taker issues: another asset than those of our pair.
pub fn token(text: &str) -> Amount {
    let value = text.parse::<IssuedValue>().unwrap();
    let currency = "TKN".parse::<Currency>().unwrap();
    Amount::Issued { value, currency, issuer: Who::Taker.keys().account() }
}

/// RLUSD as a transaction names it that is about one holder's line.
fn of_holder(text: &str, holder: Who) -> Amount {
    let value = text.parse::<IssuedValue>().unwrap();
    Amount::Issued { value, currency: Currency::RLUSD, issuer: holder.keys().account() }
}

fn tx(kind: TxType) -> Object {
    Object::new().with(f::TRANSACTION_TYPE, kind)
}

/// Gives the one for the other.
pub fn offer(gives: Amount, wants: Amount) -> Object {
    tx(TxType::OFFER_CREATE).with(f::TAKER_GETS, gives).with(f::TAKER_PAYS, wants)
}

/// Takes what the book has at this price or better, and leaves nothing there.
pub fn take(gives: Amount, wants: Amount) -> Object {
    offer(gives, wants).with(f::FLAGS, flags::TF_IMMEDIATE_OR_CANCEL)
}

pub fn cancel(sequence: u32) -> Object {
    tx(TxType::OFFER_CANCEL).with(f::OFFER_SEQUENCE, sequence)
}

pub fn pay(to: Who, amount: Amount) -> Object {
    tx(TxType::PAYMENT).with(f::DESTINATION, to.keys().account()).with(f::AMOUNT, amount)
}

pub fn trust() -> Object {
    tx(TxType::TRUST_SET).with(f::LIMIT_AMOUNT, rlusd("1000000000")).with(f::FLAGS, flags::TF_SET_NO_RIPPLE)
}

/// What the issuer takes back from a holder.
pub fn claw_back(holder: Who, value: &str) -> Object {
    tx(CLAWBACK).with(f::AMOUNT, of_holder(value, holder))
}

pub fn allow(setting: u32) -> Object {
    tx(TxType::ACCOUNT_SET).with(f::SET_FLAG, setting)
}
