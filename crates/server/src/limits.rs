//! Every bound of the server, by name. Bounds that depend on each other are related below.

use std::time::Duration;

/// Largest message accepted from a client, in bytes; a larger one closes the connection (code 1009).
pub const REQUEST_BYTES_MAX: usize = 1 << 20;
/// Messages waiting for one client; a reader slower than that is closed with code 1008.
pub const CLIENT_QUEUE_MAX: usize = 16_384;
/// Clients at one time; one more is refused.
pub const CLIENTS_MAX: usize = 64;
/// Accounts and books one client may subscribe to.
pub const SUBSCRIPTIONS_MAX: usize = 1_000;
/// Time for a client's WebSocket handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for the close handshake with a client.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Offers given on one side of a book when no limit is asked for.
pub const BOOK_OFFERS_DEFAULT: u32 = 60;
/// Offers given on one side of a book at most.
pub const BOOK_OFFERS_MAX: u32 = 100;
/// Lines or offers on one page when no limit is asked for.
pub const PAGE_DEFAULT: u32 = 200;
/// Fewest lines or offers on one page.
pub const PAGE_MIN: u32 = 10;
/// Most lines or offers on one page.
pub const PAGE_MAX: u32 = 400;
/// Transactions on one `account_tx` page when no limit is asked for.
pub const PAGE_TRANSACTIONS_DEFAULT: u32 = 200;
/// Most transactions on one `account_tx` page.
pub const PAGE_TRANSACTIONS_MAX: u32 = 400;
/// How far apart `min_ledger` and `max_ledger` of `tx` may be.
pub const TX_RANGE_MAX: u32 = 1_000;
/// Largest record of the ledger log, in bytes: anything longer is damage.
pub const RECORD_BYTES_MAX: usize = 64 << 20;
/// Ledgers between two snapshots of the world.
pub const SNAPSHOT_EVERY_LEDGERS: u32 = 256;
/// Snapshots kept.
pub const SNAPSHOTS_KEPT: usize = 2;
/// Closed ledgers of which transactions are kept in memory (a day and more at four seconds each, about
/// 7 kB each with the built-in market); older ones leave `complete_ledgers`.
pub const HISTORY_LEDGERS_MAX: usize = 30_000;
/// How many leave at once.
pub const HISTORY_TRIM: usize = 1_000;
/// Ledgers closed between two syncs while nobody is connected.
pub const ADVANCE_SYNC_EVERY: u32 = 64;

const _: () = assert!(PAGE_MIN <= PAGE_DEFAULT && PAGE_DEFAULT <= PAGE_MAX);
const _: () = assert!(BOOK_OFFERS_DEFAULT <= BOOK_OFFERS_MAX);
const _: () = assert!(PAGE_TRANSACTIONS_DEFAULT <= PAGE_TRANSACTIONS_MAX);
const _: () = assert!(HISTORY_TRIM < HISTORY_LEDGERS_MAX && TX_RANGE_MAX as usize <= HISTORY_LEDGERS_MAX);
const _: () = assert!(REQUEST_BYTES_MAX < RECORD_BYTES_MAX);
