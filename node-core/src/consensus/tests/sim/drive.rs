//! A disk whose writes take time, and what a power cut leaves of it.

use std::{
    collections::BTreeMap,
    hash::{Hash as _, Hasher as _},
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use covey_sim::dice::Dice;

use super::{
    clock::Clock,
    planted::Planted,
    rules::{Rules, Shared},
};
use crate::consensus::{
    disk::{Disk, Job, Loaded, Medium, Write},
    types::{LogEntry, RaftId},
};

/// What a machine's disk holds, and what is on its way there; a clone is the same disk.
#[derive(Clone, Debug)]
pub(super) struct Drive {
    kept: Arc<Mutex<Kept>>,
    pub(super) machine: usize,
    pub(super) clock: Clock,
    rules: Shared<Rules>,
    planted: Option<Planted>,
}

#[derive(Debug)]
struct Kept {
    entries: BTreeMap<u64, Vec<u8>>,
    facts: BTreeMap<&'static str, Vec<u8>>,
    /// The writes of each job that is not on disk yet, in order, and when they will be.
    flying: Vec<(u64, Vec<Write>)>,
    dice: Dice,
    /// Every write takes so much longer.
    slow: Duration,
    /// It takes no writes.
    refuses: bool,
}

impl Drive {
    pub(super) fn new(
        (machine, dice): (usize, Dice),
        clock: Clock,
        rules: Shared<Rules>,
        planted: Option<Planted>,
    ) -> Self {
        let (entries, facts, flying, slow, refuses) = Default::default();
        let kept = Kept { entries, facts, flying, dice, slow, refuses };
        Self { kept: Arc::new(Mutex::new(kept)), machine, clock, rules, planted }
    }

    /// The power goes: of what was not acknowledged a part stays, in the order of asking.
    pub(super) fn cut(&self, now: u64) {
        self.settle(now);
        let flying = std::mem::take(&mut self.kept().flying);
        let stays = self.kept().dice.index(flying.len() + 1);
        for (_, writes) in flying.into_iter().take(stays) {
            self.land(writes);
        }
    }

    pub(super) fn slow_by(&self, more: Duration) {
        self.kept().slow = more;
    }

    /// It takes no writes from here on, or takes them again.
    pub(super) fn refuse(&self, refuses: bool) {
        self.kept().refuses = refuses;
    }

    /// What a file would hold.
    pub(super) fn load(&self, id: RaftId) -> Loaded {
        let kept = self.kept();
        let fact = |key| kept.facts.get(key).map(Vec::as_slice);
        Loaded {
            id,
            vote: fact(Disk::VOTE).map(|bytes| postcard::from_bytes(bytes).unwrap()),
            purged: fact(Disk::PURGED).map(|bytes| postcard::from_bytes(bytes).unwrap()),
            entries: kept
                .entries
                .iter()
                .map(|(index, bytes)| (*index, postcard::from_bytes(bytes).unwrap()))
                .collect(),
            snapshot: fact(Disk::SNAPSHOT).map(|bytes| postcard::from_bytes(bytes).unwrap()),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    /// What is due by now is on disk.
    fn settle(&self, now: u64) {
        let (due, flying): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.kept().flying).into_iter().partition(|(at, _)| *at <= now);
        self.kept().flying = flying;
        for (_, writes) in due {
            self.land(writes);
        }
    }

    fn land(&self, writes: Vec<Write>) {
        let mut kept = self.kept();
        let mut rules = self.rules.lock();
        for write in writes {
            match &write {
                Write::Entry(index, bytes) => {
                    let entry: LogEntry = postcard::from_bytes(bytes).unwrap();
                    rules.wrote(self.machine, entry.log_id, bytes);
                    index.hash(&mut rules.trace);
                }
                Write::Truncate(from) => {
                    rules.truncated(self.machine, kept.entries.range(from..));
                }
                Write::Fact(key, bytes) if *key == Disk::VOTE => {
                    rules.voted(self.machine, postcard::from_bytes(bytes).unwrap());
                }
                Write::Purge(_) | Write::Fact(..) => {}
            }
            kept.write(write);
        }
    }
}

impl Medium for Drive {
    async fn commit(&mut self, batch: &[Job]) -> io::Result<()> {
        let now = self.clock.now();
        self.rules.lock().trace.write_u64(now);
        self.settle(now);
        let wait = {
            let mut kept = self.kept();
            if kept.refuses {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let usual = kept.dice.duration(Duration::from_millis(1), Duration::from_millis(4));
            let stall = kept.dice.chance(10);
            let stall = if stall { kept.dice.below(400) } else { 0 };
            let wait = usual + Duration::from_millis(stall) + kept.slow;
            let early = self.planted == Some(Planted::EarlyAcknowledgement);
            let late = if early { 20 * wait } else { wait };
            let due = now + u64::try_from(late.as_micros()).unwrap();
            kept.flying.extend(batch.iter().map(|job| (due, job.writes.clone())));
            if early { Duration::ZERO } else { wait }
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
            self.settle(u64::MAX);
        }
        Ok(())
    }
}

impl Kept {
    fn write(&mut self, write: Write) {
        match write {
            Write::Entry(index, bytes) => drop(self.entries.insert(index, bytes)),
            Write::Truncate(from) => drop(self.entries.split_off(&from)),
            Write::Purge(upto) => self.entries = self.entries.split_off(&(upto + 1)),
            Write::Fact(key, bytes) => drop(self.facts.insert(key, bytes)),
        }
    }
}
