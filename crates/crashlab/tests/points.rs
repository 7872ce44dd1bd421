//! Crash points.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use crashlab::place::Place;
use crashlab::points::{Walk, points};
use crashlab::recording::Recording;

#[test]
fn try_one() {
    let start = std::time::Instant::now();
    let recording = Recording::make(1).unwrap();
    eprintln!("recorded {} changes {} states in {:?}", recording.changes.len(), recording.states.len(), start.elapsed());
    let mut place = Place::new().unwrap();
    let mut walk = Walk::new(&recording, false);
    let start = std::time::Instant::now();
    let mut n = 0; let mut bad = 0;
    for (at, crash) in points(&recording) {
        n += 1;
        if let Err(e) = walk.point(&mut place, at, crash) {
            bad += 1;
            if bad < 20 { eprintln!("{at} {crash:?}: {e:#} {:?}", recording.changes.get(at).map(|c| format!("{c:?}").chars().take(60).collect::<String>())); }
        }
    }
    eprintln!("{n} points, {bad} bad, {:?}, {:.0}/s", start.elapsed(), n as f64 / start.elapsed().as_secs_f64());
    assert_eq!(bad, 0);
}
