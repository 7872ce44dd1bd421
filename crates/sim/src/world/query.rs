//! Reading the world: what a server's read methods need. Never changes anything.

use std::collections::BTreeSet;

use ledger::{AccountId, Amount, Asset, Hash256, Object};
use units::stamount::{self, StAmount};
use units::{IssuedValue, LedgerTime};

use super::{AccountLine, AccountOffer, BookOffer, Fees, World};
use crate::amount;
use crate::flow::offers;
use crate::state::{Entries, Entry, Offer, TrustLine, View, directory, index, money, trust};

/// Which state a question is put to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// After the last closed ledger.
    Validated,
    /// In the open ledger: nothing in it is final.
    Current,
}

impl World {
    /// Fees and reserves, as the ledger's own entry has them.
    #[must_use]
    pub fn fees(&self) -> Fees {
        match self.entries.get(&index::fees()) {
            Some(Entry::Fees(fees)) => *fees,
            _ => self.spec.fees,
        }
    }

    /// Ids of the amendments in force, as the ledger's own entry has them.
    #[must_use]
    pub fn amendments(&self) -> &[Hash256] {
        match self.entries.get(&index::amendments()) {
            Some(Entry::Amendments(ids)) => ids,
            _ => &[],
        }
    }

    fn state(&self, at: At) -> &Entries {
        match at {
            At::Validated => &self.entries,
            At::Current => &self.open,
        }
    }

    pub(super) fn view(&self, at: At) -> View<'_> {
        View::new(self.state(at), self.rules(at == At::Current, false))
    }

    /// A ledger entry with all its fields.
    #[must_use]
    pub fn entry(&self, at: At, index: Hash256) -> Option<Object> {
        self.state(at).get(&index).map(Entry::to_object)
    }

    /// Every entry: index and fields.
    pub fn all_entries(&self, at: At) -> impl Iterator<Item = (Hash256, Object)> {
        self.state(at).iter().map(|(key, entry)| (*key, entry.to_object()))
    }

    /// The account's root entry and its index.
    #[must_use]
    pub fn account_root(&self, at: At, account: AccountId) -> Option<(Hash256, Object)> {
        let key = index::account(account);
        Some((key, self.entry(at, key)?))
    }

    /// The account's next sequence; `None` without such an account.
    #[must_use]
    pub fn sequence(&self, at: At, account: AccountId) -> Option<u32> {
        self.view(at).account(account).map(|root| root.sequence)
    }

    /// What the account can spend of an asset; `None` when it issues it.
    #[must_use]
    pub fn spendable(&self, at: At, account: AccountId, asset: &Asset) -> Option<Amount> {
        amount::of_asset(money::spendable(&self.view(at), account, asset)?, asset).ok()
    }

    /// The account's trust lines, in the order of its directory.
    #[must_use]
    pub fn account_lines(&self, at: At, account: AccountId) -> Vec<AccountLine> {
        let view = self.view(at);
        let owned = directory::listed(&view, index::owner_directory(account));
        let lines = owned.into_iter().filter_map(|key| match view.get(&key) {
            Some(Entry::Line(line)) => Some(line_from(account, key, line)),
            _ => None,
        });
        lines.collect()
    }

    /// The account's offers, in the order of its directory. Expired ones are still there until touched.
    #[must_use]
    pub fn account_offers(&self, at: At, account: AccountId) -> Vec<AccountOffer> {
        let view = self.view(at);
        let owned = directory::listed(&view, index::owner_directory(account));
        owned.into_iter().filter_map(|key| Some(offer_shown(key, view.offer(&key)?))).collect()
    }

    /// Everything the account owns: index and fields, in the order of its directory.
    #[must_use]
    pub fn account_objects(&self, at: At, account: AccountId) -> Vec<(Hash256, Object)> {
        let view = self.view(at);
        let owned = directory::listed(&view, index::owner_directory(account));
        owned.into_iter().filter_map(|key| Some((key, view.get(&key)?.to_object()))).collect()
    }

    /// The transactions of the open ledger, in order of arrival: id and bytes.
    pub fn open_transactions(&self) -> impl Iterator<Item = (Hash256, &[u8])> {
        self.pending.iter().map(|pending| (pending.hash, pending.blob.as_slice()))
    }

    /// The best offers of a book, at most `limit`: `taker_pays` is what a taker pays, `taker_gets` what it gets.
    #[must_use]
    pub fn book_offers(
        &self,
        at: At,
        taker_pays: &Asset,
        taker_gets: &Asset,
        limit: usize,
    ) -> Vec<BookOffer> {
        let view = self.view(at);
        let base = index::book_base(taker_pays, taker_gets);
        let end = index::book_end(base);
        let mut page =
            Page { taker_pays, taker_gets, seen: std::collections::BTreeMap::new(), first: BTreeSet::new() };
        let mut shown = Vec::new();
        let mut key = base;
        while let Some(directory_key) = view.successor(key, end) {
            key = directory_key;
            for offer_key in directory::each(&view, directory_key) {
                if shown.len() >= limit {
                    return shown;
                }
                if let Some(offer) = view.offer(&offer_key) {
                    shown.extend(page.show(&view, offer_key, offer));
                }
            }
        }
        shown
    }
}

/// What the offers shown so far leave of their owners' funds.
struct Page<'b> {
    taker_pays: &'b Asset,
    taker_gets: &'b Asset,
    seen: std::collections::BTreeMap<AccountId, StAmount>,
    first: BTreeSet<AccountId>,
}

impl Page<'_> {
    /// Then nobody's funds count.
    fn is_globally_frozen(&self, view: &View) -> bool {
        let mut issuers = [self.taker_pays, self.taker_gets].into_iter().filter_map(Asset::issuer);
        issuers.any(|issuer| money::is_globally_frozen(view, issuer))
    }

    fn show(&mut self, view: &View, key: Hash256, offer: &Offer) -> Option<BookOffer> {
        let rate = index::quality_of(offer.book_directory);
        let owner = offer.account;
        let pair = offers::pair_of(offer).ok()?;
        let issues_itself = self.taker_gets.issuer() == Some(owner);
        let funds = match self.seen.get(&owner) {
            _ if issues_itself => pair.got,
            _ if self.is_globally_frozen(view) => amount::zero(pair.got.kind()),
            Some(left) => *left,
            None => money::spendable(view, owner, self.taker_gets).map(at_least_zero)?,
        };
        let is_first = self.first.insert(owner);
        let fee = match self.taker_gets.issuer() {
            Some(issuer) if issuer != owner => money::transfer_rate(view, issuer),
            _ => money::PARITY,
        };
        let after_fee = if fee == money::PARITY {
            funds
        } else {
            stamount::divide(funds, parts(fee)?, funds.kind()).ok()?
        };
        let funded = amount::compare(after_fee, pair.got).is_ge();
        let (gets, pays) = if funded {
            (pair.got, pair.paid)
        } else {
            let price = stamount::rate_amount(rate).ok()?;
            (
                after_fee,
                amount::least(pair.paid, stamount::multiply(after_fee, price, pair.paid.kind()).ok()?),
            )
        };
        if !issues_itself {
            let with_fee = stamount::multiply(gets, parts(fee)?, gets.kind()).ok()?;
            let used = if fee == money::PARITY { gets } else { amount::least(funds, with_fee) };
            self.seen.insert(owner, amount::sub(funds, used).ok()?);
        }
        let quality = rate_value(rate);
        Some(BookOffer {
            index: key,
            entry: Entry::Offer(offer.clone()).to_object(),
            quality,
            owner_funds: is_first.then(|| amount::of_asset(funds, self.taker_gets).ok()).flatten(),
            taker_gets_funded: (!funded).then(|| amount::of_asset(gets, self.taker_gets).ok()).flatten(),
            taker_pays_funded: (!funded).then(|| amount::of_asset(pays, self.taker_pays).ok()).flatten(),
        })
    }
}

fn at_least_zero(number: StAmount) -> StAmount {
    if amount::signum(number) < 0 { amount::zero(number.kind()) } else { number }
}

/// A rate in parts of 10^9 as a number.
fn parts(rate: u32) -> Option<StAmount> {
    IssuedValue::from_parts(rate.into(), -9).ok().map(StAmount::Issued)
}

fn rate_value(rate: u64) -> IssuedValue {
    match stamount::rate_amount(rate) {
        Ok(StAmount::Issued(value)) => value,
        _ => IssuedValue::ZERO,
    }
}

fn offer_shown(key: Hash256, offer: &Offer) -> AccountOffer {
    AccountOffer {
        index: key,
        flags: offer.flags,
        sequence: offer.sequence,
        taker_gets: offer.taker_gets,
        taker_pays: offer.taker_pays,
        quality: rate_value(index::quality_of(offer.book_directory)),
        expiration: offer.expiration.map(LedgerTime),
    }
}

fn line_from(account: AccountId, key: Hash256, line: &TrustLine) -> AccountLine {
    let is_low = account == line.low;
    let own = trust::side_flags(is_low);
    let peer = trust::side_flags(!is_low);
    let has = |flag: u32| line.flags & flag != 0;
    let quality = if is_low { line.low_quality } else { line.high_quality };
    AccountLine {
        index: key,
        peer: if is_low { line.high } else { line.low },
        currency: line.currency,
        balance: if is_low { line.balance } else { line.balance.negate() },
        limit: if is_low { line.low_limit } else { line.high_limit },
        limit_peer: if is_low { line.high_limit } else { line.low_limit },
        quality_in: quality.0.unwrap_or(0),
        quality_out: quality.1.unwrap_or(0),
        no_ripple: has(own[2]),
        no_ripple_peer: has(peer[2]),
        authorized: has(own[1]),
        peer_authorized: has(peer[1]),
        freeze: has(own[3]),
        freeze_peer: has(peer[3]),
        deep_freeze: has(own[4]),
        deep_freeze_peer: has(peer[4]),
    }
}
