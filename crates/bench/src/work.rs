//! What is measured, by name. A work is the same for us and for every peer; only ours lives in this crate as Rust.

use ledger::KeyKind;

use crate::inputs::Inputs;

/// Something to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// An OfferCreate signed, serialised and hashed; its sequence is another one each time.
    Sign(KeyKind),
    /// The signature of a signed blob verified, from the blob's hexadecimal text.
    Verify(KeyKind),
    /// Hexadecimal text of a transaction to its JSON document.
    Decode,
    /// A transaction's JSON document to hexadecimal text.
    Encode,
    /// Hexadecimal text of metadata to its JSON document.
    DecodeMeta,
    /// Text of a `transaction` stream message to balance changes and offer changes.
    Explain,
    /// Text of a `transaction` stream message to the changes of the order book and of balances.
    Message,
    /// A ledger's messages to a signed bid and a signed ask.
    Tick,
}

/// A work on one set of data.
#[derive(Clone, Debug)]
pub struct Job {
    /// The work.
    pub work: Work,
    /// Name of the data; empty for works that need none.
    pub data: String,
}

impl Job {
    /// The work as peers know it.
    pub fn verb(&self) -> String {
        match self.work {
            Work::Sign(kind) => format!("sign {}", kind_name(kind)),
            Work::Verify(kind) => format!("verify {}", kind_name(kind)),
            Work::Decode => "decode".to_owned(),
            Work::Encode => "encode".to_owned(),
            Work::DecodeMeta => "decode-meta".to_owned(),
            Work::Explain => "explain".to_owned(),
            Work::Message => "message".to_owned(),
            Work::Tick => "tick".to_owned(),
        }
    }

    /// The name people see and filter by.
    pub fn name(&self) -> String {
        format!("{} {}", self.verb(), self.data).trim_end().to_owned()
    }
}

/// Name of a kind of key, as peers know it too.
pub fn kind_name(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Secp256k1 => "secp256k1",
        KeyKind::Ed25519 => "ed25519",
    }
}

/// The jobs whose name contains one of the filters.
pub fn jobs(inputs: &Inputs, filters: &[String]) -> Vec<Job> {
    let kinds = [KeyKind::Secp256k1, KeyKind::Ed25519];
    let keyed = kinds.map(Work::Sign).into_iter().chain(kinds.map(Work::Verify));
    let keyed = keyed.map(|work| Job { work, data: String::new() });
    let on_data = [Work::Decode, Work::Encode, Work::DecodeMeta, Work::Explain, Work::Message].into_iter();
    let on_data =
        on_data.flat_map(|work| inputs.data.keys().map(move |data| Job { work, data: data.clone() }));
    let is_wanted =
        |job: &Job| filters.is_empty() || filters.iter().any(|filter| job.name().contains(filter.as_str()));
    let tick = Job { work: Work::Tick, data: "session".to_owned() };
    keyed.chain(on_data).chain([tick]).filter(is_wanted).collect()
}
