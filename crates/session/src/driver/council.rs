//! What several nodes say of the same ledgers: which hash holds, whether to wait for more voices, or whether they contradict
//! each other. Pure: no clock and no socket; the caller says when somebody has been silent for too long.

use ledger::Hash256;
use std::collections::{BTreeMap, BTreeSet};
use units::LedgerIndex;

/// Ledgers before the last one counted of which statements are kept, and how many later ones a node may speak of. The next
/// one that counts may be any: after an outage it is the newest of the network.
const WINDOW: u32 = 256;

/// What holds of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// More than half of those who speak say so, and nobody who matters says otherwise.
    Agreed,
    /// More voices are needed.
    Wait,
    /// More than half of all nodes say something else.
    Outvoted(String),
    /// They contradict each other, and no side is more than half of all nodes.
    Split(String),
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing unusual.
    Noted,
    /// The node has said two things of one ledger: from now on nothing it says counts.
    Liar(String),
    /// It contradicts a ledger that was accounted for, and is not outvoted.
    Against(String),
}

/// The nodes and what they said.
#[derive(Debug)]
pub(super) struct Council {
    names: Vec<String>,
    said: BTreeMap<LedgerIndex, BTreeMap<usize, Hash256>>,
    /// Nodes that let a ledger pass without a word; until they speak again nobody waits for them.
    silent: BTreeSet<usize>,
    /// Nodes that were caught saying two things.
    liars: BTreeSet<usize>,
    /// What was accounted for.
    counted: BTreeMap<LedgerIndex, Hash256>,
}

impl Council {
    pub fn new(names: Vec<String>) -> Council {
        let (silent, liars) = (BTreeSet::new(), BTreeSet::new());
        Council { names, said: BTreeMap::new(), silent, liars, counted: BTreeMap::new() }
    }

    /// A node says which hash a ledger has.
    pub fn hear(&mut self, node: usize, index: LedgerIndex, hash: Hash256) -> Heard {
        let newest = self.counted.keys().next_back().copied();
        let is_old = newest.is_some_and(|newest| index.plus(WINDOW) < newest);
        if is_old || self.liars.contains(&node) {
            return Heard::Noted;
        }
        let Some(name) = self.names.get(node) else { return Heard::Noted };
        let before = self.said.entry(index).or_default().insert(node, hash);
        if let Some(before) = before.filter(|before| *before != hash) {
            let what = format!("{name} says of ledger {index} both {before} and {hash}");
            self.liars.insert(node);
            self.said.values_mut().for_each(|said| {
                said.remove(&node);
            });
            return Heard::Liar(what);
        }
        self.forget_the_first_of_too_many(node, newest);
        if newest.is_none_or(|newest| index >= newest) {
            self.silent.remove(&node);
        }
        let Some(counted) = self.counted.get(&index) else { return Heard::Noted };
        match self.verdict(index, *counted) {
            Verdict::Outvoted(what) | Verdict::Split(what) => Heard::Against(what),
            Verdict::Agreed | Verdict::Wait => Heard::Noted,
        }
    }

    /// Of ledgers that are still to count, each node's last statements are kept: one that invents ledgers forgets its own.
    fn forget_the_first_of_too_many(&mut self, node: usize, newest: Option<LedgerIndex>) {
        let later = newest.map_or(LedgerIndex::default(), |newest| newest.plus(1));
        let own =
            || self.said.range(later..).filter(|(_, by)| by.contains_key(&node)).map(|(index, _)| *index);
        let (count, first) = (own().count(), own().next());
        let Some(first) = first.filter(|_| count > WINDOW as usize) else { return };
        if let Some(by) = self.said.get_mut(&first) {
            by.remove(&node);
            if by.is_empty() {
                self.said.remove(&first);
            }
        }
    }

    /// Whether nothing that this node says counts.
    pub fn is_liar(&self, node: usize) -> bool {
        self.liars.contains(&node)
    }

    /// Whether this is the hash of that ledger.
    pub fn verdict(&self, index: LedgerIndex, hash: Hash256) -> Verdict {
        let all = self.names.len() - self.liars.len();
        let none = BTreeMap::new();
        let said = self.said.get(&index).unwrap_or(&none);
        let votes = said.values().filter(|other| **other == hash).count();
        let against = said.len() - votes;
        let most_against = said
            .values()
            .filter(|other| **other != hash)
            .map(|other| said.values().filter(|one| *one == other).count())
            .max()
            .unwrap_or(0);
        let is_awaited = |node: &usize| !self.silent.contains(node) && !self.liars.contains(node);
        let speaking =
            (0..self.names.len()).filter(|node| said.contains_key(node) || is_awaited(node)).count();
        if all == 0 {
            Verdict::Split(format!("ledger {index}: every node has said two things of one ledger"))
        } else if votes * 2 > all {
            Verdict::Agreed
        } else if most_against * 2 > all {
            Verdict::Outvoted(self.told(index, said))
        } else if against == 0 {
            if votes * 2 > speaking { Verdict::Agreed } else { Verdict::Wait }
        } else if said.len() < speaking {
            Verdict::Wait
        } else {
            Verdict::Split(self.told(index, said))
        }
    }

    /// Nobody waits any longer for those who have not spoken of this ledger; gives their names.
    pub fn pass(&mut self, index: LedgerIndex) -> Vec<String> {
        let said = self.said.get(&index);
        let mute: Vec<usize> = (0..self.names.len())
            .filter(|node| !self.liars.contains(node))
            .filter(|node| said.is_none_or(|said| !said.contains_key(node)) && self.silent.insert(*node))
            .collect();
        mute.iter().filter_map(|node| self.names.get(*node).cloned()).collect()
    }

    /// The ledger is accounted for with this hash.
    pub fn count(&mut self, index: LedgerIndex, hash: Hash256) {
        self.counted.insert(index, hash);
        let newest = self.counted.keys().next_back().copied().unwrap_or(index);
        let is_near = |index: &LedgerIndex| index.get().abs_diff(newest.get()) <= WINDOW;
        self.counted.retain(|index, _| is_near(index));
        self.said.retain(|index, _| is_near(index));
    }

    /// Who has not spoken of this ledger and has spoken of a later one: they must be asked.
    pub fn has_passed(&self, index: LedgerIndex) -> bool {
        let said = self.said.get(&index);
        self.said
            .range(index.plus(1)..)
            .flat_map(|(_, by)| by.keys())
            .any(|node| said.is_none_or(|said| !said.contains_key(node)))
    }

    /// The newest ledger that anybody speaks of. No reason to believe in it, but one to ask there when the node in use says
    /// nothing: its ledgers must still be confirmed.
    pub fn newest(&self) -> Option<LedgerIndex> {
        self.said.iter().rev().find(|(_, by)| !by.is_empty()).map(|(index, _)| *index)
    }

    fn told(&self, index: LedgerIndex, said: &BTreeMap<usize, Hash256>) -> String {
        let list: Vec<String> = said
            .iter()
            .map(|(node, hash)| format!("{} says {hash}", self.names.get(*node).map_or("", String::as_str)))
            .collect();
        format!("ledger {index}: {}", list.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Hash256 = Hash256([0xA; 32]);
    const B: Hash256 = Hash256([0xB; 32]);
    const AT: LedgerIndex = LedgerIndex(100);

    /// Who says what (`A`, `B`, `.` nothing yet, `-` silent), and what follows for a ledger that came with hash A.
    const TABLE: &str = "
        A   agreed
        A.  wait
        A-  agreed
        AA  agreed
        AB  split
        BB  outvoted
        .B  wait
        -B  split
        A.. wait
        AA. agreed
        AAB agreed
        A.- wait
        A-- agreed
        AB. wait
        AB- split
        ABB outvoted
        BB. outvoted
        A-B split
        AABB split
        AAAB agreed
        AA.. wait
        AA.- agreed
    ";

    #[test]
    fn the_table_is_this_table() {
        for line in TABLE.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (who, expected) = line.split_once(' ').unwrap();
            let mut council = Council::new((0..who.len()).map(|n| format!("node {n}")).collect());
            for (node, letter) in who.chars().enumerate() {
                match letter {
                    'A' => assert_eq!(council.hear(node, AT, A), Heard::Noted),
                    'B' => assert_eq!(council.hear(node, AT, B), Heard::Noted),
                    '-' => drop(council.silent.insert(node)),
                    _ => {}
                }
            }
            let got = match council.verdict(AT, A) {
                Verdict::Agreed => "agreed",
                Verdict::Wait => "wait",
                Verdict::Outvoted(_) => "outvoted",
                Verdict::Split(_) => "split",
            };
            assert_eq!(got, expected.trim(), "{line}");
        }
    }

    #[test]
    fn a_late_voice_against_what_was_accounted_is_heard_unless_it_is_outvoted() {
        for (nodes, told) in [(2, true), (3, false)] {
            let mut council = Council::new((0..nodes).map(|n| format!("node {n}")).collect());
            (0..nodes - 1).for_each(|node| assert_eq!(council.hear(node, AT, A), Heard::Noted));
            council.pass(AT);
            assert_eq!(council.verdict(AT, A), Verdict::Agreed);
            council.count(AT, A);
            let late = council.hear(nodes - 1, AT, B);
            assert_eq!(matches!(late, Heard::Against(_)), told, "{late:?}");
        }
    }

    #[test]
    fn who_lets_a_ledger_pass_is_not_waited_for_until_he_speaks() {
        let mut council = Council::new(vec!["one".into(), "two".into()]);
        assert_eq!(council.hear(0, AT, A), Heard::Noted);
        assert_eq!(council.verdict(AT, A), Verdict::Wait);
        assert_eq!(council.pass(AT), ["two"]);
        assert_eq!(council.pass(AT), Vec::<String>::new(), "told once");
        council.count(AT, A);
        let next = AT.plus(1);
        assert_eq!(council.hear(0, next, A), Heard::Noted);
        assert_eq!(council.verdict(next, A), Verdict::Agreed);
        assert_eq!(council.hear(1, next.plus(1), A), Heard::Noted);
        assert!(council.has_passed(next) && !council.has_passed(next.plus(1)));
        assert_eq!(council.verdict(next.plus(2), A), Verdict::Wait, "he is waited for again");
    }

    #[test]
    fn who_says_two_things_counts_for_nothing_and_nonsense_is_not_kept() {
        let mut council = Council::new(vec!["one".into(), "two".into(), "three".into(), "four".into()]);
        council.hear(0, AT, A);
        council.hear(1, AT, A);
        let Heard::Liar(told) = council.hear(1, AT, B) else { panic!("not noticed") };
        assert!(told.starts_with("two says of ledger 100 both 0A0A"), "{told}");
        assert_eq!((council.hear(1, AT, B), council.is_liar(1)), (Heard::Noted, true));
        assert_eq!(council.verdict(AT, A), Verdict::Wait, "one of the three that are left");
        council.hear(2, AT, A);
        assert_eq!(council.verdict(AT, A), Verdict::Agreed);
        council.count(AT, A);
        for index in 0..100_000 {
            council.hear(2, LedgerIndex(index * 1_000), B);
        }
        assert!(council.said.len() <= 2 * WINDOW as usize);
        // The network may be anywhere after an outage, whatever the other one invents.
        let after = AT.plus(40 * WINDOW);
        for node in [0, 3] {
            assert_eq!(council.hear(node, after, A), Heard::Noted);
        }
        assert_eq!(council.verdict(after, A), Verdict::Agreed);
        assert!(matches!(council.hear(2, LedgerIndex(99_999_000), A), Heard::Liar(_)));
        for node in [0, 3] {
            council.hear(node, AT.plus(1), A);
            assert!(matches!(council.hear(node, AT.plus(1), B), Heard::Liar(_)));
        }
        assert!(matches!(council.verdict(AT.plus(1), A), Verdict::Split(_)), "nobody is left");
    }
}
