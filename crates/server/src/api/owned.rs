//! What an account owns, by pages: `account_lines`, `account_offers`, `account_channels`. A page counts every
//! entry of the owner's directory, whether it is shown or not, as the server's does; the marker names the last
//! entry looked at and the page of the directory it is on.

use std::collections::BTreeMap;

use ledger::{AccountId, EntryType, Hash256, Object, fields as f};
use serde_json::{Map, Value, json};
use sim::world::{AccountLine, AccountOffer, At};

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, state};
use crate::embedded::EmbeddedLedger;
use crate::limits::{PAGE_DEFAULT, PAGE_MAX, PAGE_MIN};

/// The account's trust lines.
pub(crate) fn lines(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let text = params.text("account")?;
    let (at, mut answer) = state::lookup(ledger, params)?;
    let account = state::existing_account(ledger, at, Some(text), &answer)?;
    let peer: Option<AccountId> = match params.get("peer").and_then(Value::as_str) {
        None | Some("") if params.get("peer").is_none_or(Value::is_string) => None,
        None => return Err(ApiError::act_malformed().within(&answer)),
        Some(peer) => Some(peer.parse().map_err(|_| ApiError::act_malformed().within(&answer))?),
    };
    let ignore_default = params.flag("ignore_default");
    let page = Page::read(ledger, params, account, at)?;
    let shown: BTreeMap<Hash256, AccountLine> =
        ledger.world().account_lines(at, account).into_iter().map(|line| (line.index, line)).collect();
    let kept = page.entries.iter().filter(|(_, entry)| !ignore_default || has_reserve(entry, &account));
    let kept = kept.filter_map(|(index, _)| shown.get(index));
    let kept = kept.filter(|line| peer.is_none_or(|peer| peer == line.peer));
    answer.insert("lines".into(), kept.map(line_json).collect());
    page.finish(account, &mut answer);
    Ok(answer)
}

/// The account's offers.
pub(crate) fn offers(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let text = params.text("account")?;
    let (at, mut answer) = state::lookup(ledger, params)?;
    let account = state::existing_account(ledger, at, Some(text), &answer)?;
    let page = Page::read(ledger, params, account, at)?;
    let shown: BTreeMap<Hash256, AccountOffer> =
        ledger.world().account_offers(at, account).into_iter().map(|offer| (offer.index, offer)).collect();
    let kept = page.entries.iter().filter_map(|(index, _)| shown.get(index));
    answer.insert("offers".into(), kept.map(offer_json).collect());
    page.finish(account, &mut answer);
    Ok(answer)
}

/// The account's payment channels: this ledger has none.
pub(crate) fn channels(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let text = params.text("account")?;
    let (at, mut answer) = state::lookup(ledger, params)?;
    let account = state::existing_account(ledger, at, Some(text), &answer)?;
    if let Some(destination) = params.get("destination_account")
        && destination.as_str().and_then(|text| text.parse::<AccountId>().ok()).is_none()
    {
        return Err(ApiError::act_malformed().within(&answer));
    }
    params.limit(PAGE_MIN, PAGE_DEFAULT, PAGE_MAX)?;
    answer.insert("account".into(), account.to_string().into());
    answer.insert("channels".into(), json!([]));
    Ok(answer)
}

/// One page of an owner's directory.
struct Page {
    entries: Vec<(Hash256, Object)>,
    /// Where the next page begins, and the limit this one was cut at.
    next: Option<(u32, String)>,
}

impl Page {
    fn read(
        ledger: &EmbeddedLedger,
        params: Params<'_>,
        account: AccountId,
        at: At,
    ) -> Result<Self, ApiError> {
        let limit = params.limit(PAGE_MIN, PAGE_DEFAULT, PAGE_MAX)?;
        let all = ledger.world().account_objects(at, account);
        let begin = match params.get("marker") {
            None => 0,
            Some(marker) => {
                let text = marker.as_str().ok_or_else(|| ApiError::expected("marker", "string"))?;
                let (index, hint) = text.split_once(',').ok_or_else(ApiError::invalid_params)?;
                let index: Hash256 = index.parse().map_err(|_| ApiError::invalid_params())?;
                let _hint: u64 = hint.parse().map_err(|_| ApiError::invalid_params())?;
                let last = all.iter().position(|(owned, _)| *owned == index);
                last.ok_or_else(ApiError::invalid_params)? + 1
            }
        };
        let end = all.len().min(begin.saturating_add(limit as usize));
        let last = end.checked_sub(1).and_then(|last| all.get(last)).filter(|_| end < all.len());
        let next = last.map(|(index, entry)| (limit, format!("{index},{}", hint(entry, &account))));
        Ok(Self { entries: all.into_iter().take(end).skip(begin).collect(), next })
    }

    fn finish(self, account: AccountId, answer: &mut Map<String, Value>) {
        answer.insert("account".into(), account.to_string().into());
        if let Some((limit, marker)) = self.next {
            answer.insert("limit".into(), limit.into());
            answer.insert("marker".into(), marker.into());
        }
    }
}

/// The page of the account's directory an entry is listed on.
fn hint(entry: &Object, account: &AccountId) -> u64 {
    let is_low = entry.amount(f::LOW_LIMIT).and_then(|limit| limit.asset().issuer()) == Some(*account);
    let field = match entry.u32(f::LEDGER_ENTRY_TYPE) {
        Some(code) if code == u32::from(EntryType::RIPPLE_STATE.0) && is_low => f::LOW_NODE,
        Some(code) if code == u32::from(EntryType::RIPPLE_STATE.0) => f::HIGH_NODE,
        _ => f::OWNER_NODE,
    };
    entry.u64(field).unwrap_or(0)
}

/// Whether a line counts for the account's reserve: its side is not in its default state.
fn has_reserve(entry: &Object, account: &AccountId) -> bool {
    let is_low = entry.amount(f::LOW_LIMIT).and_then(|limit| limit.asset().issuer()) == Some(*account);
    let flag = if is_low { 0x0001_0000 } else { 0x0002_0000 };
    entry.u32(f::FLAGS).unwrap_or(0) & flag != 0
}

/// A trust line as recorded: flags that are off are left out.
fn line_json(line: &AccountLine) -> Value {
    let mut json = json!({
        "account": line.peer.to_string(), "balance": line.balance.to_string(),
        "currency": line.currency.to_string(), "limit": line.limit.to_string(),
        "limit_peer": line.limit_peer.to_string(), "quality_in": line.quality_in,
        "quality_out": line.quality_out,
    });
    let flags = [
        ("no_ripple", line.no_ripple),
        ("no_ripple_peer", line.no_ripple_peer),
        ("authorized", line.authorized),
        ("peer_authorized", line.peer_authorized),
        ("freeze", line.freeze),
        ("freeze_peer", line.freeze_peer),
        ("deep_freeze", line.deep_freeze),
        ("deep_freeze_peer", line.deep_freeze_peer),
    ];
    if let Some(map) = json.as_object_mut() {
        map.extend(flags.into_iter().filter(|(_, on)| *on).map(|(name, on)| (name.to_owned(), on.into())));
    }
    json
}

fn offer_json(offer: &AccountOffer) -> Value {
    let mut json = json!({
        "flags": offer.flags, "quality": offer.quality.to_string(), "seq": offer.sequence,
        "taker_gets": offer.taker_gets.to_json(), "taker_pays": offer.taker_pays.to_json(),
    });
    if let (Some(expiration), Some(map)) = (offer.expiration, json.as_object_mut()) {
        map.insert("expiration".into(), expiration.get().into());
    }
    json
}
