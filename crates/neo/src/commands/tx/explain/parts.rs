//! What an explanation for programs says beside balances and offers. Values are decimal strings, XRP in XRP; amounts
//! named by the ledger itself (`amount`, `price`) are as the ledger writes them. Never a key without something to say.

use ledger::meta::{
    AuctionSlot, EntryChange, Holding, MptRole, NodeAction, PoolChange, TxMeta, channel_changes,
    escrow_changes, mpt_changes, pool_changes,
};
use ledger::{Amount, Asset, TxRecord};
use serde::Serialize;
use serde_json::Value as Json;
use units::{Drops, Exact};

/// One liquidity pool.
#[derive(Serialize)]
pub struct Pool {
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    amm_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    assets: Vec<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lp_tokens: Option<Change>,
    /// In 1/100,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    trading_fee: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trading_fee_before: Option<u16>,
    /// In 1/100,000, four decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    implied_fee: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    votes_changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    auction_slot: Option<Slot>,
}

/// What was, is, and the difference.
#[derive(Serialize)]
struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpt_issuance_id: Option<String>,
    before: String,
    after: String,
    change: String,
}

#[derive(Serialize)]
struct Slot {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<u32>,
}

/// One side of a multi-purpose token.
#[derive(Serialize)]
pub struct Mpt {
    mpt_issuance_id: String,
    account: String,
    /// `holder`: the change is of what it holds; `issuer`: of what is issued.
    role: &'static str,
    change: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_change: Option<String>,
}

/// One escrow.
#[derive(Serialize)]
pub struct Escrow {
    index: String,
    account: String,
    destination: String,
    /// `locked` or `released`.
    action: &'static str,
    amount: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    released_to: Option<String>,
}

/// One payment channel, in XRP.
#[derive(Serialize)]
pub struct Channel {
    index: String,
    account: String,
    destination: String,
    /// `created`, `modified` or `deleted`.
    action: &'static str,
    added: String,
    paid: String,
    returned: String,
    left: String,
}

/// One ledger entry.
#[derive(Serialize)]
pub struct Entry {
    #[serde(rename = "type")]
    entry_type: String,
    index: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

/// Pools, by account.
pub fn pools(meta: &TxMeta) -> Vec<Pool> {
    pool_changes(meta).iter().map(Pool::of).collect()
}

impl Pool {
    fn of(pool: &PoolChange) -> Pool {
        let lp_tokens = pool.lp_tokens.map(|(before, after)| {
            let value = |amount: Amount| amount.value().map_or_else(Exact::zero, Exact::from);
            Change::of(after.asset(), &value(before), &value(after))
        });
        let holding = |held: &Holding| Change::of(held.asset, &held.before, &held.after);
        Pool {
            account: pool.account.to_string(),
            amm_id: pool.amm_id.map(|id| id.to_string()),
            action: pool.action.map(action),
            assets: pool.assets.iter().map(holding).collect(),
            lp_tokens,
            trading_fee: pool.trading_fee,
            trading_fee_before: pool.trading_fee_before,
            implied_fee: pool.implied_fee().map(|fee| fee.to_fixed(4)),
            votes_changed: pool.votes_changed,
            auction_slot: pool.auction_slot.as_ref().map(Slot::of),
        }
    }
}

impl Change {
    fn of(asset: Asset, before: &Exact, after: &Exact) -> Change {
        let (issuer, mpt_issuance_id) = match asset {
            Asset::Xrp => (None, None),
            Asset::Issued { issuer, .. } => (Some(issuer.to_string()), None),
            Asset::Mpt(id) => (None, Some(id.to_string())),
        };
        Change {
            currency: asset.currency().map(|currency| currency.to_string()),
            issuer,
            mpt_issuance_id,
            before: before.to_string(),
            after: after.to_string(),
            change: (after - before).to_string(),
        }
    }
}

impl Slot {
    fn of(slot: &AuctionSlot) -> Slot {
        Slot {
            account: slot.account.map(|account| account.to_string()),
            price: slot.price.as_ref().map(Amount::to_json),
            expiration: slot.expiration,
        }
    }
}

/// Multi-purpose tokens, holders and issuers.
pub fn tokens(meta: &TxMeta) -> Vec<Mpt> {
    let part = |change: ledger::meta::MptChange| Mpt {
        mpt_issuance_id: change.id.to_string(),
        account: change.account.to_string(),
        role: if change.role == MptRole::Holder { "holder" } else { "issuer" },
        change: change.change().to_string(),
        locked_change: Some(change.locked_change()).filter(|by| *by != 0).map(|by| by.to_string()),
    };
    mpt_changes(meta).into_iter().map(part).collect()
}

/// Escrows made and ended.
pub fn escrows(meta: &TxMeta) -> Vec<Escrow> {
    let part = |change: ledger::meta::EscrowChange| Escrow {
        index: change.index.to_string(),
        account: change.account.to_string(),
        destination: change.destination.to_string(),
        action: if change.locked { "locked" } else { "released" },
        amount: change.amount.to_json(),
        released_to: change.released_to.map(|account| account.to_string()),
    };
    escrow_changes(meta).into_iter().map(part).collect()
}

/// Payment channels.
pub fn channels(meta: &TxMeta) -> Vec<Channel> {
    let xrp = |drops: Drops| Exact::from_drops(drops).to_string();
    let part = |change: ledger::meta::ChannelChange| Channel {
        index: change.index.to_string(),
        account: change.account.to_string(),
        destination: change.destination.to_string(),
        action: action(change.action),
        added: xrp(change.added),
        paid: xrp(change.paid),
        returned: xrp(change.returned),
        left: xrp(change.left),
    };
    channel_changes(meta).into_iter().map(part).collect()
}

/// New or gone entries.
pub fn entries(record: &TxRecord, all: &[EntryChange]) -> Vec<Entry> {
    let part = |entry: &EntryChange| Entry {
        entry_type: record.entry_type_name(entry),
        index: entry.index.to_string(),
        owner: entry.owner.map(|owner| owner.to_string()),
    };
    all.iter().map(part).collect()
}

fn action(action: NodeAction) -> &'static str {
    match action {
        NodeAction::Created => "created",
        NodeAction::Modified => "modified",
        NodeAction::Deleted => "deleted",
    }
}
