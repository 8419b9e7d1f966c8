//! The door for browsers and the command line: HTTP and WebSocket on loopback.
//!
//! A web page elsewhere cannot drive the node: it knows no token, its `Origin` is refused, and a
//! host name that it made point here (DNS rebinding) is refused by the `Host` check.

mod guard;
mod panel;
mod socket;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use covey_logic::guard::Refused;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::{Cause, Control, Token, UiError};

/// Bytes of one request: an agent's files are 1 MiB at most, and base64 makes a third more of them.
pub const MAX_BODY_LEN: usize = 2 << 20;

/// How long requests that are under way may take once the door closes.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The open door.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    token: Token,
    close: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

/// What every request needs.
struct Shared {
    control: Control,
    token: Token,
    address: SocketAddr,
    close: watch::Receiver<bool>,
}

type Doorway = State<Arc<Shared>>;

impl Door {
    /// Opens a door to `control` at `address`, for whoever shows `token`; port 0 means any.
    ///
    /// # Errors
    ///
    /// [`DoorError::NotLoopback`] for an address that other machines can reach, else what the
    /// operating system says.
    pub async fn open(
        control: Control,
        address: SocketAddr,
        token: Token,
    ) -> Result<Self, DoorError> {
        if !address.ip().is_loopback() {
            return Err(DoorError::NotLoopback { address });
        }
        let fail = |source| DoorError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let (close, closed) = watch::channel(false);
        let shared = Arc::new(Shared { control, token, address, close: closed.clone() });
        let serving = tokio::spawn(serve(listener, router(shared), closed));
        Ok(Self { address, token, close, serving })
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How the command line finds it.
    #[must_use]
    pub fn endpoint(&self) -> super::endpoint::Endpoint {
        super::endpoint::Endpoint {
            url: self.url(),
            token: self.token.reveal(),
            pid: std::process::id(),
        }
    }

    /// Takes no more requests, ends subscriptions, and waits a moment for requests under way.
    pub async fn close(self) {
        self.close.send_replace(true);
        let mut serving = self.serving;
        if tokio::time::timeout(CLOSE_TIMEOUT, &mut serving).await.is_err() {
            serving.abort();
        }
    }
}

/// Why a door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Choose 127.0.0.1: the door knows no transport security.
    #[error("{address} can be reached by other machines; the control interface stays on this one")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Choose another port, or 0 for any.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

fn router(shared: Arc<Shared>) -> Router {
    let token = middleware::from_fn_with_state(Arc::clone(&shared), guard::token);
    let metrics = Router::new()
        .route("/metrics", get(prometheus))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::token));
    let api = Router::new()
        .route("/command/{name}", post(command))
        .route_layer(token)
        // Its token comes another way: a browser cannot set headers of a WebSocket.
        .route("/subscribe", get(socket::open))
        .route("/{*rest}", any(no_such_route));
    Router::new()
        .nest("/api", api)
        .merge(metrics)
        .fallback(panel::serve)
        .layer(DefaultBodyLimit::max(MAX_BODY_LEN))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::origin))
        .with_state(shared)
}

async fn serve(listener: TcpListener, router: Router, mut close: watch::Receiver<bool>) {
    let closed = async move {
        // An error means that the door was dropped.
        let _dropped = close.wait_for(|close| *close).await.is_err();
    };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(closed).await {
        tracing::warn!(%error, "The control door stopped");
    }
}

async fn command(
    State(shared): Doorway,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, UiError> {
    let body = body.ok().ok_or(Cause::TooLarge { max: MAX_BODY_LEN })?;
    let arguments = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    let arguments = arguments
        .map_err(|error: serde_json::Error| Cause::BadArguments { reason: error.to_string() })?;
    shared.control.call(&name, arguments).await.map(Json)
}

/// What this node measured, for Prometheus: its text format, version 0.0.4.
async fn prometheus(State(shared): Doorway) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, shared.control.backend().prometheus()).into_response()
}

async fn no_such_route() -> UiError {
    Cause::UnknownCommand { command: "of this address".to_owned() }.into()
}

impl IntoResponse for UiError {
    fn into_response(self) -> Response {
        (status(&self.cause), Json(self)).into_response()
    }
}

fn status(cause: &Cause) -> StatusCode {
    match cause {
        Cause::Unauthorized => StatusCode::UNAUTHORIZED,
        Cause::ForeignOrigin | Cause::Forbidden { .. } => StatusCode::FORBIDDEN,
        Cause::UnknownCommand { .. }
        | Cause::UnknownTopic { .. }
        | Cause::NoArchive { .. }
        | Cause::NoAgent { .. }
        | Cause::NoCall { .. }
        | Cause::NoNode { .. }
        | Cause::NotRegistered { .. }
        | Cause::NotJoined { .. }
        | Cause::NotRunningHere { .. } => StatusCode::NOT_FOUND,
        Cause::BadArguments { .. }
        | Cause::BadSpec { .. }
        | Cause::BadLink { .. }
        | Cause::BadQuery { .. }
        | Cause::BadMetadata { .. }
        | Cause::BadEvent { .. }
        | Cause::SettingRefused { .. }
        | Cause::Invalid { .. } => StatusCode::BAD_REQUEST,
        Cause::TooLarge { .. } | Cause::TooBig { .. } | Cause::TooManyPoints { .. } => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Cause::AgentExists { .. }
        | Cause::NameTaken { .. }
        | Cause::NotRunning { .. }
        | Cause::CannotPlace { .. }
        | Cause::Full { .. }
        | Cause::RevisionConflict { .. }
        | Cause::NotOwner { .. }
        | Cause::HeldHere { .. }
        | Cause::Pairing { .. }
        | Cause::Disagreed { .. }
        | Cause::MarketRefused { .. }
        | Cause::SessionRefused { .. }
        | Cause::UnknownParent { .. }
        | Cause::KeyReused { .. }
        | Cause::TaskRefused { .. }
        | Cause::Itself
        | Cause::NoRecovery { .. }
        | Cause::NoAlert
        | Cause::NoPlan => StatusCode::CONFLICT,
        Cause::Busy { .. } | Cause::TooManyWait { .. } | Cause::TooMuch { .. } => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Cause::Guarded { reason } => match **reason {
            Refused::Rate { .. } | Refused::Bulkhead { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refused::Breaker { .. } => StatusCode::SERVICE_UNAVAILABLE,
        },
        Cause::AgentError { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Cause::Unreachable { .. } | Cause::NobodyThere { .. } | Cause::Interrupted { .. } => {
            StatusCode::BAD_GATEWAY
        }
        Cause::NoAnswer | Cause::NotInTime { .. } | Cause::Unconfirmed { .. } => {
            StatusCode::GATEWAY_TIMEOUT
        }
        Cause::ReadOnly { .. }
        | Cause::Unreadable { .. }
        | Cause::Draining
        | Cause::Stopping
        | Cause::NoQuorum { .. }
        | Cause::NoLeader => StatusCode::SERVICE_UNAVAILABLE,
    }
}
