//! What a transaction's metadata says, derived from the entries before and after alone (XRP Ledger documentation,
//! "Transaction Metadata"; the field rules as recordings of a server show them). Never asks what the transaction was.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::meta::{AffectedNode, NodeAction};
use ledger::{AccountId, Amount, EntryType, FieldId, Hash256, Object, Value, fields as f};

use super::keys::Keys;
use super::view::{Action, Item};
use super::{Entries, Entry, Thread, View};

/// The nodes of a transaction's metadata, sorted by index, and the new entries (`None`: gone).
pub struct Changes {
    /// The affected nodes.
    pub nodes: Vec<AffectedNode>,
    /// What the state becomes.
    pub entries: BTreeMap<Hash256, Option<Arc<Entry>>>,
}

/// Derives the metadata of everything a view changed, and threads the transaction through it.
pub fn derive(view: View, txn_id: Hash256) -> Changes {
    let thread = Thread { txn_id: Some(txn_id), ledger_index: view.rules.ledger_index.0 };
    let (base, known) = (view.base(), view.keys().clone());
    let mut build = Build {
        base,
        items: view.into_items(),
        threaded: BTreeMap::new(),
        nodes: BTreeMap::new(),
        thread,
        known,
    };
    let keys: Vec<Hash256> = build.items.keys().copied().collect();
    for key in keys {
        build.node(key);
    }
    let mut entries: BTreeMap<Hash256, Option<Arc<Entry>>> =
        build.threaded.into_iter().map(|(key, entry)| (key, Some(Arc::new(entry)))).collect();
    for (key, item) in build.items {
        entries.insert(key, kept(item));
    }
    Changes { nodes: build.nodes.into_values().collect(), entries }
}

/// The new entries alone.
pub fn without_nodes(view: View) -> Changes {
    let new = view.into_items().into_iter();
    let entries = new.map(|(key, item)| (key, kept(item)));
    Changes { nodes: Vec::new(), entries: entries.collect() }
}

/// The entry as it stays.
fn kept(item: Item) -> Option<Arc<Entry>> {
    (item.action != Action::Erase).then_some(item.entry)
}

struct Build<'a> {
    base: &'a Entries,
    items: BTreeMap<Hash256, Item>,
    /// Accounts that are touched by nothing but the thread.
    threaded: BTreeMap<Hash256, Entry>,
    nodes: BTreeMap<Hash256, AffectedNode>,
    thread: Thread,
    known: Keys,
}

impl Build<'_> {
    fn node(&mut self, key: Hash256) {
        let Some(item) = self.items.get(&key).cloned() else {
            return;
        };
        match (item.action, self.base.get(&key)) {
            (Action::Modify, Some(before)) if *before == *item.entry => {}
            (Action::Modify | Action::Insert, Some(before)) => self.modified(key, before, &item.entry),
            (Action::Erase, Some(before)) => self.deleted(key, before, &item.entry),
            (Action::Insert | Action::Modify, None) => self.created(key, &item.entry),
            (Action::Erase, None) => {}
        }
    }

    fn created(&mut self, key: Hash256, entry: &Entry) {
        self.node_of(key, entry.entry_type(), NodeAction::Created);
        for owner in entry.owners() {
            self.thread_account(owner);
        }
        self.thread_item(key);
        let new = entry.to_object_without_indexes();
        let shown = new.iter().filter(|(field, value)| is_shown(*field) && !is_default(value));
        self.set(key, shown.map(|(field, value)| (field, value.clone())).collect(), None);
    }

    fn modified(&mut self, key: Hash256, before: &Entry, entry: &Entry) {
        self.node_of(key, entry.entry_type(), NodeAction::Modified);
        self.thread_item(key);
        let mut after = entry.to_object_without_indexes();
        let previous = previous_fields(before, &after);
        for field in [f::LEDGER_ENTRY_TYPE, f::PREVIOUS_TXN_ID, f::PREVIOUS_TXN_LGR_SEQ] {
            after.remove(field);
        }
        self.set(key, after, previous);
    }

    fn deleted(&mut self, key: Hash256, before: &Entry, last: &Entry) {
        self.node_of(key, last.entry_type(), NodeAction::Deleted);
        for owner in before.owners() {
            self.thread_account(owner);
        }
        let mut after = last.to_object_without_indexes();
        let previous = previous_fields(before, &after);
        after.remove(f::LEDGER_ENTRY_TYPE);
        self.set(key, after, previous);
    }

    fn node_of(&mut self, index: Hash256, entry_type: EntryType, action: NodeAction) -> &mut AffectedNode {
        let node = self.nodes.entry(index).or_insert_with(|| AffectedNode {
            action,
            entry_type,
            index,
            fields: None,
            previous: None,
            previous_txn_id: None,
            previous_txn_lgr_seq: None,
        });
        node.action = action;
        node
    }

    fn set(&mut self, key: Hash256, fields: Object, previous: Option<Object>) {
        if let Some(node) = self.nodes.get_mut(&key) {
            node.fields = (!fields.is_empty()).then_some(fields);
            node.previous = previous;
        }
    }

    /// Threads an entry this transaction changed.
    fn thread_item(&mut self, key: Hash256) {
        let thread = self.thread;
        let Some(item) = self.items.get_mut(&key) else {
            return;
        };
        let before = item.entry.thread();
        let entry = Arc::make_mut(&mut item.entry);
        entry.set_thread(thread);
        let entry_type = entry.entry_type();
        self.note_previous(key, entry_type, before);
    }

    /// Threads the root entry of an account that owns what was created or deleted.
    fn thread_account(&mut self, account: AccountId) {
        let key = self.known.account(account);
        let thread = self.thread;
        let entry = match self.items.get_mut(&key) {
            Some(item) if item.action == Action::Erase => return,
            Some(item) => Arc::make_mut(&mut item.entry),
            None => match (self.threaded.get(&key), self.base.get(&key)) {
                (None, Some(entry)) => self.threaded.entry(key).or_insert_with(|| entry.clone()),
                _ => return,
            },
        };
        let before = entry.thread();
        entry.set_thread(thread);
        self.note_previous(key, EntryType::ACCOUNT_ROOT, before);
    }

    fn note_previous(&mut self, key: Hash256, entry_type: EntryType, before: Thread) {
        if before.txn_id.is_none() || before.txn_id == self.thread.txn_id {
            return;
        }
        if !self.nodes.contains_key(&key) {
            self.node_of(key, entry_type, NodeAction::Modified);
        }
        if let Some(node) = self.nodes.get_mut(&key).filter(|node| node.previous_txn_id.is_none()) {
            node.previous_txn_id = before.txn_id;
            node.previous_txn_lgr_seq = Some(before.ledger_index);
        }
    }
}

/// The old values of what is no longer the same. A field that is new counts as changed although it has no old value to
/// show: then what is shown may be empty (as in recorded metadata of a directory's first page that gets a second).
fn previous_fields(before: &Entry, after: &Object) -> Option<Object> {
    let before = before.to_object_without_indexes();
    let changed =
        before.iter().filter(|(field, value)| is_changeable(*field) && after.get(*field) != Some(value));
    let changed: Object = changed.map(|(field, value)| (field, value.clone())).collect();
    let appeared = after.iter().any(|(field, _)| is_changeable(field) && !before.contains(field));
    (appeared || !changed.is_empty()).then_some(changed)
}

/// Whether metadata shows the field at all: never the type and the listed indexes; the thread only when deleted.
fn is_shown(field: FieldId) -> bool {
    field != f::LEDGER_ENTRY_TYPE && field != f::INDEXES && !is_thread(field)
}

fn is_changeable(field: FieldId) -> bool {
    is_shown(field) && field != f::ROOT_INDEX
}

fn is_thread(field: FieldId) -> bool {
    field == f::PREVIOUS_TXN_ID || field == f::PREVIOUS_TXN_LGR_SEQ
}

/// Values that a created entry's `NewFields` leave out: zero of a plain number, hash or XRP, and empty bytes.
fn is_default(value: &Value) -> bool {
    match value {
        Value::UInt8(n) => *n == 0,
        Value::UInt16(n) => *n == 0,
        Value::UInt32(n) => *n == 0,
        Value::UInt64(n) => *n == 0,
        Value::Hash128(bytes) => bytes.iter().all(|b| *b == 0),
        Value::Hash160(bytes) => bytes.iter().all(|b| *b == 0),
        Value::Hash256(hash) => *hash == Hash256::ZERO,
        Value::Amount(Amount::Xrp(drops)) => drops.is_zero(),
        Value::Blob(bytes) => bytes.is_empty(),
        Value::Issue(asset) => asset.is_xrp(),
        _ => false,
    }
}
