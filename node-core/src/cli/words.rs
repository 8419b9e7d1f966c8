//! Views and facts in words.

mod agreed;
mod told;

pub(super) use agreed::account;

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    NodeId, Wall,
    agent::{ExitReason, Phase, Programs},
    certificate::Role,
    event::{DownCause, EventRecord, Fact, PlacedFor, Report},
    monitor::Subject,
    moving::PlanPhase,
    node::{AgentView, NodeState, ProblemView},
    pairing::FoundBy,
    registry::Backend,
    replica::DiskState,
    settings::{self, Layer},
};

/// The names of nodes, for those that have one here.
#[derive(Debug, Default)]
pub(super) struct Names(pub(super) BTreeMap<NodeId, String>);

impl Names {
    pub(super) fn of(&self, node: NodeId) -> String {
        self.0.get(&node).cloned().unwrap_or_else(|| node.short())
    }
}

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Observer => "observer",
        Role::Worker => "worker",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

pub(super) fn node_state(state: NodeState) -> &'static str {
    match state {
        NodeState::Alive => "alive",
        NodeState::Suspect => "suspect",
        NodeState::Down => "down",
        NodeState::Left => "left",
        NodeState::Sleeping => "sleeping",
        NodeState::Waking => "waking",
        NodeState::Unseen => "unseen",
    }
}

pub(super) fn agent_state(agent: &AgentView) -> &'static str {
    match agent.phase {
        Some(phase) => phase_word(phase),
        None if agent.wanted => "waiting",
        None => "stopped",
    }
}

pub(super) fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Starting => "starting",
        Phase::Running => "running",
        Phase::Migrating => "migrating",
        Phase::Arriving => "arriving",
        Phase::BackingOff => "backing off",
        Phase::Stopping => "stopping",
        Phase::Finished => "finished",
        Phase::Failed => "failed",
    }
}

pub(super) fn programs(programs: Programs) -> &'static str {
    match programs {
        Programs::Own => "own",
        Programs::Cluster => "cluster",
    }
}

pub(super) fn found_by(by: FoundBy) -> &'static str {
    match by {
        FoundBy::Mdns => "LAN",
        FoundBy::Address => "address",
        FoundBy::AddressBook => "address book",
        FoundBy::SameMachine => "this machine",
        FoundBy::Knocked => "it knocked",
        FoundBy::Dns => "DNS",
        FoundBy::Referred => "a member",
    }
}

pub(super) fn exit_reason(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Stopped => "it was told to stop".to_owned(),
        ExitReason::Exited { code } => format!("it ended with code {code}"),
        ExitReason::Killed { signal } => format!("signal {signal} ended it"),
        ExitReason::NotStarted { error } => format!("it could not be started: {error}"),
        ExitReason::OverMemory { used_mib, limit_mib } => {
            format!("it used {used_mib} MiB of {limit_mib} MiB")
        }
        ExitReason::OverTime { limit_ms } => format!("a message took longer than {limit_ms} ms"),
        ExitReason::Garbled { line } => format!("it wrote what is no message: {line:?}"),
    }
}

pub(super) fn problem(problem: &ProblemView) -> String {
    match problem {
        ProblemView::Twin { address } => format!(
            "the machine at {address} runs with this node's identity; one of the two must stop"
        ),
        ProblemView::ReadOnly { reason } => format!("the disk does not take writes: {reason}"),
        ProblemView::DiskFull { path, free_bytes } => format!(
            "the disk of {path} is full ({free_bytes} bytes are free); make room, and it goes on by itself"
        ),
        ProblemView::DiskReadOnly { path } => format!(
            "the disk of {path} can only be read; mount it to be written, and it goes on by itself"
        ),
        ProblemView::DiskFails { path, reason } => {
            format!("{path} cannot be written: {reason}; mend the disk, and it goes on by itself")
        }
        ProblemView::StoreDamaged { path, reason } => format!(
            "the database {path} is damaged, and nothing is written to it: {reason}; stop the node, \
             `covey store set-aside`, and start it again: the other nodes fill an empty one"
        ),
        ProblemView::NodeDisk { name, disk, .. } => format!("{name}: {}", disk_state(*disk)),
        ProblemView::GroupFilling { aside } => format!(
            "what the cluster agrees on was damaged on this disk; it was set aside as {aside}, and \
             the other nodes fill it again"
        ),
        ProblemView::GroupDamaged { reason, .. } => format!(
            "what the cluster agrees on is damaged on this disk, and no other node has it: {reason}; \
             to go on without it: `covey coordination set-aside`"
        ),
        ProblemView::GroupUnusable { reason, .. } => {
            format!("this node takes no part in what the cluster agrees on: {reason}")
        }
        ProblemView::NodeDown { name, since, .. } => format!("{name} is down since {}", at(*since)),
        ProblemView::ClockAhead { name, .. } => format!("the clock of {name} is wrong"),
        ProblemView::AgentFailed { name, .. } => format!(
            "{name} used up its restarts; see `covey agent logs {name}`, then \
             `covey agent restart {name}`"
        ),
        ProblemView::AgentUnplaced { name } => {
            format!("no node can run {name}; see `covey agent why {name}`")
        }
        ProblemView::OneAdmin => {
            "only one node can admit others; if it is lost, nobody can".to_owned()
        }
    }
}

/// How the disk of another node is.
pub(super) fn disk_state(disk: DiskState) -> &'static str {
    match disk {
        DiskState::Sound => "its disk is sound",
        DiskState::Filling => "a store on its disk was damaged, and the other nodes fill it again",
        DiskState::Full => "its disk is full; make room there",
        DiskState::ReadOnly => "its disk can only be read; mount it to be written",
        DiskState::Fails => "its disk fails",
        DiskState::Damaged => "a store on its disk is damaged; its own panel says what to do",
    }
}

/// Whose event it is.
pub(super) fn seen_by(event: &EventRecord, names: &Names) -> String {
    if event.fact.is_agreed() { "cluster".to_owned() } else { names.of(event.origin) }
}

/// An event as a sentence.
#[expect(clippy::too_many_lines, reason = "one sentence for each fact")]
pub(super) fn event(event: &EventRecord, names: &Names) -> String {
    let node = |node: &NodeId| names.of(*node);
    match &event.fact {
        Fact::NodeStarted { version } => format!("started, version {version}"),
        Fact::NodeRenamed { old, new } => format!("was renamed from {old} to {new}"),
        Fact::ProgramsAllowed { cluster: true } => "runs programs of the cluster".to_owned(),
        Fact::ProgramsAllowed { cluster: false } => "runs only its own programs".to_owned(),
        Fact::LabelsSet { labels } => format!("has the labels {}", labels.join(", ")),
        Fact::MemberAdmitted { node: id, name, role: as_role } => {
            format!("admitted {name} ({}) as {}", id.short(), role(*as_role))
        }
        Fact::MemberRevoked { node: id } => format!("put {} out of the cluster", node(id)),
        Fact::MemberUp { node: id } => format!("hears {} again", node(id)),
        Fact::MemberSuspected { node: id } => format!("has not heard {} lately", node(id)),
        Fact::MemberDown { node: id, cause } => {
            let cause = match cause {
                DownCause::Refused => "its process is gone",
                DownCause::Silent => "it is silent",
                DownCause::Left => "it left",
            };
            format!("holds {} to be down: {cause}", node(id))
        }
        Fact::MemberLeft { node: id } => format!("heard {} say goodbye", node(id)),
        Fact::MemberSleeps { node: id } => format!("heard {} go to sleep", node(id)),
        Fact::JoinAsked { node: id, name, code } => {
            format!("is asked by {name} ({}) to let it in, code {code}", id.short())
        }
        Fact::JoinRefused { node: id } => format!("refused {}", node(id)),
        Fact::InviteMade { role: as_role } => format!("made an invite as {}", role(*as_role)),
        Fact::AgentWanted { name } => format!("wants {name} to run"),
        Fact::AgentUnwanted { name } => format!("wants {name} to stop"),
        Fact::AgentRestartAsked { name } => format!("wants {name} started afresh"),
        Fact::AgentMoveAsked { name, to } => format!("wants {name} on {}", node(to)),
        Fact::AgentRemoved { name } => format!("removed {name}"),
        Fact::AgentPlaced { name, reason } => {
            let reason = match reason {
                PlacedFor::Unplaced => "it ran nowhere",
                PlacedFor::NodeDown => "its node is down",
                PlacedFor::Restart => "it ended",
                PlacedFor::Asked => "a person asked",
                PlacedFor::Relation => "a sibling or an agent that it needs ended",
            };
            format!("starts {name}: {reason}")
        }
        Fact::AgentStarted { name } => format!("runs {name}"),
        Fact::AgentExited { name, reason, next } => {
            format!("lost {name}: {}; it is {}", exit_reason(reason), phase_word(*next))
        }
        Fact::ClaimLost { name, winner, .. } => {
            format!("stopped its {name}, which runs on {}", node(winner))
        }
        Fact::AgentHandedOver { name, to } => format!("handed {name} over to {}", node(to)),
        Fact::HandOverFailed { name, to, reason } => {
            format!("keeps {name}, which did not go to {}: {reason}", node(to))
        }
        Fact::StateRestored { name, keeper } => {
            format!("goes on with {name} from the copy of {}", node(keeper))
        }
        Fact::StateLost { name, keeper } => {
            format!("begins {name} afresh: the copy of {} cannot be reached", node(keeper))
        }
        Fact::NodeCordoned { node: id, cordoned: true } => format!("cordoned {}", node(id)),
        Fact::NodeCordoned { node: id, cordoned: false } => format!("uncordoned {}", node(id)),
        Fact::DrainAsked { node: id, until } => {
            format!("wants {} drained until {}", node(id), at(*until))
        }
        Fact::Drained { moved } => format!("is drained: {moved} agents went elsewhere"),
        Fact::RebalanceSet { phase, moves } => {
            format!("{} a plan of {moves} moves", plan_verb(*phase))
        }
        Fact::NamespaceSet { namespace, backend } => {
            format!("has the names of {namespace} kept {}", backend_word(*backend))
        }
        Fact::NamespaceCleaned { namespace } => format!("cleaned {namespace} up"),
        Fact::ClockAhead { node: id } => format!("heard a stamp too far ahead from {}", node(id)),
        Fact::Reported(report) => told(report),
        Fact::SettingChanged { key, layer, node: id, old, new, version: _ } => {
            let whom = match (layer, id) {
                (Layer::Runtime, _) => "here until it stops".to_owned(),
                (_, Some(id)) => format!("for {}", node(id)),
                (_, None) => "for all".to_owned(),
            };
            let was = old.as_deref().unwrap_or("unset");
            match new {
                Some(new) => format!("set {key} {whom} to {new} (was {was})"),
                None => format!("unset {key} {whom} (was {was})"),
            }
        }
        Fact::SettingsQueued { change } => {
            format!("holds a change until a majority is there: {change}")
        }
        Fact::SettingsDropped { change, reason } => {
            format!("did not make a change: {change}; {reason}")
        }
        Fact::StoreSetAside { aside } => {
            format!("set a damaged store aside as {aside}; the other nodes fill it again")
        }
        Fact::EventsLost { from, to } => {
            format!(
                "lost its disk, and those of its events from {from} to {to} that were on it alone"
            )
        }
        Fact::GroupRecovered { revision } => {
            format!("recovered the group by force, with the {revision} changes it held")
        }
        told @ (Fact::BreakerTurned { .. }
        | Fact::RateReset { .. }
        | Fact::CounterChanged { .. }
        | Fact::VariableWritten { .. }
        | Fact::EventsOmitted { .. }) => told::told(told),
        Fact::ClusterEntered { from, agents } => {
            format!("came from the cluster {from} with {agents} agents; the rest is archived")
        }
        Fact::AgentConflicted { name } => {
            format!("did not bring its {name}: the cluster has an agent of that name")
        }
        Fact::AlertRaised { rule, subject: of, value, .. } => {
            let value = value.map(|value| format!(" at {value}")).unwrap_or_default();
            format!("raised the alert {} of {}{value}", rule.name(), subject(of, names))
        }
        Fact::AlertCleared { rule, subject: of, .. } => {
            format!("cleared the alert {} of {}", rule.name(), subject(of, names))
        }
        Fact::AlertMuted { rule, subject: of, until } => {
            let until = until.map(|until| format!(" until {}", at(until))).unwrap_or_default();
            format!("muted alerts {} of {}{until}", rule.name(), subject(of, names))
        }
        Fact::AlertUnmuted { rule, subject: of } => {
            format!("unmuted alerts {} of {}", rule.name(), subject(of, names))
        }
        Fact::AlertAcknowledged { rule, subject: of } => {
            format!("looks after the alert {} of {}", rule.name(), subject(of, names))
        }
        agreed @ (Fact::PlaceTaken { .. }
        | Fact::PlaceLeft { .. }
        | Fact::BarrierEnded { .. }
        | Fact::CounterMade { .. }
        | Fact::CounterRemoved { .. }
        | Fact::VariableChanged { .. }
        | Fact::QuestionSettled { .. }
        | Fact::QuestionReopened { .. }
        | Fact::CreditsIssued { .. }
        | Fact::AuctionOpened { .. }
        | Fact::AuctionClosed { .. }
        | Fact::AuctionCancelled { .. }
        | Fact::AgentUnpaid { .. }
        | Fact::SessionStarted { .. }
        | Fact::SessionEnded { .. }
        | Fact::ChangesOmitted { .. }) => agreed::change(agreed, event.actor, names),
    }
}

/// What an application told, on a line.
fn told(report: &Report) -> String {
    let body = serde_json::Value::Object(report.body.clone()).to_string();
    let belongs = report.correlation.as_ref().map(|it| format!("  [{it}]")).unwrap_or_default();
    format!("{}{belongs}  {body}", report.kind)
}

fn plan_verb(phase: PlanPhase) -> &'static str {
    match phase {
        PlanPhase::Running => "runs",
        PlanPhase::Paused => "paused",
        PlanPhase::Aborted => "ended",
    }
}

/// How a backend reaches.
pub(super) fn subject(subject: &Subject, names: &Names) -> String {
    match subject {
        Subject::Node(node) => names.of(*node),
        Subject::Agent(name) => name.to_string(),
    }
}

pub(super) fn backend_word(backend: Backend) -> &'static str {
    match backend {
        Backend::Local => "on each node alone",
        Backend::Replicated => "on every node",
        Backend::Consensus => "by consensus",
    }
}

/// A moment in UTC, to the second, as RFC 3339 writes it.
pub(super) fn at(wall: Wall) -> String {
    let seconds = wall.0 / 1_000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date that lies `days` after 1970-01-01 (Hinnant, *chrono-Compatible Low-Level Date
/// Algorithms*, `civil_from_days`, for days that are not negative).
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// How long ago `then` was, in the greatest unit that fits.
pub(super) fn ago(now: Wall, then: Wall) -> String {
    let seconds = now.0.saturating_sub(then.0) / 1_000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A span in a fitting unit: `850us`, `1.2ms`, `3.0s`.
pub(super) fn span(span: Duration) -> String {
    match span.as_micros() {
        us @ 0..1_000 => format!("{us}us"),
        1_000..1_000_000 => format!("{:.1}ms", span.as_secs_f64() * 1e3),
        _ => format!("{:.1}s", span.as_secs_f64()),
    }
}

/// A span as people type it: `30s`, `10m`, `2h`, `1d`, `500ms`.
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    settings::parse_span(text).ok_or_else(|| "expected a span like 30s, 10m or 2h".to_owned())
}
