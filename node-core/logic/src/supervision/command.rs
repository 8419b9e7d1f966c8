//! What people ask of supervision: each command changes what is wanted, and nothing else.

use std::sync::Arc;

use crate::{
    agent::{AgentSpec, Class, Intent, Phase, SpecError, Strategy},
    agreed::Voters,
    event::Fact,
    ids::{Name, NodeId},
    node::CommandError,
    outbox::{Happened, Outbox},
    replica::{Replica, Shared, SharedKey},
    supervision::{Supervision, Tables, asked, intent_of, placement, relations::cycle, wanted},
};

/// What a name that people wrote stands for.
struct Asked {
    spec: Arc<AgentSpec>,
    /// What is wanted under exactly this name.
    intent: Intent,
    /// What is wanted of an agent under this name; a replica counts the generation of all as well.
    effective: Intent,
    /// Replicas of it of which a person wanted something alone, which a wish for all takes back.
    alone: Vec<Name>,
}

impl Supervision {
    /// Wants an agent to run.
    ///
    /// # Errors
    ///
    /// If the specification cannot be taken, it is exclusive and no majority is in sight, a name is in use and may not be replaced, the agent
    /// would wait for itself, or the node chosen cannot run it.
    pub fn ask_start(
        &self,
        actor: NodeId,
        (spec, pin, replace): (AgentSpec, Option<NodeId>, bool),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        spec.check()?;
        self.check_quorum(&spec)?;
        let replica = tables.replica;
        let name = spec.name.clone();
        let before =
            asked(replica, &name).is_some().then(|| existing(&name, replica)).transpose()?;
        if before.is_some() && !replace {
            return Err(CommandError::AgentExists { name });
        }
        let copies = spec.instances().filter(|copy| spec.copies() > 1 && *copy != name);
        let own = copies.chain(before.is_none().then(|| name.clone()));
        let taken = |copy: &Name| {
            asked(replica, copy).is_some()
                || wanted(replica, copy).is_some_and(|wanted| wanted.spec.name != name)
        };
        if let Some(name) = own.into_iter().find(taken) {
            return Err(CommandError::AgentExists { name });
        }
        let generation = before.as_ref().map_or(0, |before| before.intent.generation + 1);
        let intent = Intent { run: true, generation, pin, owner: actor };
        self.check_pin((&spec, &name), &intent, tables)?;
        if let Some(path) = cycle(&spec, &self.relations, replica) {
            return Err(SpecError::Cycle { path }.into());
        }
        fact(actor, Fact::AgentWanted { name: name.clone() }, out);
        if let Some(before) = before {
            take_back(&before.alone, out);
            remove_assignments(&before.spec, replica, out);
        }
        out.happened(Happened::SharedSaid(
            SharedKey::Spec(name.clone()),
            Shared::Spec(Arc::new(spec)),
        ));
        say(name, intent, out);
        Ok(())
    }

    /// Whether the group could grant an agent, if it takes that.
    fn check_quorum(&self, spec: &AgentSpec) -> Result<(), CommandError> {
        let Voters { have, need } = self.voters();
        let lacks = spec.class == Class::Exclusive && have < need;
        if lacks { Err(CommandError::NoQuorum { have, need }) } else { Ok(()) }
    }

    /// Wants an agent to stop.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`].
    pub fn ask_stop(
        &self,
        actor: NodeId,
        name: Name,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let asked = existing(&name, tables.replica)?;
        fact(actor, Fact::AgentUnwanted { name: name.clone() }, out);
        take_back(&asked.alone, out);
        say(name, Intent { run: false, ..asked.intent }, out);
        Ok(())
    }

    /// Wants a fresh life of an agent, whether it runs or not.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`], or [`CommandError::NoQuorum`] for an exclusive one.
    pub fn ask_restart(
        &self,
        actor: NodeId,
        name: Name,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let asked = existing(&name, tables.replica)?;
        self.check_quorum(&asked.spec)?;
        fact(actor, Fact::AgentRestartAsked { name: name.clone() }, out);
        take_back(&asked.alone, out);
        let generation = asked.intent.generation + 1;
        say(name, Intent { run: true, generation, ..asked.intent }, out);
        Ok(())
    }

    /// Wants an agent to run on `to`, or, with none, no longer on a node of anyone's choice.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`], or [`CommandError::CannotPlace`] with the rules that exclude it.
    pub fn ask_move(
        &self,
        actor: NodeId,
        (name, to): (Name, Option<NodeId>),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let asked = existing(&name, tables.replica)?;
        // One that hands its state over is moved while it runs, by the node that runs it.
        let runs = self.holder(&name, tables).is_some_and(|(_, status)| {
            matches!(status.phase, Phase::Running | Phase::Starting | Phase::Migrating)
        });
        let afresh = to.is_some() && !(asked.spec.handoff.state && runs);
        let generation = asked.intent.generation + u64::from(afresh);
        let intent = Intent { pin: to, generation, ..asked.intent };
        self.check_pin((&asked.spec, &name), &Intent { pin: to, ..asked.effective }, tables)?;
        if let Some(to) = to {
            fact(actor, Fact::AgentMoveAsked { name: name.clone(), to }, out);
        }
        take_back(&asked.alone, out);
        say(name, intent, out);
        Ok(())
    }

    /// Wants an agent to be forgotten.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`], or [`SpecError::Replica`] for one of several replicas.
    pub fn ask_remove(
        &self,
        actor: NodeId,
        name: Name,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let asked = existing(&name, tables.replica)?;
        if asked.spec.name != name {
            return Err(SpecError::Replica { of: asked.spec.name.clone() }.into());
        }
        fact(actor, Fact::AgentRemoved { name: name.clone() }, out);
        take_back(&asked.alone, out);
        remove_assignments(&asked.spec, tables.replica, out);
        for key in [SharedKey::Spec(name.clone()), SharedKey::Intent(name)] {
            out.happened(Happened::SharedSaid(key, Shared::Deleted));
        }
        Ok(())
    }

    fn check_pin(
        &self,
        (spec, name): (&AgentSpec, &Name),
        intent: &Intent,
        tables: Tables<'_>,
    ) -> Result<(), CommandError> {
        let Some(node) = intent.pin else {
            if spec.placement.strategy == Strategy::Pinned {
                let needs = "a node that is chosen for it";
                return Err(SpecError::Needs { field: "the strategy pinned", needs }.into());
            }
            return Ok(());
        };
        let candidates = self.candidates(tables);
        let chosen = candidates.iter().find(|candidate| candidate.node == node);
        let chosen = chosen.ok_or(CommandError::NoNode { node })?;
        let reasons: Vec<String> =
            placement::exclusions(spec, intent, chosen).iter().map(ToString::to_string).collect();
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(CommandError::CannotPlace { name: name.clone(), node, reasons })
        }
    }
}

/// What `name` stands for: an agent, all replicas of one, or one of them.
fn existing(name: &Name, replica: &Replica) -> Result<Asked, CommandError> {
    if let Some((spec, intent)) = asked(replica, name) {
        let own = |copy: &Name| intent_of(replica, copy).map(|own| own.generation);
        let copies = spec.instances().filter(|copy| copy != name);
        let alone: Vec<(Name, u64)> =
            copies.filter_map(|copy| own(&copy).map(|count| (copy, count))).collect();
        // The generation of each replica goes on from the highest.
        let most = alone.iter().map(|(_, generation)| *generation).max().unwrap_or(0);
        let intent = Intent { generation: intent.generation + most, ..**intent };
        let alone = alone.into_iter().map(|(copy, _)| copy).collect();
        return Ok(Asked { spec: Arc::clone(spec), intent, effective: intent, alone });
    }
    let none = || CommandError::NoAgent { name: name.clone() };
    let wanted = wanted(replica, name).ok_or_else(none)?;
    let effective = wanted.intent;
    let intent = match intent_of(replica, name) {
        Some(own) => **own,
        None => Intent { generation: 0, ..effective },
    };
    Ok(Asked { spec: Arc::clone(wanted.spec), intent, effective, alone: Vec::new() })
}

/// Takes back what was wanted of replicas alone.
fn take_back(alone: &[Name], out: &mut Outbox) {
    for name in alone {
        let key = SharedKey::Intent(name.clone());
        out.happened(Happened::SharedSaid(key, Shared::Deleted));
    }
}

fn remove_assignments(spec: &AgentSpec, replica: &Replica, out: &mut Outbox) {
    for key in spec.instances().map(SharedKey::Assignment) {
        if replica.shared().get(&key).is_some() {
            out.happened(Happened::SharedSaid(key, Shared::Deleted));
        }
    }
}

fn fact(actor: NodeId, fact: Fact, out: &mut Outbox) {
    out.happened(Happened::Fact(Some(actor), fact));
}

fn say(name: Name, intent: Intent, out: &mut Outbox) {
    out.happened(Happened::SharedSaid(SharedKey::Intent(name), Shared::Intent(Arc::new(intent))));
}
