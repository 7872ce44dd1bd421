//! SHA-256 of a file, and the text file beside it that states it in the form of `sha256sum`. Never opens the live
//! database: that would drop SQLite's locks (sqlite.org/howtocorrupt.html, 2.2).

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use platform::files as platform;
use sha2::{Digest, Sha256};

use super::name::beside;
use crate::session::hex;

/// A checksum file is one line.
const TEXT_MAX: u64 = 64 * 1024;

/// The SHA-256 of a file's bytes, lower-case hexadecimal.
pub(crate) fn of_file(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer)?;
        match buffer.get(..n) {
            Some(bytes) if n > 0 => hash.update(bytes),
            _ => break,
        }
    }
    Ok(hex(&hash.finalize()))
}

/// What the file beside `path` states; `None` when there is none or it does not read.
pub(crate) fn stated(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(beside(path, ".sha256")).ok()?.take(TEXT_MAX).read_to_string(&mut text).ok()?;
    let word = text.trim_start_matches('\\').split_whitespace().next()?;
    let is_sum = word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    is_sum.then(|| word.to_ascii_lowercase())
}

/// Writes the file beside `path`, durably but for its name in the folder, for the owner of the database at `db`.
pub(crate) fn write(path: &Path, sum: &str, db: &Path) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // As sha256sum writes a name that would break its line.
    let (mark, name) = if name.contains(['\\', '\n']) {
        ("\\", name.replace('\\', "\\\\").replace('\n', "\\n"))
    } else {
        ("", name)
    };
    let (tmp, kept) = (beside(path, ".sha256.tmp"), beside(path, ".sha256"));
    let mut file = platform::new_file_of_owner(&tmp, db)?;
    file.write_all(format!("{mark}{sum}  {name}\n").as_bytes())?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(tmp, kept)
}
