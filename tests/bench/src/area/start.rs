//! From a start to an answer, and what a node weighs at rest.

use std::time::Duration;

use super::RUNS;
use crate::{
    error::BenchError,
    figure::Report,
    machine,
    node::{Node, Place},
    site::{Company, Site},
};

/// When a node that was started is at rest.
const REST: Duration = Duration::from_secs(60);

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
    for figure in ["first_frame", "idle_pss_app"] {
        report.absent(figure, "the bench opens no window");
    }
    Ok(())
}
