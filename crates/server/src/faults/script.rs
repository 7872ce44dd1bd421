//! A script of faults, typed and checked. Never read from anywhere here: `yaml` makes one.

use std::net::SocketAddr;

use super::kind::{MessageKind, What};

/// What goes wrong, when and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultScript {
    pub(crate) seed: u64,
    pub(crate) second_node: Option<SocketAddr>,
    pub(crate) rules: Vec<Rule>,
}

impl FaultScript {
    /// Where a second node of the network listens, if the script wants one.
    pub fn second_node(&self) -> Option<SocketAddr> {
        self.second_node
    }

    /// How many faults it lists.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// The faults whose last ledger is before `newest`, the newest closed one: line in the file, and that last ledger.
    pub fn over_before(&self, newest: u32) -> Vec<(u64, u32)> {
        let over = self.rules.iter().filter(|rule| rule.when.to_ledger < newest);
        over.map(|rule| (rule.line, rule.when.to_ledger)).collect()
    }

    /// The line of a fault whose other network is the server's own.
    pub fn own_network(&self, network_id: u32) -> Option<u64> {
        let own = What::OtherNetwork { network_id };
        self.rules.iter().find(|rule| rule.what == own).map(|rule| rule.line)
    }

    /// Whether it lists none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Why a file of faults cannot be used: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct FaultFileError(
    /// One sentence each, with the line it is about.
    pub Vec<String>,
);

/// One fault of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Where it stands in the file.
    pub(crate) line: u64,
    pub(crate) when: When,
    pub(crate) what: What,
}

/// Which ledgers, connections, requests and messages a fault is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// The first ledger: it strikes while the newest closed ledger is this or a later one.
    pub(crate) from_ledger: u32,
    /// The last ledger.
    pub(crate) to_ledger: u32,
    pub(crate) connection: Option<u64>,
    pub(crate) node: Option<u8>,
    /// Each so manieth of those it could strike on a connection.
    pub(crate) every: u32,
    /// Of these so many in a thousand, drawn from the seed.
    pub(crate) per_mille: u32,
    /// So often in all.
    pub(crate) times: Option<u32>,
    pub(crate) method: Option<String>,
    pub(crate) tx_type: Option<String>,
    pub(crate) message: Option<MessageFilter>,
}

impl When {
    /// Whether it strikes while this is the newest closed ledger.
    pub(crate) fn holds_at(&self, ledger: u32) -> bool {
        (self.from_ledger..=self.to_ledger).contains(&ledger)
    }
}

/// Which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageFilter {
    /// Those of one kind.
    Kind(MessageKind),
    /// All of the streams.
    Stream,
}

impl MessageFilter {
    /// By its name in a script.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        use MessageKind as M;
        if name == "stream" {
            return Some(Self::Stream);
        }
        let kinds = [M::Response, M::LedgerClosed, M::Transaction, M::Proposed, M::Other];
        kinds.into_iter().find(|kind| kind.name() == name).map(Self::Kind)
    }

    /// Its names.
    pub(crate) const NAMES: &str = "response, stream, ledgerClosed, transaction, proposed or other";

    /// Whether it takes a message of this kind.
    pub(crate) fn takes(self, kind: Option<MessageKind>) -> bool {
        match (self, kind) {
            (_, None) => false,
            (Self::Kind(wanted), Some(kind)) => wanted == kind,
            (Self::Stream, Some(kind)) => kind != MessageKind::Response,
        }
    }
}
