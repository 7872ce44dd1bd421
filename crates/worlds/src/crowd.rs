//! What the traders of the small market do, ledger by ledger: the maker follows a price that wanders, takers take.

use crate::small::{Cast, millionths, transaction};
use crashlab::seed::Chance;
use ledger::{Amount, KeyPair, TxKind, flags};
use server::LedgerServer;
use sim::world::{AccountOffer, At};
use units::{Drops, IssuedValue};

/// Enough to be taken at once.
pub(crate) const FEE_DROPS: i64 = 50;
/// Ledgers after which the maker's offers are fresh again.
const REFRESHED_AFTER: u32 = 12;
/// Beyond the price by so many ten-thousandths a taker does not go.
const LIMIT_BPS: i64 = 60;
/// RLUSD on each side of the maker, near and far, in millionths.
const NEAR: i64 = 200_000_000;
const FAR: i64 = 50_000_000_000;

/// The traders.
pub(crate) struct Crowd {
    cast: Cast,
    chance: Chance,
    /// Millionths of RLUSD for one XRP.
    price: i64,
    /// Half of the maker's spread, in ten-thousandths.
    half_spread_bps: i64,
    quoted: i64,
    /// Sequences of the maker's near offers: bid and ask.
    near: (u32, u32),
    age: u32,
    quiet: u32,
}

impl Crowd {
    pub(crate) fn new(cast: Cast, price: i64, mut chance: Chance) -> Crowd {
        let half_spread_bps = 6 + i64::try_from(chance.below(20)).unwrap_or(0);
        Crowd { cast, chance, price, half_spread_bps, quoted: 0, near: (0, 0), age: 0, quiet: 0 }
    }

    /// What they send into the open ledger.
    pub(crate) fn act(&mut self, server: &LedgerServer) {
        let wallet = self.cast.wallet.account();
        let ours = server.with_ledger(|ledger| ledger.world().account_offers(At::Validated, wallet));
        // Nobody is there: hardly anybody trades, so that a day goes by quickly.
        self.quiet = if ours.is_empty() { self.quiet.saturating_add(1) } else { 0 };
        if self.quiet > 100 && !self.chance.once_in(50) {
            return;
        }
        self.wander();
        self.quote(server);
        let takers = match self.chance.below(24) {
            0..=17 => 0,
            18..=22 => 1,
            _ => 2 + self.chance.below(3),
        };
        for _ in 0..takers {
            self.take(server, &ours);
        }
    }

    fn wander(&mut self) {
        let bps = i64::try_from(self.chance.below(7)).unwrap_or(0) - 3;
        let jump =
            if self.chance.once_in(80) { i64::try_from(self.chance.below(81)).unwrap_or(0) - 40 } else { 0 };
        self.price = away(self.price, bps + jump).clamp(700_000, 2_800_000);
    }

    fn quote(&mut self, server: &LedgerServer) {
        self.age += 1;
        let moved = (self.price - self.quoted).abs() * 10_000 / self.price;
        if self.age < REFRESHED_AFTER && moved * 2 < self.half_spread_bps {
            return;
        }
        if self.quoted == 0 {
            for side in [true, false] {
                let price = away(self.price, if side { 150 } else { -150 });
                self.offer(server, side, price, FAR, 0);
            }
        }
        (self.age, self.quoted) = (0, self.price);
        let half = self.half_spread_bps;
        let bid = self.offer(server, false, away(self.price, -half), NEAR, self.near.0);
        let ask = self.offer(server, true, away(self.price, half), NEAR, self.near.1);
        self.near = (bid, ask);
    }

    /// The maker's offer of so many millionths of RLUSD; gives its sequence.
    fn offer(&self, server: &LedgerServer, sells: bool, price: i64, size: i64, replaces: u32) -> u32 {
        let (xrp, rlusd) = (drops(size, price), self.cast.rlusd(millionths(size)));
        let (taker_gets, taker_pays) = if sells { (xrp, rlusd) } else { (rlusd, xrp) };
        let offer_sequence = Some(replaces).filter(|sequence| *sequence != 0);
        let kind = TxKind::OfferCreate { taker_gets, taker_pays, expiration: None, offer_sequence };
        send(server, &self.cast.maker, 0, kind)
    }

    fn take(&mut self, server: &LedgerServer, ours: &[AccountOffer]) {
        let taker = self.chance.index(self.cast.takers.len());
        let buys = self.chance.once_in(2);
        let limit = away(self.price, if buys { LIMIT_BPS } else { -LIMIT_BPS });
        let size = self.size(buys, ours);
        let (xrp, rlusd) = (drops(size, limit), self.cast.rlusd(millionths(size)));
        let (taker_gets, taker_pays) = if buys { (rlusd, xrp) } else { (xrp, rlusd) };
        let keys = &self.cast.takers[taker];
        let plain =
            |expiration| TxKind::OfferCreate { taker_gets, taker_pays, expiration, offer_sequence: None };
        let (tx_flags, kind) = match self.chance.below(8) {
            0..=3 => (flags::TF_IMMEDIATE_OR_CANCEL, plain(None)),
            4 => (flags::TF_FILL_OR_KILL, plain(None)),
            5 => {
                // What is left of it rests for a minute.
                let now = server.with_ledger(|ledger| ledger.header().close_time.0);
                (0, plain(Some(now + 60)))
            }
            _ => {
                let payment = TxKind::Payment {
                    destination: keys.account(),
                    amount: taker_pays,
                    send_max: Some(taker_gets),
                    deliver_min: None,
                    destination_tag: None,
                    paths: Vec::new(),
                };
                (flags::TF_PARTIAL_PAYMENT, payment)
            }
        };
        send(server, keys, tx_flags, kind);
    }

    /// How much is taken, in millionths of RLUSD: dust, about all of an offer of ours, some, or whatever there is.
    fn size(&mut self, buys: bool, ours: &[AccountOffer]) -> i64 {
        let some = |chance: &mut Chance, below: u64| 1 + i64::try_from(chance.below(below)).unwrap_or(0);
        let met = ours.iter().find(|offer| matches!(offer.taker_gets, Amount::Xrp(_)) == buys);
        match (self.chance.below(8), met) {
            (0, _) => some(&mut self.chance, 200),
            (1..=3, Some(offer)) => {
                let value =
                    [offer.taker_gets, offer.taker_pays].into_iter().find_map(of_rlusd).unwrap_or(1_000_000);
                let near = i64::try_from(self.chance.below(5)).unwrap_or(2) - 2;
                (value + near).max(1)
            }
            (4, _) => NEAR + some(&mut self.chance, 400_000_000),
            _ => some(&mut self.chance, 40_000_000),
        }
    }
}

/// A stranger takes whatever rests near the price, on both sides: what is no longer paid for is swept away.
pub(crate) fn sweep(server: &LedgerServer) -> Option<()> {
    let cast = Cast::new().ok()?;
    let (taker, wallet) = (cast.takers.first()?, cast.wallet.account());
    let ours = server.with_ledger(|ledger| ledger.world().account_offers(At::Current, wallet));
    for offer in ours {
        // Pays what it asks for and takes what it gives, to the last unit: exactly its price.
        let (taker_gets, taker_pays) = (offer.taker_pays, offer.taker_gets);
        let kind = TxKind::OfferCreate { taker_gets, taker_pays, expiration: None, offer_sequence: None };
        send(server, taker, flags::TF_IMMEDIATE_OR_CANCEL, kind);
    }
    Some(())
}

/// So many ten-thousandths away from a price.
fn away(price: i64, bps: i64) -> i64 {
    price + price * bps / 10_000
}

/// XRP for so many millionths of RLUSD at a price.
fn drops(size: i64, price: i64) -> Amount {
    let drops = i128::from(size) * 1_000_000 / i128::from(price.max(1));
    Amount::Xrp(Drops::new(i64::try_from(drops).unwrap_or(1).max(1)).unwrap_or_default())
}

/// Millionths of RLUSD of an amount that is RLUSD.
fn of_rlusd(amount: Amount) -> Option<i64> {
    match amount {
        Amount::Issued { value, .. } => whole_millionths(value),
        _ => None,
    }
}

/// Whole millionths of a token.
pub(crate) fn whole_millionths(value: IssuedValue) -> Option<i64> {
    let (mantissa, power) = (i128::from(value.mantissa()), value.exponent() + 6);
    let ten = 10_i128.checked_pow(power.unsigned_abs())?;
    let scaled = if power < 0 { mantissa / ten } else { mantissa.checked_mul(ten)? };
    i64::try_from(scaled).ok()
}

/// Signs and submits; gives the sequence that it used.
pub(crate) fn send(server: &LedgerServer, keys: &KeyPair, tx_flags: u32, kind: TxKind) -> u32 {
    let account = keys.account();
    let sequence = server.with_ledger(|ledger| ledger.world().sequence(At::Current, account)).unwrap_or(0);
    let tx = transaction(sequence, account, FEE_DROPS, tx_flags, kind);
    if let Ok(signed) = ledger::sign(&tx, keys) {
        // An open ledger that is full takes no more: whoever is late trades in the next one.
        drop(server.submit(&signed.blob));
    }
    sequence
}
