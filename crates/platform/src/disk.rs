//! How much room a disk has, and whether a name still stands for the same file. Never opens the file.

use std::path::Path;

/// Bytes that a program without privileges may still write to the file system that holds `path`, which need not exist:
/// its nearest existing folder counts.
///
/// # Errors
/// The system's.
pub fn free_bytes(path: &Path) -> std::io::Result<u64> {
    fs4::available_space(super::files::nearest_existing(path))
}

/// Which file a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId(u64, u64);

/// The file behind a name; `None` when there is none.
#[cfg(unix)]
#[must_use]
pub fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::symlink_metadata(path).ok()?;
    Some(FileId(meta.dev(), meta.ino()))
}

/// The file behind a name; `None` when there is none. Where the system does not say which it is, all files are one:
/// on Windows a file that SQLite has open can neither be taken away nor replaced.
#[cfg(windows)]
#[must_use]
pub fn file_id(path: &Path) -> Option<FileId> {
    std::fs::symlink_metadata(path).ok()?;
    let numbers = super::names::information(path).map(|i| FileId(i.volume_serial_number(), i.file_index()));
    Some(numbers.unwrap_or(FileId(0, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_told_for_paths_that_are_and_are_not() {
        let here = free_bytes(Path::new(".")).unwrap();
        let below = free_bytes(Path::new("./no-such-folder/no-such-file")).unwrap();
        assert!(here > 0 && below > 0, "{here} {below}");
    }

    #[test]
    fn another_file_of_the_same_name_is_told_apart() {
        let dir = std::env::temp_dir().join(format!("neo-file-id-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (path, other) = (dir.join("a"), dir.join("b"));
        assert_eq!(file_id(&path), None);
        std::fs::write(&path, "1").unwrap();
        std::fs::write(&other, "2").unwrap();
        let first = file_id(&path);
        std::fs::write(&path, "more").unwrap();
        assert!(first.is_some() && file_id(&path) == first);
        std::fs::rename(&other, &path).unwrap();
        assert!(file_id(&path) != first);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
