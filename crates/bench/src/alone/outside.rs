//! What is outside of a session that is made for a measurement: a ledger that goes on, full reads that agree with it, and
//! submissions that no ledger ever brings. Nothing is measured here.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use engine::{
    BookChange, BookOffer, BookSnapshot, Effect, Input, LedgerInput, OwnerFunds, Side, SignedIntent,
    SnapshotOffer, StartInput, SubmitOutcome, TruthRead, TruthReason,
};
use ledger::{AccountId, Hash256};

use crate::session::Batch;

/// The outside, from the start of a recorded session on: its ledgers that bring nothing of ours, over and over.
pub struct Outside {
    opening: StartInput,
    ledgers: Vec<LedgerInput>,
    at: usize,
    now: TruthRead,
    offers: BTreeMap<Hash256, BookOffer>,
    funds: BTreeMap<AccountId, OwnerFunds>,
}

impl Outside {
    /// Errors: a session without a start or without a quiet ledger.
    pub fn of(all: &[Batch]) -> Result<Self> {
        let inputs = || all.iter().flatten().map(|(input, _)| input);
        let Some(Input::Start(opening)) = inputs().next() else { bail!("a session without a start") };
        let quiet = |input: &Input| match input {
            Input::Ledger(ledger) if ledger.own.is_empty() => Some((**ledger).clone()),
            _ => None,
        };
        let ledgers: Vec<LedgerInput> = inputs().filter_map(quiet).collect();
        ledgers.first().context("a session without a quiet ledger")?;
        let book = &opening.truth.book;
        let (mut offers, mut funds) = (BTreeMap::new(), BTreeMap::new());
        for known in book.bids.iter().chain(&book.asks) {
            let account = known.offer.owner;
            offers.insert(known.offer.id, known.offer);
            keep(&mut funds, &OwnerFunds { account, xrp: known.owner_xrp, rlusd: known.owner_rlusd });
        }
        let now = opening.truth.clone();
        Ok(Self {
            opening: StartInput { duration_seconds: None, ..(**opening).clone() },
            ledgers,
            at: 0,
            now,
            offers,
            funds,
        })
    }

    /// What the session opens with; it has no end.
    pub fn start(&self) -> Input {
        Input::Start(Box::new(self.opening.clone()))
    }

    /// The next ledger.
    pub fn ledger(&mut self) -> Input {
        let mut ledger = self.ledgers[self.at % self.ledgers.len()].clone();
        self.at += 1;
        let index = self.now.index.plus(1);
        let mut hash = [7; 32];
        hash[..4].copy_from_slice(&index.get().to_be_bytes());
        ledger.header.index = index;
        ledger.header.close_time = self.now.close_time.plus_seconds(4);
        ledger.header.hash = Hash256(hash);
        (self.now.index, self.now.close_time) = (index, ledger.header.close_time);
        self.now.hash = ledger.header.hash;
        self.now.pool = ledger.pool.or(self.now.pool);
        for change in &ledger.book {
            match change {
                BookChange::Created(offer) | BookChange::Modified(offer) => {
                    self.offers.insert(offer.id, *offer);
                }
                BookChange::Deleted { id } => drop(self.offers.remove(id)),
            }
        }
        ledger.owner_funds.iter().for_each(|funds| keep(&mut self.funds, funds));
        Input::Ledger(Box::new(ledger))
    }

    /// What comes back for what was wanted, in the order of coming: signatures that nobody checks, a place in a queue that
    /// is never left, and full reads.
    pub fn answers(&self, effects: &[Effect]) -> Vec<Input> {
        let (mut signed, mut answers) = (Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::Submit(intent) => {
                    let mut hash = [9; 32];
                    hash[..8].copy_from_slice(&intent.intent_id.to_be_bytes());
                    let (hash, blob) = (Hash256(hash), vec![0; 200]);
                    signed.push(SignedIntent { intent_id: intent.intent_id, hash, blob });
                    answers.push(Input::Submitted(SubmitOutcome {
                        intent_id: intent.intent_id,
                        engine_result: Some("terQUEUED".to_owned()),
                        detail: String::new(),
                    }));
                }
                Effect::ReadTruth { reason } => answers.push(Input::Truth(Box::new(self.truth(*reason)))),
                _ => {}
            }
        }
        if !signed.is_empty() {
            answers.insert(0, Input::Signed(signed));
        }
        answers
    }

    fn truth(&self, reason: TruthReason) -> TruthRead {
        let mut book = BookSnapshot::default();
        for offer in self.offers.values() {
            let funds = self.funds.get(&offer.owner);
            let (xrp, rlusd) = (funds.and_then(|funds| funds.xrp), funds.and_then(|funds| funds.rlusd));
            let (side, owner_xrp, owner_rlusd) = match offer.side {
                Side::Buy => (&mut book.bids, None, rlusd),
                Side::Sell => (&mut book.asks, xrp, None),
            };
            side.push(SnapshotOffer { offer: *offer, owner_xrp, owner_rlusd });
        }
        TruthRead { book, source: reason, ..self.now.clone() }
    }
}

fn keep(all: &mut BTreeMap<AccountId, OwnerFunds>, funds: &OwnerFunds) {
    let known = all.entry(funds.account).or_insert(*funds);
    (known.xrp, known.rlusd) = (funds.xrp.or(known.xrp), funds.rlusd.or(known.rlusd));
}
