//! People who want things, at a modest rate, each from a random machine.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Command, Name,
    agent::{AgentSpec, Builtin, Limits, RestartPolicy, RestartRule, Runtime},
    registry::{Metadata, NameCommand},
};

use crate::{dice::Dice, world::World};

/// What people want, and how often.
#[derive(Debug)]
pub struct Workload {
    agents: Vec<Name>,
    names: Vec<Name>,
    dice: Dice,
}

impl Workload {
    /// Agents people want to run.
    pub const AGENTS: usize = 6;
    /// Names people register.
    pub const NAMES: usize = 12;

    /// Wishes as `seed` decides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let names = |word: &str, count: usize| {
            (0..count).filter_map(|n| Name::new(&format!("{word}-{n}")).ok()).collect()
        };
        Self {
            agents: names("agent", Self::AGENTS),
            names: names("name", Self::NAMES),
            dice: Dice::new(seed, 3),
        }
    }

    /// Has one thing wanted and tells how long until the next.
    pub(crate) fn want(&mut self, world: &mut World) -> Duration {
        let pause = Duration::from_micros(self.dice.log_micros(50_000, 1_000_000));
        let live: Vec<_> = world.live().map(|(index, _)| index).collect();
        let (Some(machine), Some(name), Some(claimed)) = (
            self.dice.pick(&live).copied(),
            self.dice.pick(&self.agents).cloned(),
            self.dice.pick(&self.names).cloned(),
        ) else {
            return pause;
        };
        let to = self.dice.index(world.machines().len());
        let command = match self.dice.below(28) {
            0..=8 => self.start(&name),
            9..=10 => Command::StopAgent { name },
            11..=12 => Command::RestartAgent { name },
            13 => Command::MoveAgent { name, to: Some(world.id(to)) },
            14 => Command::MoveAgent { name, to: None },
            15 => Command::RemoveAgent { name },
            16..=18 => Command::Register { names: vec![(claimed, BTreeMap::new())] },
            19 => Command::Deregister { names: vec![claimed] },
            22..=27 => Command::Name(self.about(name, claimed)),
            20 => Command::Rename { name: format!("machine {machine} of {to}") },
            _ => {
                Command::SetLabels { labels: BTreeMap::from([("room".to_owned(), to.to_string())]) }
            }
        };
        world.command(machine, command);
        pause
    }
}

impl Workload {
    /// A wish about names, beside plain ones.
    fn about(&mut self, agent: Name, claimed: Name) -> NameCommand {
        let value = self.dice.below(3).to_string();
        let metadata = Metadata::from([("value".to_owned(), value.into())]);
        let member = self.dice.chance(500).then_some(agent.clone());
        match self.dice.below(8) {
            0..=1 => {
                // Not one of the names that nodes claim for themselves: those have one life's owner.
                let text = format!("of-{agent}-{}", self.dice.below(4));
                let names = Name::new(&text).into_iter().map(|name| (name, metadata.clone()));
                NameCommand::RegisterFor { holder: agent, names: names.collect() }
            }
            2..=3 => NameCommand::SetMetadata { name: claimed, expected: None, metadata },
            4..=6 => NameCommand::Join { group: claimed, agent: member, metadata },
            _ => NameCommand::Quit { group: claimed, agent: member },
        }
    }

    /// An agent of this name always has the same restart policy, one of the three; half of them hand
    /// their state over.
    fn start(&mut self, name: &Name) -> Command {
        let mut spec = spec(name.clone());
        spec.restart.policy = match name.as_str().bytes().last() {
            Some(b'4') => RestartPolicy::Transient,
            Some(b'5') => RestartPolicy::Temporary,
            _ => RestartPolicy::Permanent,
        };
        spec.handoff.state = name.as_str().ends_with(['0', '1', '2']);
        Command::StartAgent { spec: Box::new(spec), pin: None, replace: self.dice.chance(200) }
    }
}

/// A wish for an agent that comes with every node and is restarted whatever happens.
#[must_use]
pub fn start(name: Name, replace: bool) -> Command {
    Command::StartAgent { spec: Box::new(spec(name)), pin: None, replace }
}

/// An agent that comes with every node and is restarted whatever happens.
#[must_use]
pub fn spec(name: Name) -> AgentSpec {
    AgentSpec {
        restart: RestartRule {
            policy: RestartPolicy::Permanent,
            max_restarts: 1_000,
            ..RestartRule::default()
        },
        limits: Limits { handle_ms: 500, ..Limits::default() },
        ..AgentSpec::new(name, Runtime::Builtin { agent: Builtin::Counter })
    }
}
