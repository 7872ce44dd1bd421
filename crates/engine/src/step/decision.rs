//! What was decided on one input, compact and printable.

use super::Mode;
use super::hold::{Hold, SideHold};
use super::intent::Purpose;
use crate::reference::ReferenceSource;
use crate::side::{Legs, Side};
use ledger::SeqProxy;
use serde::{Deserialize, Serialize};
use std::fmt;
use units::{LedgerIndex, LedgerTime, Price};

/// A quote that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which side.
    pub side: Side,
    /// At which price.
    pub price: Price,
    /// Its exact amounts.
    pub legs: Legs,
}

/// One action of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLine {
    /// What is done.
    pub purpose: Purpose,
    /// On which side.
    pub side: Option<Side>,
    /// With which sequence or ticket.
    pub sequence: SeqProxy,
    /// The offer it ends.
    pub ends: Option<u32>,
    /// Its amounts, when it places.
    pub legs: Option<Legs>,
    /// Why.
    pub why: String,
}

/// What was decided on one input, compact and printable: what a replay shows when two decisions differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Decision {
    /// The last validated ledger processed.
    pub ledger_index: LedgerIndex,
    /// When it closed.
    pub close_time: LedgerTime,
    /// Mode after the input.
    pub mode: Mode,
    /// Why nothing is quoted.
    pub hold: Option<Hold>,
    /// The reference price.
    pub reference: Option<Price>,
    /// Which price that is.
    pub reference_source: Option<ReferenceSource>,
    /// What is wanted on the book.
    pub wanted: Vec<Wanted>,
    /// Sides that are not wanted, and why.
    pub side_holds: Vec<(Side, SideHold)>,
    /// What is done about it.
    pub actions: Vec<ActionLine>,
    /// Fills of this input.
    pub fills: u32,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ledger {} at {} {}", self.ledger_index, self.close_time, self.mode)?;
        if let Some(reference) = self.reference {
            write!(f, " ref={reference}")?;
        }
        if let Some(source) = self.reference_source {
            write!(f, " of={source}")?;
        }
        if let Some(hold) = &self.hold {
            write!(f, " hold[{hold}]")?;
        }
        for w in &self.wanted {
            write!(f, " want[{} {} RLUSD for {} drops @ {}]", w.side, w.legs.quote, w.legs.base, w.price)?;
        }
        for (side, hold) in &self.side_holds {
            write!(f, " no_{side}[{hold}]")?;
        }
        for a in &self.actions {
            match a.sequence {
                SeqProxy::Sequence(number) => write!(f, " do[{} #{number}", a.purpose.as_str())?,
                SeqProxy::Ticket(number) => write!(f, " do[{} ticket #{number}", a.purpose.as_str())?,
            }
            if let Some(side) = a.side {
                write!(f, " {side}")?;
            }
            if let Some(ends) = a.ends {
                write!(f, " ends #{ends}")?;
            }
            if let Some(legs) = a.legs {
                write!(f, " {} RLUSD for {} drops", legs.quote, legs.base)?;
            }
            write!(f, " {}]", a.why)?;
        }
        write!(f, " fills={}", self.fills)
    }
}
