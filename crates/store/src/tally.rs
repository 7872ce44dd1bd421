//! What the tables of a session without closing figures still say: counted rows, nothing more.

use units::{Exact, Rounding};

use crate::error::ReadError;
use crate::reader::Reader;

/// Counted from the rows of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Orders.
    pub orders: u64,
    /// Fills.
    pub fills: u64,
    /// Of them bought.
    pub buys: u64,
    /// Of them sold.
    pub sells: u64,
    /// RLUSD traded, of the fills that say so.
    pub volume_rlusd: Exact,
    /// Mean realised spread in bps weighted by RLUSD, of the fills that say both, to six decimals; `None` without any.
    pub vw_spread_bps: Option<Exact>,
}

impl Reader {
    /// Counts a session's rows.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn tally(&self, session_id: i64) -> Result<Tally, ReadError> {
        let orders = self.one("SELECT count(*) FROM orders WHERE session_id = ?1", [session_id], |row| {
            row.get::<_, i64>(0)
        })?;
        let sql = "SELECT side, quantity_rlusd, realized_spread_bps FROM fills WHERE session_id = ?1";
        let fills = self.all(sql, [session_id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        })?;
        let mut tally =
            Tally { orders: orders.and_then(|n| u64::try_from(n).ok()).unwrap_or(0), ..Tally::default() };
        let (mut weight, mut sum) = (Exact::default(), Exact::default());
        for (side, quantity, spread) in &fills {
            tally.fills += 1;
            match side.as_str() {
                "buy" => tally.buys += 1,
                "sell" => tally.sells += 1,
                _ => {}
            }
            let Ok(quantity) = quantity.parse::<Exact>() else { continue };
            tally.volume_rlusd = &tally.volume_rlusd + &quantity;
            if let Some(spread) = spread.as_deref().and_then(|text| text.parse::<Exact>().ok()) {
                sum = &sum + &(&spread * &quantity);
                weight = &weight + &quantity;
            }
        }
        tally.vw_spread_bps = sum.divide(&weight, 6, Rounding::HalfEven).ok();
        Ok(tally)
    }
}
