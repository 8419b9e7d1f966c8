//! What people and programs want of a node.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    agent::{AgentSpec, Programs, SpecError},
    certificate::Role,
    coordination,
    event::{Class, Fact, Report, ReportError},
    event_store::Receipt,
    ids::{Name, NodeId},
    merged::{MergedCommand, MergedOutcome},
    monitor::{AlertCommand, Rule, Subject},
    moving::Rebalance,
    pairing::Refusal,
    registry::{Metadata, NameCommand, NameError, NameOutcome},
};

/// A wish; it may be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run an agent; a specification of the same name is replaced and its agent started afresh.
    StartAgent {
        /// What to run.
        spec: Box<AgentSpec>,
        /// The node it runs on while that is up, if the user chose one.
        pin: Option<NodeId>,
        /// Whether an agent of this name may be replaced.
        replace: bool,
    },
    /// Stop an agent and keep its specification.
    StopAgent {
        /// Which agent.
        name: Name,
    },
    /// Start an agent afresh, or start a stopped or failed one.
    RestartAgent {
        /// Which agent.
        name: Name,
    },
    /// Run an agent on one node, or, with none, wherever it may.
    MoveAgent {
        /// Which agent.
        name: Name,
        /// Where to.
        to: Option<NodeId>,
    },
    /// Stop an agent and forget it.
    RemoveAgent {
        /// Which agent.
        name: Name,
    },
    /// Claim names for this node.
    Register {
        /// The names and what to tell of each.
        names: Vec<(Name, Metadata)>,
    },
    /// Give names of this node up.
    Deregister {
        /// Which names.
        names: Vec<Name>,
    },
    /// Anything else about names.
    Name(NameCommand),
    /// Change a counter or a variable without asking anyone.
    Merged(MergedCommand),
    /// Keep events that a person or a program tells of, all or none.
    Report {
        /// The events; their places in the batch are given to them.
        reports: Vec<Report>,
        /// What must hold before they are acknowledged.
        class: Class,
    },
    /// Ask a node nearby to be let into its cluster.
    Ask {
        /// Whom.
        peer: NodeId,
    },
    /// No longer ask.
    Withdraw,
    /// Let a stranger who asked into the cluster.
    Accept {
        /// Whom.
        node: NodeId,
        /// As what.
        role: Role,
    },
    /// Say no to a stranger who asked.
    Refuse {
        /// Whom.
        node: NodeId,
    },
    /// Make a single-use invite.
    Invite {
        /// What it admits as.
        role: Role,
        /// How long it can be used.
        ttl: Duration,
    },
    /// No longer honour an invite.
    Uninvite {
        /// As [`InviteView::id`](crate::pairing::InviteView::id) names it.
        id: String,
    },
    /// Use an invite of another cluster.
    UseInvite {
        /// The node that made it.
        host: NodeId,
        /// The secret in it.
        secret: [u8; 16],
    },
    /// Put a node out of the cluster for good.
    Revoke {
        /// Which node.
        node: NodeId,
    },
    /// Hand agents over and say goodbye: the node is about to stop, and comes back as a member.
    Leave,
    /// Let a node take no agents from here on, or let it take them again, which ends its drain.
    Cordon {
        /// Which node.
        node: NodeId,
        /// Whether it takes none.
        on: bool,
    },
    /// Have a node hand its agents over to the others, and then stop those that are left.
    Drain {
        /// Which node.
        node: NodeId,
        /// How long it hands agents over.
        deadline: Duration,
    },
    /// Have planned moves done, paused, resumed or ended.
    Rebalance(Rebalance),
    /// Rename this node.
    Rename {
        /// The new name, 1 to 40 characters.
        name: String,
    },
    /// Label this node.
    SetLabels {
        /// All labels from here on.
        labels: BTreeMap<String, String>,
    },
    /// Say which programs of others this node runs.
    SetPrograms {
        /// Which.
        programs: Programs,
    },
    /// Take another group for the cluster's: the one whose majority was lost is recovered by force.
    BeginLineage {
        /// Its number, drawn by chance.
        lineage: u64,
        /// How many wishes it begins with.
        revision: u64,
    },
    /// Something about the alerts of a rule and a subject.
    Alert {
        /// Which rule.
        rule: Rule,
        /// Which subject.
        subject: Subject,
        /// What.
        command: AlertCommand,
    },
    /// Keep what this node's user did to the settings as events.
    NoteSettings {
        /// What was done.
        facts: Vec<Fact>,
    },
    /// Keep what became of calls from this node as events: as many as a minute allows.
    NoteGuard {
        /// What, each of a name; by this node's user if a person did it.
        facts: Vec<(Name, Fact)>,
    },
}

/// What came of a command that was carried out; durable when it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or wanted: the view shows the rest.
    Done,
    /// An invite: the secret, which is shown once.
    Invite {
        /// Goes into the link.
        secret: [u8; 16],
        /// Names the invite in lists.
        id: String,
    },
    /// An outcome per name, in the order asked.
    Names(Vec<Result<(), CommandError>>),
    /// What came of anything else about names.
    Name(NameOutcome),
    /// What came of a change of a counter or a variable.
    Merged(MergedOutcome),
    /// Events were taken.
    Reported(Receipt),
}

/// Why a command was refused. Nothing changed, but for [`Self::Unconfirmed`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The actor's role does not allow it: ask someone with the role named.
    #[error("this takes the role {needs:?}")]
    Forbidden {
        /// The least role that may.
        needs: Role,
    },
    /// An agent has this name: choose another, or say that it may be replaced.
    #[error("{name} exists already")]
    AgentExists {
        /// Which name.
        name: Name,
    },
    /// No agent has this name.
    #[error("there is no agent {name}")]
    NoAgent {
        /// Which name.
        name: Name,
    },
    /// The node chosen cannot run the agent.
    #[error("{node:?} cannot run {name}: {}", reasons.join("; "))]
    CannotPlace {
        /// Which agent.
        name: Name,
        /// The node chosen.
        node: NodeId,
        /// The rules that exclude it, as sentences.
        reasons: Vec<String>,
    },
    /// Too few voters are in sight to say that no other node runs an exclusive agent, or holds a name.
    #[error("{have} of the {need} voters that it takes are in sight")]
    NoQuorum {
        /// In sight.
        have: u32,
        /// Needed.
        need: u32,
    },
    /// Another node holds the name.
    #[error("{name} is registered by {owner:?}")]
    NameTaken {
        /// Which name.
        name: Name,
        /// Who holds it.
        owner: NodeId,
    },
    /// This node does not hold the name.
    #[error("{name} is not registered here")]
    NotRegistered {
        /// Which name.
        name: Name,
    },
    /// This node holds as many names as it can.
    #[error("this node holds {capacity} names already")]
    Full {
        /// The limit.
        capacity: usize,
    },
    /// There is no such alert, or it is not active.
    #[error("there is no such alert")]
    NoAlert,
    /// There are no planned moves that this could be done to.
    #[error("no planned moves are in that state")]
    NoPlan,
    /// Something else about names was refused.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The change of a counter or a variable was refused.
    #[error(transparent)]
    Merged(#[from] coordination::Refused),
    /// The events cannot be taken.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The events are on this node's disk, and no other member that is up said in time that they are
    /// on its own: they will be copied when it can be reached.
    #[error("no other member confirmed the {count} events from {first} on in time")]
    Unconfirmed {
        /// The number of the first.
        first: u64,
        /// How many.
        count: u32,
    },
    /// No member or nearby node has this id.
    #[error("node {node:?} is not known")]
    NoNode {
        /// Which id.
        node: NodeId,
    },
    /// The specification cannot be taken.
    #[error("the specification cannot be taken")]
    Spec(#[from] SpecError),
    /// The value is not one that can be set.
    #[error("{field} cannot be {value:?}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What was asked.
        value: String,
    },
    /// Pairing said no.
    #[error("pairing was refused")]
    Pairing(#[from] Refusal),
    /// A node cannot put itself out.
    #[error("a node cannot put itself out; another admin can")]
    Itself,
    /// The disk does not take writes: make room or mend it, and the node goes on. What was on its way
    /// when that began may be done by then.
    #[error("the store does not take writes")]
    ReadOnly {
        /// What the store said.
        reason: String,
    },
}
