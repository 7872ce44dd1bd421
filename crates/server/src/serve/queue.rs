//! What waits for one client: messages of the streams, which all who wait for them share, and answers, which are the
//! client's own and counted in bytes until they are sent. No sockets here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Bytes of answers that are not sent yet: of one client, or of all.
pub(super) type Waiting = Arc<AtomicUsize>;

/// How a message goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Whole, in one frame.
    #[default]
    Whole,
    /// The first half of its frame, then the connection ends without a farewell.
    Cut,
    /// Not at all: the connection is reset.
    Reset,
    /// Not at all: from now on nothing is read or written, and the connection stays open.
    HalfOpen,
    /// Before it a frame of so many mebibytes.
    Huge(u32),
}

/// A message on its way to a client.
pub(crate) struct Queued {
    /// How it goes out.
    pub(crate) wire: Wire,
    /// The message.
    pub(crate) text: Utf8Bytes,
    _charge: Option<Charge>,
}

impl Queued {
    /// A message that others wait for too.
    pub(super) fn shared(text: Utf8Bytes) -> Self {
        Self { wire: Wire::Whole, text, _charge: None }
    }

    /// A message of one client that does not simply go out whole.
    pub(super) fn over(wire: Wire, text: String) -> Self {
        Self { wire, text: text.into(), _charge: None }
    }

    /// An answer to one client.
    pub(super) fn answer(text: String, client: &Waiting, all: &Waiting) -> Self {
        let charge = Charge::new(text.len(), [client.clone(), all.clone()]);
        Self { wire: Wire::Whole, text: text.into(), _charge: Some(charge) }
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
