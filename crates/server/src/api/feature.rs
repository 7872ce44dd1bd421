//! `feature`: the amendments the reference server knows, and which of them this ledger follows. Nothing is voted on.

use serde_json::{Map, Value, json};
use sim::amendments::{self, Amendment};

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, fields};
use crate::embedded::EmbeddedLedger;

/// All of them, or one by name or id. An administrator also sees the votes: none is cast for what is not there.
pub(crate) fn feature(ledger: &EmbeddedLedger, params: Params<'_>) -> Answer {
    if params.has("vetoed") {
        return Err(match params.is_admin() {
            true => ApiError::not_supported("Operation not supported."),
            false => ApiError::no_permission(),
        });
    }
    let about = |amendment: &Amendment| {
        let id = amendment.id();
        let enabled = ledger.world().amendments().contains(&id);
        let mut about =
            json!({ "enabled": enabled, "name": amendment.name, "supported": amendment.is_followed });
        if params.is_admin() && !enabled {
            about["vetoed"] = true.into();
        }
        (id.to_string(), about)
    };
    let all = amendments::all();
    if !params.has("feature") {
        let all: Map<String, Value> = all.iter().map(about).collect();
        return Ok(fields(json!({ "features": all })));
    }
    let asked = params.get("feature").and_then(Value::as_str);
    let asked = asked.ok_or_else(|| ApiError::expected("feature", "string"))?;
    let is_asked = |one: &&Amendment| one.name == asked || one.id().to_string().eq_ignore_ascii_case(asked);
    all.iter().find(is_asked).map(|one| Map::from_iter([about(one)])).ok_or_else(ApiError::bad_feature)
}
