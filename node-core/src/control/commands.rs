//! The one list of commands: routes, IPC, permissions, palette and types come from it.

use std::sync::Arc;

use covey_logic::{
    balancer::{BalancerView, PreviewView, TaskPage, TaskView},
    certificate::Role,
    economics::{
        auction::{AuctionView, KindView},
        ledger::{AccountView, Audit, HoldView, PostingView, Statement},
    },
    event::EventRecord,
    guard::GuardView,
    monitor::AlertView,
    moving::PlanView,
    node::{AgentView, NodeView, PlacementView, RefugeView, StatusView},
    pairing::PairingView,
    registry::{Count, MemberView, NamespaceView, Page, Query},
    sessions::{ProtocolView, SessionRow, SessionView},
    settings::{EditView, VersionView},
};
use serde_json::Value;
use ts_rs::{Config, TS as _, TypeVisitor};

use super::{
    Cause, Control, UiError,
    agent::{
        self, AgentLogs, ExplainAgent, GetTenure, LogPage, MoveAgent, RemoveAgent, RestartAgent,
        StartAgent, StopAgent,
    },
    alert::{
        self, AcknowledgeAlert, AlertEpisode, AlertRuleRow, ListAlertRules, ListAlerts,
        ListPastAlerts, MuteAlert, UnmuteAlert,
    },
    archive::{self, GetArchive, GetJoinPlan, ListArchives, ReplayArchive},
    command::{CommandEntry, Request, Tier, actor, commands, read, write},
    coordination::{
        self, AcquireLease, AddToCounter, BarrierPassed, BreakBarrier, Counted, CounterRead,
        DecisionRead, GetCoordination, GetRecovery, GroupSetAside, LeaseHeld, PlaceRead,
        ProposeDecision, ReadCounter, ReadDecision, ReadVariable, RecoverGroup, Recovered,
        RegisterVariable, ReleaseLease, RemoveCounter, RemoveVariable, RenewLease, ReopenDecision,
        RevokeLease, SetGroupAside, SetVariable, Settled, VariableChanges, VariableRead,
        VariableSet, WaitAtBarrier, WatchLease, WatchVariable,
    },
    event::{
        self, AppendEvents, CheckEvents, EventCheck, EventPage, EventQuery, EventStatistics,
        EventTrace, EventsAppended, EventsFollowed, FollowEvents, GetEvent, GetEventStatistics,
        TraceEvents,
    },
    group::{
        self, CleanNamespace, GroupSize, JoinGroup, ListGroups, ListMembers, ListNamespaces,
        QuitGroup, SetNamespace,
    },
    guard::{self, GetGuard, GuardReset, ResetGuard, ResetRate},
    market::{
        self, AcceptPrice, AuctionOpened, AuctionPhaseNow, AuditLedger, BidInAuction, BidTaken,
        CancelAuction, CaptureHold, CloseAuction, CommitBid, CreateAuction, CreditsHeld,
        ExportLedger, GetAuction, GetMarketKey, GetStatement, HoldCredits, IssueCredits,
        ListAccounts, ListAuctionKinds, ListAuctions, ListHolds, MarketKey, Posted, ReleaseHold,
        RevealBid, TransferCredits,
    },
    message::{
        self, Broadcast, CallAgent, CallAnswer, CallHandle, CallState, GetResult, Notified,
        NotifyAgent, Publish, Published, SubmitCall, Subscribe, TargetOutcome, Unsubscribe,
    },
    metrics::{
        self, ExportMetrics, GetHeat, GetMetrics, GetMetricsNow, HeatView, ListMetrics, MetricRow,
        MetricsExport, MetricsNow, MetricsRead,
    },
    moving::{
        self, CordonNode, DrainNode, GetRebalance, PreviewRebalance, RebalancePreview,
        StartRebalance, SteerRebalance,
    },
    name::{
        self, CountNames, Deregister, DeregisterMatching, GivenUp, Lookup, NameHolder,
        NameOutcomes, Register, Revision, SetName, WaitForName,
    },
    node::{self, LabelNode, RenameNode, RevokeMember, SetPrograms, StopNode, WhatIfLost},
    pairing::{
        self, Accept, Ask, Dial, Dialled, Invite, InviteMade, Join, Refuse, RevokeInvite, Withdraw,
    },
    reading::{self, GetPairing, GetStatus, ListAgents, ListNodes, RunDoctor},
    session::{
        self, AssessParticipant, CancelSession, GetSession, ListProtocols, ListSessions,
        SayInSession, SessionStarted, StartSession, WaitForSession,
    },
    setting::{
        self, ChangeSettings, DiffSettings, ListSettingVersions, ListSettings, ResetSettings,
        RollBackSettings, SetSettingsHere, WithdrawSetting,
    },
    task::{
        self, CancelTasks, GetBalancer, GetTask, ListTasks, PreviewBalancer, SetBalancer,
        SubmitTasks, TasksCancelled, TasksSubmitted, WaitForTasks,
    },
};
use crate::{
    archive::{Archive, ArchiveRow, JoinPlan, Replayed},
    consensus::Recovery,
    doctor::DoctorReport,
    handle::{Changed, CoordinationView, TenureView},
    settings::SettingsView,
};

commands! {
    "agent.start" agent::start: StartAgent => (),
        Operator T0 "Start an agent" "Run a program, or one of the agents that come with Covey."
        ["run", "create", "new", "deploy"];
    "agent.stop" agent::stop: StopAgent => (),
        Operator T1 "Stop an agent" "Stop an agent and keep its specification."
        ["halt", "end", "pause"];
    "agent.restart" agent::restart: RestartAgent => (),
        Operator T1 "Restart an agent" "Start an agent afresh, or one that stopped or failed."
        ["again", "reset", "resume"];
    "agent.move" agent::relocate: MoveAgent => (),
        Operator T1 "Move an agent" "Run an agent on one node, or again wherever it may."
        ["migrate", "place", "pin", "relocate"];
    "agent.remove" agent::remove: RemoveAgent => (),
        Operator T1 "Remove an agent" "Stop an agent and forget its specification."
        ["delete", "retire", "rm"];
    "agent.call" message::call: CallAgent => CallAnswer,
        Worker T0 "Call an agent" "Send an agent a message and wait for its answer."
        ["message", "send", "request", "test"];
    "agent.notify" message::notify: NotifyAgent => Notified,
        Worker T0 "Notify an agent" "Send an agent a message that it does not answer."
        ["message", "send", "cast", "fire and forget"];
    "agent.broadcast" message::broadcast: Broadcast => Vec<TargetOutcome>,
        Worker T0 "Call many agents" "Send one message to many agents at once, by their names or by \
        what they can do, and see what became of each." ["broadcast", "multicast", "fan out"];
    "agent.submit" message::submit: SubmitCall => CallHandle,
        Worker T0 "Call an agent and go on" "Send an agent a message and ask for its answer later."
        ["async", "background", "future"];
    "agent.result" message::result: GetResult => CallState,
        Worker T0 "Get the answer of a call" "What an agent answered to a call that was made before."
        ["async", "await", "future", "handle"];
    "agent.logs" agent::logs: AgentLogs => LogPage,
        Observer T0 "Read an agent's log" "The newest lines that an agent wrote."
        ["output", "stderr"];
    "agent.explain" agent::explain: ExplainAgent => PlacementView,
        Observer T0 "Explain a placement" "Why an agent is where it is: every node as a place for it."
        ["why", "candidates", "score", "waiting", "unplaced"];
    "agent.tenure" agent::tenure: GetTenure => Option<TenureView>,
        Observer T0 "Show an agent's lease" "Under which fencing token an exclusive agent runs, and how \
        long its lease lasts." ["exclusive", "token", "lease", "fencing"];
    "agents.list" reading::agents: ListAgents => Vec<AgentView>,
        Observer T0 "List agents" "Every agent of the cluster." ["ls", "show"];

    "task.submit" task::submit: SubmitTasks => TasksSubmitted,
        Worker T0 "Submit tasks" "Have tasks done by whichever agents have the capabilities."
        ["work", "job", "queue", "run"];
    "task.get" task::get: GetTask => TaskView,
        Observer T0 "Show a task" "How far a task is, and what came of it." ["work", "job", "result"];
    "task.list" task::list: ListTasks => TaskPage,
        Observer T0 "List tasks" "The open tasks and the last that are over, the newest first."
        ["work", "jobs", "queue"];
    "task.wait" task::wait: WaitForTasks => Vec<TaskView>,
        Observer T0 "Wait for tasks" "How tasks ended, waited for." ["work", "job", "result"];
    "task.cancel" task::cancel: CancelTasks => TasksCancelled,
        Operator T0 "Cancel tasks" "Have tasks that are open not be done any more."
        ["abort", "stop", "job"];
    "balancer.get" task::balancer: GetBalancer => BalancerView,
        Observer T0 "Show how tasks are spread" "The queues of tasks, their strategies, and what each \
        agent has." ["load", "distribution", "agents", "in flight"];
    "balancer.preview" task::preview: PreviewBalancer => Vec<PreviewView>,
        Observer T0 "Try a strategy" "How a burst of tasks would spread from the loads of now, by the \
        strategy that is and by another." ["what if", "simulate", "compare"];
    "balancer.set" task::set: SetBalancer => (),
        Operator T1 "Choose a strategy" "How agents are chosen for the tasks of a queue, or of all."
        ["round robin", "least loaded", "power of two"];

    "nodes.list" reading::nodes: ListNodes => Vec<NodeView>,
        Observer T0 "List nodes" "Every member of the cluster, as this node sees it."
        ["ls", "show", "members"];
    "status.get" reading::status: GetStatus => StatusView,
        Observer T0 "Show the status" "This node and its cluster in short."
        ["overview", "health", "problems"];
    "doctor.run" reading::doctor: RunDoctor => DoctorReport,
        Observer T0 "See the doctor" "Why nodes are not found or not reached, and what to do."
        ["diagnose", "problems", "firewall", "multicast", "discovery", "network"];

    "pairing.get" reading::pairing: GetPairing => PairingView,
        Observer T0 "Show pairing" "Nodes nearby, requests to join, and invites."
        ["nearby", "requests", "invites"];
    "pairing.ask" pairing::ask: Ask => (),
        Observer T0 "Ask to join" "Ask a node nearby to be let into its cluster."
        ["join", "pair", "connect"];
    "pairing.withdraw" pairing::withdraw: Withdraw => (),
        Observer T0 "Withdraw the request to join" "No longer ask to be let in." ["cancel"];
    "pairing.accept" pairing::accept: Accept => (),
        Admin T0 "Accept a node" "Let a node that asked into the cluster, as an operator if nothing \
        else is said." ["admit", "pair", "allow"];
    "pairing.refuse" pairing::refuse: Refuse => (),
        Admin T0 "Refuse a node" "Say no to a node that asked to join." ["deny", "ignore", "reject"];
    "lobby.dial" pairing::dial: Dial => Dialled,
        Observer T0 "Find a node by its address" "Say hello to whoever listens at an address."
        ["connect", "ip", "address"];
    "invite.create" pairing::invite: Invite => InviteMade,
        Admin T0 "Make an invite" "A link that admits one node, once, for a short while."
        ["link", "share"];
    "invite.revoke" pairing::revoke_invite: RevokeInvite => (),
        Admin T0 "Take an invite back" "No longer honour an invite." ["cancel", "link"];
    "cluster.join" pairing::join: Join => (),
        Observer T1 "Join with an invite" "Enter the cluster that an invite link is for."
        ["link", "paste", "pair"];
    "cluster.plan" archive::plan: GetJoinPlan => JoinPlan,
        Observer T0 "Show what joining takes along" "What of this node would come along to another \
        cluster, and what would be archived." ["join", "merge", "leave", "conflict"];
    "archive.list" archive::list: ListArchives => Vec<ArchiveRow>,
        Observer T0 "List archives" "What this node left behind whenever it entered another cluster."
        ["old cluster", "left", "history"];
    "archive.get" archive::get: GetArchive => Archive,
        Observer T0 "Show an archive" "Settings, locks, counters, variables and more of a cluster \
        that this node left." ["old cluster", "export"];
    "archive.replay" archive::replay: ReplayArchive => Replayed,
        Operator T1 "Replay an archive" "Make here what an archive holds and this cluster has not; \
        the rest is listed." ["restore", "import", "merge", "conflict"];

    "member.revoke" node::revoke: RevokeMember => (),
        Admin T2 "Put a node out" "Put a node out of the cluster for good."
        ["evict", "ban", "kick", "remove"];
    "node.what_if" node::what_if: WhatIfLost => Vec<RefugeView>,
        Observer T0 "Foretell the loss of a node" "Where each agent of a node would go if the node \
        were lost, or why nowhere." ["what if", "failover", "plan", "refuge"];
    "node.rename" node::rename: RenameNode => (),
        Observer T0 "Rename this node" "Give this node another name." ["name"];
    "node.label" node::label: LabelNode => (),
        Observer T0 "Label this node" "Replace the labels that agents can ask for."
        ["tag", "constraint"];
    "node.programs" node::programs: SetPrograms => (),
        Observer T1 "Choose whose programs run here" "Run only programs that this node's own user \
        started, or those of the cluster's operators too." ["allow", "trust", "permission"];
    "node.stop" node::stop: StopNode => (),
        Observer T1 "Stop this node" "Say goodbye to the others and end; its agents move."
        ["quit", "shutdown", "exit"];

    "node.cordon" moving::cordon: CordonNode => (),
        Operator T1 "Cordon a node" "Let a node take no agents, or let it take them again."
        ["schedule", "maintenance", "uncordon"];
    "node.drain" moving::drain: DrainNode => (),
        Operator T1 "Drain a node" "Have a node hand its agents over, and stop those that are left at \
        a deadline." ["evacuate", "maintenance", "empty"];
    "rebalance.preview" moving::preview: PreviewRebalance => RebalancePreview,
        Observer T0 "Preview a rebalance" "The moves that would even the cluster out."
        ["plan", "even", "spread"];
    "rebalance.start" moving::start: StartRebalance => (),
        Operator T1 "Start planned moves" "Move agents as previewed, one each interval."
        ["even", "balance"];
    "rebalance.steer" moving::steer: SteerRebalance => (),
        Operator T0 "Steer planned moves" "Pause, resume or end the planned moves."
        ["pause", "resume", "abort"];
    "rebalance.get" moving::status: GetRebalance => Option<PlanView>,
        Observer T0 "Show planned moves" "The planned moves, and how far they are."
        ["progress", "plan"];

    "topic.publish" message::publish: Publish => Published,
        Worker T0 "Publish on a topic" "Send a message to every agent that subscribed to a topic."
        ["message", "event", "broadcast", "pubsub"];
    "topic.subscribe" message::subscribe: Subscribe => (),
        Worker T0 "Subscribe to a topic" "Have an agent of this node hear what is published on a topic."
        ["listen", "pubsub"];
    "topic.unsubscribe" message::unsubscribe: Unsubscribe => (),
        Worker T0 "Unsubscribe from a topic" "Have an agent of this node hear no more of a topic."
        ["leave", "pubsub"];

    "name.register" name::register: Register => NameOutcomes,
        Worker T0 "Register names" "Claim names for this node." ["claim"];
    "name.deregister" name::deregister: Deregister => (),
        Worker T0 "Give names up" "Give up names that this node holds." ["release", "unregister"];
    "name.lookup" name::lookup: Lookup => Option<NameHolder>,
        Observer T0 "Look a name up" "Which node holds a name." ["find", "resolve", "whereis"];

    "name.search" name::search: Query => Page,
        Observer T0 "Search names" "Names by what their owners tell of them, by capability, type, \
        state, node or namespace, a page at a time." ["find", "query", "filter", "select"];
    "name.count" name::count: CountNames => Count,
        Observer T0 "Count names" "How many names fit a search." ["how many", "total"];
    "name.wait" name::wait: WaitForName => NameHolder,
        Observer T0 "Wait for a name" "Answers once a name is registered, on whichever node."
        ["await", "until", "ready"];
    "name.set" name::set: SetName => Revision,
        Worker T0 "Set what is told of a name" "Replace the metadata of a name of this node, if it \
        is at the revision expected." ["update", "metadata", "compare"];
    "name.deregister_matching" name::deregister_matching: DeregisterMatching => GivenUp,
        Worker T1 "Give up names that fit" "Give up every name of this node that fits a search."
        ["release", "unregister", "bulk"];

    "group.join" group::join: JoinGroup => (),
        Worker T0 "Join a group" "Be one of the owners of a name that may have several." ["enter"];
    "group.quit" group::quit: QuitGroup => (),
        Worker T0 "Leave a group" "No longer be one of the owners of a group." ["exit"];
    "group.members" group::members: ListMembers => Vec<MemberView>,
        Observer T0 "List the members of a group" "Nodes and agents that are in a group."
        ["owners", "who"];
    "groups.list" group::groups: ListGroups => Vec<GroupSize>,
        Observer T0 "List groups" "Every group that somebody is in." ["ls", "show"];
    "namespaces.list" group::namespaces: ListNamespaces => Vec<NamespaceView>,
        Observer T0 "List namespaces" "Namespaces with their names and agents on each node."
        ["ls", "show", "statistics"];
    "namespace.set" group::set: SetNamespace => (),
        Operator T1 "Choose what keeps a namespace" "Keep the names of a namespace on each node \
        alone, tell them to all, or have the cluster agree on each." ["backend", "local",
        "replicated", "consensus", "exclusive"];
    "namespace.clean" group::clean: CleanNamespace => (),
        Operator T2 "Clean a namespace up" "Have every name and agent of a namespace go, on every \
        node." ["delete", "remove", "purge", "clear"];

    "coordination.get" coordination::coordination: GetCoordination => CoordinationView,
        Observer T0 "Show what is agreed on" "The group that agrees, and its locks, elections, \
        barriers, counters and variables." ["consensus", "raft", "leader", "quorum", "voters"];
    "coordination.recovery" coordination::recovery: GetRecovery => Recovery,
        Observer T0 "Show what a recovery would lose" "What a recovery of the group by force on this \
        node would keep, and what it may lose." ["quorum", "majority", "disaster"];
    "coordination.recover" coordination::recover: RecoverGroup => Recovered,
        Admin T2 "Recover the group by force" "Have the group go on with what this node holds, without \
        the voters that are lost for good." ["quorum", "majority", "disaster", "unsafe"];
    "coordination.set_aside" coordination::set_aside: SetGroupAside => GroupSetAside,
        Admin T2 "Set the damaged group aside" "Go on without what this node's damaged store of the \
        group held, where no other node can fill it again." ["damaged", "disk", "disaster", "unsafe"];
    "lease.acquire" coordination::acquire: AcquireLease => LeaseHeld,
        Worker T0 "Take a lock" "Take a lock or a permit of a semaphore, or stand for an election; \
        or stand in line for it." ["mutex", "lease", "election", "campaign", "semaphore"];
    "lease.renew" coordination::renew: RenewLease => (),
        Worker T0 "Renew a lock" "Begin the lease of a lock, an election or a permit anew."
        ["keep", "extend", "lease"];
    "lease.release" coordination::release: ReleaseLease => (),
        Worker T1 "Give a lock up" "Let the next in line have a lock, an election or a permit."
        ["unlock", "free", "resign"];
    "lease.revoke" coordination::revoke: RevokeLease => (),
        Operator T1 "Take a lock away" "End the lease of a holder; its token is fenced, and the next in \
        line follows." ["force", "unlock", "depose", "break", "evict"];
    "lease.watch" coordination::watch_lease: WatchLease => PlaceRead,
        Observer T0 "Watch a lock" "Wait until another holds a lock, or leads an election."
        ["observe", "leader"];
    "barrier.wait" coordination::wait_at_barrier: WaitAtBarrier => BarrierPassed,
        Worker T0 "Wait at a barrier" "Wait until as many are there as it takes to open it."
        ["rendezvous", "sync"];
    "barrier.break" coordination::break_barrier: BreakBarrier => (),
        Operator T1 "Break a barrier" "End the waiting of all who are at a barrier; each is told."
        ["cancel", "abort", "release"];
    "counter.add" coordination::add: AddToCounter => Counted,
        Worker T0 "Change a counter" "Add to a counter that loses no change." ["increment", "count"];
    "counter.get" coordination::counter: ReadCounter => CounterRead,
        Observer T0 "Read a counter" "What a counter is at, no older than the question." ["value"];
    "counter.remove" coordination::discard: RemoveCounter => (),
        Worker T1 "Remove a counter" "Forget a counter that is agreed on." ["delete", "reset"];
    "variable.register" coordination::register: RegisterVariable => VariableSet,
        Worker T0 "Make a variable" "Make a variable that keeps a rule, for those who may write it."
        ["constraint", "permission", "schema"];
    "variable.set" coordination::set: SetVariable => VariableSet,
        Worker T0 "Write a variable" "Write a variable, if it is at the version expected."
        ["compare", "swap", "put"];
    "variable.get" coordination::variable: ReadVariable => VariableRead,
        Observer T0 "Read a variable" "What a variable holds, no older than the question." ["value"];
    "variable.watch" coordination::watch_variable: WatchVariable => VariableChanges,
        Observer T0 "Watch a variable" "Wait for writes of a variable, and miss none unsaid."
        ["subscribe", "changes"];
    "variable.remove" coordination::remove: RemoveVariable => (),
        Worker T1 "Remove a variable" "Forget a variable and its history." ["delete", "unset"];
    "decision.propose" coordination::decide: ProposeDecision => Settled,
        Worker T0 "Settle a question" "Propose an answer; the first that is agreed on stands."
        ["consensus", "decide", "once"];
    "decision.get" coordination::decision: ReadDecision => DecisionRead,
        Observer T0 "Read an answer" "What a question was settled to." ["consensus", "decided"];
    "decision.reopen" coordination::reopen: ReopenDecision => (),
        Operator T1 "Reopen a question" "Forget what a question was settled to."
        ["delete", "forget"];

    "session.start" session::start: StartSession => SessionStarted,
        Worker T0 "Start a session" "Have agents vote, negotiate or share resources by a protocol."
        ["vote", "consensus", "negotiate", "allocate", "coordinate", "ballot"];
    "session.get" session::get: GetSession => SessionView,
        Observer T0 "Show a session" "Who takes part, what was said, and how it stands or ended."
        ["vote", "tally", "journal", "evidence"];
    "session.list" session::list: ListSessions => Vec<SessionRow>,
        Observer T0 "List sessions" "Those that run, and the last of those that are over."
        ["ls", "votes"];
    "session.wait" session::wait_for: WaitForSession => SessionView,
        Observer T0 "Wait for a session" "Wait on any node until a session is over."
        ["result", "await"];
    "session.say" session::say: SayInSession => (),
        Worker T0 "Speak in a session" "Have an agent of this node say something in a session."
        ["vote", "ballot", "bid", "answer"];
    "session.cancel" session::cancel: CancelSession => (),
        Operator T1 "Cancel a session" "End a session without a result, and tell those who wait."
        ["abort", "stop", "end"];
    "session.assess" session::assess: AssessParticipant => (),
        Operator T0 "Assess a participant" "Say how well an agent did in a session that is over; its \
        later weights follow from it." ["feedback", "rate", "weight", "expertise"];
    "protocols.list" session::protocols: ListProtocols => Vec<ProtocolView>,
        Observer T0 "List protocols" "By which protocols sessions can be, and their options."
        ["vote", "kinds", "options"];

    "setting.list" setting::list: ListSettings => SettingsView,
        Observer T0 "Show the settings" "Every setting: what it is on this node, and who set it."
        ["configuration", "options", "preferences"];
    "setting.change" setting::change: ChangeSettings => Changed,
        Operator T1 "Change settings" "Set or unset settings for all nodes or for one, without a \
        restart." ["configure", "set", "unset", "tune"];
    "setting.here" setting::here: SetSettingsHere => (),
        Observer T0 "Change settings here" "Set or unset settings on this node until it stops."
        ["runtime", "try", "temporary"];
    "setting.history" setting::versions: ListSettingVersions => Vec<VersionView>,
        Observer T0 "Show versions of the settings" "Who changed which settings, and when."
        ["history", "audit", "versions"];
    "setting.diff" setting::diff: DiffSettings => Vec<EditView>,
        Observer T0 "Compare versions of the settings" "What differs between two versions."
        ["difference", "compare"];
    "setting.roll_back" setting::roll_back: RollBackSettings => Changed,
        Operator T1 "Roll settings back" "Set everything as it was after a version, in one step."
        ["undo", "restore", "revert"];
    "setting.reset" setting::reset: ResetSettings => Changed,
        Operator T1 "Reset all settings" "Unset everything that the cluster agreed to set, in one \
        step." ["defaults", "clear"];
    "setting.withdraw" setting::withdraw: WithdrawSetting => (),
        Operator T0 "Withdraw a change of settings" "No longer have a change wait for a majority."
        ["cancel", "pending"];

    "guard.get" guard::get: GetGuard => GuardView,
        Observer T0 "Show the guards" "Breakers, bulkheads and rates around calls from this node."
        ["circuit", "breaker", "bulkhead", "rate", "limit", "throttle", "quota"];
    "guard.reset" guard::reset: ResetGuard => GuardReset,
        Operator T1 "Reset a breaker" "Let calls of an agent, or of all, through again at once, on \
        every node." ["circuit", "breaker", "close"];
    "rate.reset" guard::reset_rate: ResetRate => (),
        Operator T1 "Reset a rate" "Have a rate begin anew on every node, of all who ask or of one."
        ["limit", "throttle", "quota", "refill"];

    "event.append" event::append: AppendEvents => EventsAppended,
        Worker T0 "Tell of events" "Keep events of your own, all or none, on this disk or on another \
        too." ["publish", "write", "record", "log"];
    "event.query" event::query: EventQuery => EventPage,
        Observer T0 "Search events" "What happened in the cluster, newest or oldest first."
        ["history", "audit", "log"];
    "event.get" event::get: GetEvent => Option<Arc<EventRecord>>,
        Observer T0 "Show an event" "One event, by the node that saw it and its number there."
        ["show", "read"];
    "event.trace" event::trace: TraceEvents => EventTrace,
        Observer T0 "Trace a correlation" "Events that belong together, each after what it follows \
        from." ["chain", "cause", "correlation"];
    "event.follow" event::follow: FollowEvents => EventsFollowed,
        Observer T0 "Follow events" "Events after a position, each once, waited for if there are \
        none." ["tail", "replay", "resume", "stream"];
    "event.statistics" event::statistics: GetEventStatistics => EventStatistics,
        Observer T0 "Show event statistics" "How many events there are, what they take, and which \
        member lacks some." ["size", "retention", "lag", "disk"];
    "event.check" event::check: CheckEvents => EventCheck,
        Observer T0 "Check events" "Read every stored event, and say what is not as it was written."
        ["integrity", "verify", "corruption"];

    "auction.create" market::create: CreateAuction => AuctionOpened,
        Worker T0 "Open an auction" "Sell something to whoever bids, by the rules of a kind."
        ["sell", "new", "english", "dutch", "vickrey", "sealed", "market"];
    "auction.bid" market::bid: BidInAuction => BidTaken,
        Worker T0 "Bid" "Bid in an auction in which everyone sees the bids; what leads is held."
        ["offer", "english", "market"];
    "auction.accept" market::accept: AcceptPrice => BidTaken,
        Worker T0 "Take the lot" "Take the lot of an auction with a falling price, at that price."
        ["buy", "dutch", "market"];
    "auction.commit" market::commit: CommitBid => BidTaken,
        Worker T0 "Make a sealed bid" "Commit to a bid that nobody can read until bids are opened."
        ["seal", "vickrey", "first price", "market"];
    "auction.reveal" market::reveal: RevealBid => BidTaken,
        Worker T0 "Open a sealed bid" "Show what was committed, while bids are opened."
        ["unseal", "vickrey", "first price", "market"];
    "auction.close" market::close: CloseAuction => AuctionPhaseNow,
        Worker T1 "Close an auction" "End an auction of one's own before its time."
        ["end", "settle", "market"];
    "auction.cancel" market::cancel: CancelAuction => AuctionPhaseNow,
        Worker T1 "Cancel an auction" "Take the lot back; all that is held is free."
        ["withdraw", "refund", "market"];
    "auction.list" market::list: ListAuctions => Vec<AuctionView>,
        Observer T0 "List auctions" "Auctions that are open, and the last that are over."
        ["market", "ls", "show"];
    "auction.get" market::get: GetAuction => AuctionView,
        Observer T0 "Show an auction" "One auction with its bids, and how it ended."
        ["market", "show", "bids", "outcome"];
    "auction.kinds" market::kinds: ListAuctionKinds => Vec<KindView>,
        Observer T0 "List kinds of auctions" "What can be chosen in each, and who wins."
        ["market", "rules", "options"];
    "market.key" market::key_of: GetMarketKey => MarketKey,
        Observer T0 "Show the key for sealed bids" "What this node's user seals openings with."
        ["seal", "commit", "envelope"];
    "ledger.accounts" market::accounts: ListAccounts => Vec<AccountView>,
        Observer T0 "List accounts" "Who has how many credits." ["balance", "money", "credits"];
    "ledger.statement" market::statement: GetStatement => Statement,
        Observer T0 "Explain a balance" "What an account was brought forward with, and what changed \
        it since." ["account", "credits", "history"];
    "ledger.issue" market::issue: IssueCredits => Posted,
        Admin T1 "Issue credits" "Put new credits into an account." ["mint", "fund", "grant"];
    "ledger.transfer" market::transfer: TransferCredits => Posted,
        Worker T1 "Transfer credits" "Give credits of one's own to another account."
        ["pay", "send", "fund"];
    "ledger.hold" market::hold: HoldCredits => CreditsHeld,
        Worker T0 "Hold credits" "Set credits of one's own aside for another, for a while."
        ["escrow", "reserve", "authorise"];
    "ledger.capture" market::capture: CaptureHold => Posted,
        Worker T0 "Capture a hold" "Take of what is held for oneself; the rest goes back."
        ["escrow", "take", "charge"];
    "ledger.release" market::release: ReleaseHold => Posted,
        Worker T0 "Release a hold" "Let go of what is held for oneself." ["escrow", "refund", "void"];
    "ledger.holds" market::holds: ListHolds => Vec<HoldView>,
        Observer T0 "List holds" "Credits that are set aside, and until when." ["escrow"];
    "ledger.audit" market::audit: AuditLedger => Audit,
        Observer T0 "Audit the ledger" "Recompute every balance, and say what is wrong."
        ["check", "verify", "conservation"];
    "ledger.export" market::export: ExportLedger => Vec<PostingView>,
        Observer T0 "Export the ledger" "Postings with what caused each." ["csv", "json", "entries"];
    "metrics.list" metrics::list: ListMetrics => Vec<MetricRow>,
        Observer T0 "List metrics" "What is measured of nodes and agents, and in which unit."
        ["measure", "monitor", "names"];
    "metrics.get" metrics::get: GetMetrics => MetricsRead,
        Observer T0 "Read measures" "Series of a node or an agent: the last quarter of an hour by the \
        second, a day by the minute." ["chart", "history", "latency", "cpu", "memory"];
    "metrics.heat" metrics::heat: GetHeat => HeatView,
        Observer T0 "Show the load" "One metric of every node, over time." ["heat", "map", "busy"];
    "metrics.now" metrics::now: GetMetricsNow => Vec<MetricsNow>,
        Observer T0 "Show the last measures" "The last value of every metric of every node and agent."
        ["top", "busy", "ps"];
    "metrics.export" metrics::export: ExportMetrics => MetricsExport,
        Observer T0 "Export measures" "What every node measured, as CSV or JSON."
        ["csv", "json", "download"];
    "alert.list" alert::list: ListAlerts => Vec<AlertView>,
        Observer T0 "Show alerts" "What is wrong by the rules, and what was last."
        ["alarm", "problem", "warning"];
    "alert.rules" alert::rules: ListAlertRules => Vec<AlertRuleRow>,
        Observer T0 "Show alert rules" "What is watched for, and when it is too much."
        ["threshold", "limit", "watch"];
    "alert.history" alert::history: ListPastAlerts => Vec<AlertEpisode>,
        Observer T0 "Show past alerts" "Alerts that were raised, and when they were cleared."
        ["log", "past"];
    "alert.mute" alert::mute: MuteAlert => (),
        Operator T0 "Mute an alert" "Have nobody told of the alerts of a rule and a subject."
        ["silence", "quiet", "snooze"];
    "alert.unmute" alert::unmute: UnmuteAlert => (),
        Operator T0 "Unmute an alert" "Have people told of the alerts of a rule and a subject again."
        ["loud"];
    "alert.acknowledge" alert::acknowledge: AcknowledgeAlert => (),
        Operator T0 "Acknowledge an alert" "Say that somebody looks after it." ["ack", "own"];
}
