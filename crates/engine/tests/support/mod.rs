//! A ledger of one wallet, for tests: just enough to validate what the engine submits and to let others trade with
//! it. It keeps its own books and writes metadata in the published shape; it shares no decision with the engine.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test helper: a wrong value is a failed test")]

use engine::{
    AccountFacts, BackfillInput, BookChange, BookOffer, BookSnapshot, CarriedBooks, Config, Effect, Engine,
    Identity, Input, Intent, IntentBody, LedgerHeader, LedgerInput, Legs, OwnLedger, OwnOffer, OwnTx, Record,
    Side, SignedIntent, SnapshotOffer, StartInput, Step, TruthRead, TruthSource, journal,
};
use ledger::hash::sha512_half;
use ledger::{
    AccountId, AffectedNode, Amount, Currency, EntryType, Hash256, NodeAction, Object, ResultCode, TxMeta,
    TxType, fields as f, tx_hash,
};
use std::collections::BTreeMap;
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime, Rounding};

pub const US: AccountId = AccountId([7; 20]);
pub const ISSUER: AccountId = AccountId([9; 20]);
pub const OTHER: AccountId = AccountId([5; 20]);

pub fn identity() -> Identity {
    Identity {
        network_id: 61337,
        account: US,
        quote_currency: Currency::RLUSD,
        quote_issuer: ISSUER,
    }
}

pub fn value(text: &str) -> IssuedValue {
    text.parse().unwrap()
}

pub fn drops(n: i64) -> Drops {
    Drops::new(n).unwrap()
}

#[derive(Debug, Clone)]
pub struct Offer {
    pub side: Side,
    pub legs: Legs,
    pub expiration: u32,
}

/// The ledger, and a queue of what was submitted.
#[derive(Debug, Clone)]
pub struct World {
    pub index: u32,
    pub close_time: u32,
    pub xrp: Drops,
    pub rlusd: IssuedValue,
    pub sequence: u32,
    pub offers: BTreeMap<u32, Offer>,
    pub last_txn: Hash256,
    pub queue: Vec<(Intent, SignedIntent)>,
    /// Best bid and ask of others.
    pub touch: (String, String),
    /// Own transactions of the ledger being made.
    pub own: Vec<OwnTx>,
    pub book: Vec<BookChange>,
    /// Own transactions of all ledgers.
    pub history: Vec<OwnLedger>,
    counter: u32,
    last_touch: Option<(String, String)>,
}

impl World {
    pub fn new() -> World {
        World {
            index: 100,
            close_time: 800_000_000,
            xrp: Drops::from_xrp(60),
            rlusd: value("85.2"),
            sequence: 1000,
            offers: BTreeMap::new(),
            last_txn: Hash256([1; 32]),
            queue: vec![],
            touch: ("1.4190".to_owned(), "1.4210".to_owned()),
            own: vec![],
            book: vec![],
            history: vec![],
            counter: 0,
            last_touch: None,
        }
    }

    pub fn header(&self) -> LedgerHeader {
        LedgerHeader {
            index: LedgerIndex(self.index),
            hash: Hash256(sha512_half(&[&self.index.to_be_bytes()]).0),
            close_time: LedgerTime(self.close_time),
            reserve_base_drops: Drops::from_xrp(1),
            reserve_inc_drops: drops(200_000),
            fee_base_drops: drops(10),
        }
    }

    fn other(&self, side: Side) -> BookOffer {
        let text = if side == Side::Buy {
            &self.touch.0
        } else {
            &self.touch.1
        };
        let price: units::Price = text.parse().unwrap();
        let base = Drops::from_xrp(500);
        BookOffer {
            id: Hash256([side as u8 + 40; 32]),
            owner: OTHER,
            sequence: 1 + side as u32,
            side,
            legs: Legs {
                quote: price.value_of(base, Rounding::HalfEven).unwrap(),
                base,
            },
            quality: None,
            expiration: None,
        }
    }

    fn book_offer(&self, sequence: u32, offer: &Offer) -> BookOffer {
        BookOffer {
            id: offer_id(sequence),
            owner: US,
            sequence,
            side: offer.side,
            legs: offer.legs,
            quality: None,
            expiration: Some(LedgerTime(offer.expiration)),
        }
    }

    pub fn truth(&self, source: TruthSource) -> TruthRead {
        let line = |offer| SnapshotOffer {
            offer,
            owner_rlusd: None,
            owner_xrp: None,
        };
        let mut book = BookSnapshot::default();
        for side in Side::BOTH {
            let own = self
                .offers
                .iter()
                .filter(|(_, o)| o.side == side)
                .map(|(s, o)| self.book_offer(*s, o));
            let lines = own.chain([self.other(side)]).map(line);
            match side {
                Side::Buy => book.bids.extend(lines),
                Side::Sell => book.asks.extend(lines),
            }
        }
        TruthRead {
            index: LedgerIndex(self.index),
            hash: self.header().hash,
            close_time: LedgerTime(self.close_time),
            account: AccountFacts {
                sequence: self.sequence,
                owner_count: 1 + self.offers.len() as u32,
                xrp: self.xrp,
                rlusd: self.rlusd,
                previous_txn_id: Some(self.last_txn),
                frozen: false,
            },
            offers: self
                .offers
                .iter()
                .map(|(sequence, o)| OwnOffer {
                    sequence: *sequence,
                    side: o.side,
                    legs: o.legs,
                    expiration: Some(LedgerTime(o.expiration)),
                })
                .collect(),
            book,
            source,
        }
    }

    pub fn start(&self, carried: Option<CarriedBooks>, duration: Option<u32>) -> Input {
        let since = carried.as_ref().map_or(u32::MAX, |c| c.at.get());
        Input::Start(Box::new(StartInput {
            header: self.header(),
            truth: self.truth(TruthSource::Start),
            carried,
            missed: self
                .history
                .iter()
                .filter(|l| l.index.get() > since)
                .cloned()
                .collect(),
            accept_divergence: false,
            duration_seconds: duration,
        }))
    }

    pub fn backfill(&self, from: LedgerIndex) -> BackfillInput {
        BackfillInput {
            from,
            header: self.header(),
            complete: true,
            ledgers: self.history.iter().filter(|l| l.index >= from).cloned().collect(),
            truth: self.truth(TruthSource::Backfill),
        }
    }

    // --- transactions -------------------------------------------------------------------------------------------

    /// Moves the balances as the ledger does and writes the node pair.
    fn balance_nodes(
        &mut self,
        xrp: Drops,
        rlusd: IssuedValue,
        uses_sequence: bool,
        nodes: &mut Vec<AffectedNode>,
        hash: Hash256,
    ) {
        let old_xrp = self.xrp;
        self.xrp = self.xrp.checked_add(xrp).unwrap();
        self.sequence += u32::from(uses_sequence);
        let mut previous = Object::new();
        if self.xrp != old_xrp {
            previous.insert(f::BALANCE, Amount::Xrp(old_xrp));
        }
        nodes.push(AffectedNode {
            action: NodeAction::Modified,
            entry_type: EntryType::ACCOUNT_ROOT,
            index: Hash256([2; 32]),
            fields: Some(
                Object::new()
                    .with(f::ACCOUNT, US)
                    .with(f::BALANCE, Amount::Xrp(self.xrp))
                    .with(f::SEQUENCE, self.sequence)
                    .with(f::OWNER_COUNT, 1 + self.offers.len() as u32)
                    .with(f::FLAGS, 0_u32),
            ),
            previous: Some(previous),
            previous_txn_id: Some(self.last_txn),
            previous_txn_lgr_seq: Some(self.index),
        });
        self.last_txn = hash;
        if !rlusd.is_zero() {
            let old = self.rlusd;
            self.rlusd = self.rlusd.checked_add(rlusd).unwrap();
            let amount = |value, issuer| Amount::Issued {
                value,
                currency: Currency::RLUSD,
                issuer,
            };
            // We are the low account: our id is the smaller one.
            nodes.push(AffectedNode {
                action: NodeAction::Modified,
                entry_type: EntryType::RIPPLE_STATE,
                index: Hash256([3; 32]),
                fields: Some(
                    Object::new()
                        .with(f::BALANCE, amount(self.rlusd, AccountId::ONE))
                        .with(f::LOW_LIMIT, amount(value("1000000"), US))
                        .with(f::HIGH_LIMIT, amount(IssuedValue::ZERO, ISSUER))
                        .with(f::FLAGS, 65536_u32),
                ),
                previous: Some(Object::new().with(f::BALANCE, amount(old, AccountId::ONE))),
                previous_txn_id: None,
                previous_txn_lgr_seq: None,
            });
        }
    }

    fn offer_node(action: NodeAction, sequence: u32, offer: &Offer, before: Option<Legs>) -> AffectedNode {
        let amounts = |legs: Legs| {
            let rlusd = Amount::Issued {
                value: legs.quote,
                currency: Currency::RLUSD,
                issuer: ISSUER,
            };
            match offer.side {
                Side::Buy => (rlusd, Amount::Xrp(legs.base)),
                Side::Sell => (Amount::Xrp(legs.base), rlusd),
            }
        };
        let (gets, pays) = amounts(offer.legs);
        let fields = Object::new()
            .with(f::ACCOUNT, US)
            .with(f::SEQUENCE, sequence)
            .with(f::TAKER_GETS, gets)
            .with(f::TAKER_PAYS, pays)
            .with(f::EXPIRATION, offer.expiration);
        let previous = before.map(|legs| {
            let (gets, pays) = amounts(legs);
            Object::new().with(f::TAKER_GETS, gets).with(f::TAKER_PAYS, pays)
        });
        AffectedNode {
            action,
            entry_type: EntryType::OFFER,
            index: offer_id(sequence),
            fields: Some(fields),
            previous,
            previous_txn_id: None,
            previous_txn_lgr_seq: None,
        }
    }

    fn push(&mut self, blob: Vec<u8>, hash: Hash256, result: ResultCode, nodes: Vec<AffectedNode>) {
        let meta = TxMeta {
            result,
            index: self.own.len() as u32,
            nodes,
            delivered_amount: None,
            other: Object::new(),
        };
        self.own.push(OwnTx {
            hash,
            index: meta.index,
            tx_blob: blob,
            meta_blob: meta.to_bytes().unwrap(),
        });
    }

    /// A transaction of somebody else, with a fresh hash.
    fn stranger(&mut self, tx_type: TxType, account: AccountId) -> (Object, Hash256, Vec<u8>) {
        self.counter += 1;
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, tx_type)
            .with(f::ACCOUNT, account)
            .with(f::SEQUENCE, self.counter)
            .with(f::FEE, Amount::Xrp(drops(10)));
        let blob = tx.to_bytes().unwrap();
        (tx, tx_hash(&blob), blob)
    }

    /// Somebody takes so many drops of an offer of ours; more than it has takes all of it. `false`: it is not there.
    pub fn take(&mut self, sequence: u32, base: i64) -> bool {
        let Some(offer) = self.offers.get(&sequence).cloned() else {
            return false;
        };
        let base = drops(base.clamp(1, offer.legs.base.get()));
        let whole = base == offer.legs.base;
        let quote = if whole {
            offer.legs.quote
        } else {
            let exact = &Exact::from(offer.legs.quote) * &Exact::new(base.get().into(), 0);
            let share = exact
                .divide(&Exact::new(offer.legs.base.get().into(), 0), 18, Rounding::Down)
                .unwrap();
            share.to_issued(Rounding::HalfEven).unwrap()
        };
        let left = Legs {
            quote: if whole {
                IssuedValue::ZERO
            } else {
                offer.legs.quote.checked_sub(quote).unwrap()
            },
            base: offer.legs.base.checked_sub(base).unwrap(),
        };
        let after = Offer {
            legs: left,
            ..offer.clone()
        };
        let (_, hash, blob) = self.stranger(TxType::OFFER_CREATE, OTHER);
        let action = if whole {
            NodeAction::Deleted
        } else {
            NodeAction::Modified
        };
        let mut nodes = vec![Self::offer_node(action, sequence, &after, Some(offer.legs))];
        if whole {
            self.offers.remove(&sequence);
            self.book.push(BookChange::Deleted {
                id: offer_id(sequence),
            });
        } else {
            self.offers.insert(sequence, after.clone());
            self.book
                .push(BookChange::Modified(self.book_offer(sequence, &after)));
        }
        let (xrp, rlusd) = match offer.side {
            Side::Buy => (base, quote.negate()),
            Side::Sell => (base.negate(), quote),
        };
        self.balance_nodes(xrp, rlusd, false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
        true
    }

    /// A stranger's transaction sweeps an offer of ours away without trade (expired or unfunded).
    pub fn sweep(&mut self, sequence: u32) {
        let offer = self.offers.remove(&sequence).unwrap();
        let (_, hash, blob) = self.stranger(TxType::OFFER_CREATE, OTHER);
        let mut nodes = vec![Self::offer_node(NodeAction::Deleted, sequence, &offer, None)];
        self.book.push(BookChange::Deleted {
            id: offer_id(sequence),
        });
        self.balance_nodes(Drops::ZERO, IssuedValue::ZERO, false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// Somebody pays us.
    pub fn pay_us(&mut self, xrp: i64, rlusd: &str) {
        let (tx, _, _) = self.stranger(TxType::PAYMENT, OTHER);
        let tx = tx
            .with(f::DESTINATION, US)
            .with(f::AMOUNT, Amount::Xrp(drops(xrp)));
        let blob = tx.to_bytes().unwrap();
        let hash = tx_hash(&blob);
        let mut nodes = vec![];
        self.balance_nodes(drops(xrp), value(rlusd), false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// Our key pays somebody, elsewhere.
    pub fn foreign_payment(&mut self, xrp: i64) {
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, TxType::PAYMENT)
            .with(f::ACCOUNT, US)
            .with(f::SEQUENCE, self.sequence)
            .with(f::DESTINATION, OTHER)
            .with(f::AMOUNT, Amount::Xrp(drops(xrp)))
            .with(f::FEE, Amount::Xrp(drops(10)));
        let blob = tx.to_bytes().unwrap();
        let hash = tx_hash(&blob);
        let mut nodes = vec![];
        self.balance_nodes(drops(-xrp - 10), IssuedValue::ZERO, true, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// A balance changes and no rule says why.
    pub fn mystery(&mut self, xrp: i64, rlusd: &str) {
        let (_, hash, blob) = self.stranger(TxType::ACCOUNT_SET, OTHER);
        let mut nodes = vec![];
        self.balance_nodes(drops(xrp), value(rlusd), false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// Validates one submission now, if its turn has come.
    pub fn validate(&mut self, at: usize) {
        let (intent, signed) = self.queue.remove(at);
        self.validate_as(&intent, &signed, ResultCode::TES_SUCCESS);
    }

    pub fn validate_as(&mut self, intent: &Intent, signed: &SignedIntent, result: ResultCode) {
        assert_eq!(intent.sequence, self.sequence, "a sequence out of turn");
        assert!(
            intent.last_ledger_sequence.get() > self.index,
            "validated after its last ledger"
        );
        let mut nodes = vec![];
        if result.is_success() {
            match &intent.body {
                IntentBody::Offer {
                    side,
                    legs,
                    expiration,
                    replaces,
                    ..
                } => {
                    self.remove(*replaces, &mut nodes);
                    let offer = Offer {
                        side: *side,
                        legs: *legs,
                        expiration: expiration.get(),
                    };
                    nodes.push(Self::offer_node(
                        NodeAction::Created,
                        intent.sequence,
                        &offer,
                        None,
                    ));
                    self.book
                        .push(BookChange::Created(self.book_offer(intent.sequence, &offer)));
                    self.offers.insert(intent.sequence, offer);
                }
                IntentBody::Cancel { offer_sequence, .. } => self.remove(Some(*offer_sequence), &mut nodes),
            }
        }
        self.balance_nodes(
            intent.fee_drops.negate(),
            IssuedValue::ZERO,
            true,
            &mut nodes,
            signed.hash,
        );
        self.push(signed.blob.clone(), signed.hash, result, nodes);
    }

    fn remove(&mut self, sequence: Option<u32>, nodes: &mut Vec<AffectedNode>) {
        if let Some(sequence) = sequence
            && let Some(offer) = self.offers.remove(&sequence)
        {
            nodes.push(Self::offer_node(NodeAction::Deleted, sequence, &offer, None));
            self.book.push(BookChange::Deleted {
                id: offer_id(sequence),
            });
        }
    }

    /// Validates everything whose turn has come; forgets what is too late.
    pub fn validate_all(&mut self) {
        let index = self.index;
        self.queue
            .retain(|(intent, _)| intent.last_ledger_sequence.get() > index);
        while let Some(at) = self
            .queue
            .iter()
            .position(|(intent, _)| intent.sequence == self.sequence)
        {
            self.validate(at);
        }
    }

    /// Closes the ledger and gives it as an input.
    pub fn close(&mut self) -> Input {
        self.close_after(4)
    }

    pub fn close_after(&mut self, seconds: u32) -> Input {
        self.index += 1;
        self.close_time += seconds;
        if self.last_touch.as_ref() != Some(&self.touch) {
            self.book
                .extend(Side::BOTH.map(|side| BookChange::Created(self.other(side))));
            self.last_touch = Some(self.touch.clone());
        }
        let own = std::mem::take(&mut self.own);
        if !own.is_empty() {
            let (index, close_time) = (LedgerIndex(self.index), LedgerTime(self.close_time));
            self.history.push(OwnLedger {
                index,
                close_time,
                own: own.clone(),
            });
        }
        Input::Ledger(Box::new(LedgerInput {
            header: self.header(),
            complete: true,
            book: std::mem::take(&mut self.book),
            owner_funds: vec![],
            own,
        }))
    }
}

fn offer_id(sequence: u32) -> Hash256 {
    sha512_half(&[b"offer", &sequence.to_be_bytes()])
}

/// An engine at work on a world: every input journalled, every record kept.
pub struct Rig {
    pub world: World,
    pub engine: Engine,
    pub records: Vec<Record>,
    pub journal: Vec<Input>,
    pub digest: Hash256,
    pub answers_truth: bool,
}

impl Rig {
    pub fn new() -> Rig {
        Rig::with(Config::default(), World::new())
    }

    pub fn with(config: Config, world: World) -> Rig {
        let digest = journal::genesis(&config, &identity()).unwrap();
        let engine = Engine::new(config, identity());
        Rig {
            world,
            engine,
            records: vec![],
            journal: vec![],
            digest,
            answers_truth: true,
        }
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
        assert_eq!(
            journal::decode_input(&bytes).as_ref(),
            Ok(&input),
            "an input survives the journal"
        );
        let step = self.engine.step(&input);
        self.digest = journal::link(&self.digest, &bytes, &step).unwrap();
        self.journal.push(input);
        self.records.extend(step.records.iter().cloned());
        let mut signed = vec![];
        for effect in &step.effects {
            match effect {
                Effect::Submit(intent) => {
                    let blob = intent.transaction(&identity()).to_object().to_bytes().unwrap();
                    let one = SignedIntent {
                        intent_id: intent.intent_id,
                        hash: tx_hash(&blob),
                        blob,
                    };
                    self.world.queue.push((intent.clone(), one.clone()));
                    signed.push(one);
                }
                Effect::ReadTruth { .. } | Effect::RequestBackfill { .. } => {}
                Effect::LookupTx { .. } | Effect::StartRefused { .. } | Effect::SessionEnded => {}
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

    /// One ledger in which everything submitted is validated.
    pub fn tick(&mut self) -> Step {
        self.world.validate_all();
        let ledger = self.world.close();
        self.feed(ledger)
    }

    /// Number of our offer on a side.
    pub fn offer(&self, side: Side) -> u32 {
        let found: Vec<_> = self
            .world
            .offers
            .iter()
            .filter(|(_, o)| o.side == side)
            .map(|(s, _)| *s)
            .collect();
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
            .filter_map(|r| {
                if let Record::Fill(row) = r {
                    Some((**row).clone())
                } else {
                    None
                }
            })
            .collect()
    }

    pub fn closed(&self) -> Option<engine::SessionClosedRow> {
        self.records.iter().rev().find_map(|r| {
            if let Record::SessionClosed(row) = r {
                Some((**row).clone())
            } else {
                None
            }
        })
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
        assert_eq!(
            sum(engine::Asset::Xrp),
            Exact::from_drops(self.world.xrp),
            "every drop"
        );
        assert_eq!(
            sum(engine::Asset::Rlusd),
            Exact::from(self.world.rlusd),
            "every digit of RLUSD"
        );
    }
}
