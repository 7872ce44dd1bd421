//! The fee of a transaction, apart from what it did. Never guesses one: metadata alone does not say it.

use units::Drops;

use crate::ids::AccountId;
use crate::object::Object;
use crate::tables::fields as f;

/// Who paid how much for having a transaction processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePaid {
    /// Whose XRP it was: the delegate's where there is one, else the sender's (XLS-75, "Transaction Cost").
    pub payer: AccountId,
    /// How much was burned.
    pub fee: Drops,
    /// Whether a delegate paid it.
    pub by_delegate: bool,
}

/// What a transaction in a ledger cost, failed or not. `None` for an object that is no transaction with a sender and a
/// fee in XRP.
pub fn fee_paid(tx: &Object) -> Option<FeePaid> {
    let fee = tx.amount(f::FEE)?.drops()?;
    let delegate = tx.account(f::DELEGATE);
    let payer = delegate.or_else(|| tx.account(f::ACCOUNT))?;
    Some(FeePaid { payer, fee, by_delegate: delegate.is_some() })
}
