//! Whose the offers of a book are, what each can spend and how many offers each has. An owner has a small number of his own
//! here, so that a walk through the book compares four bytes and not an address. Owners are not forgotten: a book is made
//! anew with each full read.

use crate::input::OwnerFunds;
use crate::side::Side;
use ledger::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use units::{Drops, IssuedValue};

/// An owner of this book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner(usize);

/// What an owner can spend, where known.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Funds {
    pub xrp: Option<Drops>,
    pub rlusd: Option<IssuedValue>,
}

/// All owners.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Owners {
    numbers: BTreeMap<AccountId, Owner>,
    all: Vec<Known>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Known {
    funds: Funds,
    bids: usize,
    asks: usize,
}

impl Known {
    fn offers_mut(&mut self, side: Side) -> &mut usize {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

impl Owners {
    /// The owner of this address, if it was seen.
    pub fn find(&self, account: AccountId) -> Option<Owner> {
        self.numbers.get(&account).copied()
    }

    fn number(&mut self, account: AccountId) -> Owner {
        let next = Owner(self.all.len());
        let owner = *self.numbers.entry(account).or_insert(next);
        if owner == next {
            self.all.push(Known::default());
        }
        owner
    }

    /// What he can spend now; what is not told stays as it was.
    pub fn set_funds(&mut self, told: &OwnerFunds) {
        let owner = self.number(told.account);
        if let Some(known) = self.all.get_mut(owner.0) {
            let funds = &mut known.funds;
            (funds.xrp, funds.rlusd) = (told.xrp.or(funds.xrp), told.rlusd.or(funds.rlusd));
        }
    }

    /// What he can spend, as far as was told.
    pub fn funds(&self, owner: Owner) -> Funds {
        self.all.get(owner.0).map_or_else(Funds::default, |known| known.funds)
    }

    /// One more offer of his.
    pub fn add_offer(&mut self, account: AccountId, side: Side) -> Owner {
        let owner = self.number(account);
        if let Some(known) = self.all.get_mut(owner.0) {
            *known.offers_mut(side) += 1;
        }
        owner
    }

    /// One less.
    pub fn take_offer(&mut self, owner: Owner, side: Side) {
        if let Some(known) = self.all.get_mut(owner.0) {
            let offers = known.offers_mut(side);
            *offers = offers.saturating_sub(1);
        }
    }

    /// How many offers he has on a side, expired ones too.
    pub fn offers(&self, owner: Owner, side: Side) -> usize {
        self.all.get(owner.0).map_or(0, |known| match side {
            Side::Buy => known.bids,
            Side::Sell => known.asks,
        })
    }

    /// Whether his funds are shared on a side.
    pub fn has_several(&self, owner: Owner, side: Side) -> bool {
        self.offers(owner, side) > 1
    }
}
