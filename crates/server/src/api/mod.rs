//! The commands: parameters in, the answer's fields out, on the embedded ledger. One file a family of commands;
//! to add one, write its file and name it in [`call`]. No sockets here.

mod account;
mod account_tx;
mod amm;
mod book_changes;
mod books;
mod checks;
mod definitions;
mod errors;
mod feature;
mod forms;
mod gateway;
mod header;
mod json;
mod ledger;
mod ledger_entry;
mod load;
mod names;
mod objects;
mod owned;
mod params;
mod request;
mod result_text;
mod rpc;
mod server_info;
mod simulate;
mod state;
mod submit;
mod tx;
mod tx_words;
mod wallet;

use serde_json::{Map, Value};

use crate::embedded::{EmbeddedLedger, Found, bare_amount};

pub(crate) use book_changes::changes as book_changes;
pub(crate) use books::book_page;
pub(crate) use errors::ApiError;
pub(crate) use forms::engine_result;
pub(crate) use header::{ledger_closed, subscribed as subscribed_ledger};
pub(crate) use load::server_status;
pub(crate) use names::commands;
pub(crate) use params::{ApiVersion, Params, Role, book};
pub(crate) use request::Request;
pub(crate) use rpc::{Body, forbidden as batch_forbidden, overloaded as batch_overloaded, read as read_rpc};
pub(crate) use server_info::{BUILD_VERSION, random, subscribed as subscribed_server};
pub(crate) use submit::{Proposed, submit};

/// The fields of an answer.
pub(crate) type Answer = Result<Map<String, Value>, ApiError>;

/// Carries out a command that only looks at the ledger.
pub(crate) fn call(ledger: &EmbeddedLedger, command: &str, params: Params<'_>) -> Answer {
    match command {
        "ping" => Ok(Map::new()),
        "server_info" => server_info::server_info(ledger),
        "server_state" => server_info::server_state(ledger),
        "server_definitions" => definitions::definitions(params),
        "feature" => feature::feature(ledger, params),
        "fee" => load::fee(ledger),
        "version" => server_info::version(),
        "ledger" => self::ledger::ledger(ledger, params),
        "ledger_closed" => self::ledger::ledger_closed(ledger),
        "ledger_current" => self::ledger::ledger_current(ledger),
        "ledger_data" => self::ledger::ledger_data(ledger, params),
        "ledger_entry" => ledger_entry::entry(ledger, params),
        "account_info" => account::info(ledger, params),
        "account_lines" => owned::lines(ledger, params),
        "account_offers" => owned::offers(ledger, params),
        "account_channels" => owned::channels(ledger, params),
        "account_objects" => objects::objects(ledger, params),
        "account_nfts" => objects::nfts(ledger, params),
        "account_currencies" => gateway::currencies(ledger, params),
        "gateway_balances" => gateway::balances(ledger, params),
        "noripple_check" => checks::no_ripple(ledger, params),
        "deposit_authorized" => checks::deposit_authorized(ledger, params),
        "amm_info" => amm::info(ledger, params),
        "account_tx" => account_tx::account_tx(ledger, params),
        "tx" => tx::tx(ledger, params),
        "transaction_entry" => tx::transaction_entry(ledger, params),
        "book_offers" => books::book_offers(ledger, params),
        "book_changes" => book_changes::book_changes(ledger, params),
        "simulate" => simulate::simulate(ledger, params),
        "sign" | "sign_for" | "channel_authorize" => Err(submit::no_signing()),
        "submit_multisigned" => {
            Err(ApiError::not_supported("Multi-signing is not supported by this server."))
        }
        command if NOT_HERE.contains(&command) => Err(ApiError::not_supported("Operation not supported.")),
        command if FOR_ADMINISTRATORS.contains(&command) && !params.is_admin() => Err(ApiError::forbidden()),
        "wallet_propose" => wallet::propose(params),
        "peers" => Ok(fields(serde_json::json!({ "cluster": {}, "peers": [] }))),
        command if FOR_ADMINISTRATORS.contains(&command) => {
            Err(ApiError::not_supported("Operation not supported."))
        }
        _ => Err(ApiError::unknown_command()),
    }
}

/// The `transaction` message of a validated transaction.
pub(crate) fn stream_transaction(
    ledger: &EmbeddedLedger,
    found: &Found<'_>,
    version: ApiVersion,
) -> Option<Value> {
    forms::stream_transaction(found, forms::Form { version, binary: false, network_id: ledger.network_id() })
}

/// The `transaction` message of a proposed one.
pub(crate) fn stream_proposed(ledger: &EmbeddedLedger, proposed: &Proposed, version: ApiVersion) -> Value {
    let (tx, at) = (&proposed.tx, sim::world::At::Current);
    let account = tx.account(::ledger::fields::ACCOUNT);
    let gives = tx.amount(::ledger::fields::TAKER_GETS).map(|amount| amount.asset());
    let funds = account.zip(gives).and_then(|(account, gives)| ledger.world().spendable(at, account, &gives));
    let current = ledger.header().ledger_index.plus(1).get();
    let funds = funds.map(|funds| bare_amount(&funds));
    forms::stream_proposed(tx, proposed.hash, proposed.result, current, funds, version)
}

/// The fields of a JSON object written in place.
pub(crate) fn fields(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Commands of the real server that have nothing to work on here, or that search paths, which is switched off.
const NOT_HERE: [&str; 12] = [
    "channel_verify",
    "get_aggregate_price",
    "ledger_header",
    "manifest",
    "nft_buy_offers",
    "nft_sell_offers",
    "owner_info",
    "path_find",
    "ripple_path_find",
    "tx_history",
    "tx_reduce_relay",
    "vault_info",
];

/// Commands of the real server that only its administrator may give.
const FOR_ADMINISTRATORS: [&str; 23] = [
    "blacklist",
    "can_delete",
    "connect",
    "consensus_info",
    "fetch_info",
    "get_counts",
    "ledger_cleaner",
    "ledger_request",
    "log_level",
    "logrotate",
    "peer_reservations_add",
    "peer_reservations_del",
    "peer_reservations_list",
    "peers",
    "print",
    "shed",
    "stop",
    "unl_list",
    "validation_create",
    "validator_info",
    "validator_list_sites",
    "validators",
    "wallet_propose",
];
