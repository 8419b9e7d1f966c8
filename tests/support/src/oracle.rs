//! What people were promised, as the simulator saw it.
//!
//! Writers on two sides of a partition, with clocks that jump, have no order but that of their
//! stamps, so the oracle does not say which wish must win. It says what no run may break: when a
//! wish is acknowledged, the values it wrote are on the disk of the node that acknowledged, and from
//! then on every later state of the cluster holds these writes or ones with greater stamps.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use covey_logic::{
    Command, CommandError, Name, Outcome, Ticket, Wall,
    event_store::Receipt,
    hlc::{Clock, Stamp},
    registry::NameCommand,
    replica::SharedKey,
};

use crate::machine::Machine;

/// Who wanted a name.
#[derive(Debug, Default)]
pub struct Claims {
    /// Processes that were asked to claim it or to give it up, with a reply or without.
    asked: BTreeSet<(usize, u64)>,
    /// Whether any was asked to give it up.
    given_up: bool,
    /// The process that was last told that it holds it.
    told: Option<(usize, u64)>,
}

/// Wishes under way, and promises given.
#[derive(Debug, Default)]
pub struct Oracle {
    asked: BTreeMap<Ticket, ((usize, u64), Command)>,
    written: BTreeMap<SharedKey, Stamp>,
    claims: BTreeMap<Name, Claims>,
    reported: Vec<(Wall, Receipt)>,
    kept: u64,
    refused: u64,
}

impl Oracle {
    /// The least stamp that each shared key must have everywhere.
    #[must_use]
    pub fn written(&self) -> &BTreeMap<SharedKey, Stamp> {
        &self.written
    }

    /// Every acknowledged batch of events, and when it was acknowledged.
    #[must_use]
    pub fn reported(&self) -> &[(Wall, Receipt)] {
        &self.reported
    }

    /// The names that one process alone ever wanted, was told that it holds, and was not asked to
    /// give up: machine and process.
    pub fn undisputed(&self) -> impl Iterator<Item = (&Name, (usize, u64))> {
        self.claims.iter().filter_map(|(name, claims)| {
            let alone = claims.asked.len() == 1 && !claims.given_up;
            claims.told.filter(|_| alone).map(|process| (name, process))
        })
    }

    /// Wishes that were acknowledged, and that were refused.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.kept, self.refused)
    }

    pub(crate) fn asked(&mut self, ticket: Ticket, process: (usize, u64), command: Command) {
        if let Command::Register { names } = &command {
            for (name, _) in names {
                self.claims.entry(name.clone()).or_default().asked.insert(process);
            }
        } else if let Command::Deregister { names } = &command {
            for name in names {
                self.claims.entry(name.clone()).or_default().given_up = true;
            }
        } else if let Command::Name(NameCommand::CleanUp { namespace }) = &command {
            for (_, claims) in
                self.claims.iter_mut().filter(|(name, _)| name.namespace() == namespace)
            {
                claims.given_up = true;
            }
        }
        self.asked.insert(ticket, (process, command));
    }

    pub(crate) fn replied(
        &mut self,
        ticket: Ticket,
        result: &Result<Outcome, CommandError>,
        (machines, wall): (&[Machine], Wall),
    ) {
        let Some((process, command)) = self.asked.remove(&ticket) else { return };
        let Ok(outcome) = result else {
            self.refused += 1;
            return;
        };
        self.kept += 1;
        self.claimed(process, &command, outcome);
        self.told(process, outcome, (machines, wall));
        let disk = machines.get(process.0).map(|machine| &machine.disk);
        for key in written_by(&command) {
            let stamp = disk.and_then(|disk| disk.shared.get(&key)).map(|(stamp, _)| *stamp);
            assert!(
                stamp.is_some(),
                "oracle: n{} acknowledges {command:?} before {key:?} is on its disk",
                process.0
            );
            // A clock that is far ahead is told of; what it stamps, the others do not believe.
            let ahead = stamp.map_or(0, |stamp| stamp.wall.0.saturating_sub(wall.0));
            if Duration::from_millis(ahead) > Clock::MAX_AHEAD {
                continue;
            }
            let least = self.written.entry(key).or_insert_with(|| stamp.unwrap_or(NEVER));
            *least = (*least).max(stamp.unwrap_or(NEVER));
        }
    }

    /// What is acknowledged is on as many disks as was said, that of who says it with them.
    fn told(
        &mut self,
        process: (usize, u64),
        outcome: &Outcome,
        (machines, wall): (&[Machine], Wall),
    ) {
        let Outcome::Reported(receipt) = outcome else { return };
        let last = receipt.first + u64::from(receipt.count) - 1;
        let has = |machine: &Machine| {
            let held = machine.disk.event_extents.get(&receipt.origin);
            held.is_some_and(|held| held.last >= last)
        };
        assert!(
            machines.get(process.0).is_some_and(has),
            "oracle: n{} acknowledges {receipt:?} before it is on its disk",
            process.0
        );
        let copies = machines.iter().filter(|machine| has(machine)).count();
        assert!(
            u32::try_from(copies).is_ok_and(|copies| copies >= receipt.copies),
            "oracle: n{} says that {receipt:?} is on more than {copies} disks",
            process.0
        );
        self.reported.push((wall, *receipt));
    }

    fn claimed(&mut self, process: (usize, u64), command: &Command, outcome: &Outcome) {
        let Outcome::Names(results) = outcome else { return };
        if let Command::Register { names } = command {
            for ((name, _), result) in names.iter().zip(results) {
                if result.is_ok() {
                    self.claims.entry(name.clone()).or_default().told = Some(process);
                }
            }
        }
    }
}

/// Before every stamp.
const NEVER: Stamp = Stamp { wall: Wall(0), counter: 0, node: covey_logic::NodeId([0; 32]) };

/// The shared keys that a command writes when it is carried out.
fn written_by(command: &Command) -> Vec<SharedKey> {
    match command {
        Command::StartAgent { spec, .. } => {
            vec![SharedKey::Spec(spec.name.clone()), SharedKey::Intent(spec.name.clone())]
        }
        Command::StopAgent { name }
        | Command::RestartAgent { name }
        | Command::MoveAgent { name, .. }
        | Command::RemoveAgent { name } => vec![SharedKey::Intent(name.clone())],
        Command::Accept { node, .. } => vec![SharedKey::Member(*node)],
        Command::Cordon { node, .. } | Command::Drain { node, .. } => {
            vec![SharedKey::Scheduling(*node)]
        }
        Command::Rebalance(_) => vec![SharedKey::Rebalance],
        Command::Revoke { node } => vec![SharedKey::Revoked(*node)],
        Command::Alert { rule, subject, .. } => vec![SharedKey::Quiet(*rule, subject.clone())],
        Command::BeginLineage { .. } => vec![SharedKey::Lineage],
        Command::Name(NameCommand::SetBackend { namespace, .. }) => {
            vec![SharedKey::Namespace(namespace.clone())]
        }
        Command::Name(NameCommand::CleanUp { namespace }) => {
            vec![SharedKey::Cleanup(namespace.clone())]
        }
        Command::Report { .. }
        | Command::Register { .. }
        | Command::Deregister { .. }
        | Command::Name(_)
        | Command::Ask { .. }
        | Command::Withdraw
        | Command::Refuse { .. }
        | Command::Invite { .. }
        | Command::Uninvite { .. }
        | Command::UseInvite { .. }
        | Command::Leave
        | Command::Rename { .. }
        | Command::SetLabels { .. }
        | Command::SetPrograms { .. }
        | Command::Merged(_)
        | Command::NoteSettings { .. }
        | Command::NoteGuard { .. } => Vec::new(),
    }
}
