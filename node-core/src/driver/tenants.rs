//! Asks the group for the exclusive agents that the node wants to run and for the lease on its names,
//! and renews what it was granted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use covey_logic::{
    Epoch, Input, Name, Ticket,
    agreed::{Denied, Granted, Tidings, Undone, Voters},
    coordination::{Act, Done, Holder, Kind, Place, Refused},
    holding,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior},
};

use super::{Parts, tenancy::Tenancy};
use crate::{
    clock::{self, Clock},
    consensus::{Agreement, ProposeError},
    host::Host,
};

/// The claims of this node on exclusive agents and on the lease of its names.
#[derive(Clone, Debug)]
pub(super) struct Tenants {
    agreement: Agreement,
    host: Host,
    tenancy: Tenancy,
    /// What has a claim given back.
    held: Arc<Mutex<BTreeMap<Epoch, oneshot::Sender<()>>>>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) place: Place,
    pub(super) claim: Epoch,
    pub(super) lease: Duration,
}

/// The task that looks after one of them.
struct Tending {
    asked: Claim,
    agreement: Agreement,
    host: Host,
    tenancy: Tenancy,
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
        Self { agreement, host, tenancy: parts.tenancy.clone(), held: Arc::default() }
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

    /// Asks for an agent or the lease on names, and keeps it until it is given back.
    pub(super) fn claim(&self, asked: Claim, clock: Clock, inputs: &mpsc::Sender<Input>) {
        let (give_back, given_back) = oneshot::channel();
        self.lock().insert(asked.claim, give_back);
        let held = Arc::clone(&self.held);
        let Self { agreement, host, tenancy, .. } = self.clone();
        let (inputs, until) = (inputs.clone(), Instant::now());
        let tending = Tending { asked, agreement, host, tenancy, clock, inputs, until };
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

    /// Whether the holder of a place is a claim that is looked after.
    pub(super) fn looks_after(&self, holder: &Holder) -> bool {
        self.lock().keys().any(|claim| session(*claim).as_ref() == Some(&holder.session))
    }

    /// Has the group change who holds names, and tells the node what came of it.
    pub(super) fn agree(&self, ticket: Ticket, act: holding::Act, inputs: &mpsc::Sender<Input>) {
        let (agreement, inputs) = (self.agreement.clone(), inputs.clone());
        drop(tokio::spawn(async move {
            let result = agree_on_names(&agreement, act).await;
            // A closed queue means that the node has stopped.
            drop(inputs.send(Input::NamesAgreed { ticket, result }).await);
        }));
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
        let place = self.asked.place.clone();
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
        let Claim { place, claim, lease } = self.asked.clone();
        let me = self.host.node();
        let session = session(claim)?;
        let names = place.kind == Kind::Names;
        let act = Act::Acquire {
            place,
            holder: Holder { node: me, session },
            permits: 1,
            lease,
            wait: false,
        };
        let deadline = Instant::now() + Self::ASK_TIMEOUT;
        loop {
            match self.agree(act.clone()).await {
                Ok(token) => return Some(token),
                // An earlier claim of this node, of this life or another, is about to be ended.
                Err(ProposeError::Refused(Denied::Coordination(Refused::Held { .. })))
                    if names && Instant::now() < deadline =>
                {
                    tokio::time::sleep(Self::PAUSE).await;
                }
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
                    tracing::debug!(place = %self.asked.place, %error, "a lease was not granted");
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
        let granted = group.propose(act, None, Self::TRY_TIMEOUT).await?;
        let Granted::Coordination(Done::Held { token }) = granted else {
            return Err(ProposeError::Unknown);
        };
        self.until = asked + lease;
        let Claim { place, claim, .. } = &self.asked;
        if place.kind == Kind::Names {
            self.tenancy.prolong(*claim, (asked, up), lease);
        } else {
            let kill_at = (up + lease).saturating_sub(Self::GUARD_MARGIN);
            self.host.prolong(&place.name, kill_at).await;
        }
        self.tell(Tidings::Granted { token, until: at + lease }).await;
        Ok(token)
    }

    /// Nothing of it runs or is held here any more: another node need not wait for the end of the
    /// lease.
    async fn give_back(self, place: Place, token: u64) {
        match place.kind {
            Kind::Names => self.tenancy.end(self.asked.claim),
            Kind::Agent | Kind::Lock | Kind::Election | Kind::Semaphore => {
                self.host.outlived(&place.name);
            }
        }
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
        let Claim { place, claim, .. } = self.asked.clone();
        // A closed queue means that the node has stopped.
        drop(self.inputs.send(Input::Tenure { place, claim, tidings }).await);
    }
}

/// What a claim is called in the group: apart from every other, so that the end of one never frees
/// another.
fn session(claim: Epoch) -> Option<Name> {
    Name::new(&format!("claim-{}", claim.0)).ok()
}

/// How long an agreement on names may take, tries and all.
const AGREE_TIMEOUT: Duration = Duration::from_secs(5);

/// Has the group agree once, however often it takes to hear so.
async fn agree_on_names(agreement: &Agreement, act: holding::Act) -> Result<holding::Done, Undone> {
    let deadline = Instant::now() + AGREE_TIMEOUT;
    let mut key = None;
    loop {
        let group = agreement.group().ok_or(Undone::NoLeader)?;
        key = key.or_else(|| group.fresh_key());
        let left = deadline.saturating_duration_since(Instant::now());
        let undone = match group.propose(act.clone(), key.clone(), left).await {
            Ok(Granted::Names(done)) => return Ok(done),
            Err(ProposeError::Refused(Denied::Names(refused))) => Undone::Refused(refused),
            Err(ProposeError::NoQuorum { have, need }) => Undone::NoQuorum(Voters { have, need }),
            Err(
                ProposeError::NoLeader | ProposeError::Forbidden | ProposeError::Stopped { .. },
            ) => Undone::NoLeader,
            Ok(_) | Err(ProposeError::Unknown | ProposeError::Refused(_)) => Undone::Unknown,
        };
        if undone != Undone::Unknown || deadline <= Instant::now() {
            return Err(undone);
        }
        tokio::time::sleep(Tending::PAUSE).await;
    }
}
