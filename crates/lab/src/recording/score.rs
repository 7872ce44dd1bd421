//! How much of a recording came out the same: counts by family and the first differences in words.

use std::collections::BTreeMap;

/// Differences of one scenario that are kept in words.
const SHOWN_MAX: usize = 5;
/// Characters of one difference that are kept.
const DIFFERENCE_MAX: usize = 4_000;

/// Equal and compared, by family.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Score {
    families: BTreeMap<&'static str, (u64, u64)>,
    differences: Vec<String>,
}

impl Score {
    /// Counts one comparison; `what` describes a difference.
    pub(super) fn count(&mut self, family: &'static str, is_equal: bool, what: impl FnOnce() -> String) {
        let (equal, compared) = self.families.entry(family).or_default();
        *compared += 1;
        *equal += u64::from(is_equal);
        if !is_equal && self.differences.len() < SHOWN_MAX {
            let text: String = format!("{family}: {}", what()).chars().take(DIFFERENCE_MAX).collect();
            self.differences.push(text);
        }
    }

    /// Adds the counts of another, without its words.
    pub fn add(&mut self, other: &Score) {
        for (family, (equal, compared)) in &other.families {
            let own = self.families.entry(family).or_default();
            own.0 += equal;
            own.1 += compared;
        }
    }

    /// Whether everything compared was equal, and anything was compared.
    #[must_use]
    pub fn is_full(&self) -> bool {
        !self.families.is_empty() && self.families.values().all(|(equal, compared)| equal == compared)
    }

    /// Family, equal, compared.
    pub fn families(&self) -> impl Iterator<Item = (&'static str, u64, u64)> + '_ {
        self.families.iter().map(|(family, (equal, compared))| (*family, *equal, *compared))
    }

    /// The first differences.
    #[must_use]
    pub fn differences(&self) -> &[String] {
        &self.differences
    }
}
