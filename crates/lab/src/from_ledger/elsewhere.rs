//! Entries of ours that no engine made and a stranger's transaction completes: what they moved, or at most can have
//! moved. Read from the metadata by the audit's own rules.

use ledger::{Amount, EntryType, FieldId, Object, fields as f};
use store::Identity;
use units::Exact;

/// Entry types by number (ledger documentation): a cheque, an escrow, a payment channel, an offer for a token.
const CHECK: u32 = 67;
const ESCROW: u32 = 117;
const PAY_CHANNEL: u32 = 120;
const TOKEN_OFFER: u32 = 55;
/// The token's owner offers it for sale.
const FOR_SALE: u32 = 1;
/// What a pool's shares begin with, where another currency has zero or letters.
const SHARE_PREFIX: u8 = 3;

/// What our entries elsewhere have to do with one transaction.
#[derive(Default)]
pub(super) struct Elsewhere {
    /// Legs of offers of another pair: whether XRP, and the change of our balance.
    pub(super) legs: Vec<(bool, Exact)>,
    /// The coarsest digit of our quote currency in those offers.
    pub(super) digit: Option<i32>,
    /// Something of a pool went back to us.
    pub(super) pool_paid: bool,
    limits: Vec<Limit>,
}

/// Our balance may have changed that way, at most by so much where the entry says how much.
struct Limit {
    is_xrp: bool,
    out: bool,
    most: Option<Exact>,
}

impl Elsewhere {
    /// Reads all nodes of a transaction.
    pub(super) fn read<'a>(us: &Identity, nodes: impl Iterator<Item = (FieldId, &'a Object)>) -> Elsewhere {
        let mut found = Elsewhere::default();
        for (action, node) in nodes.filter(|(action, _)| *action != f::CREATED_NODE) {
            let (now, was) = (node.object(f::FINAL_FIELDS), node.object(f::PREVIOUS_FIELDS));
            if let (Some(kind), Some(now)) = (node.u32(f::LEDGER_ENTRY_TYPE), now) {
                found.take(us, kind, action == f::DELETED_NODE, now, was);
            }
        }
        found
    }

    /// Whether such a change of a balance is within what these entries can have done.
    pub(super) fn covers(&self, is_xrp: bool, change: &Exact) -> bool {
        let mut sum = Exact::zero();
        for limit in self.limits.iter().filter(|l| l.is_xrp == is_xrp && l.out == change.is_negative()) {
            match &limit.most {
                None => return true,
                Some(most) => sum = &sum + most,
            }
        }
        change.abs() <= sum
    }

    /// Whether RLUSD went through such an offer, and was rounded there.
    pub(super) fn rounds(&self) -> bool {
        self.legs.iter().any(|(is_xrp, _)| !is_xrp)
    }

    fn take(&mut self, us: &Identity, kind: u32, gone: bool, now: &Object, was: Option<&Object>) {
        let mine = |field| now.account(field) == Some(us.account);
        match kind {
            _ if kind == u32::from(EntryType::OFFER.0) && mine(f::ACCOUNT) => self.offer(us, now, was),
            _ if kind == u32::from(EntryType::RIPPLE_STATE.0) => self.line(us, now, was),
            CHECK if gone && mine(f::ACCOUNT) => self.limit(us, now.amount(f::SEND_MAX), true),
            ESCROW | PAY_CHANNEL if gone && mine(f::ACCOUNT) => self.limit(us, now.amount(f::AMOUNT), false),
            TOKEN_OFFER if gone && mine(f::OWNER) => {
                let pays = now.u32(f::FLAGS).is_none_or(|flags| flags & FOR_SALE == 0);
                self.limit(us, now.amount(f::AMOUNT), pays);
            }
            _ => {}
        }
    }

    fn offer(&mut self, us: &Identity, now: &Object, was: Option<&Object>) {
        let (Some(gets), Some(pays)) = (now.amount(f::TAKER_GETS), now.amount(f::TAKER_PAYS)) else { return };
        let before = |field, after: &Amount| was.and_then(|was| was.amount(field)).unwrap_or(*after);
        let less = |was: &Amount, now: &Amount| {
            let ((is_xrp, was), (_, now)) = (known(us, was)?, known(us, now)?);
            Some((is_xrp, &was - &now))
        };
        let gave = less(&before(f::TAKER_GETS, &gets), &gets);
        let got = less(&before(f::TAKER_PAYS, &pays), &pays);
        if gave.is_some() != got.is_some() {
            for amount in [before(f::TAKER_GETS, &gets), gets, before(f::TAKER_PAYS, &pays), pays] {
                let coarse = known(us, &amount).and(amount.value()).filter(|value| !value.is_zero());
                self.digit = self.digit.max(coarse.map(|value| value.exponent()));
            }
        }
        match (gave, got) {
            (Some((is_xrp, gave)), None) if !gave.is_zero() => {
                if !is_xrp {
                    // A transfer fee goes on top, at most the same again.
                    self.limits.push(Limit { is_xrp, out: true, most: Some(gave.clone()) });
                }
                self.legs.push((is_xrp, -&gave));
            }
            (None, Some((is_xrp, got))) if !got.is_zero() => self.legs.push((is_xrp, got)),
            _ => {}
        }
    }

    /// A line that is not the one of our pair.
    fn line(&mut self, us: &Identity, now: &Object, was: Option<&Object>) {
        let holder = |field| now.amount(field).and_then(|limit| limit.asset().issuer());
        let (Some(low), Some(high)) = (holder(f::LOW_LIMIT), holder(f::HIGH_LIMIT)) else { return };
        let sign = match us.account {
            account if account == low => 1,
            account if account == high => -1,
            _ => return,
        };
        let (Some(after), Some(before)) =
            (now.amount(f::BALANCE), was.and_then(|was| was.amount(f::BALANCE)))
        else {
            return;
        };
        let (Some(currency), Some(after), Some(before)) =
            (after.asset().currency(), after.value(), before.value())
        else {
            return;
        };
        let is_quote = currency == us.currency;
        if is_quote && (low == us.issuer || high == us.issuer) {
            return;
        }
        let rose = (after > before) == (sign == 1);
        if currency.0[0] == SHARE_PREFIX && !rose {
            self.pool_paid = true;
            self.limits.extend([true, false].map(|is_xrp| Limit { is_xrp, out: false, most: None }));
        } else if is_quote {
            self.limits.push(Limit { is_xrp: false, out: rose, most: None });
        }
    }

    fn limit(&mut self, us: &Identity, amount: Option<Amount>, out: bool) {
        if let Some((is_xrp, most)) = amount.and_then(|amount| known(us, &amount)) {
            self.limits.push(Limit { is_xrp, out, most: Some(most.abs()) });
        }
    }
}

/// An amount of XRP (in XRP) or of our quote currency.
fn known(us: &Identity, amount: &Amount) -> Option<(bool, Exact)> {
    match amount {
        Amount::Xrp(drops) => Some((true, Exact::from_drops(*drops))),
        Amount::Issued { value, currency, issuer } if (*currency, *issuer) == (us.currency, us.issuer) => {
            Some((false, Exact::from(*value)))
        }
        _ => None,
    }
}
