//! Objects from JSON documents. Strict: a name the definitions do not have, or a value that does not fit its field, is
//! an error that names the field. Never guesses and never drops a field that has a binary form.

use serde_json::{Map, Value as Json};

use super::json_values::{
    list, narrow, read_asset, read_bridge, read_hash160, read_hex, read_int, read_paths, read_uint8,
    read_uint16, read_uint32, read_uint64, text,
};
use super::reading::Reading;
use super::{ArrayItem, DEPTH_MAX, Number, Object, ObjectError, Value};
use crate::amount::Amount;
use crate::hex;
use crate::ids::{Hash256, IdError, XAddress, shorten};
use crate::tables::{FieldId, FieldInfo, TypeCode, fields};

impl Object {
    /// Reads a JSON document strictly. Fields that have no binary form (`hash`, `index`) are checked by name and left
    /// out; `null` is never a value.
    pub fn from_json(json: &Json) -> Result<Self, ObjectError> {
        let map = json.as_object().ok_or(ObjectError::NotAnObject)?;
        read_fields(named(map), 0, &mut Reading::strict())
    }

    /// Reads a document of a server that may be newer than our definitions: gives the object of what we know and the
    /// names of what we do not (fields, and names of types, which become the code 65535, or of results, which become
    /// 255). Values of fields we know are read as strictly as ever.
    pub fn from_json_lenient(json: &Json) -> Result<(Self, Vec<String>), ObjectError> {
        let map = json.as_object().ok_or(ObjectError::NotAnObject)?;
        collect_unknown(named(map))
    }

    /// [`from_json`](Self::from_json) of some fields of a document.
    pub(crate) fn from_named<'a>(
        all: impl Iterator<Item = (&'a str, &'a Json)>,
    ) -> Result<Self, ObjectError> {
        read_fields(all, 0, &mut Reading::strict())
    }

    /// [`from_json_lenient`](Self::from_json_lenient) of some fields of a document.
    pub(crate) fn from_named_lenient<'a>(
        all: impl Iterator<Item = (&'a str, &'a Json)>,
    ) -> Result<(Self, Vec<String>), ObjectError> {
        collect_unknown(all)
    }
}

pub(super) fn named(map: &Map<String, Json>) -> impl Iterator<Item = (&str, &Json)> {
    map.iter().map(|(name, json)| (name.as_str(), json))
}

pub(super) fn collect_unknown<'a>(
    all: impl Iterator<Item = (&'a str, &'a Json)>,
) -> Result<(Object, Vec<String>), ObjectError> {
    let mut reading = Reading::lenient();
    let object = read_fields(all, 0, &mut reading)?;
    Ok((object, reading.unknown()))
}

fn read_fields<'a>(
    all: impl Iterator<Item = (&'a str, &'a Json)>,
    depth: usize,
    reading: &mut Reading,
) -> Result<Object, ObjectError> {
    if depth > DEPTH_MAX {
        return Err(ObjectError::TooDeep);
    }
    reading.inner.enter()?;
    let mut object = Object::new();
    let mut tags = Vec::new();
    for (name, json) in all {
        let Some(info) = field_of(name) else {
            reading.meet(name, ObjectError::UnknownField(shorten(name)))?;
            continue;
        };
        let field = info.id();
        if !info.is_serialized() {
            continue;
        }
        if let (TypeCode::AccountId, Some(x)) = (info.kind(), x_address(json)) {
            object.insert(field, x.account);
            tags.extend(x.tag.map(|tag| (field, tag)));
            continue;
        }
        object.insert(field, read_value(field, info.kind(), json, depth, reading)?);
    }
    for (field, tag) in tags {
        insert_tag(&mut object, field, tag)?;
    }
    Ok(object)
}

/// The field of a name; the two marks that end objects and arrays in the binary form are no fields of a document.
fn field_of(name: &str) -> Option<&'static FieldInfo> {
    let is_mark =
        |info: &&FieldInfo| matches!(info.id(), fields::OBJECT_END_MARKER | fields::ARRAY_END_MARKER);
    FieldId::by_name(name).and_then(FieldId::info).filter(|info| !is_mark(info))
}

fn x_address(json: &Json) -> Option<XAddress> {
    let text = json.as_str().filter(|text| text.starts_with(['X', 'T']))?;
    text.parse().ok()
}

/// The tag of an X-address goes beside the account, and must not contradict one that is there.
fn insert_tag(object: &mut Object, account_field: FieldId, tag: u32) -> Result<(), ObjectError> {
    let field = match account_field {
        fields::ACCOUNT => fields::SOURCE_TAG,
        fields::DESTINATION => fields::DESTINATION_TAG,
        _ => {
            return Err(ObjectError::value(
                account_field,
                "an X-address with a tag has no place for it here",
            ));
        }
    };
    match object.insert(field, tag) {
        Some(Value::UInt32(other)) if other != tag => {
            Err(ObjectError::value(field, "contradicts the tag of the X-address"))
        }
        _ => Ok(()),
    }
}

fn read_value(
    field: FieldId,
    kind: TypeCode,
    json: &Json,
    depth: usize,
    reading: &mut Reading,
) -> Result<Value, ObjectError> {
    let id_error = |error: IdError| ObjectError::Id { field: field.name(), error };
    Ok(match kind {
        TypeCode::UInt8 => Value::UInt8(read_uint8(field, json, reading)?),
        TypeCode::UInt16 => Value::UInt16(read_uint16(field, json, reading)?),
        TypeCode::UInt32 => Value::UInt32(read_uint32(field, json)?),
        TypeCode::UInt64 => Value::UInt64(read_uint64(field, json)?),
        TypeCode::Int32 => Value::Int32(narrow(field, read_int(field, json)?)?),
        TypeCode::Int64 => Value::Int64(read_int(field, json)?),
        TypeCode::Hash128 if json.as_str() == Some("") => Value::Hash128([0; 16]),
        TypeCode::Hash128 => Value::Hash128(read_hex(field, json)?),
        TypeCode::Hash160 => Value::Hash160(read_hash160(field, json)?),
        TypeCode::Hash192 => Value::Hash192(read_hex(field, json)?),
        TypeCode::Hash256 => Value::Hash256(Hash256(read_hex(field, json)?)),
        TypeCode::Amount => {
            let read = match field {
                fields::DELIVERED_AMOUNT => Amount::from_json_delivered(json),
                _ => Amount::from_json(json),
            };
            Value::Amount(read.map_err(|error| ObjectError::Amount { field: field.name(), error })?)
        }
        TypeCode::Blob => Value::Blob(
            hex::decode(text(field, json)?).ok_or_else(|| ObjectError::value(field, "not hexadecimal"))?,
        ),
        TypeCode::AccountId => Value::Account(text(field, json)?.parse().map_err(id_error)?),
        TypeCode::Object => {
            let map = json.as_object().ok_or_else(|| ObjectError::value(field, "not a JSON object"))?;
            Value::Object(read_fields(named(map), depth + 1, reading)?)
        }
        TypeCode::Array => Value::Array(read_array(field, json, depth + 1, reading)?),
        TypeCode::PathSet => Value::PathSet(read_paths(field, json)?),
        TypeCode::Vector256 => Value::Vector256(
            list(field, json)?
                .iter()
                .map(|item| read_hex(field, item).map(Hash256))
                .collect::<Result<_, _>>()?,
        ),
        TypeCode::Issue => Value::Issue(read_asset(field, json)?),
        TypeCode::Currency => Value::Currency(text(field, json)?.parse().map_err(id_error)?),
        TypeCode::Number => Value::Number(
            text(field, json)?.parse::<Number>().map_err(|()| ObjectError::value(field, "not a number"))?,
        ),
        TypeCode::XChainBridge => Value::XChainBridge(Box::new(read_bridge(field, json)?)),
        TypeCode::Transaction | TypeCode::LedgerEntry | TypeCode::Validation | TypeCode::Metadata => {
            return Err(ObjectError::value(field, "has no binary form"));
        }
    })
}

fn read_array(
    field: FieldId,
    json: &Json,
    depth: usize,
    reading: &mut Reading,
) -> Result<Vec<ArrayItem>, ObjectError> {
    let refused = || ObjectError::value(field, "an element is not an object with one name");
    reading.inner.enter()?;
    let mut items = Vec::new();
    for item in list(field, json)? {
        let map = item.as_object().filter(|map| map.len() == 1).ok_or_else(refused)?;
        let (name, inner) = map.iter().next().ok_or_else(refused)?;
        let Some(info) = field_of(name) else {
            reading.meet(name, ObjectError::UnknownField(shorten(name)))?;
            continue;
        };
        let inner = inner.as_object().filter(|_| info.kind() == TypeCode::Object).ok_or_else(refused)?;
        items.push(ArrayItem { name: info.id(), fields: read_fields(named(inner), depth + 1, reading)? });
    }
    Ok(items)
}
