//! What a bad server says instead: false balances and results, ledgers it does not have, fees of a storm, an unheard-of
//! field. Changes the text of one message or the fields of one answer; never the ledger.

use ledger::ResultCode;
use serde_json::{Map, Value, json};

use super::requests::Fields;
use super::shown::Label;
use crate::api::{self, Answer, ApiError, Request, Role};
use crate::faults::{Lie, MessageKind, What};

/// What stands in front of a server that is not there.
pub(super) const UNAVAILABLE: &str = "<html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>";
/// 1 XRP in drops: what a lying node adds.
const LIE_DROPS: u64 = 1_000_000;
/// A field and a type that no server has.
const UNHEARD_OF: &str = "neo_unheard_of";

/// The same answer with the warning that comes before the connection is closed (server documentation, "Rate Limiting").
pub(super) fn warned(text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Object(mut answer)) => {
            answer.insert("warning".into(), "load".into());
            Value::Object(answer).to_string()
        }
        _ => text.to_owned(),
    }
}

/// JSON of lists in lists.
pub(super) fn deep(depth: u32) -> String {
    let depth = depth as usize;
    format!("{{\"type\":\"{UNHEARD_OF}\",\"deep\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
}

/// A message of a type that no server sends.
pub(super) fn unknown_message() -> String {
    json!({ "type": UNHEARD_OF, "validated": true, "ledger_index": "later" }).to_string()
}

/// Changes a message; says what, or nothing when there is nothing to change in it.
pub(super) fn rewrite(what: &What, message: &mut Value, label: &Label) -> Option<String> {
    match what {
        What::WrongId => {
            let id = message.get_mut("id")?;
            *id = id.as_u64().map_or_else(|| "of another".into(), |id| id.wrapping_add(1_000_000).into());
            Some(format!("with the id {id}"))
        }
        What::UnknownField => {
            message.as_object_mut()?.insert(UNHEARD_OF.into(), json!({ "new": [1, 2] }));
            Some(format!("with a field {UNHEARD_OF}"))
        }
        What::MissingField { field } => {
            let count = each_object(message, &mut |fields| fields.remove(field).is_some());
            (count > 0).then(|| format!("without {field}"))
        }
        What::ProvisionalResultChanges { result } => provisional(message, label, result),
        What::OtherNetwork { network_id } => {
            let count = each_object(message, &mut |fields| set(fields, "network_id", (*network_id).into()));
            (count > 0).then(|| format!("of network {network_id}"))
        }
        What::HistoryGap { first, last } => {
            let count = each_object(message, &mut |fields| {
                ["complete_ledgers", "validated_ledgers"].iter().any(|name| gap(fields, name, *first, *last))
            });
            (count > 0).then(|| format!("without ledgers {first} to {last}"))
        }
        What::AmendmentBlocked => blocked(message, label),
        What::FeeSpike { factor } => spike(message, label, *factor),
        What::Restarting => restarting(message, label),
        What::LyingNode { lie: Lie::Balance } => {
            let balance = message.pointer_mut("/result/account_data/Balance")?;
            more(balance).map(|more| format!("a balance of {more} drops"))
        }
        What::LyingNode { lie: Lie::Metadata } => false_metadata(message),
        What::LyingNode { lie: Lie::Result } => false_result(message),
        _ => None,
    }
}

/// Takes out of an answer what is in ledgers a server does not have. Says whether there was anything.
pub(super) fn hide(result: &mut Answer, request: &Request, first: u32, last: u32) -> bool {
    let is_hidden = |index: Option<&Value>| {
        let index = index.and_then(|index| index.as_u64().or_else(|| index.as_str()?.parse().ok()));
        index.is_some_and(|index| (u64::from(first)..=u64::from(last)).contains(&index))
    };
    let params = request.params(Role::Guest);
    let is_ranged = params.has("min_ledger") || params.has("max_ledger");
    match (request.command.as_str(), &mut *result) {
        ("tx", Ok(answer)) if is_hidden(answer.get("ledger_index")) => {
            let error = ApiError::txn_not_found();
            *result = Err(if is_ranged { error.with("searched_all", false) } else { error });
            true
        }
        ("tx", Err(error)) if error.extra.get("searched_all") == Some(&Value::Bool(true)) => {
            let bound = |name| params.get(name).and_then(Value::as_u64).unwrap_or(0);
            let (from, to) = (bound("min_ledger"), bound("max_ledger"));
            let touches = from <= u64::from(last) && u64::from(first) <= to;
            error.extra.insert("searched_all".into(), (!touches).into());
            touches
        }
        ("ledger" | "transaction_entry", Ok(answer)) if is_hidden(answer.get("ledger_index")) => {
            *result = Err(ApiError::ledger_not_found());
            true
        }
        ("account_tx", Ok(answer)) => {
            let Some(Value::Array(entries)) = answer.get_mut("transactions") else { return false };
            let before = entries.len();
            entries.retain(|entry| {
                let within = entry.get("tx_json").or_else(|| entry.get("tx"));
                !is_hidden(entry.get("ledger_index"))
                    && !is_hidden(within.and_then(|tx| tx.get("ledger_index")))
            });
            entries.len() < before
        }
        _ => false,
    }
}

/// Applies a change to every object of a document; says how many it changed.
fn each_object(json: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>) -> bool) -> usize {
    match json {
        Value::Object(fields) => {
            let here = usize::from(change(fields));
            here + fields.values_mut().map(|value| each_object(value, change)).sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(|item| each_object(item, change)).sum(),
        _ => 0,
    }
}

fn set(fields: &mut Map<String, Value>, name: &str, to: Value) -> bool {
    match fields.get_mut(name) {
        Some(value) => {
            *value = to;
            true
        }
        None => false,
    }
}

/// `2-90` as `2-9,21-90`: without the ledgers 10 to 20.
fn gap(fields: &mut Map<String, Value>, name: &str, first: u32, last: u32) -> bool {
    let Some(text) = fields.get(name).and_then(Value::as_str) else { return false };
    let mut ranges = Vec::new();
    for range in text.split(',') {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>()) else { return false };
        let parts = [(from, to.min(first.saturating_sub(1))), (from.max(last.saturating_add(1)), to)];
        if to < first || from > last {
            ranges.push(range.to_owned());
        } else {
            ranges.extend(
                parts.iter().filter(|(from, to)| from <= to).map(|(from, to)| format!("{from}-{to}")),
            );
        }
    }
    let shown = if ranges.is_empty() { "empty".to_owned() } else { ranges.join(",") };
    let changed = shown != text;
    fields.insert(name.to_owned(), shown.into());
    changed
}

/// Another result at first than at last.
fn provisional(message: &mut Value, label: &Label, result: &str) -> Option<String> {
    let is_answer = label.kind == MessageKind::Response;
    let fields = if is_answer { message.get_mut("result")? } else { message }.as_object_mut()?;
    let before = fields.get("engine_result")?.as_str()?.to_owned();
    let shown = if before == "tesSUCCESS" { result } else { "tesSUCCESS" };
    fields.extend(api::engine_result(ResultCode::by_name(shown)?));
    Some(format!("{before} told as {shown}"))
}

/// Server source, NetworkOPs: `getServerInfo` of a blocked server, with its warning.
fn blocked(message: &mut Value, label: &Label) -> Option<String> {
    let name = if label.method == "server_info" { "info" } else { "state" };
    let fields: &mut Fields = message.get_mut("result")?.get_mut(name)?.as_object_mut()?;
    fields.insert("amendment_blocked".into(), true.into());
    let text =
        "This server is amendment blocked, and must be updated to be able to stay in sync with the network.";
    fields.insert("warnings".into(), json!([{ "id": 1002, "message": text }]));
    Some("amendment blocked, warning 1002".to_owned())
}

/// The costs of a network under load.
fn spike(message: &mut Value, label: &Label, factor: u32) -> Option<String> {
    let result = message.get_mut("result")?;
    let names: &[&str] = match label.method.as_str() {
        "fee" => &[
            "/drops/open_ledger_fee",
            "/drops/median_fee",
            "/levels/open_ledger_level",
            "/levels/median_level",
        ],
        "server_info" => &["/info/load_factor"],
        "server_state" => &["/state/load_factor", "/state/load_factor_fee_escalation"],
        "submit" => &["/open_ledger_cost"],
        _ => return None,
    };
    for name in names {
        let Some(value) = result.pointer_mut(name) else { continue };
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        let raised = number.saturating_mul(u64::from(factor));
        *value = if value.is_string() { raised.to_string().into() } else { raised.into() };
    }
    Some(format!("fees {factor} times as high"))
}

/// A server that has no ledger yet.
fn restarting(message: &mut Value, label: &Label) -> Option<String> {
    let words = Some("of a server without a ledger".to_owned());
    if label.kind == MessageKind::LedgerClosed {
        return message.as_object_mut()?.remove("validated_ledgers").and(words);
    }
    let result = message.get_mut("result")?;
    match label.method.as_str() {
        "subscribe" => {
            let fields = result.as_object_mut()?;
            let of_ledger = ["ledger_index", "ledger_hash", "ledger_time", "validated_ledgers"];
            let taken = of_ledger.iter().filter(|name| fields.remove(**name).is_some()).count();
            (taken > 0).then_some(words)?
        }
        "server_info" | "server_state" => {
            let name = if label.method == "server_info" { "info" } else { "state" };
            let fields = result.get_mut(name)?.as_object_mut()?;
            fields.remove("validated_ledger");
            fields.insert("complete_ledgers".into(), "empty".into());
            fields.insert("server_state".into(), "connected".into());
            words
        }
        _ => None,
    }
}

/// A text of drops raised by the lie; gives it.
fn more(balance: &mut Value) -> Option<u64> {
    let raised = balance.as_str()?.parse::<u64>().ok()?.saturating_add(LIE_DROPS);
    *balance = raised.to_string().into();
    Some(raised)
}

/// The first account in the metadata has 1 XRP more after the transaction.
fn false_metadata(message: &mut Value) -> Option<String> {
    let mut told = None;
    each_object(message, &mut |fields| {
        let is_root = fields.get("LedgerEntryType").and_then(Value::as_str) == Some("AccountRoot");
        if !is_root || told.is_some() {
            return false;
        }
        told = fields.get_mut("FinalFields").and_then(|fields| {
            let raised = more(fields.get_mut("Balance")?)?;
            Some(format!("{} has {raised} drops", fields["Account"].as_str().unwrap_or("an account")))
        });
        told.is_some()
    });
    told
}

/// A success told as a failure, a failure as a success.
fn false_result(message: &mut Value) -> Option<String> {
    let mut told = None;
    let flip = |result: &str| if result == "tesSUCCESS" { "tecKILLED" } else { "tesSUCCESS" };
    each_object(message, &mut |fields| {
        let Some(result) = fields.get("TransactionResult").and_then(Value::as_str) else { return false };
        let shown = flip(result);
        told.get_or_insert_with(|| format!("{result} told as {shown}"));
        fields.insert("TransactionResult".into(), shown.into()).is_some()
    });
    if let Some(fields) = message.as_object_mut()
        && let Some(result) = fields.get("engine_result").and_then(Value::as_str)
        && let Some(code) = ResultCode::by_name(flip(result))
    {
        fields.extend(api::engine_result(code));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_by_table() {
        for (text, first, last, shown) in [
            ("2-90", 10, 20, "2-9,21-90"),
            ("2-90", 1, 20, "21-90"),
            ("2-90", 80, 100, "2-79"),
            ("2-90", 91, 100, "2-90"),
            ("2-90", 1, 100, "empty"),
            ("2-6,9-12", 5, 10, "2-4,11-12"),
            ("7", 7, 7, "empty"),
        ] {
            let mut fields = api::fields(json!({ "complete_ledgers": text }));
            assert_eq!(
                gap(&mut fields, "complete_ledgers", first, last),
                shown != text,
                "{text} {first} {last}"
            );
            assert_eq!(fields["complete_ledgers"], shown);
        }
    }
}
