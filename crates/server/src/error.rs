//! What can go wrong in keeping or serving the embedded ledger. Never an answer to a client: those are
//! in `api`.

use std::net::SocketAddr;
use std::path::PathBuf;

use ledger::Hash256;
use sim::world::WorldError;
use units::LedgerIndex;

/// A fault of the embedded ledger's files or of the server around it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// A file or directory operation failed.
    #[error("{doing} {}: {why}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's message.
        why: std::io::Error,
    },
    /// A file of the embedded ledger is damaged or of another format.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Closing the recorded ledgers again gave another ledger: the files belong to another version of the
    /// simulator, or are damaged.
    #[error("ledger {index} was {recorded} when it closed and is {replayed} when closed again")]
    NotReproduced {
        /// Which ledger.
        index: LedgerIndex,
        /// Its hash in the log.
        recorded: Hash256,
        /// Its hash now.
        replayed: Hash256,
    },
    /// There is no embedded ledger in the directory.
    #[error("no embedded ledger in {}", .0.display())]
    Missing(PathBuf),
    /// Something that NEO did not make stands where a world was to go; it is left alone.
    #[error("{} is not NEO's to replace: {}; move it away or choose another database", .0.display(), .1)]
    NotOurs(PathBuf, String),
    /// Another process has the embedded ledger open.
    #[error("the embedded ledger in {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The open ledger takes no more submissions until it closes.
    #[error("the open ledger takes no more transactions")]
    OpenLedgerFull,
    /// The world refused a transaction, or to be made or restored.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The address is taken by another program.
    #[error("{0} is already in use")]
    PortInUse(SocketAddr),
    /// Listening failed for another reason.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The system's message.
        why: std::io::Error,
    },
    /// Another [`crate::LedgerServer::run_clock`] took over; this one closes nothing any more.
    #[error("another clock closes the ledgers now")]
    ClockReplaced,
    /// A close could not be recorded earlier; the ledger stands still since.
    #[error("the embedded ledger stopped: {0}")]
    Stopped(String),
}

impl ServerError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |why| Self::Io { doing, path, why }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, why: impl std::fmt::Display) -> Self {
        Self::Damaged { path: path.into(), why: why.to_string() }
    }
}
