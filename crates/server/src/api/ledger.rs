//! `ledger` (headers, and on request the transactions, of every closed ledger kept), `ledger_closed`,
//! `ledger_current` and `ledger_data` (the state, by pages).

use ledger::{Hash256, JsonStyle, hex};
use serde_json::{Map, Value, json};
use sim::world::At;
use units::LedgerIndex;

use super::errors::ApiError;
use super::forms::Form;
use super::params::Params;
use super::{Answer, fields, forms, header, load, objects, state};
use crate::embedded::EmbeddedLedger;
use crate::limits::{STATE_PAGE_BINARY, STATE_PAGE_JSON};

/// The header of a ledger; with `transactions` their hashes, with `expand` all of them. When none is named: the
/// last closed and the open one.
pub(crate) fn ledger(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let named = ["ledger", "ledger_hash", "ledger_index"].into_iter().any(|name| params.has(name));
    let newest = ledger.header();
    if !named {
        return Ok(fields(json!({
            "closed": { "ledger": header::closed(newest, params.version()) },
            "open": { "ledger": header::open(newest, params.version()) },
        })));
    }
    let asked = state::lookup_closed(ledger, params)?;
    let state = params.flag("full") || params.flag("accounts");
    if state && !params.is_admin() {
        return Err(ApiError::no_permission());
    }
    let queue = params.flag("queue");
    if queue && asked.is_some() {
        return Err(ApiError::invalid_params());
    }
    let mut answer = match asked {
        None => open(ledger, params),
        Some(index) => closed(ledger, index, params)?,
    };
    if state {
        let (at, _) = state::lookup(ledger, params)?;
        answer["ledger"]["accountState"] = account_state(ledger, at, params)?;
    }
    if queue {
        let form = Form {
            version: params.version(),
            binary: params.flag("binary"),
            network_id: ledger.network_id(),
        };
        let data = load::queue(ledger, form, is_expanded(params));
        answer.extend(data.map(|data| ("queue_data".to_owned(), data)));
    }
    if params.has("type") {
        answer.insert(
            "warnings".into(),
            json!([{
                "id": 2004,
                "message": "Some fields from your request are deprecated. Please check the documentation at \
                            https://xrpl.org/docs/references/http-websocket-apis/ and update your request. \
                            Field `type` is deprecated.",
            }]),
        );
    }
    Ok(answer)
}

fn closed(ledger: &EmbeddedLedger, index: LedgerIndex, params: Params<'_>) -> Answer {
    let (found, stored) = ledger.history().ledger(index).ok_or_else(ApiError::ledger_not_found)?;
    let form =
        Form { version: params.version(), binary: params.flag("binary"), network_id: ledger.network_id() };
    let mut shown = match form.binary {
        true => header::binary(found),
        false => header::closed(found, form.version),
    };
    if params.flag("transactions") || params.flag("full") {
        let (expand, owner_funds) = (is_expanded(params), params.flag("owner_funds"));
        let list = (0..stored.len()).filter_map(|at| {
            let found = ledger.history().found((index.get(), u32::try_from(at).ok()?))?;
            match expand {
                true => forms::ledger_entry(&found, owner_funds, form),
                false => Some(found.tx.hash.to_string().into()),
            }
        });
        shown.insert("transactions".into(), list.collect::<Vec<Value>>().into());
    }
    Ok(fields(json!({
        "ledger": shown, "ledger_hash": found.ledger_hash.to_string(), "ledger_index": index.get(),
        "validated": true,
    })))
}

fn open(ledger: &EmbeddedLedger, params: Params<'_>) -> Map<String, Value> {
    let current = ledger.header().ledger_index.plus(1).get();
    let mut shown = match params.flag("binary") {
        true => fields(json!({ "closed": false })),
        false => header::open(ledger.header(), params.version()),
    };
    if params.flag("transactions") || params.flag("full") {
        let form = Form {
            version: params.version(),
            binary: params.flag("binary"),
            network_id: ledger.network_id(),
        };
        let list = ledger.world().open_transactions().filter_map(|(hash, blob)| match is_expanded(params) {
            true => forms::tx_open(blob, hash, form).map(Value::Object),
            false => Some(hash.to_string().into()),
        });
        shown.insert("transactions".into(), list.collect::<Vec<Value>>().into());
    }
    fields(json!({ "ledger": shown, "ledger_current_index": current, "validated": false }))
}

fn is_expanded(params: Params<'_>) -> bool {
    params.flag("expand") || params.flag("full")
}

/// The whole state, as the server gives it to its administrator: indexes, entries, or their bytes.
fn account_state(ledger: &EmbeddedLedger, at: At, params: Params<'_>) -> Result<Value, ApiError> {
    let mut state = Vec::new();
    for (key, entry) in ledger.world().all_entries(at) {
        state.push(if params.flag("binary") {
            let bytes = entry.to_bytes().map_err(|_| ApiError::internal())?;
            json!({ "hash": key.to_string(), "tx_blob": hex::encode(&bytes) })
        } else if is_expanded(params) {
            Value::Object(objects::entry_json(&key, &entry))
        } else {
            key.to_string().into()
        });
    }
    Ok(Value::Array(state))
}

/// The last closed ledger's number and hash.
pub(crate) fn ledger_closed(ledger: &EmbeddedLedger) -> Answer {
    let header = ledger.header();
    Ok(fields(json!({
        "ledger_hash": header.ledger_hash.to_string(), "ledger_index": header.ledger_index.get(),
    })))
}

/// The open ledger's number.
pub(crate) fn ledger_current(ledger: &EmbeddedLedger) -> Answer {
    Ok(fields(json!({ "ledger_current_index": ledger.header().ledger_index.plus(1).get() })))
}

/// The entries of a ledger in the order of their indexes; the marker is the index before the next one.
pub(crate) fn ledger_data(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (at, mut answer) = state::lookup(ledger, params)?;
    let begin: Option<Hash256> = match params.get("marker") {
        None => None,
        Some(marker) => {
            let index = marker.as_str().and_then(|text| text.parse().ok());
            Some(index.ok_or_else(|| ApiError::expected("marker", "valid"))?)
        }
    };
    let binary = params.flag("binary");
    let most = if binary { STATE_PAGE_BINARY } else { STATE_PAGE_JSON };
    let limit = match params.get("limit") {
        None => most,
        Some(value) => match value.as_i64() {
            None => return Err(ApiError::expected("limit", "integer")),
            Some(limit) => usize::try_from(limit).unwrap_or(most).min(most),
        },
    };
    let wanted = objects::entry_type(params)?;
    let header = ledger.header();
    if begin.is_none() {
        let shown = match (at, binary) {
            (At::Validated, true) => header::binary(header),
            (At::Validated, false) => header::closed(header, params.version()),
            (At::Current, true) => fields(json!({ "closed": false })),
            (At::Current, false) => header::open(header, params.version()),
        };
        answer.insert("ledger".into(), Value::Object(shown));
    }
    if at == At::Current {
        answer.insert("ledger_hash".into(), Hash256::ZERO.to_string().into());
        answer.insert("ledger_index".into(), header.ledger_index.plus(1).get().into());
    }
    let mut nodes = Vec::new();
    let entries = ledger.world().all_entries(at).filter(|(key, _)| begin.is_none_or(|begin| *key > begin));
    for (count, (key, entry)) in entries.enumerate() {
        if count >= limit {
            answer.insert("marker".into(), before(key).to_string().into());
            break;
        }
        let kind = entry.u32(ledger::fields::LEDGER_ENTRY_TYPE);
        if wanted.is_none_or(|wanted| Some(u32::from(wanted.0)) == kind) {
            nodes.push(match binary {
                true => {
                    let bytes = entry.to_bytes().map_err(|_| ApiError::internal())?;
                    json!({ "data": hex::encode(&bytes), "index": key.to_string() })
                }
                false => {
                    let mut json = fields(entry.to_json_as(JsonStyle::Server));
                    json.insert("index".into(), key.to_string().into());
                    Value::Object(json)
                }
            });
        }
    }
    answer.insert("state".into(), nodes.into());
    Ok(answer)
}

/// The index before this one.
fn before(mut key: Hash256) -> Hash256 {
    for byte in key.0.iter_mut().rev() {
        let (less, borrowed) = byte.overflowing_sub(1);
        *byte = less;
        if !borrowed {
            break;
        }
    }
    key
}
