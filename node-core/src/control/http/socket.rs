//! Subscriptions over one WebSocket.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{
        FromRequestParts as _, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use super::{
    super::{Cause, Frame, UiError, command},
    Shared,
};

/// Subscriptions of one socket: every topic, and a log for each pane of a screen.
const MAX_SUBSCRIPTIONS: usize = 64;
/// Bytes of a message from a client: a topic and a name.
const MAX_MESSAGE_LEN: usize = 16 << 10;
/// Frames that wait for the socket; a subscription makes its next one only when this has taken its last.
const QUEUE_CAPACITY: usize = 4;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ClientMessage {
    /// Watch a topic.
    Subscribe {
        /// Names the subscription.
        id: u64,
        topic: String,
        #[serde(default)]
        params: serde_json::Value,
    },
    /// No longer watch.
    Unsubscribe(u64),
}

/// Opens a socket for a client that shows the token among its protocols.
pub(super) async fn open(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, UiError> {
    if !shows_token(&shared, request.headers()) {
        return Err(Cause::Unauthorized.into());
    }
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
    Ok(match upgrade {
        Ok(upgrade) => upgrade
            .protocols(["covey"])
            .max_message_size(MAX_MESSAGE_LEN)
            .on_upgrade(|socket| converse(shared, socket)),
        Err(rejection) => WebSocketUpgradeRejection::into_response(rejection),
    })
}

fn shows_token(shared: &Shared, headers: &HeaderMap) -> bool {
    let mut protocols = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    protocols.next() == Some("covey") && protocols.any(|text| shared.token.is(text))
}

/// Talks until either side goes. Dropping the readers ends them.
async fn converse(shared: Arc<Shared>, socket: WebSocket) {
    let mut close = shared.close.clone();
    tokio::select! {
        () = talk(shared, socket) => {}
        _ = close.wait_for(|close| *close) => {}
    }
}

/// Reads wishes and writes frames; while the client does not read, both rest.
async fn talk(shared: Arc<Shared>, mut socket: WebSocket) {
    let (frames, mut queue) = mpsc::channel(QUEUE_CAPACITY);
    let mut readers = Readers { shared, frames, set: JoinSet::new(), ids: BTreeMap::new() };
    loop {
        let frame = tokio::select! {
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
                    Ok(message) => readers.hear(message),
                    Err(_) => break,
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => break,
            },
            frame = queue.recv() => frame,
            _ = readers.set.join_next(), if !readers.set.is_empty() => None,
        };
        let Some(frame) = frame else { continue };
        let text = command::write(&frame).to_string();
        if socket.send(Message::Text(text.into())).await.is_err() {
            break;
        }
    }
}

/// The subscriptions of one socket.
struct Readers {
    shared: Arc<Shared>,
    frames: mpsc::Sender<Frame>,
    set: JoinSet<()>,
    ids: BTreeMap<u64, AbortHandle>,
}

impl Readers {
    /// Does what the client says, or gives the frame that says why not.
    fn hear(&mut self, message: ClientMessage) -> Option<Frame> {
        self.ids.retain(|_, reader| !reader.is_finished());
        match message {
            ClientMessage::Unsubscribe(id) => {
                if let Some(reader) = self.ids.remove(&id) {
                    reader.abort();
                }
                None
            }
            ClientMessage::Subscribe { id, topic, params } => {
                self.subscribe(id, &topic, params).err().map(|error| Frame::Error { id, error })
            }
        }
    }

    fn subscribe(
        &mut self,
        id: u64,
        topic: &str,
        params: serde_json::Value,
    ) -> Result<(), UiError> {
        if self.ids.len() >= MAX_SUBSCRIPTIONS {
            let reason = format!("more than {MAX_SUBSCRIPTIONS} subscriptions on one socket");
            return Err(Cause::BadArguments { reason }.into());
        }
        let mut subscription = self.shared.control.subscribe(id, topic, params)?;
        let frames = self.frames.clone();
        let reader = self.set.spawn(async move {
            // While a frame waits for room, what happens meanwhile grows into one patch.
            while let Some(frame) = subscription.next().await {
                if frames.send(frame).await.is_err() {
                    break;
                }
            }
        });
        if let Some(replaced) = self.ids.insert(id, reader) {
            replaced.abort();
        }
        Ok(())
    }
}
