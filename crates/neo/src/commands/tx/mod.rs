//! `neo tx encode|decode|hash|sign|explain`: documents on stdin, answers on stdout. Never opens a file or a socket,
//! never submits, and never repeats a secret.

mod decode;
mod document;
mod encode;
mod explain;
mod hash;
mod lines;
mod refusal;
mod sign;

use crate::cli::{TxCommand, TxForm};
use crate::exit::{Exit, Failure, Outcome};
use crate::out;
use refusal::Refusal;
use serde_json::Value as Json;
use std::io;

/// Answers one document with one line of JSON, or with words.
type Answer = fn(&str) -> Result<String, Refusal>;

/// Runs the command.
pub fn run(command: &TxCommand) -> Outcome {
    match command {
        TxCommand::Encode(form) => documents(form, encode::answer),
        TxCommand::Decode(form) => documents(form, decode::answer),
        TxCommand::Hash(form) => documents(form, hash::answer),
        TxCommand::Sign(form) => documents(form, sign::answer),
        TxCommand::Explain(form) if !form.json && !form.lines => in_words(explain::in_words),
        TxCommand::Explain(form) => documents(form, explain::answer),
    }
}

/// Every document of stdin, answered in JSON.
fn documents(form: &TxForm, answer: Answer) -> Outcome {
    if form.lines {
        let stdin = io::BufReader::with_capacity(lines::BUFFER_BYTES, io::stdin());
        let tally = match lines::pump(stdin, io::stdout().lock(), answer) {
            // Whoever reads has had enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            Err(error) => return Err(broken(&error)),
            Ok(tally) => tally,
        };
        return match tally.bad {
            0 => Ok(Exit::Done),
            bad => Err(Failure::failed(format!("{bad} of {} lines are bad; each says why", tally.lines))),
        };
    }
    match single(answer)? {
        Ok(text) => say(&text),
        Err(refusal) => {
            say(&refusal.to_json())?;
            Err(Failure::failed(refusal.to_string()))
        }
    }
}

/// The one document of stdin, answered for people.
fn in_words(answer: Answer) -> Outcome {
    match single(answer)? {
        Ok(text) => say(&text),
        Err(refusal) => Err(Failure::failed(refusal.to_string())),
    }
}

fn single(answer: Answer) -> Result<Result<String, Refusal>, Failure> {
    let bytes = document::read_all(io::stdin().lock()).map_err(|error| broken(&error))?;
    Ok(bytes.and_then(|bytes| answer(document::text(&bytes)?)))
}

fn say(text: &str) -> Outcome {
    out::line(text)?;
    Ok(Exit::Done)
}

fn broken(error: &io::Error) -> Failure {
    Failure::failed(format!("stdin or stdout: {error}"))
}

/// The line of an answer.
fn line(answer: &Json) -> String {
    answer.to_string()
}
