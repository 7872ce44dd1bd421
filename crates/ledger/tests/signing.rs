//! Keys, signatures and transaction ids against published vectors and real main-network transactions.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use ledger::{KeyPair, Object, Transaction, TxError, hex, tx};

#[test]
fn published_key_pairs() {
    let Some(vectors) = common::json("codec/keypairs_api.json") else {
        return;
    };
    for kind in ["secp256k1", "ed25519"] {
        let v = &vectors[kind];
        let pair = KeyPair::from_seed_text(v["seed"].as_str().unwrap()).unwrap();
        assert_eq!(hex::encode(pair.public_key()), v["keypair"]["publicKey"].as_str().unwrap());
        assert_eq!(pair.account().to_string(), v["address"].as_str().unwrap());
        let signature = pair.sign_message(v["message"].as_str().unwrap().as_bytes());
        assert_eq!(hex::encode(&signature), v["signature"].as_str().unwrap());
    }
}

#[test]
fn every_reference_signature_is_reproduced() {
    let Some(cases) = common::json("codec/signed_transactions_940.json") else {
        return;
    };
    let cases = cases.as_array().unwrap();
    let mut typed = 0;
    for case in cases {
        let pair = KeyPair::from_seed_text(case["seed"].as_str().unwrap()).unwrap();
        let object = Object::from_json(&case["tx"]).unwrap();
        let (signed, out) = tx::sign_object(&object, &pair).unwrap();
        assert_eq!(out.blob_hex(), case["blob"].as_str().unwrap(), "{}", case["tx"]);
        assert_eq!(out.hash.to_string(), case["hash"].as_str().unwrap());
        assert_eq!(tx::verify(&signed), Ok(()));
        match Transaction::from_object(&object) {
            Ok(transaction) => {
                // The typed form writes neither memos nor a zero Flags field.
                let writes_flags = transaction.flags != 0 || !object.contains(ledger::fields::FLAGS);
                if writes_flags && !object.contains(ledger::fields::MEMOS) {
                    assert_eq!(tx::sign(&transaction, &pair).unwrap(), out, "{}", case["tx"]);
                    typed += 1;
                }
            }
            Err(TxError::UnsupportedType(_) | TxError::Extra(_)) => {}
            Err(error) => panic!("{error}: {}", case["tx"]),
        }
    }
    println!("signed_transactions_940.json: {0}/{0}, {typed} also in typed form", cases.len());
    assert!(typed > 400, "only {typed} in typed form");
}

#[test]
fn two_libraries_agree_with_us() {
    let Some(cases) = common::json("codec/signing_vectors.json") else {
        return;
    };
    let cases = cases.as_array().unwrap();
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let pair = KeyPair::from_seed_text(text("seed")).unwrap();
        assert_eq!(pair.account().to_string(), text("address"));
        let (signed, out) = tx::sign_object(&Object::from_json(&case["tx_json"]).unwrap(), &pair).unwrap();
        assert_eq!(hex::encode(&tx::signing_payload(&signed).unwrap()), text("signing_payload_hex"));
        assert_eq!((out.blob_hex().as_str(), out.hash.to_string().as_str()), (text("tx_blob"), text("hash")));
    }
    println!("signing_vectors.json: {0}/{0}", cases.len());
}

#[test]
fn real_signatures_hold_and_damaged_ones_do_not() {
    let Some(cases) = common::json("codec/mainnet_signatures.json") else {
        return;
    };
    let cases = cases.as_array().unwrap();
    for case in cases {
        let bytes = hex::decode(case["tx_blob"].as_str().unwrap()).unwrap();
        let object = Object::from_bytes(&bytes).unwrap();
        assert_eq!(tx::tx_hash(&bytes).to_string(), case["hash"].as_str().unwrap());
        assert_eq!(tx::verify(&object), Ok(()), "{}", case["hash"]);
        if let Some(payload) = case["signing_payload_hex"].as_str() {
            assert_eq!(hex::encode(&tx::signing_payload(&object).unwrap()), payload);
        }
    }
    println!("mainnet_signatures.json: {0}/{0}", cases.len());
}

#[test]
fn every_byte_of_500_signed_transactions_damaged() {
    let Some(cases) = common::json("codec/signed_transactions_940.json") else {
        return;
    };
    let [mut tried, mut read] = [0_u32; 2];
    let cases = cases.as_array().unwrap();
    for n in 0..500 {
        let case = &cases[n * cases.len() / 500];
        let mut blob = hex::decode(case["blob"].as_str().unwrap()).unwrap();
        assert_eq!(tx::verify(&Object::from_bytes(&blob).unwrap()), Ok(()));
        for at in 0..blob.len() {
            let bit = 1_u8 << ((n + at) % 8);
            blob[at] ^= bit;
            tried += 1;
            if let Ok(object) = Object::from_bytes(&blob) {
                read += 1;
                assert_eq!(object.to_bytes().unwrap(), blob, "transaction {n}, byte {at}");
                assert!(tx::verify(&object).is_err(), "transaction {n}, byte {at}");
            }
            blob[at] ^= bit;
        }
    }
    println!("{tried} damaged signed transactions, {read} still read, none with a signature that holds");
}
