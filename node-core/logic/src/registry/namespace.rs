//! Namespaces: their figures, what keeps their names, and how they are cleaned up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    event::Fact,
    ids::{Epoch, Name, NodeId},
    node::CommandError,
    outbox::{Happened, Outbox},
    registry::{
        Backend, NamespaceView, NodeNames, Registry,
        backend::{Keep as _, Replicated},
        machine::{moment, say_joined},
    },
    replica::{Claim, Replica, Shared, SharedKey},
    time::Now,
};

impl Registry {
    /// Every namespace that has a name or a backend of its own, in order.
    #[must_use]
    pub fn namespaces(&self, replica: &Replica) -> Vec<NamespaceView> {
        let chosen = replica.shared().iter().filter_map(|(key, value)| match (key, value) {
            (SharedKey::Namespace(id), Shared::Namespace(backend)) => Some((id, *backend)),
            _ => None,
        });
        let mut views: BTreeMap<&String, NamespaceView> =
            chosen.map(|(id, backend)| (id, view(id, backend, Vec::new()))).collect();
        for (id, nodes) in self.index.namespaces() {
            let backend = views.get(id).map_or(Backend::default(), |view| view.backend);
            views.insert(id, view(id, backend, nodes));
        }
        views.into_values().collect()
    }

    /// Chooses what keeps the names of a namespace.
    ///
    /// # Errors
    ///
    /// [`CommandError::Invalid`] if nothing can be in it.
    pub fn set_backend(
        actor: NodeId,
        (namespace, backend): (String, Backend),
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        check(&namespace)?;
        let fact = Fact::NamespaceSet { namespace: namespace.clone(), backend };
        out.happened(Happened::Fact(Some(actor), fact));
        let value = Shared::Namespace(backend);
        out.happened(Happened::SharedSaid(SharedKey::Namespace(namespace), value));
        Ok(())
    }

    /// Has every name and membership of a namespace go that was claimed before this moment; the
    /// agents in it are the supervisor's to remove, and are given.
    ///
    /// # Errors
    ///
    /// [`CommandError::Invalid`] if nothing can be in it.
    pub fn clean_up(
        now: Now,
        (actor, namespace): (NodeId, &str),
        replica: &Replica,
        out: &mut Outbox,
    ) -> Result<Vec<Name>, CommandError> {
        check(namespace)?;
        let fact = Fact::NamespaceCleaned { namespace: namespace.to_owned() };
        out.happened(Happened::Fact(Some(actor), fact));
        let value = Shared::Cleanup(moment(now, out));
        out.happened(Happened::SharedSaid(SharedKey::Cleanup(namespace.to_owned()), value));
        let agents = replica.shared().iter().filter_map(|(key, _)| {
            let SharedKey::Spec(name) = key else { return None };
            (name.namespace() == namespace).then(|| name.clone())
        });
        Ok(agents.collect())
    }

    /// The shared values changed under our feet.
    pub fn look_at_all(&mut self, replica: &Replica, out: &mut Outbox) {
        let chosen = replica.shared().iter().filter_map(|(key, _)| {
            if let SharedKey::Namespace(id) = key { Some(id.clone()) } else { None }
        });
        let ids: Vec<String> = self.backends.keys().cloned().chain(chosen).collect();
        for id in ids {
            self.follow_backend(&id, replica, out);
        }
    }

    /// Moves the claims of this node in a namespace to the backend that is to keep them.
    ///
    /// What the group is to grant is kept as in `replicated` until it did.
    pub(super) fn follow_backend(&mut self, namespace: &str, replica: &Replica, out: &mut Outbox) {
        let key = SharedKey::Namespace(namespace.to_owned());
        let chosen = match replica.shared().get(&key) {
            Some(Shared::Namespace(backend)) => *backend,
            Some(_) | None => Backend::default(),
        };
        let before = self.backend(namespace);
        if chosen == before {
            return;
        }
        if chosen == Backend::default() {
            self.backends.remove(namespace);
        } else {
            self.backends.insert(namespace.to_owned(), chosen);
        }
        let within = |name: &&Name| name.namespace() == namespace;
        let plain: Vec<Name> = self.claims.keys().filter(within).cloned().collect();
        for name in &plain {
            if let Some(claim) = self.plain(name).filter(|claim| claim.epoch == Epoch(0)) {
                // The claims held here are the same; what changes is who else has them.
                let told = (chosen != Backend::Local).then(|| Arc::clone(claim));
                Replicated.write(name, told, out);
            }
            self.note_unmoved(name);
        }
        let granted = self.grants.iter().map(|(name, _)| name);
        for name in granted.filter(within).cloned().collect::<Vec<_>>() {
            if before == Backend::Consensus {
                self.take_back(&name, out);
            }
            self.settle(&name, replica, out);
        }
        for name in plain {
            self.settle(&name, replica, out);
        }
    }

    /// Keeps a name of this node without the group, which is told so.
    fn take_back(&mut self, name: &Name, out: &mut Outbox) {
        let mine = self.grants.get(name).filter(|held| held.node == self.me);
        if let Some(claim) = mine.map(|held| Claim::clone(&held.claim)) {
            if self.plain(name).is_none() {
                self.write(name, claim, out);
            }
            self.grants.part(name);
        }
    }

    /// Notes whether a claim of this node is one that the group is to grant.
    pub(super) fn note_unmoved(&mut self, name: &Name) {
        let agreed = self.backend(name.namespace()) == Backend::Consensus;
        if agreed && self.plain(name).is_some_and(|claim| claim.epoch == Epoch(0)) {
            self.unmoved.insert(name.clone());
        } else {
            self.unmoved.remove(name);
        }
    }

    /// Gives up what this node claimed in a namespace before it was cleaned up.
    pub(super) fn follow_cleanup(&mut self, namespace: &str, replica: &Replica, out: &mut Outbox) {
        let key = SharedKey::Cleanup(namespace.to_owned());
        let Some(Shared::Cleanup(moment)) = replica.shared().get(&key) else { return };
        let granted = self.grants.iter().map(|(name, _)| name);
        let names = self.claims.keys().chain(granted);
        let goes = |name: &&Name| {
            name.namespace() == namespace
                && self
                    .claim(name, self.me)
                    .is_some_and(|claim| claim.epoch == Epoch(0) && claim.since < *moment)
        };
        for name in names.filter(goes).cloned().collect::<BTreeSet<_>>() {
            self.give_up(&name, replica, out);
        }
        for (group, agent) in self.groups.of(self.me) {
            let before = |claim: &Claim| claim.since < *moment;
            let claim = self.groups.claim(group, &(self.me, agent.clone()));
            if group.namespace() == namespace && claim.is_some_and(|claim| before(claim)) {
                say_joined(group, agent.as_ref(), None, out);
            }
        }
    }
}

fn view(id: &str, backend: Backend, nodes: Vec<NodeNames>) -> NamespaceView {
    NamespaceView {
        id: id.to_owned(),
        backend,
        names: nodes.iter().map(|node| node.names).sum(),
        agents: nodes.iter().map(|node| node.agents).sum(),
        nodes,
    }
}

/// Refuses what is no namespace of any name.
fn check(namespace: &str) -> Result<(), CommandError> {
    let valid = !namespace.contains('/') && Name::new(namespace).is_ok();
    let invalid = || CommandError::Invalid { field: "namespace", value: namespace.to_owned() };
    valid.then_some(()).ok_or_else(invalid)
}
