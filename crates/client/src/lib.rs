//! A stream of validated ledgers that survives bad servers; submission.
//!
//! Connects to an XRP Ledger server (a real one over TCP, or the embedded one over any byte stream),
//! asks with ids, assembles one [`ClosedLedger`] from stream messages that arrive in any order and
//! several times, declares gaps and back-fills them. It knows no trading and never turns an absence,
//! a preliminary result or an unvalidated message into a fact. What a server says is read in [`answers`],
//! without input or output.

pub mod answers;
mod ask;
mod assembler;
mod backfill;
mod backoff;
mod connection;
mod error;
mod frames;
pub mod limits;
mod reads;
mod server_reads;
mod snapshot;
mod stream;
mod tx_lookup;
mod types;
mod whole;

pub use answers::{
    AccountInfo, AccountOffer, AmmInfo, BookOffer, FeeAnswer, LedgerRanges, Pinned, ServerInfo,
    StreamMessage, SubmitAnswer, Subscribed, TrustLine, TxLookup, ValidatedLedgerInfo,
};
pub use ask::{LedgerSpec, Subscription};
pub use assembler::{Assembler, AssemblerEvent, AssemblerStats, Contradiction};
pub use backfill::Backfill;
pub use backoff::Backoff;
pub use connection::{Connection, ConnectionStats, RequestId};
pub use error::ClientError;
pub use frames::ByteStream;
pub use snapshot::{BookSides, Snapshot};
pub use stream::LedgerStream;
pub use types::{ClosedLedger, Fees, Gap, LedgerHeader, ValidatedTx};
