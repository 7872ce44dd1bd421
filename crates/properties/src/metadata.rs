//! Metadata and what follows from it: any document gives changes or a typed refusal, and comes back the same.

use super::Source;
use super::terminal;
use ledger::meta::{
    channel_changes, created_entries, deleted_entries, escrow_changes, holding_changes, mpt_changes,
    pool_changes,
};
use ledger::{Object, TxMeta, balance_changes, offer_changes};
use serde_json::Value as Json;
use units::{Exact, LedgerTime};

/// Bytes as binary metadata, as JSON text, or as a generated document beside a generated transaction.
pub fn check(data: &[u8]) {
    let mut source = Source::new(data);
    match source.byte() % 4 {
        0 => meta_holds(TxMeta::from_bytes(source.rest()).ok()),
        1 => {
            if let Ok(json) = serde_json::from_slice(source.rest()) {
                document_holds(&json, None);
            }
        }
        _ => {
            let tx = Object::from_json(&source.transaction()).ok();
            document_holds(&source.metadata(), tx.as_ref());
        }
    }
}

fn document_holds(json: &Json, tx: Option<&Object>) {
    match TxMeta::from_json(json) {
        Ok(meta) => {
            offer_changes(&meta, tx, Some(LedgerTime(700_000_000)));
            meta_holds(Some(meta));
        }
        Err(error) => terminal::check(&error.to_string()),
    }
    meta_holds(TxMeta::from_json_lenient(json).ok().map(|(meta, _)| meta));
}

/// What holds for any metadata.
pub fn meta_holds(meta: Option<TxMeta>) {
    let Some(meta) = meta else { return };
    // Names that are newer than the definitions come back as the placeholder, which only the lenient reader takes.
    assert_eq!(TxMeta::from_json_lenient(&meta.to_json()).map(|(again, _)| again).as_ref(), Ok(&meta));
    if meta.to_object().without_type().is_none() {
        assert_eq!(TxMeta::from_json(&meta.to_json()).as_ref(), Ok(&meta));
    }
    assert_eq!(TxMeta::from_object(&meta.to_object()).map(|again| again.nodes), Ok(meta.nodes.clone()));
    for change in balance_changes(&meta) {
        assert!(!change.balances.is_empty());
        for balance in change.balances {
            let shown: Result<Exact, _> = balance.delta.to_string().parse();
            assert!(shown.is_ok_and(|value| !value.is_zero()));
        }
    }
    for change in offer_changes(&meta, None, None) {
        assert_eq!(change.filled_gets.asset(), change.taker_gets.asset());
        assert_eq!(change.filled_pays.asset(), change.taker_pays.asset());
    }
    for change in pool_changes(&meta) {
        let _ = change.implied_fee();
    }
    for change in holding_changes(&meta) {
        let _ = change.change();
    }
    for change in mpt_changes(&meta) {
        let _ = (change.change(), change.locked_change());
    }
    let gone = deleted_entries(&meta).len();
    let new = created_entries(&meta).len();
    assert!(new + gone <= meta.nodes.len());
    assert!(escrow_changes(&meta).len() + channel_changes(&meta).len() <= meta.nodes.len());
}
