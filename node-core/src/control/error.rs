//! Why a command was refused, said so that a person can act on it.

mod advice;

use covey_logic::{
    CommandError, Name, NodeId,
    agent::SpecError,
    agreed::Denied,
    balancer,
    certificate::Role,
    coordination::Refused,
    economics,
    event::{EventId, ReportError},
    guard::{self, Shortage},
    pairing::Refusal,
    registry::NameError,
    sessions, settings,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    archive::{ArchiveError, ReplayError},
    comms::{CallError, MAX_BODY_LEN},
    consensus::{ProposeError, RecoveryError, SetAsideError},
    handle::{AskError, ChangeError, NoMessage},
    net::KnockError,
    settings::HereError,
    store::ReadError,
};

/// A refusal as every door tells it: the cause for programs, three sentences for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{what} {why} {next}")]
pub struct UiError {
    /// The cause, by its code.
    #[serde(flatten)]
    pub cause: Cause,
    /// What did not happen.
    pub what: Box<str>,
    /// Why not.
    pub why: Box<str>,
    /// What the reader can do.
    pub next: Box<str>,
}

/// The causes of a refusal.
///
/// Nothing changed, except after `no_answer`, where it is not known, and `unconfirmed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Cause {
    /// The caller did not show the token of this launch.
    Unauthorized,
    /// The request came through a host name or from a page that is not ours.
    ForeignOrigin,
    /// No command has this name.
    UnknownCommand {
        /// The name asked for.
        command: String,
    },
    /// No topic has this name, or its parameters are wrong.
    UnknownTopic {
        /// The topic asked for.
        topic: String,
    },
    /// The arguments are not those of the command.
    BadArguments {
        /// What is wrong with them.
        reason: String,
    },
    /// The request is larger than a door takes.
    TooLarge {
        /// Bytes allowed.
        max: usize,
    },
    /// The role of this node does not allow it.
    Forbidden {
        /// The least role that may.
        needs: Role,
    },
    /// An agent has this name.
    AgentExists {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
    },
    /// No agent has this name.
    NoAgent {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
    },
    /// The node chosen cannot run the agent.
    CannotPlace {
        /// Which agent.
        #[ts(type = "string")]
        name: Name,
        /// The node chosen.
        #[ts(type = "string")]
        node: NodeId,
        /// The rules that exclude it, as sentences.
        reasons: Vec<String>,
    },
    /// The agent exists and runs nowhere right now.
    NotRunning {
        /// Which agent.
        #[ts(type = "string")]
        name: Name,
    },
    /// The agent has as many messages waiting as it takes.
    Busy {
        /// Which agent.
        #[ts(type = "string")]
        name: Name,
    },
    /// The agent answered with an error of its own.
    AgentError {
        /// The code it gave, after JSON-RPC 2.0.
        #[ts(type = "number")]
        number: i64,
        /// What it said.
        message: String,
        /// More of it, if it said more.
        #[ts(type = "unknown")]
        data: Option<serde_json::Value>,
    },
    /// The agent, its node or the connection to it ended before the answer came.
    Interrupted {
        /// Which agent.
        #[ts(type = "string | null")]
        name: Option<Name>,
        /// The node that had the call.
        #[ts(type = "string")]
        node: NodeId,
    },
    /// What should travel to or from an agent is too large.
    TooBig {
        /// What.
        what: String,
    },
    /// Another node holds the name.
    NameTaken {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
        /// Who holds it.
        #[ts(type = "string")]
        owner: NodeId,
    },
    /// This node does not hold the name.
    NotRegistered {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
    },
    /// The name's metadata changed meanwhile.
    RevisionConflict {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
        /// The revision it is at.
        #[ts(type = "number")]
        revision: u64,
    },
    /// Another node owns the name.
    NotOwner {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
        /// Who owns it.
        #[ts(type = "string")]
        owner: NodeId,
    },
    /// This node holds the name for someone else.
    HeldHere {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
        /// The agent it is held for; none: the node itself.
        #[ts(type = "string | null")]
        holder: Option<Name>,
    },
    /// The agent does not run on this node.
    NotRunningHere {
        /// Which agent.
        #[ts(type = "string")]
        name: Name,
    },
    /// This node, or the agent, is not in the group.
    NotJoined {
        /// Which group.
        #[ts(type = "string")]
        group: Name,
        /// Which agent.
        #[ts(type = "string | null")]
        agent: Option<Name>,
    },
    /// Nobody registered the name in time.
    NotInTime {
        /// Which name.
        #[ts(type = "string")]
        name: Name,
    },
    /// As many wait for names as may.
    TooManyWait {
        /// The limit.
        max: usize,
    },
    /// This node is about to leave.
    Draining,
    /// Too few voters are in sight to agree on anything.
    NoQuorum {
        /// Voters in sight.
        have: u32,
        /// How many it takes.
        need: u32,
    },
    /// The group that agrees has no leader yet, or this node was not let into it.
    NoLeader,
    /// The group cannot be recovered by force.
    NoRecovery {
        /// Why.
        reason: String,
    },
    /// The group that agrees said no.
    Disagreed {
        /// Why.
        reason: Box<Refused>,
    },
    /// A guard of this node did not let it through.
    Guarded {
        /// Which, and why.
        reason: Box<guard::Refused>,
    },
    /// A change of settings cannot be made.
    SettingRefused {
        /// Why.
        reason: Box<settings::Refused>,
    },
    /// The ledger or an auction said no.
    MarketRefused {
        /// Why.
        reason: Box<economics::Refused>,
    },
    /// Tasks were not accepted, or not changed.
    TaskRefused {
        /// Why.
        reason: Box<balancer::Refused>,
    },
    /// What was asked of a session cannot be.
    SessionRefused {
        /// Why.
        reason: Box<sessions::Refused>,
    },
    /// The query cannot be answered.
    BadQuery {
        /// The rule it breaks.
        reason: String,
    },
    /// The metadata cannot be taken.
    BadMetadata {
        /// The rule it breaks.
        reason: String,
    },
    /// This node holds as many names as it can.
    Full {
        /// The limit.
        capacity: usize,
    },
    /// No member or nearby node has this id.
    NoNode {
        /// Which id.
        #[ts(type = "string")]
        node: NodeId,
    },
    /// A node did not answer, or cannot be reached.
    Unreachable {
        /// Which node or which part of this one.
        place: String,
    },
    /// No other Covey node answers at an address.
    NobodyThere {
        /// What was met there.
        reason: String,
    },
    /// The specification of an agent cannot be taken.
    BadSpec {
        /// The rule it breaks.
        reason: String,
    },
    /// The value cannot be set.
    Invalid {
        /// Which field.
        field: String,
        /// What was asked.
        value: String,
    },
    /// The invite link cannot be read.
    BadLink {
        /// What is wrong with it.
        reason: String,
    },
    /// Pairing said no.
    Pairing {
        /// Why.
        reason: Refusal,
    },
    /// A node cannot put itself out.
    Itself,
    /// There are no planned moves that this could be done to.
    NoPlan,
    /// There is no such alert, or it is not active.
    NoAlert,
    /// More measures were asked for than one answer holds.
    TooManyPoints {
        /// Asked for.
        #[ts(type = "number")]
        points: u64,
        /// Allowed.
        #[ts(type = "number")]
        most: u64,
    },
    /// The events cannot be taken.
    BadEvent {
        /// The rule that one of them breaks.
        reason: String,
    },
    /// The event that another follows from is not known here.
    UnknownParent {
        /// Which event.
        #[ts(type = "string")]
        parent: EventId,
    },
    /// The events are on this node's disk, and no other member said in time that it has them.
    Unconfirmed {
        /// The number of the first.
        #[ts(type = "number")]
        first: u64,
        /// How many.
        count: u32,
    },
    /// Stored events cannot be read.
    Unreadable {
        /// What the store said.
        reason: String,
    },
    /// An archive of a cluster that this node left cannot be read.
    NoArchive {
        /// Why.
        reason: String,
    },
    /// The disk does not take writes.
    ReadOnly {
        /// What the store said.
        reason: String,
    },
    /// The key of a call named another one before.
    KeyReused {
        /// Of which agent.
        #[ts(type = "string")]
        name: Name,
    },
    /// No call of this handle is known here.
    NoCall {
        /// Which handle.
        handle: String,
    },
    /// It is more at a time than this node does.
    TooMuch {
        /// What, and how much it does.
        reason: String,
    },
    /// No answer came in time; whether it was done is not known.
    NoAnswer,
    /// The node is stopping.
    Stopping,
}

impl From<Cause> for UiError {
    fn from(cause: Cause) -> Self {
        let (what, why, next) = sentences(&cause);
        Self { what: what.into(), why: why.into(), next: next.into(), cause }
    }
}

impl From<CommandError> for UiError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Forbidden { needs } => Cause::Forbidden { needs },
            CommandError::AgentExists { name } => Cause::AgentExists { name },
            CommandError::NoAgent { name } => Cause::NoAgent { name },
            CommandError::CannotPlace { name, node, reasons } => {
                Cause::CannotPlace { name, node, reasons }
            }
            CommandError::NoQuorum { have, need } => Cause::NoQuorum { have, need },
            CommandError::NameTaken { name, owner } => Cause::NameTaken { name, owner },
            CommandError::NotRegistered { name } => Cause::NotRegistered { name },
            CommandError::Full { capacity } => Cause::Full { capacity },
            CommandError::Name(error) => return error.into(),
            CommandError::NoNode { node } => Cause::NoNode { node },
            CommandError::Spec(error) => return error.into(),
            CommandError::Invalid { field, value } => Cause::Invalid { field: field.into(), value },
            CommandError::Pairing(reason) => Cause::Pairing { reason },
            CommandError::Itself => Cause::Itself,
            CommandError::NoPlan => Cause::NoPlan,
            CommandError::NoAlert => Cause::NoAlert,
            CommandError::Report(ReportError::UnknownParent { parent }) => {
                Cause::UnknownParent { parent }
            }
            CommandError::Merged(reason) => Cause::Disagreed { reason: Box::new(reason) },
            CommandError::Report(error) => Cause::BadEvent { reason: error.to_string() },
            CommandError::Unconfirmed { first, count } => Cause::Unconfirmed { first, count },
            CommandError::ReadOnly { reason } => Cause::ReadOnly { reason },
        }
        .into()
    }
}

impl From<NameError> for UiError {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Conflict { name, revision } => Cause::RevisionConflict { name, revision },
            NameError::NotOwner { name, owner } => Cause::NotOwner { name, owner },
            NameError::HeldHere { name, holder } => Cause::HeldHere { name, holder },
            NameError::NotRunningHere { agent } => Cause::NotRunningHere { name: agent },
            NameError::NotJoined { group, agent } => Cause::NotJoined { group, agent },
            NameError::TimedOut { name } => Cause::NotInTime { name },
            NameError::TooManyWait { capacity } => Cause::TooManyWait { max: capacity },
            NameError::Draining => Cause::Draining,
            NameError::NoLeader => Cause::NoLeader,
            NameError::Unknown => Cause::NoAnswer,
            NameError::Query(error) => Cause::BadQuery { reason: error.to_string() },
            NameError::Metadata(error) => Cause::BadMetadata { reason: error.to_string() },
        }
        .into()
    }
}

impl From<ArchiveError> for UiError {
    fn from(error: ArchiveError) -> Self {
        Cause::NoArchive { reason: error.to_string() }.into()
    }
}

impl From<ReplayError> for UiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Archive(error) => error.into(),
            ReplayError::Setting(error) => error.into(),
            ReplayError::Propose(error) => error.into(),
            ReplayError::Ask(error) => error.into(),
        }
    }
}

impl From<guard::Refused> for UiError {
    fn from(reason: guard::Refused) -> Self {
        Cause::Guarded { reason: Box::new(reason) }.into()
    }
}

impl From<settings::Refused> for UiError {
    fn from(reason: settings::Refused) -> Self {
        Cause::SettingRefused { reason: Box::new(reason) }.into()
    }
}

impl From<HereError> for UiError {
    fn from(error: HereError) -> Self {
        match error {
            HereError::Refused(reason) => reason.into(),
            HereError::Disk(_) | HereError::Entropy(_) => {
                Cause::ReadOnly { reason: error.to_string() }.into()
            }
        }
    }
}

impl From<ChangeError> for UiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(reason) => reason.into(),
            ChangeError::Propose(error) => error.into(),
            ChangeError::Here(error) => error.into(),
        }
    }
}

impl From<ProposeError> for UiError {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::Refused(Denied::Coordination(reason)) => {
                Cause::Disagreed { reason: Box::new(reason) }
            }
            ProposeError::Refused(Denied::Settings(reason)) => {
                Cause::SettingRefused { reason: Box::new(reason) }
            }
            ProposeError::Refused(Denied::Undrawn(undrawn)) => {
                Cause::ReadOnly { reason: undrawn.to_string() }
            }
            ProposeError::Refused(Denied::Economics(refused)) => {
                Cause::MarketRefused { reason: Box::new(refused) }
            }
            // Names are claimed by the node alone, which says so of each.
            ProposeError::Refused(Denied::Names(refused)) => {
                Cause::ReadOnly { reason: refused.to_string() }
            }
            ProposeError::Refused(Denied::Tasks(reason)) => {
                Cause::TaskRefused { reason: Box::new(reason) }
            }
            ProposeError::Refused(Denied::Sessions(reason)) => {
                Cause::SessionRefused { reason: Box::new(reason) }
            }
            ProposeError::NoQuorum { have, need } => Cause::NoQuorum { have, need },
            ProposeError::NoLeader => Cause::NoLeader,
            ProposeError::Forbidden => Cause::Forbidden { needs: Role::Worker },
            ProposeError::Unknown => Cause::NoAnswer,
            ProposeError::Stopped { reason } => Cause::ReadOnly { reason },
        }
        .into()
    }
}

impl From<RecoveryError> for UiError {
    fn from(error: RecoveryError) -> Self {
        match error {
            RecoveryError::Forbidden => Cause::Forbidden { needs: Role::Admin },
            RecoveryError::Store(error) => Cause::ReadOnly { reason: error.to_string() },
            RecoveryError::Agrees | RecoveryError::Outside | RecoveryError::Elsewhere { .. } => {
                Cause::NoRecovery { reason: error.to_string() }
            }
        }
        .into()
    }
}

impl From<SetAsideError> for UiError {
    fn from(error: SetAsideError) -> Self {
        match error {
            SetAsideError::Forbidden => Cause::Forbidden { needs: Role::Admin },
            SetAsideError::Whole => Cause::NoRecovery { reason: error.to_string() },
            SetAsideError::Store(error) => Cause::ReadOnly { reason: error.to_string() },
        }
        .into()
    }
}

impl From<SpecError> for UiError {
    fn from(error: SpecError) -> Self {
        Cause::BadSpec { reason: error.to_string() }.into()
    }
}

impl From<AskError> for UiError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(error) => error.into(),
            AskError::TimedOut => Cause::NoAnswer.into(),
            AskError::Stopped => Cause::Stopping.into(),
        }
    }
}

impl From<CallError> for UiError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unknown { name } => Cause::NoAgent { name },
            CallError::Stopped { name } | CallError::Unreachable { name, node: None } => {
                Cause::NotRunning { name }
            }
            CallError::Unreachable { node: Some(node), .. } => {
                Cause::Unreachable { place: format!("node {}", node.short()) }
            }
            CallError::Lost { node } => Cause::Interrupted { name: None, node },
            CallError::Crashed { name, node } => Cause::Interrupted { name: Some(name), node },
            CallError::TimedOut { .. } => Cause::NoAnswer,
            CallError::Busy { name } => Cause::Busy { name },
            CallError::Guarded(reason) => Cause::Guarded { reason },
            CallError::Refused => Cause::Forbidden { needs: Role::Worker },
            CallError::TooBig { what } => Cause::TooBig { what: what.into() },
            CallError::Agent { code, message, data } => Cause::AgentError {
                number: code,
                message,
                data: serde_json::from_slice(&data).ok(),
            },
            CallError::NotJson => Cause::BadArguments { reason: error.to_string() },
            CallError::KeyReused { name } => Cause::KeyReused { name },
            CallError::BadKey => Cause::Invalid { field: "key".into(), value: error.to_string() },
            CallError::NodeStopped => Cause::Stopping,
        }
        .into()
    }
}

impl From<NoMessage> for UiError {
    fn from(error: NoMessage) -> Self {
        match error {
            NoMessage::Ask(error) => error.into(),
            NoMessage::Query(error) => error.into(),
            NoMessage::TooMany | NoMessage::Busy => {
                Cause::TooMuch { reason: error.to_string() }.into()
            }
        }
    }
}

impl From<KnockError> for UiError {
    fn from(error: KnockError) -> Self {
        match error {
            KnockError::BadAddress(value) | KnockError::BadName(value) => {
                Cause::Invalid { field: "address".into(), value }
            }
            KnockError::UnknownHost(_)
            | KnockError::Refused
            | KnockError::Unreachable
            | KnockError::NotCovey
            | KnockError::Itself => Cause::NobodyThere { reason: error.to_string() },
            KnockError::Stopped => Cause::Stopping,
        }
        .into()
    }
}

impl From<ReadError> for UiError {
    fn from(error: ReadError) -> Self {
        Cause::Unreadable { reason: error.to_string() }.into()
    }
}

/// What, why, and what now.
#[expect(clippy::too_many_lines, reason = "one table, a row a cause")]
fn sentences(cause: &Cause) -> (&'static str, String, &'static str) {
    match cause {
        Cause::Unauthorized => (
            "The request was turned away.",
            "It does not carry the token of this launch.".into(),
            "Open the address that the node printed when it started.",
        ),
        Cause::ForeignOrigin => (
            "The request was turned away.",
            "It came through another host name or from a page of another site.".into(),
            "Open the address that the node printed when it started.",
        ),
        Cause::UnknownCommand { command } => (
            "Nothing was done.",
            format!("There is no command {command:?}."),
            "Check its spelling and that both sides are of one version.",
        ),
        Cause::UnknownTopic { topic } => (
            "Nothing was subscribed to.",
            format!("There is no topic {topic:?} with these parameters."),
            "Check its spelling and that both sides are of one version.",
        ),
        Cause::BadArguments { reason } => (
            "Nothing was done.",
            format!("The arguments do not fit: {reason}."),
            "Correct them and try again.",
        ),
        Cause::TooLarge { max } => (
            "Nothing was done.",
            format!("The request is larger than {max} bytes."),
            "Send fewer or smaller files.",
        ),
        Cause::Forbidden { needs } => (
            "Nothing was done.",
            format!("This takes the role {}, which this node does not have.", role(*needs)),
            "Do it on a node that has the role, or ask an admin for it.",
        ),
        Cause::AgentExists { name } => (
            "The agent was not started.",
            format!("An agent {name} exists already."),
            "Choose another name, or replace it.",
        ),
        Cause::NoAgent { name } => (
            "Nothing was done.",
            format!("There is no agent {name} in this cluster."),
            "Look at the list of agents; it may have been removed.",
        ),
        Cause::CannotPlace { name, node, reasons } => (
            "Nothing was done.",
            format!("{name} cannot run on node {}: {}.", node.short(), reasons.join("; ")),
            "Choose another node, or let the cluster choose.",
        ),
        Cause::NotRunning { name } => (
            "The message was not delivered.",
            format!("{name} runs on no node right now."),
            "Look at why it does not run, or restart it.",
        ),
        Cause::Busy { name } => (
            "The message was not delivered.",
            format!("{name} has as many messages waiting as it takes."),
            "Try again in a moment.",
        ),
        Cause::KeyReused { name } => (
            "The message was not delivered.",
            format!("Its key was given to another call of {name} before."),
            "Choose a new key for each call.",
        ),
        Cause::NoCall { handle } => (
            "There is no answer.",
            format!(
                "This node knows of no call {handle}: it forgets them ten minutes after they ended."
            ),
            "Ask the node that took the call, and sooner; or call again.",
        ),
        Cause::TooMuch { reason } => (
            "Nothing was done.",
            format!("It would be {reason}."),
            "Do less at a time, or try again in a moment.",
        ),
        Cause::AgentError { message, number, .. } => (
            "The agent answered with an error.",
            format!("It said {message:?} (code {number})."),
            "Check the method and its parameters, and the agent's logs.",
        ),
        Cause::Interrupted { name, node } => (
            "It is not known whether the agent did what was asked.",
            match name {
                Some(name) => format!("{name} ended on node {} before it answered.", node.short()),
                None => format!("The connection to node {} was lost.", node.short()),
            },
            "Ask the agent what it did before you try again.",
        ),
        Cause::TooBig { what } => (
            "The message was not delivered.",
            format!("{} of more than {MAX_BODY_LEN} bytes cannot travel.", capitalised(what)),
            "Send or ask for less at a time.",
        ),
        Cause::NameTaken { name, owner } => (
            "The name was not registered.",
            format!("{name} is held by node {}.", owner.short()),
            "Choose another name, or have it given up there.",
        ),
        Cause::NotRegistered { name } => (
            "Nothing was done.",
            format!("{name} is not registered by this node."),
            "Do it on the node that holds the name.",
        ),
        Cause::RevisionConflict { name, revision } => (
            "The metadata was not changed.",
            format!("Somebody else changed that of {name}; it is at revision {revision}."),
            "Read it again and decide anew.",
        ),
        Cause::NotOwner { name, owner } => (
            "Nothing was changed.",
            format!("{name} is owned by node {}.", owner.short()),
            "Do it on that node.",
        ),
        Cause::HeldHere { name, holder } => (
            "The name was not registered.",
            format!(
                "{name} is held here for {}.",
                holder.as_ref().map_or("the node itself", Name::as_str)
            ),
            "Choose another name, or have it given up first.",
        ),
        Cause::NotRunningHere { name } => (
            "Nothing was done.",
            format!("{name} does not run on this node."),
            "Do it on the node that runs the agent.",
        ),
        Cause::NotJoined { group, agent } => (
            "Nothing was done.",
            format!(
                "{} is not in {group}.",
                capitalised(agent.as_ref().map_or("this node", Name::as_str))
            ),
            "Look at the members of the group.",
        ),
        Cause::NotInTime { name } => (
            "The wait is over.",
            format!("Nobody registered {name} in time."),
            "Check that what should register it runs, or wait longer.",
        ),
        Cause::TooManyWait { max } => (
            "Nothing is waited for.",
            format!("{max} wait for names on this node already."),
            "Try again when some of them have ended.",
        ),
        Cause::Draining => (
            "Nothing was registered.",
            "This node is about to leave, and its names would go with it.".into(),
            "Do it on another node.",
        ),
        Cause::NoQuorum { have, need } => (
            "Nothing was changed.",
            format!("{have} of the {need} voters that it takes to agree are in sight."),
            "Bring a voter back, or wait until one is.",
        ),
        Cause::NoLeader => (
            "Nothing was changed.",
            "The group that agrees has no leader yet, or has not let this node in.".into(),
            "Try again in a few seconds.",
        ),
        Cause::NoRecovery { reason } => (
            "Nothing was changed.",
            format!("The group cannot be recovered here: {reason}."),
            "Recover when voters are lost for good, on the member that holds most.",
        ),
        Cause::Disagreed { reason } => (
            "Nothing was changed.",
            format!("It cannot be: {reason}."),
            match **reason {
                Refused::Held { .. } | Refused::LineFull { .. } => "Wait for it, or come again.",
                Refused::Over { .. } => "Look again: it has moved on.",
                Refused::Permits { .. } | Refused::Parties { .. } => {
                    "Say the same number as the others, or wait until they are gone."
                }
                Refused::Unfit { .. } => "Write what its rule allows.",
                Refused::NotWriter { .. } => "Ask on one of the nodes that may.",
                Refused::Terms | Refused::FencedTwice => "Ask for something that can be kept.",
                Refused::Fenced { .. } => "Stop acting on it, and take the lock again.",
                Refused::Conflict { .. } => "Read it again and decide anew.",
                Refused::Lease { .. } | Refused::TooLarge { .. } | Refused::Overflow { .. } => {
                    "Choose something within the bounds."
                }
                Refused::Full { .. } | Refused::OutOfSpace { .. } => "Remove something first.",
                Refused::OtherScope { .. } => "Use it in that scope, or choose another name.",
                Refused::Ambiguous { .. } => "Say which scope is meant.",
                Refused::Unagreed { .. } => "Ask in scope cluster, or do without.",
            },
        ),
        Cause::Guarded { reason } => (
            "Nothing was done.",
            format!("{}.", capitalised(&reason.to_string())),
            match **reason {
                guard::Refused::Rate { shortage: Shortage::Rate | Shortage::Room, .. } => {
                    "Wait a moment, or allow more: rates.rules says how often."
                }
                guard::Refused::Rate { shortage: Shortage::Majority, .. } => {
                    "Bring a voter back, or have the rule go on without one."
                }
                guard::Refused::Breaker { .. } => {
                    "Look at why the agent fails, then wait or reset its breaker."
                }
                guard::Refused::Bulkhead { .. } => {
                    "Ask for less at a time, or allow more: calls.at_once says how much."
                }
            },
        ),
        Cause::MarketRefused { reason } => (
            "Nothing was paid or bid.",
            format!("It cannot be: {reason}."),
            advice::in_market(reason),
        ),
        Cause::SettingRefused { reason } => (
            "No setting was changed.",
            format!("It cannot be: {reason}."),
            match **reason {
                settings::Refused::Unknown { .. } => "See the list of settings.",
                settings::Refused::Invalid { .. } => "Choose another value.",
                settings::Refused::NotHere { .. } => "Set it for the cluster.",
                settings::Refused::Twice { .. } | settings::Refused::Nothing => {
                    "Say what to change, each setting once."
                }
                settings::Refused::Conflict { .. } => "Look at them again and decide anew.",
                settings::Refused::NoVersion { .. } => "Choose a version of the history.",
                settings::Refused::Full { .. } => "Change or unset less, or withdraw what waits.",
            },
        ),
        Cause::SessionRefused { reason } => {
            ("Nothing was changed.", format!("It cannot be: {reason}."), advice::in_session(reason))
        }
        Cause::NoArchive { reason } => (
            "Nothing was done.",
            format!("The archive cannot be read: {reason}."),
            "See the list of archives.",
        ),
        Cause::TaskRefused { reason } => (
            "No task was accepted or changed.",
            format!("It cannot be: {reason}."),
            match **reason {
                balancer::Refused::Count { .. } | balancer::Refused::TooLarge { .. } => {
                    "Submit fewer at a time, or less with each."
                }
                balancer::Refused::Full { .. } | balancer::Refused::OutOfSpace { .. } => {
                    "Wait until some are over, or cancel some."
                }
                balancer::Refused::Unfit { .. } => "Choose another value.",
                balancer::Refused::KeyReused { .. } => "Choose a new key for each task.",
                balancer::Refused::NoTask { .. } => "See the list of tasks.",
                balancer::Refused::NotYours { .. } => "Have whoever submitted it cancel it.",
                balancer::Refused::NotByAuction { .. } => {
                    "Choose the strategy `auction` for the queue first."
                }
                balancer::Refused::PaysByAuction { .. } => {
                    "Wait until the tasks that pay are over, or cancel them."
                }
                balancer::Refused::TooManyQueues { .. } => "Set the strategy of a queue back.",
            },
        ),
        Cause::BadQuery { reason } => (
            "Nothing was looked for.",
            format!("The query cannot be answered: {reason}."),
            "Correct the query and try again.",
        ),
        Cause::BadMetadata { reason } => (
            "Nothing was changed.",
            format!("The metadata cannot be taken: {reason}."),
            "Say less, or name the fields otherwise.",
        ),
        Cause::Full { capacity } => (
            "The name was not registered.",
            format!("This node holds {capacity} names already."),
            "Give names up that are no longer used.",
        ),
        Cause::NoNode { node } => (
            "Nothing was done.",
            format!("Node {} is neither a member nor nearby.", node.short()),
            "Check that it runs and is on the same network.",
        ),
        Cause::Unreachable { place } => (
            "No answer came.",
            format!("{place} cannot be reached."),
            "Check that the machine is on, and that its firewall lets Covey through.",
        ),
        Cause::NobodyThere { reason } => (
            "No node was found.",
            format!("{}.", capitalised(reason)),
            "Check the address, that Covey runs there, and that a firewall lets it through.",
        ),
        Cause::BadSpec { reason } => (
            "The agent was not started.",
            format!("Its specification cannot be taken: {reason}."),
            "Correct the specification and try again.",
        ),
        Cause::Invalid { field, value } => (
            "Nothing was changed.",
            format!("{field} cannot be {value:?}."),
            "Choose another value.",
        ),
        Cause::BadLink { reason } => (
            "Nobody was asked.",
            format!("The invite link cannot be read: {reason}."),
            "Copy the link whole, or ask for a new one.",
        ),
        Cause::Pairing { reason } => (
            "The nodes were not paired.",
            format!("{}.", capitalised(&reason.to_string())),
            "Ask again, or ask a person at the other machine.",
        ),
        Cause::NoPlan => (
            "Nothing was changed.",
            "No planned moves are in that state.".into(),
            "Look at the planned moves, or start some.",
        ),
        Cause::NoAlert => (
            "Nothing was changed.",
            "There is no such alert, or it is over.".into(),
            "Look at the alerts again.",
        ),
        Cause::TooManyPoints { points, most } => (
            "Nothing was read.",
            format!("{points} values were asked for, and one answer holds {most}."),
            "Ask for a longer step, a shorter span, or fewer metrics.",
        ),
        Cause::Itself => (
            "Nothing was done.",
            "A node cannot put itself out of its cluster.".into(),
            "Do it on the node of another admin.",
        ),
        Cause::ReadOnly { reason } => (
            "Nothing was changed.",
            format!("The disk does not take writes: {reason}."),
            "Make room on the disk or mend it: the node goes on by itself.",
        ),
        Cause::BadEvent { reason } => (
            "None of the events was kept.",
            format!("{}.", capitalised(reason)),
            "Say less, or tell of fewer at once.",
        ),
        Cause::UnknownParent { parent } => (
            "None of the events was kept.",
            format!("The event {parent} that one follows from is not known to this node."),
            "Tell of it first, or wait until this node has heard of it.",
        ),
        Cause::Unconfirmed { first, count } => (
            "The events are kept here, and perhaps nowhere else.",
            format!("No other member said in time that it has the {count} from {first} on."),
            "Do not tell of them again: they are copied once another member can be reached.",
        ),
        Cause::Unreadable { reason } => (
            "The events were not read.",
            format!("{}.", capitalised(reason)),
            "Mend the disk, then restart the node; the other nodes have the events too.",
        ),
        Cause::NoAnswer => (
            "It is not known whether it was done.",
            "No answer came in time.".into(),
            "Look at the present state before you try again.",
        ),
        Cause::Stopping => (
            "Nothing was done.",
            "The node is stopping.".into(),
            "Start it again, or use another node.",
        ),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Observer => "observer",
        Role::Worker => "worker",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_reads_back_as_it_was_written() {
        let error = UiError::from(Cause::Forbidden { needs: Role::Admin });

        let text = serde_json::to_string(&error).unwrap();

        assert!(text.starts_with(r#"{"code":"forbidden","needs":"admin","what":"#), "{text}");
        assert_eq!(serde_json::from_str::<UiError>(&text).unwrap(), error);
    }
}
