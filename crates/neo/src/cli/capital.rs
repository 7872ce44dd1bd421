//! `neo capital` and `neo realign`: names and flags of what the operator says about money. It decides nothing.

use crate::cli::CommonArgs;
use crate::duration;
use clap::{Args, Subcommand, ValueEnum};
use ledger::{AccountId, Hash256};
use std::path::PathBuf;
use units::{Drops, Exact};

/// `neo capital`.
#[derive(Debug, Clone, Args)]
pub struct CapitalArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CapitalCommand,
}

/// What can be said about capital (docs/capital.md).
#[derive(Debug, Clone, Subcommand)]
pub enum CapitalCommand {
    /// Announce a payment out of the wallet that is signed elsewhere: it will be a withdrawal, and no other writer's doing.
    Expect(ExpectArgs),
    /// Say of a transaction that was booked as external that it was a deposit.
    Deposit(CapitalOfArgs),
    /// Say of a transaction that was booked as external that it was a withdrawal.
    Withdraw(CapitalOfArgs),
    /// Every capital event, and what was said and is not booked yet.
    List(CapitalPlace),
}

impl CapitalCommand {
    /// Whether the answer is one JSON document.
    pub fn wants_json(&self) -> bool {
        match self {
            CapitalCommand::Expect(args) => args.place.json,
            CapitalCommand::Deposit(args) | CapitalCommand::Withdraw(args) => args.place.json,
            CapitalCommand::List(place) => place.json,
        }
    }
}

/// Which database, and the form of the answer.
#[derive(Debug, Clone, Args)]
pub struct CapitalPlace {
    /// Database file.
    #[arg(long, value_name = "FILE", default_value = "data/paper.db")]
    pub db: PathBuf,
    /// One JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// What money is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Money {
    /// XRP, up to six decimal places.
    #[value(name = "XRP", alias = "xrp")]
    Xrp,
    /// RLUSD, up to 15 significant digits.
    #[value(name = "RLUSD", alias = "rlusd")]
    Rlusd,
}

/// `neo capital expect`.
#[derive(Debug, Clone, Args)]
pub struct ExpectArgs {
    /// Exactly how much will be paid out, without the network's fee.
    #[arg(value_parser = amount)]
    pub amount: Exact,
    /// Of what.
    #[arg(value_enum, ignore_case = true)]
    pub asset: Money,
    /// To this address only; to anybody when it is not given.
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<AccountId>,
    /// For how long it is expected: 90s, 30m, 24h, 7d.
    #[arg(long, default_value = "24h", value_parser = duration::parse)]
    pub within: u32,
    /// Words of your own that are kept with it.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Database and output.
    #[command(flatten)]
    pub place: CapitalPlace,
}

/// `neo capital deposit` and `neo capital withdraw`.
#[derive(Debug, Clone, Args)]
pub struct CapitalOfArgs {
    /// Id of the transaction that moved it.
    #[arg(long, value_name = "HASH")]
    pub tx: Hash256,
    /// What an XRP was worth in RLUSD then; by default the middle of the book that the session saw.
    #[arg(long, value_name = "RLUSD", value_parser = amount)]
    pub price: Option<Exact>,
    /// Words of your own that are kept with it.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Database and output.
    #[command(flatten)]
    pub place: CapitalPlace,
}

/// `neo realign`.
#[derive(Debug, Clone, Args)]
pub struct RealignArgs {
    /// Files and output.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Only show what would change; so it is when neither flag is given.
    #[arg(long, conflicts_with = "confirm")]
    pub dry_run: bool,
    /// Change the books.
    #[arg(long)]
    pub confirm: bool,
}

/// An amount above zero, exactly.
fn amount(text: &str) -> Result<Exact, String> {
    let amount: Exact = text.parse().map_err(|_| "a decimal number such as 2.5".to_owned())?;
    if amount.is_zero() || amount.is_negative() {
        return Err("more than zero".to_owned());
    }
    Ok(amount)
}

impl Money {
    /// Whether the ledger can hold exactly this much.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn holds(self, amount: &Exact) -> Result<(), String> {
        let is_exact = match self {
            Money::Xrp => {
                let drops = amount.scaled(6).to_i128().and_then(|drops| i64::try_from(drops).ok());
                drops.is_some_and(|drops| Drops::new(drops).is_ok())
            }
            Money::Rlusd => {
                amount.to_issued(units::Rounding::Down).is_ok_and(|value| Exact::from(value) == *amount)
            }
        };
        let digits = if self == Money::Xrp { "6 decimal places" } else { "15 significant digits" };
        if is_exact {
            Ok(())
        } else {
            Err(format!("{amount} is more exact than the ledger: at most {digits}"))
        }
    }
}
