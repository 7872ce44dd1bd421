//! The chain that makes a journal provable: each link is a hash over the one before, the input and the step. Never
//! holds wall time, session id or path, so one config, seed and market give one digest.

use crate::config::Config;
use crate::identity::Identity;
use crate::input::Input;
use crate::step::Step;
use ledger::Hash256;
use sha2::{Digest, Sha256};

/// Why a link could not be made. Cannot happen for values the engine makes; a caller must still not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal cannot encode this value: {0}")]
pub struct JournalError(String);

/// Version of the encoding of inputs and steps. A journal of another version cannot be read by this program.
pub const VERSION: i64 = 5;

const GENESIS: &str = "neo journal v";
const CHECKPOINT: &str = "neo checkpoint of";

/// The link before the first input: config and identity.
///
/// # Errors
/// [`JournalError`] when the identity cannot be encoded.
pub fn genesis(config: &Config, identity: &Identity) -> Result<Hash256, JournalError> {
    let mut hash = Sha256::new();
    hash.update(format!("{GENESIS}{VERSION}"));
    framed(&mut hash, config.canonical_text().as_bytes());
    framed(&mut hash, &bytes_of(identity)?);
    Ok(Hash256(hash.finalize().into()))
}

/// The binary form of an input, as the journal holds it.
///
/// # Errors
/// [`JournalError`] when it cannot be encoded.
pub fn encode_input(input: &Input) -> Result<Vec<u8>, JournalError> {
    bytes_of(input)
}

/// Reads an input of the journal.
///
/// # Errors
/// [`JournalError`] for bytes that are no input.
pub fn decode_input(bytes: &[u8]) -> Result<Input, JournalError> {
    match postcard::take_from_bytes(bytes) {
        Ok((input, [])) => Ok(input),
        Ok((_, rest)) => Err(JournalError(format!("{} bytes too many", rest.len()))),
        Err(error) => Err(JournalError(error.to_string())),
    }
}

/// The link of one input and its step. Log lines are not part of it.
///
/// # Errors
/// [`JournalError`] when the step cannot be encoded.
pub fn link(previous: &Hash256, input_bytes: &[u8], step: &Step) -> Result<Hash256, JournalError> {
    Ok(link_encoded(previous, input_bytes, &encode_step(step, Vec::new())?))
}

/// The binary form of a step, as the journal holds it, after what `bytes` holds already: a caller with many steps gives
/// the same buffer again. Log lines are not part of it.
///
/// # Errors
/// [`JournalError`] when the step cannot be encoded.
pub fn encode_step(step: &Step, bytes: Vec<u8>) -> Result<Vec<u8>, JournalError> {
    encode_after(bytes, &(&step.effects, &step.records, &step.decision))
}

/// The link of one input and its step, both in their binary form: what proves a stored row without reading it.
#[must_use]
pub fn link_encoded(previous: &Hash256, input_bytes: &[u8], step_bytes: &[u8]) -> Hash256 {
    let mut hash = Sha256::new();
    hash.update(previous.as_bytes());
    framed(&mut hash, input_bytes);
    framed(&mut hash, step_bytes);
    Hash256(hash.finalize().into())
}

/// The digest of a checkpoint: what an engine knew, and the link of the row after which it did.
#[must_use]
pub fn link_checkpoint(row: &Hash256, state: &[u8]) -> Hash256 {
    let mut hash = Sha256::new();
    hash.update(CHECKPOINT);
    hash.update(row.as_bytes());
    framed(&mut hash, state);
    Hash256(hash.finalize().into())
}

fn framed(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// The binary form of a value after what `bytes` holds already.
pub(crate) fn encode_after<T: serde::Serialize>(bytes: Vec<u8>, value: &T) -> Result<Vec<u8>, JournalError> {
    postcard::to_extend(value, bytes).map_err(|error| JournalError(error.to_string()))
}

fn bytes_of<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, JournalError> {
    postcard::to_stdvec(value).map_err(|error| JournalError(error.to_string()))
}
