//! A peer: a process of its own that stays alive through the run and answers one line of JSON to one line of JSON.
//! Never asked two things at once.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use crate::ours::Sample;
use crate::work::Job;

/// A running peer.
pub struct Peer {
    /// Name and version.
    pub name: String,
    /// What runs it, with its version.
    pub runtime: String,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts `program script inputs` and waits for its greeting.
    pub fn start(program: &Path, script: &Path, inputs: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .arg(script)
            .arg(inputs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let stdin = child.stdin.take().context("no way to ask")?;
        let stdout = BufReader::new(child.stdout.take().context("no way to hear")?);
        let mut peer = Self { name: String::new(), runtime: String::new(), child, stdin, stdout };
        let hello = peer.ask(&json!({ "do": "hello" }))?;
        peer.name = hello["name"].as_str().context("a peer without a name")?.to_owned();
        peer.runtime = hello["runtime"].as_str().unwrap_or_default().to_owned();
        Ok(peer)
    }

    /// Every result of a job, as results are compared.
    pub fn results(&mut self, job: &Job) -> Result<Vec<Json>> {
        let mut answer = self.ask(&json!({ "do": "check", "work": job.verb(), "data": job.data }))?;
        match answer["results"].take() {
            Json::Array(results) => Ok(results),
            _ => bail!("{} gave no results for {}", self.name, job.name()),
        }
    }

    /// Does a job for about `budget`.
    pub fn run(&mut self, job: &Job, budget: Duration) -> Result<Sample> {
        let ms = u64::try_from(budget.as_millis())?;
        let answer = self.ask(&json!({ "do": "run", "work": job.verb(), "data": job.data, "ms": ms }))?;
        let number = |name: &str| answer[name].as_u64().with_context(|| format!("no `{name}` in {answer}"));
        Ok(Sample { count: number("count")?, ns: number("ns")? })
    }

    fn ask(&mut self, command: &Json) -> Result<Json> {
        writeln!(self.stdin, "{command}")?;
        self.stdin.flush()?;
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            bail!("{} ended while it was asked {command}", self.name);
        }
        let answer: Json = serde_json::from_str(&line).with_context(|| line.clone())?;
        match answer.get("error") {
            Some(error) => bail!("{}: {error}", self.name),
            None => Ok(answer),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell either way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
