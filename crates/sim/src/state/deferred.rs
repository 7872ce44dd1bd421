//! What a payment may not use twice: money it has just delivered, and reserve it has just set free. Lives as long as the
//! payment. Never changes a balance.

use std::collections::BTreeMap;

use ledger::{AccountId, Currency};
use units::stamount::StAmount;

use crate::amount;

/// Within one payment, what was received cannot be spent again, and a reserve set free cannot be used (the server's
/// payment sandbox). Here are the first balances and the sums since.
#[derive(Clone, Default)]
pub struct Deferred {
    credits: BTreeMap<(AccountId, AccountId, Currency), Credits>,
    owner_counts: BTreeMap<AccountId, u32>,
}

#[derive(Clone, Copy)]
struct Credits {
    low_received: StAmount,
    high_received: StAmount,
    low_original: StAmount,
}

impl Deferred {
    /// Remembers, within a payment, that `sender` (who had `before`) gave `receiver` an amount. XRP moves from or to
    /// [`AccountId::ZERO`].
    pub fn note_credit(
        &mut self,
        (sender, receiver, currency): (AccountId, AccountId, Currency),
        amount: StAmount,
        before: StAmount,
    ) {
        let sender_low = sender < receiver;
        let key = if sender_low { (sender, receiver, currency) } else { (receiver, sender, currency) };
        let none = amount::zero(amount.kind());
        let credits = self.credits.entry(key).or_insert(Credits {
            low_received: none,
            high_received: none,
            low_original: if sender_low { before } else { amount::negate(before) },
        });
        let received = if sender_low { &mut credits.high_received } else { &mut credits.low_received };
        *received = amount::add(*received, amount).unwrap_or(*received);
    }

    /// What of `balance` the account may use within a payment.
    pub fn usable(
        &self,
        account: AccountId,
        issuer: AccountId,
        currency: Currency,
        balance: StAmount,
    ) -> StAmount {
        let is_low = account < issuer;
        let key = if is_low { (account, issuer, currency) } else { (issuer, account, currency) };
        let Some(credits) = self.credits.get(&key) else {
            return balance;
        };
        let (given, original) = if is_low {
            (credits.high_received, credits.low_original)
        } else {
            (credits.low_received, amount::negate(credits.low_original))
        };
        let left = amount::sub(original, given).unwrap_or(balance);
        let usable = amount::least(amount::least(balance, left), original);
        if issuer == AccountId::ZERO && amount::signum(usable) < 0 {
            return amount::zero(usable.kind());
        }
        usable
    }

    /// The highest owner count the account has had.
    pub fn owner_count(&self, account: AccountId) -> Option<u32> {
        self.owner_counts.get(&account).copied()
    }

    /// Remembers an owner count.
    pub fn note_owner_count(&mut self, account: AccountId, count: u32) {
        let highest = self.owner_counts.entry(account).or_insert(0);
        *highest = (*highest).max(count);
    }
}
