//! NEO: a market maker for the XRP Ledger's exchange whose books always balance.

mod arguments;
mod cli;
mod commands;
mod duration;
mod exit;
mod logging;
mod out;
mod report;
mod settings;
mod text;
mod view;

use exit::{Exit, Outcome};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match arguments::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    logging::init(cli.log_format, cli.verbose);
    let wants_json = cli.command.wants_json();
    match run(cli.command) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            if wants_json {
                let document =
                    serde_json::json!({"format": 1, "error": failure.message, "exit": failure.exit as u8});
                // The exit code says it too, should stdout not take it.
                let _ = out::line(&document.to_string());
            }
            out::complain(&format!("neo: {}", text::printable(&failure.message)));
            ExitCode::from(failure.exit as u8)
        }
    }
}

fn run(command: cli::Command) -> Outcome {
    match command {
        cli::Command::Paper(args) => commands::paper::run(&args),
        cli::Command::Replay(args) => commands::replay::run(&args),
        cli::Command::Audit(args) => commands::audit::run(&args),
        cli::Command::Anomalies(args) => commands::anomalies::run(&args),
        cli::Command::Capital(args) => commands::capital::run(&args.command),
        cli::Command::Realign(args) => commands::realign::run(&args),
        cli::Command::Session(args) => commands::session::run(&args.command),
        cli::Command::Sim(args) => match args.command {
            cli::SimCommand::Serve(args) => commands::sim_serve::run(&args),
            cli::SimCommand::Check(args) => commands::sim_check::run(&args),
            cli::SimCommand::Market(args) => commands::sim_market::run(&args),
        },
        cli::Command::Db(args) => commands::db::run(&args.command),
        cli::Command::Config(args) => commands::config::run(&args.command),
        cli::Command::Tx(args) => commands::tx::run(&args.command),
    }
}

// An exit code is what the shell sees: one byte.
const _: () = assert!(Exit::Interrupted as u8 == 130);
