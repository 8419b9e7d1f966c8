//! What a node is told.

use std::sync::Arc;

use crate::{
    agent::{AgentState, Exit},
    agreed::{Tidings, Undone, Voters},
    coordination::Place,
    event::EventRecord,
    holding::{self, Held},
    ids::{Epoch, Name, NodeId, Ticket},
    monitor::Breach,
    node::Command,
    pairing::{Found, LobbyAnswer, LobbyFailure, LobbyRequest},
    replica::{DiskState, Load},
    settings::Values,
    supervision::Rented,
    wire::{Message, Publication},
};

/// What a node is told; one at a time, each at its moment.
#[derive(Clone, Debug)]
pub enum Input {
    /// A member's user wants something; answered by [`Effect::Reply`](crate::Effect::Reply).
    Command {
        /// Ties the reply to it.
        ticket: Ticket,
        /// The node whose user wants it.
        actor: NodeId,
        /// What is wanted.
        command: Command,
    },
    /// What this node's settings are from here on.
    Settings(Box<Values>),
    /// What the cluster agreed to change, as events that follow from its log, in order.
    Agreed(Vec<Arc<EventRecord>>),
    /// A member said something to this node.
    Message {
        /// Who.
        from: NodeId,
        /// What.
        message: Message,
    },
    /// A member said something to everyone.
    Published {
        /// Who; the transport checked the signature.
        from: NodeId,
        /// What.
        publication: Publication,
    },
    /// A fabric connection to a member stands; told once, however many connections there are.
    Connected {
        /// Who.
        peer: NodeId,
    },
    /// A newer connection to a member carries what is sent to it from here on: the path may have
    /// been cut until a moment ago.
    Renewed {
        /// Who.
        peer: NodeId,
    },
    /// The last fabric connection to a member closed.
    Disconnected {
        /// Who.
        peer: NodeId,
    },
    /// A dial asked for by [`Effect::Dial`](crate::Effect::Dial) failed.
    DialFailed {
        /// Who.
        peer: NodeId,
        /// How.
        failure: DialFailure,
    },
    /// Discovery came across a node in the lobby; told again whenever it is found again.
    Found(Found),
    /// Someone in the lobby asks; answered by
    /// [`Effect::LobbyAnswer`](crate::Effect::LobbyAnswer), within the same step.
    LobbyAsked {
        /// Who; the transport checked the key.
        from: NodeId,
        /// Ties the answer to it.
        ticket: Ticket,
        /// What.
        request: LobbyRequest,
    },
    /// A request made by [`Effect::LobbyRequest`](crate::Effect::LobbyRequest) ended.
    LobbyAnswered {
        /// Which request.
        ticket: Ticket,
        /// How it ended.
        result: Result<LobbyAnswer, LobbyFailure>,
    },
    /// Records are on disk.
    Appended {
        /// Which [`Effect::Append`](crate::Effect::Append).
        ticket: Ticket,
    },
    /// Records could not be written; the node refuses changes until [`StoreMended`](Self::StoreMended).
    /// The records may be written after all: then [`Appended`](Self::Appended) says so.
    AppendFailed {
        /// Which [`Effect::Append`](crate::Effect::Append).
        ticket: Ticket,
        /// What the store said.
        reason: String,
    },
    /// The disk takes records again, and took all that had failed.
    StoreMended,
    /// Stored events asked for by [`Effect::LoadEvents`](crate::Effect::LoadEvents).
    EventsLoaded {
        /// Which request.
        ticket: Ticket,
        /// The events, in order, without gaps.
        events: Vec<Arc<EventRecord>>,
    },
    /// The disk dropped events as [`Effect::DropEvents`](crate::Effect::DropEvents) asked, or as many
    /// of them as it does at once.
    EventsDropped {
        /// For each origin of which events went, the number of the first that is left.
        firsts: Vec<(NodeId, u64)>,
        /// Whether there are more to drop.
        more: bool,
    },
    /// The events on disk grew by a good part of what they may take, since it last looked.
    EventsGrown,
    /// The host started an agent: it takes messages.
    AgentStarted {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
    },
    /// An agent that hands its state over was started and waits for
    /// [`Effect::RestoreAgent`](crate::Effect::RestoreAgent).
    AgentWarm {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
    },
    /// A suspension asked for by [`Effect::SuspendAgent`](crate::Effect::SuspendAgent) is done: the
    /// agent has no call in hand, and its state; or it gave none. Either way it stays suspended.
    AgentSuspended {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// The state, or why there is none.
        result: Result<AgentState, String>,
    },
    /// A running agent gave its state, some [`Handoff::checkpoint_ms`] after it was last asked.
    ///
    /// [`Handoff::checkpoint_ms`]: crate::agent::Handoff::checkpoint_ms
    AgentSnapshot {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// The state.
        state: AgentState,
    },
    /// A life of an agent ended, whether asked for or not; told once for each start.
    AgentExited {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// How.
        exit: Exit,
    },
    /// What became of a claim on an exclusive agent or on the lease of this node's names; told again
    /// with each renewal.
    Tenure {
        /// On what.
        place: Place,
        /// Which claim.
        claim: Epoch,
        /// What became of it.
        tidings: Tidings,
    },
    /// Names changed hands, as the group agreed and this node took in.
    NamesHeld {
        /// The entry of the log as of which.
        index: u64,
        /// Whether these are all names that are held; if not, who holds those that changed.
        whole: bool,
        /// The names, and who holds each; none: nobody any more.
        names: Vec<(Name, Option<Held>)>,
    },
    /// What came of [`Effect::Agree`](crate::Effect::Agree).
    NamesAgreed {
        /// Which.
        ticket: Ticket,
        /// What.
        result: Result<holding::Done, Undone>,
    },
    /// The places of agents that pay for where they run, as the group agreed: all of them.
    Rented(Rented),
    /// So many voters of the group are in sight from here on.
    Voters(Voters),
    /// The machine goes to sleep in a moment, as its operating system said.
    Suspending,
    /// A sample of this machine.
    Sampled(Load),
    /// What this machine and its agents were found past their bounds in; told after each sample, also
    /// if it is nothing.
    Measured(Vec<Breach>),
    /// How its disk is; told when it changes.
    Disk(DiskState),
    /// The fabric listens here; told again when it changes.
    Listening {
        /// Every address, as multiaddresses.
        addresses: Vec<String>,
    },
    /// The lobby listens here; told again when it changes.
    LobbyListening {
        /// Every address, as multiaddresses.
        addresses: Vec<String>,
    },
}

/// Why a dial failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialFailure {
    /// Every address refused: the machine is there, and no process listens.
    Refused,
    /// No answer, no address, or no route.
    Unreachable,
    /// Someone else answered, or the member does not let us in.
    Denied,
}
