//! The commands: parameters in, the answer's fields out, on the embedded ledger. No sockets here.

mod account;
mod account_tx;
mod amm;
mod books;
mod errors;
mod forms;
mod ledger;
mod params;
mod request;
mod server_info;
mod submit;
mod tx;

use serde_json::{Map, Value};
use sim::world::LedgerHeader;

use crate::embedded::{EmbeddedLedger, Found};

pub(crate) use books::book_page;
pub(crate) use errors::ApiError;
pub(crate) use params::{Params, book};
pub(crate) use request::Request;

/// The fields of an answer.
pub(crate) type Answer = Result<Map<String, Value>, ApiError>;

/// Carries out a command that concerns the ledger alone.
pub(crate) fn call(ledger: &mut EmbeddedLedger, command: &str, params: Params<'_>) -> Answer {
    match command {
        "ping" => Ok(Map::new()),
        "server_info" => server_info::server_info(ledger),
        "fee" => server_info::fee(ledger),
        "ledger" => self::ledger::ledger(ledger, params),
        "account_info" => account::info(ledger, params),
        "account_lines" => account::lines(ledger, params),
        "account_offers" => account::offers(ledger, params),
        "amm_info" => amm::info(ledger, params),
        "account_tx" => account_tx::account_tx(ledger, params),
        "tx" => tx::tx(ledger, params),
        "book_offers" => books::book_offers(ledger, params),
        "submit" => submit::submit(ledger, params),
        _ => Err(ApiError::unknown_command()),
    }
}

/// The `ledgerClosed` message.
pub(crate) fn ledger_closed(ledger: &EmbeddedLedger, header: &LedgerHeader, txn_count: usize) -> Value {
    let (first, network) = (ledger.first_ledger().get(), ledger.network_id());
    forms::ledger_closed(header, &ledger.fees(), txn_count, first, network)
}

/// What the answer to `subscribe` with the ledger stream says.
pub(crate) fn subscribed_ledger(ledger: &EmbeddedLedger) -> Map<String, Value> {
    let (first, network) = (ledger.first_ledger().get(), ledger.network_id());
    forms::subscribed_ledger(ledger.header(), &ledger.fees(), first, network)
}

/// The `transaction` message.
pub(crate) fn stream_transaction(ledger: &EmbeddedLedger, found: &Found<'_>) -> Option<Value> {
    forms::stream_transaction(found, ledger.network_id())
}

/// The fields of a JSON object written in place.
pub(crate) fn fields(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
