//! Who trades: every role, how many play it, and what each brings. The keys follow from the names alone. Never decides
//! what anybody does.

use std::collections::BTreeMap;

use ledger::AccountId;
use serde::{Deserialize, Serialize};
use units::{Drops, IssuedValue, Price, Rounding};

use crate::identity;

/// What an agent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// The large maker: ten levels, replaced together.
    Ladder,
    /// A maker of about 10,000 RLUSD a side near the touch.
    Touch,
    /// A maker of some 1,400 RLUSD a side, with tickets and short expiries.
    Pair,
    /// A maker that places several levels and lets them be, then cancels them.
    Planter,
    /// The crowd of tiny offers.
    Bot,
    /// Immediate-or-cancel orders of several at once at what has become too cheap or too dear.
    Racer,
    /// Takes because it knows the next minute.
    Informed,
    /// Takes for reasons of its own.
    Taker,
    /// Payments to itself through pool and book.
    Arbitrageur,
    /// Pays others in the other currency.
    Payer,
    /// Is paid.
    Merchant,
    /// Puts money into the pool and takes it out.
    Provider,
}

impl Role {
    /// All of them, in the order they act.
    pub const ALL: [Role; 12] = [
        Role::Ladder,
        Role::Touch,
        Role::Pair,
        Role::Planter,
        Role::Bot,
        Role::Racer,
        Role::Informed,
        Role::Taker,
        Role::Arbitrageur,
        Role::Payer,
        Role::Merchant,
        Role::Provider,
    ];

    /// How many play it.
    #[must_use]
    pub const fn players(self) -> usize {
        match self {
            Role::Ladder | Role::Touch | Role::Pair | Role::Planter | Role::Merchant | Role::Provider => 1,
            Role::Bot => 60,
            Role::Racer => 8,
            Role::Informed => 3,
            Role::Taker => 5,
            Role::Arbitrageur | Role::Payer => 2,
        }
    }

    /// One word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Role::Ladder => "ladder",
            Role::Touch => "touch",
            Role::Pair => "pair",
            Role::Planter => "planter",
            Role::Bot => "bot",
            Role::Racer => "racer",
            Role::Informed => "informed",
            Role::Taker => "taker",
            Role::Arbitrageur => "arbitrageur",
            Role::Payer => "payer",
            Role::Merchant => "merchant",
            Role::Provider => "provider",
        }
    }

    /// Why it takes what rests.
    #[must_use]
    pub const fn taker_kind(self) -> TakerKind {
        match self {
            Role::Informed => TakerKind::Informed,
            Role::Racer | Role::Arbitrageur => TakerKind::Quick,
            _ => TakerKind::Other,
        }
    }

    /// The name its keys follow from.
    #[must_use]
    pub fn identity(self, nth: usize) -> String {
        format!("market/{}/{nth}", self.name())
    }
}

/// Why somebody takes what rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakerKind {
    /// It knows the value of the next minute.
    Informed,
    /// It knows the value of this moment, which resting offers do not follow at once.
    Quick,
    /// It knows nothing more: takers, payers, makers who meet older offers, and everybody who is no agent.
    Other,
}

impl TakerKind {
    /// All of them.
    pub const ALL: [TakerKind; 3] = [TakerKind::Informed, TakerKind::Quick, TakerKind::Other];
}

/// XRP of the pool when it is made: about what the real one held in May 2026 (1,908,988 in ledger 104540000).
const POOL_XRP: u32 = 1_909_000;
/// The most RLUSD the pool is made with, whatever the price.
const POOL_RLUSD_MAX: i32 = 300_000_000;
/// Trading fee of the pool in parts of 100,000, as implied by its swaps of that month.
pub const POOL_FEE_UNITS: u16 = 267;
/// XRP and RLUSD of everybody who trades in earnest: deep enough for years of one-sided flow.
const DEEP: (u32, i32) = (5_000_000, 7_000_000);
/// The same of a bot.
const SMALL: (u32, i32) = (1_500, 2_000);

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it is.
    pub role: Role,
    /// Which of its role.
    pub nth: usize,
    /// XRP it begins with.
    pub xrp: Drops,
    /// RLUSD it begins with.
    pub rlusd: IssuedValue,
}

impl Member {
    /// The name its keys follow from.
    #[must_use]
    pub fn identity(&self) -> String {
        self.role.identity(self.nth)
    }
}

/// Everybody, in the order they act.
#[must_use]
pub fn members(price: Price) -> Vec<Member> {
    let each = Role::ALL.into_iter().flat_map(|role| (0..role.players()).map(move |nth| (role, nth)));
    each.map(|(role, nth)| {
        let (xrp, rlusd) = funds(role, nth, price);
        Member { role, nth, xrp, rlusd }
    })
    .collect()
}

/// Two bots are poor on purpose: one has no RLUSD to buy with, one hardly the reserve of its offers.
fn funds(role: Role, nth: usize, price: Price) -> (Drops, IssuedValue) {
    let whole = |(xrp, rlusd): (u32, i32)| (Drops::from_xrp(xrp), IssuedValue::from_int(rlusd));
    match (role, nth) {
        (Role::Bot, 0) => (Drops::from_xrp(30), IssuedValue::ZERO),
        (Role::Bot, 1) => (Drops::new(1_590_000).unwrap_or_default(), IssuedValue::from_int(200)),
        (Role::Bot, _) => whole(SMALL),
        (Role::Provider, _) => {
            // Three times what goes into the pool.
            let (xrp, _) = pool(price);
            let funds = Drops::new(xrp.get().saturating_mul(3)).unwrap_or(xrp);
            (funds, price.value_of(funds, Rounding::HalfEven).unwrap_or(IssuedValue::ZERO))
        }
        _ => whole(DEEP),
    }
}

/// Both sides of the pool when it is made, at the price.
#[must_use]
pub fn pool(price: Price) -> (Drops, IssuedValue) {
    let value = |xrp: Drops| price.value_of(xrp, Rounding::HalfEven).unwrap_or(IssuedValue::ZERO);
    let most = IssuedValue::from_int(POOL_RLUSD_MAX);
    let mut xrp = Drops::from_xrp(POOL_XRP);
    while value(xrp) > most {
        xrp = Drops::new(xrp.get() / 2).unwrap_or(xrp);
    }
    (xrp, value(xrp))
}

/// Whose account is whose.
#[must_use]
pub fn accounts() -> BTreeMap<AccountId, Role> {
    let each = Role::ALL.into_iter().flat_map(|role| (0..role.players()).map(move |nth| (role, nth)));
    each.filter_map(|(role, nth)| Some((identity::account(&role.identity(nth)).ok()?, role))).collect()
}
