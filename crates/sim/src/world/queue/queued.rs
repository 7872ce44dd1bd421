//! A transaction in the queue, and what it may do to its account, so far as the queue must know. Applies nothing.

use ledger::{Amount, Hash256, ResultCode, SeqProxy, TxType, fields as f, flags};
use serde::{Deserialize, Serialize};
use units::Drops;

use crate::tx::Tx;

/// How often a queued transaction may fail in a way that may pass before it is given up.
pub(super) const RETRIES: u32 = 10;

/// Flags of an AccountSet about who may hold what the account issues (XRP Ledger documentation, "AccountSet").
const TF_REQUIRE_AUTH: u32 = 0x0004_0000;
const TF_OPTIONAL_AUTH: u32 = 0x0008_0000;
/// AccountSet: the account keeps the id of its last transaction.
const ASF_ACCOUNT_TXN_ID: u32 = 5;
/// Transactions that change who may sign, by their published codes.
const SET_REGULAR_KEY: TxType = TxType(5);
const SIGNER_LIST_SET: TxType = TxType(12);
const ACCOUNT_DELETE: TxType = TxType(21);

/// What a transaction may do to its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::world) struct Effect {
    /// What it burns.
    pub fee: Drops,
    /// XRP it may spend beside its fee.
    pub spend: Drops,
    /// Whether it may make the account's later transactions invalid: it is alone in the account's queue then.
    pub is_blocker: bool,
    /// What the account's next transaction is numbered with.
    pub following: SeqProxy,
}

impl Effect {
    /// Of a transaction.
    pub(super) fn of(tx: &Tx) -> Effect {
        Effect {
            fee: tx.fee.max(Drops::ZERO),
            spend: spend(tx),
            is_blocker: is_blocker(tx),
            following: following(tx),
        }
    }
}

/// The most XRP that leaves the account by it, the fee not counted.
fn spend(tx: &Tx) -> Drops {
    let most = match tx.tx_type {
        TxType::PAYMENT => tx.amount(f::SEND_MAX).or_else(|| tx.amount(f::AMOUNT)),
        TxType::OFFER_CREATE => tx.amount(f::TAKER_GETS),
        _ => None,
    };
    match most {
        Some(Amount::Xrp(drops)) => drops.max(Drops::ZERO),
        _ => Drops::ZERO,
    }
}

/// "Blockers" of the reference server: keys and signers, the account's end, and the flags about both and about who may
/// hold what it issues.
fn is_blocker(tx: &Tx) -> bool {
    let decides = |flag: Option<u32>| {
        matches!(flag, Some(flags::ASF_REQUIRE_AUTH | flags::ASF_DISABLE_MASTER | ASF_ACCOUNT_TXN_ID))
    };
    match tx.tx_type {
        SET_REGULAR_KEY | SIGNER_LIST_SET | ACCOUNT_DELETE => true,
        TxType::ACCOUNT_SET => {
            tx.has(TF_REQUIRE_AUTH | TF_OPTIONAL_AUTH)
                || decides(tx.number(f::SET_FLAG))
                || decides(tx.number(f::CLEAR_FLAG))
        }
        _ => false,
    }
}

/// A ticket uses no sequence. The reference server counts as many for a TicketCreate as it makes tickets, not the one it
/// is sent with: so does this.
fn following(tx: &Tx) -> SeqProxy {
    let used = match (tx.tx_type, tx.sequence) {
        (TxType::TICKET_CREATE, _) => tx.number(f::TICKET_COUNT).unwrap_or(0),
        (_, SeqProxy::Sequence(_)) => 1,
        (_, SeqProxy::Ticket(_)) => 0,
    };
    match tx.sequence {
        SeqProxy::Sequence(number) => SeqProxy::Sequence(number.saturating_add(used)),
        SeqProxy::Ticket(number) => SeqProxy::Ticket(number.saturating_add(used)),
    }
}

/// A transaction in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::world) struct Queued {
    /// Its bytes, known to be a transaction with a good signature.
    pub blob: Vec<u8>,
    /// Its id.
    pub hash: Hash256,
    /// The level it pays.
    pub level: u64,
    /// The last ledger it may be in.
    pub last_ledger: Option<u32>,
    /// How often it may still fail in a way that may pass.
    pub retries: u32,
    /// How it failed last.
    pub last_result: Option<ResultCode>,
    /// What it may do to its account.
    pub effect: Effect,
}

impl Queued {
    /// A transaction that enters the queue.
    pub(super) fn new(tx: &Tx, level: u64, effect: Effect) -> Queued {
        Queued {
            blob: tx.blob.clone(),
            hash: tx.hash,
            level,
            last_ledger: tx.number(f::LAST_LEDGER_SEQUENCE),
            retries: RETRIES,
            last_result: None,
            effect,
        }
    }

    /// One attempt less.
    pub(super) fn failed(&mut self, result: ResultCode) {
        self.retries = self.retries.saturating_sub(1);
        self.last_result = Some(result);
    }
}
