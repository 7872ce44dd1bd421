//! Objects from their binary form. Strict: only the canonical form is read, so what is read is written back to the
//! same bytes. Never panics and never allocates more than the input can fill.

use super::encode::{
    ARRAY_END, OBJECT_END, PATH_ACCOUNT, PATH_BOUNDARY, PATH_CURRENCY, PATH_END, PATH_ISSUER, omits_account,
};
use super::reading::Inner;
use super::{ArrayItem, DEPTH_MAX, Number, Object, ObjectError, PathStep, Value, XChainBridge};
use crate::amount::{self, AmountError, Asset};
use crate::hex;
use crate::ids::{AccountId, Currency, Hash256, MptId};
use crate::tables::{FieldId, FieldInfo, TypeCode, fields};

impl Object {
    /// Reads a whole object: every byte must belong to it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ObjectError> {
        let mut reader = Reader { rest: bytes, inner: Inner::default() };
        let object = read_fields(&mut reader, 0, false)?;
        if reader.rest.is_empty() { Ok(object) } else { Err(ObjectError::NotCanonical) }
    }

    /// Reads a whole object from hexadecimal text.
    pub fn from_hex(text: &str) -> Result<Self, ObjectError> {
        Self::from_bytes(&hex::decode(text).ok_or(ObjectError::NotHex)?)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    inner: Inner,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ObjectError> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or(ObjectError::Short)?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ObjectError> {
        self.take(N)?.try_into().map_err(|_| ObjectError::Short)
    }

    fn byte(&mut self) -> Result<u8, ObjectError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn length(&mut self) -> Result<usize, ObjectError> {
        let first = usize::from(self.byte()?);
        match first {
            0..=192 => Ok(first),
            193..=240 => Ok(193 + (first - 193) * 256 + usize::from(self.byte()?)),
            241..=254 => {
                let [high, low] = self.array()?;
                Ok(12_481 + (first - 241) * 65_536 + usize::from(high) * 256 + usize::from(low))
            }
            _ => Err(ObjectError::NotCanonical),
        }
    }

    fn with_length(&mut self) -> Result<&'a [u8], ObjectError> {
        let length = self.length()?;
        self.take(length)
    }

    fn field(&mut self) -> Result<&'static FieldInfo, ObjectError> {
        let first = self.byte()?;
        let mut type_code = u16::from(first >> 4);
        let mut nth = u16::from(first & 0x0F);
        let mut extended = || match self.byte()? {
            byte @ 16.. => Ok(u16::from(byte)),
            _ => Err(ObjectError::NotCanonical),
        };
        if type_code == 0 {
            type_code = extended()?;
        }
        if nth == 0 {
            nth = extended()?;
        }
        FieldId::by_code(type_code, nth)
            .and_then(FieldId::info)
            .filter(|info| info.is_serialized())
            .ok_or(ObjectError::UnknownCode { type_code, nth })
    }
}

/// Reads fields to the end of the input, or, for an inner object, to its end marker.
fn read_fields(reader: &mut Reader<'_>, depth: usize, inner: bool) -> Result<Object, ObjectError> {
    if depth > DEPTH_MAX {
        return Err(ObjectError::TooDeep);
    }
    reader.inner.enter()?;
    let mut object = Object::new();
    let mut last: Option<FieldId> = None;
    loop {
        match reader.peek() {
            None if inner => return Err(ObjectError::Short),
            None => return Ok(object),
            Some(OBJECT_END) if inner => {
                reader.byte()?;
                return Ok(object);
            }
            Some(OBJECT_END | ARRAY_END) => return Err(ObjectError::NotCanonical),
            Some(_) => {}
        }
        let info = reader.field()?;
        if last.is_some_and(|last| last >= info.id()) {
            return Err(ObjectError::Order(info.name()));
        }
        last = Some(info.id());
        let value = match info.kind() {
            TypeCode::AccountId if omits_account(&object) => read_no_account(reader, info.id())?,
            _ => read_value(reader, info, depth)?,
        };
        object.insert(info.id(), value);
    }
}

fn read_value(reader: &mut Reader<'_>, info: &FieldInfo, depth: usize) -> Result<Value, ObjectError> {
    let field = info.id();
    Ok(match info.kind() {
        TypeCode::UInt8 => Value::UInt8(reader.byte()?),
        TypeCode::UInt16 => Value::UInt16(u16::from_be_bytes(reader.array()?)),
        TypeCode::UInt32 => Value::UInt32(u32::from_be_bytes(reader.array()?)),
        TypeCode::UInt64 => Value::UInt64(u64::from_be_bytes(reader.array()?)),
        TypeCode::Int32 => Value::Int32(i32::from_be_bytes(reader.array()?)),
        TypeCode::Int64 => Value::Int64(i64::from_be_bytes(reader.array()?)),
        TypeCode::Hash128 => Value::Hash128(reader.array()?),
        TypeCode::Hash160 => Value::Hash160(reader.array()?),
        TypeCode::Hash192 => Value::Hash192(reader.array()?),
        TypeCode::Hash256 => Value::Hash256(Hash256(reader.array()?)),
        TypeCode::Amount => {
            let read = match field {
                fields::DELIVERED_AMOUNT => amount::read_binary_delivered(reader.rest),
                _ => amount::read_binary(reader.rest),
            };
            let (amount, length) = read.map_err(|error| match error {
                AmountError::Short => ObjectError::Short,
                error => ObjectError::Amount { field: info.name(), error },
            })?;
            reader.take(length)?;
            Value::Amount(amount)
        }
        TypeCode::Blob => Value::Blob(reader.with_length()?.to_vec()),
        TypeCode::AccountId => Value::Account(read_account(reader, field)?),
        TypeCode::Object => Value::Object(read_fields(reader, depth + 1, true)?),
        TypeCode::Array => Value::Array(read_array(reader, field, depth + 1)?),
        TypeCode::PathSet => Value::PathSet(read_paths(reader, field)?),
        TypeCode::Vector256 => {
            let (hashes, rest) = reader.with_length()?.as_chunks::<32>();
            if !rest.is_empty() {
                return Err(ObjectError::value(field, "length is no multiple of 32"));
            }
            Value::Vector256(hashes.iter().map(|hash| Hash256(*hash)).collect())
        }
        TypeCode::Issue => Value::Issue(read_asset(reader)?),
        TypeCode::Currency => Value::Currency(Currency(reader.array()?)),
        TypeCode::Number => {
            let mantissa = i64::from_be_bytes(reader.array()?);
            let exponent = i32::from_be_bytes(reader.array()?);
            Value::Number(Number::from_parts(mantissa, exponent).ok_or(ObjectError::NotCanonical)?)
        }
        TypeCode::XChainBridge => Value::XChainBridge(Box::new(XChainBridge {
            locking_door: read_account(reader, field)?,
            locking_issue: read_asset(reader)?,
            issuing_door: read_account(reader, field)?,
            issuing_issue: read_asset(reader)?,
        })),
        TypeCode::Transaction | TypeCode::LedgerEntry | TypeCode::Validation | TypeCode::Metadata => {
            return Err(ObjectError::UnknownCode { type_code: field.type_code(), nth: field.nth() });
        }
    })
}

fn read_account(reader: &mut Reader<'_>, field: FieldId) -> Result<AccountId, ObjectError> {
    let bytes = reader.with_length()?;
    bytes.try_into().map(AccountId).map_err(|_| ObjectError::value(field, "an account has 20 bytes"))
}

/// The account of `UNLModify`: no bytes for ACCOUNT_ZERO.
fn read_no_account(reader: &mut Reader<'_>, field: FieldId) -> Result<Value, ObjectError> {
    if reader.peek() == Some(0) {
        reader.byte()?;
        return Ok(Value::Account(AccountId::ZERO));
    }
    match read_account(reader, field)? {
        AccountId::ZERO => Err(ObjectError::NotCanonical),
        account => Ok(Value::Account(account)),
    }
}

fn read_array(reader: &mut Reader<'_>, field: FieldId, depth: usize) -> Result<Vec<ArrayItem>, ObjectError> {
    reader.inner.enter()?;
    let mut items = Vec::new();
    loop {
        match reader.peek() {
            None => return Err(ObjectError::Short),
            Some(ARRAY_END) => {
                reader.byte()?;
                return Ok(items);
            }
            Some(OBJECT_END) => return Err(ObjectError::NotCanonical),
            Some(_) => {}
        }
        let info = reader.field()?;
        if info.kind() != TypeCode::Object {
            return Err(ObjectError::value(field, format!("`{}` is no element of an array", info.name())));
        }
        items.push(ArrayItem { name: info.id(), fields: read_fields(reader, depth + 1, true)? });
    }
}

fn read_paths(reader: &mut Reader<'_>, field: FieldId) -> Result<Vec<Vec<PathStep>>, ObjectError> {
    let mut paths = Vec::new();
    let mut path = Vec::new();
    loop {
        let kind = reader.byte()?;
        if matches!(kind, PATH_BOUNDARY | PATH_END) {
            if path.is_empty() {
                return Err(ObjectError::value(field, "a path without steps"));
            }
            paths.push(std::mem::take(&mut path));
            if kind == PATH_END {
                return Ok(paths);
            }
            continue;
        }
        if kind & !(PATH_ACCOUNT | PATH_CURRENCY | PATH_ISSUER) != 0 {
            return Err(ObjectError::value(field, format!("a step of unknown kind {kind}")));
        }
        let mut step = PathStep::default();
        if kind & PATH_ACCOUNT != 0 {
            step.account = Some(AccountId(reader.array()?));
        }
        if kind & PATH_CURRENCY != 0 {
            step.currency = Some(Currency(reader.array()?));
        }
        if kind & PATH_ISSUER != 0 {
            step.issuer = Some(AccountId(reader.array()?));
        }
        path.push(step);
    }
}

fn read_asset(reader: &mut Reader<'_>) -> Result<Asset, ObjectError> {
    let first: [u8; 20] = reader.array()?;
    if first == Currency::XRP.0 {
        return Ok(Asset::Xrp);
    }
    let second = AccountId(reader.array()?);
    if second != AccountId::ONE {
        return Ok(Asset::Issued { currency: Currency(first), issuer: second });
    }
    let mut id = [0; 24];
    let mut sequence: [u8; 4] = reader.array()?;
    sequence.reverse();
    id[..4].copy_from_slice(&sequence);
    id[4..].copy_from_slice(&first);
    Ok(Asset::Mpt(MptId(id)))
}
