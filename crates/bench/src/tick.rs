//! Our side of the works that peers share with a session: a message followed, and a ledger answered. A ledger that was not
//! answered with a pair is passed in nobody's time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use client::answers::StreamMessage;
use client::{ClosedLedger, Fees, ValidatedTx};
use engine::{BookChange, Identity, LedgerInput};
use ledger::Hash256;
use serde_json::{Value as Json, json};
use units::LedgerTime;

use crate::inputs;
use crate::ours::Sample;
use crate::program::{Program, Translation};
use crate::session::{Recorded, Replay, parse};

/// Works on messages.
pub struct Ticks<'a> {
    program: &'a Program,
    recorded: &'a Recorded,
    replay: Replay<'a>,
    /// By data: each has an issuer of its own.
    followers: BTreeMap<String, Box<dyn Translation>>,
}

impl<'a> Ticks<'a> {
    /// Nothing heard yet.
    pub fn new(program: &'a Program, recorded: &'a Recorded) -> Result<Self> {
        let mut followers = BTreeMap::new();
        for (data, issuer) in inputs::issuers()? {
            let identity = Identity { quote_issuer: issuer.parse()?, ..recorded.identity.clone() };
            followers.insert(data, (program.translation)(identity, recorded.fees));
        }
        Ok(Self { program, recorded, replay: Replay::new(program, recorded), followers })
    }

    /// Answers ledgers with pairs for about `budget`, going on where it stopped.
    pub fn run(&mut self, budget: Duration) -> Result<Sample> {
        let mut sample = Sample { count: 0, ns: 0 };
        let clock = Instant::now();
        while clock.elapsed() < budget || sample.count == 0 {
            match self.replay.next(|_| Ok(()))? {
                Some(tick) if tick.is_pair => {
                    sample.count += 1;
                    sample.ns += u64::try_from(tick.stages.total().as_nanos())?;
                }
                Some(_) => {}
                None => self.replay = Replay::new(self.program, self.recorded),
            }
        }
        Ok(sample)
    }

    /// The offers that a message changes, with all that the program takes from it.
    pub fn message(&mut self, data: &str, text: &str) -> Result<Vec<Hash256>> {
        let StreamMessage::Transaction(tx) = parse(text)? else { return Ok(Vec::new()) };
        let follower = self.followers.get_mut(data).context("no such data")?;
        Ok(changed(&follower.ledger(&alone(*tx, self.recorded.fees))?))
    }

    /// The offers that each of these ledgers changes.
    pub fn changed(&mut self, ledgers: &[Vec<String>]) -> Result<Vec<Json>> {
        let one = |texts: &Vec<String>| {
            let mut ids = Vec::new();
            for text in texts {
                ids.extend(self.message("session", text)?);
            }
            Ok(json!(ids))
        };
        ledgers.iter().map(one).collect()
    }
}

/// A ledger of one transaction.
fn alone(tx: ValidatedTx, fees: Fees) -> ClosedLedger {
    ClosedLedger {
        index: tx.ledger_index,
        hash: tx.ledger_hash.unwrap_or(Hash256::ZERO),
        close_time: tx.close_time.unwrap_or(LedgerTime(0)),
        fees: Some(fees),
        txn_count: Some(1),
        transactions: vec![tx],
        complete: true,
    }
}

fn changed(input: &LedgerInput) -> Vec<Hash256> {
    let id = |change: &BookChange| match change {
        BookChange::Created(offer) | BookChange::Modified(offer) => offer.id,
        BookChange::Deleted { id } => *id,
    };
    input.book.iter().map(id).collect()
}
