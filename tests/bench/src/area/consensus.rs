//! What the cluster agrees on: how fast three voters take changes in, and how soon after a loss.
//!
//! Three nodes that all vote: one inside the bench, which founded the group and leads it, and two
//! workers. Every change is on the disks of two of them before it counts; the callers wait for it
//! on the node that leads. The loss of the leader is measured from outside, on nodes of their own.

use std::time::{Duration, Instant};

use covey_logic::{
    Name,
    coordination::{Act, Place},
};
use covey_node::{
    consensus::{GroupView, Standing},
    handle::{Acquire, CoordinationView, Freshness, Primitives},
};
use futures::future::{BoxFuture, try_join_all};
use serde_json::json;
use tokio::task::JoinSet;

use super::{RUNS, registry::together};
use crate::{
    error::BenchError,
    figure::Report,
    machine::{float, ms},
    node::{Node, Place as Where},
    site::{Company, Site},
    wait::{PATIENCE, until},
    worker::{Worker, embed},
};

/// A figure, its callers, which each wait for their own, and how many each of them makes in a run.
type Load = (&'static str, usize, usize);
const PUTS: [Load; 3] = [("put_1", 1, 400), ("put_64", 64, 80), ("put_256", 256, 40)];
const GETS: [Load; 2] = [("get_1", 1, 800), ("get_64", 64, 100)];
/// Bytes of a value, and how many variables are written.
const VALUE_LEN: usize = 256;
const VARIABLES: usize = 1_000;
/// Who stands in line for the lock that is handed over.
const WAITERS: usize = 100;
/// How long it is held, and waited for: longer than all of them take.
const LEASE: Duration = Duration::from_mins(2);
/// Losses of the leader that count.
const LOSSES: usize = 10;

/// What one caller does, of which number.
type Deed = fn(Primitives, usize) -> BoxFuture<'static, Result<(), BenchError>>;

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("leads", Company::Keyed)?).await?;
    let workers = [
        Worker::start(&site.data("votes", Company::Keyed)?).await?,
        Worker::start(&site.data("votes_too", Company::Keyed)?).await?,
    ];
    together(&node, 3).await?;
    let group = node.primitives();
    until("three vote, and the bench leads", PATIENCE, async || leads(&group)).await?;
    for load in PUTS {
        rate(report, &group, load, put).await?;
    }
    for load in GETS {
        rate(report, &group, load, get).await?;
    }
    hand_over(report, &group).await?;
    drop(workers);
    node.kill().await;
    failover(report).await
}

pub(super) fn leads(group: &Primitives) -> Result<(), String> {
    let view = group.view().group.ok_or("there is no group")?;
    let stands = view.standing == Standing::Leader && voters(&view) == 3;
    stands.then_some(()).ok_or_else(|| format!("{view:?}"))
}

async fn rate(
    report: &mut Report,
    group: &Primitives,
    (name, callers, each): Load,
    deed: Deed,
) -> Result<(), BenchError> {
    let mut rates = Vec::new();
    for run in 0..=RUNS {
        let begun = Instant::now();
        let mut made = JoinSet::new();
        for caller in 0..callers {
            let group = group.clone();
            made.spawn(async move {
                for number in 0..each {
                    deed(group.clone(), caller * each + number).await?;
                }
                Ok::<(), BenchError>(())
            });
        }
        while let Some(done) = made.join_next().await {
            done.map_err(|error| refused(name, &error))??;
        }
        let rate = float(callers * each) / begun.elapsed().as_secs_f64();
        rates.extend((run > 0).then_some(rate));
    }
    report.median(name, "1/s", &rates);
    Ok(())
}

fn put(group: Primitives, number: usize) -> BoxFuture<'static, Result<(), BenchError>> {
    Box::pin(async move {
        let value = format!("{number:0VALUE_LEN$}");
        let act = Act::Write { variable: variable(number)?, value, expected: None };
        let done = group.agree(act, None).await;
        done.map(drop).map_err(|error| refused("variable.set", &error))
    })
}

fn get(group: Primitives, number: usize) -> BoxFuture<'static, Result<(), BenchError>> {
    Box::pin(async move {
        let read = group.variable(&variable(number)?, Freshness::Linearizable).await;
        read.map(drop).map_err(|error| refused("variable.get", &error))
    })
}

fn variable(number: usize) -> Result<Name, BenchError> {
    name(&format!("key-{}", number % VARIABLES))
}

/// From a release until the next in line holds the lock, a hundred times.
async fn hand_over(report: &mut Report, group: &Primitives) -> Result<(), BenchError> {
    let door = Place::lock(name("door")?);
    let mut token = acquire(group, &door, "first").await?;
    let mut waiting = JoinSet::new();
    for number in 0..WAITERS {
        let (asker, lock) = (group.clone(), door.clone());
        waiting.spawn(async move {
            let token = acquire(&asker, &lock, &format!("w-{number}")).await?;
            Ok::<_, BenchError>((token, Instant::now()))
        });
        until("it stands in line", PATIENCE, async || {
            let read = group.place(&door, Freshness::Stale).await;
            let line = read.map_err(|error| error.to_string())?.0.map_or(0, |lock| lock.line.len());
            if line > number { Ok(()) } else { Err(format!("{line} do")) }
        })
        .await?;
    }
    let mut times = Vec::new();
    for _ in 0..WAITERS {
        let begun = Instant::now();
        let release = Act::Release { place: door.clone(), token };
        group.agree(release, None).await.map_err(|error| refused("lease.release", &error))?;
        let next = waiting.join_next().await.ok_or_else(|| refused("lock", &"nobody waits"))?;
        let (held, at) = next.map_err(|error| refused("lock", &error))??;
        times.push(ms(at.duration_since(begun)));
        token = held;
    }
    report.median("lock_handover", "ms", &times);
    Ok(())
}

async fn acquire(group: &Primitives, lock: &Place, session: &str) -> Result<u64, BenchError> {
    let asked = Acquire {
        place: lock.clone(),
        session: name(session)?,
        permits: 1,
        lease: LEASE,
        wait: LEASE,
        key: None,
    };
    group.acquire(asked).await.map_err(|error| refused("lease.acquire", &error))
}

/// From the death of the leader until another node has a change acknowledged.
async fn failover(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let mut nodes = Vec::new();
    for name in ["one", "two", "three"] {
        let mut node = Node::new(&site, name, Company::Keyed, Where::Here)?;
        node.start().await?;
        nodes.push(node);
    }
    let mut times = Vec::new();
    for loss in 0..=LOSSES {
        let led = until("three vote, and one leads", PATIENCE, async || led(&nodes).await);
        let mut lost = nodes.remove(led.await?);
        lost.kill()?;
        let begun = Instant::now();
        until("a change is acknowledged", PATIENCE, async || {
            let other = nodes.first().ok_or("nobody is left")?;
            let add = json!({ "counter": "hits", "by": 1 });
            other.ask("counter.add", &add).await.map_err(|error| error.to_string())
        })
        .await?;
        times.extend((loss > 0).then(|| ms(begun.elapsed())));
        lost.start().await?;
        nodes.push(lost);
    }
    report.median("failover", "ms", &times);
    Ok(())
}

/// The place of the one that leads, when all agree that three vote.
async fn led(nodes: &[Node]) -> Result<usize, String> {
    let groups = try_join_all(nodes.iter().map(async |node| {
        let view = node.ask("coordination.get", &json!({})).await;
        let view = view.map_err(|error| error.to_string())?;
        let view: CoordinationView =
            serde_json::from_value(view).map_err(|error| error.to_string())?;
        view.group.ok_or_else(|| "there is no group".to_owned())
    }));
    let groups = groups.await?;
    let leader = groups.first().and_then(|group| group.leader);
    let agreed = groups.iter().all(|group| group.leader == leader && voters(group) == 3);
    let place = nodes.iter().position(|node| leader.is_some_and(|id| id.to_string() == node.id()));
    place.filter(|_| agreed).ok_or_else(|| format!("{groups:?}"))
}

fn voters(group: &GroupView) -> usize {
    let votes = |standing| matches!(standing, Standing::Voter | Standing::Leader);
    group.members.iter().filter(|member| votes(member.standing)).count()
}

fn name(text: &str) -> Result<Name, BenchError> {
    Name::new(text).map_err(|error| refused(text, &error))
}

pub(super) fn refused(command: &str, answer: &impl std::fmt::Display) -> BenchError {
    BenchError::Refused { command: command.to_owned(), answer: answer.to_string() }
}
