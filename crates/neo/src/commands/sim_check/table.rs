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
        let mut unread: Vec<&str> = group.unread.iter().map(String::as_str).collect();
        if let Some(more) = unread.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
            unread.truncate(SHOWN_MAX);
            let _ = writeln!(out, "  not compared: {} and {more} more", unread.join(", "));
        } else if !unread.is_empty() {
            let _ = writeln!(out, "  not compared: {}", unread.join(", "));
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
