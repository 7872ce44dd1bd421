//! Programs that nobody here wrote use our server unchanged: xrpl.js and xrpl-py from their registries, each through a
//! scenario of funding, trust lines, crossing offers, cancels, tickets, pages and streams; and what their own parsers
//! say of our metadata is what ours say (`neo tx explain` prints the same). Versions are pinned where the bench pins
//! them; what cannot be had is SKIPPED.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;
#[path = "clients/plan.rs"]
mod plan;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use ledger::meta::Delta;
use ledger::{OfferChange, OfferStatus, TxMeta, balance_changes, offer_changes};
use serde_json::Value;
use server::{CloseMode, EmbeddedLedger, LedgerServer};
use sim::world::MarketSpec;
use units::Exact;

const JS_PACKAGE: &str = include_str!("../../bench/peers/package.json");
const JS_LOCK: &str = include_str!("../../bench/peers/package-lock.json");
const PY_REQUIREMENTS: &str = include_str!("../../bench/peers/requirements.txt");

/// Time between two ledgers; the clients look for a transaction's outcome once a second.
const INTERVAL: Duration = Duration::from_millis(400);

#[tokio::test]
async fn xrpl_js_trades_and_agrees() {
    let Some(folder) = told("xrpl.js", xrpl_js()) else { return };
    let address = serve().await;
    let mut command = Command::new("node");
    command.arg(script(&folder, "scenario.js")).arg(format!("ws://{address}")).current_dir(&folder);
    let (compared, _) =
        tokio::task::spawn_blocking(move || compare(command.output().unwrap())).await.unwrap();
    assert!(compared >= 12, "only {compared} transactions");
}

#[tokio::test]
async fn xrpl_py_trades_and_agrees() {
    let Some(folder) = told("xrpl-py", xrpl_py()) else { return };
    let address = serve().await;
    let mut command = Command::new(python(&folder));
    command
        .arg(script(&folder, "scenario.py"))
        .args([format!("ws://{address}"), format!("http://{address}")]);
    let (compared, offers) =
        tokio::task::spawn_blocking(move || compare(command.output().unwrap())).await.unwrap();
    assert!(compared >= 10 && offers >= 3, "only {compared} transactions and {offers} offers");
}

#[tokio::test]
async fn xrpl_js_sends_two_hundred_mixed_transactions() {
    let Some(folder) = told("xrpl.js", xrpl_js()) else { return };
    let address = serve().await;
    let mut command = Command::new("node");
    command.arg(script(&folder, "mixed.js")).arg(format!("ws://{address}")).arg(steps(&folder, "js.json"));
    command.current_dir(&folder);
    let (compared, _) =
        tokio::task::spawn_blocking(move || compare(command.output().unwrap())).await.unwrap();
    assert!(compared >= plan::DRAWN, "only {compared} transactions");
}

#[tokio::test]
async fn xrpl_py_sends_two_hundred_mixed_transactions() {
    let Some(folder) = told("xrpl-py", xrpl_py()) else { return };
    let address = serve().await;
    let mut command = Command::new(python(&folder));
    command.arg(script(&folder, "mixed.py")).arg(format!("ws://{address}")).arg(steps(&folder, "py.json"));
    let (compared, offers) =
        tokio::task::spawn_blocking(move || compare(command.output().unwrap())).await.unwrap();
    assert!(compared >= plan::DRAWN && offers >= 40, "only {compared} transactions and {offers} offers");
}

/// The script, in a file beside the client.
fn steps(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, serde_json::to_string(&plan::plan()).unwrap()).unwrap();
    path
}

/// A ledger that closes by the clock, with nothing in it but the genesis account and the paper wallet's set-up.
async fn serve() -> std::net::SocketAddr {
    let ledger = EmbeddedLedger::in_memory(common::spec(1, MarketSpec::None)).unwrap();
    let server = LedgerServer::new(ledger, CloseMode::Clock);
    let listening = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listening.address();
    tokio::spawn(listening.run());
    tokio::spawn(async move { server.run_clock(INTERVAL).await });
    address
}

/// Reads a scenario's documents and compares; gives the transactions and the offer changes compared.
fn compare(output: Output) -> (usize, usize) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the client failed: {told}");
    let (mut transactions, mut offers) = (0, 0);
    let mut done = false;
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let document: Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        if document.get("done").is_some() {
            eprintln!("{document}");
            done = true;
            continue;
        }
        let meta = TxMeta::from_json(&document["meta"]).unwrap();
        assert_eq!(ours(&meta), theirs(&document["balances"]), "{line}");
        let tx = ledger::Object::from_api_json(&document["tx"]).unwrap();
        if let Some(expected) = document.get("offers") {
            let ours = offer_changes(&meta, Some(&tx), None);
            offers += compare_offers(&ours, expected);
        }
        transactions += 1;
    }
    assert!(done, "the scenario did not come to its end: {told}");
    (transactions, offers)
}

/// Account, currency, other party, change.
type Line = (String, String, String, Exact);

fn ours(meta: &TxMeta) -> BTreeSet<Line> {
    let all = balance_changes(meta).into_iter();
    let lines =
        all.flat_map(|changes| changes.balances.into_iter().map(move |change| (changes.account, change)));
    lines
        .map(|(account, change)| {
            let value = match &change.delta {
                Delta::Issued(value) => value.clone(),
                Delta::Xrp(_) => change.delta.to_string().parse().unwrap(),
            };
            let (currency, party) = match change.line {
                Some((currency, party)) => (currency.to_string(), party.to_string()),
                None => ("XRP".to_owned(), String::new()),
            };
            (account.to_string(), currency, party, value)
        })
        .collect()
}

fn theirs(balances: &Value) -> BTreeSet<Line> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let accounts = balances.as_array().unwrap().iter();
    let lines = accounts.flat_map(|item| {
        let changes = item["balances"].as_array().unwrap().iter();
        changes.map(move |change| {
            let value = change["value"].as_str().unwrap().parse().unwrap();
            (text(&item["account"]), text(&change["currency"]), text(&change["issuer"]), value)
        })
    });
    lines.collect()
}

/// Their offers are among ours, with the same end; ours tell more kinds of end apart. Gives how many.
fn compare_offers(ours: &[OfferChange], expected: &Value) -> usize {
    let mut compared = 0;
    for maker in expected.as_array().unwrap() {
        for change in maker["offer_changes"].as_array().unwrap() {
            let account = maker["maker_account"].as_str().unwrap();
            let found = ours.iter().find(|offer| {
                offer.account.to_string() == account
                    && u64::from(offer.sequence) == change["sequence"].as_u64().unwrap()
            });
            let found = found.unwrap_or_else(|| panic!("{change} of {account} is not among {ours:?}"));
            let same = match change["status"].as_str().unwrap() {
                "created" => found.status == OfferStatus::Created,
                "partially-filled" => found.status == OfferStatus::PartiallyFilled,
                "filled" => found.status == OfferStatus::Filled,
                "cancelled" => found.status.is_gone() && found.status != OfferStatus::Filled,
                other => panic!("{other}"),
            };
            assert!(same, "{change} is {:?}", found.status);
            compared += 1;
        }
    }
    compared
}

// ------------------------------------------------------------------ putting the clients into the target directory

fn told(name: &str, folder: Result<PathBuf, String>) -> Option<PathBuf> {
    folder.inspect_err(|why| eprintln!("SKIPPED: {name}, because {why}")).ok()
}

fn xrpl_js() -> Result<PathBuf, String> {
    let folder = folder("xrpl-js")?;
    quietly(Command::new("node").arg("--version"))?;
    once(&folder, JS_LOCK, || {
        write(&folder.join("package.json"), JS_PACKAGE)?;
        write(&folder.join("package-lock.json"), JS_LOCK)?;
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let quiet = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        let impatient = ["--fetch-retries=1", "--fetch-timeout=30000"];
        quietly(Command::new(npm).args(quiet).args(impatient).current_dir(&folder))
    })?;
    Ok(folder)
}

fn xrpl_py() -> Result<PathBuf, String> {
    let folder = folder("xrpl-py")?;
    once(&folder, PY_REQUIREMENTS, || {
        let list = folder.join("requirements.txt");
        write(&list, PY_REQUIREMENTS)?;
        let system = if cfg!(windows) { "python" } else { "python3" };
        quietly(Command::new(system).args(["-m", "venv", "--clear"]).arg(folder.join("venv")))?;
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout=30", "--retries=1"];
        let list = ["--only-binary=:all:".into(), "--requirement".into(), list.into_os_string()];
        quietly(Command::new(python(&folder)).args(pip).args(list))
    })?;
    Ok(folder)
}

fn python(folder: &Path) -> PathBuf {
    folder.join("venv").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// `<target>/peers/<name>`, shared with the bench. This test is `<target>/<profile>/deps/<test>`.
fn folder(name: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|why| why.to_string())?;
    let target = own.ancestors().nth(3).ok_or("the test is not in a target directory")?;
    let folder = target.join("peers").join(name);
    std::fs::create_dir_all(&folder).map_err(|why| why.to_string())?;
    Ok(folder)
}

/// Installs unless the same versions were installed before.
fn once(folder: &Path, versions: &str, install: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == versions) {
        return Ok(());
    }
    install()?;
    write(&mark, versions)
}

/// The scenario beside the client, so that it finds the client's modules.
fn script(folder: &Path, name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name);
    let to = folder.join(name);
    std::fs::copy(from, &to).unwrap();
    to
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|why| format!("{}: {why}", path.display()))
}

fn quietly(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|why| format!("{program}: {why}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let last = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason given").trim();
    if output.status.success() { Ok(()) } else { Err(format!("{program} failed: {last}")) }
}
