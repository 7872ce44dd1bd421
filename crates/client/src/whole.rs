//! One closed ledger with all its transactions, asked for by `ledger`: what the stream did not give whole. The bytes prove
//! themselves: the header gives the ledger's hash, the transactions with their metadata give the hash in the header.
//! Never gives a part of a ledger.

use ledger::hash::sha512_half;
use ledger::{AccountId, Hash256, Object, TxMeta, fields as f, hex, shamap, tx_hash};
use serde_json::{Value, json};
use units::{LedgerIndex, LedgerTime};

use crate::answers::Fields;
use crate::connection::Connection;
use crate::error::ClientError;
use crate::types::{ClosedLedger, ValidatedTx};

impl Connection {
    /// The closed ledger `index`, whole. Errors with [`ClientError::Refused`] when the server does not have it (or not
    /// yet), and with [`ClientError::BadAnswer`] when what it gives is not all of one ledger, or cannot be read.
    pub async fn whole_ledger(&mut self, index: LedgerIndex) -> Result<ClosedLedger, ClientError> {
        let params = json!({
            "ledger_index": index.get(), "transactions": true, "expand": true, "binary": true, "owner_funds": true,
        });
        let answer = self.request("ledger", params).await?;
        whole(&answer, index)
    }
}

const OF: &str = "ledger";

/// Reads an answer to `ledger` with `transactions`, `expand` and `binary` about ledger `index`.
fn whole(answer: &Value, index: LedgerIndex) -> Result<ClosedLedger, ClientError> {
    let told = Fields::of(OF, answer);
    if !told.flag("validated") {
        return Err(told.bad("validated", "not a validated ledger"));
    }
    let shown = told.object("ledger")?;
    let header = Header::read(shown.text("ledger_data")?)?;
    if header.index != index {
        return Err(told.bad("ledger_data", format!("ledger {} instead of {index}", header.index)));
    }
    if header.hash != told.hash("ledger_hash")? {
        return Err(told.bad("ledger_hash", "not the hash of its header"));
    }
    let mut found = Vec::new();
    let mut leaves = Vec::new();
    for entry in shown.array("transactions")? {
        let (tx, leaf) = transaction(entry, &header)?;
        leaves.push((tx.hash, leaf));
        found.push(tx);
    }
    leaves.sort_unstable();
    let is_twice = leaves.windows(2).any(|two| matches!(two, [one, other] if one.0 == other.0));
    if is_twice || shamap::root(&leaves) != header.transaction_hash {
        return Err(shown.bad("transactions", "not all that the header's transaction_hash stands for"));
    }
    found.sort_by_key(|tx| tx.transaction_index);
    Ok(ClosedLedger {
        index,
        hash: header.hash,
        close_time: header.close_time,
        fees: None,
        txn_count: u32::try_from(found.len()).ok(),
        transactions: found,
        complete: true,
    })
}

/// What a header's bytes say (ledger documentation, "Ledger Header").
struct Header {
    index: LedgerIndex,
    hash: Hash256,
    transaction_hash: Hash256,
    close_time: LedgerTime,
}

impl Header {
    /// Index (4 bytes), all XRP (8), hashes of the parent, the transactions and the state (32 each), the parent's close
    /// time and its own (4 each), resolution and flags (1 each).
    fn read(text: &str) -> Result<Self, ClientError> {
        let bad = |why: &str| ClientError::bad(OF, "ledger_data", why);
        let bytes = hex::decode(text).ok_or_else(|| bad("not hexadecimal"))?;
        let bytes: [u8; 118] = bytes.try_into().map_err(|_| bad("not the bytes of a header"))?;
        let number = |at: usize| {
            bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_be_bytes(*four))
        };
        let transactions = bytes.get(44..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; 32]);
        Ok(Self {
            index: LedgerIndex(number(0)),
            hash: sha512_half(&[b"LWR\0", &bytes]),
            transaction_hash: Hash256(transactions),
            close_time: LedgerTime(number(112)),
        })
    }
}

/// A transaction of the list, and its leaf in the tree.
fn transaction(entry: &Value, header: &Header) -> Result<(ValidatedTx, Hash256), ClientError> {
    let fields = Fields::of(OF, entry);
    let bytes = |name: &str| {
        fields
            .text(name)
            .and_then(|text| hex::decode(text).ok_or_else(|| fields.bad(name, "not hexadecimal")))
    };
    // Metadata has one name in version 2 of the API and another before.
    let meta_name = if fields.get("meta_blob").is_some() { "meta_blob" } else { "meta" };
    let (tx_blob, meta_blob) = (bytes("tx_blob")?, bytes(meta_name)?);
    let hash = tx_hash(&tx_blob);
    let leaf = shamap::transaction_leaf(hash, &tx_blob, &meta_blob);
    let meta = TxMeta::from_bytes(&meta_blob).map_err(|error| fields.bad(meta_name, error))?;
    let tx = Object::from_bytes(&tx_blob).map_err(|error| fields.bad("tx_blob", error))?;
    let account: AccountId = tx.account(f::ACCOUNT).ok_or_else(|| fields.bad("Account", "missing"))?;
    let found = ValidatedTx {
        hash,
        ledger_index: header.index,
        ledger_hash: Some(header.hash),
        close_time: Some(header.close_time),
        transaction_index: meta.index,
        result: meta.result.to_string(),
        account,
        tx: Ok(tx),
        meta: Ok(meta),
        owner_funds: fields.text_or_none("owner_funds").map(str::to_owned),
    };
    Ok((found, leaf))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes an answer a false one.
    type Spoil = fn(&mut Value);

    /// A ledger of these transactions (a blob each, and the metadata of a payment at its place), as a server answers.
    fn answer(count: u32) -> Value {
        let mut entries = Vec::new();
        let mut leaves = Vec::new();
        for index in 0..count {
            let mut tx = Object::new();
            tx.insert(f::TRANSACTION_TYPE, 0_u16);
            tx.insert(f::SEQUENCE, index + 1);
            tx.insert(f::ACCOUNT, AccountId::ONE);
            let meta =
                json!({"TransactionIndex": index, "TransactionResult": "tesSUCCESS", "AffectedNodes": []});
            let (tx, meta) = (tx.to_bytes().unwrap(), TxMeta::from_json(&meta).unwrap().to_bytes().unwrap());
            leaves.push((tx_hash(&tx), shamap::transaction_leaf(tx_hash(&tx), &tx, &meta)));
            entries.push(json!({"tx_blob": hex::encode(&tx), "meta_blob": hex::encode(&meta)}));
        }
        leaves.sort_unstable();
        let mut header = vec![0; 118];
        header[3] = 9;
        header[44..76].copy_from_slice(shamap::root(&leaves).as_bytes());
        let hash = sha512_half(&[b"LWR\0", &header]).to_string();
        json!({
            "ledger": {"ledger_data": hex::encode(&header), "transactions": entries}, "ledger_hash": hash,
            "ledger_index": 9, "validated": true,
        })
    }

    #[test]
    fn all_of_it_or_nothing() {
        let good = answer(5);
        let read = whole(&good, LedgerIndex(9)).unwrap();
        assert_eq!((read.transactions.len(), read.txn_count, read.complete), (5, Some(5), true));
        assert!(read.transactions.windows(2).all(|two| two[0].transaction_index < two[1].transaction_index));
        let spoil: [(&str, Spoil); 7] = [
            ("transactions", |answer| {
                answer["ledger"]["transactions"].as_array_mut().unwrap().pop();
            }),
            ("transactions", |answer| {
                let list = answer["ledger"]["transactions"].as_array_mut().unwrap();
                list[0] = list[1].clone();
            }),
            ("validated", |answer| answer["validated"] = false.into()),
            ("ledger_hash", |answer| answer["ledger_hash"] = "AB".repeat(32).into()),
            ("ledger_data", |answer| answer["ledger"]["ledger_data"] = "00".into()),
            ("tx_blob", |answer| answer["ledger"]["transactions"][0]["tx_blob"] = "zz".into()),
            ("meta", |answer| answer["ledger"]["transactions"][0]["meta_blob"] = Value::Null),
        ];
        for (field, spoil) in spoil {
            let mut bad = good.clone();
            spoil(&mut bad);
            let told = whole(&bad, LedgerIndex(9)).unwrap_err().to_string();
            assert!(told.contains(&format!("`{field}`")), "{field}: {told}");
        }
        let other = whole(&good, LedgerIndex(8)).unwrap_err().to_string();
        assert!(other.contains("ledger 9 instead of 8"), "{other}");
    }
}
