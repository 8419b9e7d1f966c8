//! Tasks are done once, and paid for once if they pay, whatever dies: agents every second, and a node
//! with what it was steward of.
//!
//! What was done is told by the agents themselves: each writes its effect into one file, under the
//! key of the task, unless the key is there.

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use covey_cluster::{Cluster, all_processes, eventually, worker};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::agreement::await_voters;

/// What whoever submits has, and what a task pays at most.
const FUNDS: u64 = 1_000_000;
const MOST: u64 = 20;

const PATIENCE: Duration = Duration::from_secs(60);
/// Long enough for a machine that is busy with other tests to do what was lost again.
const ALL_DONE: Duration = Duration::from_secs(180);
const AGENTS: usize = 6;
const A_SECOND: u64 = 12;

/// How long agents are killed: longer if the environment says so.
fn span() -> Duration {
    let said = env::var("COVEY_TASKS_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(said.unwrap_or(30))
}

#[test]
fn no_task_is_lost_or_done_twice_while_agents_die_every_second() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    await_voters(&cluster, 3);
    let effects = cluster.nodes[0].data().join("effects");
    for number in 0..AGENTS {
        let mut spec = worker(&format!("worker-{number}"), &effects, 0.1);
        spec["capabilities"] = json!(["paid", "unpaid"]);
        drop(cluster.nodes[0].get("agent.start", &json!({ "spec": spec })));
    }
    let begun = Instant::now();
    let (mut tasks, mut killed, mut lost) = (Vec::new(), 0, false);
    let payer = by_auction(&cluster);

    while begun.elapsed() < span() {
        let second = Instant::now();
        let door = &cluster.nodes[0];
        let first = u64::try_from(tasks.len()).unwrap();
        let wish = |number: u64| {
            let mut wish = json!({
                "capabilities": ["unpaid"], "method": "work", "attempts": 100, "timeout_ms": 20_000,
                "params": number, "key": format!("t-{}", first + number),
            });
            if number.is_multiple_of(2) {
                wish["capabilities"] = json!(["paid"]);
                wish["pay"] = json!(MOST);
                wish["check"] = json!({ "required": ["did"] });
            }
            wish
        };
        let wishes: Vec<Value> = (0..A_SECOND).map(wish).collect();
        let accepted = door.get("task.submit", &json!({ "tasks": wishes }));
        tasks.extend(accepted["tasks"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()));
        let running: Vec<_> = all_processes(&cluster.nodes).into_values().flatten().collect();
        if let Some(victim) = running.get(killed % running.len().max(1)) {
            let pid = i32::try_from(victim.pid).ok().and_then(Pid::from_raw);
            // It may have ended by itself.
            let _ended = pid.map(|pid| kill_process(pid, Signal::KILL));
            killed += 1;
        }
        if !lost && begun.elapsed() > span() / 2 {
            cluster.nodes[2].kill();
            cluster.nodes[2].start();
            lost = true;
        }
        thread::sleep(Duration::from_secs(1).saturating_sub(second.elapsed()));
    }

    let ended = wait_for_all(&cluster, &tasks);
    let attempts: u64 = ended.iter().map(|task| task["attempt"].as_u64().unwrap()).sum();
    println!("{} tasks, {killed} agents killed, {attempts} attempts", tasks.len());
    for task in &ended {
        assert_eq!(task["state"], "done", "{task}");
    }
    assert!(killed > 10 && attempts > ended.len() as u64, "{killed} killed, {attempts} attempts");
    let written = keys(&effects);
    assert_eq!(written.len(), tasks.len(), "as many effects as tasks");
    assert!(written.values().all(|times| *times == 1), "{written:?}");
    check_books(&cluster, &payer, &ended);
}

/// Who submits has credits, and agents of tasks that pay are chosen by auction; its account.
fn by_auction(cluster: &Cluster) -> String {
    let door = &cluster.nodes[0];
    let payer = format!("owner/{}", door.id());
    door.get("ledger.issue", &json!({ "to": payer, "amount": FUNDS }));
    door.get("balancer.set", &json!({ "queue": "paid", "strategy": "auction" }));
    payer
}

/// Every task that pays was paid for once, its price and no more, and the rest went back.
fn check_books(cluster: &Cluster, payer: &str, ended: &[Value]) {
    let door = &cluster.nodes[1];
    let audit = door.get("ledger.audit", &json!({}));
    assert_eq!(audit["faults"], json!([]), "{audit}");
    assert_eq!(audit["held"], 0, "{audit}");
    let mut paid = BTreeMap::<u64, Vec<u64>>::new();
    let mut to_others = 0;
    let mut after = 0;
    loop {
        let page = door.get("ledger.export", &json!({ "after": after, "limit": 5_000 }));
        let page = page.as_array().unwrap();
        let Some(last) = page.last() else { break };
        after = last["posting"].as_u64().unwrap();
        for posting in page.iter().filter(|it| it["why"].get("captured").is_some()) {
            let amount = posting["amount"].as_u64().unwrap();
            paid.entry(posting["task"].as_u64().unwrap()).or_default().push(amount);
            to_others += if posting["credit"] == payer { 0 } else { amount };
        }
    }
    let pays = |task: &&Value| task["queue"] == "paid";
    assert_eq!((paid.len(), paid.len() * 2), (ended.iter().filter(pays).count(), ended.len()));
    for task in ended.iter().filter(pays) {
        let price = task["price"].as_u64().unwrap();
        assert!((1..=MOST).contains(&price), "{task}");
        assert_eq!(paid[&task["task"].as_u64().unwrap()], [price], "{task}");
    }
    let left = door.get("ledger.statement", &json!({ "account": payer }))["balance"].clone();
    assert_eq!(left, FUNDS - to_others, "what others earned is gone, and no more");
}

fn wait_for_all(cluster: &Cluster, tasks: &[u64]) -> Vec<Value> {
    let mut ended = Vec::new();
    for some in tasks.chunks(500) {
        let (views, _) = eventually("all tasks are over", ALL_DONE, || {
            let wait = json!({ "tasks": some, "wait_ms": 20_000 });
            let views = cluster.nodes[1]
                .ask_within("task.wait", &wait, PATIENCE)
                .map_err(|error| error.text)?;
            let views = views.as_array().cloned().unwrap_or_default();
            let open = |view: &&Value| view["state"] == "queued" || view["state"] == "running";
            match views.iter().find(open) {
                Some(view) => Err(view.to_string()),
                None => Ok(views),
            }
        });
        ended.extend(views);
    }
    ended
}

/// How often each key was written.
fn keys(effects: &Path) -> BTreeMap<String, u32> {
    let mut keys = BTreeMap::new();
    for line in fs::read_to_string(effects).unwrap().lines() {
        let (key, _) = line.split_once('\t').unwrap();
        *keys.entry(key.to_owned()).or_insert(0) += 1;
    }
    keys
}
