//! What a ledger's state holds for one account: its XRP, its balance of the quote currency, its offers of the pair. Read
//! from the entries themselves; never from metadata.

use std::collections::BTreeMap;

use ledger::{AccountId, Amount, EntryType, Object, fields as f};
use sim::world::{At, World};
use units::{Drops, IssuedValue};

use engine::{Identity, Legs, Side};

/// An offer at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resting {
    pub(super) side: Side,
    pub(super) legs: Legs,
    pub(super) expiration: Option<u32>,
}

/// What an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Holdings {
    pub(super) xrp: Drops,
    pub(super) rlusd: IssuedValue,
    pub(super) offers: BTreeMap<u32, Resting>,
    /// Offers of other pairs, which the engine never places: what is given, what is wanted.
    pub(super) others: BTreeMap<u32, (Amount, Amount)>,
}

impl Holdings {
    /// Whether an offer of another pair gives or wants the quote currency: it may trade less than its own digits show.
    pub(super) fn quotes_elsewhere(&self, us: &Identity) -> bool {
        let is_quote = |amount: &Amount| match amount {
            Amount::Issued { currency, issuer, .. } => {
                (*currency, *issuer) == (us.quote_currency, us.quote_issuer)
            }
            _ => false,
        };
        self.others.values().any(|(gets, pays)| is_quote(gets) || is_quote(pays))
    }

    /// What the last closed state holds.
    pub(super) fn of(world: &World, us: &Identity) -> Holdings {
        let root = world.account_root(At::Validated, us.account);
        let xrp = root.and_then(|(_, root)| root.amount(f::BALANCE)?.drops()).unwrap_or(Drops::ZERO);
        let mut holdings = Holdings { xrp, ..Holdings::default() };
        for (_, entry) in world.account_objects(At::Validated, us.account) {
            let kind = entry.u32(f::LEDGER_ENTRY_TYPE);
            if kind == Some(EntryType::OFFER.0.into()) {
                let sequence = entry.u32(f::SEQUENCE).unwrap_or(0);
                let legs = (entry.amount(f::TAKER_GETS), entry.amount(f::TAKER_PAYS));
                if let Some(resting) = resting(us, &entry) {
                    holdings.offers.insert(sequence, resting);
                } else if let (Some(gets), Some(pays)) = legs {
                    holdings.others.insert(sequence, (gets, pays));
                }
            } else if kind == Some(EntryType::RIPPLE_STATE.0.into())
                && let Some(value) = balance(us, &entry)
            {
                holdings.rlusd = value;
            }
        }
        holdings
    }
}

fn resting(us: &Identity, entry: &Object) -> Option<Resting> {
    let (gets, pays) = (entry.amount(f::TAKER_GETS)?, entry.amount(f::TAKER_PAYS)?);
    let quote = |amount: &Amount| match amount {
        Amount::Issued { value, currency, issuer }
            if (*currency, *issuer) == (us.quote_currency, us.quote_issuer) =>
        {
            Some(*value)
        }
        _ => None,
    };
    let (side, legs) = match (gets, pays) {
        (Amount::Xrp(base), pays) => (Side::Sell, Legs { quote: quote(&pays)?, base }),
        (gets, Amount::Xrp(base)) => (Side::Buy, Legs { quote: quote(&gets)?, base }),
        _ => return None,
    };
    Some(Resting { side, legs, expiration: entry.u32(f::EXPIRATION) })
}

/// A line's balance is seen from its low account (ledger documentation, "RippleState").
fn balance(us: &Identity, entry: &Object) -> Option<IssuedValue> {
    let holder = |field| -> Option<AccountId> { entry.amount(field)?.asset().issuer() };
    let (low, high) = (holder(f::LOW_LIMIT)?, holder(f::HIGH_LIMIT)?);
    let Amount::Issued { value, currency, .. } = entry.amount(f::BALANCE)? else { return None };
    if currency != us.quote_currency {
        None
    } else if (low, high) == (us.account, us.quote_issuer) {
        Some(value)
    } else if (high, low) == (us.account, us.quote_issuer) {
        Some(value.negate())
    } else {
        None
    }
}
