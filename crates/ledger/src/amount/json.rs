//! The JSON form of amounts and assets, exactly the ledger's. Never reads an amount from a JSON number.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use units::{Drops, IssuedValue};

use super::{Amount, AmountError, Asset};
use crate::ids::{AccountId, Accounts, Currency, IdError, MptId, shorten};
use crate::json::Node;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum AmountForm {
    Drops(String),
    Issued(IssuedForm),
    Mpt(MptForm),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuedForm {
    currency: String,
    issuer: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MptForm {
    mpt_issuance_id: String,
    value: String,
}

/// The same for machines: no text, the value as mantissa and exponent.
#[derive(Serialize, Deserialize)]
enum AmountParts {
    Xrp(i64),
    Issued(i64, i32, Currency, AccountId),
    Mpt(u64, MptId),
}

impl From<&Amount> for AmountForm {
    fn from(amount: &Amount) -> Self {
        match amount {
            Amount::Xrp(drops) => Self::Drops(drops.get().to_string()),
            Amount::Issued { value, currency, issuer } => Self::Issued(IssuedForm {
                currency: currency.to_string(),
                issuer: issuer.to_string(),
                value: value.to_string(),
            }),
            Amount::Mpt { value, id } => {
                Self::Mpt(MptForm { mpt_issuance_id: id.to_string(), value: value.to_string() })
            }
        }
    }
}

impl TryFrom<AmountForm> for Amount {
    type Error = AmountError;

    fn try_from(form: AmountForm) -> Result<Self, AmountError> {
        match form {
            AmountForm::Drops(text) => parse_drops(&text).map(Self::Xrp),
            AmountForm::Issued(IssuedForm { currency, issuer, value }) => {
                issued_of_text(&value, &currency, AccountId::of_any_address(&issuer))
            }
            AmountForm::Mpt(MptForm { mpt_issuance_id, value }) => mpt_of_text(&value, &mpt_issuance_id),
        }
    }
}

fn issued_of_text(
    value: &str,
    currency: &str,
    issuer: Result<AccountId, IdError>,
) -> Result<Amount, AmountError> {
    let parsed = value.parse::<IssuedValue>().map_err(|_| AmountError::Value(shorten(value)))?;
    Amount::issued(parsed, Currency::issued(currency)?, issuer?)
}

fn mpt_of_text(value: &str, id: &str) -> Result<Amount, AmountError> {
    Ok(Amount::Mpt { value: parse_units(value)?, id: id.parse()? })
}

/// Drops from decimal digits alone: no sign, no point, no exponent, at most 100000000000000000.
fn parse_drops(text: &str) -> Result<Drops, AmountError> {
    let refused = || AmountError::Drops(shorten(text));
    if text.is_empty() || text.len() > 32 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(refused());
    }
    let count: i64 = text.parse().map_err(|_| refused())?;
    Drops::new(count).map_err(|_| refused())
}

/// Token units: decimal or `0x` hexadecimal digits, at most 2^63 - 1; `-0` is zero, as in the reference codec.
fn parse_units(text: &str) -> Result<u64, AmountError> {
    let refused = || AmountError::Units(shorten(text));
    if text == "-0" {
        return Ok(0);
    }
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |hex| (hex, 16));
    if digits.is_empty() || !digits.bytes().all(|b| char::from(b).is_digit(radix)) {
        return Err(refused());
    }
    i64::from_str_radix(digits, radix).ok().and_then(|v| u64::try_from(v).ok()).ok_or_else(refused)
}

impl Amount {
    /// Reads the ledger's JSON form.
    pub fn from_json<'d>(json: impl Into<Node<'d>>) -> Result<Self, AmountError> {
        Self::read(json.into(), &mut Accounts::default())
    }

    /// [`from_json`](Self::from_json) within a document whose addresses are kept.
    pub(crate) fn read<'d>(json: Node<'d>, accounts: &mut Accounts<'d>) -> Result<Self, AmountError> {
        if let Some(drops) = json.as_str() {
            return parse_drops(drops).map(Self::Xrp);
        }
        let shape = || AmountError::Shape(shorten(&json.to_string()));
        let members = json.members().ok_or_else(shape)?;
        let count = members.len();
        let (mut currency, mut issuer, mut value, mut id) = (None, None, None, None);
        for (name, member) in members {
            let place = match name {
                "currency" => &mut currency,
                "issuer" => &mut issuer,
                "value" => &mut value,
                "mpt_issuance_id" => &mut id,
                _ => return Err(shape()),
            };
            *place = member.as_str();
        }
        match (count, value, id, currency, issuer) {
            (2, Some(value), Some(id), ..) => mpt_of_text(value, id),
            (3, Some(value), None, Some(currency), Some(issuer)) => {
                issued_of_text(value, currency, accounts.of_any_address(issuer))
            }
            _ => Err(shape()),
        }
    }

    /// [`read`](Self::read) for metadata's delivered amount, which may be negative XRP (`-1`).
    pub(crate) fn read_delivered<'d>(
        json: Node<'d>,
        accounts: &mut Accounts<'d>,
    ) -> Result<Self, AmountError> {
        match json.as_str().and_then(|text| text.strip_prefix('-')) {
            Some(count) => match parse_drops(count)?.get() {
                0 => Err(AmountError::Drops("-0".to_owned())),
                count => {
                    Drops::new(-count).map(Self::Xrp).map_err(|_| AmountError::Drops(format!("-{count}")))
                }
            },
            None => Self::read(json, accounts),
        }
    }

    /// The ledger's JSON form.
    pub fn to_json(&self) -> serde_json::Value {
        // Not `json!`, which copies what it is given.
        let object = |fields: &mut dyn Iterator<Item = (&str, String)>| {
            serde_json::Value::Object(fields.map(|(key, text)| (key.to_owned(), text.into())).collect())
        };
        match AmountForm::from(self) {
            AmountForm::Drops(text) => serde_json::Value::String(text),
            AmountForm::Issued(IssuedForm { currency, issuer, value }) => {
                object(&mut [("currency", currency), ("issuer", issuer), ("value", value)].into_iter())
            }
            AmountForm::Mpt(MptForm { mpt_issuance_id, value }) => {
                object(&mut [("mpt_issuance_id", mpt_issuance_id), ("value", value)].into_iter())
            }
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return AmountForm::from(self).serialize(serializer);
        }
        match *self {
            Self::Xrp(drops) => AmountParts::Xrp(drops.get()),
            Self::Issued { value, currency, issuer } => {
                AmountParts::Issued(value.mantissa(), value.exponent(), currency, issuer)
            }
            Self::Mpt { value, id } => AmountParts::Mpt(value, id),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if deserializer.is_human_readable() {
            return AmountForm::deserialize(deserializer)?.try_into().map_err(D::Error::custom);
        }
        match AmountParts::deserialize(deserializer)? {
            AmountParts::Xrp(count) => Drops::new(count).map(Self::Xrp).map_err(D::Error::custom),
            AmountParts::Issued(0, _, currency, issuer) => {
                Self::issued(IssuedValue::ZERO, currency, issuer).map_err(D::Error::custom)
            }
            AmountParts::Issued(mantissa, exponent, currency, issuer) => {
                let value = IssuedValue::from_parts(mantissa.into(), exponent).map_err(D::Error::custom)?;
                Self::issued(value, currency, issuer).map_err(D::Error::custom)
            }
            AmountParts::Mpt(value, id) => Ok(Self::Mpt { value, id }),
        }
    }
}

/// `{"currency": "XRP"}`, `{"currency", "issuer"}` or `{"mpt_issuance_id"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetForm {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    issuer: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    mpt_issuance_id: Option<MptId>,
}

#[derive(Serialize, Deserialize)]
enum AssetParts {
    Xrp,
    Issued(Currency, AccountId),
    Mpt(MptId),
}

impl Serialize for Asset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let mpt_issuance_id = if let Self::Mpt(id) = self { Some(*id) } else { None };
            let issuer = if mpt_issuance_id.is_some() { None } else { self.issuer() };
            return AssetForm { currency: self.currency(), issuer, mpt_issuance_id }.serialize(serializer);
        }
        match *self {
            Self::Xrp => AssetParts::Xrp,
            Self::Issued { currency, issuer } => AssetParts::Issued(currency, issuer),
            Self::Mpt(id) => AssetParts::Mpt(id),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Asset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if !deserializer.is_human_readable() {
            return match AssetParts::deserialize(deserializer)? {
                AssetParts::Xrp => Ok(Self::Xrp),
                AssetParts::Issued(currency, issuer) => {
                    Self::new(currency, Some(issuer)).map_err(D::Error::custom)
                }
                AssetParts::Mpt(id) => Ok(Self::Mpt(id)),
            };
        }
        match AssetForm::deserialize(deserializer)? {
            AssetForm { currency: None, issuer: None, mpt_issuance_id: Some(id) } => Ok(Self::Mpt(id)),
            AssetForm { currency: Some(currency), issuer, mpt_issuance_id: None } => {
                Self::new(currency, issuer).map_err(D::Error::custom)
            }
            _ => Err(D::Error::custom("neither a currency with its issuer nor an issuance")),
        }
    }
}
