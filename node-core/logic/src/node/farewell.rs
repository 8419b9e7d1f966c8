//! The last moments of a node that leaves: everyone hears where its agents went before it says
//! goodbye.
//!
//! What it said of its agents is gossip, which may be lost; and once it has started again nobody has
//! its old words any more, so that who missed them would take its agents for lost and start them
//! from copies that are older than what runs.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    ids::{NodeId, Ticket},
    node::{Node, Outcome},
    outbox::Presentness,
    time::{Instant, Now},
};

/// A goodbye that waits for those who have not heard everything.
#[derive(Debug)]
pub(super) struct Farewell {
    ticket: Ticket,
    /// How many comparisons each still has to go through: what was sent in the first has arrived when
    /// the second ends.
    unheard: BTreeMap<NodeId, u8>,
    until: Instant,
}

impl Farewell {
    const COMPARISONS: u8 = 2;
    /// How long it waits for them: five times what it takes to give up a comparison that was lost.
    const TIMEOUT: Duration = Duration::from_secs(5);

    /// When it is said whoever has not heard.
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

impl Node {
    /// No agent is left here, after a leave was asked for.
    pub(super) fn on_all_stopped(&mut self, now: Now) {
        let Some(ticket) = self.leaving.take() else { return };
        self.registry.let_go(&self.replica, &mut self.out);
        let present = |node: &NodeId| self.membership.is_present(*node);
        let present = self.membership.connected().into_iter().filter(present);
        let mut unheard: BTreeMap<NodeId, u8> =
            present.map(|node| (node, Farewell::COMPARISONS)).collect();
        if !self.moving.gave_any_up() {
            unheard.clear();
        }
        let until = now.at + Farewell::TIMEOUT;
        for peer in unheard.keys() {
            self.replica.compare_with(now, *peer, self.events.extents(), &mut self.out);
        }
        self.farewell = Some(Farewell { ticket, unheard, until });
        self.say_goodbye_if_heard(now);
    }

    /// Notes were compared with `peer`. It has heard everything if this node has: where its agents
    /// went is for their new nodes to say.
    pub(super) fn hears_farewell(&mut self, now: Now, peer: NodeId) {
        let Some(farewell) = &mut self.farewell else { return };
        let Some(left) = farewell.unheard.get_mut(&peer) else { return };
        if self.moving.heard_from_all(&self.replica, &self.membership) {
            *left -= 1;
        }
        if *left == 0 {
            farewell.unheard.remove(&peer);
        } else {
            self.replica.compare_with(now, peer, self.events.extents(), &mut self.out);
        }
        self.say_goodbye_if_heard(now);
    }

    /// A peer that is gone need hear nothing.
    pub(super) fn note_farewell(&mut self, now: Now, peer: NodeId, presentness: Presentness) {
        if let (Some(farewell), Presentness::Absent) = (&mut self.farewell, presentness) {
            farewell.unheard.remove(&peer);
            self.say_goodbye_if_heard(now);
        }
    }

    pub(super) fn say_goodbye_if_heard(&mut self, now: Now) {
        let heard = |it: &mut Farewell| it.unheard.is_empty() || it.until <= now.at;
        if let Some(Farewell { ticket, .. }) = self.farewell.take_if(heard) {
            self.membership.leave(&mut self.out);
            self.replies.push((ticket, Ok(Outcome::Done)));
        }
    }
}
