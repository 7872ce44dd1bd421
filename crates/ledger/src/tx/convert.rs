//! Typed transactions to the dynamic object and back. Never drops a field: what the typed form has no place for is
//! an error.

use super::{SeqProxy, Transaction, TxKind};
use crate::amount::Amount;
use crate::object::{Object, Value};
use crate::tables::{FieldId, TxType, fields as f};

/// Why an object is no transaction of the typed kinds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TxError {
    /// A type that has no typed form here.
    #[error("transactions of type {0} have no typed form")]
    UnsupportedType(TxType),
    /// A field that must be there and is not, or has another type.
    #[error("field `{0}` is missing or of another kind")]
    Missing(&'static str),
    /// A field the typed form has no place for.
    #[error("field `{0}` has no place in the typed form")]
    Extra(&'static str),
    /// A value that fits the field but not the transaction.
    #[error("field `{0}` has a value this transaction cannot have")]
    Value(&'static str),
}

impl Transaction {
    /// The dynamic object, without key and signature.
    pub fn to_object(&self) -> Object {
        let mut object = Object::new()
            .with(f::TRANSACTION_TYPE, self.kind.tx_type())
            .with(f::ACCOUNT, self.account)
            .with(f::FEE, self.fee);
        match self.sequence {
            SeqProxy::Sequence(sequence) => object.insert(f::SEQUENCE, sequence),
            SeqProxy::Ticket(ticket) => {
                object.insert(f::TICKET_SEQUENCE, ticket);
                object.insert(f::SEQUENCE, 0_u32)
            }
        };
        object.insert_some(f::FLAGS, Some(self.flags).filter(|flags| *flags != 0));
        object.insert_some(f::LAST_LEDGER_SEQUENCE, self.last_ledger_sequence);
        object.insert_some(f::NETWORK_ID, self.network_id);
        object.insert_some(f::SOURCE_TAG, self.source_tag);
        self.kind.put(&mut object);
        object
    }

    /// The typed form of an object. `SigningPubKey`, `TxnSignature` and `Memos` are left aside; any other field without
    /// a place is an error.
    pub fn from_object(object: &Object) -> Result<Self, TxError> {
        let mut rest = Fields(object.clone());
        for field in [f::SIGNING_PUB_KEY, f::TXN_SIGNATURE, f::MEMOS] {
            rest.0.remove(field);
        }
        let tx_type = TxType(rest.need_u16(f::TRANSACTION_TYPE)?);
        let account = rest.need_account(f::ACCOUNT)?;
        let fee = match rest.need_amount(f::FEE)? {
            Amount::Xrp(fee) => fee,
            Amount::Issued { .. } | Amount::Mpt { .. } => return Err(TxError::Value(f::FEE.name())),
        };
        let sequence = match (rest.need_u32(f::SEQUENCE)?, rest.u32(f::TICKET_SEQUENCE)?) {
            (0, Some(ticket)) => SeqProxy::Ticket(ticket),
            (sequence, None) => SeqProxy::Sequence(sequence),
            (_, Some(_)) => return Err(TxError::Value(f::SEQUENCE.name())),
        };
        let flags = rest.u32(f::FLAGS)?.unwrap_or(0);
        let last_ledger_sequence = rest.u32(f::LAST_LEDGER_SEQUENCE)?;
        let network_id = rest.u32(f::NETWORK_ID)?;
        let source_tag = rest.u32(f::SOURCE_TAG)?;
        let kind = TxKind::take(tx_type, &mut rest)?;
        if let Some((field, _)) = rest.0.iter().next() {
            return Err(TxError::Extra(field.name()));
        }
        Ok(Self { account, sequence, fee, flags, last_ledger_sequence, network_id, source_tag, kind })
    }
}

impl serde::Serialize for Transaction {
    /// As its object: JSON for people, the binary form for machines.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Transaction {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_object(&Object::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl TxKind {
    fn put(&self, object: &mut Object) {
        match self {
            Self::OfferCreate { taker_gets, taker_pays, expiration, offer_sequence } => {
                object.insert(f::TAKER_GETS, *taker_gets);
                object.insert(f::TAKER_PAYS, *taker_pays);
                object.insert_some(f::EXPIRATION, *expiration);
                object.insert_some(f::OFFER_SEQUENCE, *offer_sequence);
            }
            Self::OfferCancel { offer_sequence } => {
                object.insert(f::OFFER_SEQUENCE, *offer_sequence);
            }
            Self::Payment { destination, amount, send_max, deliver_min, destination_tag, paths } => {
                object.insert(f::DESTINATION, *destination);
                object.insert(f::AMOUNT, *amount);
                object.insert_some(f::SEND_MAX, *send_max);
                object.insert_some(f::DELIVER_MIN, *deliver_min);
                object.insert_some(f::DESTINATION_TAG, *destination_tag);
                object.insert_some(f::PATHS, Some(paths.clone()).filter(|paths| !paths.is_empty()));
            }
            Self::TrustSet { limit_amount, quality_in, quality_out } => {
                object.insert(f::LIMIT_AMOUNT, *limit_amount);
                object.insert_some(f::QUALITY_IN, *quality_in);
                object.insert_some(f::QUALITY_OUT, *quality_out);
            }
            Self::TicketCreate { ticket_count } => {
                object.insert(f::TICKET_COUNT, *ticket_count);
            }
            Self::AccountSet { set_flag, clear_flag, transfer_rate, tick_size, domain } => {
                object.insert_some(f::SET_FLAG, *set_flag);
                object.insert_some(f::CLEAR_FLAG, *clear_flag);
                object.insert_some(f::TRANSFER_RATE, *transfer_rate);
                object.insert_some(f::TICK_SIZE, *tick_size);
                object.insert_some(f::DOMAIN, domain.clone());
            }
        }
    }

    fn take(tx_type: TxType, rest: &mut Fields) -> Result<Self, TxError> {
        Ok(match tx_type {
            TxType::OFFER_CREATE => Self::OfferCreate {
                taker_gets: rest.need_amount(f::TAKER_GETS)?,
                taker_pays: rest.need_amount(f::TAKER_PAYS)?,
                expiration: rest.u32(f::EXPIRATION)?,
                offer_sequence: rest.u32(f::OFFER_SEQUENCE)?,
            },
            TxType::OFFER_CANCEL => Self::OfferCancel { offer_sequence: rest.need_u32(f::OFFER_SEQUENCE)? },
            TxType::PAYMENT => Self::Payment {
                destination: rest.need_account(f::DESTINATION)?,
                amount: rest.need_amount(f::AMOUNT)?,
                send_max: rest.amount(f::SEND_MAX)?,
                deliver_min: rest.amount(f::DELIVER_MIN)?,
                destination_tag: rest.u32(f::DESTINATION_TAG)?,
                paths: match rest.0.remove(f::PATHS) {
                    Some(Value::PathSet(paths)) => paths,
                    Some(_) => return Err(TxError::Missing(f::PATHS.name())),
                    None => Vec::new(),
                },
            },
            TxType::TRUST_SET => Self::TrustSet {
                limit_amount: rest.need_amount(f::LIMIT_AMOUNT)?,
                quality_in: rest.u32(f::QUALITY_IN)?,
                quality_out: rest.u32(f::QUALITY_OUT)?,
            },
            TxType::TICKET_CREATE => Self::TicketCreate { ticket_count: rest.need_u32(f::TICKET_COUNT)? },
            TxType::ACCOUNT_SET => Self::AccountSet {
                set_flag: rest.u32(f::SET_FLAG)?,
                clear_flag: rest.u32(f::CLEAR_FLAG)?,
                transfer_rate: rest.u32(f::TRANSFER_RATE)?,
                tick_size: match rest.0.remove(f::TICK_SIZE) {
                    Some(Value::UInt8(size)) => Some(size),
                    Some(_) => return Err(TxError::Missing(f::TICK_SIZE.name())),
                    None => None,
                },
                domain: match rest.0.remove(f::DOMAIN) {
                    Some(Value::Blob(domain)) => Some(domain),
                    Some(_) => return Err(TxError::Missing(f::DOMAIN.name())),
                    None => None,
                },
            },
            other => return Err(TxError::UnsupportedType(other)),
        })
    }
}

/// The fields not yet taken.
struct Fields(Object);

impl Fields {
    fn u32(&mut self, field: FieldId) -> Result<Option<u32>, TxError> {
        match self.0.remove(field) {
            Some(Value::UInt32(n)) => Ok(Some(n)),
            Some(_) => Err(TxError::Missing(field.name())),
            None => Ok(None),
        }
    }

    fn need_u32(&mut self, field: FieldId) -> Result<u32, TxError> {
        self.u32(field)?.ok_or(TxError::Missing(field.name()))
    }

    fn need_u16(&mut self, field: FieldId) -> Result<u16, TxError> {
        match self.0.remove(field) {
            Some(Value::UInt16(n)) => Ok(n),
            _ => Err(TxError::Missing(field.name())),
        }
    }

    fn amount(&mut self, field: FieldId) -> Result<Option<Amount>, TxError> {
        match self.0.remove(field) {
            Some(Value::Amount(amount)) => Ok(Some(amount)),
            Some(_) => Err(TxError::Missing(field.name())),
            None => Ok(None),
        }
    }

    fn need_amount(&mut self, field: FieldId) -> Result<Amount, TxError> {
        self.amount(field)?.ok_or(TxError::Missing(field.name()))
    }

    fn need_account(&mut self, field: FieldId) -> Result<crate::ids::AccountId, TxError> {
        match self.0.remove(field) {
            Some(Value::Account(account)) => Ok(account),
            _ => Err(TxError::Missing(field.name())),
        }
    }
}

#[cfg(test)]
mod tests;
