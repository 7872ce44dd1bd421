//! One client message as a request, and the envelope of its answer: `id` echoed as it came, `type`,
//! `status`, `api_version`. Never panics on any text.

use serde_json::{Map, Value, json};

use super::errors::ApiError;

/// How much of an unreadable message is repeated in the answer.
const ECHO_CHARS: usize = 200;

/// A message with a command.
pub(crate) struct Request {
    pub(crate) command: String,
    pub(crate) params: Map<String, Value>,
    id: Option<Value>,
}

impl Request {
    /// Reads a message. The error is the whole answer to it: text that is no JSON object (too deeply
    /// nested included) is `jsonInvalid`, an object without a command `missingCommand`. API version 1 is
    /// accepted and answered in the forms of version 2.
    pub(crate) fn parse(text: &str) -> Result<Self, Value> {
        let Ok(Value::Object(params)) = serde_json::from_str(text) else {
            let value: String = text.chars().take(ECHO_CHARS).collect();
            return Err(json!({"type": "error", "error": "jsonInvalid", "value": value}));
        };
        let id = params.get("id").cloned();
        let command = params.get("command").or_else(|| params.get("method")).and_then(Value::as_str);
        let request = Self { command: command.unwrap_or("").to_owned(), params, id };
        let version = request.params.get("api_version").map_or(Some(1), Value::as_u64);
        if !version.is_some_and(|version| (1..=2).contains(&version)) {
            return Err(request.answer(Err(ApiError::invalid_api_version())));
        }
        if request.command.is_empty() {
            return Err(request.answer(Err(ApiError::missing_command())));
        }
        Ok(request)
    }

    /// The answer with its envelope.
    pub(crate) fn answer(&self, result: Result<Map<String, Value>, ApiError>) -> Value {
        let mut answer = match result {
            Ok(result) => {
                let mut answer = Map::new();
                answer.insert("result".into(), Value::Object(result));
                answer.insert("status".into(), "success".into());
                answer
            }
            Err(error) => {
                let mut answer = error.into_fields();
                answer.insert("request".into(), Value::Object(self.params.clone()));
                answer.insert("status".into(), "error".into());
                answer
            }
        };
        answer.insert("type".into(), "response".into());
        answer.insert("api_version".into(), 2.into());
        if let Some(id) = &self.id {
            answer.insert("id".into(), id.clone());
        }
        Value::Object(answer)
    }
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
            assert_eq!(answer["error"], "jsonInvalid");
        }
        for (text, error) in [
            ("{}", "missingCommand"),
            (r#"{"command": 7, "id": 1}"#, "missingCommand"),
            (r#"{"command": "ping", "api_version": 3}"#, "invalid_API_version"),
            (r#"{"command": "ping", "api_version": "2"}"#, "invalid_API_version"),
        ] {
            let answer = Request::parse(text).map(|request| request.command).expect_err("refused");
            assert_eq!(
                (answer["error"].as_str(), answer["status"].as_str()),
                (Some(error), Some("error")),
                "{text}"
            );
        }
    }

    #[test]
    fn any_id_is_echoed() {
        for id in ["1", "\"x\"", "null", "{\"a\":[1]}", "1.5"] {
            let request = Request::parse(&format!(r#"{{"command":"ping","id":{id}}}"#)).ok().unwrap();
            let answer = request.answer(Ok(Map::new()));
            assert_eq!(answer["id"], serde_json::from_str::<Value>(id).unwrap());
            assert_eq!(
                (answer["status"].as_str(), answer["type"].as_str()),
                (Some("success"), Some("response"))
            );
        }
    }
}
