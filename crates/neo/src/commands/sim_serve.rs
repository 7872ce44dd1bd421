//! `neo sim serve`: the embedded ledger by itself, over WebSocket and HTTP, for any client of the XRP Ledger. Nothing is
//! written to disk.

use super::faults;
use super::paper::market::{MarketChoice, Pacing};
use crate::cli::{Market, SimMarket, SimServeArgs, Speed};
use crate::exit::{Exit, Failure, Outcome};
use ledger::{AccountId, KeyPair};
use serde_json::json;
use server::{CloseMode, EmbeddedLedger, FaultScript, LedgerServer, ServerError};
use sim::identity;
use sim::world::{At, QueueSettings};
use std::net::SocketAddr;
use std::time::Duration;

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
    let script = faults::load(args.faults.as_deref())?;
    // Sockets are looked at often: tasks that follow each other must not keep other clients waiting.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(server::limits::EVENTS_EVERY)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    runtime.block_on(serve(args, choice, script.as_ref()))
}

async fn serve(args: &SimServeArgs, choice: MarketChoice, script: Option<&FaultScript>) -> Outcome {
    let mut signals = platform::signals::listen()
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let spec = choice.spec(args.seed);
    let paced = Pacing::of(args.speed, spec.ledger_interval_seconds).interval().as_secs_f64();
    let interval = Duration::from_secs_f64(args.interval.unwrap_or(paced));
    let queue = args.transaction_queue.clone().unwrap_or_else(QueueSettings::standalone);
    let mut ledger =
        EmbeddedLedger::in_memory_with(spec, queue).map_err(|error| Failure::failed(error.to_string()))?;
    if let Some(script) = script {
        faults::still_to_come(script, ledger.header().ledger_index.get(), ledger.network_id())?;
    }
    ledger.keep_ledgers(args.keep_ledgers);
    let mode = if args.manual_close { CloseMode::Manual } else { CloseMode::Clock };
    let server = LedgerServer::new(ledger, mode);
    let listening = server.listen(args.listen).await.map_err(|error| match error {
        ServerError::PortInUse(address) => Failure::refused(format!(
            "{address} is already in use; choose another with --listen ADDRESS:PORT"
        )),
        other => Failure::refused(other.to_string()),
    })?;
    let second = faults::begin(&server, script).await?;
    let mut served =
        Served::of(&server, listening.address(), (!args.manual_close).then_some(interval), args)?;
    served.faults = script.map(|script| (script.len(), second));
    crate::out::line(&if args.json { served.json() } else { served.words() })?;
    tokio::spawn(listening.run());
    let clock = async {
        if args.manual_close {
            std::future::pending::<ServerError>().await
        } else {
            server.run_clock(interval).await
        }
    };
    let outcome = tokio::select! {
        _ = signals.recv() => {
            // Everybody connected is told (1001) before the process ends.
            server.shut_down();
            tokio::time::sleep(FAREWELL).await;
            Ok(Exit::Done)
        }
        () = server.asked_to_stop() => {
            // The answers to those who are connected go out first.
            tokio::time::sleep(FAREWELL).await;
            Ok(Exit::Done)
        }
        error = clock => Err(Failure::failed(error.to_string())),
    };
    if let Some(summary) = faults::end(&server, script) {
        crate::out::complain(&summary);
    }
    outcome
}

/// Time for the last words to those who are connected.
const FAREWELL: Duration = Duration::from_millis(200);

/// What a person or a program needs to know to use the ledger. The seeds are published ones of a ledger that exists
/// nowhere else: nothing of value can ever be behind them.
struct Served {
    address: SocketAddr,
    /// Wall time between two closes; `None` when ledgers close on `ledger_accept`.
    interval: Option<Duration>,
    market: String,
    genesis: AccountId,
    genesis_drops: String,
    issuer: AccountId,
    issuer_seed: String,
    /// How many faults the script lists, and where the second node listens.
    faults: Option<(usize, Option<String>)>,
}

impl Served {
    fn of(
        server: &LedgerServer,
        address: SocketAddr,
        interval: Option<Duration>,
        args: &SimServeArgs,
    ) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::failed(error.to_string());
        let genesis =
            KeyPair::from_seed_text(identity::GENESIS_SEED).map_err(|error| failed(&error))?.account();
        let issuer = identity::account(identity::ISSUER).map_err(|error| failed(&error))?;
        let held = server
            .with_ledger(|ledger| ledger.world().spendable(At::Validated, genesis, &ledger::Asset::Xrp));
        let market = match &args.market {
            SimMarket::None => "none: nobody trades but you".to_owned(),
            SimMarket::Some(Market::Synthetic) => format!("synthetic, seed {}", args.seed),
            SimMarket::Some(Market::Candles(path)) => {
                format!("candles of {}, seed {}", path.display(), args.seed)
            }
        };
        Ok(Self {
            address,
            interval,
            market,
            genesis,
            genesis_drops: held.and_then(|held| held.drops()).unwrap_or_default().to_string(),
            issuer,
            issuer_seed: identity::issuer().reveal().to_string(),
            faults: None,
        })
    }

    fn words(&self) -> String {
        let closes = match self.interval {
            None => "close on ledger_accept".to_owned(),
            Some(interval) => format!("one closes every {:.2} s", interval.as_secs_f64()),
        };
        let address = self.address;
        let faults = match &self.faults {
            None => String::new(),
            Some((count, None)) => {
                format!("\n  faults      {count} listed; each that strikes is told on stderr")
            }
            Some((count, Some(second))) => format!(
                "\n  faults      {count} listed; each that strikes is told on stderr\n  second node {second}"
            ),
        };
        format!(
            "An XRP Ledger of its own listens; nothing in it has any value.\n\
             \n  WebSocket   ws://{address}  (API versions 1 and 2)\
             \n  JSON-RPC    http://{address}\
             \n  network id  {}; libraries fill it in, other programs put NetworkID into every transaction\
             \n  ledgers     {closes}\
             \n  market      {}\
             \n  genesis     {}, seed {} (secp256k1): pay from it to fund an account\
             \n  RLUSD       {} of {}, seed {} (ed25519){faults}\n\
             \nExamples for xrpl.js and xrpl-py are in docs/serve.md. Ctrl-C stops; nothing is kept.",
            identity::NETWORK_ID,
            self.market,
            self.genesis,
            identity::GENESIS_SEED,
            ledger::Currency::RLUSD,
            self.issuer,
            self.issuer_seed,
        )
    }

    fn json(&self) -> String {
        let closes = match self.interval {
            None => json!({ "close": "ledger_accept" }),
            Some(interval) => json!({ "close": "clock", "interval_ms": interval.as_millis() }),
        };
        let faults =
            self.faults.as_ref().map(|(count, second)| json!({ "listed": count, "second_node": second }));
        let mut shown = json!({
            "format": 1,
            "websocket": format!("ws://{}", self.address), "json_rpc": format!("http://{}", self.address),
            "network_id": identity::NETWORK_ID, "ledgers": closes, "market": self.market,
            "genesis": {
                "address": self.genesis.to_string(), "seed": identity::GENESIS_SEED, "key_type": "secp256k1",
                "spendable_drops": self.genesis_drops,
            },
            "rlusd": {
                "currency": ledger::Currency::RLUSD.to_string(), "issuer": self.issuer.to_string(),
                "issuer_seed": self.issuer_seed, "key_type": "ed25519",
            },
        });
        if let (Some(fields), Some(faults)) = (shown.as_object_mut(), faults) {
            fields.insert("faults".into(), faults);
        }
        shown.to_string()
    }
}
