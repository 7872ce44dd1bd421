//! What a client wants to hear, and which of its wishes a transaction meets. One transaction is sent once
//! for each kind of wish it meets (stream, accounts, each book), as the real server does: recorded up to
//! four times.

use std::collections::BTreeSet;

use ledger::fields as f;
use ledger::meta::{NodeAction, TxMeta};
use ledger::object::Object;
use ledger::{AccountId, Asset, EntryType};
use serde_json::{Map, Value};

use crate::api::{ApiError, Params, book};
use crate::limits::SUBSCRIPTIONS_MAX;

/// The wishes of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subscriptions {
    /// `ledgerClosed` messages.
    pub(crate) ledger: bool,
    /// Every transaction.
    pub(crate) transactions: bool,
    accounts: BTreeSet<AccountId>,
    /// (taker gets, taker pays) of one direction each.
    books: BTreeSet<(AssetKey, AssetKey)>,
}

/// An asset as an ordered key.
type AssetKey = Asset;

/// A book asked for in one `subscribe`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedBook {
    pub(crate) gets: Asset,
    pub(crate) pays: Asset,
    pub(crate) both: bool,
    pub(crate) snapshot: bool,
}

/// What one `subscribe` or `unsubscribe` names.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) ledger: bool,
    pub(crate) transactions: bool,
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) books: Vec<AskedBook>,
}

impl Asked {
    /// Reads `streams`, `accounts` and `books`; at least one must be there.
    pub(crate) fn read(params: Params<'_>) -> Result<Self, ApiError> {
        let mut asked = Self::default();
        let list = |name: &str| match params.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) if items.len() <= SUBSCRIPTIONS_MAX => Ok(Some(items)),
            Some(_) => Err(ApiError::bad_field(name)),
        };
        let (streams, accounts, books) = (list("streams")?, list("accounts")?, list("books")?);
        if streams.is_none() && accounts.is_none() && books.is_none() {
            return Err(ApiError::invalid("Invalid parameters."));
        }
        for stream in streams.into_iter().flatten() {
            match stream.as_str() {
                Some("ledger") => asked.ledger = true,
                Some("transactions") => asked.transactions = true,
                _ => return Err(ApiError::stream_malformed()),
            }
        }
        for account in accounts.into_iter().flatten() {
            let account = account.as_str().and_then(|text| text.parse().ok());
            asked.accounts.push(account.ok_or_else(ApiError::act_malformed)?);
        }
        for item in books.into_iter().flatten() {
            let map = item.as_object().ok_or_else(|| ApiError::invalid("Invalid parameters."))?;
            asked.books.push(asked_book(map)?);
        }
        Ok(asked)
    }
}

fn asked_book(map: &Map<String, Value>) -> Result<AskedBook, ApiError> {
    let params = Params(map);
    let (gets, pays) = book(params)?;
    let both = params.flag("both")?;
    Ok(AskedBook { gets, pays, both, snapshot: params.flag("snapshot")? })
}

impl Subscriptions {
    /// Adds what was asked.
    pub(crate) fn add(&mut self, asked: &Asked) -> Result<(), ApiError> {
        let more = asked.accounts.len() + 2 * asked.books.len();
        if self.accounts.len() + self.books.len() + more > SUBSCRIPTIONS_MAX {
            return Err(ApiError::invalid("Too many subscriptions."));
        }
        self.ledger |= asked.ledger;
        self.transactions |= asked.transactions;
        self.accounts.extend(&asked.accounts);
        for book in &asked.books {
            self.books.insert((book.gets, book.pays));
            if book.both {
                self.books.insert((book.pays, book.gets));
            }
        }
        Ok(())
    }

    /// Takes away what was asked.
    pub(crate) fn remove(&mut self, asked: &Asked) {
        self.ledger &= !asked.ledger;
        self.transactions &= !asked.transactions;
        for account in &asked.accounts {
            self.accounts.remove(account);
        }
        for book in &asked.books {
            self.books.remove(&(book.gets, book.pays));
            if book.both {
                self.books.remove(&(book.pays, book.gets));
            }
        }
    }

    /// How many times a transaction is sent to this client.
    pub(crate) fn copies(&self, touched: &Touched) -> usize {
        let accounts = self.accounts.iter().any(|account| touched.accounts.contains(account));
        let books = self.books.iter().filter(|book| touched.books.contains(*book)).count();
        usize::from(self.transactions) + usize::from(accounts) + books
    }
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
    /// By accounts and metadata. A modified offer counts only where both its amounts changed (server
    /// source, OrderBookDB).
    pub(crate) fn by(accounts: BTreeSet<AccountId>, meta: &TxMeta) -> Self {
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
