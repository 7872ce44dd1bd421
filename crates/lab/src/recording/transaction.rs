//! One recorded transaction beside what the embedded ledger has of it: its bytes, its place, its result, its metadata.
//! Never looks at the state.

use super::document::Sent;
use super::score::Score;
use ledger::hash::sha512_half;
use ledger::{Amount, Object, ResultCode, TxType, Value as FieldValue, fields as f};
use serde_json::Value;
use sim::world::AppliedTx;

/// What was sent is what its bytes say: the hash is theirs, and `tx_json` is them without key and signature.
pub(super) fn compare_sent(score: &mut Score, sent: &Sent, blob: &[u8], step: i64) {
    // Prefix of the hash of a signed transaction (ledger documentation, "Hash Prefixes").
    let hash = sha512_half(&[b"TXN\0", blob]).to_string();
    score.count("hash", hash == sent.hash, || format!("step {step}: {hash} for {}", sent.hash));
    let read = Object::from_bytes(blob).map(|mut object| {
        object.remove(f::SIGNING_PUB_KEY);
        object.remove(f::TXN_SIGNATURE);
        object
    });
    // Compared as fields: one value has more than one way of being written.
    let is_same = match (&read, Object::from_json(&sent.tx_json)) {
        (Ok(read), Ok(wanted)) => *read == wanted,
        (Ok(read), Err(_)) => read.to_json() == sent.tx_json,
        (Err(_), _) => false,
    };
    score.count("tx_json", is_same, || {
        format!("step {step}: {} for {}", read.map_or(Value::Null, |read| read.to_json()), sent.tx_json)
    });
}

/// What came of it.
pub(super) fn compare(score: &mut Score, sent: &Sent, step: i64, tx: &AppliedTx, ledger_index: u32) {
    let result = tx.meta.result.to_string();
    let got = (Some(result.as_str()), Some(ledger_index), Some(tx.index));
    let wanted = (sent.result.as_deref(), sent.ledger_index, sent.transaction_index);
    score.count("result", got == wanted, || format!("step {step}: {got:?} for {wanted:?}"));
    let funds = tx.owner_funds.as_ref().map(bare);
    score.count("owner_funds", funds == sent.owner_funds, || {
        format!("step {step}: {funds:?} for {:?}: {}", sent.owner_funds, sent.tx_json)
    });
    let (got, _) = without_delivered(tx.meta.to_json());
    let (wanted, recorded) = without_delivered(sent.meta.clone().unwrap_or_default());
    score.count("metadata", got == wanted, || {
        format!("step {step}: {}\n   got {got}\n  want {wanted}", sent.tx_json)
    });
    let delivered = delivered(tx).map(|amount| amount.to_json());
    score.count("delivered", delivered == recorded, || {
        format!("step {step}: {delivered:?} for {recorded:?}: {}", sent.tx_json)
    });
}

/// A server adds what was delivered when it is asked; the ledger does not hold it.
fn without_delivered(mut meta: Value) -> (Value, Option<Value>) {
    let delivered = meta.as_object_mut().and_then(|fields| fields.remove("delivered_amount"));
    (meta, delivered)
}

/// Of a payment that succeeded, what it delivered: the metadata's amount, else its own (ledger documentation,
/// "Transaction Metadata").
fn delivered(tx: &AppliedTx) -> Option<Amount> {
    let object = Object::from_bytes(&tx.blob).ok()?;
    let is_payment = object.get(f::TRANSACTION_TYPE) == Some(&FieldValue::UInt16(TxType::PAYMENT.0));
    let is_delivered = is_payment && tx.meta.result == ResultCode::TES_SUCCESS;
    is_delivered.then(|| tx.meta.delivered_amount.or_else(|| object.amount(f::AMOUNT))).flatten()
}

/// An amount without its asset, as a server gives an owner's funds.
pub(super) fn bare(amount: &Amount) -> String {
    match amount {
        Amount::Xrp(drops) => drops.to_string(),
        Amount::Issued { value, .. } => value.to_string(),
        Amount::Mpt { value, .. } => value.to_string(),
    }
}
