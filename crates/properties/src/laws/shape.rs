//! The shape of the state: who owns what and how much of it counts, directories and their pages, and books in the order of
//! their rates. Never looks at balances.

use std::collections::BTreeMap;

use ledger::{
    AccountId, EntryType, Hash256, NodeAction, Object, TxMeta, TxType, Value, fields as f, flags, keylet,
};

use super::picture::Change;
use super::{Broken, State, broken};

const OWNED: &str = "OwnerCount is the number of objects owned";
const DIRECTORY: &str = "directories list what is there, once, in its place";
const QUALITY: &str = "an offer lies in the directory of its quality";
/// Entries on a page.
const PAGE_MAX: usize = 32;

/// A new offer lies where the rate it was made with belongs. An issuer with a tick size moves that rate first: then an offer
/// that traded nothing lies at the rate of the amounts it rests with.
pub fn transaction(tx: &Object, meta: &TxMeta, changes: &[Change], entries: &State) -> Result<(), Broken> {
    let is_offer = tx.u32(f::TRANSACTION_TYPE) == Some(TxType::OFFER_CREATE.0.into());
    let created = changes
        .iter()
        .find(|change| change.entry_type == EntryType::OFFER && change.action == NodeAction::Created);
    let (Some(created), true) = (created, is_offer) else { return Ok(()) };
    if !meta.result.is_success() {
        return broken(QUALITY, format!("{} is new after {}", created.index, meta.result));
    }
    let directory = created.last.hash256(f::BOOK_DIRECTORY).unwrap_or(Hash256::ZERO);
    let rate =
        |object: &Object| Some(keylet::rate(&object.amount(f::TAKER_GETS)?, &object.amount(f::TAKER_PAYS)?));
    let amounts = [tx.amount(f::TAKER_GETS), tx.amount(f::TAKER_PAYS)];
    let mut issuers = amounts.iter().flatten().filter_map(|amount| amount.asset().issuer());
    let has_tick = issuers.any(|issuer| {
        entries.get(&keylet::account_root(&issuer)).is_some_and(|root| root.contains(f::TICK_SIZE))
    });
    let traded = changes.iter().any(|change| {
        change.entry_type == EntryType::RIPPLE_STATE || change.previous.contains(f::TAKER_GETS)
    });
    let wanted = match (has_tick, traded) {
        (false, _) => rate(tx),
        (true, false) => rate(&created.last),
        (true, true) => return Ok(()),
    };
    if wanted == Some(keylet::book_rate(&directory)) {
        return Ok(());
    }
    broken(QUALITY, format!("{}: {wanted:?} in {directory}", created.index))
}

/// Holds the laws of shape against a whole state.
pub fn whole(state: &State) -> Result<(), Broken> {
    let mut shape = Shape { state, counted: BTreeMap::new(), places: 0, listed: 0, pages: 0, seen: 0 };
    for (key, entry) in state {
        shape.entry(key, entry)?;
    }
    for (key, entry) in state.iter().filter(|(_, entry)| is(entry, EntryType::DIRECTORY_NODE)) {
        shape.pages += 1;
        if entry.hash256(f::ROOT_INDEX) == Some(*key) {
            shape.directory(*key, entry)?;
        }
    }
    if shape.pages != shape.seen {
        return broken(DIRECTORY, format!("{} pages, {} of them within reach", shape.pages, shape.seen));
    }
    if shape.places != shape.listed {
        return broken(DIRECTORY, format!("{} places, {} listed", shape.places, shape.listed));
    }
    shape.owner_counts()
}

struct Shape<'s> {
    state: &'s State,
    counted: BTreeMap<AccountId, u32>,
    /// Places that entries say they lie at.
    places: usize,
    /// Entries that directories list.
    listed: usize,
    pages: usize,
    seen: usize,
}

impl Shape<'_> {
    fn entry(&mut self, key: &Hash256, entry: &Object) -> Result<(), Broken> {
        let owner = entry.account(f::ACCOUNT).unwrap_or(AccountId::ZERO);
        if is(entry, EntryType::OFFER) {
            *self.counted.entry(owner).or_default() += 1;
            self.places += 2;
            let book = entry.hash256(f::BOOK_DIRECTORY).unwrap_or(Hash256::ZERO);
            let pays = entry.amount(f::TAKER_PAYS).map(|amount| amount.asset());
            let gets = entry.amount(f::TAKER_GETS).map(|amount| amount.asset());
            let (Some(pays), Some(gets)) = (pays, gets) else {
                return broken(QUALITY, format!("{key}: no amounts"));
            };
            if keylet::book_directory(&pays, &gets, keylet::book_rate(&book)) != book {
                return broken(QUALITY, format!("{key} lies in another book: {book}"));
            }
        }
        if is(entry, EntryType::TICKET) {
            *self.counted.entry(owner).or_default() += 1;
            self.places += 1;
        }
        if is(entry, EntryType::AMM) {
            self.places += 1;
        }
        if is(entry, EntryType::RIPPLE_STATE) {
            self.places += 2;
            let line_flags = entry.u32(f::FLAGS).unwrap_or(0);
            for (limit, flag) in
                [(f::LOW_LIMIT, flags::LSF_LOW_RESERVE), (f::HIGH_LIMIT, flags::LSF_HIGH_RESERVE)]
            {
                if let Some(side) = entry.amount(limit).and_then(|limit| limit.asset().issuer())
                    && line_flags & flag != 0
                {
                    *self.counted.entry(side).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    /// One directory from its root page: the ring of pages, and every entry on them.
    fn directory(&mut self, root: Hash256, first: &Object) -> Result<(), Broken> {
        let (mut number, mut before) = (0_u64, 0_u64);
        let mut page = first;
        loop {
            self.seen += 1;
            self.page(root, number, page)?;
            let next = page.u64(f::INDEX_NEXT).unwrap_or(0);
            if number != 0 && page.u64(f::INDEX_PREVIOUS).unwrap_or(0) != before {
                return broken(DIRECTORY, format!("{root} page {number}: the page before is {before}"));
            }
            if next == 0 {
                break;
            }
            before = number;
            number = next;
            let key = keylet::directory_page(&root, next);
            let Some(found) = self.state.get(&key).filter(|page| page.hash256(f::ROOT_INDEX) == Some(root))
            else {
                return broken(DIRECTORY, format!("{root} has no page {next}"));
            };
            page = found;
        }
        if first.u64(f::INDEX_PREVIOUS).unwrap_or(0) != number {
            return broken(DIRECTORY, format!("{root}: its last page is {number}"));
        }
        Ok(())
    }

    fn page(&mut self, root: Hash256, number: u64, page: &Object) -> Result<(), Broken> {
        let Some(Value::Vector256(indexes)) = page.get(f::INDEXES) else {
            return broken(DIRECTORY, format!("{root} page {number} lists nothing"));
        };
        let may_be_empty = number == 0 && page.u64(f::INDEX_NEXT).unwrap_or(0) != 0;
        if indexes.len() > PAGE_MAX || (indexes.is_empty() && !may_be_empty) {
            return broken(DIRECTORY, format!("{root} page {number} lists {}", indexes.len()));
        }
        let owner = page.account(f::OWNER);
        if owner.is_some() && !indexes.is_sorted() {
            return broken(DIRECTORY, format!("{root} page {number} is not sorted"));
        }
        if owner.is_none() && page.u64(f::EXCHANGE_RATE) != Some(keylet::book_rate(&root)) {
            return broken(QUALITY, format!("{root} has another rate"));
        }
        let mut once: Vec<&Hash256> = indexes.iter().collect();
        once.sort_unstable();
        once.dedup();
        if once.len() != indexes.len() {
            return broken(DIRECTORY, format!("{root} page {number} lists something twice"));
        }
        for index in indexes {
            self.listed += 1;
            let entry = self.state.get(index);
            if !entry.is_some_and(|entry| lies_at(entry, root, owner, number)) {
                return broken(
                    DIRECTORY,
                    format!("{root} page {number} lists {index}, which does not lie there"),
                );
            }
        }
        Ok(())
    }

    fn owner_counts(&self) -> Result<(), Broken> {
        for entry in self.state.values().filter(|entry| is(entry, EntryType::ACCOUNT_ROOT)) {
            let Some(who) = entry.account(f::ACCOUNT) else { continue };
            let counted = self.counted.get(&who).copied().unwrap_or(0);
            let said = entry.u32(f::OWNER_COUNT).unwrap_or(0);
            if said != counted {
                return broken(OWNED, format!("{who} owns {counted} and says {said}"));
            }
            self.tickets(who, entry)?;
        }
        Ok(())
    }

    fn tickets(&self, who: AccountId, root: &Object) -> Result<(), Broken> {
        let of_him = |entry: &&Object| is(entry, EntryType::TICKET) && entry.account(f::ACCOUNT) == Some(who);
        let Some(said) = root.u32(f::TICKET_COUNT) else { return Ok(()) };
        let held = self.state.values().filter(of_him).count();
        if u32::try_from(held) == Ok(said) {
            return Ok(());
        }
        broken(OWNED, format!("{who} has {held} tickets and says {said}"))
    }
}

/// Whether the entry says of itself that it lies on this page.
fn lies_at(entry: &Object, root: Hash256, owner: Option<AccountId>, number: u64) -> bool {
    let Some(owner) = owner else {
        return entry.hash256(f::BOOK_DIRECTORY) == Some(root)
            && entry.u64(f::BOOK_NODE).unwrap_or(0) == number;
    };
    if is(entry, EntryType::RIPPLE_STATE) {
        let sides = [(f::LOW_LIMIT, f::LOW_NODE), (f::HIGH_LIMIT, f::HIGH_NODE)];
        return sides.iter().any(|(limit, node)| {
            entry.amount(*limit).and_then(|limit| limit.asset().issuer()) == Some(owner)
                && entry.u64(*node).unwrap_or(0) == number
        });
    }
    entry.account(f::ACCOUNT) == Some(owner) && entry.u64(f::OWNER_NODE).unwrap_or(0) == number
}

fn is(entry: &Object, kind: EntryType) -> bool {
    entry.u32(f::LEDGER_ENTRY_TYPE) == Some(kind.0.into())
}
