//! How money flows through trust lines and books: strands of steps, each run backwards for what must go in and forwards
//! from where it was limited. Follows the documented behaviour of the reference server's payment engine, checked
//! against recordings. Never decides which transaction asked.

mod book;
mod build;
mod curve;
mod direct;
pub mod offers;
mod path;
pub mod quality;
mod run;
mod strand;
mod supply;
mod take;
mod tip;

use std::collections::BTreeSet;

use ledger::object::PathStep;
use ledger::{AccountId, Asset, Hash256, ResultCode};
use units::stamount::StAmount;

pub use quality::{Pair, Quality};
pub use run::flow;

/// Why money flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A payment.
    Payment,
    /// An offer that takes what it can.
    Crossing,
    /// An offer that gives all it has (tfSell).
    CrossingSell,
}

impl Purpose {
    /// Whether an offer is crossing.
    pub fn is_crossing(self) -> bool {
        self != Purpose::Payment
    }
}

/// What is asked of the flow.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who pays.
    pub source: AccountId,
    /// Who gets.
    pub destination: AccountId,
    /// What is paid.
    pub send: Asset,
    /// What is got.
    pub deliver: Asset,
    /// How much is to arrive.
    pub amount: StAmount,
    /// The most that may go in.
    pub send_max: Option<StAmount>,
    /// The worst quality that is taken.
    pub limit: Option<Quality>,
    /// Less than the amount is success too.
    pub partial: bool,
    /// Why.
    pub purpose: Purpose,
    /// Ways of the payer's own, beside the default one.
    pub paths: Vec<Vec<PathStep>>,
    /// The default way is none.
    pub no_default: bool,
}

/// What came of it. The view holds the movements only when the result is a success.
#[derive(Debug, Clone)]
pub struct Flowed {
    /// tesSUCCESS, or why nothing (that counts) moved.
    pub result: ResultCode,
    /// What went in.
    pub paid: StAmount,
    /// What came out.
    pub got: StAmount,
    /// Offers found expired, unfunded or otherwise dead: to be deleted even when nothing else is.
    pub dead_offers: BTreeSet<Hash256>,
}
