//! The audit's own arithmetic over rows as text. Every number is read exactly or reported; none is taken as zero.

use std::collections::BTreeMap;

use store::{AuditFill, AuditMovement};
use units::{Exact, UnitsError};

use crate::evidence::Stated;
use crate::report::{Balance, CauseSum};

/// What movements did to our balances, and those that do not read.
pub(crate) fn sum<'a>(movements: impl IntoIterator<Item = &'a AuditMovement>) -> (Balance, Vec<String>) {
    let (mut total, mut wrong) = (Balance::default(), Vec::new());
    for movement in movements {
        match wallet_change(movement) {
            Ok(change) => total = total.plus(&change),
            Err(what) => wrong.push(format!("movement {}: {what}", movement.id)),
        }
    }
    (total, wrong)
}

/// Sums by cause.
pub(crate) fn by_cause(movements: &[&AuditMovement]) -> BTreeMap<String, CauseSum> {
    let mut causes: BTreeMap<String, CauseSum> = BTreeMap::new();
    for movement in movements {
        let entry = causes.entry(movement.cause.clone()).or_default();
        entry.movements += 1;
        entry.sum = entry.sum.plus(&sum([*movement]).0);
    }
    causes
}

/// Balances of two columns; `None` when one is missing or no number.
pub(crate) fn stated(xrp: Option<&str>, rlusd: Option<&str>) -> Option<Balance> {
    Some(Balance { xrp: xrp?.parse().ok()?, rlusd: rlusd?.parse().ok()? })
}

/// Balances as a server states them.
pub(crate) fn balance_of(stated: Stated) -> Balance {
    Balance { xrp: Exact::from_drops(stated.xrp), rlusd: Exact::from(stated.rlusd) }
}

/// What a fill did to our balances, without fee and rounding.
pub(crate) fn fill_change(fill: &AuditFill) -> Result<Balance, String> {
    let no_number = |error: UnitsError| format!("fill {}: {error}", fill.fill_id);
    let xrp: Exact = fill.quantity_xrp.parse().map_err(no_number)?;
    let rlusd: Exact = fill.quantity_rlusd.parse().map_err(no_number)?;
    match fill.side.as_str() {
        "buy" => Ok(Balance { xrp, rlusd: -&rlusd }),
        "sell" => Ok(Balance { xrp: -&xrp, rlusd }),
        other => Err(format!("fill {}: side {other:?}", fill.fill_id)),
    }
}

/// For people: both amounts on one line.
pub(crate) fn show(balance: &Balance) -> String {
    format!("{} XRP and {} RLUSD", balance.xrp.to_fixed(6), balance.rlusd)
}

/// Double entry: exactly one side of a movement is the wallet, and the amount is above zero.
fn wallet_change(movement: &AuditMovement) -> Result<Balance, String> {
    let amount: Exact = movement.amount.parse().map_err(|error: UnitsError| error.to_string())?;
    if amount.is_negative() || amount.is_zero() {
        return Err(format!("amount {amount} is not above zero"));
    }
    let change = match (movement.debit == "wallet", movement.credit == "wallet") {
        (true, false) => amount,
        (false, true) => -&amount,
        _ => {
            return Err(format!(
                "from {} to {} is no movement of the wallet",
                movement.credit, movement.debit
            ));
        }
    };
    match movement.asset.as_str() {
        "XRP" => Ok(Balance { xrp: change, rlusd: Exact::zero() }),
        "RLUSD" => Ok(Balance { xrp: Exact::zero(), rlusd: change }),
        other => Err(format!("asset {other:?}")),
    }
}
