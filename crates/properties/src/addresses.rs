//! Addresses, seeds, currency codes and the ledger's other words: what parses shows as the same value again, and no
//! refusal repeats a secret. Never asks whether an account exists.

use super::Source;
use super::terminal;
use ledger::object::Number;
use ledger::{
    AccountId, Currency, EntryType, Hash256, KeyKind, KeyPair, MptId, ResultCode, Seed, TxType, XAddress, hex,
};
use std::fmt::{Debug, Display};
use std::str::FromStr;
use units::{Drops, Exact, IssuedValue, Price};

/// Bytes as text, or as the value itself.
pub fn check(data: &[u8]) {
    let mut source = Source::new(data);
    if source.byte().is_multiple_of(2) {
        if let Ok(text) = std::str::from_utf8(source.rest()) {
            text_holds(text);
        }
    } else {
        values_hold(&mut source);
    }
}

fn text_holds(text: &str) {
    // One spelling each.
    spelled::<AccountId>(text, true);
    spelled::<XAddress>(text, true);
    read::<Hash256>(text);
    read::<MptId>(text);
    read::<Currency>(text);
    if let Ok(number) = text.parse::<Number>() {
        same(number);
    }
    read::<TxType>(text);
    read::<EntryType>(text);
    read::<ResultCode>(text);
    read::<Drops>(text);
    read::<IssuedValue>(text);
    read::<Exact>(text);
    read::<Price>(text);
    match text.parse::<Seed>() {
        Ok(seed) => {
            assert_eq!(seed.reveal().as_str(), text);
            assert!(!format!("{seed:?}").contains(text));
            let _ = KeyPair::from_seed(&seed);
        }
        // The same for every text: it repeats nothing of a seed that was mistyped.
        Err(error) => assert_eq!(Err(error), "".parse::<Seed>().map(|_| ())),
    }
    if let Some(bytes) = hex::decode(text) {
        assert!(hex::encode(&bytes).eq_ignore_ascii_case(text));
    }
}

fn values_hold(source: &mut Source) {
    let account = AccountId(source.array());
    same(account);
    let tag = (!source.byte().is_multiple_of(3)).then(|| u32::from_be_bytes(source.array()));
    same(XAddress { account, tag, test_network: source.byte().is_multiple_of(2) });
    same(Currency(source.array()));
    same(Hash256(source.array()));
    let kind = if source.byte().is_multiple_of(2) { KeyKind::Ed25519 } else { KeyKind::Secp256k1 };
    let seed = Seed::from_entropy(source.array(), kind);
    let again: Seed = seed.reveal().parse().unwrap_or_else(|error| panic!("a seed reads: {error}"));
    assert_eq!((again.kind(), again.reveal()), (kind, seed.reveal()));
    if source.byte().is_multiple_of(4) {
        let keys = KeyPair::from_seed(&seed).unwrap_or_else(|error| panic!("a seed gives a key: {error}"));
        let mut message = source.take(64).to_vec();
        let mut signature = keys.sign_message(&message);
        assert!(ledger::keys::verify_message(&message, keys.public_key(), &signature));
        let at = source.below(signature.len().max(1));
        signature[at] ^= 1 << (source.byte() % 8);
        assert!(!ledger::keys::verify_message(&message, keys.public_key(), &signature));
        signature = keys.sign_message(&message);
        message.push(0);
        assert!(!ledger::keys::verify_message(&message, keys.public_key(), &signature));
    }
}

/// What a value shows reads as that value.
fn same<T: FromStr + Display + PartialEq + Debug>(value: T) {
    assert_eq!(value.to_string().parse::<T>().ok().as_ref(), Some(&value));
}

fn read<T: FromStr + Display + PartialEq + Debug>(text: &str)
where
    T::Err: Display,
{
    spelled::<T>(text, false);
}

/// What a text reads as shows as a text that reads the same; with `once`, as the very same text.
fn spelled<T: FromStr + Display + PartialEq + Debug>(text: &str, once: bool)
where
    T::Err: Display,
{
    match text.parse::<T>() {
        Ok(value) => {
            if once {
                assert_eq!(value.to_string(), text);
            }
            same(value);
        }
        Err(error) => terminal::check(&error.to_string()),
    }
}
