//! AccountSet: the account's own settings. Never touches a balance.

use ledger::{ResultCode, Value, fields as f, flags};

use super::Tx;
use super::apply::{Context, Done};
use super::common::is_public_key;
use super::offer_cancel::UNIVERSAL;
use crate::state::{AccountRoot, View, index, money};
use crate::ter::*;

/// `tf` flags of the type: (flag, ledger flag, sets it).
const SWITCHES: [(u32, u32, bool); 6] = [
    (0x0001_0000, flags::LSF_REQUIRE_DEST_TAG, true),
    (0x0002_0000, flags::LSF_REQUIRE_DEST_TAG, false),
    (0x0004_0000, flags::LSF_REQUIRE_AUTH, true),
    (0x0008_0000, flags::LSF_REQUIRE_AUTH, false),
    (0x0010_0000, flags::LSF_DISALLOW_XRP, true),
    (0x0020_0000, flags::LSF_DISALLOW_XRP, false),
];

/// `asf` flags that set and clear one ledger flag without further conditions.
const PLAIN: [(u32, u32); 9] = [
    (flags::ASF_REQUIRE_DEST, flags::LSF_REQUIRE_DEST_TAG),
    (flags::ASF_REQUIRE_AUTH, flags::LSF_REQUIRE_AUTH),
    (flags::ASF_DISALLOW_XRP, flags::LSF_DISALLOW_XRP),
    (flags::ASF_DEFAULT_RIPPLE, flags::LSF_DEFAULT_RIPPLE),
    (flags::ASF_DEPOSIT_AUTH, flags::LSF_DEPOSIT_AUTH),
    (12, 0x0400_0000),
    (13, 0x0800_0000),
    (14, 0x1000_0000),
    (15, 0x2000_0000),
];

/// Keep the id of the last transaction.
const ASF_ACCOUNT_TXN_ID: u32 = 5;
/// Name, or no longer, who else may mint in the account's name.
const ASF_AUTHORIZED_NFTOKEN_MINTER: u32 = 10;
/// Flags of the transaction and of its `SetFlag` that say the same: (`asf`, sets it, clears it).
const TWICE: [(u32, u32, u32); 3] = [
    (flags::ASF_REQUIRE_DEST, 0x0001_0000, 0x0002_0000),
    (flags::ASF_REQUIRE_AUTH, 0x0004_0000, 0x0008_0000),
    (flags::ASF_DISALLOW_XRP, 0x0010_0000, 0x0020_0000),
];
/// `tecNO_ALTERNATIVE_KEY`.
const NO_OTHER_KEY: ResultCode = ResultCode(130);

/// Bytes of the longest domain ("AccountSet" in the XRP Ledger documentation).
const DOMAIN_BYTES_MAX: usize = 256;

/// Checks that need no state.
pub fn preflight(tx: &Tx) -> Outcome<()> {
    let allowed = SWITCHES.iter().fold(UNIVERSAL, |all, (flag, ..)| all | flag);
    let (set, clear) = (tx.number(f::SET_FLAG).unwrap_or(0), tx.number(f::CLEAR_FLAG).unwrap_or(0));
    if tx.flags & !allowed != 0 || (set != 0 && set == clear) {
        return Err(TEM_INVALID_FLAG);
    }
    for (asked, on, off) in TWICE {
        if (tx.has(on) || set == asked) && (tx.has(off) || clear == asked) {
            return Err(TEM_INVALID_FLAG);
        }
    }
    if tx
        .number(f::TRANSFER_RATE)
        .is_some_and(|rate| rate != 0 && !(money::PARITY..=2 * money::PARITY).contains(&rate))
    {
        return Err(TEM_BAD_TRANSFER_RATE);
    }
    if tx.number(f::TICK_SIZE).is_some_and(|size| size != 0 && !(3..=16).contains(&size)) {
        return Err(TEM_BAD_TICK_SIZE);
    }
    if tx.object.blob(f::MESSAGE_KEY).is_some_and(|key| !key.is_empty() && !is_public_key(key)) {
        return Err(TEL_BAD_PUBLIC_KEY);
    }
    if tx.object.blob(f::DOMAIN).is_some_and(|domain| domain.len() > DOMAIN_BYTES_MAX) {
        return Err(TEL_BAD_DOMAIN);
    }
    let names_minter = tx.object.contains(f::NF_TOKEN_MINTER);
    let is_odd = (set == ASF_AUTHORIZED_NFTOKEN_MINTER && !names_minter)
        || (clear == ASF_AUTHORIZED_NFTOKEN_MINTER && names_minter);
    if is_odd { Err(TEM_MALFORMED) } else { Ok(()) }
}

/// Checks against the state before the fee.
pub fn preclaim(view: &View, tx: &Tx) -> Outcome<()> {
    let root = view.account(tx.account).ok_or(TER_NO_ACCOUNT)?;
    let set = tx.number(f::SET_FLAG).unwrap_or(0);
    let owns_nothing = view.get(&index::owner_directory(tx.account)).is_none();
    let has = |flag: u32| root.flags & flag != 0;
    let sets_auth = set == flags::ASF_REQUIRE_AUTH || tx.has(0x0004_0000);
    if sets_auth && !has(flags::LSF_REQUIRE_AUTH) && !owns_nothing {
        // `terOWNERS` while a later attempt is sure to come.
        return Err(if view.rules.retry { ResultCode(-93) } else { TEC_OWNERS });
    }
    if set == flags::ASF_ALLOW_TRUST_LINE_CLAWBACK {
        if has(flags::LSF_NO_FREEZE) {
            return Err(TEC_NO_PERMISSION);
        }
        if !owns_nothing {
            return Err(TEC_OWNERS);
        }
    }
    if set == flags::ASF_NO_FREEZE && has(flags::LSF_ALLOW_TRUST_LINE_CLAWBACK) {
        return Err(TEC_NO_PERMISSION);
    }
    Ok(())
}

/// Changes the settings.
pub fn effect(view: &mut View, context: &Context) -> Done {
    let tx = context.tx;
    let key = tx.object.blob(f::SIGNING_PUB_KEY).unwrap_or_default();
    let master = ledger::hash::account_of_public_key(key) == tx.account;
    let Some(root) = view.account_mut(tx.account) else {
        return Done::with(TEF_INTERNAL);
    };
    match set_flags(root, tx, master) {
        Ok(()) => {
            set_fields(root, tx);
            Done::with(TES_SUCCESS)
        }
        Err(result) => Done::with(result),
    }
}

fn set_flags(root: &mut AccountRoot, tx: &Tx, master: bool) -> Outcome<()> {
    let (set, clear) = (tx.number(f::SET_FLAG).unwrap_or(0), tx.number(f::CLEAR_FLAG).unwrap_or(0));
    for (asked, flag) in PLAIN {
        if set == asked {
            root.flags |= flag;
        } else if clear == asked {
            root.flags &= !flag;
        }
    }
    for (asked, flag, on) in SWITCHES {
        if tx.has(asked) {
            root.flags = if on { root.flags | flag } else { root.flags & !flag };
        }
    }
    let is_disabled = root.flags & flags::LSF_DISABLE_MASTER != 0;
    match (set, clear) {
        (flags::ASF_DISABLE_MASTER, _) if is_disabled => {}
        (flags::ASF_DISABLE_MASTER, _) if !master => return Err(TEC_NEED_MASTER_KEY),
        (flags::ASF_DISABLE_MASTER, _) if root.regular_key.is_none() => return Err(NO_OTHER_KEY),
        (flags::ASF_DISABLE_MASTER, _) => root.flags |= flags::LSF_DISABLE_MASTER,
        (flags::ASF_NO_FREEZE, _) if !master && !is_disabled => return Err(TEC_NEED_MASTER_KEY),
        (flags::ASF_NO_FREEZE, _) => root.flags |= flags::LSF_NO_FREEZE,
        (flags::ASF_GLOBAL_FREEZE, _) => root.flags |= flags::LSF_GLOBAL_FREEZE,
        (flags::ASF_ALLOW_TRUST_LINE_CLAWBACK, _) => root.flags |= flags::LSF_ALLOW_TRUST_LINE_CLAWBACK,
        (ASF_AUTHORIZED_NFTOKEN_MINTER, _) => root.nft_minter = tx.object.account(f::NF_TOKEN_MINTER),
        (ASF_ACCOUNT_TXN_ID, _) => root.account_txn_id = root.account_txn_id.or(Some(ledger::Hash256::ZERO)),
        _ => {}
    }
    match clear {
        flags::ASF_DISABLE_MASTER => root.flags &= !flags::LSF_DISABLE_MASTER,
        flags::ASF_GLOBAL_FREEZE if root.flags & flags::LSF_NO_FREEZE == 0 => {
            root.flags &= !flags::LSF_GLOBAL_FREEZE
        }
        ASF_ACCOUNT_TXN_ID => root.account_txn_id = None,
        ASF_AUTHORIZED_NFTOKEN_MINTER => root.nft_minter = None,
        _ => {}
    }
    Ok(())
}

/// Fields that the account may set at will. An empty or zero one clears; `WalletSize` is read and not kept.
fn set_fields(root: &mut AccountRoot, tx: &Tx) {
    let kept = |bytes: &[u8]| (!bytes.is_empty()).then(|| bytes.to_vec());
    if let Some(rate) = tx.number(f::TRANSFER_RATE) {
        root.transfer_rate = (rate != 0 && rate != money::PARITY).then_some(rate);
    }
    if let Some(size) = tx.number(f::TICK_SIZE) {
        root.tick_size = u8::try_from(size).ok().filter(|size| *size != 0 && *size != 16);
    }
    if let Some(domain) = tx.object.blob(f::DOMAIN) {
        root.domain = kept(domain);
    }
    if let Some(key) = tx.object.blob(f::MESSAGE_KEY) {
        root.message_key = kept(key);
    }
    if let Some(locator) = tx.object.hash256(f::WALLET_LOCATOR) {
        root.wallet_locator = (locator != ledger::Hash256::ZERO).then_some(locator);
    }
    if let Some(Value::Hash128(hash)) = tx.object.get(f::EMAIL_HASH) {
        root.email_hash = (*hash != [0; 16]).then_some(*hash);
    }
}
