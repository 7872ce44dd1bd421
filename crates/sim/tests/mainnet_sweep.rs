//! Transaction 19 of main-network ledger 104540000, a payment that takes nineteen offers and the pool beside them: applied to
//! the state its metadata tells of, every account, trust line, offer and directory page must come out as recorded. Without
//! the file it says so and passes.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]
#![expect(clippy::disallowed_methods, reason = "a test reads its facts from the disk")]

use std::collections::BTreeMap;

use ledger::{
    AccountId, AffectedNode, Amount, Asset, Currency, EntryType, Hash256, NodeAction, Object, TxMeta,
    fields as f, flags, keylet,
};
use serde_json::Value;
use sim::world::{Checked, MarketSpec, World, WorldSpec};
use units::{Drops, IssuedValue, LedgerTime};

const TRANSACTION: u64 = 19;
const ISSUER: &str = "rMxCKbEDwqr76QuheSUMdEGf4B9xJ8m5De";
const POOL: &str = "rhWTXC2m2gGGA9WozUaoMm6kLAVPb1tcS3";
/// The issuer's flags as `account_info` showed them, and neither a transfer fee nor a tick size
/// (`facts/mainnet_rlusd_facts.json`).
const ISSUER_FLAGS: u32 = 2_174_353_408;
/// The pool's trading fee in that ledger, in parts of 100,000: what the swaps themselves imply (same file).
const TRADING_FEE: u16 = 267;

fn row() -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ledgers/104540000.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: no ledger at {path}");
        return None;
    };
    let ledger: Value = serde_json::from_str(&text).unwrap();
    let rows = ledger["rows"].as_array().unwrap();
    rows.iter().find(|row| row["tx_index"] == TRANSACTION).cloned()
}

/// The entry before: the final fields with the old values over them, and the old thread.
fn before(node: &AffectedNode) -> Object {
    let mut fields = node.fields.clone().unwrap_or_default();
    for (field, value) in node.previous.iter().flat_map(Object::iter) {
        fields.insert(field, value.clone());
    }
    if let (Some(id), Some(ledger)) = (node.previous_txn_id, node.previous_txn_lgr_seq) {
        fields.insert(f::PREVIOUS_TXN_ID, id);
        fields.insert(f::PREVIOUS_TXN_LGR_SEQ, ledger);
    }
    fields
}

/// What directories listed, as far as the transaction shows: the offers that are gone, and on every page that stays
/// something else that it does not touch.
fn listed(meta: &TxMeta) -> BTreeMap<Hash256, Vec<Hash256>> {
    let mut pages: BTreeMap<Hash256, Vec<Hash256>> = BTreeMap::new();
    for node in meta.nodes.iter().filter(|node| node.is(EntryType::OFFER)) {
        let fields = node.fields.as_ref().unwrap();
        let owner = keylet::owner_directory(&fields.account(f::ACCOUNT).unwrap());
        let page = keylet::directory_page(&owner, fields.u64(f::OWNER_NODE).unwrap());
        pages.entry(page).or_default().push(node.index);
        pages.entry(fields.hash256(f::BOOK_DIRECTORY).unwrap()).or_default().push(node.index);
    }
    for node in meta.nodes.iter().filter(|node| node.is(EntryType::DIRECTORY_NODE)) {
        if node.action == NodeAction::Modified {
            pages.entry(node.index).or_default().push(Hash256([0xEE; 32]));
        }
    }
    pages
}

fn world_before(meta: &TxMeta) -> World {
    let spec = WorldSpec { network_id: 0, ..WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400)) };
    let mut world = World::bare(spec).unwrap();
    let pages = listed(meta);
    for node in &meta.nodes {
        assert_ne!(node.action, NodeAction::Created, "nothing is new in this transaction");
        let mut fields = before(node);
        if let Some(indexes) = pages.get(&node.index) {
            let mut indexes = indexes.clone();
            indexes.sort_unstable();
            fields.insert(f::INDEXES, indexes);
        }
        world.put_entry(node.index, node.entry_type, &fields).unwrap();
    }
    let issuer: AccountId = ISSUER.parse().unwrap();
    let root = Object::new()
        .with(f::ACCOUNT, issuer)
        .with(f::BALANCE, Drops::from_xrp(100))
        .with(f::SEQUENCE, 1_u32)
        .with(f::FLAGS, ISSUER_FLAGS);
    world.put_entry(keylet::account_root(&issuer), EntryType::ACCOUNT_ROOT, &root).unwrap();
    let (index, pool) = pool_entry(meta);
    world.put_entry(index, EntryType::AMM, &pool).unwrap();
    world
}

/// The pool's entry, which the transaction does not change: nobody of it holds the slot.
fn pool_entry(meta: &TxMeta) -> (Hash256, Object) {
    let account: AccountId = POOL.parse().unwrap();
    let root = keylet::account_root(&account);
    let root = meta.nodes.iter().find(|node| node.index == root).unwrap();
    let index = root.fields.as_ref().unwrap().hash256(f::AMMID).unwrap();
    let rlusd = Asset::Issued { currency: Currency::RLUSD, issuer: ISSUER.parse().unwrap() };
    let tokens =
        Amount::Issued { value: IssuedValue::from_int(1), currency: Currency::RLUSD, issuer: account };
    let slot = Object::new().with(f::ACCOUNT, account).with(f::EXPIRATION, 0_u32).with(f::PRICE, tokens);
    let pool = Object::new()
        .with(f::ACCOUNT, account)
        .with(f::ASSET, Asset::Xrp)
        .with(f::ASSET2, rlusd)
        .with(f::LP_TOKEN_BALANCE, tokens)
        .with(f::TRADING_FEE, TRADING_FEE)
        .with(f::AUCTION_SLOT, slot);
    (index, pool)
}

/// The transaction with its one path left out: that path is the way the ledger takes by itself, and the flag forbids only to
/// take it twice.
fn without_path(row: &Value) -> Checked {
    let mut tx = Object::from_hex(row["tx_blob"].as_str().unwrap()).unwrap();
    Checked::read(&tx.to_bytes().unwrap()).unwrap();
    tx.remove(f::PATHS);
    tx.insert(f::FLAGS, tx.u32(f::FLAGS).unwrap() & !flags::TF_NO_RIPPLE_DIRECT);
    Checked::trusted(&tx.to_bytes().unwrap()).unwrap()
}

#[test]
fn a_sweep_of_nineteen_offers_and_the_pool() {
    let Some(row) = row() else { return };
    let recorded =
        TxMeta::from_object(&Object::from_hex(row["meta_blob"].as_str().unwrap()).unwrap()).unwrap();
    let mut world = world_before(&recorded);
    let (result, meta) = world.apply_to_closed(&without_path(&row));
    assert_eq!(result, recorded.result);
    let meta = meta.unwrap();
    assert_eq!(meta.delivered_amount, recorded.delivered_amount);
    let ours: BTreeMap<Hash256, &AffectedNode> = meta.nodes.iter().map(|node| (node.index, node)).collect();
    let (mut offers, mut wrong) = (0, Vec::new());
    for node in &recorded.nodes {
        let Some(got) = ours.get(&node.index) else {
            wrong.push(format!("{} {} is not touched", node.entry_type.0, node.index));
            continue;
        };
        offers += u32::from(node.is(EntryType::OFFER));
        let mut wanted = node.clone();
        // Our transaction has another id: it has no path.
        for part in [wanted.fields.as_mut(), wanted.previous.as_mut()].into_iter().flatten() {
            if part.contains(f::ACCOUNT_TXN_ID) && got.after(f::ACCOUNT_TXN_ID).is_some() {
                let id = got.fields.as_ref().and_then(|fields| fields.hash256(f::ACCOUNT_TXN_ID));
                if part.hash256(f::ACCOUNT_TXN_ID) == Some(recorded_id(&row)) {
                    part.insert_some(f::ACCOUNT_TXN_ID, id);
                }
            }
        }
        if **got != wanted {
            wrong.push(format!("{got:#?}\n  for {wanted:#?}"));
        }
    }
    let same = recorded.nodes.len() - wrong.len();
    println!(
        "transaction {TRANSACTION}: {same}/{} entries as recorded, {offers} offers among them",
        recorded.nodes.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((ours.len(), offers), (recorded.nodes.len(), 19));
}

fn recorded_id(row: &Value) -> Hash256 {
    row["hash"].as_str().unwrap().parse().unwrap()
}
