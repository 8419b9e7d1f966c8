//! Events of applications: how fast they are on disk, and how soon they are found.
//!
//! Three nodes while they are told, one inside the bench, which tells them all, and two workers,
//! which keep copies meanwhile; one alone where a million are searched.

use std::time::Instant;

use covey_logic::{
    Command,
    event::{Class, EventType, Report},
};
use covey_node::{NodeHandle, store::EventQuery};
use tokio::task::JoinSet;

use super::{RUNS, registry::together};
use crate::{
    error::BenchError,
    figure::Report as Figures,
    machine::{float, ms},
    site::{Company, Site},
    worker::{Worker, embed},
};

/// Callers that each wait for their own event.
const CALLERS: usize = 64;
/// Events of each of them in a run.
const EACH: usize = 100;
/// Callers that each wait for their own batch, batches of each of them in a run, and events of one.
const BATCH_CALLERS: usize = 8;
const BATCHES: usize = 50;
const BATCH: usize = 100;
/// Events that are searched, their types, and how often they are.
const MANY: usize = 1_000_000;
const TYPES: usize = 20;
const SEARCHES: u32 = 200;
/// Searches before those, which do not count.
const WARM_UP: u32 = 10;
/// Events of one answer.
const PAGE: u32 = 100;
/// Batches under way while the million is told.
const FILLERS: usize = 4;

pub(super) async fn measure(report: &mut Figures) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("tells", Company::Keyed)?).await?;
    let workers = [
        Worker::start(&site.data("copies", Company::Keyed)?).await?,
        Worker::start(&site.data("copies_too", Company::Keyed)?).await?,
    ];
    together(&node, 3).await?;
    let mut rates = Vec::new();
    for run in 0..=RUNS {
        let rate = tell(&node, CALLERS, (EACH, 1)).await?;
        rates.extend((run > 0).then_some(rate));
        together(&node, 3).await?;
    }
    report.median("append_1", "1/s", &rates);
    rates.clear();
    for run in 0..=RUNS {
        let rate = tell(&node, BATCH_CALLERS, (BATCHES, BATCH)).await?;
        rates.extend((run > 0).then_some(rate));
        // What this run told is copied before the next.
        together(&node, 3).await?;
    }
    report.median("append_batch", "1/s", &rates);
    drop(workers);
    node.kill().await;
    search(report).await
}

/// Has each caller tell batches of events, one after the other; gives events a second.
async fn tell(
    node: &NodeHandle,
    callers: usize,
    (batches, size): (usize, usize),
) -> Result<f64, BenchError> {
    let begun = Instant::now();
    let mut told = JoinSet::new();
    for caller in 0..callers {
        let node = node.clone();
        told.spawn(async move {
            for batch in 0..batches {
                let number = caller * batches + batch;
                let reports = events(number * size, size)?;
                let command = Command::Report { reports, class: Class::Local };
                node.command(node.id(), command).await?;
            }
            Ok::<(), BenchError>(())
        });
    }
    while let Some(done) = told.join_next().await {
        done.map_err(|error| refused(&error.to_string()))??;
    }
    Ok(float(callers * batches * size) / begun.elapsed().as_secs_f64())
}

/// The newest hundred of one type, of a million.
async fn search(report: &mut Figures) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("searched", Company::Alone)?).await?;
    let size = Report::MAX_BATCH;
    tell(&node, FILLERS, (MANY / size / FILLERS, size)).await?;
    let mut times = Vec::new();
    for search in 0..WARM_UP + SEARCHES {
        let kind = kind(usize::try_from(search).unwrap_or(0))?;
        let kinds = [kind.as_str().to_owned()].into();
        let query = EventQuery { kinds, limit: PAGE, ..EventQuery::default() };
        let begun = Instant::now();
        let page = node.query_events(&query).await.map_err(|error| refused(&error.to_string()))?;
        let took = ms(begun.elapsed());
        if page.events.len() != PAGE as usize {
            return Err(refused(&format!("{} of {PAGE} are found", page.events.len())));
        }
        times.extend((search >= WARM_UP).then_some(took));
    }
    report.quantile(("query_type_1m_p99", "ms"), &times, 99);
    node.kill().await;
    Ok(())
}

/// Events as a shop might tell them, a hundred bytes each.
fn events(first: usize, count: usize) -> Result<Vec<Report>, BenchError> {
    let event = |number: usize| {
        let body = serde_json::json!({
            "order": number, "customer": number % 1_000, "total_cents": 1_999, "paid": true,
            "note": "left at the door",
        });
        Ok(Report {
            kind: kind(number)?,
            body: body.as_object().cloned().unwrap_or_default(),
            correlation: None,
            parent: None,
            class: Class::Local,
            batch: None,
        })
    };
    (first..first + count).map(event).collect()
}

fn kind(number: usize) -> Result<EventType, BenchError> {
    let text = format!("shop.order.step-{}", number % TYPES);
    EventType::new(&text).map_err(|error| refused(&error.to_string()))
}

fn refused(answer: &str) -> BenchError {
    BenchError::Refused { command: "event.append".to_owned(), answer: answer.to_owned() }
}
