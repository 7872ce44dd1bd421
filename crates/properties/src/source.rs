//! Documents out of bytes: the fuzzer's bytes choose names and values, so that most of what comes out is nearly right.
//! Any bytes give a document; equal bytes give equal documents.

use ledger::tables::TypeCode;
use ledger::{AccountId, Currency, EntryType, FieldId, ResultCode, TxType, hex};
use serde_json::{Map, Number, Value as Json, json};
use std::sync::LazyLock;

/// Objects within objects that a document has at most: more than the codec reads.
const DEPTH_MAX: u8 = 18;

/// Bytes that are used up from the front; an empty source gives zeroes.
pub struct Source<'a> {
    bytes: &'a [u8],
}

/// Every field of the published definitions.
static FIELDS: LazyLock<Vec<FieldId>> = LazyLock::new(|| {
    let types = (1..=30).chain([10001, 10002, 10003, 10004]);
    types.flat_map(|kind| (1..300).filter_map(move |nth| FieldId::by_code(kind, nth))).collect()
});
/// Fields with one name each that documents of transactions have most of the time.
const USUAL: [&str; 12] = [
    "Account",
    "Fee",
    "Sequence",
    "Flags",
    "TakerGets",
    "TakerPays",
    "Amount",
    "Destination",
    "SigningPubKey",
    "TxnSignature",
    "Balance",
    "LastLedgerSequence",
];

impl<'a> Source<'a> {
    /// A source of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Source<'a> {
        Source { bytes }
    }

    /// What is left.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next byte, or 0.
    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = usize::from(self.byte()) << 8 | usize::from(self.byte());
        wide.checked_rem(end).unwrap_or(0)
    }

    /// Up to `count` of the next bytes.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(count.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    /// Exactly `N` bytes, zeroes where none are left.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N);
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        let at = self.below(items.len());
        items.get(at).copied()
    }

    /// A transaction's JSON, signed or not.
    pub fn transaction(&mut self) -> Json {
        let mut map = Map::new();
        let types: Vec<TxType> = TxType::all().map(|(_, code)| code).collect();
        let kind = self.pick(&types).map_or_else(|| "Payment".to_owned(), |code| code.to_string());
        map.insert("TransactionType".to_owned(), kind.into());
        self.fill(&mut map, &USUAL, 0);
        Json::Object(map)
    }

    /// A metadata document: nodes of any kind, each with the fields that the readers look for, and others.
    pub fn metadata(&mut self) -> Json {
        let count = self.below(6);
        let nodes: Vec<Json> = (0..count).map(|_| self.node()).collect();
        let codes: Vec<ResultCode> = ResultCode::all().map(|(_, code)| code).collect();
        let result = self.pick(&codes).map_or_else(|| "tesSUCCESS".to_owned(), |code| code.to_string());
        let mut map = Map::new();
        map.insert("AffectedNodes".to_owned(), nodes.into());
        map.insert("TransactionIndex".to_owned(), self.byte().into());
        map.insert("TransactionResult".to_owned(), result.into());
        if self.byte().is_multiple_of(4) {
            map.insert("delivered_amount".to_owned(), self.amount());
        }
        self.fill(&mut map, &["DeliveredAmount", "ParentBatchID"], 0);
        Json::Object(map)
    }

    fn node(&mut self) -> Json {
        const OFTEN: [&str; 8] = [
            "Offer",
            "AccountRoot",
            "RippleState",
            "AMM",
            "MPToken",
            "Escrow",
            "PayChannel",
            "MPTokenIssuance",
        ];
        const KEYS: [&str; 22] = [
            "Account",
            "Balance",
            "Sequence",
            "TakerGets",
            "TakerPays",
            "BookDirectory",
            "Flags",
            "LowLimit",
            "HighLimit",
            "AMMID",
            "LPTokenBalance",
            "TradingFee",
            "Asset",
            "Asset2",
            "MPTAmount",
            "MPTokenIssuanceID",
            "OutstandingAmount",
            "LockedAmount",
            "Amount",
            "Destination",
            "Expiration",
            "OwnerNode",
        ];
        let all: Vec<EntryType> = EntryType::all().map(|(_, code)| code).collect();
        let entry = match self.byte() % 8 {
            0 => self.pick(&all).map_or_else(|| "Offer".to_owned(), |code| code.to_string()),
            _ => self.pick(&OFTEN).unwrap_or("Offer").to_owned(),
        };
        let (action, after) = match self.byte() % 3 {
            0 => ("CreatedNode", "NewFields"),
            1 => ("ModifiedNode", "FinalFields"),
            _ => ("DeletedNode", "FinalFields"),
        };
        let mut node = Map::new();
        node.insert("LedgerEntryType".to_owned(), entry.into());
        node.insert("LedgerIndex".to_owned(), hex::encode(&self.array::<32>()).into());
        for name in [after, "PreviousFields"] {
            if !self.byte().is_multiple_of(8) {
                let mut fields = Map::new();
                self.fill(&mut fields, &KEYS, 1);
                node.insert(name.to_owned(), Json::Object(fields));
            }
        }
        json!({ action: node })
    }

    /// Any document: an object of any fields, or a value that is none.
    pub fn document(&mut self) -> Json {
        if self.byte().is_multiple_of(16) {
            return self.wild();
        }
        let mut map = Map::new();
        self.fill(&mut map, &USUAL, 0);
        Json::Object(map)
    }

    /// Adds fields: mostly of the usual names, each most often with a value of its own type.
    fn fill(&mut self, map: &mut Map<String, Json>, usual: &[&str], depth: u8) {
        for _ in 0..self.below(10) {
            let field = match self.byte() % 4 {
                0 => self.pick(&FIELDS),
                _ => self.pick(usual).and_then(FieldId::by_name),
            };
            let Some(field) = field else { continue };
            let value = self.value(field, depth.saturating_add(1));
            map.insert(field.name().to_owned(), value);
        }
    }

    fn value(&mut self, field: FieldId, depth: u8) -> Json {
        let Some(info) = field.info() else { return Json::Null };
        if self.byte().is_multiple_of(16) || depth > DEPTH_MAX {
            return self.wild();
        }
        let hex_of = |bytes: &[u8]| Json::from(hex::encode(bytes));
        match info.kind() {
            TypeCode::UInt8 => self.byte().into(),
            TypeCode::UInt16 => u16::from_be_bytes(self.array()).into(),
            TypeCode::UInt32 => u32::from_be_bytes(self.array()).into(),
            TypeCode::UInt64 if self.byte().is_multiple_of(2) => hex_of(&self.array::<8>()),
            TypeCode::UInt64 => u64::from_be_bytes(self.array()).to_string().into(),
            TypeCode::Int32 => i32::from_be_bytes(self.array()).into(),
            TypeCode::Int64 => i64::from_be_bytes(self.array()).to_string().into(),
            TypeCode::Hash128 => hex_of(&self.array::<16>()),
            TypeCode::Hash160 => hex_of(&self.array::<20>()),
            TypeCode::Hash192 => hex_of(&self.array::<24>()),
            TypeCode::Hash256 => hex_of(&self.array::<32>()),
            TypeCode::Amount => self.amount(),
            TypeCode::Blob => {
                let length = self.below(80);
                hex_of(self.take(length))
            }
            TypeCode::AccountId => self.account().into(),
            TypeCode::Number => self.decimal().into(),
            TypeCode::Vector256 => (0..self.below(4)).map(|_| hex_of(&self.array::<32>())).collect(),
            TypeCode::Issue => self.asset(),
            TypeCode::Currency => self.currency().into(),
            TypeCode::PathSet => (0..self.below(3)).map(|_| self.path()).collect(),
            TypeCode::XChainBridge => json!({
                "LockingChainDoor": self.account(), "LockingChainIssue": self.asset(),
                "IssuingChainDoor": self.account(), "IssuingChainIssue": self.asset(),
            }),
            TypeCode::Object => self.object(depth),
            TypeCode::Array => (0..self.below(4)).map(|_| self.item(depth)).collect(),
            TypeCode::Transaction | TypeCode::LedgerEntry | TypeCode::Validation | TypeCode::Metadata => {
                self.wild()
            }
        }
    }

    fn object(&mut self, depth: u8) -> Json {
        let mut map = Map::new();
        self.fill(&mut map, &USUAL, depth);
        Json::Object(map)
    }

    fn item(&mut self, depth: u8) -> Json {
        const ITEMS: [&str; 5] = ["Memo", "Signer", "SignerEntry", "VoteEntry", "RawTransaction"];
        json!({ self.pick(&ITEMS).unwrap_or("Memo"): self.object(depth) })
    }

    fn path(&mut self) -> Json {
        let step = |source: &mut Self| {
            let mut step = Map::new();
            let kinds = source.byte();
            for (bit, name) in [(1, "account"), (2, "issuer")] {
                if kinds & bit != 0 {
                    step.insert(name.to_owned(), source.account().into());
                }
            }
            if kinds & 4 != 0 {
                step.insert("currency".to_owned(), source.currency().into());
            }
            Json::Object(step)
        };
        (0..self.below(4)).map(|_| step(self)).collect()
    }

    fn account(&mut self) -> String {
        match self.byte() % 4 {
            0 => AccountId(self.array()).to_string(),
            // Few accounts, so that they meet again.
            few => AccountId([few; 20]).to_string(),
        }
    }

    fn currency(&mut self) -> String {
        match self.byte() % 5 {
            0 => "XRP".to_owned(),
            1 => "USD".to_owned(),
            2 => Currency::RLUSD.to_string(),
            3 => Currency(self.array()).to_string(),
            _ => hex::encode(&self.array::<20>()),
        }
    }

    fn asset(&mut self) -> Json {
        match self.byte() % 4 {
            0 => json!({ "currency": "XRP" }),
            1 => json!({ "mpt_issuance_id": hex::encode(&self.array::<24>()) }),
            _ => json!({ "currency": self.currency(), "issuer": self.account() }),
        }
    }

    fn amount(&mut self) -> Json {
        match self.byte() % 4 {
            0 => (u64::from_be_bytes(self.array()) >> 8).to_string().into(),
            1 => u32::from_be_bytes(self.array()).to_string().into(),
            2 => json!({ "value": self.decimal(), "mpt_issuance_id": hex::encode(&self.array::<24>()) }),
            _ => json!({ "value": self.decimal(), "currency": self.currency(), "issuer": self.account() }),
        }
    }

    fn decimal(&mut self) -> String {
        let mantissa = i64::from_be_bytes(self.array());
        match self.byte() % 4 {
            0 => format!("{mantissa}"),
            1 => format!("{}e{}", mantissa >> 11, i32::from(self.byte()) - 128),
            2 => format!("{}.{}", mantissa >> 32, self.byte()),
            _ => format!("{}", mantissa >> 40),
        }
    }

    /// A value of any kind, nested or not.
    fn wild(&mut self) -> Json {
        match self.byte() % 10 {
            0 => Json::Null,
            1 => true.into(),
            2 => i64::from_be_bytes(self.array()).into(),
            3 => u64::from_be_bytes(self.array()).into(),
            4 => Number::from_f64(f64::from_be_bytes(self.array())).map_or(Json::Null, Json::Number),
            5 => {
                let length = self.below(40);
                String::from_utf8_lossy(self.take(length)).into_owned().into()
            }
            6 => json!([]),
            7 => json!({}),
            8 => nested(self.byte()),
            _ => self.decimal().into(),
        }
    }
}

/// Arrays and objects within each other.
fn nested(depth: u8) -> Json {
    (0..depth).fold(Json::Null, |inner, level| {
        if level.is_multiple_of(2) { json!([inner]) } else { json!({ "Memo": inner, "Memos": [] }) }
    })
}
