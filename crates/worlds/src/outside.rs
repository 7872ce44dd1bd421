//! What others do to the wallet, directly on the ledger: deposits, withdrawals by another program, freezes, clawbacks,
//! a transfer fee, the trust line itself.

use crate::program::{self, Act};
use crate::small::{millionths, pay, set_flag, transaction};
use crashlab::seed::Chance;
use ledger::{Amount, Currency, KeyPair, Object, SignedTx, TxKind, TxType, fields as f, flags};
use server::LedgerServer;
use sim::identity::{self, GENESIS_SEED, ISSUER, NETWORK_ID, WALLET};
use sim::world::At;
use std::time::Duration;
use units::{Drops, IssuedValue};

/// Enough to be taken while fees are as usual.
const FEE_DROPS: i64 = 5_000;
/// Clawback (published transaction types).
const CLAWBACK: TxType = TxType(30);
/// Two parts in a thousand, in the ledger's parts of 10^9.
const TRANSFER_RATE: u32 = 1_002_000_000;

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
    /// Another program pays all RLUSD out of the wallet but so much.
    WithdrawAllBut(i64),
    /// Another program changes nothing, but uses up a sequence.
    ForeignNothing,
    /// The issuer freezes the wallet's line, or thaws it.
    Freeze(bool),
    /// The same, deeply.
    DeepFreeze(bool),
    /// The issuer freezes every line, or thaws all.
    GlobalFreeze(bool),
    /// The issuer takes so much back; everything when there is less.
    Clawback(i64),
    /// The issuer takes everything back.
    ClawbackAll,
    /// Another program gives the line up, on which nothing is left.
    LineGone,
    /// Another program opens the line again.
    LineBack,
    /// The issuer wants a part of every transfer, or no more.
    TransferFee(bool),
    /// A step of another program with our key.
    Program(Act),
}

impl Deed {
    /// The word by which it is counted.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Deed::DepositXrp(_) => "wallet: deposit of XRP",
            Deed::DepositRlusd(_) => "wallet: deposit of RLUSD",
            Deed::WithdrawXrp(_) => "wallet: XRP taken out by another program",
            Deed::WithdrawRlusd(_) | Deed::WithdrawAllBut(_) => "wallet: RLUSD taken out by another program",
            Deed::ForeignNothing => "wallet: a sequence used by another program",
            Deed::Freeze(true) => "wallet: frozen by the issuer",
            Deed::Freeze(false) => "wallet: thawed by the issuer",
            Deed::DeepFreeze(true) => "wallet: deeply frozen by the issuer",
            Deed::DeepFreeze(false) => "wallet: deeply thawed by the issuer",
            Deed::GlobalFreeze(true) => "wallet: all lines frozen by the issuer",
            Deed::GlobalFreeze(false) => "wallet: all lines thawed by the issuer",
            Deed::Clawback(_) => "wallet: clawback of a part",
            Deed::ClawbackAll => "wallet: clawback of everything",
            Deed::LineGone => "wallet: the trust line gone",
            Deed::LineBack => "wallet: the trust line back",
            Deed::TransferFee(true) => "wallet: a transfer fee set by the issuer",
            Deed::TransferFee(false) => "wallet: the transfer fee gone",
            Deed::Program(act) => act.word(),
        }
    }
}

/// What is done in the world of a seed, by time. Only an issuer that kept the right claws back.
pub(crate) fn draw_deeds(chance: &mut Chance, minutes: u32, claws_back: bool) -> Vec<(Duration, Deed)> {
    let mut deeds = Vec::new();
    for _ in 0..chance.below(6) {
        let at = Duration::from_millis(chance.below(u64::from(minutes) * 60_000));
        let some = i64::try_from(1 + chance.below(9_000_000)).unwrap_or(1);
        let later = at + Duration::from_millis(1 + chance.below(300_000));
        let mut until = |on, off| deeds.extend([(at, on), (later, off)]);
        match chance.below(if claws_back { 20 } else { 16 }) {
            0..=2 => deeds.push((at, Deed::DepositXrp(some))),
            3..=5 => deeds.push((at, Deed::DepositRlusd(some))),
            6 => deeds.push((at, Deed::WithdrawXrp(some * if chance.once_in(3) { 6 } else { 1 }))),
            7 => deeds.push((at, Deed::WithdrawRlusd(some))),
            8 => deeds.push((at, Deed::WithdrawAllBut(some))),
            9 => deeds.push((at, Deed::ForeignNothing)),
            10 | 11 => until(Deed::Freeze(true), Deed::Freeze(false)),
            12 => until(Deed::DeepFreeze(true), Deed::DeepFreeze(false)),
            13 => until(Deed::GlobalFreeze(true), Deed::GlobalFreeze(false)),
            14 | 15 => until(Deed::TransferFee(true), Deed::TransferFee(false)),
            16 | 17 => deeds.push((at, Deed::Clawback(some))),
            18 => deeds.push((at, Deed::ClawbackAll)),
            _ => {
                // In the ledger of the clawback, or some later: the account is then threaded by its line alone.
                let soon = at + Duration::from_secs(if chance.once_in(2) { 0 } else { 12 });
                deeds.extend([
                    (at, Deed::ClawbackAll),
                    (soon, Deed::LineGone),
                    (later + soon - at, Deed::LineBack),
                ]);
            }
        }
    }
    deeds.sort_by_key(|(at, _)| *at);
    deeds
}

impl Deed {
    /// Whether the session that sees it is to end: our key was used elsewhere, or what it set up there was completed.
    pub(crate) fn is_anothers(self, by_wallet: bool) -> bool {
        by_wallet || matches!(self, Deed::Program(act) if !act.is_signed_by_wallet())
    }

    /// Whether money leaves the wallet that its offers count on.
    pub(crate) fn takes(self) -> bool {
        matches!(
            self,
            Deed::WithdrawXrp(_)
                | Deed::WithdrawRlusd(_)
                | Deed::WithdrawAllBut(_)
                | Deed::Clawback(_)
                | Deed::ClawbackAll
        )
    }
}

/// Does it; gives the transactions that the ledger took.
pub(crate) fn perform(server: &LedgerServer, deed: Deed) -> Vec<SignedTx> {
    let Some(hands) = Hands::new(server) else { return Vec::new() };
    hands.perform(deed).into_iter().flatten().collect()
}

/// Whoever acts, on a server.
struct Hands<'a> {
    server: &'a LedgerServer,
    wallet: KeyPair,
    issuer: KeyPair,
    genesis: KeyPair,
}

impl<'a> Hands<'a> {
    fn new(server: &'a LedgerServer) -> Option<Hands<'a>> {
        Some(Hands {
            server,
            wallet: identity::keys(WALLET).ok()?,
            issuer: identity::keys(ISSUER).ok()?,
            genesis: KeyPair::from_seed_text(GENESIS_SEED).ok()?,
        })
    }

    fn perform(&self, deed: Deed) -> Vec<Option<SignedTx>> {
        let (wallet, issuer, genesis) = (&self.wallet, &self.issuer, &self.genesis);
        let rlusd = |count: i64| self.amount(millionths(count));
        let xrp = |drops: i64| Amount::Xrp(Drops::new(drops).unwrap_or_default());
        let one = |keys: &KeyPair, tx_flags: u32, kind: TxKind| vec![self.send(keys, tx_flags, kind)];
        let flag = |on: bool, set: u32, clear: u32| if on { set } else { clear };
        match deed {
            Deed::DepositXrp(drops) => one(genesis, 0, pay(wallet.account(), xrp(drops))),
            Deed::DepositRlusd(count) => one(issuer, 0, pay(wallet.account(), rlusd(count))),
            Deed::WithdrawXrp(drops) => one(wallet, 0, pay(genesis.account(), xrp(drops))),
            Deed::WithdrawRlusd(count) => one(wallet, 0, pay(issuer.account(), rlusd(count))),
            Deed::WithdrawAllBut(rest) => {
                let left = self.held_millionths() - rest;
                if left <= 0 { Vec::new() } else { one(wallet, 0, pay(issuer.account(), rlusd(left))) }
            }
            Deed::ForeignNothing => one(wallet, 0, settings(None, None, None)),
            Deed::Freeze(on) => {
                one(issuer, flag(on, flags::TF_SET_FREEZE, flags::TF_CLEAR_FREEZE), self.line_of_issuer())
            }
            Deed::DeepFreeze(on) => {
                let set = flags::TF_SET_FREEZE | flags::TF_SET_DEEP_FREEZE;
                let clear = flags::TF_CLEAR_FREEZE | flags::TF_CLEAR_DEEP_FREEZE;
                one(issuer, flag(on, set, clear), self.line_of_issuer())
            }
            Deed::GlobalFreeze(true) => one(issuer, 0, set_flag(flags::ASF_GLOBAL_FREEZE)),
            Deed::GlobalFreeze(false) => one(issuer, 0, settings(None, Some(flags::ASF_GLOBAL_FREEZE), None)),
            Deed::Clawback(count) => vec![self.claw_back(millionths(count))],
            Deed::ClawbackAll => vec![self.claw_back(IssuedValue::from_int(1_000_000))],
            Deed::LineGone => one(wallet, flags::TF_SET_NO_RIPPLE, self.line_of_wallet(0)),
            Deed::LineBack => {
                let line = self.send(wallet, flags::TF_SET_NO_RIPPLE, self.line_of_wallet(1_000_000_000));
                vec![line, self.send(issuer, 0, pay(wallet.account(), rlusd(60_000_000)))]
            }
            Deed::Program(act) => vec![self.program(act)],
            Deed::TransferFee(on) => {
                one(issuer, 0, settings(None, None, Some(if on { TRANSFER_RATE } else { 0 })))
            }
        }
    }

    /// RLUSD of the wallet in the open ledger, in whole millionths.
    fn held_millionths(&self) -> i64 {
        let account = self.wallet.account();
        let lines = self.server.with_ledger(|ledger| ledger.world().account_lines(At::Current, account));
        let held = lines.iter().find(|line| line.peer == self.issuer.account()).map(|line| line.balance);
        held.and_then(crate::crowd::whole_millionths).unwrap_or(0)
    }

    fn amount(&self, value: IssuedValue) -> Amount {
        Amount::Issued { value, currency: Currency::RLUSD, issuer: self.issuer.account() }
    }

    fn line_of_issuer(&self) -> TxKind {
        let limit_amount = Amount::Issued {
            value: IssuedValue::ZERO,
            currency: Currency::RLUSD,
            issuer: self.wallet.account(),
        };
        TxKind::TrustSet { limit_amount, quality_in: None, quality_out: None }
    }

    fn line_of_wallet(&self, limit: i32) -> TxKind {
        let limit_amount = self.amount(IssuedValue::from_int(limit));
        TxKind::TrustSet { limit_amount, quality_in: None, quality_out: None }
    }

    /// The amount of a clawback names the holder where an amount names its issuer.
    fn claw_back(&self, value: IssuedValue) -> Option<SignedTx> {
        let held = Amount::Issued { value, currency: Currency::RLUSD, issuer: self.wallet.account() };
        let fields = Object::new()
            .with(f::TRANSACTION_TYPE, CLAWBACK)
            .with(f::ACCOUNT, self.issuer.account())
            .with(f::FEE, Drops::new(FEE_DROPS).ok()?)
            .with(f::SEQUENCE, self.sequence(&self.issuer)?)
            .with(f::AMOUNT, held)
            .with(f::NETWORK_ID, NETWORK_ID);
        let (_, signed) = ledger::sign_object(&fields, &self.issuer).ok()?;
        self.submit(signed)
    }

    fn program(&self, act: Act) -> Option<SignedTx> {
        let (wallet, issuer, rich) = (&self.wallet, &self.issuer, &self.genesis);
        let keys = if act.is_signed_by_wallet() { wallet } else { rich };
        let body = self.server.with_ledger(|ledger| act.body(ledger.world(), wallet, issuer, rich))?;
        self.submit(program::signed_by(keys, body, self.sequence(keys)?, FEE_DROPS)?)
    }

    fn send(&self, keys: &KeyPair, tx_flags: u32, kind: TxKind) -> Option<SignedTx> {
        let tx = transaction(self.sequence(keys)?, keys.account(), FEE_DROPS, tx_flags, kind);
        self.submit(ledger::sign(&tx, keys).ok()?)
    }

    fn sequence(&self, keys: &KeyPair) -> Option<u32> {
        self.server.with_ledger(|ledger| ledger.world().sequence(At::Current, keys.account()))
    }

    fn submit(&self, signed: SignedTx) -> Option<SignedTx> {
        let result = self.server.submit(&signed.blob).ok()?;
        result.is_remembered.then_some(signed)
    }
}

/// Settings of the account that sends them; none of them: a transaction that changes nothing.
fn settings(set_flag: Option<u32>, clear_flag: Option<u32>, transfer_rate: Option<u32>) -> TxKind {
    TxKind::AccountSet { set_flag, clear_flag, transfer_rate, tick_size: None, domain: None }
}
