//! The answer about a liquidity pool. Never takes the two amounts in the order they come: a server does not promise one.

use ledger::{AccountId, Amount, Asset};
use serde_json::Value;

use super::fields::Fields;
use super::state::{Pinned, pinned};
use crate::ask::LedgerSpec;
use crate::error::ClientError;

/// A pool, from `amm_info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmmInfo {
    /// The pool's own account.
    pub account: AccountId,
    /// What it holds of the base asset.
    pub base: Amount,
    /// What it holds of the quote asset.
    pub quote: Amount,
    /// What a trade pays, in 1/100,000.
    pub trading_fee: u16,
}

impl AmmInfo {
    /// Reads an `amm_info` answer about the pool of these two assets.
    pub fn read(
        answer: &Value,
        base: &Asset,
        quote: &Asset,
        asked: LedgerSpec,
    ) -> Result<Pinned<Self>, ClientError> {
        let pool = Fields::of("amm_info", answer).object("amm")?;
        let (one, other) = (pool.amount("amount")?, pool.amount("amount2")?);
        let (base_held, quote_held) = match (one.asset(), other.asset()) {
            (first, second) if (first, second) == (*base, *quote) => (one, other),
            (first, second) if (first, second) == (*quote, *base) => (other, one),
            _ => return Err(pool.bad("amount", "of other assets than the ones asked for")),
        };
        let trading_fee =
            u16::try_from(pool.u32("trading_fee")?).map_err(|why| pool.bad("trading_fee", why))?;
        let info =
            Self { account: pool.account("account")?, base: base_held, quote: quote_held, trading_fee };
        pinned("amm_info", answer, asked, info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn either_order_and_no_other_pool() {
        let issuer = "rMxCKbEDwqr76QuheSUMdEGf4B9xJ8m5De";
        let rlusd = json!({ "currency": "524C555344000000000000000000000000000000", "issuer": issuer, "value": "2.5" });
        let answer = |amount: &Value, amount2: &Value| {
            json!({ "amm": { "account": issuer, "amount": amount, "amount2": amount2, "trading_fee": 267 },
                "ledger_index": 7, "validated": true })
        };
        let quote = Amount::from_json(&rlusd).unwrap();
        let (base, drops) = (Asset::Xrp, json!("1900000"));
        for answer in [answer(&drops, &rlusd), answer(&rlusd, &drops)] {
            let read = AmmInfo::read(&answer, &base, &quote.asset(), LedgerSpec::Validated).unwrap();
            assert_eq!(
                (read.value.base, read.value.quote, read.value.trading_fee),
                (Amount::from_json(&drops).unwrap(), quote, 267)
            );
        }
        assert!(
            AmmInfo::read(&answer(&drops, &drops), &base, &quote.asset(), LedgerSpec::Validated).is_err()
        );
    }
}
