//! A world with an issuer, a maker and a taker, and a book of a given size, to which transactions are applied one by one with
//! full metadata. Transactions carry no signature here: whoever measures those, signs.

use std::time::Duration;

use anyhow::{Result, bail};
use ledger::{
    AccountId, Amount, Currency, KeyKind, KeyPair, Object, Seed, TxType, fields as f, flags, sign_object,
};
use sim::identity::GENESIS_SEED;
use sim::world::{At, Checked, MarketSpec, World, WorldSpec};
use units::{Drops, LedgerTime};

/// Prices at which the maker's offers lie.
const LEVELS: u32 = 5_000;
/// What each of them sells, in drops.
const SIZE_DROPS: i64 = 1_000_000;

/// Who has which keys.
const ISSUER: u8 = 1;
const MAKER: u8 = 2;
/// The taker's.
pub const TAKER: u8 = 3;

/// Somebody, and the sequence of the next transaction.
pub struct Person {
    keys: KeyPair,
    sequence: u32,
}

/// The world and the three of it.
pub struct Floor {
    /// The world.
    pub world: World,
    /// Issues RLUSD.
    pub issuer: Person,
    /// Offers.
    pub maker: Person,
    /// Takes.
    pub taker: Person,
    placed: u32,
}

impl Floor {
    /// Everybody rich, the book empty.
    pub fn new() -> Result<Self> {
        let mut spec = WorldSpec::paper(7, MarketSpec::None, LedgerTime(800_000_000));
        spec.network_id = 0;
        let person = |n: u8| -> Result<Person> { Ok(Person { keys: keys_of(n)?, sequence: 0 }) };
        let world = World::bare(spec)?;
        let mut floor =
            Self { world, issuer: person(ISSUER)?, maker: person(MAKER)?, taker: person(TAKER)?, placed: 0 };
        let genesis = KeyPair::from_seed_text(GENESIS_SEED)?;
        for to in [floor.issuer.keys.account(), floor.maker.keys.account(), floor.taker.keys.account()] {
            let million = Amount::Xrp(Drops::from_xrp(1_000_000_000));
            floor.submit(&genesis, TxType::PAYMENT, pay(to, million))?;
        }
        let issuer = keys_of(ISSUER)?;
        let ripple = Object::new().with(f::SET_FLAG, flags::ASF_DEFAULT_RIPPLE);
        floor.submit(&issuer, TxType::ACCOUNT_SET, ripple)?;
        for keys in [keys_of(MAKER)?, keys_of(TAKER)?] {
            let limit = floor.rlusd("1000000000")?;
            floor.submit(&keys, TxType::TRUST_SET, Object::new().with(f::LIMIT_AMOUNT, limit))?;
            let half = floor.rlusd("500000000")?;
            floor.submit(&issuer, TxType::PAYMENT, pay(keys.account(), half))?;
        }
        let world = &floor.world;
        for person in [&mut floor.issuer, &mut floor.maker, &mut floor.taker] {
            person.sequence = world.sequence(At::Validated, person.keys.account()).unwrap_or(0);
        }
        Ok(floor)
    }

    /// Signs, submits and closes.
    pub fn submit(&mut self, keys: &KeyPair, tx_type: TxType, body: Object) -> Result<()> {
        let sequence = self.world.sequence(At::Current, keys.account()).unwrap_or(0);
        let fee = if tx_type == TxType(35) { 200_000 } else { 10 };
        let tx = common(body, tx_type, keys.account(), sequence)?.with(f::FEE, Drops::new(fee)?);
        let answer = self.world.submit(&sign_object(&tx, keys)?.1.blob)?;
        let _ = self.world.close();
        if answer.engine_result.is_success() { Ok(()) } else { bail!("set-up: {}", answer.engine_result) }
    }

    /// An amount of RLUSD.
    pub fn rlusd(&self, value: &str) -> Result<Amount> {
        let issuer = self.issuer.keys.account();
        Ok(Amount::Issued { value: value.parse()?, currency: Currency::RLUSD, issuer })
    }

    /// An offer of the maker's that crosses nothing, each at the next price of the range.
    pub fn ask(&mut self) -> Result<Checked> {
        let price = self.rlusd(&format!("1.5{:04}", self.placed % LEVELS))?;
        self.placed += 1;
        let body = Object::new()
            .with(f::TAKER_GETS, Amount::Xrp(Drops::new(SIZE_DROPS)?))
            .with(f::TAKER_PAYS, price);
        self.maker.next(TxType::OFFER_CREATE, body)
    }

    /// An offer of the taker's that takes one of the maker's whole.
    pub fn take(&mut self) -> Result<Checked> {
        let most = self.rlusd("2")?;
        let body =
            Object::new().with(f::TAKER_GETS, most).with(f::TAKER_PAYS, Amount::Xrp(Drops::new(SIZE_DROPS)?));
        self.taker.next(TxType::OFFER_CREATE, body)
    }

    /// The sequence of the maker's next transaction.
    pub fn maker_sequence(&self) -> u32 {
        self.maker.sequence
    }

    /// Fills the book, unmeasured.
    pub fn fill(&mut self, offers: u32) -> Result<()> {
        for _ in 0..offers {
            let tx = self.ask()?;
            self.apply(&tx)?;
        }
        Ok(())
    }

    /// Applies one transaction; it must succeed, with metadata. Gives the number of affected nodes.
    pub fn apply(&mut self, tx: &Checked) -> Result<usize> {
        match self.world.apply_to_closed(tx) {
            (result, Some(meta)) if result.is_success() => Ok(meta.nodes.len()),
            (result, _) => bail!("not applied: {result}"),
        }
    }

    /// Processor time that applying these takes.
    pub fn timed(&mut self, all: &[Checked]) -> Result<Duration> {
        let start = processor_time();
        for tx in all {
            self.apply(tx)?;
        }
        Ok(processor_time().saturating_sub(start))
    }
}

impl Person {
    /// The next transaction, with a key and no signature.
    pub fn next(&mut self, tx_type: TxType, body: Object) -> Result<Checked> {
        let tx = common(body, tx_type, self.keys.account(), self.sequence)?
            .with(f::FEE, Drops::new(10)?)
            .with(f::SIGNING_PUB_KEY, self.keys.public_key().to_vec());
        self.sequence += 1;
        Ok(Checked::trusted(&tx.to_bytes()?)?)
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        self.keys.account()
    }
}

fn common(body: Object, tx_type: TxType, account: AccountId, sequence: u32) -> Result<Object> {
    Ok(body.with(f::TRANSACTION_TYPE, tx_type).with(f::ACCOUNT, account).with(f::SEQUENCE, sequence))
}

/// The keys of somebody.
pub fn keys_of(n: u8) -> Result<KeyPair> {
    Ok(KeyPair::from_seed(&Seed::from_entropy([n; 16], KeyKind::Ed25519))?)
}

/// Fields of a payment.
pub fn pay(destination: AccountId, amount: Amount) -> Object {
    Object::new().with(f::DESTINATION, destination).with(f::AMOUNT, amount)
}

/// Processor time of this thread where the system tells it, else the time on the clock. Linux counts up to the last time it
/// looked at the thread, up to 4 ms ago: giving way makes it look.
pub fn processor_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.as_deref().and_then(|text| text.split(' ').next()).and_then(|text| text.parse().ok());
    nanos.map_or_else(|| START.get_or_init(std::time::Instant::now).elapsed(), Duration::from_nanos)
}
