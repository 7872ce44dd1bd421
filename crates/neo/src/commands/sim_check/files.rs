//! Where recordings are: `.json` holds one, `.jsonl` one a line, `.gz` is unpacked while it is read.

use crate::exit::Failure;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A recording is some megabytes; more is a mistake, or a bomb.
const RECORDING_BYTES_MAX: u64 = 256 << 20;

/// A file of recordings.
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// The group that its recordings are counted in.
    pub group: String,
    is_lines: bool,
    is_packed: bool,
}

/// The files below a folder, or the one file, in order of their names. Transcripts are no recordings.
pub fn find(path: &Path) -> Result<Vec<Source>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", path.display()));
    if std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Ok(source(path, "recordings").into_iter().collect());
    }
    let mut found = Vec::new();
    for entry in sorted(path).map_err(unreadable)? {
        let name = entry.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        if entry.is_dir() && name != "transcripts" {
            let inner = sorted(&entry).map_err(unreadable)?;
            found.extend(inner.iter().filter_map(|file| source(file, &name)));
        } else if entry.is_file() {
            let group = name.split('.').next().unwrap_or("recordings").to_owned();
            found.extend(source(&entry, &group));
        }
    }
    Ok(found)
}

fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

fn source(path: &Path, group: &str) -> Option<Source> {
    let name = path.file_name()?.to_str()?;
    let (plain, is_packed) = name.strip_suffix(".gz").map_or((name, false), |plain| (plain, true));
    let is_lines = plain.ends_with(".jsonl");
    let is_recording = is_lines || plain.ends_with(".json");
    is_recording.then(|| Source { path: path.to_owned(), group: group.to_owned(), is_lines, is_packed })
}

/// Gives every recording of a file to `each`, with its number from 1.
pub fn each(source: &Source, each: &mut dyn FnMut(u64, &str) -> Result<(), Failure>) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", source.path.display()));
    let file = File::open(&source.path).map_err(unreadable)?;
    let text: Box<dyn Read> =
        if source.is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut text = BufReader::new(text);
    for number in 1.. {
        let mut one = String::new();
        let mut bounded = text.by_ref().take(RECORDING_BYTES_MAX + 1);
        let read =
            if source.is_lines { bounded.read_line(&mut one) } else { bounded.read_to_string(&mut one) };
        let bytes = read.map_err(unreadable)? as u64;
        if bytes > RECORDING_BYTES_MAX {
            let path = source.path.display();
            return Err(Failure::usage(format!(
                "{path}, recording {number} is larger than {RECORDING_BYTES_MAX} bytes"
            )));
        }
        if bytes == 0 {
            return Ok(());
        }
        if !one.trim().is_empty() {
            each(number, &one)?;
        }
    }
    Ok(())
}
