//! The control interface: what people and programs may ask of a node, and what they may watch.
//!
//! One list ([`COMMANDS`]) names every command with its arguments, reply, role and confirmation;
//! dispatch, routes, permissions, TypeScript and the palette come from it. Two doors lead here and
//! differ in nothing but the way in: [`http`] for browsers and the command line, [`Local`] for the
//! window.
//!
//! # Invariants
//!
//! - **C1 One list.** What a door can do is what the list says; both doors answer alike.
//! - **C2 Asked for.** A request without the token of this launch, or from a foreign page or host
//!   name, reaches no command.
//! - **C3 Converging.** A snapshot with every patch after it applied in order is the view; a slow
//!   reader costs one view, and gets fewer, larger patches.
//!
//! # Not here
//!
//! Whether the cluster allows it: the node decides again, by the actor's certificate.

pub mod backend;
pub mod bindings;
pub mod endpoint;
pub mod http;

mod agent;
mod alert;
mod archive;
mod command;
mod commands;
mod coordination;
mod core;
mod desk;
mod error;
mod event;
mod frame;
mod group;
mod guard;
mod invite;
mod local;
mod market;
mod message;
mod metrics;
mod moving;
mod name;
mod node;
mod pairing;
mod reading;
mod rows;
mod session;
mod setting;
mod subscription;
mod task;
mod token;
mod topic;

#[cfg(test)]
mod tests;

pub use self::core::Control;
pub use agent::{
    AgentLogs, ExplainAgent, GetTenure, LogPage, MoveAgent, RemoveAgent, RestartAgent, StartAgent,
    StopAgent,
};
pub use alert::{
    AcknowledgeAlert, AlertEpisode, AlertRuleRow, ListAlertRules, ListAlerts, ListPastAlerts,
    MuteAlert, UnmuteAlert,
};
pub use archive::{GetArchive, GetJoinPlan, ListArchives, ReplayArchive};
pub use backend::{Backend, NameAnswer, NameQuestion};
pub(crate) use command::write as to_json;
pub use command::{CommandEntry, Request, Tier};
pub use commands::COMMANDS;
pub use coordination::{
    AcquireLease, AddToCounter, Agrees, BarrierPassed, BreakBarrier, Counted, CounterRead,
    DecisionRead, Fence, GetCoordination, GetRecovery, GroupSetAside, LeaseHeld, PlaceRead,
    ProposeDecision, ReadCounter, ReadDecision, ReadVariable, RecoverGroup, Recovered,
    RegisterVariable, ReleaseLease, RemoveCounter, RemoveVariable, RenewLease, ReopenDecision,
    RevokeLease, SetGroupAside, SetVariable, Settled, VariableChanges, VariableRead, VariableSet,
    WaitAtBarrier, WatchLease, WatchVariable,
};
pub(crate) use desk::AgentDesk;
pub use error::{Cause, UiError};
pub use event::{
    AppendEvents, CheckEvents, EventCheck, EventGap, EventOrder, EventOrigin, EventPage,
    EventQuery, EventStatistics, EventTrace, EventsAppended, EventsFollowed, FollowEvents,
    GetEvent, GetEventStatistics, NewEvent, TraceEvents,
};
pub use frame::{Frame, FrameError, Picture, Rows};
pub use group::{
    CleanNamespace, GroupSize, JoinGroup, ListGroups, ListMembers, ListNamespaces, QuitGroup,
    SetNamespace,
};
pub use guard::{GetGuard, GuardReset, ResetGuard, ResetRate};
pub use invite::{InviteLink, LinkError};
pub use local::{Local, Watching};
pub(crate) use market::Trader;
pub use market::{
    AcceptPrice, AuctionOpened, AuctionPhaseNow, AuditLedger, BidInAuction, BidTaken,
    CancelAuction, CaptureHold, CloseAuction, CommitBid, CreateAuction, CreditsHeld, ExportLedger,
    GetAuction, GetMarketKey, GetStatement, HoldCredits, IssueCredits, ListAccounts,
    ListAuctionKinds, ListAuctions, ListHolds, Look, MarketKey, Posted, ReleaseHold, RevealBid,
    Trades, TransferCredits,
};
pub use message::{
    Broadcast, CallAgent, CallAnswer, CallHandle, CallState, GetResult, Notified, NotifyAgent,
    Publish, Published, Sends, SubmitCall, Subscribe, TargetOutcome, Unsubscribe,
};
pub use metrics::{
    ExportFormat, ExportMetrics, GetHeat, GetMetrics, GetMetricsNow, HeatRow, HeatView,
    ListMetrics, MetricRow, MetricValue, MetricsExport, MetricsNow, MetricsRead, SeriesView,
};
pub use moving::{
    CordonNode, DrainNode, GetRebalance, PreviewRebalance, RebalancePreview, RebalanceStep,
    StartRebalance, SteerRebalance,
};
pub use name::{
    Claim, CountNames, Deregister, DeregisterMatching, GivenUp, Lookup, NameHolder, NameOutcomes,
    Register, Revision, SetName, WaitForName,
};
pub use node::{LabelNode, RenameNode, RevokeMember, SetPrograms, StopNode, WhatIfLost};
pub use pairing::{
    Accept, Ask, Dial, Dialled, Invite, InviteMade, Join, Refuse, RevokeInvite, Withdraw,
};
pub use reading::{GetPairing, GetStatus, ListAgents, ListNodes, RunDoctor};
pub use session::{
    AssessParticipant, CancelSession, Convenes, GetSession, ListProtocols, ListSessions,
    SayInSession, SessionStarted, StartSession, WaitForSession,
};
pub use setting::{
    ChangeSettings, DiffSettings, ListSettingVersions, ListSettings, ResetSettings,
    RollBackSettings, SetSettingsHere, SettingHere, WithdrawSetting,
};
pub use subscription::Subscription;
pub use task::{
    CancelTasks, GetBalancer, GetTask, ListTasks, NewTaskWish, PreviewBalancer, SetBalancer,
    SubmitTasks, TasksCancelled, TasksSubmitted, WaitForTasks, Works,
};
pub use token::Token;
pub use topic::Topic;
