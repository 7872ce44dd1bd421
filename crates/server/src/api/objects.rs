//! `account_objects` and `account_nfts`: everything an account owns, as it is in the ledger. The marker names the
//! page of the owner's directory and the entry to begin with.

use ledger::object::Value as FieldValue;
use ledger::{AccountId, EntryType, Hash256, JsonStyle, fields as f, keylet};
use serde_json::{Map, Value, json};
use sim::world::At;

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, fields, state};
use crate::embedded::EmbeddedLedger;
use crate::limits::{NFT_PAGE_DEFAULT, NFT_PAGE_MAX, NFT_PAGE_MIN, PAGE_DEFAULT, PAGE_MAX, PAGE_MIN};

/// What the account owns, of one type or all.
pub(crate) fn objects(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    if !params.has("account") {
        return Err(ApiError::missing("account"));
    }
    let (at, mut answer) = state::lookup(ledger, params)?;
    let text = params.get("account").and_then(Value::as_str);
    let account = state::existing_account(ledger, at, text, &answer)?;
    let mut wanted = match entry_type(params)? {
        Some(kind) if NEVER_OWNED.contains(&kind.name().unwrap_or("")) => {
            return Err(ApiError::bad_field("type"));
        }
        Some(kind) => Some(vec![kind]),
        None => None,
    };
    if params.flag("deletion_blockers_only") {
        let blockers = DELETION_BLOCKERS.iter().filter_map(|name| EntryType::by_name(name));
        wanted = Some(blockers.filter(|kind| wanted.as_ref().is_none_or(|one| one.contains(kind))).collect());
    }
    let limit = params.limit(PAGE_MIN, PAGE_DEFAULT, PAGE_MAX)?;
    let begin = marker(params)?;
    let (objects, next) = walk(ledger, at, account, wanted.as_deref(), limit, begin)
        .ok_or_else(|| ApiError::bad_field("marker"))?;
    answer.insert("account".into(), account.to_string().into());
    answer.insert("account_objects".into(), Value::Array(objects));
    if let Some((directory, entry)) = next {
        answer.insert("limit".into(), limit.into());
        answer.insert("marker".into(), format!("{directory},{entry}").into());
    }
    Ok(answer)
}

/// The account's NFTs: this ledger has none.
pub(crate) fn nfts(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    if !params.has("account") {
        return Err(ApiError::missing("account"));
    }
    let (at, mut answer) = state::lookup(ledger, params)?;
    let text = params.get("account").and_then(Value::as_str);
    let account = state::existing_account(ledger, at, text, &answer)?;
    params.limit(NFT_PAGE_MIN, NFT_PAGE_DEFAULT, NFT_PAGE_MAX)?;
    answer.insert("account".into(), account.to_string().into());
    answer.insert("account_nfts".into(), json!([]));
    Ok(answer)
}

/// The type asked for, by the ledger's name in any case or by the name of the API.
pub(crate) fn entry_type(params: Params<'_>) -> Result<Option<EntryType>, ApiError> {
    let Some(value) = params.get("type") else {
        return Ok(None);
    };
    let name = value.as_str().ok_or_else(|| ApiError::expected("type", "string"))?;
    let known =
        API_NAMES.iter().find(|(api, published)| *api == name || published.eq_ignore_ascii_case(name));
    let kind = known.and_then(|(_, published)| EntryType::by_name(published));
    kind.map(Some).ok_or_else(|| ApiError::bad_field("type"))
}

/// An entry as the server shows it.
pub(crate) fn entry_json(index: &Hash256, entry: &ledger::Object) -> Map<String, Value> {
    let mut json = fields(entry.to_json_as(JsonStyle::Server));
    json.insert("index".into(), index.to_string().into());
    json
}

fn marker(params: Params<'_>) -> Result<Option<(Hash256, Hash256)>, ApiError> {
    let Some(marker) = params.get("marker") else {
        return Ok(None);
    };
    let text = marker.as_str().ok_or_else(|| ApiError::expected("marker", "string"))?;
    let parts =
        text.split_once(',').and_then(|(page, entry)| Some((page.parse().ok()?, entry.parse().ok()?)));
    parts.map(Some).ok_or_else(|| ApiError::bad_field("marker"))
}

type Walked = (Vec<Value>, Option<(Hash256, Hash256)>);

/// Goes through the owner's directory from `begin` on, counting every entry; `None` when that is no place in it.
fn walk(
    ledger: &EmbeddedLedger,
    at: At,
    account: AccountId,
    wanted: Option<&[EntryType]>,
    limit: u32,
    begin: Option<(Hash256, Hash256)>,
) -> Option<Walked> {
    let root = keylet::owner_directory(&account);
    let (mut page, mut from) = begin.map_or((root, None), |(page, entry)| (page, Some(entry)));
    let (mut objects, mut count) = (Vec::new(), 0);
    if from.is_none() && ledger.world().entry(at, page).is_none() {
        return Some((objects, None));
    }
    loop {
        let directory =
            ledger.world().entry(at, page).filter(|entry| entry.account(f::OWNER) == Some(account))?;
        let Some(FieldValue::Vector256(listed)) = directory.get(f::INDEXES) else {
            return Some((objects, None));
        };
        let skip = match from.take() {
            Some(entry) => listed.iter().position(|index| *index == entry)?,
            None => 0,
        };
        for index in &listed[skip..] {
            if count == limit {
                return Some((objects, Some((page, *index))));
            }
            count += 1;
            let Some(entry) = ledger.world().entry(at, *index) else { continue };
            let kind = entry.u32(f::LEDGER_ENTRY_TYPE).unwrap_or(0);
            if wanted.is_none_or(|wanted| wanted.iter().any(|one| u32::from(one.0) == kind)) {
                objects.push(Value::Object(entry_json(index, &entry)));
            }
        }
        match directory.u64(f::INDEX_NEXT) {
            None | Some(0) => return Some((objects, None)),
            Some(next) => page = keylet::directory_page(&root, next),
        }
    }
}

/// Types no account owns.
const NEVER_OWNED: [&str; 5] = ["Amendments", "DirectoryNode", "FeeSettings", "LedgerHashes", "NegativeUNL"];

/// What keeps an account from being deleted ("Deleting Accounts" in the documentation).
const DELETION_BLOCKERS: [&str; 8] = [
    "Check",
    "Escrow",
    "NFTokenPage",
    "PayChannel",
    "RippleState",
    "XChainOwnedClaimID",
    "XChainOwnedCreateAccountClaimID",
    "Bridge",
];

/// Names of the API beside the ledger's own.
const API_NAMES: [(&str, &str); 25] = [
    ("account", "AccountRoot"),
    ("amendments", "Amendments"),
    ("amm", "AMM"),
    ("bridge", "Bridge"),
    ("check", "Check"),
    ("credential", "Credential"),
    ("deposit_preauth", "DepositPreauth"),
    ("did", "DID"),
    ("directory", "DirectoryNode"),
    ("escrow", "Escrow"),
    ("fee", "FeeSettings"),
    ("hashes", "LedgerHashes"),
    ("mptoken", "MPToken"),
    ("mpt_issuance", "MPTokenIssuance"),
    ("nft_offer", "NFTokenOffer"),
    ("nft_page", "NFTokenPage"),
    ("nunl", "NegativeUNL"),
    ("offer", "Offer"),
    ("oracle", "Oracle"),
    ("payment_channel", "PayChannel"),
    ("permissioned_domain", "PermissionedDomain"),
    ("signer_list", "SignerList"),
    ("state", "RippleState"),
    ("ticket", "Ticket"),
    ("vault", "Vault"),
];
