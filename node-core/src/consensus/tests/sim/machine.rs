//! One machine: its disk, and while it has power a runtime with a group and clients on it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use covey_sim::{dice::Dice, linear::History};
use openraft::{Config, SnapshotPolicy};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    time::{advance, sleep_until},
};

use super::{
    client::Client,
    clock::Clock,
    drive::Drive,
    network::{Message, Network, Port},
    planted::Planted,
    rules::{Rules, Shared},
    world::{CLUSTER, id},
};
use crate::consensus::{
    Carrier, Group, Surroundings, Thresholds, disk::Disk, log::Log, state::State, types::RaftId,
};

/// What the machines share.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) seed: u64,
    pub(super) network: Shared<Network>,
    pub(super) rules: Shared<Rules>,
    pub(super) history: Shared<History>,
    pub(super) planted: Option<Planted>,
}

pub(super) struct Machine {
    number: usize,
    raft_id: RaftId,
    pub(super) drive: Drive,
    clock: Clock,
    dice: Dice,
    site: Site,
    lives: u64,
    pub(super) running: Option<Running>,
    pub(super) frozen: Option<Frozen>,
    pub(super) waking_until: u64,
}

/// What runs on a machine that has power.
pub(super) struct Running {
    runtime: Runtime,
    pub(super) group: Arc<Group>,
    pub(super) around: watch::Sender<Surroundings>,
    /// The index of the last entry that it took in, as was last seen.
    seen: u64,
}

/// A machine that stands still.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frozen {
    pub(super) since: u64,
    pub(super) until: u64,
    /// Whether its monotonic clock goes on meanwhile, as that of a stopped process does and that of
    /// a sleeping machine does not.
    pub(super) clock_runs: bool,
}

impl Machine {
    pub(super) fn new(number: usize, site: Site) -> Self {
        let stream = u64::try_from(number).unwrap() * 1_000 + 100;
        let mut dice = Dice::new(site.seed, stream);
        let clock = Clock::default();
        let rules = site.rules.clone();
        let disk = Dice::new(site.seed, stream + 1);
        let drive = Drive::new((number, disk), clock.clone(), rules, site.planted);
        let raft_id = dice.bits();
        let (lives, running, frozen, waking_until) = Default::default();
        Self { number, raft_id, drive, clock, dice, site, lives, running, frozen, waking_until }
    }

    /// Power comes.
    pub(super) fn start(&mut self, now: u64) {
        self.lives += 1;
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        let (around, surroundings) = watch::channel(Surroundings::default());
        let mut loaded = self.drive.load(self.raft_id);
        let port: Arc<dyn Carrier> = Arc::new(Port {
            machine: self.number,
            clock: self.clock.clone(),
            network: self.site.network.clone(),
            rules: self.site.rules.clone(),
            planted: self.site.planted,
        });
        let config = self.config();
        let group = runtime.block_on(async {
            self.clock.set(now);
            let (disk, serve) = Disk::serve(self.drive.clone(), &loaded);
            drop(tokio::spawn(serve));
            let state = State::new(disk.clone(), &mut loaded).unwrap();
            let log = Log::new(disk, &mut loaded);
            self.site.rules.lock().logs.insert(self.number, log.clone());
            let kept = (loaded.id, log, state);
            let names = (CLUSTER, id(self.number));
            let tuning = (watch::channel(thresholds()).1, config);
            Group::start(kept, names, (port, surroundings), tuning).await.unwrap()
        });
        let seen = group.applied();
        self.running = Some(Running { runtime, group, around, seen });
    }

    /// As the product's, but for what makes a run short and its elections a matter of the seed.
    fn config(&mut self) -> Config {
        let product = Group::config();
        let (least, end) = (product.election_timeout_min, product.election_timeout_max);
        let election = least + self.dice.below(end - least);
        let (after, kept) =
            if self.site.seed.is_multiple_of(2) { (40, 10) } else { (5_000, 1_000) };
        Config {
            // openraft draws from this range, which has one number.
            election_timeout_min: election,
            election_timeout_max: election + 1,
            snapshot_policy: SnapshotPolicy::LogsSinceLast(after),
            max_in_snapshot_log_to_keep: kept,
            ..product
        }
    }

    /// A client of this node, which lasts as long as its power.
    pub(super) fn client(&mut self, stream: u64) -> Option<Client> {
        let running = self.running.as_ref()?;
        let number = u64::try_from(self.number).unwrap();
        let life = stream * 1_000 + number * 100 + self.lives;
        Some(Client {
            node: self.number,
            life,
            group: Arc::clone(&running.group),
            clock: self.clock.clone(),
            dice: Dice::new(self.site.seed, 10_000_000 + life),
            history: self.site.history.clone(),
            planted: self.site.planted,
            wishes: 0,
            tokens: BTreeMap::new(),
            versions: BTreeMap::new(),
        })
    }

    pub(super) fn run_client(&mut self, stream: u64) {
        if let Some(client) = self.client(stream)
            && let Some(running) = &self.running
        {
            drop(running.runtime.spawn(client.run()));
        }
    }

    pub(super) fn read_all(&mut self, stream: u64) {
        if let Some(client) = self.client(stream)
            && let Some(running) = &self.running
        {
            drop(running.runtime.spawn(client.read_all()));
        }
    }

    /// Power goes.
    pub(super) fn cut(&mut self, now: u64) {
        self.running = None;
        self.frozen = None;
        self.site.rules.lock().logs.remove(&self.number);
        self.drive.cut(now);
    }

    /// Lets what runs here run from `now` on, for so long.
    pub(super) fn run(&mut self, now: u64, span: Duration) {
        let Some(running) = &self.running else { return };
        if self.frozen.is_some() {
            return;
        }
        let end = now + u64::try_from(span.as_micros()).unwrap();
        let arrivals = self.site.network.lock().arrivals(self.number, end);
        running.runtime.block_on(async {
            self.clock.set(now);
            let begun = tokio::time::Instant::now();
            for (due, Message { from, bytes, .. }) in arrivals {
                let after = due.saturating_sub(now);
                if after > 0 {
                    sleep_until(begun + Duration::from_micros(after)).await;
                }
                running.group.arrived(id(from), &bytes);
            }
            sleep_until(begun + span).await;
        });
    }

    /// A machine that stood still goes on.
    pub(super) fn thaw(&mut self, now: u64) {
        let Some(frozen) = self.frozen.take() else { return };
        let stood = Duration::from_micros(now - frozen.since);
        // As the node does: see `membership`.
        if stood >= Duration::from_millis(5_500) {
            self.waking_until = now + 7_000_000;
        }
        if frozen.clock_runs {
            self.leap(now, stood);
        }
    }

    /// Its monotonic clock leaps.
    pub(super) fn leap(&mut self, now: u64, ahead: Duration) {
        let Some(running) = &self.running else { return };
        running.runtime.block_on(async {
            self.clock.stop(now);
            advance(ahead).await;
            self.clock.set(now);
        });
    }

    /// What must hold of what this node took in.
    pub(super) fn judge(&mut self) {
        let number = self.number;
        let Some(running) = &mut self.running else { return };
        let (agreed, index) = running.group.state.copy();
        if index > running.seen {
            let indices = running.seen + 1..=index;
            running.seen = index;
            let bytes = || postcard::to_allocvec(&agreed).unwrap();
            self.site.rules.lock().took_in(number, indices, bytes);
        }
    }
}

fn thresholds() -> Thresholds {
    Thresholds { probation: Duration::from_secs(1), absence: Duration::from_secs(3) }
}
