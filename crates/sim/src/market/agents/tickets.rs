//! A stock of tickets: sequences set aside, so that orders of one ledger need not wait for each other. Never uses a
//! ticket that the ledger does not have.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::market::desk::Desk;

/// The stock.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Tickets(VecDeque<u32>);

impl Tickets {
    /// Sets more aside when fewer than `least` are left. New ones can be used from the next ledger on.
    pub fn refill(&mut self, desk: &mut Desk, least: usize, count: u32) {
        if self.0.len() < least
            && let Some(first) = desk.create_tickets(count)
        {
            self.0.extend((0..count).filter_map(|nth| first.checked_add(nth)));
        }
    }

    /// The oldest ticket that the ledger has. One that should be there and is not was never made: it is forgotten.
    pub fn take(&mut self, desk: &Desk) -> Option<u32> {
        while let Some(ticket) = self.0.front().copied() {
            if desk.has_ticket(ticket) {
                return self.0.pop_front();
            }
            if ticket >= desk.opening_sequence() {
                return None;
            }
            self.0.pop_front();
        }
        None
    }
}
