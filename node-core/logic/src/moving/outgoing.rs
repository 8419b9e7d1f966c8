//! The source of hand-offs.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    agent::{AgentState, Phase},
    event::Fact,
    ids::{Epoch, Name, NodeId},
    moving::{
        Move, TransferId,
        pieces::{Sending, send, transfer},
    },
    node::Effect,
    outbox::{HandOffStep, Happened, Outbox},
    replica::{Heard, Moved, Presence, PresenceKey},
    supervision::{Tables, status_of, wanted},
    time::{Instant, Now},
};

/// Why an agent is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A person asked.
    Asked,
    /// The node is drained or leaves.
    Evacuated,
    /// Another node's share gives it the agent.
    Joined,
    /// The plan of this index says so.
    Planned,
}

/// One agent on its way out.
#[derive(Debug)]
pub(super) struct Outgoing {
    id: TransferId,
    pub(super) to: NodeId,
    epoch: Epoch,
    pub(super) cause: Cause,
    stage: Stage,
    /// The life here is over: where the agent is now is for the target to say.
    over: bool,
    /// When the target is asked what became of it.
    ask_at: Instant,
}

#[derive(Debug)]
enum Stage {
    /// The agent runs here as ever; the other life is made ready, until then at most.
    Preparing(Instant),
    /// The agent finishes the calls it has, until then at most.
    Suspending(Instant),
    /// Its state is under way, or there.
    Sending(Sending),
}

/// A hand-off that is over.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) name: Name,
    pub(super) cause: Cause,
    /// Why the agent stays, if it does.
    pub(super) failure: Option<String>,
}

/// Every agent on its way out.
#[derive(Debug)]
pub(super) struct Outgoings {
    me: NodeId,
    all: BTreeMap<Name, Outgoing>,
    ended: Vec<Ended>,
    /// Agents of which is said where they went, and until when; the oldest first.
    gone: VecDeque<(Instant, Name)>,
}

impl Outgoings {
    /// So many may be said for longer than anyone needs them, until the next agent goes: a cluster in
    /// which nothing happens says nothing.
    const POINTS: usize = 64;
    /// How long the target may take to start the other life: a program has ten seconds.
    const PREPARE_TIMEOUT: Duration = Duration::from_secs(15);
    /// How long the calls in hand and the snapshot may take; callers wait meanwhile.
    const SUSPEND_TIMEOUT: Duration = Duration::from_secs(15);
    /// How often the target is asked: a message is lost only with its connection.
    const ASK_INTERVAL: Duration = Duration::from_millis(500);

    pub(super) fn new(me: NodeId) -> Self {
        Self { me, all: BTreeMap::new(), ended: Vec::new(), gone: VecDeque::new() }
    }

    pub(super) fn get(&self, name: &Name) -> Option<&Outgoing> {
        self.all.get(name)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// How many are moved for this reason.
    pub(super) fn count(&self, cause: Cause) -> usize {
        self.all.values().filter(|outgoing| outgoing.cause == cause).count()
    }

    /// Whether the target may run the agent: nothing but its word gets it back.
    pub(super) fn is_given(&self, name: &Name) -> bool {
        let stage = self.all.get(name).map(|outgoing| &outgoing.stage);
        matches!(stage, Some(Stage::Sending(sending)) if sending.may_be_whole())
    }

    /// What ended since this was last asked.
    pub(super) fn take_ended(&mut self) -> Vec<Ended> {
        std::mem::take(&mut self.ended)
    }

    /// Begins a hand-off, if the agent runs here and can be handed over.
    pub(super) fn begin(
        &mut self,
        now: Now,
        (name, to, cause): (&Name, NodeId, Cause),
        tables: Tables<'_>,
        out: &mut Outbox,
    ) -> bool {
        let hands_over = wanted(tables.replica, name)
            .is_some_and(|wanted| wanted.spec.handoff.state && wanted.intent.run);
        let Some(status) = status_of(tables.replica, self.me, name) else { return false };
        let runs = status.phase == Phase::Running;
        let free = !self.all.contains_key(name) && to != self.me;
        if !hands_over || !runs || !free || !tables.membership.is_present(to) {
            return false;
        }
        let outgoing = Outgoing {
            id: transfer(out),
            to,
            epoch: status.epoch,
            cause,
            stage: Stage::Preparing(now.at + Self::PREPARE_TIMEOUT),
            over: false,
            ask_at: now.at + Self::ASK_INTERVAL,
        };
        let Outgoing { id, epoch, .. } = outgoing;
        let offer = Move::Offer { id, name: name.clone(), epoch, generation: status.generation };
        send(to, offer, out);
        self.all.insert(name.clone(), outgoing);
        true
    }

    /// The target said something of a hand-off; false if there is none of that id to it.
    pub(super) fn on_move(
        &mut self,
        now: Now,
        from: NodeId,
        said: &Move,
        out: &mut Outbox,
    ) -> bool {
        let (Move::Accept { id }
        | Move::Ready { id }
        | Move::Got { id, .. }
        | Move::Lacks { id, .. }
        | Move::Done { id, .. }
        | Move::Failed { id, .. }) = said
        else {
            return false;
        };
        let find =
            |(_, outgoing): &(&Name, &mut Outgoing)| outgoing.id == *id && outgoing.to == from;
        let Some((name, outgoing)) = self.all.iter_mut().find(find) else { return false };
        let name = name.clone();
        outgoing.ask_at = now.at + Self::ASK_INTERVAL;
        match said {
            Move::Ready { .. } if matches!(outgoing.stage, Stage::Preparing(_)) => {
                outgoing.stage = Stage::Suspending(now.at + Self::SUSPEND_TIMEOUT);
                let epoch = outgoing.epoch;
                out.happened(Happened::HandOff(name.clone(), epoch, HandOffStep::Begins));
                out.effect(Effect::SuspendAgent { name, epoch });
            }
            Move::Ready { .. } => {
                // It waits for a state of which nothing came: all that was sent is lost.
                if let Stage::Sending(sending) = &mut outgoing.stage {
                    sending.on_lacks(0, out);
                }
            }
            Move::Got { bytes, .. } => {
                if let Stage::Sending(sending) = &mut outgoing.stage {
                    sending.on_got(*bytes, out);
                }
                self.tell_given(&name, out);
            }
            Move::Lacks { after, .. } => {
                if let Stage::Sending(sending) = &mut outgoing.stage {
                    sending.on_lacks(*after, out);
                }
                self.tell_given(&name, out);
            }
            Move::Done { said, .. } => self.done(now, &name, Some(*said), out),
            Move::Failed { reason, .. } => self.fail(&name, reason.clone(), out),
            Move::Accept { .. }
            | Move::Offer { .. }
            | Move::Piece { .. }
            | Move::Ask { .. }
            | Move::Cancel { .. }
            | Move::Keep { .. }
            | Move::Fetch { .. }
            | Move::Merge { .. } => {}
        }
        true
    }

    /// The host gave the state of a suspended agent, or did not.
    pub(super) fn on_suspended(
        &mut self,
        now: Now,
        (name, epoch): (&Name, Epoch),
        result: Result<AgentState, String>,
        out: &mut Outbox,
    ) {
        let Some(outgoing) = self.all.get_mut(name) else { return };
        if outgoing.epoch != epoch || !matches!(outgoing.stage, Stage::Suspending(_)) {
            return;
        }
        match result {
            Ok(state) if state.len() <= AgentState::MAX_LEN => {
                let mut sending = Sending::new(outgoing.to, outgoing.id, state);
                sending.go_on(out);
                outgoing.stage = Stage::Sending(sending);
                outgoing.ask_at = now.at + Self::ASK_INTERVAL;
                self.tell_given(name, out);
            }
            Ok(state) => {
                let reason = format!(
                    "its state has {} bytes, and {} may travel",
                    state.len(),
                    AgentState::MAX_LEN
                );
                self.fail(name, reason, out);
            }
            Err(reason) => self.fail(name, reason, out),
        }
    }

    fn tell_given(&self, name: &Name, out: &mut Outbox) {
        if let Some(outgoing) = self.all.get(name).filter(|_| self.is_given(name)) {
            let step = HandOffStep::Sent;
            out.happened(Happened::HandOff(name.clone(), outgoing.epoch, step));
        }
    }

    /// The life that was to be handed over takes no more calls, for another reason than the hand-off.
    pub(super) fn on_gone(&mut self, name: &Name, epoch: Epoch, out: &mut Outbox) {
        if self.all.get(name).is_none_or(|outgoing| outgoing.epoch != epoch) {
            return;
        }
        if self.is_given(name) {
            return self.ends(name);
        }
        let Some(outgoing) = self.all.remove(name) else { return };
        send(outgoing.to, Move::Cancel { id: outgoing.id }, out);
        let failure = Some("it stopped before it could be handed over".to_owned());
        self.ended.push(Ended { name: name.clone(), cause: outgoing.cause, failure });
    }

    /// Another node runs a later life of the agent, which was heard of before the target's own word.
    pub(super) fn on_overtaken(&mut self, name: &Name, tables: Tables<'_>, out: &mut Outbox) {
        let Some(outgoing) = self.all.get(name).filter(|_| self.is_given(name)) else { return };
        if outgoing.over {
            return;
        }
        let Outgoing { to, epoch, .. } = *outgoing;
        if let Some(heard) = tables.replica.heard(to) {
            let runs = status_of(tables.replica, to, name)
                .is_some_and(|status| status.phase == Phase::Running);
            // A claim alone tells that it runs: how much was lost before it says so, only its own word
            // will tell.
            let version = if runs { heard.version } else { u64::MAX };
            self.point(tables.now, (name, to), Heard { version, ..heard }, out);
        }
        out.happened(Happened::HandOff(name.clone(), epoch, HandOffStep::Done));
        self.ends(name);
    }

    fn forget_old_points(&mut self, now: Now, out: &mut Outbox) {
        while let Some((_, name)) = self.gone.pop_front_if(|(until, _)| *until <= now.at) {
            // One that came back and went again is said until its later time.
            if self.gone.iter().all(|(_, other)| *other != name) {
                out.happened(Happened::PresenceSaid(PresenceKey::Moved(name), None));
            }
        }
    }

    /// Says where an agent went.
    fn point(&mut self, now: Now, (name, to): (&Name, NodeId), said: Heard, out: &mut Outbox) {
        self.forget_old_points(now, out);
        let moved = Presence::Moved(Moved { to, said });
        out.happened(Happened::PresenceSaid(PresenceKey::Moved(name.clone()), Some(moved)));
        self.gone.push_back((now.at + Moved::LIFETIME, name.clone()));
    }

    fn ends(&mut self, name: &Name) {
        if let Some(outgoing) = self.all.get_mut(name) {
            outgoing.over = true;
        }
    }

    /// A node is down. `newer` tells whether a present node keeps a copy of the agent's state that
    /// is later than the life here.
    pub(super) fn on_absent(
        &mut self,
        (now, node): (Now, NodeId),
        newer: impl Fn(&Name, Epoch) -> bool,
        out: &mut Outbox,
    ) {
        let lost = self.all.iter().filter(|(_, outgoing)| outgoing.to == node);
        let lost: Vec<(Name, Epoch)> =
            lost.map(|(name, outgoing)| (name.clone(), outgoing.epoch)).collect();
        for (name, epoch) in lost {
            if self.is_given(&name) && newer(&name, epoch) {
                self.done(now, &name, None, out);
            } else {
                self.fail(&name, "the other node went down".to_owned(), out);
            }
        }
    }

    /// Asks targets, and gives up what takes too long.
    pub(super) fn on_timeout(&mut self, now: Now, tables: Tables<'_>, out: &mut Outbox) {
        let mut late = Vec::new();
        for (name, outgoing) in &mut self.all {
            let until = match outgoing.stage {
                Stage::Preparing(until) => Some((until, "the other node did not get it ready")),
                Stage::Suspending(until) => Some((until, "it did not finish the calls it has")),
                Stage::Sending(_) => None,
            };
            if let Some((until, why)) = until
                && until <= now.at
            {
                late.push((name.clone(), why));
            } else if outgoing.ask_at <= now.at {
                outgoing.ask_at = now.at + Self::ASK_INTERVAL;
                ask(self.me, name, outgoing, tables, out);
            }
        }
        for (name, why) in late {
            self.fail(&name, why.to_owned(), out);
        }
        if self.gone.len() > Self::POINTS {
            self.forget_old_points(now, out);
        }
    }

    /// When [`Self::on_timeout`] is due.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let due = |outgoing: &Outgoing| match outgoing.stage {
            Stage::Preparing(until) | Stage::Suspending(until) => until.min(outgoing.ask_at),
            Stage::Sending(_) => outgoing.ask_at,
        };
        let many = self.gone.front().filter(|_| self.gone.len() > Self::POINTS);
        self.all.values().map(due).chain(many.map(|(until, _)| *until)).min()
    }

    /// The agent is at its target, which says so in what it said of its agents until `said`.
    fn done(&mut self, now: Now, name: &Name, said: Option<Heard>, out: &mut Outbox) {
        let Some(outgoing) = self.all.remove(name) else { return };
        let Outgoing { to, epoch, cause, over, .. } = outgoing;
        if let Some(said) = said {
            self.point(now, (name, to), said, out);
        }
        if !over {
            out.happened(Happened::HandOff(name.clone(), epoch, HandOffStep::Done));
        }
        out.fact(Fact::AgentHandedOver { name: name.clone(), to });
        self.ended.push(Ended { name: name.clone(), cause, failure: None });
    }

    fn fail(&mut self, name: &Name, reason: String, out: &mut Outbox) {
        let given = self.is_given(name);
        let Some(outgoing) = self.all.remove(name) else { return };
        let Outgoing { id, to, epoch, cause, stage, over, .. } = outgoing;
        if over {
            // Nothing is left here to go on with.
            return self.ended.push(Ended { name: name.clone(), cause, failure: None });
        }
        if !matches!(stage, Stage::Preparing(_)) {
            out.effect(Effect::ResumeAgent { name: name.clone(), epoch });
            out.happened(Happened::HandOff(name.clone(), epoch, HandOffStep::Fails));
        }
        if !given {
            send(to, Move::Cancel { id }, out);
        }
        let fact = Fact::HandOverFailed { name: name.clone(), to, reason: reason.clone() };
        out.fact(fact);
        self.ended.push(Ended { name: name.clone(), cause, failure: Some(reason) });
    }
}

fn ask(me: NodeId, name: &Name, outgoing: &Outgoing, tables: Tables<'_>, out: &mut Outbox) {
    let Outgoing { id, to, epoch, .. } = *outgoing;
    // An offer that the target has already is asked after by offering it again.
    let again = match outgoing.stage {
        Stage::Preparing(_) => status_of(tables.replica, me, name),
        Stage::Suspending(_) | Stage::Sending(_) => None,
    };
    let question = again.map_or(Move::Ask { id }, |status| Move::Offer {
        id,
        name: name.clone(),
        epoch,
        generation: status.generation,
    });
    send(to, question, out);
}
