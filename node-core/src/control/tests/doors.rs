//! Both doors, with real sockets on loopback.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::Handle,
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use super::{commands::arguments, double::Double};
use crate::control::{COMMANDS, Frame, Local, Token, http::Door};

const TOKEN: [u8; 32] = [0xab; 32];

#[tokio::test]
async fn every_command_answers_alike_at_both_doors() {
    for entry in COMMANDS {
        let (double, door) = opened().await;
        let local = Local::new(double.control(), Handle::current());

        let here = local.call(entry.name.to_owned(), arguments(entry.name)).await;
        let (status, there) = post(&door, entry.name, &arguments(entry.name)).await;

        assert_eq!(status, 200, "{}: {there}", entry.name);
        assert_eq!(here, Ok(there), "{}", entry.name);
    }
}

#[tokio::test]
async fn refusal_answers_alike_at_both_doors() {
    let (double, door) = opened().await;
    let local = Local::new(double.control(), Handle::current());

    let here = local.call("agent.stop".to_owned(), json!({ "nmae": "x" })).await;
    let (status, there) = post(&door, "agent.stop", &json!({ "nmae": "x" })).await;

    assert_eq!(status, 400);
    assert_eq!(crate::control::to_json(&here.unwrap_err()), there);
}

#[tokio::test]
async fn frames_are_alike_at_both_doors() {
    let (double, door) = opened().await;
    let local = Local::new(double.control(), Handle::current());
    let (sender, mut here) = mpsc::channel(8);

    let _watching =
        local.subscribe(1, "agents", json!({}), move |frame| sender.try_send(frame).is_ok());
    let mut there = socket(&door, "agents").await;

    assert_eq!(here.recv().await.unwrap(), frame(&mut there).await);
    double.change(|views| views.agents.clear());
    assert_eq!(here.recv().await.unwrap(), frame(&mut there).await);
}

#[tokio::test]
async fn dropped_watch_ends_its_subscription() {
    let double = Double::new();
    let local = Local::new(double.control(), Handle::current());
    let (sender, mut frames) = mpsc::channel(8);
    let watching =
        local.subscribe(1, "agents", json!({}), move |frame| sender.try_send(frame).is_ok());
    assert!(frames.recv().await.is_some());

    drop(watching);

    assert_eq!(frames.recv().await, None);
}

#[tokio::test]
async fn request_without_the_token_of_this_launch_is_refused() {
    let (double, door) = opened().await;
    let host = door.address().to_string();
    let other = Token::new([0xac; 32]).reveal();

    for header in [
        String::new(),
        "Authorization: Bearer \r\n".to_owned(),
        format!("Authorization: Bearer {other}\r\n"),
        format!("Authorization: Basic {}\r\n", Token::new(TOKEN).reveal()),
    ] {
        let head = format!("POST /api/command/node.stop HTTP/1.1\r\nHost: {host}\r\n{header}");
        let (status, body) = exchange(&door, &head, "{}").await;

        assert_eq!(status, 401, "{header}");
        assert_eq!(parsed(&body)["code"], "unauthorized");
    }
    assert!(timeout(Duration::from_millis(1), double.control().stop_asked()).await.is_err());
}

#[tokio::test]
async fn measures_are_told_to_prometheus_for_the_token_alone() {
    let (_, door) = opened().await;
    let (host, token) = (door.address(), Token::new(TOKEN).reveal());
    let head = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\n");

    let (refused, _) = exchange(&door, &head, "").await;
    let shown = format!("{head}Authorization: Bearer {token}\r\n");
    let (status, answer) = exchange(&door, &shown, "").await;

    assert_eq!((refused, status), (401, 200), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{answer}");
    assert!(answer.ends_with("covey_build_info 1\n"), "{answer}");
}

#[tokio::test]
async fn foreign_host_or_origin_is_refused_even_with_the_token() {
    let (_, door) = opened().await;
    let (ours, port) = (door.address().to_string(), door.address().port());
    let token = Token::new(TOKEN).reveal();

    for (host, origin, expected) in [
        (ours.clone(), None, 200),
        (format!("localhost:{port}"), Some(format!("http://localhost:{port}")), 200),
        (ours.clone(), Some(format!("http://{ours}")), 200),
        (format!("evil.example:{port}"), None, 403),
        ("127.0.0.1".to_owned(), None, 403),
        (ours.clone(), Some("http://evil.example".to_owned()), 403),
        (ours.clone(), Some("null".to_owned()), 403),
        (ours.clone(), Some(format!("https://{ours}")), 403),
        (ours.clone(), Some(format!("http://localhost:{port}")), 403),
    ] {
        let origin = origin.map_or_else(String::new, |origin| format!("Origin: {origin}\r\n"));
        let head = format!(
            "POST /api/command/status.get HTTP/1.1\r\nHost: {host}\r\n{origin}\
             Authorization: Bearer {token}\r\n"
        );
        let (status, _) = exchange(&door, &head, "{}").await;

        assert_eq!(status, expected, "{host} {origin}");
    }
}

#[tokio::test]
async fn socket_without_the_token_is_refused() {
    let (_, door) = opened().await;
    let other = Token::new([0; 32]).reveal();

    for protocols in [format!("covey, {other}"), "covey".to_owned(), other.clone()] {
        let mut request =
            format!("ws://{}/api/subscribe", door.address()).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());

        let opened = tokio_tungstenite::connect_async(request).await;

        assert!(opened.unwrap_err().to_string().contains("401"), "{protocols}");
    }
}

#[tokio::test]
async fn body_over_the_limit_is_refused() {
    let (_, door) = opened().await;
    let body = json!({ "name": "x".repeat(3 << 20) });

    let (status, refusal) = post(&door, "agent.stop", &body).await;

    assert_eq!(status, 413);
    assert_eq!(refusal["code"], "too_large");
}

#[tokio::test]
async fn panel_is_served_with_a_policy_that_keeps_it_here() {
    let (_, door) = opened().await;
    let head = format!("GET / HTTP/1.1\r\nHost: {}\r\n", door.address());

    let (status, page) = exchange(&door, &head, "").await;

    assert_eq!(status, 200);
    assert!(page.to_lowercase().contains("content-security-policy: default-src 'self'"), "{page}");
    assert!(page.contains("<html"), "{page}");
}

#[tokio::test]
async fn subscription_ends_when_told_and_errors_are_frames() {
    let (double, door) = opened().await;
    let mut socket = socket(&door, "agents").await;
    frame(&mut socket).await;

    say(&mut socket, &json!({ "unsubscribe": 1 })).await;
    say(&mut socket, &json!({ "subscribe": { "id": 2, "topic": "weather" } })).await;

    let Frame::Error { id: 2, error } = frame(&mut socket).await else { panic!("no error") };
    assert!(error.to_string().contains("weather"), "{error}");
    double.change(|views| views.agents.clear());
    assert!(timeout(Duration::from_millis(200), socket.next()).await.is_err());
}

#[tokio::test]
async fn closed_door_ends_its_sockets() {
    let (_, door) = opened().await;
    let mut socket = socket(&door, "status").await;
    frame(&mut socket).await;

    timeout(Duration::from_secs(1), door.close()).await.unwrap();

    assert!(matches!(socket.next().await, None | Some(Ok(Message::Close(_)) | Err(_))));
}

#[tokio::test]
async fn door_opens_on_loopback_only() {
    let address = "0.0.0.0:0".parse().unwrap();

    let refused = Door::open(Double::new().control(), address, Token::new(TOKEN)).await;

    assert!(refused.is_err());
}

#[tokio::test]
async fn request_to_stop_is_answered_and_told() {
    let (double, door) = opened().await;
    let control = double.control();
    drop(door);
    let door = Door::open(control.clone(), local_address(), Token::new(TOKEN)).await.unwrap();

    let (status, _) = post(&door, "node.stop", &json!({})).await;

    assert_eq!(status, 200);
    timeout(Duration::from_secs(1), control.stop_asked()).await.unwrap();
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn local_address() -> std::net::SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn opened() -> (std::sync::Arc<Double>, Door) {
    let double = Double::new();
    let door = Door::open(double.control(), local_address(), Token::new(TOKEN)).await.unwrap();
    (double, door)
}

async fn post(door: &Door, command: &str, arguments: &Value) -> (u16, Value) {
    let head = format!(
        "POST /api/command/{command} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n",
        door.address(),
        Token::new(TOKEN).reveal()
    );
    let (status, answer) = exchange(door, &head, &arguments.to_string()).await;
    (status, parsed(&answer))
}

/// Sends a request as it is and gives the status and the whole answer.
async fn exchange(door: &Door, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(door.address()).await.unwrap();
    let request =
        format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    // The server may answer and close before it has read all.
    drop(stream.write_all(request.as_bytes()).await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).unwrap_or("0").parse().unwrap();
    (status, answer)
}

fn parsed(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(body).unwrap()
}

async fn socket(door: &Door, topic: &str) -> Socket {
    let mut request =
        format!("ws://{}/api/subscribe", door.address()).into_client_request().unwrap();
    let protocols = format!("covey, {}", Token::new(TOKEN).reveal());
    request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    say(&mut socket, &json!({ "subscribe": { "id": 1, "topic": topic, "params": {} } })).await;
    socket
}

async fn say(socket: &mut Socket, message: &Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

async fn frame(socket: &mut Socket) -> Frame {
    let next = timeout(Duration::from_secs(5), socket.next()).await;
    let message = next.unwrap().unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}
