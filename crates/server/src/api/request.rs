//! One client message as a request, and the envelope of its answer over a WebSocket or over HTTP: `id` and
//! `api_version` echoed as they came, `status`, and with an error the request itself, secrets masked. Never
//! panics on any text.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::json::{self as text_json, WithId};
use super::params::{ApiVersion, Params, Role};

/// What of a request comes back beside the answer.
const ECHOED: [&str; 4] = ["id", "jsonrpc", "ripplerpc", "api_version"];
/// Fields whose values are never repeated.
const SECRETS: [&str; 4] = ["passphrase", "secret", "seed", "seed_hex"];

/// A message with a command.
#[derive(Clone)]
pub(crate) struct Request {
    /// What is asked for.
    pub(crate) command: String,
    params: Map<String, Value>,
    version: ApiVersion,
    /// The `id` as it is written: a number may be longer than any of ours.
    id: Option<Box<RawValue>>,
}

impl Request {
    /// Reads a message. The error is the whole answer to it: text that is no JSON object (too deeply
    /// nested, or with a name twice, included) is `jsonInvalid` with the text, an object without one command
    /// `missingCommand`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let Ok(Value::Object(params)) = text_json::read(text) else {
            return Err(json!({"type": "error", "error": "jsonInvalid", "value": text}).to_string());
        };
        let id = text_json::id_of(text);
        let version = version_of(&params);
        let command = command_of(&params);
        match (version, command) {
            (Some(version), Some(command)) => Ok(Self { command, params, version, id }),
            (version, _) => {
                let why = if version.is_none() {
                    ApiError::invalid_api_version()
                } else {
                    ApiError::missing_command()
                };
                let request = Self { command: String::new(), params, version: ApiVersion::V1, id };
                Err(request.answer(Err(why)))
            }
        }
    }

    /// A request that came over HTTP; the parameters have the command among them, as the server echoes it.
    pub(crate) fn over_http(
        command: String,
        mut params: Map<String, Value>,
        version: ApiVersion,
        id: Option<Box<RawValue>>,
    ) -> Self {
        params.insert("command".into(), command.clone().into());
        Self { command, params, version, id }
    }

    /// The parameters, put by somebody of this role.
    pub(crate) fn params(&self, role: Role) -> Params<'_> {
        Params::new(&self.params, self.version, role)
    }

    /// Everything it said, secrets masked.
    pub(crate) fn masked(&self) -> Map<String, Value> {
        masked(self.params.clone())
    }

    /// The answer over a WebSocket.
    pub(crate) fn answer(&self, result: Result<Map<String, Value>, ApiError>) -> String {
        let mut answer = match result {
            Ok(result) => {
                let mut answer = Map::new();
                answer.insert("result".into(), Value::Object(result));
                answer.insert("status".into(), "success".into());
                answer
            }
            Err(error) => self.error_fields(error),
        };
        answer.insert("type".into(), "response".into());
        self.echo(&ECHOED, &mut answer);
        self.written(&answer)
    }

    /// The answer over HTTP: errors are results too.
    pub(crate) fn http_answer(&self, result: Result<Map<String, Value>, ApiError>) -> String {
        let result = match result {
            Ok(mut result) => {
                result.insert("status".into(), "success".into());
                result
            }
            Err(error) => self.error_fields(error),
        };
        let mut answer = Map::new();
        answer.insert("result".into(), Value::Object(result));
        self.echo(&ECHOED[..3], &mut answer);
        self.written(&answer)
    }

    fn written(&self, answer: &Map<String, Value>) -> String {
        let with_id = WithId { fields: answer, id: self.id.as_deref() };
        // A map of texts cannot fail to be written.
        serde_json::to_string(&with_id).unwrap_or_default()
    }

    fn error_fields(&self, error: ApiError) -> Map<String, Value> {
        let mut answer = error.into_fields();
        answer.insert("request".into(), Value::Object(self.masked()));
        answer.insert("status".into(), "error".into());
        answer
    }

    fn echo(&self, names: &[&str], answer: &mut Map<String, Value>) {
        for name in names {
            if let Some(value) = self.params.get(*name) {
                answer.insert((*name).to_owned(), value.clone());
            }
        }
    }
}

/// The fields of a request without its secrets.
pub(crate) fn masked(mut request: Map<String, Value>) -> Map<String, Value> {
    for secret in SECRETS {
        if let Some(value) = request.get_mut(secret) {
            *value = "<masked>".into();
        }
    }
    request
}

/// The version asked for; none for one that is not there.
pub(crate) fn version_of(params: &Map<String, Value>) -> Option<ApiVersion> {
    match params.get("api_version") {
        None => Some(ApiVersion::V1),
        Some(value) => match value.as_u64() {
            Some(1) => Some(ApiVersion::V1),
            Some(2) => Some(ApiVersion::V2),
            _ => None,
        },
    }
}

/// `command` or `method`; both only when they are the same.
fn command_of(params: &Map<String, Value>) -> Option<String> {
    let (command, method) = (params.get("command"), params.get("method"));
    let text = command.or(method)?.as_str()?;
    let agree = match (command, method) {
        (Some(command), Some(method)) => command == method,
        _ => true,
    };
    (agree && !text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn refused(text: &str) -> Value {
        read(&Request::parse(text).map(|request| request.command).expect_err("refused"))
    }

    #[test]
    fn unreadable_messages_get_an_answer() {
        let deep = "[".repeat(100_000);
        let deep_object = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        let twice = r#"{"command": "ping", "id": 1, "id": 1}"#;
        for text in ["", "x", "[]", "1", "null", "\"a\"", "{", twice, deep.as_str(), deep_object.as_str()] {
            let answer = refused(text);
            assert_eq!((&answer["error"], &answer["value"]), (&json!("jsonInvalid"), &json!(text)));
        }
        for (text, error) in [
            ("{}", "missingCommand"),
            (r#"{"command": 7, "id": 1}"#, "missingCommand"),
            (r#"{"command": "ping", "method": "fee"}"#, "missingCommand"),
            (r#"{"command": "ping", "api_version": 3}"#, "invalid_API_version"),
            (r#"{"command": "ping", "api_version": "2"}"#, "invalid_API_version"),
        ] {
            let answer = refused(text);
            let got = (answer["error"].as_str(), answer["status"].as_str());
            assert_eq!(got, (Some(error), Some("error")), "{text}");
        }
    }

    #[test]
    fn any_id_is_echoed_letter_by_letter_and_the_version_only_when_named() {
        for id in [
            "1",
            "\"x\"",
            "null",
            "{\"a\": [1]}",
            "1.50",
            "1e3",
            "-0",
            "340282366920938463463374607431768211456",
        ] {
            let request = Request::parse(&format!(r#"{{"command":"ping","id":{id}}}"#)).ok().unwrap();
            let written = format!("\"id\":{id}");
            for result in [Ok(Map::new()), Err(ApiError::internal())] {
                let copies = 1 + usize::from(result.is_err());
                let answer = request.answer(result);
                assert_eq!(answer.matches(&written).count(), copies, "{answer}");
                assert!(read(&answer).get("api_version").is_none());
            }
        }
        let request = Request::parse(r#"{"command":"ping","api_version":2}"#).ok().unwrap();
        let answer = read(&request.answer(Ok(Map::new())));
        assert_eq!((&answer["api_version"], &answer["status"]), (&json!(2), &json!("success")));
        assert_eq!(answer["type"], "response");
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let request = Request::parse(r#"{"command":"submit","secret":"s1","seed":"s2"}"#).ok().unwrap();
        let answer = request.answer(Err(ApiError::internal()));
        assert!(answer.contains("<masked>") && !answer.contains("s1") && !answer.contains("s2"), "{answer}");
    }
}
