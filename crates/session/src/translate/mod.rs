//! From what the client says to what the engine takes. Pure: no socket, no clock, no decision. What
//! cannot be read is an error that names the transaction, never a silent omission.

mod book;
mod own;
mod pool;
mod reads;

use client::{ClosedLedger, Fees, ValidatedTx};
use engine::{Identity, LedgerHeader, LedgerInput, OwnLedger};
use ledger::meta::TxMeta;
use ledger::{AccountId, Hash256};
use std::collections::BTreeSet;
use units::Drops;

/// Why a message could not be translated.
#[derive(Debug, thiserror::Error)]
pub enum TranslateError {
    /// A transaction or its metadata is not what the ledger's format says.
    #[error("transaction {hash}: {why}")]
    Transaction {
        /// Which one.
        hash: Hash256,
        /// What is wrong with it.
        why: String,
    },
    /// A pinned read holds something that cannot be.
    #[error("pinned read of ledger {index}: {why}")]
    Read {
        /// Which ledger.
        index: u32,
        /// What is wrong with it.
        why: String,
    },
}

/// Translates for one wallet. Remembers whose offers are in the order book, because only their
/// balances matter to it.
#[derive(Debug)]
pub struct Translator {
    identity: Identity,
    owners: BTreeSet<AccountId>,
    fees: Fees,
    /// What the open ledger asks, while that is more than the base fee.
    open_fee: Option<Drops>,
    pool: Option<pool::Followed>,
}

impl Translator {
    /// For this wallet, with the costs in force now.
    pub fn new(identity: Identity, fees: Fees) -> Translator {
        Translator { identity, owners: BTreeSet::new(), fees, open_fee: None, pool: None }
    }

    /// A whole ledger.
    ///
    /// # Errors
    /// [`TranslateError`] for a transaction that cannot be read.
    pub fn ledger(&mut self, ledger: &ClosedLedger) -> Result<LedgerInput, TranslateError> {
        if let Some(fees) = ledger.fees {
            self.fees = fees;
        }
        let mut changes = book::Changes::default();
        let mut own = Vec::new();
        let mut pool_changed = false;
        for tx in &ledger.transactions {
            let meta = meta_of(tx)?;
            book::collect(&self.identity, &self.fees, meta, &mut self.owners, &mut changes);
            if let Some(pool) = &mut self.pool {
                pool_changed |= pool.apply(&self.identity, meta);
            }
            if own::touches(&self.identity.account, tx, meta) {
                own.push(own::evidence(tx, meta)?);
            }
        }
        Ok(LedgerInput {
            header: self.header(ledger),
            complete: ledger.complete,
            book: changes.book,
            owner_funds: changes.funds.into_values().collect(),
            pool: self.pool.as_ref().filter(|_| pool_changed).map(pool::Followed::pool),
            own,
        })
    }

    /// What the open ledger asks now, as `fee` says; the headers of ledgers name the base fee alone.
    pub fn open_fee(&mut self, asked: Drops) {
        self.open_fee = Some(asked).filter(|asked| *asked > self.fees.fee_base);
    }

    /// Whether the open ledger asked more than the base fee when it was last asked about.
    pub fn is_costly(&self) -> bool {
        self.open_fee.is_some()
    }

    /// Whether anything in a ledger touches the wallet, or cannot be read.
    pub fn touches_us(&self, ledger: &ClosedLedger) -> bool {
        let us = &self.identity.account;
        ledger.transactions.iter().any(|tx| meta_of(tx).map_or(true, |meta| own::touches(us, tx, meta)))
    }

    /// The own transactions of back-filled ledgers.
    ///
    /// # Errors
    /// [`TranslateError`] for a transaction that cannot be read.
    pub fn own_ledgers(&self, ledgers: &[ClosedLedger]) -> Result<Vec<OwnLedger>, TranslateError> {
        ledgers
            .iter()
            .map(|ledger| self.own_ledger(ledger.index, ledger.close_time, &ledger.transactions))
            .collect()
    }

    /// One ledger's own transactions.
    ///
    /// # Errors
    /// [`TranslateError`] for a transaction that cannot be read.
    pub fn own_ledger(
        &self,
        index: units::LedgerIndex,
        close_time: units::LedgerTime,
        transactions: &[ValidatedTx],
    ) -> Result<OwnLedger, TranslateError> {
        let evidence = |tx: &ValidatedTx| own::evidence(tx, meta_of(tx)?);
        Ok(OwnLedger { index, close_time, own: transactions.iter().map(evidence).collect::<Result<_, _>>()? })
    }

    fn header(&self, ledger: &ClosedLedger) -> LedgerHeader {
        LedgerHeader {
            index: ledger.index,
            hash: ledger.hash,
            close_time: ledger.close_time,
            reserve_base_drops: self.fees.reserve_base,
            reserve_inc_drops: self.fees.reserve_inc,
            fee_base_drops: self.open_fee.map_or(self.fees.fee_base, |open| open.max(self.fees.fee_base)),
        }
    }
}

fn meta_of(tx: &ValidatedTx) -> Result<&TxMeta, TranslateError> {
    tx.typed_meta().map_err(|error| TranslateError::Transaction { hash: tx.hash, why: error.to_string() })
}
