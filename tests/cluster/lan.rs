//! Finding each other by multicast alone, and becoming members.

use std::time::{Duration, Instant};

use covey_cluster::{Lan, Node, eventually};
use serde_json::{Value, json};

#[test]
fn three_nodes_see_each_other_within_three_seconds_of_start() {
    let Some(lan) = Lan::new(3) else { return };
    let mut nodes =
        [(1, "a"), (2, "b"), (3, "c")].map(|(host, name)| Node::new(&lan, host, name, ""));

    let start = Instant::now();
    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);
    for node in &nodes {
        eventually(&format!("{} sees the others", node.name()), Duration::from_secs(30), || {
            let nearby = nearby(node);
            if nearby.len() == 2 { Ok(()) } else { Err(format!("{nearby:?}")) }
        });
    }
    let took = start.elapsed();

    println!("all three see all three {} ms after the first start", took.as_millis());
    assert!(took < Duration::from_secs(3), "{took:?}");
    for node in &nodes {
        let others = nodes.iter().filter(|other| other.id() != node.id());
        let mut expected: Vec<_> = others.map(|other| other.name().to_owned()).collect();
        let mut seen = nearby(node);
        expected.sort();
        seen.sort();
        assert_eq!(seen, expected);
    }
}

#[test]
fn accepted_node_is_a_member_within_two_seconds() {
    let Some(lan) = Lan::new(2) else { return };
    let mut host = Node::new(&lan, 1, "host", "");
    let mut joiner = Node::new(&lan, 2, "joiner", "");
    host.start();
    joiner.start();
    eventually("the joiner sees the host", Duration::from_secs(10), || {
        if nearby(&joiner) == ["host"] { Ok(()) } else { Err(format!("{:?}", nearby(&joiner))) }
    });

    drop(joiner.get("pairing.ask", &json!({ "node": host.id() })));
    let (code, _) = eventually("both show a code", Duration::from_secs(10), || {
        let (asks, asked) = (pairing(&joiner), pairing(&host));
        match (code(&asks["ask"]), code(&asked["requests"][0])) {
            (Some(one), Some(other)) => Ok((one, other)),
            _ => Err(format!("{asks} {asked}")),
        }
    });
    drop(host.get("pairing.accept", &json!({ "node": joiner.id(), "role": "operator" })));
    let clicked = Instant::now();
    for node in [&host, &joiner] {
        eventually("both see two alive", Duration::from_secs(30), || {
            let status = node.get("status.get", &json!({}));
            if status["nodes_alive"] == 2 { Ok(()) } else { Err(status.to_string()) }
        });
    }
    let took = clicked.elapsed();

    assert_eq!(code.0, code.1);
    println!("a member {} ms after the click", took.as_millis());
    assert!(took < Duration::from_secs(2), "{took:?}");
    let (host, joiner) = (host.get("status.get", &json!({})), joiner.get("status.get", &json!({})));
    assert_eq!(host["cluster"], joiner["cluster"]);
    assert_eq!((&host["role"], &joiner["role"]), (&json!("admin"), &json!("operator")));
}

#[test]
fn refused_node_stays_outside_and_is_told() {
    let Some(lan) = Lan::new(2) else { return };
    let mut host = Node::new(&lan, 1, "host", "");
    let mut joiner = Node::new(&lan, 2, "joiner", "");
    host.start();
    joiner.start();
    eventually("the joiner sees the host", Duration::from_secs(10), || {
        if nearby(&joiner) == ["host"] { Ok(()) } else { Err(format!("{:?}", nearby(&joiner))) }
    });
    drop(joiner.get("pairing.ask", &json!({ "node": host.id() })));
    eventually("the host is asked", Duration::from_secs(10), || {
        code(&pairing(&host)["requests"][0]).ok_or_else(|| pairing(&host).to_string())
    });

    drop(host.get("pairing.refuse", &json!({ "node": joiner.id() })));

    eventually("the joiner is told", Duration::from_secs(5), || {
        let asks = pairing(&joiner);
        if asks["ask"]["phase"]["kind"] == "refused" { Ok(()) } else { Err(asks.to_string()) }
    });
    assert_eq!(host.get("status.get", &json!({}))["nodes_known"], 1);
    assert_eq!(joiner.get("status.get", &json!({}))["nodes_known"], 1);
}

#[test]
fn codes_differ_when_someone_stands_in_the_middle() {
    let Some(lan) = Lan::new(4) else { return };
    // To both ends, the two in the middle look like the other end.
    let names = [(1, "host"), (2, "joiner"), (3, "host"), (4, "joiner")];
    let mut nodes = names.map(|(host, name)| Node::new(&lan, host, name, ""));
    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);
    let [host, as_joiner, as_host, joiner] = &nodes;
    for node in [joiner, as_joiner] {
        eventually("all see all", Duration::from_secs(10), || {
            if nearby(node).len() == 3 { Ok(()) } else { Err(format!("{:?}", nearby(node))) }
        });
    }

    drop(joiner.get("pairing.ask", &json!({ "node": as_host.id() })));
    drop(as_joiner.get("pairing.ask", &json!({ "node": host.id() })));

    let (codes, _) = eventually("both ends show a code", Duration::from_secs(10), || {
        let (asks, asked) = (pairing(joiner), pairing(host));
        match (code(&asks["ask"]), code(&asked["requests"][0])) {
            (Some(one), Some(other)) => Ok((one, other)),
            _ => Err(format!("{asks} {asked}")),
        }
    });
    let (asks, asked) = (pairing(joiner), pairing(host));
    assert_eq!(
        (&asks["ask"]["name"], &asked["requests"][0]["name"]),
        (&json!("host"), &json!("joiner"))
    );
    assert_ne!(codes.0, codes.1);
}

#[test]
fn node_without_multicast_is_found_by_its_address() {
    let Some(lan) = Lan::new(2) else { return };
    let mut silent = Node::new(&lan, 1, "silent", "mdns = false");
    let knocks = format!("mdns = false\npeers = [\"{}:{}\"]", Lan::address(1), Node::LOBBY_PORT);
    let mut knocker = Node::new(&lan, 2, "knocker", &knocks);

    silent.start();
    knocker.start();

    for (node, other) in [(&knocker, "silent"), (&silent, "knocker")] {
        eventually("they see each other", Duration::from_secs(15), || {
            if nearby(node) == [other] { Ok(()) } else { Err(format!("{:?}", nearby(node))) }
        });
    }
}

#[test]
fn invite_link_admits_once_without_a_person() {
    let Some(lan) = Lan::new(3) else { return };
    let mut nodes = [(1, "host"), (2, "guest"), (3, "late")]
        .map(|(host, name)| Node::new(&lan, host, name, ""));
    nodes.iter_mut().for_each(Node::launch);
    nodes.iter_mut().for_each(Node::await_door);
    let [host, guest, late] = &nodes;

    let made = host.does(&["invite", "--role", "worker"]);
    let link = made["link"].as_str().unwrap();
    let first = guest.cli(&["join", link]);
    let second = late.cli(&["join", link]);

    assert_eq!(first.code, Some(0), "{first:?}");
    assert_eq!(second.code, Some(1), "{second:?}");
    let status = guest.does(&["status"]);
    assert_eq!((&status["role"], &status["nodes_known"]), (&json!("worker"), &json!(2)));
    assert_eq!(host.does(&["status"])["cluster"], status["cluster"]);
    assert_eq!(late.does(&["status"])["nodes_known"], 1);
    let refused = guest.cli(&["agent", "start", "echo", "--builtin", "echo"]);
    assert_eq!(refused.code, Some(1), "a worker starts nothing: {refused:?}");
}

fn pairing(node: &Node) -> Value {
    node.get("pairing.get", &json!({}))
}

/// The names of the nodes that `node` sees nearby.
fn nearby(node: &Node) -> Vec<String> {
    let pairing = pairing(node);
    let rows = pairing["nearby"].as_array().unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// What a screen shows to compare, once it does.
fn code(shown: &Value) -> Option<(String, Value)> {
    let digits = shown["digits"].as_str().filter(|digits| digits.len() == 6)?;
    (shown["words"].as_array()?.len() == 4).then(|| (digits.to_owned(), shown["words"].clone()))
}
