//! Objects in other documents: JSON for people, the ledger's own binary form for machines. Never a third form.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::Object;

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.to_json().serialize(serializer)
        } else {
            self.to_bytes().map_err(ser::Error::custom)?.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Self::from_json(&serde_json::Value::deserialize(deserializer)?).map_err(de::Error::custom)
        } else {
            Self::from_bytes(&Vec::<u8>::deserialize(deserializer)?).map_err(de::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::fields;

    #[test]
    fn both_forms() {
        let object = Object::new().with(fields::SEQUENCE, 5_u32).with(fields::DOMAIN, vec![1_u8; 300]);
        let text = serde_json::to_string(&object).unwrap();
        assert_eq!(serde_json::from_str::<Object>(&text).unwrap(), object);
        let bytes = postcard::to_stdvec(&object).unwrap();
        assert_eq!(postcard::from_bytes::<Object>(&bytes).unwrap(), object);
    }
}
