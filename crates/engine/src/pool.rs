//! The liquidity pool (AMM) of our pair as validated ledgers show it: its price, and what a trade with it costs. Never
//! decides whether to follow it.

use crate::side::Side;
use serde::{Deserialize, Serialize};
use units::{Drops, Exact, IssuedValue, Price, Rounding};

/// A trading fee is given in 1/100,000 (ledger documentation, "AMM": 0 to 1000, so at most 1 %).
const FEE_UNIT: i64 = 100_000;

/// What the pool holds after a ledger, and its fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// XRP in it.
    pub xrp: Drops,
    /// RLUSD in it.
    pub rlusd: IssuedValue,
    /// What a trade pays, in 1/100,000 of what goes in.
    pub trading_fee: u16,
}

impl Pool {
    /// The price at which it would trade a very small amount if it took no fee: RLUSD per XRP. `None` when one side is
    /// empty.
    #[must_use]
    pub fn price(&self) -> Option<Price> {
        Price::from_legs(self.rlusd, self.xrp, Rounding::HalfEven).ok()
    }

    /// The best price at which it trades: what a taker on `side` of ours would meet, fee included. The pool sells XRP
    /// (its [`Side::Sell`]) at `price / (1 - fee)` and buys it at `price * (1 - fee)`.
    #[must_use]
    pub fn touch(&self, side: Side) -> Option<Price> {
        let price = self.price()?.to_exact();
        let left = Exact::new((FEE_UNIT - i64::from(self.trading_fee)).into(), 0);
        let unit = Exact::new(FEE_UNIT.into(), 0);
        let pico = match side {
            Side::Sell => (&price * &unit).divide(&left, 12, Rounding::Down).ok()?,
            Side::Buy => (&price * &left).divide(&unit, 12, Rounding::Up).ok()?,
        };
        let pico = pico.scaled(12).to_i128().and_then(|pico| u64::try_from(pico).ok())?;
        Price::from_pico(pico).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(xrp: u32, rlusd: &str, trading_fee: u16) -> Pool {
        Pool { xrp: Drops::from_xrp(xrp), rlusd: rlusd.parse().unwrap(), trading_fee }
    }

    #[test]
    fn prices_by_table() {
        for (xrp, rlusd, fee, price, bid, ask) in [
            (1_900_000, "2698000", 267, "1.42", "1.4162086", "1.423801550138"),
            (100, "100", 0, "1", "1", "1"),
            (100, "100", 1000, "1", "0.99", "1.010101010101"),
        ] {
            let pool = pool(xrp, rlusd, fee);
            let shown = |price: Option<Price>| price.map(|price| price.to_string());
            let found = [pool.price(), pool.touch(Side::Buy), pool.touch(Side::Sell)].map(shown);
            assert_eq!(found, [price, bid, ask].map(|text| Some(text.to_owned())));
        }
        assert_eq!(pool(0, "1", 0).price(), None);
        assert_eq!(pool(1, "0", 0).touch(Side::Sell), None);
    }
}
