//! Specifications of agents, as a person would write them.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// A program that does as it is told: `where`, `say`, `crash`; with the argument `stillborn` it
/// ends before it can do anything.
#[must_use]
pub fn pupil(name: &str, arguments: &[&str]) -> Value {
    let program = STANDARD.encode(include_bytes!("../agents/pupil.py"));
    let command: Vec<_> = ["python3", "pupil.py"].iter().chain(arguments).collect();
    let files = json!([{ "path": "pupil.py", "contents": program }]);
    json!({
        "name": name,
        "runtime": { "kind": "process", "command": command, "files": files },
        "restart": { "max_restarts": 3, "window_ms": 60_000, "backoff_ms": 50 },
    })
}

/// A program in shell that does nothing but be there, and answers whatever it is asked: hundreds of
/// them fit on a small machine.
#[must_use]
pub fn bystander(name: &str) -> Value {
    let program = STANDARD.encode(include_bytes!("../agents/bystander.sh"));
    let files = json!([{ "path": "bystander.sh", "contents": program }]);
    json!({
        "name": name,
        "runtime": { "kind": "process", "command": ["sh", "bystander.sh"], "files": files },
    })
}

/// A program that takes the lock `ledger`, and writes the variable `page` under it: `take`, and
/// `write` with a token and a text.
#[must_use]
pub fn scribe(name: &str) -> Value {
    let program = STANDARD.encode(include_bytes!("../agents/scribe.py"));
    let files = json!([{ "path": "scribe.py", "contents": program }]);
    json!({
        "name": name,
        "runtime": { "kind": "process", "command": ["python3", "scribe.py"], "files": files },
        "limits": { "handle_ms": 60_000 },
    })
}

/// A program that can `hear`: it asks its node what it is told to with `ask`, and keeps what it is
/// sent.
#[must_use]
pub fn messenger(name: &str) -> Value {
    let program = STANDARD.encode(include_bytes!("../agents/messenger.py"));
    let files = json!([{ "path": "messenger.py", "contents": program }]);
    json!({
        "name": name,
        "runtime": { "kind": "process", "command": ["python3", "messenger.py"], "files": files },
        "capabilities": ["hear"],
    })
}

/// A program of class `exclusive` that writes into the file `ledger`, ten times a second, that it is
/// there, under which token and when; `write` writes the variable `page` under that token.
#[must_use]
pub fn keeper(name: &str, ledger: &Path) -> Value {
    let program = STANDARD.encode(include_bytes!("../agents/keeper.py"));
    let files = json!([{ "path": "keeper.py", "contents": program }]);
    json!({
        "name": name,
        "runtime": { "kind": "process", "command": ["python3", "keeper.py", ledger], "files": files },
        "class": "exclusive",
        "limits": { "handle_ms": 2_000 },
    })
}

/// The sample that takes part in sessions, with its rules as arguments.
#[must_use]
pub fn delegate(name: &str, rules: &[&str]) -> Value {
    let program = STANDARD.encode(include_bytes!("../../../examples/agents/delegate/agent.py"));
    let files = json!([{ "path": "agent.py", "contents": program }]);
    let command: Vec<&str> =
        ["python3", "agent.py"].into_iter().chain(rules.iter().copied()).collect();
    json!({
        "name": name,
        "runtime": { "kind": "process", "command": command, "files": files },
    })
}

/// The worker of the examples, which does tasks of the capability `work` and writes each into the file
/// `effects` once; `takes` is how long it takes for one, in seconds.
#[must_use]
pub fn worker(name: &str, effects: &Path, takes: f64) -> Value {
    let program = STANDARD.encode(include_bytes!("../../../examples/agents/worker/agent.py"));
    let files = json!([{ "path": "agent.py", "contents": program }]);
    let command = json!(["python3", "agent.py", effects, takes.to_string()]);
    json!({
        "name": name,
        "capabilities": ["work"],
        "runtime": { "kind": "process", "command": command, "files": files },
        "restart": { "max_restarts": 1_000, "window_ms": 60_000, "backoff_ms": 50 },
    })
}

/// One of the agents that come with Covey.
#[must_use]
pub fn builtin(name: &str, agent: &str) -> Value {
    json!({ "name": name, "runtime": { "kind": "builtin", "agent": agent } })
}
