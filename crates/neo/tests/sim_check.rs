//! `neo sim check`: equal recordings end well, a changed one is told by family and place, and what is none is refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, shared_data};
use std::io::Read;

#[test]
fn recordings_are_compared() {
    let folder = Folder::new();
    folder.file("empty/readme.txt", "nothing");
    folder.neo(&["sim", "check", "empty"]).ended(2);
    folder.neo(&["sim", "check", "absent"]).ended(2);
    folder.file("bad/x.json", "{}");
    assert!(folder.neo(&["sim", "check", "bad"]).ended(2).stderr.contains("not a recording"));
    let Some(data) = shared_data() else { return };
    let packed = std::fs::File::open(data.join("rippled/named/multi_level.json.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    folder.file("good/named/multi_level.json", &text);
    let told = folder.neo(&["sim", "check", "good"]).ended(0).stdout;
    assert!(told.contains("named: 1 of 1 recordings equal in everything"), "{told}");
    let changed = text.replacen("\"tesSUCCESS\"", "\"tecKILLED\"", 1);
    assert_ne!(changed, text);
    folder.file("changed/named/multi_level.json", &changed);
    let told = folder.neo(&["sim", "check", "changed"]).ended(1).stdout;
    assert!(told.contains("<-- differs") && told.contains("multi_level differs:"), "{told}");
    let document = folder.neo(&["sim", "check", "changed", "--json"]).ended(1).json();
    assert_eq!((&document["equal"], &document["groups"][0]["equal"]), (&false.into(), &0.into()));
}
