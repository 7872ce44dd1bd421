//! `cargo bench`: the program, alone and against xrpl.js and xrpl-py in the same run. The works are in crate `bench`; only
//! what it may not depend on comes from here: the translation from messages to inputs, and where the binary is.

use client::{ClosedLedger, Fees, Snapshot};
use engine::{Identity, LedgerHeader, LedgerInput, TruthRead, TruthReason};
use session::Translator;
use std::path::Path;
use units::LedgerTime;

struct Ours(Translator);

impl bench::Translation for Ours {
    fn ledger(&mut self, ledger: &ClosedLedger) -> anyhow::Result<LedgerInput> {
        Ok(self.0.ledger(ledger)?)
    }

    fn truth(&mut self, read: &Snapshot, at: LedgerTime, reason: TruthReason) -> anyhow::Result<TruthRead> {
        Ok(self.0.truth(read, at, reason)?)
    }

    fn header_of(&self, read: &TruthRead) -> LedgerHeader {
        self.0.header_of(read)
    }
}

fn translation(identity: Identity, fees: Fees) -> Box<dyn bench::Translation> {
    Box::new(Ours(Translator::new(identity, fees)))
}

/// As `neo paper` does it after a kill.
fn restart(database: &Path) -> anyhow::Result<i64> {
    let (reader, session_id) = open(database)?;
    let rebuilt = lab::restart(&reader, session_id)?;
    Ok(rebuilt.rows - rebuilt.taken)
}

fn rebuild(database: &Path) -> anyhow::Result<i64> {
    let (reader, session_id) = open(database)?;
    Ok(lab::rebuild(&reader, session_id)?.rows)
}

fn open(database: &Path) -> anyhow::Result<(store::Reader, i64)> {
    let reader = store::Reader::open(database)?;
    let session = reader.unclosed_session()?.ok_or_else(|| anyhow::anyhow!("no session is open"))?;
    Ok((reader, session.session_id))
}

fn main() -> std::process::ExitCode {
    bench::main(&bench::Program { binary: env!("CARGO_BIN_EXE_neo").into(), translation, restart, rebuild })
}
