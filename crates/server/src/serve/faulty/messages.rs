//! Faults that strike messages on their way to a client: lost, twice, late, in another order, torn, false. Nothing is
//! held back without a bound.

use serde_json::Value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::rewrite;
use super::shown::{Label, submitted, type_name};
use super::{HELD_MAX, Held, Out, Window, half};
use crate::api::{self, Answer, Request};
use crate::faults::{Event, MessageKind, Place, Span, Strike, What};
use crate::serve::hub::{ClientId, HttpAnswer, Hub};
use crate::serve::queue::{Queued, Wire};

/// What becomes of one message.
#[derive(Default)]
struct Shaped {
    before: Vec<Out>,
    out: Option<Out>,
    after: Vec<Out>,
    copies: u32,
    hold: Option<Span>,
    window: Option<(u32, u64)>,
}

impl Hub {
    /// An answer on its way to a client.
    pub(super) fn deliver_answer(&mut self, id: ClientId, request: &Request, result: Answer, warns: bool) {
        let tx_type = submitted(request).map_or("", |tx| type_name(&tx));
        let label = Label::response(&request.command, tx_type);
        let text = request.answer(result);
        let text = if warns { rewrite::warned(&text) } else { text };
        self.deliver(id, &label, text);
    }

    /// A message of a stream on its way to a client.
    pub(in crate::serve) fn send_with_faults(&mut self, id: ClientId, message: Utf8Bytes) {
        let Ok(json) = serde_json::from_str::<Value>(&message) else { return };
        let label = Label::stream(&json);
        self.deliver(id, &label, message.as_str().to_owned());
    }

    /// An answer over HTTP: what concerns a single message is done there too.
    pub(super) fn http_answer(
        &mut self,
        label: Label,
        node: u8,
        text: String,
        warns: bool,
    ) -> Option<HttpAnswer> {
        let text = if warns { rewrite::warned(&text) } else { text };
        let is_unavailable = |out: &Out| out.text == rewrite::UNAVAILABLE;
        let out = self.shape(0, node, &label, text).out?;
        let status = if is_unavailable(&out) { 503 } else { 200 };
        match out.wire {
            Wire::Whole | Wire::Huge(_) => {
                Some(HttpAnswer { status, body: format!("{}\n", out.text), is_cut: false })
            }
            Wire::Cut => Some(HttpAnswer { status, body: out.text, is_cut: true }),
            Wire::Reset | Wire::HalfOpen => None,
        }
    }

    fn deliver(&mut self, id: ClientId, label: &Label, text: String) {
        let Some(node) = self.clients.get(&id).map(|client| client.node) else { return };
        let ledger = self.newest_ledger();
        if let Some(faults) = &mut self.faults {
            let of = faults.connection(id.0);
            let silent = label.kind != MessageKind::Response && of.silent_to.is_some_and(|to| ledger <= to);
            if of.is_half_open || silent {
                return;
            }
        }
        let shaped = self.shape(id.0, node, label, text);
        for out in shaped.before {
            self.put(id, out);
        }
        if let Some(out) = shaped.out {
            for _ in 0..shaped.copies {
                self.put(id, out.clone());
            }
            self.place(id, out, shaped.hold, shaped.window);
        }
        for out in shaped.after {
            self.put(id, out);
        }
    }

    /// Now, later, or in another order.
    fn place(&mut self, id: ClientId, out: Out, hold: Option<Span>, window: Option<(u32, u64)>) {
        let ledger = self.newest_ledger();
        let Some(faults) = &mut self.faults else { return };
        let of = faults.connection(id.0);
        if let (Some((wanted, draw)), None) = (window, &of.window) {
            let wanted = wanted as usize;
            of.window = Some(Window { wanted, draw, of_answers: out.is_answer, outs: Vec::new() });
        }
        let has_room = of.held.len() < HELD_MAX;
        if let Some(window) = of.window.as_mut().filter(|window| window.of_answers == out.is_answer) {
            window.outs.push(out);
            if window.outs.len() >= window.wanted {
                self.release_window(id);
            }
        } else if let (Some(span), true) = (hold, has_room) {
            let (messages, ledgers) = match span {
                Span::Messages(messages) => (Some(messages), 0),
                Span::Ledgers(ledgers) => (None, ledgers),
            };
            of.held.push(Held { messages, ledger: ledger.saturating_add(ledgers), out });
        } else {
            self.put(id, out);
            self.count_down(id);
        }
    }

    /// A message went out: those that waited for it follow.
    fn count_down(&mut self, id: ClientId) {
        let Some(faults) = &mut self.faults else { return };
        let of = faults.connection(id.0);
        for held in &mut of.held {
            held.messages = held.messages.map(|left| left.saturating_sub(1));
        }
        let due: Vec<Held> = of.held.extract_if(.., |held| held.messages == Some(0)).collect();
        for held in due {
            self.put(id, held.out);
        }
    }

    /// A ledger closed and was told: what waited for it goes out, and collected messages do.
    pub(super) fn release_held(&mut self, ledger: u32) {
        let Some(faults) = &mut self.faults else { return };
        let connections: Vec<u64> = faults.connections.keys().copied().collect();
        for id in connections.into_iter().map(ClientId) {
            self.release_window(id);
            let Some(faults) = &mut self.faults else { return };
            let held = &mut faults.connection(id.0).held;
            let due: Vec<Held> =
                held.extract_if(.., |held| held.messages.is_none() && held.ledger <= ledger).collect();
            for held in due {
                self.put(id, held.out);
            }
        }
    }

    /// What was collected goes out in an order drawn from the seed, never the one it came in.
    fn release_window(&mut self, id: ClientId) {
        let window = self.faults.as_mut().and_then(|faults| faults.connection(id.0).window.take());
        let Some(Window { mut outs, draw, .. }) = window else { return };
        let mut left = draw;
        for last in (1..outs.len()).rev() {
            // Sattolo's shuffle: nothing stays where it was.
            let (size, other) = (last as u64, usize::try_from(left % last as u64).unwrap_or(0));
            left /= size;
            outs.swap(last, other);
        }
        for out in outs {
            self.put(id, out);
        }
    }

    /// Queues a message; one that ends the connection is the last.
    pub(super) fn put(&mut self, id: ClientId, out: Out) {
        match (out.wire, out.is_answer) {
            (Wire::Whole, true) => self.answer(id, out.text),
            (wire, _) => {
                self.queue(id, Queued::over(wire, out.text));
            }
        }
        match out.wire {
            // Its session ends by itself when it comes to the message.
            Wire::Cut | Wire::Reset => {
                self.clients.remove(&id);
            }
            Wire::HalfOpen => {
                if let Some(faults) = &mut self.faults {
                    faults.connection(id.0).is_half_open = true;
                }
            }
            Wire::Whole | Wire::Huge(_) => {}
        }
    }

    /// What the faults make of a message.
    fn shape(&mut self, connection: u64, node: u8, label: &Label, text: String) -> Shaped {
        let event = Event {
            place: Place::Message,
            connection,
            node,
            ledger: self.newest_ledger(),
            message: Some(label.kind),
            method: &label.method,
            tx_type: &label.tx_type,
        };
        let strikes = self.faults.as_mut().map(|faults| faults.decider.decide(&event)).unwrap_or_default();
        let is_answer = label.kind == MessageKind::Response;
        let out = Out { wire: Wire::Whole, text, is_answer };
        let mut shaped = Shaped { out: Some(out), ..Shaped::default() };
        for strike in strikes {
            if let Some(detail) = self.strike_message(connection, &strike, label, &mut shaped) {
                self.note(&strike, connection, detail);
            }
            if shaped.out.is_none() {
                break;
            }
        }
        shaped
    }

    /// What one fault makes of a message; what it did, or nothing when it left it alone.
    fn strike_message(
        &mut self,
        connection: u64,
        strike: &Strike,
        label: &Label,
        shaped: &mut Shaped,
    ) -> Option<String> {
        let out = shaped.out.as_mut()?;
        let extra = |text: String| Out { wire: Wire::Whole, text, is_answer: false };
        let mut detail = label.detail.clone();
        match &strike.what {
            What::Drop | What::SilentSubscription => shaped.out = None,
            What::Duplicate { copies } => {
                shaped.copies += copies;
                detail += &format!(", {copies} more");
            }
            What::Delay(span) => {
                shaped.hold = Some(*span);
                detail += &match span {
                    Span::Messages(messages) => format!(", {messages} messages later"),
                    Span::Ledgers(ledgers) => format!(", {ledgers} ledgers later"),
                };
            }
            What::Reorder { window } => {
                shaped.window = Some((*window, strike.draw));
                detail += &format!(" and the next, up to {window}");
            }
            What::Cut => out.wire = Wire::Cut,
            What::Reset => out.wire = Wire::Reset,
            What::HalfOpen => out.wire = Wire::HalfOpen,
            What::HugeFrame { mebibytes } => {
                out.wire = Wire::Huge(*mebibytes);
                detail = format!("{mebibytes} MiB before {detail}");
            }
            What::PartialJson => out.text.truncate(half(&out.text)),
            What::ServiceUnavailable => rewrite::UNAVAILABLE.clone_into(&mut out.text),
            What::DeepJson { depth } => {
                shaped.before.push(extra(rewrite::deep(*depth)));
                detail = format!("{depth} deep before {detail}");
            }
            What::UnknownMessage => {
                shaped.before.push(extra(rewrite::unknown_message()));
                detail = format!("before {detail}");
            }
            What::LedgerGap { ledgers } => {
                let to = self.newest_ledger().saturating_add(*ledgers).saturating_sub(1);
                self.faults.as_mut()?.connection(connection).silent_to = Some(to);
                shaped.out = None;
                detail += &format!(" and all up to ledger {to}");
            }
            What::LedgerBackwards { ledgers } => {
                let text = self.ledger_closed_before(*ledgers)?;
                shaped.after.push(extra(text));
                detail += &format!(", then the one {ledgers} before again");
            }
            other => {
                let mut json: Value = serde_json::from_str(&out.text).ok()?;
                detail = format!("{detail}: {}", rewrite::rewrite(other, &mut json, label)?);
                out.text = json.to_string();
            }
        }
        Some(detail)
    }

    /// The `ledgerClosed` message of so many ledgers before the newest.
    fn ledger_closed_before(&self, ledgers: u32) -> Option<String> {
        let index = self.ledger.header().ledger_index.get().checked_sub(ledgers)?;
        let (header, transactions) = self.ledger.history().ledger(units::LedgerIndex(index))?;
        Some(api::ledger_closed(&self.ledger, header, transactions.len()).to_string())
    }
}
