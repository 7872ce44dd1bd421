//! JSON-RPC as the server takes it over HTTP: `{"method": ..., "params": [{...}]}`, and several of them in one as
//! `{"method": "batch", "params": [{"method": ..., ...}, ...]}` (server source, ServerHandler). Refusals of a single
//! request are HTTP statuses with a line of text, those within a batch are errors of theirs. Never sees a socket.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::json as text_json;
use super::request::{Request, masked, version_of};

/// A refusal: HTTP status and text.
pub(crate) type Refusal = (u16, String);

/// What a body holds.
pub(crate) enum Body {
    /// One request.
    One(Request),
    /// A batch; in the place of what is no request stands its answer.
    Batch(Vec<Result<Request, Value>>),
}

/// Numbers of errors within a batch.
const METHOD_NOT_FOUND: i32 = -32601;
const OVERLOADED: i32 = -32604;
const FORBIDDEN: i32 = -32605;
const WRONG_VERSION: i32 = -32606;

/// Reads the body of a request. A batch of more than `batch_max` is refused.
pub(crate) fn read(body: &str, batch_max: usize) -> Result<Body, Refusal> {
    let refused = |text: &str| (400, text.to_owned());
    let fields = match text_json::read(body) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(refused("Unable to parse request: ")),
        Err(why) => return Err((400, format!("Unable to parse request: {why}"))),
    };
    if fields.get("method").and_then(Value::as_str) == Some("batch") {
        let items = Some(items(body)).filter(|_| fields.get("params").is_some_and(Value::is_array));
        return match items {
            None => Err(refused("Malformed batch request")),
            Some(items) if items.len() > batch_max => {
                Err((400, format!("Malformed batch request: more than {batch_max} in one")))
            }
            Some(items) => Ok(Body::Batch(items.iter().map(|item| batched(item.get())).collect())),
        };
    }
    one(body, fields).map(Body::One)
}

/// What comes back of a request of a batch that the server does not carry out.
pub(crate) fn overloaded(request: &Request) -> Value {
    wrong(request.masked(), OVERLOADED, "Server is overloaded")
}

/// The same for one that only an administrator may put.
pub(crate) fn forbidden(request: &Request) -> Value {
    wrong(request.masked(), FORBIDDEN, "Forbidden")
}

fn one(body: &str, mut fields: Map<String, Value>) -> Result<Request, Refusal> {
    let refused = |text: &str| (400, text.to_owned());
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
    let method = method(fields.remove("method")).map_err(refused)?;
    let id = items(body).first().and_then(|params| text_json::id_of(params.get()));
    Ok(Request::over_http(method, params, version, id))
}

/// One of a batch: its parameters stand beside its method.
fn batched(text: &str) -> Result<Request, Value> {
    let about = |request: Value, code: i32, message: &str| json!({ "request": request, "error": { "code": code, "message": message } });
    let fields = match text_json::read(text).unwrap_or_default() {
        Value::Object(fields) => fields,
        other => return Err(about(other, METHOD_NOT_FOUND, "Method not found")),
    };
    let inner = fields.get("params").and_then(|params| params.get(0)).and_then(Value::as_object);
    let asked = inner.filter(|params| params.contains_key("api_version")).unwrap_or(&fields);
    let Some(version) = version_of(asked) else {
        return Err(about(Value::Object(masked(fields)), WRONG_VERSION, "invalid_API_version"));
    };
    match method(fields.get("method").cloned()) {
        Ok(method) => Ok(Request::over_http(method, fields, version, text_json::id_of(text))),
        Err(why) => Err(wrong(fields, METHOD_NOT_FOUND, why)),
    }
}

fn wrong(request: Map<String, Value>, code: i32, message: &str) -> Value {
    let mut request = masked(request);
    request.insert("error".into(), json!({ "code": code, "message": message }));
    Value::Object(request)
}

fn method(named: Option<Value>) -> Result<String, &'static str> {
    match named {
        None | Some(Value::Null) => Err("Null method"),
        Some(Value::String(method)) if method.is_empty() => Err("method is empty"),
        Some(Value::String(method)) => Ok(method),
        Some(_) => Err("method is not string"),
    }
}

/// The elements of `params` as they are written.
fn items(body: &str) -> Vec<Box<RawValue>> {
    #[derive(Deserialize)]
    struct Params {
        params: Vec<Box<RawValue>>,
    }
    serde_json::from_str::<Params>(body).map(|body| body.params).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(body: &str) -> Result<Request, Refusal> {
        match read(body, 10)? {
            Body::One(request) => Ok(request),
            Body::Batch(_) => Err((0, "a batch".to_owned())),
        }
    }

    #[test]
    fn bodies() {
        for (body, told) in [
            ("", "Unable to parse request: "),
            ("[]", "Unable to parse request: "),
            (r#"{"method": "ping", "method": "fee"}"#, "Unable to parse request: "),
            ("{}", "Null method"),
            (r#"{"method": 1}"#, "method is not string"),
            (r#"{"method": ""}"#, "method is empty"),
            (r#"{"method": "ping", "params": {}}"#, "params unparsable"),
            (r#"{"method": "ping", "params": [1]}"#, "params unparsable"),
            (r#"{"method": "ping", "params": [{}, {}]}"#, "params unparsable"),
            (r#"{"method": "ping", "params": [{"api_version": 9}]}"#, "invalid_API_version"),
            (r#"{"method": "batch"}"#, "Malformed batch request"),
            (r#"{"method": "batch", "params": {}}"#, "Malformed batch request"),
            (r#"{"method": "batch", "params": [1,2,3,4,5,6,7,8,9,10,11]}"#, "Malformed batch request"),
        ] {
            let (status, text) = single(body).map(|request| request.command).expect_err("refused");
            assert!(status == 400 && text.starts_with(told), "{body}: {text}");
        }
        for body in
            [r#"{"method":"ping"}"#, r#"{"method":"ping","params":[]}"#, r#"{"method":"ping","params":[{}]}"#]
        {
            assert_eq!(single(body).map(|request| request.command).ok().as_deref(), Some("ping"), "{body}");
        }
        let far =
            single(r#"{"method":"ping","params":[{"id":123456789012345678901234567890}]}"#).ok().unwrap();
        assert!(far.http_answer(Ok(Map::new())).contains("\"id\":123456789012345678901234567890"));
    }

    #[test]
    fn a_batch_has_an_answer_for_each() {
        let body = r#"{"method": "batch", "params": [{"method": "ping", "id": 1.0}, 7, {"method": 3},
            {"method": "fee", "api_version": 9}, {"method": "fee", "params": [{"api_version": 2}]}]}"#;
        let Ok(Body::Batch(items)) = read(body, 10) else { panic!("no batch") };
        let told: Vec<String> = items
            .into_iter()
            .map(|item| match item {
                Ok(request) => request.command,
                Err(answer) => answer["error"]["code"].to_string(),
            })
            .collect();
        assert_eq!(told, ["ping", "-32601", "-32601", "-32606", "fee"]);
    }
}
