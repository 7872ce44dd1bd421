//! Every bound of the server, by name. Bounds that depend on each other are related below.

use std::time::Duration;

/// Largest message accepted from a client, in bytes; a larger one closes the connection (code 1009).
pub const REQUEST_BYTES_MAX: usize = 1 << 20;
/// Messages waiting for one client of this process, which may compute for long without reading; a reader slower
/// than that is closed with code 1008. Messages of the streams are held once for all who wait for them.
pub const CLIENT_QUEUE_MAX: usize = 16_384;
/// The same for a client of the network: some dozen ledgers of a busy market.
pub const NETWORK_QUEUE_MAX: usize = 2_048;
/// Clients at one time, where the system allows as many open files (see [`FILES_KEPT`]); one more takes the seat of
/// one that is idle, or is refused.
pub const CLIENTS_MAX: usize = 16_384;
/// Of the files the system allows, those kept for the ledger's own files and for connections that are not clients
/// yet.
pub const FILES_KEPT: usize = 128;
/// Connections at one time that are not clients yet: still in the handshake, or asking over HTTP.
pub const VISITORS_MAX: usize = 64;
/// First size of a connection's buffers, in bytes. They grow with the messages, never past the bounds here.
pub const BUFFER_BYTES: usize = 4 << 10;
/// Largest head of a request over HTTP, in bytes.
pub const HTTP_HEAD_BYTES_MAX: usize = 16 << 10;
/// Requests in one batch over HTTP.
pub const BATCH_MAX: usize = 100;
/// Answers to one batch in bytes; once there are more, the rest of its requests is not carried out.
pub const BATCH_ANSWER_BYTES: usize = 4 << 20;
/// Different books whose offers one `subscribe` gives.
pub const SNAPSHOTS_MAX: usize = 20;
/// Answers that clients have not taken yet, all together, in bytes. Above it those who let the most wait are closed with
/// code 1008.
pub const ANSWERS_BYTES_MAX: usize = 128 << 20;
/// Different accounts and books one client may be subscribed to, and items in one list of a request.
pub const SUBSCRIPTIONS_MAX: usize = 1_000;
/// Time for a client's WebSocket handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Silence of a client after which it is pinged.
pub const PING_AFTER: Duration = Duration::from_secs(30);
/// Silence of a client of the network, pongs included, after which it loses its seat to one that comes when
/// all are taken. With a seat free nobody is cut off: a client may compute for long without reading.
pub const IDLE_AFTER: Duration = Duration::from_secs(60);
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
/// Transactions on one `account_tx` page when no limit is asked for, and at most.
pub const PAGE_TRANSACTIONS_MAX: u32 = 200;
/// The same in binary form.
pub const PAGE_TRANSACTIONS_BINARY: u32 = 500;
/// NFTs on one page: at least, when no limit is asked for, at most.
pub const NFT_PAGE_MIN: u32 = 20;
/// See [`NFT_PAGE_MIN`].
pub const NFT_PAGE_DEFAULT: u32 = 100;
/// See [`NFT_PAGE_MIN`].
pub const NFT_PAGE_MAX: u32 = 400;
/// Problems `noripple_check` tells: at least, when no limit is asked for, at most.
pub const NO_RIPPLE_MIN: u32 = 10;
/// See [`NO_RIPPLE_MIN`].
pub const NO_RIPPLE_DEFAULT: u32 = 300;
/// See [`NO_RIPPLE_MIN`].
pub const NO_RIPPLE_MAX: u32 = 400;
/// Entries on one `ledger_data` page.
pub const STATE_PAGE_JSON: usize = 256;
/// The same in binary form.
pub const STATE_PAGE_BINARY: usize = 2_048;
/// How far apart `min_ledger` and `max_ledger` of `tx` may be.
pub const TX_RANGE_MAX: u32 = 1_000;
/// Largest transaction taken, in bytes; those of the kinds the world knows stay far below.
pub const TX_BYTES_MAX: usize = 16 << 10;
/// Submissions with an effect that one open ledger takes; after that the server is too busy until it closes.
pub const SUBMISSIONS_MAX: usize = 100;
/// The same in bytes.
pub const SUBMITTED_BYTES_MAX: usize = 1 << 20;
/// Transactions that may wait for a later ledger, in the queue or to be tried again; while there are so many the server
/// is too busy for more. Together with an open ledger's own they are what clients can bring into one closed ledger.
pub const WAITING_MAX: usize = 500;
/// [`SUBMISSIONS_MAX`] for programs of this machine, where nothing is written to disk: a real server does not throttle
/// its administrator, and its queue could not be seen otherwise. Together some seconds of work.
pub const LOCAL_SUBMISSIONS_MAX: usize = 5_000;
/// [`SUBMITTED_BYTES_MAX`] for them.
pub const LOCAL_SUBMITTED_BYTES_MAX: usize = 16 << 20;
/// [`WAITING_MAX`] for them: more than the queue of a server holds at first.
pub const LOCAL_WAITING_MAX: usize = 10_000;
/// Transactions of closed ledgers kept in memory, for each ledger that may be kept: older ledgers are let go of when there
/// are more.
pub const HISTORY_TRANSACTIONS_PER_LEDGER: usize = SUBMISSIONS_MAX + WAITING_MAX;
/// Metadata of one transaction, in bytes, at most: it looks at no more than 1500 offers (the world's bound),
/// and each brings its own node, its owner's account and line, and two directory pages, together below 2 KiB.
pub const META_BYTES_MAX: usize = 1_500 * (2 << 10);
/// What the market's own transactions of one ledger take in a record, in bytes, at most: some dozens.
pub const MARKET_BYTES_MAX: usize = 64 << 20;
/// Largest record of the ledger log, in bytes: anything longer is damage. Room for the worst that clients
/// can bring about; a usual record has a few kilobytes.
pub const RECORD_BYTES_MAX: usize = 2 << 30;
/// Ledgers between two snapshots of the world.
pub const SNAPSHOT_EVERY_LEDGERS: u32 = 256;
/// Snapshots kept.
pub const SNAPSHOTS_KEPT: usize = 2;
/// Closed ledgers of which headers and transactions are kept in memory, when nothing else is said; older ones leave
/// `complete_ledgers`. A paper session that was away for six hours, the longest it can be, looks back 5,400 ledgers.
pub const HISTORY_LEDGERS: u32 = 8_192;
/// The fewest that can be asked for.
pub const HISTORY_LEDGERS_MIN: u32 = 256;
/// The most that can be asked for.
pub const HISTORY_LEDGERS_MAX: u32 = 1_000_000;
/// Turns of tasks after which a runtime that serves clients looks at its sockets: tasks that follow each other must not keep
/// other clients waiting.
pub const EVENTS_EVERY: u32 = 4;
/// Ledgers closed between two syncs while nobody is connected.
pub const ADVANCE_SYNC_EVERY: u32 = 64;

const _: () = assert!(VISITORS_MAX < FILES_KEPT && NETWORK_QUEUE_MAX <= CLIENT_QUEUE_MAX);
const _: () = assert!(PAGE_MIN <= PAGE_DEFAULT && PAGE_DEFAULT <= PAGE_MAX);
const _: () = assert!(BOOK_OFFERS_DEFAULT <= BOOK_OFFERS_MAX);
const _: () = assert!(PAGE_TRANSACTIONS_MAX <= PAGE_TRANSACTIONS_BINARY);
const _: () = assert!(HISTORY_LEDGERS_MIN <= HISTORY_LEDGERS && HISTORY_LEDGERS <= HISTORY_LEDGERS_MAX);
const _: () = assert!(TX_RANGE_MAX <= HISTORY_LEDGERS);
const _: () = assert!(REQUEST_BYTES_MAX < RECORD_BYTES_MAX && RECORD_BYTES_MAX as u64 <= u32::MAX as u64);
// A client that reads has answered a ping before it counts as idle.
const _: () = assert!(PING_AFTER.as_millis() < IDLE_AFTER.as_millis());
// A blob in a request is hexadecimal.
const _: () = assert!(2 * TX_BYTES_MAX < REQUEST_BYTES_MAX && TX_BYTES_MAX <= SUBMITTED_BYTES_MAX);
const _: () = assert!(SUBMISSIONS_MAX < LOCAL_SUBMISSIONS_MAX && WAITING_MAX < LOCAL_WAITING_MAX);
// No record is over the bound, whatever clients submit: recorded blobs, the ledger's own, their metadata.
const _: () = assert!(
    2 * SUBMITTED_BYTES_MAX
        + WAITING_MAX * TX_BYTES_MAX
        + (SUBMISSIONS_MAX + WAITING_MAX) * META_BYTES_MAX
        + MARKET_BYTES_MAX
        < RECORD_BYTES_MAX
);
