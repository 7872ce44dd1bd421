//! The ledger's own dictionary: fields, transaction types, ledger entry types and result codes, as a server publishes
//! them in `server_definitions`. Never guesses: a name or code that is not in the tables is `None`.

mod entry_types;
#[rustfmt::skip]
pub mod fields;
mod field_id;
mod permissions;
mod results;
mod tx_types;

pub use field_id::{FieldId, FieldInfo, TypeCode};
pub use permissions::{permission_code, permission_name};

use crate::ids::{IdError, shorten};

/// A name or code of one of the dictionary's three enumerations.
macro_rules! named_code {
    ($(#[$doc:meta])* $type:ident, $repr:ty, $table:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $repr);

        impl $type {
            /// By name; `None` when the published definitions do not have it. Binary search.
            pub fn by_name(name: &str) -> Option<Self> {
                $table.binary_search_by(|row| row.0.cmp(name)).ok().and_then(|i| $table.get(i)).map(|row| Self(row.1))
            }

            /// The published name; `None` for a code the definitions do not have.
            pub fn name(self) -> Option<&'static str> {
                $table.iter().find(|row| row.1 == self.0).map(|row| row.0)
            }

            /// Every name and code, sorted by name.
            pub fn all() -> impl Iterator<Item = (&'static str, Self)> {
                $table.iter().map(|row| (row.0, Self(row.1)))
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => write!(f, "{}", self.0),
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::by_name(text)
                    .or_else(|| text.parse().ok().map(Self))
                    .ok_or_else(|| UnknownName { what: stringify!($type), name: shorten(text) })
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <$repr>::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}

/// A name the published definitions do not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no known {what}")]
pub struct UnknownName {
    /// What kind of name was looked up.
    pub what: &'static str,
    /// The name (at most 100 characters of it).
    pub name: String,
}

impl From<IdError> for UnknownName {
    fn from(error: IdError) -> Self {
        Self { what: "identifier", name: error.to_string() }
    }
}

named_code!(
    /// A transaction type by its code. Text form: its name, or the number where the definitions have no name.
    TxType, u16, tx_types::TX_TYPES
);
named_code!(
    /// A ledger entry type by its code. Text form: its name, or the number where the definitions have no name.
    EntryType, u16, entry_types::ENTRY_TYPES
);
named_code!(
    /// A result code (`tesSUCCESS` = 0; `tec` 100 and up are in the ledger too, negative ones never are).
    ResultCode, i16, results::RESULTS
);

impl TxType {
    /// Payment.
    pub const PAYMENT: Self = Self(0);
    /// AccountSet.
    pub const ACCOUNT_SET: Self = Self(3);
    /// OfferCreate.
    pub const OFFER_CREATE: Self = Self(7);
    /// OfferCancel.
    pub const OFFER_CANCEL: Self = Self(8);
    /// TicketCreate.
    pub const TICKET_CREATE: Self = Self(10);
    /// TrustSet.
    pub const TRUST_SET: Self = Self(20);
    /// UNLModify, a pseudo-transaction.
    pub const UNL_MODIFY: Self = Self(102);
}

impl EntryType {
    /// AccountRoot.
    pub const ACCOUNT_ROOT: Self = Self(97);
    /// AMM.
    pub const AMM: Self = Self(121);
    /// DirectoryNode.
    pub const DIRECTORY_NODE: Self = Self(100);
    /// Offer.
    pub const OFFER: Self = Self(111);
    /// RippleState.
    pub const RIPPLE_STATE: Self = Self(114);
    /// Ticket.
    pub const TICKET: Self = Self(84);
    /// MPToken.
    pub const MPTOKEN: Self = Self(127);
    /// MPTokenIssuance.
    pub const MPTOKEN_ISSUANCE: Self = Self(126);
}

impl ResultCode {
    /// tesSUCCESS.
    pub const TES_SUCCESS: Self = Self(0);

    /// Whether the transaction did what it says (`tes`).
    pub fn is_success(self) -> bool {
        self.0 == 0
    }

    /// Whether only the fee was claimed (`tec`): the fee is burned and the sequence used.
    pub fn is_tec(self) -> bool {
        self.0 >= 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_name_and_by_code() {
        assert_eq!(fields::FIELDS.len(), 379);
        for pair in fields::FIELDS.windows(2) {
            assert!(pair[0].id() < pair[1].id(), "{} before {}", pair[0].name(), pair[1].name());
        }
        for info in fields::FIELDS {
            assert_eq!(FieldId::by_name(info.name()), Some(info.id()), "{}", info.name());
            assert_eq!(info.id().info().map(FieldInfo::name), Some(info.name()));
        }
        for (name, code) in TxType::all() {
            assert_eq!((TxType::by_name(name), code.name()), (Some(code), Some(name)));
        }
        for (name, code) in EntryType::all() {
            assert_eq!((EntryType::by_name(name), code.name()), (Some(code), Some(name)));
        }
        for (name, code) in ResultCode::all() {
            assert_eq!((ResultCode::by_name(name), code.name()), (Some(code), Some(name)));
        }
    }

    #[test]
    fn the_named_constants_are_the_published_codes() {
        assert_eq!(TxType::by_name("OfferCreate"), Some(TxType::OFFER_CREATE));
        assert_eq!(TxType::by_name("TrustSet"), Some(TxType::TRUST_SET));
        assert_eq!(TxType::by_name("UNLModify"), Some(TxType::UNL_MODIFY));
        assert_eq!(EntryType::by_name("RippleState"), Some(EntryType::RIPPLE_STATE));
        assert_eq!(EntryType::by_name("AccountRoot"), Some(EntryType::ACCOUNT_ROOT));
        assert_eq!("tecKILLED".parse(), Ok(ResultCode(150)));
        assert!("tecNOSUCH".parse::<ResultCode>().is_err());
    }
}
