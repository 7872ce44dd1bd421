//! Whose books a database holds. One database is for one network, one account and one issuer, for its whole life.

/// The identity of a database, as its first row holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name of the network: `paper`, `testnet`, `mainnet`.
    pub network: String,
    /// The network's id, as its servers state it.
    pub network_id: u32,
    /// Classic address of the account that trades.
    pub account: String,
    /// Classic address of the quote currency's issuer.
    pub issuer: String,
}

impl Identity {
    /// The first part that differs from `wanted`: its name, ours, theirs.
    pub(crate) fn difference(&self, wanted: &Identity) -> Option<(&'static str, String, String)> {
        let parts = [
            ("network", self.network.clone(), wanted.network.clone()),
            (
                "network id",
                self.network_id.to_string(),
                wanted.network_id.to_string(),
            ),
            ("account", self.account.clone(), wanted.account.clone()),
            ("issuer", self.issuer.clone(), wanted.issuer.clone()),
        ];
        parts.into_iter().find(|(_, ours, theirs)| ours != theirs)
    }
}
