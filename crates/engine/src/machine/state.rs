//! The parts of what the machine knows. Data only.

use crate::halt::HaltReason;
use crate::input::{LedgerInput, TruthRead};
use crate::record::TruthSource;
use crate::side::{OrderId, Side};
use ledger::{Hash256, SeqProxy};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use units::{Drops, Exact, IssuedValue, LedgerIndex, LedgerTime};

/// Where the session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    Fresh,
    Running,
    Stopping,
    Closed,
}

/// Our balances by accounting, and what the ledger last said of the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Wallet {
    /// By accounting.
    pub xrp: Drops,
    /// By accounting.
    pub rlusd: Exact,
    /// By ledger.
    pub ledger_xrp: Drops,
    /// By ledger.
    pub ledger_rlusd: IssuedValue,
    /// The issuer froze our trust line, as far as was seen.
    pub is_frozen: bool,
    /// Next sequence by validated ledgers.
    pub sequence: u32,
    pub owner_count: u32,
    /// Tickets we own, those promised to submissions on their way among them.
    pub tickets: BTreeSet<u32>,
    /// The transaction that changed our AccountRoot last.
    pub account_txn: Option<Hash256>,
    /// Balances by accounting after each of the last ledgers.
    pub history: BTreeMap<LedgerIndex, (Drops, Exact)>,
}

/// A submission whose end was not seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Its id in this session; `None` when an earlier one sent it.
    pub intent_id: Option<u64>,
    pub hash: Option<Hash256>,
    /// Sequence or ticket.
    pub sequence: SeqProxy,
    pub last_ledger_sequence: LedgerIndex,
    /// The order it places.
    pub places: Option<OrderId>,
    /// The offer it takes off the book.
    pub ends: Option<u32>,
    pub side: Option<Side>,
    /// Sequences it sets aside as tickets.
    pub makes_tickets: u32,
}

/// Missing ledgers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Gap {
    pub from: LedgerIndex,
    pub buffered: BTreeMap<LedgerIndex, LedgerInput>,
    /// Histories that contradicted the books, in a row.
    pub contradictions: u32,
    /// Histories that could not be used, in a row, those included.
    pub failures: u32,
    /// Inputs since a request was made; `None`: none is on its way.
    pub waited: Option<u32>,
}

impl Gap {
    /// Nothing has come yet and nothing was asked for.
    pub fn new(from: LedgerIndex) -> Gap {
        Gap { from, buffered: BTreeMap::new(), contradictions: 0, failures: 0, waited: None }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct TruthState {
    /// A read was asked for, for this reason, at this ledger.
    pub asked: Option<(TruthSource, LedgerIndex)>,
    pub last_at: LedgerTime,
    /// When a read could be compared last.
    pub compared_at: LedgerTime,
    /// The last ledger at which a balance differed.
    pub differed_at: LedgerIndex,
    /// A transaction whose metadata shows a change of ours that nothing explains; until a full read says what is true.
    pub unexplained_tx: Option<Hash256>,
    pub unverified: u32,
    /// A read of a ledger that has not come yet.
    pub waiting: Option<TruthRead>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StopState {
    pub reason: HaltReason,
    pub detail: String,
    pub verify: bool,
    /// The final read was asked for at this ledger.
    pub final_asked: Option<LedgerIndex>,
    /// The last ledger at which it was asked for, answered or not: once a ledger is enough.
    pub final_tried: Option<LedgerIndex>,
    /// It came, and nothing of ours is left.
    pub is_verified: bool,
}

/// The session's own side of the books, for its profit and loss.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct SessionBooks {
    pub opening_xrp: Drops,
    pub opening_rlusd: Exact,
    pub opening_value: Option<Exact>,
    pub deposited_xrp: Exact,
    pub deposited_rlusd: Exact,
    pub deposited_value: Exact,
    /// Of the wallet, all sessions.
    pub net_deposits: Exact,
    /// Deposits that came before any mid was seen.
    pub unvalued: Vec<Exact>,
}
