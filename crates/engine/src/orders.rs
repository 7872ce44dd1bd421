//! The life of an order: one transition table, matched on the state outside and the event inside, every pair spelled
//! out. Only validated ledgers and complete history make events; a preliminary answer makes none.

use crate::ending::Ending;
use crate::record::OrderRow;
use crate::side::OrderStatus;
use ledger::Hash256;
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, LedgerIndex};

/// What can happen to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderEvent {
    /// Its transaction was signed.
    Signed,
    /// It rests whole.
    Rested,
    /// Part of it took from the book at once, the rest rests (or is removed by the next event).
    RestedInPart,
    /// All of it took from the book at once.
    TakenWhole,
    /// Part of it was filled.
    PartFilled,
    /// The last of it was filled.
    WholeFilled,
    /// It is gone without (further) trade.
    Removed(Removal),
    /// Its transaction was validated and made no offer.
    Refused(Refusal),
    /// Its transaction can no longer be validated, proved.
    NeverValidated,
}

/// Why an offer went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    Cancelled,
    Replaced,
    Expired,
    Unfunded,
}

/// Why an offer never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Killed,
    Expired,
    Unfunded,
    Other,
}

/// A move the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from} cannot take {event:?}")]
pub(crate) struct IllegalMove {
    pub from: OrderStatus,
    pub event: OrderEvent,
}

/// The table.
pub(crate) fn next(from: OrderStatus, event: OrderEvent) -> Result<OrderStatus, IllegalMove> {
    use OrderEvent as E;
    use OrderStatus as S;
    let illegal = Err(IllegalMove { from, event });
    match from {
        S::Intent => match event {
            E::Signed => Ok(S::Submitted),
            E::NeverValidated => Ok(S::Failed),
            E::Rested | E::RestedInPart | E::TakenWhole | E::PartFilled | E::WholeFilled => illegal,
            E::Removed(_) | E::Refused(_) => illegal,
        },
        S::Submitted => match event {
            E::Rested => Ok(S::Open),
            E::RestedInPart => Ok(S::PartiallyFilled),
            E::TakenWhole => Ok(S::Filled),
            E::Refused(Refusal::Killed) => Ok(S::Killed),
            E::Refused(Refusal::Expired) => Ok(S::Expired),
            E::Refused(Refusal::Unfunded) => Ok(S::Unfunded),
            E::Refused(Refusal::Other) | E::NeverValidated => Ok(S::Failed),
            E::Signed | E::PartFilled | E::WholeFilled | E::Removed(_) => illegal,
        },
        S::Open | S::PartiallyFilled => match event {
            E::PartFilled => Ok(S::PartiallyFilled),
            E::WholeFilled => Ok(S::Filled),
            E::Removed(Removal::Cancelled) => Ok(S::Cancelled),
            E::Removed(Removal::Replaced) => Ok(S::Replaced),
            E::Removed(Removal::Expired) => Ok(S::Expired),
            E::Removed(Removal::Unfunded) => Ok(S::Unfunded),
            E::Signed | E::Rested | E::RestedInPart | E::TakenWhole => illegal,
            E::Refused(_) | E::NeverValidated => illegal,
        },
        S::Filled | S::Cancelled | S::Expired | S::Killed | S::Unfunded | S::Failed | S::Replaced => {
            match event {
                E::Signed | E::Rested | E::RestedInPart | E::TakenWhole | E::PartFilled | E::WholeFilled => {
                    illegal
                }
                E::Removed(_) | E::Refused(_) | E::NeverValidated => illegal,
            }
        }
    }
}

/// An order that has not ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub row: OrderRow,
    /// It was placed by an earlier session.
    pub is_earlier: bool,
    /// No order of ours explains it: found on the ledger, to be taken down.
    pub is_found: bool,
    /// Filled so far.
    pub filled_base: Drops,
    /// Filled so far.
    pub filled_quote: Exact,
    /// How it ended, once that is proven.
    pub end: Option<End>,
}

/// How an order ended, and by what.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct End {
    pub ending: Ending,
    /// What took the rest of one that was partly filled.
    pub removal: Option<Ending>,
    pub ledger_index: LedgerIndex,
    pub tx_hash: Option<Hash256>,
    pub node: Option<Hash256>,
}

impl Order {
    /// Takes an event.
    pub fn apply(&mut self, event: OrderEvent) -> Result<(), IllegalMove> {
        self.row.status = next(self.row.status, event)?;
        Ok(())
    }

    /// Whether it is on the ledger as far as validated ledgers show.
    pub fn rests(&self) -> bool {
        matches!(self.row.status, OrderStatus::Open | OrderStatus::PartiallyFilled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderStatus as S;

    const EVENTS: [OrderEvent; 15] = [
        OrderEvent::Signed,
        OrderEvent::Rested,
        OrderEvent::RestedInPart,
        OrderEvent::TakenWhole,
        OrderEvent::PartFilled,
        OrderEvent::WholeFilled,
        OrderEvent::Removed(Removal::Cancelled),
        OrderEvent::Removed(Removal::Replaced),
        OrderEvent::Removed(Removal::Expired),
        OrderEvent::Removed(Removal::Unfunded),
        OrderEvent::Refused(Refusal::Killed),
        OrderEvent::Refused(Refusal::Expired),
        OrderEvent::Refused(Refusal::Unfunded),
        OrderEvent::Refused(Refusal::Other),
        OrderEvent::NeverValidated,
    ];

    /// One row a state, one character an event of `EVENTS`: the state it leads to (`!` failed, `f` filled), `.` illegal.
    const TABLE: &str = "
        intent           S.............!
        submitted        .OPf......kxu!!
        open             ....Pfcrxu.....
        partially_filled ....Pfcrxu.....
        filled           ...............
        cancelled        ...............
        expired          ...............
        killed           ...............
        unfunded         ...............
        failed           ...............
        replaced         ...............
    ";

    #[test]
    fn the_table_is_this_table() {
        let states = [
            S::Intent,
            S::Submitted,
            S::Open,
            S::PartiallyFilled,
            S::Filled,
            S::Cancelled,
            S::Expired,
            S::Killed,
            S::Unfunded,
            S::Failed,
            S::Replaced,
        ];
        let letter = |to: S| match to {
            S::Intent => 'i',
            S::Submitted => 'S',
            S::Open => 'O',
            S::PartiallyFilled => 'P',
            S::Filled => 'f',
            S::Cancelled => 'c',
            S::Expired => 'x',
            S::Killed => 'k',
            S::Unfunded => 'u',
            S::Failed => '!',
            S::Replaced => 'r',
        };
        let rows: Vec<_> = TABLE.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(rows.len(), states.len());
        for (row, state) in rows.iter().zip(states) {
            let drawn: String = EVENTS.iter().map(|event| next(state, *event).map_or('.', letter)).collect();
            assert_eq!(*row, format!("{:<16} {drawn}", state.as_str()));
        }
    }

    #[test]
    fn nothing_leaves_a_final_state() {
        for event in EVENTS {
            for state in [S::Filled, S::Cancelled, S::Expired, S::Killed, S::Unfunded, S::Failed, S::Replaced]
            {
                assert!(state.is_final());
                assert_eq!(next(state, event), Err(IllegalMove { from: state, event }));
            }
        }
    }
}
