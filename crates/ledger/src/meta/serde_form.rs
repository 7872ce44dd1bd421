//! Metadata in other documents: the server's JSON for people, the ledger's binary form (and the computed delivered
//! amount beside it) for machines.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::TxMeta;
use crate::amount::Amount;
use crate::object::Object;

impl Serialize for TxMeta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.to_json().serialize(serializer)
        } else {
            (self.to_object(), self.delivered_amount).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for TxMeta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Self::from_json(&serde_json::Value::deserialize(deserializer)?)
                .map_err(de::Error::custom);
        }
        let (object, delivered_amount) = <(Object, Option<Amount>)>::deserialize(deserializer)?;
        let meta = Self::from_object(&object).map_err(de::Error::custom)?;
        Ok(Self { delivered_amount, ..meta })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let json = serde_json::json!({
            "AffectedNodes": [{ "CreatedNode": { "LedgerEntryType": "Offer", "LedgerIndex": "00".repeat(32),
                "NewFields": { "Account": "rrrrrrrrrrrrrrrrrrrrBZbvji", "TakerGets": "1" } } }],
            "TransactionIndex": 3, "TransactionResult": "tesSUCCESS", "delivered_amount": "5",
        });
        let meta: TxMeta = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&meta).unwrap(), json);
        let bytes = postcard::to_stdvec(&meta).unwrap();
        assert_eq!(postcard::from_bytes::<TxMeta>(&bytes).unwrap(), meta);
    }
}
