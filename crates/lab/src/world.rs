//! One ledger history, followed from event to event by evidence alone: each balance that the ledger shows must follow
//! from the one before, so that a transaction which nobody kept is seen.

use std::collections::BTreeMap;

use units::{Drops, IssuedValue};

use crate::evidence::{Evidence, Place, Stated};
use crate::metadata::TxEvidence;
use crate::report::Balance;

/// What is known of a ledger history so far.
#[derive(Default)]
pub(crate) struct World {
    /// Closing books of its last session that closed.
    pub(crate) books: Option<Balance>,
    /// Balances after the last event.
    pub(crate) running: Option<Stated>,
    /// The last event.
    at: Place,
    /// Its transactions: their ledger, and what they did.
    pub(crate) transactions: BTreeMap<String, (u32, TxEvidence)>,
}

enum Event<'a> {
    Transaction(&'a TxEvidence),
    Read(Stated),
}

impl World {
    /// Follows the evidence of one session; gives what does not follow, and where.
    pub(crate) fn follow(&mut self, evidence: &Evidence) -> Vec<(String, String)> {
        let mut events: BTreeMap<Place, Event<'_>> = BTreeMap::new();
        for (place, tx) in &evidence.transactions {
            self.transactions.entry(tx.hash.to_string()).or_insert_with(|| (place.0, tx.clone()));
            events.insert(*place, Event::Transaction(tx));
        }
        events.extend(evidence.reads.iter().map(|(index, read)| ((*index, u32::MAX), Event::Read(*read))));
        let mut wrong = Vec::new();
        let known_to = self.at;
        for (place, event) in events.into_iter().filter(|(place, _)| *place > known_to) {
            if let Some(what) = self.event(&event) {
                wrong.push((format!("ledger {}", place.0), what));
            }
            self.at = place;
        }
        wrong
    }

    fn event(&mut self, event: &Event<'_>) -> Option<String> {
        match event {
            Event::Read(stated) => {
                let before = self.running.replace(*stated)?;
                (before != *stated).then(|| {
                    let (known, said) = (show(before), show(*stated));
                    format!("known transactions lead to {known}, and the ledger states {said}")
                })
            }
            Event::Transaction(tx) => {
                let running = self.running?;
                let (xrp_before, xrp) = tx.xrp.unwrap_or((running.xrp, running.xrp));
                let (rlusd_before, rlusd) = tx.rlusd.unwrap_or((running.rlusd, running.rlusd));
                let before = Stated { xrp: xrp_before, rlusd: rlusd_before };
                self.running = Some(Stated { xrp, rlusd });
                (before != running).then(|| {
                    let (known, said) = (show(running), show(before));
                    format!("known transactions lead to {known}, and {} starts from {said}", tx.hash)
                })
            }
        }
    }
}

fn show(Stated { xrp, rlusd }: Stated) -> String {
    let (xrp, rlusd): (Drops, IssuedValue) = (xrp, rlusd);
    format!("{} XRP and {rlusd} RLUSD", xrp.to_xrp_string())
}
