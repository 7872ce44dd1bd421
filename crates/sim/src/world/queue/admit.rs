//! Who enters the open ledger, who the queue, who neither: the reference server's rules for a transaction that arrives
//! (XRP Ledger documentation, "Transaction Queue", "Queueing restrictions"; results `terQUEUED` and `telCAN_NOT_QUEUE...`).

use ledger::{ResultCode, SeqProxy, fields as f};
use units::Drops;

use super::level::{BASE_LEVEL, paid, scaled};
use super::queued::{Effect, Queued, RETRIES};
use super::{DropReason, Queue};
use crate::state::{AccountRoot, Entry, Rules, View, index};
use crate::ter::*;
use crate::tx::{self, Tx};
use crate::world::World;

/// Drops of fees above which the reserve is looked at, in base fees.
const RESERVE_MATTERS_FROM_BASE_FEES: i64 = 10;

/// What the sender's account will be when the transactions before this one are applied.
struct Later {
    balance: Drops,
    sequence: u32,
}

/// A transaction at the queue's door.
pub(super) struct Candidate<'t> {
    pub(super) tx: &'t Tx,
    effect: Effect,
    /// The level it pays.
    pub(super) level: u64,
    /// The level the open ledger asks for.
    required: u64,
    /// The sender's account in the open ledger.
    pub(super) root: &'t AccountRoot,
    /// What holds in the open ledger.
    rules: Rules,
    /// It must not wait anywhere (`fail_hard`).
    is_hard: bool,
}

impl World {
    /// Applies a transaction to the open ledger when it pays what that costs now, else queues it, else refuses it. Gives
    /// its result and whether it was applied.
    pub(in crate::world) fn admit(&mut self, tx: &Tx, is_hard: bool) -> (ResultCode, bool) {
        let level = paid(tx.fee, tx::base_fee(tx.tx_type, &self.spec.fees));
        let required = self.required_level();
        if level >= required && self.is_next(tx) {
            let applied = self.apply_open(tx);
            if applied.applied {
                self.queue.give_way(tx.account, tx.sequence, tx.hash);
            }
            return (applied.result, applied.applied);
        }
        if let Err(result) = tx::preflight(tx, &self.rules(true, false)) {
            return (result, false);
        }
        let Some(root) = self.open_root(tx) else {
            return (TER_NO_ACCOUNT, false);
        };
        let candidate = Candidate { is_hard, ..self.candidate(tx, &root, self.rules(true, false)) };
        match self.admit_to_queue(&candidate) {
            Ok(done) => done,
            Err(result) => (result, false),
        }
    }

    /// A transaction of this account at the queue's door.
    pub(super) fn candidate<'t>(&self, tx: &'t Tx, root: &'t AccountRoot, rules: Rules) -> Candidate<'t> {
        let level = paid(tx.fee, tx::base_fee(tx.tx_type, &self.spec.fees));
        let required = self.required_level();
        Candidate { tx, effect: Effect::of(tx), level, required, root, rules, is_hard: false }
    }

    /// The level a transaction needs to enter the open ledger now.
    pub(super) fn required_level(&self) -> u64 {
        self.queue.load.level(u64::try_from(self.pending.len()).unwrap_or(u64::MAX))
    }

    /// Whether its number is the account's next one, or a ticket's.
    pub(super) fn is_next(&self, tx: &Tx) -> bool {
        match (self.open.get(&index::account(tx.account)), tx.sequence) {
            (Some(Entry::Account(root)), SeqProxy::Sequence(number)) => root.sequence == number,
            (Some(Entry::Account(_)), SeqProxy::Ticket(_)) => true,
            _ => false,
        }
    }

    pub(super) fn open_root(&self, tx: &Tx) -> Option<AccountRoot> {
        match self.open.get(&index::account(tx.account)) {
            Some(Entry::Account(root)) => Some(root.clone()),
            _ => None,
        }
    }

    fn admit_to_queue(&mut self, candidate: &Candidate) -> Result<(ResultCode, bool), ResultCode> {
        let has_others = self.check_door(candidate)?;
        if has_others
            && self.may_rescue(candidate)
            && let Some(result) = self.rescue(candidate.tx, candidate.root.sequence, candidate.level)
        {
            return Ok((result, true));
        }
        self.check_inside(candidate, has_others)?;
        self.queue.make_room(candidate)?;
        let tx = candidate.tx;
        let queued = Queued::new(tx, candidate.level, candidate.effect);
        self.queue.insert(tx.account, tx.sequence, queued);
        Ok((TER_QUEUED, false))
    }

    /// Whether its number fits and it would burn its fee. Gives whether others of its account are before it.
    pub(super) fn check_door(&self, candidate: &Candidate) -> Result<bool, ResultCode> {
        self.check_ticket(candidate)?;
        self.queue.check_blockers(candidate)?;
        self.queue.check_replaced(candidate)?;
        let fees = &self.spec.fees;
        let later = self.queue.check_place(candidate, fees.base_fee, fees.reserve_base)?;
        self.check_likely(candidate, later.as_ref())?;
        Ok(later.is_some())
    }

    /// Whether one without others of its account before it may wait; the others' followers were asked at the door.
    pub(super) fn check_inside(&self, candidate: &Candidate, has_others: bool) -> Result<(), ResultCode> {
        if has_others { Ok(()) } else { self.queue.check_holdable(candidate) }
    }

    /// A ticket must be in the ledger: one that is yet to be made does not do.
    fn check_ticket(&self, candidate: &Candidate) -> Result<(), ResultCode> {
        let SeqProxy::Ticket(number) = candidate.tx.sequence else { return Ok(()) };
        if self.open.contains_key(&index::ticket(candidate.tx.account, number)) {
            return Ok(());
        }
        Err(if number < candidate.root.sequence { TEF_NO_TICKET } else { TER_PRE_TICKET })
    }

    /// Whether it would burn its fee if its turn had come: everything but its number is checked.
    fn check_likely(&self, candidate: &Candidate, later: Option<&Later>) -> Result<(), ResultCode> {
        let mut view = View::new(&self.open, candidate.rules);
        if let (Some(later), Some(root)) = (later, view.account_mut(candidate.tx.account)) {
            root.balance = later.balance;
            root.sequence = later.sequence;
        }
        tx::likely(&view, candidate.tx)
    }

    /// Whether it pays for itself above the escalated cost, with untried transactions of its account before it.
    pub(super) fn may_rescue(&self, candidate: &Candidate) -> bool {
        let first = self.queue.live(candidate.tx.account, candidate.root.sequence).next();
        matches!(candidate.tx.sequence, SeqProxy::Sequence(_))
            && first.is_some_and(|(_, queued)| queued.retries == RETRIES)
            && candidate.level > candidate.required
            && candidate.required > BASE_LEVEL
    }
}

impl Queue {
    /// A blocker is alone in its account's queue.
    fn check_blockers(&self, candidate: &Candidate) -> Result<(), ResultCode> {
        let mut live = self.live(candidate.tx.account, candidate.root.sequence);
        let (first, second) = (live.next(), live.next());
        let takes_place_of_only =
            second.is_none() && first.is_some_and(|(number, _)| number == candidate.tx.sequence);
        if candidate.effect.is_blocker && first.is_some() && !takes_place_of_only {
            return Err(TEL_CAN_NOT_QUEUE_BLOCKS);
        }
        let is_blocked = second.is_none() && first.is_some_and(|(_, queued)| queued.effect.is_blocker);
        if is_blocked && !takes_place_of_only {
            return Err(TEL_CAN_NOT_QUEUE_BLOCKED);
        }
        Ok(())
    }

    /// To take another one's place it must pay more by the set percentage.
    fn check_replaced(&self, candidate: &Candidate) -> Result<(), ResultCode> {
        let tx = candidate.tx;
        let replaced = self.get(tx.account, tx.sequence);
        let Some(replaced) = replaced.filter(|_| self.has_live(candidate)) else { return Ok(()) };
        let percent = u64::from(self.settings.retry_sequence_percent).saturating_add(100);
        let needed = scaled(replaced.level, percent, 100).unwrap_or(u64::MAX);
        if candidate.level > needed { Ok(()) } else { Err(TEL_CAN_NOT_QUEUE_FEE) }
    }

    fn has_live(&self, candidate: &Candidate) -> bool {
        self.live(candidate.tx.account, candidate.root.sequence).next().is_some()
    }

    /// Whether its number fits those already there. With others of its account in the queue: what the account will be when
    /// its turn comes.
    fn check_place(
        &self,
        candidate: &Candidate,
        base_fee: Drops,
        reserve: Drops,
    ) -> Result<Option<Later>, ResultCode> {
        let (tx, root) = (candidate.tx, candidate.root);
        let own = SeqProxy::Sequence(root.sequence);
        let count = self.live(tx.account, root.sequence).count();
        let is_replacing = self.get(tx.account, tx.sequence).is_some();
        if tx.sequence < own {
            return Err(TEF_PAST_SEQ);
        }
        let is_ahead = matches!(tx.sequence, SeqProxy::Sequence(number) if number > root.sequence);
        if count == 0 {
            return if is_ahead { Err(TER_PRE_SEQ) } else { Ok(None) };
        }
        if count == 1 && is_replacing {
            return Ok(None);
        }
        self.check_holdable(candidate)?;
        let next = self.next_queueable(tx.account, root.sequence);
        let first = self.lines.get(&tx.account).and_then(|line| line.txs.keys().next());
        if first.is_some_and(|first| tx.sequence < *first) {
            if is_ahead {
                return Err(TER_PRE_SEQ);
            }
        } else if !is_replacing && matches!(tx.sequence, SeqProxy::Sequence(_)) && tx.sequence != next {
            return Err(TEL_CAN_NOT_QUEUE);
        }
        let sequence = match tx.sequence {
            SeqProxy::Sequence(number) => number,
            SeqProxy::Ticket(_) => next.number(),
        };
        Ok(Some(Later { balance: self.balance_later(candidate, base_fee, reserve)?, sequence }))
    }

    /// The sender's balance when the others of its account are applied and spend what they may.
    fn balance_later(
        &self,
        candidate: &Candidate,
        base_fee: Drops,
        reserve: Drops,
    ) -> Result<Drops, ResultCode> {
        let balance = candidate.root.balance;
        let mut others = self.live(candidate.tx.account, candidate.root.sequence).peekable();
        let (mut fees, mut spend) = (Drops::ZERO, Drops::ZERO);
        while let Some((number, queued)) = others.next() {
            let effect = match number == candidate.tx.sequence {
                false => queued.effect,
                // In the middle its own fee counts; as the last one it is what is checked.
                true if others.peek().is_some() => candidate.effect,
                true => continue,
            };
            fees = fees.saturating_add(effect.fee);
            spend = spend.saturating_add(effect.spend);
        }
        let much = base_fee.get().saturating_mul(RESERVE_MATTERS_FROM_BASE_FEES);
        if fees >= balance || (reserve.get() > much && fees >= reserve) {
            return Err(TEL_CAN_NOT_QUEUE_BALANCE);
        }
        let free = balance.saturating_sub(balance.min(reserve));
        Ok(balance.saturating_sub(fees.saturating_add(free.min(spend))))
    }

    /// Whether it may wait at all: for long enough to have a chance, and with not too many of its account.
    fn check_holdable(&self, candidate: &Candidate) -> Result<(), ResultCode> {
        let (tx, root) = (candidate.tx, candidate.root);
        if candidate.is_hard || tx.object.contains(f::ACCOUNT_TXN_ID) {
            return Err(TEL_CAN_NOT_QUEUE);
        }
        let first_good =
            candidate.rules.ledger_index.0.saturating_add(self.settings.minimum_last_ledger_buffer);
        if tx.number(f::LAST_LEDGER_SEQUENCE).is_some_and(|last| last < first_good) {
            return Err(TEL_CAN_NOT_QUEUE);
        }
        let Some(line) = self.lines.get(&tx.account) else { return Ok(()) };
        let has_room =
            line.txs.len() < usize::try_from(self.settings.maximum_txn_per_account).unwrap_or(usize::MAX);
        if has_room || line.txs.contains_key(&tx.sequence) {
            return Ok(());
        }
        // One more only to fill the first gap of the sequences.
        let next = self.next_queueable(tx.account, root.sequence);
        let after = (std::ops::Bound::Excluded(next), std::ops::Bound::Unbounded);
        let following = line.txs.range(after).next().map(|(number, _)| *number);
        match (tx.sequence == next, following) {
            (true, Some(SeqProxy::Sequence(_))) => Ok(()),
            _ => Err(TEL_CAN_NOT_QUEUE_FULL),
        }
    }

    /// In a full queue the cheapest other account's last transaction goes, when this one pays more than that account's
    /// transactions do on average.
    pub(super) fn make_room(&mut self, candidate: &Candidate) -> Result<(), ResultCode> {
        let tx = candidate.tx;
        if self.get(tx.account, tx.sequence).is_some() || !self.is_full(100) {
            return Ok(());
        }
        let places = self.places();
        let cheapest = places.iter().rev().find(|place| place.account != tx.account);
        let cheapest = *cheapest.ok_or(TEL_CAN_NOT_QUEUE_FULL)?;
        let line = self.lines.get(&cheapest.account).ok_or(TEL_CAN_NOT_QUEUE_FULL)?;
        let lowest = cheapest.level.0;
        let value = if lowest > candidate.level { lowest } else { average(line.txs.values()) };
        let last = line.txs.keys().next_back().copied();
        match last.filter(|_| candidate.level > value) {
            Some(last) => {
                self.lose(cheapest.account, last, DropReason::Outbid(tx.hash));
                Ok(())
            }
            None => Err(TEL_CAN_NOT_QUEUE_FULL),
        }
    }
}

/// The mean level, rounded down.
fn average<'q>(txs: impl ExactSizeIterator<Item = &'q Queued>) -> u64 {
    let count = u128::try_from(txs.len()).unwrap_or(u128::MAX);
    let total: u128 = txs.map(|queued| u128::from(queued.level)).sum();
    u64::try_from(total.checked_div(count).unwrap_or(0)).unwrap_or(u64::MAX)
}
