//! What this node claims, tells of its names, and gives up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{
    holding::{Act, Wanted},
    ids::{Epoch, Name, Ticket},
    node::{CommandError, Outcome},
    outbox::{Outbox, Owner},
    registry::{
        Backend, Metadata, NameError, NameOutcome, Query, Registry,
        asking::{Form, Step},
        backend::{Keep, Local, Replicated},
        machine::{moment, say_joined},
        metadata::check,
    },
    replica::{Claim, Replica},
    time::Now,
};

impl Registry {
    /// Claims names for this node, or for an agent that runs on it; gives an outcome for each, or
    /// nothing if the group is asked, and answers `ticket` then.
    ///
    /// # Errors
    ///
    /// None: each name has an outcome of its own.
    pub fn register(
        &mut self,
        (now, ticket): (Now, Ticket),
        holder: Option<&Name>,
        names: Vec<(Name, Metadata)>,
        out: &mut Outbox,
    ) -> Result<Option<Outcome>, CommandError> {
        let mut fresh = BTreeSet::new();
        let step = |(name, metadata): (Name, Metadata)| {
            let wish = (holder, name.clone(), metadata);
            (name, self.register_one(now, wish, &mut fresh, out))
        };
        let steps = names.into_iter().map(step).collect();
        self.begin(now, (ticket, Form::Names), steps, out)
    }

    fn register_one(
        &mut self,
        now: Now,
        (holder, name, metadata): (Option<&Name>, Name, Metadata),
        fresh: &mut BTreeSet<Name>,
        out: &mut Outbox,
    ) -> Result<Step, CommandError> {
        check(&metadata).map_err(NameError::from)?;
        let agreed = self.backend(name.namespace()) == Backend::Consensus;
        match self.owner(&name) {
            // Whether another has given it up meanwhile, the group knows.
            Some(Owner { node, token, .. }) if node != self.me && !(agreed && token.is_some()) => {
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
        let before = self.claim(&name, self.me).cloned();
        if let Some(before) = &before
            && before.holder.as_ref() != holder
        {
            return Err(NameError::HeldHere { name, holder: before.holder.clone() }.into());
        }
        if before.is_none() {
            if !fresh.insert(name.clone()) && !agreed {
                return Ok(Step::Done);
            }
            if self.mine + fresh.len() > Self::CAPACITY {
                return Err(CommandError::Full { capacity: Self::CAPACITY });
            }
        }
        if agreed {
            let since = before.map(|before| before.since).unwrap_or_else(|| moment(now, out));
            let revision = self.next_revision(now.wall);
            let over = self.grants.parting().get(&name).copied();
            let holder = holder.cloned();
            return Ok(Step::Claim(Wanted { name, holder, over, since, revision, metadata }));
        }
        let Some(before) = before else {
            let since = moment(now, out);
            let revision = self.next_revision(since.0);
            let claim = Claim { revision, metadata, holder: holder.cloned(), ..Claim::bare(since) };
            self.write(&name, claim, out);
            return Ok(Step::Done);
        };
        if before.metadata != metadata {
            let revision = self.next_revision(now.wall);
            self.write(&name, Claim { revision, metadata, ..before }, out);
        }
        Ok(Step::Done)
    }

    /// Gives names of this node up; gives an outcome for each, or nothing if the group is told, and
    /// answers `ticket` then. An agent's own name is not given up, and none that others hold.
    ///
    /// # Errors
    ///
    /// None: each name has an outcome of its own.
    pub fn deregister(
        &mut self,
        (now, ticket): (Now, Ticket),
        names: Vec<Name>,
        out: &mut Outbox,
    ) -> Result<Option<Outcome>, CommandError> {
        let step = |name: Name| {
            let step = self.deregister_one(&name, out);
            (name, step)
        };
        let steps = names.into_iter().map(step).collect();
        self.begin(now, (ticket, Form::Names), steps, out)
    }

    fn deregister_one(&self, name: &Name, out: &mut Outbox) -> Result<Step, CommandError> {
        match self.claim(name, self.me) {
            Some(claim) if claim.epoch != Epoch(0) => {
                Err(CommandError::AgentExists { name: name.clone() })
            }
            None => Err(CommandError::NotRegistered { name: name.clone() }),
            Some(_) if self.plain(name).is_some() => {
                self.erase(name, out);
                Ok(Step::Done)
            }
            Some(_) => {
                let token = self.grants.own(name).map_or(0, |held| held.token);
                Ok(Step::Release(token))
            }
        }
    }

    /// Gives the names of this node up that fit, agents' own aside, and tells how many.
    ///
    /// # Errors
    ///
    /// See [`QueryError`](crate::registry::QueryError); why the group did not hear so.
    pub fn deregister_matching(
        &mut self,
        (now, ticket): (Now, Ticket),
        query: &Query,
        out: &mut Outbox,
    ) -> Result<Option<Outcome>, CommandError> {
        query.check().map_err(NameError::from)?;
        let mine =
            |name: &Name| self.claim(name, self.me).is_some_and(|claim| claim.epoch == Epoch(0));
        let fitting = self.index.fitting(&Query::all(query.terms.clone()));
        let fitting: Vec<Name> = fitting.iter().filter(|name| mine(name)).cloned().collect();
        let step = |name: Name| {
            let step = self.deregister_one(&name, out);
            (name, step)
        };
        let steps = fitting.into_iter().map(step).collect();
        self.begin(now, (ticket, Form::Count), steps, out)
    }

    /// Tells something else of a name of this node, if it is at the revision expected; gives the
    /// outcome, or nothing if the group is asked, and answers `ticket` then.
    ///
    /// # Errors
    ///
    /// [`NameError::Conflict`], [`NameError::NotOwner`], [`NameError::Metadata`],
    /// [`CommandError::NoQuorum`] or [`CommandError::NotRegistered`].
    pub fn set_metadata(
        &mut self,
        (now, ticket): (Now, Ticket),
        (name, expected, metadata): (Name, Option<u64>, Metadata),
        out: &mut Outbox,
    ) -> Result<Option<Outcome>, CommandError> {
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
        if let (None, Some(held)) = (self.plain(&name), self.grants.own(&name)) {
            let (token, revision) = (held.token, self.next_revision(now.wall));
            let act = Act::Tell { name, token, expected, revision, metadata };
            return self.begin_telling(now, ticket, act, out).map(|()| None);
        }
        if expected.is_some_and(|expected| expected != before.revision) {
            return Err(NameError::Conflict { name, revision: before.revision }.into());
        }
        if before.metadata == metadata {
            return Ok(Some(Outcome::Name(NameOutcome::Revision(before.revision))));
        }
        let revision = self.next_revision(now.wall);
        self.write(&name, Claim { revision, metadata, ..before }, out);
        Ok(Some(Outcome::Name(NameOutcome::Revision(revision))))
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
    pub(super) fn check_agent(&self, agent: &Name) -> Result<Epoch, CommandError> {
        let here = self.owner(agent).filter(|owner| owner.node == self.me);
        let running = here.map(|owner| owner.epoch).filter(|epoch| *epoch != Epoch(0));
        running.ok_or_else(|| NameError::NotRunningHere { agent: agent.clone() }.into())
    }

    /// Keeps a claim of this node without agreement: as the namespace says, or among the replicated
    /// ones if it is an agent's own, or the group has yet to grant it.
    pub(super) fn write(&self, name: &Name, claim: Claim, out: &mut Outbox) {
        let agent = claim.epoch != Epoch(0);
        self.keeper(name, agent).write(name, Some(Arc::new(claim)), out);
    }

    /// The opposite.
    fn erase(&self, name: &Name, out: &mut Outbox) {
        if let Some(claim) = self.plain(name) {
            self.keeper(name, claim.epoch != Epoch(0)).write(name, None, out);
        }
    }

    fn keeper(&self, name: &Name, agent: bool) -> &'static dyn Keep {
        match self.backend(name.namespace()) {
            Backend::Local if !agent => &Local,
            Backend::Local | Backend::Replicated | Backend::Consensus => &Replicated,
        }
    }

    /// Holds a name no more, and has the backends hear so.
    pub(super) fn withdraw(&mut self, name: &Name, out: &mut Outbox) {
        self.erase(name, out);
        self.grants.part(name);
    }

    /// The same, and works out anew who owns it.
    pub(super) fn give_up(&mut self, name: &Name, replica: &Replica, out: &mut Outbox) {
        self.withdraw(name, out);
        self.settle(name, replica, out);
    }
}
