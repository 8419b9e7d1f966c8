//! What is set follows from the log, and what a node makes of it.

mod layers;
mod schema;
mod versions;

use super::{Act, Change, Mark, Outcome, Place, Settings};
use crate::{
    ids::{Name, NodeId},
    time::Wall,
};

pub(super) const A: NodeId = NodeId([1; 32]);
pub(super) const B: NodeId = NodeId([2; 32]);

/// The settings after a log, and the index of its last entry.
#[derive(Default)]
struct Log {
    settings: Settings,
    index: u64,
}

impl Log {
    fn add(&mut self, act: Act) -> Outcome {
        self.index += 1;
        let mark = Mark { version: self.index, by: A, at: Wall(self.index * 1_000) };
        self.settings.apply(mark, act)
    }

    fn set(&mut self, key: &str, value: &str) -> Outcome {
        self.add(changes(vec![change(Place::Cluster, key, Some(value))]))
    }

    fn text(&self, place: Place, name: &str) -> Option<&str> {
        self.settings.value(place, &key(name)).map(|held| held.value.as_str())
    }
}

fn key(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn change(place: Place, name: &str, value: Option<&str>) -> Change {
    Change { key: key(name), place, value: value.map(str::to_owned) }
}

fn changes(changes: Vec<Change>) -> Act {
    Act::Change { changes, expected: None }
}
