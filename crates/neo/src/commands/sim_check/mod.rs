//! `neo sim check DIR`: recordings of a real server through the built-in ledger, and how much came out the same. Writes
//! nothing.

mod files;
mod table;

use crate::cli::SimCheckArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::text::printable;
use files::Source;
use indicatif::{ProgressBar, ProgressDrawTarget};
use lab::{RecordingReport, Score, check_recording};
use serde_json::json;

/// What came of a group of recordings.
#[derive(Default)]
pub struct Group {
    /// Its name: `named`, `random`, or the folder's.
    pub name: String,
    /// All of them together.
    pub score: Score,
    /// Places of what the recordings hold and nobody compares.
    pub unread: std::collections::BTreeSet<String>,
    /// Recordings.
    pub recordings: usize,
    /// Of them equal in everything.
    pub equal: usize,
    /// Those that were not.
    pub different: Vec<RecordingReport>,
}

/// Runs the command.
pub fn run(args: &SimCheckArgs) -> Outcome {
    let sources = files::find(&args.path)?;
    let bar = ProgressBar::with_draw_target(Some(sources.len() as u64), ProgressDrawTarget::stderr());
    let mut groups: Vec<Group> = Vec::new();
    for source in &sources {
        let checked = check_source(source, &mut groups);
        bar.inc(1);
        checked?;
    }
    bar.finish_and_clear();
    if groups.is_empty() {
        return Err(Failure::usage(format!(
            "there are no recordings in {}: a recording is a .json, .json.gz, .jsonl or .jsonl.gz file with `setup` and `steps`",
            args.path.display()
        )));
    }
    let is_equal = groups.iter().all(|group| group.equal == group.recordings);
    if args.json {
        crate::out::line(&document(&groups, is_equal).to_string())?;
    } else {
        crate::out::text(&printable(&table::text(&groups)))?;
    }
    Ok(if is_equal { Exit::Done } else { Exit::Failed })
}

/// Every recording of a file, one at a time in memory.
fn check_source(source: &Source, groups: &mut Vec<Group>) -> Result<(), Failure> {
    files::each(source, &mut |line, text| {
        let report = check_recording(text).map_err(|error| {
            Failure::usage(format!(
                "{}, recording {line}: {error}; nothing was compared after it",
                source.path.display()
            ))
        })?;
        let group = match groups.iter_mut().position(|group| group.name == source.group) {
            Some(at) => &mut groups[at],
            None => {
                groups.push(Group { name: source.group.clone(), ..Group::default() });
                let last = groups.len() - 1;
                &mut groups[last]
            }
        };
        group.recordings += 1;
        group.score.add(&report.score);
        group.unread.extend(report.unread.iter().cloned());
        if report.score.is_full() {
            group.equal += 1;
        } else {
            group.different.push(report);
        }
        Ok(())
    })
}

fn document(groups: &[Group], is_equal: bool) -> serde_json::Value {
    let group = |group: &Group| {
        let families: serde_json::Map<_, _> = group
            .score
            .families()
            .map(|(family, equal, compared)| {
                (family.to_owned(), json!({"equal": equal, "compared": compared}))
            })
            .collect();
        let different: Vec<_> = group
            .different
            .iter()
            .map(|report| json!({"name": report.name, "differences": report.score.differences()}))
            .collect();
        json!({"name": group.name, "recordings": group.recordings, "equal": group.equal, "families": families,
               "not_compared": group.unread,
               "different": different})
    };
    json!({"format": 1, "equal": is_equal, "groups": groups.iter().map(group).collect::<Vec<_>>()})
}
