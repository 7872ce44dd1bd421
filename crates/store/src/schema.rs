//! The tables, and the two numbers that say whose file this is and how old. Migrations only add: a version that is
//! known is brought up one step at a time, each in one transaction, and a newer one is refused.

use rusqlite::{Connection, TransactionBehavior};

use crate::identity::Identity;

/// `NEO1`: marks the file as ours (sqlite.org/pragma.html, "application_id").
pub(crate) const APPLICATION_ID: i64 = 0x4E45_4F31;

/// One script for each version, in order: script n brings a file of version n to n + 1.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// The schema version this program writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings an empty or older file to [`VERSION`], and gives a new one its identity. A kill at any instant leaves the
/// old version or the new one.
pub(crate) fn migrate(connection: &mut Connection, identity: &Identity) -> rusqlite::Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (version, script) in (0i64..).zip(MIGRATIONS) {
        if version < found {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(script)?;
        if version == 0 {
            transaction.execute(
                "INSERT INTO database_identity (id, db_uuid, network, network_id, account, currency, issuer)
                 VALUES (1, lower(hex(randomblob(16))), ?1, ?2, ?3, ?4, ?5)",
                (
                    &identity.network,
                    identity.network_id,
                    identity.account.to_string(),
                    identity.currency.to_string(),
                    identity.issuer.to_string(),
                ),
            )?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The tables of `version`, empty, in memory: what a file of that version is compared with.
pub(crate) fn in_memory(version: i64) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    for (_, script) in (0..version).zip(MIGRATIONS) {
        connection.execute_batch(script)?;
    }
    Ok(connection)
}
