//! What is logged, as JSON lines: by the caller's thread and by the threads that the store makes for it.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test that cannot go on is to fail; each test uses a part"
)]

use std::io::Write;
use std::sync::{Arc, Mutex};

/// A log of its own.
#[derive(Clone, Default)]
pub struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    pub fn new() -> Logged {
        Logged::default()
    }

    /// Does `job`; what it logs goes here and nowhere else.
    pub fn during<T>(&self, job: impl FnOnce() -> T) -> T {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, job)
    }

    /// Everything so far, a line each.
    pub fn all(&self) -> Vec<String> {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }

    /// The lines of a level that have `part` in them.
    pub fn lines(&self, level: &str, part: &str) -> Vec<String> {
        let level = format!("\"level\":\"{level}\"");
        self.all().into_iter().filter(|line| line.contains(&level) && line.contains(part)).collect()
    }
}

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
