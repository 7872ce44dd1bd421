//! `account_currencies` and `gateway_balances`: what an account's trust lines add up to.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{AccountId, Currency};
use serde_json::{Map, Value, json};
use units::IssuedValue;

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, state};
use crate::embedded::EmbeddedLedger;

/// What the account can receive and send, by its trust lines.
pub(crate) fn currencies(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let text =
        params.text(if params.has("account") || !params.has("ident") { "account" } else { "ident" })?;
    let (at, mut answer) = state::lookup(ledger, params)?;
    let account = state::existing_account(ledger, at, Some(text), &answer)?;
    let (mut receive, mut send) = (BTreeSet::new(), BTreeSet::new());
    for line in ledger.world().account_lines(at, account) {
        if line.balance < line.limit {
            receive.insert(line.currency);
        }
        if line.balance.negate() < line.limit_peer {
            send.insert(line.currency);
        }
    }
    let listed =
        |set: BTreeSet<Currency>| set.iter().map(|currency| Value::from(currency.to_string())).collect();
    answer.insert("receive_currencies".into(), Value::Array(listed(receive)));
    answer.insert("send_currencies".into(), Value::Array(listed(send)));
    Ok(answer)
}

/// What an issuer owes, by currency; and the lines that are not that: those of named wallets, frozen ones, and
/// what others owe it.
pub(crate) fn balances(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    let (at, mut answer) = state::lookup(ledger, params)?;
    let named = params.get("account").or_else(|| params.get("ident"));
    let text = named.ok_or_else(|| ApiError::missing("account"))?.as_str();
    let account = text.and_then(|text| text.parse::<AccountId>().ok()).ok_or_else(ApiError::act_malformed)?;
    answer.insert("account".into(), account.to_string().into());
    if params.is_v2() && ledger.world().account_root(at, account).is_none() {
        return Err(ApiError::act_not_found().within(&answer));
    }
    let hot = hot_wallets(params.get("hotwallet")).ok_or_else(|| {
        let error = if params.is_v2() { ApiError::invalid_params() } else { ApiError::invalid_hotwallet() };
        error.within(&answer)
    })?;
    let mut sums: BTreeMap<Currency, IssuedValue> = BTreeMap::new();
    let (mut balances, mut frozen, mut assets) = (Lists::default(), Lists::default(), Lists::default());
    for line in ledger.world().account_lines(at, account) {
        let owed = line.balance.negate();
        let (peer, currency) = (line.peer, line.currency);
        match line.balance {
            balance if balance.is_zero() => {}
            _ if hot.contains(&peer) => balances.add(peer, currency, owed),
            balance if balance.is_positive() => assets.add(peer, currency, balance),
            _ if line.freeze => frozen.add(peer, currency, owed),
            _ => {
                let sum = sums.entry(currency).or_insert(IssuedValue::ZERO);
                *sum = sum.checked_add(owed).unwrap_or(*sum);
            }
        }
    }
    if !sums.is_empty() {
        let sums = sums.into_iter().map(|(currency, sum)| (currency.to_string(), sum.to_string().into()));
        answer.insert("obligations".into(), Value::Object(sums.collect()));
    }
    for (name, lists) in [("balances", balances), ("frozen_balances", frozen), ("assets", assets)] {
        answer.extend(lists.json().map(|json| (name.to_owned(), json)));
    }
    Ok(answer)
}

/// Amounts by account.
#[derive(Default)]
struct Lists(BTreeMap<AccountId, Vec<Value>>);

impl Lists {
    fn add(&mut self, peer: AccountId, currency: Currency, value: IssuedValue) {
        let entry = json!({ "currency": currency.to_string(), "value": value.to_string() });
        self.0.entry(peer).or_default().push(entry);
    }

    fn json(self) -> Option<Value> {
        let lists: Map<String, Value> =
            self.0.into_iter().map(|(peer, list)| (peer.to_string(), list.into())).collect();
        (!lists.is_empty()).then_some(Value::Object(lists))
    }
}

fn hot_wallets(value: Option<&Value>) -> Option<BTreeSet<AccountId>> {
    let read = |value: &Value| value.as_str()?.parse().ok();
    match value {
        None => Some(BTreeSet::new()),
        Some(Value::Array(items)) => items.iter().map(read).collect(),
        Some(one) => read(one).map(|account| BTreeSet::from([account])),
    }
}
