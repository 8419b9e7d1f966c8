//! Waiting for what the cluster agrees on: in a line, at a barrier, for a change.

use std::time::Duration;

use covey_logic::{
    Name,
    agreed::Key,
    coordination::{
        Absence, Act, Coordination, Done, Fate, Holder, Place, Refused, Seats, Written,
    },
};
use tokio::time::{Instant, timeout_at};

use super::{Freshness, Primitives};
use crate::consensus::ProposeError;

/// A seat to be taken: a lock, an election or a semaphore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquire {
    /// Where.
    pub place: Place,
    /// Who takes it, as this node tells them apart.
    pub session: Name,
    /// How many may hold it at once.
    pub permits: u32,
    /// How long it is held without a word.
    pub lease: Duration,
    /// How long to stand in line for it.
    pub wait: Duration,
    /// Ties a repeated wish to its first answer.
    pub key: Option<Key>,
}

/// A barrier to wait at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrive {
    /// Which.
    pub barrier: Name,
    /// Who waits, as this node tells them apart.
    pub session: Name,
    /// How many it takes to open.
    pub parties: u32,
    /// How long to wait; after it the barrier is broken for all.
    pub wait: Duration,
    /// Ties a repeated wish to its first answer.
    pub key: Option<Key>,
}

/// Writes of a variable that were waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writes {
    /// The writes after the version that was known, oldest first.
    pub writes: Vec<Written>,
    /// Whether these are all: some may be forgotten, or the variable was removed meanwhile.
    pub whole: bool,
    /// The entry as of which.
    pub index: u64,
}

/// Between two looks of one that waits: thousands may wait while entries come in thousands a second,
/// and a hand-over may take 10 ms.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

impl Primitives {
    /// Takes a seat, and stands in line for it if none is free; its fencing token.
    ///
    /// Dropped while it waits, it steps back.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`]; [`Refused::Held`] if it did not come about in time.
    pub async fn acquire(&self, asked: Acquire) -> Result<u64, ProposeError> {
        let Acquire { place, session, permits, lease, wait, key } = asked;
        let deadline = Instant::now() + wait;
        let holder = Holder { node: self.me, session };
        let act = Act::Acquire {
            place: place.clone(),
            holder: holder.clone(),
            permits,
            lease,
            wait: !wait.is_zero(),
        };
        if let Done::Held { token } = self.agree_within(act, key, wait).await? {
            return Ok(token);
        }
        let step_back = Act::StepBack { place: place.clone(), holder: holder.clone() };
        let leaving = Leaving { node: self, act: Some(step_back.clone()) };
        let sits = |state: &Coordination| held(state.place(&place), &holder);
        if let Some((token, _)) = self.until(deadline, sits).await? {
            leaving.stay();
            return Ok(token);
        }
        leaving.stay();
        self.agree(step_back, None).await?;
        // It may have come at the last moment, before this stepped back.
        let (seats, _) = self.place(&place, Freshness::Linearizable).await?;
        let other = seats.as_ref().and_then(|seats| seats.holds.first());
        let other = other.map_or_else(|| holder.clone(), |hold| hold.holder.clone());
        held(seats.as_ref(), &holder).ok_or_else(|| Refused::Held { place, holder: other }.into())
    }

    /// Waits at a barrier until it opens or is broken; the generation, and which of the two.
    ///
    /// Dropped while it waits, or when its time is over, it breaks the barrier for all.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`]; [`ProposeError::Unknown`] if so many generations followed that its end
    /// is not remembered any more.
    pub async fn arrive(&self, asked: Arrive) -> Result<(u64, Fate), ProposeError> {
        let Arrive { barrier, session, parties, wait, key } = asked;
        let deadline = Instant::now() + wait;
        let party = Holder { node: self.me, session };
        let act = Act::Arrive { barrier: barrier.clone(), party: party.clone(), parties };
        let agreed = self.agree_within(act, key, wait).await?;
        let Done::Arrived { generation, .. } = agreed else {
            // A key that was given before, to another kind of wish.
            return Err(ProposeError::Unknown);
        };
        let leave = |cause| Act::Leave {
            barrier: barrier.clone(),
            generation,
            party: party.clone(),
            cause,
        };
        let leaving = Leaving { node: self, act: Some(leave(Absence::Left)) };
        let ended = |state: &Coordination| {
            let barrier = state.barrier(&barrier)?;
            let over = barrier.generation != generation;
            over.then(|| barrier.fate(generation).cloned())
        };
        if let Some((fate, _)) = self.until(deadline, &ended).await? {
            leaving.stay();
            return fate.map(|fate| (generation, fate)).ok_or(ProposeError::Unknown);
        }
        leaving.stay();
        self.agree(leave(Absence::TimedOut), None).await?;
        // Broken by this one now, or opened a moment before.
        let (fate, _) = self.read(Freshness::Linearizable, ended).await?;
        fate.flatten().map(|fate| (generation, fate)).ok_or(ProposeError::Unknown)
    }

    /// Waits until a place is held otherwise than by the holding under `known`; who holds it then,
    /// and the entry as of which. At the end of `wait` as it is.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn watch_place(
        &self,
        place: &Place,
        known: Option<u64>,
        wait: Duration,
    ) -> Result<(Option<Seats>, u64), ProposeError> {
        let changed = |state: &Coordination| {
            let seats = state.place(place);
            let token = seats.and_then(|seats| seats.holds.first()).map(|hold| hold.token);
            (token != known).then(|| seats.cloned())
        };
        match self.until(Instant::now() + wait, changed).await? {
            Some(changed) => Ok(changed),
            None => self.place(place, Freshness::Stale).await,
        }
    }

    /// Waits for writes of a variable after the version that is known, nought for none; nothing at
    /// the end of `wait`, or once the variable is removed.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn watch_variable(
        &self,
        variable: &Name,
        known: u64,
        wait: Duration,
    ) -> Result<Option<Writes>, ProposeError> {
        let written = |state: &Coordination| match state.variable(variable) {
            Some(there) => {
                let (writes, whole) = there.since(known);
                let writes: Vec<Written> = writes.into_iter().cloned().collect();
                (!writes.is_empty()).then_some(Some((writes, whole)))
            }
            None => (known > 0).then_some(None),
        };
        let found = self.until(Instant::now() + wait, written).await?;
        Ok(found.and_then(|(found, index)| {
            found.map(|(writes, whole)| Writes { writes, whole, index })
        }))
    }

    /// Looks again after each entry until there is something to see; and the entry as of which.
    async fn until<T>(
        &self,
        deadline: Instant,
        look: impl Fn(&Coordination) -> Option<T>,
    ) -> Result<Option<(T, u64)>, ProposeError> {
        let group = self.group()?;
        let mut revision = group.revision();
        loop {
            // Marked first, so that no change is missed between the look and the wait.
            revision.mark_unchanged();
            if let (Some(found), at) = group.look_here(|agreed| look(agreed.coordination())) {
                return Ok(Some((found, at)));
            }
            if !matches!(timeout_at(deadline, revision.changed()).await, Ok(Ok(()))) {
                return Ok(None);
            }
            if let (Some(found), at) = group.look_here(|agreed| look(agreed.coordination())) {
                return Ok(Some((found, at)));
            }
            tokio::time::sleep_until(deadline.min(Instant::now() + LOOK_PAUSE)).await;
        }
    }
}

/// Says that one waits no more if the wait is dropped.
struct Leaving<'a> {
    node: &'a Primitives,
    act: Option<Act>,
}

impl Leaving<'_> {
    /// It was not dropped.
    fn stay(mut self) {
        self.act = None;
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if let Some(act) = self.act.take() {
            let node = self.node.clone();
            drop(tokio::spawn(async move {
                if let Err(error) = node.agree(act, None).await {
                    tracing::debug!(%error, "one that waits no more could not say so");
                }
            }));
        }
    }
}

/// The token of a holding, if `holder` has one.
fn held(seats: Option<&Seats>, holder: &Holder) -> Option<u64> {
    seats?.holds.iter().find(|hold| hold.holder == *holder).map(|hold| hold.token)
}
