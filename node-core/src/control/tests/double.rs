//! A node that remembers what it was asked and answers as told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use covey_logic::{
    ClusterId, Command, CommandError, Epoch, Name, NodeId, Outcome, Wall,
    agent::{self, Builtin, Phase, Placement, Programs, RestartRule, Runtime},
    agreed::Key,
    certificate::Role,
    comms::Route,
    coordination::{
        Act, Counter, CounterView, Done, Fate, Place, Refused, Scope, Seats, Variable,
        VariableView, Written,
    },
    event::{EventId, EventRecord, Fact},
    event_store::Receipt,
    guard::{self, GuardView, RateReset},
    hlc::Stamp,
    holding::Held,
    merged::{self, MergedCommand, MergedOutcome, Reach, VariableAct},
    monitor::{AlertState, AlertView, Metric, Point, Rule, SeriesOf, Severity, Subject},
    moving::{PlanView, PlannedMove},
    node::{AgentView, Belongings, NodeState, NodeView, PlacementView, RefugeView, StatusView},
    outbox::Owner,
    pairing::{FoundBy, KeyMatch, NearbyView, PairingView},
    registry::{self, ChangeKind, ChangeView, Count, NameCommand, NameOutcome, Page},
    settings::{self, EditView, Mark, SettingView, Settings, Sources, Values, VersionView},
};
use tokio::sync::watch;

use crate::{
    Views,
    archive::{Archive, ArchiveRow, JoinPlan, Replayed},
    comms::{LogLine, LogStream},
    consensus::{Beginning, ProposeError, Recovery},
    control::{
        Agrees, Backend, Control, Convenes, EventCheck, EventPage, EventQuery, EventStatistics,
        EventsFollowed, FollowEvents, NameAnswer, NameQuestion, Sends, Trades, UiError, Works,
        backend::Answer,
        tests::{agents::Agents, convened::Convened, stall::Stall, work::Work},
    },
    doctor::{DoctorReport, Verdict},
    handle::{
        Acquire, Arrive, Changed, CoordinationView, Freshness, Named, SettingWish, TenureView,
        Writes,
    },
    monitor,
    settings::SettingsView,
};

pub(super) const THIS: NodeId = NodeId([1; 32]);
pub(super) const OTHER: NodeId = NodeId([2; 32]);

/// A node that remembers what it was asked and answers as told.
pub(super) struct Double {
    pub(super) views: watch::Sender<Arc<Views>>,
    pub(super) asked: Mutex<Vec<Command>>,
    pub(super) refuse: Mutex<Option<CommandError>>,
    pub(super) lines: Mutex<Vec<LogLine>>,
    /// The number of the newest change of names.
    pub(super) head: watch::Sender<u64>,
    pub(super) agreed: Mutex<Settings>,
    pub(super) version: watch::Sender<u64>,
}

impl Double {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            views: watch::Sender::new(Arc::new(views())),
            asked: Mutex::default(),
            refuse: Mutex::default(),
            lines: Mutex::new(vec![line(1), line(2)]),
            head: watch::Sender::new(3),
            agreed: Mutex::default(),
            version: watch::Sender::new(0),
        })
    }

    pub(super) fn control(self: &Arc<Self>) -> Control {
        Control::new(Arc::clone(self) as Arc<dyn Backend>)
    }

    fn agreed(&self) -> MutexGuard<'_, Settings> {
        self.agreed.lock().unwrap()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Views)) {
        let mut views = Views::clone(&self.views.borrow());
        change(&mut views);
        self.views.send_replace(Arc::new(views));
    }
}

fn measured(question: monitor::Question) -> monitor::Answer {
    match question {
        monitor::Question::Clock => monitor::Answer::Clock(Wall(1_000)),
        monitor::Question::Latest => {
            monitor::Answer::Latest(vec![(Subject::Node(THIS), vec![(Metric::Cpu, 12.0)])])
        }
        monitor::Question::Series(_, read) => {
            let points = vec![Some(Point::of(12.0)); read.count as usize];
            let series = read.metrics.iter().map(|metric| (*metric, points.clone())).collect();
            monitor::Answer::Series(vec![SeriesOf { subject: Subject::Node(THIS), series }])
        }
    }
}

fn alert() -> AlertView {
    AlertView {
        rule: Rule::Cpu,
        subject: Subject::Node(THIS),
        severity: Severity::Warning,
        state: AlertState::Active,
        value: Some(97),
        raised: Wall(900),
        cleared: None,
        acknowledged: None,
        muted: None,
    }
}

pub(super) fn ready<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    Box::pin(async move { Ok(value) })
}

impl Backend for Double {
    fn measured(
        &self,
        node: NodeId,
        question: monitor::Question,
    ) -> Answer<'_, Option<monitor::Answer>> {
        ready((node == THIS).then(|| measured(question)))
    }

    fn alerts(&self) -> Answer<'_, Vec<AlertView>> {
        ready(vec![alert()])
    }

    fn prometheus(&self) -> String {
        "covey_build_info 1\n".to_owned()
    }

    fn id(&self) -> NodeId {
        THIS
    }

    fn now(&self) -> Wall {
        Wall(1_000)
    }

    fn view_now(&self) -> Answer<'_, Arc<Views>> {
        ready(self.views.borrow().clone())
    }

    fn views(&self) -> watch::Receiver<Arc<Views>> {
        self.views.subscribe()
    }

    fn command(&self, _: NodeId, command: Command) -> Answer<'_, Outcome> {
        let outcome = if let Command::Invite { .. } = &command {
            Outcome::Invite { secret: [3; 16], id: "i1".into() }
        } else if let Command::Register { names } = &command {
            Outcome::Names(names.iter().map(|_| Ok(())).collect())
        } else if let Command::Name(NameCommand::RegisterFor { names, .. }) = &command {
            Outcome::Names(names.iter().map(|_| Ok(())).collect())
        } else if let Command::Name(NameCommand::DeregisterMatching { .. }) = &command {
            Outcome::Name(NameOutcome::Count(2))
        } else if let Command::Report { reports, .. } = &command {
            let count = u32::try_from(reports.len()).unwrap();
            Outcome::Reported(Receipt { origin: THIS, first: 8, count, copies: 1 })
        } else if let Command::Name(NameCommand::SetMetadata { .. }) = &command {
            Outcome::Name(NameOutcome::Revision(8))
        } else {
            Outcome::Done
        };
        self.asked.lock().unwrap().push(command);
        let refusal = self.refuse.lock().unwrap().clone();
        Box::pin(async move { refusal.map_or(Ok(outcome), |error| Err(UiError::from(error))) })
    }

    fn preview_rebalance(&self) -> Answer<'_, Vec<PlannedMove>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn rebalance(&self) -> Answer<'_, Option<PlanView>> {
        Box::pin(async { Ok(None) })
    }

    fn explain(&self, _: Name) -> Answer<'_, PlacementView> {
        ready(PlacementView { candidates: Vec::new(), waiting: Vec::new() })
    }

    fn what_if_lost(&self, _: NodeId) -> Answer<'_, Vec<RefugeView>> {
        ready(Vec::new())
    }

    fn messages(&self) -> Arc<dyn Sends> {
        Arc::new(Agents)
    }

    fn workload(&self) -> Arc<dyn Works> {
        Arc::new(Work::new())
    }

    fn sessions(&self) -> Arc<dyn Convenes> {
        Arc::new(Convened)
    }

    fn admit(&self, actor: Option<Name>, operation: String) -> Answer<'_, ()> {
        let actor = actor.map_or_else(|| "operator".to_owned(), |actor| actor.to_string());
        let refused = actor == "eager";
        let refused = refused.then_some(guard::Refused::Rate {
            actor,
            operation,
            retry_ms: 20,
            shortage: guard::Shortage::Rate,
        });
        Box::pin(async move { refused.map_or(Ok(()), |refused| Err(refused.into())) })
    }

    fn guard(&self) -> GuardView {
        GuardView::default()
    }

    fn reset_breakers(&self, name: Option<Name>) -> Vec<Name> {
        name.into_iter().collect()
    }

    fn has_rate(&self, operation: &str) -> bool {
        operation == "agent.call:*"
    }

    fn reset_rate(&self, _: RateReset) -> Answer<'_, ()> {
        ready(())
    }

    fn join_plan(&self) -> Answer<'_, JoinPlan> {
        ready(JoinPlan::default())
    }

    fn archives(&self) -> Answer<'_, Vec<ArchiveRow>> {
        ready(Vec::new())
    }

    fn archive(&self, left: Wall) -> Answer<'_, Archive> {
        let belongings = Belongings {
            cluster: ClusterId([3; 32]),
            cluster_name: "old".to_owned(),
            founded: Wall(1),
            others: 0,
            agents: Vec::new(),
            foreign_agents: Vec::new(),
            counters: Vec::new(),
            variables: Vec::new(),
            locals: Vec::new(),
            events: 0,
        };
        ready(Archive { left, belongings, group: None })
    }

    fn replay_archive(&self, _: Wall) -> Answer<'_, Replayed> {
        ready(Replayed::default())
    }

    fn logs(&self, _: Name, lines: u32) -> Answer<'_, Vec<LogLine>> {
        let all = self.lines.lock().unwrap();
        let from = all.len().saturating_sub(lines as usize);
        ready(all[from..].to_vec())
    }

    fn query_events(&self, _: EventQuery) -> Answer<'_, EventPage> {
        ready(EventPage { events: vec![event(1)], next: None })
    }

    fn event(&self, asked: EventId) -> Answer<'_, Option<Arc<EventRecord>>> {
        ready(Some(event(asked.seq)))
    }

    fn follow_events(&self, _: FollowEvents) -> Answer<'_, EventsFollowed> {
        ready(EventsFollowed { events: vec![event(1)], ..EventsFollowed::default() })
    }

    fn event_statistics(&self) -> Answer<'_, EventStatistics> {
        ready(EventStatistics::default())
    }

    fn check_events(&self) -> Answer<'_, EventCheck> {
        ready(EventCheck::default())
    }

    fn lookup(&self, _: &Name) -> Option<Route> {
        Some(Route { node: OTHER, epoch: Epoch(4), token: None })
    }

    fn read_names(&self, question: NameQuestion) -> Answer<'_, NameAnswer> {
        ready(match question {
            NameQuestion::Search(_) => NameAnswer::Page(Page::default()),
            NameQuestion::Count(_) => NameAnswer::Count(Count { count: 0, exact: true }),
            NameQuestion::Groups => NameAnswer::Groups(Vec::new()),
            NameQuestion::Members(_) => NameAnswer::Members(Vec::new()),
            NameQuestion::Namespaces => NameAnswer::Namespaces(Vec::new()),
            NameQuestion::Backend(_) => NameAnswer::Backend(registry::Backend::Consensus),
            NameQuestion::Changes(after, prefix) => {
                let seq = *self.head.borrow();
                let gap = ChangeKind::Gap { missed: seq - after };
                let change = ChangeView { seq, name: None, change: gap };
                let changes = (seq > after && prefix.is_empty()).then_some(change);
                NameAnswer::Changes(changes.into_iter().collect(), seq)
            }
        })
    }

    fn names_head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    fn wait_for(&self, _: Name, _: Duration) -> Answer<'_, Owner> {
        ready(Owner { node: OTHER, epoch: Epoch(4), token: None })
    }

    fn dial_address(&self, _: String) -> Answer<'_, NodeId> {
        ready(OTHER)
    }

    fn doctor(&self) -> Answer<'_, DoctorReport> {
        let report = DoctorReport { verdict: Verdict::Ok, checks: Vec::new(), sources: Vec::new() };
        Box::pin(async move { Ok(report) })
    }

    fn lobby_addresses(&self) -> Vec<String> {
        vec!["/ip4/10.0.0.1/tcp/26839".into()]
    }

    fn primitives(&self) -> Arc<dyn Agrees> {
        Arc::new(Agreeable)
    }

    fn market(&self) -> Arc<dyn Trades> {
        Arc::new(Stall::new())
    }

    fn values(&self) -> Arc<Values> {
        Arc::default()
    }

    fn settings(&self) -> SettingsView {
        let (file, runtime) = Default::default();
        let agreed = self.agreed.lock().unwrap();
        let sources = Sources { me: THIS, file: &file, agreed: &agreed, runtime: &runtime };
        SettingsView {
            version: agreed.version(),
            settings: SettingView::all(sources),
            strangers: Vec::new(),
            pending: Vec::new(),
        }
    }

    fn change_settings(&self, wish: SettingWish) -> Answer<'_, Changed> {
        let mut agreed = self.agreed.lock().unwrap();
        let mark = Mark { version: agreed.version() + 1, by: THIS, at: Wall(1_000) };
        let result = agreed.apply(mark, wish.act);
        self.version.send_replace(agreed.version());
        Box::pin(async move {
            let settings::Done { version, changed } = result?;
            Ok(Changed::Agreed { version, changed })
        })
    }

    fn set_here(&self, changes: Vec<(Name, Option<String>)>) -> Result<(), settings::Refused> {
        let unknown =
            changes.into_iter().find(|(key, _)| settings::setting(key.as_str()).is_none());
        unknown.map_or(Ok(()), |(key, _)| Err(settings::Refused::Unknown { key }))
    }

    fn setting_versions(&self, after: u64) -> Vec<VersionView> {
        let agreed = self.agreed.lock().unwrap();
        let later = agreed.versions().filter(|there| there.mark.version > after);
        later.map(VersionView::from).collect()
    }

    fn settings_version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn diff_settings(&self, from: u64, to: u64) -> Result<Vec<EditView>, settings::Refused> {
        let edits = self.agreed().diff(from, to);
        edits.map(|edits| edits.iter().map(EditView::from).collect())
    }

    fn withdraw_setting(&self, id: String) -> Answer<'_, bool> {
        ready(id == "p1")
    }
}

/// Agrees to nearly everything.
struct Agreeable;

impl Agrees for Agreeable {
    fn coordination(&self) -> Answer<'_, CoordinationView> {
        ready(CoordinationView::default())
    }

    fn recovery(&self) -> Answer<'_, Recovery> {
        ready(Recovery {
            voters_seen: 0,
            voters_needed: 1,
            lost: vec![OTHER],
            revision: 12,
            unconfirmed: 1,
        })
    }

    fn recover(&self) -> Answer<'_, (u64, u64)> {
        ready((5, 12))
    }

    fn set_aside(&self) -> Answer<'_, Beginning> {
        ready(Beginning { aside: "group-damaged".into(), lineage: 7 })
    }

    fn agree(&self, act: Act, _: Option<Key>) -> Answer<'_, Done> {
        let result = match act {
            Act::Add { by, .. } => Ok(Done::Counted { value: by }),
            Act::Renew { place, token: 7 } => Err(Refused::Fenced { place, token: 7 }.into()),
            Act::Erase { variable, .. } if variable.as_str() == "mute" => {
                Err(ProposeError::NoQuorum { have: 1, need: 2 })
            }
            Act::Write { .. } | Act::Register { .. } => Ok(Done::Wrote { version: 3 }),
            Act::Renew { token, .. } => Ok(Done::Held { token }),
            Act::Erase { .. } | Act::Reopen { .. } | Act::Discard { .. } => Ok(Done::Erased),
            Act::Decide { .. } => Ok(Done::Decided { version: 3, first: true }),
            Act::Fenced { place, token, .. } => Err(Refused::Fenced { place, token }.into()),
            Act::Acquire { .. }
            | Act::Arrive { .. }
            | Act::Leave { .. }
            | Act::Depart { .. }
            | Act::Release { .. }
            | Act::Revoke { .. }
            | Act::Break { .. }
            | Act::StepBack { .. }
            | Act::Expire { .. } => Ok(Done::Free),
        };
        Box::pin(async move { Ok(result?) })
    }

    fn scopes(&self, _: Named, name: Name) -> Answer<'_, Vec<Scope>> {
        ready(match name.as_str() {
            "visits" => vec![Scope::Global],
            "note" => vec![Scope::Local],
            "split" => vec![Scope::Global, Scope::Cluster],
            _ => Vec::new(),
        })
    }

    fn change(&self, command: MergedCommand) -> Answer<'_, MergedOutcome> {
        ready(match command {
            MergedCommand::Count { by, .. } => MergedOutcome::Counted { value: by.into() },
            MergedCommand::Variable { act: VariableAct::Erase { .. }, .. } => MergedOutcome::Erased,
            MergedCommand::Variable { .. } => MergedOutcome::Wrote { version: 4 },
        })
    }

    fn merged_counter(&self, counter: Name) -> Answer<'_, Option<CounterView>> {
        ready(Some(merged::Count { value: 9, changes: 2 }.view(&counter)))
    }

    fn merged_variable(&self, _: Name, _: Reach) -> Answer<'_, Option<VariableView>> {
        ready(None)
    }

    fn tenure(&self, _: Name) -> Answer<'_, Option<TenureView>> {
        ready(None)
    }

    fn acquire(&self, asked: Acquire) -> Answer<'_, u64> {
        ready(u64::try_from(asked.lease.as_millis()).unwrap())
    }

    fn arrive(&self, _: Arrive) -> Answer<'_, (u64, Fate)> {
        ready((4, Fate::Opened))
    }

    fn watch_place(
        &self,
        _: Place,
        _: Option<u64>,
        _: Duration,
    ) -> Answer<'_, (Option<Seats>, u64)> {
        ready((None, 5))
    }

    fn counter(&self, _: Name, freshness: Freshness) -> Answer<'_, (Counter, u64)> {
        let index = if freshness == Freshness::Stale { 3 } else { 5 };
        ready((Counter { value: i64::MAX, version: 3 }, index))
    }

    fn variable(&self, _: Name, _: Freshness) -> Answer<'_, (Option<Variable>, u64)> {
        ready((None, 5))
    }

    fn watch_variable(&self, _: Name, _: u64, _: Duration) -> Answer<'_, Option<Writes>> {
        ready(None)
    }

    fn decision(&self, _: Name, _: Freshness) -> Answer<'_, (Option<Written>, u64)> {
        ready((None, 5))
    }

    fn holding(&self, _: Name, _: Freshness) -> Answer<'_, (Option<Held>, u64)> {
        let claim = Arc::new(covey_logic::replica::Claim::bare((Wall(7), 0)));
        ready((Some(Held { node: OTHER, lease: 2, token: 3, claim }), 5))
    }
}

pub(super) fn line(seq: u64) -> LogLine {
    LogLine { seq, at: Wall(seq), stream: LogStream::Stderr, text: format!("line {seq}") }
}

pub(super) fn event(seq: u64) -> Arc<EventRecord> {
    let stamp = Stamp { wall: Wall(seq), counter: 0, node: THIS };
    let fact = Fact::MemberUp { node: OTHER };
    Arc::new(EventRecord { origin: THIS, seq, stamp, actor: None, fact })
}

pub(super) fn agent(name: &str) -> AgentView {
    AgentView {
        id: Name::new(name).unwrap(),
        runtime: Runtime::Builtin { agent: Builtin::Counter },
        capabilities: Vec::new(),
        restart: RestartRule::default(),
        wanted: true,
        phase: Some(Phase::Running),
        since: Some(Wall(5)),
        node: Some(THIS),
        pin: None,
        owner: THIS,
        restarts: 0,
        rent: None,
        last_exit: None,
        replica_of: None,
        waiting: Vec::new(),
        moving_to: None,
    }
}

pub(super) fn node(id: NodeId, name: &str) -> NodeView {
    NodeView {
        id,
        name: name.to_owned(),
        this: id == THIS,
        role: Role::Operator,
        state: NodeState::Alive,
        since: Wall(1),
        version: "0.1.0".into(),
        os: "linux".into(),
        arch: "x86_64".into(),
        cpus: 4,
        memory_mib: 8_192,
        cpu_percent: 10,
        used_mib: 1_000,
        messages_per_s: 0,
        agents: 1,
        ask: None,
        disk: covey_logic::replica::DiskState::Sound,
        labels: BTreeMap::new(),
        scheduling: None,
        programs: Programs::Own,
        addresses: Vec::new(),
        started: None,
        link: None,
        seen_by: Vec::new(),
    }
}

pub(super) fn views() -> Views {
    let nearby = NearbyView {
        node: OTHER,
        name: "heron".into(),
        cluster: ClusterId([9; 32]),
        cluster_name: "heron".into(),
        members: 1,
        version: "0.1.0".into(),
        os: "linux".into(),
        by: FoundBy::Mdns,
        join_key: KeyMatch::None,
        seen: Wall(900),
    };
    Views {
        status: StatusView {
            node: THIS,
            name: "otter".into(),
            cluster: ClusterId([8; 32]),
            cluster_name: "otter".into(),
            role: Role::Admin,
            version: "0.1.0".into(),
            nodes_alive: 1,
            nodes_known: 1,
            agents_running: 1,
            agents_known: 1,
            converged: 1,
            messages_per_s: 0,
            writable: true,
            problems: Vec::new(),
        },
        nodes: vec![node(THIS, "otter")],
        agents: vec![agent("adder")],
        pairing: PairingView { nearby: vec![nearby], ..PairingView::default() },
        events: vec![event(1), event(2)],
        traffic: Vec::new(),
    }
}

/// A specification as a client writes it.
pub(super) fn spec() -> serde_json::Value {
    serde_json::json!({
        "name": "adder",
        "runtime": { "kind": "builtin", "agent": "counter" },
        "placement": crate::control::to_json(&Placement::default()),
        "limits": crate::control::to_json(&agent::Limits::default()),
    })
}
