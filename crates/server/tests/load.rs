//! Many clients at once, each end in a process of its own: busy ones, idle sockets, malformed requests, readers that
//! do not read. A session on the same server sees every ledger whole meanwhile. The suite runs a small crowd;
//! `cargo test -p server --test load --release -- --ignored --nocapture a_crowd` runs the large one and prints the
//! figures docs/serve.md states.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop there")]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use client::{AssemblerEvent, Connection};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::{CloseMode, EmbeddedLedger, LedgerServer};
use sim::world::MarketSpec;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// A crowd: sockets that do nothing, clients that ask and listen, readers that do not read; and how long.
#[derive(Clone, Copy)]
struct Crowd {
    idle: usize,
    busy: usize,
    slow: usize,
    seconds: u64,
    interval: Duration,
}

const CROWD: &str = "NEO_TEST_CROWD";

#[test]
fn a_small_crowd() {
    let crowd = Crowd { idle: 300, busy: 200, slow: 4, seconds: 3, interval: Duration::from_millis(250) };
    let figures = run(crowd);
    assert_eq!(figures["idle_open_at_the_end"], crowd.idle);
    assert_eq!(figures["busy_failed"], 0);
    assert!(figures["requests"].as_u64().unwrap() > 1_000, "{figures}");
}

#[test]
#[ignore = "takes half a minute and 10,000 files; prints figures"]
fn a_crowd_of_ten_thousand() {
    let crowd = Crowd { idle: 10_000, busy: 200, slow: 20, seconds: 30, interval: Duration::from_millis(50) };
    let files = platform::limits::open_files().unwrap_or(0);
    if files < 10_400 {
        eprintln!("SKIPPED: the system allows {files} open files, and 10,400 are needed (ulimit -n)");
        return;
    }
    let figures = run(crowd);
    println!("{figures:#}");
    assert_eq!(figures["idle_open_at_the_end"], crowd.idle);
    assert_eq!(figures["busy_failed"], 0);
    assert_eq!(figures["slow_cut_off"], crowd.slow);
}

/// Serves the crowd in this process while a session follows the ledgers; gives the figures of both ends.
fn run(crowd: Crowd) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ledger = EmbeddedLedger::in_memory(common::spec(1, MarketSpec::Synthetic)).unwrap();
        let server = LedgerServer::new(ledger, CloseMode::Clock);
        let listening = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let url = format!("ws://{}", listening.address());
        tokio::spawn(listening.run());
        let clock = server.clone();
        tokio::spawn(async move { clock.run_clock(crowd.interval).await });
        let (over, session) = (Arc::new(AtomicBool::new(false)), follow(&url));
        let session = tokio::spawn(session.await.until(over.clone()));
        let before = resident_kb();
        let (at_work, mut figures) = elsewhere(&url, crowd).await;
        over.store(true, Ordering::Relaxed);
        let ledgers = session.await.unwrap();
        assert!(ledgers > 1, "the session saw {ledgers} ledgers");
        let map = figures.as_object_mut().unwrap();
        map.insert("session_ledgers_whole".into(), ledgers.into());
        map.insert("server_resident_kb_before".into(), before.into());
        map.insert("server_resident_kb_at_work".into(), at_work.into());
        figures
    })
}

/// A session: whole ledgers, one after another.
struct Session(client::LedgerStream);

async fn follow(url: &str) -> Session {
    Session(common::whole_ledgers(Connection::connect(url).await.unwrap()).await)
}

impl Session {
    async fn until(mut self, over: Arc<AtomicBool>) -> u32 {
        let mut last: Option<u32> = None;
        let mut count = 0;
        while !over.load(Ordering::Relaxed) {
            match self.0.next_event().await.unwrap() {
                AssemblerEvent::Ledger(ledger) => {
                    let index = ledger.index.get();
                    assert!(last.is_none_or(|last| index == last + 1), "after {last:?} came {index}");
                    last = Some(index);
                    count += 1;
                }
                other => panic!("not a whole ledger: {other:?}"),
            }
        }
        count
    }
}

/// Runs the crowd in a process of its own; gives this one's memory while it is at work, and the crowd's figures.
async fn elsewhere(url: &str, crowd: Crowd) -> (u64, Value) {
    let words = format!("{url} {} {} {} {}", crowd.idle, crowd.busy, crowd.slow, crowd.seconds);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "the_crowd", "--nocapture"])
        .env(CROWD, words)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let read = tokio::task::spawn_blocking(move || {
        let (mut figures, mut at_work) = (Value::Null, 0);
        for line in BufReader::new(stdout).lines() {
            let line = line.unwrap();
            if let Some((_, document)) = line.split_once("FIGURES ") {
                figures = serde_json::from_str(document).unwrap();
            } else if line.contains("AT-WORK") {
                at_work = resident_kb();
            }
        }
        (at_work, figures)
    });
    let read = read.await.unwrap();
    assert!(child.wait().unwrap().success(), "the crowd failed");
    read
}

/// Resident memory of this process (proc(5)); 0 where the system does not say.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

// ------------------------------------------------------------------ the other process

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

#[test]
#[ignore = "the crowd itself, started by the tests above"]
fn the_crowd() {
    let Ok(words) = std::env::var(CROWD) else { return };
    let mut words = words.split(' ');
    let url = words.next().unwrap().to_owned();
    let mut number = || words.next().unwrap().parse::<u64>().unwrap();
    let (idle, busy, slow, seconds) = (number(), number(), number(), number());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let figures = runtime.block_on(crowd(&url, idle, busy, slow, Duration::from_secs(seconds)));
    println!("FIGURES {figures}");
}

async fn crowd(url: &str, idle: u64, busy: u64, slow: u64, time: Duration) -> Value {
    let begun = Instant::now();
    let mut silent = Vec::new();
    for _ in 0..idle {
        silent.push(open(url).await);
    }
    let mut lazy = Vec::new();
    for _ in 0..slow {
        let mut socket = open_narrow(url).await;
        let wish =
            json!({"command": "subscribe", "streams": ["ledger", "transactions", "transactions_proposed"]});
        socket.send(Message::text(wish.to_string())).await.unwrap();
        lazy.push(socket);
    }
    let opened = begun.elapsed();
    let until = Instant::now() + time;
    let tasks: Vec<_> = (0..busy).map(|nth| tokio::spawn(ask_until(url.to_owned(), nth, until))).collect();
    tokio::time::sleep(time / 2).await;
    println!("AT-WORK");
    let (mut waits, mut heard, mut failed) = (Vec::new(), 0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok((own, messages)) => {
                waits.extend(own);
                heard += messages;
            }
            Err(why) => {
                eprintln!("a busy client failed: {why}");
                failed += 1;
            }
        }
    }
    waits.sort_unstable();
    let at = |part: usize| waits.get(waits.len().saturating_sub(1) * part / 1_000).copied().unwrap_or(0);
    let closed = cut_off(lazy).await;
    json!({
        "idle": idle, "busy": busy, "seconds": time.as_secs(), "opened_in_ms": opened.as_millis(),
        "requests": waits.len(), "requests_per_second": waits.len() as u64 / time.as_secs(),
        "wait_us_median": at(500), "wait_us_99_of_100": at(990), "wait_us_longest": at(1_000),
        "stream_messages": heard, "busy_failed": failed, "slow_cut_off": closed,
        "idle_open_at_the_end": still_open(silent).await,
    })
}

async fn open(url: &str) -> Socket {
    let config = WebSocketConfig::default().read_buffer_size(1 << 10).write_buffer_size(1 << 10);
    connect_async_with_config(url, Some(config), true).await.unwrap().0
}

/// A socket of which the system takes little in advance.
async fn open_narrow(url: &str) -> WebSocketStream<TcpStream> {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let stream = socket.connect(url.trim_start_matches("ws://").parse().unwrap()).await.unwrap();
    tokio_tungstenite::client_async(url, stream).await.unwrap().0
}

/// Asks again and again, something malformed now and then, and hears the streams; gives the waits in microseconds
/// and how many messages came.
async fn ask_until(url: String, nth: u64, until: Instant) -> Result<(Vec<u64>, u64), String> {
    let mut socket = open(&url).await;
    let wish = json!({"id": "wish", "command": "subscribe", "streams": ["ledger", "transactions"], "api_version": 1 + nth % 2});
    answer(&mut socket, &wish.to_string()).await?;
    let genesis = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
    let book = serde_json::to_value(common::pair().1).unwrap();
    let questions = [
        json!({"id": 1, "command": "account_info", "account": genesis, "ledger_index": "validated"})
            .to_string(),
        json!({"id": 1, "command": "book_offers", "taker_gets": {"currency": "XRP"}, "taker_pays": book})
            .to_string(),
        json!({"id": 1, "command": "account_tx", "account": genesis, "limit": 5}).to_string(),
        json!({"id": 1, "command": "no_such_command"}).to_string(),
        "{malformed".to_owned(),
        json!({"id": 1, "command": "ledger", "ledger_index": "validated", "transactions": true}).to_string(),
        json!({"id": 1, "command": "server_info"}).to_string(),
    ];
    let (mut waits, mut heard) = (Vec::new(), 0);
    for question in questions.iter().cycle().skip(nth as usize % 7) {
        if Instant::now() >= until {
            break;
        }
        let asked = Instant::now();
        heard += answer(&mut socket, question).await?;
        waits.push(u64::try_from(asked.elapsed().as_micros()).unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok((waits, heard))
}

/// Sends, and reads until the answer; gives the stream messages before it.
async fn answer(socket: &mut Socket, question: &str) -> Result<u64, String> {
    socket.send(Message::text(question)).await.map_err(|why| why.to_string())?;
    let mut heard = 0;
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                let is_answer = text.contains(r#""type":"response""#) || text.contains("jsonInvalid");
                if is_answer {
                    return Ok(heard);
                }
                heard += 1;
            }
            Some(Ok(Message::Close(frame))) => return Err(format!("closed: {frame:?}")),
            Some(Ok(_)) => {}
            other => return Err(format!("{other:?}")),
        }
    }
}

/// How many were cut off. The close frame, code 1008, reaches only a reader that reads again within the time the server
/// gives it; the others find the connection ended.
async fn cut_off(lazy: Vec<WebSocketStream<TcpStream>>) -> u64 {
    let mut cut = 0;
    for mut socket in lazy {
        let end = async { while let Some(Ok(_)) = socket.next().await {} };
        cut += u64::from(tokio::time::timeout(Duration::from_secs(10), end).await.is_ok());
    }
    cut
}

async fn still_open(silent: Vec<Socket>) -> u64 {
    let mut open = 0;
    for mut socket in silent {
        open += u64::from(answer(&mut socket, r#"{"command":"ping"}"#).await.is_ok());
    }
    open
}
