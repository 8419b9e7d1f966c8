//! The task that keeps a node at what is set.

use std::{future::pending, sync::Arc, time::Duration};

use covey_logic::{
    Command, Input, NodeId,
    agreed::{Agreed, Key},
    event::Fact,
    settings::Values,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::sleep,
};

use super::{NodeSettings, Pending};
use crate::{
    clock,
    consensus::{Agreement, Group, ProposeError, Thresholds, Trouble},
    driver::Request,
    guard::{Guard, Rules},
    host::Host,
    logging,
};

/// What the settings have an effect on.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(crate) me: NodeId,
    pub(crate) agreement: Agreement,
    pub(crate) host: Host,
    pub(crate) guard: Guard,
    /// Inputs of the node.
    pub(crate) inputs: mpsc::Sender<Input>,
    /// Its commands; weak, as the node ends when the last handle does.
    pub(crate) requests: mpsc::WeakSender<Request>,
}

/// Keeps a node at what is set, tells what its user changed, and proposes what waits.
#[derive(Debug)]
pub(crate) struct Follower {
    settings: NodeSettings,
    reach: Reach,
    values: watch::Receiver<Arc<Values>>,
    /// The version that was looked at last, to look no further while it stays.
    seen: Option<u64>,
    /// The last wish for a rate to begin anew that was followed; none until a group is looked at:
    /// those of before concern nothing that this node counted.
    reset: Option<u64>,
    /// What was wrong with the store of the group when that was last told.
    trouble: watch::Receiver<Option<Trouble>>,
}

impl Follower {
    /// Between two tries to have the group agree on a change that waits.
    const RETRY_INTERVAL: Duration = Duration::from_millis(500);
    /// How long one try may take.
    const TRY_TIMEOUT: Duration = Duration::from_secs(2);

    pub(crate) fn new(settings: NodeSettings, reach: Reach) -> Self {
        let values = settings.changes();
        let trouble = reach.agreement.trouble();
        Self { settings, reach, values, seen: None, reset: None, trouble }
    }

    /// Goes on until the node stops.
    pub(crate) async fn run(mut self) {
        let mut opened = self.reach.agreement.opened();
        let mut revision: Option<watch::Receiver<u64>> = None;
        let mut group: Option<Arc<Group>> = None;
        if !self.apply().await {
            return;
        }
        loop {
            let current = self.reach.agreement.group();
            if current.as_ref().map(Arc::as_ptr) != group.as_ref().map(Arc::as_ptr) {
                group = current;
                revision = group.as_ref().map(|group| group.revision());
                (self.seen, self.reset) = (None, None);
            }
            let newer = group.as_ref().is_some_and(|group| self.look(group));
            if self.values.has_changed().unwrap_or(false) && !self.apply().await {
                return;
            }
            if newer {
                self.settings.followed();
            }
            self.tell().await;
            self.tell_trouble().await;
            let waits = self.propose(group.as_deref()).await;
            let Self { settings, reach, trouble, .. } = &mut self;
            let stopped = reach.inputs.closed();
            let again =
                async { if waits { sleep(Self::RETRY_INTERVAL).await } else { pending().await } };
            tokio::select! {
                () = stopped => return,
                changed = opened.changed() => if changed.is_err() { return },
                changed = trouble.changed() => {
                    trouble.mark_changed();
                    if changed.is_err() { return }
                }
                () = moved(&mut revision) => {}
                () = settings.woken() => {}
                () = again => {}
            }
        }
    }

    /// Takes in what the group agreed on; whether there is another version of settings.
    fn look(&mut self, group: &Group) -> bool {
        let (version, _) = group.look_here(|agreed| agreed.settings().version());
        let newer = self.seen.replace(version) != Some(version);
        if newer {
            let (settings, _) = group.look_here(|agreed| agreed.settings().clone());
            self.settings.agreed(group.cluster(), settings);
        }
        self.reset_rates(group);
        newer
    }

    fn reset_rates(&mut self, group: &Group) {
        let (last, _) = group.look_here(|agreed| agreed.quotas().last_reset());
        let known = *self.reset.get_or_insert(last);
        if known < last {
            let later = |agreed: &Agreed| agreed.quotas().resets_after(known).cloned().collect();
            let (resets, _): (Vec<_>, _) = group.look_here(later);
            self.reach.guard.reset_rates(&resets, last);
            self.reset = Some(last);
        }
    }

    /// Has everything go on with the values; whether the node still runs.
    async fn apply(&mut self) -> bool {
        let values = Arc::clone(&self.values.borrow_and_update());
        let level = self.settings.states_level().then_some(values.log_level);
        logging::set_level(level);
        let lines = usize::try_from(values.log_lines).unwrap_or(usize::MAX);
        self.reach.host.keep_lines(lines);
        let (probation, absence) = (values.voter_probation, values.voter_absence);
        self.reach.guard.set_rules(Rules::from(&*values));
        self.reach.agreement.set_thresholds(Thresholds { probation, absence });
        self.reach.inputs.send(Input::Settings(Box::new(Values::clone(&values)))).await.is_ok()
    }

    /// Has what this node's user did kept as events, and then forgets that it is to be told.
    async fn tell(&self) {
        let facts = self.settings.untold();
        let count = facts.len();
        if count > 0 && self.note(facts).await {
            self.settings.told(count);
        }
        report(self.settings.save().await);
    }

    /// Has it kept as an event that a store was set aside.
    async fn tell_trouble(&mut self) {
        if !self.trouble.has_changed().unwrap_or(false) {
            return;
        }
        let trouble = self.trouble.borrow_and_update().clone();
        if let Some(Trouble::Filling { aside }) = trouble {
            let aside = aside.display().to_string();
            self.note(vec![Fact::StoreSetAside { aside }]).await;
        }
    }

    async fn note(&self, facts: Vec<Fact>) -> bool {
        let Some(requests) = self.reach.requests.upgrade() else { return false };
        let (reply, answer) = oneshot::channel();
        let command = Command::NoteSettings { facts };
        let request = Request::Command { actor: self.reach.me, command, reply };
        if requests.send(request).await.is_err() {
            return false;
        }
        drop(requests);
        matches!(answer.await, Ok(Ok(_)))
    }

    /// Proposes what waits, in order; whether more does.
    async fn propose(&self, group: Option<&Group>) -> bool {
        while let Some(waiting) = self.settings.next_pending() {
            if waiting.expires <= clock::wall() {
                let reason = if waiting.handed_on {
                    "no answer came in time: it may have been made"
                } else {
                    "no majority was there in time"
                };
                report(self.settings.drop_pending(&waiting.id, reason).await);
                continue;
            }
            let Some(group) = group else { return true };
            if !self.attempt(group, waiting).await {
                return true;
            }
        }
        false
    }

    /// Proposes one; whether it waits no more.
    async fn attempt(&self, group: &Group, waiting: Pending) -> bool {
        let Pending { id, act, handed_on, .. } = waiting;
        let result = group.propose(act, Key::new(&id), Self::TRY_TIMEOUT).await;
        match result {
            Ok(_) => report(self.settings.made(&id).await),
            Err(error @ (ProposeError::Refused(_) | ProposeError::Forbidden)) => {
                report(self.settings.drop_pending(&id, &error.to_string()).await);
            }
            Err(ProposeError::Unknown) => {
                if !handed_on {
                    report(self.settings.handed_on(&id).await);
                }
                return false;
            }
            Err(
                ProposeError::NoQuorum { .. }
                | ProposeError::NoLeader
                | ProposeError::Stopped { .. },
            ) => return false,
        }
        true
    }
}

/// Waits for another entry; for ever if there is no group.
async fn moved(index: &mut Option<watch::Receiver<u64>>) {
    if let Some(receiver) = index
        && receiver.changed().await.is_ok()
    {
        return;
    }
    *index = None;
    pending::<()>().await;
}

fn report<T>(result: std::io::Result<T>) {
    if let Err(error) = result {
        tracing::warn!(%error, "what is known of settings is not on disk");
    }
}
