//! Tests of typed transactions.

use super::*;
use crate::ids::AccountId;
use units::Drops;

#[test]
fn there_and_back() {
    let usd = Amount::from_json(
        &serde_json::json!({ "currency": "USD", "issuer": "rrrrrrrrrrrrrrrrrrrrBZbvji", "value": "2.5" }),
    )
    .unwrap();
    let xrp = Amount::Xrp(Drops::new(1_000_000).unwrap());
    let kinds = [
        TxKind::OfferCreate { taker_gets: xrp, taker_pays: usd, expiration: Some(9), offer_sequence: None },
        TxKind::OfferCancel { offer_sequence: 4 },
        TxKind::Payment {
            destination: AccountId::ONE,
            amount: usd,
            send_max: Some(xrp),
            deliver_min: None,
            destination_tag: Some(0),
            paths: vec![],
        },
        TxKind::TrustSet { limit_amount: usd, quality_in: None, quality_out: Some(1) },
        TxKind::AccountSet {
            set_flag: Some(8),
            clear_flag: None,
            transfer_rate: None,
            tick_size: Some(5),
            domain: Some(vec![]),
        },
        TxKind::TicketCreate { ticket_count: 2 },
    ];
    for (kind, sequence) in
        kinds.into_iter().zip([SeqProxy::Sequence(5), SeqProxy::Ticket(6)].into_iter().cycle())
    {
        let tx = Transaction {
            account: AccountId::ZERO,
            sequence,
            fee: Drops::new(12).unwrap(),
            flags: 0x0001_0000,
            last_ledger_sequence: Some(100),
            network_id: None,
            source_tag: Some(1),
            kind,
        };
        assert_eq!(Transaction::from_object(&tx.to_object()), Ok(tx.clone()));
        let bytes = postcard::to_stdvec(&tx).unwrap();
        assert_eq!(postcard::from_bytes::<Transaction>(&bytes).unwrap(), tx);
        let extra = tx.to_object().with(f::SIGNER_QUORUM, 1_u32);
        assert_eq!(Transaction::from_object(&extra), Err(TxError::Extra("SignerQuorum")));
        if !matches!(tx.kind, TxKind::TicketCreate { .. }) {
            let extra = tx.to_object().with(f::TICKET_COUNT, 1_u32);
            assert_eq!(Transaction::from_object(&extra), Err(TxError::Extra("TicketCount")));
        }
    }
}

#[test]
fn an_offer_is_named_by_the_sequence_or_the_ticket_that_made_it() {
    assert_eq!((SeqProxy::Sequence(5).number(), SeqProxy::Ticket(6).number()), (5, 6));
}

#[test]
fn tickets_are_made_in_a_number_that_is_told() {
    let mut object = Object::new()
        .with(f::TRANSACTION_TYPE, TxType::TICKET_CREATE)
        .with(f::ACCOUNT, AccountId::ONE)
        .with(f::SEQUENCE, 1_u32)
        .with(f::FEE, Drops::ZERO)
        .with(f::TICKET_COUNT, 3_u32);
    let tx = Transaction::from_object(&object).unwrap();
    assert_eq!((tx.kind.tx_type(), &tx.to_object()), (TxType::TICKET_CREATE, &object));
    object.remove(f::TICKET_COUNT);
    assert_eq!(Transaction::from_object(&object), Err(TxError::Missing("TicketCount")));
}

#[test]
fn other_types_stay_dynamic() {
    const SIGNER_LIST_SET: TxType = TxType(12);
    let object = Object::new()
        .with(f::TRANSACTION_TYPE, SIGNER_LIST_SET)
        .with(f::ACCOUNT, AccountId::ONE)
        .with(f::SEQUENCE, 1_u32)
        .with(f::FEE, Drops::ZERO);
    assert_eq!(Transaction::from_object(&object), Err(TxError::UnsupportedType(SIGNER_LIST_SET)));
}
