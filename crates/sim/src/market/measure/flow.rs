//! Counts what was sent: XRP/RLUSD transactions are OfferCreates of the pair and payments from one of the two to the
//! other, as in the recorded order flow. Never looks at what they traded.

use std::collections::BTreeMap;

use ledger::meta::NodeAction;
use ledger::{Amount, Asset, EntryType, Object, TxType, fields as f, flags};
use serde::Serialize;

use super::stats::Quantiles;
use crate::market::scene::sides;
use crate::world::ClosedLedger;

/// Orders and payments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flow {
    /// XRP/RLUSD transactions a ledger.
    pub per_ledger: Quantiles,
    /// Sizes of offers in RLUSD.
    pub sizes: Quantiles,
    /// Ledgers from when a deleted offer was last touched to its end, as the metadata tells it.
    pub lifetimes: Quantiles,
    /// How many of the XRP/RLUSD transactions are of a kind: `offers`, `payments`, and of the offers `passive`,
    /// `immediate`, `fill_or_kill`, `sell`, `tickets`, `expirations`, `replacing`.
    pub kinds: BTreeMap<&'static str, usize>,
    /// Results of the XRP/RLUSD transactions.
    pub results: BTreeMap<String, usize>,
    /// OfferCancels of everybody: not XRP/RLUSD transactions in the recorded flow, which does not list them.
    pub cancels: usize,
}

/// What was counted so far.
pub struct FlowWatch {
    rlusd: Asset,
    per_ledger: Vec<f64>,
    sizes: Vec<f64>,
    lifetimes: Vec<f64>,
    kinds: BTreeMap<&'static str, usize>,
    results: BTreeMap<String, usize>,
    cancels: usize,
}

impl FlowWatch {
    /// Nothing yet.
    pub fn new(rlusd: Asset) -> FlowWatch {
        FlowWatch {
            rlusd,
            per_ledger: Vec::new(),
            sizes: Vec::new(),
            lifetimes: Vec::new(),
            kinds: BTreeMap::new(),
            results: BTreeMap::new(),
            cancels: 0,
        }
    }

    /// One ledger.
    pub fn ledger(&mut self, closed: &ClosedLedger, transactions: &[Object]) {
        let mut count = 0_u32;
        for (applied, tx) in closed.transactions.iter().zip(transactions) {
            let tx_type = tx.u32(f::TRANSACTION_TYPE);
            let is = |wanted: TxType| tx_type == Some(u32::from(wanted.0));
            self.cancels += usize::from(is(TxType::OFFER_CANCEL));
            let counted = match pair(tx, &self.rlusd) {
                Some((one, other)) if is(TxType::OFFER_CREATE) => {
                    self.sizes.extend(sides(one, other).map(|(_, rlusd)| rlusd));
                    self.offer(tx);
                    true
                }
                Some(_) if is(TxType::PAYMENT) => {
                    self.count("payments", true);
                    true
                }
                _ => false,
            };
            if counted {
                count += 1;
                *self.results.entry(applied.meta.result.to_string()).or_default() += 1;
            }
            self.deleted(applied, closed.header.ledger_index.0);
        }
        self.per_ledger.push(f64::from(count));
    }

    fn offer(&mut self, tx: &Object) {
        let set = tx.u32(f::FLAGS).unwrap_or(0);
        self.count("offers", true);
        self.count("passive", set & flags::TF_PASSIVE != 0);
        self.count("immediate", set & flags::TF_IMMEDIATE_OR_CANCEL != 0);
        self.count("fill_or_kill", set & flags::TF_FILL_OR_KILL != 0);
        self.count("sell", set & flags::TF_SELL != 0);
        self.count("tickets", tx.contains(f::TICKET_SEQUENCE));
        self.count("expirations", tx.contains(f::EXPIRATION));
        self.count("replacing", tx.contains(f::OFFER_SEQUENCE));
    }

    fn count(&mut self, kind: &'static str, is: bool) {
        *self.kinds.entry(kind).or_default() += usize::from(is);
    }

    fn deleted(&mut self, applied: &crate::world::AppliedTx, ledger_index: u32) {
        let gone = applied
            .meta
            .nodes
            .iter()
            .filter(|node| node.entry_type == EntryType::OFFER && node.action == NodeAction::Deleted);
        for node in gone {
            let fields = node.fields.as_ref();
            let since = node.previous_txn_lgr_seq.or_else(|| fields?.u32(f::PREVIOUS_TXN_LGR_SEQ));
            self.lifetimes.extend(since.map(|since| f64::from(ledger_index.saturating_sub(since))));
        }
    }

    /// The figures.
    pub fn finish(&self) -> Flow {
        Flow {
            per_ledger: Quantiles::of(self.per_ledger.clone()),
            sizes: Quantiles::of(self.sizes.clone()),
            lifetimes: Quantiles::of(self.lifetimes.clone()),
            kinds: self.kinds.clone(),
            results: self.results.clone(),
            cancels: self.cancels,
        }
    }

    /// The sizes themselves.
    pub fn sizes(self) -> Vec<f64> {
        self.sizes
    }
}

/// The two amounts of an offer or of a payment across the currencies, when they are XRP and this RLUSD.
pub fn pair(tx: &Object, rlusd: &Asset) -> Option<(Amount, Amount)> {
    let offer = tx.amount(f::TAKER_GETS).zip(tx.amount(f::TAKER_PAYS));
    let (one, other) = offer.or_else(|| tx.amount(f::AMOUNT).zip(tx.amount(f::SEND_MAX)))?;
    let assets = [one.asset(), other.asset()];
    (assets.contains(&Asset::Xrp) && assets.contains(rlusd)).then_some((one, other))
}
