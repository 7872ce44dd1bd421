//! `account_info`: an account's root entry and the names of its flags.

use ledger::{AccountId, JsonStyle, fields as f};
use serde_json::{Value, json};
use sim::world::At;

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, fields, load, state};
use crate::embedded::EmbeddedLedger;

/// The account's root entry, and what waits of it. This ledger has no signer lists: they are shown empty.
pub(crate) fn info(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let text =
        params.text(if params.has("account") || !params.has("ident") { "account" } else { "ident" })?;
    let (at, mut answer) = state::lookup(ledger, params)?;
    let account: AccountId = text.parse().map_err(|_| ApiError::act_malformed().within(&answer))?;
    let Some((index, root)) = ledger.world().account_root(at, account) else {
        return Err(ApiError::act_not_found().within(&answer).with("account", account.to_string()));
    };
    let mut data = fields(root.to_json_as(JsonStyle::Server));
    data.insert("index".into(), index.to_string().into());
    if let Some(Value::String(hash)) = data.get("EmailHash") {
        let url = format!("http://www.gravatar.com/avatar/{}", hash.to_lowercase());
        data.insert("urlgravatar".into(), url.into());
    }
    let queue = params.flag("queue");
    if queue && at == At::Validated {
        return Err(ApiError::invalid_params().within(&answer));
    }
    answer.insert("account_flags".into(), account_flags(root.u32(f::FLAGS).unwrap_or(0)));
    if params.strict_flag("signer_lists").map_err(|_| ApiError::invalid_params().within(&answer))? {
        let place = if params.is_v2() { &mut answer } else { &mut data };
        place.insert("signer_lists".into(), json!([]));
    }
    answer.insert("account_data".into(), Value::Object(data));
    if queue {
        answer.insert("queue_data".into(), load::queue_of(ledger, account));
    }
    Ok(answer)
}

/// `lsf` flags of an account root by the names `account_info` gives them.
const ACCOUNT_FLAGS: [(&str, u32); 15] = [
    ("allowTrustLineClawback", 0x8000_0000),
    ("allowTrustLineLocking", 0x4000_0000),
    ("defaultRipple", 0x0080_0000),
    ("depositAuth", 0x0100_0000),
    ("disableMasterKey", 0x0010_0000),
    ("disallowIncomingCheck", 0x0800_0000),
    ("disallowIncomingNFTokenOffer", 0x0400_0000),
    ("disallowIncomingPayChan", 0x1000_0000),
    ("disallowIncomingTrustline", 0x2000_0000),
    ("disallowIncomingXRP", 0x0008_0000),
    ("globalFreeze", 0x0040_0000),
    ("noFreeze", 0x0020_0000),
    ("passwordSpent", 0x0001_0000),
    ("requireAuthorization", 0x0004_0000),
    ("requireDestinationTag", 0x0002_0000),
];

fn account_flags(flags: u32) -> Value {
    ACCOUNT_FLAGS.into_iter().map(|(name, bit)| (name.to_owned(), Value::from(flags & bit != 0))).collect()
}
