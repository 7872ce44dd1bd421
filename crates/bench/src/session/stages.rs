//! Where the time between a ledger's messages and its signed answers goes.

use std::time::Duration;

/// Time of each stage of one ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages {
    /// Text of every message to typed messages.
    pub parse: Duration,
    /// Typed messages to a whole ledger.
    pub assemble: Duration,
    /// Metadata to changes of book, funds and pool, and evidence of our own transactions; the documents let go of.
    pub translate: Duration,
    /// The engine's decision.
    pub decide: Duration,
    /// Signatures, and signed bytes as text.
    pub sign: Duration,
    /// The engine takes the signatures down.
    pub note: Duration,
    /// The journal's commit; zero where nothing is written.
    pub commit: Duration,
}

impl Stages {
    /// All of it.
    pub fn total(&self) -> Duration {
        self.named().iter().map(|(_, time)| *time).sum()
    }

    /// With names.
    pub fn named(&self) -> [(&'static str, Duration); 7] {
        [
            ("parse", self.parse),
            ("assemble", self.assemble),
            ("translate", self.translate),
            ("decide", self.decide),
            ("sign", self.sign),
            ("note", self.note),
            ("commit", self.commit),
        ]
    }
}
