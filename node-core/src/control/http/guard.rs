//! Who may pass.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, header},
    middleware::Next,
    response::Response,
};

use super::{
    super::{Cause, UiError},
    Shared,
};

/// Turns away what came through a foreign host name or from a foreign page.
pub(super) async fn origin(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Result<Response, UiError> {
    let port = shared.address.port();
    let hosts = [shared.address.to_string(), format!("localhost:{port}")];
    let headers = request.headers();
    let host = one(headers, &header::HOST);
    let host_is_ours = host.is_some_and(|host| hosts.iter().any(|ours| ours == host));
    let origin_is_ours = !headers.contains_key(header::ORIGIN)
        || one(headers, &header::ORIGIN)
            .and_then(|origin| origin.strip_prefix("http://"))
            .is_some_and(|origin| Some(origin) == host);
    if host_is_ours && origin_is_ours {
        Ok(next.run(request).await)
    } else {
        Err(Cause::ForeignOrigin.into())
    }
}

/// Turns away what does not show the token as a bearer (RFC 6750, section 2.1).
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Result<Response, UiError> {
    let shown = one(request.headers(), &header::AUTHORIZATION)
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|text| shared.token.is(text));
    if shown { Ok(next.run(request).await) } else { Err(Cause::Unauthorized.into()) }
}

/// The value of a header that is there once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok())
}
