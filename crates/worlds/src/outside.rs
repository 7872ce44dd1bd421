//! What others do to the wallet, directly on the ledger: deposits, withdrawals by another program, a freeze.

use crashlab::seed::Chance;
use ledger::{Amount, Currency, KeyPair, SeqProxy, SignedTx, Transaction, TxKind, flags};
use server::LedgerServer;
use sim::identity::{self, GENESIS_SEED, ISSUER, NETWORK_ID, WALLET};
use sim::world::At;
use std::time::Duration;
use units::{Drops, IssuedValue};

/// Enough to be taken while fees are as usual.
const FEE_DROPS: i64 = 5_000;

/// Something that is done from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Somebody pays XRP to the wallet.
    DepositXrp(i64),
    /// The issuer pays RLUSD to the wallet.
    DepositRlusd(i64),
    /// Another program pays XRP out of the wallet.
    WithdrawXrp(i64),
    /// Another program pays RLUSD out of the wallet.
    WithdrawRlusd(i64),
    /// Another program changes nothing, but uses up a sequence.
    ForeignNothing,
    /// The issuer freezes the wallet's line, or thaws it.
    Freeze(bool),
}

impl Deed {
    /// The word by which it is counted.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Deed::DepositXrp(_) => "wallet: deposit of XRP",
            Deed::DepositRlusd(_) => "wallet: deposit of RLUSD",
            Deed::WithdrawXrp(_) => "wallet: XRP taken out by another program",
            Deed::WithdrawRlusd(_) => "wallet: RLUSD taken out by another program",
            Deed::ForeignNothing => "wallet: a sequence used by another program",
            Deed::Freeze(true) => "wallet: frozen by the issuer",
            Deed::Freeze(false) => "wallet: thawed by the issuer",
        }
    }
}

/// What is done in the world of a seed, by time.
pub(crate) fn draw_deeds(chance: &mut Chance, minutes: u32) -> Vec<(Duration, Deed)> {
    let mut deeds = Vec::new();
    for _ in 0..chance.below(4) {
        let at = Duration::from_millis(chance.below(u64::from(minutes) * 60_000));
        let some = i64::try_from(1 + chance.below(9_000_000)).unwrap_or(1);
        match chance.below(12) {
            0..=3 => deeds.push((at, Deed::DepositXrp(some))),
            4..=6 => deeds.push((at, Deed::DepositRlusd(some))),
            7 => deeds.push((at, Deed::WithdrawXrp(some))),
            8 => deeds.push((at, Deed::WithdrawRlusd(some))),
            9 => deeds.push((at, Deed::ForeignNothing)),
            _ => {
                deeds.push((at, Deed::Freeze(true)));
                let thaw = at + Duration::from_millis(1 + chance.below(300_000));
                deeds.push((thaw, Deed::Freeze(false)));
            }
        }
    }
    deeds.sort_by_key(|(at, _)| *at);
    deeds
}

/// Does it; gives the transaction when the ledger took it.
pub(crate) fn perform(server: &LedgerServer, deed: Deed) -> Option<SignedTx> {
    let wallet = identity::keys(WALLET).ok()?;
    let issuer = identity::keys(ISSUER).ok()?;
    let genesis = KeyPair::from_seed_text(GENESIS_SEED).ok()?;
    let rlusd = |millionths: i64| {
        let value = IssuedValue::from_parts(millionths.into(), -6).unwrap_or(IssuedValue::ZERO);
        Amount::Issued { value, currency: Currency::RLUSD, issuer: issuer.account() }
    };
    let xrp = |drops: i64| Amount::Xrp(Drops::new(drops).unwrap_or_default());
    let pay = |destination, amount| TxKind::Payment {
        destination,
        amount,
        send_max: None,
        deliver_min: None,
        destination_tag: None,
        paths: Vec::new(),
    };
    let (keys, flags, kind) = match deed {
        Deed::DepositXrp(drops) => (&genesis, 0, pay(wallet.account(), xrp(drops))),
        Deed::DepositRlusd(millionths) => (&issuer, 0, pay(wallet.account(), rlusd(millionths))),
        Deed::WithdrawXrp(drops) => (&wallet, 0, pay(genesis.account(), xrp(drops))),
        Deed::WithdrawRlusd(millionths) => (&wallet, 0, pay(issuer.account(), rlusd(millionths))),
        Deed::ForeignNothing => (
            &wallet,
            0,
            TxKind::AccountSet {
                set_flag: None,
                clear_flag: None,
                transfer_rate: None,
                tick_size: None,
                domain: None,
            },
        ),
        Deed::Freeze(on) => {
            let limit = Amount::Issued {
                value: IssuedValue::ZERO,
                currency: Currency::RLUSD,
                issuer: wallet.account(),
            };
            let flag = if on { flags::TF_SET_FREEZE } else { flags::TF_CLEAR_FREEZE };
            (&issuer, flag, TxKind::TrustSet { limit_amount: limit, quality_in: None, quality_out: None })
        }
    };
    let sequence = server.with_ledger(|ledger| ledger.world().sequence(At::Current, keys.account()))?;
    let tx = Transaction {
        account: keys.account(),
        sequence: SeqProxy::Sequence(sequence),
        fee: Drops::new(FEE_DROPS).unwrap_or_default(),
        flags,
        last_ledger_sequence: None,
        network_id: Some(NETWORK_ID),
        source_tag: None,
        kind,
    };
    let signed = ledger::sign(&tx, keys).ok()?;
    let result = server.submit(&signed.blob).ok()?;
    result.is_remembered.then_some(signed)
}
