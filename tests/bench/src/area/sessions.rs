//! Sessions: how long a vote of five agents on three nodes takes, and how many a second.
//!
//! One node is inside the bench and begins all; two are workers. The agents are those that come with
//! Covey, two on one node, two on another and one on the third, and each is asked.

use std::time::{Duration, Instant};

use covey_logic::{
    Command, Name, NodeId,
    agent::{AgentSpec, Builtin, Runtime},
    sessions::{Act, Done, Plan, SessionState},
};
use covey_node::{NodeHandle, comms::Call};
use tokio::task::JoinSet;

use super::{RUNS, registry::together};
use crate::{
    error::BenchError,
    figure::Report,
    machine::{float, ms},
    site::{Company, Site},
    wait::{PATIENCE, until},
    worker::{Worker, embed, name},
};

/// Participants of a vote.
const VOTERS: usize = 5;
/// Votes of a run that follow each other.
const TIMED: usize = 100;
/// Callers that each wait for their own vote, and votes of each in a run.
const CALLERS: usize = 64;
const EACH: usize = 20;
/// How long one vote may take.
const LIMIT: Duration = Duration::from_secs(10);

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("begins", Company::Keyed)?).await?;
    let workers = [
        Worker::start(&site.data("votes", Company::Keyed)?).await?,
        Worker::start(&site.data("votes_too", Company::Keyed)?).await?,
    ];
    together(&node, 3).await?;
    let views = node.view_now().await.map_err(|error| refused(&error.to_string()))?;
    let places: Vec<NodeId> = views.nodes.iter().map(|it| it.id).collect();
    let mut voters = Vec::new();
    for (number, place) in (0..VOTERS).zip(places.into_iter().cycle()) {
        let voter = name("voter", number)?;
        delegate(&node, voter.clone(), place).await?;
        voters.push(voter);
    }
    let mut medians = Vec::new();
    for run in 0..=RUNS {
        let mut times = Vec::new();
        for _ in 0..TIMED {
            let begun = Instant::now();
            vote(&node, voters.clone()).await?;
            times.push(ms(begun.elapsed()));
        }
        times.sort_by(f64::total_cmp);
        medians.extend(times.get(TIMED / 2).copied().filter(|_| run > 0));
    }
    report.median("vote5_p50", "ms", &medians);
    let mut rates = Vec::new();
    for run in 0..=RUNS {
        let rate = together_at_once(&node, &voters).await?;
        rates.extend((run > 0).then_some(rate));
    }
    report.median("vote5_rate_64", "1/s", &rates);
    drop(workers);
    node.kill().await;
    Ok(())
}

/// Votes of many callers; how many end a second.
async fn together_at_once(node: &NodeHandle, voters: &[Name]) -> Result<f64, BenchError> {
    let begun = Instant::now();
    let mut votes = JoinSet::new();
    for _ in 0..CALLERS {
        let (node, voters) = (node.clone(), voters.to_vec());
        votes.spawn(async move {
            for _ in 0..EACH {
                vote(&node, voters.clone()).await?;
            }
            Ok::<(), BenchError>(())
        });
    }
    while let Some(done) = votes.join_next().await {
        done.map_err(|error| refused(&error.to_string()))??;
    }
    Ok(float(CALLERS * EACH) / begun.elapsed().as_secs_f64())
}

/// One vote by majority in which every agent is heard, from its beginning to its result.
async fn vote(node: &NodeHandle, voters: Vec<Name>) -> Result<(), BenchError> {
    let convener = node.convener();
    let mut plan = Plan::new("vote", voters);
    plan.options = [("early".to_owned(), "no".to_owned())].into();
    let done = convener.agree(Act::Start(Box::new(plan)), None).await;
    let session = match done {
        Ok(Done::Started { session }) => session,
        other => return Err(refused(&format!("{other:?}"))),
    };
    let view = convener.session(session, LIMIT).await;
    let view = view.map_err(|error| refused(&error.to_string()))?;
    let row = view.map(|view| view.row);
    match row {
        Some(row) if row.state == SessionState::Settled && row.answered == 5 => Ok(()),
        other => Err(refused(&format!("{other:?}"))),
    }
}

async fn delegate(node: &NodeHandle, name: Name, place: NodeId) -> Result<(), BenchError> {
    let spec = AgentSpec::new(name.clone(), Runtime::Builtin { agent: Builtin::Delegate });
    let (spec, pin) = (Box::new(spec), Some(place));
    node.command(node.id(), Command::StartAgent { spec, pin, replace: false }).await?;
    until("an agent answers", PATIENCE, async || {
        let call = Call::new(name.clone(), "session.ended", bytes::Bytes::new(), LIMIT);
        node.call(call).await.map_err(|error| error.to_string())
    })
    .await
    .map(drop)
}

fn refused(answer: &str) -> BenchError {
    BenchError::Refused { command: "session.start".to_owned(), answer: answer.to_owned() }
}
