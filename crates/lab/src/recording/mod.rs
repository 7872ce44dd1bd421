//! Recordings of a real server, replayed through the embedded ledger: the same signed transactions at the same close
//! times. Compares what was sent with its bytes, preliminary and final results, order, every field of the metadata, what
//! was delivered, funds of owners, headers with their hashes, accounts, trust lines, offers, books with their funding,
//! pools, and every entry at the end; what a state should hold and does not is a difference.

mod document;
mod pools;
mod score;
mod settings;
mod shape;
mod state;
mod transaction;

pub use score::Score;

use document::{Again, Document, Sent, Step, Submit};
use ledger::hash::sha512_half;
use ledger::{AccountId, Asset, Currency, Hash256};
use serde_json::Value;
use sim::world::{Fees, MarketSpec, World, WorldSpec};
use std::collections::{BTreeMap, BTreeSet};
use units::{Drops, LedgerTime, Price};

/// Why a recording cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// Not the document that a recording is.
    #[error("not a recording: {0}")]
    Document(String),
    /// A value in it does not read.
    #[error("`{what}` is not acceptable: {text}")]
    Value {
        /// Which.
        what: &'static str,
        /// What stood there, or why not.
        text: String,
    },
}

/// What came out of one recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingReport {
    /// Its name.
    pub name: String,
    /// What was equal.
    pub score: Score,
}

/// Replays one recording (a JSON document).
///
/// # Errors
/// [`RecordingError`]; a difference is no error, it is in the report.
pub fn check_recording(text: &str) -> Result<RecordingReport, RecordingError> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| RecordingError::Document(error.to_string()))?;
    let score = Replay::new(&document)?.run()?;
    Ok(RecordingReport { name: document.name, score })
}

struct Replay<'d> {
    document: &'d Document,
    world: World,
    /// The issued side of the pair.
    rlusd: Asset,
    accounts: BTreeMap<&'d str, AccountId>,
    sent: BTreeMap<&'d str, (&'d Sent, i64)>,
    /// Hashes of what is in a ledger.
    applied: BTreeSet<String>,
    score: Score,
}

impl<'d> Replay<'d> {
    fn new(document: &'d Document) -> Result<Self, RecordingError> {
        let mut accounts = BTreeMap::new();
        for party in &document.accounts {
            accounts.insert(party.name.as_str(), read::<AccountId>("accounts[].address", &party.address)?);
        }
        let issuer = document.address("issuer").unwrap_or_default();
        let currency = Currency::issued(&document.currency)
            .map_err(|error| RecordingError::Value { what: "currency", text: error.to_string() })?;
        let rlusd = Asset::Issued { currency, issuer: read("accounts[issuer].address", issuer)? };
        let first = document.all_steps().next();
        let start = LedgerTime(first.map_or(0, |step| step.ledger.parent_close_time));
        let world = world(document, start)?;
        let (sent, applied, score) = Default::default();
        Ok(Replay { document, world, rlusd, accounts, sent, applied, score })
    }

    fn run(mut self) -> Result<Score, RecordingError> {
        let document = self.document;
        shape::compare(&mut self.score, document);
        for step in document.all_steps() {
            for sent in &step.txs {
                self.submit(sent, step.n)?;
            }
            self.close(step)?;
            self.send_again(step)?;
            if let Some(recorded) = &step.state {
                state::compare(&mut self, recorded, &format!("step {}", step.n))?;
            }
        }
        let end = &document.final_state;
        state::compare(&mut self, &end.state, "the end")?;
        state::compare_entries(&mut self, end.objects.as_deref().unwrap_or_default());
        for sent in document.all_steps().flat_map(|step| &step.txs) {
            let is_in = self.applied.contains(&sent.hash);
            let has_rest = sent.result.is_some() && sent.ledger_index.is_some() && sent.meta.is_some();
            self.score.count("validated", sent.validated == is_in && has_rest == is_in, || {
                format!("{} is in a ledger: {is_in}, recorded: {}", sent.hash, sent.validated)
            });
        }
        Ok(self.score)
    }

    fn submit(&mut self, sent: &'d Sent, step: i64) -> Result<(), RecordingError> {
        let blob = ledger::hex::decode(&sent.tx_blob)
            .ok_or_else(|| RecordingError::Value { what: "tx_blob", text: "no hexadecimal".to_owned() })?;
        transaction::compare_sent(&mut self.score, sent, &blob, step);
        let by = self.accounts.get(sent.by.as_str()).map(AccountId::to_string);
        self.score.count("sender", by.as_deref() == sent.tx_json["Account"].as_str(), || {
            format!("step {step}: {by:?} is {}: {}", sent.by, sent.tx_json)
        });
        let wanted = &sent.submit;
        let (result, got) = match self.world.submit(&blob) {
            Ok(answer) => (answer.engine_result.to_string(), Some(Submit::of(&answer))),
            Err(error) => (format!("not taken: {error}"), None),
        };
        self.score.count("preliminary", result == wanted.engine_result, || {
            format!("step {step}: {result} for {}: {}", wanted.engine_result, sent.tx_json)
        });
        self.score.count("answer", got.as_ref() == Some(wanted), || {
            format!("step {step}: {got:?} for {wanted:?}: {}", sent.tx_json)
        });
        self.sent.insert(&sent.hash, (sent, step));
        Ok(())
    }

    /// The bytes of the step's last transaction once more, after its ledger closed.
    fn send_again(&mut self, step: &'d Step) -> Result<(), RecordingError> {
        let (Some(wanted), Some(sent)) = (&step.resubmitted_same_blob, step.txs.last()) else {
            return Ok(());
        };
        let blob = ledger::hex::decode(&sent.tx_blob).unwrap_or_default();
        let got = self.world.submit(&blob).ok().map(|answer| Again {
            engine_result: answer.engine_result.to_string(),
            accepted: answer.accepted,
            applied: answer.applied,
        });
        self.score.count("sent again", got.as_ref() == Some(wanted), || {
            format!("step {}: {got:?} for {wanted:?}", step.n)
        });
        Ok(())
    }

    fn close(&mut self, step: &'d Step) -> Result<(), RecordingError> {
        let (n, wanted) = (step.n, &step.ledger);
        let closed = self.world.close_at(LedgerTime(wanted.close_time));
        let got = &closed.header;
        let hash = read::<Hash256>("ledger_hash", &wanted.ledger_hash)?;
        let state_hash = read::<Hash256>("account_hash", &wanted.account_hash)?;
        self.score.count("state hash", state_hash == got.account_hash, || {
            format!("step {n}: {}", got.account_hash)
        });
        self.score.count("ledger hash", hash == got.ledger_hash, || format!("step {n}: {}", got.ledger_hash));
        // One difference must not make every later ledger differ.
        self.world.adopt_ledger_hash(hash);
        let is_same = wanted.ledger_index == got.ledger_index.0
            && wanted.close_time == got.close_time.0
            && wanted.parent_close_time == got.parent_close_time.0
            && wanted.close_time_resolution == got.close_time_resolution
            && wanted.close_flags == got.close_flags
            && wanted.parent_hash == got.parent_hash.to_string()
            && wanted.transaction_hash == got.transaction_hash.to_string()
            && wanted.total_coins == got.total_coins.to_string();
        self.score.count("header", is_same, || format!("step {n}: {got:?}"));
        let order: Vec<String> = closed.transactions.iter().map(|tx| tx.hash.to_string()).collect();
        self.score.count("order", wanted.tx_order == order, || {
            format!("step {n}: {order:?} for {:?}", wanted.tx_order)
        });
        shape::compare_carried(&mut self.score, step, &order);
        for tx in &closed.transactions {
            self.applied.insert(tx.hash.to_string());
            if let Some((sent, n)) = self.sent.get(tx.hash.to_string().as_str()) {
                transaction::compare(&mut self.score, sent, *n, tx, wanted.ledger_index);
            }
        }
        Ok(())
    }
}

fn world(document: &Document, start: LedgerTime) -> Result<World, RecordingError> {
    let server = &document.server;
    let drops = |what: &'static str, value: &Value| read::<Drops>(what, value.to_string().trim_matches('"'));
    let spec = WorldSpec {
        seed: 0,
        market: MarketSpec::None,
        network_id: server.network_id,
        start,
        ledger_interval_seconds: 4,
        fees: Fees {
            base_fee: drops("base_fee_drops", &server.base_fee_drops)?,
            reserve_base: drops("reserve_base_drops", &server.reserve_base_drops)?,
            reserve_increment: drops("reserve_inc_drops", &server.reserve_inc_drops)?,
        },
        start_price: read::<Price>("price", "1")?,
        wallet_funds: Drops::ZERO,
        warm_up_ledgers: 0,
    };
    let mut amendments: Vec<Hash256> =
        server.amendments.iter().map(|name| sha512_half(&[name.as_bytes()])).collect();
    amendments.sort_unstable();
    World::bare_with(spec, amendments, settings::of(document))
        .map_err(|error| RecordingError::Value { what: "server", text: error.to_string() })
}

/// A value of the recording as what it means.
fn read<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, RecordingError> {
    text.parse().map_err(|_| RecordingError::Value { what, text: ledger::text::printable(text, 80) })
}
