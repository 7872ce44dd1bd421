//! A ledger with named accounts, set up at no cost to them, for tests that state balances exactly: reserves of 200 XRP and
//! 50 XRP an object, ten drops a transaction, as in the reference server's own tests.
#![allow(dead_code, reason = "each test uses a part of it")]

use ledger::{AccountId, Amount, Currency, KeyKind, KeyPair, Object, Seed, TxType, fields as f, flags};
use sim::world::{At, Fees, MarketSpec, World, WorldSpec};
use units::{Drops, LedgerTime};

pub struct Stage {
    pub world: World,
    increment: Drops,
}

pub fn keys(name: &str) -> KeyPair {
    let mut entropy = [0; 16];
    for (to, from) in entropy.iter_mut().zip(name.bytes()) {
        *to = from;
    }
    KeyPair::from_seed(&Seed::from_entropy(entropy, KeyKind::Ed25519)).unwrap()
}

pub fn account(name: &str) -> AccountId {
    keys(name).account()
}

/// `N XRP`, `N drops`, `V CUR/issuer`.
pub fn amount(text: &str) -> Amount {
    let (number, unit) = text.split_once(' ').unwrap();
    match unit {
        "XRP" => Amount::Xrp(Drops::from_xrp_str(number).unwrap()),
        "drops" => Amount::Xrp(number.parse().unwrap()),
        issued => {
            let (code, issuer) = issued.split_once('/').unwrap();
            Amount::Issued {
                value: number.parse().unwrap(),
                currency: Currency::issued(code).unwrap(),
                issuer: account(issuer),
            }
        }
    }
}

impl Stage {
    pub fn new() -> Stage {
        let mut spec = WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400));
        spec.network_id = 0;
        let increment = Drops::from_xrp(50);
        spec.fees = Fees {
            base_fee: Drops::new(10).unwrap(),
            reserve_base: Drops::from_xrp(200),
            reserve_increment: increment,
        };
        Stage { world: World::bare(spec).unwrap(), increment }
    }

    pub fn send(&mut self, from: &KeyPair, tx_type: u16, flags: u32, body: Object) -> String {
        let sequence = self.world.sequence(At::Current, from.account()).unwrap();
        let fee = if tx_type == 35 { self.increment } else { Drops::new(10).unwrap() };
        let tx = body
            .with(f::TRANSACTION_TYPE, TxType(tx_type))
            .with(f::ACCOUNT, from.account())
            .with(f::SEQUENCE, sequence)
            .with(f::FEE, fee)
            .with(f::FLAGS, flags);
        let (_, signed) = ledger::sign_object(&tx, from).unwrap();
        let answer = self.world.submit(&signed.blob).unwrap();
        let _ = self.world.close();
        answer.engine_result.to_string()
    }

    pub fn pay(&mut self, from: &KeyPair, to: &str, amount: Amount) -> String {
        let body = Object::new().with(f::DESTINATION, account(to)).with(f::AMOUNT, amount);
        self.send(from, 0, 0, body)
    }

    pub fn genesis_pays(&mut self, to: &str, drops: i64) {
        let genesis = KeyPair::from_seed_text(sim::identity::GENESIS_SEED).unwrap();
        self.pay(&genesis, to, Amount::Xrp(Drops::new(drops).unwrap()));
    }

    /// Funds an account so that it starts with exactly so much, DefaultRipple set.
    pub fn fund(&mut self, name: &str, drops: i64) {
        self.genesis_pays(name, drops + 10);
        self.send(&keys(name), 3, 0, Object::new().with(f::SET_FLAG, flags::ASF_DEFAULT_RIPPLE));
    }

    /// A line of twice the amount, and the amount, at no cost to the holder.
    pub fn hold(&mut self, name: &str, held: &str) {
        let Amount::Issued { value, currency, issuer } = amount(held) else { return };
        self.genesis_pays(name, 10);
        let limit = Amount::Issued { value: value.checked_add(value).unwrap(), currency, issuer };
        self.send(&keys(name), 20, 0, Object::new().with(f::LIMIT_AMOUNT, limit));
        let gateway = keys("gateway");
        assert_eq!(self.pay(&gateway, name, amount(held)), "tesSUCCESS", "{name} {held}");
    }

    pub fn drops(&self, name: &str) -> i64 {
        let (_, root) = self.world.account_root(At::Validated, account(name)).unwrap();
        root.amount(f::BALANCE).unwrap().drops().unwrap().get()
    }
}
