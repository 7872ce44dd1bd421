//! `neo sim serve`: the embedded ledger by itself, over WebSocket. Nothing is written to disk.

use super::paper::market::{MarketChoice, Pacing};
use crate::cli::{SimMarket, SimServeArgs, Speed};
use crate::exit::{Exit, Failure, Outcome};
use server::{CloseMode, EmbeddedLedger, LedgerServer, ServerError};

/// Runs until interrupted.
pub fn run(args: &SimServeArgs) -> Outcome {
    let choice = match &args.market {
        SimMarket::None => MarketChoice::none(),
        SimMarket::Some(market) => MarketChoice::load(market)?,
    };
    if args.speed == Speed::Max && !args.manual_close {
        return Err(Failure::usage(
            "--speed max needs somebody who closes ledgers: add --manual-close, or give a number",
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    runtime.block_on(serve(args, choice))
}

async fn serve(args: &SimServeArgs, choice: MarketChoice) -> Outcome {
    let mut signals = platform::signals::listen()
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let spec = choice.spec(args.seed);
    let interval = spec.ledger_interval_seconds;
    let ledger = EmbeddedLedger::in_memory(spec).map_err(|error| Failure::failed(error.to_string()))?;
    let mode = if args.manual_close { CloseMode::Manual } else { CloseMode::Clock };
    let server = LedgerServer::new(ledger, mode);
    let listening = server.listen(args.listen).await.map_err(|error| match error {
        ServerError::PortInUse(address) => Failure::refused(format!(
            "{address} is already in use; choose another with --listen ADDRESS:PORT"
        )),
        other => Failure::refused(other.to_string()),
    })?;
    let close = match args.manual_close {
        true => "ledgers close on ledger_accept".to_owned(),
        false => format!("a ledger closes every {:.2} s", Pacing::of(args.speed, interval).seconds()),
    };
    crate::out::line(&format!(
        "An XRP Ledger listens on ws://{} (network id {}); {close}.",
        listening.address(),
        sim::identity::NETWORK_ID
    ))?;
    crate::out::line(&format!(
        "Genesis seed {} holds what is not in use; Ctrl-C stops.",
        sim::identity::GENESIS_SEED
    ))?;
    tokio::spawn(listening.run());
    let clock = async {
        if args.manual_close {
            std::future::pending::<ServerError>().await
        } else {
            server.run_clock(Pacing::of(args.speed, interval).interval()).await
        }
    };
    tokio::select! {
        _ = signals.recv() => Ok(Exit::Done),
        error = clock => Err(Failure::failed(error.to_string())),
    }
}
