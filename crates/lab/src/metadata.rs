//! The audit's own reading of a transaction: what its stored bytes say about our balances, our offers and its fee. Uses
//! the codec to get at the fields and nothing else of `ledger`: no balance or offer change is taken from there.

use ledger::{AccountId, Amount, Currency, EntryType, FieldId, Hash256, Object, TxType, fields as f};
use store::Identity;
use units::{Drops, Exact, IssuedValue};

/// What one transaction did to us, as its metadata shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TxEvidence {
    pub(crate) hash: Hash256,
    /// Burned by us: the fee, when we sent it.
    pub(crate) fee: Drops,
    /// Our XRP before and after, when it changed.
    pub(crate) xrp: Option<(Drops, Drops)>,
    /// Our balance of the quote currency before and after, when it changed.
    pub(crate) rlusd: Option<(IssuedValue, IssuedValue)>,
    /// Our offers of which something was taken.
    pub(crate) traded: Vec<Traded>,
    /// What our offers of other pairs gave of the quote currency, without sign.
    pub(crate) given_elsewhere: Exact,
    /// The largest exponent of the quote amounts that changed: what the ledger rounds is of its order.
    pub(crate) unit: Option<i32>,
    /// It is ours and only sets sequences aside: a TicketCreate burns its fee and does no more.
    pub(crate) makes_tickets: bool,
}

/// What was taken of one offer of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traded {
    /// The offer's number.
    pub(crate) sequence: u32,
    /// What it gave, without sign.
    pub(crate) gave: Leg,
    /// What it got, without sign.
    pub(crate) got: Leg,
}

/// An amount on one side of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leg {
    /// XRP.
    Xrp(Drops),
    /// The quote currency.
    Rlusd(Exact),
}

impl TxEvidence {
    /// Change of our XRP, in XRP.
    pub(crate) fn xrp_change(&self) -> Exact {
        self.xrp.map_or_else(Exact::zero, |(before, after)| {
            &Exact::from_drops(after) - &Exact::from_drops(before)
        })
    }

    /// Change of our quote currency, without rounding.
    pub(crate) fn rlusd_change(&self) -> Exact {
        self.rlusd.map_or_else(Exact::zero, |(before, after)| &Exact::from(after) - &Exact::from(before))
    }

    /// Reads the bytes of a transaction and of its metadata; the text says what is wrong with them.
    pub(crate) fn read(us: &Identity, hash: Hash256, blob: &[u8], meta: &[u8]) -> Result<TxEvidence, String> {
        if ledger::tx_hash(blob) != hash {
            return Err("its bytes are those of another transaction".to_owned());
        }
        let tx = Object::from_bytes(blob).map_err(|error| error.to_string())?;
        let meta = Object::from_bytes(meta).map_err(|error| error.to_string())?;
        let fee = match (tx.account(f::ACCOUNT) == Some(us.account), tx.amount(f::FEE)) {
            (true, Some(Amount::Xrp(drops))) => drops,
            (true, _) => return Err("it has no fee".to_owned()),
            (false, _) => Drops::ZERO,
        };
        let is_ours = tx.account(f::ACCOUNT) == Some(us.account);
        let makes_tickets =
            is_ours && tx.u32(f::TRANSACTION_TYPE) == Some(u32::from(TxType::TICKET_CREATE.0));
        let (traded, unit, given_elsewhere) = (Vec::new(), None, Exact::zero());
        let mut evidence =
            TxEvidence { hash, fee, xrp: None, rlusd: None, traded, given_elsewhere, unit, makes_tickets };
        for node in meta.array(f::AFFECTED_NODES).ok_or("it has no affected nodes")? {
            evidence.node(us, node.name, &node.fields)?;
        }
        Ok(evidence)
    }

    fn node(&mut self, us: &Identity, action: FieldId, node: &Object) -> Result<(), String> {
        let kind = node.u32(f::LEDGER_ENTRY_TYPE).ok_or("a node without a type")?;
        let empty = Object::new();
        let created = action == f::CREATED_NODE;
        let now = node.object(if created { f::NEW_FIELDS } else { f::FINAL_FIELDS }).unwrap_or(&empty);
        let before = node.object(f::PREVIOUS_FIELDS).unwrap_or(&empty);
        let is = |entry: EntryType| kind == u32::from(entry.0);
        if is(EntryType::ACCOUNT_ROOT) && now.account(f::ACCOUNT) == Some(us.account) {
            self.account_root(created, now, before)
        } else if is(EntryType::RIPPLE_STATE) {
            self.trust_line(us, created, now, before)
        } else if is(EntryType::OFFER) && !created && now.account(f::ACCOUNT) == Some(us.account) {
            self.offer(us, now, before)
        } else {
            Ok(())
        }
    }

    fn account_root(&mut self, created: bool, now: &Object, before: &Object) -> Result<(), String> {
        let drops = |object: &Object| object.amount(f::BALANCE).and_then(|amount| amount.drops());
        let after = drops(now).ok_or("our account without a balance")?;
        let was = if created { Some(Drops::ZERO) } else { drops(before) };
        self.xrp = was.map(|was| (was, after));
        Ok(())
    }

    /// A trust line's balance is seen from the low account (ledger documentation, "RippleState").
    fn trust_line(
        &mut self,
        us: &Identity,
        created: bool,
        now: &Object,
        before: &Object,
    ) -> Result<(), String> {
        let party = |field| now.amount(field).and_then(|limit| issued(&limit));
        let (Some((low, currency, _)), Some((high, _, _))) = (party(f::LOW_LIMIT), party(f::HIGH_LIMIT))
        else {
            return Err("a trust line without its parties".to_owned());
        };
        let we_are_low = low == us.account && high == us.issuer;
        let we_are_high = high == us.account && low == us.issuer;
        if currency != us.currency || !(we_are_low || we_are_high) {
            return Ok(());
        }
        let ours = |object: &Object| {
            let (_, _, value) = issued(&object.amount(f::BALANCE)?)?;
            Some(if we_are_low { value } else { negated(value) })
        };
        let after = ours(now).unwrap_or(IssuedValue::ZERO);
        let was = if created { Some(IssuedValue::ZERO) } else { ours(before) };
        self.rlusd = was.map(|was| (was, after));
        if let Some(was) = was {
            self.measure([was, after]);
        }
        Ok(())
    }

    /// Only a changed amount is in the previous fields; an offer that went without trade has neither.
    fn offer(&mut self, us: &Identity, now: &Object, before: &Object) -> Result<(), String> {
        let (Some(gets), Some(pays)) = (now.amount(f::TAKER_GETS), now.amount(f::TAKER_PAYS)) else {
            return Err("an offer without amounts".to_owned());
        };
        let (gets_was, pays_was) = (before.amount(f::TAKER_GETS), before.amount(f::TAKER_PAYS));
        if gets_was.is_none() && pays_was.is_none() {
            return Ok(());
        }
        let (gets_was, pays_was) = (gets_was.unwrap_or(gets), pays_was.unwrap_or(pays));
        let sequence = now.u32(f::SEQUENCE).ok_or("an offer without a sequence")?;
        match (less(us, &gets_was, &gets), less(us, &pays_was, &pays)) {
            (Some(gave), Some(got)) => {
                self.measure([&gets_was, &gets, &pays_was, &pays].into_iter().filter_map(Amount::value));
                self.traded.push(Traded { sequence, gave, got });
            }
            (Some(Leg::Rlusd(gave)), None) => self.given_elsewhere = &self.given_elsewhere + &gave,
            _ => {}
        }
        Ok(())
    }
}

impl TxEvidence {
    fn measure(&mut self, values: impl IntoIterator<Item = IssuedValue>) {
        let exponents = values.into_iter().filter(|value| !value.is_zero()).map(IssuedValue::exponent);
        self.unit = self.unit.into_iter().chain(exponents).max();
    }
}

/// `was - now`, for XRP and the quote currency.
fn less(us: &Identity, was: &Amount, now: &Amount) -> Option<Leg> {
    match (was, now) {
        (Amount::Xrp(was), Amount::Xrp(now)) => was.checked_sub(*now).ok().map(Leg::Xrp),
        _ => {
            let (issuer, currency, was) = issued(was)?;
            let (_, _, now) = issued(now)?;
            let ours = issuer == us.issuer && currency == us.currency;
            ours.then(|| Leg::Rlusd(&Exact::from(was) - &Exact::from(now)))
        }
    }
}

fn issued(amount: &Amount) -> Option<(AccountId, Currency, IssuedValue)> {
    match amount {
        Amount::Issued { value, currency, issuer } => Some((*issuer, *currency, *value)),
        _ => None,
    }
}

fn negated(value: IssuedValue) -> IssuedValue {
    IssuedValue::from_parts(-i128::from(value.mantissa()), value.exponent()).unwrap_or(IssuedValue::ZERO)
}
