//! An engine at work on a world.

use super::world::World;
use super::*;

/// An engine at work on a world: every input journalled, every record kept.
pub struct Rig {
    pub world: World,
    pub engine: Engine,
    pub records: Vec<Record>,
    pub journal: Vec<Input>,
    /// The answer to each input of the journal.
    pub steps: Vec<Step>,
    pub digest: Hash256,
    pub answers_truth: bool,
}

impl Rig {
    pub fn new() -> Rig {
        Rig::with(no_pool(), World::new())
    }

    pub fn with(config: Config, world: World) -> Rig {
        let digest = journal::genesis(&config, &identity()).unwrap();
        let engine = Engine::new(config, identity());
        Rig { world, engine, records: vec![], journal: vec![], steps: vec![], digest, answers_truth: true }
    }

    pub fn started() -> Rig {
        let mut rig = Rig::new();
        let start = rig.world.start(None, None);
        rig.feed(start);
        rig
    }

    /// Gives an input, performs the effects, and gives what they bring until nothing is left to do.
    pub fn feed(&mut self, input: Input) -> Step {
        let bytes = journal::encode_input(&input).unwrap();
        assert_eq!(journal::decode_input(&bytes).as_ref(), Ok(&input), "an input survives the journal");
        let mut twin = twin(&self.engine);
        let step = self.engine.step(&input);
        is_as_of_a_checkpoint(&mut twin, &input, &step, &self.engine);
        self.digest = journal::link(&self.digest, &bytes, &step).unwrap();
        self.journal.push(input);
        self.steps.push(step.clone());
        self.ends_are_told(&step);
        self.records.extend(step.records.iter().cloned());
        let mut signed = vec![];
        for effect in &step.effects {
            match effect {
                Effect::Submit(intent) => {
                    let blob = intent.transaction(&identity()).to_object().to_bytes().unwrap();
                    let one = SignedIntent { intent_id: intent.intent_id, hash: tx_hash(&blob), blob };
                    self.world.queue.push((intent.clone(), one.clone()));
                    signed.push(one);
                }
                Effect::ReadTruth { .. } | Effect::RequestBackfill { .. } => {}
                Effect::StartRefused { .. } | Effect::SessionEnded => {}
            }
        }
        if !signed.is_empty() {
            self.feed(Input::Signed(signed));
        }
        for effect in &step.effects {
            if let Effect::ReadTruth { reason } = effect
                && self.answers_truth
            {
                let truth = self.world.truth(*reason);
                self.feed(Input::Truth(Box::new(truth)));
            }
        }
        step
    }

    /// Every order that ends has its ending in the same step, of a transaction of the ledger that the row names.
    fn ends_are_told(&self, step: &Step) {
        for record in &step.records {
            if let Record::OrderUpsert(order) = record
                && order.status.is_final()
            {
                let told = step.records.iter().filter(
                    |r| matches!(r, Record::OfferEnding(row) if row.order_id == order.order_id && row.at == order.updated_at),
                );
                assert_eq!(told.count(), 1, "{} of {}", order.status, order.order_id);
            }
        }
    }

    /// How offers ended, by number: ending, what took the rest, and whether a transaction and a node prove it.
    pub fn endings(&self) -> BTreeMap<u32, (&'static str, Option<&'static str>, bool, bool)> {
        let rows = self.records.iter().filter_map(|r| match r {
            Record::OfferEnding(row) => Some((
                row.offer_sequence,
                (
                    row.ending.as_str(),
                    row.removal.map(engine::Ending::as_str),
                    row.tx_hash.is_some(),
                    row.node.is_some(),
                ),
            )),
            _ => None,
        });
        rows.collect()
    }

    /// One ledger in which everything submitted is validated.
    pub fn tick(&mut self) -> Step {
        self.world.validate_all();
        let ledger = self.world.close();
        self.feed(ledger)
    }

    /// Number of our offer on a side.
    pub fn offer(&self, side: Side) -> u32 {
        let found: Vec<_> =
            self.world.offers.iter().filter(|(_, o)| o.side == side).map(|(s, _)| *s).collect();
        assert_eq!(found.len(), 1, "one offer on side {side}");
        found[0]
    }

    pub fn orders(&self) -> BTreeMap<u32, engine::OrderRow> {
        let rows = self.records.iter().filter_map(|r| match r {
            Record::OrderUpsert(row) => Some((row.offer_sequence, (**row).clone())),
            _ => None,
        });
        rows.collect()
    }

    pub fn fills(&self) -> Vec<engine::FillRow> {
        self.records
            .iter()
            .filter_map(|r| if let Record::Fill(row) = r { Some((**row).clone()) } else { None })
            .collect()
    }

    pub fn closed(&self) -> Option<engine::SessionClosedRow> {
        self.records
            .iter()
            .rev()
            .find_map(|r| if let Record::SessionClosed(row) = r { Some((**row).clone()) } else { None })
    }

    /// Stops and goes on until the session is closed.
    pub fn stop(&mut self) -> engine::SessionClosedRow {
        self.feed(Input::Stop(engine::StopInput {
            reason: engine::HaltReason::OperatorStop,
            detail: "test".to_owned(),
            verify: true,
        }));
        self.run_out()
    }

    /// So many ledgers; the closing row if it closed.
    pub fn run_out_of(&mut self, ledgers: u32) -> Option<engine::SessionClosedRow> {
        for _ in 0..ledgers {
            self.tick();
        }
        self.closed()
    }

    pub fn run_out(&mut self) -> engine::SessionClosedRow {
        for _ in 0..12 {
            if self.engine.is_closed() {
                break;
            }
            self.tick();
        }
        self.closed().expect("the session closes")
    }

    /// The independent proof: all movements of the wallet add up to the ledger's balances.
    pub fn audit(&self) {
        let mut sums = BTreeMap::new();
        for record in &self.records {
            if let Record::Movement(row) = record {
                let sum = sums.entry(row.asset).or_insert_with(Exact::zero);
                *sum = &*sum + &row.wallet_change();
                assert!(!row.amount.is_negative() && !row.amount.is_zero());
                assert!((row.debit == engine::Account::Wallet) != (row.credit == engine::Account::Wallet));
            }
        }
        let sum = |asset| sums.get(&asset).cloned().unwrap_or_default();
        assert_eq!(sum(engine::Asset::Xrp), Exact::from_drops(self.world.xrp), "every drop");
        assert_eq!(sum(engine::Asset::Rlusd), Exact::from(self.world.rlusd), "every digit of RLUSD");
    }
}

/// The engine made again of its own checkpoint: the same in every field, also in one that no decision has used yet.
pub fn twin(engine: &Engine) -> Engine {
    let bytes = engine.checkpoint().unwrap();
    let twin = Engine::from_checkpoint(&bytes, engine.config().clone(), engine.identity()).unwrap();
    let (made, known) = (format!("{twin:?}"), format!("{engine:?}"));
    // The first that differs, not all that an engine knows.
    let first = made.split(", ").zip(known.split(", ")).find(|(made, known)| made != known);
    assert_eq!((first, made.len()), (None, known.len()));
    twin
}

/// An engine made of a checkpoint answers as the one does that it was made of, and knows the same afterwards.
fn is_as_of_a_checkpoint(twin: &mut Engine, input: &Input, step: &Step, engine: &Engine) {
    let encoded = |step: &Step| journal::encode_step(step, Vec::new()).unwrap();
    let answer = twin.step(input);
    assert_eq!(encoded(&answer), encoded(step), "of a checkpoint: {}", answer.decision);
    assert_eq!(answer.logs, step.logs);
    assert_eq!(twin.checkpoint().unwrap(), engine.checkpoint().unwrap());
}
