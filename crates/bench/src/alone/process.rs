//! The program as a process: a whole session as fast as it goes, memory while it waits, and the time from its start to
//! the first offer. Memory is read from `/proc`, so on other systems it is SKIPPED.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::Bench;
use crate::figures::{Figure, Figures};
use crate::rounds::Spread;

/// After this long a process is at rest.
const AT_REST: Duration = Duration::from_secs(4);
/// Between two looks at a process.
const LOOK: Duration = Duration::from_millis(20);
/// A first offer that takes longer is a failure.
const FIRST_OFFER_MAX: Duration = Duration::from_secs(60);
/// The log line that says that the ledger answered a submission.
const SUBMITTED: &str = "submitted intent=";

/// Everything that only shows from outside.
pub fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let binary = bench.program.binary.as_path();
    let mut figures = Figures::of("process");
    starts(binary, bench.effort.passes, &mut figures)?;
    idle(binary, &mut figures)?;
    session(binary, bench.effort.session, &mut figures)?;
    Ok(figures.into_all())
}

/// The start alone, and the start to the first offer.
fn starts(binary: &Path, passes: usize, figures: &mut Figures) -> Result<()> {
    let mut versions = Vec::new();
    for _ in 0..passes {
        let clock = Instant::now();
        let output = Command::new(binary).arg("--version").output()?;
        versions.push(millis(clock.elapsed()));
        if !output.status.success() {
            bail!("--version failed: {}", output.status);
        }
    }
    let all = Spread::of(versions);
    figures.add("start and end (`--version`)", all.median, "ms", between(all));
    for (name, speed) in [("--speed max", "max"), ("the default speed", "10")] {
        let times: Result<Vec<f64>> = (0..passes).map(|_| first_offer(binary, speed)).collect();
        let all = Spread::of(times?);
        figures.add(format!("start to the first offer answered, {name}"), all.median, "ms", between(all));
    }
    Ok(())
}

fn first_offer(binary: &Path, speed: &str) -> Result<f64> {
    let dir = TempDir::new()?;
    let clock = Instant::now();
    let mut process = Process::start(binary, dir.path(), &["-vv", "paper", "--speed", speed])?;
    let lines = process.errors()?;
    let mut last = String::new();
    while let Some(left) = FIRST_OFFER_MAX.checked_sub(clock.elapsed()) {
        match lines.recv_timeout(left) {
            Ok(line) if line.contains(SUBMITTED) => return Ok(millis(clock.elapsed())),
            Ok(line) => last = line,
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => bail!("it ended before its first offer: {last}"),
        }
    }
    bail!("no offer within {FIRST_OFFER_MAX:?}: {last}")
}

/// Memory a few seconds after the start.
fn idle(binary: &Path, figures: &mut Figures) -> Result<()> {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: memory, because it is read from /proc");
        return Ok(());
    }
    let serve = ["sim", "serve", "--listen", "127.0.0.1:0"];
    for (name, args) in
        [("paper at the default speed", &["paper"][..]), ("sim serve without clients", &serve)]
    {
        let dir = TempDir::new()?;
        let process = Process::start(binary, dir.path(), args)?;
        std::thread::sleep(AT_REST);
        let (now, most) = (process.memory("VmRSS:")?, process.memory("VmHWM:")?);
        let note = format!("{} s after the start; at most {most:.1} before", AT_REST.as_secs());
        figures.add(format!("memory of {name}"), now, "MiB", note);
    }
    Ok(())
}

fn session(binary: &Path, duration: &str, figures: &mut Figures) -> Result<()> {
    let dir = TempDir::new()?;
    let args = ["paper", "--duration", duration, "--speed", "max", "--json"];
    let clock = Instant::now();
    let mut process = Process::start(binary, dir.path(), &args)?;
    let (mut most, mut busy): (f64, f64) = (0.0, 0.0);
    let status = loop {
        if let Some(status) = process.0.try_wait()? {
            break status;
        }
        if cfg!(target_os = "linux") {
            // It may have ended since.
            most = most.max(process.memory("VmHWM:").unwrap_or(0.0));
            busy = busy.max(process.busy().unwrap_or(0.0));
        }
        std::thread::sleep(LOOK);
    };
    let wall = clock.elapsed();
    if !status.success() {
        bail!("the session ended with {status}");
    }
    let bytes = std::fs::metadata(dir.path().join("bench.db"))?.len() as f64 / f64::from(1 << 20);
    figures.add(
        format!("a whole session of {duration}, --speed max"),
        wall.as_secs_f64(),
        "s",
        "from the start of the process to its end, every step committed",
    );
    if most > 0.0 {
        figures.add(
            "its processor time",
            busy,
            "s",
            "the rest is waiting: for the disk, and for the processor",
        );
        figures.add("its memory at most", most, "MiB", format!("its database afterwards: {bytes:.1} MiB"));
    }
    Ok(())
}

/// A running program, ended with its handle.
struct Process(Child);

impl Process {
    /// In a folder of its own: without a configuration file, with its database there.
    fn start(binary: &Path, dir: &Path, args: &[&str]) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(args).current_dir(dir).env_remove("NEO_LOG").stdin(Stdio::null()).stdout(Stdio::null());
        if args.contains(&"paper") {
            command.args(["--db", "bench.db"]);
        }
        let errors = if args.contains(&"-vv") { Stdio::piped() } else { Stdio::null() };
        Ok(Self(command.stderr(errors).spawn().with_context(|| binary.display().to_string())?))
    }

    /// Its log, line by line, read to the end in a thread so that it never has to wait.
    fn errors(&mut self) -> Result<Receiver<String>> {
        let stderr = self.0.stderr.take().context("no log")?;
        let (lines, heard) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stderr);
            let mut line = String::new();
            while reader.by_ref().read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                if lines.send(std::mem::take(&mut line)).is_err() {
                    break;
                }
            }
        });
        Ok(heard)
    }

    /// Seconds of processor time, user's and system's: fields 14 and 15 of `/proc/<id>/stat`, in hundredths (proc(5)).
    fn busy(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let (_, after_name) = stat.rsplit_once(')').context("no name")?;
        let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
    }

    /// A line of `/proc/<id>/status` that is in KiB, as MiB.
    fn memory(&self, key: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find(|line| line.starts_with(key)).context("no such line")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; its folder goes with it either way.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn between(all: Spread) -> String {
    format!("{:.0} to {:.0}", all.min, all.max)
}
