//! The main job, by the command line alone: find, accept, run, call, lose a machine, go on.

use std::{path::Path, time::Duration};

use covey_cluster::{Lan, Node, eventually};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn three_machines_run_a_program_that_survives_the_loss_of_one() {
    let Some(lan) = Lan::new(3) else { return };
    let mut nodes =
        [(1, "a"), (2, "b"), (3, "c")].map(|(host, name)| Node::new(&lan, host, name, ""));
    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);
    let [a, b, c] = &nodes;

    for joiner in [b, c] {
        accept(joiner, a);
    }
    for node in &nodes {
        node.does(&["allow", "--programs", "cluster"]);
    }
    allowed_everywhere(&nodes);

    let spec = beside("../../examples/agents/python/agent.json");
    let started = a.does(&["agent", "start", "greeter", "--spec", &spec, "--on", "b"]);
    assert_eq!(started["node"], b.id());
    let answer = c.does(&["agent", "call", "greeter", "greet", r#"{"name": "Ada"}"#]);
    assert_eq!((&answer["node"], &answer["value"]), (&json!(b.id()), &json!("Hello, Ada!")));
    logged(c, "greeter", &format!("greeter runs on node {}, life ", &b.id()[..8]));

    crashes_and_says_why(a, c);
    flaps_until_it_is_parked(a);
    stops_and_starts_again(c);

    a.does(&["agent", "move", "greeter", "c"]);
    runs_on(a, c);
    a.does(&["agent", "move", "greeter", "--anywhere"]);
    runs_on(a, c);

    nodes[2].kill();

    for survivor in &nodes[..2] {
        eventually("it answers from a survivor", PATIENCE, || {
            let from = home(survivor)?;
            if from == nodes[2].id() { Err("the lost node".to_owned()) } else { Ok(()) }
        });
    }
    let events = nodes[0].does(&["events", "query", "--kind", "member_down"]);
    assert!(!events["events"].as_array().unwrap().is_empty(), "{events}");
    nodes[2].start();
    eventually("it is back", PATIENCE, || {
        let status = nodes[0].does(&["status"]);
        if status["nodes_alive"] == 3 { Ok(()) } else { Err(status.to_string()) }
    });
}

#[test]
fn command_line_says_what_went_wrong_with_an_exit_code() {
    let Some(lan) = Lan::new(1) else { return };
    let mut node = Node::new(&lan, 1, "a", "");

    let asleep = node.cli(&["status"]);
    node.start();
    let unknown = node.cli(&["agent", "call", "nobody", "where"]);
    let usage = node.cli(&["agent", "start"]);
    let stopped = node.cli(&["stop"]);

    assert_eq!((asleep.code, asleep.stdout.as_str()), (Some(3), ""), "{asleep:?}");
    assert!(asleep.stderr.contains("covey node"), "{asleep:?}");
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("nobody"), "{unknown:?}");
    assert_eq!(usage.code, Some(2), "{usage:?}");
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    assert_eq!(node.ended(Duration::from_secs(10)), Some(0));
}

/// `joiner` asks, both compare, `host` accepts by the code.
fn accept(joiner: &Node, host: &Node) {
    eventually("the joiner sees the host", PATIENCE, || {
        let nearby = joiner.does(&["nearby"]);
        let seen = nearby.as_array().unwrap().iter().any(|near| near["node"] == host.id());
        if seen { Ok(()) } else { Err(nearby.to_string()) }
    });
    let shown = joiner.does(&["ask", host.name()]);
    let requests = host.does(&["requests"]);
    let asked = requests["requests"].as_array().unwrap();
    let asked = asked.iter().find(|request| request["node"] == joiner.id()).unwrap();
    assert_eq!((&asked["digits"], &asked["words"]), (&shown["digits"], &shown["words"]));
    host.does(&["accept", shown["digits"].as_str().unwrap()]);
    for node in [joiner, host] {
        eventually("both are members", PATIENCE, || {
            let nodes = node.does(&["nodes"]);
            let alive = nodes.as_array().unwrap().iter().filter(|row| row["state"] == "alive");
            let both = [joiner, host].map(Node::id);
            let found = alive.filter(|row| both.iter().any(|id| row["id"] == *id)).count();
            if found == 2 { Ok(()) } else { Err(nodes.to_string()) }
        });
    }
}

/// Each hears all others, and from them that they run programs of the cluster.
fn allowed_everywhere(nodes: &[Node]) {
    for node in nodes {
        eventually("all allow programs", PATIENCE, || {
            let rows = node.does(&["nodes"]);
            let allow = |row: &Value| row["programs"] == "cluster" && row["state"] == "alive";
            let all = rows.as_array().unwrap();
            if all.len() == 3 && all.iter().all(allow) { Ok(()) } else { Err(rows.to_string()) }
        });
    }
}

fn crashes_and_says_why(asked: &Node, caller: &Node) {
    let answer = caller.cli(&["agent", "call", "greeter", "crash"]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    eventually("the crash is told", PATIENCE, || {
        let agent = row(asked, "greeter");
        let exit = &agent["last_exit"];
        let last = json!("RuntimeError: this agent was asked to crash");
        let told = exit["reason"] == json!({ "kind": "exited", "code": 1 })
            && exit["tail"].as_array().is_some_and(|tail| tail.contains(&last))
            && agent["phase"] == "running";
        if told { Ok(()) } else { Err(agent.to_string()) }
    });
    assert_eq!(row(asked, "greeter")["restarts"], 1);
}

fn flaps_until_it_is_parked(node: &Node) {
    let start = node.cli(&["agent", "start", "flapper", "--spec", &beside("agents/flapper.json")]);
    assert_eq!(start.code, Some(1), "{start:?}");
    assert!(start.stderr.contains("failed"), "{start:?}");
    let agent = row(node, "flapper");
    assert_eq!((&agent["phase"], &agent["restarts"]), (&json!("failed"), &json!(3)), "{agent}");
    assert_eq!(agent["last_exit"]["tail"], json!(["born to fail"]), "{agent}");
    let status = node.does(&["status"]);
    let problems = status["problems"].as_array().unwrap();
    let told = |problem: &Value| problem["kind"] == "agent_failed" && problem["name"] == "flapper";
    assert!(problems.iter().any(told), "{status}");
    node.does(&["agent", "rm", "flapper"]);
}

fn stops_and_starts_again(node: &Node) {
    node.does(&["agent", "stop", "greeter"]);
    eventually("it is stopped", PATIENCE, || {
        let agent = row(node, "greeter");
        if agent["phase"].is_null() && agent["wanted"] == false {
            Ok(())
        } else {
            Err(agent.to_string())
        }
    });
    assert_eq!(node.cli(&["agent", "call", "greeter", "top", "--timeout", "1s"]).code, Some(1));
    node.does(&["agent", "restart", "greeter"]);
    eventually("it answers again", PATIENCE, || home(node));
}

fn logged(node: &Node, agent: &str, start: &str) {
    eventually("the line is in the log", PATIENCE, || {
        let page = node.does(&["agent", "logs", agent]);
        let lines = page["lines"].as_array().unwrap();
        let is_it = |line: &Value| {
            let text = line["text"].as_str().unwrap();
            line["stream"] == "stderr" && text.starts_with(start)
        };
        if lines.iter().any(is_it) { Ok(()) } else { Err(page.to_string()) }
    });
}

fn runs_on(asked: &Node, node: &Node) {
    eventually(&format!("it runs on {}", node.name()), PATIENCE, || {
        let home = home(asked)?;
        if home == node.id() { Ok(()) } else { Err(home) }
    });
}

/// The id of the node from which the agent answers `node`.
fn home(node: &Node) -> Result<String, String> {
    let answer = node.cli(&["agent", "call", "greeter", "top", "--timeout", "500ms"]);
    let from = answer.json["node"].as_str().filter(|_| answer.code == Some(0));
    from.map(str::to_owned).ok_or(answer.stderr)
}

fn row(node: &Node, agent: &str) -> Value {
    let agents = node.does(&["agent", "ls"]);
    let found = agents.as_array().unwrap().iter().find(|row| row["id"] == agent);
    found.cloned().unwrap_or_default()
}

/// The path of a file, from the folder of this test.
fn beside(file: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file).to_str().unwrap().to_owned()
}
