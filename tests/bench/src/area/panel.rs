//! What the panel costs its page, and how soon it shows what a node knows.
//!
//! In Chromium. Under load, a made-up node tells the page of 50 nodes and 1,000 agents that all
//! change each second, a minute for the map and a minute for the table of agents: `tick_p95` is
//! the script that the main thread runs in a second of the table, `long_tasks` are its tasks over
//! 50 ms on either page, both in time of the thread; `map_fps` are frames on the clock of the wall.
//!
//! `event_to_screen_p95` is taken on a real node of three: from the stamp that this node gave an
//! event (start and crash of a program of its own, loss of another node) to the end of the first
//! frame on screen that was committed after the page's document said so, as the browser's trace
//! has it.

use crate::{
    error::BenchError,
    figure::Report,
    script::{Wanted, measure as run},
};

const LOAD: [Wanted; 3] = [
    Wanted("tick_p95", "ms", 95),
    Wanted("long_tasks", "count", 100),
    Wanted("map_fps", "1/s", 50),
];
const SCREEN: [Wanted; 1] = [Wanted("event_to_screen_p95", "ms", 95)];

pub(super) async fn measure(report: &mut Report) -> Result<(), BenchError> {
    let load = run(report, &[], "load", &LOAD).await;
    run(report, &[], "screen", &SCREEN).await?;
    load
}
