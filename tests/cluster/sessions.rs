//! Sessions of agents of two runtimes on three nodes, whose steward is killed.

use std::time::Duration;

use covey_cluster::{Cluster, builtin, delegate, eventually};
use serde_json::{Value, json};

use crate::agreement::await_voters;

const PATIENCE: Duration = Duration::from_secs(60);
/// The builtin ones decide by the load of their machines, the programs by their arguments.
const NAMES: [&str; 5] = ["d1", "d2", "p1", "p2", "p3"];

/// The steward of each session is killed after it handed the first answers in, while two agents
/// still think: the next one goes on where it stood.
#[test]
fn session_of_each_protocol_ends_once_although_its_steward_is_killed() {
    let Some(mut cluster) = scene("2") else { return };
    for (protocol, options) in [
        ("vote", json!({ "early": "no" })),
        ("weighted", json!({ "early": "no" })),
        ("contract_net", json!({})),
        ("allocation", json!({ "resources": "cpu=7, memory=9" })),
    ] {
        let start = json!({
            "protocol": protocol, "options": options, "participants": NAMES,
            "answer_ms": 20_000, "key": protocol,
        });
        let session = cluster.nodes[0].get("session.start", &start)["session"].clone();
        let asked = json!({ "session": session });
        let (before, _) = eventually("the first words are in the log", PATIENCE, || {
            let view = cluster.nodes[0].get("session.get", &asked);
            if said(&view).is_empty() { Err(view.to_string()) } else { Ok(view) }
        });
        let first = said(&before);
        let steward = cluster.place_of(first[0]["relayed"].as_str().unwrap());

        cluster.nodes[steward].kill();

        let wait = json!({ "session": session, "wait_ms": 50_000 });
        let others: Vec<_> = cluster.nodes.iter().filter(|node| node.runs()).collect();
        let ends: Vec<Value> = others
            .iter()
            .map(|node| node.ask_within("session.wait", &wait, PATIENCE).unwrap())
            .collect();
        assert_eq!(ends[0]["end"]["kind"], "finished", "{protocol}: {}", ends[0]);
        assert_eq!(ends[0]["end"], ends[1]["end"], "{protocol}");
        assert_eq!(ends[0]["journal"], ends[1]["journal"], "{protocol}");
        let all = said(&ends[0]);
        assert_eq!(all[..first.len()], first[..], "{protocol}: no word is lost");
        let mut speakers: Vec<_> =
            all.iter().map(|note| (note["round"].to_string(), note["agent"].to_string())).collect();
        speakers.sort();
        speakers.dedup();
        assert_eq!(speakers.len(), all.len(), "{protocol}: none counts twice: {all:?}");
        // The same wish under its key begins no second session.
        let again = others[0].get("session.start", &start)["session"].clone();
        assert_eq!(again, session, "{protocol}");
        cluster.nodes[steward].start();
        cluster.await_all();
        await_voters(&cluster, 3);
        await_agents(&cluster);
    }
}

/// What is refused has an error of its own, whichever node is asked.
#[test]
fn votes_that_do_not_count_are_refused_each_for_its_reason() {
    let Some(cluster) = scene("5") else { return };
    let start = json!({ "protocol": "vote", "participants": ["d1", "p2", "p3"], "options": { "early": "no" } });
    let session = cluster.nodes[1].get("session.start", &start)["session"].clone();
    eventually("the first word is in the log", PATIENCE, || {
        let view = cluster.nodes[2].get("session.get", &json!({ "session": session }));
        if said(&view).is_empty() { Err(view.to_string()) } else { Ok(()) }
    });
    let say = |place: usize, session: &Value, agent: &str| {
        let word = json!({ "option": "approve" });
        let wish = json!({ "session": session, "agent": agent, "word": word });
        cluster.nodes[place].ask("session.say", &wish)
    };
    let place = |agent: &str| {
        let node = cluster.nodes[0].agent(agent)["node"].clone();
        cluster.place_of(node.as_str().unwrap())
    };
    let reason = |answer: Result<Value, covey_cluster::Refused>| answer.unwrap_err().text;

    let twice = reason(say(place("d1"), &session, "d1"));
    assert!(twice.contains("said_twice"), "{twice}");
    let stranger = reason(say(place("d2"), &session, "d2"));
    assert!(stranger.contains("stranger"), "{stranger}");
    let elsewhere = reason(say((place("p2") + 1) % 3, &session, "p2"));
    assert!(elsewhere.contains("not_running_here"), "{elsewhere}");
    let unknown = reason(say(place("d1"), &json!(999_999), "d1"));
    assert!(unknown.contains("unknown_session"), "{unknown}");
    say(place("p3"), &session, "p3").unwrap();

    cluster.nodes[0].get("session.cancel", &json!({ "session": session }));
    let over = reason(say(place("p2"), &session, "p2"));
    assert!(over.contains("over"), "{over}");
}

fn scene(thinks: &str) -> Option<Cluster> {
    let cluster = Cluster::new(3, 0)?;
    await_voters(&cluster, 3);
    let specs = [
        builtin("d1", "delegate"),
        builtin("d2", "delegate"),
        delegate("p1", &["--price", "7", "--want", "cpu=3"]),
        delegate("p2", &["--price", "5", "--want", "cpu=3", "--most", "9", "--wait", thinks]),
        delegate("p3", &["--for", "reject", "--want", "memory=4", "--wait", thinks]),
    ];
    for spec in specs {
        drop(cluster.nodes[0].get("agent.start", &json!({ "spec": spec })));
    }
    await_agents(&cluster);
    Some(cluster)
}

/// Every node reaches every agent.
fn await_agents(cluster: &Cluster) {
    for (node, name) in cluster.nodes.iter().flat_map(|node| NAMES.map(|name| (node, name))) {
        eventually(&format!("{} hears {name}", node.name()), PATIENCE, || {
            node.call(name, "session.ended", PATIENCE).map_err(|error| error.text)
        });
    }
}

/// The words that a session has taken.
fn said(view: &Value) -> Vec<Value> {
    let journal = view["journal"].as_array().unwrap();
    journal.iter().filter(|note| note["kind"] == "said").cloned().collect()
}
