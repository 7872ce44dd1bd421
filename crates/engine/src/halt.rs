//! Why a session ended: the closed set of reasons (interfaces page, "Halt reasons"). Never free text.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a session ended. The words are the published set; a reserved one is a name that other programs may know and that ends
/// no session of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HaltReason {
    /// The session's time (ledger time) is over.
    DurationElapsed,
    /// The operator's kill switch. Reserved: there is no switch but the signals yet.
    KillSwitch,
    /// The operator asked for a stop.
    OperatorStop,
    /// XRP worth more than 110 % of its cap.
    RiskXrpExposure,
    /// RLUSD above 110 % of its cap.
    RiskRlusdExposure,
    /// Lost too much against holding the opening balances.
    RiskDrawdown,
    /// No validated ledger for too long. Reserved: without ledgers the engine holds, and never halts for it.
    RiskStaleLedger,
    /// The servers cannot be trusted to act on.
    RiskGatewayUnhealthy,
    /// Requests keep failing.
    RiskRpcFailure,
    /// A balance that the books cannot explain.
    InventoryTruthHalt,
    /// DEGRADED for longer than allowed.
    DegradedTimeoutHalt,
    /// DEGRADED too often.
    DegradedEpisodeLimitHalt,
    /// An order whose fate cannot be explained, or a fill that cannot be applied.
    ReconcilerHalt,
    /// Too little disk space.
    DiskSpace,
    /// Two servers disagree about a validated ledger.
    NodeDisagreement,
    /// Keys or flags of the account were changed by another program with the account's key.
    AccountChanged,
    /// The account signed something that this engine did not.
    ForeignTransaction,
    /// The issuer froze or clawed back.
    IssuerFreeze,
    /// Interrupted from the terminal.
    InterruptedSigint,
    /// Asked to terminate.
    InterruptedSigterm,
    /// The terminal went away.
    InterruptedSighup,
    /// Ctrl-Break.
    InterruptedSigbreak,
    /// The console window was closed.
    InterruptedConsoleClose,
    /// The user logged off.
    InterruptedLogoff,
    /// The machine shuts down.
    InterruptedShutdown,
    /// The recorded market is at its end. Reserved: no market is a recording yet.
    ReplayExhausted,
    /// The config does not belong to these books. Reserved: a config is checked before there is a session.
    ConfigMismatch,
    /// The start did not succeed. Reserved: a start that is refused opens no session.
    StartupFailure,
    /// The database failed. Reserved: what cannot be written has no reason either; the next start closes the session as `recovered_after_crash`.
    StoreFailure,
    /// An error nobody foresaw. Reserved: a process that dies writes nothing; the next start closes its session as `recovered_after_crash`.
    UnhandledError,
    /// Closed by the next start after a crash.
    RecoveredAfterCrash,
}

/// Every reason and its word in the database.
const WORDS: &[(HaltReason, &str)] = &[
    (HaltReason::DurationElapsed, "duration_elapsed"),
    (HaltReason::KillSwitch, "kill_switch"),
    (HaltReason::OperatorStop, "operator_stop"),
    (HaltReason::RiskXrpExposure, "risk_xrp_exposure"),
    (HaltReason::RiskRlusdExposure, "risk_rlusd_exposure"),
    (HaltReason::RiskDrawdown, "risk_drawdown"),
    (HaltReason::RiskStaleLedger, "risk_stale_ledger"),
    (HaltReason::RiskGatewayUnhealthy, "risk_gateway_unhealthy"),
    (HaltReason::RiskRpcFailure, "risk_rpc_failure"),
    (HaltReason::InventoryTruthHalt, "inventory_truth_halt"),
    (HaltReason::DegradedTimeoutHalt, "degraded_timeout_halt"),
    (HaltReason::DegradedEpisodeLimitHalt, "degraded_episode_limit_halt"),
    (HaltReason::ReconcilerHalt, "reconciler_halt"),
    (HaltReason::DiskSpace, "disk_space"),
    (HaltReason::NodeDisagreement, "node_disagreement"),
    (HaltReason::AccountChanged, "account_changed"),
    (HaltReason::ForeignTransaction, "foreign_transaction"),
    (HaltReason::IssuerFreeze, "issuer_freeze"),
    (HaltReason::InterruptedSigint, "interrupted_sigint"),
    (HaltReason::InterruptedSigterm, "interrupted_sigterm"),
    (HaltReason::InterruptedSighup, "interrupted_sighup"),
    (HaltReason::InterruptedSigbreak, "interrupted_sigbreak"),
    (HaltReason::InterruptedConsoleClose, "interrupted_console_close"),
    (HaltReason::InterruptedLogoff, "interrupted_logoff"),
    (HaltReason::InterruptedShutdown, "interrupted_shutdown"),
    (HaltReason::ReplayExhausted, "replay_exhausted"),
    (HaltReason::ConfigMismatch, "config_mismatch"),
    (HaltReason::StartupFailure, "startup_failure"),
    (HaltReason::StoreFailure, "store_failure"),
    (HaltReason::UnhandledError, "unhandled_error"),
    (HaltReason::RecoveredAfterCrash, "recovered_after_crash"),
];

impl HaltReason {
    /// Every reason, in the order of the published list.
    pub fn all() -> impl Iterator<Item = HaltReason> {
        WORDS.iter().map(|(reason, _)| *reason)
    }

    /// The word in the database and in every report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(reason, _)| *reason == self).map_or("unhandled_error", |(_, word)| word)
    }

    /// How much a reason says: a later reason replaces an earlier one only when it says more. Ordinary ends 0, a
    /// crash 1, guards, risk, truth and faults 2.
    #[must_use]
    pub const fn strength(self) -> u8 {
        match self {
            HaltReason::DurationElapsed
            | HaltReason::OperatorStop
            | HaltReason::ReplayExhausted
            | HaltReason::InterruptedSigint
            | HaltReason::InterruptedSigterm
            | HaltReason::InterruptedSighup
            | HaltReason::InterruptedSigbreak
            | HaltReason::InterruptedConsoleClose
            | HaltReason::InterruptedLogoff
            | HaltReason::InterruptedShutdown => 0,
            HaltReason::RecoveredAfterCrash => 1,
            HaltReason::KillSwitch
            | HaltReason::RiskXrpExposure
            | HaltReason::RiskRlusdExposure
            | HaltReason::RiskDrawdown
            | HaltReason::RiskStaleLedger
            | HaltReason::RiskGatewayUnhealthy
            | HaltReason::RiskRpcFailure
            | HaltReason::InventoryTruthHalt
            | HaltReason::DegradedTimeoutHalt
            | HaltReason::DegradedEpisodeLimitHalt
            | HaltReason::ReconcilerHalt
            | HaltReason::DiskSpace
            | HaltReason::NodeDisagreement
            | HaltReason::AccountChanged
            | HaltReason::ForeignTransaction
            | HaltReason::IssuerFreeze
            | HaltReason::ConfigMismatch
            | HaltReason::StartupFailure
            | HaltReason::StoreFailure
            | HaltReason::UnhandledError => 2,
        }
    }
}

impl fmt::Display for HaltReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no halt reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no halt reason")]
pub struct UnknownHaltReason(pub String);

impl std::str::FromStr for HaltReason {
    type Err = UnknownHaltReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        WORDS
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(reason, _)| *reason)
            .ok_or_else(|| UnknownHaltReason(text.chars().take(60).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_one_word_and_the_word_finds_it() {
        assert_eq!(HaltReason::all().count(), 31);
        for reason in HaltReason::all() {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        assert!("bad_luck".parse::<HaltReason>().is_err());
        assert_eq!(HaltReason::DurationElapsed.as_str(), "duration_elapsed");
    }
}
