//! A small market of the world's own: a maker, a pool in some worlds, and takers who aim at what breaks books: the whole
//! of an offer of ours, a drop less, a drop more, dust, several in one ledger, payments through the book. It costs a
//! tenth of the paper network's market; one world in [`crate::plan::PAPER_EVERY`] has that one instead.

use crate::crowd::{Crowd, FEE_DROPS};
use anyhow::{Result, bail};
use crashlab::seed::Chance;
use ledger::{
    AccountId, Amount, Currency, KeyPair, Object, SeqProxy, Transaction, TxKind, TxType, Value, fields as f,
    flags,
};
use server::EmbeddedLedger;
use sim::identity::{self, NETWORK_ID};
use sim::world::At;
use units::{Drops, IssuedValue, Rounding};

/// The newest ledger when the world is handed over.
pub(crate) const HANDED_OVER: u32 = 8;
/// Closed ledgers that are remembered: more than close in a day and two hours.
pub(crate) const LEDGERS_KEPT: u32 = 32_768;
/// XRP and RLUSD of everybody but the wallet.
const DEEP: (u32, i32) = (5_000_000, 7_000_000);

/// Everybody in the small market.
pub(crate) struct Cast {
    pub(crate) genesis: KeyPair,
    pub(crate) issuer: KeyPair,
    pub(crate) wallet: KeyPair,
    pub(crate) maker: KeyPair,
    pub(crate) takers: Vec<KeyPair>,
}

impl Cast {
    /// Their keys follow from their names.
    ///
    /// # Errors
    /// None that fixed names give.
    pub(crate) fn new() -> Result<Cast> {
        let keys = |name: &str| identity::keys(name);
        Ok(Cast {
            genesis: KeyPair::from_seed_text(identity::GENESIS_SEED)?,
            issuer: keys(identity::ISSUER)?,
            wallet: keys(identity::WALLET)?,
            maker: keys("worlds/maker")?,
            takers: vec![keys("worlds/taker/0")?, keys("worlds/taker/1")?, keys("worlds/taker/2")?],
        })
    }

    fn others(&self) -> impl Iterator<Item = &KeyPair> {
        std::iter::once(&self.maker).chain(&self.takers)
    }

    /// RLUSD of this network.
    pub(crate) fn rlusd(&self, value: IssuedValue) -> Amount {
        Amount::Issued { value, currency: Currency::RLUSD, issuer: self.issuer.account() }
    }
}

/// Makes the market on a ledger where nothing has happened yet: everything by transactions.
///
/// # Errors
/// A transaction that the ledger refuses.
pub(crate) fn found(
    mut ledger: EmbeddedLedger,
    funds: Drops,
    chance: &mut Chance,
) -> Result<(EmbeddedLedger, Crowd)> {
    let cast = Cast::new()?;
    let mut maker = Founder { ledger: &mut ledger, cast: &cast };
    let price = 1_400_000 + i64::try_from(chance.below(40_000))?;
    maker.fund(funds)?;
    maker.issue(funds, price)?;
    if chance.once_in(2) {
        maker.pool(price)?;
    }
    ledger.close()?;
    let crowd = Crowd::new(cast, price, chance.clone());
    Ok((ledger, crowd))
}

struct Founder<'a> {
    ledger: &'a mut EmbeddedLedger,
    cast: &'a Cast,
}

impl Founder<'_> {
    fn send(&mut self, keys: &KeyPair, fee_drops: i64, tx_flags: u32, kind: TxKind) -> Result<()> {
        let tx = transaction(self.sequence(keys.account()), keys.account(), fee_drops, tx_flags, kind);
        let result = self.ledger.submit(&ledger::sign(&tx, keys)?.blob)?;
        if !result.applied {
            bail!("the market cannot be made: {}", result.engine_result);
        }
        Ok(())
    }

    fn sequence(&self, account: AccountId) -> u32 {
        self.ledger.world().sequence(At::Current, account).unwrap_or(0)
    }

    /// Everybody gets XRP; then the issuer says what its token is like.
    fn fund(&mut self, funds: Drops) -> Result<()> {
        let cast = self.cast;
        let (deep, fee) = (Drops::from_xrp(DEEP.0), Drops::new(FEE_DROPS)?);
        self.send(
            &cast.genesis,
            FEE_DROPS,
            0,
            pay(cast.issuer.account(), Amount::Xrp(Drops::from_xrp(1_000))),
        )?;
        // The wallet pays for its trust line and begins with exactly its funds.
        let wallet = Amount::Xrp(funds.saturating_add(fee));
        self.send(&cast.genesis, FEE_DROPS, 0, pay(cast.wallet.account(), wallet))?;
        for keys in cast.others() {
            self.send(&cast.genesis, FEE_DROPS, 0, pay(keys.account(), Amount::Xrp(deep)))?;
        }
        self.ledger.close()?;
        for flag in [flags::ASF_ALLOW_TRUST_LINE_CLAWBACK, flags::ASF_DEFAULT_RIPPLE] {
            self.send(&cast.issuer, FEE_DROPS, 0, set_flag(flag))?;
        }
        self.ledger.close()?;
        Ok(())
    }

    fn issue(&mut self, funds: Drops, price: i64) -> Result<()> {
        let cast = self.cast;
        for keys in std::iter::once(&cast.wallet).chain(cast.others()) {
            let limit_amount = cast.rlusd(IssuedValue::from_int(1_000_000_000));
            let line = TxKind::TrustSet { limit_amount, quality_in: None, quality_out: None };
            self.send(keys, FEE_DROPS, flags::TF_SET_NO_RIPPLE, line)?;
        }
        self.ledger.close()?;
        let of_wallet = millionths(funds.get() / 1_000 * (price / 1_000));
        for keys in std::iter::once(&cast.wallet).chain(cast.others()) {
            let is_wallet = keys.account() == cast.wallet.account();
            let value = if is_wallet { of_wallet } else { IssuedValue::from_int(DEEP.1) };
            self.send(&cast.issuer, FEE_DROPS, 0, pay(keys.account(), cast.rlusd(value)))?;
        }
        self.ledger.close()?;
        Ok(())
    }

    /// The maker makes a pool of 100,000 XRP at the price.
    fn pool(&mut self, price: i64) -> Result<()> {
        /// AMMCreate (XRP Ledger documentation).
        const AMM_CREATE: TxType = TxType(35);
        /// 0.267 %, as the real pool of this pair takes.
        const FEE_UNITS: u16 = 267;
        let keys = &self.cast.maker;
        let fields = Object::new()
            .with(f::TRANSACTION_TYPE, AMM_CREATE)
            .with(f::ACCOUNT, keys.account())
            .with(f::FEE, self.ledger.fees().reserve_increment)
            .with(f::SEQUENCE, self.sequence(keys.account()))
            .with(f::AMOUNT, Amount::Xrp(Drops::from_xrp(100_000)))
            .with(f::AMOUNT2, self.cast.rlusd(millionths(price * 100_000)))
            .with(f::TRADING_FEE, Value::UInt16(FEE_UNITS))
            .with(f::NETWORK_ID, NETWORK_ID);
        let (_, signed) = ledger::sign_object(&fields, keys)?;
        let result = self.ledger.submit(&signed.blob)?;
        if !result.applied {
            bail!("the pool cannot be made: {}", result.engine_result);
        }
        Ok(())
    }
}

/// A transaction of this network without a last ledger.
pub(crate) fn transaction(
    sequence: u32,
    account: AccountId,
    fee_drops: i64,
    tx_flags: u32,
    kind: TxKind,
) -> Transaction {
    Transaction {
        account,
        sequence: SeqProxy::Sequence(sequence),
        fee: Drops::new(fee_drops).unwrap_or_default(),
        flags: tx_flags,
        last_ledger_sequence: None,
        network_id: Some(NETWORK_ID),
        source_tag: None,
        kind,
    }
}

/// A plain payment.
pub(crate) fn pay(destination: AccountId, amount: Amount) -> TxKind {
    TxKind::Payment {
        destination,
        amount,
        send_max: None,
        deliver_min: None,
        destination_tag: None,
        paths: Vec::new(),
    }
}

/// Sets a flag of the account that sends it.
pub(crate) fn set_flag(flag: u32) -> TxKind {
    TxKind::AccountSet {
        set_flag: Some(flag),
        clear_flag: None,
        transfer_rate: None,
        tick_size: None,
        domain: None,
    }
}

/// So many millionths of a token.
pub(crate) fn millionths(count: i64) -> IssuedValue {
    IssuedValue::from_parts_rounded(count.into(), -6, Rounding::HalfEven).unwrap_or(IssuedValue::ZERO)
}
