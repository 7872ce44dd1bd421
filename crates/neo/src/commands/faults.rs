//! `--faults FILE` of `neo sim serve` and `neo paper`: reads the file, and says at the end what was done.

use crate::exit::Failure;
use ledger::text::printable;
use server::{FaultScript, LedgerServer};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A file of faults is a page or two; more is a mistake.
const BYTES_MAX: u64 = 1_000_000;
/// Characters of a file's name that are shown.
const NAME_MAX: usize = 1_000;

/// Reads the file, if one is named.
///
/// # Errors
/// A usage failure that lists everything that is wrong with it, each with its line.
pub fn load(path: Option<&Path>) -> Result<Option<FaultScript>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let name = printable(&path.display().to_string(), NAME_MAX);
    let unreadable = |why: std::io::Error| Failure::usage(format!("cannot read the faults in {name}: {why}"));
    // Asked before it is opened, since opening a pipe waits for its other end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Failure::usage(format!("{name} is not a regular file")));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() as u64 <= BYTES_MAX);
    let text =
        text.ok_or_else(|| Failure::usage(format!("{name} is no text of at most {BYTES_MAX} bytes")))?;
    FaultScript::from_yaml(&text).map(Some).map_err(|wrong| {
        let list: String = wrong.0.iter().map(|line| format!("\n  - {line}")).collect();
        Failure::usage(format!("the faults in {name} cannot be used; nothing was started:{list}\ndocs/serve.md lists every fault."))
    })
}

/// Refuses a script of which a part is over before the server of network `network_id` has begun, with `newest` as its newest
/// closed ledger, or whose other network is this one.
///
/// # Errors
/// A usage failure that names the lines.
pub fn still_to_come(script: &FaultScript, newest: u32, network_id: u32) -> Result<(), Failure> {
    if let Some(line) = script.own_network(network_id) {
        return Err(Failure::usage(format!(
            "faults that can never strike; nothing was started:\n  - line {line}: network_id: {network_id} is this network's own; another number"
        )));
    }
    let over = script.over_before(newest);
    if over.is_empty() {
        return Ok(());
    }
    let list: String = over
        .iter()
        .map(|(line, last)| {
            format!("\n  - line {line}: to_ledger: {last} is past: the server begins with ledger {newest} closed; a number from {newest} on, or none")
        })
        .collect();
    Err(Failure::usage(format!("faults that can never strike; nothing was started:{list}")))
}

/// Lets a server go wrong by the script, on both of its nodes; says where the second one listens.
///
/// # Errors
/// When the second node's address cannot be had.
pub async fn begin(server: &LedgerServer, script: Option<&FaultScript>) -> Result<Option<String>, Failure> {
    let Some(script) = script else { return Ok(None) };
    server.set_faults(script.clone());
    let Some(address) = script.second_node() else { return Ok(None) };
    let listening =
        server.listen_second(address).await.map_err(|error| Failure::refused(error.to_string()))?;
    let address = listening.address();
    tokio::spawn(listening.run());
    Ok(Some(format!("ws://{address}")))
}

/// What struck, by kind; nothing without a script.
pub fn end(server: &LedgerServer, script: Option<&FaultScript>) -> Option<String> {
    script.map(|_| server.fault_summary().to_string())
}
