//! `amm_info`: a liquidity pool by its two assets or by its account. Never shows a pool that is gone.

use ledger::Asset;
use serde_json::{Value, json};
use sim::world::{AmmInfo, At, AuctionSlotInfo};

use super::errors::ApiError;
use super::params::{self, Params};
use super::{Answer, state};
use crate::embedded::EmbeddedLedger;

/// What a pool holds, its fee, auction slot and votes; with `account`, that account's LP tokens.
pub(crate) fn info(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (at, mut answer) = state::lookup(ledger, params)?;
    let (asset, asset2) = pair(ledger, at, params).map_err(|error| error.within(&answer))?;
    let holder = match params.get("account") {
        Some(holder) => Some(state::existing_account(ledger, at, holder.as_str(), &answer)?),
        None => None,
    };
    let pool = ledger.world().amm_info(at, &asset, &asset2, holder);
    let pool = pool.ok_or_else(|| ApiError::act_not_found().within(&answer))?;
    answer.insert("amm".into(), pool_json(&pool));
    Ok(answer)
}

/// The two assets asked about: named, or those of the pool's account. Both ways at once is an error.
fn pair(ledger: &EmbeddedLedger, at: At, params: Params<'_>) -> Result<(Asset, Asset), ApiError> {
    let side = |value: &Value| {
        let fields = value.as_object().ok_or_else(ApiError::issue_malformed)?;
        params::asset(params.of(fields), ApiError::issue_malformed, ApiError::issue_malformed)
    };
    match (params.get("asset"), params.get("asset2"), params.get("amm_account")) {
        (Some(one), Some(other), None) => Ok((side(one)?, side(other)?)),
        (None, None, Some(account)) => {
            let account = account.as_str().and_then(|text| text.parse().ok());
            let account = account.ok_or_else(ApiError::act_malformed)?;
            ledger.world().amm_assets(at, account).ok_or_else(ApiError::act_not_found)
        }
        _ => Err(ApiError::invalid_params()),
    }
}

/// A pool as a recorded server shows it (rippled 3.1.1).
fn pool_json(pool: &AmmInfo) -> Value {
    let mut json = json!({
        "account": pool.account.to_string(), "amount": pool.amount.to_json(), "amount2": pool.amount2.to_json(),
        "lp_token": pool.lp_token.to_json(), "trading_fee": pool.trading_fee,
        "auction_slot": slot_json(&pool.auction_slot),
    });
    for (name, frozen) in [("asset_frozen", pool.asset_frozen), ("asset2_frozen", pool.asset2_frozen)] {
        if let Some(frozen) = frozen {
            json[name] = frozen.into();
        }
    }
    if !pool.vote_slots.is_empty() {
        let votes = pool.vote_slots.iter().map(|vote| {
            json!({
                "account": vote.account.to_string(), "trading_fee": vote.trading_fee, "vote_weight": vote.vote_weight,
            })
        });
        json["vote_slots"] = votes.collect();
    }
    json
}

fn slot_json(slot: &AuctionSlotInfo) -> Value {
    let mut json = json!({
        "account": slot.account.to_string(), "discounted_fee": slot.discounted_fee,
        "expiration": slot.expiration.to_iso().replace('Z', ".000000000+0000"), "price": slot.price.to_json(),
        "time_interval": slot.time_interval,
    });
    if !slot.auth_accounts.is_empty() {
        let others = slot.auth_accounts.iter().map(|account| json!({ "account": account.to_string() }));
        json["auth_accounts"] = others.collect();
    }
    json
}
