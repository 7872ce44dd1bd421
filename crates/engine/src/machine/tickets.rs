//! The ticket pool: sequences set aside, so that a cancel never waits behind a transaction whose end nobody knows. Says
//! when a ticket is taken, which are free, and when the pool is filled. Never places an offer with a ticket: in one ledger
//! an account's sequences apply before its tickets (xrpl.md, "Found in the recordings", 7).

use super::{Engine, PENDING_MAX, Pending};
use crate::evidence::Evidence;
use crate::halt::HaltReason;
use crate::input::TruthRead;
use crate::risk::{TicketFunds, approve_tickets};
use crate::side::{OrderId, Side};
use crate::step::{Level, SideHold, Step, Wanted};
use ledger::SeqProxy;
use std::collections::BTreeSet;
use std::ops::Range;
use units::{Drops, Exact, LedgerIndex, Rounding};

/// A submission that this many ledgers after its decision is in none of them is stuck: the next ledger is the rule, the
/// one after it the late case.
const UNANSWERED_LEDGERS: u32 = 2;
/// After a TicketCreate that failed or never came, no other for so many ledgers.
const BACK_OFF_LEDGERS: u32 = 50;

impl Pending {
    /// The sequences it uses up if it succeeds; none with a ticket. A TicketCreate sets aside those behind its own.
    pub(super) fn sequences(&self) -> Option<Range<u32>> {
        match self.sequence {
            SeqProxy::Sequence(first) => {
                Some(first..first.saturating_add(1).saturating_add(self.makes_tickets))
            }
            SeqProxy::Ticket(_) => None,
        }
    }

    /// Whether it places or ends an offer of this side, or may: of the cancels of an earlier session nobody knows.
    pub(super) fn is_on(&self, side: Side) -> bool {
        self.makes_tickets == 0 && self.side.is_none_or(|its| its == side)
    }
}

impl Engine {
    /// Whether the next sequence cannot be relied on: one before it is stuck, or a TicketCreate on its way decides which
    /// it is, or none is left.
    pub(super) fn are_sequences_stuck(&self) -> bool {
        self.next_sequence().is_none()
            || self.pending.values().any(|p| p.makes_tickets > 0 || self.is_stuck(p))
    }

    /// Whether a submission by sequence is unanswered though validated ledgers went by, or none can be seen to go by.
    fn is_stuck(&self, pending: &Pending) -> bool {
        let is_blind = self.gap.is_some() || self.is_silent;
        let is_late = self.cursor().since(self.decided_at(pending)) >= UNANSWERED_LEDGERS;
        pending.sequences().is_some() && (is_blind || is_late)
    }

    /// The ledger on which a submission was decided.
    pub(super) fn decided_at(&self, pending: &Pending) -> LedgerIndex {
        LedgerIndex(pending.last_ledger_sequence.get().saturating_sub(self.config.last_ledger_offset))
    }

    /// The lowest ticket that nothing on its way uses. One whose transaction was proved absent is free again.
    pub(super) fn free_ticket(&self) -> Option<u32> {
        let promised = self.promised_tickets();
        self.wallet.tickets.iter().copied().find(|ticket| !promised.contains(ticket))
    }

    fn promised_tickets(&self) -> BTreeSet<u32> {
        let used = self.pending.values().filter_map(|p| match p.sequence {
            SeqProxy::Ticket(ticket) => Some(ticket),
            SeqProxy::Sequence(_) => None,
        });
        used.collect()
    }

    /// Whether a cancel may go past what is to end this offer already: all of that is stuck, and a ticket is free.
    pub(super) fn may_overtake(&self, offer_sequence: u32) -> bool {
        let mut ends = self.pending.values().filter(|p| p.ends == Some(offer_sequence));
        ends.all(|p| self.is_stuck(p)) && self.free_ticket().is_some()
    }

    /// What is on its way on this side is stuck: what must go goes by ticket, and nothing else is done.
    pub(super) fn rescue(&mut self, side: Side, target: &Result<Wanted, SideHold>, out: &mut Step) {
        let is_stuck = |p: &Pending| p.is_on(side) && self.is_stuck(p);
        if !self.pending.values().any(is_stuck) || self.free_ticket().is_none() {
            return;
        }
        for id in self.resting_on(side) {
            if let Some(why) = self.must_go(id, target) {
                self.cancel(id, &why, out);
            }
        }
    }

    /// Why an offer that rests may not stay, if so.
    fn must_go(&self, id: OrderId, target: &Result<Wanted, SideHold>) -> Option<String> {
        match target {
            Err(hold) => hold.to_string().split(' ').next().map(str::to_owned),
            Ok(wanted) => self.urgent_reason(id, wanted).map(str::to_owned),
        }
    }

    /// Fills the pool up: one TicketCreate at a time, only while all is well and the wallet can spare the reserve.
    pub(super) fn refill_tickets(&mut self, out: &mut Step) {
        let held = u32::try_from(self.wallet.tickets.len()).unwrap_or(u32::MAX);
        let count = self.config.ticket_pool.saturating_sub(held);
        let is_unanswered = |p: &Pending| p.makes_tickets > 0 || self.decided_at(p) < self.cursor();
        if count == 0
            || self.cursor() < self.no_tickets_before
            || self.gap.is_some()
            || self.pending.len() >= PENDING_MAX
            || self.pending.values().any(is_unanswered)
        {
            return;
        }
        if let Some(approved) = approve_tickets(&self.ticket_funds(count), count) {
            self.submit(&approved, out);
        }
    }

    /// What the wallet has, and what it needs beside the tickets to quote as before.
    fn ticket_funds(&self, count: u32) -> TicketFunds {
        let asks = self.orders.values().filter(|o| o.row.side == Side::Sell && !o.row.status.is_final());
        let given = asks.fold(Drops::ZERO, |sum, order| sum.saturating_add(order.row.remaining.base));
        let largest = &Exact::from(self.config.base_size_rlusd)
            * &Exact::new(self.config.size_skew_max.get().into(), -6);
        let largest = largest.to_issued(Rounding::Up).ok();
        let wanted =
            self.last_mid.zip(largest).and_then(|(mid, quote)| mid.base_for(quote, Rounding::Up).ok());
        TicketFunds {
            xrp: self.wallet.xrp,
            reserve: self.reserve_with(i64::from(count).saturating_add(1)),
            kept: self.config.fee_buffer_drops.saturating_add(self.config.max_fee_drops),
            quoted: given.max(wanted.unwrap_or(Drops::MAX)),
        }
    }

    /// A TicketCreate is on its way: until its end is known nobody knows the next sequence for certain.
    pub(super) fn is_making_tickets(&self) -> bool {
        self.pending.values().any(|p| p.makes_tickets > 0)
    }

    /// A TicketCreate that made none is not tried again at once.
    pub(super) fn note_no_tickets(&mut self, pending: &Pending, at: LedgerIndex) {
        if pending.makes_tickets > 0 {
            self.no_tickets_before = at.plus(BACK_OFF_LEDGERS);
        }
    }

    /// Tickets made and used, by validated metadata.
    pub(super) fn take_tickets(&mut self, evidence: &Evidence) {
        self.wallet.tickets.extend(&evidence.tickets_made);
        for ticket in &evidence.tickets_gone {
            self.wallet.tickets.remove(ticket);
        }
    }

    /// A ticket that went and that our own transactions do not explain was used by somebody else. Those of submissions
    /// whose end was not seen are ours to find in the history first.
    pub(super) fn compare_tickets(&mut self, truth: &TruthRead, out: &mut Step) {
        let shown: BTreeSet<u32> = truth.tickets.iter().copied().collect();
        let unknown: Vec<u32> = shown.difference(&self.wallet.tickets).copied().collect();
        if !unknown.is_empty() {
            // Whoever made them used sequences for it, and those are compared; until then they are not ours to use.
            out.log(Level::Warn, "tickets", format!("unknown={unknown:?}"));
        }
        let gone: BTreeSet<u32> = self.wallet.tickets.difference(&shown).copied().collect();
        if gone.is_empty() {
            return;
        }
        let signed = self.pending.values().filter(|p| p.hash.is_some()).map(|p| p.sequence);
        let signed: BTreeSet<SeqProxy> = signed.collect();
        if gone.iter().all(|ticket| signed.contains(&SeqProxy::Ticket(*ticket))) {
            out.log(Level::Warn, "tickets", format!("used={gone:?}: sent, and not seen validated"));
            return self.search_from(self.applied_from, out);
        }
        self.wallet.tickets.retain(|ticket| !gone.contains(ticket));
        let detail = format!("tickets {gone:?} are gone from the ledger, our transactions did not use them");
        self.begin_stop(HaltReason::ForeignTransaction, &detail, true, out);
    }
}
