//! A field by its type and number, and what the definitions say about it. Never holds a value.

use std::fmt;

use super::fields::FIELDS;

/// The types of the binary format that fields have, with their published codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
#[expect(missing_docs, reason = "each variant is the published name of the type, nothing more")]
pub enum TypeCode {
    UInt16 = 1,
    UInt32 = 2,
    UInt64 = 3,
    Hash128 = 4,
    Hash256 = 5,
    Amount = 6,
    Blob = 7,
    AccountId = 8,
    Number = 9,
    Int32 = 10,
    Int64 = 11,
    Object = 14,
    Array = 15,
    UInt8 = 16,
    Hash160 = 17,
    PathSet = 18,
    Vector256 = 19,
    Hash192 = 21,
    Issue = 24,
    XChainBridge = 25,
    Currency = 26,
    Transaction = 10001,
    LedgerEntry = 10002,
    Validation = 10003,
    Metadata = 10004,
}

/// A field of the ledger's format. Ordered canonically: by type code, then by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct FieldId(u32);

impl FieldId {
    pub(super) const fn new(kind: TypeCode, nth: u16) -> Self {
        Self((kind as u32) << 16 | nth as u32)
    }

    /// By name; `None` when the definitions do not have it.
    pub fn by_name(name: &str) -> Option<Self> {
        FieldInfo::by_name(name).map(|info| info.id)
    }

    /// By type code and number as in the binary format; `None` when the definitions do not have it.
    pub fn by_code(type_code: u16, nth: u16) -> Option<Self> {
        let id = Self(u32::from(type_code) << 16 | u32::from(nth));
        id.info().map(|_| id)
    }

    /// What the definitions say about it; direct, for every field that is serialized. `None` only for an id read from
    /// foreign serialized data.
    pub fn info(self) -> Option<&'static FieldInfo> {
        let (type_code, nth) = (usize::from(self.type_code()), usize::from(self.nth()));
        if type_code < TYPES && nth < NUMBERS {
            // Row 0 stands for "no field" and for the first field alike: the id tells them apart.
            let row = BY_CODE.get(type_code * NUMBERS + nth)?;
            return FIELDS.get(usize::from(*row)).filter(|info| info.id == self);
        }
        FIELDS.binary_search_by_key(&self, |info| info.id).ok().and_then(|i| FIELDS.get(i))
    }

    /// The published name; `?` for an id that is in no definitions.
    pub fn name(self) -> &'static str {
        self.info().map_or("?", |info| info.name)
    }

    /// The code of the field's type.
    pub const fn type_code(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The field's number within its type.
    pub const fn nth(self) -> u16 {
        (self.0 & 0xFFFF) as u16
    }
}

impl fmt::Debug for FieldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for FieldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One row of the field table.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    id: FieldId,
    name: &'static str,
    kind: TypeCode,
    has_length: bool,
    is_serialized: bool,
    is_signing: bool,
}

impl FieldInfo {
    pub(super) const fn new(id: FieldId, name: &'static str, kind: TypeCode, flags: &'static str) -> Self {
        let flags = flags.as_bytes();
        Self {
            id,
            name,
            kind,
            has_length: has(flags, b'v'),
            is_serialized: has(flags, b's'),
            is_signing: has(flags, b'g'),
        }
    }

    /// By the name of its field; `None` when the definitions do not have it. One look into a table in nearly every case.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        let mut slot = slot_of(name.as_bytes());
        loop {
            // Less than half of the slots are taken, so that every search ends.
            let info = FIELDS.get(usize::from(BY_NAME[slot]))?;
            if info.name == name {
                return Some(info);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// The field.
    pub const fn id(&self) -> FieldId {
        self.id
    }

    /// Its published name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its type.
    pub const fn kind(&self) -> TypeCode {
        self.kind
    }

    /// Whether a length stands before the value.
    pub const fn has_length(&self) -> bool {
        self.has_length
    }

    /// Whether it is part of the binary form at all.
    pub const fn is_serialized(&self) -> bool {
        self.is_serialized
    }

    /// Whether it is part of what a signature covers.
    pub const fn is_signing(&self) -> bool {
        self.is_signing
    }
}

const fn has(flags: &[u8], flag: u8) -> bool {
    let mut i = 0;
    while i < flags.len() {
        if flags[i] == flag {
            return true;
        }
        i += 1;
    }
    false
}

const COUNT: usize = FIELDS.len();
/// Type codes and numbers that have a place in [`BY_CODE`]: all that are serialized.
const TYPES: usize = 27;
const NUMBERS: usize = 256;

/// The row of [`FIELDS`] by type code and number.
static BY_CODE: [u16; TYPES * NUMBERS] = {
    let mut rows = [0; TYPES * NUMBERS];
    let mut row = 0;
    while row < COUNT {
        let id = FIELDS[row].id;
        let (type_code, nth) = (id.type_code() as usize, id.nth() as usize);
        if type_code < TYPES && nth < NUMBERS {
            rows[type_code * NUMBERS + nth] = row as u16;
        }
        row += 1;
    }
    rows
};

/// Slots for names: a power of two, more than twice the number of fields.
const SLOTS: usize = 1024;
/// A slot without a field.
const EMPTY: u16 = u16::MAX;

/// The row of [`FIELDS`] by name: each in the first free slot from the one its hash names.
static BY_NAME: [u16; SLOTS] = {
    assert!(COUNT * 2 < SLOTS);
    let mut rows = [EMPTY; SLOTS];
    let mut row = 0;
    while row < COUNT {
        let mut slot = slot_of(FIELDS[row].name.as_bytes());
        while rows[slot] != EMPTY {
            slot = (slot + 1) % SLOTS;
        }
        rows[slot] = row as u16;
        row += 1;
    }
    rows
};

/// Where the search for a name begins: its length, its first eight bytes and its last eight, mixed in one multiplication.
/// A name that is made to collide costs a walk over the neighbours, all of them published names.
const fn slot_of(name: &[u8]) -> usize {
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (short_word(name), 0),
    };
    let mixed = first ^ last.rotate_left(29) ^ name.len() as u64;
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize % SLOTS
}

/// Fewer than eight bytes as one number.
const fn short_word(name: &[u8]) -> u64 {
    let mut word = 0;
    let mut i = 0;
    while i < name.len() {
        word = word << 8 | name[i] as u64;
        i += 1;
    }
    word
}
