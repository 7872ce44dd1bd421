//! How a transaction changed liquidity pools (AMMs): what they hold, their LP tokens, fee, votes and auction slot.
//! Never needs the pool's own entry: a swap leaves it untouched, and shows only in the pool account's holdings.

use std::collections::BTreeMap;

use units::{Exact, Rounding};

use super::holdings::{Holding, holding_changes, line_holder};
use super::{AffectedNode, NodeAction, TxMeta};
use crate::amount::Amount;
use crate::ids::{AccountId, Hash256};
use crate::object::Object;
use crate::tables::{EntryType, fields as f};
use crate::tx::flags::LSF_AMM_NODE;

/// A pool that a transaction touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolChange {
    /// The pool's own account.
    pub account: AccountId,
    /// The index of its entry, where the metadata says it.
    pub amm_id: Option<Hash256>,
    /// What happened to that entry; `None` for a swap, which does not touch it.
    pub action: Option<NodeAction>,
    /// What it holds, where that changed; XRP first.
    pub assets: Vec<Holding>,
    /// LP tokens in issue, where their number changed: before and after.
    pub lp_tokens: Option<(Amount, Amount)>,
    /// The fee of a swap after this transaction, in 1/100,000, where the entry was touched.
    pub trading_fee: Option<u16>,
    /// The fee before, where the metadata shows that it changed.
    pub trading_fee_before: Option<u16>,
    /// Whether the votes on the fee changed.
    pub votes_changed: bool,
    /// The auction slot, where another holder, price or time was set.
    pub auction_slot: Option<AuctionSlot>,
}

/// Who has bought the discounted fee of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuctionSlot {
    /// Who holds the slot.
    pub account: Option<AccountId>,
    /// What was paid for it, in LP tokens.
    pub price: Option<Amount>,
    /// When it ends, seconds since 2000-01-01.
    pub expiration: Option<u32>,
}

impl PoolChange {
    /// What a trader paid over the pool's own price, in 1/100,000 with four decimals: the trading fee of a single clean
    /// swap (constant product). Several swaps in one transaction, very small ones (rounding) and a transfer fee give
    /// something else. `None` for what is no swap.
    pub fn implied_fee(&self) -> Option<Exact> {
        let ([one, other], None) = (&self.assets[..], &self.lp_tokens) else {
            return None;
        };
        let (paid_in, paid_out) = if one.after > one.before { (one, other) } else { (other, one) };
        let (taken_in, given_out) = (paid_in.change(), -&paid_out.change());
        if taken_in.is_negative() || given_out.is_negative() || given_out.is_zero() {
            return None;
        }
        let needed = &paid_in.before * &given_out;
        let scale = Exact::new(100_000.into(), 0);
        let ratio = (&needed * &scale).divide(&(&paid_out.after * &taken_in), 4, Rounding::HalfEven).ok()?;
        Some(&scale - &ratio)
    }
}

/// Every pool a transaction touched, by account. An `AccountRoot` with `AMMID` is a pool's, and so is the holding side
/// of a trust line with `lsfAMMNode` (ledger documentation, "AccountRoot" and "RippleState").
pub fn pool_changes(meta: &TxMeta) -> Vec<PoolChange> {
    let mut pools: BTreeMap<AccountId, PoolChange> = BTreeMap::new();
    for node in &meta.nodes {
        let Some((account, amm_id)) = pool_of(node) else { continue };
        let pool = pools.entry(account).or_insert_with(|| PoolChange::untouched(account));
        pool.amm_id = pool.amm_id.or(amm_id);
        if node.is(EntryType::AMM) {
            pool.take_entry(node);
        }
    }
    if pools.is_empty() {
        return Vec::new();
    }
    for holding in holding_changes(meta) {
        if let Some(pool) = pools.get_mut(&holding.account) {
            pool.assets.push(holding);
        }
    }
    pools.retain(|_, pool| pool.action.is_some() || !pool.assets.is_empty());
    let sorted = |mut pool: PoolChange| {
        pool.assets.sort_by_key(|holding| holding.asset);
        pool
    };
    pools.into_values().map(sorted).collect()
}

/// The pool an entry is of, and the index of the pool's entry.
fn pool_of(node: &AffectedNode) -> Option<(AccountId, Option<Hash256>)> {
    let fields = node.fields.as_ref()?;
    match node.entry_type {
        EntryType::AMM => Some((fields.account(f::ACCOUNT)?, Some(node.index))),
        EntryType::ACCOUNT_ROOT => {
            let amm_id = fields.hash256(f::AMMID)?;
            Some((fields.account(f::ACCOUNT)?, Some(amm_id)))
        }
        EntryType::RIPPLE_STATE if fields.u32(f::FLAGS).unwrap_or(0) & LSF_AMM_NODE != 0 => {
            Some((line_holder(node)?, None))
        }
        _ => None,
    }
}

impl PoolChange {
    fn untouched(account: AccountId) -> Self {
        Self {
            account,
            amm_id: None,
            action: None,
            assets: Vec::new(),
            lp_tokens: None,
            trading_fee: None,
            trading_fee_before: None,
            votes_changed: false,
            auction_slot: None,
        }
    }

    fn take_entry(&mut self, node: &AffectedNode) {
        let Some(fields) = &node.fields else { return };
        let previous = node.previous.as_ref();
        self.action = Some(node.action);
        self.trading_fee = Some(fee(fields));
        self.trading_fee_before = previous.filter(|p| p.contains(f::TRADING_FEE)).map(fee);
        self.votes_changed = previous.is_some_and(|p| p.contains(f::VOTE_SLOTS));
        self.lp_tokens = lp_tokens(node, fields);
        let slot = |object: &Object| object.object(f::AUCTION_SLOT).map(AuctionSlot::of);
        if let (Some(before), now) = (previous.and_then(slot), slot(fields)) {
            self.auction_slot = now.filter(|now| *now != before);
        }
    }
}

impl AuctionSlot {
    fn of(slot: &Object) -> Self {
        Self {
            account: slot.account(f::ACCOUNT),
            price: slot.amount(f::PRICE),
            expiration: slot.u32(f::EXPIRATION),
        }
    }
}

/// A fee of nothing is not written.
fn fee(fields: &Object) -> u16 {
    fields.u32(f::TRADING_FEE).and_then(|fee| u16::try_from(fee).ok()).unwrap_or(0)
}

fn lp_tokens(node: &AffectedNode, fields: &Object) -> Option<(Amount, Amount)> {
    let now = fields.amount(f::LP_TOKEN_BALANCE)?;
    let before = node.previous.as_ref().and_then(|previous| previous.amount(f::LP_TOKEN_BALANCE));
    let (before, after) = match node.action {
        NodeAction::Created => (now.asset().zero(), now),
        NodeAction::Modified => (before?, now),
        NodeAction::Deleted => (before.unwrap_or(now), now.asset().zero()),
    };
    (before != after).then_some((before, after))
}
