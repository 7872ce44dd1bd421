//! What the figures were seen on. Never guessed: what cannot be read is `unknown`.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use units::LedgerTime;

use crate::peer::Peer;

/// Seconds from 1970 to 2000, where ledger time begins.
const LEDGER_EPOCH: u64 = 946_684_800;

/// Machine, tools and date.
#[derive(Serialize)]
pub struct Machine {
    /// Model of the processor.
    pub cpu: String,
    /// Cores this process may use.
    pub cores: usize,
    /// Operating system and kernel.
    pub os: String,
    /// The compiler.
    pub rustc: String,
    /// Peers with what runs them.
    pub peers: Vec<String>,
    /// When, UTC.
    pub date: String,
    /// What else ran: runnable processes in the last minute, this bench among them.
    pub load: String,
}

impl Machine {
    /// Reads it all.
    pub fn read(peers: &[Peer]) -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let ledger_time = u32::try_from(seconds.saturating_sub(LEDGER_EPOCH)).unwrap_or(0);
        let kernel = read("/proc/sys/kernel/osrelease");
        let os = value_in("/etc/os-release", "PRETTY_NAME", '=').replace('"', "");
        Self {
            cpu: value_in("/proc/cpuinfo", "model name", ':'),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            os: format!("{os}, {} {kernel}", std::env::consts::OS),
            rustc: rustc(),
            peers: peers.iter().map(|peer| format!("{} ({})", peer.name, peer.runtime)).collect(),
            date: LedgerTime(ledger_time).to_iso(),
            load: load(),
        }
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let Self { cpu, cores, os, rustc, peers, date, load } = self;
        let peers = if peers.is_empty() { "no peers".to_owned() } else { peers.join(", ") };
        format!("{date}; {cpu}, {cores} cores, load {load} at the start; {os}; {rustc}; {peers}")
    }
}

/// Runnable processes in the last minute.
pub fn load() -> String {
    read("/proc/loadavg").split(' ').next().unwrap_or("unknown").to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn value_in(path: &str, key: &str, mark: char) -> String {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(key));
    line.and_then(|line| line.split_once(mark)).map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output().ok();
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    text.split(" (").next().filter(|version| !version.is_empty()).unwrap_or("rustc unknown").trim().to_owned()
}
