//! Others on the ledger of a paper session while it trades: busy clients, idle sockets, readers that do not read, and
//! nonsense. The session goes on whole and ends proven. (The large crowd is measured by hand: docs/serve.md.)
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Folder;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// A connection that speaks the WebSocket protocol from now on.
fn upgraded(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let ask = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    stream
}

/// One short text frame with a mask of zeros (RFC 6455, 5.2).
fn say(stream: &mut TcpStream, text: &str) {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend(text.as_bytes());
    stream.write_all(&frame).unwrap();
}

/// Asks over one connection until told to stop, something malformed every third time.
fn ask_until(address: &str, over: &AtomicBool, answered: &AtomicU64) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let bodies = [
        r#"{"method":"ledger","params":[{"ledger_index":"validated","transactions":true,"expand":true}]}"#,
        r#"{"method":"server_info"}"#,
        r#"{"method":"server_info","#,
    ];
    for body in bodies.iter().cycle() {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let request = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(request.as_bytes()).is_err() {
            return;
        }
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut length = 0;
        loop {
            let mut line = String::new();
            match reader.read_line(&mut line) {
                Ok(count) if count > 0 => {}
                // The session ended, and the server with it.
                _ => return,
            }
            if let Some(said) = line.strip_prefix("Content-Length: ") {
                length = said.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        if reader.read_exact(&mut vec![0; length]).is_err() {
            return;
        }
        answered.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_session_among_others_goes_on_and_ends_proven() {
    let folder = Folder::new();
    let args = ["paper", "--duration", "3m", "--speed", "30", "--json", "--listen", "127.0.0.1:0"];
    let mut child = folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    let address = loop {
        assert_ne!(stderr.read_line(&mut told).unwrap(), 0, "ended early: {told}");
        if let Some((_, rest)) = told.split_once("ws://") {
            break rest.split_whitespace().next().unwrap().to_owned();
        }
    };
    let drain = thread::spawn(move || stderr.read_to_string(&mut String::new()));
    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let idle: Vec<TcpStream> = (0..100).map(|_| upgraded(&address)).collect();
    let mut lazy = Vec::new();
    for _ in 0..4 {
        let mut stream = upgraded(&address);
        say(
            &mut stream,
            r#"{"command":"subscribe","streams":["ledger","transactions","transactions_proposed"]}"#,
        );
        say(&mut stream, "{nonsense");
        lazy.push(stream);
    }
    let busy: Vec<_> = (0..20)
        .map(|_| {
            let (address, over, answered) = (address.clone(), over.clone(), answered.clone());
            thread::spawn(move || ask_until(&address, &over, &answered))
        })
        .collect();
    let output = child.wait_with_output().unwrap();
    over.store(true, Ordering::Relaxed);
    for one in busy {
        one.join().unwrap();
    }
    drain.join().unwrap().unwrap();
    drop((idle, lazy));
    assert!(output.status.success(), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["halt_reason"], &report["truth"]["verified"]),
        (&"duration_elapsed".into(), &true.into())
    );
    assert_eq!((&report["truth"]["unexplained"], &report["truth"]["delta_xrp"]), (&"0".into(), &"0".into()));
    assert!(answered.load(Ordering::Relaxed) > 100, "{answered:?}");
    folder.neo(&["audit"]).ended(0);
    folder.neo(&["replay", "1"]).ended(0);
}

#[test]
fn others_need_a_clock_and_a_free_address() {
    let folder = Folder::new();
    folder.neo(&["paper", "--speed", "max", "--listen", "127.0.0.1:0"]).ended(2);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = folder.neo(&["paper", "--duration", "1m", "--listen", &address]);
    assert!(run.stderr.contains("already in use"), "{}", run.stderr);
}
