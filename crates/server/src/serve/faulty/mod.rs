//! Faults at the boundary between the ledger and its clients: `crate::faults` decides, this does. The ledger itself
//! never hears of it; a server without a script goes past all of this.

mod messages;
mod network;
mod requests;
mod rewrite;
mod shown;
mod wire;

use std::collections::BTreeMap;

use super::hub::{ClientId, Hub};
use super::queue::Wire;
use crate::api::{Answer, Request};
use crate::embedded::EmbeddedLedger;
use crate::faults::{Decider, FaultLog, FaultScript, FaultSummary, FiredFault, Strike};
use crate::serve::ending::Ending;
pub(super) use wire::{half, write_cut, write_huge};

/// What becomes of a request.
pub(super) enum Reply {
    /// It is answered.
    Answer(Answer),
    /// Nobody answers, now or ever.
    Nothing,
    /// The connection ends for it.
    End(Ending),
}

/// The state of a server with faults.
pub(super) struct Faulty {
    decider: Decider,
    log: FaultLog,
    /// By connection; 0 is HTTP.
    connections: BTreeMap<u64, OfConnection>,
    /// Requests to be carried out when a later ledger closed.
    later: Vec<Later>,
    /// Ledgers of nodes that do not show the network's, by the fault.
    copies: BTreeMap<usize, EmbeddedLedger>,
    /// Closes that are still to fail, by the fault; 0 when it is over.
    stalls: BTreeMap<usize, u32>,
}

/// What is kept of one connection.
#[derive(Default)]
struct OfConnection {
    /// Nothing goes out any more.
    is_half_open: bool,
    /// Nothing of the streams goes out up to this ledger.
    silent_to: Option<u32>,
    held: Vec<Held>,
    window: Option<Window>,
    load: u64,
    load_at: u32,
}

/// A message held back.
struct Held {
    /// How many messages must go out before it; `None` when it waits for a ledger.
    messages: Option<u32>,
    ledger: u32,
    out: Out,
}

/// Messages collected to go out in another order.
struct Window {
    wanted: usize,
    draw: u64,
    of_answers: bool,
    outs: Vec<Out>,
}

/// A message on its way.
#[derive(Clone)]
struct Out {
    wire: Wire,
    text: String,
    is_answer: bool,
}

/// A request for later.
struct Later {
    ledger: u32,
    client: Option<ClientId>,
    node: u8,
    request: Request,
    /// Whether its answer goes out.
    is_answered: bool,
}

/// Messages held back for one connection; what is more goes out at once.
const HELD_MAX: usize = 1_000;
/// Requests kept for later, of everybody.
const LATER_MAX: usize = 10_000;
/// Ledgers of history that another node of the network has.
const COPY_LEDGERS: usize = 256;
/// No node: what is done on a ledger that is thrown away is told to nobody.
const NOBODY: usize = usize::MAX;

impl Faulty {
    fn connection(&mut self, connection: u64) -> &mut OfConnection {
        self.connections.entry(connection).or_default()
    }

    /// Writes a fault down that struck. A condition is told of once a ledger.
    fn note(&mut self, strike: &Strike, connection: u64, ledger: u32, detail: String) {
        let condition = strike.what.is_condition().then_some(strike.rule);
        self.log.note(FiredFault { kind: strike.what.name(), connection, ledger, detail }, condition);
    }
}

impl Hub {
    /// From now on this goes wrong.
    pub(super) fn set_faults(&mut self, script: FaultScript) {
        self.faults = Some(Box::new(Faulty {
            decider: Decider::new(script),
            log: FaultLog::default(),
            connections: BTreeMap::new(),
            later: Vec::new(),
            copies: BTreeMap::new(),
            stalls: BTreeMap::new(),
        }));
        let header = *self.ledger.header();
        self.after_publishing(&header);
    }

    /// The faults that struck.
    pub(super) fn faults_fired(&self) -> Vec<FiredFault> {
        self.faults.as_ref().map(|faults| faults.log.lines()).unwrap_or_default()
    }

    /// Their counts.
    pub(super) fn fault_summary(&self) -> FaultSummary {
        self.faults.as_ref().map(|faults| faults.log.summary()).unwrap_or_default()
    }

    /// A connection is gone.
    pub(super) fn forget_faults_of(&mut self, id: ClientId) {
        if let Some(faults) = &mut self.faults {
            faults.decider.forget(id.0);
            faults.connections.remove(&id.0);
            faults.later.retain(|later| later.client != Some(id) || !later.is_answered);
        }
    }

    /// Writes a fault down that struck.
    fn note(&mut self, strike: &Strike, connection: u64, detail: impl Into<String>) {
        let ledger = self.newest_ledger();
        if let Some(faults) = &mut self.faults {
            faults.note(strike, connection, ledger, detail.into());
        }
    }

    /// The network's newest closed ledger, whichever node is looked at.
    fn newest_ledger(&self) -> u32 {
        match (self.view, &self.faults) {
            // While another node is looked at, the network's ledger stands in its place.
            (Some(view), Some(faults)) if view != NOBODY => {
                faults.copies.get(&view).map_or(0, |ledger| ledger.header().ledger_index.get())
            }
            _ => self.ledger.header().ledger_index.get(),
        }
    }
}
