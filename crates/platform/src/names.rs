//! What a file is called: the one path it goes by, and whether it has another name. SQLite's log, its lock and ours go
//! by name, so a file under two names would have two of each. Never changes a file.

use std::path::{Component, Path, PathBuf, Prefix};

/// The one path by which a file is known: absolute; on Windows without `\\?\` and without the dots and spaces that
/// Windows drops from the end of a name. `None` for what is no file on a disk: a device (`NUL`, `\\.\...`) or a stream
/// of a file (`a.db:b`), as learn.microsoft.com/windows/win32/fileio/naming-a-file has them.
#[must_use]
pub fn plain(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    if !cfg!(windows) {
        return Some(absolute);
    }
    let absolute = match absolute.components().next()? {
        Component::Prefix(prefix) => match prefix.kind() {
            Prefix::Disk(_) | Prefix::UNC(..) | Prefix::VerbatimUNC(..) => absolute,
            Prefix::VerbatimDisk(_) => std::path::absolute(absolute.to_str()?.strip_prefix(r"\\?\")?).ok()?,
            Prefix::Verbatim(_) | Prefix::DeviceNS(_) => return None,
        },
        _ => return None,
    };
    let is_stream = |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_encoded_bytes().contains(&b':'));
    (!absolute.components().any(is_stream)).then_some(absolute)
}

/// Whether `path` is a symbolic link or its file has more than one name.
#[must_use]
pub fn is_linked(path: &Path) -> bool {
    let Ok(meta) = std::fs::symlink_metadata(path) else {
        return false;
    };
    meta.is_symlink() || (meta.is_file() && (link_count(path, &meta) > 1 || is_short(path)))
}

#[cfg(unix)]
fn link_count(_: &Path, meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(meta)
}

#[cfg(windows)]
fn link_count(path: &Path, _: &std::fs::Metadata) -> u64 {
    information(path).map_or(1, |information| information.number_of_links())
}

/// What Windows knows of the file behind a name.
#[cfg(windows)]
pub(crate) fn information(path: &Path) -> std::io::Result<winapi_util::file::Information> {
    winapi_util::file::information(winapi_util::Handle::from_path_any(path)?)
}

/// Whether the name is the short one that Windows gives a long name besides (`AVERYL~1.DB`).
fn is_short(path: &Path) -> bool {
    let name = |path: &Path| Some(path.file_name()?.to_string_lossy().to_lowercase());
    cfg!(windows) && std::fs::canonicalize(path).is_ok_and(|real| name(&real) != name(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_name_is_seen() {
        let dir = std::env::temp_dir().join(format!("neo-names-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (path, other) = (dir.join("a long name.database"), dir.join("b"));
        assert!(!is_linked(&path));
        std::fs::write(&path, "1").unwrap();
        assert!(!is_linked(&path));
        std::fs::hard_link(&path, &other).unwrap();
        assert!(is_linked(&path) && is_linked(&other));
        std::fs::remove_file(&other).unwrap();
        assert!(!is_linked(&path));
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_made_absolute_and_nothing_else() {
        for name in ["/a/b:c.db", "/a/b.db.", r"/a/\\?\C:\b.db"] {
            assert_eq!(plain(Path::new(name)).as_deref(), Some(Path::new(name)));
        }
        assert!(plain(Path::new("a.db")).is_some_and(|path| path.is_absolute()));
        assert_eq!(plain(Path::new("")), None);
    }

    #[cfg(windows)]
    #[test]
    fn one_path_for_all_the_ways_to_write_it() {
        for (name, path) in [
            (r"C:\a\b.db", Some(r"C:\a\b.db")),
            ("C:/a/./x/../b.db", Some(r"C:\a\b.db")),
            (r"C:\a\b.db. .", Some(r"C:\a\b.db")),
            (r"\\?\C:\a\b.db", Some(r"C:\a\b.db")),
            (r"\\server\share\b.db", Some(r"\\server\share\b.db")),
            (r"C:\a\b.db:stream", None),
            (r"\\.\C:\a\b.db", None),
            ("NUL", None),
            ("", None),
        ] {
            assert_eq!(plain(Path::new(name)).as_deref(), path.map(Path::new), "{name}");
        }
    }
}
