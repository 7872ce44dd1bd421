//! The ledger's own books of our wallet: every transaction that touched it, its balances and its offers after every
//! ledger, from the embedded ledger's history alone.

use crate::facts::{Fact, Pair, Resting, Us};
use server::{EmbeddedLedger, LedgerServer};
use sim::world::At;
use std::collections::BTreeMap;
use units::{Exact, LedgerIndex};

/// The books.
pub(crate) struct Truth {
    pub(crate) us: Us,
    /// The newest ledger that is in them.
    pub(crate) at: u32,
    pub(crate) balances: BTreeMap<u32, Pair>,
    pub(crate) close_times: BTreeMap<u32, u32>,
    /// By their hash, as text.
    pub(crate) facts: BTreeMap<String, Fact>,
    /// In the ledger's order.
    pub(crate) order: Vec<String>,
    /// The first ledger in which somebody took from the wallet without a trade.
    pub(crate) poorer_since: Option<u32>,
    /// Our offers after each ledger in which one changed.
    pub(crate) offers: BTreeMap<u32, BTreeMap<u32, Resting>>,
    last: Option<ledger::Hash256>,
}

impl Truth {
    /// The books of a wallet that has no offers, from the ledger's newest on.
    pub(crate) fn begin(us: Us, server: &LedgerServer) -> Truth {
        server.with_ledger(|ledger| {
            let header = ledger.header();
            let at = header.ledger_index.get();
            Truth {
                us,
                at,
                balances: BTreeMap::from([(at, held(ledger, &us))]),
                close_times: BTreeMap::from([(at, header.close_time.0)]),
                facts: BTreeMap::new(),
                order: Vec::new(),
                poorer_since: None,
                offers: BTreeMap::from([(at, BTreeMap::new())]),
                last: None,
            }
        })
    }

    /// Takes what closed since.
    ///
    /// # Errors
    /// A ledger whose own history does not add up, in words: a mistake of the simulation, not of what is tested.
    pub(crate) fn follow(&mut self, server: &LedgerServer) -> Result<(), String> {
        server.with_ledger(|ledger| {
            let newest = ledger.header().ledger_index.get();
            let mut sum = self.balance(self.at);
            while self.at < newest {
                self.at += 1;
                let header = ledger.header_of(LedgerIndex(self.at)).ok_or("a ledger is not kept")?;
                self.close_times.insert(self.at, header.close_time.0);
                sum = self.ledger(ledger, &sum)?;
                self.balances.insert(self.at, sum.clone());
            }
            let state = held(ledger, &self.us);
            if sum != state {
                return Err(format!("ledger {newest}: the metadata make {sum}, the state is {state}"));
            }
            Ok(())
        })
    }

    fn ledger(&mut self, ledger: &EmbeddedLedger, before: &Pair) -> Result<Pair, String> {
        let mut sum = before.clone();
        let mut offers = self.offers_at(self.at).clone();
        let told = ledger.told_of(&self.us.account, LedgerIndex(self.at));
        for tx in told {
            let fact = Fact::read(&self.us, self.at, tx.hash, &tx.blob, &tx.meta)
                .map_err(|what| format!("transaction {}: {what}", tx.hash))?;
            if let (Some(last), Some(thread)) = (self.last, fact.thread)
                && last != thread
            {
                return Err(format!("transaction {}: follows {thread}, the last was {last}", tx.hash));
            }
            if fact.thread.is_some() {
                self.last = Some(tx.hash);
            }
            sum = sum.plus(&fact.change);
            for (sequence, resting) in &fact.offers {
                match resting {
                    Some(resting) => drop(offers.insert(*sequence, resting.clone())),
                    None => drop(offers.remove(sequence)),
                }
            }
            if fact.takes_without_a_trade() {
                self.poorer_since.get_or_insert(self.at);
            }
            let name = tx.hash.to_string();
            self.order.push(name.clone());
            self.facts.insert(name, fact);
        }
        if offers != *self.offers_at(self.at) {
            self.offers.insert(self.at, offers);
        }
        Ok(sum)
    }

    /// Our balances after a ledger.
    pub(crate) fn balance(&self, at: u32) -> Pair {
        self.balances.range(..=at).next_back().map_or_else(Pair::zero, |(_, pair)| pair.clone())
    }

    /// Our offers after a ledger.
    pub(crate) fn offers_at(&self, at: u32) -> &BTreeMap<u32, Resting> {
        static NONE: BTreeMap<u32, Resting> = BTreeMap::new();
        self.offers.range(..=at).next_back().map_or(&NONE, |(_, offers)| offers)
    }

    /// What touched us in these ledgers, in order.
    pub(crate) fn between(&self, from: u32, to: u32) -> impl Iterator<Item = &Fact> {
        let facts = self.order.iter().filter_map(|hash| self.facts.get(hash));
        facts.filter(move |fact| (from..=to).contains(&fact.ledger))
    }
}

/// What the state says.
fn held(ledger: &EmbeddedLedger, us: &Us) -> Pair {
    let root = ledger.world().account_root(At::Validated, us.account);
    let xrp = root.and_then(|(_, root)| match root.amount(ledger::fields::BALANCE) {
        Some(ledger::Amount::Xrp(drops)) => Some(Exact::from_drops(drops)),
        _ => None,
    });
    let lines = ledger.world().account_lines(At::Validated, us.account);
    let line = lines.iter().find(|line| line.peer == us.issuer && line.currency == us.currency);
    Pair {
        xrp: xrp.unwrap_or_else(Exact::zero),
        rlusd: line.map_or_else(Exact::zero, |line| Exact::from(line.balance)),
    }
}
