//! `account_info`, `account_lines` and `account_offers` on the open or the newest validated ledger.

use ledger::AccountId;
use serde_json::{Map, Value, json};
use sim::world::{AccountLine, AccountOffer, At};

use super::errors::ApiError;
use super::forms::issued_text;
use super::params::{AskedLedger, Params};
use super::{Answer, fields};
use crate::embedded::EmbeddedLedger;
use crate::limits::{PAGE_DEFAULT, PAGE_MAX, PAGE_MIN};

/// Which state is asked for: the open ledger or the newest validated one; nothing older is kept.
pub(crate) fn asked(ledger: &EmbeddedLedger, params: Params<'_>) -> Result<At, ApiError> {
    let header = ledger.header();
    match params.ledger()? {
        AskedLedger::Current => Ok(At::Current),
        AskedLedger::Validated => Ok(At::Validated),
        AskedLedger::Index(index) if index == header.ledger_index => Ok(At::Validated),
        AskedLedger::Index(index) if index == header.ledger_index.plus(1) => Ok(At::Current),
        AskedLedger::Hash(hash) if hash == header.ledger_hash => Ok(At::Validated),
        AskedLedger::Index(_) | AskedLedger::Hash(_) => Err(ApiError::ledger_not_found()),
    }
}

/// Says in an answer which ledger it is about.
pub(crate) fn name_ledger(ledger: &EmbeddedLedger, at: At, answer: &mut Map<String, Value>) {
    let header = ledger.header();
    match at {
        At::Current => {
            answer.insert("ledger_current_index".into(), header.ledger_index.plus(1).get().into());
        }
        At::Validated => {
            answer.insert("ledger_hash".into(), header.ledger_hash.to_string().into());
            answer.insert("ledger_index".into(), header.ledger_index.get().into());
        }
    }
    answer.insert("validated".into(), (at == At::Validated).into());
}

/// The account's root entry.
pub(crate) fn info(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let account = params.account()?;
    let at = asked(ledger, params)?;
    let (index, root) = ledger.world().account_root(at, account).ok_or_else(|| not_found(&account))?;
    let mut data = root.to_json_as(ledger::JsonStyle::Server);
    if let Some(map) = data.as_object_mut() {
        map.insert("index".into(), index.to_string().into());
    }
    let flags = root.u32(ledger::fields::FLAGS).unwrap_or(0);
    let mut answer = fields(json!({ "account_data": data, "account_flags": account_flags(flags) }));
    name_ledger(ledger, at, &mut answer);
    Ok(answer)
}

/// The account's trust lines, by pages.
pub(crate) fn lines(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let peer = match params.get("peer") {
        None => None,
        Some(peer) => {
            Some(peer.as_str().and_then(|text| text.parse().ok()).ok_or_else(ApiError::act_malformed)?)
        }
    };
    let wanted = |line: &AccountLine| peer.is_none_or(|peer: AccountId| peer == line.peer);
    page(ledger, params, "lines", |account, at| {
        let lines = ledger.world().account_lines(at, account);
        lines
            .iter()
            .filter(|line| wanted(line))
            .map(|line| (line.index.to_string(), line_json(line)))
            .collect()
    })
}

/// The account's offers, by pages.
pub(crate) fn offers(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    page(ledger, params, "offers", |account, at| {
        let offers = ledger.world().account_offers(at, account);
        offers.iter().map(|offer| (offer.index.to_string(), offer_json(offer))).collect()
    })
}

/// One page of a list of an account's objects; the marker is the index of the last object given.
fn page(
    ledger: &EmbeddedLedger,
    params: Params<'_>,
    name: &str,
    list: impl FnOnce(AccountId, At) -> Vec<(String, Value)>,
) -> Answer {
    let account = params.account()?;
    let limit = params.limit(PAGE_MIN, PAGE_DEFAULT, PAGE_MAX)?;
    let at = asked(ledger, params)?;
    if ledger.world().account_root(at, account).is_none() {
        return Err(not_found(&account));
    }
    let all = list(account, at);
    let begin = match params.get("marker") {
        None => 0,
        Some(marker) => {
            let last = marker.as_str().and_then(|marker| all.iter().position(|(index, _)| index == marker));
            last.ok_or_else(|| ApiError::invalid("Invalid field 'marker'."))? + 1
        }
    };
    let end = all.len().min(begin.saturating_add(limit as usize));
    let mut answer = Map::new();
    answer.insert("account".into(), account.to_string().into());
    if let (true, Some((last, _))) = (end < all.len(), end.checked_sub(1).and_then(|at| all.get(at))) {
        answer.insert("limit".into(), limit.into());
        answer.insert("marker".into(), last.as_str().into());
    }
    let items: Vec<Value> = all.into_iter().skip(begin).take(end - begin).map(|(_, item)| item).collect();
    answer.insert(name.to_owned(), items.into());
    name_ledger(ledger, at, &mut answer);
    Ok(answer)
}

fn not_found(account: &AccountId) -> ApiError {
    ApiError::act_not_found().with("account", account.to_string())
}

/// A trust line as recorded: flags that are off are left out.
fn line_json(line: &AccountLine) -> Value {
    let mut json = json!({
        "account": line.peer.to_string(), "balance": issued_text(&line.balance),
        "currency": line.currency.to_string(), "limit": issued_text(&line.limit),
        "limit_peer": issued_text(&line.limit_peer), "quality_in": line.quality_in,
        "quality_out": line.quality_out,
    });
    let flags = [
        ("no_ripple", line.no_ripple),
        ("no_ripple_peer", line.no_ripple_peer),
        ("authorized", line.authorized),
        ("peer_authorized", line.peer_authorized),
        ("freeze", line.freeze),
        ("freeze_peer", line.freeze_peer),
    ];
    if let Some(map) = json.as_object_mut() {
        map.extend(flags.into_iter().filter(|(_, on)| *on).map(|(name, on)| (name.to_owned(), on.into())));
    }
    json
}

fn offer_json(offer: &AccountOffer) -> Value {
    let mut json = json!({
        "flags": offer.flags, "quality": issued_text(&offer.quality), "seq": offer.sequence,
        "taker_gets": offer.taker_gets.to_json(), "taker_pays": offer.taker_pays.to_json(),
    });
    if let (Some(expiration), Some(map)) = (offer.expiration, json.as_object_mut()) {
        map.insert("expiration".into(), expiration.get().into());
    }
    json
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
