//! Why our balances moved in one transaction: every drop and every digit gets a cause, and what gets none is named as
//! unexplained. Never looks at our own records of orders: metadata alone speaks.

use crate::evidence::Evidence;
use crate::identity::Identity;
use crate::record::{Asset, Cause, Liquidity};
use crate::side::Side;
use ledger::TxType;
use units::{Drops, Exact};

/// `Clawback`, and `AMMClawback`, which pays the other side of the pool out to the holder (published transaction types).
const CLAWBACK: TxType = TxType(30);
const AMM_CLAWBACK: TxType = TxType(31);

/// `AMMCreate`, `AMMDeposit`, `AMMWithdraw`, `AMMVote`, `AMMBid`, `AMMDelete` (published transaction types).
const AMM: std::ops::RangeInclusive<u16> = 35..=40;

/// What others can pay us with: `Payment`, `EscrowFinish`, `PaymentChannelClaim`, `AccountDelete` (published transaction
/// types). A cheque is cashed by whom it pays, so that one is signed with our key.
const MONEY_IN: [TxType; 4] = [TxType::PAYMENT, TxType(2), TxType(15), TxType(21)];

/// A trade of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trade {
    /// Number of the offer.
    pub sequence: u32,
    pub side: Side,
    pub base: Drops,
    pub quote: Exact,
    pub liquidity: Liquidity,
}

/// A signed change of one balance and its cause; XRP in XRP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub asset: Asset,
    pub amount: Exact,
    pub cause: Cause,
    /// Number of the offer that traded.
    pub sequence: Option<u32>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Explanation {
    pub trades: Vec<Trade>,
    pub changes: Vec<Change>,
    /// Somebody took from us what no trade and no signature of ours explains, and we know who: a clawback.
    pub clawed_back: bool,
    /// A stranger completed what our key set up elsewhere.
    pub set_off: bool,
    /// More RLUSD left than our offers gave: the issuer takes a part of every transfer.
    pub transfer_fee: bool,
    /// What is left of the change of XRP.
    pub unexplained_xrp: Drops,
    /// What is left of the change of RLUSD.
    pub unexplained_rlusd: Exact,
}

/// Decomposes. `signed_by_us`: this engine made the transaction.
pub(crate) fn explain(evidence: &Evidence, identity: &Identity, signed_by_us: bool) -> Explanation {
    let mut out = Explanation::default();
    let is_own = evidence.signer == identity.account;
    let mut xrp = evidence.root.as_ref().map_or(Drops::ZERO, |r| r.after.saturating_sub(r.before));
    let mut rlusd =
        evidence.line.as_ref().map_or_else(Exact::zero, |l| &Exact::from(l.after) - &Exact::from(l.before));
    if is_own && evidence.root.is_some() {
        xrp = xrp.saturating_add(evidence.fee);
        out.change(Asset::Xrp, -&Exact::from_drops(evidence.fee), Cause::Fee, None);
    }
    for offer in evidence.offers.iter().filter(|offer| offer.has_traded()) {
        let trade = Trade {
            sequence: offer.sequence,
            side: offer.side,
            base: offer.traded_base(),
            quote: offer.traded_quote(),
            liquidity: Liquidity::Maker,
        };
        let (base, quote) = signed(&trade);
        xrp = xrp.saturating_sub(base);
        rlusd = &rlusd - &quote;
        out.trade(trade);
    }
    if !is_own {
        // What another program offered for another asset: as exact as a fill, and none.
        for (asset, amount) in &evidence.elsewhere.traded {
            out.change(*asset, amount.clone(), Cause::OtherWriter, None);
        }
        xrp = xrp.saturating_sub(evidence.elsewhere.traded_drops());
        rlusd = &rlusd - &evidence.elsewhere.traded_rlusd();
    }
    if !out.trades.is_empty()
        && !rlusd.is_zero()
        && rlusd.abs() <= rounding_bound(evidence, out.trades.len(), None)
    {
        out.change(Asset::Rlusd, rlusd, Cause::LedgerRounding, None);
        rlusd = Exact::zero();
    }
    if out.trades.iter().any(|trade| trade.side == Side::Buy)
        && is_transfer_fee(&out.trades, evidence, &rlusd)
    {
        out.change(Asset::Rlusd, rlusd, Cause::TransferFee, None);
        out.transfer_fee = true;
        rlusd = Exact::zero();
    }
    if let Some(trade) = taken(evidence, is_own && signed_by_us, xrp, &rlusd) {
        (xrp, rlusd) = (Drops::ZERO, Exact::zero());
        out.trade(trade);
    }
    let is_payment_in =
        MONEY_IN.contains(&evidence.tx_type) && !is_own && evidence.destination == Some(identity.account);
    for (asset, amount) in [(Asset::Xrp, Exact::from_drops(xrp)), (Asset::Rlusd, rlusd)] {
        if amount.is_zero() {
            continue;
        }
        let is_rounding = asset == Asset::Rlusd && is_rounding_elsewhere(evidence, &amount);
        if is_payment_in && !amount.is_negative() && !is_rounding {
            out.change(asset, amount, Cause::Deposit, None);
        } else if let Some(cause) = by_another_hand(evidence, identity, signed_by_us, asset, &amount) {
            out.change(asset, amount, cause, None);
        } else if asset == Asset::Xrp {
            out.unexplained_xrp = xrp;
        } else {
            out.unexplained_rlusd = amount;
        }
    }
    out.clawed_back = out.changes.iter().any(|change| change.cause == Cause::Clawback)
        || (!is_own && out.changes.iter().any(|change| change.cause == Cause::Amm));
    out.set_off = !is_own && out.changes.iter().any(|change| change.cause == Cause::OtherWriter);
    out
}

/// What the ledger rounded where offers of other pairs traded RLUSD too.
fn is_rounding_elsewhere(evidence: &Evidence, amount: &Exact) -> bool {
    let ours = evidence.offers.iter().filter(|offer| offer.has_traded()).count();
    let trades = ours + evidence.elsewhere.traded.len();
    let unit = evidence.elsewhere.unit;
    evidence.elsewhere.trades_rlusd() && amount.abs() <= rounding_bound(evidence, trades, unit)
}

/// The cause of a change that another hand made: the issuer's, or another program's with our key, be it that a stranger
/// completes what that one set up.
fn by_another_hand(
    evidence: &Evidence,
    identity: &Identity,
    signed_by_us: bool,
    asset: Asset,
    amount: &Exact,
) -> Option<Cause> {
    if evidence.signer == identity.account {
        let cause = if AMM.contains(&evidence.tx_type.0) { Cause::Amm } else { Cause::OtherWriter };
        return (!signed_by_us).then_some(cause);
    }
    let elsewhere = &evidence.elsewhere;
    let is_rounding = asset == Asset::Rlusd && is_rounding_elsewhere(evidence, amount);
    if is_rounding || elsewhere.reach(asset).allows(amount) {
        return Some(if elsewhere.from_pool { Cause::Amm } else { Cause::OtherWriter });
    }
    let by_issuer = |tx_type| evidence.tx_type == tx_type && evidence.signer == identity.quote_issuer;
    match asset {
        Asset::Rlusd if by_issuer(CLAWBACK) && amount.is_negative() => Some(Cause::Clawback),
        Asset::Xrp if by_issuer(AMM_CLAWBACK) && !amount.is_negative() => Some(Cause::Amm),
        Asset::Rlusd | Asset::Xrp => None,
    }
}

impl Explanation {
    fn change(&mut self, asset: Asset, amount: Exact, cause: Cause, sequence: Option<u32>) {
        if !amount.is_zero() {
            self.changes.push(Change { asset, amount, cause, sequence });
        }
    }

    fn trade(&mut self, trade: Trade) {
        let (base, quote) = signed(&trade);
        self.change(Asset::Xrp, Exact::from_drops(base), Cause::Fill, Some(trade.sequence));
        self.change(Asset::Rlusd, quote, Cause::Fill, Some(trade.sequence));
        self.trades.push(trade);
    }
}

/// The changes of our balances by a trade.
fn signed(trade: &Trade) -> (Drops, Exact) {
    match trade.side {
        Side::Buy => (trade.base, -&trade.quote),
        Side::Sell => (trade.base.negate(), trade.quote.clone()),
    }
}

/// Whether what left beside our trades can be the issuer's transfer fee: on top of the RLUSD that our offers gave, those of
/// other pairs too, and at most as much again (ledger documentation, "Transfer Fees": a rate of up to 2).
fn is_transfer_fee(trades: &[Trade], evidence: &Evidence, rlusd: &Exact) -> bool {
    let given = trades.iter().filter(|trade| trade.side == Side::Buy);
    let given = given.fold(evidence.elsewhere.given_rlusd(), |sum, trade| &sum + &trade.quote);
    rlusd.is_negative() && rlusd.abs() <= given
}

/// What our own OfferCreate took from the book as it was placed: both balances moved, in opposite directions.
fn taken(evidence: &Evidence, is_our_work: bool, xrp: Drops, rlusd: &Exact) -> Option<Trade> {
    let moved = !xrp.is_zero() && !rlusd.is_zero() && (xrp.get() < 0) != rlusd.is_negative();
    (is_our_work && evidence.tx_type == TxType::OFFER_CREATE && evidence.result.is_success() && moved).then(
        || Trade {
            sequence: evidence.sequence,
            side: if xrp.get() > 0 { Side::Buy } else { Side::Sell },
            base: xrp.abs(),
            quote: rlusd.abs(),
            liquidity: Liquidity::Taker,
        },
    )
}

/// Times that one transaction may come back to the same offer: a payment engine's passes over its strands (`maxTries` of
/// rippled's StrandFlow.h). With a pool beside the book, thirty are usual.
const PASSES_MAX: usize = 1000;

/// Exponent of the last digit of a trust line with ten million on it. What a line does not show at all is below its own
/// last digit; without the line in the metadata nobody knows which that is, and no larger one is believed.
const UNSEEN_LINE: i32 = -9;

/// The most that rounding to 16 digits can put between the legs of the offers and the trust line: each pass over a traded
/// offer rounds its remainder and the line once each way, and no unit is larger than that of the largest number there.
fn rounding_bound(evidence: &Evidence, trades: usize, elsewhere: Option<i32>) -> Exact {
    let line = evidence.line.iter().flat_map(|line| [line.before, line.after]);
    let offers = evidence.offers.iter().flat_map(|offer| [offer.before.quote, offer.after.quote]);
    let seen = line.chain(offers).filter(|value| !value.is_zero()).map(|value| value.exponent());
    let unit = seen.chain(elsewhere).max();
    let passes =
        unit.map_or_else(Exact::zero, |exponent| Exact::new((2 * trades * PASSES_MAX + 1).into(), exponent));
    let unseen = if evidence.line.is_none() { Exact::new(1.into(), UNSEEN_LINE) } else { Exact::zero() };
    passes.max(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elsewhere::Elsewhere;
    use crate::evidence::{LineChange, OfferEvidence, RootChange};
    use crate::side::Legs;
    use ledger::{AccountId, Currency, Hash256, OfferStatus, ResultCode};
    use units::IssuedValue;

    const US: Identity = Identity {
        network_id: 0,
        account: AccountId([7; 20]),
        quote_currency: Currency::RLUSD,
        quote_issuer: AccountId([9; 20]),
    };

    fn taken_whole(after: &str) -> Explanation {
        explain(&taking("0.9358", after), &US, false)
    }

    /// A stranger takes all of our offer of 671955 drops for so much RLUSD; our line ends at `after`.
    fn taking(quote: &str, after: &str) -> Evidence {
        let drops = |n| Drops::new(n).unwrap();
        let legs = |quote: &str, base| Legs { quote: quote.parse().unwrap(), base: drops(base) };
        let offer = OfferEvidence {
            sequence: 92,
            node: Hash256::ZERO,
            side: Side::Sell,
            before: legs(quote, 671_955),
            after: legs("0", 0),
            status: OfferStatus::Filled,
            expiration: None,
        };
        Evidence {
            hash: Hash256::ZERO,
            tx_type: TxType::OFFER_CREATE,
            signer: AccountId([3; 20]),
            sequence: 1,
            result: ResultCode(0),
            fee: drops(10),
            changes_account: false,
            destination: None,
            offers: vec![offer],
            elsewhere: Elsewhere::default(),
            thread: Some(None),
            root: Some(RootChange {
                before: drops(499_269_958),
                after: drops(498_598_003),
                sequence: 93,
                owner_count: 5,
            }),
            line: Some(LineChange {
                before: "9859.687048818711".parse::<IssuedValue>().unwrap(),
                after: after.parse().unwrap(),
                frozen: false,
            }),
            tickets_made: vec![],
            tickets_gone: vec![],
        }
    }

    #[test]
    fn many_passes_over_one_offer_round_many_times_and_are_explained() {
        // From the oracle (seed 120): four units of the line's last digit are missing, after passes of book and pool.
        let seen = taken_whole("9860.622848818707");
        assert!(seen.unexplained_xrp.is_zero() && seen.unexplained_rlusd.is_zero(), "{seen:?}");
        let rounding: Vec<_> = seen.changes.iter().filter(|c| c.cause == Cause::LedgerRounding).collect();
        assert_eq!(rounding.len(), 1);
        assert_eq!(rounding[0].amount, "-0.000000000004".parse().unwrap());
    }

    #[test]
    fn less_than_the_line_can_show_is_rounding_and_no_more_than_that() {
        // From the oracle (seed 7993): the last drop of an offer for 4e-17, which the line did not show.
        let sold = |quote: &str| {
            let mut evidence = taking("0.9358", "9859.687048818711");
            evidence.line = None;
            if let Some(offer) = evidence.offers.first_mut() {
                offer.before.quote = quote.parse().unwrap();
            }
            explain(&evidence, &US, false)
        };
        assert!(sold("0.00000000000000004").unexplained_rlusd.is_zero());
        assert_eq!(sold("0.9358").unexplained_rlusd, "-0.9358".parse().unwrap());
    }

    #[test]
    fn a_millionth_is_no_rounding() {
        let seen = taken_whole("9860.622847818711");
        assert_eq!(seen.unexplained_rlusd, "-0.000001".parse().unwrap());
        assert!(seen.changes.iter().all(|change| change.cause != Cause::LedgerRounding));
    }

    #[test]
    fn what_a_bid_pays_on_top_is_the_transfer_fee_and_no_more_than_it_gave() {
        let bought = |after: &str| {
            let mut evidence = taking("10", after);
            if let Some(offer) = evidence.offers.first_mut() {
                offer.side = Side::Buy;
            }
            if let Some(root) = evidence.root.as_mut() {
                root.after = Drops::new(499_269_958 + 671_955).unwrap();
            }
            explain(&evidence, &US, false)
        };
        // A rate of 0.2 %, and of more than the ledger allows.
        for (after, fee) in [("9849.667048818711", Some("-0.02")), ("9839.587048818711", None)] {
            let seen = bought(after);
            let booked = seen.changes.iter().find(|change| change.cause == Cause::TransferFee);
            assert_eq!(booked.map(|change| change.amount.clone()), fee.map(|fee| fee.parse().unwrap()));
            assert_eq!((seen.transfer_fee, seen.unexplained_rlusd.is_zero()), (fee.is_some(), fee.is_some()));
        }
    }
}
