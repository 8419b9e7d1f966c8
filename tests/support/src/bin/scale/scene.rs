//! One cluster, from its start to its figures.

use std::time::Duration;

use covey_logic::{Command, Name, Outcome};
use covey_sim::{Setup, World, tally::Tally};

use crate::{HEAP, figures::Figures};

/// A cluster whose last machine is off.
pub(crate) struct Scene {
    world: World,
    figures: Figures,
    tried: usize,
}

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long nothing happens while it is measured: each repairs once a second.
const IDLE: Duration = Duration::from_secs(1);
/// Between two looks at every node.
const LOOK: Duration = Duration::from_micros(500);
/// How long nodes come and go: at one in a hundred a minute, one of a hundred nodes goes in it, or
/// two of a thousand.
const CHURN: Duration = Duration::from_secs(8);
/// How long one that went is gone.
const ABSENCE: Duration = Duration::from_secs(2);
/// Nodes that hold the names.
const HOLDERS: usize = 10;
/// Names in one command.
const BATCH: usize = 1_000;
/// Copies of one change that are timed, at most: a try in a large cluster counts for many.
const COPIES: usize = 2_000;

impl Scene {
    /// Starts all but one, and has them hold the names.
    ///
    /// # Errors
    ///
    /// What did not come about in a minute.
    pub(crate) fn new(nodes: usize, names: usize) -> Result<Self, String> {
        let setup = Setup { measured: true, decoding: Some(nodes), ..Setup::new(1, nodes + 1) };
        let mut world = World::grown(setup);
        world.rest();
        (0..nodes).for_each(|index| world.boot(index));
        let figures = Figures { nodes, names, ..Figures::default() };
        let mut scene = Self { world, figures, tried: 0 };
        scene.until("all are up", |world| {
            world.live().all(|(_, process)| process.node.present() == nodes) && alike(world)
        })?;
        let holders = nodes.min(HOLDERS);
        for holder in 0..holders {
            let count = names / holders;
            let names: Vec<Name> =
                (0..count).filter_map(|n| Name::new(&format!("name-{holder}-{n}")).ok()).collect();
            for batch in names.chunks(BATCH) {
                scene.claim(holder, batch)?;
            }
        }
        scene.until("all hold the names", alike)?;
        Ok(scene)
    }

    /// Measures everything.
    ///
    /// # Errors
    ///
    /// What did not come about in a minute.
    pub(crate) fn measure(mut self) -> Result<Figures, String> {
        self.idle();
        self.changes()?;
        self.join()?;
        self.churn()?;
        Ok(self.figures)
    }

    fn idle(&mut self) {
        // Gossipsub announces the names for three beats.
        self.world.run_for(IDLE * 4);
        let before = self.world.tallies();
        self.world.run_for(IDLE);
        let sent = self.world.tallies() - before;
        let rate = |bytes: u64| bytes / IDLE.as_secs() / count(self.figures.nodes);
        self.figures.idle_detect_bytes = rate(sent.detect.bytes);
        self.figures.idle_repair_bytes = rate(sent.repair.bytes + sent.gossip.bytes);
    }

    fn changes(&mut self) -> Result<(), String> {
        let tries = (COPIES / self.figures.nodes).clamp(3, 50);
        let (mut times, mut sent) = (Vec::new(), Tally::default());
        for _ in 0..tries {
            let before = self.world.tallies();
            times.extend(self.change()?);
            // What gossipsub announces of it comes with its next beats, and is counted by now.
            sent += self.world.tallies() - before;
        }
        times.sort_by(f64::total_cmp);
        self.figures.change_p50_ms = times.get(times.len() / 2).copied().unwrap_or_default();
        self.figures.change_max_ms = times.last().copied().unwrap_or_default();
        self.figures.change_messages = sent.gossip.messages / count(tries);
        self.figures.change_bytes = sent.gossip.bytes / count(tries);
        Ok(())
    }

    /// Has a node claim one name; gives when each other had it, in milliseconds.
    fn change(&mut self) -> Result<Vec<f64>, String> {
        self.tried += 1;
        let name =
            Name::new(&format!("change-{}", self.tried)).map_err(|error| error.to_string())?;
        let live: Vec<usize> = self.world.live().map(|(index, _)| index).collect();
        let place = self.tried * 7_919 % live.len();
        let writer = live.get(place).copied().unwrap_or_default();
        let names = vec![(name.clone(), Default::default())];
        self.world.command(writer, Command::Register { names });
        let begun = self.world.now();
        let mut waiting: Vec<usize> = live.into_iter().filter(|index| *index != writer).collect();
        let mut times = Vec::new();
        while !waiting.is_empty() {
            if self.world.now() - begun > PATIENCE {
                return Err(format!("{} nodes have not heard of {name}", waiting.len()));
            }
            self.world.run_for(LOOK);
            let took = (self.world.now() - begun).as_secs_f64() * 1_000.0;
            let world = &self.world;
            waiting.retain(|index| {
                let node = world.node(*index);
                let has = node.is_none_or(|node| node.registry().owner(&name).is_some());
                times.extend(has.then_some(took));
                !has
            });
        }
        Ok(times)
    }

    fn join(&mut self) -> Result<(), String> {
        let newcomer = self.figures.nodes;
        let (begun, before) = (self.world.now(), self.world.tallies());
        self.world.boot(newcomer);
        let holds = |world: &World| {
            let print = |index| world.node(index).map(covey_logic::Node::fingerprint);
            print(newcomer) == print(0)
        };
        let names = self.figures.names;
        self.until("the newcomer holds what the others hold", |world| {
            let node = world.node(newcomer);
            node.is_some_and(|node| node.registry().owners().count() >= names) && holds(world)
        })?;
        let sent = self.world.tallies() - before;
        self.figures.join_ms = (self.world.now() - begun).as_secs_f64() * 1_000.0;
        self.figures.join_bytes = sent.repair.bytes + sent.gossip.bytes;
        self.world.kill_with(newcomer, |process| {
            let heap = HEAP.current_usage();
            drop(process);
            self.figures.node_kib = count(heap.saturating_sub(HEAP.current_usage())) / 1_024;
        });
        Ok(())
    }

    /// One in a hundred goes a minute and comes back; a change is made each second.
    fn churn(&mut self) -> Result<(), String> {
        let nodes = self.figures.nodes;
        let pause = Duration::from_mins(1) * 100 / u32::try_from(nodes).unwrap_or(1);
        let mut next = self.world.now();
        let mut gone: Option<(usize, Duration)> = None;
        let end = self.world.now() + CHURN;
        let mut worst = Tally::default();
        let mut turn = 0;
        while self.world.now() < end {
            if let Some((index, since)) = gone
                && self.world.now() >= since + ABSENCE
            {
                self.world.boot(index);
                gone = None;
            } else if gone.is_none() && self.world.now() >= next {
                turn += 1;
                let index = HOLDERS.min(nodes / 2) + turn % (nodes / 2);
                self.world.kill(index);
                gone = Some((index, self.world.now()));
                next = self.world.now() + pause;
            }
            let (begun, before) = (self.world.now(), self.world.tallies());
            let times = self.change()?;
            let slowest = times.into_iter().fold(0.0, f64::max);
            self.figures.churn_change_max_ms = self.figures.churn_change_max_ms.max(slowest);
            let left = (begun + Duration::from_secs(1)).saturating_sub(self.world.now());
            self.world.run_for(left);
            let sent = self.world.tallies() - before;
            if sent.repair.bytes + sent.gossip.bytes > worst.repair.bytes + worst.gossip.bytes {
                worst = sent;
            }
        }
        self.figures.churn_bytes = (worst.repair.bytes + worst.gossip.bytes) / count(nodes);
        Ok(())
    }

    fn claim(&mut self, holder: usize, names: &[Name]) -> Result<(), String> {
        let names = names.iter().map(|name| (name.clone(), Default::default())).collect();
        match self.world.ask(holder, Command::Register { names }) {
            Some(Ok(Outcome::Names(outcomes))) if outcomes.iter().all(Result::is_ok) => Ok(()),
            other => Err(format!("names are not claimed: {:.200}", format!("{other:?}"))),
        }
    }

    fn until(&mut self, what: &str, done: impl FnMut(&World) -> bool) -> Result<(), String> {
        let found = self.world.run_until(PATIENCE, done);
        found.then_some(()).ok_or_else(|| format!("not within {PATIENCE:?}: {what}"))
    }
}

/// Whether all nodes hold the same.
fn alike(world: &World) -> bool {
    let mut prints = world.live().map(|(_, process)| process.node.fingerprint());
    let first = prints.next();
    prints.all(|print| Some(print) == first)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
