//! Objects from JSON documents. Strict: a name the definitions do not have, or a value that does not fit its field, is
//! an error that names the field. Never guesses and never drops a field that has a binary form.

use super::json_values::{
    list, narrow, read_asset, read_bridge, read_hash160, read_hex, read_int, read_paths, read_uint8,
    read_uint16, read_uint32, read_uint64, text,
};
use super::reading::Reading;
use super::{ArrayItem, DEPTH_MAX, Number, Object, ObjectError, ROOM_MAX, Value};
use crate::amount::Amount;
use crate::hex;
use crate::ids::{Hash256, IdError, XAddress, shorten};
use crate::json::{Members, Node};
use crate::tables::{FieldId, FieldInfo, TypeCode, fields};

impl Object {
    /// Reads a JSON document strictly. Fields that have no binary form (`hash`, `index`) are checked by name and left
    /// out; `null` is never a value.
    pub fn from_json<'d>(json: impl Into<Node<'d>>) -> Result<Self, ObjectError> {
        Self::from_named(named(json.into())?)
    }

    /// Reads a document of a server that may be newer than our definitions: gives the object of what we know and the
    /// names of what we do not (fields, and names of types, which become the code 65535, or of results, which become
    /// 255). Values of fields we know are read as strictly as ever.
    pub fn from_json_lenient<'d>(json: impl Into<Node<'d>>) -> Result<(Self, Vec<String>), ObjectError> {
        Self::from_named_lenient(named(json.into())?)
    }

    /// [`from_json`](Self::from_json) of some fields of a document.
    pub(crate) fn from_named<'d>(all: impl Iterator<Item = Named<'d>>) -> Result<Self, ObjectError> {
        read_fields(all, 0, &mut Reading::strict())
    }

    /// [`from_json_lenient`](Self::from_json_lenient) of some fields of a document.
    pub(crate) fn from_named_lenient<'d>(
        all: impl Iterator<Item = Named<'d>>,
    ) -> Result<(Self, Vec<String>), ObjectError> {
        let mut reading = Reading::lenient();
        let object = read_fields(all, 0, &mut reading)?;
        Ok((object, reading.unknown()))
    }
}

/// A value under its name.
pub(crate) type Named<'d> = (&'d str, Node<'d>);

/// Names and values of a document that must be an object.
pub(crate) fn named(json: Node<'_>) -> Result<Members<'_>, ObjectError> {
    json.members().ok_or(ObjectError::NotAnObject)
}

fn read_fields<'d>(
    all: impl Iterator<Item = Named<'d>>,
    depth: usize,
    reading: &mut Reading<'d>,
) -> Result<Object, ObjectError> {
    if depth > DEPTH_MAX {
        return Err(ObjectError::TooDeep);
    }
    reading.inner.enter()?;
    let mut fields = Vec::with_capacity(all.size_hint().1.unwrap_or(0).min(ROOM_MAX));
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
        match x_address(info.kind(), json) {
            Some(x) => {
                tags.extend(x.tag.map(|tag| (field, tag)));
                fields.push((field, Value::Account(x.account)));
            }
            None => push_value(&mut fields, info, json, depth, reading)?,
        }
    }
    let mut object = Object::of_unsorted(fields).map_err(|field| ObjectError::Twice(field.name()))?;
    for (field, tag) in tags {
        insert_tag(&mut object, field, tag)?;
    }
    Ok(object)
}

/// The field of a name; the two marks that end objects and arrays in the binary form are no fields of a document.
fn field_of(name: &str) -> Option<&'static FieldInfo> {
    let is_mark =
        |info: &&FieldInfo| matches!(info.id(), fields::OBJECT_END_MARKER | fields::ARRAY_END_MARKER);
    FieldInfo::by_name(name).filter(|info| !is_mark(info))
}

fn x_address(kind: TypeCode, json: Node<'_>) -> Option<XAddress> {
    let text = json.as_str().filter(|text| kind == TypeCode::AccountId && text.starts_with(['X', 'T']))?;
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

/// Puts a value where it is to stay: it is large, and to hand it on from function to function takes longer than to read it.
fn push_value<'d>(
    fields: &mut Vec<(FieldId, Value)>,
    info: &FieldInfo,
    json: Node<'d>,
    depth: usize,
    reading: &mut Reading<'d>,
) -> Result<(), ObjectError> {
    let field = info.id();
    let id_error = |error: IdError| ObjectError::Id { field: field.name(), error };
    let value = match info.kind() {
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
                fields::DELIVERED_AMOUNT => Amount::read_delivered(json, &mut reading.accounts),
                _ => Amount::read(json, &mut reading.accounts),
            };
            Value::Amount(read.map_err(|error| ObjectError::Amount { field: field.name(), error })?)
        }
        TypeCode::Blob => Value::Blob(
            hex::decode(text(field, json)?).ok_or_else(|| ObjectError::value(field, "not hexadecimal"))?,
        ),
        TypeCode::AccountId => {
            Value::Account(reading.accounts.classic(text(field, json)?).map_err(id_error)?)
        }
        TypeCode::Object => {
            let all = json.members().ok_or_else(|| ObjectError::value(field, "not a JSON object"))?;
            Value::Object(read_fields(all, depth + 1, reading)?)
        }
        TypeCode::Array => Value::Array(read_array(field, json, depth + 1, reading)?),
        TypeCode::PathSet => Value::PathSet(read_paths(field, json)?),
        TypeCode::Vector256 => Value::Vector256(
            list(field, json)?.map(|item| read_hex(field, item).map(Hash256)).collect::<Result<_, _>>()?,
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
    };
    fields.push((field, value));
    Ok(())
}

fn read_array<'d>(
    field: FieldId,
    json: Node<'d>,
    depth: usize,
    reading: &mut Reading<'d>,
) -> Result<Vec<ArrayItem>, ObjectError> {
    let refused = || ObjectError::value(field, "an element is not an object with one name");
    reading.inner.enter()?;
    let elements = list(field, json)?;
    let mut items = Vec::with_capacity(elements.len().min(ROOM_MAX));
    for item in elements {
        let mut members = item.members().filter(|members| members.len() == 1).ok_or_else(refused)?;
        let (name, inner) = members.next().ok_or_else(refused)?;
        let Some(info) = field_of(name) else {
            reading.meet(name, ObjectError::UnknownField(shorten(name)))?;
            continue;
        };
        let inner = inner.members().filter(|_| info.kind() == TypeCode::Object).ok_or_else(refused)?;
        items.push(ArrayItem { name: info.id(), fields: read_fields(inner, depth + 1, reading)? });
    }
    Ok(items)
}
