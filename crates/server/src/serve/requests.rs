//! Carrying out a request: those that change the ledger or concern the client's connection here, the others in `api`.

use serde_json::{Map, Value, json};

use super::CloseMode;
use super::ending::Ending;
use super::hub::{ClientId, Hub, Origin};
use super::subscriptions::{Asked, Stream};
use crate::api::{self, ApiError, Params, Request, Role};

impl Hub {
    /// `id` is the client that can hear of events; none over HTTP.
    pub(super) fn carry_out(
        &mut self,
        id: Option<ClientId>,
        origin: Origin,
        request: &Request,
    ) -> Result<Map<String, Value>, ApiError> {
        if self.stopped.is_some() {
            return Err(ApiError::internal());
        }
        let is_admin = origin == Origin::Local && self.mode == CloseMode::Manual;
        let params = request.params(if is_admin { Role::Admin } else { Role::Guest });
        match request.command.as_str() {
            "subscribe" => self.subscribe(id, params),
            "unsubscribe" => self.unsubscribe(id, params),
            "path_find" if id.is_none() => Err(ApiError::no_events()),
            "ledger_accept" => self.ledger_accept(origin),
            "stop" if is_admin => Ok(self.stop()),
            "submit" => {
                self.ledger.submits_locally(origin != Origin::Network);
                self.submit(params)
            }
            "random" => {
                let count = self.draw();
                Ok(api::fields(json!({ "random": api::random(&self.ledger, count) })))
            }
            command => api::call(&self.ledger, command, params),
        }
    }

    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    /// Ends everything once the answer is out.
    fn stop(&mut self) -> Map<String, Value> {
        self.stopped.get_or_insert_with(|| (Ending::ShutDown, "stopped".to_owned()));
        self.ledger.release();
        self.asked_to_stop.notify_one();
        api::fields(json!({ "message": "ripple server stopping" }))
    }

    fn ledger_accept(&mut self, origin: Origin) -> Result<Map<String, Value>, ApiError> {
        match (self.mode, origin) {
            (CloseMode::Clock, _) => return Err(ApiError::not_stand_alone()),
            (CloseMode::Manual, Origin::Network) => return Err(ApiError::forbidden()),
            (CloseMode::Manual, Origin::Process | Origin::Local) => {}
        }
        let header = self.close_and_publish().map_err(|_| ApiError::internal())?;
        Ok(api::fields(json!({ "ledger_current_index": header.ledger_index.plus(1).get() })))
    }

    fn submit(&mut self, params: Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let (answer, proposed) = api::submit(&mut self.ledger, params)?;
        if let Some(proposed) = proposed {
            self.publish_proposed(&proposed);
        }
        self.publish_load();
        Ok(answer)
    }

    fn subscribe(
        &mut self,
        id: Option<ClientId>,
        params: Params<'_>,
    ) -> Result<Map<String, Value>, ApiError> {
        let client = id.ok_or_else(ApiError::invalid_params)?;
        let asked = Asked::read(params)?;
        let client = self.clients.get_mut(&client).ok_or_else(ApiError::internal)?;
        client.wishes.add(&asked, params.version())?;
        let mut answer = Map::new();
        if asked.stream(Stream::Server) {
            let count = self.draw();
            answer.extend(api::subscribed_server(&self.ledger, count));
        }
        if asked.stream(Stream::Ledger) {
            answer.extend(api::subscribed_ledger(&self.ledger));
        }
        for book in asked.books.iter().filter(|book| book.snapshot) {
            let given = api::book_page(&self.ledger, book.gets, book.pays);
            if book.both {
                append(&mut answer, "bids", given);
                append(&mut answer, "asks", api::book_page(&self.ledger, book.pays, book.gets));
            } else {
                append(&mut answer, "offers", given);
            }
        }
        Ok(answer)
    }

    fn unsubscribe(
        &mut self,
        id: Option<ClientId>,
        params: Params<'_>,
    ) -> Result<Map<String, Value>, ApiError> {
        let client = id.ok_or_else(ApiError::invalid_params)?;
        let asked = Asked::read(params)?;
        if let Some(client) = self.clients.get_mut(&client) {
            client.wishes.remove(&asked);
        }
        Ok(Map::new())
    }
}

fn append(answer: &mut Map<String, Value>, name: &str, offers: Vec<Value>) {
    match answer.get_mut(name) {
        Some(Value::Array(list)) => list.extend(offers),
        _ => {
            answer.insert(name.into(), Value::Array(offers));
        }
    }
}
