//! What a transaction did to money, read off its changes: how every holding moved, and what offers gave and took. All
//! exact. Never decides whether that is right.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{AccountId, Amount, Asset, EntryType, NodeAction, Object, fields as f, keylet};
use units::Exact;

use super::State;
use super::picture::Change;

/// By holder and asset.
pub type Sums = BTreeMap<(AccountId, Asset), Exact>;

/// The movements of one transaction.
#[derive(Default)]
pub struct Touch {
    /// How holdings changed. A debt is no holding.
    pub moved: Sums,
    /// What offers gave away, by owner: the fall of `TakerGets`.
    pub given: Sums,
    /// What offers took in, by owner: the fall of `TakerPays`.
    pub taken: Sums,
    /// Offers changed or deleted.
    pub offers: u32,
    /// Pools whose XRP or lines changed: (account, its holdings before and after).
    pub pools: BTreeMap<AccountId, BTreeMap<Asset, (Exact, Exact)>>,
    /// Tokens outstanding before and after, by the tokens' issuer.
    pub supply: BTreeMap<AccountId, (Exact, Exact)>,
    /// The largest magnitude of any figure of an asset seen here.
    pub largest: BTreeMap<Asset, Exact>,
}

impl Touch {
    /// Reads the changes. `is_pool` says whose account is a pool's.
    pub fn of(changes: &[Change], is_pool: &dyn Fn(AccountId) -> bool) -> Touch {
        let mut touch = Touch::default();
        for change in changes {
            match change.entry_type {
                EntryType::ACCOUNT_ROOT => touch.root(change, is_pool),
                EntryType::RIPPLE_STATE => touch.line(change, is_pool),
                EntryType::OFFER => touch.offer(change),
                EntryType::AMM => touch.amm(change),
                _ => {}
            }
        }
        touch
    }

    fn root(&mut self, change: &Change, is_pool: &dyn Fn(AccountId) -> bool) {
        let Some(who) = change.last.account(f::ACCOUNT) else { return };
        let drops =
            |object: &Object| object.amount(f::BALANCE).and_then(|a| a.drops()).map_or(0, |d| d.get());
        let whole = |drops: i64| Exact::new(drops.into(), 0);
        let before = whole(drops(&change.before));
        let after =
            if change.action == NodeAction::Deleted { Exact::zero() } else { whole(drops(&change.last)) };
        self.holding(who, Asset::Xrp, before, after, is_pool(who));
    }

    fn line(&mut self, change: &Change, is_pool: &dyn Fn(AccountId) -> bool) {
        let side = |field| change.last.amount(field).and_then(|limit| limit.asset().issuer());
        let (Some(low), Some(high)) = (side(f::LOW_LIMIT), side(f::HIGH_LIMIT)) else { return };
        let Some(currency) = change.last.amount(f::BALANCE).and_then(|balance| balance.asset().currency())
        else {
            return;
        };
        let before = exact(change.before.amount(f::BALANCE));
        let after = if change.action == NodeAction::Deleted {
            Exact::zero()
        } else {
            exact(change.last.amount(f::BALANCE))
        };
        for (holder, issuer, sign) in [(low, high, 1), (high, low, -1)] {
            let sided = |balance: &Exact| if sign > 0 { balance.clone() } else { -balance };
            let held = |balance: &Exact| sided(balance).max(Exact::zero());
            self.holding(
                holder,
                Asset::Issued { currency, issuer },
                held(&before),
                held(&after),
                is_pool(holder),
            );
        }
    }

    fn holding(&mut self, who: AccountId, asset: Asset, before: Exact, after: Exact, is_pool: bool) {
        self.see(asset, &before);
        self.see(asset, &after);
        if is_pool {
            self.pools.entry(who).or_default().insert(asset, (before.clone(), after.clone()));
        }
        if before != after {
            add(&mut self.moved, (who, asset), &(&after - &before));
        }
    }

    fn offer(&mut self, change: &Change) {
        if change.action == NodeAction::Created {
            return;
        }
        self.offers += 1;
        let Some(owner) = change.last.account(f::ACCOUNT) else { return };
        for (field, gives) in [(f::TAKER_GETS, true), (f::TAKER_PAYS, false)] {
            let (Some(before), Some(after)) = (change.before.amount(field), change.last.amount(field)) else {
                continue;
            };
            let fall = &exact(Some(before)) - &exact(Some(after));
            self.see(before.asset(), &exact(Some(before)));
            if !fall.is_zero() {
                let sums = if gives { &mut self.given } else { &mut self.taken };
                add(sums, (owner, before.asset()), &fall);
            }
        }
    }

    fn amm(&mut self, change: &Change) {
        let Some(account) = change.last.account(f::ACCOUNT) else { return };
        let before = exact(change.before.amount(f::LP_TOKEN_BALANCE));
        let deleted = change.action == NodeAction::Deleted;
        let after = if deleted { Exact::zero() } else { exact(change.last.amount(f::LP_TOKEN_BALANCE)) };
        if let Some(tokens) = change.last.amount(f::LP_TOKEN_BALANCE) {
            self.see(tokens.asset(), &before);
            self.see(tokens.asset(), &after);
        }
        self.supply.insert(account, (before, after));
    }

    /// Looks also at the lines of everybody concerned, changed or not.
    pub fn see_lines(&mut self, tx: &Object, entries: &State) {
        let ends = [tx.account(f::ACCOUNT), tx.account(f::DESTINATION)].into_iter().flatten();
        let owners = self.given.keys().chain(self.taken.keys()).chain(self.moved.keys()).map(|(who, _)| *who);
        let people: BTreeSet<AccountId> = ends.chain(owners).collect();
        let assets: Vec<Asset> = self.largest.keys().copied().collect();
        for asset in assets {
            let Asset::Issued { currency, issuer } = asset else { continue };
            for who in &people {
                let line = entries.get(&keylet::trust_line(who, &issuer, &currency));
                if let Some(balance) = line.and_then(|line| line.amount(f::BALANCE)) {
                    self.see(asset, &exact(Some(balance)));
                }
            }
        }
    }

    fn see(&mut self, asset: Asset, figure: &Exact) {
        let largest = self.largest.entry(asset).or_default();
        if figure.abs() > *largest {
            *largest = figure.abs();
        }
    }
}

/// The value of an amount: drops as whole numbers.
pub fn exact(amount: Option<Amount>) -> Exact {
    match amount {
        Some(Amount::Xrp(drops)) => Exact::new(drops.get().into(), 0),
        Some(Amount::Issued { value, .. }) => Exact::from(value),
        _ => Exact::zero(),
    }
}

/// The sum at a key; zero where there is none.
pub fn at(sums: &Sums, key: (AccountId, Asset)) -> Exact {
    sums.get(&key).cloned().unwrap_or_default()
}

fn add(sums: &mut Sums, key: (AccountId, Asset), more: &Exact) {
    let sum = sums.entry(key).or_default();
    *sum = &*sum + more;
}
