//! Where the documents of a server keep the parts of a transaction: every shape of API versions 1 and 2, found without
//! decoding a thing. Never takes one of two values that contradict each other.

use units::LedgerTime;

use super::RecordError;
use super::time::ledger_time_of_iso;
use crate::hex;
use crate::ids::{Hash256, shorten};
use crate::json::Node;
use crate::tables::fields as f;
use crate::text::printable;
use crate::tx::tx_hash;

/// Where a document keeps the transaction, as JSON or in hexadecimal.
const TX_NAMES: [&str; 4] = ["tx_json", "tx", "transaction", "tx_blob"];
/// Where it keeps the metadata, as JSON or in hexadecimal.
const META_NAMES: [&str; 3] = ["meta", "metaData", "meta_blob"];
/// The longest piece of a server's own words in an error.
const SHOWN_MAX: usize = 80;

/// The close time that decides over expirations: that of the ledger before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentClose {
    /// The document says it (`parent_close_time`).
    Exact(LedgerTime),
    /// The document says when its own ledger closed: the one before closed a second earlier or more.
    AtMost(LedgerTime),
}

impl ParentClose {
    /// The time itself, or its upper bound.
    pub fn time(self) -> LedgerTime {
        match self {
            Self::Exact(time) | Self::AtMost(time) => time,
        }
    }
}

/// The parts of one transaction document, as they stand there.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    /// The metadata: an object, or hexadecimal.
    pub meta: Node<'a>,
    /// The metadata once more in the other of its two forms, where the document has both.
    pub meta_again: Option<Node<'a>>,
    /// The transaction: an object, or hexadecimal. With API version 1 it may be the document itself.
    pub tx: Option<Node<'a>>,
    /// Whether it is: what the server adds (`status`, `closed`, ...) stands among its fields then, in small letters.
    pub is_flat: bool,
    /// The bytes of the transaction, in hexadecimal, wherever they stand.
    pub tx_blob: Option<&'a str>,
    /// Its id.
    pub hash: Option<Hash256>,
    /// In which ledger.
    pub ledger_index: Option<u32>,
    /// That ledger's hash.
    pub ledger_hash: Option<Hash256>,
    /// When that ledger closed.
    pub close_time: Option<LedgerTime>,
    /// When the ledger before closed.
    pub parent_close: Option<ParentClose>,
    /// Whether it is final, where the document says so.
    pub validated: Option<bool>,
    /// Of an OfferCreate: what its owner has of what it offers, as the server writes it.
    pub owner_funds: Option<&'a str>,
    /// The server's word that it only tried the transaction (`simulate`).
    pub simulated: bool,
}

impl<'a> Places<'a> {
    /// Finds the parts: of a whole answer or its `result`, an entry of `account_tx` or `ledger`, a `transaction`
    /// message, or bare metadata.
    ///
    /// # Errors
    /// [`RecordError`] for an error answer, a list of transactions, a document without metadata, and a part that has
    /// another kind than it must have or contradicts another.
    pub fn of(document: impl Into<Node<'a>>) -> Result<Self, RecordError> {
        let document = document.into();
        if document.as_str().is_some() {
            return Ok(Self::bare(document));
        }
        if !document.is_object() {
            return Err(RecordError::NotADocument);
        }
        let body = document.get("result").filter(|result| result.is_object()).unwrap_or(document);
        [document, body].into_iter().try_for_each(each_name_once)?;
        if let Some(error) = body.get("error").or(document.get("error")).and_then(Node::as_str) {
            return Err(RecordError::Refused(printable(error, SHOWN_MAX)));
        }
        if body.get("AffectedNodes").is_some() {
            return Ok(Self::bare(body));
        }
        let Some((meta, meta_again)) = one(body, &META_NAMES)? else {
            return Err(if is_list(body) { RecordError::List } else { RecordError::NoMeta });
        };
        let is_flat = body.get("TransactionType").is_some();
        let within = TX_NAMES.iter().find(|name| body.get(name).is_some_and(Node::is_object));
        let (tx, tx_again) = match (is_flat, within) {
            (true, Some(name)) => return Err(RecordError::Disagree(f::TRANSACTION_TYPE.name(), name)),
            (true, None) => (Some(body), None),
            (false, _) => one(body, &TX_NAMES)?.map_or((None, None), |(tx, again)| (Some(tx), again)),
        };
        [Some(meta), tx].into_iter().flatten().try_for_each(each_name_once)?;
        let places = Self::around(meta, tx, body, is_flat)?;
        let tx_blob = places.tx_blob.or(tx_again.and_then(Node::as_str));
        Ok(Self { meta_again, tx_blob, ..places })
    }

    /// The id as the document gives it, which must be that of the bytes where they are there; else of the bytes.
    ///
    /// # Errors
    /// [`RecordError::OtherHash`], and bytes that are no hexadecimal.
    pub fn proved_hash(&self) -> Result<Option<Hash256>, RecordError> {
        let not_hex = RecordError::Field { field: "tx_blob", why: "not hexadecimal" };
        let of_bytes = self.tx_blob.map(|text| hex::decode(text).map(|bytes| tx_hash(&bytes)).ok_or(not_hex));
        match (self.hash, of_bytes.transpose()?) {
            (Some(given), Some(of_bytes)) if given != of_bytes => {
                Err(RecordError::OtherHash { given, of_bytes })
            }
            (given, of_bytes) => Ok(given.or(of_bytes)),
        }
    }

    fn bare(meta: Node<'a>) -> Self {
        Self {
            meta,
            meta_again: None,
            tx: None,
            is_flat: false,
            tx_blob: None,
            hash: None,
            ledger_index: None,
            ledger_hash: None,
            close_time: None,
            parent_close: None,
            validated: None,
            owner_funds: None,
            simulated: false,
        }
    }

    fn around(
        meta: Node<'a>,
        tx: Option<Node<'a>>,
        body: Node<'a>,
        is_flat: bool,
    ) -> Result<Self, RecordError> {
        let look = Look([Some(body), tx.filter(|_| !is_flat)]);
        let close_time =
            ["close_time", "date", "close_time_iso"].into_iter().find_map(|name| look.time(name));
        let own = close_time.map(|close| ParentClose::AtMost(LedgerTime(close.get().saturating_sub(1))));
        let ledger_index = match look.number("ledger_index")? {
            None => look.number("inLedger")?,
            found => found,
        };
        let tried = body.get("applied").and_then(Node::as_bool) == Some(false);
        Ok(Self {
            tx_blob: body.get("tx_blob").or(tx).and_then(Node::as_str),
            hash: look.hash("hash")?,
            ledger_index,
            ledger_hash: look.hash("ledger_hash")?,
            close_time,
            parent_close: look.time("parent_close_time").map(ParentClose::Exact).or(own),
            validated: look.flag("validated")?,
            owner_funds: look.find("owner_funds").and_then(|(_, funds)| funds.as_str()),
            simulated: tried && body.get("engine_result").is_some(),
            meta,
            meta_again: None,
            tx,
            is_flat,
        })
    }
}

/// The value under one of several names, and the first of the other form (JSON or hexadecimal) where both are there.
/// Two of one form must be the same; two forms are compared by who reads them.
fn one<'a>(
    body: Node<'a>,
    names: &[&'static str],
) -> Result<Option<(Node<'a>, Option<Node<'a>>)>, RecordError> {
    let there = |name: &&'static str| Some((*name, body.get(name).filter(|value| !value.is_null())?));
    let mut all = names.iter().filter_map(there);
    let Some((name, value)) = all.next() else { return Ok(None) };
    let mut again = None;
    for (other_name, other) in all {
        let is_same = match (value.as_str(), other.as_str()) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (None, None) => value == other,
            _ => {
                again = again.or(Some(other));
                true
            }
        };
        if !is_same {
            return Err(RecordError::Disagree(name, other_name));
        }
    }
    Ok(Some((value, again)))
}

/// Whether the document holds many transactions instead of one.
fn is_list(body: Node<'_>) -> bool {
    let of_ledger = body.get("ledger").and_then(|ledger| ledger.get("transactions"));
    [body.get("transactions"), of_ledger].into_iter().flatten().any(|all| all.elements().is_some())
}

/// Names of one object that are compared with each other one by one: more than any document has.
const NAMES_MAX: usize = 64;

/// Refuses an object of a text that has one name twice: what is looked up by name would be one of the two values, and
/// nobody knows which. (Within transactions and metadata the fields themselves are refused.)
fn each_name_once(object: Node<'_>) -> Result<(), RecordError> {
    let Some(members) = object.members() else { return Ok(()) };
    let mut names: Vec<&str> = members.map(|(name, _)| name).collect();
    let twice = if names.len() > NAMES_MAX {
        names.sort_unstable();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    } else {
        names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)).map(|(_, name)| *name)
    };
    twice.map_or(Ok(()), |name| Err(RecordError::Repeated(shorten(name))))
}

/// The document and the transaction within it: either may hold what is looked for, the document first.
struct Look<'a>([Option<Node<'a>>; 2]);

impl<'a> Look<'a> {
    /// Every value that is there under a name.
    fn all(&self, name: &'static str) -> impl Iterator<Item = Node<'a>> {
        self.0.into_iter().flatten().filter_map(move |place| place.get(name)).filter(|value| !value.is_null())
    }

    fn find(&self, name: &'static str) -> Option<(&'static str, Node<'a>)> {
        self.all(name).next().map(|value| (name, value))
    }

    /// The one value under a name; an error when the places disagree or one cannot be read.
    fn one<T: PartialEq>(
        &self,
        name: &'static str,
        why: &'static str,
        read: impl Fn(Node<'a>) -> Option<T>,
    ) -> Result<Option<T>, RecordError> {
        let mut found = None;
        for value in self.all(name) {
            let value = read(value).ok_or(RecordError::Field { field: name, why })?;
            match &found {
                Some(other) if *other != value => return Err(RecordError::Twice(name)),
                _ => found = Some(value),
            }
        }
        Ok(found)
    }

    /// A number of 32 bits; some servers write it as text.
    fn number(&self, name: &'static str) -> Result<Option<u32>, RecordError> {
        self.one(name, "no whole number of 32 bits", |value| match value.as_str() {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
            Some(_) => None,
            None => u32::try_from(value.as_u64()?).ok(),
        })
    }

    /// A ledger time in seconds, or written for people. One that cannot be read is as if it were not there: it is
    /// evidence, and nothing is concluded without it.
    fn time(&self, name: &'static str) -> Option<LedgerTime> {
        self.all(name).find_map(|value| match value.as_str() {
            Some(text) => ledger_time_of_iso(text),
            None => Some(LedgerTime(u32::try_from(value.as_u64()?).ok()?)),
        })
    }

    fn hash(&self, name: &'static str) -> Result<Option<Hash256>, RecordError> {
        self.one(name, "not 64 hexadecimal digits", |value| value.as_str()?.parse().ok())
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>, RecordError> {
        self.one(name, "neither true nor false", Node::as_bool)
    }
}
