//! Where ledger entries are: SHA-512Half over a space key and what names the entry (ledger documentation, "Ledger
//! Object IDs"), and the rate by which a book sorts. Never says whether the entry exists.

use units::stamount::{self, StAmount};

use crate::amount::{Amount, Asset};
use crate::hash::sha512_half;
use crate::ids::{AccountId, Currency, Hash256};

/// An account's root entry.
pub fn account_root(account: &AccountId) -> Hash256 {
    sha512_half(&[&[0, b'a'], &account.0])
}

/// The trust line of two accounts in a currency; the same whichever is named first.
pub fn trust_line(one: &AccountId, other: &AccountId, currency: &Currency) -> Hash256 {
    let (low, high) = if one <= other { (one, other) } else { (other, one) };
    sha512_half(&[&[0, b'r'], &low.0, &high.0, &currency.0])
}

/// An offer, by its owner and the sequence or ticket that made it.
pub fn offer(account: &AccountId, sequence: u32) -> Hash256 {
    sha512_half(&[&[0, b'o'], &account.0, &sequence.to_be_bytes()])
}

/// A ticket.
pub fn ticket(account: &AccountId, ticket: u32) -> Hash256 {
    sha512_half(&[&[0, b'T'], &account.0, &ticket.to_be_bytes()])
}

/// The root of an account's directory of what it owns.
pub fn owner_directory(account: &AccountId) -> Hash256 {
    sha512_half(&[&[0, b'O'], &account.0])
}

/// The root directory of a book at a rate: the book's key with the rate in its last 8 bytes, so that better offers
/// come first. With rate 0 it is the base from which the book is walked.
///
/// A multi-purpose token has no currency code and takes the key of its issuer alone; such books are not used here.
pub fn book_directory(taker_pays: &Asset, taker_gets: &Asset, rate: u64) -> Hash256 {
    let currency = |asset: &Asset| asset.currency().unwrap_or(Currency::XRP);
    let issuer = |asset: &Asset| asset.issuer().unwrap_or(AccountId::ZERO);
    let mut index = sha512_half(&[
        &[0, b'B'],
        &currency(taker_pays).0,
        &currency(taker_gets).0,
        &issuer(taker_pays).0,
        &issuer(taker_gets).0,
    ]);
    index.0[24..].copy_from_slice(&rate.to_be_bytes());
    index
}

/// The rate in a book directory's index.
pub fn book_rate(directory: &Hash256) -> u64 {
    let mut rate = [0; 8];
    rate.copy_from_slice(&directory.0[24..]);
    u64::from_be_bytes(rate)
}

/// A page of a directory; page 0 is the root itself.
pub fn directory_page(root: &Hash256, page: u64) -> Hash256 {
    if page == 0 { *root } else { sha512_half(&[&[0, b'd'], &root.0, &page.to_be_bytes()]) }
}

/// The rate of an offer, TakerPays for each TakerGets, in the ledger's sortable form; 0 when there is none (a zero
/// amount or a multi-purpose token).
pub fn rate(taker_gets: &Amount, taker_pays: &Amount) -> u64 {
    match (st_amount(taker_gets), st_amount(taker_pays)) {
        (Some(gets), Some(pays)) => stamount::rate(gets, pays),
        _ => 0,
    }
}

fn st_amount(amount: &Amount) -> Option<StAmount> {
    match amount {
        Amount::Xrp(drops) => Some(StAmount::Native(*drops)),
        Amount::Issued { value, .. } => Some(StAmount::Issued(*value)),
        Amount::Mpt { .. } => None,
    }
}
