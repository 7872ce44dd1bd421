//! The corpora's tool: inputs of the fuzz targets from text to files and back, and one input again without a fuzzer.

use properties::{DOORS, corpus, door, seeds};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "properties doors               the names of the doors
properties unpack DOOR FOLDER   the kept and the first inputs of a door, a file each
properties pack DOOR FOLDER     keeps the inputs of a folder, and nothing else
properties try DOOR FILE        one input again: ends well, or with the law that is broken";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["doors"] => {
            DOORS.iter().for_each(|(name, _)| println!("{name}"));
            Ok(())
        }
        ["unpack", name, folder] => unpack(name, Path::new(folder)),
        ["pack", name, folder] => pack(name, Path::new(folder)),
        ["try", name, file] => once(name, Path::new(file)),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn unpack(name: &str, folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let path = corpus::path(name);
    let text = if path.exists() { read(&path)? } else { Vec::new() };
    let text = String::from_utf8(text).map_err(|_| format!("{} is not text", path.display()))?;
    let kept =
        corpus::parse(&text).map_err(|line| format!("{}: line {line} is no hexadecimal", path.display()))?;
    for (at, input) in kept.iter().chain(&seeds::of(name)).enumerate() {
        let file = folder.join(format!("kept-{at:05}"));
        std::fs::write(&file, input).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}

fn pack(name: &str, folder: &Path) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    let mut inputs = files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let found = inputs.len();
    inputs.retain(|input| input.len() <= corpus::KEPT_BYTES_MAX);
    let path = corpus::path(name);
    println!("{name}: {} inputs kept, {} longer ones left out", inputs.len(), found - inputs.len());
    std::fs::write(&path, corpus::text(inputs)).map_err(|e| format!("{}: {e}", path.display()))
}

fn once(name: &str, file: &Path) -> Result<(), String> {
    let door = door(name).ok_or_else(|| format!("no door is called {name}\n{USAGE}"))?;
    door(&read(file)?);
    println!("{name}: every law holds for {}", file.display());
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}
