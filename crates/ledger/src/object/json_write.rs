//! Objects as JSON documents. Never invents a field and never loses one.

use serde_json::{Map, Value as Json, json};

use super::json_values::DECIMAL_FIELDS;
use super::{ArrayItem, Object, PathStep, Value, XChainBridge};
use crate::amount::Asset;
use crate::hex;
use crate::ids::{AccountId, Currency};
use crate::tables::{EntryType, FieldId, ResultCode, TxType, fields, permission_name};

/// Two customs of writing the same object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum JsonStyle {
    /// As the reference codecs write it: 64-bit numbers as 16 upper-case hexadecimal digits.
    #[default]
    Codec,
    /// As a server writes it: 64-bit numbers as lower-case hexadecimal without leading zeros, path steps with their
    /// `type` and `type_hex`.
    Server,
}

impl Object {
    /// The JSON document, as the reference codecs write it.
    pub fn to_json(&self) -> Json {
        self.to_json_as(JsonStyle::Codec)
    }

    /// The JSON document in a style.
    pub fn to_json_as(&self, style: JsonStyle) -> Json {
        let mut map = Map::new();
        for (field, value) in self.iter() {
            map.insert(field.name().to_owned(), write(field, value, style));
        }
        Json::Object(map)
    }
}

fn write(field: FieldId, value: &Value, style: JsonStyle) -> Json {
    match value {
        Value::UInt8(n) => match field {
            fields::TRANSACTION_RESULT => {
                ResultCode(i16::from(*n)).name().map_or_else(|| (*n).into(), Json::from)
            }
            _ => (*n).into(),
        },
        Value::UInt16(n) => match field {
            fields::TRANSACTION_TYPE => TxType(*n).name().map_or_else(|| (*n).into(), Json::from),
            fields::LEDGER_ENTRY_TYPE => EntryType(*n).name().map_or_else(|| (*n).into(), Json::from),
            _ => (*n).into(),
        },
        Value::UInt32(n) => match field {
            fields::PERMISSION_VALUE => permission_name(*n).map_or_else(|| (*n).into(), Json::from),
            _ => (*n).into(),
        },
        Value::UInt64(n) if DECIMAL_FIELDS.contains(&field) => n.to_string().into(),
        Value::UInt64(n) if style == JsonStyle::Server => format!("{n:x}").into(),
        Value::UInt64(n) => format!("{n:016X}").into(),
        Value::Int32(n) => (*n).into(),
        Value::Int64(n) => (*n).into(),
        Value::Hash128(bytes) => hex::encode(bytes).into(),
        Value::Hash160(bytes) => hex::encode(bytes).into(),
        Value::Hash192(bytes) => hex::encode(bytes).into(),
        Value::Hash256(hash) => hash.to_string().into(),
        Value::Amount(amount) => amount.to_json(),
        Value::Blob(bytes) => hex::encode(bytes).into(),
        Value::Account(account) => account.to_string().into(),
        Value::Object(inner) => inner.to_json_as(style),
        Value::Array(items) => items.iter().map(|item| write_item(item, style)).collect(),
        Value::PathSet(paths) => paths
            .iter()
            .map(|path| path.iter().map(|step| write_step(step, style)).collect::<Json>())
            .collect(),
        Value::Vector256(hashes) => hashes.iter().map(|hash| Json::from(hash.to_string())).collect(),
        Value::Issue(asset) => write_asset(asset),
        Value::Currency(currency) => currency.to_string().into(),
        Value::Number(number) => number.to_string().into(),
        Value::XChainBridge(bridge) => write_bridge(bridge),
    }
}

fn write_item(item: &ArrayItem, style: JsonStyle) -> Json {
    // Not `json!`, which copies what it is given.
    let mut map = Map::new();
    map.insert(item.name.name().to_owned(), item.fields.to_json_as(style));
    Json::Object(map)
}

fn write_step(step: &PathStep, style: JsonStyle) -> Json {
    let mut map = Map::new();
    let mut kind = 0;
    let mut put = |key: &str, bit: u8, text: Option<String>| {
        if let Some(text) = text {
            map.insert(key.to_owned(), text.into());
            kind |= bit;
        }
    };
    put("account", 0x01, step.account.as_ref().map(AccountId::to_string));
    put("currency", 0x10, step.currency.as_ref().map(Currency::to_string));
    put("issuer", 0x20, step.issuer.as_ref().map(AccountId::to_string));
    if style == JsonStyle::Server {
        map.insert("type".to_owned(), kind.into());
        map.insert("type_hex".to_owned(), format!("{kind:016X}").into());
    }
    Json::Object(map)
}

fn write_asset(asset: &Asset) -> Json {
    match asset {
        Asset::Xrp => json!({ "currency": "XRP" }),
        Asset::Issued { currency, issuer } => {
            json!({ "currency": currency.to_string(), "issuer": issuer.to_string() })
        }
        Asset::Mpt(id) => json!({ "mpt_issuance_id": id.to_string() }),
    }
}

fn write_bridge(bridge: &XChainBridge) -> Json {
    json!({
        "LockingChainDoor": bridge.locking_door.to_string(),
        "LockingChainIssue": write_asset(&bridge.locking_issue),
        "IssuingChainDoor": bridge.issuing_door.to_string(),
        "IssuingChainIssue": write_asset(&bridge.issuing_issue),
    })
}
