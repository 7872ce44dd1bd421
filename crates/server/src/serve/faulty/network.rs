//! Faults of the network and its nodes: validation that stalls, nodes that show another ledger than the network's,
//! endpoints that are down; and what waits for a ledger to close. Each closed ledger comes past here, before and
//! after it is told.

use ledger::{KeyPair, SeqProxy, Transaction, TxKind, sign};
use sim::identity;
use sim::world::{At, LedgerHeader};
use units::Drops;

use super::{COPY_LEDGERS, Faulty, Later};
use crate::embedded::EmbeddedLedger;
use crate::faults::{FiredFault, Strike, What};
use crate::serve::hub::{ClientId, Hub};
use crate::serve::queue::Wire;

impl Hub {
    /// Which node's ledger a connection sees: `None` is the network's.
    pub(in crate::serve) fn view_of(&self, connection: u64, node: u8) -> Option<usize> {
        let faults = self.faults.as_ref()?;
        faults.copies.keys().copied().find(|rule| faults.concerns(*rule, connection, node))
    }

    /// Whether nobody can reach this node.
    pub(in crate::serve) fn endpoint_is_down(&self, node: u8) -> bool {
        let ledger = self.newest_ledger();
        let Some(faults) = &self.faults else { return false };
        let mut down = faults.decider.conditions(ledger).filter(|(_, what)| **what == What::EndpointDown);
        // A newcomer has no number yet: only faults that are for everybody on the node keep it out.
        down.any(|(rule, _)| faults.decider.concerns(rule, u64::MAX, node))
    }

    /// Whether the ledger that is to close now stays open: the network does not validate.
    pub(in crate::serve) fn validation_stalls(&mut self) -> bool {
        let ledger = self.newest_ledger();
        let Some(faults) = &mut self.faults else { return false };
        let stalled = faults.stalls.iter_mut().find(|(_, left)| **left > 0);
        let Some((_, left)) = stalled else { return false };
        *left -= 1;
        let detail = format!("ledger {} does not close; {left} closes to go", ledger.saturating_add(1));
        let fired = FiredFault { kind: "stalled_validation", connection: 0, ledger, detail };
        faults.log.note(fired, None);
        // The agents go on submitting, as everybody does, where that changes nothing for a ledger on disk.
        if self.ledger.is_in_memory() {
            self.act();
        }
        true
    }

    /// Acts with the ledger of another node in place of the network's.
    pub(super) fn in_view<T>(&mut self, view: Option<usize>, act: impl FnOnce(&mut Self) -> T) -> T {
        let other = view.and_then(|rule| self.faults.as_mut()?.copies.remove(&rule));
        let (Some(rule), Some(other)) = (view, other) else { return act(self) };
        self.look_at(rule, other, act)
    }

    /// Acts with a ledger that is thrown away afterwards, and that nobody hears of.
    pub(super) fn in_vain<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let copy = self.ledger.copy(COPY_LEDGERS);
        let done = self.look_at(super::NOBODY, copy, act);
        if let Some(faults) = &mut self.faults {
            faults.copies.remove(&super::NOBODY);
        }
        done
    }

    fn look_at<T>(&mut self, rule: usize, other: EmbeddedLedger, act: impl FnOnce(&mut Self) -> T) -> T {
        // The network's ledger waits in the place of the other one.
        let network = std::mem::replace(&mut self.ledger, other);
        let viewed = self.view.replace(rule);
        if let Some(faults) = &mut self.faults {
            faults.copies.insert(rule, network);
        }
        let done = act(self);
        self.view = viewed;
        if let Some(network) = self.faults.as_mut().and_then(|faults| faults.copies.remove(&rule)) {
            let other = std::mem::replace(&mut self.ledger, network);
            if let Some(faults) = &mut self.faults {
                faults.copies.insert(rule, other);
            }
        }
        done
    }

    /// A ledger closed and nobody heard of it yet: nodes whose trouble is over show the network's ledger again, and
    /// those that went their own way close their own.
    pub(in crate::serve) fn before_publishing(&mut self, header: &LedgerHeader) {
        let ledger = header.ledger_index.get();
        let Some(faults) = &mut self.faults else { return };
        let holding: Vec<usize> = faults.decider.conditions(ledger).map(|(rule, _)| rule).collect();
        faults.copies.retain(|rule, _| holding.contains(rule));
        for rule in faults.forks() {
            self.in_view(Some(rule), |hub| match hub.ledger.close() {
                Ok(header) => hub.publish(&header),
                Err(error) => tracing::error!(%error, "the second node's ledger could not close"),
            });
        }
    }

    /// A ledger closed and was told: what begins with it, and what waited for it.
    pub(in crate::serve) fn after_publishing(&mut self, header: &LedgerHeader) {
        let ledger = header.ledger_index.get();
        let Some(faults) = &self.faults else { return };
        let holding: Vec<(usize, What)> =
            faults.decider.conditions(ledger).map(|(rule, what)| (rule, what.clone())).collect();
        for (rule, what) in holding {
            self.begin(Strike { rule, what, draw: 0 }, ledger);
        }
        self.release_held(ledger);
        self.carry_out_later(ledger);
    }

    fn begin(&mut self, strike: Strike, ledger: u32) {
        let rule = strike.rule;
        let Some(faults) = &mut self.faults else { return };
        match strike.what {
            What::StalledValidation { closes } => {
                faults.stalls.entry(rule).or_insert(closes);
            }
            What::StaleNode if !faults.copies.contains_key(&rule) => {
                faults.copies.insert(rule, self.ledger.copy(COPY_LEDGERS));
                self.note(&strike, 0, format!("the node stays at ledger {ledger}"));
            }
            What::TwoNodesDisagree if !faults.copies.contains_key(&rule) => {
                let mut other = self.ledger.copy(COPY_LEDGERS);
                if let Err(why) = differ(&mut other) {
                    return tracing::error!(%why, "the second node's ledger cannot be made to differ");
                }
                faults.copies.insert(rule, other);
                self.note(&strike, 0, format!("the nodes agree up to ledger {ledger} and part here"));
            }
            What::EndpointDown => self.reset_all(&strike),
            _ => {}
        }
    }

    /// Ends every connection that a fault concerns.
    fn reset_all(&mut self, strike: &Strike) {
        let ids: Vec<(ClientId, u8)> = self.clients.iter().map(|(id, client)| (*id, client.node)).collect();
        for (id, node) in ids {
            let concerned =
                self.faults.as_ref().is_some_and(|faults| faults.decider.concerns(strike.rule, id.0, node));
            if concerned {
                self.note(strike, id.0, "the connection is reset, and nobody gets in");
                self.put(id, super::Out { wire: Wire::Reset, text: String::new(), is_answer: false });
            }
        }
    }

    fn carry_out_later(&mut self, ledger: u32) {
        let Some(faults) = &mut self.faults else { return };
        let all = std::mem::take(&mut faults.later);
        let (due, rest): (Vec<Later>, Vec<Later>) = all.into_iter().partition(|later| later.ledger <= ledger);
        faults.later = rest;
        for later in due {
            let origin = later.client.and_then(|id| self.clients.get(&id)).map(|client| client.origin);
            let origin = origin.unwrap_or(crate::serve::hub::Origin::Network);
            let result = self.carry_out_at(later.client, origin, later.node, &later.request);
            if let Some(id) = later.client.filter(|_| later.is_answered) {
                self.deliver_answer(id, &later.request, result, false);
            }
        }
    }
}

impl Faulty {
    /// Nodes whose ledger goes on by itself.
    fn forks(&self) -> Vec<usize> {
        let rules = self.copies.keys().copied();
        rules.filter(|rule| self.decider.what(*rule) == Some(&What::TwoNodesDisagree)).collect()
    }

    /// Whether a connection sees the ledger of this fault. A disagreement is the second node's.
    fn concerns(&self, rule: usize, connection: u64, node: u8) -> bool {
        let of_second = self.decider.what(rule) == Some(&What::TwoNodesDisagree);
        (!of_second || node > 1) && self.decider.concerns(rule, connection, node)
    }
}

/// Brings a transaction into a ledger that the network does not have: its first account pays a fee.
fn differ(ledger: &mut EmbeddedLedger) -> Result<(), String> {
    let keys = KeyPair::from_seed_text(identity::GENESIS_SEED).map_err(|error| error.to_string())?;
    let account = keys.account();
    let sequence = ledger.world().sequence(At::Current, account).ok_or("no account to pay the difference")?;
    let tx = Transaction {
        account,
        sequence: SeqProxy::Sequence(sequence),
        fee: Drops::new(1_000_000).unwrap_or(ledger.fees().base_fee),
        flags: 0,
        last_ledger_sequence: None,
        network_id: Some(ledger.network_id()),
        source_tag: None,
        kind: TxKind::AccountSet {
            set_flag: None,
            clear_flag: None,
            transfer_rate: None,
            tick_size: None,
            domain: None,
        },
    };
    let signed = sign(&tx, &keys).map_err(|error| error.to_string())?;
    let result = ledger.submit(&signed.blob).map_err(|error| error.to_string())?;
    if result.applied { Ok(()) } else { Err(result.engine_result.to_string()) }
}
