//! What a server says, typed: one description of every answer and stream message. Pure: a JSON value in, a type or a
//! [`ClientError`](crate::ClientError) that names the answer and the field out. Fields we do not know are ignored; a
//! needed field that is missing is an error, never a default amount; no amount is read from a JSON float. Asking is the
//! work of [`Connection`](crate::Connection).

mod amm;
mod envelope;
mod fields;
mod message;
mod server;
mod state;
mod submit;
mod transaction;

pub use amm::AmmInfo;
pub use envelope::result_of;
pub(crate) use fields::Fields;
pub use message::StreamMessage;
pub use server::{
    FeeAnswer, FeeDrops, LedgerRanges, ServerInfo, Subscribed, ValidatedLedgerInfo, ledger_accepted,
    ledger_close_time, ledger_hash,
};
pub(crate) use state::tickets_page;
pub use state::{AccountInfo, AccountOffer, BookOffer, Page, Pinned, TrustLine};
pub use submit::SubmitAnswer;
pub use transaction::{HistoryPage, TxLookup, validated_tx};
