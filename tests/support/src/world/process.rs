//! A process: a node, its host, and what the shell around it remembers.

use std::collections::{BTreeMap, BTreeSet};

use covey_logic::{Input, Name, Node, NodeId, comms::Route};

use crate::host::Host;

/// A process.
pub struct Process {
    /// The node.
    pub node: Node,
    /// Its agents.
    pub host: Host,
    /// Where messages go, by name.
    pub routes: BTreeMap<Name, Route>,
    pub(crate) started: u64,
    pub(crate) wake: Option<(u64, u64)>,
    pub(crate) allowed: BTreeSet<NodeId>,
    /// What arrives while the process is frozen.
    pub(crate) parked: Option<Vec<Input>>,
    /// Timeouts in a row that asked for another one at once.
    pub(crate) spins: u32,
}

impl Process {
    pub(crate) fn new(node: Node, started: u64) -> Self {
        Self {
            node,
            host: Host::default(),
            routes: BTreeMap::new(),
            started,
            wake: None,
            allowed: BTreeSet::new(),
            parked: None,
            spins: 0,
        }
    }

    /// Whether it does nothing for now.
    #[must_use]
    pub fn frozen(&self) -> bool {
        self.parked.is_some()
    }
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("started", &self.started).finish_non_exhaustive()
    }
}
