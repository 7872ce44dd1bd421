//! Laws of the ledger under random transactions: every drop and every digit of RLUSD stays accounted for, directories and
//! owner counts agree with what they list, and equal storms give equal worlds.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeMap;

use ledger::{
    AccountId, Amount, Asset, Currency, EntryType, KeyKind, KeyPair, Object, Seed, SeqProxy, Transaction,
    TxKind, fields as f, flags,
};
use proptest::prelude::*;
use sim::world::{At, MarketSpec, World, WorldSpec};
use units::{Drops, Exact, IssuedValue, LedgerTime};

const PLAYERS: usize = 4;

struct Stage {
    world: World,
    keys: Vec<KeyPair>,
    issuer: KeyPair,
}

fn keys(n: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::from_entropy([n; 16], KeyKind::Ed25519)).unwrap()
}

impl Stage {
    fn new(transfer_rate: Option<u32>) -> Stage {
        let mut spec = WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400));
        spec.network_id = 0;
        let mut stage = Stage {
            world: World::bare(spec).unwrap(),
            keys: (1..=PLAYERS).map(|n| keys(u8::try_from(n).unwrap())).collect(),
            issuer: keys(200),
        };
        let genesis = KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
        let all: Vec<AccountId> = stage.keys.iter().chain([&stage.issuer]).map(KeyPair::account).collect();
        for to in all {
            stage.send(&genesis, 0, pay(to, Amount::Xrp(Drops::from_xrp(20))));
        }
        let _ = stage.world.close();
        let issuer = keys(200);
        stage.send(
            &issuer,
            0,
            TxKind::AccountSet {
                set_flag: Some(flags::ASF_DEFAULT_RIPPLE),
                clear_flag: None,
                transfer_rate,
                tick_size: None,
                domain: None,
            },
        );
        let _ = stage.world.close();
        for n in 1..=PLAYERS {
            let player = keys(u8::try_from(n).unwrap());
            stage.send(
                &player,
                flags::TF_SET_NO_RIPPLE,
                TxKind::TrustSet {
                    limit_amount: stage.rlusd("1000000"),
                    quality_in: None,
                    quality_out: None,
                },
            );
        }
        let _ = stage.world.close();
        for n in 1..=PLAYERS {
            let to = keys(u8::try_from(n).unwrap()).account();
            stage.send(&issuer, 0, pay(to, stage.rlusd("50")));
        }
        let _ = stage.world.close();
        stage
    }

    fn rlusd(&self, value: &str) -> Amount {
        Amount::Issued {
            value: value.parse().unwrap(),
            currency: Currency::RLUSD,
            issuer: self.issuer.account(),
        }
    }

    fn send(&mut self, keys: &KeyPair, flags: u32, kind: TxKind) {
        let sequence = self.world.sequence(At::Current, keys.account()).unwrap();
        let transaction = Transaction {
            account: keys.account(),
            sequence: SeqProxy::Sequence(sequence),
            fee: Drops::new(12).unwrap(),
            flags,
            last_ledger_sequence: None,
            network_id: None,
            source_tag: None,
            kind,
        };
        let signed = ledger::sign(&transaction, keys).unwrap();
        self.world.submit(&signed.blob).unwrap();
    }
}

fn pay(destination: AccountId, amount: Amount) -> TxKind {
    TxKind::Payment {
        destination,
        amount,
        send_max: None,
        deliver_min: None,
        destination_tag: None,
        paths: Vec::new(),
    }
}

/// One transaction of a storm.
#[derive(Debug, Clone)]
enum Act {
    Offer { who: usize, buys: bool, price_percent: u32, drops: i64, flags: u32, replaces: Option<u32> },
    Cancel { who: usize, back: u32 },
    Xrp { from: usize, to: usize, drops: i64 },
    Rlusd { from: usize, to: usize, cents: i64 },
    Through { from: usize, to: usize, drops: i64 },
    Close,
}

fn act() -> impl Strategy<Value = Act> {
    let who = 0..PLAYERS;
    let choice = prop::sample::select(vec![
        0,
        0,
        0,
        0,
        flags::TF_PASSIVE,
        flags::TF_IMMEDIATE_OR_CANCEL,
        flags::TF_FILL_OR_KILL,
        flags::TF_SELL,
        flags::TF_SELL | flags::TF_IMMEDIATE_OR_CANCEL,
    ]);
    prop_oneof![
        8 => (who.clone(), any::<bool>(), 95_u32..105, 1_i64..9_000_000, choice, prop::option::of(1_u32..6)).prop_map(|(who, buys, price_percent, drops, flags, replaces)| Act::Offer { who, buys, price_percent, drops, flags, replaces }),
        1 => (who.clone(), 1_u32..8).prop_map(|(who, back)| Act::Cancel { who, back }),
        1 => (who.clone(), who.clone(), 1_i64..19_000_000).prop_map(|(from, to, drops)| Act::Xrp { from, to, drops }),
        1 => (who.clone(), who.clone(), 1_i64..6_000).prop_map(|(from, to, cents)| Act::Rlusd { from, to, cents }),
        1 => (who.clone(), who, 1_i64..9_000_000).prop_map(|(from, to, drops)| Act::Through { from, to, drops }),
        3 => Just(Act::Close),
    ]
}

fn perform(stage: &mut Stage, act: &Act) {
    let player = |n: usize| keys(u8::try_from(n + 1).unwrap());
    let value = |drops: i64, percent: u32| {
        IssuedValue::from_parts_rounded(
            i128::from(drops) * i128::from(percent) * 142,
            -10,
            units::Rounding::Down,
        )
        .unwrap()
    };
    let issued = |stage: &Stage, value: IssuedValue| Amount::Issued {
        value,
        currency: Currency::RLUSD,
        issuer: stage.issuer.account(),
    };
    match *act {
        Act::Offer { who, buys, price_percent, drops, flags, replaces } => {
            let who = player(who);
            let (xrp, rlusd) =
                (Amount::Xrp(Drops::new(drops).unwrap()), issued(stage, value(drops, price_percent)));
            let (taker_gets, taker_pays) = if buys { (rlusd, xrp) } else { (xrp, rlusd) };
            let sequence = stage.world.sequence(At::Current, who.account()).unwrap();
            let offer_sequence = replaces.map(|back| sequence.saturating_sub(back).max(1));
            stage.send(
                &who,
                flags,
                TxKind::OfferCreate { taker_gets, taker_pays, expiration: None, offer_sequence },
            );
        }
        Act::Cancel { who, back } => {
            let who = player(who);
            let sequence = stage.world.sequence(At::Current, who.account()).unwrap();
            stage.send(&who, 0, TxKind::OfferCancel { offer_sequence: sequence.saturating_sub(back).max(1) });
        }
        Act::Xrp { from, to, drops } => {
            stage.send(&player(from), 0, pay(player(to).account(), Amount::Xrp(Drops::new(drops).unwrap())));
        }
        Act::Rlusd { from, to, cents } => {
            let amount = issued(stage, IssuedValue::from_parts(cents.into(), -2).unwrap());
            stage.send(&player(from), flags::TF_PARTIAL_PAYMENT, pay(player(to).account(), amount));
        }
        Act::Through { from, to, drops } => {
            let send_max = Some(issued(stage, value(drops, 103)));
            let TxKind::Payment { destination, amount, .. } =
                pay(player(to).account(), Amount::Xrp(Drops::new(drops).unwrap()))
            else {
                return;
            };
            stage.send(
                &player(from),
                0,
                TxKind::Payment {
                    destination,
                    amount,
                    send_max,
                    deliver_min: None,
                    destination_tag: None,
                    paths: Vec::new(),
                },
            );
        }
        Act::Close => {
            let _ = stage.world.close();
        }
    }
}

/// Drops of all accounts; RLUSD of all lines, exactly.
fn totals(world: &World) -> (i64, Exact) {
    let (mut drops, mut held) = (0, Exact::default());
    for (_, entry) in world.all_entries(At::Validated) {
        match entry.amount(f::BALANCE) {
            Some(Amount::Xrp(balance)) => drops += balance.get(),
            Some(Amount::Issued { value, .. }) => held = &held + &Exact::from(value.abs()),
            _ => {}
        }
    }
    (drops, held)
}

/// Every owner count is the number of things owned, and every offer lies in both of its directories.
fn check_owned(world: &World) {
    let entries: BTreeMap<_, Object> = world.all_entries(At::Validated).collect();
    for entry in entries.values() {
        let Some(owner) = entry.account(f::ACCOUNT).filter(|_| is(entry, EntryType::ACCOUNT_ROOT)) else {
            continue;
        };
        let mut counted = 0;
        for (_, owned) in world.account_objects(At::Validated, owner) {
            counted += u32::from(is(&owned, EntryType::OFFER));
            let Some(line_flags) = owned.u32(f::FLAGS).filter(|_| is(&owned, EntryType::RIPPLE_STATE)) else {
                continue;
            };
            let low = owned.amount(f::LOW_LIMIT).unwrap().asset().issuer() == Some(owner);
            let reserve = if low { flags::LSF_LOW_RESERVE } else { flags::LSF_HIGH_RESERVE };
            counted += u32::from(line_flags & reserve != 0);
        }
        assert_eq!(entry.u32(f::OWNER_COUNT), Some(counted), "{owner}");
    }
    let offers = entries.values().filter(|entry| is(entry, EntryType::OFFER)).count();
    let issuer = keys(200).account();
    let rlusd = Asset::Issued { currency: Currency::RLUSD, issuer };
    let listed: usize = [(rlusd, Asset::Xrp), (Asset::Xrp, rlusd)]
        .iter()
        .map(|(pays, gets)| world.book_offers(At::Validated, pays, gets, usize::MAX).len())
        .sum();
    assert_eq!(offers, listed);
}

fn is(entry: &Object, entry_type: EntryType) -> bool {
    entry.u32(f::LEDGER_ENTRY_TYPE) == Some(u32::from(entry_type.0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20), ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_created_or_lost(acts in prop::collection::vec(act(), 1..90), fee in prop::bool::ANY) {
        let mut stage = Stage::new(fee.then_some(1_010_000_000));
        let issued = totals(&stage.world).1;
        for act in &acts {
            perform(&mut stage, act);
        }
        let closed = stage.world.close();
        let (drops, held) = totals(&stage.world);
        prop_assert_eq!(drops, closed.header.total_coins.get(), "every drop is in an account or burned");
        check_owned(&stage.world);
        // Without a transfer fee the issuer owes what it issued, up to the sixteenth digit of each balance.
        let missing = &issued - &held;
        let dust: Exact = "0.00000000001".parse().unwrap();
        if fee {
            prop_assert!(missing >= -&dust, "a fee only burns");
        } else {
            prop_assert!(missing <= dust && missing >= -&dust, "{}", missing);
        }
        let again = {
            let mut stage = Stage::new(fee.then_some(1_010_000_000));
            acts.iter().for_each(|act| perform(&mut stage, act));
            stage.world.close().header.ledger_hash
        };
        prop_assert_eq!(again, closed.header.ledger_hash);
    }
}
