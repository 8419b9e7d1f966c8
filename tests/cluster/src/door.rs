//! The control door of a node, for a test that needs an answer within a millisecond.

use std::{
    fmt, io,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};

use crate::Lan;

/// Where a node's control door is, and what opens it.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

/// A way to a node's control door, as long as its process lives, for a thread of its own.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) lan: Arc<Lan>,
    pub(crate) host: u8,
    pub(crate) door: Door,
}

impl Caller {
    /// Asks the control door, and waits so long at most.
    ///
    /// # Errors
    ///
    /// What the node said, or that it said nothing.
    pub fn ask(&self, command: &str, arguments: &Value, limit: Duration) -> Result<Value, Refused> {
        self.lan.inside(self.host, || self.door.ask(command, arguments, limit))
    }
}

/// Why a node did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The cause as the control interface names it; `unreachable_node` if there was no answer.
    pub code: String,
    /// All that it said.
    pub text: String,
}

impl Door {
    /// As `control.json` describes it.
    pub(crate) fn of(file: &Value) -> Option<Self> {
        let address = file.get("url")?.as_str()?.strip_prefix("http://")?.parse().ok()?;
        Some(Self { address, token: file.get("token")?.as_str()?.to_owned() })
    }

    /// Asks over a connection of its own; called inside the node's network.
    pub(crate) fn ask(
        &self,
        command: &str,
        arguments: &Value,
        limit: Duration,
    ) -> Result<Value, Refused> {
        let (status, body) = self.exchange(command, arguments, limit).map_err(|error| Refused {
            code: "unreachable_node".to_owned(),
            text: format!("no answer to {command}: {error}"),
        })?;
        if status == 200 {
            return Ok(body);
        }
        let code = body.get("code").and_then(Value::as_str).unwrap_or("none").to_owned();
        Err(Refused { code, text: body.to_string() })
    }

    fn exchange(
        &self,
        command: &str,
        arguments: &Value,
        limit: Duration,
    ) -> io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect_timeout(&self.address, limit)?;
        stream.set_read_timeout(Some(limit))?;
        let body = arguments.to_string();
        write!(
            stream,
            "POST /api/command/{command} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.token,
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let garbled = || io::Error::new(io::ErrorKind::InvalidData, format!("garbled: {answer:?}"));
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(garbled)?;
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
        Ok((status.ok_or_else(garbled)?, serde_json::from_str(body)?))
    }
}

impl Door {
    /// Subscribes to a topic over a WebSocket (RFC 6455); it stays open as long as what is returned.
    pub(crate) fn watch(&self, topic: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(
            stream,
            "GET /api/subscribe HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: covey, {}\r\n\r\n",
            self.address, self.token
        )?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        if !head.starts_with(b"HTTP/1.1 101 ") {
            return Err(io::Error::other(String::from_utf8_lossy(&head).into_owned()));
        }
        let wish = json!({ "subscribe": { "id": 1, "topic": topic, "params": null } }).to_string();
        let length = u8::try_from(wish.len()).ok().filter(|length| *length < 126);
        let length = length.ok_or_else(|| io::Error::other("too long a topic"))?;
        // A whole text frame, under a mask of noughts.
        stream.write_all(&[0x81, 0x80 | length, 0, 0, 0, 0])?;
        stream.write_all(wish.as_bytes())?;
        Ok(stream)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
