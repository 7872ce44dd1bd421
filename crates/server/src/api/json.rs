//! JSON as the server's own reader takes it: a name that comes twice in an object makes the whole text unreadable
//! (server source, json_reader), wherever it is. And answers with the request's `id` in the very letters it came in.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

/// Reads a text; nesting is bounded by the library (128).
pub(crate) fn read(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0)
}

/// The `id` of an object as it is written; `None` without one, and for `null`.
pub(crate) fn id_of(text: &str) -> Option<Box<RawValue>> {
    #[derive(serde::Deserialize)]
    struct Named {
        id: Option<Box<RawValue>>,
    }
    serde_json::from_str::<Named>(text).ok()?.id
}

/// Fields in which every `id`, also that of the `request` repeated in them, is the one given.
pub(crate) struct WithId<'a> {
    /// The fields.
    pub(crate) fields: &'a Map<String, Value>,
    /// What stands for each `id`.
    pub(crate) id: Option<&'a RawValue>,
}

impl Serialize for WithId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (name, value) in self.fields {
            match (name.as_str(), value, self.id) {
                ("id", _, Some(id)) => map.serialize_entry(name, id)?,
                ("request", Value::Object(fields), Some(_)) => {
                    map.serialize_entry(name, &WithId { fields, id: self.id })?;
                }
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(Strict)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        if value < i64::from(i32::MIN) { Err(out_of_range(value)) } else { Ok(value.into()) }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        if value > u64::from(u32::MAX) { Err(out_of_range(value)) } else { Ok(value.into()) }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = items.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format_args!("Key '{name}' appears twice.")));
            }
            // An `id` is the client's own and comes back as it came.
            let value = if name == "id" { items.next_value()? } else { items.next_value::<Strict>()?.0 };
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

/// The reader of the real server has integers of 32 bits (server source, json_reader, `decodeNumber`).
fn out_of_range<E: Error>(value: impl fmt::Display) -> E {
    E::custom(format_args!("'{value}' exceeds the allowable range."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_as_the_library_but_for_repeated_names() {
        for text in [
            "null",
            "true",
            "-3",
            "4294967295",
            "-2147483648",
            "1e300",
            "{\"id\":18446744073709551616}",
            "1.25",
            "\"a\\u00e9\"",
            "[1,[{}]]",
            "{\"a\":{\"b\":[]}}",
        ] {
            assert_eq!(read(text).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        for text in ["{\"a\":1,\"a\":1}", "[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]"] {
            assert!(read(text).unwrap_err().to_string().contains("appears twice"), "{text}");
        }
        for text in ["4294967296", "-2147483649", "18446744073709551615", "{\"id\":1,\"x\":[4294967296]}"] {
            assert!(read(text).unwrap_err().to_string().contains("exceeds the allowable range"), "{text}");
        }
        assert!(read("{").is_err() && read(&"[".repeat(100_000)).is_err());
    }
}
