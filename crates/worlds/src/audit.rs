//! The auditor: what the database holds against what the ledger did, at the last ledger that the database knows. Its
//! reading of the ledger (`facts`), of the rows (`rows`) and its sums are its own.

use crate::facts::{Fact, OFFER_CREATE, Pair, Resting};
use crate::rows::{FillRow, Rows, SubmissionRow};
use crate::truth::Truth;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// Something that must hold and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant of the reliability page.
    pub invariant: &'static str,
    /// What was found.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// What is known beside the ledger and the rows.
pub(crate) struct Known<'a> {
    /// Ids of all that the process asked the server to submit.
    pub(crate) submitted: &'a BTreeSet<String>,
    /// Ids of what others sent from the wallet.
    pub(crate) foreign: &'a BTreeSet<String>,
    /// The most that a transaction may burn, in drops.
    pub(crate) max_fee_drops: i64,
    /// The same for one that cancels and places nothing.
    pub(crate) max_cancel_fee_drops: i64,
    /// Ledgers that a transaction may wait at most.
    pub(crate) last_ledger_offset: u32,
    /// Seconds that an offer lives at most.
    pub(crate) offer_ttl_seconds: u32,
    /// The world is over: everything is to be settled.
    pub(crate) at_end: bool,
}

/// Number of the result (ledger documentation, "tes Success").
const SUCCESS: u32 = 0;
/// Words of the final states of an order, and of the others.
const RESTING: [&str; 2] = ["open", "partially_filled"];
/// Offers may outlive their expected time by this: close times are rounded (reliability page, I41).
const TTL_SLACK_SECONDS: u32 = 15;
/// Ledgers after which a foreign transaction must have ended the session that saw it.
const FOREIGN_SEEN_WITHIN: u32 = 8;

/// Everything that is wrong.
///
/// Offers that rested are looked at once: from ledger `offers_seen` on, which moves.
pub(crate) fn audit(
    connection: &Connection,
    truth: &Truth,
    known: &Known<'_>,
    offers_seen: &mut u32,
) -> Vec<Violation> {
    let rows = match Rows::read(connection) {
        Ok(rows) => rows,
        Err(error) => return vec![violation("I3", format!("the rows do not read: {error:#}"))],
    };
    let mut auditor = Auditor { truth, rows: &rows, known, found: Vec::new() };
    auditor.rested(*offers_seen);
    *offers_seen = truth.at;
    auditor.sessions();
    auditor.submissions();
    if rows.sessions.is_empty() {
        return auditor.found;
    }
    auditor.books();
    auditor.fills();
    auditor.offers();
    auditor.foreign();
    auditor.alarms();
    auditor.found
}

fn violation(invariant: &'static str, what: String) -> Violation {
    Violation { invariant, what }
}

struct Auditor<'a> {
    truth: &'a Truth,
    rows: &'a Rows,
    known: &'a Known<'a>,
    found: Vec<Violation>,
}

impl Auditor<'_> {
    fn say(&mut self, invariant: &'static str, what: String) {
        self.found.push(violation(invariant, what));
    }

    /// I43: at most one session is open, and none in the end; who is closed says why and when.
    fn sessions(&mut self) {
        let open: Vec<i64> =
            self.rows.sessions.iter().filter(|row| row.status == "running").map(|row| row.id).collect();
        if open.len() > usize::from(!self.known.at_end) {
            self.say("I43", format!("sessions {open:?} are open"));
        }
        for row in &self.rows.sessions {
            if row.status == "closed" && (row.ended_at.is_none() || row.halt_reason.is_none()) {
                self.say("I43", format!("session {} is closed without time or reason", row.id));
            }
            if row.status != "closed" && row.status != "running" {
                self.say("I43", format!("session {} is {}", row.id, row.status));
            }
        }
    }

    /// I20: for every transaction what is booked is what it did; genesis and all of it make the balance.
    fn books(&mut self) {
        let (first, cursor) = (self.rows.sessions.first().map_or(0, |row| row.first), self.rows.cursor());
        let mut booked: BTreeMap<&str, (Pair, u32)> = BTreeMap::new();
        let mut sum = Pair::zero();
        for row in &self.rows.movements {
            sum = sum.plus(&row.change);
            match &row.tx_hash {
                Some(hash) => {
                    let entry = booked.entry(hash).or_insert((Pair::zero(), row.ledger));
                    entry.0 = entry.0.plus(&row.change);
                    entry.1 = entry.1.max(row.ledger);
                }
                None if row.cause == "genesis" => {}
                None => self.say("I20", format!("movement {}: {} without a transaction", row.id, row.cause)),
            }
        }
        for fact in self.truth.between(first + 1, cursor) {
            let hash = fact.hash.to_string();
            let (was, at) = booked.remove(hash.as_str()).unwrap_or((Pair::zero(), fact.ledger));
            if was != fact.change {
                self.say(
                    "I20",
                    format!("{hash} of ledger {}: did {}, booked {was}", fact.ledger, fact.change),
                );
            }
            if at != fact.ledger {
                self.say("I21", format!("{hash} of ledger {}: booked at {at}", fact.ledger));
            }
        }
        for (hash, (pair, at)) in booked {
            self.say(
                "I21",
                format!("{hash}: {pair} booked at {at}, not in ledgers {} to {cursor}", first + 1),
            );
        }
        let balance = self.truth.balance(cursor);
        if sum != balance {
            self.say("I20", format!("the books make {sum} at ledger {cursor}, the ledger has {balance}"));
        }
        for row in self.rows.sessions.iter().filter(|row| row.status == "closed") {
            let balance = self.truth.balance(row.last);
            if row.ending.as_ref().is_some_and(|ending| *ending != balance) {
                let ending = row.ending.clone().unwrap_or_else(Pair::zero);
                self.say(
                    "I20",
                    format!("session {} ends at ledger {} with {ending}: it has {balance}", row.id, row.last),
                );
            }
        }
    }

    /// I21, I22: every fill is what a validated transaction took of our offer, each once and none missing.
    fn fills(&mut self) {
        let (first, cursor) = (self.rows.sessions.first().map_or(0, |row| row.first), self.rows.cursor());
        let mut makers: BTreeMap<(String, u32), &FillRow> = BTreeMap::new();
        let mut takers: BTreeMap<&str, &FillRow> = BTreeMap::new();
        let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
        let mut wrong = Vec::new();
        for row in &self.rows.fills {
            if !told.insert((&row.tx_hash, &row.order_id)) {
                wrong.push(format!("fill {}: {} of {} a second time", row.id, row.tx_hash, row.order_id));
            }
            match row.sequence {
                Some(sequence) if row.is_maker => {
                    makers.insert((row.tx_hash.clone(), sequence), row);
                }
                Some(_) => {
                    takers.insert(&row.tx_hash, row);
                }
                None => wrong.push(format!("fill {}: of no offer", row.id)),
            }
        }
        for fact in self.truth.between(first + 1, cursor) {
            let hash = fact.hash.to_string();
            for taken in &fact.taken {
                match makers.remove(&(hash.clone(), taken.sequence)) {
                    None => wrong.push(format!(
                        "{hash} of ledger {} took {} of offer {}: no fill",
                        fact.ledger, taken.change, taken.sequence
                    )),
                    Some(row) if row.change != taken.change || row.ledger != fact.ledger => {
                        wrong.push(format!(
                            "fill {}: {} at ledger {}; {hash} took {} at {}",
                            row.id, row.change, row.ledger, taken.change, fact.ledger
                        ))
                    }
                    Some(_) => {}
                }
            }
            let crossed = self.crossed(fact);
            match (takers.remove(hash.as_str()), crossed) {
                (None, Some(change)) => wrong.push(format!("{hash} itself took {change}: no fill")),
                (Some(row), None) => wrong.push(format!("fill {}: {hash} took nothing", row.id)),
                _ => {}
            }
        }
        wrong.extend(
            makers.values().map(|row| format!("fill {}: {} took no such thing", row.id, row.tx_hash)),
        );
        wrong.extend(
            takers.values().map(|row| format!("fill {}: {} took no such thing", row.id, row.tx_hash)),
        );
        for what in wrong {
            self.say("I21", what);
        }
    }

    /// What an offer of the engine took itself when it was placed.
    fn crossed(&self, fact: &Fact) -> Option<Pair> {
        if !fact.ours || fact.kind != OFFER_CREATE || self.known.foreign.contains(&fact.hash.to_string()) {
            return None;
        }
        let fee = Pair { xrp: -&fact.fee, rlusd: Pair::zero().rlusd };
        let made = fact.taken.iter().fold(Pair::zero(), |sum, taken| sum.plus(&taken.change));
        let rest = fact.change.minus(&fee).minus(&made);
        (rest != Pair::zero()).then_some(rest)
    }

    /// I28: what the books hold for resting rests, and the other way round.
    fn offers(&mut self) {
        let cursor = self.rows.cursor();
        let truth = self.truth;
        let resting = truth.offers_at(cursor);
        for (sequence, (order, status)) in &self.rows.orders {
            let is_resting = RESTING.contains(&status.as_str());
            if is_resting && !resting.contains_key(sequence) {
                self.say(
                    "I28",
                    format!("order {order} is {status}; at ledger {cursor} offer {sequence} is gone"),
                );
            }
        }
        for (sequence, offer) in resting {
            match self.rows.orders.get(sequence) {
                Some((_, status)) if RESTING.contains(&status.as_str()) => {}
                other => {
                    let told = other
                        .map_or("of no order".to_owned(), |(order, status)| format!("{order}, {status}"));
                    self.say("I28", format!("offer {sequence} rests at ledger {cursor} ({offer:?}): {told}"));
                }
            }
        }
    }

    /// Of what the engine placed: I41: each offer dies soon by itself. I36: ours never cross. I37: the wallet can pay them.
    fn rested(&mut self, seen: u32) {
        let truth = self.truth;
        let anothers: BTreeSet<u32> =
            self.known.foreign.iter().filter_map(|hash| Some(truth.facts.get(hash)?.sequence)).collect();
        for (at, offers) in truth.offers.range(seen + 1..) {
            let offers: BTreeMap<u32, Resting> =
                offers.iter().filter(|(n, _)| !anothers.contains(n)).map(|(n, o)| (*n, o.clone())).collect();
            let placed_at = truth.close_times.get(at).copied().unwrap_or(u32::MAX);
            for (sequence, offer) in &offers {
                let most = placed_at.saturating_add(self.known.offer_ttl_seconds + TTL_SLACK_SECONDS);
                if offer.expiration.is_none_or(|expiration| expiration > most) {
                    self.say(
                        "I41",
                        format!("offer {sequence} of ledger {at} lives until {:?}", offer.expiration),
                    );
                }
            }
            self.own_cross(*at, offers.values());
            self.covered(*at, &offers);
        }
    }

    /// I35, I37: whatever of what rests is filled first, an old offer beside the one that is to replace it, the wallet
    /// can pay all of it.
    fn covered(&mut self, at: u32, offers: &BTreeMap<u32, Resting>) {
        let balance = self.truth.balance(at);
        let mut given = Pair::zero();
        for offer in offers.values() {
            given = match offer.sells {
                true => Pair { xrp: &given.xrp + &offer.left.xrp, rlusd: given.rlusd },
                false => Pair { xrp: given.xrp, rlusd: &given.rlusd + &offer.left.rlusd },
            };
        }
        let is_poorer = self.truth.poorer_since.is_some_and(|since| since <= at);
        if !is_poorer && (given.xrp > balance.xrp || given.rlusd > balance.rlusd) {
            self.say("I37", format!("ledger {at}: our offers give {given}, the wallet has {balance}"));
        }
    }

    fn own_cross<'o>(&mut self, at: u32, offers: impl Iterator<Item = &'o Resting> + Clone) {
        for bid in offers.clone().filter(|offer| !offer.sells) {
            for ask in offers.clone().filter(|offer| offer.sells) {
                // bid price >= ask price, multiplied out
                let (bid_side, ask_side) = (&bid.rate.rlusd * &ask.rate.xrp, &ask.rate.rlusd * &bid.rate.xrp);
                if bid_side >= ask_side {
                    self.say("I36", format!("ledger {at}: our bid {bid:?} reaches our ask {ask:?}"));
                }
            }
        }
    }

    /// I30: what was sent was written down. I31: within its bounds. I32: ends as the ledger says.
    fn submissions(&mut self) {
        let written: BTreeSet<&str> =
            self.rows.submissions.iter().filter_map(|row| row.tx_hash.as_deref()).collect();
        let unwritten: Vec<&String> =
            self.known.submitted.iter().filter(|hash| !written.contains(hash.as_str())).collect();
        if let Some(hash) = unwritten.first() {
            self.say("I30", format!("{} sent and not written down, {hash} the first", unwritten.len()));
        }
        for row in &self.rows.submissions {
            if let Some(what) = self.out_of_bounds(row) {
                self.say("I31", format!("session {} intent {}: {what}", row.session, row.intent));
            }
            if let Some(what) = self.wrong_end(row) {
                self.say("I32", format!("session {} intent {}: {what}", row.session, row.intent));
            }
        }
        self.used_once();
        self.tickets();
    }

    fn out_of_bounds(&self, row: &SubmissionRow) -> Option<String> {
        row.tx_hash.as_ref()?;
        let known = &self.known;
        let most = if row.cancels { known.max_cancel_fee_drops } else { known.max_fee_drops };
        if row.fee_drops > most {
            return Some(format!("it burns {} drops", row.fee_drops));
        }
        if row.last_ledger == 0 || row.last_ledger > row.decided + self.known.last_ledger_offset {
            return Some(format!("decided at {}, it may wait until {}", row.decided, row.last_ledger));
        }
        if row.places && !row.cancels && !row.expires {
            return Some("an offer without an end".to_owned());
        }
        if row.places && row.ticket != 0 && !row.cancels {
            return Some(format!("an offer with ticket {}", row.ticket));
        }
        let is_one = (row.sequence == 0) != (row.ticket == 0);
        (!is_one).then(|| format!("sequence {} and ticket {}: not one of them", row.sequence, row.ticket))
    }

    /// I31: a sequence or a ticket is given to one transaction at a time: to another only after it was proved that the
    /// first never came.
    fn used_once(&mut self) {
        let mut given: BTreeMap<(u32, u32), &SubmissionRow> = BTreeMap::new();
        let mut wrong = Vec::new();
        for row in self.rows.submissions.iter().filter(|row| row.tx_hash.is_some()) {
            let Some(before) = given.insert((row.sequence, row.ticket), row) else { continue };
            let never_came = before.outcome.as_deref() == Some("expired_proved");
            if !never_came || before.outcome_ledger.is_none_or(|ledger| ledger > row.decided) {
                let number = format!("sequence {} ticket {}", row.sequence, row.ticket);
                wrong.push(format!(
                    "session {} intent {}: {number} of session {} intent {}, of which was known: {:?} at {:?}",
                    row.session, row.intent, before.session, before.intent, before.outcome, before.outcome_ledger
                ));
            }
        }
        for what in wrong {
            self.say("I31", what);
        }
    }

    /// I31: a ticket that the rows name was made before by a transaction of the wallet, and used by none but theirs.
    fn tickets(&mut self) {
        let truth = self.truth;
        let mut wrong = Vec::new();
        for row in self.rows.submissions.iter().filter(|row| row.ticket != 0) {
            let made = truth.facts.values().find(|fact| fact.tickets_made.contains(&row.ticket));
            if made.is_none_or(|fact| fact.ledger > row.decided) {
                let when = made.map(|fact| fact.ledger);
                wrong.push(format!(
                    "session {} intent {}: ticket {} made at {when:?}, decided at {}",
                    row.session, row.intent, row.ticket, row.decided
                ));
            }
        }
        for what in wrong {
            self.say("I31", what);
        }
    }

    fn wrong_end(&self, row: &SubmissionRow) -> Option<String> {
        let hash = row.tx_hash.as_ref()?;
        let cursor = self.rows.cursor();
        let fact = self.truth.facts.get(hash).filter(|fact| fact.ledger <= cursor);
        let told = format!("{} at {:?}", row.outcome.as_deref().unwrap_or("nothing"), row.outcome_ledger);
        match (row.outcome.as_deref(), fact) {
            (None, Some(fact)) => Some(format!("{hash} is in ledger {}, of {cursor} known", fact.ledger)),
            (None, None) if self.known.at_end && row.last_ledger < cursor => Some(format!(
                "{hash} could be validated until {}: nothing is said at {cursor}",
                row.last_ledger
            )),
            (None, None) => None,
            (Some("validated_tes"), Some(fact)) if fact.result == SUCCESS => at(row, fact, &told),
            (Some("validated_tec"), Some(fact)) if fact.result != SUCCESS => at(row, fact, &told),
            (Some("expired_proved" | "superseded_proved"), None) if !self.truth.facts.contains_key(hash) => {
                let early = row.outcome.as_deref() == Some("expired_proved")
                    && row.outcome_ledger.is_none_or(|ledger| ledger < row.last_ledger);
                early.then(|| format!("{told} is before its last ledger {}", row.last_ledger))
            }
            (Some(_), Some(fact)) => {
                Some(format!("{told}: it is in ledger {} with {}", fact.ledger, fact.result))
            }
            (Some(_), None) => Some(format!("{told}: it is in no ledger up to {cursor}")),
        }
    }

    /// I27: whoever checks the books against the ledger sees what both have, and no difference where there is none: an
    /// alarm was a false one. Only once everything that came is booked is there something to check.
    fn alarms(&mut self) {
        if !self.found.is_empty() {
            return;
        }
        for row in &self.rows.checks {
            let balance = self.truth.balance(row.ledger);
            let what = if row.delta.as_ref().is_some_and(|delta| *delta != Pair::zero()) {
                "a difference"
            } else if row.internal != balance {
                "other books"
            } else if row.on_ledger.as_ref().is_some_and(|seen| *seen != balance) {
                "another ledger"
            } else {
                continue;
            };
            self.say(
                "I27",
                format!(
                    "truth check {} at ledger {} saw {what}: books {}, ledger {:?}, difference {:?}; there was {balance}",
                    row.id, row.ledger, row.internal, row.on_ledger, row.delta
                ),
            );
        }
    }

    /// A stranger's transaction that took what our key had offered elsewhere.
    fn completed(&self, fact: &Fact, hash: &str) -> bool {
        self.known.foreign.contains(hash) && fact.change != Pair::zero()
    }

    /// I34: who sees that another program uses the wallet stops, and nobody who only saw the own one.
    fn foreign(&mut self) {
        let truth = self.truth;
        let written: BTreeSet<&str> =
            self.rows.submissions.iter().filter_map(|row| row.tx_hash.as_deref()).collect();
        let mut before = 0;
        for row in &self.rows.sessions {
            let of_others = |fact: &&Fact| {
                let hash = fact.hash.to_string();
                if fact.ours { !written.contains(hash.as_str()) } else { self.completed(fact, &hash) }
            };
            if row.halt_reason.as_deref() == Some("foreign_transaction")
                && truth.between(before + 1, row.last).find(of_others).is_none()
            {
                let what =
                    format!("session {} saw another program, up to {} there is none", row.id, row.last);
                self.found.push(violation("I34", what));
            }
            before = row.last;
        }
        for hash in self.known.foreign {
            let Some(fact) = truth.facts.get(hash) else { continue };
            if !fact.ours && !self.completed(fact, hash) {
                continue;
            }
            let saw = self.rows.sessions.iter().find(|row| {
                row.first < fact.ledger
                    && row.last >= fact.ledger + FOREIGN_SEEN_WITHIN
                    && row.status == "closed"
            });
            if let Some(row) = saw.filter(|row| row.halt_reason.as_deref() == Some("duration_elapsed")) {
                let what = format!(
                    "session {} went on to {} after {hash} of ledger {}",
                    row.id, row.last, fact.ledger
                );
                self.say("I34", what);
            }
        }
    }
}

fn at(row: &SubmissionRow, fact: &Fact, told: &str) -> Option<String> {
    (row.outcome_ledger != Some(fact.ledger)).then(|| format!("{told}: it is in ledger {}", fact.ledger))
}
