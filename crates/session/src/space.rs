//! Room on the disk that holds a session: looked at before it starts and at every ledger, so that offers are cancelled
//! and the session closed while there is still room to write that down.

use platform::disk;
use std::path::{Path, PathBuf};

/// One mebibyte.
const MIB: u64 = 1 << 20;

/// The disk of a session and how much of it must stay free.
#[derive(Debug, Clone)]
pub struct Space {
    place: PathBuf,
    least_bytes: u64,
}

impl Space {
    /// The disk that holds `place`, with `least_mib` mebibytes to stay free; 0 asks for nothing.
    pub fn of(place: &Path, least_mib: u32) -> Space {
        Space { place: place.to_owned(), least_bytes: u64::from(least_mib) * MIB }
    }

    /// What is missing, in words, when too little is free. A disk that cannot be asked is not judged: writing to it will
    /// tell.
    pub fn shortage(&self) -> Option<String> {
        if self.least_bytes == 0 {
            return None;
        }
        let free = match disk::free_bytes(&self.place) {
            Ok(free) => free,
            Err(error) => {
                tracing::warn!(%error, "the disk does not say how much of it is free");
                return None;
            }
        };
        (free < self.least_bytes).then(|| {
            format!(
                "{} MiB are free on the disk of {}, min_free_disk_mib asks for {}",
                free / MIB,
                self.place.display(),
                self.least_bytes / MIB
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortage_by_table() {
        let here = Path::new(".");
        assert_eq!(Space::of(here, 0).shortage(), None);
        assert_eq!(
            Space::of(here, 1).shortage(),
            None,
            "a machine with less than a mebibyte cannot run tests"
        );
        let missing = Space::of(here, u32::MAX).shortage().unwrap();
        assert!(missing.ends_with("on the disk of ., min_free_disk_mib asks for 4294967295"), "{missing}");
    }
}
