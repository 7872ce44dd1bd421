//! The books of a wallet between two sessions, as the closing one left them.

use crate::side::{Legs, OrderId, OrderStatus, Side};
use ledger::{Hash256, SeqProxy};
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, LedgerIndex, LedgerTime};

/// The books of a wallet between two sessions, as the closing one left them. The store keeps it and hands it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedBooks {
    /// The last ledger accounted for.
    pub at: LedgerIndex,
    /// XRP by accounting.
    pub xrp: Drops,
    /// RLUSD by accounting.
    pub rlusd: Exact,
    /// The transaction that changed our AccountRoot last.
    pub account_txn_id: Option<Hash256>,
    /// Orders whose end was not seen.
    pub orders: Vec<CarriedOrder>,
    /// Signed transactions whose end was not seen.
    pub pending: Vec<CarriedPending>,
    /// Deposits less withdrawals of the wallet so far, in RLUSD at the time of each.
    pub net_deposits_rlusd: Exact,
}

impl CarriedBooks {
    /// Reads the binary form that the store keeps, also of a program that knew no tickets (journals up to version 4);
    /// `None` for bytes that are neither.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<CarriedBooks> {
        match postcard::take_from_bytes(bytes) {
            Ok((books, [])) => Some(books),
            _ => match postcard::take_from_bytes::<Before5>(bytes) {
                Ok((books, [])) => Some(books.into()),
                _ => None,
            },
        }
    }
}

/// The same before journal version 5.
#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
struct Before5 {
    at: LedgerIndex,
    xrp: Drops,
    rlusd: Exact,
    account_txn_id: Option<Hash256>,
    orders: Vec<CarriedOrder>,
    pending: Vec<PendingBefore5>,
    net_deposits_rlusd: Exact,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
struct PendingBefore5 {
    hash: Hash256,
    sequence: u32,
    last_ledger_sequence: LedgerIndex,
    order_id: Option<OrderId>,
    cancels: Option<u32>,
}

impl From<Before5> for CarriedBooks {
    fn from(books: Before5) -> CarriedBooks {
        let pending = books.pending.into_iter().map(|p| CarriedPending {
            hash: p.hash,
            sequence: SeqProxy::Sequence(p.sequence),
            last_ledger_sequence: p.last_ledger_sequence,
            order_id: p.order_id,
            cancels: p.cancels,
            makes_tickets: 0,
        });
        CarriedBooks {
            at: books.at,
            xrp: books.xrp,
            rlusd: books.rlusd,
            account_txn_id: books.account_txn_id,
            orders: books.orders,
            pending: pending.collect(),
            net_deposits_rlusd: books.net_deposits_rlusd,
        }
    }
}

/// An order that outlived its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedOrder {
    /// Its name; the placing session is credited with its fills.
    pub order_id: OrderId,
    /// Which way it trades.
    pub side: Side,
    /// As placed.
    pub placed: Legs,
    /// What was left when last seen.
    pub remaining: Legs,
    /// Where it stood.
    pub status: OrderStatus,
    /// Its transaction.
    pub tx_hash: Option<Hash256>,
    /// The last ledger that transaction may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// When it dies.
    pub expiration: Option<LedgerTime>,
    /// When it was decided.
    pub created_at: LedgerTime,
}

/// A signed transaction that outlived its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedPending {
    /// Its id.
    pub hash: Hash256,
    /// Its sequence or ticket.
    pub sequence: SeqProxy,
    /// The last ledger it may be in.
    pub last_ledger_sequence: LedgerIndex,
    /// The order it places, if any.
    pub order_id: Option<OrderId>,
    /// The offer it takes off the book, if any.
    pub cancels: Option<u32>,
    /// Sequences that it sets aside as tickets.
    pub makes_tickets: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(sequences: &[u32]) -> Before5 {
        let pending = sequences.iter().map(|sequence| PendingBefore5 {
            hash: Hash256([9; 32]),
            sequence: *sequence,
            last_ledger_sequence: LedgerIndex(104),
            order_id: Some(OrderId { ledger_index: 100, sequence: *sequence }),
            cancels: Some(3),
        });
        Before5 {
            at: LedgerIndex(100),
            xrp: Drops::from_xrp(60),
            rlusd: "85.2".parse().unwrap(),
            account_txn_id: Some(Hash256([1; 32])),
            orders: vec![],
            pending: pending.collect(),
            net_deposits_rlusd: Exact::zero(),
        }
    }

    #[test]
    fn books_of_before_the_tickets_read_and_so_do_those_of_now() {
        for sequences in [&[][..], &[1000], &[7, 90_000_000]] {
            let bytes = postcard::to_stdvec(&before(sequences)).unwrap();
            let books = CarriedBooks::read(&bytes).unwrap();
            assert_eq!(books, CarriedBooks::from(before(sequences)));
            let now = postcard::to_stdvec(&books).unwrap();
            assert_eq!(CarriedBooks::read(&now), Some(books));
            assert_eq!(CarriedBooks::read(&now[1..]), None);
        }
    }

    #[test]
    fn a_ticket_on_its_way_is_carried() {
        let mut books = CarriedBooks::from(before(&[1000, 1001]));
        books.pending[0].sequence = SeqProxy::Ticket(990);
        books.pending[1].makes_tickets = 2;
        let bytes = postcard::to_stdvec(&books).unwrap();
        assert_eq!(CarriedBooks::read(&bytes), Some(books));
    }
}
