//! JSON-RPC as the server takes it over HTTP: `{"method": ..., "params": [{...}]}`. Refusals are HTTP statuses with a
//! line of text, everything else is answered with status 200. Never sees a socket.

use serde_json::{Map, Value};

use super::request::{Request, version_of};

/// A refusal: HTTP status and text.
pub(crate) type Refusal = (u16, String);

/// Reads the body of a request.
pub(crate) fn read(body: &str) -> Result<Request, Refusal> {
    let refused = |text: &str| (400, text.to_owned());
    let mut fields = match serde_json::from_str(body) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(refused("Unable to parse request: ")),
        Err(why) => return Err((400, format!("Unable to parse request: {why}"))),
    };
    let params = match fields.remove("params") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Array(mut list)) => match (list.pop(), list.is_empty()) {
            (None, _) | (Some(Value::Null), true) => Map::new(),
            (Some(Value::Object(params)), true) => params,
            _ => return Err(refused("params unparsable")),
        },
        Some(_) => return Err(refused("params unparsable")),
    };
    let version = version_of(&params).ok_or_else(|| refused("invalid_API_version"))?;
    let method = match fields.remove("method") {
        None | Some(Value::Null) => return Err(refused("Null method")),
        Some(Value::String(method)) if method.is_empty() => return Err(refused("method is empty")),
        Some(Value::String(method)) => method,
        Some(_) => return Err(refused("method is not string")),
    };
    Ok(Request::over_http(method, params, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        for (body, told) in [
            ("", "Unable to parse request: "),
            ("[]", "Unable to parse request: "),
            ("{}", "Null method"),
            (r#"{"method": 1}"#, "method is not string"),
            (r#"{"method": ""}"#, "method is empty"),
            (r#"{"method": "ping", "params": {}}"#, "params unparsable"),
            (r#"{"method": "ping", "params": [1]}"#, "params unparsable"),
            (r#"{"method": "ping", "params": [{}, {}]}"#, "params unparsable"),
            (r#"{"method": "ping", "params": [{"api_version": 9}]}"#, "invalid_API_version"),
        ] {
            let (status, text) = read(body).map(|request| request.command).expect_err("refused");
            assert!(status == 400 && text.starts_with(told), "{body}: {text}");
        }
        for body in
            [r#"{"method":"ping"}"#, r#"{"method":"ping","params":[]}"#, r#"{"method":"ping","params":[{}]}"#]
        {
            assert_eq!(read(body).map(|request| request.command).ok().as_deref(), Some("ping"), "{body}");
        }
    }
}
