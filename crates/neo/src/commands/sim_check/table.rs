//! Families and groups as a table for people, and the first differences under it.

use super::Group;
use std::fmt::Write as _;

/// Recordings whose differences are shown.
const SHOWN_MAX: usize = 10;

/// The whole text.
pub fn text(groups: &[Group]) -> String {
    let mut out = String::new();
    for group in groups {
        let _ = writeln!(
            out,
            "{}: {} of {} recordings equal in everything",
            group.name, group.equal, group.recordings
        );
        for (family, equal, compared) in group.score.families() {
            let mark = if equal == compared { "" } else { "  <-- differs" };
            let _ = writeln!(out, "  {family:<16}{equal:>9} of {compared:>9}{mark}");
        }
        for report in group.different.iter().take(SHOWN_MAX) {
            let _ = writeln!(out, "  {} differs:", report.name);
            for difference in report.score.differences() {
                let _ = writeln!(out, "    {}", difference.replace('\n', "\n    "));
            }
        }
        if group.different.len() > SHOWN_MAX {
            let _ = writeln!(out, "  and {} more recordings", group.different.len() - SHOWN_MAX);
        }
    }
    out
}
