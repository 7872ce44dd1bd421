//! One seed, one world: the ledger closes by a virtual clock while the process lives, dies and comes back, until the
//! time is over; then all faults end and a last life must settle everything.

use crate::audit::{Known, Violation, audit};
use crate::crowd::Crowd;
use crate::doom::{Doom, How};
use crate::facts::Us;
use crate::kills;
use crate::life::{Befell, Body, End, SPOILED, STORE_FAILED};
use crate::met::met;
use crate::outside;
use crate::plan::{FUNDS, Plan, Shape};
use crate::small;
use crate::story::Story;
use crate::truth::Truth;
use anyhow::{Context, Result};
use crashlab::drive::look;
use crashlab::examine::examine;
use crashlab::place::Place;
use engine::Identity;
use ledger::{Currency, KeyPair};
use serde_json::Value;
use server::{CloseMode, EmbeddedLedger, FaultScript, LedgerServer};
use sim::identity;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Lives of one world: more mean that it gets nowhere.
const LIVES_MAX: u32 = 400;
/// Lives without a fault in which everything must be settled.
const SETTLING_LIVES: u32 = 6;
/// A script that lists only what is never reached: a script lists something.
pub(crate) const NO_FAULTS: &str = "seed: 1\nfaults: [{fault: drop, from_ledger: 4294967295}]\n";
/// A process that is away or suspended for longer than this makes its world that much longer.
const SHORT: Duration = Duration::from_secs(600);
/// A process that could not start or go on is started again after this.
const STARTED_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What came of a world.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What did not hold; empty when all is well.
    pub violations: Vec<Violation>,
    /// How often what happened, by its word.
    pub counts: BTreeMap<String, u64>,
    /// The last ledgers of its story, when something did not hold.
    pub story: Vec<String>,
    /// Stands for every row of the database: equal for equal seeds.
    pub digest: u64,
    /// Figures: ledgers, sessions, fills, submissions.
    pub figures: [u64; 4],
}

/// Lets a world happen.
///
/// # Errors
/// What kept the simulation itself from working.
pub fn run(seed: u64, shape: Shape) -> Result<Outcome> {
    let plan = Plan::of(seed, shape);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let mut world = World::new(plan)?;
        world.happen().await?;
        Ok(world.outcome)
    })
}

type Shared<T> = Arc<Mutex<T>>;

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) server: LedgerServer,
    pub(crate) place: Place,
    /// Where a copy of the database is looked at.
    pub(crate) desk: Place,
    keys: KeyPair,
    identity: Identity,
    truth: Truth,
    /// Up to which ledger the offers that rested have been looked at.
    offers_seen: u32,
    /// The last life was killed so, and whether the power failed with it: what it left is still to be looked at.
    killed: Option<(How, bool)>,
    crowd: Option<Crowd>,
    is_summed: bool,
    story: Story,
    submitted: Shared<BTreeSet<String>>,
    foreign: Shared<BTreeSet<String>>,
    deeds: Shared<BTreeMap<String, u64>>,
    fired: Vec<(u32, String)>,
    pub(crate) outcome: Outcome,
}

impl World {
    fn new(mut plan: Plan) -> Result<World> {
        let keys = identity::keys(identity::WALLET)?;
        let us = Us {
            account: keys.account(),
            issuer: identity::account(identity::ISSUER)?,
            currency: Currency::RLUSD,
        };
        let identity = Identity {
            network_id: plan.spec.network_id,
            account: us.account,
            quote_currency: us.currency,
            quote_issuer: us.issuer,
        };
        let mut ledger = EmbeddedLedger::in_memory(plan.spec.clone())?;
        let mut crowd = None;
        ledger.keep_ledgers(small::LEDGERS_KEPT);
        if let Some(chance) = plan.small.as_mut() {
            let (founded, traders) = small::found(ledger, FUNDS, chance)?;
            (ledger, crowd) = (founded, Some(traders));
        }
        let server = LedgerServer::with_seats(ledger, CloseMode::Clock, 64);
        let (mut place, mut desk) = (Place::new()?, Place::new()?);
        place.whose = store::Identity::new("paper", &identity);
        desk.whose.clone_from(&place.whose);
        let truth = Truth::begin(us, &server);
        Ok(World {
            plan,
            server,
            place,
            desk,
            keys,
            identity,
            truth,
            offers_seen: 0,
            killed: None,
            crowd,
            is_summed: false,
            story: Story::default(),
            submitted: Shared::default(),
            foreign: Shared::default(),
            deeds: Shared::default(),
            fired: Vec::new(),
            outcome: Outcome::default(),
        })
    }

    async fn happen(&mut self) -> Result<()> {
        self.set_up()?;
        let mut end = Instant::now() + Duration::from_secs(u64::from(self.plan.shape.minutes) * 60);
        let mut lives = 0;
        while Instant::now() < end && self.outcome.violations.is_empty() {
            lives += 1;
            if lives > LIVES_MAX {
                self.wrong("I42", format!("{lives} lives and no end"));
            }
            let doom = match self.plan.shape.less.process {
                true => Doom { session_seconds: 600, ..Doom::none() },
                false if lives == 1 && self.plan.lives.once_in(6) => Doom::early(&mut self.plan.lives),
                false => Doom::draw(&mut self.plan.lives),
            };
            let (ended, befell) = self.one_life(&doom).await;
            self.judge(false)?;
            if matches!(ended, End::Gave(SPOILED, _)) {
                return self.finish();
            }
            end +=
                [doom.away, befell.suspended].into_iter().filter(|length| *length > SHORT).sum::<Duration>();
            if doom.away >= 12 * SHORT {
                self.count("process: away for hours");
            }
            sleep(doom.away).await;
        }
        if self.outcome.violations.is_empty() {
            self.settle().await?;
        }
        if self.outcome.violations.is_empty() {
            self.end().await?;
        }
        self.finish()
    }

    fn set_up(&mut self) -> Result<()> {
        if !self.plan.script.is_empty() {
            let script = FaultScript::from_yaml(&self.plan.script).context("the script of the seed")?;
            self.server.set_faults(script);
        }
        let submitted = Arc::clone(&self.submitted);
        self.server.on_submit(Box::new(move |text| {
            if let Some(hash) = hash_of(text) {
                locked(&submitted).insert(hash);
            }
        }));
        let (server, interval) = (self.server.clone(), self.plan.spec.ledger_interval_seconds);
        tokio::spawn(async move { server.run_clock(Duration::from_secs(interval.into())).await });
        if let Some(mut crowd) = self.crowd.take() {
            let (server, interval) = (self.server.clone(), Duration::from_secs(interval.into()));
            tokio::spawn(async move {
                // Between the half of the interval, when others may have acted, and the close.
                let mut ticks = tokio::time::interval_at(Instant::now() + interval * 3 / 4, interval);
                loop {
                    ticks.tick().await;
                    crowd.act(&server);
                }
            });
        }
        let (server, deeds) = (self.server.clone(), self.plan.deeds.clone());
        let (counts, story) = (Arc::clone(&self.deeds), self.story.clone());
        let (foreign, wallet) = (Arc::clone(&self.foreign), self.identity.account);
        let began = Instant::now();
        let (is_small, interval) = (self.plan.small.is_some(), Duration::from_secs(interval.into()));
        tokio::spawn(async move {
            for (at, deed) in deeds {
                tokio::time::sleep_until(began + at).await;
                let sent = outside::perform(&server, deed);
                if sent.is_empty() {
                    continue;
                }
                if is_small && deed.takes() {
                    // A stranger is there before we can be, or at the same time.
                    crate::crowd::sweep(&server);
                    let (server, soon) = (server.clone(), interval);
                    tokio::spawn(async move {
                        sleep(soon).await;
                        crate::crowd::sweep(&server);
                    });
                }
                let newest = server.with_ledger(|ledger| ledger.header().ledger_index.get());
                *locked(&counts).entry(deed.word().to_owned()).or_default() += 1;
                for sent in sent {
                    story.tell(newest, format!("outside  {}: {}", deed.word(), sent.hash));
                    let tx = ledger::Object::from_bytes(&sent.blob).unwrap_or_default();
                    if deed.is_anothers(tx.account(ledger::fields::ACCOUNT) == Some(wallet)) {
                        locked(&foreign).insert(sent.hash.to_string());
                    }
                }
            }
        });
        Ok(())
    }

    /// A life, with nothing counted or judged yet.
    pub(crate) async fn live(&mut self, doom: &Doom) -> (End, Befell) {
        let mut chance = self.plan.lives.clone();
        self.tell(format!("process  starts; what is to come: {doom:?}"));
        let (end, befell) = Body {
            plan: &self.plan,
            server: &self.server,
            place: &mut self.place,
            keys: &self.keys,
            identity: &self.identity,
            story: &self.story,
            taken: Cell::new(0),
        }
        .live(doom, &mut chance)
        .await;
        self.plan.lives = chance;
        self.tell(format!("process  ended: {end:?}"));
        (end, befell)
    }

    pub(crate) async fn one_life(&mut self, doom: &Doom) -> (End, Befell) {
        let (end, befell) = self.live(doom).await;
        let is_disk = matches!(doom.how, How::Disk { .. });
        match &end {
            End::Closed => self.count("end: session closed"),
            End::Gave(word, _) => {
                self.count(&format!("end: {word}"));
                if *word != STORE_FAILED {
                    sleep(STARTED_AGAIN_AFTER).await;
                }
            }
            End::Wrong(invariant, what) => {
                self.wrong(if *invariant == "store" { "I5" } else { invariant }, what.clone())
            }
            End::Killed => {}
        }
        self.killed = (end == End::Killed).then_some((doom.how, doom.power));
        if (end == End::Killed && doom.power)
            || (is_disk && befell.met.is_some())
            || matches!(doom.how, How::Signal(..))
        {
            self.count(doom.word(befell.met));
        }
        match befell.suspended.as_secs() {
            0 => {}
            1..3_600 => self.count("process: suspended for minutes"),
            _ => self.count("process: suspended for hours"),
        }
        if befell.slow > 0 {
            self.count("disk: slow");
        }
        if befell.at_checkpoint {
            self.count("recovery: begun at a checkpoint");
        }
        (end, befell)
    }

    /// All faults end; whatever is open is closed and proved.
    async fn settle(&mut self) -> Result<()> {
        self.count_faults();
        self.server.set_faults(FaultScript::from_yaml(NO_FAULTS).context("no faults")?);
        sleep(Duration::from_secs(30)).await;
        for _ in 0..SETTLING_LIVES {
            let (end, _) = self.one_life(&Doom::none()).await;
            self.judge(false)?;
            match end {
                End::Gave(SPOILED, _) => return Ok(()),
                End::Closed => break,
                _ if !self.outcome.violations.is_empty() => break,
                _ => {}
            }
        }
        if self.outcome.violations.is_empty() {
            self.judge(true)?;
        }
        Ok(())
    }

    /// Compares the database, as the last life left it, with the ledger.
    pub(crate) fn judge(&mut self, at_end: bool) -> Result<()> {
        if let Err(what) = self.truth.follow(&self.server) {
            self.wrong("simulation", what);
            return Ok(());
        }
        self.desk.load(&self.place.folder().image());
        let killed = self.killed.take().filter(|(_, power)| !power).map(|(how, _)| how);
        if self.desk.folder().len_of(crashlab::place::DATABASE).is_none_or(|bytes| bytes == 0) {
            if killed.is_some() {
                self.count("process: killed while the tables are made");
            }
            return Ok(());
        }
        let connection = open(&self.desk)?;
        match killed {
            Some(How::KillAtOperation(_)) if kills::has_tables(&connection) => {
                self.count("process: killed in a write");
                if kills::has_unsent(&connection, &locked(&self.submitted)) {
                    self.count(kills::UNSENT);
                }
            }
            Some(_) => {
                let word = kills::word(&connection, &locked(&self.submitted));
                self.count(word);
            }
            None => {}
        }
        let (submitted, foreign) = (locked(&self.submitted).clone(), locked(&self.foreign).clone());
        let config = &self.plan.config;
        let known = Known {
            submitted: &submitted,
            foreign: &foreign,
            max_fee_drops: config.max_fee_drops.get(),
            // docs: a tenth of what is kept for cancels, where that is more.
            max_cancel_fee_drops: config.max_fee_drops.get().max(config.fee_buffer_drops.get() / 10),
            last_ledger_offset: config.last_ledger_offset,
            offer_ttl_seconds: config.offer_ttl_seconds,
            at_end,
        };
        let mut found = audit(&connection, &self.truth, &known, &mut self.offers_seen);
        self.outcome.violations.append(&mut found);
        Ok(())
    }

    /// Figures, digest and, when something did not hold, the story.
    fn finish(&mut self) -> Result<()> {
        self.count_faults();
        for (word, times) in locked(&self.deeds).iter() {
            *self.outcome.counts.entry(word.clone()).or_default() += times;
        }
        for (word, times) in met(&self.truth) {
            *self.outcome.counts.entry(word.to_owned()).or_default() += times;
        }
        if !self.is_summed {
            self.sum_up()?;
        }
        if !self.outcome.violations.is_empty() {
            self.outcome.story = self.story.last(self.what_the_ledger_did());
        }
        Ok(())
    }

    /// What the database holds, in figures and in one number.
    pub(crate) fn sum_up(&mut self) -> Result<()> {
        self.is_summed = true;
        self.outcome.figures[0] = u64::from(self.truth.at);
        self.desk.load(&self.place.folder().image());
        if self.desk.folder().len_of(crashlab::place::DATABASE).is_none_or(|bytes| bytes == 0) {
            return Ok(());
        }
        let connection = open(&self.desk)?;
        let count = |table: &str| -> u64 {
            let sql = format!("SELECT count(*) FROM {table}");
            connection.query_row(&sql, [], |row| row.get::<_, u32>(0)).map_or(0, u64::from)
        };
        self.outcome.figures =
            [u64::from(self.truth.at), count("sessions"), count("fills"), count("submissions")];
        if let Err(error) = self.halt_reasons(&connection) {
            self.wrong("I3", format!("the rows do not read: {error:#}"));
        }
        drop(connection);
        match look(&self.desk).map_err(anyhow::Error::from).and_then(|connection| examine(&connection)) {
            Ok(found) => self.outcome.digest = found.rows,
            Err(error) => self.wrong("I11", format!("{error:#}")),
        }
        Ok(())
    }

    /// Takes over what the server's script has done so far.
    pub(crate) fn count_faults(&mut self) {
        for (kind, times, ..) in self.server.fault_summary().kinds {
            *self.outcome.counts.entry(format!("server: {kind}")).or_default() += times;
        }
        for fault in self.server.faults_fired() {
            self.fired.push((fault.ledger, format!("server   {}: {}", fault.kind, fault.detail)));
        }
    }

    /// Counts what sessions ended with, and what became of anomalies.
    fn halt_reasons(&mut self, connection: &rusqlite::Connection) -> Result<()> {
        for (what, sql) in [
            ("session", "SELECT coalesce(halt_reason, 'open') FROM sessions"),
            ("anomaly", "SELECT action_taken FROM reconciler_anomaly_log"),
            (
                "intent",
                "SELECT CASE outcome WHEN 'expired_proved' THEN 'expired' ELSE coalesce(outcome, 'open') END
                        FROM submissions",
            ),
            (
                "by ticket",
                "SELECT intent || ', ' || coalesce(outcome, 'open') FROM submissions WHERE ticket IS NOT NULL",
            ),
            (
                "tickets made",
                "SELECT coalesce(outcome, 'open') FROM submissions WHERE intent = 'ticket_create'",
            ),
        ] {
            let mut statement = connection.prepare(sql)?;
            let words: Vec<String> =
                statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            words.into_iter().for_each(|word| self.count(&format!("{what}: {word}")));
        }
        Ok(())
    }

    /// What happened to the wallet, and which faults struck.
    fn what_the_ledger_did(&self) -> Vec<(u32, String)> {
        let mut lines = Vec::new();
        for fact in self.truth.between(0, u32::MAX) {
            let who = if fact.ours { "ours" } else { "another's" };
            let taken: Vec<String> = fact
                .taken
                .iter()
                .map(|taken| format!(", of offer {} {}", taken.sequence, taken.change))
                .collect();
            lines.push((
                fact.ledger,
                format!(
                    "ledger   {} of type {}, {who}, sequence {}, result {}: {}{}",
                    fact.hash,
                    fact.kind,
                    fact.sequence,
                    fact.result,
                    fact.change,
                    taken.concat()
                ),
            ));
        }
        lines.extend(self.fired.iter().cloned());
        lines
    }

    pub(crate) fn tell(&self, what: String) {
        let newest = self.server.with_ledger(|ledger| ledger.header().ledger_index.get());
        self.story.tell(newest, what);
    }

    pub(crate) fn count(&mut self, word: &str) {
        *self.outcome.counts.entry(word.to_owned()).or_default() += 1;
    }

    pub(crate) fn wrong(&mut self, invariant: &'static str, what: String) {
        self.outcome.violations.push(Violation { invariant, what });
    }
}

/// The database of a copy, to be looked at: what a log holds is taken into it.
pub(crate) fn open(place: &Place) -> Result<rusqlite::Connection> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(rusqlite::Connection::open_with_flags_and_vfs(place.database(), flags, crashlab::vfs::NAME)?)
}

fn locked<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The id of the transaction that a request to submit carries.
fn hash_of(text: &str) -> Option<String> {
    let request: Value = serde_json::from_str(text).ok()?;
    let blob = ledger::hex::decode(request.get("tx_blob")?.as_str()?)?;
    Some(ledger::tx_hash(&blob).to_string())
}
