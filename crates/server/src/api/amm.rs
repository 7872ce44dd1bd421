//! `amm_info`: a liquidity pool by its two assets or by its account. Never shows a pool that is gone.

use ledger::{AccountId, Asset};
use serde_json::{Value, json};
use sim::world::{AmmInfo, At, AuctionSlotInfo};

use super::errors::ApiError;
use super::params::{self, Params};
use super::{Answer, state};
use crate::embedded::EmbeddedLedger;

/// What a pool holds, its fee, auction slot and votes; with `account`, that account's LP tokens. Every error comes
/// with the ledger asked about (server source, AMMInfo).
pub(crate) fn info(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (at, mut answer) = state::lookup(ledger, params)?;
    let pool = pool(ledger, at, params).map_err(|error| error.within(&answer))?;
    answer.insert("amm".into(), pool_json(&pool));
    Ok(answer)
}

fn pool(ledger: &EmbeddedLedger, at: At, params: Params<'_>) -> Result<AmmInfo, ApiError> {
    let by_assets = params.has("asset");
    if by_assets != params.has("asset2") || by_assets == params.has("amm_account") {
        return Err(ApiError::invalid_params());
    }
    let (asset, asset2) = match by_assets {
        true => (side(params, "asset")?, side(params, "asset2")?),
        false => {
            let pool = account(ledger, at, params, "amm_account")?;
            ledger.world().amm_assets(at, pool).ok_or_else(ApiError::act_not_found)?
        }
    };
    let holder = params.has("account").then(|| account(ledger, at, params, "account")).transpose()?;
    ledger.world().amm_info(at, &asset, &asset2, holder).ok_or_else(ApiError::act_not_found)
}

fn side(params: Params<'_>, name: &str) -> Result<Asset, ApiError> {
    let fields = params.get(name).and_then(Value::as_object).ok_or_else(ApiError::issue_malformed)?;
    params::asset(params.of(fields), ApiError::issue_malformed, ApiError::issue_malformed)
}

/// An account of the ledger. One that is not there is malformed to this method, as on the real server.
fn account(ledger: &EmbeddedLedger, at: At, params: Params<'_>, name: &str) -> Result<AccountId, ApiError> {
    let account = params.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok());
    let account = account.filter(|account| ledger.world().account_root(at, *account).is_some());
    account.ok_or_else(ApiError::act_malformed)
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
