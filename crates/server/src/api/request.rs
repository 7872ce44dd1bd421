//! One client message as a request, and the envelope of its answer over a WebSocket or over HTTP: `id` and
//! `api_version` echoed as they came, `status`, and with an error the request itself, secrets masked. Never
//! panics on any text.

use serde_json::{Map, Value, json};

use super::errors::ApiError;
use super::params::{ApiVersion, Params};

/// What of a request comes back beside the answer.
const ECHOED: [&str; 4] = ["id", "jsonrpc", "ripplerpc", "api_version"];
/// Fields whose values are never repeated.
const SECRETS: [&str; 4] = ["passphrase", "secret", "seed", "seed_hex"];

/// A message with a command.
pub(crate) struct Request {
    /// What is asked for.
    pub(crate) command: String,
    params: Map<String, Value>,
    version: ApiVersion,
}

impl Request {
    /// Reads a message. The error is the whole answer to it: text that is no JSON object (too deeply
    /// nested included) is `jsonInvalid` with the text, an object without one command `missingCommand`.
    pub(crate) fn parse(text: &str) -> Result<Self, Value> {
        let Ok(Value::Object(params)) = serde_json::from_str(text) else {
            return Err(json!({"type": "error", "error": "jsonInvalid", "value": text}));
        };
        let version = version_of(&params);
        let command = command_of(&params);
        match (version, command) {
            (Some(version), Some(command)) => Ok(Self { command, params, version }),
            (version, _) => {
                let why = if version.is_none() {
                    ApiError::invalid_api_version()
                } else {
                    ApiError::missing_command()
                };
                let request = Self { command: String::new(), params, version: ApiVersion::V1 };
                Err(request.answer(Err(why)))
            }
        }
    }

    /// A request that came over HTTP; the parameters have the command among them, as the server echoes it.
    pub(crate) fn over_http(command: String, mut params: Map<String, Value>, version: ApiVersion) -> Self {
        params.insert("command".into(), command.clone().into());
        Self { command, params, version }
    }

    /// The parameters.
    pub(crate) fn params(&self) -> Params<'_> {
        Params::new(&self.params, self.version)
    }

    /// The answer over a WebSocket.
    pub(crate) fn answer(&self, result: Result<Map<String, Value>, ApiError>) -> Value {
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
        Value::Object(answer)
    }

    /// The answer over HTTP: errors are results too.
    pub(crate) fn http_answer(&self, result: Result<Map<String, Value>, ApiError>) -> Value {
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
        Value::Object(answer)
    }

    fn error_fields(&self, error: ApiError) -> Map<String, Value> {
        let mut answer = error.into_fields();
        let mut request = self.params.clone();
        for secret in SECRETS {
            if let Some(value) = request.get_mut(secret) {
                *value = "<masked>".into();
            }
        }
        answer.insert("request".into(), Value::Object(request));
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

    #[test]
    fn unreadable_messages_get_an_answer() {
        let deep = "[".repeat(100_000);
        let deep_object = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        for text in ["", "x", "[]", "1", "null", "\"a\"", "{", deep.as_str(), deep_object.as_str()] {
            let answer = Request::parse(text).map(|request| request.command).expect_err("unreadable");
            assert_eq!((&answer["error"], &answer["value"]), (&json!("jsonInvalid"), &json!(text)));
        }
        for (text, error) in [
            ("{}", "missingCommand"),
            (r#"{"command": 7, "id": 1}"#, "missingCommand"),
            (r#"{"command": "ping", "method": "fee"}"#, "missingCommand"),
            (r#"{"command": "ping", "api_version": 3}"#, "invalid_API_version"),
            (r#"{"command": "ping", "api_version": "2"}"#, "invalid_API_version"),
        ] {
            let answer = Request::parse(text).map(|request| request.command).expect_err("refused");
            let got = (answer["error"].as_str(), answer["status"].as_str());
            assert_eq!(got, (Some(error), Some("error")), "{text}");
        }
    }

    #[test]
    fn any_id_is_echoed_and_the_version_only_when_named() {
        for id in ["1", "\"x\"", "null", "{\"a\":[1]}", "1.5"] {
            let request = Request::parse(&format!(r#"{{"command":"ping","id":{id}}}"#)).ok().unwrap();
            let answer = request.answer(Ok(Map::new()));
            assert_eq!(answer["id"], serde_json::from_str::<Value>(id).unwrap());
            assert_eq!((&answer["status"], &answer["type"]), (&json!("success"), &json!("response")));
            assert!(answer.get("api_version").is_none());
        }
        let request = Request::parse(r#"{"command":"ping","api_version":2}"#).ok().unwrap();
        assert_eq!(request.answer(Ok(Map::new()))["api_version"], 2);
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let request = Request::parse(r#"{"command":"submit","secret":"s1","seed":"s2"}"#).ok().unwrap();
        let answer = request.answer(Err(ApiError::internal())).to_string();
        assert!(answer.contains("<masked>") && !answer.contains("s1") && !answer.contains("s2"), "{answer}");
    }
}
