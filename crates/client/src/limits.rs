//! Every bound of the client, by name. Bounds that depend on each other are related below.

use std::time::Duration;

/// Largest WebSocket message accepted from a server, in bytes; a larger one closes the connection.
pub const FRAME_BYTES_MAX: usize = 16 << 20;
/// Stream messages kept while an answer is awaited; one more is an error, never a silent drop.
pub const STREAM_QUEUE_MAX: usize = 100_000;
/// Answers kept for requests begun and not yet finished.
pub const ANSWERS_PENDING_MAX: usize = 1_000;
/// Ledgers held back by the assembler because they, or one before them, are not complete.
pub const ASSEMBLER_LEDGERS_MAX: usize = 256;
/// Transactions held back by the assembler over all its ledgers.
pub const ASSEMBLER_TRANSACTIONS_MAX: usize = 200_000;
/// Pages followed in one paged read; more is an error (a server that repeats markers for ever).
pub const PAGES_MAX: usize = 10_000;
/// Objects asked for on one page; servers cap it at 400 for non-admin clients.
pub const PAGE_OBJECTS: u32 = 400;
/// Transactions asked for on one `account_tx` page.
pub const PAGE_TRANSACTIONS: u32 = 200;
/// Offers asked for on each side of a book: the servers' own maximum, there is no marker.
pub const BOOK_OFFERS_MAX: u32 = 100;
/// Times a snapshot is read again because the ledger moved on underneath it.
pub const SNAPSHOT_TRIES: u32 = 8;
/// How far apart `min_ledger` and `max_ledger` of a `tx` look-up may be (servers refuse more).
pub const TX_RANGE_MAX: u32 = 1_000;
/// Time for the TCP connection and the WebSocket handshake.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for one answer.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for the close handshake when leaving.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Time after which a ledger that is still missing or incomplete is declared a gap.
pub const INCOMPLETE_LEDGER_TIMEOUT: Duration = Duration::from_secs(4);
/// Ledgers that may close after an incomplete one before that is declared a gap, without waiting for the time above.
pub const LATE_LEDGERS: u32 = 2;
/// First wait before a reconnection.
pub const BACKOFF_FIRST: Duration = Duration::from_secs(5);
/// Longest wait before a reconnection.
pub const BACKOFF_MAX: Duration = Duration::from_secs(80);

const _: () = assert!(ASSEMBLER_TRANSACTIONS_MAX >= STREAM_QUEUE_MAX);
const _: () = assert!(INCOMPLETE_LEDGER_TIMEOUT.as_secs() < REQUEST_TIMEOUT.as_secs());
const _: () = assert!(BACKOFF_FIRST.as_secs() < BACKOFF_MAX.as_secs());
