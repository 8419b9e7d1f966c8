//! One node alone, through its public API.

mod rented;
mod settings;
mod telling;

use std::{collections::BTreeMap, sync::Arc};

use ed25519_dalek::SigningKey;

use crate::{
    agent::{AgentSpec, Builtin, Exit, ExitReason, Phase, RestartRule, Runtime},
    certificate::Role,
    event_store::{Extent, Retention},
    ids::{Epoch, Incarnation, Name, Ticket},
    node::{Command, CommandError, Effect, Input, Machine, Node, Outcome, Record, Restore},
    pairing::PairingSettings,
    time::{Instant, Now, Wall},
};

#[test]
fn first_start_founds_a_cluster_with_this_node_as_admin() {
    let node = Alone::start();

    assert_eq!(node.node.role_of(node.node.id()), Some(Role::Admin));
    assert_eq!(node.node.nodes().len(), 1);
}

#[test]
fn reply_waits_until_its_records_are_on_disk() {
    let mut node = Alone::start();

    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });

    assert!(node.replies.is_empty());
    node.sync();
    assert_eq!(node.replies, [(Ticket(900), Ok(Outcome::Done))]);
}

#[test]
fn lone_node_starts_what_is_wanted_at_once() {
    let mut node = Alone::start();

    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });

    assert_eq!(node.started.len(), 1);
    node.report_started("a");
    assert_eq!(node.phase("a"), Some(Phase::Running));
}

#[test]
fn second_agent_of_one_name_is_refused() {
    let mut node = Alone::start();
    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });
    node.sync();
    node.replies.clear();

    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });

    let name = Name::new("a").unwrap();
    assert_eq!(node.replies, [(Ticket(900), Err(CommandError::AgentExists { name }))]);
}

#[test]
fn flapping_agent_is_parked_after_its_restart_intensity() {
    let mut node = Alone::start();
    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });

    for _ in 0..=RestartRule::default().max_restarts {
        node.report_crash("a");
        node.run_for_ms(2_500);
    }

    assert_eq!(node.phase("a"), Some(Phase::Failed));
    assert_eq!(node.started.len(), 1 + 5);
    let agents = node.node.agents();
    assert_eq!(agents[0].last_exit.as_ref().unwrap().reason, ExitReason::Exited { code: 1 });
}

#[test]
fn failed_agent_starts_again_when_a_person_asks() {
    let mut node = Alone::start();
    let restart = RestartRule { max_restarts: 0, ..RestartRule::default() };
    let spec = AgentSpec { restart, ..echo("a") };
    node.command(Command::StartAgent { spec: Box::new(spec), pin: None, replace: false });
    node.report_crash("a");
    assert_eq!(node.phase("a"), Some(Phase::Failed));

    node.command(Command::RestartAgent { name: Name::new("a").unwrap() });

    assert_eq!(node.phase("a"), Some(Phase::Starting));
}

#[test]
fn stopped_agent_is_no_longer_held() {
    let mut node = Alone::start();
    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });
    node.report_started("a");

    node.command(Command::StopAgent { name: Name::new("a").unwrap() });
    node.report_exit("a", ExitReason::Stopped);

    assert_eq!(node.phase("a"), None);
    assert!(!node.node.agents()[0].wanted);
}

#[test]
fn restarted_node_runs_what_was_wanted_under_a_higher_epoch() {
    let mut node = Alone::start();
    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });
    node.sync();
    let first = node.started[0].1;

    let node = node.restart();

    assert_eq!(node.started.len(), 1);
    assert!(node.started[0].1 > first);
}

#[test]
fn failed_disk_makes_the_node_read_only() {
    let mut node = Alone::start();
    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });

    node.fail_disk();

    assert!(matches!(node.replies[0].1, Err(CommandError::ReadOnly { .. })));
    assert!(!node.node.status().writable);
    node.command(Command::Rename { name: "b".to_owned() });
    assert!(matches!(node.replies[1].1, Err(CommandError::ReadOnly { .. })));
}

#[test]
fn mended_disk_takes_what_had_failed_and_commands_again() {
    let mut node = Alone::start();
    node.command(Command::StartAgent { spec: Box::new(echo("a")), pin: None, replace: false });
    let failed = node.unsynced.clone();
    node.fail_disk();
    for (ticket, _) in failed {
        node.input(Input::Appended { ticket });
    }

    node.input(Input::StoreMended);

    assert!(node.node.status().writable);
    node.command(Command::Rename { name: "b".to_owned() });
    node.sync();
    assert_eq!(node.replies.last().map(|(_, result)| result.is_ok()), Some(true));
}

#[test]
fn stranger_may_command_nothing() {
    let mut node = Alone::start();
    let stranger = crate::NodeId([9; 32]);
    let command = Command::StopAgent { name: Name::new("a").unwrap() };

    node.input(Input::Command { ticket: Ticket(900), actor: stranger, command });

    assert_eq!(node.replies[0].1, Err(CommandError::Forbidden { needs: Role::Operator }));
}

/// A node with a disk and a host that do what they are told when the test says so.
struct Alone {
    node: Node,
    at_ms: u64,
    unsynced: Vec<(Ticket, Vec<Record>)>,
    disk: Vec<Record>,
    started: Vec<(Name, Epoch)>,
    replies: Vec<(Ticket, Result<Outcome, CommandError>)>,
    incarnation: u64,
}

impl Alone {
    fn start() -> Self {
        Self::from_disk(1, 0, Vec::new())
    }

    fn from_disk(incarnation: u64, at_ms: u64, disk: Vec<Record>) -> Self {
        let mut shared = BTreeMap::new();
        let (mut snapshots, mut locals, mut writes_since) =
            (BTreeMap::new(), BTreeMap::new(), None);
        let (mut profile, mut event_extents) = (None, BTreeMap::new());
        for record in &disk {
            match record.clone() {
                Record::Shared { key, stamp, value } => {
                    shared.insert(key, (stamp, value));
                }
                Record::Snapshot(name, Some(snapshot)) => drop(snapshots.insert(name, snapshot)),
                Record::Snapshot(name, None) => drop(snapshots.remove(&name)),
                Record::ClearShared => {
                    shared.clear();
                    writes_since = None;
                }
                Record::WritesSince(since) => writes_since = Some(since),
                Record::Local(name, variable) => drop(locals.insert(name, variable)),
                Record::Profile(kept) => profile = Some(kept),
                Record::Event(event) => {
                    event_extents.insert(event.origin, Extent::up_to(event.seq));
                }
                Record::EventsFrom { .. } => {}
            }
        }
        let restore = Restore {
            key: SigningKey::from_bytes(&[7; 32]),
            seed: [3; 32],
            incarnation: Incarnation(incarnation),
            profile,
            default_name: "amber-otter".to_owned(),
            shared: shared.into_iter().map(|(key, (stamp, value))| (key, stamp, value)).collect(),
            snapshots: snapshots.into_iter().collect(),
            writes_since,
            locals: locals.into_iter().filter_map(|(name, it)| Some((name, it?))).collect(),
            event_extents,
            events_from: 1,
            retention: Retention::default(),
            events: Vec::new(),
            machine: Machine { os: "linux".to_owned(), ..Machine::default() },
            pairing: PairingSettings::default(),
        };
        let node = Node::new(now(at_ms), restore);
        let mut alone = Self {
            node,
            at_ms,
            unsynced: Vec::new(),
            disk,
            started: Vec::new(),
            replies: Vec::new(),
            incarnation,
        };
        alone.drain();
        alone
    }

    fn restart(mut self) -> Self {
        self.sync();
        Self::from_disk(self.incarnation + 1, self.at_ms + 1_000, self.disk)
    }

    fn command(&mut self, command: Command) {
        self.input(Input::Command { ticket: Ticket(900), actor: self.node.id(), command });
    }

    fn input(&mut self, input: Input) {
        self.node.handle(now(self.at_ms), input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.node.poll_effect() {
            #[expect(clippy::wildcard_enum_match_arm, reason = "the rest concerns other nodes")]
            match effect {
                Effect::Append { ticket, records } => self.unsynced.push((ticket, records)),
                Effect::StartAgent { spec, epoch, .. } => {
                    self.started.push((spec.name.clone(), epoch));
                }
                Effect::Reply { ticket, result } => self.replies.push((ticket, result)),
                _ => {}
            }
        }
    }

    fn sync(&mut self) {
        for (ticket, records) in std::mem::take(&mut self.unsynced) {
            self.disk.extend(records);
            self.input(Input::Appended { ticket });
        }
    }

    fn fail_disk(&mut self) {
        for (ticket, _) in std::mem::take(&mut self.unsynced) {
            self.input(Input::AppendFailed { ticket, reason: "disk full".to_owned() });
        }
    }

    fn run_for_ms(&mut self, span_ms: u64) {
        let end = self.at_ms + span_ms;
        while let Some(due) = self.node.poll_timeout()
            && due.0 <= end * 1_000
        {
            self.at_ms = self.at_ms.max(due.0.div_ceil(1_000));
            self.node.handle_timeout(now(self.at_ms));
            self.drain();
        }
        self.at_ms = end;
    }

    fn epoch(&self, name: &str) -> (Name, Epoch) {
        self.started.iter().rev().find(|(started, _)| started.as_str() == name).cloned().unwrap()
    }

    fn report_started(&mut self, name: &str) {
        let (name, epoch) = self.epoch(name);
        self.input(Input::AgentStarted { name, epoch });
    }

    fn report_crash(&mut self, name: &str) {
        self.report_started(name);
        self.report_exit(name, ExitReason::Exited { code: 1 });
    }

    fn report_exit(&mut self, name: &str, reason: ExitReason) {
        let (name, epoch) = self.epoch(name);
        self.input(Input::AgentExited { name, epoch, exit: Exit { reason, tail: Vec::new() } });
    }

    fn phase(&self, name: &str) -> Option<Phase> {
        self.node.agents().into_iter().find(|agent| agent.id.as_str() == name)?.phase
    }
}

fn now(at_ms: u64) -> Now {
    Now { at: Instant(at_ms * 1_000), wall: Wall(1_700_000_000_000 + at_ms) }
}

fn echo(name: &str) -> AgentSpec {
    AgentSpec::new(Name::new(name).unwrap(), Runtime::Builtin { agent: Builtin::Echo })
}

#[test]
fn specification_survives_the_wire_with_its_files() {
    let file = crate::agent::SpecFile {
        path: "main.py".to_owned(),
        contents: Arc::from(&b"print(1)"[..]),
        executable: false,
    };
    let spec = AgentSpec {
        runtime: Runtime::Process {
            command: vec!["python3".to_owned(), "main.py".to_owned()],
            env: BTreeMap::new(),
            files: vec![file],
        },
        ..echo("a")
    };

    assert_eq!(crate::wire::decode(&crate::wire::encode(&spec)), Ok(spec));
}
