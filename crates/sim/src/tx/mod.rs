//! Transactions: reading one from its bytes, and applying it. Every type has one file with its checks and its effect.

mod account_set;
mod amm;
mod amm_bid;
mod amm_create;
mod amm_delete;
mod amm_deposit;
mod amm_vote;
mod amm_withdraw;
mod apply;
mod clawback;
mod common;
mod offer_cancel;
mod offer_create;
mod offer_cross;
mod payment;
mod ticket_create;
mod trust_set;

use ledger::{AccountId, Amount, FieldId, Hash256, Object, SeqProxy, TxType, fields as f};
use units::Drops;

pub use amm_bid::interval_of;
pub use apply::{Applied, apply, base_fee, dry_run, likely, preflight};

/// A transaction whose bytes and common fields are read and whose signature holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Tx {
    /// The bytes as submitted.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    /// Every field.
    pub object: Object,
    /// Its type.
    pub tx_type: TxType,
    /// Who sends it.
    pub account: AccountId,
    /// Sequence or ticket.
    pub sequence: SeqProxy,
    /// What it burns.
    pub fee: Drops,
    /// Its flags.
    pub flags: u32,
}

impl Tx {
    /// Reads the bytes. Says nothing about the signature.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(blob: &[u8]) -> Result<Tx, String> {
        let object = Object::from_bytes(blob).map_err(|error| error.to_string())?;
        let missing = |field: FieldId| move || format!("field `{field}` is missing");
        let tx_type = object.u32(f::TRANSACTION_TYPE).and_then(|code| u16::try_from(code).ok());
        let account = object.account(f::ACCOUNT).ok_or_else(missing(f::ACCOUNT))?;
        let number = object.u32(f::SEQUENCE).ok_or_else(missing(f::SEQUENCE))?;
        let sequence = match object.u32(f::TICKET_SEQUENCE) {
            Some(ticket) if number == 0 => SeqProxy::Ticket(ticket),
            _ => SeqProxy::Sequence(number),
        };
        // A fee that is no XRP is refused like a negative one.
        let fee = object.amount(f::FEE).ok_or_else(missing(f::FEE))?.drops();
        let fee = fee.unwrap_or(Drops::ZERO.saturating_sub(Drops::MAX));
        Ok(Tx {
            blob: blob.to_vec(),
            hash: ledger::tx_hash(blob),
            tx_type: TxType(tx_type.ok_or_else(missing(f::TRANSACTION_TYPE))?),
            account,
            sequence,
            fee,
            flags: object.u32(f::FLAGS).unwrap_or(0),
            object,
        })
    }

    /// Whether a flag is set.
    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// An amount field.
    pub fn amount(&self, field: FieldId) -> Option<Amount> {
        self.object.amount(field)
    }

    /// A whole-number field.
    pub fn number(&self, field: FieldId) -> Option<u32> {
        self.object.u32(field)
    }
}
