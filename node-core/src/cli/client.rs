//! Speaks to the control door of a running node.

use std::{collections::BTreeMap, path::Path, time::Duration};

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, StatusCode,
    client::conn::http1,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, SEC_WEBSOCKET_PROTOCOL},
};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::control::{Frame, FrameError, Picture, Request, Topic, UiError, endpoint::Endpoint};

use super::CliError;

/// A running node, as its command line sees it.
#[derive(Debug)]
pub(super) struct Client {
    endpoint: Endpoint,
    folder: String,
}

/// How long an answer may take that waits for nobody else: the node's own limit and a little.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer: a thousand events or lines are about 1 MiB, an agent's answer is at most.
const MAX_ANSWER_LEN: usize = 16 << 20;

impl Client {
    /// The node that runs with the data folder `data`.
    pub(super) fn find(data: &Path) -> Result<Self, CliError> {
        let folder = data.display().to_string();
        match Endpoint::find(data) {
            Ok(Some(endpoint)) => Ok(Self { endpoint, folder }),
            Ok(None) => Err(CliError::NoNode { folder }),
            Err(source) => Err(CliError::Io { what: "read control.json", source }),
        }
    }

    /// Asks the node, and waits as long as a healthy one may take.
    pub(super) async fn ask<R: Request>(&self, request: &R) -> Result<R::Reply, CliError> {
        self.ask_within(request, ANSWER_TIMEOUT).await
    }

    /// Asks the node, and waits `limit`.
    pub(super) async fn ask_within<R: Request>(
        &self,
        request: &R,
        limit: Duration,
    ) -> Result<R::Reply, CliError> {
        let arguments = crate::control::to_json(request);
        let reply = timeout(limit, self.post(R::COMMAND, &arguments)).await;
        let late = |_| CliError::TimedOut("the node did not answer in time".to_owned());
        serde_json::from_value(reply.map_err(late)??).ok().ok_or(CliError::Garbled)
    }

    async fn post(&self, command: &str, arguments: &Value) -> Result<Value, CliError> {
        let (authority, stream) = self.connect().await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| self.lost(&error))?;
        // It ends with the answer, whose own failure is told below.
        drop(tokio::spawn(connection));
        let request = hyper::Request::builder()
            .method(Method::POST)
            .uri(format!("/api/command/{command}"))
            .header(HOST, authority)
            .header(AUTHORIZATION, format!("Bearer {}", self.endpoint.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::<Bytes>::from(arguments.to_string()))
            .ok()
            .ok_or(CliError::Garbled)?;
        let answer = sender.send_request(request).await.map_err(|error| self.lost(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_ANSWER_LEN).collect().await;
        let body = body.ok().ok_or(CliError::Garbled)?.to_bytes();
        if status == StatusCode::OK {
            return serde_json::from_slice(&body).ok().ok_or(CliError::Garbled);
        }
        let refusal = serde_json::from_slice::<UiError>(&body);
        Err(refusal.map_or(CliError::Garbled, CliError::from))
    }

    /// Watches a topic.
    pub(super) async fn watch(&self, topic: &Topic) -> Result<Feed, CliError> {
        let (authority, stream) = self.connect().await?;
        let garbled = |_| CliError::Garbled;
        let address = format!("ws://{authority}/api/subscribe");
        let mut request = address.into_client_request().map_err(garbled)?;
        let protocols = format!("covey, {}", self.endpoint.token);
        let protocols = protocols.parse().ok().ok_or(CliError::Garbled)?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocols);
        let (mut socket, _) =
            tokio_tungstenite::client_async(request, stream).await.map_err(garbled)?;
        let wish = serde_json::json!({
            "subscribe": { "id": 1, "topic": topic.name(), "params": topic.params() }
        });
        socket.send(Message::text(wish.to_string())).await.map_err(garbled)?;
        Ok(Feed { socket })
    }

    async fn connect(&self) -> Result<(&str, TcpStream), CliError> {
        let authority = self.endpoint.url.strip_prefix("http://").ok_or(CliError::Garbled)?;
        match TcpStream::connect(authority).await {
            Ok(stream) => Ok((authority, stream)),
            // A crash left the file behind.
            Err(_) => Err(CliError::NoNode { folder: self.folder.clone() }),
        }
    }

    fn lost(&self, error: &hyper::Error) -> CliError {
        tracing::debug!(%error, "Connection to the node was lost");
        CliError::NoNode { folder: self.folder.clone() }
    }
}

/// What a topic says.
#[derive(Debug)]
pub(super) struct Feed {
    socket: WebSocketStream<TcpStream>,
}

impl Feed {
    /// The next frame; none once the node has stopped.
    pub(super) async fn next(&mut self) -> Result<Option<Frame>, CliError> {
        loop {
            return match self.socket.next().await {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
                    Ok(frame) => Ok(Some(frame)),
                    Err(_) => Err(CliError::Garbled),
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Binary(_) | Message::Close(_) | Message::Frame(_)) | Err(_))
                | None => Ok(None),
            };
        }
    }
}

/// The rows of a topic, as its frames have made them.
#[derive(Debug)]
pub(super) struct Table<T> {
    picture: Picture,
    pub(super) rows: BTreeMap<String, T>,
}

impl<T: DeserializeOwned> Table<T> {
    pub(super) fn new() -> Self {
        Self { picture: Picture::default(), rows: BTreeMap::new() }
    }

    /// Takes a frame in.
    pub(super) fn apply(&mut self, frame: Frame) -> Result<(), CliError> {
        self.picture.apply(frame).map_err(|error| match error {
            FrameError::Said(error) => CliError::from(*error),
            FrameError::NoId => CliError::Garbled,
        })?;
        let typed = |(id, row): (&String, &Value)| Some((id.clone(), T::deserialize(row).ok()?));
        let rows = self.picture.0.iter().map(typed).collect::<Option<_>>();
        self.rows = rows.ok_or(CliError::Garbled)?;
        Ok(())
    }
}
