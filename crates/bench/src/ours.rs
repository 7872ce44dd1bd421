//! Our side of every work. Never reuses a result: sequences and inputs go on from round to round.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ledger::messages::TxRecord;
use ledger::meta::AccountChanges;
use ledger::{
    AccountId, KeyKind, KeyPair, Object, OfferChange, SeqProxy, Transaction, TxKind, balance_changes, hex,
    sign, verify,
};
use serde_json::{Value as Json, json};

use crate::inputs::{self, CHECKS, Inputs, Item, SEQUENCE};
use crate::tick::Ticks;
use crate::work::{Job, Work, kind_name};

/// Between two looks at the clock.
const BATCH: usize = 16;

/// How often a work was done in how much time.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How often.
    pub count: u64,
    /// Nanoseconds.
    pub ns: u64,
}

impl Sample {
    /// Nanoseconds for one.
    pub fn ns_each(self) -> f64 {
        self.ns as f64 / (self.count.max(1)) as f64
    }
}

/// Ours, with keys already derived.
pub struct Ours<'a> {
    inputs: &'a Inputs,
    secp256k1: (KeyPair, Transaction),
    ed25519: (KeyPair, Transaction),
    ticks: Ticks<'a>,
    turn: usize,
}

impl<'a> Ours<'a> {
    /// Derives the keys, and makes the offer that each signs.
    pub fn new(inputs: &'a Inputs, ticks: Ticks<'a>) -> Result<Self> {
        let key = |kind| {
            let keys = inputs::key_pair(kind)?;
            let offer = inputs::offer(keys.account(), SEQUENCE)?;
            anyhow::Ok((keys, offer))
        };
        let (secp256k1, ed25519) = (key(KeyKind::Secp256k1)?, key(KeyKind::Ed25519)?);
        Ok(Self { inputs, secp256k1, ed25519, ticks, turn: 0 })
    }

    /// Does a job for about `budget`.
    pub fn run(&mut self, job: &Job, budget: Duration) -> Result<Sample> {
        if job.work == Work::Tick {
            return self.ticks.run(budget);
        }
        if job.work == Work::Message {
            let (items, ticks) = (self.items(job), &mut self.ticks);
            return repeat(budget, &mut self.turn, |i| ticks.message(&job.data, &at(items, i)?.message));
        }
        let mut turn = self.turn;
        let count = {
            let this = &*self;
            let items = this.items(job);
            match job.work {
                Work::Sign(kind) => repeat(budget, &mut turn, |i| this.sign(kind, i))?,
                Work::Verify(kind) => repeat(budget, &mut turn, |i| this.verify(kind, i))?,
                Work::Decode => repeat(budget, &mut turn, |i| decode(&at(items, i)?.tx_blob))?,
                Work::Encode => repeat(budget, &mut turn, |i| encode(&at(items, i)?.tx_json))?,
                Work::DecodeMeta => repeat(budget, &mut turn, |i| decode(&at(items, i)?.meta_blob))?,
                Work::Explain | Work::Message | Work::Tick => {
                    repeat(budget, &mut turn, |i| explain(&at(items, i)?.message))?
                }
            }
        };
        self.turn = turn;
        Ok(count)
    }

    /// Every result of a job, as results are compared.
    pub fn results(&mut self, job: &Job) -> Result<Vec<Json>> {
        let items = self.items(job);
        let checks = 0..CHECKS as usize;
        match job.work {
            Work::Sign(kind) => checks.map(|i| Ok(json!(self.sign(kind, i)?))).collect(),
            Work::Verify(kind) => checks.map(|i| Ok(json!(self.verify(kind, i)?))).collect(),
            Work::Decode => items.iter().map(|item| decode(&item.tx_blob)).collect(),
            Work::Encode => items.iter().map(|item| Ok(encode(&item.tx_json)?.into())).collect(),
            Work::DecodeMeta => items.iter().map(|item| decode(&item.meta_blob)).collect(),
            Work::Explain => items.iter().map(|item| Ok(balance_rows(&explain(&item.message)?.0))).collect(),
            Work::Message => {
                let changed = |item: &Item| self.ticks.message(&job.data, &item.message);
                items.iter().map(changed).map(|ids| Ok(json!(ids?))).collect()
            }
            Work::Tick => self.ticks.changed(&self.inputs.ticks),
        }
    }

    fn items(&self, job: &Job) -> &'a [Item] {
        self.inputs.data.get(&job.data).map_or(&[], Vec::as_slice)
    }

    /// The next offer, which replaces the one before; blob and id as text, which is what peers give.
    fn sign(&self, kind: KeyKind, i: usize) -> Result<(String, String)> {
        let (keys, offer) = match kind {
            KeyKind::Secp256k1 => &self.secp256k1,
            KeyKind::Ed25519 => &self.ed25519,
        };
        let mut offer = offer.clone();
        let sequence = SEQUENCE.wrapping_add(u32::try_from(i & 0x3FFF_FFFF)?);
        offer.sequence = SeqProxy::Sequence(sequence);
        if let TxKind::OfferCreate { offer_sequence, .. } = &mut offer.kind {
            *offer_sequence = Some(sequence.wrapping_sub(1));
        }
        let signed = sign(&offer, keys)?;
        Ok((signed.blob_hex(), signed.hash.to_string()))
    }

    fn verify(&self, kind: KeyKind, i: usize) -> Result<bool> {
        let blobs = self.inputs.keys.get(kind_name(kind)).context("no such key")?;
        let blob = blobs.signed.get(i % blobs.signed.len().max(1)).context("nothing signed")?;
        verify(&Object::from_hex(blob)?)?;
        Ok(true)
    }
}

fn at(items: &[Item], i: usize) -> Result<&Item> {
    items.get(i % items.len().max(1)).context("no data")
}

fn decode(blob: &str) -> Result<Json> {
    Ok(Object::from_hex(blob)?.to_json())
}

fn encode(json: &Json) -> Result<String> {
    Ok(hex::encode(&Object::from_json(json)?.to_bytes()?))
}

fn explain(message: &str) -> Result<(Vec<AccountChanges>, Vec<OfferChange>)> {
    let record = TxRecord::read_text(message)?;
    Ok((balance_changes(&record.meta), record.offer_changes()))
}

/// `[account, currency, other party, change]` of every balance that changed.
fn balance_rows(all: &[AccountChanges]) -> Json {
    let row = |account: &AccountId, change: &ledger::meta::BalanceChange| {
        let (currency, party) = match change.line {
            None => ("XRP".to_owned(), String::new()),
            Some((currency, party)) => (currency.to_string(), party.to_string()),
        };
        json!([account.to_string(), currency, party, change.delta.to_string()])
    };
    all.iter().flat_map(|one| one.balances.iter().map(|change| row(&one.account, change))).collect()
}

/// Repeats `op` until the budget is used up.
fn repeat<T>(budget: Duration, turn: &mut usize, mut op: impl FnMut(usize) -> Result<T>) -> Result<Sample> {
    let first = *turn;
    let start = Instant::now();
    loop {
        for _ in 0..BATCH {
            black_box(op(black_box(*turn))?);
            *turn = turn.wrapping_add(1);
        }
        let elapsed = start.elapsed();
        if elapsed >= budget {
            let count = turn.wrapping_sub(first) as u64;
            return Ok(Sample { count, ns: u64::try_from(elapsed.as_nanos())? });
        }
    }
}
