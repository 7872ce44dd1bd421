//! What the state before and after one transaction, and the transaction itself, say of an account; and whether the
//! engine's reading of the metadata says the same. Never looks at metadata.

use engine::proof::{Explained, ExplainedOffer};
use engine::{Asset, Cause, Identity, Liquidity, Side};
use ledger::{AccountId, Amount, Object, OfferStatus, ResultCode, TxType, fields as f};
use units::{Drops, Exact, IssuedValue};

use super::holdings::{Holdings, Resting};

/// One transaction as it was sent, and the code it came back with.
pub(super) struct Sent<'a> {
    pub(super) fields: &'a Object,
    pub(super) tx_type: TxType,
    pub(super) result: ResultCode,
    /// Close time of the ledger before.
    pub(super) parent_close: u32,
    /// Whether moves of the quote currency cost a fee of its issuer, which no metadata names.
    pub(super) has_transfer_fee: bool,
}

/// What was looked at.
#[derive(Debug, Default, Clone)]
pub struct Looked {
    /// Accounts whose holdings a transaction changed.
    pub changed: u64,
    /// Offers that traded, whatever became of them.
    pub traded: u64,
    /// Offers gone of which the state alone tells how much traded.
    pub deduced: u64,
    /// Placements that took.
    pub took: u64,
}

/// Compares; the text says what differs.
pub(super) fn judge(
    us: &Identity,
    sent: &Sent<'_>,
    (before, after): (&Holdings, &Holdings),
    read: &Explained,
    signed_by_us: bool,
    looked: &mut Looked,
) -> Result<(), String> {
    let case = Case { us, sent, before, after, read, signed_by_us };
    looked.changed += u64::from(before != after);
    case.balances()?;
    case.sums()?;
    case.fee()?;
    case.offers(looked)?;
    case.gone(looked)?;
    case.placement(looked)?;
    case.causes()
}

struct Case<'a> {
    us: &'a Identity,
    sent: &'a Sent<'a>,
    before: &'a Holdings,
    after: &'a Holdings,
    read: &'a Explained,
    signed_by_us: bool,
}

type Held = Result<(), String>;

impl Case<'_> {
    fn account(&self, field: ledger::FieldId) -> Option<AccountId> {
        self.sent.fields.account(field)
    }

    fn is_sender(&self) -> bool {
        self.account(f::ACCOUNT) == Some(self.us.account)
    }

    fn xrp_change(&self) -> Exact {
        &Exact::from_drops(self.after.xrp) - &Exact::from_drops(self.before.xrp)
    }

    fn rlusd_change(&self) -> Exact {
        &Exact::from(self.after.rlusd) - &Exact::from(self.before.rlusd)
    }

    /// Balances are read as the state has them.
    fn balances(&self) -> Held {
        let xrp = self.read.xrp.unwrap_or((self.before.xrp, self.before.xrp));
        same("XRP before and after", &xrp, &(self.before.xrp, self.after.xrp))?;
        let rlusd = self.read.rlusd.unwrap_or((self.before.rlusd, self.before.rlusd));
        same("RLUSD before and after", &rlusd, &(self.before.rlusd, self.after.rlusd))
    }

    /// Every drop and every digit is in a change or is named unexplained.
    fn sums(&self) -> Held {
        let sum = |wanted: Asset| {
            let changes = self.read.changes.iter().filter(|(asset, _, _)| *asset == wanted);
            changes.fold(Exact::zero(), |sum, (_, amount, _)| &sum + amount)
        };
        let xrp = &sum(Asset::Xrp) + &Exact::from_drops(self.read.unexplained_xrp);
        same("sum of XRP", &xrp, &self.xrp_change())?;
        same("sum of RLUSD", &(&sum(Asset::Rlusd) + &self.read.unexplained_rlusd), &self.rlusd_change())
    }

    fn fee(&self) -> Held {
        let booked = self.of_cause(Asset::Xrp, Cause::Fee);
        same("fee", &booked, &-&Exact::from_drops(self.burned()))
    }

    fn burned(&self) -> Drops {
        let fee = self.sent.fields.amount(f::FEE).and_then(|fee| fee.drops()).unwrap_or(Drops::ZERO);
        if self.is_sender() { fee } else { Drops::ZERO }
    }

    fn of_cause(&self, asset: Asset, cause: Cause) -> Exact {
        let changes = self.read.changes.iter().filter(|(a, _, c)| (*a, *c) == (asset, cause));
        changes.fold(Exact::zero(), |sum, (_, amount, _)| &sum + amount)
    }

    /// The offers told are those that differ, with the legs of the state; what rests traded its difference.
    fn offers(&self, looked: &mut Looked) -> Held {
        for offer in &self.read.offers {
            let (was, is) = (self.before.offers.get(&offer.sequence), self.after.offers.get(&offer.sequence));
            let name = |what: &str| format!("offer {}: {what}", offer.sequence);
            match (was, is) {
                (None, None) => return Err(name("told, and was never there")),
                (None, Some(now)) => {
                    same(&name("created"), &offer.status, &OfferStatus::Created)?;
                    same(&name("legs"), &(offer.side, offer.after), &(now.side, now.legs))?;
                    same(
                        &name("trades"),
                        &self.traded(offer.sequence).is_some(),
                        &self.took(offer.sequence),
                    )?;
                }
                (Some(was), Some(now)) => {
                    same(&name("status"), &offer.status, &OfferStatus::PartiallyFilled)?;
                    let told = (offer.side, offer.before, offer.after);
                    same(&name("legs"), &told, &(was.side, was.legs, now.legs))?;
                    same(&name("trade"), &self.traded(offer.sequence), &Some(difference(was, now)))?;
                    looked.traded += 1;
                }
                (Some(was), None) => {
                    same(&name("legs before"), &(offer.side, offer.before), &(was.side, was.legs))?;
                    let left = &Exact::from(offer.before.quote) - &Exact::from(offer.after.quote);
                    let told = (offer.before.base.saturating_sub(offer.after.base), left);
                    let is_untouched = told.0.is_zero() && told.1.is_zero();
                    same(&name("trade"), &self.traded(offer.sequence), &(!is_untouched).then_some(told))?;
                    looked.traded += u64::from(!is_untouched);
                }
            }
        }
        let told = |sequence: &u32| self.read.offers.iter().any(|offer| offer.sequence == *sequence);
        for (sequence, was) in &self.before.offers {
            let is_same = self.after.offers.get(sequence).is_some_and(|now| now.legs == was.legs);
            if !is_same && !told(sequence) {
                return Err(format!("offer {sequence} changed, and is not told"));
            }
        }
        match self.after.offers.keys().find(|s| !self.before.offers.contains_key(s) && !told(s)) {
            Some(sequence) => Err(format!("offer {sequence} is new, and is not told")),
            None => Ok(()),
        }
    }

    /// The maker's trade of an offer, as it is told.
    fn traded(&self, sequence: u32) -> Option<(Drops, Exact)> {
        let mut trades = self.read.trades.iter().filter(|trade| trade.sequence == sequence);
        trades.next().map(|trade| (trade.base, trade.quote.clone()))
    }

    /// Whether this number is a placement that took as it was placed.
    fn took(&self, sequence: u32) -> bool {
        let is = |trade: &engine::proof::ExplainedTrade| {
            trade.sequence == sequence && trade.liquidity == Liquidity::Taker
        };
        self.read.trades.iter().any(is)
    }

    /// What offers that are gone traded is the change of the balances less what the resting ones traded, when nothing
    /// else moved them; and why an offer went follows from that.
    fn gone(&self, looked: &mut Looked) -> Held {
        let gone = |offer: &&ExplainedOffer| {
            self.before.offers.contains_key(&offer.sequence)
                && !self.after.offers.contains_key(&offer.sequence)
        };
        let gone: Vec<&ExplainedOffer> = self.read.offers.iter().filter(gone).collect();
        let names = |offer: &ExplainedOffer| {
            let ended = self.is_sender().then(|| self.sent.fields.u32(f::OFFER_SEQUENCE)).flatten();
            ended == Some(offer.sequence)
        };
        for offer in &gone {
            let wanted = match self.sent.tx_type {
                TxType::OFFER_CANCEL if names(offer) => OfferStatus::Cancelled,
                TxType::OFFER_CREATE if names(offer) => OfferStatus::Replaced,
                _ => continue,
            };
            same(&format!("offer {} named by our own", offer.sequence), &offer.status, &wanted)?;
            same("its trade", &self.traded(offer.sequence), &None)?;
        }
        let others: Vec<&ExplainedOffer> = gone.into_iter().filter(|offer| !names(offer)).collect();
        if others.is_empty() || !self.is_only_trade() {
            return Ok(());
        }
        let (mut base, mut quote) = (self.xrp_change(), self.rlusd_change());
        for (sequence, was) in &self.before.offers {
            let Some(now) = self.after.offers.get(sequence).filter(|now| now.legs != was.legs) else {
                continue;
            };
            let (in_xrp, in_rlusd) = signed(was.side, &difference(was, now));
            (base, quote) = (&base - &in_xrp, &quote - &in_rlusd);
        }
        let bound = self.rounding();
        if let [offer] = others.as_slice() {
            looked.deduced += 1;
            return self.one_gone(offer, &base, &quote, &bound);
        }
        let none = (Drops::ZERO, Exact::zero());
        let told = others.iter().fold((Exact::zero(), Exact::zero()), |(xrp, rlusd), offer| {
            let trade = self.traded(offer.sequence).unwrap_or_else(|| none.clone());
            let (in_xrp, in_rlusd) = signed(offer.side, &trade);
            (&xrp + &in_xrp, &rlusd + &in_rlusd)
        });
        same("XRP of offers gone", &told.0, &base)?;
        near("RLUSD of offers gone", &told.1, &quote, &bound)
    }

    /// One offer went: all that is left of the change of both balances is its trade.
    fn one_gone(&self, offer: &ExplainedOffer, base: &Exact, quote: &Exact, bound: &Exact) -> Held {
        let was = self.before.offers.get(&offer.sequence).ok_or("it was there")?;
        let told = self.traded(offer.sequence).unwrap_or((Drops::ZERO, Exact::zero()));
        let (in_xrp, in_rlusd) = signed(offer.side, &told);
        let name = format!("offer {} gone", offer.sequence);
        same(&format!("{name}: XRP"), &in_xrp, base)?;
        near(&format!("{name}: RLUSD"), &in_rlusd, quote, bound)?;
        let is_expired = was.expiration.is_some_and(|end| self.sent.parent_close >= end);
        let whole_base = base.abs() == Exact::from_drops(was.legs.base);
        let whole_quote = (&quote.abs() - &Exact::from(was.legs.quote)).abs() <= *bound;
        let traded = !base.is_zero() || quote.abs() > *bound;
        let wanted: &[OfferStatus] = match (traded, whole_base, whole_quote) {
            (true, true, _) => &[OfferStatus::Filled],
            // The last unit of a leg may be rounding.
            (true, false, true) => &[OfferStatus::Filled, OfferStatus::Unfunded],
            (true, false, false) => &[OfferStatus::Unfunded],
            (false, ..) if is_expired => &[OfferStatus::Expired],
            (false, ..) if told.1.is_zero() => &[OfferStatus::Unfunded],
            // Less than the balance can show.
            (false, ..) => &[OfferStatus::Unfunded, OfferStatus::Filled],
        };
        if wanted.contains(&offer.status) {
            Ok(())
        } else {
            Err(format!("{name}: told {:?}, and the state says {wanted:?}", offer.status))
        }
    }

    /// Whether a stranger traded with our offers of other pairs.
    fn is_traded_elsewhere(&self) -> bool {
        !self.is_sender() && self.before.others != self.after.others
    }

    /// Change of our XRP by offers of other pairs, where the state tells it: all of them are still there.
    fn xrp_elsewhere(&self) -> Option<Exact> {
        let xrp = |amount: &Amount| amount.drops().map_or_else(Exact::zero, Exact::from_drops);
        let mut sum = Exact::zero();
        for (sequence, (gets, pays)) in &self.before.others {
            let (gets_now, pays_now) = self.after.others.get(sequence)?;
            sum = &(&sum - &(&xrp(gets) - &xrp(gets_now))) + &(&xrp(pays) - &xrp(pays_now));
        }
        Some(sum)
    }

    /// Whether trades of resting offers of the pair are all that can have moved our balances.
    fn is_only_trade(&self) -> bool {
        self.before.others == self.after.others && self.is_bystander()
    }

    /// The same, with offers of other pairs, of which none trades the quote currency for a third.
    fn is_bystander(&self) -> bool {
        let named =
            [f::DESTINATION, f::HOLDER].into_iter().any(|field| self.account(field) == Some(self.us.account));
        let crosses = matches!(self.sent.tx_type, TxType::OFFER_CREATE | TxType::PAYMENT);
        let is_plain = !self.before.quotes_elsewhere(self.us);
        crosses && is_plain && !self.is_sender() && !named && !self.sent.has_transfer_fee
    }

    /// Our own placement: none of our offers trades with it, so the change of both balances is what it took.
    fn placement(&self, looked: &mut Looked) -> Held {
        let mut takers = self.read.trades.iter().filter(|trade| trade.liquidity == Liquidity::Taker);
        let (taker, second) = (takers.next(), takers.next());
        same("trades as taker", &second.is_some(), &false)?;
        let is_placement = self.sent.tx_type == TxType::OFFER_CREATE && self.is_sender() && self.signed_by_us;
        let (xrp, rlusd) = (&self.xrp_change() + &Exact::from_drops(self.burned()), self.rlusd_change());
        let is_exchange = !xrp.is_zero() && !rlusd.is_zero() && xrp.is_negative() != rlusd.is_negative();
        if !(is_placement && is_exchange && self.sent.result.is_success()) {
            return same("a trade as taker", &taker.is_some(), &false);
        }
        let taker = taker.ok_or("both balances moved, and no trade as taker is told")?;
        looked.took += 1;
        let side = if xrp.is_negative() { Side::Sell } else { Side::Buy };
        same("the taker's side", &taker.side, &side)?;
        let told = (Exact::from_drops(taker.base), taker.quote.clone());
        same("the taker's legs", &told, &(xrp.abs(), rlusd.abs()))?;
        same("trades beside it", &self.read.trades.len(), &1)
    }

    /// Money that came in, and what somebody else did with our key or our line.
    fn causes(&self) -> Held {
        for asset in [Asset::Xrp, Asset::Rlusd] {
            let deposit = self.of_cause(asset, Cause::Deposit);
            let is_paid = self.sent.tx_type == TxType::PAYMENT
                && self.account(f::DESTINATION) == Some(self.us.account)
                && !self.is_sender();
            if deposit.is_negative() || (!deposit.is_zero() && !is_paid) {
                return Err(format!("deposit of {deposit} {}", asset.as_str()));
            }
            let (by_other_writer, tx_type) = (self.is_sender() && !self.signed_by_us, self.sent.tx_type.0);
            let in_pool = (35..=40).contains(&tx_type);
            // The side of the pool that its issuer did not take back.
            let paid_out = tx_type == 31 && !self.of_cause(asset, Cause::Amm).is_negative();
            for (cause, may_be) in [
                (Cause::Clawback, tx_type == 30 && asset == Asset::Rlusd),
                (Cause::Amm, (by_other_writer && in_pool) || paid_out),
                (Cause::OtherWriter, (by_other_writer && !in_pool) || self.is_traded_elsewhere()),
            ] {
                let external = self.of_cause(asset, cause);
                if !external.is_zero() && !may_be {
                    return Err(format!("{} of {external} {}", cause.as_str(), asset.as_str()));
                }
            }
            if let (Asset::Xrp, false, Some(elsewhere)) = (asset, self.is_sender(), self.xrp_elsewhere()) {
                same("XRP of offers of other pairs", &self.of_cause(asset, Cause::OtherWriter), &elsewhere)?;
            }
            let change = if asset == Asset::Xrp { self.xrp_change() } else { self.rlusd_change() };
            if is_paid && self.before.offers == self.after.offers && !change.is_negative() {
                // Beside it, what the payment took of offers of other pairs on its way.
                let told = &deposit + &self.of_cause(asset, Cause::OtherWriter);
                same("the deposit", &told, &change)?;
            }
        }
        let is_idle = self.before == self.after && !self.is_sender();
        same("changes where nothing changed", &(is_idle && !self.read.changes.is_empty()), &false)?;
        if !self.is_bystander() {
            return Ok(());
        }
        // Whatever no trade explains of a bystander's money must not be there.
        same("unexplained XRP of a bystander", &self.read.unexplained_xrp, &Drops::ZERO)?;
        same("unexplained RLUSD of a bystander", &self.read.unexplained_rlusd, &Exact::zero())
    }

    /// Sixteen digits: each pass over an offer rounds it and the line, by at most a unit of the largest number there.
    fn rounding(&self) -> Exact {
        let mut largest: Option<i32> = None;
        let mut see = |value: IssuedValue| {
            if !value.is_zero() {
                largest = Some(largest.map_or(value.exponent(), |seen| seen.max(value.exponent())));
            }
        };
        let mut changed = 0;
        for (sequence, was) in &self.before.offers {
            let now = self.after.offers.get(sequence);
            if now.is_none_or(|now| now.legs != was.legs) {
                see(was.legs.quote);
                changed += 1;
            }
        }
        see(self.before.rlusd);
        see(self.after.rlusd);
        largest
            .map_or_else(Exact::zero, |exponent| Exact::new((2 * changed * PASSES_MAX + 1).into(), exponent))
    }
}

/// Passes of the ledger's payment engine over its strands (`maxTries` of rippled's StrandFlow.h).
const PASSES_MAX: usize = 1000;

fn difference(was: &Resting, now: &Resting) -> (Drops, Exact) {
    let quote = &Exact::from(was.legs.quote) - &Exact::from(now.legs.quote);
    (was.legs.base.saturating_sub(now.legs.base), quote)
}

/// Changes of our balances by a trade: XRP, RLUSD.
fn signed(side: Side, (base, quote): &(Drops, Exact)) -> (Exact, Exact) {
    match side {
        Side::Buy => (Exact::from_drops(*base), -quote),
        Side::Sell => (-&Exact::from_drops(*base), quote.clone()),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, told: &T, state: &T) -> Held {
    if told == state { Ok(()) } else { Err(format!("{what}: told {told:?}, and the state says {state:?}")) }
}

fn near(what: &str, told: &Exact, state: &Exact, bound: &Exact) -> Held {
    if (told - state).abs() <= *bound {
        Ok(())
    } else {
        Err(format!("{what}: told {told}, and the state says {state}, to {bound}"))
    }
}
