//! What our key set up beside this engine and a stranger's transaction now completes: an offer of another pair, a cheque,
//! an escrow, a payment channel, a token's offer, a share of a pool, a line that ripples. Reads entries of ours in the
//! metadata; never looks at the offers of our pair, which [`crate::evidence`] reads.

use crate::identity::Identity;
use crate::record::Asset;
use ledger::{
    AffectedNode, Amount, Asset as LedgerAsset, Currency, EntryType, NodeAction, Object, OfferStatus, TxMeta,
    fields as f, offer_changes,
};
use units::{Drops, Exact};

/// `Check`, `Escrow`, `PayChannel`, `NFTokenOffer` (ledger documentation, "Ledger Entry Types").
const CHECK: EntryType = EntryType(67);
const ESCROW: EntryType = EntryType(117);
const PAY_CHANNEL: EntryType = EntryType(120);
const NFTOKEN_OFFER: EntryType = EntryType(55);
/// `lsfSellNFToken` (ledger documentation, "NFTokenOffer").
const SELLS: u32 = 1;
/// First byte of the code of a pool's shares (ledger documentation, "AMM": LP Token currency codes).
const POOL_SHARE: u8 = 0x03;

/// What such entries did to our balances, or may have done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// Signed legs of our offers of other pairs that traded: what they are is exact.
    pub traded: Vec<(Asset, Exact)>,
    /// Exponent of the largest last digit of RLUSD in these offers, before or after.
    pub unit: Option<i32>,
    /// What the other entries allow.
    pub xrp: Reach,
    /// The same of RLUSD.
    pub rlusd: Reach,
    /// A share of a pool of ours became less.
    pub from_pool: bool,
}

/// How far a balance may have moved, each way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    brings: Bound,
    takes: Bound,
}

/// At most how much.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    UpTo(Exact),
    /// The entry does not say.
    Open,
}

impl Default for Bound {
    fn default() -> Bound {
        Bound::UpTo(Exact::zero())
    }
}

impl Reach {
    /// Whether a signed change of the balance lies within.
    pub fn allows(&self, change: &Exact) -> bool {
        match if change.is_negative() { &self.takes } else { &self.brings } {
            Bound::Open => true,
            Bound::UpTo(most) => change.abs() <= *most,
        }
    }
}

impl Bound {
    fn add(&mut self, more: Exact) {
        if let Bound::UpTo(most) = self {
            *most = &*most + &more;
        }
    }
}

impl Elsewhere {
    /// Reads the nodes of one transaction.
    pub fn read(meta: &TxMeta, identity: &Identity) -> Elsewhere {
        let mut out = Elsewhere::default();
        let offers = offer_changes(meta, None, None).into_iter();
        for offer in offers.filter(|o| o.account == identity.account && o.status != OfferStatus::Created) {
            let legs = [(offer.filled_gets, true), (offer.filled_pays, false)];
            let known = legs.map(|(amount, gives)| of(identity, &amount).map(|leg| (leg, gives)));
            // With both legs known it is one of our pair.
            if let [Some(((asset, amount), gives)), None] | [None, Some(((asset, amount), gives))] = known
                && !amount.is_zero()
            {
                let sides = [offer.taker_gets, offer.remaining_gets, offer.taker_pays, offer.remaining_pays];
                let digits =
                    sides.iter().filter(|side| of(identity, side).is_some_and(|(of, _)| of == Asset::Rlusd));
                let values = digits.filter_map(|side| side.value()).filter(|value| !value.is_zero());
                out.unit = out.unit.into_iter().chain(values.map(|value| value.exponent())).max();
                if gives && asset == Asset::Rlusd {
                    // The issuer takes at most as much again on top (ledger documentation, "Transfer Fees").
                    out.rlusd.takes.add(amount.clone());
                }
                out.traded.push((asset, if gives { -&amount } else { amount }));
            }
        }
        for node in &meta.nodes {
            if let Some(fields) = &node.fields {
                out.entry(node, fields, identity);
            }
        }
        out
    }

    /// XRP that these offers moved.
    pub fn traded_drops(&self) -> Drops {
        let drops = self.sum(Asset::Xrp).scaled(6).to_i128().and_then(|drops| i64::try_from(drops).ok());
        drops.and_then(|drops| Drops::new(drops).ok()).unwrap_or(Drops::ZERO)
    }

    /// RLUSD that these offers moved.
    pub fn traded_rlusd(&self) -> Exact {
        self.sum(Asset::Rlusd)
    }

    /// RLUSD that these offers gave, without sign.
    pub fn given_rlusd(&self) -> Exact {
        let gave = self.traded.iter().filter(|(of, amount)| *of == Asset::Rlusd && amount.is_negative());
        gave.fold(Exact::zero(), |sum, (_, amount)| &sum - amount)
    }

    /// Whether one of these offers moved RLUSD, which the ledger rounds.
    pub fn trades_rlusd(&self) -> bool {
        self.traded.iter().any(|(asset, _)| *asset == Asset::Rlusd)
    }

    fn sum(&self, asset: Asset) -> Exact {
        let legs = self.traded.iter().filter(|(of, _)| *of == asset);
        legs.fold(Exact::zero(), |sum, (_, amount)| &sum + amount)
    }

    /// How far the other entries reach.
    pub fn reach(&self, asset: Asset) -> &Reach {
        match asset {
            Asset::Xrp => &self.xrp,
            Asset::Rlusd => &self.rlusd,
        }
    }

    fn entry(&mut self, node: &AffectedNode, fields: &Object, identity: &Identity) {
        if node.is(EntryType::RIPPLE_STATE) {
            return self.line(node, fields, identity);
        }
        let is_ours = |field| fields.account(field) == Some(identity.account);
        let is_gone = node.action == NodeAction::Deleted;
        let amount = |field| fields.amount(field).and_then(|amount| of(identity, &amount));
        if node.is(CHECK) && is_gone && is_ours(f::ACCOUNT) {
            self.may(amount(f::SEND_MAX), |reach| &mut reach.takes);
        } else if node.is(ESCROW) && is_gone && is_ours(f::ACCOUNT) {
            self.may(amount(f::AMOUNT), |reach| &mut reach.brings);
        } else if node.is(PAY_CHANNEL) && is_gone && is_ours(f::ACCOUNT) {
            self.may(amount(f::AMOUNT), |reach| &mut reach.brings);
        } else if node.is(NFTOKEN_OFFER) && is_gone && is_ours(f::OWNER) {
            let sells = fields.u32(f::FLAGS).unwrap_or(0) & SELLS != 0;
            self.may(amount(f::AMOUNT), |reach| if sells { &mut reach.brings } else { &mut reach.takes });
        }
    }

    /// Another line of ours than the one of our pair: a share of a pool that was paid out, or one that it ripples with,
    /// which only lines of one currency do (ledger documentation, "Rippling").
    fn line(&mut self, node: &AffectedNode, fields: &Object, identity: &Identity) {
        let issuer = |field| fields.amount(field).and_then(|limit| limit.asset().issuer());
        let (Some(low), Some(high), Some(balance)) =
            (issuer(f::LOW_LIMIT), issuer(f::HIGH_LIMIT), fields.amount(f::BALANCE))
        else {
            return;
        };
        let we_are_low = low == identity.account;
        let peer = if we_are_low { high } else { low };
        let (Some(currency), Some(after)) = (balance.asset().currency(), balance.value()) else { return };
        let is_pair = peer == identity.quote_issuer && currency == identity.quote_currency;
        if is_pair || !(we_are_low || high == identity.account) || node.action == NodeAction::Created {
            return;
        }
        let before = node.previous.as_ref().and_then(|previous| previous.amount(f::BALANCE));
        let Some(before) = before.and_then(|amount| amount.value()) else { return };
        let change = &Exact::from(after) - &Exact::from(before);
        let grew = change.is_negative() != we_are_low;
        if currency.0.first() == Some(&POOL_SHARE) {
            if !grew {
                self.from_pool = true;
                (self.xrp.brings, self.rlusd.brings) = (Bound::Open, Bound::Open);
            }
        } else if currency == identity.quote_currency && currency != Currency::XRP {
            *(if grew { &mut self.rlusd.takes } else { &mut self.rlusd.brings }) = Bound::Open;
        }
    }

    fn may(&mut self, amount: Option<(Asset, Exact)>, way: impl Fn(&mut Reach) -> &mut Bound) {
        let Some((asset, amount)) = amount else { return };
        let reach = match asset {
            Asset::Xrp => &mut self.xrp,
            Asset::Rlusd => &mut self.rlusd,
        };
        way(reach).add(amount.abs());
    }
}

/// An amount of one of our two assets, XRP in XRP; `None` for any other.
fn of(identity: &Identity, amount: &Amount) -> Option<(Asset, Exact)> {
    match (amount.asset(), amount.drops(), amount.value()) {
        (LedgerAsset::Xrp, Some(drops), _) => Some((Asset::Xrp, Exact::from_drops(drops))),
        (LedgerAsset::Issued { currency, issuer }, _, Some(value))
            if currency == identity.quote_currency && issuer == identity.quote_issuer =>
        {
            Some((Asset::Rlusd, Exact::from(value)))
        }
        _ => None,
    }
}
