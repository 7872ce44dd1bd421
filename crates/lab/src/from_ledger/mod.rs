//! The books once more, from a ledger's own history alone: every validated transaction of the account from the first
//! session's ledger on, walked in order, makes the fills, the orders and the double entry again, in an empty database.
//! Shares no rule with the engine. From the session's database it takes what no ledger can tell: who we are, from which
//! ledger to which each session ran, which transactions the engine signed, and the names of offers it found.

mod elsewhere;
mod orders;
mod own;
mod report;

use std::collections::BTreeSet;
use std::path::Path;

use ledger::{AccountId, Amount, Hash256, TxType, fields as f};
use sim::world::{At, World, WorldSpec};
use store::{Cell, Identity, LedgerTables, ReadError, Reader, SessionRow};
use units::{Drops, Exact, IssuedValue, LedgerTime};

use crate::config_text::config_pairs;
use orders::{Order, Orders, fill_row};
use own::{EXTERNAL, Moved, Own};
pub use report::{LedgerAudit, NotRebuilt};

/// A session whose movements are booked again by the next one.
const ABANDONED: &str = "abandoned";

/// A ledger's history, oldest ledger first and without a hole.
#[derive(Debug, Clone)]
pub struct LedgerHistory {
    /// The world's digest, as the names of its sessions' histories begin.
    pub world_id: String,
    /// What the world was made from: its beginning is the opening balances.
    pub spec: WorldSpec,
    /// The ledgers, the world's beginning first.
    pub ledgers: Vec<HistoryLedger>,
}

/// A ledger of it.
#[derive(Debug, Clone)]
pub struct HistoryLedger {
    /// Its number.
    pub index: u32,
    /// When it closed.
    pub close_time: LedgerTime,
    /// The transactions that may concern us, in order: id, signed bytes, metadata.
    pub transactions: Vec<(Hash256, Vec<u8>, Vec<u8>)>,
}

/// Why no books can be made from a history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FromLedgerError {
    /// The database cannot be read, or the new one not be written.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is nothing to make again.
    #[error("no session of this database was on the ledger beside it")]
    OtherLedger,
    /// The history begins too late or ends too early.
    #[error(
        "the ledger's history is of ledgers {first} to {last}, and the sessions are of {wanted_first} to {wanted_last}"
    )]
    Short {
        /// The first ledger there.
        first: u32,
        /// The last ledger there.
        last: u32,
        /// The first ledger of the first session.
        wanted_first: u32,
        /// The last ledger of the last session.
        wanted_last: u32,
    },
    /// A transaction or the beginning of the world does not read.
    #[error("{0}")]
    Unreadable(String),
}

/// Makes the books again and compares them; `into` keeps them in a new file.
///
/// # Errors
/// [`FromLedgerError`]; what differs is in the report.
pub fn audit_from_ledger(
    reader: &Reader,
    history: &LedgerHistory,
    into: Option<&Path>,
) -> Result<LedgerAudit, FromLedgerError> {
    let us = reader.identity()?;
    let sessions = reader.sessions()?;
    // An ended history makes way for a new one of the same beginning: what lies there is the newest.
    let newest = sessions.iter().rev().find(|session| session.world_id.starts_with(&history.world_id));
    let world_id = newest.map(|session| session.world_id.clone()).ok_or(FromLedgerError::OtherLedger)?;
    let (rebuilt, others): (Vec<_>, Vec<_>) =
        sessions.into_iter().partition(|session| session.world_id == world_id && session.status != ABANDONED);
    let mut spans = Vec::new();
    for row in rebuilt {
        spans.push(Span::of(reader, row)?);
    }
    let (first, last) = (spans.first(), spans.last());
    let (Some(first), Some(last)) = (first, last) else { return Err(FromLedgerError::OtherLedger) };
    let there = (history.ledgers.first(), history.ledgers.last());
    let (wanted_first, wanted_last) = (first.first, last.last);
    match there {
        (Some(from), Some(to)) if from.index <= wanted_first && to.index >= wanted_last => {}
        (from, to) => {
            let index = |ledger: Option<&HistoryLedger>| ledger.map_or(0, |ledger| ledger.index);
            let (first, last) = (index(from), index(to));
            return Err(FromLedgerError::Short { first, last, wanted_first, wanted_last });
        }
    }
    let tables = LedgerTables::create(into, &us)?;
    let world_no = reader.world_no(&world_id)?.unwrap_or(1);
    let world = [("world_no", Cell::Integer(world_no)), ("world_id", Cell::Text(world_id.clone()))];
    tables.insert("worlds", &world)?;
    let mut books = Books {
        outbox: reader.outbox(&world_id)?,
        announced: reader.announced_withdrawals()?,
        found: reader.found_orders(&world_id)?,
        balances: beginning(&us, &history.spec)?,
        us,
        world_no,
        spans,
        tables,
        orders: Orders::new(),
        used: BTreeSet::new(),
        problems: Vec::new(),
    };
    books.walk(history)?;
    books.compare(reader, &others)
}

/// A session and the ledgers whose transactions it booked: those after the session before, up to `last`.
struct Span {
    row: SessionRow,
    first: u32,
    last: u32,
    /// Ledgers between a decision and the last ledger of its transaction.
    offset: u32,
    opening: Option<Balances>,
    closing: Option<Balances>,
}

impl Span {
    fn of(reader: &Reader, row: SessionRow) -> Result<Span, ReadError> {
        let number = |index: Option<i64>| index.and_then(|index| u32::try_from(index).ok());
        let first = number(row.first_ledger_index).unwrap_or(0);
        let told = number(reader.last_told(row.session_id)?).unwrap_or(first);
        let pairs = config_pairs(&row.config);
        let offset = pairs.iter().find(|(key, _)| key == "last_ledger_offset");
        Ok(Span {
            first,
            last: number(row.last_ledger_index).unwrap_or(told),
            offset: offset.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(4),
            row,
            opening: None,
            closing: None,
        })
    }
}

/// What the ledger shows of our money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Balances {
    xrp: Drops,
    rlusd: IssuedValue,
    at: LedgerTime,
}

struct Books {
    us: Identity,
    world_no: i64,
    outbox: BTreeSet<String>,
    /// What an operator announced: no ledger tells that either.
    announced: BTreeSet<String>,
    found: std::collections::BTreeMap<u32, String>,
    spans: Vec<Span>,
    tables: LedgerTables,
    balances: Balances,
    orders: Orders,
    /// Sequences and tickets that transactions of the account used, tickets marked.
    used: BTreeSet<(bool, u32)>,
    problems: Vec<String>,
}

impl Books {
    fn walk(&mut self, history: &LedgerHistory) -> Result<(), FromLedgerError> {
        let mut parent_close = LedgerTime(0);
        // What came after the last ledger that was booked (a kill leaves that) is for the next start to book.
        let last = self.spans.last().map_or(0, |span| span.last);
        for ledger in history.ledgers.iter().take_while(|ledger| ledger.index <= last) {
            let booked_by = self.spans.iter().position(|span| ledger.index <= span.last);
            // Before the first session nothing is booked: it is in the opening balances.
            let opened = self.spans.first().is_some_and(|span| ledger.index > span.first);
            for (hash, blob, meta) in &ledger.transactions {
                let own = Own::read(&self.us, *hash, blob, meta)
                    .map_err(|what| FromLedgerError::Unreadable(format!("transaction {hash}: {what}")))?;
                self.follow(&own);
                match booked_by.filter(|_| opened) {
                    Some(session) => {
                        self.book(session, &own, (ledger.index, ledger.close_time), parent_close)?
                    }
                    None => self.before_the_first(&own),
                }
            }
            self.balances.at = ledger.close_time;
            self.sessions_at(ledger.index)?;
            parent_close = ledger.close_time;
        }
        for order in self.orders.values() {
            self.tables.insert("orders", &order.row())?;
        }
        Ok(())
    }

    /// Each balance must start where the one before ended. A sequence or a ticket is used once.
    fn follow(&mut self, own: &Own) {
        if own.is_ours(&self.us) && !self.used.insert((own.by_ticket, own.number)) {
            self.problems.push(format!("transaction {} uses number {} again", own.did.hash, own.number));
        }
        let mut broken = false;
        if let Some((before, after)) = own.did.xrp {
            broken |= before != self.balances.xrp;
            self.balances.xrp = after;
        }
        if let Some((before, after)) = own.did.rlusd {
            broken |= before != self.balances.rlusd;
            self.balances.rlusd = after;
        }
        if broken {
            self.problems
                .push(format!("transaction {} does not start from the balances before", own.did.hash));
        }
    }

    fn book(
        &mut self,
        session: usize,
        own: &Own,
        (index, at): (u32, LedgerTime),
        parent_close: LedgerTime,
    ) -> Result<(), FromLedgerError> {
        let hash = own.did.hash.to_string();
        let by_engine = self.outbox.contains(&hash);
        let (mut moved, fills) = own.explained(&self.us, by_engine);
        if self.announced.contains(&hash) {
            let external =
                moved.iter_mut().filter(|moved| moved.counter == EXTERNAL && moved.amount.is_negative());
            external.for_each(|moved| (moved.cause, moved.counter) = ("withdrawal", "owner"));
        }
        if own.is_ours(&self.us) && by_engine && own.tx_type == TxType::OFFER_CREATE {
            let taken = fills.iter().find(|fill| fill.liquidity == "taker");
            let replaces = own.ends.and_then(|ends| self.orders.get(&ends)).map(|order| order.name.clone());
            let placed = Order::placed(self.name_of(own), own, taken, replaces, at);
            self.orders.extend(placed.map(|order| (own.number, order)));
        }
        let session_id = self.spans.get(session).map_or(0, |span| span.row.session_id);
        for moved in &moved {
            self.movement(session_id, moved, Some(&hash), (index, at))?;
        }
        for fill in &fills {
            match self.orders.get(&fill.offer) {
                Some(order) => self.tables.insert("fills", &fill_row(fill, order, &hash, index, at))?,
                None => self.problems.push(format!("{hash} traded offer {}, which is no order", fill.offer)),
            }
        }
        let takes_away = matches!(own.tx_type, TxType::OFFER_CANCEL | TxType::OFFER_CREATE);
        let cancels = (own.is_ours(&self.us) && takes_away).then_some(hash.as_str());
        for offer in &own.offers {
            let status = offer.status(&self.us, own, parent_close);
            if offer.is_new() {
                if !self.orders.contains_key(&offer.sequence) {
                    self.take_in(session_id, offer);
                }
            } else if let Some(order) = self.orders.get_mut(&offer.sequence) {
                order.changed(offer, status, cancels, at);
            }
        }
        Ok(())
    }

    /// Offers that were there when the first session opened are known to it as found.
    fn before_the_first(&mut self, own: &Own) {
        let session_id = self.spans.first().map_or(0, |span| span.row.session_id);
        for offer in &own.offers {
            if offer.is_gone() {
                self.orders.remove(&offer.sequence);
            } else {
                self.take_in(session_id, offer);
            }
        }
    }

    fn take_in(&mut self, session_id: i64, offer: &own::OfferNode) {
        let named = self.found.get(&offer.sequence).cloned();
        let name = named.unwrap_or_else(|| format!("w{}-offer {}", self.world_no, offer.sequence));
        self.orders.insert(offer.sequence, Order::found((name, session_id), offer));
    }

    /// An order is named by the ledger of its decision, so many ledgers before its transaction's last one, and belongs to
    /// the session that was open then.
    fn name_of(&self, own: &Own) -> (String, i64) {
        let last = own.last_ledger_sequence.unwrap_or(0);
        let decided = |span: &&Span| span.first <= last.saturating_sub(span.offset);
        let span = self.spans.iter().rev().find(decided).or(self.spans.first());
        let (offset, session_id) = span.map_or((4, 0), |span| (span.offset, span.row.session_id));
        (format!("w{}-{}-{}", self.world_no, last.saturating_sub(offset), own.number), session_id)
    }

    fn movement(
        &self,
        session_id: i64,
        moved: &Moved,
        tx_hash: Option<&str>,
        (index, at): (u32, LedgerTime),
    ) -> Result<(), ReadError> {
        let amount = moved.amount.abs();
        let (debit, credit) =
            if moved.amount.is_negative() { (moved.counter, "wallet") } else { ("wallet", moved.counter) };
        let order = moved.offer.and_then(|offer| self.orders.get(&offer));
        let text = |text: &str| Cell::Text(text.to_owned());
        let row = [
            ("session_id", Cell::Integer(session_id)),
            ("ledger_index", Cell::Integer(index.into())),
            ("tx_hash", tx_hash.map_or(Cell::Null, text)),
            ("cause", text(moved.cause)),
            ("asset", text(if moved.is_xrp { "XRP" } else { "RLUSD" })),
            ("debit", text(debit)),
            ("credit", text(credit)),
            ("amount", Cell::Text(if moved.is_xrp { amount.to_fixed(6) } else { amount.to_string() })),
            ("order_id", order.map_or(Cell::Null, |order| text(&order.name))),
            ("created_at", Cell::Text(at.to_iso())),
        ];
        self.tables.insert("inventory_ledger", &row)
    }

    /// Sessions that open or end with this ledger; the first one brings the first books.
    fn sessions_at(&mut self, index: u32) -> Result<(), ReadError> {
        let balances = self.balances;
        for span in &mut self.spans {
            if span.first == index {
                span.opening = Some(balances);
            }
            if span.row.status == "closed" && span.last == index {
                span.closing = Some(balances);
            }
        }
        let Some(first) = self.spans.first().filter(|span| span.first == index) else { return Ok(()) };
        let session_id = first.row.session_id;
        let books = [(true, Exact::from_drops(balances.xrp)), (false, Exact::from(balances.rlusd))];
        for (is_xrp, amount) in books.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            let genesis = Moved { cause: "genesis", counter: "genesis", is_xrp, amount, offer: None };
            self.movement(session_id, &genesis, None, (index, balances.at))?;
        }
        Ok(())
    }

    fn compare(self, reader: &Reader, others: &[SessionRow]) -> Result<LedgerAudit, FromLedgerError> {
        for span in &self.spans {
            self.tables.insert("sessions", &session_row(self.world_no, span))?;
        }
        let ids: Vec<i64> = self.spans.iter().map(|span| span.row.session_id).collect();
        let compared = self.tables.compare(reader, &ids)?;
        let first = self.spans.first().map_or(0, |span| span.first);
        let last = self.spans.last().map_or(0, |span| span.last);
        Ok(LedgerAudit::new((first, last), ids, others, compared, self.problems))
    }
}

/// The row of a session: its balances are the ledger's, its name and configuration its own.
fn session_row(world_no: i64, span: &Span) -> Vec<(&'static str, Cell)> {
    let row = &span.row;
    let text = |text: &str| Cell::Text(text.to_owned());
    let shown = |balances: Option<Balances>| match balances {
        Some(shown) => [
            Cell::Text(shown.xrp.to_xrp_string()),
            Cell::Text(Exact::from(shown.rlusd).to_string()),
            Cell::Text(shown.at.to_iso()),
        ],
        None => [Cell::Null, Cell::Null, Cell::Null],
    };
    let ([start_xrp, start_rlusd, started], [end_xrp, end_rlusd, ended]) =
        (shown(span.opening), shown(span.closing));
    vec![
        ("session_id", Cell::Integer(row.session_id)),
        ("world_no", Cell::Integer(world_no)),
        ("network", text(&row.network)),
        ("config", text(&row.config)),
        ("config_hash", text(&row.config_hash)),
        ("status", text(&row.status)),
        ("genesis_digest", text(&row.genesis_digest)),
        ("first_ledger_index", Cell::Integer(span.first.into())),
        ("last_ledger_index", row.last_ledger_index.map_or(Cell::Null, Cell::Integer)),
        ("starting_xrp", start_xrp),
        ("starting_rlusd", start_rlusd),
        ("started_at", if started == Cell::Null { text("") } else { started }),
        ("ending_xrp", end_xrp),
        ("ending_rlusd", end_rlusd),
        ("ended_at", ended),
    ]
}

/// Our money at the world's beginning, which no transaction tells.
fn beginning(us: &Identity, spec: &WorldSpec) -> Result<Balances, FromLedgerError> {
    let world = World::genesis(spec.clone())
        .map_err(|error| FromLedgerError::Unreadable(format!("the world's beginning: {error}")))?;
    let root = world.account_root(At::Validated, us.account);
    let xrp = root.and_then(|(_, root)| root.amount(f::BALANCE)).and_then(|balance| balance.drops());
    let rlusd = world.all_entries(At::Validated).find_map(|(_, entry)| line_balance(us, &entry));
    Ok(Balances {
        xrp: xrp.unwrap_or(Drops::ZERO),
        rlusd: rlusd.unwrap_or(IssuedValue::ZERO),
        at: world.header().close_time,
    })
}

/// The balance of a trust line, if it is ours and of our quote currency: seen from the low account on the ledger.
fn line_balance(us: &Identity, entry: &ledger::Object) -> Option<IssuedValue> {
    let holder = |field| -> Option<AccountId> { entry.amount(field)?.asset().issuer() };
    let (low, high) = (holder(f::LOW_LIMIT)?, holder(f::HIGH_LIMIT)?);
    let Amount::Issued { value, currency, .. } = entry.amount(f::BALANCE)? else { return None };
    match (currency == us.currency, (low, high)) {
        (true, (low, high)) if (low, high) == (us.account, us.issuer) => Some(value),
        (true, (low, high)) if (high, low) == (us.account, us.issuer) => Some(value.negate()),
        _ => None,
    }
}
