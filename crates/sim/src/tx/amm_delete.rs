//! AMMDelete: goes on deleting a pool whose last token was given back, when it had too many lines for one transaction.
//! Never deletes a pool that has tokens.

use super::Tx;
use super::amm;
use super::apply::{Context, Done};
use super::offer_cancel::UNIVERSAL;
use crate::state::View;
use crate::ter::*;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    if tx.flags & !UNIVERSAL != 0 {
        return Err(TEM_INVALID_FLAG);
    }
    amm::pair(tx).map(|_| ())
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    if amm::of(view, tx)?.supply.is_zero() { Ok(()) } else { Err(TEC_AMM_NOT_EMPTY) }
}

/// Deletes lines, and the pool with the last of them.
pub fn effect(view: &mut View, context: &Context) -> Done {
    match amm::pair(context.tx).and_then(|pair| amm::delete(view, pair)) {
        Ok(()) => Done::with(TES_SUCCESS),
        Err(result) => Done::with(result),
    }
}
