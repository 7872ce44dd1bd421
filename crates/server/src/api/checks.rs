//! `noripple_check` and `deposit_authorized`: advice on an account's settings. Changes nothing.

use ledger::{AccountId, Amount, fields as f, flags};
use serde_json::{Value, json};
use sim::world::{AccountLine, At};

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, state};
use crate::embedded::EmbeddedLedger;
use crate::limits::{NO_RIPPLE_DEFAULT, NO_RIPPLE_MAX, NO_RIPPLE_MIN};

/// Flag of an account root: its lines ripple unless said otherwise.
const LSF_DEFAULT_RIPPLE: u32 = 0x0080_0000;
/// Flag of an account root: it takes only deposits it allowed.
const LSF_DEPOSIT_AUTH: u32 = 0x0100_0000;

/// Compares an account's rippling settings with what its role needs, with transactions that would mend them.
pub(crate) fn no_ripple(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    for field in ["account", "role"] {
        if !params.has(field) {
            return Err(ApiError::missing(field));
        }
    }
    let text = params.text("account")?;
    let gateway = match params.get("role").and_then(Value::as_str) {
        Some("gateway") => true,
        Some("user") => false,
        _ => return Err(ApiError::bad_field("role")),
    };
    let limit = params.limit(NO_RIPPLE_MIN, NO_RIPPLE_DEFAULT, NO_RIPPLE_MAX)?;
    let with_transactions = params.strict_flag("transactions")?;
    let (at, mut answer) = state::lookup(ledger, params)?;
    let account = state::existing_account(ledger, at, Some(text), &answer)?;
    let mut found = Advice::new(ledger, at, account);
    found.default_ripple(gateway);
    for line in ledger.world().account_lines(at, account) {
        if found.problems.len() >= limit as usize {
            break;
        }
        found.line(&line, gateway);
    }
    if with_transactions {
        answer.insert("transactions".into(), found.transactions.into());
    }
    answer.insert("problems".into(), found.problems.into());
    Ok(answer)
}

struct Advice {
    account: AccountId,
    root_flags: u32,
    sequence: u32,
    fee_drops: String,
    problems: Vec<Value>,
    transactions: Vec<Value>,
}

impl Advice {
    fn new(ledger: &EmbeddedLedger, at: At, account: AccountId) -> Self {
        let root = ledger.world().account_root(at, account).map(|(_, root)| root).unwrap_or_default();
        Self {
            account,
            root_flags: root.u32(f::FLAGS).unwrap_or(0),
            sequence: root.u32(f::SEQUENCE).unwrap_or(0),
            fee_drops: ledger.fees().base_fee.to_string(),
            problems: Vec::new(),
            transactions: Vec::new(),
        }
    }

    fn default_ripple(&mut self, gateway: bool) {
        let is_set = self.root_flags & LSF_DEFAULT_RIPPLE != 0;
        if is_set && !gateway {
            let text = "You appear to have set your default ripple flag even though you are not a gateway. \
                        This is not recommended unless you are experimenting";
            self.problems.push(text.into());
        } else if gateway && !is_set {
            self.problems.push("You should immediately set your default ripple flag".into());
            self.mend(json!({ "TransactionType": "AccountSet", "SetFlag": flags::ASF_DEFAULT_RIPPLE }));
        }
    }

    fn line(&mut self, line: &AccountLine, gateway: bool) {
        let problem = match (line.no_ripple, gateway) {
            (true, true) => "You should clear the no ripple flag on your",
            (false, false) => "You should probably set the no ripple flag on your",
            _ => return,
        };
        self.problems.push(format!("{problem} {} line to {}", line.currency, line.peer).into());
        let limit = Amount::Issued { value: line.limit, currency: line.currency, issuer: line.peer };
        let flag: u32 = if line.no_ripple { 0x0004_0000 } else { flags::TF_SET_NO_RIPPLE };
        self.mend(json!({ "TransactionType": "TrustSet", "LimitAmount": limit.to_json(), "Flags": flag }));
    }

    fn mend(&mut self, mut transaction: Value) {
        if let Some(map) = transaction.as_object_mut() {
            map.insert("Account".into(), self.account.to_string().into());
            map.insert("Fee".into(), self.fee_drops.clone().into());
            map.insert("Sequence".into(), self.sequence.into());
            self.sequence = self.sequence.saturating_add(1);
        }
        self.transactions.push(transaction);
    }
}

/// Whether one account may send to another. This ledger has no preauthorization.
pub(crate) fn deposit_authorized(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let address = |name: &str| -> Result<AccountId, ApiError> {
        let value = params.get(name).ok_or_else(|| ApiError::missing(name))?;
        let text = value.as_str().ok_or_else(|| ApiError::expected(name, "a string"))?;
        text.parse().map_err(|_| ApiError::act_malformed())
    };
    let (source, destination) = (address("source_account")?, address("destination_account")?);
    let (at, mut answer) = state::lookup(ledger, params)?;
    if ledger.world().account_root(at, source).is_none() {
        return Err(ApiError::src_act_not_found().within(&answer));
    }
    let Some((_, root)) = ledger.world().account_root(at, destination) else {
        return Err(ApiError::dst_act_not_found().within(&answer));
    };
    let closed = root.u32(f::FLAGS).unwrap_or(0) & LSF_DEPOSIT_AUTH != 0;
    answer.insert("source_account".into(), source.to_string().into());
    answer.insert("destination_account".into(), destination.to_string().into());
    answer.insert("deposit_authorized".into(), (!closed || source == destination).into());
    Ok(answer)
}
