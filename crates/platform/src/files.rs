//! Files as the operating system has them: file systems on which SQLite's locks do not hold, permissions,
//! durable names. Never opens a database file.

use std::path::{Component, Path, PathBuf, Prefix};

/// File systems whose memory maps or locks are not shared between hosts or with the hypervisor
/// (sqlite.org/wal.html: "all processes using a database must be on the same host computer").
const NETWORK_KINDS: [&str; 16] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "virtiofs",
    "ceph",
    "glusterfs",
    "afs",
    "ncpfs",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.glusterfs",
    "vboxsf",
];

/// Folders that a program copies to other machines while the database is open.
const SYNC_FOLDERS: [&str; 4] = ["OneDrive", "Dropbox", "iCloudDrive", "Google Drive"];

/// The kind of the file system that will hold `path`, when it is one that a database must not lie on.
/// `path` need not exist: its nearest existing folder tells the file system.
#[must_use]
pub fn unsafe_file_system(path: &Path) -> Option<String> {
    let resolved = nearest_existing(path);
    // By name, also of a folder that is not there yet: the program that copies it may make it any time.
    if let Some(folder) = resolved.components().chain(path.components()).find_map(sync_folder) {
        return Some(folder);
    }
    if let Some(Component::Prefix(prefix)) = resolved.components().next()
        && matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    {
        return Some("network share (UNC)".to_owned());
    }
    let mounts = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default()
    } else {
        String::new()
    };
    let kind = mount_kind(&mounts, &resolved)?;
    NETWORK_KINDS.contains(&kind.as_str()).then_some(kind)
}

/// Where the holder of a lock names itself: in the lock file, and beside it where a held lock cannot be read.
#[must_use]
pub fn holder_path(lock: &Path) -> PathBuf {
    if cfg!(windows) { lock.with_extension("lock.holder") } else { lock.to_owned() }
}

/// Makes the folder of a database, for its owner alone where the system has such permissions.
///
/// # Errors
/// The system's.
pub fn create_private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Options that create a file for its owner alone where the system has such permissions.
#[must_use]
pub fn private_file() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.read(true).write(true).create(true).truncate(false);
    options
}

/// Makes an empty file for its owner alone at `path`, in the place of a file of that name, and gives it to whom `model`
/// belongs, or the folder of `model` when there is none: what a privileged user makes beside another's database is
/// that one's to use. Where the system has no such owners, or does not let it be given away, it is the maker's.
///
/// # Errors
/// The system's, of the making alone.
pub fn new_file_of_owner(path: &Path, model: &Path) -> std::io::Result<std::fs::File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // New, so that no link that somebody put there is followed and given away.
    let file = private_file().create_new(true).open(path)?;
    give(&file, model);
    Ok(file)
}

/// Gives a file that was just made to whom `model` belongs, or the folder of `model` when there is none. The best it
/// can: never fails.
pub fn give(file: &std::fs::File, model: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let folder = || model.parent().map_or(Err(std::io::ErrorKind::NotFound.into()), std::fs::metadata);
        let (Ok(wanted), Ok(made)) = (std::fs::metadata(model).or_else(|_| folder()), file.metadata()) else {
            return;
        };
        if (wanted.uid(), wanted.gid()) != (made.uid(), made.gid()) {
            drop(std::os::unix::fs::fchown(file, Some(wanted.uid()), Some(wanted.gid())));
        }
    }
    #[cfg(not(unix))]
    let _ = (file, model);
}

/// Makes the names in a folder durable. Where a folder cannot be opened as a file, the change of a name itself is all
/// there is.
///
/// # Errors
/// The system's.
pub fn sync_dir(dir: &Path) -> std::io::Result<()> {
    if cfg!(unix) { std::fs::File::open(dir)?.sync_all() } else { Ok(()) }
}

/// An absolute path as the path part of a `file:` URI: slashes, and one before a drive letter (sqlite.org/uri.html).
#[must_use]
pub fn uri_slashes(text: &str) -> String {
    if cfg!(windows) { format!("/{}", text.replace('\\', "/")) } else { text.to_owned() }
}

fn sync_folder(part: Component<'_>) -> Option<String> {
    let name = part.as_os_str().to_str()?;
    // Windows takes names in any case.
    let lower = name.to_lowercase();
    let hit = SYNC_FOLDERS
        .iter()
        .map(|folder| folder.to_lowercase())
        .any(|folder| lower == folder || lower.starts_with(&format!("{folder} -")));
    hit.then(|| format!("synchronised ({name})"))
}

pub(crate) fn nearest_existing(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.ancestors().find_map(|folder| std::fs::canonicalize(folder).ok()).unwrap_or(absolute)
}

/// The kind of the mount that holds `path`: the longest mount point that is a prefix of it, the last of equals
/// (proc_pid_mountinfo(5): field 5 is the mount point, the kind follows the ` - ` separator).
fn mount_kind(mountinfo: &str, path: &Path) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for line in mountinfo.lines() {
        let Some((left, right)) = line.split_once(" - ") else {
            continue;
        };
        let (Some(point), Some(kind)) = (left.split(' ').nth(4), right.split(' ').next()) else {
            continue;
        };
        let point = PathBuf::from(unescape(point));
        let depth = point.components().count();
        if path.starts_with(&point) && best.as_ref().is_none_or(|(deepest, _)| depth >= *deepest) {
            best = Some((depth, kind.to_owned()));
        }
    }
    best.map(|(_, kind)| kind)
}

/// Spaces, tabs, newlines and backslashes stand as `\` and three octal digits.
fn unescape(text: &str) -> String {
    let pairs = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    pairs.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /mnt/share rw - cifs //host/share rw
31 22 0:41 / /mnt/my\\040disk rw - 9p hostshare rw
32 30 0:42 / /mnt/share/local rw - ext4 /dev/vdb rw
33 22 0:43 / /mnt/over rw - ext4 /dev/vdc rw
34 22 0:44 / /mnt/over rw - nfs4 host:/x rw
";

    #[test]
    fn the_mount_that_holds_a_path() {
        for (path, kind) in [
            ("/home/a/neo.db", "ext4"),
            ("/mnt/share/neo.db", "cifs"),
            ("/mnt/shared/neo.db", "ext4"),
            ("/mnt/share/local/neo.db", "ext4"),
            ("/mnt/my disk/neo.db", "9p"),
            ("/mnt/over/neo.db", "nfs4"),
        ] {
            assert_eq!(mount_kind(MOUNTS, Path::new(path)).as_deref(), Some(kind), "{path}");
        }
    }

    #[test]
    fn folders_that_are_copied_elsewhere_are_refused() {
        for (path, refused) in [
            ("/no-such/OneDrive/neo.db", true),
            ("/no-such/OneDrive - Firm/neo.db", true),
            ("/no-such/Dropbox/x/neo.db", true),
            ("/no-such/onedrive/neo.db", true),
            ("/no-such/OneDriveless/neo.db", false),
        ] {
            // Not there, and refused all the same.
            assert_eq!(unsafe_file_system(Path::new(path)).is_some(), refused, "{path}");
        }
    }
}
