//! The addresses of one document, each read once: the same few accounts come again and again in metadata, and the
//! checksum is most of the work. Never outlives the document, and never grows.

use super::{AccountId, IdError};

/// Texts that are kept: more than nearly every transaction has.
const SLOTS: usize = 32;

/// Addresses read lately, each in the one slot that its text names.
pub(crate) struct Accounts<'d> {
    slots: [(&'d str, AccountId); SLOTS],
}

impl Default for Accounts<'_> {
    fn default() -> Self {
        Self { slots: [("", AccountId::ZERO); SLOTS] }
    }
}

impl<'d> Accounts<'d> {
    /// The account of a classic address.
    pub(crate) fn classic(&mut self, text: &'d str) -> Result<AccountId, IdError> {
        let slot = &mut self.slots[slot_of(text)];
        // An empty slot holds the empty text, which is no address.
        if slot.0 != text || text.is_empty() {
            *slot = (text, text.parse()?);
        }
        Ok(slot.1)
    }

    /// [`AccountId::of_any_address`], which accepts X-addresses without a tag too.
    pub(crate) fn of_any_address(&mut self, text: &'d str) -> Result<AccountId, IdError> {
        if text.starts_with(['X', 'T']) { AccountId::of_any_address(text) } else { self.classic(text) }
    }
}

/// By three characters of the checksum, at the end: they differ where two addresses do.
fn slot_of(text: &str) -> usize {
    let tail = text.as_bytes().iter().rev().take(3);
    tail.fold(0, |slot, byte| (slot * 5 + usize::from(*byte)) % SLOTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_the_same_however_often() {
        let many: Vec<String> = (0..100_u8).map(|n| AccountId([n; 20]).to_string()).collect();
        let mut accounts = Accounts::default();
        for _ in 0..2 {
            for text in &many {
                assert_eq!(accounts.classic(text), text.parse(), "{text}");
                assert_eq!(accounts.of_any_address(text), text.parse(), "{text}");
                let wrong = &text[1..];
                assert!(accounts.classic(wrong).is_err(), "{wrong}");
            }
            assert!(accounts.classic("").is_err());
        }
    }
}
