//! What is asked of every transaction, in the reference server's order: the fields of its amendments, network, fee and
//! key; then, against the state, its number, the last ledger it may be in, who signed it and whether its sender can pay.
//! Never knows what a type does.

use ledger::tx::format::is_pseudo;
use ledger::{AccountId, FieldId, Hash256, SeqProxy, TxType, fields as f, flags};

use super::Tx;
use super::apply::base_fee;
use crate::state::{AccountRoot, Rules, View, index};
use crate::ter::*;

/// Fields of amendments that are not in force here: permissioned exchanges, credentials, delegation.
const NOT_FOLLOWED: [FieldId; 3] = [f::DOMAIN_ID, f::CREDENTIAL_I_DS, f::DELEGATE];

/// Types of amendments that are not in force here, by code: checks, preauthorization, deletion of accounts, non-fungible
/// and multi-purpose tokens, bridges, identifiers, oracles, repairs, credentials, domains, delegation, vaults, batches,
/// loans and what came after. Escrows, channels, regular keys and signer lists are older than amendments or beyond
/// them: the reference server knows them always, and this one not at all (`temUNKNOWN`).
fn is_of_no_amendment_here(tx_type: TxType) -> bool {
    matches!(tx_type.0, 16..=19 | 21 | 25..=29 | 41..=91)
}

/// Checks that need no state.
pub fn preflight(tx: &Tx, rules: &Rules) -> Outcome<()> {
    if is_of_no_amendment_here(tx.tx_type) || NOT_FOLLOWED.iter().any(|field| tx.object.contains(*field)) {
        return Err(TEM_DISABLED);
    }
    let is_pseudo = is_pseudo(tx.tx_type);
    if !is_pseudo || tx.object.contains(f::NETWORK_ID) {
        check_network(tx, rules)?;
    }
    if is_pseudo {
        return check_pseudo(tx);
    }
    if tx.account == AccountId::ZERO {
        return Err(TEM_BAD_SRC_ACCOUNT);
    }
    if tx.fee.get() < 0 {
        return Err(TEM_BAD_FEE);
    }
    if !signing_key(tx).is_empty() && !is_public_key(signing_key(tx)) {
        return Err(TEM_BAD_SIGNATURE);
    }
    // The one orders transactions, the other lets them come in any order.
    let is_ticket = matches!(tx.sequence, SeqProxy::Ticket(_));
    if is_ticket && tx.object.contains(f::ACCOUNT_TXN_ID) { Err(TEM_INVALID) } else { Ok(()) }
}

fn check_network(tx: &Tx, rules: &Rules) -> Outcome<()> {
    match (rules.network_id, tx.number(f::NETWORK_ID)) {
        (own, Some(_)) if own <= 1024 => Err(TEL_NETWORK_ID_MAKES_TX_NON_CANONICAL),
        (own, None) if own > 1024 => Err(TEL_REQUIRES_NETWORK_ID),
        (own, Some(named)) if named != own => Err(TEL_WRONG_NETWORK),
        _ => Ok(()),
    }
}

/// What only the ledger itself sends comes from nobody, free, unsigned and without a number. Such a one fails for want of
/// an account: the ledger makes its own elsewhere.
fn check_pseudo(tx: &Tx) -> Outcome<()> {
    let has_any = |field| tx.object.blob(field).is_some_and(|bytes| !bytes.is_empty());
    if tx.account != AccountId::ZERO {
        return Err(TEM_BAD_SRC_ACCOUNT);
    }
    if tx.fee.get() != 0 {
        return Err(TEM_BAD_FEE);
    }
    if has_any(f::SIGNING_PUB_KEY) || has_any(f::TXN_SIGNATURE) || tx.object.contains(f::SIGNERS) {
        return Err(TEM_BAD_SIGNATURE);
    }
    let is_numbered = tx.number(f::SEQUENCE) != Some(0) || tx.object.contains(f::PREVIOUS_TXN_ID);
    if is_numbered { Err(TEM_BAD_SEQUENCE) } else { Ok(()) }
}

/// Whether the bytes look like a public key of either kind: 33 bytes, the first of which names the kind. Whether they
/// are a point of the curve is not asked, neither here nor by the reference server.
pub fn is_public_key(key: &[u8]) -> bool {
    key.len() == 33 && matches!(key.first(), Some(0xED | 0x02 | 0x03))
}

fn signing_key(tx: &Tx) -> &[u8] {
    tx.object.blob(f::SIGNING_PUB_KEY).unwrap_or_default()
}

/// Checks against the state: the number, the transaction before, the last ledger, the signer, the fee. One that is in a
/// ledger already has used its number up, and is refused for that (`tefPAST_SEQ`, `tefNO_TICKET`): `tefALREADY`, which
/// the reference server asks for after the number, is never reached.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let root = view.account(tx.account).ok_or(TER_NO_ACCOUNT)?;
    match tx.sequence {
        SeqProxy::Sequence(_) if tx.object.contains(f::TICKET_SEQUENCE) => return Err(TEM_SEQ_AND_TICKET),
        SeqProxy::Sequence(number) if number > root.sequence => return Err(TER_PRE_SEQ),
        SeqProxy::Sequence(number) if number < root.sequence => return Err(TEF_PAST_SEQ),
        SeqProxy::Ticket(number) if number >= root.sequence => return Err(TER_PRE_TICKET),
        SeqProxy::Ticket(number) if view.ticket(&index::ticket(tx.account, number)).is_none() => {
            return Err(TEF_NO_TICKET);
        }
        _ => {}
    }
    if tx
        .object
        .hash256(f::ACCOUNT_TXN_ID)
        .is_some_and(|wanted| root.account_txn_id.unwrap_or(Hash256::ZERO) != wanted)
    {
        return Err(TEF_WRONG_PRIOR);
    }
    if tx.number(f::LAST_LEDGER_SEQUENCE).is_some_and(|last| last < view.rules.ledger_index.0) {
        return Err(TEF_MAX_LEDGER);
    }
    check_signer(view, root, tx)?;
    check_fee(view, root, tx)
}

fn check_signer(view: &View, root: &AccountRoot, tx: &Tx) -> Outcome<()> {
    let key = signing_key(tx);
    if view.rules.dry && key.is_empty() {
        return Ok(());
    }
    let signer = ledger::hash::account_of_public_key(key);
    if root.regular_key == Some(signer) {
        return Ok(());
    }
    match (signer == root.account, root.flags & flags::LSF_DISABLE_MASTER != 0) {
        (true, false) => Ok(()),
        (true, true) => Err(TEF_MASTER_DISABLED),
        (false, _) => Err(TEF_BAD_AUTH),
    }
}

fn check_fee(view: &View, root: &AccountRoot, tx: &Tx) -> Outcome<()> {
    if view.rules.open && tx.fee < base_fee(tx.tx_type, &view.rules.fees) {
        return Err(TEL_INSUF_FEE_P);
    }
    if root.balance >= tx.fee {
        return Ok(());
    }
    let has_something = !root.balance.is_zero() && !view.rules.open;
    Err(if has_something { TEC_INSUFF_FEE } else { TER_INSUF_FEE_B })
}
