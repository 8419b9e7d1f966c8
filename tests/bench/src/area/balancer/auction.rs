//! A thousand paid tasks over five nodes whose agents are not alike, by auction.
//!
//! What they take is compared with the best static split that could have been made with hindsight:
//! all agents busy until all are done at once, each at the pace at which it did tasks of its own
//! before, alone. Every task is done, and paid for once.

use std::{collections::BTreeMap, time::Instant};

use covey_cluster::worker;
use covey_logic::{
    Command, Credits, NodeId,
    agent::AgentSpec,
    balancer::{NewTask, Pay, StrategyKind, TaskPhase, TaskView},
    economics::{Account, ledger},
};
use covey_node::{NodeHandle, handle::Freshness};

use super::{RUNS, refused, task_of};
use crate::{
    area::registry::together,
    error::BenchError,
    figure::Report,
    machine::float,
    site::{Company, Site},
    wait::{PATIENCE, until},
    worker::{Worker, embed, name},
};

/// How long a task takes with the agent of each node, in seconds.
const TAKES: [f64; 5] = [0.01, 0.02, 0.03, 0.04, 0.05];
/// Tasks that are auctioned, and what each pays at most.
const TASKS: u32 = 1_000;
const MOST: u32 = 10;
/// Tasks that each agent does before, alone.
const ALONE: usize = 50;

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("pays", Company::Keyed)?).await?;
    let mut workers = Vec::new();
    for number in 1..TAKES.len() {
        workers.push(Worker::start(&site.data(&format!("bids_{number}"), Company::Keyed)?).await?);
    }
    together(&node, 5).await?;
    let view = node.view_now().await.map_err(|error| refused("node.list", &error))?;
    let places = view.nodes.iter().map(|it| it.id);
    for (number, (takes, place)) in TAKES.into_iter().zip(places).enumerate() {
        start(&node, (number, takes), (&site, place)).await?;
    }
    let mut each_second = 0.0;
    for number in 0..TAKES.len() {
        each_second += 1.0 / pace(&node, number).await?;
    }
    prepare(&node).await?;
    let mut ratios = Vec::new();
    for run in 0..=RUNS {
        let took = auction(&node).await?;
        ratios.extend((run > 0).then_some(took * each_second / float(TASKS)));
    }
    report.median("auction_split", "ratio", &ratios);
    drop(workers);
    node.kill().await;
    Ok(())
}

/// Starts an agent on a node, which also does tasks that nobody else can.
async fn start(
    node: &NodeHandle,
    (number, takes): (usize, f64),
    (site, place): (&Site, NodeId),
) -> Result<(), BenchError> {
    let name = name("bidder", number)?;
    let effects = site.path().join(format!("effects-{number}"));
    let mut spec = worker(name.as_str(), &effects, takes);
    if let Some(capabilities) = spec.get_mut("capabilities") {
        *capabilities = serde_json::json!(["work", alone(number)]);
    }
    let spec: AgentSpec =
        serde_json::from_value(spec).map_err(|error| refused("agent.start", &error))?;
    let start = Command::StartAgent { spec: Box::new(spec), pin: Some(place), replace: false };
    node.command(node.id(), start).await?;
    until(format!("{name} runs"), PATIENCE, async || {
        node.lookup(&name).map(drop).ok_or_else(|| "it has no route".to_owned())
    })
    .await
}

fn alone(number: usize) -> String {
    format!("alone-{number}")
}

/// How long an agent takes for a task while it always has some and no other works, in seconds.
async fn pace(node: &NodeHandle, number: usize) -> Result<f64, BenchError> {
    let one = task_of(&alone(number))?;
    let begun = Instant::now();
    all_done(node, vec![one; ALONE]).await?;
    Ok(begun.elapsed().as_secs_f64() / float(ALONE))
}

/// The owner of the node in the bench can pay, and agents are chosen by auction.
async fn prepare(node: &NodeHandle) -> Result<(), BenchError> {
    // Of what it pays others in a run nothing comes back.
    let amount = credits(MOST * TASKS * 10)?;
    let issue = ledger::Act::Issue { to: Account::Owner(node.id()), amount };
    let issued = node.market().agree(issue, None).await;
    issued.map_err(|error| refused("ledger.issue", &error))?;
    let chosen = node.workload().choose(None, Some(StrategyKind::Auction)).await;
    chosen.map_err(|error| refused("balancer.set", &error))
}

/// How long the tasks take, in seconds, from their submission to the end of the last; each was paid
/// for once.
async fn auction(node: &NodeHandle) -> Result<f64, BenchError> {
    let pay = Some(Pay { most: credits(MOST)?, by: None });
    let one = NewTask { pay, ..task_of("work")? };
    let begun = Instant::now();
    let tasks = (0..TASKS).map(|_| one.clone()).collect();
    let ended = all_done(node, tasks).await?;
    let took = begun.elapsed().as_secs_f64();
    let paid = paid(node).await?;
    let once = |task: &&TaskView| {
        task.price.is_some_and(|price| paid.get(&task.task) == Some(&(1, price)))
    };
    match ended.iter().find(|task| !once(task)) {
        None => Ok(took),
        Some(task) => {
            let (number, price, paid) = (task.task, task.price, paid.get(&task.task));
            Err(refused("task.wait", &format!("task {number}: {price:?}, paid {paid:?}")))
        }
    }
}

/// How often each task was paid for, and how much.
async fn paid(node: &NodeHandle) -> Result<BTreeMap<u64, (u32, Credits)>, BenchError> {
    let market = node.market();
    let paid = market.read(Freshness::Linearizable, |economics, _| {
        let mut paid = BTreeMap::<u64, (u32, Credits)>::new();
        for posting in economics.ledger().postings() {
            if let (ledger::Why::Captured(_), Some(task)) = (posting.why, posting.within.task) {
                let (times, price) = paid.entry(task).or_default();
                (*times, *price) = (*times + 1, posting.amount);
            }
        }
        paid
    });
    paid.await.map_err(|error| refused("ledger.export", &error))
}

async fn all_done(node: &NodeHandle, tasks: Vec<NewTask>) -> Result<Vec<TaskView>, BenchError> {
    let workload = node.workload();
    let ids = workload.submit(tasks).await.map_err(|error| refused("task.submit", &error))?;
    let ended = workload.wait(ids, PATIENCE).await;
    let ended = ended.map_err(|error| refused("task.wait", &error))?;
    match ended.iter().find(|task| task.state != TaskPhase::Done) {
        None => Ok(ended),
        Some(task) => Err(refused("task.wait", &format!("{:?}: {:?}", task.state, task.reason))),
    }
}

fn credits(amount: u32) -> Result<Credits, BenchError> {
    Credits::new(u64::from(amount)).map_err(|error| refused("ledger.issue", &error))
}
