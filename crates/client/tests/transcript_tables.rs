//! The maker's tables out of the recorded messages alone (its offers, balance and trust lines, each from the metadata of the
//! ledgers the client hands on, missing ranges asked from the recorded history) against the server's own word afterwards:
//! `account_tx`, `account_offers`, `account_lines` and `account_info`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::collections::BTreeMap;

use client::answers::HistoryPage;
use client::{Assembler, AssemblerEvent, BookOffer, StreamMessage};
use common::recording;
use ledger::{AccountId, Amount, EntryType, Hash256, NodeAction, Object, TxMeta, fields as f};
use serde_json::Value;
use units::LedgerIndex;

fn truth<'l>(lines: &'l [Value], what: &str) -> &'l Value {
    let of_it = |line: &&Value| line["kind"] == "truth" && line["what"] == what && line["api_version"] != 1;
    &lines.iter().find(of_it).unwrap_or_else(|| panic!("no truth {what}"))["msg"]
}

/// What an account has, as far as it was told.
#[derive(Debug, Clone, Default, PartialEq)]
struct Tables {
    offers: BTreeMap<u32, (Amount, Amount)>,
    lines: BTreeMap<Hash256, Amount>,
    root: Option<(Amount, u32, u32)>,
    transactions: Vec<Hash256>,
}

impl Tables {
    fn take(&mut self, hash: Hash256, meta: &TxMeta, me: AccountId) {
        let mut is_mine = false;
        for node in &meta.nodes {
            let Some(fields) = &node.fields else { continue };
            is_mine |= match node.entry_type {
                EntryType::OFFER if fields.account(f::ACCOUNT) == Some(me) => self.offer(node.action, fields),
                EntryType::RIPPLE_STATE if concerns(fields, me) => {
                    match fields.amount(f::BALANCE).filter(|_| node.action != NodeAction::Deleted) {
                        Some(balance) => self.lines.insert(node.index, balance),
                        None => self.lines.remove(&node.index),
                    };
                    true
                }
                EntryType::ACCOUNT_ROOT if fields.account(f::ACCOUNT) == Some(me) => {
                    let number = |field| fields.u32(field).unwrap_or(0);
                    let balance = fields.amount(f::BALANCE).unwrap();
                    self.root = Some((balance, number(f::SEQUENCE), number(f::OWNER_COUNT)));
                    true
                }
                _ => false,
            };
        }
        if is_mine {
            self.transactions.push(hash);
        }
    }

    fn offer(&mut self, action: NodeAction, fields: &Object) -> bool {
        let sequence = fields.u32(f::SEQUENCE).unwrap();
        if action == NodeAction::Deleted {
            self.offers.remove(&sequence);
        } else {
            let amounts = (fields.amount(f::TAKER_GETS).unwrap(), fields.amount(f::TAKER_PAYS).unwrap());
            self.offers.insert(sequence, amounts);
        }
        true
    }
}

fn concerns(line: &Object, me: AccountId) -> bool {
    let side = |field| line.amount(field).and_then(|limit| limit.asset().issuer()) == Some(me);
    side(f::LOW_LIMIT) || side(f::HIGH_LIMIT)
}

/// The maker: whom the clients subscribed to.
fn maker(lines: &[Value]) -> AccountId {
    let asked =
        lines.iter().find_map(|line| line["msg"]["accounts"][0].as_str().filter(|_| line["kind"] == "out"));
    asked.unwrap().parse().unwrap()
}

/// Offers of the maker's that rested when the client subscribed: from its snapshot of the book.
fn resting(lines: &[Value], me: AccountId) -> BTreeMap<u32, (Amount, Amount)> {
    let of_v2 = lines.iter().filter(|line| line["client"] == "v2" && line["kind"] == "in");
    let snapshot =
        of_v2.map(|line| &line["msg"]["result"]).find(|result| result.get("asks").is_some()).unwrap();
    let offers = BookOffer::read_snapshot(snapshot).unwrap().into_iter().filter(|offer| offer.account == me);
    offers.map(|offer| (offer.sequence, (offer.taker_gets, offer.taker_pays))).collect()
}

/// The server's history of the maker: over the asked range, or, where the server refused that, over what it had.
fn answer(lines: &[Value]) -> &Value {
    let asked = truth(lines, "account_tx");
    if asked.get("error").is_some() { truth(lines, "account_tx_all") } else { asked }
}

/// Every entry of the server's history of the maker that the recording holds, as (ledger, hash, metadata), in order.
fn history(lines: &[Value]) -> Vec<(u32, Hash256, TxMeta)> {
    let answer = answer(lines).clone();
    let index = |name: &str| LedgerIndex(u32::try_from(answer[name].as_u64().unwrap()).unwrap());
    let (from, to) = (index("ledger_index_min"), index("ledger_index_max"));
    let page = HistoryPage::read(answer.clone(), from, to).unwrap();
    assert_eq!(page.marker, None);
    let entry = |tx: client::ValidatedTx| {
        let meta = tx.typed_meta().unwrap().clone();
        (tx.ledger_index.get(), tx.hash, meta)
    };
    let mut all: Vec<_> = page.transactions.into_iter().map(entry).collect();
    all.sort_by_key(|(ledger, _, meta)| (*ledger, meta.index));
    all
}

/// What the client makes of the messages: ledgers from the stream, gaps from the history.
fn from_messages(lines: &[Value], mut tables: Tables, me: AccountId) -> (Tables, u32, usize) {
    let history = history(lines);
    let mut assembler = Assembler::new(None);
    let (mut last, mut gaps) = (0, 0);
    for line in lines.iter().filter(|line| line["client"] == "v2" && line["kind"] == "in") {
        let message = line["msg"].clone();
        if message["type"] == "response" {
            let at = message["result"]["ledger_index"]
                .as_u64()
                .filter(|_| message["result"].get("fee_base").is_some());
            if let Some(at) = at {
                assembler.subscribed_at(LedgerIndex(u32::try_from(at).unwrap()));
            }
        } else {
            assembler.accept(StreamMessage::parse(message).unwrap()).unwrap();
        }
        while let Some(event) = assembler.next_event() {
            match event {
                AssemblerEvent::Ledger(ledger) => {
                    last = ledger.index.get();
                    for tx in &ledger.transactions {
                        tables.take(tx.hash, tx.typed_meta().unwrap(), me);
                    }
                }
                AssemblerEvent::Gap(gap) => {
                    gaps += 1;
                    last = gap.to.get();
                    let missing =
                        history.iter().filter(|(at, ..)| (gap.from.get()..=gap.to.get()).contains(at));
                    missing.for_each(|(_, hash, meta)| tables.take(*hash, meta, me));
                }
            }
        }
    }
    (tables, last, gaps)
}

fn replayed(name: &str, gaps_wanted: usize) {
    let Some(lines) = recording(&format!("{name}.jsonl.gz")) else { return };
    let me = maker(&lines);
    let start = Tables { offers: resting(&lines, me), ..Tables::default() };
    let (told, last, gaps) = from_messages(&lines, start.clone(), me);
    let first = told_from(&lines);
    let mut asked = start;
    for (ledger, hash, meta) in history(&lines) {
        if (first..=last).contains(&ledger) {
            asked.take(hash, &meta, me);
        }
    }
    println!(
        "{name}: ledgers {first} to {last}, {gaps} gaps: {} transactions, {} offers, {} lines",
        told.transactions.len(),
        told.offers.len(),
        told.lines.len()
    );
    assert_eq!(told, asked, "{name}: the messages and the history");
    assert_eq!(gaps, gaps_wanted, "{name}");
    final_words(&lines, &told, last);
}

/// The first ledger after the subscription.
fn told_from(lines: &[Value]) -> u32 {
    let closed = lines.iter().filter(|line| line["client"] == "v2" && line["msg"]["type"] == "ledgerClosed");
    u32::try_from(closed.map(|line| line["msg"]["ledger_index"].as_u64().unwrap()).min().unwrap()).unwrap()
}

/// What the server says of the account at the end, where nothing of its own came after the last message.
fn final_words(lines: &[Value], told: &Tables, last: u32) {
    let spoken_at = truth(lines, "account_info")["ledger_index"].as_u64().unwrap();
    let known_to = answer(lines)["ledger_index_max"].as_u64().unwrap();
    let is_later = history(lines).iter().any(|(ledger, ..)| *ledger > last);
    if is_later || spoken_at > known_to.max(u64::from(last)) {
        println!("  the stream ended at {last}, the last word is of {spoken_at}: nothing to compare it with");
        return;
    }
    let mut offers = BTreeMap::new();
    for offer in truth(lines, "account_offers")["offers"].as_array().unwrap() {
        let amount = |side: &str| Amount::from_json(&offer[side]).unwrap();
        offers.insert(
            u32::try_from(offer["seq"].as_u64().unwrap()).unwrap(),
            (amount("taker_gets"), amount("taker_pays")),
        );
    }
    assert_eq!(told.offers, offers, "the last word on offers");
    let info = &truth(lines, "account_info")["account_data"];
    if let Some((balance, sequence, owned)) = &told.root {
        assert_eq!(balance, &Amount::from_json(&info["Balance"]).unwrap());
        assert_eq!(u64::from(*sequence), info["Sequence"].as_u64().unwrap());
        assert_eq!(u64::from(*owned), info["OwnerCount"].as_u64().unwrap());
    }
    let balances = truth(lines, "account_lines")["lines"].as_array().unwrap();
    for balance in told.lines.values() {
        let Amount::Issued { value, .. } = balance else { panic!("{balance:?}") };
        let shown =
            |line: &Value| line["balance"].as_str().unwrap().parse::<units::IssuedValue>().unwrap().abs();
        assert!(balances.iter().any(|line| shown(line) == value.abs()), "{balance:?}");
    }
    println!("  offers, balance, sequence, owner count and lines as the server says last");
}

#[test]
fn a_quiet_market() {
    replayed("quiet", 0);
}

#[test]
fn a_market_with_a_lost_connection() {
    replayed("disconnect", 1);
}

#[test]
fn a_network_that_stood_still() {
    replayed("stalled_validation", 0);
}
