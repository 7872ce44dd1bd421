//! The liquidity pool of our pair out of pinned reads and of metadata. A swap shows only in what the pool's account holds,
//! so the pool is followed by its account.

use client::AmmInfo;
use engine::{Identity, Pool};
use ledger::meta::{TxMeta, pool_changes};
use ledger::{AccountId, Amount, Asset};
use units::{Drops, Exact, IssuedValue, Rounding};

/// The pool as it is known, and whose account it is.
#[derive(Debug, Clone, Copy)]
pub struct Followed {
    account: AccountId,
    pool: Pool,
}

impl Followed {
    /// The pool of a read; `None` when what it holds is not XRP and RLUSD.
    pub fn of(read: &AmmInfo) -> Option<Followed> {
        let (Amount::Xrp(xrp), Amount::Issued { value: rlusd, .. }) = (read.base, read.quote) else {
            return None;
        };
        let pool = Pool { xrp, rlusd, trading_fee: read.trading_fee };
        Some(Followed { account: read.account, pool })
    }

    /// The pool.
    pub fn pool(&self) -> Pool {
        self.pool
    }

    /// Takes one transaction's changes; says whether there were any.
    pub fn apply(&mut self, identity: &Identity, meta: &TxMeta) -> bool {
        let Some(change) = pool_changes(meta).into_iter().find(|change| change.account == self.account)
        else {
            return false;
        };
        let before = self.pool;
        for holding in &change.assets {
            match holding.asset {
                Asset::Xrp => self.pool.xrp = drops(&holding.after).unwrap_or(self.pool.xrp),
                Asset::Issued { currency, issuer }
                    if (currency, issuer) == (identity.quote_currency, identity.quote_issuer) =>
                {
                    self.pool.rlusd = issued(&holding.after).unwrap_or(self.pool.rlusd);
                }
                Asset::Issued { .. } | Asset::Mpt(_) => {}
            }
        }
        self.pool.trading_fee = change.trading_fee.unwrap_or(self.pool.trading_fee);
        self.pool != before
    }
}

fn drops(xrp: &Exact) -> Option<Drops> {
    Drops::new(i64::try_from(xrp.scaled(6).to_i128()?).ok()?).ok()
}

fn issued(value: &Exact) -> Option<IssuedValue> {
    value.to_issued(Rounding::HalfEven).ok()
}
