//! The kinds of faults: their names in a script, where they strike, and the keys each takes. Decides nothing.

/// A fault with its settings, and its numbers in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// It is lost (42, 71).
    Drop,
    /// So many more of it (53).
    Duplicate { copies: u32 },
    /// It comes later (54, 56).
    Delay(Span),
    /// So many come in another order (56, 57).
    Reorder { window: u32 },
    /// Half of its frame, then the end (48, 74).
    Cut,
    /// A TCP reset instead (42, 70).
    Reset,
    /// Nothing any more, and no end (43).
    HalfOpen,
    /// An answer to a question nobody asked (57).
    WrongId,
    /// Half of its text (48).
    PartialJson,
    /// A page of HTML instead (48).
    ServiceUnavailable,
    /// Before it a frame of so many mebibytes (49).
    HugeFrame { mebibytes: u32 },
    /// Before it lists in lists, so deep (50).
    DeepJson { depth: u32 },
    /// Before it a message of no known type (51).
    UnknownMessage,
    /// In it a field of no known name (51, 102).
    UnknownField,
    /// Without this field (52).
    MissingField { field: String },
    /// Nothing of the streams for so many ledgers (54).
    LedgerGap { ledgers: u32 },
    /// Then the ledger so many before once more (55).
    LedgerBackwards { ledgers: u32 },
    /// Streams say nothing (44).
    SilentSubscription,
    /// Never carried out, never answered (72).
    LostRequest,
    /// Carried out so many ledgers later (69).
    DelayedRequest { ledgers: u32 },
    /// Answered as if it were carried out (72).
    LostSubmit,
    /// `terQUEUED`, and forgotten (90).
    QueuedThenDropped,
    /// `terQUEUED`, and submitted so many ledgers later (90).
    QueuedThenValidated { ledgers: u32 },
    /// `telCAN_NOT_QUEUE_FULL` (91).
    CannotQueue,
    /// `slowDown` (47).
    SlowDown,
    /// `tooBusy` (47).
    TooBusy,
    /// `failedToForward` (73).
    NoPeers,
    /// `txnNotFound`, and not everything searched (64).
    NotFound,
    /// Closed: threshold exceeded (45).
    Threshold,
    /// Closed as one that reads too slowly (46).
    TooSlow,
    /// `warning: load` from so many requests on, then closed (45, 47).
    Load { warn_at: u32, close_at: u32 },
    /// At first another result than at last (58).
    ProvisionalResultChanges { result: String },
    /// The server is of another network (59).
    OtherNetwork { network_id: u32 },
    /// Ledgers it does not have (61).
    HistoryGap { first: u32, last: u32 },
    /// It lacks an amendment (62).
    AmendmentBlocked,
    /// Fees so many times as high (94).
    FeeSpike { factor: u32 },
    /// Something false (65).
    LyingNode { lie: Lie },
    /// No ledger yet (75).
    Restarting,
    /// The node stays where it is (60).
    StaleNode,
    /// The second node goes its own way (63).
    TwoNodesDisagree,
    /// Nobody gets in (66).
    EndpointDown,
    /// So many closes fail (103).
    StalledValidation { closes: u32 },
}

/// How long something is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Until so many later messages of the connection went out.
    Messages(u32),
    /// Until so many more ledgers closed.
    Ledgers(u32),
}

/// What a lying node changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// A balance in the metadata of a validated transaction: 1 XRP more.
    Metadata,
    /// The result of a validated transaction: success for a failure, a failure for success.
    Result,
    /// The balance in `account_info`: 1 XRP more.
    Balance,
}

/// Where a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A request, before it is carried out.
    Request,
    /// A message to a client: an answer, or one of a stream.
    Message,
    /// The network or a node as a whole.
    Network,
}

/// Kinds of messages to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    /// The answer to a request.
    Response,
    /// `ledgerClosed`.
    LedgerClosed,
    /// A validated transaction.
    Transaction,
    /// A proposed transaction.
    Proposed,
    /// Any other stream message.
    Other,
}

impl MessageKind {
    /// The name in scripts and in the log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::LedgerClosed => "ledgerClosed",
            Self::Transaction => "transaction",
            Self::Proposed => "proposed",
            Self::Other => "other",
        }
    }
}

/// The keys every fault takes.
pub(crate) const COMMON_KEYS: &[&str] = &["fault", "from_ledger", "to_ledger", "connection", "node"];
/// The keys of faults that are events, not conditions: which of the requests or messages it strikes.
pub(crate) const EVENT_KEYS: &[&str] = &["every", "per_mille", "times", "method", "tx_type"];
/// The key of faults that strike messages.
pub(crate) const MESSAGE_KEYS: &[&str] = &["message"];

/// One kind, as a script names it.
pub(crate) struct KindRow {
    /// Its name.
    pub(crate) name: &'static str,
    /// The keys that are its own.
    pub(crate) options: &'static [&'static str],
    sort: Sort,
}

/// What a kind takes beside [`COMMON_KEYS`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Strikes requests.
    Request,
    /// Strikes messages.
    Message,
    /// Holds for the whole of its ledgers.
    Condition,
}

impl KindRow {
    /// Every key a fault of this kind takes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        let events = if self.sort == Sort::Condition { &[][..] } else { EVENT_KEYS };
        let messages = if self.sort == Sort::Message { MESSAGE_KEYS } else { &[] };
        [COMMON_KEYS, self.options, events, messages].into_iter().flatten().copied()
    }
}

const fn row(name: &'static str, sort: Sort, options: &'static [&'static str]) -> KindRow {
    KindRow { name, options, sort }
}

/// Every kind by its name in a script.
pub(crate) const KINDS: &[KindRow] = &[
    row("drop", Sort::Message, &[]),
    row("duplicate", Sort::Message, &["copies"]),
    row("delay", Sort::Message, &["messages", "ledgers"]),
    row("reorder", Sort::Message, &["window"]),
    row("cut", Sort::Message, &[]),
    row("reset", Sort::Message, &[]),
    row("half_open", Sort::Message, &[]),
    row("wrong_id", Sort::Message, &[]),
    row("partial_json", Sort::Message, &[]),
    row("service_unavailable", Sort::Message, &[]),
    row("huge_frame", Sort::Message, &["mebibytes"]),
    row("deep_json", Sort::Message, &["depth"]),
    row("unknown_message", Sort::Message, &[]),
    row("unknown_field", Sort::Message, &[]),
    row("missing_field", Sort::Message, &["field"]),
    row("ledger_gap", Sort::Message, &["ledgers"]),
    row("ledger_backwards", Sort::Message, &["ledgers"]),
    row("silent_subscription", Sort::Condition, &[]),
    row("lost_request", Sort::Request, &[]),
    row("delayed_request", Sort::Request, &["ledgers"]),
    row("lost_submit", Sort::Request, &[]),
    row("queued_then_dropped", Sort::Request, &[]),
    row("queued_then_validated", Sort::Request, &["ledgers"]),
    row("cannot_queue", Sort::Request, &[]),
    row("slow_down", Sort::Request, &[]),
    row("too_busy", Sort::Request, &[]),
    row("no_peers", Sort::Request, &[]),
    row("not_found", Sort::Request, &[]),
    row("threshold", Sort::Request, &[]),
    row("too_slow", Sort::Request, &[]),
    row("load", Sort::Condition, &["warn_at", "close_at"]),
    row("provisional_result_changes", Sort::Message, &["result"]),
    row("other_network", Sort::Condition, &["network_id"]),
    row("history_gap", Sort::Condition, &["first", "last"]),
    row("amendment_blocked", Sort::Condition, &[]),
    row("fee_spike", Sort::Condition, &["factor"]),
    row("lying_node", Sort::Message, &["lie"]),
    row("restarting", Sort::Condition, &[]),
    row("stale_node", Sort::Condition, &[]),
    row("two_nodes_disagree", Sort::Condition, &[]),
    row("endpoint_down", Sort::Condition, &[]),
    row("stalled_validation", Sort::Condition, &["closes"]),
];

impl What {
    /// The name in a script, in the log and in the summary.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Duplicate { .. } => "duplicate",
            Self::Delay(_) => "delay",
            Self::Reorder { .. } => "reorder",
            Self::Cut => "cut",
            Self::Reset => "reset",
            Self::HalfOpen => "half_open",
            Self::WrongId => "wrong_id",
            Self::PartialJson => "partial_json",
            Self::ServiceUnavailable => "service_unavailable",
            Self::HugeFrame { .. } => "huge_frame",
            Self::DeepJson { .. } => "deep_json",
            Self::UnknownMessage => "unknown_message",
            Self::UnknownField => "unknown_field",
            Self::MissingField { .. } => "missing_field",
            Self::LedgerGap { .. } => "ledger_gap",
            Self::LedgerBackwards { .. } => "ledger_backwards",
            Self::SilentSubscription => "silent_subscription",
            Self::LostRequest => "lost_request",
            Self::DelayedRequest { .. } => "delayed_request",
            Self::LostSubmit => "lost_submit",
            Self::QueuedThenDropped => "queued_then_dropped",
            Self::QueuedThenValidated { .. } => "queued_then_validated",
            Self::CannotQueue => "cannot_queue",
            Self::SlowDown => "slow_down",
            Self::TooBusy => "too_busy",
            Self::NoPeers => "no_peers",
            Self::NotFound => "not_found",
            Self::Threshold => "threshold",
            Self::TooSlow => "too_slow",
            Self::Load { .. } => "load",
            Self::ProvisionalResultChanges { .. } => "provisional_result_changes",
            Self::OtherNetwork { .. } => "other_network",
            Self::HistoryGap { .. } => "history_gap",
            Self::AmendmentBlocked => "amendment_blocked",
            Self::FeeSpike { .. } => "fee_spike",
            Self::LyingNode { .. } => "lying_node",
            Self::Restarting => "restarting",
            Self::StaleNode => "stale_node",
            Self::TwoNodesDisagree => "two_nodes_disagree",
            Self::EndpointDown => "endpoint_down",
            Self::StalledValidation { .. } => "stalled_validation",
        }
    }

    /// Whether it holds for the whole of its ledgers, instead of striking single requests or messages.
    pub(crate) fn is_condition(&self) -> bool {
        KINDS.iter().any(|row| row.name == self.name() && row.sort == Sort::Condition)
    }

    /// Whether it strikes here. Conditions may strike requests and messages both.
    /// Whether it strikes a connection that stays open: over HTTP, where one answer ends all, it never strikes.
    pub(crate) fn needs_websocket(&self) -> bool {
        matches!(
            self,
            Self::Duplicate { .. }
                | Self::Delay(_)
                | Self::Reorder { .. }
                | Self::HalfOpen
                | Self::WrongId
                | Self::HugeFrame { .. }
                | Self::DeepJson { .. }
                | Self::UnknownMessage
                | Self::SilentSubscription
        )
    }

    pub(crate) fn strikes(&self, place: Place) -> bool {
        match self {
            Self::AmendmentBlocked
            | Self::FeeSpike { .. }
            | Self::Restarting
            | Self::HistoryGap { .. }
            | Self::OtherNetwork { .. } => place != Place::Network,
            Self::Load { .. } => place == Place::Request,
            Self::SilentSubscription => place == Place::Message,
            Self::StaleNode
            | Self::TwoNodesDisagree
            | Self::EndpointDown
            | Self::StalledValidation { .. } => place == Place::Network,
            other => {
                let row = KINDS.iter().find(|row| row.name == other.name());
                row.is_some_and(|row| (place == Place::Request) == (row.sort == Sort::Request))
                    && place != Place::Network
            }
        }
    }

    /// Whether it can strike this message or request at all, whatever the script says: what cannot be is not counted.
    pub(crate) fn fits(&self, message: Option<MessageKind>, method: &str) -> bool {
        use MessageKind as M;
        let shows_transactions = ["tx", "account_tx", "ledger", "transaction_entry"].contains(&method);
        match self {
            Self::LostSubmit
            | Self::QueuedThenDropped
            | Self::QueuedThenValidated { .. }
            | Self::CannotQueue
            | Self::NoPeers => method == "submit",
            Self::NotFound => method == "tx",
            Self::OtherNetwork { .. } if message.is_none() => ["submit", "simulate"].contains(&method),
            Self::WrongId => message == Some(M::Response),
            Self::LedgerGap { .. } | Self::LedgerBackwards { .. } => message == Some(M::LedgerClosed),
            Self::SilentSubscription | Self::Reorder { .. } if message == Some(M::Response) => {
                matches!(self, Self::Reorder { .. })
            }
            Self::ProvisionalResultChanges { .. } => message == Some(M::Proposed) || method == "submit",
            Self::LyingNode { lie: Lie::Balance } => method == "account_info",
            Self::LyingNode { .. } => message == Some(M::Transaction) || shows_transactions,
            _ => true,
        }
    }
}
