//! The closed ledgers with their transactions, found by ledger, by hash and by account. Holds history
//! only; the current state lives in the world.

use std::collections::{BTreeMap, BTreeSet};

use ledger::fields as f;
use ledger::meta::TxMeta;
use ledger::object::{Object, Value};
use ledger::{AccountId, Hash256};
use sim::world::{ClosedLedger, LedgerHeader};
use units::LedgerIndex;

use super::log::{Record, StoredTx};
use crate::limits::{HISTORY_LEDGERS, HISTORY_TRANSACTIONS_PER_LEDGER};

/// A transaction found in history.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    /// Its ledger.
    pub(crate) header: &'a LedgerHeader,
    /// Its place there.
    pub(crate) place: u32,
    /// What is kept of it.
    pub(crate) tx: &'a StoredTx,
}

/// The closed ledgers since the first one kept, without a hole, up to a bound of ledgers and one of transactions.
pub(crate) struct History {
    most: usize,
    most_transactions: usize,
    ledgers: Vec<(LedgerHeader, Vec<StoredTx>)>,
    by_hash: BTreeMap<Hash256, (u32, u32)>,
    by_account: BTreeMap<AccountId, Vec<(u32, u32)>>,
}

impl Default for History {
    fn default() -> Self {
        Self::keeping(HISTORY_LEDGERS)
    }
}

impl History {
    /// Keeps so many ledgers; when there are an eighth more, they are cut back to that.
    pub(crate) fn keeping(ledgers: u32) -> Self {
        Self {
            most: ledgers as usize,
            most_transactions: transactions_of(ledgers),
            ledgers: Vec::new(),
            by_hash: BTreeMap::new(),
            by_account: BTreeMap::new(),
        }
    }

    /// The newest ledgers by themselves.
    pub(crate) fn newest(&self, ledgers: usize) -> Self {
        let mut copy = Self::keeping(u32::try_from(self.most).unwrap_or(u32::MAX));
        for (header, transactions) in self.ledgers.iter().skip(self.ledgers.len().saturating_sub(ledgers)) {
            copy.push(*header, transactions.clone());
        }
        copy
    }

    /// From now on keeps so many.
    pub(crate) fn keep(&mut self, ledgers: u32) {
        self.most = ledgers as usize;
        self.most_transactions = transactions_of(ledgers);
        self.trim();
    }

    /// Adds the next ledger. Metadata that cannot be read back finds no accounts; the caller has read it
    /// once before.
    pub(crate) fn push(&mut self, header: LedgerHeader, transactions: Vec<StoredTx>) {
        let index = header.ledger_index.get();
        for (place, tx) in (0_u32..).zip(&transactions) {
            self.by_hash.insert(tx.hash, (index, place));
            for account in accounts_of(tx) {
                self.by_account.entry(account).or_default().push((index, place));
            }
        }
        self.ledgers.push((header, transactions));
        self.trim();
    }

    fn trim(&mut self) {
        if self.ledgers.len() >= self.most + self.most / 8 {
            self.forget(self.ledgers.len() - self.most);
        }
        let most = self.most_transactions;
        if self.by_hash.len() > most {
            let (mut left, mut ledgers) = (self.by_hash.len(), 0);
            for (_, transactions) in self.ledgers.iter().take(self.ledgers.len().saturating_sub(1)) {
                if left <= most - most / 8 {
                    break;
                }
                (left, ledgers) = (left.saturating_sub(transactions.len()), ledgers + 1);
            }
            self.forget(ledgers);
        }
    }

    /// Forgets the oldest ledgers.
    fn forget(&mut self, ledgers: usize) {
        for (_, transactions) in self.ledgers.drain(..ledgers.min(self.ledgers.len())) {
            for tx in transactions {
                self.by_hash.remove(&tx.hash);
            }
        }
        let first = self.first().unwrap_or_default().get();
        self.by_account.retain(|_, places| {
            places.drain(..places.partition_point(|(index, _)| *index < first));
            // What a busy account once had does not stay reserved for a quiet one.
            places.shrink_to(2 * places.len());
            !places.is_empty()
        });
    }

    /// The oldest ledger kept.
    pub(crate) fn first(&self) -> Option<LedgerIndex> {
        self.ledgers.first().map(|(header, _)| header.ledger_index)
    }

    /// A ledger and its transactions.
    pub(crate) fn ledger(&self, index: LedgerIndex) -> Option<(&LedgerHeader, &[StoredTx])> {
        let offset = index.get().checked_sub(self.first()?.get())?;
        let (header, transactions) = self.ledgers.get(offset as usize)?;
        Some((header, transactions))
    }

    /// The ledger with this hash.
    pub(crate) fn index_of(&self, hash: &Hash256) -> Option<LedgerIndex> {
        let found = self.ledgers.iter().rev().find(|(header, _)| header.ledger_hash == *hash);
        found.map(|(header, _)| header.ledger_index)
    }

    /// A transaction by its id.
    pub(crate) fn by_hash(&self, hash: &Hash256) -> Option<Found<'_>> {
        self.by_hash.get(hash).and_then(|place| self.found(*place))
    }

    /// Places (ledger, place in it) of the transactions that touched an account, ascending.
    pub(crate) fn of_account(&self, account: &AccountId) -> &[(u32, u32)] {
        self.by_account.get(account).map_or(&[], Vec::as_slice)
    }

    /// The transaction at a place.
    pub(crate) fn found(&self, (index, place): (u32, u32)) -> Option<Found<'_>> {
        let (header, transactions) = self.ledger(LedgerIndex(index))?;
        let tx = transactions.get(place as usize)?;
        Some(Found { header, place, tx })
    }
}

impl Record {
    /// What is kept of a ledger just closed.
    pub(crate) fn of(
        closed: &ClosedLedger,
        submitted: Vec<Vec<u8>>,
        closed_at_ms: u64,
    ) -> Result<Self, ledger::ObjectError> {
        let transactions = closed.transactions.iter().map(|tx| {
            Ok(StoredTx {
                hash: tx.hash,
                blob: tx.blob.clone(),
                meta: tx.meta.to_bytes()?,
                owner_funds: tx.owner_funds.map(|amount| bare_amount(&amount)),
            })
        });
        Ok(Self {
            closed_at_ms,
            header: closed.header,
            submitted,
            transactions: transactions.collect::<Result<_, _>>()?,
        })
    }
}

/// An amount without its asset, as `owner_funds` gives it.
pub(crate) fn bare_amount(amount: &ledger::Amount) -> String {
    match amount {
        ledger::Amount::Xrp(drops) => drops.to_string(),
        ledger::Amount::Issued { value, .. } => value.to_string(),
        ledger::Amount::Mpt { value, .. } => value.to_string(),
    }
}

/// The accounts a transaction touched, as a server's `account_tx` counts them: account fields of the
/// nodes' new or final fields, and the issuers of limits and of offers' amounts.
pub(crate) fn accounts_of(tx: &StoredTx) -> BTreeSet<AccountId> {
    let mut accounts = BTreeSet::new();
    let Ok(meta) = TxMeta::from_bytes(&tx.meta) else {
        return accounts;
    };
    for fields in meta.nodes.iter().filter_map(|node| node.fields.as_ref()) {
        collect(fields, &mut accounts);
    }
    accounts
}

fn collect(fields: &Object, accounts: &mut BTreeSet<AccountId>) {
    for (field, value) in fields.iter() {
        match value {
            Value::Account(account) => {
                accounts.insert(*account);
            }
            Value::Amount(amount)
                if [f::LOW_LIMIT, f::HIGH_LIMIT, f::TAKER_PAYS, f::TAKER_GETS].contains(&field) =>
            {
                accounts.extend(amount.asset().issuer());
            }
            _ => {}
        }
    }
}

/// Transactions kept with so many ledgers.
fn transactions_of(ledgers: u32) -> usize {
    (ledgers as usize).saturating_mul(HISTORY_TRANSACTIONS_PER_LEDGER)
}

#[cfg(test)]
mod tests {
    use sim::world::{MarketSpec, World, WorldSpec};
    use units::LedgerTime;

    use super::*;

    #[test]
    fn what_is_forgotten_leaves_no_trace_and_the_rest_is_found() {
        let spec = WorldSpec::paper(1, MarketSpec::Synthetic, LedgerTime(825_638_400));
        let mut world = World::genesis(spec).unwrap();
        let mut history = History::default();
        for _ in 0..30 {
            let record = Record::of(&world.close(), Vec::new(), 0).unwrap();
            history.push(record.header, record.transactions);
        }
        let first = history.first().unwrap();
        let forgotten: Vec<Hash256> =
            history.ledgers[..20].iter().flat_map(|(_, txs)| txs.iter().map(|tx| tx.hash)).collect();
        let kept: Vec<Hash256> =
            history.ledgers[20..].iter().flat_map(|(_, txs)| txs.iter().map(|tx| tx.hash)).collect();
        assert!(!forgotten.is_empty() && !kept.is_empty());
        history.keep(10);
        assert_eq!((history.first(), history.ledgers.len()), (Some(first.plus(20)), 10));
        assert!(history.ledger(first.plus(19)).is_none() && history.ledger(first.plus(20)).is_some());
        assert!(forgotten.iter().all(|hash| history.by_hash(hash).is_none()));
        assert!(kept.iter().all(|hash| history.by_hash(hash).is_some_and(|found| found.tx.hash == *hash)));
        for places in history.by_account.values() {
            assert!(places.iter().all(|place| history.found(*place).is_some()));
        }
        // Too many transactions: the oldest ledgers go, never the newest one.
        let all = history.by_hash.len();
        history.most_transactions = all - 1;
        history.trim();
        assert!(history.first() > Some(first.plus(20)) && history.by_hash.len() <= all - all / 8);
        (history.most_transactions, history.most) = (0, 1_000);
        history.trim();
        assert_eq!((history.first(), history.ledgers.len()), (Some(first.plus(29)), 1));
    }
}
