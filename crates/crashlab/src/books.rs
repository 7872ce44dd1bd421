//! A market maker's session made up from a seed: ledgers with orders, fills, movements, snapshots, submissions and
//! anomalies that agree with each other. The store does not care whether an engine decided them; what it keeps of them
//! can be added up.

use engine::{
    Account, AnomalyRow, Asset, CarriedBooks, Cause, CircuitBreakerRow, Config, Decision, Effect, Figures,
    FillRow, HaltReason, Input, InventoryRow, Legs, Liquidity, Mode, MovementRow, OrderId, OrderRow,
    OrderStatus, Purpose, Record, SessionClosedRow, SessionOpenedRow, Side, Step, StopInput, SubmissionRow,
    SubmissionVerdict, ValuationRow,
};
use ledger::{AccountId, Currency, Hash256, SeqProxy};
use store::{Identity, SessionStart};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime, Price};

use crate::seed::Chance;

/// The state that says what all movements of XRP add up to, in XRP: written with every ledger.
pub const POSITION: &str = "position_xrp";

/// Whose database it is.
#[must_use]
pub fn identity() -> Identity {
    Identity {
        network: "paper".to_owned(),
        network_id: 61337,
        account: AccountId([7; 20]),
        currency: Currency::RLUSD,
        issuer: AccountId([9; 20]),
    }
}

/// What is known while a session is made up.
#[derive(Debug)]
pub struct Books {
    chance: Chance,
    ledger: u32,
    sequence: u32,
    intent: u64,
    inputs: u32,
    drops: i64,
    /// Bytes that every ledger's step carries on top.
    ballast: usize,
}

impl Books {
    /// Books with 60 XRP, at some ledger. Each step is made larger by `ballast` bytes.
    #[must_use]
    pub fn new(chance: Chance, ballast: usize) -> Books {
        Books { chance, ledger: 100, sequence: 1, intent: 0, inputs: 0, drops: 60_000_000, ballast }
    }

    /// What a session begins with.
    #[must_use]
    pub fn begin(&mut self) -> (SessionStart, Vec<(Input, Step)>) {
        let config = Config::default();
        let genesis = engine::journal::genesis(&config, &identity().to_engine()).unwrap_or(Hash256::ZERO);
        let start = SessionStart {
            world_id: "world-1".to_owned(),
            config_text: config.canonical_text(),
            genesis,
            parent_session_id: None,
        };
        self.intent = 0;
        let opened = SessionOpenedRow {
            at: self.now(),
            ledger_index: LedgerIndex(self.ledger),
            network_id: 61337,
            account: AccountId([7; 20]),
            config_hash: config.hash(),
            starting_xrp: self.xrp(),
            starting_rlusd: Exact::zero(),
            starting_value: None,
        };
        let mut records = vec![Record::SessionOpened(opened)];
        if self.ledger == 100 {
            records.push(self.movement(Cause::Genesis, 60_000_000, None, None));
        }
        records.extend([self.position(), self.cursor()]);
        (start, vec![self.step(records)])
    }

    /// A ledger.
    #[must_use]
    pub fn ledger(&mut self) -> (Input, Step) {
        self.ledger += 1;
        let mut records = self.order();
        if self.chance.once_in(2) {
            records.extend(self.fill());
        }
        if self.chance.once_in(6) {
            records.extend([self.anomaly("searching")]);
        }
        if self.chance.once_in(8) {
            records.push(self.breaker());
        }
        records.push(Record::InventorySnapshot(InventoryRow {
            at: self.now(),
            ledger_index: LedgerIndex(self.ledger),
            xrp_balance: self.xrp(),
            rlusd_balance: Exact::zero(),
            xrp_value_in_rlusd: None,
            total_value_in_rlusd: None,
            xrp_pct: None,
            drift_pct: None,
            skew_tier: "flat".to_owned(),
            drift_velocity_pct_per_min: None,
        }));
        records.push(Record::ValuationSnapshot(ValuationRow {
            at: self.now(),
            ledger_index: LedgerIndex(self.ledger),
            total_value_rlusd: Exact::from_drops(self.xrp()),
            net_deposits_rlusd_cum: Exact::zero(),
        }));
        if self.ballast > 0 {
            let value = format!("{:016x}", self.chance.number()).repeat(self.ballast / 16);
            records.push(Record::State { key: format!("ballast {}", self.ledger), value });
        }
        records.extend([self.position(), self.cursor()]);
        self.step(records)
    }

    /// The end of the session.
    #[must_use]
    pub fn end(&mut self) -> (Input, Step) {
        let row = SessionClosedRow {
            at: self.now(),
            ledger_index: LedgerIndex(self.ledger),
            ending_xrp: self.xrp(),
            ending_rlusd: Exact::zero(),
            ending_value: None,
            halt_reason: HaltReason::OperatorStop,
            halt_detail: "asked".to_owned(),
            verified: true,
            unverified: Vec::new(),
            figures: Figures::default(),
            carried: CarriedBooks {
                at: LedgerIndex(self.ledger),
                xrp: self.xrp(),
                rlusd: Exact::zero(),
                account_txn_id: None,
                orders: Vec::new(),
                pending: Vec::new(),
                net_deposits_rlusd: Exact::zero(),
            },
        };
        let (_, step) = self.step(vec![Record::SessionClosed(Box::new(row))]);
        let stop = StopInput { reason: HaltReason::OperatorStop, detail: String::new(), verify: true };
        (Input::Stop(stop), step)
    }

    fn order(&mut self) -> Vec<Record> {
        self.sequence += 1;
        self.intent += 1;
        let hash = self.hash();
        let mut records = vec![
            Record::SubmissionIntent(SubmissionRow {
                intent_id: self.intent,
                purpose: Purpose::Place,
                at: self.now(),
                ledger_index: LedgerIndex(self.ledger),
                sequence: SeqProxy::Sequence(self.sequence),
                fee_drops: Drops::new(12).unwrap_or(Drops::ZERO),
                last_ledger_sequence: LedgerIndex(self.ledger + 4),
                order_id: Some(self.order_id()),
                ends_offer: None,
            }),
            Record::SubmissionSigned { intent_id: self.intent, hash, blob: self.blob() },
            self.order_row(OrderStatus::Open),
        ];
        if self.intent > 1 {
            records.push(Record::SubmissionOutcome {
                intent_id: Some(self.intent - 1),
                hash: None,
                verdict: SubmissionVerdict::ValidatedTes,
                result: Some("tesSUCCESS".to_owned()),
                ledger_index: LedgerIndex(self.ledger),
            });
        }
        records
    }

    fn fill(&mut self) -> Vec<Record> {
        let drops = 1_000_000 + i64::try_from(self.chance.below(4_000_000)).unwrap_or(0);
        let side = if self.chance.once_in(2) { Side::Buy } else { Side::Sell };
        let signed = if side == Side::Buy { drops } else { -drops };
        self.drops += signed;
        let tx_hash = self.hash();
        let row = FillRow {
            order_id: self.order_id(),
            side,
            tx_hash,
            ledger_index: LedgerIndex(self.ledger),
            executed_at: self.now(),
            price: price(),
            quantity_rlusd: Exact::from_drops(magnitude(drops)),
            quantity_xrp: magnitude(drops),
            mid_price_at_fill: None,
            realized_spread_bps: None,
            liquidity: Liquidity::Maker,
            of_earlier_session: false,
        };
        let order = Some(self.order_id());
        let status = self.order_row(OrderStatus::Filled);
        vec![Record::Fill(Box::new(row)), self.movement(Cause::Fill, signed, Some(tx_hash), order), status]
    }

    fn order_row(&mut self, status: OrderStatus) -> Record {
        let legs = Legs { quote: IssuedValue::from_int(15), base: magnitude(7_500_000) };
        Record::OrderUpsert(Box::new(OrderRow {
            order_id: self.order_id(),
            side: Side::Sell,
            price: price(),
            placed: legs,
            remaining: legs,
            status,
            offer_sequence: self.sequence,
            tx_hash: None,
            last_ledger_sequence: LedgerIndex(self.ledger + 4),
            replaces: None,
            cancel_tx_hash: None,
            cancel_reason: None,
            expiration: None,
            created_at: self.now(),
            updated_at: self.now(),
            closed_at: None,
        }))
    }

    fn movement(
        &self,
        cause: Cause,
        drops: i64,
        tx_hash: Option<Hash256>,
        order_id: Option<OrderId>,
    ) -> Record {
        let other = cause.counter_account();
        let (debit, credit) = if drops > 0 { (Account::Wallet, other) } else { (other, Account::Wallet) };
        let amount = Exact::from_drops(magnitude(drops));
        let (ledger_index, at) = (LedgerIndex(self.ledger), self.now());
        let asset = Asset::Xrp;
        Record::Movement(MovementRow {
            ledger_index,
            at,
            tx_hash,
            asset,
            amount,
            debit,
            credit,
            cause,
            order_id,
        })
    }

    fn position(&self) -> Record {
        Record::State { key: POSITION.to_owned(), value: self.xrp().to_xrp_string() }
    }

    fn cursor(&self) -> Record {
        Record::Cursor { ledger_index: LedgerIndex(self.ledger), close_time: self.now() }
    }

    fn anomaly(&self, action_taken: &str) -> Record {
        Record::Anomaly(AnomalyRow {
            detected_at: self.now(),
            order_id: Some(self.order_id()),
            side: Some(Side::Sell),
            quantity_rlusd: None,
            xrp_equivalent: None,
            age_seconds: Some(8),
            last_status: Some(OrderStatus::Open),
            offer_sequence: Some(self.sequence),
            cancel_tx_hash: None,
            action_taken: action_taken.to_owned(),
            mid_price: None,
        })
    }

    fn breaker(&self) -> Record {
        Record::CircuitBreakerEvent(CircuitBreakerRow {
            at: self.now(),
            ledger_index: LedgerIndex(self.ledger),
            source: "drift".to_owned(),
            from: Mode::Active,
            to: Mode::ReduceOnly,
            halt: None,
            detail: "made up".to_owned(),
        })
    }

    fn step(&mut self, records: Vec<Record>) -> (Input, Step) {
        let decision = Decision {
            ledger_index: LedgerIndex(self.ledger),
            close_time: self.now(),
            ..Decision::default()
        };
        self.inputs += 1;
        let input = Input::Stale { wall_seconds: self.inputs };
        (input, Step { records, decision, effects: vec![Effect::SessionEnded], ..Step::default() })
    }

    fn order_id(&self) -> OrderId {
        OrderId { ledger_index: 100, sequence: self.sequence }
    }

    fn now(&self) -> LedgerTime {
        LedgerTime(self.ledger * 4)
    }

    fn xrp(&self) -> Drops {
        Drops::new(self.drops).unwrap_or(Drops::ZERO)
    }

    fn hash(&mut self) -> Hash256 {
        let mut bytes = [0; 32];
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&self.chance.number().to_be_bytes());
        }
        Hash256(bytes)
    }

    fn blob(&mut self) -> Vec<u8> {
        (0..180).map(|_| u8::try_from(self.chance.below(256)).unwrap_or(0)).collect()
    }
}

fn magnitude(drops: i64) -> Drops {
    Drops::new(drops.abs()).unwrap_or(Drops::ZERO)
}

fn price() -> Price {
    Price::from_pico(2 * Price::PER_ONE).unwrap_or_else(|_| unreachable!("two is a price"))
}
