//! The ledger entries this world knows, typed, and their dynamic form. Never decides anything about them.

use ledger::{AccountId, Amount, Asset, Currency, EntryType, Hash256, Object, Value, fields as f};
use serde::{Deserialize, Serialize};
use units::{Drops, IssuedValue};

use super::Amm;
use super::system::{self, LedgerHashes};
use crate::world::Fees;

/// One entry of the ledger's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// An account.
    Account(AccountRoot),
    /// A trust line.
    Line(TrustLine),
    /// A resting offer.
    Offer(Offer),
    /// A page of a directory.
    Directory(Directory),
    /// A ticket.
    Ticket(Ticket),
    /// A pool.
    Amm(Box<Amm>),
    /// Fees and reserves in force.
    Fees(Fees),
    /// Ids of the amendments in force.
    Amendments(Vec<Hash256>),
    /// Hashes of earlier ledgers.
    Hashes(LedgerHashes),
}

/// The transaction that last changed an entry; absent before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Thread {
    /// Id of the transaction.
    pub txn_id: Option<Hash256>,
    /// Index of its ledger.
    pub ledger_index: u32,
}

/// An account's root entry. An optional field is absent in the ledger when it is `None` here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRoot {
    /// Who.
    pub account: AccountId,
    /// XRP held.
    pub balance: Drops,
    /// Sequence of the next transaction.
    pub sequence: u32,
    /// Objects owned that count for the reserve.
    pub owner_count: u32,
    /// `lsf` flags.
    pub flags: u32,
    /// Parts of 10^9 taken when others move what it issues.
    pub transfer_rate: Option<u32>,
    /// Significant digits of offers in what it issues.
    pub tick_size: Option<u8>,
    /// Tickets held.
    pub ticket_count: Option<u32>,
    /// Domain, as bytes.
    pub domain: Option<Vec<u8>>,
    /// Hash of an e-mail address.
    pub email_hash: Option<[u8; 16]>,
    /// A public key for messages to it.
    pub message_key: Option<Vec<u8>>,
    /// Arbitrary, as the account set it.
    pub wallet_locator: Option<Hash256>,
    /// Who else may mint non-fungible tokens in its name.
    pub nft_minter: Option<AccountId>,
    /// A key that may sign instead of the master key.
    pub regular_key: Option<AccountId>,
    /// Id of its last transaction, where it wants that kept.
    pub account_txn_id: Option<Hash256>,
    /// The pool whose account this is.
    pub amm_id: Option<Hash256>,
    /// What changed it last.
    pub thread: Thread,
}

impl AccountRoot {
    /// An account that has nothing and has set nothing, with the sequence it begins with.
    pub fn new(account: AccountId, sequence: u32) -> AccountRoot {
        AccountRoot {
            account,
            balance: Drops::ZERO,
            sequence,
            owner_count: 0,
            flags: 0,
            transfer_rate: None,
            tick_size: None,
            ticket_count: None,
            domain: None,
            email_hash: None,
            message_key: None,
            wallet_locator: None,
            nft_minter: None,
            regular_key: None,
            account_txn_id: None,
            amm_id: None,
            thread: Thread::default(),
        }
    }
}

/// A trust line. The balance is the low account's: positive when the low account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustLine {
    /// The numerically lower account.
    pub low: AccountId,
    /// The other.
    pub high: AccountId,
    /// The currency.
    pub currency: Currency,
    /// What the low account holds.
    pub balance: IssuedValue,
    /// How much the low account is willing to hold.
    pub low_limit: IssuedValue,
    /// How much the high account is willing to hold.
    pub high_limit: IssuedValue,
    /// `lsf` flags.
    pub flags: u32,
    /// Page of the low account's directory.
    pub low_node: u64,
    /// Page of the high account's directory.
    pub high_node: u64,
    /// Qualities set by the low account (in, out).
    pub low_quality: (Option<u32>, Option<u32>),
    /// Qualities set by the high account (in, out).
    pub high_quality: (Option<u32>, Option<u32>),
    /// What changed it last.
    pub thread: Thread,
}

/// A resting offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The owner.
    pub account: AccountId,
    /// Sequence or ticket that placed it.
    pub sequence: u32,
    /// What remains to be paid to the owner.
    pub taker_pays: Amount,
    /// What remains to be given by the owner.
    pub taker_gets: Amount,
    /// The book directory it lies in.
    pub book_directory: Hash256,
    /// Page of that directory.
    pub book_node: u64,
    /// Page of the owner's directory.
    pub owner_node: u64,
    /// When it dies, seconds since 2000-01-01.
    pub expiration: Option<u32>,
    /// `lsf` flags.
    pub flags: u32,
    /// What changed it last.
    pub thread: Thread,
}

/// A page of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Index of page 0.
    pub root: Hash256,
    /// What the directory is for.
    pub kind: DirectoryKind,
    /// Entries listed.
    pub indexes: Vec<Hash256>,
    /// Next page; 0 (or absent) at the end.
    pub next: Option<u64>,
    /// Page before; on the root the last page.
    pub previous: Option<u64>,
    /// What changed it last.
    pub thread: Thread,
}

/// What a directory lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DirectoryKind {
    /// What an account owns.
    Owner(AccountId),
    /// The offers of a book at one rate.
    Book {
        /// What a taker pays.
        taker_pays: Asset,
        /// What a taker gets.
        taker_gets: Asset,
        /// The rate, as in the index.
        rate: u64,
    },
}

/// A sequence set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The owner.
    pub account: AccountId,
    /// Its number.
    pub sequence: u32,
    /// Page of the owner's directory.
    pub owner_node: u64,
    /// What changed it last.
    pub thread: Thread,
}

impl Entry {
    /// The type's published code.
    pub fn entry_type(&self) -> EntryType {
        match self {
            Entry::Account(_) => EntryType::ACCOUNT_ROOT,
            Entry::Line(_) => EntryType::RIPPLE_STATE,
            Entry::Offer(_) => EntryType::OFFER,
            Entry::Directory(_) => EntryType::DIRECTORY_NODE,
            Entry::Ticket(_) => EntryType::TICKET,
            Entry::Amm(_) => EntryType::AMM,
            Entry::Fees(_) => system::FEE_SETTINGS,
            Entry::Amendments(_) => system::AMENDMENTS,
            Entry::Hashes(_) => system::LEDGER_HASHES,
        }
    }

    /// What changed it last.
    pub fn thread(&self) -> Thread {
        match self {
            Entry::Account(e) => e.thread,
            Entry::Line(e) => e.thread,
            Entry::Offer(e) => e.thread,
            Entry::Directory(e) => e.thread,
            Entry::Ticket(e) => e.thread,
            Entry::Amm(e) => e.thread,
            Entry::Fees(_) | Entry::Amendments(_) | Entry::Hashes(_) => Thread::default(),
        }
    }

    /// Sets what changed it last. The ledger's own entries are changed by no transaction of anybody's.
    pub fn set_thread(&mut self, thread: Thread) {
        match self {
            Entry::Account(e) => e.thread = thread,
            Entry::Line(e) => e.thread = thread,
            Entry::Offer(e) => e.thread = thread,
            Entry::Directory(e) => e.thread = thread,
            Entry::Ticket(e) => e.thread = thread,
            Entry::Amm(e) => e.thread = thread,
            Entry::Fees(_) | Entry::Amendments(_) | Entry::Hashes(_) => {}
        }
    }

    /// The accounts whose root entries are threaded when this one is created or deleted.
    pub fn owners(&self) -> Vec<AccountId> {
        match self {
            Entry::Account(_)
            | Entry::Directory(_)
            | Entry::Fees(_)
            | Entry::Amendments(_)
            | Entry::Hashes(_) => Vec::new(),
            Entry::Line(e) => vec![e.low, e.high],
            Entry::Offer(e) => vec![e.account],
            Entry::Ticket(e) => vec![e.account],
            Entry::Amm(e) => vec![e.account],
        }
    }

    /// Every field, as a server stores it.
    pub fn to_object(&self) -> Object {
        let mut object = self.to_object_without_indexes();
        if let Entry::Directory(page) = self {
            object.insert(f::INDEXES, page.indexes.clone());
        }
        object
    }

    /// Every field but what a directory lists, which metadata never shows.
    pub fn to_object_without_indexes(&self) -> Object {
        let mut object = match self {
            Entry::Account(e) => account_object(e),
            Entry::Line(e) => line_object(e),
            Entry::Offer(e) => offer_object(e),
            Entry::Directory(e) => directory_object(e),
            Entry::Ticket(e) => Object::new()
                .with(f::ACCOUNT, e.account)
                .with(f::TICKET_SEQUENCE, e.sequence)
                .with(f::OWNER_NODE, e.owner_node)
                .with(f::FLAGS, 0_u32),
            Entry::Amm(e) => e.to_object(),
            Entry::Fees(fees) => system::fees_object(fees),
            Entry::Amendments(ids) => system::amendments_object(ids),
            Entry::Hashes(e) => e.to_object(),
        };
        object.insert(f::LEDGER_ENTRY_TYPE, self.entry_type());
        let thread = self.thread();
        // An account has the fields always; that of genesis begins with zeros.
        let is_account = matches!(self, Entry::Account(_));
        if let Some(txn_id) = thread.txn_id.or(is_account.then_some(Hash256::ZERO)) {
            object.insert(f::PREVIOUS_TXN_ID, txn_id);
            object.insert(f::PREVIOUS_TXN_LGR_SEQ, thread.ledger_index);
        }
        object
    }
}

fn account_object(e: &AccountRoot) -> Object {
    let mut object = Object::new()
        .with(f::ACCOUNT, e.account)
        .with(f::BALANCE, e.balance)
        .with(f::FLAGS, e.flags)
        .with(f::OWNER_COUNT, e.owner_count)
        .with(f::SEQUENCE, e.sequence);
    object.insert_some(f::TRANSFER_RATE, e.transfer_rate);
    object.insert_some(f::TICK_SIZE, e.tick_size);
    object.insert_some(f::TICKET_COUNT, e.ticket_count);
    object.insert_some(f::DOMAIN, e.domain.clone());
    object.insert_some(f::EMAIL_HASH, e.email_hash.map(Value::Hash128));
    object.insert_some(f::MESSAGE_KEY, e.message_key.clone());
    object.insert_some(f::WALLET_LOCATOR, e.wallet_locator);
    object.insert_some(f::NF_TOKEN_MINTER, e.nft_minter);
    object.insert_some(f::REGULAR_KEY, e.regular_key);
    object.insert_some(f::ACCOUNT_TXN_ID, e.account_txn_id);
    object.insert_some(f::AMMID, e.amm_id);
    object
}

fn line_object(e: &TrustLine) -> Object {
    let amount = |value, issuer| Amount::Issued { value, currency: e.currency, issuer };
    let mut object = Object::new()
        .with(f::BALANCE, amount(e.balance, AccountId::ONE))
        .with(f::FLAGS, e.flags)
        .with(f::LOW_LIMIT, amount(e.low_limit, e.low))
        .with(f::HIGH_LIMIT, amount(e.high_limit, e.high))
        .with(f::LOW_NODE, e.low_node)
        .with(f::HIGH_NODE, e.high_node);
    object.insert_some(f::LOW_QUALITY_IN, e.low_quality.0);
    object.insert_some(f::LOW_QUALITY_OUT, e.low_quality.1);
    object.insert_some(f::HIGH_QUALITY_IN, e.high_quality.0);
    object.insert_some(f::HIGH_QUALITY_OUT, e.high_quality.1);
    object
}

fn offer_object(e: &Offer) -> Object {
    let mut object = Object::new()
        .with(f::ACCOUNT, e.account)
        .with(f::SEQUENCE, e.sequence)
        .with(f::TAKER_PAYS, e.taker_pays)
        .with(f::TAKER_GETS, e.taker_gets)
        .with(f::BOOK_DIRECTORY, e.book_directory)
        .with(f::BOOK_NODE, e.book_node)
        .with(f::OWNER_NODE, e.owner_node)
        .with(f::FLAGS, e.flags);
    object.insert_some(f::EXPIRATION, e.expiration);
    object
}

fn directory_object(e: &Directory) -> Object {
    let mut object = Object::new().with(f::FLAGS, 0_u32).with(f::ROOT_INDEX, e.root);
    object.insert_some(f::INDEX_NEXT, e.next);
    object.insert_some(f::INDEX_PREVIOUS, e.previous);
    match e.kind {
        DirectoryKind::Owner(owner) => {
            object.insert(f::OWNER, owner);
        }
        DirectoryKind::Book { taker_pays, taker_gets, rate } => {
            let currency = |asset: Asset| Value::Hash160(asset.currency().unwrap_or(Currency::XRP).0);
            let issuer = |asset: Asset| Value::Hash160(asset.issuer().unwrap_or(AccountId::ZERO).0);
            object.insert(f::TAKER_PAYS_CURRENCY, currency(taker_pays));
            object.insert(f::TAKER_PAYS_ISSUER, issuer(taker_pays));
            object.insert(f::TAKER_GETS_CURRENCY, currency(taker_gets));
            object.insert(f::TAKER_GETS_ISSUER, issuer(taker_gets));
            object.insert(f::EXCHANGE_RATE, rate);
        }
    }
    object
}
