//! What people see: made when somebody looks and something changed, and not too often.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use covey_logic::{
    Node,
    event::EventRecord,
    hlc::Stamp,
    node::{ProblemView, StatusView},
    replica::DiskState,
};
use tokio::{sync::watch, time::Instant};

use super::troubles;
use crate::{
    comms::Counts,
    handle::{TrafficView, Views},
    net::Twin,
};

/// How much changed since the views were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// Nothing.
    Nothing,
    /// Measures at most: silences, round trips.
    Measures,
    /// Something that happened.
    Facts,
}

/// Makes the views and hands them out.
#[derive(Debug)]
pub(super) struct Pictures {
    views: watch::Sender<Arc<Views>>,
    /// The number of the newest change of names.
    names: watch::Sender<u64>,
    events: BTreeMap<Stamp, Arc<EventRecord>>,
    traffic: Vec<TrafficView>,
    counts: (Instant, u64, Counts),
    change: Change,
    /// Another machine with this node's identity, and when it was last met.
    twin: Option<(Twin, Instant)>,
    /// What is wrong with the disk.
    troubles: Vec<ProblemView>,
    made: Instant,
    /// How long the last making took.
    cost: Duration,
}

impl Pictures {
    /// Newest events in the views.
    const EVENTS: usize = 500;
    /// The least time between two makings: faster than a screen is read.
    const INTERVAL: Duration = Duration::from_millis(50);
    /// The same if measures alone changed.
    const MEASURES_INTERVAL: Duration = Duration::from_millis(500);
    /// How long a twin is told of after it was last met.
    const TWIN_REMEMBERED: Duration = Duration::from_mins(1);
    /// Making takes at most one part in so many of the loop's time, however much there is to see.
    const SHARE: u32 = 10;

    pub(super) fn new(node: &Node, events: &[Arc<EventRecord>]) -> Self {
        let mut pictures = Self {
            views: watch::Sender::new(Arc::new(Views {
                status: node.status(),
                nodes: Vec::new(),
                agents: Vec::new(),
                pairing: node.pairing(),
                events: Vec::new(),
                traffic: Vec::new(),
            })),
            names: watch::Sender::new(node.registry().changes().head()),
            events: BTreeMap::new(),
            traffic: Vec::new(),
            counts: (Instant::now(), 0, Counts::new()),
            change: Change::Facts,
            twin: None,
            troubles: Vec::new(),
            made: Instant::now(),
            cost: Duration::ZERO,
        };
        for event in events {
            pictures.saw(event);
        }
        pictures.make(node);
        pictures
    }

    /// Where the views appear.
    pub(super) fn views(&self) -> &watch::Sender<Arc<Views>> {
        &self.views
    }

    /// Where the number of the newest change of names appears.
    pub(super) fn names(&self) -> watch::Receiver<u64> {
        self.names.subscribe()
    }

    /// Wakes those who watch names if there is a change that they were not woken for.
    pub(super) fn names_changed(&self, head: u64) {
        self.names.send_if_modified(|woken| std::mem::replace(woken, head) != head);
    }

    /// Something changed.
    pub(super) fn changed(&mut self, change: Change) {
        self.change = self.change.max(change);
    }

    /// Another machine runs with this node's identity, and is the one to give way.
    pub(super) fn met_twin(&mut self, twin: Twin) {
        self.twin = Some((twin, Instant::now()));
        self.changed(Change::Facts);
    }

    /// What is wrong with the disk, as of now; how that is, if it is otherwise than before.
    pub(super) fn disk_has(&mut self, troubles: Vec<ProblemView>) -> Option<DiskState> {
        if troubles == self.troubles {
            return None;
        }
        let before = troubles::state(&self.troubles);
        self.troubles = troubles;
        self.changed(Change::Facts);
        let state = troubles::state(&self.troubles);
        (state != before).then_some(state)
    }

    /// This node and its cluster; what only the shell knows is added.
    fn status(&self, node: &Node) -> StatusView {
        let mut status = node.status();
        if !self.troubles.is_empty() {
            // They say the same with its path.
            status.problems.retain(|problem| !matches!(problem, ProblemView::ReadOnly { .. }));
            status.problems.splice(0..0, self.troubles.iter().cloned());
        }
        let lately = |met: &&(Twin, Instant)| met.1.elapsed() < Self::TWIN_REMEMBERED;
        if let Some((twin, _)) = self.twin.as_ref().filter(lately) {
            status.problems.insert(0, ProblemView::Twin { address: twin.address.clone() });
        }
        status
    }

    /// An event is kept.
    pub(super) fn saw(&mut self, event: &Arc<EventRecord>) {
        self.events.insert(event.stamp, Arc::clone(event));
        if self.events.len() > Self::EVENTS {
            self.events.pop_first();
        }
    }

    /// Takes the counts of agent messages, about once a second; gives the calls that were answered
    /// here a second since the last time.
    pub(super) fn count(&mut self, handled: u64, counts: Counts) -> u32 {
        let now = Instant::now();
        let (since, handled_before, before) =
            std::mem::replace(&mut self.counts, (now, handled, counts));
        let (_, _, counts) = &self.counts;
        let elapsed_ms = now.duration_since(since).as_millis().max(1);
        let per_s = |count: u64, before: u64| {
            let more = u128::from(count.saturating_sub(before));
            u32::try_from(more * 1_000 / elapsed_ms).unwrap_or(u32::MAX)
        };
        let traffic: Vec<TrafficView> = counts
            .iter()
            .map(|(peer, (sent, received))| {
                let before = before.get(peer).copied().unwrap_or_default();
                TrafficView {
                    id: *peer,
                    sent_per_s: per_s(*sent, before.0),
                    received_per_s: per_s(*received, before.1),
                }
            })
            .filter(|traffic| traffic.sent_per_s > 0 || traffic.received_per_s > 0)
            .collect();
        if traffic != self.traffic {
            self.traffic = traffic;
            self.changed(Change::Measures);
        }
        per_s(handled, handled_before)
    }

    /// When to make the views next: never while nobody looks or nothing changed.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.views.receiver_count() == 0 {
            return None;
        }
        let least = match self.change {
            Change::Nothing => return None,
            Change::Measures => Self::MEASURES_INTERVAL,
            Change::Facts => Self::INTERVAL,
        };
        Some(self.made + least.max(self.cost * Self::SHARE))
    }

    /// Makes the views now if somebody looks and it costs little: who asked for a change then sees
    /// it by the time the answer comes.
    pub(super) fn refresh(&mut self, node: &Node) {
        if self.views.receiver_count() > 0 && self.made.elapsed() >= self.cost * Self::SHARE {
            self.make(node);
        }
    }

    /// Makes the views now if something changed since they were made.
    pub(super) fn make(&mut self, node: &Node) -> Arc<Views> {
        if self.change == Change::Nothing {
            return Arc::clone(&self.views.borrow());
        }
        let begun = Instant::now();
        let views = Arc::new(Views {
            status: self.status(node),
            nodes: node.nodes(),
            agents: node.agents(),
            pairing: node.pairing(),
            events: self.events.values().cloned().collect(),
            traffic: self.traffic.clone(),
        });
        drop(self.views.send_replace(Arc::clone(&views)));
        self.change = Change::Nothing;
        self.made = Instant::now();
        self.cost = self.made.duration_since(begun);
        views
    }
}
