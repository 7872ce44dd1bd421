//! What every answer has around it. Never takes an answer for a success that does not say so.

use serde_json::Value;

use crate::error::ClientError;

/// The `result` of a successful answer, or the server's refusal.
pub fn result_of(command: &str, mut answer: Value) -> Result<Value, ClientError> {
    let name = answer.get("error").and_then(Value::as_str).map(str::to_owned);
    if let Some(error) = name {
        let message = answer.get("error_message").and_then(Value::as_str).unwrap_or("").to_owned();
        let code = answer.get("error_code").and_then(Value::as_i64).unwrap_or(0);
        return Err(ClientError::Refused {
            command: command.to_owned(),
            error,
            code,
            message,
            answer: Box::new(answer),
        });
    }
    if answer.get("status").and_then(Value::as_str) != Some("success") {
        return Err(ClientError::bad("answer", "status", "neither success nor an error"));
    }
    match answer.get_mut("result").map(Value::take) {
        Some(result @ Value::Object(_)) => Ok(result),
        _ => Err(ClientError::bad("answer", "result", "not an object")),
    }
}
