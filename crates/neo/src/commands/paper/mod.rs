//! `neo paper`: a whole session against the embedded ledger, and before it the recovery of one that crashed.

pub mod market;
pub mod place;
mod recover;
pub mod session;

use crate::cli::{PaperArgs, Speed};
use crate::exit::{Exit, Failure, Outcome};
use crate::report::Report;
use crate::settings::{self, Settings};
use crate::view::{Live, Quiet};
use ::session::View;
use engine::HaltReason;
use market::MarketChoice;
use place::Place;
use platform::signals::Signal;
use std::io::IsTerminal;
use tokio::sync::mpsc::UnboundedReceiver;

/// Everything that was read and checked before anything is written.
pub struct Plan<'a> {
    args: &'a PaperArgs,
    settings: Settings,
    market: MarketChoice,
    faults: Option<server::FaultScript>,
}

/// Runs the command.
pub fn run(args: &PaperArgs) -> Outcome {
    if args.listen.is_some() && args.speed == Speed::Max {
        return Err(Failure::usage(
            "--listen needs ledgers that close by the clock: with --speed max nobody could follow them; give a number",
        ));
    }
    if args.nodes > 1 && args.speed == Speed::Max {
        return Err(Failure::usage(
            "--nodes 2 needs ledgers that close by the clock: with --speed max nobody waits for a second voice; give a number",
        ));
    }
    let plan = Plan {
        args,
        settings: settings::load(args.common.config.as_deref())?,
        market: MarketChoice::load(&args.market)?,
        faults: crate::commands::faults::load(args.faults.as_deref())?,
    };
    // Sockets are looked at often: tasks that follow each other must not keep other clients waiting.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(server::limits::EVENTS_EVERY)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(paper(&plan));
    // Tasks that still serve the embedded ledger end with the process, not before their turn.
    runtime.shutdown_background();
    outcome
}

async fn paper(plan: &Plan<'_>) -> Outcome {
    let mut signals = platform::signals::listen()
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let place = Place::open(plan)?;
    let result = sessions(plan, &place, &mut signals).await;
    if let Ok(session_id) = &result {
        place.backup_after(*session_id, &mut signals).await;
    }
    let checkpoints = place.close();
    let session_id = result?;
    finish(plan, session_id, checkpoints)
}

/// Recovers what a crash left, then runs the new session; gives its number.
async fn sessions(
    plan: &Plan<'_>,
    place: &Place,
    signals: &mut UnboundedReceiver<Signal>,
) -> Result<i64, Failure> {
    let mut view = view(plan);
    let outcome = match recover::left(plan, place, view.as_mut(), signals).await {
        Ok(Some(left)) if left.is_stopped => Ok(left.session_id),
        Ok(left) => session::run(plan, place, left, view.as_mut(), signals).await,
        Err(failure) => Err(failure),
    };
    view.finish();
    outcome
}

fn view(plan: &Plan<'_>) -> Box<dyn View> {
    if plan.args.common.json || !std::io::stderr().is_terminal() {
        Box::new(Quiet)
    } else {
        Box::new(Live::new(plan.args.duration))
    }
}

/// Prints the closing summary and says with which code the program ends.
fn finish(plan: &Plan<'_>, session_id: i64, checkpoints: Option<store::CheckpointAggregate>) -> Outcome {
    let reader = crate::commands::session::open(&plan.args.common)?;
    let mut report =
        Report::load(&reader, session_id).map_err(|error| crate::commands::session::read_failure(&error))?;
    report.set_checkpoints(checkpoints);
    if plan.args.common.json {
        crate::out::line(&format!("{}", report.json()))?;
    } else {
        crate::out::text(&report.text(&format!("Paper session {session_id}")))?;
        crate::out::line(&format!(
            "  {:<10}{} · prove the books: neo audit --db {}
",
            "kept in",
            plan.args.common.db.display(),
            plan.args.common.db.display()
        ))?;
    }
    Ok(exit_of(report.halt_reason()))
}

/// The exit code of a halt reason.
fn exit_of(reason: Option<HaltReason>) -> Exit {
    use HaltReason as R;
    match reason {
        Some(
            R::DurationElapsed
            | R::OperatorStop
            | R::ReplayExhausted
            | R::InterruptedSigint
            | R::InterruptedSigterm
            | R::InterruptedSighup
            | R::InterruptedSigbreak
            | R::InterruptedConsoleClose
            | R::InterruptedLogoff
            | R::InterruptedShutdown
            | R::RecoveredAfterCrash,
        ) => Exit::Done,
        Some(R::StoreFailure | R::UnhandledError) | None => Exit::Failed,
        Some(R::StartupFailure | R::ConfigMismatch) => Exit::Refused,
        Some(
            R::KillSwitch
            | R::RiskXrpExposure
            | R::RiskRlusdExposure
            | R::RiskDrawdown
            | R::RiskStaleLedger
            | R::RiskGatewayUnhealthy
            | R::RiskRpcFailure
            | R::InventoryTruthHalt
            | R::DegradedTimeoutHalt
            | R::DegradedEpisodeLimitHalt
            | R::ReconcilerHalt
            | R::DiskSpace
            | R::NodeDisagreement
            | R::AccountChanged
            | R::ForeignTransaction
            | R::IssuerFreeze,
        ) => Exit::Halted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_in_the_page_that_says_what_to_do() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/halts.md");
        let page = std::fs::read_to_string(page).unwrap();
        let missing: Vec<_> =
            HaltReason::all().filter(|reason| !page.contains(&format!("`{reason}`"))).collect();
        assert_eq!(missing, []);
        let reserved = page.lines().skip_while(|line| !line.starts_with("Reserved words"));
        let reserved: String = reserved.take_while(|line| !line.is_empty()).collect();
        assert!(reserved.contains("kill_switch") && !reserved.contains("account_changed"), "{reserved}");
    }
}
