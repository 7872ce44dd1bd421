//! Single proofs: that what is booked for a transaction is what its metadata shows, and that a fill is what was taken of
//! one offer of ours.

use store::{AuditFill, AuditMovement};
use units::{Exact, Rounding};

use crate::metadata::{Leg, Traded, TxEvidence};
use crate::report::Balance;
use crate::sums::{fill_change, show, sum};
use crate::world::World;

/// What is wrong with the bookings of one transaction: `movements` and `fills` are all that name it.
pub(crate) fn transaction(
    tx: &TxEvidence,
    movements: &[&AuditMovement],
    fills: &[&AuditFill],
) -> Vec<String> {
    let did = Balance { xrp: tx.xrp_change(), rlusd: tx.rlusd_change() };
    let (booked, mut wrong) = sum(movements.iter().copied());
    if booked != did {
        wrong.push(format!("booked {}, and it did {}", show(&booked), show(&did)));
    }
    let of = |cause: &str| sum(movements.iter().copied().filter(|movement| movement.cause == cause)).0;
    let fee = Balance { xrp: -&Exact::from_drops(tx.fee), rlusd: Exact::zero() };
    if of("fee") != fee {
        wrong.push(format!("fee booked {}, and it burned {}", show(&of("fee")), show(&fee)));
    }
    if tx.makes_tickets && did != fee {
        wrong.push(format!("a TicketCreate did {}, and burned {}", show(&did), show(&fee)));
    }
    let rounding = of("ledger_rounding");
    if !rounding.xrp.is_zero() || rounding.rlusd.abs() > rounding_bound(tx) {
        wrong.push(format!("{} booked as rounding is more than the ledger rounds", show(&rounding)));
    }
    let transfer = of("transfer_fee");
    if transfer != Balance::default() && !is_transfer_fee(tx, &transfer) {
        wrong
            .push(format!("{} booked as transfer fee is at no rate that an issuer can set", show(&transfer)));
    }
    let mut filled = Balance::default();
    for fill in fills {
        match fill_change(fill) {
            Ok(change) => filled = filled.plus(&change),
            Err(what) => wrong.push(what),
        }
    }
    if of("fill") != filled {
        wrong.push(format!("fills booked {}, and their rows say {}", show(&of("fill")), show(&filled)));
    }
    for traded in &tx.traded {
        let number = Some(i64::from(traded.sequence));
        if fills.iter().filter(|fill| fill.offer_sequence == number).count() != 1 {
            wrong.push(format!("offer {} traded, and has not one fill of it", traded.sequence));
        }
    }
    wrong
}

/// Whether what is booked can be what the issuer took: on top of the RLUSD that our offers gave, of our pair or not, at a whole number of
/// billionths and at most as much again (ledger documentation, "Transfer Fees": `TransferRate` of 10^9 to 2 * 10^9), to what
/// the ledger rounds.
fn is_transfer_fee(tx: &TxEvidence, booked: &Balance) -> bool {
    let given = tx.traded.iter().filter_map(|traded| match &traded.gave {
        Leg::Rlusd(value) => Some(value),
        Leg::Xrp(_) => None,
    });
    let given = given.fold(tx.given_elsewhere.clone(), |sum, value| &sum + value);
    let fee = -&booked.rlusd;
    let billion = Exact::new(1.into(), 9);
    let Ok(rate) = (&fee * &billion).divide(&given, 0, Rounding::HalfEven) else { return false };
    let at_rate = &(&given * &rate) * &Exact::new(1.into(), -9);
    let is_possible = !rate.is_zero() && !rate.is_negative() && rate <= billion;
    booked.xrp.is_zero() && is_possible && (&fee - &at_rate).abs() <= rounding_bound(tx)
}

/// Why a fill is not proven by the evidence of its ledger history.
pub(crate) fn fill(fill: &AuditFill, world: &World) -> Result<(), String> {
    let (ledger_index, tx) =
        world.transactions.get(&fill.tx_hash).ok_or("its transaction is in no journal")?;
    if i64::from(*ledger_index) != fill.ledger_index {
        return Err(format!("its transaction is in ledger {ledger_index}"));
    }
    if fill.order_session_id != Some(fill.session_id) {
        return Err("it is not credited to the session that placed its order".to_owned());
    }
    let claimed = fill_change(fill)?;
    let traded = tx.traded.iter().find(|traded| Some(i64::from(traded.sequence)) == fill.offer_sequence);
    let shown = match (fill.liquidity.as_str(), traded) {
        ("maker", Some(traded)) => change_of(traded),
        ("maker", None) => return Err("the transaction took nothing of its offer".to_owned()),
        ("taker", _) => return taken(tx, &claimed),
        (other, _) => return Err(format!("liquidity {other:?}")),
    };
    if claimed != shown {
        return Err(format!("it says {}, and its offer shows {}", show(&claimed), show(&shown)));
    }
    let (gets, pays) = legs(fill);
    if (&fill.taker_gets, &fill.taker_pays) != (&gets, &pays) {
        return Err(format!(
            "its legs are {} and {}, not {gets} and {pays}",
            fill.taker_gets, fill.taker_pays
        ));
    }
    Ok(())
}

/// An offer of ours that took as it was placed: what the whole transaction changed, without its fee and what was taken
/// of our resting offers. Exact in XRP; in RLUSD to what the ledger rounds.
fn taken(tx: &TxEvidence, claimed: &Balance) -> Result<(), String> {
    let rested = tx.traded.iter().fold(Balance::default(), |sum, traded| sum.plus(&change_of(traded)));
    let whole = Balance { xrp: &tx.xrp_change() + &Exact::from_drops(tx.fee), rlusd: tx.rlusd_change() };
    let shown = whole.minus(&rested);
    let off = claimed.minus(&shown);
    if off.xrp.is_zero() && off.rlusd.abs() <= rounding_bound(tx) {
        Ok(())
    } else {
        Err(format!("it says {}, and its transaction shows {}", show(claimed), show(&shown)))
    }
}

fn change_of(traded: &Traded) -> Balance {
    let one = |leg: &Leg| match leg {
        Leg::Xrp(drops) => Balance { xrp: Exact::from_drops(*drops), rlusd: Exact::zero() },
        Leg::Rlusd(value) => Balance { xrp: Exact::zero(), rlusd: value.clone() },
    };
    one(&traded.got).minus(&one(&traded.gave))
}

/// The legs as the ledger writes them, from the quantities: XRP in drops.
fn legs(fill: &AuditFill) -> (String, String) {
    let drops = fill.quantity_xrp.parse::<Exact>().map(|xrp| xrp.scaled(6).to_string()).unwrap_or_default();
    let rlusd = fill.quantity_rlusd.clone();
    if fill.side == "buy" { (rlusd, drops) } else { (drops, rlusd) }
}

/// Passes of the ledger's payment engine over its strands, in each of which an offer may be taken a little more.
const PASSES_MAX: usize = 1000;

/// Exponent of the last digit of a trust line with ten million on it: a line that shows nothing of a trade hides no more.
const UNSEEN_LINE: i32 = -9;

/// Amounts have 16 digits, so each change of a balance or of an offer may be off by one unit of the last; a transaction
/// that meets several offers, or one of them in several passes, changes them several times.
pub(crate) fn rounding_bound(tx: &TxEvidence) -> Exact {
    rounding_of(tx, tx.traded.len(), None)
}

/// The same for so many offers, some of which have another last digit.
pub(crate) fn rounding_of(tx: &TxEvidence, offers: usize, other: Option<i32>) -> Exact {
    let changes = 2 * offers * PASSES_MAX + 1;
    let passes = tx.unit.max(other).map_or_else(Exact::zero, |unit| Exact::new(changes.into(), unit));
    let unseen = if tx.rlusd.is_none() { Exact::new(1.into(), UNSEEN_LINE) } else { Exact::zero() };
    passes.max(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::Hash256;
    use units::Drops;

    #[test]
    fn a_transfer_fee_is_at_a_rate_of_whole_billionths() {
        let gave = |gave: Leg, got: Leg| TxEvidence {
            hash: Hash256::ZERO,
            fee: Drops::ZERO,
            xrp: None,
            rlusd: Some(("100".parse().unwrap_or_default(), "84".parse().unwrap_or_default())),
            traded: vec![Traded { sequence: 7, gave, got }],
            given_elsewhere: Exact::zero(),
            unit: Some(-14),
            makes_tickets: false,
        };
        let rlusd = |text: &str| text.parse::<Exact>().unwrap_or_default();
        let bid = gave(Leg::Rlusd(rlusd("15")), Leg::Xrp(Drops::from_xrp(10)));
        let ask = gave(Leg::Xrp(Drops::from_xrp(10)), Leg::Rlusd(rlusd("15")));
        // Ten more went through an offer of another pair: a rate of 1.2 takes five.
        let both = TxEvidence { given_elsewhere: rlusd("10"), ..bid.clone() };
        for (tx, xrp, fee, expected) in [
            (&both, "0", "-5", true),
            (&both, "0", "-25", true),
            (&both, "0", "-25.000000025", false),
            (&bid, "0", "-0.03", true),
            (&bid, "0", "-15", true),
            (&bid, "0", "-0.000000015", true),
            // To what the ledger rounds, and no more.
            (&bid, "0", "-0.03000000000001", true),
            (&bid, "0", "-0.030000001", false),
            // More than a rate can be, a gift, XRP, and an offer that gave no RLUSD.
            (&bid, "0", "-15.000000015", false),
            (&bid, "0", "0.03", false),
            (&bid, "-0.000001", "-0.03", false),
            (&ask, "0", "-0.03", false),
        ] {
            let booked = Balance { xrp: rlusd(xrp), rlusd: rlusd(fee) };
            assert_eq!(is_transfer_fee(tx, &booked), expected, "{xrp} XRP, {fee} RLUSD");
        }
    }

    #[test]
    fn a_ticket_create_burns_its_fee_and_does_no_more() {
        let drops = |drops: i64| Drops::new(drops).unwrap_or_default();
        let tx = |after: i64, makes_tickets| TxEvidence {
            hash: Hash256::ZERO,
            fee: drops(10),
            xrp: Some((drops(1_000_000), drops(after))),
            rlusd: None,
            traded: vec![],
            given_elsewhere: Exact::zero(),
            unit: None,
            makes_tickets,
        };
        let movement = |cause: &str, amount: &str| AuditMovement {
            id: 1,
            session_id: 1,
            ledger_index: 7,
            tx_hash: Some(Hash256::ZERO.to_string()),
            cause: cause.to_owned(),
            asset: "XRP".to_owned(),
            debit: cause.to_owned(),
            credit: "wallet".to_owned(),
            amount: amount.to_owned(),
        };
        let (fee, gone) = (movement("fee", "0.000010"), movement("external", "0.000001"));
        assert_eq!(transaction(&tx(999_990, true), &[&fee], &[]), [""; 0]);
        assert_eq!(transaction(&tx(999_989, false), &[&fee, &gone], &[]), [""; 0]);
        assert_eq!(transaction(&tx(999_989, true), &[&fee, &gone], &[]).len(), 1);
    }
}
