//! Sessions over pipes on paused time: who is silent, who loses its seat, and what a stopped ledger says.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sim::world::{MarketSpec, WorldSpec};
use tokio::io::DuplexStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use units::LedgerTime;

use super::hub::Origin;
use super::{CloseMode, LedgerServer, session};
use crate::embedded::EmbeddedLedger;
use crate::error::ServerError;
use crate::limits::{IDLE_AFTER, NETWORK_QUEUE_MAX, PING_AFTER};

/// Seats in these tests.
const SEATS: usize = 16;

type Socket = WebSocketStream<DuplexStream>;

fn spec() -> WorldSpec {
    WorldSpec::paper(1, MarketSpec::None, LedgerTime(825_638_400))
}

fn server() -> LedgerServer {
    LedgerServer::with_seats(EmbeddedLedger::in_memory(spec()).unwrap(), CloseMode::Clock, SEATS)
}

async fn connect(server: &LedgerServer, origin: Origin) -> Socket {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = server.clone();
    tokio::spawn(async move { session::serve(&server, theirs, origin, 1, |_| ()).await });
    client_async("ws://embedded.ledger/", ours).await.unwrap().0
}

/// Whether the server answers a request on this connection; else the code it was closed with.
async fn answers(socket: &mut Socket) -> Result<(), u16> {
    let _ = socket.send(Message::text(r#"{"command":"ping"}"#)).await;
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(_))) => return Ok(()),
            Some(Ok(Message::Close(frame))) => return Err(frame.unwrap().code.into()),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_pinged_and_keeps_its_seat_while_seats_are_free() {
    let server = server();
    let mut socket = connect(&server, Origin::Network).await;
    for _ in 0..3 {
        let begun = Instant::now();
        assert!(matches!(socket.next().await, Some(Ok(Message::Ping(_)))));
        let waited = begun.elapsed();
        assert!(waited >= PING_AFTER && waited < PING_AFTER + Duration::from_secs(1), "{waited:?}");
    }
    sleep(100 * IDLE_AFTER).await;
    assert_eq!(answers(&mut socket).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_longest_silent_of_the_network_makes_room_when_seats_are_taken() {
    let server = server();
    // Silent for longest, and of this process: it stays.
    let mut ours = connect(&server, Origin::Process).await;
    sleep(Duration::from_secs(1)).await;
    let mut silent = Vec::new();
    for _ in 0..SEATS - 2 {
        silent.push(connect(&server, Origin::Network).await);
        sleep(Duration::from_millis(10)).await;
    }
    let mut reading = connect(&server, Origin::Network).await;
    // Nobody is idle yet.
    sleep(IDLE_AFTER / 2).await;
    assert_eq!(answers(&mut connect(&server, Origin::Network).await).await, Err(1013));
    // This one answers its pings by reading.
    let reader = tokio::spawn(async move {
        let read = timeout(2 * IDLE_AFTER, async { while let Some(Ok(_)) = reading.next().await {} }).await;
        assert!(read.is_err(), "it was closed");
        reading
    });
    sleep(IDLE_AFTER).await;
    let mut newcomers = Vec::new();
    for _ in 0..3 {
        newcomers.push(connect(&server, Origin::Network).await);
        assert_eq!(answers(newcomers.last_mut().unwrap()).await, Ok(()));
    }
    let (evicted, stay) = silent.split_at_mut(3);
    for socket in evicted {
        assert_eq!(answers(socket).await, Err(1008));
    }
    assert_eq!(answers(&mut stay[0]).await, Ok(()));
    assert_eq!(answers(&mut ours).await, Ok(()));
    assert_eq!(answers(&mut reader.await.unwrap()).await, Ok(()));
}

#[tokio::test]
async fn a_client_of_the_network_that_reads_too_slowly_is_closed_with_1008() {
    let server =
        LedgerServer::with_seats(EmbeddedLedger::in_memory(spec()).unwrap(), CloseMode::Manual, SEATS);
    let mut lazy = connect(&server, Origin::Network).await;
    lazy.send(Message::text(r#"{"command":"subscribe","streams":["ledger"]}"#)).await.unwrap();
    assert!(matches!(lazy.next().await, Some(Ok(Message::Text(_)))));
    let mut other = connect(&server, Origin::Network).await;
    // The pipe holds some hundred messages, the queue the rest.
    for _ in 0..NETWORK_QUEUE_MAX + 1_000 {
        server.close_ledger().unwrap();
    }
    assert_eq!(answers(&mut other).await, Ok(()));
    let mut read = 0;
    let closed = loop {
        match lazy.next().await {
            Some(Ok(Message::Close(Some(frame)))) => break frame,
            Some(Ok(_)) => read += 1,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((u16::from(closed.code), closed.reason.as_str()), (1008, "Policy error: client is too slow."));
    assert!(read < NETWORK_QUEUE_MAX, "{read} messages were still sent");
}

#[tokio::test(start_paused = true)]
async fn every_client_is_closed_with_1011_when_the_clock_cannot_record_a_close() {
    let temporary = tempfile::tempdir().unwrap();
    let mut ledger = EmbeddedLedger::create(&temporary.path().join("world"), spec()).unwrap();
    ledger.break_disk();
    let server = LedgerServer::new(ledger, CloseMode::Clock);
    let mut sockets = Vec::new();
    for origin in [Origin::Process, Origin::Network, Origin::Network] {
        let mut socket = connect(&server, origin).await;
        assert_eq!(answers(&mut socket).await, Ok(()));
        sockets.push(socket);
    }
    let error = server.run_clock(Duration::from_secs(4)).await;
    assert!(matches!(error, ServerError::Io { .. }), "{error}");
    let stopped = Instant::now();
    for socket in &mut sockets {
        let Some(Ok(Message::Close(Some(frame)))) = socket.next().await else { panic!("no close frame") };
        assert_eq!(u16::from(frame.code), 1011);
        assert!(frame.reason.contains("ledger stopped"), "{}", frame.reason);
    }
    assert!(stopped.elapsed() < Duration::from_secs(1));
    assert_eq!(answers(&mut connect(&server, Origin::Network).await).await, Err(1011));
}
