//! Who owns a name, and who is told when that changes.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    agent::{AgentSpec, Phase},
    event::Fact,
    ids::{Epoch, Name},
    outbox::{Happened, Outbox},
    registry::{
        Backend, NameState, Precedence, Registry,
        backend::{Keep as _, Replicated},
        changes::What,
        entry::{Claimant, Claims, wins},
        index::Row,
        machine::offer,
    },
    replica::{Claim, Replica, Shared, SharedKey},
};

impl Registry {
    /// Works out anew who owns `name` and what is known of it, and tells who wants to know.
    pub(super) fn settle(&mut self, name: &Name, replica: &Replica, out: &mut Outbox) {
        let winner = self.winner(name);
        let granted = winner.as_ref().is_some_and(|(_, token)| token.is_some());
        let owner = winner.as_ref().map(|(owner, _)| owner);
        let rivals = self.claims.get(name).map_or(0, |claims| claims.as_slice().len());
        if rivals > 1 || self.conflicts.contains_key(name) {
            self.tell_conflicts(name, owner);
        }
        match owner {
            Some(owner) if owner.0 != self.me => {
                let mine = self.claim(name, self.me).cloned();
                // Which of two claims is granted is for the group to say.
                let waits = !granted && owner.1.epoch == Epoch(0) && self.unmoved.contains(name);
                if let Some(mine) = mine.filter(|_| !waits) {
                    self.lose(name, &mine, owner, out);
                }
            }
            Some(_) => self.move_over(name, out),
            None => {}
        }
        let row = winner.map(|((node, claim), token)| {
            let agent = claim.epoch != Epoch(0);
            let state = if agent { NameState::Running } else { NameState::Registered };
            Row { node, state, claim, token }
        });
        let row = row.or_else(|| self.idle_row(name, replica));
        if row.as_ref() == self.index.row(name) {
            return;
        }
        let after = row.clone();
        let before = self.index.put(name, row);
        self.tell(name, (before, after), out);
    }

    /// Who owns `name`, and under which fencing token if the group granted it: whose agent it is,
    /// then, in a namespace of the backend `consensus`, who was granted it; as long as nobody was,
    /// and in other namespaces, whose claim ranks highest.
    fn winner(&self, name: &Name) -> Option<(Claimant, Option<u64>)> {
        let present = |node| self.present.contains(&node);
        let plain = self.claims.get(name).and_then(|claims| claims.owner(present)).cloned();
        let Some(held) = self.grants.get(name) else { return Some((plain?, None)) };
        let granted = (held.node, Arc::clone(&held.claim));
        let agreed = self.backend(name.namespace()) == Backend::Consensus;
        match plain {
            Some(agent) if agent.1.epoch != Epoch(0) => Some((agent, None)),
            _ if agreed => Some((granted, Some(held.token))),
            Some(plain) if !present(held.node) || wins(&plain, &granted) => Some((plain, None)),
            Some(_) | None => present(held.node).then_some((granted, None)),
        }
    }

    /// What the group granted this node another backend keeps no more.
    fn move_over(&self, name: &Name, out: &mut Outbox) {
        let agreed = self.backend(name.namespace()) == Backend::Consensus;
        let granted = self.grants.get(name).is_some_and(|held| held.node == self.me);
        if agreed && granted && self.plain(name).is_some_and(|claim| claim.epoch == Epoch(0)) {
            Replicated.write(name, None, out);
        }
    }

    /// Tells of a change of the owner of `name`.
    fn tell(&mut self, name: &Name, (before, after): (Option<Row>, Option<Row>), out: &mut Outbox) {
        let live = |row: Option<Row>| row.filter(|row| row.state.is_live());
        let (before, after) = (live(before), live(after));
        let owner = after.as_ref().and_then(Row::owner);
        if owner != before.as_ref().and_then(Row::owner) {
            out.happened(Happened::OwnerChanged(name.clone(), owner));
        }
        if let Some(owner) = owner {
            self.waits.on_owner(name, owner);
        }
        let stays = |before: &Row, after: &Row| {
            (before.node, before.claim.epoch, before.claim.since)
                == (after.node, after.claim.epoch, after.claim.since)
        };
        match (before, after) {
            (Some(before), Some(after)) if stays(&before, &after) => {
                self.changes.push(name, What::Updated((after.node, after.claim)));
            }
            (before, after) => {
                if let Some(Row { node, claim, .. }) = before {
                    self.changes.push(name, What::Removed((node, claim)));
                }
                if let Some(Row { node, claim, .. }) = after {
                    self.changes.push(name, What::Registered((node, claim)));
                }
            }
        }
    }

    /// Tells the watchers of rivals that they were not told of.
    fn tell_conflicts(&mut self, name: &Name, owner: Option<&Claimant>) {
        let claims = self.claims.get(name).map_or(&[][..], Claims::as_slice);
        let told = self.conflicts.remove(name).unwrap_or_default();
        let mut rivals = BTreeSet::new();
        for rival in claims.iter().filter(|(node, _)| self.present.contains(node)) {
            let Some(winner) = owner.filter(|winner| winner.0 != rival.0) else { continue };
            rivals.insert(rival.0);
            if !told.contains(&rival.0) && !told.contains(&winner.0) {
                let (winner, loser) = (winner.clone(), rival.clone());
                self.changes.push(name, What::Conflict { winner, loser });
            }
        }
        if !rivals.is_empty() {
            self.conflicts.insert(name.clone(), rivals);
        }
    }

    /// Withdraws a claim of this node that lost (N2), and says against whom and why.
    fn lose(&mut self, name: &Name, mine: &Claim, (node, claim): &Claimant, out: &mut Outbox) {
        let winner = *node;
        if !self.given.contains(name) {
            out.fact(Fact::ClaimLost {
                name: name.clone(),
                winner,
                why: Precedence::between(claim, mine),
                lost: mine.metadata.clone(),
                won: claim.metadata.clone(),
            });
        }
        out.happened(Happened::ClaimLost { name: name.clone(), epoch: mine.epoch, winner });
        self.withdraw(name, out);
    }

    /// What is known of an agent that a node holds and nobody answers for.
    fn idle_row(&self, name: &Name, replica: &Replica) -> Option<Row> {
        let statuses = self.statuses.get(name)?;
        let active = |phase| {
            matches!(phase, Phase::Starting | Phase::Running | Phase::Migrating | Phase::Stopping)
        };
        let (node, status) = statuses
            .iter()
            .filter(|(node, _)| self.present.contains(node))
            .max_by_key(|(node, status)| (active(status.phase), status.epoch, **node))?;
        let spec = spec_of(replica, name);
        let claim = Claim {
            epoch: status.epoch,
            revision: 0,
            metadata: spec.map(|spec| spec.metadata.clone()).unwrap_or_default(),
            offer: spec.map(|spec| offer(spec)),
            ..Claim::bare((status.since, 0))
        };
        let (state, claim) = (status.phase.into(), Arc::new(claim));
        Some(Row { node: *node, state, claim, token: None })
    }
}

/// The specification of an agent; a replica, `NAME.1` and so on, has that of all replicas.
fn spec_of<'a>(replica: &'a Replica, name: &Name) -> Option<&'a Arc<AgentSpec>> {
    let exact = |name: Name| match replica.shared().get(&SharedKey::Spec(name))? {
        Shared::Spec(spec) => Some(spec),
        Shared::Member(_)
        | Shared::Revoked
        | Shared::Intent(_)
        | Shared::Assignment(_)
        | Shared::Scheduling(_)
        | Shared::Rebalance(_)
        | Shared::Deleted
        | Shared::Namespace(_)
        | Shared::Tally(_)
        | Shared::Variable(_)
        | Shared::Cleanup(_)
        | Shared::Alert(_)
        | Shared::Quiet(_)
        | Shared::Lineage(_) => None,
    };
    exact(name.clone()).or_else(|| {
        let (base, number) = name.as_str().rsplit_once('.')?;
        number.parse::<u32>().ok().and_then(|_| exact(Name::new(base).ok()?))
    })
}
