//! The specification of an agent, and the rules it must keep.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    agent::{Class, Dependency, Group, Handoff, Placement, RestartRule, Runtime, Strategy},
    credits::Credits,
    ids::Name,
    registry::{self, Metadata, MetadataError},
};

/// Everything a node needs to run an agent; the same on every node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct AgentSpec {
    /// The name it is called by; unique in the cluster.
    #[ts(type = "string")]
    pub name: Name,
    /// What runs it.
    #[serde(with = "crate::wire::tagged")]
    #[ts(as = "Runtime")]
    pub runtime: Runtime,
    /// What it can do, for look-up by capability.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Whether and how fast it is started again.
    #[serde(default)]
    pub restart: RestartRule,
    /// Where it may run.
    #[serde(default)]
    pub placement: Placement,
    /// What it may use.
    #[serde(default)]
    pub limits: Limits,
    /// What others can find it by, beside its capabilities.
    #[serde(default)]
    #[ts(type = "Record<string, string | string[]>")]
    pub metadata: Metadata,
    /// How many copies run; with more than one they are called `NAME.1`, `NAME.2` and so on, and
    /// each is placed for itself.
    #[serde(default = "one")]
    pub replicas: u32,
    /// Where it runs while the cluster is split.
    #[serde(default)]
    pub class: Class,
    /// What it takes along when it moves.
    #[serde(default)]
    pub handoff: Handoff,
    /// The supervision group it is in, if any.
    #[serde(default)]
    pub group: Option<Group>,
    /// Agents it needs.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
}

fn one() -> u32 {
    1
}

/// What an agent may use; the host ends an agent that goes past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct Limits {
    /// Resident memory of the whole process group, in MiB.
    pub memory_mib: u32,
    /// The longest time one message may take, in milliseconds.
    #[ts(type = "number")]
    pub handle_ms: u64,
    /// Messages that wait; one more is refused as busy.
    pub mailbox: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_mib: 512, handle_ms: 60_000, mailbox: 1_024 }
    }
}

/// A specification that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Name a program.
    #[error("the command is empty")]
    NoCommand,
    /// Leave `handoff.state` out: its state would be taken along before it has ended here.
    #[error(
        "class exclusive ends on one node before it begins on the next: it hands no state over"
    )]
    HandsOver,
    /// State what the field takes to mean anything.
    #[error("{field} needs {needs}")]
    Needs {
        /// Which field.
        field: &'static str,
        /// What it takes.
        needs: &'static str,
    },
    /// Leave one of the waits out.
    #[error("it would wait for itself: {}", path.iter().map(Name::as_str).collect::<Vec<_>>().join(" waits for "))]
    Cycle {
        /// From the agent back to itself.
        path: Vec<Name>,
    },
    /// Change the agent that it is a copy of.
    #[error("it is one of the replicas of {of}: change {of}")]
    Replica {
        /// The agent whose specification says how many there are.
        of: Name,
    },
    /// Send fewer or smaller files.
    #[error("files of {size} bytes in all are more than the {max} that may travel with an agent")]
    TooBig {
        /// Bytes in all.
        size: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Say less in its metadata.
    #[error("the metadata cannot be taken: {0}")]
    Metadata(#[from] MetadataError),
    /// Use a relative path inside the agent's folder.
    #[error("{path:?} leaves the agent's folder")]
    Path {
        /// The offending path.
        path: String,
    },
    /// Choose a value within the bounds.
    #[error("{field} is {value}, which is not within {min} to {max}")]
    OutOfBounds {
        /// Which field.
        field: &'static str,
        /// What was asked.
        value: u64,
        /// The least allowed.
        min: u64,
        /// The most allowed.
        max: u64,
    },
}

impl AgentSpec {
    /// Bytes of files that may travel with one agent.
    pub const MAX_FILES_SIZE: usize = 1 << 20;
    /// Copies of one agent: each is a name and a status that every node holds.
    pub const MAX_REPLICAS: u32 = 256;
    /// Agents that one may name in each of its relations.
    const MAX_RELATIONS: u64 = 32;

    /// An agent that takes the default of everything else.
    #[must_use]
    pub fn new(name: Name, runtime: Runtime) -> Self {
        Self {
            name,
            runtime,
            capabilities: Vec::new(),
            restart: RestartRule::default(),
            placement: Placement::default(),
            limits: Limits::default(),
            metadata: Metadata::new(),
            replicas: one(),
            class: Class::default(),
            handoff: Handoff::default(),
            group: None,
            depends_on: Vec::new(),
        }
    }

    /// Checks everything that does not depend on a node.
    ///
    /// # Errors
    ///
    /// The first rule that `self` breaks.
    pub fn check(&self) -> Result<(), SpecError> {
        if self.class == Class::Exclusive && self.handoff.state {
            return Err(SpecError::HandsOver);
        }
        registry::check(&self.metadata)?;
        if let Runtime::Process { command, files, .. } = &self.runtime {
            if command.first().is_none_or(String::is_empty) {
                return Err(SpecError::NoCommand);
            }
            let size = files.iter().map(|file| file.contents.len() + file.path.len()).sum();
            if size > Self::MAX_FILES_SIZE {
                return Err(SpecError::TooBig { size, max: Self::MAX_FILES_SIZE });
            }
            if let Some(file) = files.iter().find(|file| !is_inside(&file.path)) {
                return Err(SpecError::Path { path: file.path.clone() });
            }
        }
        let bounds = [
            ("limits.memory_mib", u64::from(self.limits.memory_mib), 1, 1 << 20),
            ("limits.handle_ms", self.limits.handle_ms, 1, 86_400_000),
            ("limits.mailbox", u64::from(self.limits.mailbox), 1, 65_536),
            ("restart.max_restarts", u64::from(self.restart.max_restarts), 0, 1_000),
            ("restart.window_ms", self.restart.window_ms, 1_000, 86_400_000),
            ("restart.backoff_ms", self.restart.backoff_ms, 1, 60_000),
            ("replicas", u64::from(self.replicas), 1, u64::from(Self::MAX_REPLICAS)),
            ("handoff.checkpoint_ms", self.handoff.checkpoint_ms, 100, 3_600_000),
            ("depends_on", self.depends_on.len() as u64, 0, Self::MAX_RELATIONS),
            ("placement.near", self.placement.near.len() as u64, 0, Self::MAX_RELATIONS),
            ("placement.apart", self.placement.apart.len() as u64, 0, Self::MAX_RELATIONS),
            (
                "placement.capabilities",
                self.placement.capabilities.len() as u64,
                0,
                Self::MAX_RELATIONS,
            ),
            ("the length of the name", self.longest_name(), 1, Name::MAX_LEN as u64),
        ];
        let spreads = self.placement.strategy == Strategy::Spread && self.replicas > 1;
        if self.placement.spread_by.is_some() && !spreads {
            let needs = "the strategy spread and more than one replica";
            return Err(SpecError::Needs { field: "placement.spread_by", needs });
        }
        if self.pays() > Credits::ZERO && self.placement.strategy != Strategy::Auction {
            let needs = "the strategy auction";
            return Err(SpecError::Needs { field: "placement.pay_per_minute", needs });
        }
        bounds
            .into_iter()
            .find(|(_, value, min, max)| value < min || value > max)
            .map_or(Ok(()), |(field, value, min, max)| {
                Err(SpecError::OutOfBounds { field, value, min, max })
            })
    }

    /// The most that is paid for a minute of each copy; nought: it asks for no pay to run.
    #[must_use]
    pub fn pays(&self) -> Credits {
        self.placement.pay_per_minute
    }

    /// How many copies run, within what this version takes.
    #[must_use]
    pub fn copies(&self) -> u32 {
        self.replicas.clamp(1, Self::MAX_REPLICAS)
    }

    /// The names under which it runs: its own, or one for each replica.
    pub fn instances(&self) -> impl Iterator<Item = Name> + '_ {
        let single = self.copies() == 1;
        let numbers = 1..=if single { 0 } else { self.copies() };
        let numbered = numbers.filter_map(|number| self.instance(number));
        single.then(|| self.name.clone()).into_iter().chain(numbered)
    }

    /// The name of a replica, counted from 1.
    #[must_use]
    pub fn instance(&self, number: u32) -> Option<Name> {
        Name::new(&format!("{}.{number}", self.name)).ok()
    }

    fn longest_name(&self) -> u64 {
        let digits = if self.copies() == 1 { 0 } else { self.copies().to_string().len() + 1 };
        (self.name.as_str().len() + digits) as u64
    }

    /// How long a stop may take before the host kills it: what one message may take, five seconds
    /// at most.
    #[must_use]
    pub fn stop_grace(&self) -> Duration {
        Duration::from_millis(self.limits.handle_ms.min(5_000))
    }
}

fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
