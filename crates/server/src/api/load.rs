//! What the queue means to clients: `fee`, the load factors of `server_info`, `server_state` and the server stream, and
//! `queue_data` of `account_info` and `ledger`. Fields as the reference server gives them (XRP Ledger documentation, the
//! methods of these names).

use ledger::{AccountId, SeqProxy};
use serde_json::{Map, Value, json};
use sim::world::{FeeReport, QueuedTx};
use units::Drops;

use super::forms::{self, Form};
use super::{Answer, fields, result_text};
use crate::embedded::EmbeddedLedger;

/// The load of the server itself, in 256ths: it has none.
const SERVER_LOAD: u64 = 256;

/// The cost of a transaction now.
pub(crate) fn fee(ledger: &EmbeddedLedger) -> Answer {
    let report = ledger.world().fee_report();
    let mut answer = fields(json!({
        "current_ledger_size": report.current_ledger_size.to_string(),
        "current_queue_size": report.current_queue_size.to_string(),
        "drops": {
            "base_fee": report.base_fee.to_string(), "median_fee": report.median_fee().to_string(),
            "minimum_fee": report.minimum_fee().to_string(),
            "open_ledger_fee": report.open_ledger_fee().to_string(),
        },
        "expected_ledger_size": report.expected_ledger_size.to_string(),
        "ledger_current_index": ledger.header().ledger_index.plus(1).get(),
        "levels": {
            "median_level": report.median_level.to_string(), "minimum_level": report.minimum_level.to_string(),
            "open_ledger_level": report.open_ledger_level.to_string(),
            "reference_level": report.reference_level.to_string(),
        },
    }));
    answer.extend(report.max_queue_size.map(|most| ("max_queue_size".to_owned(), most.to_string().into())));
    Ok(answer)
}

/// The load in whole numbers: `server_state` and the `serverStatus` message.
pub(super) fn whole(report: &FeeReport) -> Map<String, Value> {
    fields(json!({
        "load_base": SERVER_LOAD, "load_factor": clipped(factor(report)),
        "load_factor_fee_escalation": clipped(report.open_ledger_level),
        "load_factor_fee_queue": clipped(report.minimum_level),
        "load_factor_fee_reference": clipped(report.reference_level), "load_factor_server": SERVER_LOAD,
    }))
}

/// The same as multiples of the base cost, without what is as always: `server_info`.
pub(super) fn multiples(report: &FeeReport) -> Map<String, Value> {
    let mut load = Map::new();
    let all = factor(report);
    load.insert("load_factor".into(), multiple(all));
    if all != SERVER_LOAD {
        load.insert("load_factor_server".into(), multiple(SERVER_LOAD));
    }
    if report.minimum_level != report.reference_level {
        load.insert("load_factor_fee_queue".into(), multiple(report.minimum_level));
    }
    load
}

/// The message to the server stream when the cost of a transaction changes.
pub(crate) fn server_status(report: &FeeReport) -> Value {
    let mut message = whole(report);
    message.extend(fields(json!({
        "base_fee": report.base_fee.get(), "server_status": "full", "type": "serverStatus",
    })));
    Value::Object(message)
}

/// What waits of an account.
pub(super) fn queue_of(ledger: &EmbeddedLedger, account: AccountId) -> Value {
    let queued = ledger.world().queued_of(account);
    if queued.is_empty() {
        return json!({ "txn_count": 0 });
    }
    let total = queued.iter().fold(Drops::ZERO, |total, tx| total.saturating_add(tx.max_spend));
    let mut data = fields(json!({
        "auth_change_queued": queued.iter().any(|tx| tx.auth_change), "max_spend_drops_total": total.to_string(),
        "transactions": queued.iter().map(of_account).collect::<Vec<Value>>(), "txn_count": queued.len(),
    }));
    let (mut sequences, mut tickets) = (Vec::new(), Vec::new());
    for tx in &queued {
        match tx.sequence {
            SeqProxy::Sequence(number) => sequences.push(number),
            SeqProxy::Ticket(number) => tickets.push(number),
        }
    }
    for (name, numbers) in [("sequence", sequences), ("ticket", tickets)] {
        if let (Some(lowest), Some(highest)) = (numbers.first(), numbers.last()) {
            data.insert(format!("{name}_count"), numbers.len().into());
            data.insert(format!("lowest_{name}"), (*lowest).into());
            data.insert(format!("highest_{name}"), (*highest).into());
        }
    }
    Value::Object(data)
}

/// All that waits, the first to be tried first; nothing when nothing does.
pub(super) fn queue(ledger: &EmbeddedLedger, form: Form, expand: bool) -> Option<Value> {
    let queued = ledger.world().queued();
    let shown = queued.iter().filter_map(|tx| of_ledger(tx, form, expand)).collect::<Vec<Value>>();
    (!shown.is_empty()).then_some(Value::Array(shown))
}

fn of_account(tx: &QueuedTx) -> Value {
    let mut shown = costs(tx);
    match tx.sequence {
        SeqProxy::Sequence(number) => shown.insert("seq".into(), number.into()),
        SeqProxy::Ticket(number) => shown.insert("ticket".into(), number.into()),
    };
    Value::Object(shown)
}

fn of_ledger(tx: &QueuedTx, form: Form, expand: bool) -> Option<Value> {
    let mut shown = costs(tx);
    shown.insert("account".into(), tx.account.to_string().into());
    shown.insert("retries_remaining".into(), tx.retries_remaining.into());
    // Whatever is in the queue is well formed.
    shown.insert("preflight_result".into(), "tesSUCCESS".into());
    if let Some(result) = tx.last_result {
        shown.insert("last_result".into(), result_text::result_name(result).into());
    }
    let transaction = match expand {
        true => Value::Object(forms::tx_in_queue(&tx.blob, tx.hash, form)?),
        false => tx.hash.to_string().into(),
    };
    match transaction {
        Value::Object(transaction) if form.is_v2() => shown.extend(transaction),
        transaction => {
            shown.insert("tx".into(), transaction);
        }
    }
    Some(Value::Object(shown))
}

fn costs(tx: &QueuedTx) -> Map<String, Value> {
    let mut shown = fields(json!({
        "auth_change": tx.auth_change, "fee": tx.fee.to_string(), "fee_level": tx.fee_level.to_string(),
        "max_spend_drops": tx.max_spend.to_string(),
    }));
    shown.extend(tx.last_ledger.map(|last| ("LastLedgerSequence".to_owned(), last.into())));
    shown
}

/// What a transaction costs, in 256ths of what it costs at least.
fn factor(report: &FeeReport) -> u64 {
    report.open_ledger_level.max(SERVER_LOAD)
}

fn clipped(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// 256ths as a JSON number, exactly: a 256th has eight decimals.
fn multiple(level: u64) -> Value {
    let (whole, rest) = (level / SERVER_LOAD, level % SERVER_LOAD);
    let text = format!("{whole}.{:08}", rest * 390_625);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    serde_json::from_str(text).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_as_multiples() {
        for (level, text) in
            [(256, "1"), (257, "1.00390625"), (384, "1.5"), (184_320, "720"), (250_880, "980"), (0, "0")]
        {
            assert_eq!(multiple(level).to_string(), text);
        }
        assert_eq!(clipped(u64::MAX), u32::MAX);
    }
}
