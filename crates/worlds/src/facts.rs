//! One transaction of the ledger's own history, read anew from its bytes: what it did to our balances and our offers.
//! Uses the codec to get at fields, and no other reading of metadata of the house.

use ledger::{AccountId, Amount, Currency, EntryType, FieldId, Hash256, Object, fields as f, keylet};
use units::Exact;

/// Number of the transaction type (ledger documentation, "OfferCreate").
pub(crate) const OFFER_CREATE: u32 = 7;

/// Whose books are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Us {
    pub(crate) account: AccountId,
    pub(crate) issuer: AccountId,
    pub(crate) currency: Currency,
}

/// An amount of one of the two assets of our pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) xrp: Exact,
    pub(crate) rlusd: Exact,
}

impl Pair {
    pub(crate) fn zero() -> Pair {
        Pair { xrp: Exact::zero(), rlusd: Exact::zero() }
    }

    pub(crate) fn plus(&self, other: &Pair) -> Pair {
        Pair { xrp: &self.xrp + &other.xrp, rlusd: &self.rlusd + &other.rlusd }
    }

    pub(crate) fn minus(&self, other: &Pair) -> Pair {
        Pair { xrp: &self.xrp - &other.xrp, rlusd: &self.rlusd - &other.rlusd }
    }
}

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} XRP and {} RLUSD", self.xrp, self.rlusd)
    }
}

/// An offer of ours as it rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resting {
    /// It gives XRP.
    pub(crate) sells: bool,
    /// What is left of it, both without sign.
    pub(crate) left: Pair,
    /// One XRP or one RLUSD and what it asks for it, by the directory that it lies in: the ledger ranks it by this rate,
    /// however odd what a crossing left of it, or the last drops of it, are.
    pub(crate) rate: Pair,
    pub(crate) expiration: Option<u32>,
}

/// What was taken of an offer of ours: what went out of the wallet is below zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) sequence: u32,
    pub(crate) change: Pair,
}

/// A transaction.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) ledger: u32,
    pub(crate) hash: Hash256,
    /// The number of its type.
    pub(crate) kind: u32,
    /// We signed it.
    pub(crate) ours: bool,
    pub(crate) sequence: u32,
    /// Its result's number; 0 is success.
    pub(crate) result: u32,
    pub(crate) fee: Exact,
    /// What it did to our balances, fee and all.
    pub(crate) change: Pair,
    pub(crate) taken: Vec<Taken>,
    /// What became of our offers: as it rests now, or gone.
    pub(crate) offers: Vec<(u32, Option<Resting>)>,
    /// A pool traded as well.
    pub(crate) by_the_pool: bool,
    /// The transaction that changed our account before this one, if this one did.
    pub(crate) thread: Option<Hash256>,
    /// Our tickets that it made.
    pub(crate) tickets_made: Vec<u32>,
}

impl Fact {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with the bytes, in words.
    pub(crate) fn read(
        us: &Us,
        ledger: u32,
        hash: Hash256,
        blob: &[u8],
        meta: &[u8],
    ) -> Result<Fact, String> {
        let tx = Object::from_bytes(blob).map_err(|error| error.to_string())?;
        let meta = Object::from_bytes(meta).map_err(|error| error.to_string())?;
        let ours = tx.account(f::ACCOUNT) == Some(us.account);
        let mut fact = Fact {
            ledger,
            hash,
            kind: tx.u32(f::TRANSACTION_TYPE).ok_or("no type")?,
            ours,
            sequence: tx.u32(f::SEQUENCE).unwrap_or(0),
            result: meta.u32(f::TRANSACTION_RESULT).ok_or("no result")?,
            fee: if ours { xrp(tx.amount(f::FEE)).ok_or("no fee")? } else { Exact::zero() },
            change: Pair::zero(),
            taken: Vec::new(),
            offers: Vec::new(),
            by_the_pool: false,
            thread: None,
            tickets_made: Vec::new(),
        };
        for node in meta.array(f::AFFECTED_NODES).ok_or("no affected nodes")? {
            fact.node(us, node.name, &node.fields)?;
        }
        Ok(fact)
    }

    /// Whether RLUSD, or XRP beyond the fee, left the wallet and no offer of ours was taken: a payment, a clawback.
    pub(crate) fn takes_without_a_trade(&self) -> bool {
        let is_less = self.change.rlusd.is_negative() || (&self.change.xrp + &self.fee).is_negative();
        is_less && self.taken.is_empty() && self.kind != OFFER_CREATE
    }

    fn node(&mut self, us: &Us, action: FieldId, node: &Object) -> Result<(), String> {
        let kind = node.u32(f::LEDGER_ENTRY_TYPE).ok_or("a node without a type")?;
        let empty = Object::new();
        let is_new = action == f::CREATED_NODE;
        let after = node.object(if is_new { f::NEW_FIELDS } else { f::FINAL_FIELDS }).unwrap_or(&empty);
        let before = node.object(f::PREVIOUS_FIELDS).unwrap_or(&empty);
        let is = |entry: EntryType| kind == u32::from(entry.0);
        // Our account may be threaded without a change of its own: the node has no fields then.
        if node.hash256(f::LEDGER_INDEX) == Some(keylet::account_root(&us.account)) {
            self.thread = node.hash256(f::PREVIOUS_TXN_ID);
        }
        if is(EntryType::ACCOUNT_ROOT) && after.account(f::ACCOUNT) == Some(us.account) {
            if let Some(was) = before.amount(f::BALANCE) {
                let (was, now) = (xrp(Some(was)), xrp(after.amount(f::BALANCE)));
                self.change.xrp = &now.ok_or("no balance")? - &was.ok_or("no balance")?;
            }
        } else if is(EntryType::RIPPLE_STATE) {
            self.by_the_pool |=
                after.u32(f::FLAGS).is_some_and(|flags| flags & ledger::flags::LSF_AMM_NODE != 0);
            if let Some(now) = held(us, after, after) {
                let was = if is_new { Some(Exact::zero()) } else { held(us, after, before) };
                self.change.rlusd = was.map_or_else(Exact::zero, |was| &now - &was);
            }
        } else if is(EntryType::OFFER) && after.account(f::ACCOUNT) == Some(us.account) {
            self.offer(us, action, after, before)?;
        } else if is(EntryType::TICKET) && is_new && after.account(f::ACCOUNT) == Some(us.account) {
            self.tickets_made.extend(after.u32(f::TICKET_SEQUENCE));
        }
        Ok(())
    }

    fn offer(&mut self, us: &Us, action: FieldId, after: &Object, before: &Object) -> Result<(), String> {
        let sequence = after.u32(f::SEQUENCE).ok_or("an offer without a sequence")?;
        let (gets, pays) = (f::TAKER_GETS, f::TAKER_PAYS);
        let (Some(gives), Some(wants)) = (leg(us, after.amount(gets)), leg(us, after.amount(pays))) else {
            return Ok(()); // of another pair
        };
        let was = |field, now: &Leg| match before.amount(field) {
            Some(amount) => leg(us, Some(amount)).map(|was| was.value),
            None => Some(now.value.clone()),
        };
        if action != f::CREATED_NODE && (before.contains(gets) || before.contains(pays)) {
            let gave = &was(gets, &gives).ok_or("another asset before")? - &gives.value;
            let got = &was(pays, &wants).ok_or("another asset before")? - &wants.value;
            let change = if gives.is_xrp {
                Pair { xrp: -&gave, rlusd: got }
            } else {
                Pair { xrp: got, rlusd: -&gave }
            };
            self.taken.push(Taken { sequence, change });
        }
        let left = match gives.is_xrp {
            true => Pair { xrp: gives.value.clone(), rlusd: wants.value.clone() },
            false => Pair { xrp: wants.value.clone(), rlusd: gives.value.clone() },
        };
        let resting = match action == f::DELETED_NODE {
            true => None,
            false => Some(Resting {
                sells: gives.is_xrp,
                rate: rate(after, gives.is_xrp).ok_or("an offer in no directory")?,
                left,
                expiration: after.u32(f::EXPIRATION),
            }),
        };
        self.offers.push((sequence, resting));
        Ok(())
    }
}

struct Leg {
    is_xrp: bool,
    value: Exact,
}

fn leg(us: &Us, amount: Option<Amount>) -> Option<Leg> {
    match amount? {
        Amount::Xrp(drops) => Some(Leg { is_xrp: true, value: Exact::from_drops(drops) }),
        Amount::Issued { value, currency, issuer } if currency == us.currency && issuer == us.issuer => {
            Some(Leg { is_xrp: false, value: Exact::from(value) })
        }
        _ => None,
    }
}

/// The rate in the last 64 bits of an offer's directory: what it wants over what it gives, a byte of exponent plus 100 and
/// seven of digits (ledger documentation, "Offer Directories").
fn rate(offer: &Object, sells: bool) -> Option<Pair> {
    let directory = offer.hash256(f::BOOK_DIRECTORY)?;
    let quality = u64::from_be_bytes(*directory.as_bytes().last_chunk::<8>()?);
    let exponent = i32::try_from(quality >> 56).ok()? - 100;
    let wants = |of_drops: i32| Exact::new((quality & 0x00FF_FFFF_FFFF_FFFF).into(), exponent + of_drops);
    let one = Exact::new(1.into(), 0);
    Some(match sells {
        true => Pair { xrp: one, rlusd: wants(6) },
        false => Pair { xrp: wants(-6), rlusd: one },
    })
}

fn xrp(amount: Option<Amount>) -> Option<Exact> {
    match amount? {
        Amount::Xrp(drops) => Some(Exact::from_drops(drops)),
        _ => None,
    }
}

/// What we hold by a trust line, whose parties `line` names and whose balance `of` has. The balance is seen from the
/// low account (ledger documentation, "RippleState").
fn held(us: &Us, line: &Object, of: &Object) -> Option<Exact> {
    let party = |field| match line.amount(field)? {
        Amount::Issued { currency, issuer, .. } if currency == us.currency => Some(issuer),
        _ => None,
    };
    let (low, high) = (party(f::LOW_LIMIT)?, party(f::HIGH_LIMIT)?);
    let Amount::Issued { value, .. } = of.amount(f::BALANCE)? else { return None };
    let value = Exact::from(value);
    match (low, high) {
        (low, high) if low == us.account && high == us.issuer => Some(value),
        (low, high) if high == us.account && low == us.issuer => Some(-&value),
        _ => None,
    }
}
