//! What this node claims, tells of its names, and gives up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{
    ids::{Epoch, Name, Ticket},
    node::{CommandError, Outcome},
    outbox::{Outbox, Owner},
    registry::{
        Metadata, NameError, NameOutcome, Query, Registry,
        backend::{Keep, Local, Replicated},
        machine::{moment, say_joined},
        metadata::check,
    },
    replica::Claim,
    time::Now,
};

impl Registry {
    /// Claims names for this node, or for an agent that runs on it; gives an outcome for each.
    pub fn register(
        &mut self,
        now: Now,
        holder: Option<&Name>,
        names: Vec<(Name, Metadata)>,
        out: &mut Outbox,
    ) -> Vec<Result<(), CommandError>> {
        let mut fresh = BTreeSet::new();
        let outcome =
            |(name, metadata)| self.register_one(now, (holder, name, metadata), &mut fresh, out);
        names.into_iter().map(outcome).collect()
    }

    fn register_one(
        &mut self,
        now: Now,
        (holder, name, metadata): (Option<&Name>, Name, Metadata),
        fresh: &mut BTreeSet<Name>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        check(&metadata).map_err(NameError::from)?;
        match self.owner(&name) {
            Some(Owner { node, .. }) if node != self.me => {
                return Err(CommandError::NameTaken { name, owner: node });
            }
            Some(Owner { epoch, .. }) if epoch != Epoch(0) => {
                return Err(CommandError::AgentExists { name });
            }
            Some(_) | None => {}
        }
        if let Some(agent) = holder {
            self.check_agent(agent)?;
        }
        let Some(before) = self.claim(&name, self.me).cloned() else {
            if !fresh.insert(name.clone()) {
                return Ok(());
            }
            if self.mine + fresh.len() > Self::CAPACITY {
                return Err(CommandError::Full { capacity: Self::CAPACITY });
            }
            let since = moment(now, out);
            let revision = self.next_revision(since.0);
            let claim = Claim { revision, metadata, holder: holder.cloned(), ..Claim::bare(since) };
            self.write(&name, Some(claim), out);
            return Ok(());
        };
        if before.holder.as_ref() != holder {
            return Err(NameError::HeldHere { name, holder: before.holder }.into());
        }
        if before.metadata != metadata {
            let revision = self.next_revision(now.wall);
            self.write(&name, Some(Claim { revision, metadata, ..before }), out);
        }
        Ok(())
    }

    /// Gives a name of this node up.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRegistered`], or [`CommandError::AgentExists`] if it is an agent's own.
    pub fn deregister(&self, name: &Name, out: &mut Outbox) -> Result<(), CommandError> {
        match self.claim(name, self.me) {
            Some(claim) if claim.epoch == Epoch(0) => {
                self.write(name, None, out);
                Ok(())
            }
            Some(_) => Err(CommandError::AgentExists { name: name.clone() }),
            None => Err(CommandError::NotRegistered { name: name.clone() }),
        }
    }

    /// Gives the names of this node up that fit, agents' own aside, and tells how many.
    ///
    /// # Errors
    ///
    /// See [`QueryError`](crate::registry::QueryError).
    pub fn deregister_matching(
        &self,
        query: &Query,
        out: &mut Outbox,
    ) -> Result<NameOutcome, CommandError> {
        query.check().map_err(NameError::from)?;
        let mine =
            |name: &&Name| self.claim(name, self.me).is_some_and(|claim| claim.epoch == Epoch(0));
        let fitting = self.index.fitting(&Query::all(query.terms.clone()));
        let mut count = 0;
        for name in fitting.iter().filter(mine) {
            self.write(name, None, out);
            count += 1;
        }
        Ok(NameOutcome::Count(count))
    }

    /// Tells something else of a name of this node, if it is at the revision expected.
    ///
    /// # Errors
    ///
    /// [`NameError::Conflict`], [`NameError::NotOwner`], [`NameError::Metadata`] or
    /// [`CommandError::NotRegistered`].
    pub fn set_metadata(
        &mut self,
        now: Now,
        (name, expected, metadata): (Name, Option<u64>, Metadata),
        out: &mut Outbox,
    ) -> Result<NameOutcome, CommandError> {
        check(&metadata).map_err(NameError::from)?;
        match self.owner(&name) {
            None => return Err(CommandError::NotRegistered { name }),
            Some(Owner { node, .. }) if node != self.me => {
                return Err(NameError::NotOwner { name, owner: node }.into());
            }
            Some(_) => {}
        }
        let Some(before) = self.claim(&name, self.me).cloned() else {
            return Err(CommandError::NotRegistered { name });
        };
        if expected.is_some_and(|expected| expected != before.revision) {
            return Err(NameError::Conflict { name, revision: before.revision }.into());
        }
        if before.metadata == metadata {
            return Ok(NameOutcome::Revision(before.revision));
        }
        let revision = self.next_revision(now.wall);
        self.write(&name, Some(Claim { revision, metadata, ..before }), out);
        Ok(NameOutcome::Revision(revision))
    }

    /// Answers `ticket` once `name` is registered, on whichever node, or after `timeout`; gives the
    /// answer if it is known.
    ///
    /// # Errors
    ///
    /// [`NameError::TooManyWait`], or [`CommandError::Invalid`] for a timeout beyond an hour.
    pub fn wait_for(
        &mut self,
        now: Now,
        (ticket, name): (Ticket, Name),
        timeout: Duration,
    ) -> Result<Option<Outcome>, CommandError> {
        if let Some(owner) = self.owner(&name) {
            return Ok(Some(Outcome::Name(NameOutcome::Owner(owner))));
        }
        self.waits.wait(now, (ticket, name), timeout).map(|()| None)
    }

    /// Joins a group, or tells something else of a member.
    ///
    /// # Errors
    ///
    /// [`NameError::NotRunningHere`] or [`NameError::Metadata`].
    pub fn join(
        &mut self,
        now: Now,
        (group, agent, metadata): (&Name, Option<&Name>, Metadata),
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        check(&metadata).map_err(NameError::from)?;
        let epoch = agent.map_or(Ok(Epoch(0)), |agent| self.check_agent(agent))?;
        let before = self.groups.claim(group, &(self.me, agent.cloned()));
        if before.is_some_and(|before| before.metadata == metadata && before.epoch == epoch) {
            return Ok(());
        }
        let since = before.map(|before| before.since).unwrap_or_else(|| moment(now, out));
        let revision = self.next_revision(since.0);
        let claim = Claim { epoch, revision, metadata, ..Claim::bare(since) };
        say_joined(group, agent, Some(claim), out);
        Ok(())
    }

    /// Leaves a group.
    ///
    /// # Errors
    ///
    /// [`NameError::NotJoined`].
    pub fn quit(
        &self,
        group: Name,
        agent: Option<Name>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let who = (self.me, agent);
        if self.groups.claim(&group, &who).is_none() {
            return Err(NameError::NotJoined { group, agent: who.1 }.into());
        }
        say_joined(&group, who.1.as_ref(), None, out);
        Ok(())
    }

    /// The life of an agent that runs on this node.
    fn check_agent(&self, agent: &Name) -> Result<Epoch, CommandError> {
        let here = self.owner(agent).filter(|owner| owner.node == self.me);
        let running = here.map(|owner| owner.epoch).filter(|epoch| *epoch != Epoch(0));
        running.ok_or_else(|| NameError::NotRunningHere { agent: agent.clone() }.into())
    }

    /// Has the backend of the namespace keep a claim of this node.
    pub(super) fn write(&self, name: &Name, claim: Option<Claim>, out: &mut Outbox) {
        let before = self.claim(name, self.me).map(|claim| claim.epoch);
        let agent = claim.as_ref().map(|claim| claim.epoch).or(before) != Some(Epoch(0));
        let backend: &dyn Keep =
            if !agent && self.local.contains(name.namespace()) { &Local } else { &Replicated };
        backend.write(name, claim.map(Arc::new), out);
    }
}
