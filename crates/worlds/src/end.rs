//! The very end of a world: after it is settled and right, a damage or a lie befalls it, and one more life must end with
//! books that are right, or notice and say so.

use crate::damage::Damage;
use crate::doom::{Doom, How};
use crate::life::End;
use crate::world::{World, open};
use anyhow::{Context, Result};
use crashlab::drive::look;
use crashlab::examine::examine;
use server::FaultScript;
use std::time::Duration;
use store::Reader;

/// Ends of a session that say nothing of a damage.
const SAYS_NOTHING: [&str; 2] = ["duration_elapsed", "recovered_after_crash"];

impl World {
    /// Damages a settled world, unless it is a control or one in which nothing befalls the process.
    pub(crate) async fn end(&mut self) -> Result<()> {
        let shape = self.plan.shape;
        if shape.careless.is_some() || shape.keyless || shape.lying_disk || shape.less.process {
            return Ok(());
        }
        self.sum_up()?;
        let Some(damage) = Damage::draw(&mut self.plan.lives) else { return Ok(()) };
        let last = self.newest_session()?;
        if let Some(script) = damage.script() {
            self.count_faults();
            self.server.set_faults(FaultScript::from_yaml(&script).context("a server that lies")?);
        } else if !self.is_damaged(damage).await? {
            return Ok(());
        }
        self.tell(format!("damage   {damage:?}"));
        let (ended, _) = self.live(&Doom::none()).await;
        self.noticed(damage, &ended, last)
    }

    /// A life that is killed leaves a log; then the damage. Whether there was something to damage.
    async fn is_damaged(&mut self, damage: Damage) -> Result<bool> {
        let after = Duration::from_secs(10 + self.plan.lives.below(120));
        let doom = Doom { how: How::KillAfter(after), session_seconds: 600, ..Doom::none() };
        self.one_life(&doom).await;
        self.judge(false)?;
        if !self.outcome.violations.is_empty() {
            return Ok(false);
        }
        let mut image = self.place.folder().image();
        let is_done = damage.befall(&mut image, &mut self.plan.lives);
        self.place.load(&image);
        if let (true, Some(word)) = (is_done, damage.word()) {
            self.count(word);
        }
        Ok(is_done)
    }

    fn newest_session(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(session_id), 0) FROM sessions";
        Ok(open(&self.desk)?.query_row(sql, [], |row| row.get(0)).unwrap_or(0))
    }

    /// The process said that something is wrong, or the books are right, or a proof finds the damage.
    fn noticed(&mut self, damage: Damage, ended: &End, last: i64) -> Result<()> {
        if matches!(ended, End::Wrong(..) | End::Gave(..)) {
            self.count("damage: refused");
            return Ok(());
        }
        self.judge(false)?;
        let mut found = std::mem::take(&mut self.outcome.violations);
        if damage == Damage::Lie("result") {
            // Documented (docs/serve.md): the books follow the entries that changed, not the word for it.
            found.retain(|violation| violation.invariant != "I32");
        }
        let halted = self.halted_since(last);
        let what = if halted {
            "damage: a session halted"
        } else if found.is_empty() {
            "damage: made good, or nothing was lost"
        } else if look(&self.desk).map_err(anyhow::Error::from).and_then(|at| examine(&at)).is_err() {
            "damage: found by the proof of the files"
        } else if !self.is_proven() {
            "damage: found by the proof of the books"
        } else {
            self.outcome.violations = found;
            self.wrong("I11", format!("{damage:?} befell it, and nobody noticed"));
            return Ok(());
        };
        self.count(what);
        Ok(())
    }

    /// What `neo audit` says of it.
    fn is_proven(&self) -> bool {
        let read = Reader::open_on(&self.desk, &self.desk.database());
        read.and_then(|reader| lab::audit(&reader)).is_ok_and(|report| report.is_proven())
    }

    fn halted_since(&self, last: i64) -> bool {
        let reasons = || -> Result<Vec<String>> {
            let connection = open(&self.desk)?;
            let sql =
                "SELECT coalesce(halt_reason, 'recovered_after_crash') FROM sessions WHERE session_id >= ?1";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([last], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        reasons()
            .map_or(true, |reasons| reasons.iter().any(|reason| !SAYS_NOTHING.contains(&reason.as_str())))
    }
}
