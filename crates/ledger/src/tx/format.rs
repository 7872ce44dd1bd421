//! Which fields a transaction of a type must have and may have, and what a server looks at in its bytes before it
//! looks at any ledger. The types are those this ledger performs and the three that no client may send; of any other
//! published type nothing is said. Facts: the transaction reference of the XRP Ledger documentation, the reference
//! server's formats and its words. Never looks at a signature or a state.

use crate::object::{ArrayItem, Object, Value};
use crate::tables::{FieldId, TxType, fields as f};
use crate::{Amount, Asset};

/// What a transaction of one type is made of, beside what every transaction has.
struct Format {
    code: u16,
    required: &'static [FieldId],
    optional: &'static [FieldId],
}

const fn format(code: u16, required: &'static [FieldId], optional: &'static [FieldId]) -> Format {
    Format { code, required, optional }
}

const COMMON_REQUIRED: [FieldId; 5] =
    [f::TRANSACTION_TYPE, f::ACCOUNT, f::SEQUENCE, f::FEE, f::SIGNING_PUB_KEY];

const COMMON_OPTIONAL: [FieldId; 12] = [
    f::FLAGS,
    f::SOURCE_TAG,
    f::PREVIOUS_TXN_ID,
    f::LAST_LEDGER_SEQUENCE,
    f::ACCOUNT_TXN_ID,
    f::OPERATION_LIMIT,
    f::MEMOS,
    f::TICKET_SEQUENCE,
    f::TXN_SIGNATURE,
    f::SIGNERS,
    f::NETWORK_ID,
    f::DELEGATE,
];

const PAYMENT_OPTIONAL: &[FieldId] = &[
    f::SEND_MAX,
    f::PATHS,
    f::INVOICE_ID,
    f::DESTINATION_TAG,
    f::DELIVER_MIN,
    f::CREDENTIAL_I_DS,
    f::DOMAIN_ID,
];

const ACCOUNT_SET_OPTIONAL: &[FieldId] = &[
    f::EMAIL_HASH,
    f::WALLET_LOCATOR,
    f::WALLET_SIZE,
    f::MESSAGE_KEY,
    f::DOMAIN,
    f::TRANSFER_RATE,
    f::SET_FLAG,
    f::CLEAR_FLAG,
    f::TICK_SIZE,
    f::NF_TOKEN_MINTER,
];

const FEE_OPTIONAL: &[FieldId] = &[
    f::LEDGER_SEQUENCE,
    f::BASE_FEE,
    f::REFERENCE_FEE_UNITS,
    f::RESERVE_BASE,
    f::RESERVE_INCREMENT,
    f::BASE_FEE_DROPS,
    f::RESERVE_BASE_DROPS,
    f::RESERVE_INCREMENT_DROPS,
];

const POOL: &[FieldId] = &[f::ASSET, f::ASSET2];

/// By code.
const FORMATS: &[Format] = &[
    format(0, &[f::DESTINATION, f::AMOUNT], PAYMENT_OPTIONAL),
    format(3, &[], ACCOUNT_SET_OPTIONAL),
    format(7, &[f::TAKER_PAYS, f::TAKER_GETS], &[f::EXPIRATION, f::OFFER_SEQUENCE, f::DOMAIN_ID]),
    format(8, &[f::OFFER_SEQUENCE], &[]),
    format(10, &[f::TICKET_COUNT], &[]),
    format(20, &[], &[f::LIMIT_AMOUNT, f::QUALITY_IN, f::QUALITY_OUT]),
    format(30, &[f::AMOUNT], &[f::HOLDER]),
    format(31, &[f::HOLDER, f::ASSET, f::ASSET2], &[f::AMOUNT]),
    format(35, &[f::AMOUNT, f::AMOUNT2, f::TRADING_FEE], &[]),
    format(36, POOL, &[f::AMOUNT, f::AMOUNT2, f::E_PRICE, f::LP_TOKEN_OUT, f::TRADING_FEE]),
    format(37, POOL, &[f::AMOUNT, f::AMOUNT2, f::E_PRICE, f::LP_TOKEN_IN]),
    format(38, &[f::ASSET, f::ASSET2, f::TRADING_FEE], &[]),
    format(39, POOL, &[f::BID_MIN, f::BID_MAX, f::AUTH_ACCOUNTS]),
    format(40, POOL, &[]),
    format(100, &[f::LEDGER_SEQUENCE, f::AMENDMENT], &[]),
    format(101, &[], FEE_OPTIONAL),
    format(102, &[f::UNL_MODIFY_DISABLING, f::LEDGER_SEQUENCE, f::UNL_MODIFY_VALIDATOR], &[]),
];

/// Whether the type is one that only the ledger itself makes.
#[must_use]
pub fn is_pseudo(tx_type: TxType) -> bool {
    (100..=102).contains(&tx_type.0)
}

/// Whether the fields are those of the transaction's type.
///
/// # Errors
/// The reference server's words for the first thing that is wrong.
pub fn check_format(tx: &Object) -> Result<(), String> {
    check_inner(tx)?;
    let code = tx.u32(f::TRANSACTION_TYPE).ok_or("Field not found: TransactionType")?;
    if !u16::try_from(code).is_ok_and(|code| code != u16::MAX && TxType(code).name().is_some()) {
        return Err(format!("Invalid transaction type {code}"));
    }
    let Some(format) = FORMATS.iter().find(|format| u32::from(format.code) == code) else {
        return Ok(());
    };
    find_missing(tx, format.required)?;
    let no_paths = matches!(tx.get(f::PATHS), Some(Value::PathSet(paths)) if paths.is_empty());
    if no_paths && format.optional.contains(&f::PATHS) {
        return Err("Field 'Paths' may not be explicitly set to default.".to_owned());
    }
    find_missing(tx, &COMMON_REQUIRED)?;
    find_stranger(tx, &[format.required, format.optional, &COMMON_REQUIRED, &COMMON_OPTIONAL])
}

fn find_missing(object: &Object, required: &[FieldId]) -> Result<(), String> {
    match required.iter().find(|field| !object.contains(**field)) {
        Some(missing) => Err(format!("Field '{missing}' is required but missing.")),
        None => Ok(()),
    }
}

fn find_stranger(object: &Object, known: &[&[FieldId]]) -> Result<(), String> {
    let is_known = |field: &FieldId| known.iter().any(|some| some.contains(field));
    match object.iter().map(|(field, _)| field).find(|field| !is_known(field)) {
        Some(stranger) => Err(format!("Field '{stranger}' found in disallowed location.")),
        None => Ok(()),
    }
}

/// Objects within arrays that have a format of their own: all of its fields are needed. A memo has none: it is looked at
/// among the local checks.
const INNER: [(FieldId, &[FieldId]); 2] =
    [(f::AUTH_ACCOUNT, &[f::ACCOUNT]), (f::SIGNER, &[f::ACCOUNT, f::SIGNING_PUB_KEY, f::TXN_SIGNATURE])];

fn check_inner(tx: &Object) -> Result<(), String> {
    let arrays =
        tx.iter().filter_map(|(_, value)| if let Value::Array(items) = value { Some(items) } else { None });
    arrays.flatten().try_for_each(|item| match INNER.iter().find(|(name, _)| *name == item.name) {
        Some((_, fields)) => {
            find_missing(&item.fields, fields)?;
            find_stranger(&item.fields, &[fields])
        }
        None => Ok(()),
    })
}

/// What a server asks of a well-formed, signed transaction before it takes it in: memos, no pseudo-transaction,
/// multi-purpose tokens only where the type can move them.
///
/// # Errors
/// The reference server's words, without its "fails local checks: ".
pub fn check_locally(tx: &Object) -> Result<(), &'static str> {
    check_memos(tx)?;
    let tx_type = tx.u32(f::TRANSACTION_TYPE).and_then(|code| u16::try_from(code).ok()).map(TxType);
    if tx_type.is_some_and(is_pseudo) {
        return Err("Cannot submit pseudo transactions.");
    }
    let is_here = tx_type.is_some_and(|tx_type| FORMATS.iter().any(|format| format.code == tx_type.0));
    // Payment and Clawback alone can move such tokens.
    let may_be: &[FieldId] = match tx_type {
        Some(TxType(0)) => &[f::AMOUNT, f::SEND_MAX, f::DELIVER_MIN],
        Some(TxType(30)) => &[f::AMOUNT],
        _ => &[],
    };
    let is_mpt =
        |value: &Value| matches!(value, Value::Amount(Amount::Mpt { .. }) | Value::Issue(Asset::Mpt(_)));
    let is_misplaced = |(field, value)| is_mpt(value) && !may_be.contains(&field);
    if is_here && tx.iter().any(is_misplaced) { Err("Amount can not be MPT.") } else { Ok(()) }
}

/// Most bytes of the memos of a transaction, as serialized without the marks around the whole array.
const MEMOS_BYTES_MAX: usize = 1024;
/// The marks around a serialized array of memos.
const ARRAY_MARKS: usize = 2;

fn check_memos(tx: &Object) -> Result<(), &'static str> {
    const TOO_LARGE: &str = "The memo exceeds the maximum allowed size.";
    let Some(Value::Array(memos)) = tx.get(f::MEMOS) else {
        return Ok(());
    };
    let alone = Object::new().with(f::MEMOS, memos.clone());
    let bytes = alone.to_bytes().map_err(|_| TOO_LARGE)?;
    if bytes.len() > MEMOS_BYTES_MAX + ARRAY_MARKS {
        return Err(TOO_LARGE);
    }
    memos.iter().try_for_each(check_memo)
}

fn check_memo(memo: &ArrayItem) -> Result<(), &'static str> {
    if memo.name != f::MEMO {
        return Err("A memo array may contain only Memo objects.");
    }
    for (field, value) in memo.fields.iter() {
        if ![f::MEMO_TYPE, f::MEMO_DATA, f::MEMO_FORMAT].contains(&field) {
            return Err("A memo may contain only MemoType, MemoData or MemoFormat fields.");
        }
        let Value::Blob(bytes) = value else {
            return Err("The MemoType, MemoData and MemoFormat fields may only contain hex-encoded data.");
        };
        if field != f::MEMO_DATA && !bytes.iter().all(|byte| is_of_urls(*byte)) {
            return Err(
                "The MemoType and MemoFormat fields may only contain characters that are allowed in URLs under RFC 3986.",
            );
        }
    }
    Ok(())
}

fn is_of_urls(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests;
