//! What a transaction sees and changes: the state below, with its own changes on top. A sandbox is a clone that is kept
//! or dropped. Never changes the state below itself.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use ledger::{AccountId, Asset, Currency, Hash256};
use units::LedgerIndex;
use units::stamount::StAmount;

use super::deferred::Deferred;
use super::keys::Keys;
use super::{AccountRoot, Amm, Directory, Entries, Entry, Offer, Ticket, TrustLine, index};
use crate::world::Fees;

/// What holds in the ledger being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Fees and reserves.
    pub fees: Fees,
    /// Index of the ledger being built.
    pub ledger_index: LedgerIndex,
    /// Close time of its parent, seconds since 2000-01-01.
    pub parent_close_time: u32,
    /// Hash of its parent.
    pub parent_hash: Hash256,
    /// Whether this is the open ledger (preliminary answers) rather than the one that counts.
    pub open: bool,
    /// Whether a later attempt is sure to come: then a `tec` is not taken for the last word.
    pub retry: bool,
    /// Network id of this network.
    pub network_id: u32,
    /// Whether nothing is to come of it: then a transaction without a key needs none.
    pub dry: bool,
}

/// What happened to an entry in this view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Insert,
    /// It was changed (perhaps to what it was).
    Modify,
    /// It is gone; the entry is what it last was.
    Erase,
}

/// One changed entry.
#[derive(Debug, Clone)]
pub struct Item {
    /// What happened.
    pub action: Action,
    /// The entry as it now is, or last was. Sandboxes share it until one of them changes it.
    pub entry: Arc<Entry>,
}

/// The state below and the changes on top.
#[derive(Clone)]
pub struct View<'a> {
    base: &'a Entries,
    items: BTreeMap<Hash256, Item>,
    /// What holds in this ledger.
    pub rules: Rules,
    deferred: Option<Deferred>,
    keys: Keys,
}

impl<'a> View<'a> {
    /// A view without changes.
    pub fn new(base: &'a Entries, rules: Rules) -> Self {
        Self { base, items: BTreeMap::new(), rules, deferred: None, keys: Keys::default() }
    }

    /// The state below.
    pub fn base(&self) -> &'a Entries {
        self.base
    }

    /// The changes by index.
    pub fn items(&self) -> &BTreeMap<Hash256, Item> {
        &self.items
    }

    /// The changes, given away.
    pub fn into_items(self) -> BTreeMap<Hash256, Item> {
        self.items
    }

    /// A clone in which what is received cannot be spent again.
    pub fn payment_sandbox(&self) -> Self {
        let mut sandbox = self.clone();
        sandbox.deferred.get_or_insert_default();
        sandbox
    }

    /// Takes over the changes of a payment sandbox of this view; its bookkeeping ends.
    pub fn accept_payment(&mut self, sandbox: Self) {
        self.items = sandbox.items;
    }

    /// The entry at an index.
    pub fn get(&self, key: &Hash256) -> Option<&Entry> {
        match self.items.get(key) {
            Some(item) if item.action == Action::Erase => None,
            Some(item) => Some(&item.entry),
            None => self.base.get(key),
        }
    }

    /// The entry at an index, to change it.
    pub fn get_mut(&mut self, key: &Hash256) -> Option<&mut Entry> {
        if !self.items.contains_key(key) {
            let entry = self.base.share(key)?;
            self.items.insert(*key, Item { action: Action::Modify, entry });
        }
        self.items
            .get_mut(key)
            .filter(|item| item.action != Action::Erase)
            .map(|item| Arc::make_mut(&mut item.entry))
    }

    /// Adds an entry. One that was erased in this view counts as changed.
    pub fn insert(&mut self, key: Hash256, entry: Entry) {
        let action = if self.base.contains_key(&key) { Action::Modify } else { Action::Insert };
        self.items.insert(key, Item { action, entry: Arc::new(entry) });
    }

    /// Takes an entry away; what it last was is remembered.
    pub fn erase(&mut self, key: &Hash256) {
        match self.items.get_mut(key) {
            Some(item) if item.action == Action::Insert => {
                self.items.remove(key);
            }
            Some(item) => item.action = Action::Erase,
            None => {
                if let Some(entry) = self.base.share(key) {
                    self.items.insert(*key, Item { action: Action::Erase, entry });
                }
            }
        }
    }

    /// The first index after `key` and before `end` that has an entry.
    pub fn successor(&self, key: Hash256, end: Hash256) -> Option<Hash256> {
        let range = (Bound::Excluded(key), Bound::Excluded(end));
        if key >= end {
            return None;
        }
        let below = self.base.range(range).map(|(k, _)| *k).find(|k| self.get(k).is_some());
        let own = self.items.range(range).find(|(_, item)| item.action != Action::Erase).map(|(k, _)| *k);
        match (below, own) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Indexes of accounts and lines, each hashed once.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The account's root entry.
    pub fn account(&self, id: AccountId) -> Option<&AccountRoot> {
        match self.get(&self.keys.account(id)) {
            Some(Entry::Account(root)) => Some(root),
            _ => None,
        }
    }

    /// The account's root entry, to change it.
    pub fn account_mut(&mut self, id: AccountId) -> Option<&mut AccountRoot> {
        let key = self.keys.account(id);
        match self.get_mut(&key) {
            Some(Entry::Account(root)) => Some(root),
            _ => None,
        }
    }

    /// The trust line of two accounts.
    pub fn line(&self, a: AccountId, b: AccountId, currency: Currency) -> Option<&TrustLine> {
        match self.get(&self.keys.line(a, b, currency)) {
            Some(Entry::Line(line)) => Some(line),
            _ => None,
        }
    }

    /// The trust line at an index, to change it.
    pub fn line_mut(&mut self, key: &Hash256) -> Option<&mut TrustLine> {
        match self.get_mut(key) {
            Some(Entry::Line(line)) => Some(line),
            _ => None,
        }
    }

    /// The offer at an index.
    pub fn offer(&self, key: &Hash256) -> Option<&Offer> {
        match self.get(key) {
            Some(Entry::Offer(offer)) => Some(offer),
            _ => None,
        }
    }

    /// The offer at an index, to change it.
    pub fn offer_mut(&mut self, key: &Hash256) -> Option<&mut Offer> {
        match self.get_mut(key) {
            Some(Entry::Offer(offer)) => Some(offer),
            _ => None,
        }
    }

    /// The directory page at an index.
    pub fn directory(&self, key: &Hash256) -> Option<&Directory> {
        match self.get(key) {
            Some(Entry::Directory(page)) => Some(page),
            _ => None,
        }
    }

    /// The directory page at an index, to change it.
    pub fn directory_mut(&mut self, key: &Hash256) -> Option<&mut Directory> {
        match self.get_mut(key) {
            Some(Entry::Directory(page)) => Some(page),
            _ => None,
        }
    }

    /// The ticket at an index.
    pub fn ticket(&self, key: &Hash256) -> Option<&Ticket> {
        match self.get(key) {
            Some(Entry::Ticket(ticket)) => Some(ticket),
            _ => None,
        }
    }

    /// The pool of two assets, in either order.
    pub fn amm(&self, a: &Asset, b: &Asset) -> Option<&Amm> {
        match self.get(&index::amm(a, b)) {
            Some(Entry::Amm(amm)) => Some(amm),
            _ => None,
        }
    }

    /// The pool of two assets, to change it.
    pub fn amm_mut(&mut self, a: &Asset, b: &Asset) -> Option<&mut Amm> {
        match self.get_mut(&index::amm(a, b)) {
            Some(Entry::Amm(amm)) => Some(amm),
            _ => None,
        }
    }

    /// Remembers, within a payment, that `sender` (who had `before`) gave `receiver` an amount. XRP moves from or to
    /// [`AccountId::ZERO`].
    pub fn note_credit(&mut self, way: (AccountId, AccountId, Currency), amount: StAmount, before: StAmount) {
        if let Some(deferred) = &mut self.deferred {
            deferred.note_credit(way, amount, before);
        }
    }

    /// What of `balance` the account may use within a payment.
    pub fn usable(
        &self,
        account: AccountId,
        issuer: AccountId,
        currency: Currency,
        balance: StAmount,
    ) -> StAmount {
        match &self.deferred {
            Some(deferred) => deferred.usable(account, issuer, currency, balance),
            None => balance,
        }
    }

    /// The owner count that counts for the reserve: within a payment the highest so far.
    pub fn reserve_owner_count(&self, root: &AccountRoot) -> u32 {
        self.deferred
            .as_ref()
            .and_then(|deferred| deferred.owner_count(root.account))
            .map_or(root.owner_count, |highest| root.owner_count.max(highest))
    }

    /// Changes an account's owner count.
    pub fn adjust_owner_count(&mut self, account: AccountId, change: i32) {
        let Some(root) = self.account_mut(account) else {
            return;
        };
        let before = root.owner_count;
        let after = before.saturating_add_signed(change);
        root.owner_count = after;
        if let Some(deferred) = &mut self.deferred {
            deferred.note_owner_count(account, before.max(after));
        }
    }
}
