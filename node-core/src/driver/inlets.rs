//! The queues into the loop.

use std::fmt;

use covey_logic::Input;
use tokio::{
    sync::mpsc::{self, error::TryRecvError},
    time::{Instant, sleep_until},
};

use super::Request;
use crate::{comms::Seek, host::HostEvent, net::NetEvent, store::StoreEvent};

/// The queues into the loop; each is bounded, and who fills it waits.
#[derive(Debug)]
pub(super) struct Inlets {
    pub(super) net: mpsc::Receiver<NetEvent>,
    pub(super) store: mpsc::Receiver<StoreEvent>,
    pub(super) host: mpsc::Receiver<HostEvent>,
    /// None when every handle is gone.
    pub(super) requests: Option<mpsc::Receiver<Request>>,
    pub(super) seeks: mpsc::Receiver<Seek>,
    /// What the loop's own short tasks found out.
    pub(super) found: mpsc::Receiver<Input>,
}

/// Something for the loop.
#[derive(Debug)]
pub(super) enum Arrival {
    Net(NetEvent),
    Store(StoreEvent),
    Host(HostEvent),
    Request(Request),
    Seek(Seek),
    Found(Input),
    /// A moment that was waited for.
    Time,
    /// A queue has ended, because what fills it has.
    Ended(Part),
}

/// A part of the node that fills a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The networks.
    Net,
    /// The store.
    Store,
    /// The runtimes of agents.
    Host,
    /// Everyone who held a handle.
    Handles,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Net => "networks",
            Self::Store => "store",
            Self::Host => "host",
            Self::Handles => "handles",
        })
    }
}

impl Inlets {
    /// Waits for the next arrival, until `due` at most. Cancel safe.
    pub(super) async fn next(&mut self, due: Instant) -> Arrival {
        let requests = &mut self.requests;
        tokio::select! {
            event = self.net.recv() => event.map_or(Arrival::Ended(Part::Net), Arrival::Net),
            event = self.store.recv() => event.map_or(Arrival::Ended(Part::Store), Arrival::Store),
            event = self.host.recv() => event.map_or(Arrival::Ended(Part::Host), Arrival::Host),
            request = next_of(requests) => {
                request.map_or_else(|| self.no_handles(), Arrival::Request)
            }
            Some(seek) = self.seeks.recv() => Arrival::Seek(seek),
            Some(input) = self.found.recv() => Arrival::Found(input),
            () = sleep_until(due) => Arrival::Time,
        }
    }

    fn no_handles(&mut self) -> Arrival {
        self.requests = None;
        Arrival::Ended(Part::Handles)
    }

    /// What waits already, one of each queue at most: nobody is served twice before another once.
    pub(super) fn waiting(&mut self) -> Vec<Arrival> {
        [
            try_next(&mut self.store, Arrival::Store, Some(Part::Store)),
            try_next(&mut self.host, Arrival::Host, Some(Part::Host)),
            self.requests.as_mut().and_then(|queue| try_next(queue, Arrival::Request, None)),
            try_next(&mut self.seeks, Arrival::Seek, None),
            try_next(&mut self.found, Arrival::Found, None),
            try_next(&mut self.net, Arrival::Net, Some(Part::Net)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The next of a queue; nothing, once, when it ends; forever pending when there is none.
async fn next_of<T>(queue: &mut Option<mpsc::Receiver<T>>) -> Option<T> {
    match queue {
        Some(queue) => queue.recv().await,
        None => std::future::pending().await,
    }
}

fn try_next<T>(
    queue: &mut mpsc::Receiver<T>,
    arrival: impl FnOnce(T) -> Arrival,
    part: Option<Part>,
) -> Option<Arrival> {
    match queue.try_recv() {
        Ok(event) => Some(arrival(event)),
        Err(TryRecvError::Empty) => None,
        Err(TryRecvError::Disconnected) => part.map(Arrival::Ended),
    }
}
