//! `ledger_entry`: one entry of the state, by its index or by what makes the index. Kinds this ledger never has
//! are read and not found.

use ledger::hash::sha512_half;
use ledger::{AccountId, Asset, Currency, EntryType, Hash256, fields as f, hex, keylet};
use serde_json::Value;

use super::errors::ApiError;
use super::params::{Params, as_u32};
use super::{Answer, objects, state};
use crate::embedded::EmbeddedLedger;

/// The entry a request names.
pub(crate) fn entry(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let mut named = SELECTORS.iter().filter(|(name, ..)| params.has(name));
    let selector = named.next();
    if named.next().is_some() {
        return Err(ApiError::invalid("Too many fields provided."));
    }
    let (at, mut answer) = state::lookup(ledger, params)?;
    let Some((name, kind, read)) = selector else {
        return Err(match params.is_v2() {
            true => ApiError::invalid("No ledger_entry params provided."),
            false => ApiError::bare("unknownOption").within(&answer),
        });
    };
    let value = params.get(name).unwrap_or(&Value::Null);
    let index = read(name, value)?.ok_or_else(ApiError::entry_not_found)?;
    let entry = ledger.world().entry(at, index).ok_or_else(ApiError::entry_not_found)?;
    let expected = EntryType::by_name(kind).map(|kind| u32::from(kind.0));
    if expected.is_some() && entry.u32(f::LEDGER_ENTRY_TYPE) != expected {
        return Err(ApiError::unexpected_type());
    }
    if params.flag("binary") {
        let bytes = entry.to_bytes().map_err(|_| ApiError::internal())?;
        answer.insert("node_binary".into(), hex::encode(&bytes).into());
    } else {
        answer.insert("node".into(), Value::Object(objects::entry_json(&index, &entry)));
    }
    answer.insert("index".into(), index.to_string().into());
    Ok(answer)
}

/// Reads what names an entry; `None` for one that cannot be in this ledger.
type Read = fn(&str, &Value) -> Result<Option<Hash256>, ApiError>;

/// Parameter, type of the entry (none: any), how its value is read.
const SELECTORS: [(&str, &str, Read); 33] = [
    ("index", "", by_index),
    ("account_root", "AccountRoot", account_root),
    ("amendments", "Amendments", |name, value| the_only(name, value, b'f')),
    ("amm", "AMM", amm),
    ("bridge", "Bridge", elsewhere),
    ("check", "Check", by_index),
    ("credential", "Credential", elsewhere),
    ("delegate", "Delegate", elsewhere),
    ("deposit_preauth", "DepositPreauth", elsewhere),
    ("did", "DID", elsewhere),
    ("directory", "DirectoryNode", directory),
    ("escrow", "Escrow", elsewhere),
    ("fee", "FeeSettings", |name, value| the_only(name, value, b'e')),
    ("hashes", "LedgerHashes", hashes),
    ("loan", "Loan", elsewhere),
    ("loan_broker", "LoanBroker", elsewhere),
    ("mptoken", "MPToken", elsewhere),
    ("mpt_issuance", "MPTokenIssuance", elsewhere),
    ("nft_offer", "NFTokenOffer", by_index),
    ("nft_page", "NFTokenPage", by_index),
    ("nunl", "NegativeUNL", |name, value| the_only(name, value, b'N')),
    ("offer", "Offer", offer),
    ("oracle", "Oracle", elsewhere),
    ("payment_channel", "PayChannel", by_index),
    ("permissioned_domain", "PermissionedDomain", elsewhere),
    ("ripple_state", "RippleState", ripple_state),
    ("state", "RippleState", ripple_state),
    ("signer_list", "SignerList", by_index),
    ("sponsorship", "Sponsorship", elsewhere),
    ("ticket", "Ticket", ticket),
    ("vault", "Vault", elsewhere),
    ("xchain_owned_claim_id", "XChainOwnedClaimID", elsewhere),
    ("xchain_owned_create_account_claim_id", "XChainOwnedCreateAccountClaimID", elsewhere),
];

fn by_index(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    let index = value.as_str().and_then(|text| text.parse().ok());
    let index: Hash256 = index.ok_or_else(|| wrong("malformedRequest", name, "hex string"))?;
    Ok(Some(index).filter(|index| *index != Hash256::ZERO))
}

/// An entry of a kind that is not in this ledger: an index is looked up, anything else names nothing.
fn elsewhere(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    if value.is_string() && value.as_str().is_some_and(|text| text.len() == 64) {
        by_index(name, value)
    } else {
        Ok(None)
    }
}

/// An entry of which a ledger has one: by its index or, as newer servers take it, by `true`.
fn the_only(name: &str, value: &Value, space: u8) -> Result<Option<Hash256>, ApiError> {
    match value {
        Value::Bool(true) => Ok(Some(sha512_half(&[&[0, space]]))),
        Value::Bool(false) => Err(wrong("invalidParams", name, "true")),
        _ => by_index(name, value),
    }
}

/// The hashes of the last ledgers, or with a ledger's number the kept ones of its 65,536.
fn hashes(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    match value {
        Value::Number(_) => {
            let ledger = as_u32(value).ok_or_else(|| wrong("malformedRequest", name, "number"))?;
            Ok(Some(sha512_half(&[&[0, b's'], &(ledger >> 16).to_be_bytes()])))
        }
        _ => the_only(name, value, b's'),
    }
}

fn account_root(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    let account = address(value).ok_or_else(|| wrong("malformedAddress", name, "AccountID"))?;
    Ok(Some(keylet::account_root(&account)))
}

fn offer(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    let Some(fields) = value.as_object() else { return by_index(name, value) };
    let account = fields.get("account").ok_or_else(|| absent("account"))?;
    let account = address(account).ok_or_else(|| wrong("malformedAddress", "account", "AccountID"))?;
    let sequence = fields.get("seq").ok_or_else(|| absent("seq"))?;
    let sequence = as_u32(sequence).ok_or_else(|| wrong("malformedRequest", "seq", "number"))?;
    Ok(Some(keylet::offer(&account, sequence)))
}

fn ticket(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    let Some(fields) = value.as_object() else { return by_index(name, value) };
    let account = fields.get("account").ok_or_else(|| absent("account"))?;
    let account = address(account).ok_or_else(|| wrong("malformedAddress", "account", "AccountID"))?;
    let number = fields.get("ticket_seq").ok_or_else(|| absent("ticket_seq"))?;
    let number = as_u32(number).ok_or_else(|| wrong("malformedRequest", "ticket_seq", "number"))?;
    Ok(Some(keylet::ticket(&account, number)))
}

fn directory(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    let Some(fields) = value.as_object() else { return by_index(name, value) };
    let page = match fields.get("sub_index") {
        None => 0,
        Some(page) => as_u32(page).ok_or_else(|| wrong("malformedRequest", "sub_index", "integer"))?,
    };
    let root = match (fields.get("owner"), fields.get("dir_root")) {
        (Some(owner), None) => {
            let owner = address(owner).ok_or_else(|| wrong("malformedAddress", "owner", "Account"))?;
            keylet::owner_directory(&owner)
        }
        (None, Some(root)) => {
            let root = root.as_str().and_then(|text| text.parse().ok());
            root.ok_or_else(|| wrong("malformedDirRoot", "dir_root", "hash"))?
        }
        _ => {
            let text = "Cannot have both `owner` and `dir_root` fields.";
            return Err(ApiError::malformed("malformedRequest", text));
        }
    };
    Ok(Some(keylet::directory_page(&root, page.into())))
}

fn ripple_state(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    let Some(fields) = value.as_object() else { return by_index(name, value) };
    let currency =
        fields.get("currency").filter(|value| !value.is_null()).ok_or_else(|| absent("currency"))?;
    let accounts =
        fields.get("accounts").filter(|value| !value.is_null()).ok_or_else(|| absent("accounts"))?;
    let [one, other] = accounts.as_array().map_or(&[][..], Vec::as_slice) else {
        return Err(wrong("malformedRequest", "accounts", "length-2 array of Accounts"));
    };
    let (Some(one), Some(other)) = (address(one), address(other)) else {
        return Err(wrong("malformedAddress", "accounts", "array of Accounts"));
    };
    if one == other {
        return Err(ApiError::malformed("malformedRequest", "Cannot have a trustline to self."));
    }
    let currency = currency.as_str().and_then(|text| text.parse().ok());
    let currency: Currency = currency.ok_or_else(|| wrong("malformedCurrency", "currency", "Currency"))?;
    Ok(Some(keylet::trust_line(&one, &other, &currency)))
}

/// A pool, by its two assets in any order.
fn amm(name: &str, value: &Value) -> Result<Option<Hash256>, ApiError> {
    let Some(fields) = value.as_object() else { return by_index(name, value) };
    let read = |name: &str| -> Result<(Currency, AccountId), ApiError> {
        let value = fields.get(name).filter(|value| !value.is_null()).ok_or_else(|| absent(name))?;
        let asset = serde_json::from_value::<Asset>(value.clone());
        let asset = asset.map_err(|_| ApiError::malformed("malformedRequest", ""))?;
        let issuer = asset.issuer().unwrap_or(AccountId::ZERO);
        Ok((asset.currency().unwrap_or(Currency::XRP), issuer))
    };
    let (one, other) = (read("asset")?, read("asset2")?);
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    let space: &[u8] = &[0, b'A'];
    Ok(Some(sha512_half(&[space, &first.1.0, &first.0.0, &second.1.0, &second.0.0])))
}

fn address(value: &Value) -> Option<AccountId> {
    value.as_str()?.parse().ok().filter(|account| *account != AccountId::ZERO)
}

fn wrong(error: &'static str, field: &str, kind: &str) -> ApiError {
    ApiError::malformed(error, format!("Invalid field '{field}', not {kind}."))
}

fn absent(field: &str) -> ApiError {
    ApiError::malformed("malformedRequest", format!("Missing field '{field}'."))
}
