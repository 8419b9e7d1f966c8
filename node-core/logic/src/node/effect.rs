//! What a node wants done.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    agent::{AgentSpec, AgentState},
    comms::Route,
    coordination::Place,
    event::EventRecord,
    event_store::Expiry,
    hlc::Stamp,
    holding,
    ids::{Epoch, Name, NodeId, Ticket},
    merged::LocalVariable,
    moving::Snapshot,
    node::{Belongings, CommandError, Outcome},
    pairing::{Hello, LobbyAnswer, LobbyRequest},
    replica::{Shared, SharedKey},
    time::Wall,
    wire::{Message, Publication},
};

/// What a node wants done; data, done in the order given.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send to a connected member; lost without a word if the connection is gone.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        message: Message,
    },
    /// Send to every member by gossip; may be lost.
    Publish(Publication),
    /// Let exactly these peers into the fabric, and close the connections of all others.
    Allow(BTreeSet<NodeId>),
    /// Dial a member on the fabric, beside a connection that may stand.
    Dial {
        /// Whom.
        peer: NodeId,
        /// Addresses to try first; the address book and the routing table know more.
        addresses: Vec<String>,
    },
    /// Close every fabric connection to a peer.
    Disconnect {
        /// Whom.
        peer: NodeId,
    },
    /// What to answer to a bare hello from here on, also for discovery to announce.
    SetHello(Hello),
    /// Ask a node in the lobby.
    LobbyRequest {
        /// Ties the answer to it.
        ticket: Ticket,
        /// Whom.
        to: NodeId,
        /// What.
        request: LobbyRequest,
    },
    /// The lobby of a node is said to be at these addresses.
    LobbyLocated {
        /// Whose.
        node: NodeId,
        /// Where, as multiaddresses.
        addresses: Vec<String>,
    },
    /// Answer a node in the lobby.
    LobbyAnswer {
        /// Which question.
        ticket: Ticket,
        /// What.
        answer: LobbyAnswer,
    },
    /// Write records durably, all or none, in the order of the effects.
    Append {
        /// Ties the acknowledgement to it.
        ticket: Ticket,
        /// What.
        records: Vec<Record>,
    },
    /// Keep what this node leaves behind as it enters another cluster, with what the group agreed on,
    /// where people can read it; before what follows is done.
    Archive(Box<Belongings>),
    /// Read stored events of one origin.
    LoadEvents {
        /// Ties the events to it.
        ticket: Ticket,
        /// Whose.
        origin: NodeId,
        /// From which sequence number on.
        from: u64,
        /// How many at most.
        limit: u32,
    },
    /// Drop stored events that may go, oldest first, of each origin those from its first on; ends in
    /// `EventsDropped`.
    DropEvents(Expiry),
    /// Others hold own events up to the one numbered `last`, and this disk does not: it lost the end
    /// of what it held, and must take nothing more.
    Forgotten {
        /// The number of the last that others hold.
        last: u64,
    },
    /// Start an agent; ends in `AgentStarted` or `AgentExited`. One that hands its state over takes no
    /// calls before [`Self::RestoreAgent`]; that it is ready for it is told by `AgentWarm`.
    StartAgent {
        /// What to run.
        spec: Arc<AgentSpec>,
        /// Which life it is.
        epoch: Epoch,
        /// Under which fencing token, if the group granted it.
        token: Option<u64>,
    },
    /// Ask the group for an exclusive agent or for the lease on this node's names, and renew it until
    /// [`Self::Release`]; each answer is an [`Input::Tenure`](crate::Input::Tenure).
    Claim {
        /// What.
        place: Place,
        /// Tells the claim apart from every other.
        claim: Epoch,
        /// How long the lease lasts.
        lease: Duration,
    },
    /// Give it back; nothing of it runs here, or is held here, any more.
    Release {
        /// What.
        place: Place,
        /// Under which claim.
        claim: Epoch,
    },
    /// Have the group change who holds names; ends in [`Input::NamesAgreed`](crate::Input).
    Agree {
        /// Ties the answer to it.
        ticket: Ticket,
        /// What.
        act: holding::Act,
    },
    /// Give an agent that was started and waits its state, or let it begin without; ends in
    /// `AgentStarted` or `AgentExited`. May come before `AgentWarm`.
    RestoreAgent {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// What it goes on from.
        state: Option<AgentState>,
    },
    /// Hold new calls of an agent back, let it finish those it has, and take its state; ends in
    /// `AgentSuspended` or `AgentExited`.
    SuspendAgent {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
    },
    /// Give a suspended agent the calls that were held back; one whose suspension is under way goes
    /// on as if it had not been asked for.
    ResumeAgent {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
    },
    /// Give a running agent the state of a life that lost its name to it: it makes one of both if it
    /// can, and goes on as it is if not.
    MergeAgent {
        /// Which agent.
        name: Name,
        /// Which life, the one that won.
        epoch: Epoch,
        /// What the other life had.
        state: AgentState,
    },
    /// Stop an agent: ask it, and kill it after `grace`; ends in `AgentExited`.
    StopAgent {
        /// Which agent.
        name: Name,
        /// Which life.
        epoch: Epoch,
        /// How long it may take.
        grace: Duration,
    },
    /// Messages for `name` go there from here on, or nowhere.
    Route {
        /// Which name.
        name: Name,
        /// Where to.
        route: Option<Route>,
    },
    /// Answer a command.
    Reply {
        /// Which command.
        ticket: Ticket,
        /// What came of it.
        result: Result<Outcome, CommandError>,
    },
}

/// What the store keeps; each is small but for specifications, which carry files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The value of a shared key; the one before is replaced.
    Shared {
        /// Which key.
        key: SharedKey,
        /// When it was written and by whom.
        stamp: Stamp,
        /// The value, or the mark of its removal.
        value: Shared,
    },
    /// The copy of an agent's state; the one before is replaced, or with none forgotten.
    Snapshot(Name, Option<Snapshot>),
    /// Every shared value and every copy of a state is forgotten: this node enters another cluster.
    ClearShared,
    /// The profile; the one before is replaced.
    Profile(crate::node::Profile),
    /// Since when this node writes counters and variables that merge; forgotten with the shared
    /// values.
    WritesSince((Wall, u32)),
    /// A variable of this node alone; the one before is replaced, or with none forgotten.
    Local(Name, Option<LocalVariable>),
    /// An event, of this node or of another.
    Event(Arc<EventRecord>),
    /// No event of `origin` before `first` is kept, and the next is that one: those between are gone
    /// everywhere.
    EventsFrom {
        /// Whose.
        origin: NodeId,
        /// The number of the first that is kept.
        first: u64,
    },
}
