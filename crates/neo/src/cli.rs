//! The command line: names, flags, defaults. It decides nothing.

mod capital;
mod db;
mod queue;

pub use capital::{CapitalArgs, CapitalCommand, CapitalOfArgs, CapitalPlace, ExpectArgs, Money, RealignArgs};
pub use db::{
    DbArgs, DbBackfillArgs, DbCheckArgs, DbCommand, DbExportArgs, DbImportArgs, DbPlace, DbRestoreArgs,
    ExportFormat,
};

use crate::duration;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A market maker for the XRP Ledger's own exchange (XRP/RLUSD) whose books always balance.
#[derive(Debug, Parser)]
#[command(name = "neo", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Form of the log lines on stderr.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Log more: once for information, twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The commands of `neo`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A whole session against the embedded ledger: no network, no configuration, no risk.
    Paper(PaperArgs),
    /// Decide a session again from its journal: the digest, or the first difference.
    Replay(ReplayArgs),
    /// Prove the books: opening + explained movements = closing, to the drop.
    Audit(AuditArgs),
    /// What the reconciler could not see at once: offers gone without an explanation, by kind, age, size and evidence.
    Anomalies(AnomaliesArgs),
    /// Deposits and withdrawals: what was booked, what is expected, what turned out to be one.
    Capital(CapitalArgs),
    /// Bring the books to the ledger, as an event of its own. Shows what it would do; --confirm does it.
    Realign(RealignArgs),
    /// Past sessions and their figures.
    Session(SessionArgs),
    /// The embedded ledger by itself, for any XRP Ledger client.
    Sim(SimArgs),
    /// The database file: check, back up, restore, export, mend.
    Db(DbArgs),
    /// Validate, explain or write the configuration.
    Config(ConfigArgs),
    /// Read, write, hash, sign and explain transactions: JSON or hexadecimal on stdin, JSON on stdout.
    Tx(TxArgs),
}

impl Command {
    /// Whether one JSON document is promised on stdout, also for a failure. `tx` answers by itself.
    pub fn wants_json(&self) -> bool {
        match self {
            Command::Paper(args) => args.common.json,
            Command::Replay(args) => args.common.json,
            Command::Audit(args) => args.common.json,
            Command::Anomalies(args) => args.common.json,
            Command::Capital(args) => args.command.wants_json(),
            Command::Realign(args) => args.common.json,
            Command::Session(args) => match &args.command {
                SessionCommand::List(args) => args.common.json,
                SessionCommand::Show(args) => args.common.json,
            },
            Command::Config(args) => match &args.command {
                ConfigCommand::Check(args) => args.json,
                ConfigCommand::Explain(args) => args.json,
                ConfigCommand::Default => false,
            },
            Command::Sim(args) => match &args.command {
                SimCommand::Serve(args) => args.json,
                SimCommand::Check(args) => args.json,
                SimCommand::Market(args) => args.json,
            },
            Command::Db(args) => args.command.wants_json(),
            Command::Tx(_) => false,
        }
    }
}

/// Where the configuration and the database are.
#[derive(Debug, Clone, Args)]
pub struct CommonArgs {
    /// Configuration file [default: config/config.yaml where it exists].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Database file.
    #[arg(long, value_name = "FILE", default_value = "data/paper.db")]
    pub db: PathBuf,
    /// One JSON document on stdout; logs on stderr.
    #[arg(long)]
    pub json: bool,
}

/// `neo paper`.
#[derive(Debug, Clone, Args)]
pub struct PaperArgs {
    /// Files and output.
    #[command(flatten)]
    pub common: CommonArgs,
    /// How long, in ledger time: 90s, 30m, 2h, 1h30m.
    #[arg(long, default_value = "2h", allow_negative_numbers = true, value_parser = duration::parse)]
    pub duration: u32,
    /// Seed of the built-in market: the same seed, market and configuration give the same session.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = parse_seed)]
    pub seed: u64,
    /// Ledger time against wall time: a number, or max for as fast as the machine can.
    #[arg(long, default_value = "10", allow_negative_numbers = true, value_parser = parse_speed)]
    pub speed: Speed,
    /// synthetic, or candles:FILE (CSV, a row a minute; docs/paper.md says which forms).
    #[arg(long, default_value = "synthetic", value_parser = parse_market)]
    pub market: Market,
    /// Let other programs use the session's ledger at this address while it runs: WebSocket and JSON-RPC (docs/serve.md).
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<std::net::SocketAddr>,
    /// Let the session's ledger go wrong by this script of faults (docs/serve.md).
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// The page; only off until it exists.
    #[arg(long, default_value = "off", value_parser = parse_dashboard)]
    pub dashboard: Dashboard,
    /// Start although the books and the ledger differ: DEGRADED, and what differs is booked as accepted.
    #[arg(long)]
    pub accept_truth_divergence: bool,
    /// Nodes of the ledger's network that the session listens to: with 2, what only one of them says is not believed.
    #[arg(long, value_name = "1|2", default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub nodes: u8,
    /// Give this session up when it cannot be recovered, as when its ledger is gone: it is kept, marked abandoned.
    #[arg(long, value_name = "SESSION", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(1..))]
    pub give_up: Option<i64>,
}

/// Where the page is: nowhere yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dashboard {
    /// No page.
    Off,
}

/// Ledger time against wall time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// So many times as fast as a real ledger.
    Times(f64),
    /// A ledger closes as soon as every queue is empty.
    Max,
}

/// What moves the fair price of the built-in market.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Market {
    /// The built-in process.
    Synthetic,
    /// Minute candles from a file.
    Candles(PathBuf),
}

/// `neo replay`.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// Session number; the last one when left out.
    pub session: Option<i64>,
    /// Files and output; `--config` decides with that configuration instead of the recorded one.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `neo audit`.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// Make the books again from the history of the ledger beside the database, into an empty database, and compare.
    #[arg(long)]
    pub from_ledger: bool,
    /// Keep that database in FILE, which must not exist; else it is made in memory and goes.
    #[arg(long, value_name = "FILE", requires = "from_ledger")]
    pub into: Option<std::path::PathBuf>,
    /// Files and output.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `neo anomalies`.
#[derive(Debug, Clone, Args)]
pub struct AnomaliesArgs {
    /// Of this session alone.
    #[arg(long, value_name = "N")]
    pub session: Option<i64>,
    /// Files and output.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `neo session`.
#[derive(Debug, Clone, Args)]
pub struct SessionArgs {
    /// Which view.
    #[command(subcommand)]
    pub command: SessionCommand,
}

/// Views of sessions.
#[derive(Debug, Clone, Subcommand)]
pub enum SessionCommand {
    /// All sessions, a line each.
    List(SessionListArgs),
    /// One session's figures.
    Show(SessionShowArgs),
}

/// `neo session list`.
#[derive(Debug, Clone, Args)]
pub struct SessionListArgs {
    /// Files and output.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `neo session show`.
#[derive(Debug, Clone, Args)]
pub struct SessionShowArgs {
    /// Session number; the last one when left out.
    pub session: Option<i64>,
    /// Files and output.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `neo sim`.
#[derive(Debug, Clone, Args)]
pub struct SimArgs {
    /// What to do with the embedded ledger.
    #[command(subcommand)]
    pub command: SimCommand,
}

/// What the embedded ledger can do by itself.
#[derive(Debug, Clone, Subcommand)]
pub enum SimCommand {
    /// Serve it over WebSocket and HTTP, as a standalone server would, to any client (docs/serve.md).
    Serve(SimServeArgs),
    /// Replay recordings of a real server through the built-in ledger and compare everything.
    Check(SimCheckArgs),
    /// Run the built-in market alone and measure it beside the real one.
    Market(SimMarketArgs),
}

/// `neo sim check`.
#[derive(Debug, Clone, Args)]
pub struct SimCheckArgs {
    /// Recordings: a folder with `named/*.json.gz` and `random.jsonl.gz`, any folder of such files, or one file. Plain
    /// `.json` and `.jsonl` are read too.
    #[arg(value_name = "DIR")]
    pub path: PathBuf,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `neo sim market`.
#[derive(Debug, Clone, Args)]
pub struct SimMarketArgs {
    /// Seed of the built-in market.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = parse_seed)]
    pub seed: u64,
    /// synthetic, or candles:FILE.
    #[arg(long, default_value = "synthetic", value_parser = parse_market)]
    pub market: Market,
    /// How many ledgers to measure; 900 are an hour.
    #[arg(long, default_value_t = 900, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub ledgers: u32,
    /// Also write the pictures (SVG) into this directory.
    #[arg(long, value_name = "DIR")]
    pub pictures: Option<PathBuf>,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `neo sim serve`.
#[derive(Debug, Clone, Args)]
pub struct SimServeArgs {
    /// Address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:6006")]
    pub listen: std::net::SocketAddr,
    /// Ledgers close on `ledger_accept` only, as on a standalone server.
    #[arg(long)]
    pub manual_close: bool,
    /// Seconds of wall time from one close to the next, from 0.05 to 3600 [default: 4].
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = parse_interval, conflicts_with_all = ["speed", "manual_close"])]
    pub interval: Option<f64>,
    /// Seed of the built-in market.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = parse_seed)]
    pub seed: u64,
    /// synthetic, candles:FILE, or none for an empty ledger.
    #[arg(long, default_value = "synthetic", value_parser = parse_sim_market)]
    pub market: SimMarket,
    /// Ledger time against wall time.
    #[arg(long, default_value = "1", allow_negative_numbers = true, value_parser = parse_speed)]
    pub speed: Speed,
    /// Closed ledgers kept in memory, about 42 kB each with the built-in market.
    #[arg(long, value_name = "LEDGERS", default_value_t = 2_000, allow_negative_numbers = true, value_parser = clap::value_parser!(u32)
        .range(i64::from(server::limits::HISTORY_LEDGERS_MIN)..=i64::from(server::limits::HISTORY_LEDGERS_MAX)))]
    pub keep_ledgers: u32,
    /// Settings of the transaction queue by their names in the section transaction_queue of a real server's file, such as
    /// minimum_txn_in_ledger=5 for a small open ledger (docs/serve.md).
    #[arg(long, value_name = "KEY=VALUE,...", value_parser = queue::parse)]
    pub transaction_queue: Option<sim::world::QueueSettings>,
    /// Go wrong by this script of faults: lost and late messages, lying nodes, stalls (docs/serve.md).
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// What to connect to and who holds what, as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// The market of a ledger that is served by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimMarket {
    /// No agents.
    None,
    /// As in a paper session.
    Some(Market),
}

/// `neo config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with a configuration.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Validate; every failure is listed.
    Check(ConfigFileArgs),
    /// What each key means, its unit, default, bounds and where its effect is seen.
    Explain(ConfigExplainArgs),
    /// A commented file with every default.
    Default,
}

/// A configuration file and the form of the answer.
#[derive(Debug, Clone, Args)]
pub struct ConfigFileArgs {
    /// Configuration file [default: config/config.yaml where it exists].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `neo config explain`.
#[derive(Debug, Clone, Args)]
pub struct ConfigExplainArgs {
    /// One key; all when left out.
    pub key: Option<String>,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `neo tx`.
#[derive(Debug, Clone, Args)]
pub struct TxArgs {
    /// What to do with the documents on stdin.
    #[command(subcommand)]
    pub command: TxCommand,
}

/// What can be done with a transaction.
#[derive(Debug, Clone, Subcommand)]
pub enum TxCommand {
    /// JSON to the ledger's bytes: gives {"format":1,"tx_blob":"HEX"}.
    ///
    /// Takes the JSON of a transaction, a ledger entry or metadata, as a codec or a server writes it (what a server
    /// adds, such as `hash` or `date`, has no bytes), or {"tx_json": {...}}. Any other unknown name is an error that
    /// names it.
    Encode(TxForm),
    /// The ledger's bytes to JSON: gives the document itself, as the reference codecs write it.
    ///
    /// Takes hexadecimal, bare or as a JSON string, or {"tx_blob": "HEX"} or {"meta_blob": "HEX"}.
    Decode(TxForm),
    /// The id of a signed transaction: gives {"format":1,"hash":"HEX"}.
    ///
    /// Takes its bytes (hexadecimal, bare, as a JSON string, or {"tx_blob": "HEX"}) or its JSON (bare, or
    /// {"tx_json": {...}}).
    Hash(TxForm),
    /// Sign: gives {"format":1,"tx_blob":"HEX","hash":"HEX"}.
    ///
    /// Takes {"tx_json": {...}, "seed": "s..."} or {"tx_json": {...}, "secret_env": "NAME"}, NAME being an environment
    /// variable that holds the seed. Nothing is filled in but the public key; a signature that is there is replaced.
    /// What a server adds (`meta`, `hash`, `date`, ...) is refused by its name.
    Sign(TxForm),
    /// What a validated transaction did to balances and offers.
    ///
    /// Takes `tx_json`, `tx` or `transaction` with `meta` or `metaData`, a flat
    /// answer of API version 1, `tx_blob` with `meta` or `meta_blob` in
    /// hexadecimal, a whole answer ({"result": {...}}), or bare metadata.
    /// A `parent_close_time`, `close_time` or `date` in the document tells
    /// expired offers from unfunded ones.
    ///
    /// Speaks in plain words; with --json or --lines gives an object that has
    /// always these keys:
    ///   format           1
    ///   hash, result, fee_drops
    ///   balance_changes  [{account, balances: [{currency, issuer?, value}]}]
    ///   offer_changes    [{account, sequence, status, taker_gets, taker_pays,
    ///                    filled_gets, filled_pays, remaining_gets,
    ///                    remaining_pays}]
    /// and these where they have something to say:
    ///   other_hash       the id of the transaction shown, if not `hash`
    ///   fee_payer        whose XRP the fee was
    ///   pool_changes     liquidity pools
    ///   mpt_changes      multi-purpose tokens
    ///   escrow_changes, channel_changes
    ///   created, deleted ledger entries
    ///   ledger_index, validated, delivered_amount
    ///   unknown          names newer than this program
    ///
    /// A value is the change, XRP in XRP; amounts of offers are as on the ledger,
    /// XRP in drops, `taker_*` being what the offer was before the transaction.
    #[command(verbatim_doc_comment)]
    Explain(TxForm),
}

/// The form of documents in and out. A document is at most 8 MiB.
#[derive(Debug, Clone, Args)]
pub struct TxForm {
    /// One document a line in, one a line out; a bad line gives {"error": ...}, and exit 1 at the end.
    #[arg(long)]
    pub lines: bool,
    /// One JSON document on stdout; all but `explain` always give one.
    #[arg(long)]
    pub json: bool,
}

fn parse_seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a whole number from 0 to {}", u64::MAX))
}

fn parse_speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.parse::<f64>() {
        Ok(times) if times.is_finite() && (0.01..=10_000.0).contains(&times) => Ok(Speed::Times(times)),
        _ => Err("a number from 0.01 to 10000, or max".to_owned()),
    }
}

fn parse_interval(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.05..=3_600.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.05 to 3600".to_owned()),
    }
}

fn parse_market(text: &str) -> Result<Market, String> {
    match text.split_once(':') {
        None if text == "synthetic" => Ok(Market::Synthetic),
        Some(("candles", file)) if !file.is_empty() => Ok(Market::Candles(PathBuf::from(file))),
        _ => Err("synthetic or candles:FILE".to_owned()),
    }
}

fn parse_sim_market(text: &str) -> Result<SimMarket, String> {
    if text == "none" {
        return Ok(SimMarket::None);
    }
    parse_market(text).map(SimMarket::Some).map_err(|_| "synthetic, candles:FILE or none".to_owned())
}

fn parse_dashboard(text: &str) -> Result<Dashboard, String> {
    match text {
        "off" => Ok(Dashboard::Off),
        _ => Err("the page does not exist yet: only off".to_owned()),
    }
}
