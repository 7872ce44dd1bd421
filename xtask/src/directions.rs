//! Which crate may use which (ARCHITECTURE.md), and that one SQLite is linked.

use serde_json::Value;
use std::collections::BTreeSet;

/// Crate, and every crate of the house it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("ledger", &["units"]),
    ("engine", &["units", "ledger"]),
    ("sim", &["units", "ledger"]),
    ("platform", &[]),
    ("store", &["platform", "units", "ledger", "engine"]),
    ("crashlab", &["units", "ledger", "engine", "store"]),
    ("client", &["units", "ledger"]),
    ("server", &["platform", "units", "ledger", "sim"]),
    ("lab", &["units", "ledger", "engine", "sim", "store"]),
    ("session", &["platform", "units", "ledger", "engine", "store", "client", "lab"]),
    ("neo", &["platform", "units", "ledger", "engine", "sim", "store", "client", "server", "lab", "session"]),
    ("properties", &["units", "ledger", "engine", "sim", "client"]),
    ("bench", &["units", "ledger", "engine", "sim", "store", "client", "server"]),
    (
        "worlds",
        &[
            "platform", "units", "ledger", "engine", "sim", "store", "client", "server", "lab", "session",
            "crashlab",
        ],
    ),
    ("xtask", &[]),
];

/// External crates that a pure crate must never see: they wait, listen, or touch the disk.
const SHELL_ONLY: &[&str] =
    &["tokio", "rusqlite", "tokio-tungstenite", "clap", "indicatif", "tracing", "rand", "getrandom"];
const PURE: &[&str] = &["units", "ledger", "engine", "sim"];

/// Every broken rule as a sentence.
pub fn check(metadata: &Value) -> Vec<String> {
    let mut failures = Vec::new();
    let empty = Vec::new();
    let packages = metadata["packages"].as_array().unwrap_or(&empty);
    let members: BTreeSet<&str> =
        metadata["workspace_members"].as_array().unwrap_or(&empty).iter().filter_map(Value::as_str).collect();
    for package in packages.iter().filter(|p| p["id"].as_str().is_some_and(|id| members.contains(id))) {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(member, _)| *member == name) else {
            failures.push(format!("crate {name} has no row in xtask/src/directions.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap_or(&empty) {
            let used = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            let of_the_house = ALLOWED.iter().any(|(member, _)| *member == used);
            if of_the_house && !for_tests && !allowed.contains(&used) {
                failures.push(format!("{name} must not depend on {used}"));
            }
            if PURE.contains(&name) && !for_tests && SHELL_ONLY.contains(&used) {
                failures.push(format!("{name} is pure and must not depend on {used}"));
            }
        }
    }
    let sqlites = packages.iter().filter(|p| p["links"].as_str() == Some("sqlite3")).count();
    if sqlites != 1 {
        failures.push(format!("exactly one SQLite must be linked, found {sqlites}"));
    }
    failures
}
