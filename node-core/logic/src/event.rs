//! What happened, as facts: the only thing services share, and what people read afterwards.

mod agreed;
mod id;
mod minute;
mod report;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use agreed::{Excerpt, Parting, SessionFate};
pub use id::{EventId, EventNameError, EventType};
pub use minute::{Minute, Verdict};
pub use report::{BatchPlace, Class, Report, ReportError};

use crate::{
    agent::{ExitReason, Phase},
    certificate::Role,
    coordination::{Fate, Holder, Place, Scope},
    credits::Credits,
    economics::Account,
    hlc::Stamp,
    ids::{Name, NodeId},
    monitor::{Rule, Severity, Subject},
    moving::PlanPhase,
    registry::{Backend, Metadata, Precedence},
    settings::Layer,
    time::Wall,
};

/// One event in the store: who saw it, in which order, and what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventRecord {
    /// The node that saw it.
    #[ts(type = "string")]
    pub origin: NodeId,
    /// Its place among the events of that node, from 1, without gaps.
    #[ts(type = "number")]
    pub seq: u64,
    /// When, in an order that follows causality across nodes.
    #[ts(type = "{ wall: number; counter: number; node: string }")]
    pub stamp: Stamp,
    /// The node whose user caused it, if a person did.
    #[ts(type = "string | null")]
    pub actor: Option<NodeId>,
    /// What happened.
    #[serde(with = "crate::wire::tagged")]
    #[ts(as = "Fact")]
    pub fact: Fact,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(missing_docs, reason = "field names repeat the nouns of the variant's sentence")]
pub enum Fact {
    /// The node that reports it started.
    NodeStarted { version: String },
    /// A person renamed the node that reports it.
    NodeRenamed { old: String, new: String },
    /// The reporting node set which programs of others it runs.
    ProgramsAllowed { cluster: bool },
    /// The labels of the reporting node were set.
    LabelsSet { labels: Vec<String> },
    /// A node was let into the cluster.
    MemberAdmitted {
        #[ts(type = "string")]
        node: NodeId,
        name: String,
        role: Role,
    },
    /// A node was put out of the cluster.
    MemberRevoked {
        #[ts(type = "string")]
        node: NodeId,
    },
    /// The reporting node holds `node` to be up again.
    MemberUp {
        #[ts(type = "string")]
        node: NodeId,
    },
    /// The reporting node stopped hearing from `node`.
    MemberSuspected {
        #[ts(type = "string")]
        node: NodeId,
    },
    /// The reporting node holds `node` to be down.
    MemberDown {
        #[ts(type = "string")]
        node: NodeId,
        cause: DownCause,
    },
    /// `node` said that it leaves for now.
    MemberLeft {
        #[ts(type = "string")]
        node: NodeId,
    },
    /// `node` said that its machine goes to sleep.
    MemberSleeps {
        #[ts(type = "string")]
        node: NodeId,
    },
    /// A stranger asks to join.
    JoinAsked {
        #[ts(type = "string")]
        node: NodeId,
        name: String,
        code: String,
    },
    /// A person said no to a stranger.
    JoinRefused {
        #[ts(type = "string")]
        node: NodeId,
    },
    /// An invite was made.
    InviteMade { role: Role },
    /// A person asked for an agent to run.
    AgentWanted {
        #[ts(type = "string")]
        name: Name,
    },
    /// A person asked for an agent to stop.
    AgentUnwanted {
        #[ts(type = "string")]
        name: Name,
    },
    /// A person asked for an agent to be started afresh.
    AgentRestartAsked {
        #[ts(type = "string")]
        name: Name,
    },
    /// A person asked for an agent to run on `to`.
    AgentMoveAsked {
        #[ts(type = "string")]
        name: Name,
        #[ts(type = "string")]
        to: NodeId,
    },
    /// An agent and its specification were removed.
    AgentRemoved {
        #[ts(type = "string")]
        name: Name,
    },
    /// The reporting node began to start an agent, for this reason.
    AgentPlaced {
        #[ts(type = "string")]
        name: Name,
        reason: PlacedFor,
    },
    /// An agent runs on the reporting node.
    AgentStarted {
        #[ts(type = "string")]
        name: Name,
    },
    /// An agent on the reporting node ended.
    AgentExited {
        #[ts(type = "string")]
        name: Name,
        reason: ExitReason,
        next: Phase,
    },
    /// The reporting node handed an agent over to `to` with its state.
    AgentHandedOver {
        #[ts(type = "string")]
        name: Name,
        #[ts(type = "string")]
        to: NodeId,
    },
    /// An agent was not handed over to `to`, and goes on at the reporting node.
    HandOverFailed {
        #[ts(type = "string")]
        name: Name,
        #[ts(type = "string")]
        to: NodeId,
        reason: String,
    },
    /// An agent goes on at the reporting node from the copy of its state that `keeper` kept.
    StateRestored {
        #[ts(type = "string")]
        name: Name,
        #[ts(type = "string")]
        keeper: NodeId,
    },
    /// An agent began afresh at the reporting node: the copies of its state, the newest of which
    /// `keeper` kept, cannot be reached.
    StateLost {
        #[ts(type = "string")]
        name: Name,
        #[ts(type = "string")]
        keeper: NodeId,
    },
    /// A person said whether `node` takes agents.
    NodeCordoned {
        #[ts(type = "string")]
        node: NodeId,
        cordoned: bool,
    },
    /// A person asked for `node` to hand its agents over.
    DrainAsked {
        #[ts(type = "string")]
        node: NodeId,
        #[ts(type = "number")]
        until: Wall,
    },
    /// The reporting node holds no agents any more, as it was asked.
    Drained { moved: u32 },
    /// A person asked for planned moves, or for them to pause, go on or end.
    RebalanceSet { phase: PlanPhase, moves: u32 },
    /// The reporting node stopped its copy: another node's claim won.
    ClaimLost {
        #[ts(type = "string")]
        name: Name,
        #[ts(type = "string")]
        winner: NodeId,
        #[serde(default)]
        why: Precedence,
        #[serde(default)]
        #[ts(type = "Record<string, string | string[]>")]
        lost: Metadata,
        #[serde(default)]
        #[ts(type = "Record<string, string | string[]>")]
        won: Metadata,
    },
    /// A person chose what keeps the names of a namespace.
    NamespaceSet { namespace: String, backend: Backend },
    /// A person had every name and agent of a namespace go.
    NamespaceCleaned { namespace: String },
    /// A node sent a stamp too far ahead; its clock is wrong.
    ClockAhead {
        #[ts(type = "string")]
        node: NodeId,
    },
    /// A person or a program told of something.
    Reported(Report),
    /// A person set or unset a setting: for all nodes, for `node`, or on the reporting node until it
    /// stops.
    SettingChanged {
        #[ts(type = "string")]
        key: Name,
        layer: Layer,
        #[ts(type = "string | null")]
        node: Option<NodeId>,
        old: Option<String>,
        new: Option<String>,
        #[ts(type = "number | null")]
        version: Option<u64>,
    },
    /// A change of settings waits at the reporting node until a majority is there.
    SettingsQueued { change: String },
    /// A change of settings that waited was not made.
    SettingsDropped { change: String, reason: String },
    /// A damaged store was set aside; what other members hold of it fills an empty one.
    StoreSetAside { aside: String },
    /// The group of the cluster was recovered by force, from so many wishes that the node held.
    GroupRecovered {
        #[ts(type = "number")]
        revision: u64,
    },
    /// A lock, an election or a permit was granted.
    PlaceTaken {
        place: Place,
        holder: Holder,
        #[ts(type = "number")]
        token: u64,
    },
    /// A lock, an election or a permit is held no more.
    PlaceLeft {
        place: Place,
        holder: Holder,
        #[ts(type = "number")]
        token: u64,
        how: Parting,
    },
    /// A generation of a barrier ended.
    BarrierEnded {
        #[ts(type = "string")]
        barrier: Name,
        #[ts(type = "number")]
        generation: u64,
        parties: u32,
        fate: Fate,
    },
    /// A counter is there: somebody changed it for the first time.
    CounterMade {
        #[ts(type = "string")]
        counter: Name,
    },
    /// A counter was removed.
    CounterRemoved {
        #[ts(type = "string")]
        counter: Name,
        value: String,
    },
    /// A variable was made, written or removed; `was` is the version before, nought: none.
    VariableChanged {
        #[ts(type = "string")]
        variable: Name,
        old: Option<Excerpt>,
        new: Option<Excerpt>,
        #[ts(type = "number")]
        was: u64,
        #[ts(type = "number")]
        version: u64,
    },
    /// A question was settled.
    QuestionSettled {
        #[ts(type = "string")]
        question: Name,
        answer: Excerpt,
    },
    /// What a question was settled to was forgotten.
    QuestionReopened {
        #[ts(type = "string")]
        question: Name,
        answer: Excerpt,
    },
    /// Too many changes of one name, or of all, to tell each: those until the minute is over are left
    /// out; once it is, how many they were.
    ChangesOmitted {
        #[ts(type = "string | null")]
        name: Option<Name>,
        #[ts(type = "number | null")]
        count: Option<u64>,
    },
    /// The reporting node lost its disk: of its events these may have been there, and no other node
    /// that it reached had them.
    EventsLost {
        #[ts(type = "number")]
        from: u64,
        #[ts(type = "number")]
        to: u64,
    },
    /// The reporting node came from another cluster, with so many agents; what stayed behind is in
    /// its archive.
    ClusterEntered { from: String, agents: u32 },
    /// Calls of an agent from the reporting node failed, went well again, or were let through: its
    /// breaker turned, and the other nodes were told.
    BreakerTurned {
        #[ts(type = "string")]
        name: Name,
        to: BreakerTurn,
    },
    /// A rate begins anew on every node: of all who ask, or of one.
    RateReset {
        operation: String,
        #[ts(type = "string | null")]
        actor: Option<Name>,
    },
    /// A counter that merges was changed at the reporting node; its value is as that knows it.
    CounterChanged {
        #[ts(type = "string")]
        counter: Name,
        #[ts(type = "number")]
        by: i64,
        value: String,
    },
    /// A variable that needs no agreement was made, written or removed at the reporting node. What
    /// one of scope `local` holds is not told.
    VariableWritten {
        #[ts(type = "string")]
        variable: Name,
        scope: Scope,
        old: Option<Excerpt>,
        new: Option<Excerpt>,
        removed: bool,
    },
    /// Too many events of one name at the reporting node, or of all, to tell each: those until the
    /// minute is over are left out; once it is, how many they were.
    EventsOmitted {
        #[ts(type = "string | null")]
        name: Option<Name>,
        #[ts(type = "number | null")]
        count: Option<u64>,
    },
    /// An agent that the reporting node brought from another cluster was not taken over: there was
    /// one of its name.
    AgentConflicted {
        #[ts(type = "string")]
        name: Name,
    },
    /// An admin put new credits into an account.
    CreditsIssued { to: Account, amount: Credits },
    /// An auction was opened.
    AuctionOpened {
        #[ts(type = "number")]
        auction: u64,
        auction_kind: String,
        lot: Excerpt,
        seller: Account,
    },
    /// An auction came to its end: the lot is paid, or nobody got it.
    AuctionClosed {
        #[ts(type = "number")]
        auction: u64,
        auction_kind: String,
        lot: Excerpt,
        seller: Account,
        winner: Option<Account>,
        price: Option<Credits>,
    },
    /// The seller took the lot back; what was held is free.
    AuctionCancelled {
        #[ts(type = "number")]
        auction: u64,
        auction_kind: String,
        lot: Excerpt,
        reason: Excerpt,
    },
    /// A session began.
    SessionStarted {
        #[ts(type = "number")]
        session: u64,
        protocol: String,
        participants: u32,
        subject: Excerpt,
    },
    /// A session ended, and how.
    SessionEnded {
        #[ts(type = "number")]
        session: u64,
        protocol: String,
        fate: SessionFate,
        words: Excerpt,
    },
    /// An alert was raised; of two that steward it at once both may say so, of the same episode.
    AlertRaised {
        rule: Rule,
        subject: Subject,
        severity: Severity,
        #[ts(type = "number | null")]
        value: Option<i64>,
        #[ts(type = "number")]
        episode: u64,
    },
    /// An alert was cleared that was raised at `raised`.
    AlertCleared {
        rule: Rule,
        subject: Subject,
        #[ts(type = "number")]
        raised: Wall,
        #[ts(type = "number")]
        episode: u64,
    },
    /// A person wants nobody told of the alerts of a rule and a subject, until then or for good.
    AlertMuted {
        rule: Rule,
        subject: Subject,
        #[ts(type = "number | null")]
        until: Option<Wall>,
    },
    /// A person wants people told of the alerts of a rule and a subject again.
    AlertUnmuted { rule: Rule, subject: Subject },
    /// A person looks after an alert.
    AlertAcknowledged { rule: Rule, subject: Subject },
    /// The next minute of an agent in its place cannot be paid: it stops, until it can.
    AgentUnpaid {
        #[ts(type = "string")]
        name: Name,
        why: Excerpt,
    },
}

impl EventRecord {
    /// Which event it is.
    #[must_use]
    pub fn id(&self) -> EventId {
        EventId { origin: self.origin, seq: self.seq }
    }

    /// Whether it is the next where events lack from the one numbered `next` on: it is that one, or says
    /// that those before it are lost.
    #[must_use]
    pub fn follows(&self, next: u64) -> bool {
        let lost = matches!(self.fact, Fact::EventsLost { from, .. } if from <= next);
        self.seq == next || lost && next < self.seq
    }

    /// What a person or a program told, if one did.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        if let Fact::Reported(report) = &self.fact { Some(report) } else { None }
    }

    /// What it belongs to: as whoever told it said, or what changed of what the cluster agreed on.
    #[must_use]
    pub fn correlation(&self) -> Option<Cow<'_, str>> {
        let told = self.report().and_then(|report| report.correlation.as_deref());
        let subject = || self.fact.subject().map(|name| Cow::Owned(name.as_str().to_owned()));
        told.map(Cow::Borrowed).or_else(subject)
    }

    /// Bytes it takes in a message, roughly.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.report().map_or(Self::WEIGHT, |report| Self::WEIGHT + report.weight())
    }

    /// Bytes of an event that Covey itself saw, roughly; few are larger.
    const WEIGHT: usize = 240;

    /// Whether those that were told together with it end here.
    #[must_use]
    pub fn ends_batch(&self) -> bool {
        self.report().and_then(|report| report.batch).is_none_or(BatchPlace::is_last)
    }
}

/// Why a node is held to be down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DownCause {
    /// Its connection closed and its machine refuses a new one: the process is gone.
    Refused,
    /// Nothing was heard for the whole grace, neither directly nor through others.
    Silent,
    /// It said that it leaves.
    Left,
}

/// What a breaker turned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BreakerTurn {
    /// Calls failed: no more are let through.
    Opened,
    /// Some are let through, to try whether the agent is well.
    HalfOpen,
    /// They went well: calls pass.
    Closed,
    /// An operator let calls through.
    Reset,
}

/// Why an agent is started on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlacedFor {
    /// It ran nowhere and this node came first for it.
    Unplaced,
    /// The node that ran it is down.
    NodeDown,
    /// It ended and its restart policy asks for another life.
    Restart,
    /// A person asked.
    Asked,
    /// A sibling of its group or an agent that it needs ended.
    Relation,
}
