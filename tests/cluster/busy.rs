//! Every core is busy: late is not dead.

use std::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, available_parallelism},
    time::Duration,
};

use covey_cluster::{Cluster, bystander, hold};
use serde_json::{Value, json};

/// Long enough for three deaths by silence; `COVEY_BUSY_MINUTES` makes it longer.
const BUSY: Duration = Duration::from_secs(20);
const AGENTS: usize = 12;

/// B5: twice as many threads as there are cores do nothing but work.
#[test]
fn busy_machine_moves_no_agent_and_takes_no_node_for_dead() {
    let Some(cluster) = Cluster::new(3, 0) else { return };
    for number in 0..AGENTS {
        cluster.run(&bystander(&format!("agent-{number}")), None);
    }
    let before = holders(&cluster);

    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 * available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    spin_loop();
                }
            });
        }
        hold(span());
        over.store(true, Ordering::Relaxed);
    });

    cluster.await_all();
    assert_eq!(holders(&cluster), before);
    for node in &cluster.nodes {
        let down = node.get("event.query", &json!({ "kinds": ["member_down"] }));
        assert_eq!(down["events"], json!([]), "{}", node.name());
        let placed = node.get("event.query", &json!({ "kinds": ["agent_placed"] }));
        assert_eq!(placed["events"].as_array().map(Vec::len), Some(AGENTS), "{placed}");
        let suspected = node.get("event.query", &json!({ "kinds": ["member_suspected"] }));
        let count = suspected["events"].as_array().map_or(0, Vec::len);
        println!("{} knows of {count} suspicions", node.name());
    }
}

/// Where each agent runs and how often it was restarted, as the first node says.
fn holders(cluster: &Cluster) -> Vec<[Value; 3]> {
    let agents = (0..AGENTS).map(|number| cluster.nodes[0].agent(&format!("agent-{number}")));
    agents.map(|agent| ["id", "node", "restarts"].map(|field| agent[field].clone())).collect()
}

/// How long the cores are busy.
fn span() -> Duration {
    let Some(value) = std::env::var_os("COVEY_BUSY_MINUTES") else { return BUSY };
    let minutes = value.to_str().and_then(|text| text.parse().ok()).filter(|minutes| *minutes > 0);
    let minutes: u64 =
        minutes.unwrap_or_else(|| panic!("COVEY_BUSY_MINUTES={} is no count", value.display()));
    Duration::from_mins(minutes)
}
