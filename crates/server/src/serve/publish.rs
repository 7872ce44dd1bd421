//! Who hears of what: a closed ledger, what traded in it and its transactions, and transactions that came into the open
//! ledger. Each message is written once a version of the API and shared by all who want it.

use ledger::meta::TxMeta;
use serde_json::Value;
use sim::world::LedgerHeader;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::hub::{Client, ClientId, Hub};
use super::subscriptions::{Stream, Touched, named_accounts};
use crate::api::{self, ApiVersion, Proposed};
use crate::embedded::accounts_of;

impl Hub {
    /// `ledgerClosed` first, then what changed in the books, then the ledger's transactions in canonical order.
    pub(super) fn publish(&mut self, header: &LedgerHeader) {
        let Some((_, transactions)) = self.ledger.history().ledger(header.ledger_index) else {
            return;
        };
        let mut messages: Vec<(ClientId, Utf8Bytes)> = Vec::new();
        let ledger = &self.ledger;
        // The same in both versions.
        let mut closed = Forms::new(|_| Some(api::ledger_closed(ledger, header, transactions.len())));
        let mut changes = Forms::new(|_| Some(Value::Object(api::book_changes(ledger, header.ledger_index))));
        for (id, client) in self.hearers() {
            closed.queue(*id, client, client.wishes.stream(Stream::Ledger).into(), &mut messages);
        }
        for (id, client) in self.hearers() {
            changes.queue(*id, client, client.wishes.stream(Stream::BookChanges).into(), &mut messages);
        }
        for place in 0..transactions.len() {
            let found = u32::try_from(place)
                .ok()
                .and_then(|at| self.ledger.history().found((header.ledger_index.get(), at)));
            let Some(found) = found else { continue };
            let Ok(meta) = TxMeta::from_bytes(&found.tx.meta) else {
                continue;
            };
            let touched = Touched::by(accounts_of(found.tx), &meta);
            let mut forms = Forms::new(|version| api::stream_transaction(ledger, &found, version));
            for (id, client) in self.hearers() {
                forms.queue(*id, client, client.wishes.copies(&touched), &mut messages);
            }
        }
        self.send_all(messages);
        self.publish_load();
    }

    /// Tells of a transaction that came into the open ledger.
    pub(super) fn publish_proposed(&mut self, proposed: &Proposed) {
        let named = named_accounts(&proposed.tx);
        let mut messages = Vec::new();
        let mut forms = Forms::new(|version| Some(api::stream_proposed(&self.ledger, proposed, version)));
        for (id, client) in self.hearers() {
            forms.queue(*id, client, client.wishes.proposed_copies(&named), &mut messages);
        }
        self.send_all(messages);
    }

    /// Those whose node shows the ledger that is told of.
    fn hearers(&self) -> impl Iterator<Item = (&ClientId, &Client)> {
        self.clients.iter().filter(|(id, client)| self.view_of(id.0, client.node) == self.view)
    }

    /// Tells what a transaction costs when that has changed since it was last told.
    pub(super) fn publish_load(&mut self) {
        let report = self.ledger.world().fee_report();
        let load = (report.minimum_level, report.open_ledger_level);
        if std::mem::replace(&mut self.told_load, load) == load {
            return;
        }
        let mut messages = Vec::new();
        let mut forms = Forms::new(|_| Some(api::server_status(&report)));
        for (id, client) in self.hearers() {
            forms.queue(*id, client, client.wishes.stream(Stream::Server).into(), &mut messages);
        }
        self.send_all(messages);
    }

    fn send_all(&mut self, messages: Vec<(ClientId, Utf8Bytes)>) {
        for (id, message) in messages {
            self.send(id, message);
        }
    }
}

/// One message in the forms of both versions, each written once and only when somebody wants it.
struct Forms<F> {
    write: F,
    written: [Option<Option<Utf8Bytes>>; 2],
}

impl<F: FnMut(ApiVersion) -> Option<Value>> Forms<F> {
    fn new(write: F) -> Self {
        Self { write, written: [None, None] }
    }

    fn queue(&mut self, id: ClientId, client: &Client, copies: usize, to: &mut Vec<(ClientId, Utf8Bytes)>) {
        if copies == 0 {
            return;
        }
        let version = client.wishes.version;
        let [v1, v2] = &mut self.written;
        let slot = if version == ApiVersion::V1 { v1 } else { v2 };
        let text =
            slot.get_or_insert_with(|| (self.write)(version).map(|message| message.to_string().into()));
        if let Some(text) = text {
            to.extend(std::iter::repeat_n((id, text.clone()), copies));
        }
    }
}
