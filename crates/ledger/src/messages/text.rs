//! Small serde helpers: numbers that the API writes as text. Never accepts a JSON floating-point number.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use units::{Drops, Exact};

/// XRP as a string of drops.
pub mod drops {
    use super::{Deserialize, Deserializer, Drops, Error, Serializer};

    /// Writes the string.
    pub fn serialize<S: Serializer>(drops: &Drops, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&drops.get())
    }

    /// Reads the string.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Drops, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A 32-bit number that some servers write as text.
pub mod u32_or_text {
    use super::{Deserialize, Deserializer, Error, Serializer};

    /// Writes the number.
    pub fn serialize<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(*number)
    }

    /// Reads the number or its decimal text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u32),
            Text(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(number) => Ok(number),
            Either::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

/// Drops of a JSON number of XRP, as `server_info` writes fees and reserves (`1e-05`). `None` when it is no whole
/// number of drops.
pub fn drops_of_xrp(number: &serde_json::Number) -> Option<Drops> {
    let exact: Exact = number.to_string().parse().ok()?;
    Drops::new(i64::try_from(exact.scaled(6).to_i128()?).ok()?).ok()
}

/// The JSON number of XRP of some drops.
pub fn xrp_number(drops: Drops) -> serde_json::Number {
    let text = drops.to_xrp_string();
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    trimmed.parse().unwrap_or_else(|_| 0_u32.into())
}
