//! Conservation, transaction by transaction and over the whole state.
//!
//! Drops are exact: all changes of XRP sum to minus the fee. An issued balance has 16 digits, so each credit and each
//! reduction of an offer is rounded to the nearest of them: at most half a unit in the last place of the figure it makes
//! (rates and transfer fees: one unit). [`Slack`] counts these roundings for one transaction and one asset; there is no
//! other tolerance, and none is carried from one transaction to the next, because every one starts from stored balances.

use std::collections::BTreeSet;

use ledger::{
    AccountId, Asset, EntryType, Hash256, Object, ResultCode, TxMeta, TxType, fields as f, flags, keylet,
};
use units::{Drops, Exact};

use super::picture::Change;
use super::touch::{Sums, Touch, at, exact};
use super::{Broken, State, broken};

const XRP: &str = "drops are conserved but for fees";
const ISSUED: &str = "issued amounts are conserved but for transfer fees and issuers";
const BYSTANDER: &str = "nobody's money moves but by own offers";
const DELIVERED: &str = "a payment delivers what it says";
const TOKENS: &str = "a pool's tokens are its supply";
const PRODUCT: &str = "trade never lessens a pool's product";
const NEGATIVE: &str = "no balance is negative";
/// `tecINSUFF_FEE`: burns what there is.
const INSUFF_FEE: ResultCode = ResultCode(136);
/// First byte of the currency code of a pool's tokens.
const TOKEN_MARK: u8 = 3;
/// Parts of a rate.
const PARITY: u32 = 1_000_000_000;
/// Pieces in which one payment takes from a pool at most (XRP Ledger source, `AMMContext::MaxIterations`).
const PIECES_MAX: u32 = 30;
/// Rounds of one payment at most (XRP Ledger source, `flow` in `StrandFlow.h`: `maxTries`).
const ROUNDS_MAX: u32 = 1_000;

/// How far figures of an asset may be off after one transaction.
///
/// A transaction walks its ways in rounds. Each round but the last ends because an offer is used up (it is then among the
/// changed ones) or because it has taken its piece of a pool, of which there are at most 30; and in one round only the last
/// offer of a step is taken in part. So offers are touched at most `rounds + offers` times with
/// `rounds = offers + pieces + 1`. One touch rounds three stored figures by half a unit each (the owner's line, the
/// taker's, what is left of the offer) and computes two (the part taken, the fee) to one unit: 3.5 units. The ends of a
/// payment add two lines. Units are those of the largest figure in sight: also of a line so full that what moved is lost in
/// its last place, which metadata then does not show.
///
/// One case has more rounds: a pool that its issuer did not authorise gives nothing, and yet its curve cuts every round short.
/// Where an issuer authorises, the ledger's limit on rounds takes the place of the sum.
struct Slack {
    touches: u32,
}

impl Slack {
    fn of(touch: &Touch, entries: &State) -> Slack {
        let authorises = |asset: &Asset| {
            let root = asset.issuer().and_then(|issuer| entries.get(&keylet::account_root(&issuer)));
            root.is_some_and(|root| root.u32(f::FLAGS).unwrap_or(0) & flags::LSF_REQUIRE_AUTH != 0)
        };
        let pieces = if touch.pools.is_empty() { 0 } else { PIECES_MAX };
        let rounds = touch.offers + pieces + 1;
        let rounds = if touch.largest.keys().any(authorises) { ROUNDS_MAX } else { rounds };
        Slack { touches: rounds + touch.offers }
    }

    fn for_asset(&self, touch: &Touch, asset: &Asset) -> Exact {
        match (asset, touch.largest.get(asset)) {
            (Asset::Xrp, _) | (_, None) => Exact::zero(),
            (_, Some(largest)) => {
                &last_place(largest) * &Exact::new((i64::from(self.touches) * 35 + 10).into(), -1)
            }
        }
    }
}

/// One unit in the 16th digit.
fn last_place(figure: &Exact) -> Exact {
    let (mantissa, exponent) = figure.parts();
    let digits = i32::try_from(mantissa.to_string().trim_start_matches('-').len()).unwrap_or(16);
    Exact::new(1.into(), exponent + digits - 16)
}

/// Holds the laws of money against one transaction. Gives the drops it burned.
pub fn transaction(
    tx: &Object,
    meta: &TxMeta,
    changes: &[Change],
    entries: &State,
    fee: i64,
) -> Result<i64, Broken> {
    let gone = |who: AccountId| {
        changes
            .iter()
            .any(|change| change.last.contains(f::AMMID) && change.last.account(f::ACCOUNT) == Some(who))
    };
    let is_pool = |who: AccountId| {
        entries.get(&keylet::account_root(&who)).is_some_and(|root| root.contains(f::AMMID)) || gone(who)
    };
    let mut touch = Touch::of(changes, &is_pool);
    let sender = tx.account(f::ACCOUNT).unwrap_or(AccountId::ZERO);
    let burned = burned(meta, &touch, fee)?;
    // From here on the sender's XRP is without the fee.
    let paid = touch.moved.entry((sender, Asset::Xrp)).or_default();
    *paid = &*paid + &Exact::new(burned.into(), 0);
    touch.see_lines(tx, entries);
    let slack = Slack::of(&touch, entries);
    let view =
        Checked { tx, meta, entries, sender, destination: tx.account(f::DESTINATION), slack, touch: &touch };
    view.bystanders()?;
    view.assets()?;
    view.delivered()?;
    view.products()?;
    Ok(burned)
}

/// Everything but the fee stays: gives the fee.
fn burned(meta: &TxMeta, touch: &Touch, fee: i64) -> Result<i64, Broken> {
    let drops = touch.moved.iter().filter(|((_, asset), _)| asset.is_xrp()).map(|(_, change)| change);
    let sum = drops.fold(Exact::zero(), |sum, change| &sum + change);
    let gone = -&sum;
    let whole = gone.to_i128().and_then(|gone| i64::try_from(gone).ok());
    match whole {
        Some(gone) if gone == fee || (meta.result == INSUFF_FEE && (0..=fee).contains(&gone)) => Ok(gone),
        _ => broken(XRP, format!("{gone} drops are gone for a fee of {fee}")),
    }
}

struct Checked<'c> {
    tx: &'c Object,
    meta: &'c TxMeta,
    entries: &'c State,
    sender: AccountId,
    destination: Option<AccountId>,
    slack: Slack,
    touch: &'c Touch,
}

impl Checked<'_> {
    fn tx_type(&self) -> TxType {
        TxType(self.tx.u32(f::TRANSACTION_TYPE).and_then(|code| u16::try_from(code).ok()).unwrap_or(u16::MAX))
    }

    fn is_trade(&self) -> bool {
        matches!(self.tx_type(), TxType::PAYMENT | TxType::OFFER_CREATE)
    }

    fn is_end(&self, who: AccountId) -> bool {
        who == self.sender || Some(who) == self.destination
    }

    /// Who is neither an end of the transaction nor a pool gets what own offers took and gives what they gave, with the
    /// fee on transfers at most. Clawbacks and bids name others in their own ways.
    fn bystanders(&self) -> Result<(), Broken> {
        let names_others = matches!(self.tx_type(), TxType(30) | TxType(31) | TxType(39) | TxType(40));
        let keys = self.touch.moved.keys().chain(self.touch.given.keys()).chain(self.touch.taken.keys());
        for key in keys {
            let (who, asset) = *key;
            let exempt =
                self.is_end(who) || self.touch.pools.contains_key(&who) || asset.issuer() == Some(who);
            if exempt || names_others {
                continue;
            }
            let moved = at(&self.touch.moved, *key);
            let (given, taken) = (at(&self.touch.given, *key), at(&self.touch.taken, *key));
            let slack = self.slack.for_asset(self.touch, &asset);
            let most = &(&taken - &given) + &slack;
            let with_fee = &given * &self.rate_most(&asset);
            let least = &(&taken - &with_fee) - &slack;
            if moved > most || moved < least {
                return broken(
                    BYSTANDER,
                    format!("{who} {asset:?}: {moved}, offers gave {given} and took {taken}"),
                );
            }
        }
        Ok(())
    }

    /// What the asset's issuer takes when others move it: 1 for none (XRP Ledger documentation, "Transfer Fees").
    fn rate_most(&self, asset: &Asset) -> Exact {
        let root = asset.issuer().and_then(|issuer| self.entries.get(&keylet::account_root(&issuer)));
        let parts = root.and_then(|root| root.u32(f::TRANSFER_RATE)).unwrap_or(PARITY);
        Exact::new(parts.into(), -9)
    }

    /// What holders lose others gain, but for what an issuer or a pool's supply explains, and fees on transfers.
    fn assets(&self) -> Result<(), Broken> {
        let assets: BTreeSet<Asset> = self.touch.moved.keys().map(|(_, asset)| *asset).collect();
        for asset in assets {
            let Some(issuer) = asset.issuer() else { continue };
            let (lost, gained) = self.gross(&asset);
            let slack = self.slack.for_asset(self.touch, &asset);
            if let Some((before, after)) = self.touch.supply.get(&issuer) {
                let off = &(&gained - &lost) - &(after - before);
                if off.abs() > slack && !self.is_set_right(issuer, after) {
                    return broken(
                        TOKENS,
                        format!("{asset:?}: holders {gained} - {lost}, supply {before} to {after}"),
                    );
                }
                continue;
            }
            if self.is_end(issuer) {
                continue;
            }
            let taxed = self.is_trade();
            let most = if taxed { &gained * &self.rate_most(&asset) } else { gained.clone() };
            if gained > &lost + &slack || lost > &most + &slack {
                return broken(ISSUED, format!("{asset:?}: {lost} lost, {gained} gained"));
            }
        }
        Ok(())
    }

    /// What is withdrawn by the last holder sets the supply to what that holder has, whatever roundings had made of it
    /// (XRP Ledger source, `verifyAndAdjustLPTokenBalance`): then both are equal to the digit.
    fn is_set_right(&self, pool: AccountId, supply: &Exact) -> bool {
        let is_withdrawal = matches!(self.tx_type(), TxType(31) | TxType(37));
        let held = |entry: &Object| {
            let balance = exact(entry.amount(f::BALANCE));
            let side = |field| entry.amount(field).and_then(|limit| limit.asset().issuer()) == Some(pool);
            let is_token = entry.amount(f::BALANCE)?.asset().currency()?.0[0] == TOKEN_MARK;
            (is_token && (side(f::LOW_LIMIT) || side(f::HIGH_LIMIT))).then(|| balance.abs())
        };
        let sum = self.entries.values().filter_map(held).fold(Exact::zero(), |sum, held| &sum + &held);
        is_withdrawal && sum == *supply
    }

    /// What was given and what was gained of an asset, by everybody together. Whose offers gave and took counts with both,
    /// even where the two cancel out in a balance (a payment may take its sender's own offers).
    fn gross(&self, asset: &Asset) -> (Exact, Exact) {
        let touch = self.touch;
        let of = |sums: &Sums| sums.keys().filter(|(_, of)| of == asset).copied().collect::<Vec<_>>();
        let mut keys: Vec<_> = [of(&touch.moved), of(&touch.given), of(&touch.taken)].concat();
        keys.sort_unstable();
        keys.dedup();
        let (mut lost, mut gained) = (Exact::zero(), Exact::zero());
        for key in keys {
            lost = &lost + &at(&touch.given, key);
            gained = &gained + &at(&touch.taken, key);
            if asset.issuer() == Some(key.0) {
                continue;
            }
            let rest = self.beside_offers(key);
            if rest.is_negative() {
                lost = &lost - &rest;
            } else {
                gained = &gained + &rest;
            }
        }
        (lost, gained)
    }

    /// How a holding moved, less what the holder's own offers did to it.
    fn beside_offers(&self, key: (AccountId, Asset)) -> Exact {
        let by_offers = &at(&self.touch.taken, key) - &at(&self.touch.given, key);
        &at(&self.touch.moved, key) - &by_offers
    }

    /// The destination of a payment gains what was delivered; its sender loses no more than `SendMax`.
    fn delivered(&self) -> Result<(), Broken> {
        let (Some(destination), TxType::PAYMENT) = (self.destination, self.tx_type()) else { return Ok(()) };
        let (Some(asked), true) = (self.tx.amount(f::AMOUNT), self.meta.result.is_success()) else {
            return Ok(());
        };
        let delivered = self.meta.delivered_amount.unwrap_or(asked);
        let asset = delivered.asset();
        let slack = self.slack.for_asset(self.touch, &asset);
        let gained = self.beside_offers((destination, asset));
        let off = &gained - &exact(Some(delivered));
        let to_itself =
            destination == self.sender && self.tx.amount(f::SEND_MAX).is_none_or(|max| max.asset() == asset);
        if asset.issuer() != Some(destination) && !to_itself && off.abs() > slack {
            return broken(DELIVERED, format!("{delivered:?} delivered, {gained} gained"));
        }
        if exact(Some(delivered)) > &exact(Some(asked)) + &slack {
            return broken(DELIVERED, format!("{delivered:?} delivered for {asked:?}"));
        }
        let Some(most) = self.tx.amount(f::SEND_MAX) else { return Ok(()) };
        let slack = self.slack.for_asset(self.touch, &most.asset());
        let spent = -&self.beside_offers((self.sender, most.asset()));
        if destination != self.sender && spent > &exact(Some(most)) + &slack {
            return broken(DELIVERED, format!("{spent} spent of at most {most:?}"));
        }
        Ok(())
    }

    /// A pool that was traded with has a product no less than before, but for the last places of its lines.
    fn products(&self) -> Result<(), Broken> {
        if !self.is_trade() {
            return Ok(());
        }
        for (pool, holdings) in &self.touch.pools {
            let real = holdings.iter().filter(|(asset, _)| asset.issuer() != Some(*pool));
            let [(one, (x, x_after)), (other, (y, y_after))] = real.collect::<Vec<_>>()[..] else { continue };
            let (before, after) = (x * y, x_after * y_after);
            let slack = &(&self.slack.for_asset(self.touch, one) * y_after)
                + &(&self.slack.for_asset(self.touch, other) * x_after);
            if after < &before - &slack {
                return broken(PRODUCT, format!("{pool}: {x} * {y} before, {x_after} * {y_after} after"));
            }
        }
        Ok(())
    }
}

/// Over the whole state: all drops are there, no account owes drops, and only issuers and pools owe anything.
pub fn whole(state: &State, coins: Drops, issuers: &BTreeSet<AccountId>) -> Result<(), Broken> {
    let mut drops = 0;
    let pools =
        state.values().filter(|entry| entry.contains(f::AMMID)).filter_map(|root| root.account(f::ACCOUNT));
    let issuers = issuers.iter().copied().chain(pools).collect();
    let is = |entry: &Object, kind: EntryType| entry.u32(f::LEDGER_ENTRY_TYPE) == Some(kind.0.into());
    for (key, entry) in state {
        if is(entry, EntryType::ACCOUNT_ROOT) {
            let balance =
                entry.amount(f::BALANCE).and_then(|balance| balance.drops()).map_or(-1, |drops| drops.get());
            if balance < 0 {
                return broken(NEGATIVE, format!("{key}: {balance} drops"));
            }
            drops += balance;
        }
        if is(entry, EntryType::RIPPLE_STATE) {
            debt(key, entry, &issuers)?;
        }
        if is(entry, EntryType::OFFER) {
            let positive = |field| entry.amount(field).is_some_and(|amount| amount.signum() > 0);
            if !positive(f::TAKER_GETS) || !positive(f::TAKER_PAYS) {
                return broken(NEGATIVE, format!("offer {key}: {entry:?}"));
            }
        }
    }
    if drops == coins.get() {
        Ok(())
    } else {
        broken(XRP, format!("{drops} in accounts, {} in the ledger", coins.get()))
    }
}

/// Who owes on a line is an issuer or a pool.
fn debt(key: &Hash256, line: &Object, issuers: &BTreeSet<AccountId>) -> Result<(), Broken> {
    let balance = exact(line.amount(f::BALANCE));
    let limit = if balance.is_negative() { f::LOW_LIMIT } else { f::HIGH_LIMIT };
    let debtor = line.amount(limit).and_then(|limit| limit.asset().issuer());
    if balance.is_zero() || debtor.is_some_and(|debtor| issuers.contains(&debtor)) {
        return Ok(());
    }
    broken(NEGATIVE, format!("line {key}: {debtor:?} owes {balance}"))
}
