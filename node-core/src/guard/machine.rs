//! Rules, gates and rates of one node.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use covey_logic::{
    Instant, Name, NodeId,
    guard::{
        self, BreakerPhase, BreakerRule, BulkheadRule, Drawn, Entered, Full, GateView, GuardView,
        Heard, Limiter, Opened, Phase, Portion, Quota, RateRules, Refused, Standing, Turn,
    },
    settings::Values,
};
use futures::future::BoxFuture;
use tokio::{
    sync::{Notify, oneshot, watch},
    time::timeout_at,
};

use super::{
    Permit,
    gates::{Gate, Gates, SharedGate},
    permit::Place,
    rates::Taken,
    untold::Untold,
};
use crate::clock::Clock;

/// The guards of one node; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Guard(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) clock: Clock,
    pub(super) rules: ArcSwap<Rules>,
    pub(super) gates: Gates,
    limiter: Mutex<Limiter>,
    /// A draw has ended.
    pub(super) drawn: Notify,
    /// The number of the last wish for a rate to begin anew that was followed.
    pub(super) resets: watch::Sender<u64>,
    /// What became of breakers that is to be told as events.
    pub(super) untold: Untold,
    pub(super) draws: Arc<dyn Draws>,
    /// Nodes that have a part of a rate each while there is no majority.
    parties: AtomicU32,
}

/// What all guards of a node go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) breaker: BreakerRule,
    pub(crate) bulkhead: BulkheadRule,
    pub(crate) rates: RateRules,
}

/// Where portions of rates of the whole cluster come from.
pub(crate) trait Draws: Send + Sync {
    /// Draws a portion; none if no majority is there.
    fn draw(&self, portion: Portion, timeout: Duration) -> BoxFuture<'_, Option<Drawn>>;

    /// What is left of one, as far as this node knows; none if there is no group.
    fn standing(&self, key: &str, quota: &Quota) -> Option<Standing>;
}

impl From<&Values> for Rules {
    fn from(values: &Values) -> Self {
        Self {
            breaker: BreakerRule {
                failures: values.breaker_failures,
                percent: values.breaker_percent,
                window: values.breaker_window,
                recovery: values.breaker_recovery,
                probes: values.breaker_probes,
                successes: values.breaker_successes,
            },
            bulkhead: BulkheadRule {
                at_once: values.calls_at_once,
                queue: values.calls_queue,
                wait: values.calls_queue_wait,
            },
            rates: values.rates.clone(),
        }
    }
}

impl Guard {
    /// What is listed of each kind.
    pub(super) const LISTED: usize = 1_000;

    pub(crate) fn new(me: NodeId, rules: Rules, draws: Arc<dyn Draws>) -> Self {
        Self(Arc::new(Inner {
            clock: Clock::start(),
            rules: ArcSwap::from_pointee(rules),
            gates: Gates::new(me),
            limiter: Mutex::default(),
            drawn: Notify::new(),
            resets: watch::Sender::new(0),
            untold: Untold::default(),
            draws,
            parties: AtomicU32::new(1),
        }))
    }

    /// Goes on by other rules.
    pub(crate) fn set_rules(&self, rules: Rules) {
        let before = self.0.rules.swap(Arc::new(rules));
        let bulkhead = self.0.rules.load().bulkhead;
        if before.bulkhead != bulkhead {
            self.0.gates.all().iter().for_each(|(_, gate)| gate.lock().advance(&bulkhead));
        }
    }

    /// So many nodes have a part of each rate while there is no majority.
    pub(crate) fn set_parties(&self, parties: usize) {
        let parties = u32::try_from(parties).unwrap_or(u32::MAX).max(1);
        self.0.parties.store(parties, Ordering::Relaxed);
    }

    /// Lets `actor`, who came at `now`, call `method` of the agent `name`, once there is a place; and
    /// what its breaker turned to.
    ///
    /// # Errors
    ///
    /// Which guard refused, and why.
    pub(crate) async fn enter(
        &self,
        (actor, name, method): (Option<&Name>, &Name, &str),
        (now, deadline): (tokio::time::Instant, tokio::time::Instant),
    ) -> Result<(Permit, Option<Turn>), Refused> {
        let (taken, now) = if self.0.rules.load().rates.is_empty() {
            (Taken::default(), self.0.clock.at(now))
        } else {
            let taken = self.take(actor, &format!("agent.call:{name}:{method}"), deadline).await?;
            (taken, self.now())
        };
        let result = self.enter_gate(name, (now, deadline)).await;
        match result {
            Ok((mut permit, turn)) => {
                permit.taken = taken;
                Ok((permit, turn))
            }
            Err(refused) => {
                self.give_back(&taken);
                tracing::debug!(agent = %name, %refused, "call refused by a guard");
                Err(refused)
            }
        }
    }

    async fn enter_gate(
        &self,
        name: &Name,
        (now, deadline): (Instant, tokio::time::Instant),
    ) -> Result<(Permit, Option<Turn>), Refused> {
        let (breaker, rule) = {
            let rules = self.0.rules.load();
            (rules.breaker, rules.bulkhead)
        };
        let shared = self.0.gates.open(name, now);
        let mut waits = None;
        let (place, turn, pass) = {
            let mut gate = shared.lock();
            let (pass, turn) = gate.breaker.admit(now, &breaker).map_err(|opened| {
                gate.broken += 1;
                broken(name, opened, now)
            })?;
            let wait = || {
                let (sender, told) = oneshot::channel();
                waits = Some(told);
                sender
            };
            match gate.bulkhead.enter(&rule, wait) {
                Ok(Entered::Runs) => (Place::Runs, turn, pass),
                Ok(Entered::Waits(ticket)) => (Place::Waits(ticket), turn, pass),
                Err(full) => {
                    gate.crowded += 1;
                    // It got nowhere: whoever probes next begins the trial.
                    gate.breaker.settle(now, &breaker, (pass, guard::Result::Nothing));
                    return Err(crowded((name, full), &rule, Duration::ZERO));
                }
            }
        };
        let mut permit = Permit::new(self.clone(), shared, (pass, place));
        if let Some(waits) = &mut waits {
            let until = deadline.min(tokio::time::Instant::now() + rule.wait);
            let came = timeout_at(until, waits).await.is_ok();
            permit
                .stand(came)
                .map_err(|full| crowded((name, full), &rule, self.now().since(now)))?;
            permit.recheck().map_err(|opened| broken(name, opened, self.now()))?;
        }
        Ok((permit, turn))
    }

    /// Another node's breaker for `name` turned.
    pub(crate) fn hear(&self, name: &Name, heard: Heard) {
        let rule = self.0.rules.load().breaker;
        let now = self.now();
        let gate = match heard.turn {
            Turn::Opened { .. } if self.0.gates.has_room(name) => self.0.gates.open(name, now),
            Turn::Opened { .. } => return,
            Turn::Closed | Turn::Probing { .. } => {
                let Some(gate) = self.0.gates.get(name) else { return };
                gate
            }
        };
        gate.lock().breaker.hear(now, &rule, heard);
    }

    /// Closes the breaker of `name`, or all there are; those that were not closed.
    pub(crate) fn reset(&self, name: Option<&Name>) -> Vec<Name> {
        let now = self.now();
        let gates = match name {
            Some(name) => {
                self.0.gates.get(name).map(|gate| (name.clone(), gate)).into_iter().collect()
            }
            None => self.0.gates.all(),
        };
        let close = |(name, gate): (Name, SharedGate)| {
            let breaker = &mut gate.lock().breaker;
            let was_open = breaker.phase(now) != Phase::Closed;
            breaker.close();
            was_open.then_some(name)
        };
        gates.into_iter().filter_map(close).collect()
    }

    /// The guards as they are.
    pub(crate) fn view(&self) -> GuardView {
        let now = self.now();
        let rules = self.0.rules.load_full();
        let gates = self.0.gates.all().into_iter().filter_map(|(name, gate)| {
            let gate = gate.lock();
            let idle = gate.breaker.is_idle(now) && gate.bulkhead.counts() == (0, 0);
            (!idle || gate.broken > 0 || gate.crowded > 0).then(|| gate.view(name, now))
        });
        GuardView {
            at_once: rules.bulkhead.at_once,
            queue: rules.bulkhead.queue,
            gates: gates.take(Self::LISTED).collect(),
            rates: self.rates(now, &rules.rates),
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.0.clock.at(tokio::time::Instant::now())
    }

    pub(super) fn parties(&self) -> u32 {
        self.0.parties.load(Ordering::Relaxed)
    }

    pub(super) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.0.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    fn view(&self, name: Name, now: Instant) -> GateView {
        let ((passed, failed), (running, queued)) =
            (self.breaker.counts(now), self.bulkhead.counts());
        let breaker = match self.breaker.phase(now) {
            Phase::Closed => BreakerPhase::Closed,
            Phase::Open(Opened { by, since, until }) => BreakerPhase::Open {
                by,
                since_ms: millis(now.since(since)),
                retry_ms: millis(until.since(now)),
            },
            Phase::HalfOpen(Opened { by, since, .. }) => {
                BreakerPhase::HalfOpen { by, since_ms: millis(now.since(since)) }
            }
        };
        let Self { broken, crowded, .. } = *self;
        GateView { name, breaker, passed, failed, running, queued, broken, crowded }
    }
}

fn broken(name: &Name, opened: Opened, now: Instant) -> Refused {
    Refused::Breaker {
        name: name.clone(),
        by: opened.by,
        since_ms: millis(now.since(opened.since)),
        retry_ms: millis(opened.until.since(now)),
    }
}

fn crowded((name, full): (&Name, Full), rule: &BulkheadRule, waited: Duration) -> Refused {
    Refused::Bulkhead {
        name: name.clone(),
        running: full.running,
        queued: full.queued,
        at_once: rule.at_once,
        queue: rule.queue,
        waited_ms: millis(waited),
    }
}

pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("rules", &self.rules.load()).finish_non_exhaustive()
    }
}
