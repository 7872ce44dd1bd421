//! What a client wants to hear, and which of its wishes a transaction meets. One transaction is sent once
//! for each kind of wish it meets (stream, accounts, each book), as the real server does: recorded up to
//! four times.

use std::collections::BTreeSet;

use ledger::fields as f;
use ledger::meta::{NodeAction, TxMeta};
use ledger::object::{Object, Value as FieldValue};
use ledger::{AccountId, Asset, EntryType};
use serde_json::Value;

use crate::api::{ApiError, ApiVersion, Params, book};
use crate::limits::{SNAPSHOTS_MAX, SUBSCRIPTIONS_MAX};

/// The streams a client can ask for, by their names. Those of a network's servers among each other are taken and
/// stay silent: a standalone server has no such events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stream {
    /// `ledgerClosed` messages.
    Ledger,
    /// Every validated transaction.
    Transactions,
    /// The same, and what comes into the open ledger.
    Proposed,
    /// What was traded in each book, ledger by ledger.
    BookChanges,
    /// The server's own state: what a transaction costs, when that changes.
    Server,
    /// Validations, consensus phases, manifests.
    Network,
}

impl Stream {
    fn by_name(name: &str) -> Result<Self, ApiError> {
        match name {
            "ledger" => Ok(Self::Ledger),
            "transactions" => Ok(Self::Transactions),
            "transactions_proposed" | "rt_transactions" => Ok(Self::Proposed),
            "book_changes" => Ok(Self::BookChanges),
            "server" => Ok(Self::Server),
            "validations" | "consensus" | "manifests" => Ok(Self::Network),
            "peer_status" => Err(ApiError::no_permission()),
            _ => Err(ApiError::stream_malformed()),
        }
    }
}

/// The wishes of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscriptions {
    /// In which version's forms messages are sent: that of the last `subscribe`.
    pub(crate) version: ApiVersion,
    streams: BTreeSet<Stream>,
    accounts: BTreeSet<AccountId>,
    proposed_accounts: BTreeSet<AccountId>,
    /// (taker gets, taker pays) of one direction each.
    books: BTreeSet<(AssetKey, AssetKey)>,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self {
            version: ApiVersion::V1,
            streams: BTreeSet::new(),
            accounts: BTreeSet::new(),
            proposed_accounts: BTreeSet::new(),
            books: BTreeSet::new(),
        }
    }
}

/// An asset as an ordered key.
type AssetKey = Asset;

/// A book asked for in one `subscribe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AskedBook {
    pub(crate) gets: Asset,
    pub(crate) pays: Asset,
    pub(crate) both: bool,
    pub(crate) snapshot: bool,
}

/// What one `subscribe` or `unsubscribe` names.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) streams: BTreeSet<Stream>,
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) proposed_accounts: Vec<AccountId>,
    pub(crate) books: Vec<AskedBook>,
}

impl Asked {
    /// Reads `streams`, `accounts_proposed`, `accounts` and `books`, in the server's order. Nothing named is no error.
    pub(crate) fn read(params: Params<'_>) -> Result<Self, ApiError> {
        if params.has("url") {
            return Err(ApiError::no_permission());
        }
        if params.has("account_history_tx_stream") {
            return Err(ApiError::not_supported("Operation not supported."));
        }
        let mut asked = Self::default();
        for stream in list(params, "streams")?.into_iter().flatten() {
            asked.streams.insert(Stream::by_name(stream.as_str().ok_or_else(ApiError::stream_malformed)?)?);
        }
        let proposed = if params.has("accounts_proposed") { "accounts_proposed" } else { "rt_accounts" };
        asked.proposed_accounts = accounts(params, proposed)?;
        asked.accounts = accounts(params, "accounts")?;
        for item in list(params, "books")?.into_iter().flatten() {
            let map = item.as_object().ok_or_else(ApiError::invalid_params)?;
            let book = asked_book(params.of(map))?;
            // What is named again is given once.
            if !asked.books.contains(&book) {
                asked.books.push(book);
            }
        }
        if asked.books.iter().filter(|book| book.snapshot).count() > SNAPSHOTS_MAX {
            return Err(ApiError::invalid("Too many snapshots."));
        }
        Ok(asked)
    }

    /// Whether a stream is among what is named.
    pub(crate) fn stream(&self, stream: Stream) -> bool {
        self.streams.contains(&stream)
    }
}

fn list<'a>(params: Params<'a>, name: &str) -> Result<Option<&'a Vec<Value>>, ApiError> {
    if !params.has(name) {
        return Ok(None);
    }
    match params.get(name) {
        Some(Value::Array(items)) if items.len() <= SUBSCRIPTIONS_MAX => Ok(Some(items)),
        _ => Err(ApiError::invalid_params()),
    }
}

/// One wrong address makes the whole list wrong, as does none.
fn accounts(params: Params<'_>, name: &str) -> Result<Vec<AccountId>, ApiError> {
    let Some(items) = list(params, name)? else {
        return Ok(Vec::new());
    };
    let read: Option<Vec<AccountId>> = items.iter().map(|item| item.as_str()?.parse().ok()).collect();
    read.filter(|accounts| !accounts.is_empty()).ok_or_else(ApiError::act_malformed)
}

fn asked_book(params: Params<'_>) -> Result<AskedBook, ApiError> {
    let (gets, pays) = book(params)?;
    if let Some(taker) = params.get("taker")
        && taker.as_str().and_then(|text| text.parse::<AccountId>().ok()).is_none()
    {
        return Err(ApiError::bad_issuer());
    }
    let both = params.flag("both") || params.flag("both_sides");
    Ok(AskedBook { gets, pays, both, snapshot: params.flag("snapshot") || params.flag("state_now") })
}

impl Subscriptions {
    /// Adds what was asked; what is there already counts once. Too much leaves everything as it was.
    pub(crate) fn add(&mut self, asked: &Asked, version: ApiVersion) -> Result<(), ApiError> {
        let mut wanted = self.clone();
        wanted.version = version;
        wanted.streams.extend(&asked.streams);
        wanted.accounts.extend(&asked.accounts);
        wanted.proposed_accounts.extend(&asked.proposed_accounts);
        for book in &asked.books {
            wanted.books.insert((book.gets, book.pays));
            if book.both {
                wanted.books.insert((book.pays, book.gets));
            }
        }
        if wanted.accounts.len() + wanted.proposed_accounts.len() + wanted.books.len() > SUBSCRIPTIONS_MAX {
            return Err(ApiError::invalid("Too many subscriptions."));
        }
        *self = wanted;
        Ok(())
    }

    /// Whether transactions that came into the open ledger can concern this client.
    pub(crate) fn wants_proposed(&self) -> bool {
        self.stream(Stream::Proposed) || !self.proposed_accounts.is_empty()
    }

    /// Takes away what was asked.
    pub(crate) fn remove(&mut self, asked: &Asked) {
        self.streams.retain(|stream| !asked.streams.contains(stream));
        self.accounts.retain(|account| !asked.accounts.contains(account));
        self.proposed_accounts.retain(|account| !asked.proposed_accounts.contains(account));
        for book in &asked.books {
            self.books.remove(&(book.gets, book.pays));
            if book.both {
                self.books.remove(&(book.pays, book.gets));
            }
        }
    }

    /// Whether a stream was asked for.
    pub(crate) fn stream(&self, stream: Stream) -> bool {
        self.streams.contains(&stream)
    }

    /// How many times a validated transaction is sent to this client.
    pub(crate) fn copies(&self, touched: &Touched) -> usize {
        let any =
            |wanted: &BTreeSet<AccountId>| wanted.iter().any(|account| touched.accounts.contains(account));
        let accounts = any(&self.accounts) || any(&self.proposed_accounts);
        let books = self.books.iter().filter(|book| touched.books.contains(*book)).count();
        usize::from(self.stream(Stream::Transactions))
            + usize::from(self.stream(Stream::Proposed))
            + usize::from(accounts)
            + books
    }

    /// How many times a proposed transaction is; it is known to touch the accounts it names, no more.
    pub(crate) fn proposed_copies(&self, named: &BTreeSet<AccountId>) -> usize {
        let accounts = self.proposed_accounts.iter().any(|account| named.contains(account));
        usize::from(self.stream(Stream::Proposed)) + usize::from(accounts)
    }
}

/// The accounts a transaction names.
pub(crate) fn named_accounts(tx: &Object) -> BTreeSet<AccountId> {
    let fields = tx.iter().flat_map(|(_, value)| match value {
        FieldValue::Account(account) => Some(*account),
        FieldValue::Amount(amount) => amount.asset().issuer(),
        _ => None,
    });
    fields.collect()
}

/// What a transaction touched, as far as subscriptions go.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Accounts, as `account_tx` counts them.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// Books (taker gets, taker pays) of which an offer was made, changed or removed.
    books: BTreeSet<(AssetKey, AssetKey)>,
}

impl Touched {
    /// By accounts and metadata. A modified offer counts only where both its amounts changed, and a transaction
    /// that did not succeed touches no book (server source, OrderBookDB and NetworkOPs).
    pub(crate) fn by(accounts: BTreeSet<AccountId>, meta: &TxMeta) -> Self {
        if !meta.result.is_success() {
            return Self { accounts, books: BTreeSet::new() };
        }
        let offers = meta.nodes.iter().filter(|node| node.is(EntryType::OFFER));
        let books = offers.filter_map(|node| match node.action {
            NodeAction::Modified => node.previous.as_ref().and_then(book_of),
            NodeAction::Created | NodeAction::Deleted => node.fields.as_ref().and_then(book_of),
        });
        Self { accounts, books: books.collect() }
    }
}

fn book_of(fields: &Object) -> Option<(AssetKey, AssetKey)> {
    Some((fields.amount(f::TAKER_GETS)?.asset(), fields.amount(f::TAKER_PAYS)?.asset()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Role;

    fn asked(json: &Value) -> Asked {
        Asked::read(Params::new(json.as_object().unwrap(), ApiVersion::V1, Role::Guest)).unwrap()
    }

    #[test]
    fn what_is_named_twice_counts_once_and_too_much_changes_nothing() {
        let account = |n: usize| {
            AccountId(
                [u8::try_from(n / 250).unwrap(), u8::try_from(n % 250).unwrap()]
                    .repeat(10)
                    .try_into()
                    .unwrap(),
            )
        };
        let list = |range: std::ops::Range<usize>| -> Vec<String> {
            range.map(|n| account(n + 1).to_string()).collect()
        };
        let mut wishes = Subscriptions::default();
        let all = asked(&serde_json::json!({ "accounts": list(0..SUBSCRIPTIONS_MAX) }));
        for _ in 0..3 {
            assert_eq!(wishes.add(&all, ApiVersion::V2), Ok(()));
        }
        let before = wishes.clone();
        let more = asked(
            &serde_json::json!({ "accounts": list(SUBSCRIPTIONS_MAX..SUBSCRIPTIONS_MAX + 1), "streams": ["ledger"] }),
        );
        assert!(wishes.add(&more, ApiVersion::V1).is_err());
        assert_eq!(wishes, before);
        wishes.remove(&asked(&serde_json::json!({ "accounts": list(0..1) })));
        assert_eq!(wishes.add(&more, ApiVersion::V1), Ok(()));
    }
}
