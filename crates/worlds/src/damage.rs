//! What befalls a world that is settled, at its very end: files that are no longer what was written, and a server that
//! lies. Then books may be lost; what may not be is that nobody notices.

use crashlab::folder::Image;
use crashlab::place::{DATABASE, LOG};
use crashlab::seed::Chance;
use std::sync::Arc;

/// A damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// A bit of the database is another one.
    Database,
    /// A bit of its log is another one.
    Log,
    /// The end of the log is gone.
    LogCut,
    /// The log is gone.
    LogGone,
    /// The server says something false: what a script calls it.
    Lie(&'static str),
}

impl Damage {
    /// What the end of a world is to be; for one in four there is none.
    pub(crate) fn draw(chance: &mut Chance) -> Option<Damage> {
        Some(match chance.below(8) {
            0 => Damage::Database,
            1 => Damage::Log,
            2 => Damage::LogCut,
            3 => Damage::LogGone,
            4 => Damage::Lie("balance"),
            5 => Damage::Lie(if chance.once_in(2) { "metadata" } else { "result" }),
            _ => return None,
        })
    }

    /// The word by which it is counted; a lie is counted by the server.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Damage::Database => Some("damage: a bit of the database flipped"),
            Damage::Log => Some("damage: a bit of the log flipped"),
            Damage::LogCut => Some("damage: the log cut short"),
            Damage::LogGone => Some("damage: the log gone"),
            Damage::Lie(_) => None,
        }
    }

    /// The script of a server that lies from now on.
    pub(crate) fn script(self) -> Option<String> {
        let Damage::Lie(lie) = self else { return None };
        Some(format!("seed: 1\nfaults: [{{fault: lying_node, lie: {lie}, per_mille: 500}}]\n"))
    }

    /// Does it to the files that a kill has left; says whether there was something to do it to.
    pub(crate) fn befall(self, image: &mut Image, chance: &mut Chance) -> bool {
        let name = if self == Damage::Database { DATABASE } else { LOG };
        let Some(bytes) = image.get_mut(name).filter(|bytes| !bytes.is_empty()) else { return false };
        match self {
            Damage::Database | Damage::Log => {
                let at = chance.index(bytes.len());
                if let Some(byte) = Arc::make_mut(bytes).get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            Damage::LogCut => {
                let left = chance.index(bytes.len());
                Arc::make_mut(bytes).truncate(left);
            }
            Damage::LogGone => drop(image.remove(name)),
            Damage::Lie(_) => return false,
        }
        true
    }
}
