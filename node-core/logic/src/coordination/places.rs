//! Every lock, election and semaphore that somebody holds.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    coordination::{Done, Hold, Holder, Kind, Outcome, Place, Refused, Seats, machine::room},
    ids::NodeId,
};

/// Every place in which somebody sits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Places(BTreeMap<Place, Seats>);

/// A lease that runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease {
    /// Of what.
    pub place: Place,
    /// Of which holding.
    pub token: u64,
    /// The entry since which it runs.
    pub renewed: u64,
}

impl Places {
    pub(super) fn get(&self, place: &Place) -> Option<&Seats> {
        self.0.get(place)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Place, &Seats)> {
        self.0.iter()
    }

    pub(super) fn leases(&self) -> impl Iterator<Item = (Lease, Duration)> {
        self.0.iter().flat_map(|(place, seats)| {
            seats.holds.iter().map(|hold| {
                let Hold { token, renewed, lease, .. } = *hold;
                (Lease { place: place.clone(), token, renewed }, lease)
            })
        })
    }

    pub(super) fn acquire(
        &mut self,
        (index, place): (u64, Place),
        (holder, lease): (Holder, Duration),
        permits: u32,
        wait: bool,
    ) -> Outcome {
        let (least, most) = Seats::LEASE;
        if !(least..=most).contains(&lease) {
            let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            return Err(Refused::Lease { least_ms: ms(least), most_ms: ms(most) });
        }
        let most = if place.kind == Kind::Semaphore { Seats::MAX_PERMITS } else { 1 };
        if !(1..=most).contains(&permits) {
            return Err(Refused::Permits { place, permits: most });
        }
        if let Some(seats) = self.0.get_mut(&place) {
            if seats.permits != permits {
                return Err(Refused::Permits { permits: seats.permits, place });
            }
            return seats.acquire((index, &place), (holder, lease), wait);
        }
        room(self.0.len())?;
        let seats = self.0.entry(place.clone()).or_insert_with(|| Seats::new(permits));
        seats.acquire((index, &place), (holder, lease), wait)
    }

    pub(super) fn renew(&mut self, index: u64, place: &Place, token: u64) -> Outcome {
        self.held(place, token)?;
        if let Some(hold) = self.0.get_mut(place).and_then(|seats| seats.held_mut(token)) {
            hold.renewed = index;
        }
        Ok(Done::Held { token })
    }

    pub(super) fn release(&mut self, index: u64, place: &Place, token: u64) -> Outcome {
        self.held(place, token)?;
        self.free(index, place, token);
        Ok(Done::Free)
    }

    /// The lease that began with the entry `renewed` ended, unless it was renewed since.
    pub(super) fn expire(
        &mut self,
        index: u64,
        (place, token): (&Place, u64),
        renewed: u64,
    ) -> Outcome {
        if self.held(place, token)?.renewed == renewed {
            self.free(index, place, token);
        }
        Ok(Done::Free)
    }

    pub(super) fn step_back(&mut self, place: &Place, holder: &Holder) {
        if let Some(seats) = self.0.get_mut(place) {
            seats.line.retain(|waiter| waiter.holder != *holder);
        }
    }

    pub(super) fn depart(&mut self, node: NodeId, before: u64) {
        self.0.values_mut().for_each(|seats| seats.depart(node, before));
    }

    pub(super) fn held(&self, place: &Place, token: u64) -> Result<&Hold, Refused> {
        let hold = self.0.get(place).and_then(|seats| seats.held(token));
        hold.ok_or_else(|| Refused::Fenced { place: place.clone(), token })
    }

    fn free(&mut self, index: u64, place: &Place, token: u64) {
        if let Some(seats) = self.0.get_mut(place) {
            seats.free(index, token);
            if seats.holds.is_empty() {
                self.0.remove(place);
            }
        }
    }
}
