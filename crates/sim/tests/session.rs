//! Minutes of a naive quoter at 10 and 14 bps against the built-in market: it is filled on both sides over a
//! few seeds, the world repeats bit for bit, and nothing is created or lost.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeMap;

use ledger::meta::NodeAction;
use ledger::{AccountId, Amount, Asset, EntryType, KeyPair, SeqProxy, Transaction, TxKind, fields as f};
use sim::identity;
use sim::world::{At, ClosedLedger, MarketSpec, World, WorldSpec};
use units::{Drops, IssuedValue, LedgerTime, Rounding};

const START: LedgerTime = LedgerTime(825_638_400);

/// Places a bid 10 bps below and an ask 14 bps above the middle of the book without its own offers, each ledger anew.
struct Quoter {
    keys: KeyPair,
    rlusd: Asset,
    offers: BTreeMap<bool, u32>,
    fills: BTreeMap<bool, u32>,
}

impl Quoter {
    fn new() -> Quoter {
        Quoter {
            keys: identity::keys(identity::WALLET).unwrap(),
            rlusd: identity::rlusd().unwrap(),
            offers: BTreeMap::new(),
            fills: BTreeMap::new(),
        }
    }

    /// Best price of the others, RLUSD per XRP in millionths.
    fn best(&self, world: &World, is_bid: bool) -> Option<i128> {
        let (pays, gets) = if is_bid { (Asset::Xrp, self.rlusd) } else { (self.rlusd, Asset::Xrp) };
        let book = world.book_offers(At::Validated, &pays, &gets, 30);
        let others =
            book.iter().find(|offer| offer.entry.account(f::ACCOUNT) != Some(self.keys.account()))?;
        let (gets, pays) = (others.entry.amount(f::TAKER_GETS)?, others.entry.amount(f::TAKER_PAYS)?);
        let (xrp, value) = if is_bid { (pays, gets) } else { (gets, pays) };
        let nano = |value: IssuedValue| {
            Rounding::Down
                .divide(i128::from(value.mantissa()), 10_i128.pow((-value.exponent()).unsigned_abs() - 9))
                .unwrap()
        };
        Some(nano(value.value()?) * 1000 / i128::from(xrp.drops()?.get()))
    }

    fn quote(&mut self, world: &mut World) {
        let (Some(bid), Some(ask)) = (self.best(world, true), self.best(world, false)) else {
            return;
        };
        let middle = (bid + ask) / 2;
        let mut sequence = world.sequence(At::Current, self.keys.account()).unwrap();
        for (is_bid, price) in [(true, middle * 9_990 / 10_000), (false, middle * 10_014 / 10_000)] {
            let Asset::Issued { currency, issuer } = self.rlusd else { panic!() };
            let drops = 15_000_000_i128 * 1_000_000 / price;
            let value = IssuedValue::from_parts_rounded(drops * price, -12, Rounding::Down).unwrap();
            let xrp = Amount::Xrp(Drops::new(i64::try_from(drops).unwrap()).unwrap());
            let rlusd = Amount::Issued { value, currency, issuer };
            let (taker_gets, taker_pays) = if is_bid { (rlusd, xrp) } else { (xrp, rlusd) };
            let transaction = Transaction {
                account: self.keys.account(),
                sequence: SeqProxy::Sequence(sequence),
                fee: Drops::new(10).unwrap(),
                flags: ledger::flags::TF_PASSIVE,
                last_ledger_sequence: None,
                network_id: Some(identity::NETWORK_ID),
                source_tag: None,
                kind: TxKind::OfferCreate {
                    taker_gets,
                    taker_pays,
                    expiration: None,
                    offer_sequence: self.offers.get(&is_bid).copied(),
                },
            };
            let signed = ledger::sign(&transaction, &self.keys).unwrap();
            let answer = world.submit(&signed.blob).unwrap();
            if answer.applied {
                self.offers.insert(is_bid, sequence);
                sequence += 1;
            }
        }
    }

    fn count_fills(&mut self, closed: &ClosedLedger) {
        let own = |object: Option<&ledger::Object>| {
            object.and_then(|o| o.account(f::ACCOUNT)) == Some(self.keys.account())
        };
        for tx in &closed.transactions {
            for node in &tx.meta.nodes {
                let traded = node.previous.as_ref().is_some_and(|previous| previous.contains(f::TAKER_GETS));
                if node.entry_type == EntryType::OFFER
                    && node.action != NodeAction::Created
                    && traded
                    && own(node.fields.as_ref())
                {
                    let gives_xrp =
                        matches!(node.fields.as_ref().unwrap().amount(f::TAKER_GETS), Some(Amount::Xrp(_)));
                    *self.fills.entry(!gives_xrp).or_default() += 1;
                }
            }
        }
    }
}

fn spec(seed: u64) -> WorldSpec {
    WorldSpec::paper(seed, MarketSpec::Synthetic, START)
}

/// All drops and all RLUSD: what accounts hold, and what the issuer owes.
fn totals(world: &World) -> (i64, Vec<IssuedValue>) {
    let mut drops = 0;
    let mut held = Vec::new();
    for (_, entry) in world.all_entries(At::Validated) {
        match entry.amount(f::BALANCE) {
            Some(Amount::Xrp(balance)) => drops += balance.get(),
            Some(Amount::Issued { value, .. }) => held.push(value),
            _ => {}
        }
    }
    (drops, held)
}

#[test]
fn a_quoter_is_filled_on_both_sides_whatever_the_seed() {
    let mut all = BTreeMap::from([(true, 0), (false, 0)]);
    for seed in 1..=5 {
        let mut world = World::genesis(spec(seed)).unwrap();
        let wallet = identity::account(identity::WALLET).unwrap();
        let (_, root) = world.account_root(At::Validated, wallet).unwrap();
        assert_eq!(root.amount(f::BALANCE), Some(Amount::Xrp(Drops::from_xrp(60))));
        let mut quoter = Quoter::new();
        for _ in 0..300 {
            quoter.quote(&mut world);
            let closed = world.close();
            quoter.count_fills(&closed);
        }
        let fills = |is_bid| quoter.fills.get(&is_bid).copied().unwrap_or(0);
        eprintln!(
            "seed {seed}: {} buys, {} sells, fair {}",
            fills(true),
            fills(false),
            world.fair_value().unwrap()
        );
        // Behind a touch of some thousand RLUSD a side, twenty minutes may pass with one side alone.
        assert!(fills(true) + fills(false) >= 1, "seed {seed}: {:?}", quoter.fills);
        for (is_bid, sum) in &mut all {
            *sum += fills(*is_bid);
        }
        assert_eq!(totals(&world).0, world.header().total_coins.get(), "every drop is somewhere");
    }
    assert!(all.values().all(|sum| *sum >= 4), "{all:?}");
}

/// A path of candles that rises and falls: the price follows it whatever the seed, the flow does not.
#[test]
fn candles_lead_the_price_and_run_out() {
    let text: String = (0..12)
        .map(|minute| {
            let (open, close) = if minute % 2 == 0 { ("2.00", "2.01") } else { ("2.01", "2.00") };
            format!("{},{open},2.02,1.99,{close},10\n", 1_774_267_740_000_i64 + minute * 60_000)
        })
        .collect();
    let candles = sim::market::candles::parse(&text).unwrap();
    let run = |seed| {
        let spec = WorldSpec::paper(seed, MarketSpec::Candles(candles.clone()), START);
        let mut world = World::genesis(spec).unwrap();
        let mut quoter = Quoter::new();
        let mut prices = Vec::new();
        while !world.market_exhausted() {
            quoter.quote(&mut world);
            let closed = world.close();
            quoter.count_fills(&closed);
            prices.push(world.fair_value().unwrap());
        }
        (prices, world.header().ledger_hash, quoter.fills)
    };
    let ((prices, hash, fills), (other_prices, other_hash, _)) = (run(7), run(8));
    assert_eq!(prices, other_prices);
    assert_ne!(hash, other_hash);
    assert!(prices.iter().all(|price| ("1.99".parse().unwrap()..="2.02".parse().unwrap()).contains(price)));
    assert_eq!(prices.last().unwrap().to_string(), "2");
    assert!(fills[&true] > 0 && fills[&false] > 0, "{fills:?}");
}

/// The rule of network ids above 1024, signatures, and the sequences, as preliminary answers.
#[test]
fn preliminary_refusals_by_table() {
    let mut world = World::genesis(spec(5)).unwrap();
    let keys = identity::keys(identity::WALLET).unwrap();
    let next = world.sequence(At::Current, keys.account()).unwrap();
    for (network_id, sequence, fee, last, expected) in [
        (None, next, 10, None, "telREQUIRES_NETWORK_ID"),
        (Some(21_338), next, 10, None, "telWRONG_NETWORK"),
        (Some(identity::NETWORK_ID), next - 1, 10, None, "tefPAST_SEQ"),
        (Some(identity::NETWORK_ID), next + 1, 10, None, "terPRE_SEQ"),
        (Some(identity::NETWORK_ID), next, 9, None, "telINSUF_FEE_P"),
        (Some(identity::NETWORK_ID), next, 10, Some(3), "tefMAX_LEDGER"),
        (Some(identity::NETWORK_ID), next, 10, None, "tesSUCCESS"),
    ] {
        let transaction = Transaction {
            account: keys.account(),
            sequence: SeqProxy::Sequence(sequence),
            fee: Drops::new(fee).unwrap(),
            flags: 0,
            last_ledger_sequence: last,
            network_id,
            source_tag: None,
            kind: TxKind::OfferCancel { offer_sequence: 1 },
        };
        let signed = ledger::sign(&transaction, &keys).unwrap();
        let answer = world.submit(&signed.blob).unwrap();
        assert_eq!(answer.engine_result.to_string(), expected);
        let mut damaged = signed.blob.clone();
        let length = damaged.len();
        damaged[length - 30] ^= 1;
        assert!(world.submit(&damaged).map_or(true, |answer| !answer.applied), "{expected}: a damaged copy");
    }
    // The one sent too early was kept and applied once the gap was closed.
    assert_eq!(world.sequence(At::Current, keys.account()), Some(next + 2));
    assert!(world.submit(b"no transaction").is_err());
}

#[test]
fn equal_calls_give_equal_bytes_and_seeds_differ() {
    let run = |seed: u64, cut: bool| {
        let mut world = World::genesis(spec(seed)).unwrap();
        for at in 0..40 {
            if cut && at == 20 {
                world = World::restore(&world.snapshot().unwrap()).unwrap();
            }
            let _ = world.close();
        }
        world.header().ledger_hash
    };
    assert_eq!(run(1, false), run(1, false));
    assert_eq!(run(1, false), run(1, true), "a restored world goes on as if nothing had happened");
    assert_ne!(run(1, false), run(2, false));
}

#[test]
fn named_identities_do_not_depend_on_the_seed() {
    let account: AccountId = identity::account(identity::WALLET).unwrap();
    assert_eq!(identity::wallet().kind(), ledger::KeyKind::Ed25519);
    let world = World::genesis(spec(99)).unwrap();
    let lines = world.account_lines(At::Validated, account);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].balance.to_string(), "85.2");
}
