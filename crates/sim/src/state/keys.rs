//! Indexes of accounts and trust lines, hashed once for all that one transaction looks at. Never says whether an entry is
//! there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ledger::{AccountId, Currency, Hash256};

use super::index;

/// Two accounts, the lower one first, and a currency.
type Line = (AccountId, AccountId, Currency);

/// What was hashed so far; a clone shares it.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    accounts: Rc<RefCell<BTreeMap<AccountId, Hash256>>>,
    lines: Rc<RefCell<BTreeMap<Line, Hash256>>>,
}

impl Keys {
    /// The index of an account's root entry.
    pub fn account(&self, id: AccountId) -> Hash256 {
        *self.accounts.borrow_mut().entry(id).or_insert_with(|| index::account(id))
    }

    /// The index of the trust line of two accounts, in either order.
    pub fn line(&self, a: AccountId, b: AccountId, currency: Currency) -> Hash256 {
        let line = if a < b { (a, b, currency) } else { (b, a, currency) };
        *self.lines.borrow_mut().entry(line).or_insert_with(|| index::line(a, b, currency))
    }
}
