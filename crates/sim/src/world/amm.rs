//! Reading pools: what a server's `amm_info` answers. Never changes anything.

use ledger::{AccountId, Amount, Asset, Hash256};
use units::LedgerTime;
use units::stamount::StAmount;

use super::{At, World};
use crate::amount;
use crate::state::{Entry, View, index, money};
use crate::tx::interval_of;

/// A pool as `amm_info` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmmInfo {
    /// Index of the ledger entry.
    pub index: Hash256,
    /// The pool's account.
    pub account: AccountId,
    /// Held of the asset asked for first, frozen or not.
    pub amount: Amount,
    /// Held of the other asset.
    pub amount2: Amount,
    /// Whether the first asset is frozen for the pool; `None` for XRP.
    pub asset_frozen: Option<bool>,
    /// Whether the second asset is frozen for the pool; `None` for XRP.
    pub asset2_frozen: Option<bool>,
    /// All tokens outstanding, or those of the holder asked for.
    pub lp_token: Amount,
    /// In parts of 100,000.
    pub trading_fee: u16,
    /// Who trades at a discount.
    pub auction_slot: AuctionSlotInfo,
    /// Votes on the fee.
    pub vote_slots: Vec<VoteInfo>,
}

/// An auction slot as `amm_info` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuctionSlotInfo {
    /// Who holds it.
    pub account: AccountId,
    /// Others who pay the discounted fee.
    pub auth_accounts: Vec<AccountId>,
    /// In parts of 100,000.
    pub discounted_fee: u16,
    /// When it ends.
    pub expiration: LedgerTime,
    /// What it cost, in tokens.
    pub price: Amount,
    /// Which twentieth of its day it is in, from 0; 20 when it is over.
    pub time_interval: u32,
}

/// A vote as `amm_info` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteInfo {
    /// Whose.
    pub account: AccountId,
    /// In parts of 100,000.
    pub trading_fee: u16,
    /// Share of the tokens, in parts of 100,000.
    pub vote_weight: u32,
}

/// The time interval of a slot that is over.
const OVER: u32 = 20;

impl World {
    /// The pool of two assets, in the order asked. With a holder, `lp_token` is that holder's.
    #[must_use]
    pub fn amm_info(
        &self,
        at: At,
        asset: &Asset,
        asset2: &Asset,
        holder: Option<AccountId>,
    ) -> Option<AmmInfo> {
        let view = self.view(at);
        let pool = view.amm(asset, asset2)?;
        let now = match at {
            At::Validated => self.header.parent_close_time,
            At::Current => self.header.close_time,
        };
        let slot = &pool.slot;
        let tokens = match holder {
            Some(holder) => money::held(&view, holder, pool.account, pool.token),
            None => pool.supply,
        };
        Some(AmmInfo {
            index: index::amm(asset, asset2),
            account: pool.account,
            amount: holds(&view, pool.account, asset)?,
            amount2: holds(&view, pool.account, asset2)?,
            asset_frozen: is_frozen(&view, pool.account, asset),
            asset2_frozen: is_frozen(&view, pool.account, asset2),
            lp_token: pool.tokens(tokens),
            trading_fee: pool.fee_units,
            auction_slot: AuctionSlotInfo {
                account: slot.account,
                auth_accounts: slot.others.clone(),
                discounted_fee: slot.fee_units,
                expiration: LedgerTime(slot.expiration),
                price: pool.tokens(slot.price),
                time_interval: interval_of(slot, now.0).unwrap_or(OVER),
            },
            vote_slots: pool
                .votes
                .iter()
                .map(|vote| VoteInfo {
                    account: vote.account,
                    trading_fee: vote.fee_units,
                    vote_weight: vote.weight,
                })
                .collect(),
        })
    }

    /// The two assets of the pool with this account, in the ledger's order; `None` where it is no pool's.
    #[must_use]
    pub fn amm_assets(&self, at: At, account: AccountId) -> Option<(Asset, Asset)> {
        let view = self.view(at);
        match view.get(&view.account(account)?.amm_id?) {
            Some(Entry::Amm(pool)) => Some(pool.assets),
            _ => None,
        }
    }
}

fn holds(view: &View, pool: AccountId, asset: &Asset) -> Option<Amount> {
    let number = match *asset {
        Asset::Issued { currency, issuer } => StAmount::Issued(money::held(view, pool, issuer, currency)),
        _ => money::pool_side(view, pool, asset)?,
    };
    amount::of_asset(number, asset).ok()
}

fn is_frozen(view: &View, pool: AccountId, asset: &Asset) -> Option<bool> {
    match *asset {
        Asset::Issued { currency, issuer } => Some(money::is_frozen(view, pool, issuer, currency)),
        Asset::Xrp | Asset::Mpt(_) => None,
    }
}
