//! Indexes of ledger entries (XRP Ledger documentation, "Ledger Object IDs"): SHA-512Half over a 16-bit space key and
//! what identifies the entry. Never looks an entry up.

use ledger::hash::sha512_half;
use ledger::{AccountId, Asset, Currency, Hash256};

/// The account's root entry.
pub fn account(account: AccountId) -> Hash256 {
    spaced(b'a', &[account.as_bytes()])
}

/// The fees and reserves in force: one entry in every ledger.
pub fn fees() -> Hash256 {
    spaced(b'e', &[])
}

/// The amendments in force: one entry in every ledger.
pub fn amendments() -> Hash256 {
    spaced(b'f', &[])
}

/// The hashes of the last ledgers: one entry in every ledger.
pub fn last_hashes() -> Hash256 {
    spaced(b's', &[])
}

/// The hashes of every 256th ledger among the 65,536 that this one is of.
pub fn kept_hashes(ledger_index: u32) -> Hash256 {
    spaced(b's', &[&(ledger_index >> 16).to_be_bytes()])
}

/// The trust line of two accounts in a currency: one entry for both sides.
pub fn line(a: AccountId, b: AccountId, currency: Currency) -> Hash256 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    spaced(b'r', &[low.as_bytes(), high.as_bytes(), currency.as_bytes()])
}

/// The offer placed by the account's transaction with this sequence or ticket.
pub fn offer(owner: AccountId, sequence: u32) -> Hash256 {
    spaced(b'o', &[owner.as_bytes(), &sequence.to_be_bytes()])
}

/// A ticket of the account.
pub fn ticket(owner: AccountId, sequence: u32) -> Hash256 {
    spaced(b'T', &[owner.as_bytes(), &sequence.to_be_bytes()])
}

/// The first page of what the account owns.
pub fn owner_directory(owner: AccountId) -> Hash256 {
    spaced(b'O', &[owner.as_bytes()])
}

/// A page of a directory; page 0 is its root.
pub fn page(root: Hash256, page: u64) -> Hash256 {
    if page == 0 { root } else { spaced(b'd', &[root.as_bytes(), &page.to_be_bytes()]) }
}

/// The pool of two assets, in either order.
pub fn amm(a: &Asset, b: &Asset) -> Hash256 {
    let (low, high) = super::amm::ordered(*a, *b);
    let none = AccountId::ZERO;
    spaced(
        b'A',
        &[
            low.issuer().unwrap_or(none).as_bytes(),
            low.currency().unwrap_or(Currency::XRP).as_bytes(),
            high.issuer().unwrap_or(none).as_bytes(),
            high.currency().unwrap_or(Currency::XRP).as_bytes(),
        ],
    )
}

/// Where the book's directories begin: the last eight bytes are 0, those of a directory hold its rate.
pub fn book_base(taker_pays: &Asset, taker_gets: &Asset) -> Hash256 {
    let none = AccountId::ZERO;
    let (pays, gets) = (taker_pays.currency(), taker_gets.currency());
    let base = spaced(
        b'B',
        &[
            pays.unwrap_or(Currency::XRP).as_bytes(),
            gets.unwrap_or(Currency::XRP).as_bytes(),
            taker_pays.issuer().unwrap_or(none).as_bytes(),
            taker_gets.issuer().unwrap_or(none).as_bytes(),
        ],
    );
    with_quality(base, 0)
}

/// The directory of a book for one rate.
pub fn with_quality(base: Hash256, rate: u64) -> Hash256 {
    let mut bytes = base.0;
    bytes[24..].copy_from_slice(&rate.to_be_bytes());
    Hash256(bytes)
}

/// The rate in a book directory's index.
pub fn quality_of(directory: Hash256) -> u64 {
    let mut rate = [0; 8];
    rate.copy_from_slice(&directory.0[24..]);
    u64::from_be_bytes(rate)
}

/// The first index after every directory of the book.
pub fn book_end(base: Hash256) -> Hash256 {
    let mut bytes = base.0;
    for byte in bytes[..24].iter_mut().rev() {
        let (next, carried) = byte.overflowing_add(1);
        *byte = next;
        if !carried {
            break;
        }
    }
    Hash256(bytes)
}

fn spaced(space: u8, parts: &[&[u8]]) -> Hash256 {
    let mut all: Vec<&[u8]> = Vec::with_capacity(parts.len() + 1);
    let key = [0, space];
    all.push(&key);
    all.extend_from_slice(parts);
    sha512_half(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Indexes read off a real server (recording `cross_exact`).
    #[test]
    fn recorded_indexes() {
        let issuer: AccountId = "rP4X2MvMdQgzzeKZE1dhJDfT54eZYznbsc".parse().unwrap();
        let maker: AccountId = "r9aqmunPGhHcDjqkw9hgSHw83hv2iCMpjc".parse().unwrap();
        let rlusd = Asset::Issued { currency: Currency::RLUSD, issuer };
        let shown = |hash: Hash256| hash.to_string();
        assert_eq!(shown(account(maker)), "4791E1D73B70DB19061FC6D2651D3F2821C80D45DE9B0C7372AB54C642868834");
        assert_eq!(
            shown(owner_directory(maker)),
            "8E6ACC6552DD0B1A9CFB32127E62B8DDC4FC59DBF80909A5176EC1786F0F1F4C"
        );
        assert_eq!(
            shown(offer(maker, 4)),
            "D748C7B24D8BA98AD23BCB6B740A0B5455D45C56BE23408C9E9260F77AC998F4"
        );
        assert_eq!(
            shown(line(maker, issuer, Currency::RLUSD)),
            "DBCC932DA0077A75A88BCCD06F9142F0817C4A085D51D086871E34910A248995"
        );
        let directory = with_quality(book_base(&rlusd, &Asset::Xrp), 0x4F08_E1BC_9BF0_4000);
        assert_eq!(shown(directory), "1E6D214C2835B27D40D8F92A784E88E12D791280EDCC3B8D4F08E1BC9BF04000");
    }
}
