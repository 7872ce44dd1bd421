//! The people of a storm: two issuers, players with lines and money, perhaps pools. What is unusual about them (fees on
//! transfers, tick sizes, clawback, authorisation) follows from the seed. Never a rule of the ledger.

use ledger::{
    AccountId, Amount, Asset, Currency, KeyKind, KeyPair, Object, Seed, TxType, fields as f, flags,
};
use sim::world::{At, MarketSpec, World, WorldSpec};
use units::{Drops, IssuedValue, LedgerTime, Rounding};

use super::draw::Draw;

/// Currency code, issuer, and what one XRP is worth in it, in millionths.
const CURRENCIES: [(&str, usize, i128); 3] =
    [("RLUSD", 0, 1_420_000), ("EUR", 1, 1_310_000), ("USD", 1, 1_425_000)];

/// A world and who is in it.
pub struct Scene {
    /// The world.
    pub world: World,
    /// Everybody who sends: the two issuers first.
    pub people: Vec<KeyPair>,
    /// XRP and what the issuers issue.
    pub assets: Vec<Asset>,
}

impl Scene {
    /// The scene of a seed, its set-up closed.
    pub fn new(seed: u64, draw: &mut Draw) -> Result<Scene, String> {
        let mut spec = WorldSpec::paper(seed, MarketSpec::None, LedgerTime(825_638_400));
        spec.network_id = 0;
        let world = World::bare(spec).map_err(|error| error.to_string())?;
        let count = 2 + draw.between(3, 7);
        let people: Vec<KeyPair> = (0..count).map(|n| keys(seed, n)).collect::<Result<_, _>>()?;
        let issuers: Vec<AccountId> = people.iter().take(2).map(KeyPair::account).collect();
        let issued = CURRENCIES.iter().map(|(code, issuer, _)| Asset::Issued {
            currency: if *code == "RLUSD" {
                Currency::RLUSD
            } else {
                Currency::issued(code).unwrap_or(Currency::RLUSD)
            },
            issuer: issuers.get(*issuer).copied().unwrap_or(AccountId::ONE),
        });
        let assets = std::iter::once(Asset::Xrp).chain(issued).collect();
        let mut scene = Scene { world, people, assets };
        scene.fund(draw)?;
        scene.set_issuers(draw)?;
        scene.lines_and_money(draw)?;
        Ok(scene)
    }

    /// The players: everybody but the issuers.
    pub fn players(&self) -> std::ops::Range<usize> {
        2..self.people.len()
    }

    /// What so many drops are worth in the asset at `per_mille` of the usual price, with at most `digits` digits.
    pub fn worth(&self, drops: i64, asset: &Asset, per_mille: u64, digits: u32) -> Amount {
        let at = self.assets.iter().position(|known| known == asset).unwrap_or(0);
        let Some((_, _, price)) = at.checked_sub(1).and_then(|at| CURRENCIES.get(at)) else {
            return Amount::Xrp(Drops::new(drops).unwrap_or_default());
        };
        let mut mantissa = i128::from(drops) * price * i128::from(per_mille);
        let mut exponent = -15;
        let keep = 10_i128.pow(digits.clamp(1, 16));
        while mantissa >= keep {
            mantissa /= 10;
            exponent += 1;
        }
        let value = IssuedValue::from_parts_rounded(mantissa.max(1), exponent, Rounding::Down);
        self.amount(asset, value.unwrap_or(IssuedValue::MIN_POSITIVE))
    }

    /// An amount of an issued asset.
    pub fn amount(&self, asset: &Asset, value: IssuedValue) -> Amount {
        match *asset {
            Asset::Issued { currency, issuer } => Amount::Issued { value, currency, issuer },
            _ => Amount::Xrp(Drops::ZERO),
        }
    }

    /// Submits a transaction of a person: sequence, fee and type are filled in where they are missing. Gives whether it
    /// is in the open ledger.
    pub fn send(&mut self, who: usize, tx_type: TxType, body: Object) -> Result<bool, String> {
        let keys = self.people.get(who).ok_or("nobody")?;
        let signed = self.signed(keys, tx_type, body)?;
        let answer = self.world.submit(&signed).map_err(|error| error.to_string())?;
        Ok(answer.applied)
    }

    fn signed(&self, keys: &KeyPair, tx_type: TxType, body: Object) -> Result<Vec<u8>, String> {
        let mut tx = body.with(f::TRANSACTION_TYPE, tx_type).with(f::ACCOUNT, keys.account());
        if !tx.contains(f::SEQUENCE) {
            tx.insert(f::SEQUENCE, self.world.sequence(At::Current, keys.account()).unwrap_or(1));
        }
        if !tx.contains(f::FEE) {
            tx.insert(f::FEE, Drops::new(10).unwrap_or_default());
        }
        ledger::sign_object(&tx, keys).map(|(_, signed)| signed.blob).map_err(|error| error.to_string())
    }

    fn fund(&mut self, draw: &mut Draw) -> Result<(), String> {
        let genesis =
            KeyPair::from_seed_text(sim::identity::GENESIS_SEED).map_err(|error| error.to_string())?;
        for at in 0..self.people.len() {
            let drops = match draw.below(5) {
                _ if at < 2 => 500_000_000,
                0 => draw.between(1_300_000, 6_000_000),
                1 => draw.between(10_000_000, 60_000_000),
                _ => draw.between(100_000_000, 5_000_000_000),
            };
            let to = self.people.get(at).map(KeyPair::account).ok_or("nobody")?;
            let drops = Drops::new(i64::try_from(drops).unwrap_or(0)).unwrap_or_default();
            let body = Object::new().with(f::DESTINATION, to).with(f::AMOUNT, Amount::Xrp(drops));
            let signed = self.signed(&genesis, TxType::PAYMENT, body)?;
            self.world.submit(&signed).map_err(|error| error.to_string())?;
        }
        let _ = self.world.close();
        Ok(())
    }

    fn set_issuers(&mut self, draw: &mut Draw) -> Result<(), String> {
        for issuer in 0..2 {
            if draw.once_in(3) {
                let clawback = flags::ASF_ALLOW_TRUST_LINE_CLAWBACK;
                self.send(issuer, TxType::ACCOUNT_SET, Object::new().with(f::SET_FLAG, clawback))?;
            }
            if draw.once_in(12) {
                let auth = flags::ASF_REQUIRE_AUTH;
                self.send(issuer, TxType::ACCOUNT_SET, Object::new().with(f::SET_FLAG, auth))?;
            }
            let mut settings = Object::new().with(f::SET_FLAG, flags::ASF_DEFAULT_RIPPLE);
            if draw.once_in(2) {
                let rate = draw.one_of(&[
                    1_000_000_001_u32,
                    1_001_000_000,
                    1_002_345_678,
                    1_010_000_000,
                    1_200_000_000,
                ]);
                settings.insert(f::TRANSFER_RATE, rate);
            }
            if draw.once_in(4) {
                settings.insert(f::TICK_SIZE, u8::try_from(draw.between(3, 15)).unwrap_or(5));
            }
            self.send(issuer, TxType::ACCOUNT_SET, settings)?;
        }
        let _ = self.world.close();
        Ok(())
    }

    fn lines_and_money(&mut self, draw: &mut Draw) -> Result<(), String> {
        let issued: Vec<Asset> = self.assets.iter().skip(1).copied().collect();
        for player in self.players() {
            for asset in &issued {
                if draw.once_in(6) {
                    continue;
                }
                let limit = self.worth(draw.drops(13).max(20_000_000_000), asset, 1000, 16);
                self.send(player, TxType::TRUST_SET, Object::new().with(f::LIMIT_AMOUNT, limit))?;
                self.authorise(player, asset)?;
            }
            let _ = self.world.close();
        }
        for player in self.players() {
            for asset in &issued {
                let issuer = self.issuer_of(asset);
                let drops = if draw.once_in(8) { draw.drops(6) } else { draw.drops(10).max(80_000_000) };
                let amount = self.worth(drops, asset, 1000, 16);
                let to = self.people.get(player).map(KeyPair::account).ok_or("nobody")?;
                let body = Object::new().with(f::DESTINATION, to).with(f::AMOUNT, amount);
                self.send(issuer, TxType::PAYMENT, body)?;
            }
        }
        let _ = self.world.close();
        Ok(())
    }

    /// The issuer authorises a player's line; without that flag of the issuer's it is refused and costs nothing.
    pub fn authorise(&mut self, player: usize, asset: &Asset) -> Result<(), String> {
        let holder = self.people.get(player).map(KeyPair::account).ok_or("nobody")?;
        let Asset::Issued { currency, .. } = *asset else { return Ok(()) };
        let side = Amount::Issued { value: IssuedValue::ZERO, currency, issuer: holder };
        let body = Object::new().with(f::LIMIT_AMOUNT, side).with(f::FLAGS, flags::TF_SETF_AUTH);
        self.send(self.issuer_of(asset), TxType::TRUST_SET, body).map(|_| ())
    }

    /// Who of the people issues an asset; the first issuer for XRP.
    pub fn issuer_of(&self, asset: &Asset) -> usize {
        let issuer = asset.issuer();
        self.people.iter().position(|keys| Some(keys.account()) == issuer).unwrap_or(0)
    }
}

fn keys(seed: u64, n: u64) -> Result<KeyPair, String> {
    let mut entropy = [0; 16];
    entropy[..8].copy_from_slice(&seed.to_be_bytes());
    entropy[8..].copy_from_slice(&n.to_be_bytes());
    KeyPair::from_seed(&Seed::from_entropy(entropy, KeyKind::Ed25519)).map_err(|error| error.to_string())
}
