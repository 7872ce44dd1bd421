//! Requests, answers and stream messages of the WebSocket API, version 2, as client and server both use them. Fields
//! we do not know are ignored; a needed field that is missing is an error, never a default amount. Never parses an
//! amount from a JSON number.

mod account;
mod book;
mod envelope;
mod record;
mod request;
mod server;
mod stream;
mod submit;
pub mod text;

pub use account::{
    AccountData, AccountInfo, AccountLines, AccountOffer, AccountOffers, AccountTx, AccountTxEntry, TrustLine,
};
pub use book::{BookOffer, BookOffers, BookSnapshot};
pub use envelope::{ErrorAnswer, Incoming, MessageError, Response};
pub use record::TxRecord;
pub use request::{
    AccountInfoRequest, AccountLinesRequest, AccountOffersRequest, AccountTxRequest, BookOffersRequest,
    BookSpec, Command, LedgerEntryRequest, LedgerRequest, LedgerSpec, Request, SubmitRequest,
    SubscribeRequest, TxRequest,
};
pub use server::{
    FeeAnswer, FeeDrops, FeeLevels, LedgerAccept, LedgerAnswer, LedgerHeader, ServerInfo, ServerInfoAnswer,
    ServerState, ServerStateAnswer, StateLedger, ValidatedLedger,
};
pub use stream::{LedgerClosed, TransactionMessage};
pub use submit::{SubmitAnswer, TxAnswer};

#[cfg(test)]
mod tests;
