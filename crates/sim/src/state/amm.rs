//! The ledger entry of a pool (XRP Ledger documentation, "AMM"), its address, and its tokens' currency code. Never
//! computes an amount.

use ledger::hash::sha512_half;
use ledger::object::ArrayItem;
use ledger::{AccountId, Amount, Asset, Currency, Hash256, Object, fields as f};
use serde::{Deserialize, Serialize};
use units::IssuedValue;

use super::{Thread, View};

/// A pool. What it holds is with its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amm {
    /// The pool's account; it also issues the tokens.
    pub account: AccountId,
    /// Both assets, the lower one first.
    pub assets: (Asset, Asset),
    /// Tokens outstanding.
    pub supply: IssuedValue,
    /// Currency code of the tokens.
    pub token: Currency,
    /// Trading fee in parts of 100,000.
    pub fee_units: u16,
    /// Votes on the fee.
    pub votes: Vec<Vote>,
    /// Who trades at a discount.
    pub slot: AuctionSlot,
    /// Page of the account's directory.
    pub owner_node: u64,
    /// What changed it last.
    pub thread: Thread,
}

/// A vote on the trading fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Whose.
    pub account: AccountId,
    /// For this fee.
    pub fee_units: u16,
    /// Share of the tokens, in parts of 100,000.
    pub weight: u32,
}

/// The right to trade at a tenth of the fee for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuctionSlot {
    /// Who holds it.
    pub account: AccountId,
    /// When it ends, seconds since 2000-01-01.
    pub expiration: u32,
    /// The fee its holder pays.
    pub fee_units: u16,
    /// What it cost, in tokens.
    pub price: IssuedValue,
    /// Others who pay that fee too.
    pub others: Vec<AccountId>,
}

impl Amm {
    /// The tokens as an asset.
    pub fn token_asset(&self) -> Asset {
        Asset::Issued { currency: self.token, issuer: self.account }
    }

    /// An amount of the tokens.
    pub fn tokens(&self, value: IssuedValue) -> Amount {
        Amount::Issued { value, currency: self.token, issuer: self.account }
    }

    /// The trading fee that an account pays in a ledger whose parent closed at `now`.
    pub fn fee_of(&self, account: AccountId, now: u32) -> u16 {
        let holds = self.slot.account == account || self.slot.others.contains(&account);
        if holds && now < self.slot.expiration { self.slot.fee_units } else { self.fee_units }
    }

    /// Every field but the thread and the type.
    pub fn to_object(&self) -> Object {
        let mut slot = Object::new()
            .with(f::ACCOUNT, self.slot.account)
            .with(f::EXPIRATION, self.slot.expiration)
            .with(f::PRICE, self.tokens(self.slot.price));
        slot.insert_some(f::DISCOUNTED_FEE, some(self.slot.fee_units));
        if !self.slot.others.is_empty() {
            let item = |account: &AccountId| ArrayItem {
                name: f::AUTH_ACCOUNT,
                fields: Object::new().with(f::ACCOUNT, *account),
            };
            slot.insert(f::AUTH_ACCOUNTS, self.slot.others.iter().map(item).collect::<Vec<_>>());
        }
        let mut object = Object::new()
            .with(f::ACCOUNT, self.account)
            .with(f::ASSET, self.assets.0)
            .with(f::ASSET2, self.assets.1)
            .with(f::AUCTION_SLOT, slot)
            .with(f::FLAGS, 0_u32)
            .with(f::LP_TOKEN_BALANCE, self.tokens(self.supply))
            .with(f::OWNER_NODE, self.owner_node);
        object.insert_some(f::TRADING_FEE, some(self.fee_units));
        if !self.votes.is_empty() {
            object.insert(f::VOTE_SLOTS, self.votes.iter().map(vote_item).collect::<Vec<_>>());
        }
        object
    }
}

fn vote_item(vote: &Vote) -> ArrayItem {
    let mut fields = Object::new().with(f::ACCOUNT, vote.account).with(f::VOTE_WEIGHT, vote.weight);
    fields.insert_some(f::TRADING_FEE, some(vote.fee_units));
    ArrayItem { name: f::VOTE_ENTRY, fields }
}

fn some(fee_units: u16) -> Option<u16> {
    (fee_units != 0).then_some(fee_units)
}

/// Two assets, the lower one first: by currency, then by issuer.
pub fn ordered(a: Asset, b: Asset) -> (Asset, Asset) {
    let rank = |asset: &Asset| (asset.currency().unwrap_or(Currency::XRP).0, asset.issuer().map(|i| i.0));
    if rank(&b) < rank(&a) { (b, a) } else { (a, b) }
}

/// The currency code of a pool's tokens: 3, then the hash of both codes.
pub fn token_currency(a: &Asset, b: &Asset) -> Currency {
    let code = |asset: &Asset| asset.currency().unwrap_or(Currency::XRP).0;
    let (low, high) = (code(a).min(code(b)), code(a).max(code(b)));
    let hash = sha512_half(&[&low, &high]);
    let mut bytes = [0; 20];
    bytes[0] = 3;
    bytes[1..].copy_from_slice(&hash.0[..19]);
    Currency(bytes)
}

/// Addresses tried before none is free.
const ATTEMPTS: u16 = 256;

/// The first free address that follows from the parent ledger's hash and the entry's index.
pub fn free_address(view: &View, owner_key: Hash256) -> Option<AccountId> {
    let parent = view.rules.parent_hash;
    (0..ATTEMPTS)
        .map(|attempt| {
            let hash = sha512_half(&[&attempt.to_be_bytes(), parent.as_bytes(), owner_key.as_bytes()]);
            ledger::hash::account_of_public_key(hash.as_bytes())
        })
        .find(|address| view.account(*address).is_none())
}
