//! The task that does what falls to this node.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use covey_logic::{
    agreed::Agreed,
    balancer::{Able, Act, Dispatcher, Limits, Queue, Round, Settlement},
};
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep},
};

use super::{errand, settle::settle};
use crate::{
    consensus::Agreement, entropy, handle::Messages, settings::NodeSettings,
    stewardship::Stewardship,
};

/// How long what the node knows of agents is gone by: a search for a thousand takes a millisecond
/// of the node's loop.
const ABLE_FOR: Duration = Duration::from_millis(100);
/// Between two looks while a task waits for an agent.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// The shortest pause: what is due may be the leader's to see first.
const SHORTEST: Duration = Duration::from_millis(10);
/// The pause after the group did not agree.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);
/// Ends that wait to be told.
const ENDS: usize = 1_024;

/// What a steward of tasks needs of its node.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(crate) stewardship: Stewardship,
    pub(crate) agreement: Agreement,
    pub(crate) messages: Messages,
    pub(crate) settings: NodeSettings,
}

/// What falls to this node.
#[derive(Debug)]
struct Steward {
    reach: Reach,
    dispatcher: Dispatcher,
    able: BTreeMap<Queue, (Instant, Vec<Able>)>,
    calls: HashMap<u64, AbortHandle>,
    ends: mpsc::Sender<Settlement>,
}

/// Goes on until the node stops.
pub(crate) async fn follow(reach: Reach) {
    // Chance spreads choices; a node without any chooses all the same.
    let seed = entropy::bytes().map_or(0, u64::from_be_bytes);
    let (ends, told) = mpsc::channel(ENDS);
    drop(tokio::spawn(settle(reach.agreement.clone(), told)));
    let mut steward = Steward {
        reach,
        dispatcher: Dispatcher::new(seed),
        able: BTreeMap::new(),
        calls: HashMap::new(),
        ends,
    };
    loop {
        let pause = steward.go_round().await;
        let pause = async {
            match pause {
                Some(pause) => sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            runs = steward.reach.stewardship.changed() => if !runs { return },
            () = pause => {}
        }
    }
}

impl Steward {
    /// Does what there is to do; how long to wait at most if nothing changes.
    async fn go_round(&mut self) -> Option<Duration> {
        let queues = self.queues();
        if queues.is_empty() && self.dispatcher.carried() == 0 {
            return None;
        }
        let able = self.able(queues).await;
        let clock = self.reach.stewardship.clock();
        let limits = Limits::from(&*self.reach.settings.values());
        let dispatcher = &mut self.dispatcher;
        let round = |agreed: &Agreed| dispatcher.round(agreed.tasks(), clock, &able, limits);
        let round = self.reach.stewardship.look(round)?;
        let waits = !round.stuck.is_empty();
        let until = round.again.map(|at| Duration::from_nanos(at.saturating_sub(clock)));
        if !self.carry_out(round, limits).await {
            return Some(RETRY_INTERVAL);
        }
        let look = waits.then_some(LOOK_INTERVAL);
        until.into_iter().chain(look).min().map(|pause| pause.max(SHORTEST))
    }

    /// The queues with open tasks that fall to this node.
    fn queues(&self) -> Vec<Queue> {
        let stewardship = &self.reach.stewardship;
        let mine = |queue: &&Queue| stewardship.is_mine(&format!("tasks/{queue}"));
        let lines = |agreed: &Agreed| {
            agreed.tasks().lines().map(|(queue, _)| queue).filter(mine).cloned().collect()
        };
        stewardship.look(lines).unwrap_or_default()
    }

    /// Who can do the tasks of each queue.
    async fn able(&mut self, queues: Vec<Queue>) -> BTreeMap<Queue, Vec<Able>> {
        let now = Instant::now();
        self.able.retain(|queue, _| queues.contains(queue));
        let fresh = |at: Instant| now.duration_since(at) < ABLE_FOR;
        let old = |queue: &Queue| self.able.get(queue).is_none_or(|(at, _)| !fresh(*at));
        let asked: Vec<Queue> = queues.iter().filter(|queue| old(queue)).cloned().collect();
        if !asked.is_empty() {
            // A node that stops has nobody.
            let found = self.reach.messages.able(asked).await.unwrap_or_default();
            self.able.extend(found.into_iter().map(|(queue, able)| (queue, (now, able))));
        }
        self.able.iter().map(|(queue, (_, able))| (queue.clone(), able.clone())).collect()
    }

    /// Whether the group agreed on all there was to agree on.
    async fn carry_out(&mut self, round: Round, limits: Limits) -> bool {
        let Round { errands, dropped, choices, expired, .. } = round;
        for id in dropped {
            if let Some(call) = self.calls.remove(&id) {
                call.abort();
            }
        }
        for errand in errands {
            let (messages, ends) = (self.reach.messages.clone(), self.ends.clone());
            let task = errand.task;
            let call = tokio::spawn(async move {
                if let Some(end) = errand::run(messages, errand).await {
                    // Closed when the node stops.
                    drop(ends.send(end).await);
                }
            });
            self.calls.insert(task, call.abort_handle());
        }
        let mut acts = Vec::new();
        if !choices.is_empty() {
            acts.push(Act::Assign { choices, most: limits.in_flight });
        }
        if !expired.is_empty() {
            acts.push(Act::Expire(expired));
        }
        for act in acts {
            if let Err(error) = self.reach.stewardship.agree(act, None).await {
                tracing::debug!(%error, "a step of tasks is tried again");
                return false;
            }
        }
        true
    }
}
