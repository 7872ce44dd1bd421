//! Entries out of their dynamic form, as a server stores or shows them: accounts, trust lines, offers, directory pages and
//! pools. Never guesses a field that must be there.

use ledger::{AccountId, Amount, Asset, Currency, EntryType, FieldId, Hash256, Object, Value, fields as f};
use units::IssuedValue;

use super::amm::token_currency;
use super::{AccountRoot, Amm, AuctionSlot, Directory, DirectoryKind, Entry, Offer, Thread, TrustLine, Vote};

/// The entry of a type with these fields; `None` for a type that is not read, or a field that is missing.
pub fn entry(kind: EntryType, fields: &Object) -> Option<Entry> {
    match kind {
        EntryType::ACCOUNT_ROOT => root(fields).map(Entry::Account),
        EntryType::RIPPLE_STATE => line(fields).map(Entry::Line),
        EntryType::OFFER => offer(fields).map(Entry::Offer),
        EntryType::DIRECTORY_NODE => directory(fields).map(Entry::Directory),
        EntryType::AMM => amm(fields).map(|pool| Entry::Amm(Box::new(pool))),
        _ => None,
    }
}

fn thread(fields: &Object) -> Thread {
    Thread {
        txn_id: fields.hash256(f::PREVIOUS_TXN_ID),
        ledger_index: fields.u32(f::PREVIOUS_TXN_LGR_SEQ).unwrap_or(0),
    }
}

fn small<T: TryFrom<u32>>(fields: &Object, field: FieldId) -> Option<T> {
    fields.u32(field).and_then(|number| T::try_from(number).ok())
}

fn root(fields: &Object) -> Option<AccountRoot> {
    Some(AccountRoot {
        account: fields.account(f::ACCOUNT)?,
        balance: fields.amount(f::BALANCE)?.drops()?,
        sequence: fields.u32(f::SEQUENCE)?,
        owner_count: fields.u32(f::OWNER_COUNT).unwrap_or(0),
        flags: fields.u32(f::FLAGS).unwrap_or(0),
        transfer_rate: fields.u32(f::TRANSFER_RATE),
        tick_size: small(fields, f::TICK_SIZE),
        ticket_count: fields.u32(f::TICKET_COUNT),
        domain: fields.blob(f::DOMAIN).map(<[u8]>::to_vec),
        email_hash: match fields.get(f::EMAIL_HASH) {
            Some(Value::Hash128(hash)) => Some(*hash),
            _ => None,
        },
        message_key: fields.blob(f::MESSAGE_KEY).map(<[u8]>::to_vec),
        wallet_locator: fields.hash256(f::WALLET_LOCATOR),
        nft_minter: fields.account(f::NF_TOKEN_MINTER),
        regular_key: fields.account(f::REGULAR_KEY),
        account_txn_id: fields.hash256(f::ACCOUNT_TXN_ID),
        amm_id: fields.hash256(f::AMMID),
        thread: thread(fields),
    })
}

fn issued(amount: Amount) -> Option<(IssuedValue, Currency, AccountId)> {
    match amount {
        Amount::Issued { value, currency, issuer } => Some((value, currency, issuer)),
        Amount::Xrp(_) | Amount::Mpt { .. } => None,
    }
}

fn line(fields: &Object) -> Option<TrustLine> {
    let (balance, currency, _) = issued(fields.amount(f::BALANCE)?)?;
    let (low_limit, _, low) = issued(fields.amount(f::LOW_LIMIT)?)?;
    let (high_limit, _, high) = issued(fields.amount(f::HIGH_LIMIT)?)?;
    Some(TrustLine {
        low,
        high,
        currency,
        balance,
        low_limit,
        high_limit,
        flags: fields.u32(f::FLAGS).unwrap_or(0),
        low_node: fields.u64(f::LOW_NODE).unwrap_or(0),
        high_node: fields.u64(f::HIGH_NODE).unwrap_or(0),
        low_quality: (fields.u32(f::LOW_QUALITY_IN), fields.u32(f::LOW_QUALITY_OUT)),
        high_quality: (fields.u32(f::HIGH_QUALITY_IN), fields.u32(f::HIGH_QUALITY_OUT)),
        thread: thread(fields),
    })
}

fn offer(fields: &Object) -> Option<Offer> {
    Some(Offer {
        account: fields.account(f::ACCOUNT)?,
        sequence: fields.u32(f::SEQUENCE)?,
        taker_pays: fields.amount(f::TAKER_PAYS)?,
        taker_gets: fields.amount(f::TAKER_GETS)?,
        book_directory: fields.hash256(f::BOOK_DIRECTORY)?,
        book_node: fields.u64(f::BOOK_NODE).unwrap_or(0),
        owner_node: fields.u64(f::OWNER_NODE).unwrap_or(0),
        expiration: fields.u32(f::EXPIRATION),
        flags: fields.u32(f::FLAGS).unwrap_or(0),
        thread: thread(fields),
    })
}

fn directory(fields: &Object) -> Option<Directory> {
    let indexes: Vec<Hash256> = match fields.get(f::INDEXES) {
        Some(Value::Vector256(indexes)) => indexes.clone(),
        _ => Vec::new(),
    };
    let side = |currency: FieldId, issuer: FieldId| -> Option<Asset> {
        match (fields.get(currency), fields.get(issuer)) {
            (Some(Value::Hash160(code)), Some(Value::Hash160(_))) if *code == [0; 20] => Some(Asset::Xrp),
            (Some(Value::Hash160(code)), Some(Value::Hash160(issuer))) => {
                Some(Asset::Issued { currency: Currency(*code), issuer: AccountId(*issuer) })
            }
            _ => None,
        }
    };
    let kind = match fields.account(f::OWNER) {
        Some(owner) => DirectoryKind::Owner(owner),
        None => DirectoryKind::Book {
            taker_pays: side(f::TAKER_PAYS_CURRENCY, f::TAKER_PAYS_ISSUER)?,
            taker_gets: side(f::TAKER_GETS_CURRENCY, f::TAKER_GETS_ISSUER)?,
            rate: fields.u64(f::EXCHANGE_RATE)?,
        },
    };
    Some(Directory {
        root: fields.hash256(f::ROOT_INDEX)?,
        kind,
        indexes,
        next: fields.u64(f::INDEX_NEXT),
        previous: fields.u64(f::INDEX_PREVIOUS),
        thread: thread(fields),
    })
}

fn amm(fields: &Object) -> Option<Amm> {
    let asset = |field| match fields.get(field) {
        Some(Value::Issue(asset)) => Some(*asset),
        _ => None,
    };
    let (one, other) = (asset(f::ASSET)?, asset(f::ASSET2)?);
    let slot = fields.object(f::AUCTION_SLOT)?;
    let vote = |item: &ledger::object::ArrayItem| {
        Some(Vote {
            account: item.fields.account(f::ACCOUNT)?,
            fee_units: small(&item.fields, f::TRADING_FEE).unwrap_or(0),
            weight: item.fields.u32(f::VOTE_WEIGHT)?,
        })
    };
    let others = slot.array(f::AUTH_ACCOUNTS).unwrap_or_default();
    Some(Amm {
        account: fields.account(f::ACCOUNT)?,
        assets: (one, other),
        supply: issued(fields.amount(f::LP_TOKEN_BALANCE)?)?.0,
        token: token_currency(&one, &other),
        fee_units: small(fields, f::TRADING_FEE).unwrap_or(0),
        votes: fields.array(f::VOTE_SLOTS).unwrap_or_default().iter().filter_map(vote).collect(),
        slot: AuctionSlot {
            account: slot.account(f::ACCOUNT)?,
            expiration: slot.u32(f::EXPIRATION)?,
            fee_units: small(slot, f::DISCOUNTED_FEE).unwrap_or(0),
            price: issued(slot.amount(f::PRICE)?)?.0,
            others: others.iter().filter_map(|item| item.fields.account(f::ACCOUNT)).collect(),
        },
        owner_node: fields.u64(f::OWNER_NODE).unwrap_or(0),
        thread: thread(fields),
    })
}
