//! Closing a ledger: the agents' last word, the canonical order of its transactions, their application, the header.
//! Never changes a closed ledger.

use std::collections::BTreeSet;

use ledger::hash::sha512_half;
use ledger::{AccountId, Amount, Hash256, SeqProxy, TxType, fields as f};
use units::{Drops, LedgerIndex, LedgerTime};

use super::open::Pending;
use super::{AppliedTx, ClosedLedger, LedgerHeader, OpenTx, World};
use crate::amount;
use crate::state::tree::Tree;
use crate::state::{View, money, system};
use crate::ter;
use crate::tx::{self, Tx};
use ledger::shamap;

/// Passes over the transactions of a ledger; in all but the last ones a `tec` waits for a later try.
const PASSES: u32 = 3;
/// Passes with another one sure to come.
const RETRY_PASSES: u32 = 1;
/// Seconds to which close times are rounded.
const RESOLUTION: u32 = 10;

impl World {
    /// Lets the interval pass, lets the agents act, and closes the open ledger.
    pub fn close(&mut self) -> ClosedLedger {
        let now = self.now.plus_seconds(self.spec.ledger_interval_seconds);
        self.close_at(now)
    }

    /// The same at a time of the caller's choosing (never back in time).
    pub fn close_at(&mut self, now: LedgerTime) -> ClosedLedger {
        let now = now.max(self.now);
        self.run_agents(now);
        self.now = now;
        self.close_without_agents()
    }

    /// The same as [`World::close`] by a network that took more than five seconds to agree: what a ledger is expected to
    /// take falls then.
    pub fn close_slowly(&mut self) -> ClosedLedger {
        let now = self.now.plus_seconds(self.spec.ledger_interval_seconds);
        self.run_agents(now);
        self.now = now;
        self.close_at_pace(true)
    }

    /// Lets the agents send what they want in the ledger that [`World::close`] closes next, and gives what of it came
    /// into the open ledger. What they send is the same whenever they are asked: they see closed ledgers only. A second
    /// call before the close gives nothing.
    pub fn act(&mut self) -> Vec<OpenTx> {
        self.run_agents(self.now.plus_seconds(self.spec.ledger_interval_seconds))
    }

    fn run_agents(&mut self, now: LedgerTime) -> Vec<OpenTx> {
        if std::mem::replace(&mut self.has_acted, true) {
            return Vec::new();
        }
        let Some(mut market) = self.market.take() else {
            return Vec::new();
        };
        let mut sent = Vec::new();
        for signed in market.act(now, &self.entries, &self.spec.market) {
            let Ok(tx) = Tx::read(&signed.blob) else { continue };
            let handed = self.submit_verified(&tx);
            if handed.applied {
                sent.push(OpenTx { blob: tx.blob, hash: tx.hash, result: handed.result });
            }
        }
        self.market = Some(market);
        sent
    }

    /// Takes another ledger's hash for that of the last closed one. A replay of a server's ledgers needs it: what comes
    /// next depends on its parent's hash (a new pool's address), and the server's state holds entries this world has not.
    pub fn adopt_ledger_hash(&mut self, hash: Hash256) {
        self.header.ledger_hash = hash;
        self.queue.adopt(hash);
    }

    /// Closes at the present time with what is there.
    pub(super) fn close_without_agents(&mut self) -> ClosedLedger {
        self.close_at_pace(false)
    }

    /// The same by a network that took more than five seconds over it when `is_slow`.
    fn close_at_pace(&mut self, is_slow: bool) -> ClosedLedger {
        self.queue.begin_close();
        let held = self.held.take_all(self.header.ledger_hash);
        self.try_again(held);
        let pending = std::mem::take(&mut self.pending);
        let mut waiting = canonical(pending);
        let mut done = Vec::new();
        let mut burned = Drops::ZERO;
        for_passes(|certain_retry| {
            let before = done.len();
            let rules = self.rules(false, certain_retry);
            waiting.retain_mut(|(pending, tx)| {
                let applied = tx::apply(&mut self.entries, tx, rules);
                let Some(meta) = applied.meta else {
                    return !ter::is_final_failure(applied.result);
                };
                burned = burned.saturating_add(applied.burned);
                applied.touched.into_iter().for_each(|key| note(&mut self.tree, &mut self.differs, key));
                done.push((std::mem::take(&mut pending.blob), tx.clone(), meta));
                false
            });
            done.len() > before
        });
        let paid: Vec<(Drops, Drops)> =
            done.iter().map(|(_, tx, _)| (tx.fee, tx::base_fee(tx.tx_type, &self.spec.fees))).collect();
        let transactions = self.number(done);
        let LedgerHeader { ledger_index, ledger_hash, .. } = self.header;
        for key in system::remember_parent(&mut self.entries, ledger_index.0, ledger_hash) {
            note(&mut self.tree, &mut self.differs, key);
        }
        self.header = self.next_header(&transactions, burned);
        self.queue.closed(&paid, is_slow, self.header.ledger_index.0);
        self.reopen(waiting, &transactions);
        ClosedLedger { header: self.header, transactions }
    }

    fn number(&self, done: Vec<(Vec<u8>, Tx, ledger::TxMeta)>) -> Vec<AppliedTx> {
        let numbered = done.into_iter().zip(0_u32..);
        let finished = numbered.map(|((blob, tx, mut meta), index)| {
            meta.index = index;
            AppliedTx { blob, hash: tx.hash, meta, index, owner_funds: self.owner_funds_of(&tx) }
        });
        finished.collect()
    }

    /// For an OfferCreate: what its sender can fund, freeze not counted.
    fn owner_funds_of(&self, tx: &Tx) -> Option<Amount> {
        let gets = tx.amount(f::TAKER_GETS).filter(|_| tx.tx_type == TxType::OFFER_CREATE)?;
        let view = View::new(&self.entries, self.rules(false, false));
        let asset = gets.asset();
        if asset.issuer() == Some(tx.account) {
            return None;
        }
        let funds = match asset {
            ledger::Asset::Issued { currency, issuer } => {
                units::stamount::StAmount::Issued(money::issued_balance(&view, tx.account, issuer, currency))
            }
            _ => money::spendable(&view, tx.account, &asset)?,
        };
        amount::of_asset(funds, &asset).ok()
    }

    fn next_header(&mut self, transactions: &[AppliedTx], burned: Drops) -> LedgerHeader {
        let parent = self.header;
        let mut header = LedgerHeader {
            ledger_index: LedgerIndex(parent.ledger_index.0.saturating_add(1)),
            ledger_hash: Hash256::ZERO,
            parent_hash: parent.ledger_hash,
            account_hash: self.account_hash(),
            transaction_hash: transaction_hash(transactions),
            close_time: rounded(self.now).max(parent.close_time.plus_seconds(1)),
            parent_close_time: parent.close_time,
            close_time_resolution: parent.close_time_resolution,
            close_flags: 0,
            total_coins: parent.total_coins.saturating_sub(burned),
        };
        header.ledger_hash = ledger_hash(&header);
        header
    }

    /// Root of the state tree.
    pub(super) fn account_hash(&mut self) -> Hash256 {
        self.tree.root(&self.entries)
    }
}

/// Runs the passes over what is to be applied: in the first ones, told so, a `tec` waits for a later try. A pass says
/// whether it applied anything.
pub(super) fn for_passes(mut pass_over: impl FnMut(bool) -> bool) {
    let mut certain_retry = true;
    for pass in 0..PASSES {
        let changed = pass_over(certain_retry);
        if !changed && !certain_retry {
            break;
        }
        if !changed || pass >= RETRY_PASSES {
            certain_retry = false;
        }
    }
}

/// An entry of the closed state changed.
fn note(tree: &mut Tree, differs: &mut Option<BTreeSet<Hash256>>, key: Hash256) {
    tree.touch(key);
    if let Some(keys) = differs {
        keys.insert(key);
    }
}

/// The order of application: by account (salted with the hash of the set), sequences before tickets, then id.
fn canonical(pending: Vec<Pending>) -> Vec<(Pending, Tx)> {
    let read = |pending: Pending| Tx::read(&pending.blob).ok().map(|tx| (pending, tx));
    let mut all: Vec<(Pending, Tx)> = pending.into_iter().filter_map(read).collect();
    all.sort_by_key(|(_, tx)| tx.hash);
    let leaves: Vec<(Hash256, Hash256)> = all.iter().map(|(_, tx)| (tx.hash, tx.hash)).collect();
    let salt = shamap::root(&leaves);
    all.sort_by_key(|(_, tx)| {
        let sequence = match tx.sequence {
            SeqProxy::Sequence(number) => (0, number),
            SeqProxy::Ticket(number) => (1, number),
        };
        (salted(tx.account, &salt), sequence, tx.hash)
    });
    all
}

/// An account's place in an order that nobody chooses.
pub(super) fn salted(account: AccountId, salt: &Hash256) -> Hash256 {
    let mut key = salt.0;
    for (byte, own) in key.iter_mut().zip(account.0) {
        *byte ^= own;
    }
    Hash256(key)
}

fn transaction_hash(transactions: &[AppliedTx]) -> Hash256 {
    let leaf = |tx: &AppliedTx| {
        let metadata = tx.meta.to_bytes().unwrap_or_default();
        (tx.hash, shamap::transaction_leaf(tx.hash, &tx.blob, &metadata))
    };
    let mut leaves: Vec<(Hash256, Hash256)> = transactions.iter().map(leaf).collect();
    leaves.sort_unstable();
    shamap::root(&leaves)
}

/// Hash of a header's fields (XRP Ledger documentation, "Ledger Header").
pub(super) fn ledger_hash(header: &LedgerHeader) -> Hash256 {
    sha512_half(&[
        b"LWR\0",
        &header.ledger_index.0.to_be_bytes(),
        &header.total_coins.get().to_be_bytes(),
        header.parent_hash.as_bytes(),
        header.transaction_hash.as_bytes(),
        header.account_hash.as_bytes(),
        &header.parent_close_time.0.to_be_bytes(),
        &header.close_time.0.to_be_bytes(),
        &[header.close_time_resolution, header.close_flags],
    ])
}

/// To the nearest multiple of the resolution, halves up.
fn rounded(time: LedgerTime) -> LedgerTime {
    let raised = time.plus_seconds(RESOLUTION / 2).0;
    LedgerTime(raised - raised % RESOLUTION)
}
