//! JSON-RPC 2.0 messages as lines.

use std::borrow::Cow;

use bytes::Bytes;
use covey_logic::Epoch;
use serde::{Deserialize, Deserializer};
use serde_json::{json, value::RawValue};

use crate::host::{
    call::CallError,
    desk::{Asked, Declined},
    guard::NOT_STARTED,
};

/// The id of the `initialize` request; those of calls follow.
pub(super) const INITIALIZE: u64 = 0;

/// Asks a program for its state: any JSON.
pub(super) const SNAPSHOT: &str = "covey/snapshot";
/// Has a program go on from a state, which is the field `state` of the parameters.
pub(super) const RESTORE: &str = "covey/restore";

/// Offers a program the state of another life that lost its name to it, in the field `state`.
pub(super) const MERGE: &str = "covey/merge";

/// What a program wrote on a line.
#[derive(Debug)]
pub(super) enum Incoming {
    /// It answered.
    Answer { id: u64, result: Result<Bytes, CallError> },
    /// It wants this in its log.
    Log(String),
    /// It asks something of its node; the id is as it wrote it, the parameters are JSON text.
    Request { id: String, method: String, params: Bytes },
    /// The guard could not become the program.
    NotStarted(String),
    /// A notification that the host does not know; it may be for later hosts.
    Ignored,
}

/// A line that is no message.
#[derive(Debug)]
pub(super) struct Garbled;

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<ErrorFields<'a>>,
}

#[derive(Deserialize)]
struct ErrorFields<'a> {
    code: i64,
    #[serde(borrow, default)]
    message: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct LogParams {
    message: String,
}

#[derive(Deserialize)]
struct NotStartedParams {
    error: String,
}

/// A field that is there, even if it is `null`.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

pub(super) fn parse(line: &[u8]) -> Result<Incoming, Garbled> {
    let fields: Fields<'_> = serde_json::from_slice(line).map_err(|_error| Garbled)?;
    let Fields { id, method, params, result, error } = fields;
    let bytes = |raw: &RawValue| Bytes::copy_from_slice(raw.get().as_bytes());
    match (method, id, error, result) {
        (Some(method), Some(id), None, None) => Ok(Incoming::Request {
            id: id.get().to_owned(),
            method: method.into_owned(),
            params: params.map(bytes).unwrap_or_default(),
        }),
        (Some(method), None, None, None) => Ok(notification(&method, params)),
        (None, Some(id), Some(error), None) => {
            let data = error.data.map(bytes).unwrap_or_default();
            let (code, message) = (error.code, error.message.into_owned());
            let result = Err(CallError::Agent { code, message, data });
            Ok(Incoming::Answer { id: number(id)?, result })
        }
        (None, Some(id), None, Some(result)) => {
            Ok(Incoming::Answer { id: number(id)?, result: Ok(bytes(result)) })
        }
        _ => Err(Garbled),
    }
}

fn notification(method: &str, params: Option<&RawValue>) -> Incoming {
    let params = params.map_or("null", RawValue::get);
    let known = match method {
        "log" => {
            serde_json::from_str(params).ok().map(|LogParams { message }| Incoming::Log(message))
        }
        NOT_STARTED => serde_json::from_str(params)
            .ok()
            .map(|NotStartedParams { error }| Incoming::NotStarted(error)),
        _ => None,
    };
    known.unwrap_or(Incoming::Ignored)
}

/// The id of an answer; an agent that made text of the number is understood.
fn number(id: &RawValue) -> Result<u64, Garbled> {
    id.get().trim_matches('"').parse().map_err(|_error| Garbled)
}

/// The end of a message that is not answered.
pub(super) fn finish_notice(mut line: Vec<u8>) -> Vec<u8> {
    line.extend(b"}\n");
    line
}

/// What the caller names the call by, as a member of its own.
pub(super) fn with_key(mut line: Vec<u8>, key: &str) -> Vec<u8> {
    line.extend(br#","key":"#);
    line.extend(json!(key).to_string().bytes());
    line
}

/// A request but for its id, which [`finish`] adds: the keys come in one order, without spaces
/// between, so that a shell can take a line apart.
pub(super) fn begin(method: &str, params: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(params.len() + method.len() + 64);
    line.extend(br#"{"jsonrpc":"2.0","method":"#);
    line.extend(json!(method).to_string().bytes());
    if !params.is_empty() {
        line.extend(br#","params":"#);
        // In JSON, a line ends only between tokens, where a space means the same.
        let spaced = |byte: &u8| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte };
        line.extend(params.iter().map(spaced));
    }
    line
}

pub(super) fn finish(mut line: Vec<u8>, id: u64) -> Vec<u8> {
    line.extend(br#","id":"#);
    line.extend(id.to_string().bytes());
    line.extend(b"}\n");
    line
}

pub(super) fn initialize(name: &str, (epoch, token): (Epoch, Option<u64>), node: &str) -> Vec<u8> {
    let epoch = epoch.0.to_string();
    let params = match token {
        None => json!({ "name": name, "epoch": epoch, "node": node }),
        Some(token) => {
            json!({ "name": name, "epoch": epoch, "node": node, "token": token.to_string() })
        }
    };
    finish(begin("initialize", params.to_string().as_bytes()), INITIALIZE)
}

pub(super) fn shutdown() -> Vec<u8> {
    finish_notice(begin("shutdown", b""))
}

/// The answer to what a program asked; `id` is JSON as it wrote it.
pub(super) fn answer(id: &str, asked: Asked) -> Vec<u8> {
    let (kind, body) = match asked {
        Ok(result) => ("result", Vec::from(result)),
        Err(Declined { code, message, data }) => {
            let mut error = format!(r#"{{"code":{code},"message":{}"#, json!(message)).into_bytes();
            if !data.is_empty() {
                error.extend(br#","data":"#);
                error.extend(data);
            }
            error.push(b'}');
            ("error", error)
        }
    };
    let mut line = format!(r#"{{"jsonrpc":"2.0","{kind}":"#).into_bytes();
    line.extend(body);
    line.extend(format!(r#","id":{id}}}"#).into_bytes());
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Declined, Incoming, answer, begin, finish, initialize, parse, shutdown, with_key};

    #[test]
    fn lines_to_the_agent_have_one_form() {
        let text = |line: Vec<u8>| String::from_utf8(line).unwrap();

        assert_eq!(
            text(finish(begin("a\"b", b"{\n}"), 7)),
            "{\"jsonrpc\":\"2.0\",\"method\":\"a\\\"b\",\"params\":{ },\"id\":7}\n"
        );
        assert_eq!(
            text(finish(with_key(begin("a", b"1"), "k\"1"), 7)),
            "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":1,\"key\":\"k\\\"1\",\"id\":7}\n"
        );
        assert_eq!(text(shutdown()), "{\"jsonrpc\":\"2.0\",\"method\":\"shutdown\"}\n");
        assert!(
            text(initialize("x", (covey_logic::Epoch(1), None), "y")).ends_with("},\"id\":0}\n")
        );
    }

    #[test]
    fn answers_bear_the_id_as_it_was_written() {
        let data = Bytes::from_static(b"[1]");
        let declined = Declined { code: -1, message: "no \"x\"".to_owned(), data };
        let text = |asked| String::from_utf8(answer("\"a\"", asked)).unwrap();

        assert_eq!(
            text(Ok(Bytes::from_static(b"{}"))),
            "{\"jsonrpc\":\"2.0\",\"result\":{},\"id\":\"a\"}\n"
        );
        let error = r#"{"code":-1,"message":"no \"x\"","data":[1]}"#;
        assert_eq!(
            text(Err(declined)),
            format!("{{\"jsonrpc\":\"2.0\",\"error\":{error},\"id\":\"a\"}}\n")
        );
    }

    #[test]
    fn result_may_be_null_and_its_id_text() {
        let answer = parse(br#"{"jsonrpc":"2.0","id":"7","result":null}"#).unwrap();

        let Incoming::Answer { id: 7, result: Ok(result) } = answer else { panic!("{answer:?}") };
        assert_eq!(&result[..], b"null");
    }

    #[test]
    fn numbers_keep_every_digit() {
        let answer = parse(br#"{"id":1,"result":123456789012345678901234567890.50}"#).unwrap();

        let Incoming::Answer { result: Ok(result), .. } = answer else { panic!("{answer:?}") };
        assert_eq!(&result[..], b"123456789012345678901234567890.50");
    }

    #[test]
    fn lines_that_are_no_message_are_told_apart() {
        for line in ["hello", "7", "[]", "{}", r#"{"id":1}"#, r#"{"id":1,"result":1,"error":{}}"#] {
            assert!(parse(line.as_bytes()).is_err(), "{line}");
        }
        assert!(parse(b"\xff").is_err());
    }
}
