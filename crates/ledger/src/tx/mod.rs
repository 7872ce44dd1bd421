//! Transactions we build ourselves, typed, and the door to signing them. Never holds a transaction type it does not
//! know in full: everything else stays a dynamic [`Object`](crate::object::Object).

mod convert;
pub mod flags;
pub mod format;
mod id;
mod sign;
mod verify;

use units::Drops;

pub use convert::TxError;
pub use id::final_hash;
pub use sign::{
    SignError, batch_signing_payload, multi_signing_payload, sign, sign_object, signing_payload, tx_hash,
};
pub use verify::verify;

use crate::amount::Amount;
use crate::ids::{AccountId, Hash256};
use crate::object::PathStep;
use crate::tables::TxType;

/// What gives a transaction its place among its account's transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum SeqProxy {
    /// The account's next sequence.
    Sequence(u32),
    /// A ticket set aside before; `Sequence` is 0 on the ledger.
    Ticket(u32),
}

impl SeqProxy {
    /// The number that names an offer made by this transaction.
    pub fn number(self) -> u32 {
        match self {
            Self::Sequence(n) | Self::Ticket(n) => n,
        }
    }
}

/// A transaction of one of the kinds we build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Who sends it.
    pub account: AccountId,
    /// Sequence or ticket.
    pub sequence: SeqProxy,
    /// What it burns.
    pub fee: Drops,
    /// Bits of [`flags`]; 0 is not written.
    pub flags: u32,
    /// The last ledger it may be in.
    pub last_ledger_sequence: Option<u32>,
    /// The network, for those with an id above 1024.
    pub network_id: Option<u32>,
    /// The sender's own mark.
    pub source_tag: Option<u32>,
    /// What it does.
    pub kind: TxKind,
}

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxKind {
    /// Offers `taker_gets` for `taker_pays`.
    OfferCreate {
        /// What the taker gets: what we give.
        taker_gets: Amount,
        /// What the taker pays: what we get.
        taker_pays: Amount,
        /// Seconds since 2000-01-01 after which it is dead.
        expiration: Option<u32>,
        /// An offer of ours that this one replaces.
        offer_sequence: Option<u32>,
    },
    /// Takes an offer back.
    OfferCancel {
        /// Its sequence or ticket.
        offer_sequence: u32,
    },
    /// Sends money.
    Payment {
        /// To whom.
        destination: AccountId,
        /// How much arrives (at most, with [`flags::TF_PARTIAL_PAYMENT`]).
        amount: Amount,
        /// The most it may cost.
        send_max: Option<Amount>,
        /// The least that must arrive.
        deliver_min: Option<Amount>,
        /// The recipient's own mark.
        destination_tag: Option<u32>,
        /// Ways through the ledger; empty for none.
        paths: Vec<Vec<PathStep>>,
    },
    /// Sets a trust line.
    TrustSet {
        /// Up to how much of what is trusted.
        limit_amount: Amount,
        /// Parts of 10^9 at which incoming balances count.
        quality_in: Option<u32>,
        /// Parts of 10^9 at which outgoing balances count.
        quality_out: Option<u32>,
    },
    /// Sets sequences aside as tickets.
    TicketCreate {
        /// How many (1..=250, and no more than 250 held in all).
        ticket_count: u32,
    },
    /// Changes the account's settings.
    AccountSet {
        /// `asf` flag to set.
        set_flag: Option<u32>,
        /// `asf` flag to clear.
        clear_flag: Option<u32>,
        /// Fee for moving what we issue, in parts of 10^9 (1000000000 = none, 0 = remove).
        transfer_rate: Option<u32>,
        /// Significant digits of offers in what we issue (3..=15, 0 = remove).
        tick_size: Option<u8>,
        /// Domain, as bytes (empty = remove).
        domain: Option<Vec<u8>>,
    },
}

impl TxKind {
    /// The published type.
    pub fn tx_type(&self) -> TxType {
        match self {
            Self::OfferCreate { .. } => TxType::OFFER_CREATE,
            Self::OfferCancel { .. } => TxType::OFFER_CANCEL,
            Self::Payment { .. } => TxType::PAYMENT,
            Self::TrustSet { .. } => TxType::TRUST_SET,
            Self::TicketCreate { .. } => TxType::TICKET_CREATE,
            Self::AccountSet { .. } => TxType::ACCOUNT_SET,
        }
    }
}

/// A signed transaction as it is sent, and its id.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SignedTx {
    /// The bytes to submit.
    pub blob: Vec<u8>,
    /// The transaction id.
    pub hash: Hash256,
}

impl SignedTx {
    /// The bytes as the API wants them: upper-case hexadecimal.
    pub fn blob_hex(&self) -> String {
        crate::hex::encode(&self.blob)
    }
}
