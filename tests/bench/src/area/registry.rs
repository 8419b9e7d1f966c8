//! Names: how soon they are seen, what they cost on the wire and in memory.
//!
//! Three nodes: one inside the bench, which claims, and two workers, which look.

use std::time::{Duration, Instant};

use covey_logic::{
    Command, Name,
    registry::{Query, Term},
};
use covey_node::NodeHandle;

use super::RUNS;
use crate::{
    error::BenchError,
    figure::Report,
    machine::{float, loopback_bytes, ms, resident_mib, shared_now},
    site::{Company, Site},
    wait::{PATIENCE, until},
    worker::{Worker, claim, embed, give_up, names},
};

/// Single names that are timed.
const TRIES: u32 = 200;
/// Tries before those, which do not count.
const WARM_UP: u32 = 10;
/// Names of a burst.
const BURST: usize = 10_000;
/// Names of a node that is full.
const MANY: usize = 100_000;
/// Names that are claimed while a member is away, and how long it has been away by then: long
/// enough to be held for dead.
const MISSED: usize = 1_000;
const AWAY: Duration = Duration::from_secs(15);
/// Parts of the minute of rest, and how long each is.
const REST: (u32, Duration) = (6, Duration::from_secs(10));
/// How long a worker takes to be looking, and a burst to leave nothing behind.
const SETTLE: Duration = Duration::from_millis(20);
const SETTLE_BURST: Duration = Duration::from_secs(5);
/// How long look-ups are counted.
const LOOKING: Duration = Duration::from_secs(1);

pub(super) async fn measure(report: &mut Report, private: bool) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("claims", Company::Keyed)?).await?;
    let mut workers = [
        Worker::start(&site.data("looks", Company::Keyed)?).await?,
        Worker::start(&site.data("looks_too", Company::Keyed)?).await?,
    ];
    together(&node, 3).await?;
    let [first, _] = &mut workers;
    visible(report, &node, first).await?;
    lookups(report, &node, first).await?;
    bursts(report, private, &node, &mut workers).await?;
    drop(workers);
    node.kill().await;
    full(report).await?;
    newcomer(report, private).await?;
    searches(report).await
}

/// Waits until all members are alive and agree.
pub(super) async fn together(node: &NodeHandle, size: u32) -> Result<(), BenchError> {
    until("all are members and agree", PATIENCE, async || {
        let views = node.view_now().await.map_err(|error| error.to_string())?;
        let status = &views.status;
        if (status.nodes_alive, status.converged) == (size, size) {
            Ok(())
        } else {
            Err(format!("{status:?}"))
        }
    })
    .await
}

/// A name at a time, from its acceptance here until a worker finds it.
async fn visible(
    report: &mut Report,
    node: &NodeHandle,
    worker: &mut Worker,
) -> Result<(), BenchError> {
    let mut samples = Vec::new();
    for run in 0..WARM_UP + TRIES {
        let prefix = format!("one-{run}");
        worker.order("find", &prefix, 1).await?;
        // Spread over the beats of whatever has one.
        tokio::time::sleep(SETTLE + Duration::from_micros(u64::from(run * 7_919 % 30_000))).await;
        claim(node, &names(&prefix, 1)?).await?;
        let accepted = shared_now();
        let found = worker.answer().await?;
        samples.extend((run >= WARM_UP).then(|| ms(found.saturating_sub(accepted))));
    }
    report.median("visible_p50", "ms", &samples);
    report.quantile(("visible_p99", "ms"), &samples, 99);
    Ok(())
}

async fn lookups(
    report: &mut Report,
    node: &NodeHandle,
    worker: &mut Worker,
) -> Result<(), BenchError> {
    let (local, remote) = (names("local", 1_000)?, names("remote", 1_000)?);
    claim(node, &local).await?;
    worker.order("claim", "remote", remote.len()).await?;
    worker.answer().await?;
    for (figure, names) in [("lookup_local", local), ("lookup_remote", remote)] {
        until("the names are here", PATIENCE, async || {
            let missing = names.iter().find(|name| node.lookup(name).is_none());
            missing.map_or(Ok(()), |name| Err(format!("{name} is not")))
        })
        .await?;
        let handle = node.clone();
        let rates = tokio::task::spawn_blocking(move || {
            (0..=RUNS).map(|_| lookup_rate(&handle, &names)).skip(1).collect::<Vec<_>>()
        });
        report.median(figure, "1/s", &rates.await.unwrap_or_default());
    }
    Ok(())
}

fn lookup_rate(node: &NodeHandle, names: &[Name]) -> f64 {
    let begun = Instant::now();
    let mut looked = 0_usize;
    while begun.elapsed() < LOOKING {
        for name in names {
            std::hint::black_box(node.lookup(std::hint::black_box(name)));
        }
        looked += names.len();
    }
    float(looked) / begun.elapsed().as_secs_f64()
}

/// Ten thousand at once: how soon the others have all, and what went over the wire.
async fn bursts(
    report: &mut Report,
    private: bool,
    node: &NodeHandle,
    workers: &mut [Worker; 2],
) -> Result<(), BenchError> {
    let (mut visible, mut bytes) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let prefix = format!("burst-{run}");
        let names = names(&prefix, BURST)?;
        for worker in &mut *workers {
            worker.order("find", &prefix, BURST).await?;
        }
        tokio::time::sleep(SETTLE).await;
        let before = loopback_bytes()?;
        claim(node, &names).await?;
        let accepted = shared_now();
        let mut found = accepted;
        for worker in &mut *workers {
            found = found.max(worker.answer().await?);
        }
        let sent = loopback_bytes()?.saturating_sub(before);
        if run == 0 {
            tokio::time::sleep(SETTLE_BURST).await;
            rest(report, private).await?;
        } else {
            visible.push(ms(found.saturating_sub(accepted)));
            bytes.push(float(sent) / float(BURST));
        }
        give_up(node, &names).await?;
        together(node, 3).await?;
        tokio::time::sleep(SETTLE_BURST).await;
    }
    report.median("bulk_10k_visible", "ms", &visible);
    if private {
        report.median("wire_bytes_per_name", "bytes", &bytes);
    } else {
        report.absent("wire_bytes_per_name", "others use this loopback");
    }
    Ok(())
}

/// What three nodes that hold a burst say while nothing happens.
async fn rest(report: &mut Report, private: bool) -> Result<(), BenchError> {
    if !private {
        report.absent("idle_10k_bytes", "others use this loopback");
        return Ok(());
    }
    let (parts, part) = REST;
    let mut rates = Vec::new();
    for _ in 0..parts {
        let (begun, before) = (Instant::now(), loopback_bytes()?);
        tokio::time::sleep(part).await;
        let sent = loopback_bytes()?.saturating_sub(before);
        rates.push(float(sent) / begun.elapsed().as_secs_f64());
    }
    report.median("idle_10k_bytes", "B/s", &rates);
    Ok(())
}

/// A hundred thousand names on a node that is alone.
async fn full(report: &mut Report) -> Result<(), BenchError> {
    let (mut rates, mut memory) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let site = Site::new()?;
        let mut worker = Worker::start(&site.data("full", Company::Alone)?).await?;
        tokio::time::sleep(SETTLE_BURST).await;
        let empty = resident_mib(worker.pid()?)?;
        let begun = shared_now();
        worker.order("claim", "name", MANY).await?;
        let took = worker.answer().await?.saturating_sub(begun);
        tokio::time::sleep(SETTLE_BURST).await;
        let held = resident_mib(worker.pid()?)? - empty;
        if run > 0 {
            rates.push(float(MANY) / took.as_secs_f64());
            memory.push(held);
        }
    }
    report.median("register_100k", "1/s", &rates);
    report.median("rss_100k", "MiB", &memory);
    Ok(())
}

/// Pages of twenty, by one of a thousand values, over a hundred thousand names.
async fn searches(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let node = embed(site.data("search", Company::Alone)?).await?;
    for batch in names("name", MANY)?.chunks(1_000) {
        let told = |(number, name): (usize, &Name)| {
            let metadata = [("rack".to_owned(), number.to_string().into())];
            (name.clone(), metadata.into_iter().collect())
        };
        let names = batch.iter().enumerate().map(told).collect();
        node.command(node.id(), Command::Register { names }).await?;
    }
    let mut rates = Vec::new();
    for run in 0..=RUNS {
        let (begun, mut found) = (Instant::now(), 0_usize);
        while begun.elapsed() < LOOKING {
            let value = (found % 1_000).to_string();
            let term = Term::Equals { field: "rack".to_owned(), value };
            let query = Query::all(vec![term]);
            let page = node.look(move |node| node.registry().index().search(&query)).await?;
            let full = page.is_ok_and(|page| page.names.len() == 20);
            if !full {
                let answer = "no page of twenty".to_owned();
                return Err(BenchError::Refused { command: "name.search".to_owned(), answer });
            }
            found += 1;
        }
        rates.extend((run > 0).then(|| float(found) / begun.elapsed().as_secs_f64()));
    }
    report.median("search_100k", "1/s", &rates);
    node.kill().await;
    Ok(())
}

/// A node that joins a cluster of a hundred thousand names: from its start until it finds them all.
/// Then it is away for a thousand more: what went over the wire each time.
async fn newcomer(report: &mut Report, private: bool) -> Result<(), BenchError> {
    let (mut times, mut whole, mut missed) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let site = Site::new()?;
        let mut holder = Worker::start(&site.data("holds", Company::Keyed)?).await?;
        holder.order("claim", "name", MANY).await?;
        holder.answer().await?;
        // Pairing has its own figure: this one was a member before, and knew no name.
        let data = site.data("joins", Company::Keyed)?;
        let mut member = Worker::start(&data).await?;
        member.order("find", "name", 1).await?;
        member.answer().await?;
        drop(member);
        tokio::time::sleep(SETTLE_BURST).await;
        let (begun, before) = (shared_now(), loopback_bytes()?);
        let mut member = Worker::start(&data).await?;
        member.order("find", "name", MANY).await?;
        let took = member.answer().await?.saturating_sub(begun);
        tokio::time::sleep(SETTLE_BURST).await;
        let joined = loopback_bytes()?.saturating_sub(before);

        member.freeze()?;
        tokio::time::sleep(AWAY).await;
        holder.order("claim", "later", MISSED).await?;
        holder.answer().await?;
        let before = loopback_bytes()?;
        member.thaw()?;
        member.order("find", "later", MISSED).await?;
        member.answer().await?;
        tokio::time::sleep(SETTLE_BURST).await;
        let caught_up = loopback_bytes()?.saturating_sub(before);
        if run > 0 {
            times.push(ms(took));
            whole.push(float(joined));
            missed.push(float(caught_up));
        }
    }
    report.median("join_100k", "ms", &times);
    if private {
        report.median("join_100k_bytes", "bytes", &whole);
        report.median("away_1k_bytes", "bytes", &missed);
    } else {
        report.absent("join_100k_bytes", "others use this loopback");
        report.absent("away_1k_bytes", "others use this loopback");
    }
    Ok(())
}
