//! Routes follow owners.

use crate::{
    comms::Route,
    ids::Epoch,
    node::Effect,
    outbox::{Happened, Outbox, Owner},
};

/// Publishes a route for every name that an agent owns.
#[derive(Debug, Default)]
pub struct Comms;

impl Comms {
    /// Follows what happened elsewhere.
    pub fn on_happened(happened: &Happened, out: &mut Outbox) {
        if let Happened::OwnerChanged(name, owner) = happened {
            let route = owner.map(|Owner { node, epoch, token }| Route { node, epoch, token });
            out.effect(Effect::Route { name: name.clone(), route });
        }
    }
}

/// Whether messages can be sent along a route: a name that no agent owns has nobody behind it.
impl Route {
    /// Whether an agent is behind the route.
    #[must_use]
    pub fn is_agent(&self) -> bool {
        self.epoch != Epoch(0)
    }
}
