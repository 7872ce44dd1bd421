//! Tests of keys and seeds.

use super::*;

#[test]
fn the_genesis_account_from_its_well_known_seed() {
    let pair = KeyPair::from_seed_text("snoPBrXtMeMyMHUVTgbuqAfg1SUTb").unwrap();
    assert_eq!(pair.account().to_string(), "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh");
    assert_eq!(
        crate::hex::encode(pair.public_key()),
        "0330E7FC9D56BB25D6893BA3F317AE5BCF33B3291BD63DB32654A313222F7FD020"
    );
}

#[test]
fn what_is_signed_verifies_and_what_is_altered_does_not() {
    for kind in [KeyKind::Secp256k1, KeyKind::Ed25519] {
        let seed = Seed::from_entropy([7; 16], kind);
        assert_eq!(seed.reveal().parse::<Seed>().unwrap().reveal(), seed.reveal());
        let pair = KeyPair::from_seed(&seed).unwrap();
        let signature = pair.sign_message(b"message");
        assert!(verify_message(b"message", pair.public_key(), &signature));
        assert!(!verify_message(b"massage", pair.public_key(), &signature));
        for i in 0..signature.len() {
            let mut bad = signature.clone();
            bad[i] ^= 1;
            assert!(!verify_message(b"message", pair.public_key(), &bad), "byte {i}");
        }
        assert!(!verify_message(b"message", &[], &signature));
        assert!(!verify_message(b"message", &pair.public_key()[1..], &signature));
    }
}

#[test]
fn secrets_are_not_printed() {
    let seed: Seed = "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2r".parse().unwrap();
    assert_eq!(format!("{seed:?}"), "Seed(Ed25519, ..)");
    let pair = KeyPair::from_seed(&seed).unwrap();
    assert_eq!(format!("{pair:?}"), "KeyPair(rLUEXYuLiQptky37CqLcm9USQpPiz5rkpD, ..)");
    assert_eq!(
        "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2x".parse::<Seed>().unwrap_err().to_string(),
        "not a family seed"
    );
}
