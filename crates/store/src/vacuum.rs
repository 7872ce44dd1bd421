//! Giving free pages back: SQLite's own VACUUM in the writer's thread, then a look at what it made. A kill at any
//! instant leaves the database as before or as after: VACUUM is one transaction (sqlite.org/lang_vacuum.html).

use crate::chain;
use crate::error::{Kept, StoreError};
use crate::store::Store;
use crate::verify;
use crate::writer::failure;

/// What a vacuum did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vacuumed {
    /// Size before, in bytes.
    pub bytes_before: u64,
    /// Size after.
    pub bytes_after: u64,
}

impl Store {
    /// Rewrites the database without its free pages. Needs about twice its size of disk space while it works.
    ///
    /// # Errors
    /// [`StoreError::Misuse`] with a session open in this store; [`StoreError::Failed`] when SQLite fails or what it made
    /// is not what was there.
    pub fn vacuum(&self) -> Result<Vacuumed, StoreError> {
        self.write(|desk| {
            if let Some(open) = &desk.session {
                return Err(StoreError::Misuse(format!("session {} is open", open.session_id)));
            }
            let unclear = |error: rusqlite::Error| failure(Kept::Unknown, &error);
            let size = || -> Result<u64, StoreError> {
                let number =
                    |name| desk.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
                let pages = number("page_count").map_err(unclear)?;
                Ok(u64::try_from(pages * number("page_size").map_err(unclear)?).unwrap_or(0))
            };
            let bytes_before = size()?;
            desk.connection.execute_batch("VACUUM").map_err(unclear)?;
            let failed = |reason: String| StoreError::Failed { kept: Kept::Unknown, reason };
            verify::first_finding(&desk.connection, "integrity_check(1)")
                .map_err(|e| failed(e.to_string()))?;
            chain::verify(&desk.connection).map_err(|error| failed(error.to_string()))?;
            Ok(Vacuumed { bytes_before, bytes_after: size()? })
        })
    }
}
