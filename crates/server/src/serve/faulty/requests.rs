//! Faults that strike requests, before they are carried out: lost, late, refused, answered cheerfully and forgotten.

use ledger::ResultCode;
use ledger::fields as f;
use ledger::object::Object;
use serde_json::{Map, Value};

use super::shown::{Label, submitted, type_name};
use super::{LATER_MAX, Later, Reply};
use crate::api::{self, Answer, ApiError, ApiVersion, Request, Role};
use crate::faults::{Event, Place, Strike, What};
use crate::serve::ending::Ending;
use crate::serve::hub::{ClientId, HttpAnswer, Hub, Origin};

/// Who asks.
#[derive(Clone, Copy)]
struct Caller {
    id: Option<ClientId>,
    origin: Origin,
    node: u8,
}

impl Caller {
    fn connection(self) -> u64 {
        self.id.map_or(0, |id| id.0)
    }
}

impl Hub {
    /// A message of a client of a server with faults.
    pub(in crate::serve) fn message_with_faults(&mut self, id: ClientId, request: &Request) {
        let Some((origin, node)) = self.clients.get(&id).map(|client| (client.origin, client.node)) else {
            return;
        };
        match self.respond(Some(id), origin, node, request) {
            (Reply::Answer(result), warns) => self.deliver_answer(id, request, result, warns),
            (Reply::Nothing, _) => {}
            (Reply::End(why), _) => self.dismiss(id, why),
        }
    }

    /// The same over HTTP. A connection that would be closed gets the status 503 there, as on the real server.
    pub(in crate::serve) fn rpc_with_faults(
        &mut self,
        request: &Request,
        origin: Origin,
        node: u8,
    ) -> Option<HttpAnswer> {
        let overloaded = "Server is overloaded".to_owned();
        match self.respond(None, origin, node, request) {
            (Reply::Nothing, _) => None,
            (Reply::End(_), _) => Some(HttpAnswer { status: 503, body: overloaded, is_cut: false }),
            (Reply::Answer(Err(error)), _) if error == ApiError::forbidden() => {
                Some(HttpAnswer { status: 403, body: "Forbidden".to_owned(), is_cut: false })
            }
            (Reply::Answer(result), warns) => {
                let tx_type = submitted(request).map_or("", |tx| type_name(&tx));
                let label = Label::response(&request.command, tx_type);
                self.http_answer(label, node, request.http_answer(result), warns)
            }
        }
    }

    /// What becomes of a request, and whether the answer warns of load.
    pub(in crate::serve) fn respond(
        &mut self,
        id: Option<ClientId>,
        origin: Origin,
        node: u8,
        request: &Request,
    ) -> (Reply, bool) {
        let caller = Caller { id, origin, node };
        if self.faults.is_none() {
            return (Reply::Answer(self.carry_out(id, origin, request)), false);
        }
        let tx = submitted(request);
        let tx_type = tx.as_ref().map_or("", type_name);
        let mut warns = false;
        let mut gaps = Vec::new();
        for strike in self.strikes(caller, request, tx_type) {
            match &strike.what {
                What::HistoryGap { first, last } => gaps.push((strike.clone(), *first, *last)),
                What::Load { warn_at, close_at } => match self.load(caller, &strike, *warn_at, *close_at) {
                    Some(true) => return (Reply::End(Ending::Threshold), false),
                    Some(false) => warns = true,
                    None => {}
                },
                _ => {
                    if let Some(reply) = self.strike_request(caller, &strike, request, tx.as_ref()) {
                        return (reply, warns);
                    }
                }
            }
        }
        let mut result = self.carry_out_at(id, origin, node, request);
        for (strike, first, last) in gaps {
            if super::rewrite::hide(&mut result, request, first, last) {
                self.note(&strike, caller.connection(), format!("{} finds nothing there", request.command));
            }
        }
        (Reply::Answer(result), warns)
    }

    /// Carries a request out on the ledger its node shows. A node that lags behind still sends on what is submitted.
    pub(super) fn carry_out_at(
        &mut self,
        id: Option<ClientId>,
        origin: Origin,
        node: u8,
        request: &Request,
    ) -> Answer {
        let view = self.view_of(id.map_or(0, |id| id.0), node);
        let lags = view.is_some_and(|rule| {
            self.faults.as_ref().is_some_and(|faults| faults.decider.what(rule) == Some(&What::StaleNode))
        });
        let view =
            if lags && ["submit", "ledger_accept"].contains(&request.command.as_str()) { None } else { view };
        self.in_view(view, |hub| hub.carry_out(id, origin, request))
    }

    fn strikes(&mut self, caller: Caller, request: &Request, tx_type: &str) -> Vec<Strike> {
        let event = Event {
            place: Place::Request,
            connection: caller.connection(),
            node: caller.node,
            ledger: self.newest_ledger(),
            message: None,
            method: &request.command,
            tx_type,
        };
        self.faults.as_mut().map(|faults| faults.decider.decide(&event)).unwrap_or_default()
    }

    /// What one fault makes of a request; nothing when it leaves it alone.
    fn strike_request(
        &mut self,
        caller: Caller,
        strike: &Strike,
        request: &Request,
        tx: Option<&Object>,
    ) -> Option<Reply> {
        let version = request.params(Role::Guest).version();
        let reply = match &strike.what {
            What::LostRequest => Reply::Nothing,
            What::DelayedRequest { ledgers } => {
                let id = caller.id?;
                self.later(caller, *ledgers, request, Some(id), true);
                Reply::Nothing
            }
            What::LostSubmit => Reply::Answer(self.cheerful(caller, request)),
            What::QueuedThenDropped => {
                Reply::Answer(queued(self.cheerful(caller, request), "terQUEUED", true))
            }
            What::QueuedThenValidated { ledgers } => {
                let answer = queued(self.cheerful(caller, request), "terQUEUED", true);
                self.later(caller, *ledgers, request, caller.id, false);
                Reply::Answer(answer)
            }
            What::CannotQueue => {
                Reply::Answer(queued(self.cheerful(caller, request), "telCAN_NOT_QUEUE_FULL", false))
            }
            What::SlowDown => Reply::Answer(Err(ApiError::slow_down())),
            What::TooBusy => Reply::Answer(Err(ApiError::too_busy())),
            What::NoPeers => Reply::Answer(Err(ApiError::failed_to_forward())),
            What::NotFound => Reply::Answer(Err(not_found(request))),
            What::Threshold => Reply::End(Ending::Threshold),
            What::TooSlow => Reply::End(Ending::Slow),
            What::AmendmentBlocked if NEED_NETWORK.contains(&request.command.as_str()) => {
                Reply::Answer(Err(ApiError::amendment_blocked()))
            }
            What::Restarting if !NEED_NO_LEDGER.contains(&request.command.as_str()) => {
                Reply::Answer(Err(if version == ApiVersion::V1 {
                    ApiError::no_network()
                } else {
                    ApiError::not_synced()
                }))
            }
            What::OtherNetwork { network_id } => Reply::Answer(self.elsewhere(caller, request, *network_id)),
            What::FeeSpike { factor } if self.pays_too_little(tx?, *factor) => {
                Reply::Answer(queued(self.cheerful(caller, request), "telINSUF_FEE_P", false))
            }
            _ => return None,
        };
        let hash = match &reply {
            Reply::Answer(Ok(answer)) => answer["tx_json"]["hash"].as_str().and_then(|hash| hash.get(..8)),
            _ => None,
        };
        let words = [request.command.as_str(), tx.map_or("", type_name), hash.unwrap_or_default()];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        self.note(strike, caller.connection(), words.join(" "));
        Some(reply)
    }

    /// The answer a request would get, without any effect.
    fn cheerful(&mut self, caller: Caller, request: &Request) -> Answer {
        let view = self.view_of(caller.connection(), caller.node);
        self.in_view(view, |hub| hub.in_vain(|hub| hub.carry_out(caller.id, caller.origin, request)))
    }

    /// The answer of a server of another network: its own rule about `NetworkID` decides, and what it takes never comes
    /// to this one.
    fn elsewhere(&mut self, caller: Caller, request: &Request, network_id: u32) -> Answer {
        let view = self.view_of(caller.connection(), caller.node);
        self.in_view(view, |hub| {
            hub.in_vain(|hub| {
                hub.ledger.become_of_network(network_id);
                hub.carry_out(caller.id, caller.origin, request)
            })
        })
    }

    fn later(
        &mut self,
        caller: Caller,
        ledgers: u32,
        request: &Request,
        client: Option<ClientId>,
        is_answered: bool,
    ) {
        let ledger = self.newest_ledger().saturating_add(ledgers);
        if let Some(faults) = &mut self.faults
            && faults.later.len() < LATER_MAX
        {
            faults.later.push(Later {
                ledger,
                client,
                node: caller.node,
                request: request.clone(),
                is_answered,
            });
        }
    }

    fn pays_too_little(&self, tx: &Object, factor: u32) -> bool {
        let needed = self.ledger.fees().base_fee.get().saturating_mul(i64::from(factor));
        let fee = tx.amount(f::FEE).and_then(|fee| fee.drops());
        fee.is_some_and(|fee| fee.get() < needed)
    }

    /// Counts a request; an eighth is forgotten each ledger (the real server forgets half in 32 seconds: its resource
    /// manager, `decayWindowSeconds`). Whether it is too much, or nearly.
    fn load(&mut self, caller: Caller, strike: &Strike, warn_at: u32, close_at: u32) -> Option<bool> {
        let ledger = self.newest_ledger();
        let of = self.faults.as_mut()?.connection(caller.connection());
        for _ in of.load_at..ledger.min(of.load_at.saturating_add(64)) {
            of.load -= of.load.div_ceil(8);
        }
        of.load_at = ledger;
        of.load += 1;
        let load = of.load;
        if load < u64::from(warn_at.min(close_at)) {
            return None;
        }
        let closes = load >= u64::from(close_at);
        let words = if closes { "closed with 1008 threshold exceeded" } else { "warned" };
        self.note(strike, caller.connection(), format!("{words} after {load} requests"));
        Some(closes)
    }
}

/// What a server that lacks an amendment refuses: the commands that need the network or the newest ledger (server
/// source, conditionMet).
const NEED_NETWORK: [&str; 6] = ["submit", "simulate", "fee", "ledger_current", "ledger_closed", "tx"];
/// What a server answers before it has a ledger.
const NEED_NO_LEDGER: [&str; 9] = [
    "server_info",
    "server_state",
    "server_definitions",
    "ping",
    "version",
    "random",
    "subscribe",
    "unsubscribe",
    "ledger_accept",
];

/// An answer to `submit` as one that did not get into the open ledger (fields as recorded from a real server 3.1.1).
fn queued(answer: Answer, result: &str, is_queued: bool) -> Answer {
    let mut answer = answer?;
    if !matches!(answer.get("engine_result").and_then(Value::as_str), Some("tesSUCCESS")) && is_queued {
        return Ok(answer);
    }
    if let Some(result) = ResultCode::by_name(result) {
        answer.extend(api::engine_result(result));
    }
    let flags =
        [("accepted", is_queued), ("broadcast", is_queued), ("queued", is_queued), ("kept", is_queued)];
    answer.extend(flags.map(|(name, is)| (name.to_owned(), Value::from(is))));
    answer.insert("applied".into(), false.into());
    Ok(answer)
}

fn not_found(request: &Request) -> ApiError {
    let params = request.params(Role::Guest);
    match params.has("min_ledger") || params.has("max_ledger") {
        true => ApiError::txn_not_found().with("searched_all", false),
        false => ApiError::txn_not_found(),
    }
}

/// The fields of an answer.
pub(super) type Fields = Map<String, Value>;
