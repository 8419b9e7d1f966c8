//! The control door of a node: one question a connection.

use std::{io, time::Duration};

use covey_node::control::endpoint::Endpoint;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::error::BenchError;

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Asks over a fresh connection.
pub(crate) async fn ask(
    stream: TcpStream,
    endpoint: &Endpoint,
    command: &str,
    arguments: &Value,
) -> Result<Value, BenchError> {
    let asked = timeout(ANSWER_TIMEOUT, exchange(stream, endpoint, command, arguments)).await;
    let (status, body) =
        asked.unwrap_or_else(|late| Err(late.into())).map_err(BenchError::io("ask a node"))?;
    if status == 200 {
        return Ok(body);
    }
    Err(BenchError::Refused { command: command.to_owned(), answer: body.to_string() })
}

/// Where to connect to.
pub(crate) fn authority(endpoint: &Endpoint) -> &str {
    endpoint.url.strip_prefix("http://").unwrap_or(&endpoint.url)
}

async fn exchange(
    mut stream: TcpStream,
    endpoint: &Endpoint,
    command: &str,
    arguments: &Value,
) -> io::Result<(u16, Value)> {
    let body = arguments.to_string();
    let request = format!(
        "POST /api/command/{command} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        authority(endpoint),
        endpoint.token,
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let garbled = || io::Error::new(io::ErrorKind::InvalidData, format!("garbled: {answer:?}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(garbled)?;
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
    Ok((status.ok_or_else(garbled)?, serde_json::from_str(body)?))
}
