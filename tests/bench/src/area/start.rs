//! From a start to an answer or a picture, and what a node and the app weigh at rest.
//!
//! `first_frame` is from the start of the app's process, with an empty data folder, until the
//! virtual display shows more of its window than a background; `idle_pss_app` counts the app and
//! the processes of its page, of what they share with others their share.

use std::time::Duration;

use super::RUNS;
use crate::{
    error::BenchError,
    figure::Report,
    machine,
    node::{Node, Place},
    script::{self, Wanted},
    site::{Company, Site},
};

/// When a node that was started is at rest.
const REST: Duration = Duration::from_secs(60);
/// The app finds its first instance on a session bus.
const BUS: [&str; 2] = ["dbus-run-session", "--"];
const WINDOW: [Wanted; 2] = [Wanted("first_frame", "ms", 50), Wanted("idle_pss_app", "MiB", 50)];

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let site = Site::new()?;
    let mut ready = Vec::new();
    let mut nodes = Vec::new();
    for run in 0..=RUNS {
        let name = format!("n{run}");
        let mut node = Node::new(&site, &name, Company::Alone, Place::Here)?;
        let begun = node.launch()?;
        let took = node.ready().await?.duration_since(begun);
        if run > 0 {
            ready.push(machine::ms(took));
            nodes.push(node);
        }
    }
    report.median("node_ready", "ms", &ready);
    tokio::time::sleep(REST).await;
    let resident = nodes.iter().map(|node| machine::resident_mib(node.pid()?));
    let resident: Vec<f64> = resident.collect::<Result<_, BenchError>>()?;
    report.median("idle_rss_node", "MiB", &resident);
    drop(nodes);
    script::measure(report, &BUS, "window", &WINDOW).await
}
