//! Asks the group for the exclusive agents that the node wants to run, and renews what it was granted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use covey_logic::{
    Epoch, Input, Name,
    agreed::{Denied, Granted},
    coordination::{Act, Done, Holder, Place, Refused},
    supervision::{Tidings, Voters},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior},
};

use super::Parts;
use crate::{
    clock::{self, Clock},
    consensus::{Agreement, ProposeError},
    host::Host,
};

/// The claims of this node on exclusive agents.
#[derive(Debug)]
pub(super) struct Tenants {
    agreement: Agreement,
    host: Host,
    /// What has a claim given back.
    held: Arc<Mutex<BTreeMap<Epoch, oneshot::Sender<()>>>>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) name: Name,
    pub(super) claim: Epoch,
    pub(super) lease: Duration,
}

/// The task that looks after one of them.
struct Tending {
    asked: Claim,
    agreement: Agreement,
    host: Host,
    clock: Clock,
    inputs: mpsc::Sender<Input>,
    /// Until when what was granted lasts.
    until: Instant,
}

impl Tenants {
    /// Between two looks at the voters: the detector takes 100 ms.
    const LOOK_INTERVAL: Duration = Duration::from_millis(100);

    pub(super) fn new(parts: &Parts) -> Self {
        let (agreement, host) = (parts.agreement.clone(), parts.host.clone());
        Self { agreement, host, held: Arc::default() }
    }

    /// Tells the node how many voters are in sight, until it stops.
    pub(super) fn watch_voters(&self, inputs: mpsc::Sender<Input>) {
        let agreement = self.agreement.clone();
        drop(tokio::spawn(async move {
            let mut tick = tokio::time::interval(Self::LOOK_INTERVAL);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut told = Voters::default();
            loop {
                tokio::select! {
                    _ = tick.tick() => {}
                    () = inputs.closed() => return,
                }
                let seen = agreement.group().map(|group| group.voters()).unwrap_or_default();
                if seen != told && inputs.send(Input::Voters(seen)).await.is_err() {
                    return;
                }
                told = seen;
            }
        }));
    }

    /// Asks for an agent, and keeps it until it is given back.
    pub(super) fn claim(&self, asked: Claim, clock: Clock, inputs: &mpsc::Sender<Input>) {
        let (give_back, given_back) = oneshot::channel();
        self.lock().insert(asked.claim, give_back);
        let held = Arc::clone(&self.held);
        let (agreement, host) = (self.agreement.clone(), self.host.clone());
        let (inputs, until) = (inputs.clone(), Instant::now());
        let tending = Tending { asked, agreement, host, clock, inputs, until };
        drop(tokio::spawn(async move {
            let claim = tending.asked.claim;
            tending.run(given_back).await;
            held.lock().unwrap_or_else(PoisonError::into_inner).remove(&claim);
        }));
    }

    /// Gives one back.
    pub(super) fn release(&self, claim: Epoch) {
        // Dropping the sender says so.
        drop(self.lock().remove(&claim));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Epoch, oneshot::Sender<()>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tending {
    /// Four renewals within the time for which they may fail, so that two may be lost.
    const RENEW_INTERVAL: Duration = Duration::from_millis(1_250);
    /// How long one try may take: longer than a group takes to find another leader.
    const TRY_TIMEOUT: Duration = Duration::from_millis(1_000);
    /// Between two tries that failed.
    const PAUSE: Duration = Duration::from_millis(100);
    /// How long to try to get it: a lease that a dead leader still kept track of ends meanwhile.
    const ASK_TIMEOUT: Duration = Duration::from_secs(3);
    /// How long before the end of a lease a program is killed that could not be stopped.
    const GUARD_MARGIN: Duration = Duration::from_millis(500);

    async fn run(mut self, mut given_back: oneshot::Receiver<()>) {
        let Some(token) = self.acquire().await else { return };
        let mut pause = Self::RENEW_INTERVAL;
        let place = Place::agent(self.asked.name.clone());
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = &mut given_back => return self.give_back(place, token).await,
                () = self.inputs.closed() => return,
            }
            let renew = Act::Renew { place: place.clone(), token };
            pause = match self.agree(renew).await {
                Ok(_) => Self::RENEW_INTERVAL,
                Err(ProposeError::Refused(_) | ProposeError::Forbidden) => {
                    return self.tell(Tidings::Over { holder: None }).await;
                }
                Err(_) if self.until <= Instant::now() => {
                    return self.tell(Tidings::Over { holder: None }).await;
                }
                Err(_) => Self::PAUSE,
            };
        }
    }

    /// The token, if it was granted.
    async fn acquire(&mut self) -> Option<u64> {
        let Claim { name, claim, lease } = self.asked.clone();
        let me = self.host.node();
        // Apart from every other claim, so that the end of one never frees another.
        let session = Name::new(&format!("claim-{}", claim.0)).ok()?;
        let act = Act::Acquire {
            place: Place::agent(name),
            holder: Holder { node: me, session },
            permits: 1,
            lease,
            wait: false,
        };
        let deadline = Instant::now() + Self::ASK_TIMEOUT;
        loop {
            match self.agree(act.clone()).await {
                Ok(token) => return Some(token),
                Err(ProposeError::Refused(Denied::Coordination(Refused::Held {
                    holder, ..
                }))) => {
                    self.tell(Tidings::Over { holder: Some(holder.node) }).await;
                    return None;
                }
                // What came of it is not known: the same claim gets the same answer.
                Err(ProposeError::Unknown) if Instant::now() < deadline => {
                    tokio::time::sleep(Self::PAUSE).await;
                }
                Err(error) => {
                    tracing::debug!(agent = %self.asked.name, %error, "an agent was not granted");
                    self.tell(Tidings::Over { holder: None }).await;
                    return None;
                }
            }
        }
    }

    /// Has the group agree on the grant or on its renewal, and tells the node what it may do with it.
    async fn agree(&mut self, act: Act) -> Result<u64, ProposeError> {
        let lease = self.asked.lease;
        // Before it is asked: the group counts from no earlier.
        let (asked, at, up) = (Instant::now(), self.clock.now().at, clock::uptime());
        let group = self.agreement.group().ok_or(ProposeError::NoLeader)?;
        match group.propose(act, None, Self::TRY_TIMEOUT).await? {
            Granted::Coordination(Done::Held { token }) => {
                self.until = asked + lease;
                let kill_at = (up + lease).saturating_sub(Self::GUARD_MARGIN);
                self.host.prolong(&self.asked.name, kill_at).await;
                self.tell(Tidings::Granted { token, until: at + lease }).await;
                Ok(token)
            }
            Granted::Coordination(_) | Granted::Settings(_) | Granted::Drawn(_) => {
                Err(ProposeError::Unknown)
            }
        }
    }

    /// Nothing runs here any more: another node need not wait for the end of the lease.
    async fn give_back(self, place: Place, token: u64) {
        self.host.outlived(&self.asked.name);
        while Instant::now() < self.until {
            let Some(group) = self.agreement.group() else { return };
            let release = Act::Release { place: place.clone(), token };
            match group.propose(release, None, Self::TRY_TIMEOUT).await {
                Ok(_) | Err(ProposeError::Refused(_) | ProposeError::Forbidden) => return,
                Err(_) => tokio::time::sleep(Self::PAUSE).await,
            }
        }
    }

    async fn tell(&self, tidings: Tidings) {
        let Claim { name, claim, .. } = self.asked.clone();
        // A closed queue means that the node has stopped.
        drop(self.inputs.send(Input::Tenure { name, claim, tidings }).await);
    }
}
