//! What the embedded ledger's rules cost by themselves: transactions applied with full metadata, signature already checked,
//! by kind and by the size of the book; the signed path beside bare verification; and the memory of a resting offer. All in
//! processor time, so that a busy machine shows in it less.

use std::time::Duration;

use anyhow::Result;
use ledger::{Amount, Asset, Currency, Object, TxType, fields as f, flags, sign_object};
use sim::world::{At, Checked};
use units::Drops;

use super::Bench;
use super::floor::{Floor, TAKER, keys_of, pay, processor_time};
use crate::figures::{Figure, Figures};

/// Transactions measured of each kind.
const OF_EACH: u32 = 4_000;
/// Of which so many in one go.
const AT_ONCE: u32 = 50;
/// Offers on a page of `book_offers`: as many as a public server gives when nothing else is asked for.
const PAGE: usize = 60;
/// Book in which the kinds are compared.
const KINDS_BOOK: u32 = 10_000;

/// By size of the book, by kind, and the signed path.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let mut figures = Figures::of("ledger-apply");
    for offers in bench.effort.books {
        by_size(*offers, &mut figures)?;
    }
    kinds(KINDS_BOOK.min(bench.effort.books.last().copied().unwrap_or(0)), &mut figures)?;
    pool(&mut figures)?;
    signed(&mut figures)?;
    Ok(figures.into_all())
}

/// Sums of time and number.
#[derive(Default)]
struct Clock {
    time: Duration,
    count: u32,
}

impl Clock {
    fn add(&mut self, time: Duration, count: u32) {
        self.time += time;
        self.count += count;
    }

    fn tell(&self, what: &str, note: &str, figures: &mut Figures) {
        let micros = self.time.as_secs_f64() * 1e6 / f64::from(self.count.max(1));
        let note = format!("{micros:.2} us each; {note}");
        figures.add(what, 1e6 / micros, "per s", note);
    }
}

fn by_size(offers: u32, figures: &mut Figures) -> Result<()> {
    let mut floor = Floor::new()?;
    let before = resident();
    floor.fill(offers)?;
    let filled = resident();
    let (mut rest, mut cancel, mut take, mut page) =
        (Clock::default(), Clock::default(), Clock::default(), Clock::default());
    for _ in 0..OF_EACH / AT_ONCE {
        let first = floor.maker_sequence();
        let all: Vec<Checked> = (0..AT_ONCE).map(|_| floor.ask()).collect::<Result<_>>()?;
        rest.add(floor.timed(&all)?, AT_ONCE);
        let back = |n: u32| Object::new().with(f::OFFER_SEQUENCE, first + n);
        let all: Vec<Checked> =
            (0..AT_ONCE).map(|n| floor.maker.next(TxType::OFFER_CANCEL, back(n))).collect::<Result<_>>()?;
        cancel.add(floor.timed(&all)?, AT_ONCE);
        let all: Vec<Checked> = (0..AT_ONCE).map(|_| floor.take()).collect::<Result<_>>()?;
        take.add(floor.timed(&all)?, AT_ONCE);
        floor.fill(AT_ONCE)?;
        page.add(one_page(&floor)?, 1);
    }
    let note = format!("{offers} offers in the book");
    rest.tell(&format!("an offer that crosses nothing, {offers} rest"), &note, figures);
    take.tell(&format!("an offer that takes one whole, {offers} rest"), &note, figures);
    cancel.tell(&format!("a cancel, {offers} rest"), &note, figures);
    page.tell(&format!("a page of book_offers, {offers} rest"), &format!("{PAGE} offers on it"), figures);
    memory(offers, before, filled, &mut floor, figures);
    Ok(())
}

fn one_page(floor: &Floor) -> Result<Duration> {
    let rlusd = floor.rlusd("1")?.asset();
    let start = processor_time();
    let page = floor.world.book_offers(At::Validated, &rlusd, &Asset::Xrp, PAGE);
    let time = processor_time().saturating_sub(start);
    anyhow::ensure!(page.len() == PAGE, "a page of {}", page.len());
    Ok(time)
}

/// Resident memory before and after: in the closed state alone, and with the open ledger's copy and the tree of hashes that
/// a close makes.
fn memory(offers: u32, before: Option<u64>, filled: Option<u64>, floor: &mut Floor, figures: &mut Figures) {
    if offers < 100_000 {
        return;
    }
    let _ = floor.world.close();
    let (Some(before), Some(filled), Some(closed)) = (before, filled, resident()) else {
        eprintln!("SKIPPED: no /proc to read resident memory from");
        return;
    };
    let each = |bytes: u64| bytes as f64 / f64::from(offers);
    let note = format!("difference of resident memory, {offers} offers and their directories");
    figures.add(
        "memory of a resting offer, closed state",
        each(filled.saturating_sub(before)),
        "bytes",
        note,
    );
    let note = "with the open ledger's copy and the tree of hashes, after a close";
    figures.add("memory of a resting offer, all of it", each(closed.saturating_sub(before)), "bytes", note);
}

/// Bytes of this process in memory.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn kinds(offers: u32, figures: &mut Figures) -> Result<()> {
    let mut floor = Floor::new()?;
    floor.fill(offers)?;
    let (taker, small) = (floor.taker.account(), floor.rlusd("0.1")?);
    let drop = Amount::Xrp(Drops::new(1_000)?);
    let limit = |n: u32| floor.rlusd(&format!("{}", 1_000_000_000 + n));
    let limits: Vec<Amount> = (0..OF_EACH).map(limit).collect::<Result<_>>()?;
    let maker = floor.maker.account();
    let through = pay(maker, drop).with(f::SEND_MAX, floor.rlusd("1")?);
    let mut kind =
        |what: &str, by_taker: bool, tx_type: TxType, body: &dyn Fn(usize) -> Object| -> Result<()> {
            let person = if by_taker { &mut floor.taker } else { &mut floor.maker };
            let all: Vec<Checked> =
                (0..OF_EACH as usize).map(|n| person.next(tx_type, body(n))).collect::<Result<_>>()?;
            let mut clock = Clock::default();
            clock.add(floor.timed(&all)?, OF_EACH);
            clock.tell(what, &format!("{offers} offers in the book"), figures);
            Ok(())
        };
    kind("a payment of XRP", false, TxType::PAYMENT, &|_| pay(taker, drop))?;
    kind("a payment of RLUSD", false, TxType::PAYMENT, &|_| pay(taker, small))?;
    kind("a payment through the book", true, TxType::PAYMENT, &|_| through.clone())?;
    kind("a trust line's new limit", true, TxType::TRUST_SET, &|n| {
        Object::new().with(f::LIMIT_AMOUNT, limits.get(n).copied().unwrap_or(small))
    })?;
    kind("a setting", true, TxType::ACCOUNT_SET, &|n| {
        let domain = format!("{n}.example");
        Object::new().with(f::DOMAIN, domain.into_bytes())
    })
}

/// A payment through a pool alone, and an offer that takes from it.
fn pool(figures: &mut Figures) -> Result<()> {
    let mut floor = Floor::new()?;
    let keys = keys_of(TAKER)?;
    let body = Object::new()
        .with(f::AMOUNT, Amount::Xrp(Drops::from_xrp(10_000_000)))
        .with(f::AMOUNT2, floor.rlusd("15000000")?)
        .with(f::TRADING_FEE, 300_u16);
    floor.submit(&keys, TxType(35), body)?;
    let swap = pay(floor.maker.account(), Amount::Xrp(Drops::new(1_000)?))
        .with(f::SEND_MAX, floor.rlusd("1")?)
        .with(f::FLAGS, flags::TF_PARTIAL_PAYMENT);
    let take = Object::new()
        .with(f::TAKER_GETS, floor.rlusd("0.02")?)
        .with(f::TAKER_PAYS, Amount::Xrp(Drops::new(10_000)?))
        .with(f::FLAGS, flags::TF_IMMEDIATE_OR_CANCEL);
    for (what, tx_type, body) in
        [("a swap by payment", TxType::PAYMENT, swap), ("a swap by offer", TxType::OFFER_CREATE, take)]
    {
        let next = |_| floor.maker.next(tx_type, body.clone());
        let all: Vec<Checked> = (0..OF_EACH).map(next).collect::<Result<_>>()?;
        let mut clock = Clock::default();
        clock.add(floor.timed(&all)?, OF_EACH);
        clock.tell(what, "the pool alone", figures);
    }
    Ok(())
}

/// Submission of signed offers with everything a close does, beside the verification of their signatures alone.
fn signed(figures: &mut Figures) -> Result<()> {
    let mut floor = Floor::new()?;
    let keys = keys_of(TAKER)?;
    let first = floor.world.sequence(At::Validated, keys.account()).unwrap_or(0);
    let issuer = floor.issuer.account();
    let offer = |n: u32| -> Result<Vec<u8>> {
        let pays = Amount::Issued { value: format!("1.5{n:04}").parse()?, currency: Currency::RLUSD, issuer };
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, TxType::OFFER_CREATE)
            .with(f::ACCOUNT, keys.account())
            .with(f::SEQUENCE, first + n)
            .with(f::FEE, Drops::new(10)?)
            .with(f::TAKER_GETS, Amount::Xrp(Drops::new(1_000_000)?))
            .with(f::TAKER_PAYS, pays);
        Ok(sign_object(&tx, &keys)?.1.blob)
    };
    let blobs: Vec<Vec<u8>> = (0..OF_EACH).map(offer).collect::<Result<_>>()?;
    let start = processor_time();
    for blob in &blobs {
        Checked::read(blob)?;
    }
    let mut verify = Clock::default();
    verify.add(processor_time().saturating_sub(start), OF_EACH);
    let mut whole = Clock::default();
    let start = processor_time();
    for some in blobs.chunks(20) {
        for blob in some {
            floor.world.submit(blob)?;
        }
        let _ = floor.world.close();
    }
    whole.add(processor_time().saturating_sub(start), OF_EACH);
    verify.tell("a signed offer read and verified", "Ed25519", figures);
    whole.tell(
        "a signed offer submitted and closed",
        "verified, applied twice, hashed; 20 in a ledger",
        figures,
    );
    Ok(())
}
