//! Metadata from and to JSON and binary. Never loses a field: what has no place of its own stays in `other`.

use serde_json::Value as Json;

use super::{AffectedNode, NodeAction, TxMeta};
use crate::amount::Amount;
use crate::ids::Accounts;
use crate::json::Node;
use crate::object::{ArrayItem, JsonStyle, META_ADDITIONS, Named, Object, ObjectError, Value, named};
use crate::tables::{EntryType, FieldId, ResultCode, fields as f};

/// Why a document or bytes are no metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetaError {
    /// Not an object of the ledger.
    #[error("metadata: {0}")]
    Object(#[from] ObjectError),
    /// A field that must be there and is not, or has another type.
    #[error("metadata: field `{0}` is missing or of another kind")]
    Missing(&'static str),
    /// A field of a node that is not known to be one.
    #[error("metadata: `{0}` has no place in an affected node")]
    Node(&'static str),
}

impl TxMeta {
    /// Reads the JSON form, API v1 or v2, strictly.
    pub fn from_json<'d>(json: impl Into<Node<'d>>) -> Result<Self, MetaError> {
        let (plain, computed) = split_additions(json.into())?;
        Self::take(Object::from_named(plain)?)?.with_computed(computed)
    }

    /// Reads the JSON form of a server that may be newer than our definitions; gives the names we do not know too.
    pub fn from_json_lenient<'d>(json: impl Into<Node<'d>>) -> Result<(Self, Vec<String>), MetaError> {
        let (plain, computed) = split_additions(json.into())?;
        let (object, unknown) = Object::from_named_lenient(plain)?;
        Ok((Self::take(object)?.with_computed(computed)?, unknown))
    }

    fn with_computed(mut self, computed: Option<Node<'_>>) -> Result<Self, MetaError> {
        if let Some(amount) = computed {
            let field = f::DELIVERED_AMOUNT.name();
            let read = Amount::read_delivered(amount, &mut Accounts::default())
                .map_err(|error| ObjectError::Amount { field, error })?;
            self.delivered_amount = Some(read);
        }
        Ok(self)
    }

    /// Reads the binary form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MetaError> {
        Self::take(Object::from_bytes(bytes)?)
    }

    /// Reads the dynamic object.
    pub fn from_object(object: &Object) -> Result<Self, MetaError> {
        Self::take(object.clone())
    }

    fn take(mut other: Object) -> Result<Self, MetaError> {
        let result = match other.remove(f::TRANSACTION_RESULT) {
            Some(Value::UInt8(code)) => ResultCode(i16::from(code)),
            _ => return Err(MetaError::Missing(f::TRANSACTION_RESULT.name())),
        };
        let index = match other.remove(f::TRANSACTION_INDEX) {
            Some(Value::UInt32(index)) => index,
            _ => return Err(MetaError::Missing(f::TRANSACTION_INDEX.name())),
        };
        let nodes = match other.remove(f::AFFECTED_NODES) {
            Some(Value::Array(items)) => {
                items.into_iter().map(AffectedNode::from_item).collect::<Result<_, _>>()?
            }
            _ => return Err(MetaError::Missing(f::AFFECTED_NODES.name())),
        };
        let delivered_amount = other.amount(f::DELIVERED_AMOUNT);
        Ok(Self { result, index, nodes, delivered_amount, other })
    }

    /// The dynamic object. `delivered_amount` is not part of it unless `other` holds the field `DeliveredAmount`.
    pub fn to_object(&self) -> Object {
        self.other
            .clone()
            .with(f::TRANSACTION_RESULT, self.result)
            .with(f::TRANSACTION_INDEX, self.index)
            .with(f::AFFECTED_NODES, self.nodes.iter().map(AffectedNode::to_item).collect::<Vec<_>>())
    }

    /// The binary form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ObjectError> {
        self.to_object().to_bytes()
    }

    /// The JSON form as a server gives it, `delivered_amount` included.
    pub fn to_json(&self) -> Json {
        let mut json = self.to_object().to_json_as(JsonStyle::Server);
        if let (Some(map), Some(amount)) = (json.as_object_mut(), self.delivered_amount) {
            map.insert("delivered_amount".to_owned(), amount.to_json());
        }
        json
    }
}

/// The fields without what servers add, and the computed delivered amount of it.
fn split_additions<'d>(
    json: Node<'d>,
) -> Result<(impl Iterator<Item = Named<'d>>, Option<Node<'d>>), ObjectError> {
    let plain = named(json)?.filter(|(name, _)| !META_ADDITIONS.contains(name));
    let computed = json.get("delivered_amount").filter(|amount| amount.as_str() != Some("unavailable"));
    Ok((plain, computed))
}

impl AffectedNode {
    /// Whether it is an entry of this type.
    pub fn is(&self, entry_type: EntryType) -> bool {
        self.entry_type == entry_type
    }

    /// A value after the transaction: of `NewFields` or `FinalFields`.
    pub fn after(&self, field: FieldId) -> Option<&Value> {
        self.fields.as_ref().and_then(|fields| fields.get(field))
    }

    /// A value before the transaction, where the transaction changed it.
    pub fn before(&self, field: FieldId) -> Option<&Value> {
        self.previous.as_ref().and_then(|fields| fields.get(field))
    }

    fn from_item(item: ArrayItem) -> Result<Self, MetaError> {
        let action = match item.name {
            f::CREATED_NODE => NodeAction::Created,
            f::MODIFIED_NODE => NodeAction::Modified,
            f::DELETED_NODE => NodeAction::Deleted,
            other => return Err(MetaError::Node(other.name())),
        };
        let fields_name = if action == NodeAction::Created { f::NEW_FIELDS } else { f::FINAL_FIELDS };
        let (mut entry_type, mut index, mut fields, mut previous) = (None, None, None, None);
        let (mut previous_txn_id, mut previous_txn_lgr_seq) = (None, None);
        for (field, value) in item.fields.into_fields() {
            match (field, value) {
                (f::LEDGER_ENTRY_TYPE, Value::UInt16(code)) => entry_type = Some(EntryType(code)),
                (f::LEDGER_INDEX, Value::Hash256(hash)) => index = Some(hash),
                (f::PREVIOUS_FIELDS, Value::Object(object)) => previous = Some(object),
                (f::PREVIOUS_TXN_ID, Value::Hash256(hash)) => previous_txn_id = Some(hash),
                (f::PREVIOUS_TXN_LGR_SEQ, Value::UInt32(sequence)) => previous_txn_lgr_seq = Some(sequence),
                (name, Value::Object(object)) if name == fields_name => fields = Some(object),
                (other, _) => return Err(MetaError::Node(other.name())),
            }
        }
        let missing = |field: FieldId| MetaError::Missing(field.name());
        Ok(Self {
            action,
            entry_type: entry_type.ok_or(missing(f::LEDGER_ENTRY_TYPE))?,
            index: index.ok_or(missing(f::LEDGER_INDEX))?,
            fields,
            previous,
            previous_txn_id,
            previous_txn_lgr_seq,
        })
    }

    fn to_item(&self) -> ArrayItem {
        let (name, fields_name) = match self.action {
            NodeAction::Created => (f::CREATED_NODE, f::NEW_FIELDS),
            NodeAction::Modified => (f::MODIFIED_NODE, f::FINAL_FIELDS),
            NodeAction::Deleted => (f::DELETED_NODE, f::FINAL_FIELDS),
        };
        let mut fields =
            Object::new().with(f::LEDGER_ENTRY_TYPE, self.entry_type).with(f::LEDGER_INDEX, self.index);
        fields.insert_some(fields_name, self.fields.clone());
        fields.insert_some(f::PREVIOUS_FIELDS, self.previous.clone());
        fields.insert_some(f::PREVIOUS_TXN_ID, self.previous_txn_id);
        fields.insert_some(f::PREVIOUS_TXN_LGR_SEQ, self.previous_txn_lgr_seq);
        ArrayItem { name, fields }
    }
}
