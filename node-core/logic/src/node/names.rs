//! Commands about names: which service does what.

use crate::{
    agreed::{Tidings, Undone, Voters},
    certificate::Role,
    coordination::{Kind, Place},
    holding::{Done, Held},
    ids::{Epoch, Name, NodeId, Ticket},
    node::{CommandError, Node, Outcome},
    registry::{NameCommand, NameError, Registry},
    replica::{Shared, SharedKey},
    supervision::Supervision,
    time::Now,
};

/// The least role that may.
pub(super) fn needs(command: &NameCommand) -> Role {
    match command {
        NameCommand::WaitFor { .. } => Role::Observer,
        NameCommand::RegisterFor { .. }
        | NameCommand::DeregisterMatching { .. }
        | NameCommand::SetMetadata { .. }
        | NameCommand::Join { .. }
        | NameCommand::Quit { .. } => Role::Worker,
        NameCommand::SetBackend { .. } | NameCommand::CleanUp { .. } => Role::Operator,
    }
}

impl Node {
    pub(super) fn on_name(
        &mut self,
        now: Now,
        ticket: Ticket,
        actor: NodeId,
        command: NameCommand,
    ) -> Result<Option<Outcome>, CommandError> {
        let (registry, out) = (&mut self.registry, &mut self.out);
        match command {
            NameCommand::RegisterFor { holder, names } => {
                self.refuse_if_draining()?;
                let asked = (now, ticket);
                return self.registry.register(asked, Some(&holder), names, &mut self.out);
            }
            NameCommand::DeregisterMatching { query } => {
                return registry.deregister_matching((now, ticket), &query, out);
            }
            NameCommand::SetMetadata { name, expected, metadata } => {
                let wish = (name, expected, metadata);
                return registry.set_metadata((now, ticket), wish, out);
            }
            NameCommand::WaitFor { name, timeout } => {
                return registry.wait_for(now, (ticket, name), timeout);
            }
            NameCommand::Join { group, agent, metadata } => {
                self.refuse_if_draining()?;
                self.registry.join(now, (&group, agent.as_ref(), metadata), &mut self.out)?;
            }
            NameCommand::Quit { group, agent } => registry.quit(group, agent, out)?,
            NameCommand::SetBackend { namespace, backend } => {
                Registry::set_backend(actor, (namespace, backend), out)?;
            }
            NameCommand::CleanUp { namespace } => {
                for agent in Registry::clean_up(now, (actor, &namespace), &self.replica, out)? {
                    self.ask(actor, agent, Supervision::ask_remove)?;
                }
            }
        }
        Ok(Some(Outcome::Done))
    }

    /// What became of a lease that this node asked for.
    pub(super) fn on_tenure(&mut self, now: Now, place: &Place, told: (Epoch, Tidings)) {
        let (claim, tidings) = told;
        if place.kind == Kind::Names {
            self.registry.on_tenure(now, told, &self.replica, &mut self.out);
        } else {
            self.supervision.on_tidings(now, (&place.name, claim), tidings, &mut self.out);
        }
    }

    pub(super) fn on_held(
        &mut self,
        now: Now,
        as_of: (u64, bool),
        names: Vec<(Name, Option<Held>)>,
    ) {
        self.registry.on_held(now, as_of, names, (&self.replica, &mut self.out));
    }

    pub(super) fn on_agreed(&mut self, now: Now, answer: (Ticket, Result<Done, Undone>)) {
        self.registry.on_agreed(now, answer, &self.replica, &mut self.out);
    }

    pub(super) fn on_voters(&mut self, now: Now, voters: Voters) {
        self.supervision.on_voters(voters);
        self.registry.on_voters(now, voters, &mut self.out);
    }

    /// A node that is about to go takes no names on: they would be gone with it.
    pub(super) fn refuse_if_draining(&self) -> Result<(), CommandError> {
        let scheduling = self.replica.shared().get(&SharedKey::Scheduling(self.me));
        let drained =
            matches!(scheduling, Some(Shared::Scheduling(it)) if it.drain_until.is_some());
        if self.supervision.is_leaving() || drained {
            return Err(NameError::Draining.into());
        }
        Ok(())
    }
}
