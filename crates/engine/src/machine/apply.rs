//! Applying our own validated transactions: balances by cause, fills exactly once, order events. Order records never
//! decide what happened: the metadata does, and what it does not explain is named.

use super::Engine;
use crate::degraded::Source;
use crate::evidence::{Evidence, EvidenceError};
use crate::explain::{Change, Explanation, explain};
use crate::halt::HaltReason;
use crate::input::OwnTx;
use crate::record::{Account, Asset, CapitalKind, CapitalRow, Cause, MovementRow, Record};
use crate::side::OrderId;
use crate::step::{Level, Step};
use ledger::Hash256;
use units::{Drops, LedgerIndex, LedgerTime, Price};

/// Where a transaction stands, and what the market was just before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub index: LedgerIndex,
    pub at: LedgerTime,
    /// Mid of the last validated ledger before, where it was observed.
    pub mid_before: Option<Price>,
}

/// Why own transactions could not be applied. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unapplied {
    /// The account's chain of transactions has a hole: one of ours is missing.
    Chain { expected: Hash256, found: Hash256 },
    /// Bytes that do not read.
    Unreadable(EvidenceError),
}

impl Engine {
    /// Reads and checks everything first, then applies it in order.
    pub(super) fn apply_own(
        &mut self,
        own: &[OwnTx],
        place: Place,
        parent_close: LedgerTime,
        out: &mut Step,
    ) -> Result<(), Unapplied> {
        self.apply_read(Evidence::read_all(own, &self.identity, parent_close), place, out)
    }

    /// Checks what was read first, then applies it in order.
    pub(super) fn apply_read(
        &mut self,
        read: Result<Vec<Evidence>, EvidenceError>,
        place: Place,
        out: &mut Step,
    ) -> Result<(), Unapplied> {
        let all = read.map_err(Unapplied::Unreadable)?;
        let mut last = self.wallet.account_txn;
        for evidence in &all {
            let Some(before) = evidence.thread else { continue };
            if let (Some(expected), Some(found)) = (last, before)
                && expected != found
            {
                return Err(Unapplied::Chain { expected, found });
            }
            last = Some(evidence.hash);
        }
        self.applied.entry(place.index).or_default().extend(all.iter().map(|evidence| evidence.hash));
        for evidence in &all {
            self.apply_tx(evidence, place, out);
        }
        Ok(())
    }

    fn apply_tx(&mut self, evidence: &Evidence, place: Place, out: &mut Step) {
        let key = self.pending_by_hash(&evidence.hash);
        let is_own = evidence.signer == self.identity.account;
        let announced = if is_own && key.is_none() { self.take_announced(evidence, place) } else { None };
        if is_own && key.is_none() && announced.is_none() {
            let detail = format!("{} {} sequence={}", evidence.tx_type, evidence.hash, evidence.sequence);
            let reason = match evidence.changes_account {
                true => HaltReason::AccountChanged,
                false => HaltReason::ForeignTransaction,
            };
            self.begin_stop(reason, &detail, true, out);
        }
        let mut explanation = explain(evidence, &self.identity, key.is_some());
        if let Some(announced) = announced {
            explanation = self.book_withdrawal(&announced, explanation, evidence.hash, place, out);
        }
        for change in &explanation.changes {
            self.post(change, evidence.hash, place, out);
        }
        self.note_unexplained(&explanation, evidence, out);
        self.take_account_facts(evidence, out);
        if let Some(key) = key {
            let placed = self.pending.get(&key).and_then(|p| p.places);
            self.resolve_validated(key, evidence, place.index, out);
            if let Some(id) = placed {
                self.placement_result(id, evidence, &explanation, place, out);
            }
        }
        for trade in &explanation.trades {
            self.fill(trade, evidence, place, out);
        }
        for offer in &evidence.offers {
            self.offer_change(offer, evidence, place, out);
        }
    }

    /// Moves the books by one change and writes it.
    pub(super) fn post(&mut self, change: &Change, tx_hash: Hash256, place: Place, out: &mut Step) {
        let order_id = change.sequence.and_then(|s| self.order_by_sequence(s));
        self.move_books(change, Some(tx_hash), order_id, place.index, place.at, out);
        if change.cause == Cause::Deposit {
            self.capital(change, Some(tx_hash), "incoming payment", place.index, place.at, out);
        }
        if change.cause == Cause::Fee
            && let Some(burned) = change.amount.abs().scaled(6).to_i128().and_then(|d| i64::try_from(d).ok())
        {
            let burned = Drops::new(burned).unwrap_or(Drops::ZERO);
            let fees = &mut self.measure.figures.fees_drops;
            *fees = fees.saturating_add(burned);
        }
    }

    /// One movement of the double-entry ledger.
    pub(super) fn move_books(
        &mut self,
        change: &Change,
        tx_hash: Option<Hash256>,
        order_id: Option<OrderId>,
        ledger_index: LedgerIndex,
        at: LedgerTime,
        out: &mut Step,
    ) {
        match change.asset {
            Asset::Rlusd => self.wallet.rlusd = &self.wallet.rlusd + &change.amount,
            Asset::Xrp => {
                let drops = change.amount.scaled(6).to_i128().and_then(|d| i64::try_from(d).ok());
                let drops = drops.and_then(|d| Drops::new(d).ok()).unwrap_or(Drops::ZERO);
                self.wallet.xrp = self.wallet.xrp.saturating_add(drops);
            }
        }
        let counter = change.cause.counter_account();
        let (debit, credit) =
            if change.amount.is_negative() { (counter, Account::Wallet) } else { (Account::Wallet, counter) };
        out.records.push(Record::Movement(MovementRow {
            ledger_index,
            at,
            tx_hash,
            asset: change.asset,
            amount: change.amount.abs(),
            debit,
            credit,
            cause: change.cause,
            order_id,
        }));
    }

    /// A deposit: written as a capital event, and kept out of profit and loss.
    pub(super) fn capital(
        &mut self,
        change: &Change,
        tx_hash: Option<Hash256>,
        note: &str,
        ledger_index: LedgerIndex,
        at: LedgerTime,
        out: &mut Step,
    ) {
        let mid = self.last_mid.map(Price::to_exact);
        let value_rlusd = match change.asset {
            Asset::Rlusd => Some(change.amount.clone()),
            Asset::Xrp => mid.map(|mid| &change.amount * &mid),
        };
        let books = &mut self.session;
        match change.asset {
            Asset::Xrp => books.deposited_xrp = &books.deposited_xrp + &change.amount,
            Asset::Rlusd => books.deposited_rlusd = &books.deposited_rlusd + &change.amount,
        }
        match &value_rlusd {
            Some(value) => {
                books.deposited_value = &books.deposited_value + value;
                books.net_deposits = &books.net_deposits + value;
            }
            None => books.unvalued.push(change.amount.clone()),
        }
        // The first books of a wallet are no news; money that arrives in a session is.
        let level = if tx_hash.is_some() { Level::Warn } else { Level::Info };
        out.log(level, "capital", format!("{note} {} {}", change.amount, change.asset.as_str()));
        out.records.push(Record::CapitalEvent(CapitalRow {
            at,
            ledger_index,
            kind: if change.amount.is_negative() { CapitalKind::Withdrawal } else { CapitalKind::Deposit },
            asset: change.asset,
            amount: change.amount.abs(),
            value_rlusd: value_rlusd.map(|value| value.abs()),
            tx_hash,
            note: note.to_owned(),
        }));
    }

    fn note_unexplained(&mut self, explanation: &Explanation, evidence: &Evidence, out: &mut Step) {
        if explanation.clawed_back {
            self.begin_stop(HaltReason::IssuerFreeze, &format!("clawback {}", evidence.hash), true, out);
        }
        if explanation.set_off {
            let detail = format!(
                "{} {} completed what was set up elsewhere with our key: take it down there, or give the engine a wallet \
                 of its own",
                evidence.tx_type, evidence.hash
            );
            self.begin_stop(HaltReason::ForeignTransaction, &detail, true, out);
        }
        if explanation.transfer_fee {
            // Quotes are made for an asset without one. It is booked by its name, and the session ends.
            let detail = format!("the issuer takes a transfer fee: {}", evidence.hash);
            self.begin_stop(HaltReason::InventoryTruthHalt, &detail, true, out);
        }
        let (xrp, rlusd) = (explanation.unexplained_xrp, &explanation.unexplained_rlusd);
        if xrp.is_zero() && rlusd.is_zero() {
            return;
        }
        let figures = &mut self.measure.figures;
        figures.unexplained_xrp = figures.unexplained_xrp.saturating_add(xrp.abs());
        figures.unexplained_rlusd = &figures.unexplained_rlusd + &rlusd.abs();
        let detail =
            format!("unexplained {xrp} drops, {rlusd} RLUSD in {} {}", evidence.tx_type, evidence.hash);
        self.truth.differed_at = self.truth.differed_at.max(self.cursor());
        self.truth.unexplained_tx = Some(evidence.hash);
        self.degrade(Source::InventoryTruth, &detail, out);
    }

    fn take_account_facts(&mut self, evidence: &Evidence, out: &mut Step) {
        self.take_tickets(evidence);
        if let Some(root) = &evidence.root {
            self.wallet.ledger_xrp = root.after;
            self.wallet.sequence = self.wallet.sequence.max(root.sequence);
            self.wallet.owner_count = root.owner_count;
            self.wallet.account_txn = Some(evidence.hash);
        }
        if let Some(line) = &evidence.line {
            self.wallet.ledger_rlusd = line.after;
            self.wallet.is_frozen = line.frozen;
            if line.frozen {
                self.begin_stop(HaltReason::IssuerFreeze, "the trust line is frozen", true, out);
            }
        }
    }
}
