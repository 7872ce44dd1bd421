//! The state machine: what is known, and the one function that moves it. Each input has its own file; this one holds
//! the state and says who handles what.

mod act;
mod apply;
mod catch_up;
mod checkpoint;
mod degraded;
mod notices;
mod observe;
mod orders;
mod outcome;
mod review;
mod start;
mod state;
mod stop;
mod submissions;
mod submit;
mod tick;
mod tickets;
mod truth;

pub use checkpoint::CheckpointError;

use notices::Notices;
use review::{Review, Search};
use state::{Gap, Pending, Phase, SessionBooks, StopState, TruthState, Wallet};

use crate::book::Book;
use crate::config::Config;
use crate::degraded::Degraded;
use crate::evidence::ReadAhead;
use crate::figures::{Balances, Figures};
use crate::guards::{Corridor, Drift};
use crate::halt::HaltReason;
use crate::identity::Identity;
use crate::input::{Input, LedgerHeader};
use crate::measure::{Measure, value};
use crate::orders::Order;
use crate::pool::Pool;
use crate::side::{Legs, OrderId, Side};
use crate::step::{Hold, Level, LogLine, Mode, Step};
use ledger::Hash256;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use units::{Exact, LedgerIndex, LedgerTime, Price};

/// Ledgers whose balances are remembered, for truth reads that come late.
const HISTORY_LEDGERS: usize = 64;
/// Ledgers kept while a gap is being filled.
const BUFFERED_LEDGERS: usize = 256;
/// Unresolved submissions at which nothing new is placed; a server queues ten an account.
const PENDING_MAX: usize = 8;

/// The pure core: state, and one function that moves it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Engine {
    /// No part of a checkpoint: the session's row has it.
    #[serde(skip)]
    config: Config,
    identity: Identity,
    phase: Phase,
    mode: Mode,
    hold: Option<Hold>,
    /// The last ledger accounted for.
    header: Option<LedgerHeader>,
    wallet: Wallet,
    orders: BTreeMap<OrderId, Order>,
    pending: BTreeMap<u64, Pending>,
    /// Counts keys of `pending`; intents of this session use it as their id.
    next_intent: u64,
    book: Book,
    /// The liquidity pool of our pair, where there is one.
    pool: Option<Pool>,
    /// Mid of the last ledger that had one.
    last_mid: Option<Price>,
    /// Mids of the last consecutive ledgers, oldest first.
    mids: VecDeque<Price>,
    /// XRP share of the last minute: time and drift in millionths of a point.
    drifts: VecDeque<(LedgerTime, i64)>,
    gap: Option<Gap>,
    truth: TruthState,
    corridor: Corridor,
    drift: Drift,
    degraded: Degraded,
    /// Orders that the ledger shows otherwise than we do.
    review: BTreeMap<OrderId, Review>,
    search: Option<Search>,
    /// Own transactions in the books, of every ledger from `applied_from` on.
    applied: BTreeMap<LedgerIndex, BTreeSet<Hash256>>,
    applied_from: LedgerIndex,
    stop: Option<StopState>,
    /// Reasons to halt that were found before the session was open.
    start_trouble: Vec<(HaltReason, String)>,
    ends_at: Option<LedgerTime>,
    session: SessionBooks,
    measure: Measure,
    /// No placement on a side before this ledger, after the ledger refused one.
    back_off: BTreeMap<Side, LedgerIndex>,
    last_requoted: Option<Side>,
    /// No TicketCreate before this ledger, after one that made none.
    no_tickets_before: LedgerIndex,
    /// No validated ledger came for so long that quoting was held; until one does.
    is_silent: bool,
    /// What the operator said.
    notices: Notices,
}

impl Engine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new(config: Config, identity: Identity) -> Engine {
        Engine {
            config,
            identity,
            phase: Phase::Fresh,
            mode: Mode::Idle,
            hold: None,
            header: None,
            wallet: Wallet::default(),
            orders: BTreeMap::new(),
            pending: BTreeMap::new(),
            next_intent: 1,
            book: Book::default(),
            pool: None,
            last_mid: None,
            mids: VecDeque::new(),
            drifts: VecDeque::new(),
            gap: None,
            truth: TruthState::default(),
            corridor: Corridor::default(),
            drift: Drift::default(),
            degraded: Degraded::default(),
            review: BTreeMap::new(),
            search: None,
            applied: BTreeMap::new(),
            applied_from: LedgerIndex::default(),
            stop: None,
            start_trouble: Vec::new(),
            ends_at: None,
            session: SessionBooks::default(),
            measure: Measure::default(),
            back_off: BTreeMap::new(),
            last_requoted: None,
            no_tickets_before: LedgerIndex::default(),
            is_silent: false,
            notices: Notices::default(),
        }
    }

    /// Takes one input and decides. Never panics, whatever the input; after [`Mode::Closed`] nothing happens any more.
    pub fn step(&mut self, input: &Input) -> Step {
        self.step_with(input, None)
    }

    /// [`Engine::step`], with what was read of this same input before its turn. The answer is the same.
    pub fn step_with(&mut self, input: &Input, ahead: Option<ReadAhead>) -> Step {
        let mut out = Step::default();
        match (self.phase, input) {
            (Phase::Closed, _) => out.log(Level::Debug, "ignored", "the session is closed"),
            (Phase::Fresh, Input::Start(start)) => self.on_start(start, &mut out),
            (_, Input::Notices(notices)) => self.on_notices(notices, &mut out),
            (Phase::Fresh, Input::Stop(_) | Input::StopDeadline) => {
                out.log(Level::Info, "stop", "stopped before a session was opened");
                self.phase = Phase::Closed;
                out.effects.push(crate::step::Effect::SessionEnded);
            }
            (Phase::Fresh, _) => out.log(Level::Warn, "ignored", "no session is open"),
            (Phase::Running | Phase::Stopping, Input::Start(_)) => {
                out.log(Level::Error, "ignored", "a session is open already");
            }
            (Phase::Running | Phase::Stopping, Input::Ledger(ledger)) => {
                self.on_ledger(ledger, ahead, &mut out);
            }
            (Phase::Running | Phase::Stopping, Input::Backfill(backfill)) => {
                self.on_backfill(backfill, &mut out)
            }
            (Phase::Running | Phase::Stopping, Input::Resume(resume)) => self.on_resume(resume, &mut out),
            (Phase::Running | Phase::Stopping, Input::Signed(signed)) => self.on_signed(signed, &mut out),
            (Phase::Running | Phase::Stopping, Input::Submitted(outcome)) => {
                self.on_submitted(outcome, &mut out)
            }
            (Phase::Running | Phase::Stopping, Input::Truth(truth)) => self.on_truth(truth, &mut out),
            (Phase::Running | Phase::Stopping, Input::TruthFailed { detail }) => {
                self.on_truth_failed(detail, &mut out);
            }
            (Phase::Running | Phase::Stopping, Input::Stale { wall_seconds }) => {
                self.on_stale(*wall_seconds, &mut out);
            }
            (Phase::Running | Phase::Stopping, Input::Stop(stop)) => {
                self.begin_stop(stop.reason, &stop.detail, stop.verify, &mut out);
                self.proceed_stop(&mut out);
            }
            (Phase::Running | Phase::Stopping, Input::StopDeadline) => self.on_deadline(&mut out),
        }
        if matches!(
            input,
            Input::Ledger(_) | Input::Truth(_) | Input::TruthFailed { .. } | Input::Stale { .. }
        ) {
            self.ask_history_again(&mut out);
        }
        self.finish(&mut out);
        out
    }

    fn finish(&self, out: &mut Step) {
        let decision = &mut out.decision;
        decision.ledger_index = self.cursor();
        decision.close_time = self.now();
        decision.mode = self.mode;
        decision.hold = self.hold.clone();
    }

    /// What the session did so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut figures = self.measure.figures();
        figures.start = Balances {
            xrp: self.session.opening_xrp,
            rlusd: self.session.opening_rlusd.clone(),
            value: self.session.opening_value.clone(),
        };
        figures.end = self.balances();
        if let (Some(start), Some(now)) = (&figures.start.value, &figures.end.value) {
            figures.pnl_rlusd = Some(&(now - start) - &self.session.deposited_value);
        }
        if let (Some(holding), Some(now)) = (self.holding_value(), &figures.end.value) {
            figures.pnl_against_holding_rlusd = Some(now - &holding);
        }
        figures
    }

    /// The mode now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Why nothing is quoted now.
    #[must_use]
    pub fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// Why the session ends or ended, in one word and in words.
    #[must_use]
    pub fn halt(&self) -> Option<(HaltReason, &str)> {
        self.stop.as_ref().map(|stop| (stop.reason, stop.detail.as_str()))
    }

    /// Whether the session is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// The last ledger accounted for; 0 before a session is open.
    #[must_use]
    pub fn cursor(&self) -> LedgerIndex {
        self.header.map_or(LedgerIndex::default(), |header| header.index)
    }

    /// When that ledger closed.
    #[must_use]
    pub fn now(&self) -> LedgerTime {
        self.header.map_or(LedgerTime::default(), |header| header.close_time)
    }

    /// Hash of the last ledger accounted for, to compare with what a server says of it before going on there; `None`
    /// before a session is open, and where the hash was not told.
    #[must_use]
    pub fn cursor_hash(&self) -> Option<Hash256> {
        self.header.map(|header| header.hash).filter(|hash| *hash != Hash256::ZERO)
    }

    /// The last mid seen, without our own offers.
    #[must_use]
    pub fn mid(&self) -> Option<Price> {
        self.last_mid
    }

    /// What we have on the ledger, as far as validated ledgers show.
    #[must_use]
    pub fn own_quotes(&self) -> Vec<(Side, Legs)> {
        self.orders.values().filter(|o| o.rests()).map(|o| (o.row.side, o.row.remaining)).collect()
    }

    /// Balances by accounting, and their worth.
    #[must_use]
    pub fn balances(&self) -> Balances {
        let (xrp, rlusd) = (self.wallet.xrp, &self.wallet.rlusd);
        Balances { xrp, rlusd: rlusd.clone(), value: self.last_mid.map(|mid| value(xrp, rlusd, mid)) }
    }

    /// The config in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Who we are.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the opening balances and the deposits since would be worth now.
    fn holding_value(&self) -> Option<Exact> {
        let mid = self.last_mid?;
        let xrp = &Exact::from_drops(self.session.opening_xrp) + &self.session.deposited_xrp;
        let rlusd = &self.session.opening_rlusd + &self.session.deposited_rlusd;
        Some(&(&xrp * &mid.to_exact()) + &rlusd)
    }
}

impl Step {
    /// Adds a log line.
    pub(crate) fn log(&mut self, level: Level, event: &str, text: impl Into<String>) {
        self.logs.push(LogLine { level, event: event.to_owned(), text: text.into() });
    }
}
