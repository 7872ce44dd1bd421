//! Records a session: a small loop around the engine, as the program's own but without a database, and beside it a second
//! client of the same server that keeps the text of every stream message.

use std::collections::{BTreeMap, VecDeque};

use anyhow::{Context, Result, bail};
use client::answers::StreamMessage;
use client::{Assembler, AssemblerEvent, ClosedLedger, Connection, Fees, LedgerSpec, Snapshot, Subscribed};
use engine::{
    Config, Effect, Engine, Identity, Input, SignedIntent, StartInput, SubmitOutcome, TruthRead, TruthReason,
};
use futures_util::{SinkExt, StreamExt};
use ledger::{Asset, Currency, Hash256, KeyPair};
use serde_json::{Value as Json, json};
use server::{CloseMode, EmbeddedLedger, LedgerServer};
use sim::identity;
use sim::world::{MarketSpec, WorldSpec};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use units::{LedgerIndex, LedgerTime};

use crate::program::{Program, Translation};

/// Bytes that fit into a pipe: more than one ledger's messages.
const PIPE_BYTES: usize = 8 << 20;
/// 2026-01-01, where the built-in market of the program begins too.
const START_UNIX: i64 = 1_767_225_600;

/// A session as it came over the wire.
pub struct Recorded {
    /// The wallet.
    pub identity: Identity,
    /// The wallet's keys.
    pub keys: KeyPair,
    /// Costs at the start.
    pub fees: Fees,
    /// What the stream stood at.
    pub at: LedgerIndex,
    /// In order.
    pub events: Vec<Event>,
    /// Ids of everything that was signed, in order.
    pub signed: Vec<Hash256>,
}

/// One thing that came.
pub enum Event {
    /// The full read that the session opens with.
    Start(Box<Snapshot>, LedgerTime),
    /// A ledger, as the texts of its stream messages in order of arrival.
    Ledger(Vec<String>),
    /// A full read.
    Read(Box<Snapshot>, LedgerTime, TruthReason),
    /// Anything else, as the engine takes it.
    Input(Input),
}

impl Recorded {
    /// Runs a session of so many ledgers with the default configuration. Errors: the server, or an engine that asks for
    /// history although nothing is missing.
    pub fn make(program: &Program, ledgers: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut desk = Desk::open(program).await?;
            desk.start().await?;
            for _ in 0..ledgers {
                desk.ledger().await?;
            }
            Ok(desk.recorded)
        })
    }

    /// The identity of the paper wallet.
    pub fn wallet() -> Result<(KeyPair, Identity)> {
        let keys = identity::keys(identity::WALLET)?;
        let identity = Identity {
            network_id: identity::NETWORK_ID,
            account: keys.account(),
            quote_currency: Currency::RLUSD,
            quote_issuer: identity::account(identity::ISSUER)?,
        };
        Ok((keys, identity))
    }
}

struct Desk {
    recorded: Recorded,
    engine: Engine,
    translation: Box<dyn Translation>,
    connection: Connection,
    tap: Tap,
    close_times: BTreeMap<LedgerIndex, LedgerTime>,
    queue: VecDeque<Input>,
}

impl Desk {
    async fn open(program: &Program) -> Result<Self> {
        let start = LedgerTime::from_unix(START_UNIX).context("a start after 2000")?;
        let ledger = EmbeddedLedger::in_memory(WorldSpec::paper(1, MarketSpec::Synthetic, start))?;
        let server = LedgerServer::new(ledger, CloseMode::Manual);
        let (tap, (at, fees)) = Tap::open(pipe(&server)).await?;
        let connection = Connection::over(pipe(&server)).await?;
        let (keys, identity) = Recorded::wallet()?;
        let engine = Engine::new(Config::default(), identity.clone());
        let translation = (program.translation)(identity.clone(), fees);
        let recorded = Recorded { identity, keys, fees, at, events: Vec::new(), signed: Vec::new() };
        let (close_times, queue) = (BTreeMap::new(), VecDeque::new());
        Ok(Self { recorded, engine, translation, connection, tap, close_times, queue })
    }

    async fn start(&mut self) -> Result<()> {
        let read = self.snapshot().await?;
        let time = self.connection.ledger_close_time(LedgerSpec::Index(read.index)).await?;
        self.close_times.insert(read.index, time);
        let truth = self.translation.truth(&read, time, TruthReason::Start)?;
        self.recorded.events.push(Event::Start(Box::new(read), time));
        let input = start_input(self.translation.as_ref(), truth);
        self.settle(input).await
    }

    async fn ledger(&mut self) -> Result<()> {
        self.connection.ledger_accept().await?;
        let (texts, ledger) = self.tap.ledger().await?;
        self.close_times.insert(ledger.index, ledger.close_time);
        let input = Input::Ledger(Box::new(self.translation.ledger(&ledger)?));
        self.recorded.events.push(Event::Ledger(texts));
        self.settle(input).await
    }

    /// An input and all that comes back for it.
    async fn settle(&mut self, input: Input) -> Result<()> {
        self.feed(input).await?;
        while let Some(input) = self.queue.pop_front() {
            self.feed(input).await?;
        }
        Ok(())
    }

    /// One input through the engine, and its effects out.
    async fn feed(&mut self, input: Input) -> Result<()> {
        let step = self.engine.step(&input);
        let mut signed = Vec::new();
        for intent in step.effects.iter().filter_map(intent_of) {
            let tx = ledger::sign(&intent.transaction(&self.recorded.identity), &self.recorded.keys)?;
            self.recorded.signed.push(tx.hash);
            signed.push(SignedIntent { intent_id: intent.intent_id, hash: tx.hash, blob: tx.blob });
        }
        let mut effects = step.effects;
        let blobs: BTreeMap<u64, Vec<u8>> =
            signed.iter().map(|one| (one.intent_id, one.blob.clone())).collect();
        if !signed.is_empty() {
            effects.extend(self.engine.step(&Input::Signed(signed)).effects);
        }
        for effect in effects {
            self.perform(effect, &blobs).await?;
        }
        Ok(())
    }

    async fn perform(&mut self, effect: Effect, blobs: &BTreeMap<u64, Vec<u8>>) -> Result<()> {
        match effect {
            Effect::Submit(intent) => {
                let blob = blobs.get(&intent.intent_id).context("not signed")?;
                let answer = self.connection.submit(&ledger::hex::encode(blob)).await?;
                let outcome = SubmitOutcome {
                    intent_id: intent.intent_id,
                    engine_result: Some(answer.engine_result),
                    detail: String::new(),
                };
                self.take(Input::Submitted(outcome));
            }
            Effect::ReadTruth { reason } => {
                let read = self.snapshot().await?;
                let time = *self.close_times.get(&read.index).context("a read of an unknown ledger")?;
                let truth = self.translation.truth(&read, time, reason)?;
                self.recorded.events.push(Event::Read(Box::new(read), time, reason));
                self.queue.push_back(Input::Truth(Box::new(truth)));
            }
            other => bail!("the recorded session wants {other:?}"),
        }
        Ok(())
    }

    fn take(&mut self, input: Input) {
        self.recorded.events.push(Event::Input(input.clone()));
        self.queue.push_back(input);
    }

    async fn snapshot(&mut self) -> Result<Snapshot> {
        let identity = &self.recorded.identity;
        let quote = Asset::Issued { currency: identity.quote_currency, issuer: identity.quote_issuer };
        Ok(self.connection.snapshot(&identity.account, &Asset::Xrp, &quote).await?)
    }
}

/// The input that opens a session on a new ledger history.
pub(super) fn start_input(translation: &dyn Translation, truth: TruthRead) -> Input {
    Input::Start(Box::new(StartInput {
        header: translation.header_of(&truth),
        truth,
        carried: None,
        missed: Vec::new(),
        accept_divergence: false,
        duration_seconds: None,
    }))
}

/// The intent of an effect, if it has one.
pub(super) fn intent_of(effect: &Effect) -> Option<&engine::Intent> {
    match effect {
        Effect::Submit(intent) => Some(intent),
        _ => None,
    }
}

fn pipe(server: &LedgerServer) -> tokio::io::DuplexStream {
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let server = server.clone();
    tokio::spawn(async move { server.serve_stream(theirs).await });
    ours
}

/// A client that keeps what it hears.
struct Tap {
    socket: WebSocketStream<tokio::io::DuplexStream>,
    assembler: Assembler,
}

impl Tap {
    async fn open(pipe: tokio::io::DuplexStream) -> Result<(Self, (LedgerIndex, Fees))> {
        let (mut socket, _) = tokio_tungstenite::client_async("ws://embedded.ledger/", pipe).await?;
        let wanted = json!({ "id": 1, "command": "subscribe", "api_version": 2, "streams": ["ledger", "transactions"] });
        socket.send(Message::text(wanted.to_string())).await?;
        let mut answer: Json = serde_json::from_str(&next(&mut socket).await?)?;
        let (index, _, _, fees) =
            Subscribed::read(answer["result"].take(), true)?.at.context("a stream that begins nowhere")?;
        Ok((Self { socket, assembler: Assembler::new(Some(index)) }, (index, fees)))
    }

    async fn ledger(&mut self) -> Result<(Vec<String>, ClosedLedger)> {
        let mut texts = Vec::new();
        loop {
            match self.assembler.next_event() {
                Some(AssemblerEvent::Ledger(ledger)) => return Ok((texts, ledger)),
                Some(AssemblerEvent::Gap(gap)) => bail!("the recorded session lacks ledgers {gap:?}"),
                None => {}
            }
            let text = next(&mut self.socket).await?;
            self.assembler.accept(StreamMessage::of_text(&text)?)?;
            texts.push(text);
        }
    }
}

async fn next(socket: &mut WebSocketStream<tokio::io::DuplexStream>) -> Result<String> {
    loop {
        match socket.next().await.context("the server left")?? {
            Message::Text(text) => return Ok(text.to_string()),
            Message::Close(frame) => bail!("the server closed: {frame:?}"),
            _ => {}
        }
    }
}
