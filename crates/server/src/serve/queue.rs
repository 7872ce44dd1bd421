//! What waits for one client: messages of the streams, which all who wait for them share, and answers, which are the
//! client's own and counted in bytes until they are sent. No sockets here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Bytes of answers that are not sent yet: of one client, or of all.
pub(super) type Waiting = Arc<AtomicUsize>;

/// A message on its way to a client.
pub(crate) struct Queued {
    /// The message.
    pub(crate) text: Utf8Bytes,
    _charge: Option<Charge>,
}

impl Queued {
    /// A message that others wait for too.
    pub(super) fn shared(text: Utf8Bytes) -> Self {
        Self { text, _charge: None }
    }

    /// An answer to one client.
    pub(super) fn answer(text: String, client: &Waiting, all: &Waiting) -> Self {
        let charge = Charge::new(text.len(), [client.clone(), all.clone()]);
        Self { text: text.into(), _charge: Some(charge) }
    }
}

/// Bytes counted for as long as this lives.
struct Charge {
    bytes: usize,
    counts: [Waiting; 2],
}

impl Charge {
    fn new(bytes: usize, counts: [Waiting; 2]) -> Self {
        for count in &counts {
            count.fetch_add(bytes, Ordering::Relaxed);
        }
        Self { bytes, counts }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        for count in &self.counts {
            count.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}
