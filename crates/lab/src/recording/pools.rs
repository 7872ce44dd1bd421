//! Every field of the recorded `amm_info`.

use super::Replay;
use ledger::Asset;
use serde_json::{Value, json};
use sim::world::{AmmInfo, At, VoteInfo};

/// The pool of the pair.
pub(super) fn compare(replay: &mut Replay<'_>, wanted: &Value, place: &str) {
    let info = replay.world.amm_info(At::Validated, &Asset::Xrp, &replay.rlusd, None);
    let got = info.map_or(Value::Null, |info| shown(&info));
    replay.score.count("amm", got == *wanted, || format!("{place}:\n   got {got}\n  want {wanted}"));
}

fn shown(info: &AmmInfo) -> Value {
    let slot = &info.auction_slot;
    let mut shown = json!({
        "account": info.account,
        "amount": info.amount,
        "amount2": info.amount2,
        "auction_slot": {
            "account": slot.account,
            "discounted_fee": slot.discounted_fee,
            "expiration": slot.expiration.to_iso().replace('Z', ".000000000+0000"),
            "price": slot.price,
            "time_interval": slot.time_interval,
        },
        "lp_token": info.lp_token,
        "trading_fee": info.trading_fee,
    });
    let vote = |vote: &VoteInfo| json!({"account": vote.account, "trading_fee": vote.trading_fee, "vote_weight": vote.vote_weight});
    if let Some(fields) = shown.as_object_mut() {
        for (name, frozen) in [("asset_frozen", info.asset_frozen), ("asset2_frozen", info.asset2_frozen)] {
            if let Some(frozen) = frozen {
                fields.insert(name.to_owned(), frozen.into());
            }
        }
        if !info.vote_slots.is_empty() {
            fields.insert("vote_slots".to_owned(), info.vote_slots.iter().map(vote).collect());
        }
    }
    shown
}
