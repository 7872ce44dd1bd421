//! Puts the peers into the target directory: xrpl.js from npm's registry and xrpl-py from Python's, every version
//! pinned, once. A peer that cannot be had is told as SKIPPED, and the rest is measured without it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::peer::Peer;

const JS: &str = include_str!("../peers/peer.js");
const JS_PACKAGE: &str = include_str!("../peers/package.json");
const JS_LOCK: &str = include_str!("../peers/package-lock.json");
const PY: &str = include_str!("../peers/peer.py");
const PY_REQUIREMENTS: &str = include_str!("../peers/requirements.txt");

/// Starts every peer that can be had.
pub fn all(inputs: &Path) -> Vec<Peer> {
    let started = [("xrpl.js", xrpl_js(inputs)), ("xrpl-py", xrpl_py(inputs))];
    let told = started.into_iter().filter_map(|(name, peer)| match peer {
        Ok(peer) => Some(peer),
        Err(error) => {
            eprintln!("SKIPPED: {name}, because {error:#}");
            None
        }
    });
    told.collect()
}

fn xrpl_js(inputs: &Path) -> Result<Peer> {
    let folder = folder("xrpl-js")?;
    let script = folder.join("peer.js");
    std::fs::write(&script, JS)?;
    once(&folder, JS_LOCK, "npm ci", || {
        std::fs::write(folder.join("package.json"), JS_PACKAGE)?;
        std::fs::write(folder.join("package-lock.json"), JS_LOCK)?;
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let quiet = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        let impatient = ["--fetch-retries=1", "--fetch-timeout=30000"];
        quietly(Command::new(npm).args(quiet).args(impatient).current_dir(&folder))
    })?;
    Peer::start(Path::new("node"), &script, inputs)
}

fn xrpl_py(inputs: &Path) -> Result<Peer> {
    let folder = folder("xrpl-py")?;
    let script = folder.join("peer.py");
    std::fs::write(&script, PY)?;
    let venv = folder.join("venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    once(&folder, PY_REQUIREMENTS, "pip install", || {
        let list = folder.join("requirements.txt");
        std::fs::write(&list, PY_REQUIREMENTS)?;
        let system = if cfg!(windows) { "python" } else { "python3" };
        quietly(Command::new(system).args(["-m", "venv", "--clear"]).arg(&venv))?;
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout=30", "--retries=1"];
        quietly(Command::new(&python).args(pip).arg("--only-binary=:all:").arg("--requirement").arg(&list))
    })?;
    Peer::start(&python, &script, inputs)
}

/// `<target>/peers/<name>`. The bench itself is `<target>/<profile>/deps/<bench>`.
fn folder(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(3).context("the bench is not in a target directory")?;
    let folder = target.join("peers").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Installs unless the same versions were installed before.
fn once(folder: &Path, versions: &str, what: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == versions) {
        return Ok(());
    }
    eprintln!("set-up: {what} in {} (once)", folder.display());
    install()?;
    std::fs::write(&mark, versions)?;
    Ok(())
}

fn quietly(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("{program} does not start"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        let last =
            told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason given").trim();
        bail!("{program} failed: {last}");
    }
    Ok(())
}
