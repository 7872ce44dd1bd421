//! What a server sends: any message or answer is read, passed over or refused with the name of what is wrong, and no
//! sequence of messages gives a ledger twice or out of order. Never connects to anything.

use super::Source;
use super::metadata::meta_holds;
use super::terminal;
use client::answers::{
    AccountInfo, AccountOffer, BookOffer, FeeAnswer, HistoryPage, LedgerRanges, ServerInfo, StreamMessage,
    SubmitAnswer, Subscribed, TrustLine, TxLookup, ledger_accepted, ledger_close_time, ledger_hash,
    result_of,
};
use client::{Assembler, AssemblerEvent, ClientError, LedgerSpec};
use ledger::{Hash256, TxRecord};
use serde_json::{Value as Json, json};
use units::LedgerIndex;

/// Lines of one input that are read.
const LINES_MAX: usize = 50;

/// Bytes as lines of JSON, each a message; as one answer, read as every kind; or as generated documents.
pub fn check(data: &[u8]) {
    let mut source = Source::new(data);
    match source.byte() % 4 {
        0 => lines_hold(source.rest()),
        1 => {
            if let Ok(json) = serde_json::from_slice(source.rest()) {
                answers_hold(&json);
            }
        }
        2 => generated(&mut source),
        _ => {
            if let Ok(text) = std::str::from_utf8(source.rest()) {
                ranges_hold(text);
            }
        }
    }
}

fn lines_hold(bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').take(LINES_MAX);
    stream_holds(lines.filter_map(|line| serde_json::from_slice(line).ok()));
}

/// Ledgers come out in order, each once, whole.
fn stream_holds(messages: impl Iterator<Item = Json>) {
    let mut assembler = Assembler::default();
    let mut last: Option<LedgerIndex> = None;
    for json in messages {
        record_holds(&json);
        let message = match StreamMessage::parse(json) {
            Ok(message) => message,
            Err(error) => {
                terminal::check(&error.to_string());
                continue;
            }
        };
        if let Err(contradiction) = assembler.accept(message) {
            return terminal::check(&contradiction.to_string());
        }
        while let Some(event) = assembler.next_event() {
            let (first, end) = match &event {
                AssemblerEvent::Ledger(closed) => (closed.index, closed.index),
                AssemblerEvent::Gap(gap) => (gap.from, gap.to),
            };
            assert!(last.is_none_or(|last| last < first) && first <= end, "{last:?} {event:?}");
            last = Some(end);
        }
    }
}

/// A document that is read as a transaction is read the same from its own bytes.
fn record_holds(json: &Json) {
    text_holds(&json.to_string());
    let record = match TxRecord::read(json) {
        Ok(record) => record,
        Err(error) => return terminal::check(&error.to_string()),
    };
    let _ = (record.offer_changes(), record.delivered(), record.fee_paid());
    meta_holds(Some(record.meta));
}

/// A text, which is read without a tree, is what its tree is; one that is nested too deep for a tree is refused.
fn text_holds(text: &str) {
    let by_tree = serde_json::from_str::<Json>(text).ok().and_then(|tree| TxRecord::read(&tree).ok());
    assert_eq!(TxRecord::read_text(text).ok(), by_tree);
}

fn answers_hold(json: &Json) {
    record_holds(json);
    fitted(result_of("any", json.clone()));
    let spec = LedgerSpec::Validated;
    fitted(AccountInfo::read(json, spec));
    fitted(TrustLine::read_page(json, spec));
    fitted(AccountOffer::read_page(json, spec));
    fitted(BookOffer::read_all(json, spec));
    fitted(BookOffer::read_snapshot(json));
    fitted(ServerInfo::read(json));
    fitted(FeeAnswer::read(json));
    fitted(Subscribed::read(json.clone(), true));
    fitted(Subscribed::read(json.clone(), false));
    fitted(ledger_close_time(json));
    fitted(ledger_hash(json));
    fitted(ledger_accepted(json));
    fitted(SubmitAnswer::read(json));
    fitted(TxLookup::read(json.clone(), &Hash256::ZERO));
    fitted(HistoryPage::read(json.clone(), LedgerIndex(1), LedgerIndex(9)));
    let _ = TxLookup::not_found(json);
}

/// A refusal is fit for a terminal.
fn fitted<T>(read: Result<T, ClientError>) {
    if let Err(error) = read {
        terminal::check(&error.to_string());
    }
}

/// Headers and transactions of a few ledgers, in any order, some twice.
fn generated(source: &mut Source) {
    let count = source.below(12);
    let messages: Vec<Json> = (0..count).map(|_| message(source)).collect();
    messages.iter().for_each(answers_hold);
    stream_holds(messages.into_iter());
}

fn message(source: &mut Source) -> Json {
    let index = 10 + source.byte() % 4;
    let hash = |byte: u8| Hash256([byte; 32]).to_string();
    if source.byte().is_multiple_of(2) {
        return json!({
            "type": "ledgerClosed", "fee_base": 10, "ledger_hash": hash(index), "ledger_index": index,
            "ledger_time": 700_000_000, "reserve_base": 1, "reserve_inc": 1, "txn_count": source.byte() % 3,
        });
    }
    let mut meta = source.metadata();
    meta["TransactionIndex"] = (source.byte() % 3).into();
    let name = if source.byte().is_multiple_of(2) { "tx_json" } else { "transaction" };
    json!({
        "type": "transaction", "validated": !source.byte().is_multiple_of(8), "ledger_index": index,
        "ledger_hash": hash(index), "hash": hash(source.byte() % 5), "meta": meta, name: source.transaction(),
        "engine_result": "tesSUCCESS",
    })
}

fn ranges_hold(text: &str) {
    let Some(ranges) = LedgerRanges::parse(text) else { return };
    for (first, last) in &ranges.0 {
        assert!(first <= last && ranges.contains(*first, *last));
    }
}
