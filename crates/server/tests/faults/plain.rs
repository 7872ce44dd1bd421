//! A server that goes wrong, and a client that knows the WebSocket protocol and nothing else.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::{FaultScript, LedgerServer};
use sim::world::MarketSpec;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::common::{manual, resting_offer, spec, wallet};

/// A quiet ledger with these faults (a YAML list), its address, and its newest ledger.
pub async fn start(faults: &str) -> (LedgerServer, SocketAddr, u32) {
    start_with(&format!("seed: 7\nfaults: [{faults}]\n")).await
}

/// The same with a whole file.
pub async fn start_with(script: &str) -> (LedgerServer, SocketAddr, u32) {
    let server = manual(server::EmbeddedLedger::in_memory(spec(1, MarketSpec::None)).unwrap());
    let base = newest(&server);
    if !script.ends_with("faults: []\n") {
        let script = FaultScript::from_yaml(&script.replace("BASE", &base.to_string())).unwrap();
        server.set_faults(script);
    }
    let listening = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listening.address();
    tokio::spawn(listening.run());
    (server, address, base)
}

pub fn newest(server: &LedgerServer) -> u32 {
    server.with_ledger(|ledger| ledger.header().ledger_index.get())
}

/// The next sequence of the paper wallet in the open ledger.
pub fn sequence(server: &LedgerServer) -> u32 {
    let account = wallet().account();
    server.with_ledger(|ledger| ledger.world().sequence(sim::world::At::Current, account)).unwrap()
}

/// The kinds of the faults that struck, in order.
pub fn struck(server: &LedgerServer) -> Vec<&'static str> {
    server.faults_fired().iter().map(|fault| fault.kind).collect()
}

pub struct Plain(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What ends a connection.
#[derive(Debug, PartialEq)]
pub enum End {
    Close(u16, String),
    Broken,
}

impl Plain {
    pub async fn connect(address: SocketAddr) -> Self {
        Self(connect_async(format!("ws://{address}")).await.unwrap().0)
    }

    pub async fn say(&mut self, json: Value) {
        self.0.send(Message::text(json.to_string())).await.unwrap();
    }

    /// The next text, or how the connection ended.
    pub async fn next(&mut self) -> Result<String, End> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(End::Close(frame.code.into(), frame.reason.to_string()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(End::Broken),
            }
        }
    }

    pub async fn json(&mut self) -> Value {
        serde_json::from_str(&self.next().await.unwrap()).unwrap()
    }

    pub async fn ask(&mut self, json: Value) -> Value {
        self.say(json).await;
        self.json().await
    }

    /// Everything that came before the answer to a ping asked now.
    pub async fn all(&mut self) -> Vec<Value> {
        self.say(json!({"command": "ping", "id": "end"})).await;
        let mut seen = Vec::new();
        loop {
            match self.json().await {
                answer if answer["id"] == "end" => return seen,
                message => seen.push(message),
            }
        }
    }

    /// The submission of an offer that rests, with what is answered.
    pub async fn submit(&mut self, sequence: u32) -> Value {
        let blob = resting_offer(sequence, 1).blob_hex();
        self.ask(json!({"command": "submit", "tx_blob": blob, "api_version": 2})).await["result"].take()
    }
}

/// The numbers of the ledgers told of, counted from `base`.
pub fn ledgers(seen: &[Value], base: u32) -> Vec<u64> {
    let told = seen.iter().filter(|message| message["type"] == "ledgerClosed");
    told.map(|message| message["ledger_index"].as_u64().unwrap() - u64::from(base)).collect()
}
