//! Laws of the queue under random submissions and closes: it never holds more than it may, no account's order is broken,
//! every drop of fee is accounted for, nothing is applied twice, and what was queued is applied, dropped for a reason, or
//! still queued.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod queue_stage;

use std::collections::{BTreeMap, BTreeSet};

use ledger::{AccountId, Amount, Hash256, Object, SeqProxy, fields as f, flags};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use queue_stage::{Draft, PAYMENT, TICKET_CREATE, keys, open_index, submit, world};
use sim::world::{At, ClosedLedger, QueueSettings, World};
use units::Drops;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const PER_ACCOUNT: usize = 3;
const TICKETS: u32 = 4;

fn settings() -> QueueSettings {
    QueueSettings {
        minimum_txn_in_ledger: 2,
        target_txn_in_ledger: 4,
        ledgers_in_queue: 2,
        minimum_queue_size: 5,
        maximum_txn_per_account: u32::try_from(PER_ACCOUNT).unwrap(),
        ..QueueSettings::standalone()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Submit { by: usize, ahead: i8, ticket: Option<u32>, fee: Fee, last: Option<u8>, kind: Kind },
    Close { is_slow: bool },
    Restore,
}

#[derive(Debug, Clone, Copy)]
enum Fee {
    Drops(u32),
    /// What the open ledger asks.
    Open,
    /// A good part of all there is.
    Much,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Nothing,
    Blocker,
    Tickets,
    Pay(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let fee = prop_oneof![
        6 => (8_u32..60).prop_map(Fee::Drops),
        2 => (60_u32..40_000).prop_map(Fee::Drops),
        2 => Just(Fee::Open),
        1 => Just(Fee::Much),
    ];
    let kind = prop_oneof![
        8 => Just(Kind::Nothing),
        1 => Just(Kind::Blocker),
        1 => Just(Kind::Tickets),
        2 => (0_u8..20).prop_map(Kind::Pay),
    ];
    let ticket = prop_oneof![4 => Just(None), 1 => (0..TICKETS + 2).prop_map(Some)];
    let last = prop_oneof![3 => Just(None), 1 => (0_u8..6).prop_map(Some)];
    let ahead = prop_oneof![5 => Just(0_i8), 4 => 1_i8..4, 1 => -1_i8..0];
    let submit = (0..NAMES.len(), ahead, ticket, fee, last, kind);
    prop_oneof![
        9 => submit.prop_map(|(by, ahead, ticket, fee, last, kind)| Step::Submit { by, ahead, ticket, fee, last, kind }),
        2 => prop::bool::weighted(0.2).prop_map(|is_slow| Step::Close { is_slow }),
        1 => Just(Step::Restore),
    ]
}

/// What is known of the world without asking it.
struct Watch {
    world: World,
    in_queue: BTreeSet<Hash256>,
    applied: BTreeSet<Hash256>,
    sequences: BTreeMap<AccountId, u32>,
    tickets_from: BTreeMap<AccountId, u32>,
    /// Drops there are.
    coins: i64,
    tag: u32,
}

impl Watch {
    fn new() -> Watch {
        let world = world(settings(), &NAMES, TICKETS);
        let accounts = NAMES.map(|name| keys(name).account());
        let sequences = accounts.map(|account| (account, world.sequence(At::Validated, account).unwrap()));
        let tickets_from = sequences.map(|(account, next)| (account, next - TICKETS));
        Watch {
            coins: world.header().total_coins.get(),
            world,
            in_queue: BTreeSet::new(),
            applied: BTreeSet::new(),
            sequences: sequences.into(),
            tickets_from: tickets_from.into(),
            tag: 0,
        }
    }

    fn draft(&mut self, step: &Step) -> Option<(&'static str, Draft)> {
        let Step::Submit { by, ahead, ticket, fee, last, kind } = step else { return None };
        let account = keys(NAMES[*by]).account();
        let next = self.world.sequence(At::Current, account).unwrap();
        let queued = u32::try_from(self.world.queued_of(account).len()).unwrap();
        let number = match ticket {
            Some(ticket) => SeqProxy::Ticket(self.tickets_from[&account] + ticket),
            // At the account's next number, or behind what waits.
            None if *ahead > 1 => SeqProxy::Sequence(next + queued + u32::try_from(*ahead - 2).unwrap()),
            None => SeqProxy::Sequence(next.saturating_add_signed(i32::from(*ahead))),
        };
        let fee = match fee {
            Fee::Drops(drops) => i64::from(*drops),
            Fee::Open => self.world.fee_report().open_ledger_fee().get(),
            Fee::Much => 6_000_000,
        };
        self.tag += 1;
        let mut draft = Draft::new(number, fee);
        draft.last_ledger = last.map(|ahead| open_index(&self.world) + u32::from(ahead));
        draft.body = Object::new().with(f::SOURCE_TAG, self.tag);
        match kind {
            Kind::Nothing => {}
            Kind::Blocker => draft.body.insert_some(f::SET_FLAG, Some(flags::ASF_REQUIRE_AUTH)),
            Kind::Tickets => {
                draft.kind = TICKET_CREATE;
                draft.body.insert_some(f::TICKET_COUNT, Some(2_u32));
            }
            Kind::Pay(xrp) => {
                draft.kind = PAYMENT;
                let to = keys(NAMES[(*by + 1) % NAMES.len()]).account();
                let amount = Amount::Xrp(Drops::from_xrp(u32::from(*xrp) + 1));
                draft.body = draft.body.clone().with(f::DESTINATION, to).with(f::AMOUNT, amount);
            }
        }
        Some((NAMES[*by], draft))
    }

    fn run(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let before = self.world.fee_report();
        let mut closed = None;
        if let Some((name, draft)) = self.draft(step) {
            self.submit(step, name, &draft)?;
        } else {
            match step {
                Step::Close { is_slow: true } => closed = Some(self.world.close_slowly()),
                Step::Close { is_slow: false } => closed = Some(self.world.close()),
                _ => self.world = World::restore(&self.world.snapshot().unwrap()).unwrap(),
            }
        }
        if let Some(closed) = &closed {
            self.check_closed(closed)?;
        }
        let after = self.world.fee_report();
        let grew = after.current_queue_size > before.current_queue_size;
        prop_assert!(!grew || after.current_queue_size <= after.max_queue_size.unwrap());
        prop_assert!(after.open_ledger_level >= 256 && after.minimum_level >= 256);
        self.check_fates(closed.as_ref())
    }

    fn submit(&mut self, step: &Step, name: &str, draft: &Draft) -> Result<(), TestCaseError> {
        let keys = keys(name);
        let line = |world: &World| -> Vec<SeqProxy> {
            world.queued_of(keys.account()).iter().map(|tx| tx.sequence).collect()
        };
        let (report, waiting) = (self.world.fee_report(), line(&self.world));
        let next = self.world.sequence(At::Current, keys.account()).unwrap();
        let answer = submit(&mut self.world, &keys, draft);
        let result = answer.engine_result.to_string();
        prop_assert_eq!(answer.queued, result == "terQUEUED");
        prop_assert_eq!(answer.applied, answer.engine_result.0 >= 0, "{}", result);
        let now = line(&self.world);
        prop_assert!(now.is_sorted());
        // Only a gap is filled beyond the bound.
        if now.len() > PER_ACCOUNT && now.len() > waiting.len() {
            prop_assert!(waiting.iter().any(|number| draft.number < *number));
        }
        // Who pays what was asked does not wait.
        if matches!(step, Step::Submit { fee: Fee::Open, .. }) && draft.number == SeqProxy::Sequence(next) {
            prop_assert!(!answer.queued, "{} at {:?}", result, report);
        }
        Ok(())
    }

    /// The ledger's own accounts: order, fees, each once.
    fn check_closed(&mut self, closed: &ClosedLedger) -> Result<(), TestCaseError> {
        // Who can no longer pay its fee burns what it has (`tecINSUFF_FEE`).
        let (mut fees, mut at_most) = (0, 0);
        for tx in &closed.transactions {
            prop_assert!(self.applied.insert(tx.hash), "applied twice");
            let fields = Object::from_bytes(&tx.blob).unwrap();
            let fee = fields.amount(f::FEE).unwrap().drops().unwrap().get();
            at_most += fee;
            fees += if tx.meta.result.to_string() == "tecINSUFF_FEE" { 0 } else { fee };
            let account = fields.account(f::ACCOUNT).unwrap();
            let number = fields.u32(f::SEQUENCE).unwrap();
            let Some(next) = self.sequences.get_mut(&account) else { continue };
            let made = match tx.meta.result.is_success() {
                true => fields.u32(f::TICKET_COUNT).unwrap_or(0),
                false => 0,
            };
            if number != 0 {
                prop_assert_eq!(number, *next, "out of order");
                *next += 1;
            }
            *next += made;
        }
        let coins = closed.header.total_coins.get();
        prop_assert!((fees..=at_most).contains(&(self.coins - coins)));
        self.coins = coins;
        Ok(())
    }

    /// Whoever was in the queue is there, in a ledger, or was dropped for a reason that is told.
    fn check_fates(&mut self, closed: Option<&ClosedLedger>) -> Result<(), TestCaseError> {
        let now: BTreeSet<Hash256> = self.world.queued().iter().map(|tx| tx.hash).collect();
        let open: BTreeSet<Hash256> = self.world.open_transactions().map(|(hash, _)| hash).collect();
        let dropped: BTreeSet<Hash256> =
            self.world.dropped_from_queue().iter().map(|lost| lost.hash).collect();
        prop_assert!(
            now.is_disjoint(&open) && now.is_disjoint(&self.applied) && open.is_disjoint(&self.applied)
        );
        let done: BTreeSet<Hash256> =
            closed.into_iter().flat_map(|closed| closed.transactions.iter().map(|tx| tx.hash)).collect();
        for hash in &self.in_queue {
            let is_known = now.contains(hash) || open.contains(hash) || done.contains(hash);
            prop_assert!(is_known || dropped.contains(hash), "{} is lost", hash);
        }
        self.in_queue = now;
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 120,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_121),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_queue_keeps_its_laws(steps in prop::collection::vec(step(), 20..140)) {
        let mut watch = Watch::new();
        for step in &steps {
            watch.run(step)?;
        }
        // What is left comes in or is dropped while nothing new comes.
        for _ in 0..40 {
            watch.run(&Step::Close { is_slow: false })?;
        }
        prop_assert_eq!(watch.world.fee_report().current_ledger_size, 0);
    }

    #[test]
    fn equal_calls_give_equal_worlds(steps in prop::collection::vec(step(), 10..60)) {
        let (mut one, mut other) = (Watch::new(), Watch::new());
        for step in &steps {
            one.run(step)?;
            if !matches!(step, Step::Restore) {
                other.run(step)?;
            }
        }
        prop_assert_eq!(one.world.close(), other.world.close());
        prop_assert_eq!(one.world.snapshot().unwrap(), other.world.snapshot().unwrap());
    }
}
