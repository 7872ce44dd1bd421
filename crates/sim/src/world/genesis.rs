//! The first ledgers of a world: the genesis account, then everything else by real transactions. Never gives anybody
//! anything outside the ledger's rules.

use ledger::{
    AccountId, Amount, Asset, Currency, Hash256, KeyPair, Object, ResultCode, SeqProxy, Transaction, TxKind,
    TxType, Value, fields as f, flags,
};
use units::{Drops, IssuedValue, LedgerIndex, LedgerTime, Rounding};

use super::held::Held;
use super::queue::Queue;
use super::{LedgerHeader, MarketSpec, QueueSettings, World, WorldError, WorldSpec};
use crate::amendments;
use crate::identity;
use crate::market::Market;
use crate::market::cast::{self, Role};
use crate::state::tree::Tree;
use crate::state::{AccountRoot, Entries, Entry, index};
use crate::tx::{self, Tx};

/// XRP the issuer keeps for its fees and lines.
const ISSUER_FUNDS: Drops = Drops::from_xrp(1_000);

impl World {
    /// Builds the world: the genesis ledger, funding, trust lines, RLUSD, and the warm-up of the market.
    ///
    /// # Errors
    /// [`WorldError::Spec`] and [`WorldError::SetUp`] for a spec from which no such world follows.
    pub fn genesis(spec: WorldSpec) -> Result<World, WorldError> {
        World::genesis_with(spec, QueueSettings::standalone())
    }

    /// The same with a queue of these settings.
    ///
    /// # Errors
    /// As [`World::genesis`]; also [`WorldError::SetUp`] for settings under which the set-up's own transactions would
    /// have to wait.
    pub fn genesis_with(spec: WorldSpec, queue: QueueSettings) -> Result<World, WorldError> {
        let mut world = World::bare_with(spec, amendments::in_force(), queue)?;
        if world.spec.market == MarketSpec::None && world.spec.wallet_funds.is_zero() {
            return Ok(world);
        }
        let set_up = SetUp::new(&world.spec)?;
        set_up.fund(&mut world)?;
        set_up.open_lines(&mut world)?;
        set_up.issue(&mut world)?;
        if world.spec.market != MarketSpec::None {
            world.open_pool()?;
            world.market = Some(Market::new(&world.spec, world.now)?);
            for _ in 0..world.spec.warm_up_ledgers {
                let _ = world.close();
            }
        }
        Ok(world)
    }

    /// Ledger 2 of a network where nothing has happened: all XRP is with the genesis account.
    ///
    /// # Errors
    /// [`WorldError::Spec`] for an interval of zero.
    pub fn bare(spec: WorldSpec) -> Result<World, WorldError> {
        World::bare_with(spec, amendments::in_force(), QueueSettings::standalone())
    }

    /// The same with these amendments said to be in force, ids ascending, and a queue of these settings. The rules are
    /// what they are: for a ledger that is to be equal to a recorded one, whose server knew transactions that this one
    /// does not.
    ///
    /// # Errors
    /// As [`World::bare`].
    pub fn bare_with(
        spec: WorldSpec,
        amendments: Vec<Hash256>,
        queue: QueueSettings,
    ) -> Result<World, WorldError> {
        if spec.ledger_interval_seconds == 0 {
            return Err(WorldError::Spec("the ledger interval is zero"));
        }
        if matches!(&spec.market, MarketSpec::Candles(candles) if candles.len() < 2) {
            return Err(WorldError::Spec("fewer than two candles"));
        }
        let entries = Entries::from_iter([
            (index::account(genesis_keys()?.account()), Entry::Account(genesis_root()?)),
            (index::fees(), Entry::Fees(spec.fees)),
            (index::amendments(), Entry::Amendments(amendments)),
        ]);
        let header = LedgerHeader {
            ledger_index: LedgerIndex(1),
            ledger_hash: Hash256::ZERO,
            parent_hash: Hash256::ZERO,
            account_hash: Hash256::ZERO,
            transaction_hash: Hash256::ZERO,
            close_time: LedgerTime(0),
            parent_close_time: LedgerTime(0),
            close_time_resolution: 10,
            close_flags: 0,
            total_coins: Drops::MAX,
        };
        let mut world = World {
            now: spec.start,
            spec,
            header,
            open: Entries::new(),
            entries,
            pending: Vec::new(),
            queue: Queue::new(queue),
            held: Held::none(),
            locals: Vec::new(),
            market: None,
            has_acted: false,
            tree: Tree::default(),
            differs: None,
        };
        world.header.account_hash = world.account_hash();
        world.header.ledger_hash = super::close::ledger_hash(&world.header);
        // Ledger 1 is there from the beginning; ledger 2 is the first that closes.
        let _ = world.close_without_agents();
        Ok(world)
    }
}

/// The genesis account: all there is.
fn genesis_root() -> Result<AccountRoot, WorldError> {
    Ok(AccountRoot { balance: Drops::MAX, ..AccountRoot::new(genesis_keys()?.account(), 1) })
}

fn genesis_keys() -> Result<KeyPair, WorldError> {
    KeyPair::from_seed_text(identity::GENESIS_SEED).map_err(|error| WorldError::Key(error.to_string()))
}

/// The identities of the set-up and what each gets.
struct SetUp {
    genesis: KeyPair,
    issuer: KeyPair,
    holders: Vec<Holder>,
}

struct Holder {
    name: String,
    keys: KeyPair,
    xrp: Drops,
    rlusd: IssuedValue,
}

impl SetUp {
    fn new(spec: &WorldSpec) -> Result<SetUp, WorldError> {
        let wallet_rlusd = spec
            .start_price
            .value_of(spec.wallet_funds, Rounding::HalfEven)
            .map_err(|_| WorldError::Spec("the wallet's funds have no value at the starting price"))?;
        let holder = |name: String, xrp, rlusd| {
            let keys = identity::keys(&name)?;
            Ok::<_, WorldError>(Holder { name, keys, xrp, rlusd })
        };
        // The wallet pays the fee of its trust line and begins with exactly its funds.
        let wallet_xrp = spec.wallet_funds.saturating_add(spec.fees.base_fee);
        let mut holders = vec![holder(identity::WALLET.to_owned(), wallet_xrp, wallet_rlusd)?];
        if spec.market != MarketSpec::None {
            for member in cast::members(spec.start_price) {
                holders.push(holder(member.identity(), member.xrp, member.rlusd)?);
            }
        }
        Ok(SetUp { genesis: genesis_keys()?, issuer: identity::keys(identity::ISSUER)?, holders })
    }

    fn fund(&self, world: &mut World) -> Result<(), WorldError> {
        let payees = std::iter::once((identity::ISSUER, self.issuer.account(), ISSUER_FUNDS)).chain(
            self.holders.iter().map(|holder| (holder.name.as_str(), holder.keys.account(), holder.xrp)),
        );
        for (name, to, drops) in payees {
            world.send(&self.genesis, name, 0, payment(to, Amount::Xrp(drops)))?;
        }
        let _ = world.close_now();
        let default_ripple = TxKind::AccountSet {
            set_flag: Some(flags::ASF_DEFAULT_RIPPLE),
            clear_flag: None,
            transfer_rate: None,
            tick_size: None,
            domain: None,
        };
        world.send(&self.issuer, identity::ISSUER, 0, default_ripple)?;
        let _ = world.close_now();
        Ok(())
    }

    fn open_lines(&self, world: &mut World) -> Result<(), WorldError> {
        let limit = IssuedValue::from_int(1_000_000_000);
        for holder in &self.holders {
            let limit_amount =
                Amount::Issued { value: limit, currency: Currency::RLUSD, issuer: self.issuer.account() };
            let line = TxKind::TrustSet { limit_amount, quality_in: None, quality_out: None };
            world.send(&holder.keys, &holder.name, flags::TF_SET_NO_RIPPLE, line)?;
        }
        let _ = world.close_now();
        Ok(())
    }

    fn issue(&self, world: &mut World) -> Result<(), WorldError> {
        let issuer = self.issuer.account();
        for holder in self.holders.iter().filter(|holder| holder.rlusd.is_positive()) {
            let amount = Amount::Issued { value: holder.rlusd, currency: Currency::RLUSD, issuer };
            world.send(&self.issuer, &holder.name, 0, payment(holder.keys.account(), amount))?;
        }
        let _ = world.close_now();
        Ok(())
    }
}

fn payment(destination: AccountId, amount: Amount) -> TxKind {
    TxKind::Payment {
        destination,
        amount,
        send_max: None,
        deliver_min: None,
        destination_tag: None,
        paths: Vec::new(),
    }
}

impl World {
    /// Signs and submits a transaction of the set-up. Its preliminary answer must be a success.
    fn send(&mut self, keys: &KeyPair, name: &str, tx_flags: u32, kind: TxKind) -> Result<(), WorldError> {
        let transaction = Transaction {
            account: keys.account(),
            sequence: SeqProxy::Sequence(self.open_sequence(keys.account())),
            fee: self.spec.fees.base_fee,
            flags: tx_flags,
            last_ledger_sequence: None,
            network_id: (self.spec.network_id > 1024).then_some(self.spec.network_id),
            source_tag: None,
            kind,
        };
        self.send_object(keys, name, &transaction.to_object())
    }

    fn send_object(&mut self, keys: &KeyPair, name: &str, fields: &Object) -> Result<(), WorldError> {
        let (_, signed) =
            ledger::sign_object(fields, keys).map_err(|error| WorldError::Key(error.to_string()))?;
        let tx = Tx::read(&signed.blob).map_err(WorldError::NotATransaction)?;
        match self.submit_verified(&tx).result {
            ResultCode::TES_SUCCESS => Ok(()),
            result => Err(WorldError::SetUp { account: name.to_owned(), result }),
        }
    }

    fn open_sequence(&self, account: AccountId) -> u32 {
        match self.open.get(&index::account(account)) {
            Some(Entry::Account(root)) => root.sequence,
            _ => 0,
        }
    }

    /// The provider makes the pool of XRP and RLUSD, at the starting price.
    fn open_pool(&mut self) -> Result<(), WorldError> {
        /// AMMCreate (XRP Ledger documentation).
        const AMM_CREATE: TxType = TxType(35);
        let name = Role::Provider.identity(0);
        let keys = identity::keys(&name)?;
        let (xrp, rlusd) = cast::pool(self.spec.start_price);
        let issuer = identity::account(identity::ISSUER)?;
        let mut fields = Object::new()
            .with(f::TRANSACTION_TYPE, AMM_CREATE)
            .with(f::ACCOUNT, keys.account())
            .with(f::FEE, tx::base_fee(AMM_CREATE, &self.spec.fees))
            .with(f::SEQUENCE, self.open_sequence(keys.account()))
            .with(f::AMOUNT, Amount::Xrp(xrp))
            .with(f::AMOUNT2, Amount::Issued { value: rlusd, currency: Currency::RLUSD, issuer })
            .with(f::TRADING_FEE, Value::UInt16(cast::POOL_FEE_UNITS));
        fields.insert_some(f::NETWORK_ID, Some(self.spec.network_id).filter(|id| *id > 1024));
        self.send_object(&keys, &name, &fields)?;
        let _ = self.close_now();
        Ok(())
    }

    fn close_now(&mut self) -> super::ClosedLedger {
        self.now = self.now.plus_seconds(self.spec.ledger_interval_seconds);
        self.close_without_agents()
    }

    /// RLUSD of this world.
    ///
    /// # Errors
    /// [`WorldError::Key`], which the fixed names rule out.
    pub fn rlusd(&self) -> Result<Asset, WorldError> {
        identity::rlusd()
    }
}
