//! Whose books a database holds. One database is for one network, one account and one quote currency, for its whole
//! life.

use ledger::{AccountId, Currency};
use rusqlite::Row;

/// The identity of a database, as its first row holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name of the network: `paper`, `testnet`, `mainnet`.
    pub network: String,
    /// The network's id, as its servers state it.
    pub network_id: u32,
    /// The account that trades.
    pub account: AccountId,
    /// Code of the quote currency.
    pub currency: Currency,
    /// Issuer of the quote currency.
    pub issuer: AccountId,
}

/// The columns that [`Identity::from_row`] reads.
pub(crate) const COLUMNS: &str = "network, network_id, account, currency, issuer FROM database_identity";

impl Identity {
    /// The engine's identity on the network of that name.
    pub fn new(network: &str, engine: &engine::Identity) -> Identity {
        Identity {
            network: network.to_owned(),
            network_id: engine.network_id,
            account: engine.account,
            currency: engine.quote_currency,
            issuer: engine.quote_issuer,
        }
    }

    /// As the engine knows it.
    pub fn to_engine(&self) -> engine::Identity {
        engine::Identity {
            network_id: self.network_id,
            account: self.account,
            quote_currency: self.currency,
            quote_issuer: self.issuer,
        }
    }

    /// The first part that differs from `wanted`: its name, ours, theirs.
    pub(crate) fn difference(&self, wanted: &Identity) -> Option<(&'static str, String, String)> {
        let parts = [
            ("network", self.network.clone(), wanted.network.clone()),
            ("network id", self.network_id.to_string(), wanted.network_id.to_string()),
            ("account", self.account.to_string(), wanted.account.to_string()),
            ("currency", self.currency.to_string(), wanted.currency.to_string()),
            ("issuer", self.issuer.to_string(), wanted.issuer.to_string()),
        ];
        parts.into_iter().find(|(_, ours, theirs)| ours != theirs)
    }

    /// Reads [`COLUMNS`]; text that is no identifier is an error of conversion.
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Identity> {
        fn read<T: std::str::FromStr>(row: &Row<'_>, at: usize) -> rusqlite::Result<T>
        where
            T::Err: std::error::Error + Send + Sync + 'static,
        {
            row.get::<_, String>(at)?.parse().map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error))
            })
        }
        Ok(Identity {
            network: row.get(0)?,
            network_id: row.get(1)?,
            account: read(row, 2)?,
            currency: read(row, 3)?,
            issuer: read(row, 4)?,
        })
    }
}
