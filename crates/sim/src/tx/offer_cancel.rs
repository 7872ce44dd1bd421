//! OfferCancel: takes an own offer back. One that is not there is no error: only the metadata says what was removed.

use ledger::{fields as f, flags};

use super::Tx;
use super::apply::{Context, Done};
use crate::flow::offers;
use crate::state::{View, index};
use crate::ter::*;

/// Flags any transaction may have.
pub const UNIVERSAL: u32 = flags::TF_FULLY_CANONICAL_SIG;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !UNIVERSAL != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    match tx.number(f::OFFER_SEQUENCE) {
        None => Err(TEM_MALFORMED),
        Some(0) => Err(TEM_BAD_SEQUENCE),
        Some(_) => Ok(()),
    }
}

/// An offer of the future cannot be cancelled.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let root = view.account(tx.account).ok_or(TER_NO_ACCOUNT)?;
    let wanted = tx.number(f::OFFER_SEQUENCE).ok_or(TEM_MALFORMED)?;
    if root.sequence <= wanted { Err(TEM_BAD_SEQUENCE) } else { Ok(()) }
}

/// Deletes the offer where it is.
pub fn effect(view: &mut View, context: &Context) -> Done {
    let tx = context.tx;
    if let Some(sequence) = tx.number(f::OFFER_SEQUENCE) {
        offers::delete(view, &index::offer(tx.account, sequence));
    }
    Done::with(TES_SUCCESS)
}
