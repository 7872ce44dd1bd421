//! The embedded ledger by itself, with no server around it: its market alone, and offers that cross one by one.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use ledger::{AccountId, Amount, Currency, KeyPair, ResultCode, Seed, SeqProxy, Transaction, TxKind, sign};
use sim::identity;
use sim::world::{At, MarketSpec, World, WorldSpec};
use units::{Drops, LedgerTime};

use super::Bench;
use crate::figures::{Figure, Figures};

/// Offers placed, and as many that take them, in each ledger.
const OFFERS: u32 = 40;

/// Ledgers, transactions and crossings in a second.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let mut figures = Figures::of("embedded-ledger");
    market(bench.effort.ledgers, &mut figures)?;
    crossing(bench.effort.ledgers.div_ceil(10), &mut figures)?;
    Ok(figures.into_all())
}

fn market(ledgers: usize, figures: &mut Figures) -> Result<()> {
    let spec = WorldSpec::paper(7, MarketSpec::Synthetic, LedgerTime(800_000_000));
    let clock = Instant::now();
    let mut world = World::genesis(spec.clone())?;
    let genesis = clock.elapsed();
    let (mut transactions, mut times) = (0, Vec::new());
    for _ in 0..ledgers {
        let clock = Instant::now();
        let closed = world.close();
        times.push(clock.elapsed());
        transactions += closed.transactions.len();
    }
    let seconds = times.iter().sum::<Duration>().as_secs_f64();
    let mean = transactions as f64 / ledgers.max(1) as f64;
    let beginning = format!("with {} ledgers of the market before it is handed over", spec.warm_up_ledgers);
    figures.add("a new world", genesis.as_secs_f64() * 1e3, "ms", beginning);
    figures.add("ledgers closed", ledgers as f64 / seconds, "per s", format!("{mean:.1} transactions each"));
    figures.add("transactions of the market", transactions as f64 / seconds, "per s", "signed and verified");
    figures.times("one close", times, "");
    Ok(())
}

/// A wallet that gives XRP and another that takes it, an offer against an offer.
fn crossing(ledgers: usize, figures: &mut Figures) -> Result<()> {
    let mut pair = Pair::new()?;
    let (mut crossed, mut own) = (0_usize, Duration::ZERO);
    for _ in 0..ledgers {
        let blobs = pair.next_offers()?;
        let clock = Instant::now();
        for blob in &blobs {
            pair.world.submit(blob)?;
        }
        let closed = pair.world.close();
        own += clock.elapsed();
        let offers =
            closed.transactions.iter().filter(|tx| tx.meta.result == ResultCode::TES_SUCCESS).count();
        if offers != blobs.len() {
            bail!("{offers} of {} offers are in the ledger", blobs.len());
        }
        crossed += offers;
    }
    let note = "submitted with signature verified, closed; half of them rest, the other half take one each";
    figures.add("offers, each second one crossing", crossed as f64 / own.as_secs_f64(), "per s", note);
    Ok(())
}

struct Pair {
    world: World,
    issuer: AccountId,
    maker: (KeyPair, u32),
    taker: (KeyPair, u32),
}

impl Pair {
    fn new() -> Result<Self> {
        let mut spec = WorldSpec::paper(7, MarketSpec::None, LedgerTime(800_000_000));
        spec.wallet_funds = Drops::from_xrp(1_000_000);
        let mut world = World::genesis(spec)?;
        let issuer = identity::account(identity::ISSUER)?;
        let taker = identity::keys("bench-taker")?;
        let root: Seed = identity::GENESIS_SEED.parse()?;
        let root = KeyPair::from_seed(&root)?;
        let fund = TxKind::Payment {
            destination: taker.account(),
            amount: Amount::Xrp(Drops::from_xrp(1_000_000)),
            send_max: None,
            deliver_min: None,
            destination_tag: None,
            paths: Vec::new(),
        };
        submit(&mut world, &root, fund)?;
        world.close();
        let limit = Amount::issued("1000000000".parse()?, Currency::RLUSD, issuer)?;
        submit(
            &mut world,
            &taker,
            TxKind::TrustSet { limit_amount: limit, quality_in: None, quality_out: None },
        )?;
        world.close();
        let maker = identity::keys(identity::WALLET)?;
        let (first, second) = (sequence(&world, &maker), sequence(&world, &taker));
        Ok(Self { world, issuer, maker: (maker, first), taker: (taker, second) })
    }

    /// Resting bids of the one, then the other's offers that take them whole.
    fn next_offers(&mut self) -> Result<Vec<Vec<u8>>> {
        let (xrp, rlusd) =
            (Amount::Xrp(Drops::from_xrp(1)), Amount::issued("1.42".parse()?, Currency::RLUSD, self.issuer)?);
        let mut blobs = Vec::new();
        for (who, gets, pays) in [(&mut self.maker, rlusd, xrp), (&mut self.taker, xrp, rlusd)] {
            for _ in 0..OFFERS {
                let kind = TxKind::OfferCreate {
                    taker_gets: gets,
                    taker_pays: pays,
                    expiration: None,
                    offer_sequence: None,
                };
                blobs.push(sign(&transaction(&who.0, who.1, kind)?, &who.0)?.blob);
                who.1 += 1;
            }
        }
        Ok(blobs)
    }
}

fn sequence(world: &World, keys: &KeyPair) -> u32 {
    world.sequence(At::Current, keys.account()).unwrap_or(0)
}

fn submit(world: &mut World, keys: &KeyPair, kind: TxKind) -> Result<()> {
    let tx = transaction(keys, sequence(world, keys), kind)?;
    let answer = world.submit(&sign(&tx, keys)?.blob)?;
    if !answer.applied {
        bail!("not applied: {}", answer.engine_result);
    }
    Ok(())
}

fn transaction(keys: &KeyPair, sequence: u32, kind: TxKind) -> Result<Transaction> {
    Ok(Transaction {
        account: keys.account(),
        sequence: SeqProxy::Sequence(sequence),
        fee: Drops::new(10)?,
        flags: 0,
        last_ledger_sequence: None,
        network_id: Some(identity::NETWORK_ID),
        source_tag: None,
        kind,
    })
}
