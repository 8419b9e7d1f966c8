//! What moves are decided from.

use crate::{
    ids::{Name, NodeId},
    supervision::{Choice, Supervision, Tables, placement::Candidate},
};

/// What moves are decided from: the copies, who is up, and who holds what.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// The copies, the members, and who is up.
    pub tables: Tables<'a>,
    /// Who holds what, and where agents should be.
    pub supervision: &'a Supervision,
}

impl<'a> Sight<'a> {
    /// Every member as a place for agents.
    pub(super) fn places(self) -> Vec<Candidate<'a>> {
        self.supervision.candidates(self.tables)
    }

    /// The place among `places` where an agent should run.
    pub(super) fn choose(self, name: &Name, places: &[Candidate<'_>]) -> Option<NodeId> {
        let scene = self.supervision.scene(self.tables, places);
        match scene.choose(&scene.wanted(name)?, true) {
            Choice::Node(node) => Some(node),
            Choice::Assign(nodes) => nodes.first().copied(),
            Choice::Nowhere(_) => None,
        }
    }

    /// The place that an agent's own share gives it, whatever runs beside it.
    pub(super) fn share(self, name: &Name, places: &[Candidate<'_>]) -> Option<NodeId> {
        let scene = self.supervision.scene(self.tables, places);
        let wanted = scene.wanted(name)?;
        let alone = !scene.takes_steward(wanted.spec, name);
        alone.then(|| self.choose(name, places)).flatten()
    }
}
