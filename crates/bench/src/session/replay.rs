//! A recorded session decided again from its bytes: client parsing, assembler, translation, engine, signatures. What is
//! done with the steps (nothing, or a commit) is the caller's.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use client::answers::StreamMessage;
use client::{Assembler, AssemblerEvent, ClosedLedger};
use engine::{Config, Engine, Input, IntentBody, Side, SignedIntent, Step, TruthReason};
use ledger::Hash256;

use super::record::{Event, Recorded, intent_of, start_input};
use super::stages::Stages;
use crate::program::{Program, Translation};

/// Inputs and their steps, to be written together.
pub type Batch = Vec<(Input, Step)>;

/// One ledger's way through.
#[derive(Clone, Copy, Debug)]
pub struct Tick {
    /// Where the time went.
    pub stages: Stages,
    /// A bid and an ask were signed, and nothing else.
    pub is_pair: bool,
    /// Stream messages of the ledger.
    pub messages: usize,
    /// Bytes of those.
    pub bytes: usize,
}

/// A session on its way through once more.
pub struct Replay<'a> {
    recorded: &'a Recorded,
    engine: Engine,
    translation: Box<dyn Translation>,
    assembler: Assembler,
    at: usize,
    signed: Vec<Hash256>,
}

impl<'a> Replay<'a> {
    /// From the beginning.
    pub fn new(program: &Program, recorded: &'a Recorded) -> Self {
        Self {
            engine: Engine::new(Config::default(), recorded.identity.clone()),
            translation: (program.translation)(recorded.identity.clone(), recorded.fees),
            assembler: Assembler::new(Some(recorded.at)),
            at: 0,
            signed: Vec::new(),
            recorded,
        }
    }

    /// The next ledger, with what comes before it; `None` at the end. Every batch goes to `write`, whose time counts as
    /// the ledger's commit. Errors: the session does not go as recorded.
    pub fn next(&mut self, mut write: impl FnMut(Batch) -> Result<()>) -> Result<Option<Tick>> {
        let recorded = self.recorded;
        while let Some(event) = recorded.events.get(self.at) {
            self.at += 1;
            let input = match event {
                Event::Ledger(texts) => return self.ledger(texts, write).map(Some),
                Event::Start(read, time) => {
                    let truth = self.translation.truth(read, *time, TruthReason::Start)?;
                    start_input(self.translation.as_ref(), truth)
                }
                Event::Read(read, time, reason) => {
                    Input::Truth(Box::new(self.translation.truth(read, *time, *reason)?))
                }
                Event::Input(input) => input.clone(),
            };
            let (batch, _) = self.decide(input, &mut Stages::default())?;
            write(batch)?;
        }
        if self.signed != recorded.signed {
            bail!("the session decided again signs other transactions than the recorded one");
        }
        Ok(None)
    }

    fn ledger(&mut self, texts: &[String], mut write: impl FnMut(Batch) -> Result<()>) -> Result<Tick> {
        let mut stages = Stages::default();
        let clock = Instant::now();
        let messages: Vec<StreamMessage> = texts.iter().map(|text| parse(text)).collect::<Result<_>>()?;
        stages.parse = clock.elapsed();
        let clock = Instant::now();
        let ledger = self.assemble(messages)?;
        stages.assemble = clock.elapsed();
        let clock = Instant::now();
        let input = Input::Ledger(Box::new(self.translation.ledger(&ledger)?));
        drop(ledger);
        stages.translate = clock.elapsed();
        let (batch, blobs) = self.decide(input, &mut stages)?;
        let is_pair = is_pair(&batch);
        let clock = Instant::now();
        write(batch)?;
        stages.commit = clock.elapsed();
        std::hint::black_box(blobs);
        Ok(Tick { stages, is_pair, messages: texts.len(), bytes: texts.iter().map(String::len).sum() })
    }

    fn assemble(&mut self, messages: Vec<StreamMessage>) -> Result<ClosedLedger> {
        for message in messages {
            self.assembler.accept(message)?;
        }
        match self.assembler.next_event() {
            Some(AssemblerEvent::Ledger(ledger)) => Ok(ledger),
            other => bail!("not a whole ledger: {other:?}"),
        }
    }

    /// As the program's loop: the step, signatures, and the step that takes them down.
    fn decide(&mut self, input: Input, stages: &mut Stages) -> Result<(Batch, Vec<String>)> {
        let clock = Instant::now();
        let step = self.engine.step(&input);
        stages.decide = clock.elapsed();
        let clock = Instant::now();
        let (mut signed, mut blobs) = (Vec::new(), Vec::new());
        for intent in step.effects.iter().filter_map(intent_of) {
            let tx = ledger::sign(&intent.transaction(&self.recorded.identity), &self.recorded.keys)?;
            blobs.push(tx.blob_hex());
            signed.push(SignedIntent { intent_id: intent.intent_id, hash: tx.hash, blob: tx.blob });
        }
        stages.sign = clock.elapsed();
        self.signed.extend(signed.iter().map(|one| one.hash));
        let mut batch = vec![(input, step)];
        if !signed.is_empty() {
            let clock = Instant::now();
            let input = Input::Signed(signed);
            let step = self.engine.step(&input);
            batch.push((input, step));
            stages.note = clock.elapsed();
        }
        Ok((batch, blobs))
    }
}

/// Every batch of a session. Errors: as [`Replay::next`].
pub fn batches(program: &Program, recorded: &Recorded) -> Result<Vec<Batch>> {
    let mut all = Vec::new();
    let mut replay = Replay::new(program, recorded);
    while replay
        .next(|batch| {
            all.push(batch);
            Ok(())
        })?
        .is_some()
    {}
    Ok(all)
}

/// Text of a message to a typed message, as the client reads it.
pub fn parse(text: &str) -> Result<StreamMessage> {
    Ok(StreamMessage::of_text(text)?)
}

/// The texts of every ledger that was answered with a bid and an ask.
pub fn pairs(program: &Program, recorded: &Recorded) -> Result<Vec<Vec<String>>> {
    let texts = recorded.events.iter().filter_map(|event| match event {
        Event::Ledger(texts) => Some(texts),
        _ => None,
    });
    let mut replay = Replay::new(program, recorded);
    let mut found = Vec::new();
    for texts in texts {
        let tick = replay.next(|_| Ok(()))?.context("fewer ledgers than recorded")?;
        if tick.is_pair {
            found.push(texts.clone());
        }
    }
    Ok(found)
}

fn is_pair(batch: &Batch) -> bool {
    let effects = batch.iter().flat_map(|(_, step)| &step.effects);
    let sides: Vec<Option<Side>> = effects
        .filter_map(intent_of)
        .filter_map(|intent| match &intent.body {
            IntentBody::Offer { side, .. } => Some(Some(*side)),
            IntentBody::Cancel { .. } => Some(None),
            // Tickets are made beside what is quoted.
            IntentBody::TicketCreate { .. } => None,
        })
        .collect();
    matches!(sides.as_slice(), [Some(one), Some(other)] if one != other)
}
