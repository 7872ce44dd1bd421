//! The state as metadata alone tells it: every new, changed and deleted entry is taken over from the affected nodes, and
//! must agree with what was known before. Never asks the ledger for an entry.

use ledger::meta::AffectedNode;
use ledger::{EntryType, FieldId, Hash256, NodeAction, Object, TxMeta, Value, fields as f};

use super::{Broken, State, broken};

const LAW: &str = "metadata deltas sum to the state change";
/// Entries that no transaction changes: fees, amendments, hashes of ledgers.
const OF_THE_LEDGER: [u32; 3] = [0x73, 0x66, 0x68];

/// What metadata has told so far.
pub struct Picture {
    entries: State,
}

/// One entry that a transaction created, changed or deleted.
pub struct Change {
    /// What happened.
    pub action: NodeAction,
    /// What kind of entry.
    pub entry_type: EntryType,
    /// Its index.
    pub index: Hash256,
    /// As it was; empty for a new one.
    pub before: Object,
    /// As it is; for a deleted one as it last was.
    pub last: Object,
    /// The old values that the metadata shows.
    pub previous: Object,
}

impl Picture {
    /// A picture that begins with a whole state.
    pub fn of(state: &State) -> Picture {
        let shown = state.iter().filter(|(_, entry)| !is_of_the_ledger(entry));
        Picture { entries: shown.map(|(key, entry)| (*key, visible(entry))).collect() }
    }

    /// The entries as far as they are known.
    pub fn entries(&self) -> &State {
        &self.entries
    }

    /// Takes over what a transaction did.
    pub fn apply(
        &mut self,
        meta: &TxMeta,
        txn_id: Hash256,
        ledger_index: u32,
    ) -> Result<Vec<Change>, Broken> {
        let mut changes = Vec::new();
        for pair in meta.nodes.windows(2) {
            if let [one, next] = pair
                && one.index >= next.index
            {
                return broken(LAW, format!("nodes out of order or twice: {}", next.index));
            }
        }
        for node in &meta.nodes {
            let thread = |entry: &mut Object| {
                entry.insert(f::PREVIOUS_TXN_ID, txn_id);
                entry.insert(f::PREVIOUS_TXN_LGR_SEQ, ledger_index);
            };
            let before = self.before(node)?;
            let previous = node.previous.clone().unwrap_or_default();
            let Some(fields) = &node.fields else {
                // Nothing but the thread.
                let mut entry = before;
                thread(&mut entry);
                self.entries.insert(node.index, entry);
                continue;
            };
            let mut last = fields.clone();
            last.insert(f::LEDGER_ENTRY_TYPE, node.entry_type);
            if node.action != NodeAction::Created {
                consistent(node, &before, &previous, &last)?;
            }
            if node.action == NodeAction::Deleted {
                self.entries.remove(&node.index);
            } else {
                let mut entry = last.clone();
                thread(&mut entry);
                self.entries.insert(node.index, entry);
            }
            changes.push(Change {
                action: node.action,
                entry_type: node.entry_type,
                index: node.index,
                before,
                last,
                previous,
            });
        }
        Ok(changes)
    }

    /// The entry before, which must be there exactly when the node is no new one, and threaded as the node says.
    fn before(&self, node: &AffectedNode) -> Result<Object, Broken> {
        match (self.entries.get(&node.index), node.action) {
            (None, NodeAction::Created) => Ok(Object::new()),
            (Some(_), NodeAction::Created) => broken(LAW, format!("{} is created twice", node.index)),
            (None, _) => broken(LAW, format!("{} is changed and was never there", node.index)),
            (Some(before), _) => {
                let known = before.hash256(f::PREVIOUS_TXN_ID);
                if node.previous_txn_id.is_some() && node.previous_txn_id != known {
                    return broken(LAW, format!("{} was last changed by {known:?}", node.index));
                }
                Ok(before.clone())
            }
        }
    }

    /// Every field of every entry is what metadata told, but for the thread of accounts made before any transaction.
    pub fn agrees(&self, state: &State) -> Result<(), Broken> {
        let mut count = 0;
        for (key, entry) in state.iter().filter(|(_, entry)| !is_of_the_ledger(entry)) {
            count += 1;
            let Some(told) = self.entries.get(key) else {
                return broken(LAW, format!("{key} is there and no metadata created it"));
            };
            for (field, value) in entry.iter().filter(|(field, _)| is_told(*field)) {
                if told.get(field) != Some(value) && !(told.get(field).is_none() && is_default(value)) {
                    return broken(LAW, format!("{key} {field}: {value:?}, told {:?}", told.get(field)));
                }
            }
            for (field, value) in told.iter() {
                if entry.get(field).is_none() && !is_default(value) {
                    return broken(LAW, format!("{key} {field}: told {value:?}, gone"));
                }
            }
        }
        if count == self.entries.len() {
            return Ok(());
        }
        let gone = self.entries.keys().find(|key| !state.contains_key(key));
        broken(LAW, format!("{gone:?} is gone and no metadata deleted it"))
    }
}

/// Old values are those known; what no old value is shown for did not change.
fn consistent(node: &AffectedNode, before: &Object, previous: &Object, last: &Object) -> Result<(), Broken> {
    for (field, value) in previous.iter() {
        let known = before.get(field);
        if known != Some(value) && !(known.is_none() && is_default(value)) {
            return broken(LAW, format!("{} {field}: was {known:?}, metadata says {value:?}", node.index));
        }
    }
    for (field, value) in last.iter().filter(|(field, _)| is_told(*field) && !is_thread(*field)) {
        let known = before.get(field);
        if known.is_some() && known != Some(value) && !previous.contains(field) {
            return broken(
                LAW,
                format!("{} {field}: changed from {known:?} without an old value", node.index),
            );
        }
    }
    for (field, value) in before.iter().filter(|(field, _)| !is_thread(*field)) {
        if !last.contains(field) && !previous.contains(field) && !is_default(value) {
            return broken(LAW, format!("{} {field}: gone without an old value", node.index));
        }
    }
    Ok(())
}

fn visible(entry: &Object) -> Object {
    entry.iter().filter(|(field, _)| is_told(*field)).map(|(field, value)| (field, value.clone())).collect()
}

/// Metadata never shows what a directory lists.
fn is_told(field: FieldId) -> bool {
    field != f::INDEXES
}

fn is_thread(field: FieldId) -> bool {
    field == f::PREVIOUS_TXN_ID || field == f::PREVIOUS_TXN_LGR_SEQ
}

fn is_of_the_ledger(entry: &Object) -> bool {
    entry.u32(f::LEDGER_ENTRY_TYPE).is_some_and(|kind| OF_THE_LEDGER.contains(&kind))
}

/// What a new entry's fields leave out.
fn is_default(value: &Value) -> bool {
    match value {
        Value::UInt8(n) => *n == 0,
        Value::UInt16(n) => *n == 0,
        Value::UInt32(n) => *n == 0,
        Value::UInt64(n) => *n == 0,
        Value::Amount(amount) => amount.is_zero(),
        Value::Hash160(bytes) => bytes.iter().all(|byte| *byte == 0),
        Value::Hash256(hash) => *hash == Hash256::ZERO,
        Value::Issue(asset) => asset.is_xrp(),
        Value::Blob(bytes) => bytes.is_empty(),
        Value::Account(account) => account.0.iter().all(|byte| *byte == 0),
        _ => false,
    }
}
