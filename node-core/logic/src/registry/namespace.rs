//! Namespaces: their figures, what keeps their names, and how they are cleaned up.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    event::Fact,
    ids::{Epoch, Name, NodeId},
    node::CommandError,
    outbox::{Happened, Outbox},
    registry::{
        Backend, NameError, NamespaceView, NodeNames, Registry,
        backend::{Keep as _, Replicated},
        machine::{moment, say_joined},
    },
    replica::{Replica, Shared, SharedKey},
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
    /// [`NameError::NoConsensus`], or [`CommandError::Invalid`] if nothing can be in it.
    pub fn set_backend(
        actor: NodeId,
        (namespace, backend): (String, Backend),
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        check(&namespace)?;
        if backend == Backend::Consensus {
            return Err(NameError::NoConsensus.into());
        }
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
        let ids: Vec<String> = self.local.iter().cloned().chain(chosen).collect();
        for id in ids {
            self.follow_backend(&id, replica, out);
        }
    }

    /// Moves the claims of this node in a namespace to the backend that is to keep them.
    pub(super) fn follow_backend(&mut self, namespace: &str, replica: &Replica, out: &mut Outbox) {
        let key = SharedKey::Namespace(namespace.to_owned());
        let local = replica.shared().get(&key) == Some(&Shared::Namespace(Backend::Local));
        if local == self.local.contains(namespace) {
            return;
        }
        for (name, claims) in &self.claims {
            if let Some(claim) = claims.of(self.me)
                && claim.epoch == Epoch(0)
                && name.namespace() == namespace
            {
                // The claims held here are the same in both; what changes is who else has them.
                Replicated.write(name, (!local).then(|| Arc::clone(claim)), out);
            }
        }
        if local {
            self.local.insert(namespace.to_owned());
        } else {
            self.local.remove(namespace);
        }
    }

    /// Gives up what this node claimed in a namespace before it was cleaned up.
    pub(super) fn follow_cleanup(&self, namespace: &str, replica: &Replica, out: &mut Outbox) {
        let key = SharedKey::Cleanup(namespace.to_owned());
        let Some(Shared::Cleanup(moment)) = replica.shared().get(&key) else { return };
        for (name, claims) in &self.claims {
            if let Some(claim) = claims.of(self.me)
                && claim.epoch == Epoch(0)
                && claim.since < *moment
                && name.namespace() == namespace
            {
                self.write(name, None, out);
            }
        }
        for (group, agent) in self.groups.of(self.me) {
            let before = |claim: &crate::replica::Claim| claim.since < *moment;
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
