//! What people ask of supervision: each command changes what is wanted, and nothing else.

use std::sync::Arc;

use crate::{
    agent::{AgentSpec, Intent, Phase, Status},
    event::Fact,
    ids::{Name, NodeId},
    node::CommandError,
    outbox::{Happened, Outbox},
    replica::{Shared, SharedKey},
    supervision::{
        Supervision,
        machine::{Tables, candidates, status_of, wanted},
        placement,
    },
};

impl Supervision {
    /// Wants an agent to run.
    ///
    /// # Errors
    ///
    /// If the specification cannot be taken, the name is in use and may not be replaced, or the node
    /// chosen cannot run it.
    pub fn ask_start(
        actor: NodeId,
        (spec, pin, replace): (AgentSpec, Option<NodeId>, bool),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        spec.check()?;
        let name = spec.name.clone();
        let before = wanted(tables.replica, &name);
        if before.is_some() && !replace {
            return Err(CommandError::AgentExists { name });
        }
        let generation = before.map_or(0, |(_, intent)| intent.generation + 1);
        let intent = Intent { run: true, generation, pin, owner: actor };
        check_pin(&spec, &intent, tables)?;
        fact(actor, Fact::AgentWanted { name: name.clone() }, out);
        out.happened(Happened::SharedSaid(
            SharedKey::Spec(name.clone()),
            Shared::Spec(Arc::new(spec)),
        ));
        say(name, intent, out);
        Ok(())
    }

    /// Wants an agent to stop.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`].
    pub fn ask_stop(
        actor: NodeId,
        name: Name,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (_, intent) = existing(&name, tables)?;
        fact(actor, Fact::AgentUnwanted { name: name.clone() }, out);
        say(name, Intent { run: false, ..intent }, out);
        Ok(())
    }

    /// Wants a fresh life of an agent, whether it runs or not.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`].
    pub fn ask_restart(
        actor: NodeId,
        name: Name,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (_, intent) = existing(&name, tables)?;
        fact(actor, Fact::AgentRestartAsked { name: name.clone() }, out);
        say(name, Intent { run: true, generation: intent.generation + 1, ..intent }, out);
        Ok(())
    }

    /// Wants an agent to run on `to`, or, with none, no longer on a node of anyone's choice.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`], or [`CommandError::CannotPlace`] with the rules that exclude it.
    pub fn ask_move(
        actor: NodeId,
        (name, to): (Name, Option<NodeId>),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let (spec, intent) = existing(&name, tables)?;
        // One that hands its state over is moved while it runs, by the node that runs it.
        let runs = holder_of(&name, tables).is_some_and(|status| {
            matches!(status.phase, Phase::Running | Phase::Starting | Phase::Migrating)
        });
        let afresh = to.is_some() && !(spec.handoff.state && runs);
        let generation = intent.generation + u64::from(afresh);
        let intent = Intent { pin: to, generation, ..intent };
        check_pin(&spec, &intent, tables)?;
        if let Some(to) = to {
            fact(actor, Fact::AgentMoveAsked { name: name.clone(), to }, out);
        }
        say(name, intent, out);
        Ok(())
    }

    /// Wants an agent to be forgotten.
    ///
    /// # Errors
    ///
    /// [`CommandError::NoAgent`].
    pub fn ask_remove(
        actor: NodeId,
        name: Name,
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        existing(&name, tables)?;
        fact(actor, Fact::AgentRemoved { name: name.clone() }, out);
        for key in [SharedKey::Spec(name.clone()), SharedKey::Intent(name)] {
            out.happened(Happened::SharedSaid(key, Shared::Deleted));
        }
        Ok(())
    }
}

/// What the present node that runs an agent says of it.
fn holder_of<'a>(name: &Name, tables: Tables<'a>) -> Option<&'a Status> {
    let said = |(node, _)| status_of(tables.replica, node, name);
    let present = tables.roster.iter().filter(|(node, _)| tables.membership.is_present(*node));
    present.filter_map(said).max_by_key(|status| status.epoch)
}

fn existing(name: &Name, tables: Tables<'_>) -> Result<(Arc<AgentSpec>, Intent), CommandError> {
    let (spec, intent) =
        wanted(tables.replica, name).ok_or_else(|| CommandError::NoAgent { name: name.clone() })?;
    Ok((Arc::clone(spec), Intent::clone(intent)))
}

fn check_pin(spec: &AgentSpec, intent: &Intent, tables: Tables<'_>) -> Result<(), CommandError> {
    let Some(node) = intent.pin else { return Ok(()) };
    let candidates = candidates(tables);
    let chosen = candidates.iter().find(|candidate| candidate.node == node);
    let chosen = chosen.ok_or(CommandError::NoNode { node })?;
    let reasons: Vec<String> =
        placement::exclusions(spec, intent, chosen).iter().map(ToString::to_string).collect();
    if reasons.is_empty() {
        Ok(())
    } else {
        Err(CommandError::CannotPlace { name: spec.name.clone(), node, reasons })
    }
}

fn fact(actor: NodeId, fact: Fact, out: &mut Outbox) {
    out.happened(Happened::Fact(Some(actor), fact));
}

fn say(name: Name, intent: Intent, out: &mut Outbox) {
    out.happened(Happened::SharedSaid(SharedKey::Intent(name), Shared::Intent(Arc::new(intent))));
}
