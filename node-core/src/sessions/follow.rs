//! The task that begins and ends the conduct of sessions, as they fall to this node.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use covey_logic::sessions::Session;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::conduct::{Conduct, conduct};
use crate::{consensus::Group, driver::NodeComms, stewardship::Stewardship};

/// Between two looks at who is steward, while sessions run.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// What follows one session.
struct Job {
    /// The wish that changed the session last.
    step: watch::Sender<u64>,
    task: JoinHandle<()>,
}

/// Goes on until the node stops.
pub(crate) async fn follow(stewardship: Stewardship, comms: NodeComms) {
    let (jobs, running) = (BTreeMap::new(), false);
    let mut follow = Follow { stewardship, comms, jobs, group: None, seen: None, running };
    loop {
        follow.look();
        let changed = follow.stewardship.changed();
        let goes_on = if follow.running {
            timeout(LOOK_INTERVAL, changed).await.unwrap_or(true)
        } else {
            changed.await
        };
        if !goes_on {
            follow.end_all();
            return;
        }
    }
}

struct Follow {
    stewardship: Stewardship,
    comms: NodeComms,
    jobs: BTreeMap<u64, Job>,
    group: Option<Arc<Group>>,
    /// The last change of sessions that was looked at, and when who is steward was.
    seen: Option<(u64, Instant)>,
    /// Whether sessions run, whoever is their steward.
    running: bool,
}

impl Follow {
    /// Begins and ends jobs.
    fn look(&mut self) {
        let group = self.stewardship.group();
        if group.as_ref().map(Arc::as_ptr) != self.group.as_ref().map(Arc::as_ptr) {
            self.end_all();
            (self.seen, self.running) = (None, false);
            self.group = group;
        }
        let Some(group) = self.group.clone() else { return };
        let (step, _) = group.look_here(|agreed| agreed.sessions().step());
        let fresh = |(seen, at): (u64, Instant)| seen == step && at.elapsed() < LOOK_INTERVAL;
        if self.seen.is_some_and(fresh) {
            return;
        }
        self.seen = Some((step, Instant::now()));
        let steps = |session: &Session| (session.id, session.step);
        let (running, _): (BTreeMap<u64, u64>, _) =
            group.look_here(|agreed| agreed.sessions().iter_running().map(steps).collect());
        self.jobs.retain(|id, job| {
            // One whose session is over ends by itself, after it told the participants.
            job.step.send_if_modified(|now| match running.get(id) {
                Some(step) => std::mem::replace(now, *step) != *step,
                None => std::mem::replace(now, step) != step,
            });
            let mine =
                !running.contains_key(id) || self.stewardship.is_mine(&Session::steward_key(*id));
            if !mine {
                job.task.abort();
            }
            mine && !job.task.is_finished()
        });
        for (id, step) in &running {
            let mine = || self.stewardship.is_mine(&Session::steward_key(*id));
            if !self.jobs.contains_key(id) && mine() {
                let (sender, changes) = watch::channel(*step);
                let (group, comms) = (Arc::clone(&group), self.comms.clone());
                let task = tokio::spawn(conduct(Conduct { group, comms, id: *id }, changes));
                self.jobs.insert(*id, Job { step: sender, task });
            }
        }
        self.running = !running.is_empty();
    }

    fn end_all(&mut self) {
        for job in std::mem::take(&mut self.jobs).into_values() {
            job.task.abort();
        }
    }
}

/// Waits a while before something is tried again.
pub(super) async fn pause() {
    sleep(Duration::from_millis(100)).await;
}
