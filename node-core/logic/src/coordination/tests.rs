//! The rules of the primitives, entry by entry.

mod barriers;
mod places;
mod variables;

use std::time::Duration;

use super::{Act, Coordination, Done, Fate, Hold, Holder, Outcome, Place, Rule, Terms};
use crate::ids::{Name, NodeId};

const LEASE: Duration = Duration::from_secs(10);
const NODE: NodeId = NodeId([1; 32]);

/// The state after a log, and the index of its last entry.
#[derive(Default)]
struct Log {
    state: Coordination,
    index: u64,
}

impl Log {
    fn act(&mut self, act: Act) -> Outcome {
        self.index += 1;
        self.state.apply(self.index, NODE, act)
    }

    fn as_node(&mut self, node: NodeId, act: Act) -> Outcome {
        self.index += 1;
        self.state.apply(self.index, node, act)
    }

    fn hold(&self) -> &Hold {
        &self.state.place(&lock()).unwrap().holds[0]
    }

    fn generation(&mut self, act: Act) -> u64 {
        match self.act(act) {
            Ok(Done::Arrived { generation, .. }) => generation,
            other => panic!("{other:?}"),
        }
    }

    fn fate(&self, generation: u64) -> Option<&Fate> {
        self.state.barrier(&name("gate")).and_then(|barrier| barrier.fate(generation))
    }

    fn token(&mut self, act: Act) -> u64 {
        match self.act(act) {
            Ok(Done::Held { token }) => token,
            other => panic!("{other:?}"),
        }
    }

    fn version(&mut self, act: Act) -> u64 {
        match self.act(act) {
            Ok(Done::Wrote { version }) => version,
            other => panic!("{other:?}"),
        }
    }
}

fn acquire(who: &str, wait: bool) -> Act {
    take(lock(), who, 1, wait)
}

fn take(place: Place, who: &str, permits: u32, wait: bool) -> Act {
    Act::Acquire { place, holder: holder(who), permits, lease: LEASE, wait }
}

fn arrive(who: &str, parties: u32) -> Act {
    Act::Arrive { barrier: name("gate"), party: holder(who), parties }
}

fn register(value: &str, rule: Rule, writers: &[NodeId]) -> Act {
    let terms = Terms { rule, writers: writers.iter().copied().collect() };
    Act::Register { variable: name("mode"), value: value.to_owned(), terms }
}

fn lock() -> Place {
    Place::lock(name("lock"))
}

fn write(value: &str, expected: Option<u64>) -> Act {
    Act::Write { variable: name("mode"), value: value.to_owned(), expected }
}

fn holder(who: &str) -> Holder {
    Holder { node: NODE, session: name(who) }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
