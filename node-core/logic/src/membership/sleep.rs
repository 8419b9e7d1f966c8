//! A machine that sleeps, and a node that wakes and compares notes before it trusts itself.

use std::time::Duration;

use crate::{
    ids::{Incarnation, NodeId},
    limits::{SILENCE_TIMEOUT, STALL},
    membership::{
        Detect, Membership,
        machine::{Verdict, send},
    },
    outbox::{Happened, Outbox},
    time::{Instant, Now},
};

/// How awake this node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wakefulness {
    /// As usual.
    Awake,
    /// It said that its machine goes to sleep, and says nothing more.
    Asleep {
        /// Since when.
        since: Instant,
    },
    /// Its machine slept: the others may have taken its work over.
    Waking {
        /// Since when.
        since: Instant,
        /// Whether digests were compared with a member since.
        synced: bool,
    },
}

impl Membership {
    /// Out of time for this long, a node may have been given up by the others: they need
    /// [`SILENCE_TIMEOUT`] at least, and their clocks and ours agree to within a second in that time.
    const SLEEP: Duration = Duration::from_millis(5_500);
    /// How long a node that woke accuses nobody and takes nothing: as long as the others need to
    /// notice who else is gone.
    const GRACE: Duration = SILENCE_TIMEOUT;
    /// How long it does so if it reaches nobody; a radio needs some ten seconds to find its network.
    const LONGEST_GRACE: Duration = Duration::from_millis(20_000);
    /// A node that is still running this long after it was told that its machine goes to sleep was
    /// told wrong.
    const FALLING_ASLEEP: Duration = Duration::from_millis(5_000);

    /// Whether `node` woke and still compares notes: it starts nothing until then.
    #[must_use]
    pub fn is_waking(&self, node: NodeId) -> bool {
        if node == self.me {
            return self.woke_at().is_some();
        }
        self.peers.get(&node).is_some_and(|peer| peer.waking)
    }

    pub(super) fn is_asleep(&self) -> bool {
        matches!(self.wakefulness, Wakefulness::Asleep { .. })
    }

    /// K20: who woke a moment ago has missed what the others heard.
    pub(super) fn may_accuse(&self) -> bool {
        self.wakefulness == Wakefulness::Awake
    }

    pub(super) fn woke_at(&self) -> Option<Instant> {
        match self.wakefulness {
            Wakefulness::Waking { since, .. } => Some(since),
            Wakefulness::Awake | Wakefulness::Asleep { .. } => None,
        }
    }

    /// Begins a step: finds out whether this node stood still since the last one.
    ///
    /// A machine that sleeps may stop the monotonic clock (Linux, macOS) or not (Windows); then our
    /// timers are late, else the wall clock has run ahead of the monotonic one. A wall clock that
    /// was set forward looks the same, and costs a grace in which nothing is started.
    pub fn notice(&mut self, now: Now, out: &mut Outbox) {
        let late = now.at.since(self.check_at);
        let passed = now.at.since(self.noticed.at);
        let by_wall = Duration::from_millis(now.wall.0.saturating_sub(self.noticed.wall.0));
        self.noticed = now;
        // One that was told of a sleep, and so told everyone, takes any pause for it.
        let sleep = if self.is_asleep() { STALL } else { Self::SLEEP };
        if late >= sleep || by_wall.saturating_sub(passed) >= sleep {
            self.wake(now, out);
        } else if late > STALL {
            self.health.ticked(now.at, late);
            self.check_at = now.at;
            for peer in self.peers.values_mut() {
                peer.excuse(now.at, late);
            }
            out.happened(Happened::Stalled);
        }
    }

    /// The machine goes to sleep in a moment: tells everyone, and is silent from here on.
    pub fn suspend(&mut self, now: Now, out: &mut Outbox) {
        self.wakefulness = Wakefulness::Asleep { since: now.at };
        let incarnation = self.sign.incarnation;
        for node in self.connected() {
            send(node, Detect::Sleep { incarnation, seq: self.seq }, out);
        }
    }

    fn wake(&mut self, now: Now, out: &mut Outbox) {
        self.check_at = now.at;
        for peer in self.peers.values_mut() {
            peer.excuse(now.at, Duration::MAX);
            peer.refused = None;
            peer.witnesses.clear();
            peer.accusers.clear();
            peer.dial_at = now.at;
        }
        out.happened(Happened::Stalled);
        if self.peers.is_empty() {
            self.wakefulness = Wakefulness::Awake;
        } else {
            self.wakefulness = Wakefulness::Waking { since: now.at, synced: false };
            out.happened(Happened::Woke);
        }
    }

    /// Digests were compared with a member.
    pub fn on_synced(&mut self) {
        if let Wakefulness::Waking { synced, .. } = &mut self.wakefulness {
            *synced = true;
        }
    }

    pub(super) fn wake_in_time(&mut self, now: Now, out: &mut Outbox) {
        match self.wakefulness {
            Wakefulness::Asleep { since } if now.at.since(since) >= Self::FALLING_ASLEEP => {
                self.wake(now, out);
            }
            Wakefulness::Waking { since, synced }
                if now.at.since(since) >= Self::LONGEST_GRACE
                    || (synced && now.at.since(since) >= Self::GRACE) =>
            {
                self.wakefulness = Wakefulness::Awake;
                out.happened(Happened::Awake);
            }
            Wakefulness::Awake | Wakefulness::Asleep { .. } | Wakefulness::Waking { .. } => {}
        }
    }

    pub(super) fn on_sleep(
        &mut self,
        now: Now,
        from: NodeId,
        (life, seq): (Incarnation, u64),
        out: &mut Outbox,
    ) {
        if let Some(peer) = self.peers.get_mut(&from)
            && peer.sign.incarnation == life
            && peer.state.is_present()
        {
            peer.slept = Some((life, seq));
            self.set(now, from, Verdict::Sleeping, out);
        }
    }
}
