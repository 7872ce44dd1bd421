//! Documents: bounded, UTF-8, JSON without a name twice, or hexadecimal. Never guesses which of two values was meant.

use super::Refusal;
use ledger::Object;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};

/// The longest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The most objects and arrays in a JSON document: several hundred bytes of memory each. Twice what the ledger's own
/// bound ([`ledger::object::INNER_MAX`]) takes, and amounts and steps of paths besides.
const JSON_INNER_MAX: u32 = 300_000;

/// All of the input, or that it is too long.
pub fn read_all(input: impl Read) -> io::Result<Result<Vec<u8>, Refusal>> {
    let mut bytes = Vec::new();
    let bound = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    input.take(bound).read_to_end(&mut bytes)?;
    Ok(if bytes.len() > DOCUMENT_BYTES_MAX { Err(too_long()) } else { Ok(bytes) })
}

/// What is said of a document beyond the bound.
pub fn too_long() -> Refusal {
    Refusal::new(format!("a document longer than {DOCUMENT_BYTES_MAX} bytes"))
}

/// The document's text, without the space around it.
pub fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::new("not UTF-8"))?;
    Ok(text.trim_start_matches('\u{feff}').trim())
}

/// The JSON of a document.
pub fn json(text: &str) -> Result<Json, Refusal> {
    if text.is_empty() {
        return Err(Refusal::new("an empty document"));
    }
    let inner = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read =
        Strict(&inner).deserialize(&mut deserializer).and_then(|json| deserializer.end().map(|()| json));
    read.map_err(|error| Refusal::new(format!("not JSON: {error}")))
}

/// Either form a document may have.
pub enum Form {
    /// Hexadecimal: bare, as a JSON string, or as `tx_blob` or `meta_blob` of a JSON object.
    Hex(String),
    /// Any other JSON.
    Json(Json),
}

/// The form of a document.
pub fn form(text: &str) -> Result<Form, Refusal> {
    if !text.starts_with(['{', '"', '[']) && !text.is_empty() {
        return Ok(Form::Hex(text.to_owned()));
    }
    Ok(match json(text)? {
        Json::String(hex) => Form::Hex(hex),
        json => match json.get("tx_blob").or_else(|| json.get("meta_blob")) {
            Some(blob) => {
                Form::Hex(blob.as_str().ok_or_else(|| Refusal::new("the blob is no string"))?.to_owned())
            }
            None => Form::Json(json),
        },
    })
}

/// The object of a JSON document: a transaction (bare or as `tx_json`), a ledger entry or metadata.
pub fn object(json: &Json) -> Result<Object, Refusal> {
    let json = json.get("tx_json").unwrap_or(json);
    let object = Object::from_document(json)?;
    if object.is_empty() {
        return Err(Refusal::new("no field of the ledger is in the document"));
    }
    Ok(object)
}

/// JSON in which no object has a name twice, and which is no bigger than the bound: counts objects and arrays.
#[derive(Clone, Copy)]
struct Strict<'a>(&'a Cell<u32>);

impl Strict<'_> {
    fn enter<E: Error>(self) -> Result<(), E> {
        self.0.set(self.0.get().saturating_add(1));
        if self.0.get() > JSON_INNER_MAX {
            return Err(E::custom(format_args!("more than {JSON_INNER_MAX} objects and arrays")));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON document")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        self.enter()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        self.enter()?;
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self)?;
            if map.contains_key(&name) {
                let shown: String = name.chars().take(100).collect();
                return Err(A::Error::custom(format_args!("`{shown}` is there twice")));
            }
            map.insert(name, value);
        }
        Ok(Json::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_it_stands() {
        let text = r#"{"a":[1,-2,1.5,null,true,"é"],"b":{"a":18446744073709551615}}"#;
        assert_eq!(json(text).unwrap(), serde_json::from_str::<Json>(text).unwrap());
    }

    #[test]
    fn refusals() {
        let deep = "[".repeat(100_000);
        let wide = format!("[{}]", vec!["{}"; 300_000].join(","));
        let twice = r#"{"a":{"Fee":"1","Fee":"2"}}"#;
        for (bad, word) in [
            ("", "empty"),
            ("{", "not JSON"),
            ("{} {}", "not JSON"),
            (&deep, "not JSON"),
            (&wide, "more than"),
            (twice, "Fee"),
        ] {
            let refusal = json(bad).unwrap_err().to_string();
            assert!(refusal.contains(word), "{refusal}");
        }
    }
}
