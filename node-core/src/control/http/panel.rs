//! The panel's files, out of the binary.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use covey_logic::ids::hex;
use rust_embed::RustEmbed;

use super::Shared;

#[derive(RustEmbed)]
#[folder = "../ui/dist"]
struct Panel;

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let mut response = match Panel::get(path) {
        Some(file) => {
            let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
            let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == &*tag);
            let mut response = if known {
                StatusCode::NOT_MODIFIED.into_response()
            } else {
                file.data.into_response()
            };
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching(path)));
            if let Ok(tag) = tag.try_into() {
                headers.insert(header::ETAG, tag);
            }
            response
        }
        None => (StatusCode::NOT_FOUND, "There is no such page.\n").into_response(),
    };
    protect(response.headers_mut(), shared.address.port());
    response
}

/// Lets the page load and reach nothing but this door, and no other page hold it.
fn protect(headers: &mut HeaderMap, port: u16) {
    // Older engines do not hold `'self'` to cover WebSockets.
    let policy = format!(
        "default-src 'self'; connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; \
         img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = policy.try_into() {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Names under `assets/` carry a hash of their contents.
fn caching(path: &str) -> &'static str {
    if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// The media types of what a panel consists of.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
