//! What stands in for the Raft group: one log, which a machine reaches if it reaches a voter that
//! reaches a majority of them.
//!
//! What is granted follows from the true [`Agreed`]; who leads, how entries are copied and how they
//! lie on disks is left out, and each question and each answer takes as long as the seed says. Each
//! machine takes the log in for itself, as late as the seed says.

use std::{collections::BTreeMap, time::Duration};

use covey_logic::{
    Epoch, Input, Instant, Name, NodeId, Ticket, Wall,
    agent::ExitReason,
    agreed::{Agreed, Denied, Entry, Granted, Tidings, Voters, Wish},
    coordination::{Act, Done, Holder, Kind, Lease, Outcome, Place, Refused},
    registry::Registry,
};

use crate::{
    dice::micros,
    world::{World, names::Names, shell::Happening},
};

/// Whose claim it is: of which machine, in which of its lives, and which of its claims.
pub(super) type Key = (usize, u64, Epoch);

/// The group, and what machines ask of it.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) agreed: Agreed,
    /// When each lease began.
    leases: BTreeMap<Lease, u64>,
    claims: BTreeMap<Key, Claim>,
    pub(super) names: Names,
    /// How many voters each machine was told of last.
    told: BTreeMap<usize, Voters>,
}

#[derive(Clone, Debug)]
struct Claim {
    place: Place,
    lease: Duration,
    token: Option<u64>,
    /// When what was granted ends, in time of the world.
    until: u64,
    given_back: bool,
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn {
    /// Every machine looks at the voters.
    Voters,
    /// A machine asks, or asks again.
    Ask(Key),
    /// What was asked then arrives.
    Arrive(Key, (Instant, u64)),
    /// The guard of a machine looks whether a program may run on.
    Guard(Key),
    /// What a machine wishes of names arrives.
    Wish(usize, u64, Ticket),
    /// A machine takes in what was agreed on names.
    Follow(usize),
}

impl World {
    const LOOK_INTERVAL: u64 = 100_000;
    const RENEW_INTERVAL: u64 = 1_250_000;
    const TRY_TIMEOUT: u64 = 1_000_000;
    const RETRY_PAUSE: u64 = 100_000;
    const GUARD_MARGIN: Duration = Duration::from_millis(500);

    /// Founds the group: of its first machines one, three or five vote.
    pub fn found_group(&mut self) {
        self.after(0, Happening::Group(Turn::Voters));
        for machine in 0..self.setup.machines {
            self.after(0, Happening::Group(Turn::Follow(machine)));
        }
    }

    fn voters(&self) -> std::ops::Range<usize> {
        0..match self.setup.machines {
            0..=2 => 1,
            3 | 4 => 3,
            _ => 5,
        }
    }

    pub(super) fn group_turns(&mut self, turn: Turn) {
        match turn {
            Turn::Voters => self.look_at_voters(),
            Turn::Ask(key) => self.ask_group(key),
            Turn::Arrive(key, asked) => self.arrives_at_group(key, asked),
            Turn::Guard(key) => self.guard_looks(key),
            Turn::Wish(machine, life, ticket) => self.wish_arrives((machine, life, ticket)),
            Turn::Follow(machine) => self.follow_names(machine),
        }
    }

    pub(super) fn claim(
        &mut self,
        (machine, claim): (usize, Epoch),
        place: Place,
        lease: Duration,
    ) {
        let key = (machine, self.machine(machine).life, claim);
        let claim = Claim { place, lease, token: None, until: 0, given_back: false };
        self.group.claims.insert(key, claim);
        self.after(0, Happening::Group(Turn::Ask(key)));
    }

    pub(super) fn give_back(&mut self, key: Key) {
        if let Some(claim) = self.group.claims.get_mut(&key) {
            claim.given_back = true;
            self.after(0, Happening::Group(Turn::Ask(key)));
        }
    }

    fn look_at_voters(&mut self) {
        for machine in 0..self.setup.machines {
            let life = self.machine(machine).life;
            let Some(node) = self.node(machine) else { continue };
            let present = |voter: usize| {
                let id = self.machine(voter).id;
                let seen = |(other, _, state): (_, _, covey_logic::membership::PeerState)| {
                    other == id && state.is_present()
                };
                voter == machine || node.members().any(seen)
            };
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let have = count(self.voters().filter(|voter| present(*voter)).count());
            let voters = Voters { have, need: count(self.voters().len() / 2 + 1) };
            if self.group.told.insert(machine, voters) != Some(voters) {
                self.deliver(machine, life, Input::Voters(voters));
            }
        }
        self.after(Self::LOOK_INTERVAL, Happening::Group(Turn::Voters));
    }

    /// A machine asks; while it stands still, it asks nothing.
    fn ask_group(&mut self, key @ (machine, life, _): Key) {
        let (asked, now) = (self.moment(machine).at, self.now);
        let Some(process) = self.process_mut(machine, life) else {
            self.group.claims.remove(&key);
            return;
        };
        let frozen = process.frozen();
        let delay = self.dice.log_micros(200, 200_000);
        let turn = if frozen { Turn::Ask(key) } else { Turn::Arrive(key, (asked, now)) };
        let delay = if frozen { Self::RETRY_PAUSE } else { delay };
        self.after(delay, Happening::Group(turn));
    }

    fn arrives_at_group(&mut self, key @ (machine, life, id): Key, (asked, sent): (Instant, u64)) {
        let Some(claim) = self.group.claims.get(&key).cloned() else { return };
        if !self.reaches_group(machine) {
            return self.not_agreed(key);
        }
        self.end_leases();
        let (place, node) = (claim.place.clone(), self.machine(machine).id);
        let Some(session) = session(id) else { return };
        let holder = Holder { node, session };
        if place.kind == Kind::Names && claim.token.is_none() {
            self.end_earlier(machine);
        }
        let (lease, permits, wait) = (claim.lease, 1, false);
        let act = match claim.token {
            Some(token) if claim.given_back => Act::Release { place, token },
            Some(token) => Act::Renew { place, token },
            None => Act::Acquire { place, holder, permits, lease, wait },
        };
        let outcome = self.group_agrees(node, act);
        let delay = self.dice.log_micros(200, 200_000);
        let over = |holder| Input::Tenure {
            place: claim.place.clone(),
            claim: id,
            tidings: Tidings::Over { holder },
        };
        let input = match outcome {
            Ok(Done::Held { token }) => {
                let until = sent + micros(claim.lease);
                if let Some(claim) = self.group.claims.get_mut(&key) {
                    (claim.token, claim.until) = (Some(token), until);
                }
                if claim.place.kind == Kind::Agent {
                    let guard_at = until - micros(Self::GUARD_MARGIN);
                    self.at(guard_at, Happening::Group(Turn::Guard(key)));
                }
                self.after(Self::RENEW_INTERVAL, Happening::Group(Turn::Ask(key)));
                let tidings = Tidings::Granted { token, until: asked + claim.lease };
                Input::Tenure { place: claim.place, claim: id, tidings }
            }
            Err(Refused::Held { holder, .. }) => {
                self.group.claims.remove(&key);
                over(Some(holder.node))
            }
            Ok(_) | Err(_) => {
                self.group.claims.remove(&key);
                over(None)
            }
        };
        self.after(delay, Happening::Deliver { machine, life, input });
    }

    /// Nobody answers: who holds it tries on until the end of the lease.
    fn not_agreed(&mut self, key @ (machine, life, id): Key) {
        let Some(claim) = self.group.claims.get(&key).cloned() else { return };
        if claim.token.is_some() && self.now < claim.until {
            let delay = Self::TRY_TIMEOUT + Self::RETRY_PAUSE;
            self.after(delay, Happening::Group(Turn::Ask(key)));
            return;
        }
        self.group.claims.remove(&key);
        let tidings = Tidings::Over { holder: None };
        let input = Input::Tenure { place: claim.place, claim: id, tidings };
        self.after(Self::TRY_TIMEOUT, Happening::Deliver { machine, life, input });
    }

    /// Kills what runs past the end of its lease while its process stands still; one that does not
    /// must have stopped it by itself.
    fn guard_looks(&mut self, key @ (machine, life, _): Key) {
        let Some(claim) = self.group.claims.get(&key).cloned() else { return };
        if self.now < claim.until - micros(Self::GUARD_MARGIN) {
            return;
        }
        let Some(process) = self.process_mut(machine, life) else { return };
        if !process.frozen() {
            self.after(Self::LOOK_INTERVAL, Happening::Group(Turn::Guard(key)));
            return;
        }
        let lives = process.host.lives().filter(|(name, _, _)| **name == claim.place.name);
        let epochs: Vec<Epoch> = lives.map(|(_, epoch, _)| epoch).collect();
        for epoch in epochs {
            let (name, reason) = (claim.place.name.clone(), ExitReason::Killed { signal: 9 });
            self.after(1_000, Happening::Ended { machine, life, name, epoch, reason });
        }
    }

    /// Whether a machine reaches a voter that a majority of the voters answers.
    pub(super) fn reaches_group(&self, machine: usize) -> bool {
        let up = |voter: usize| {
            let process = self.machine(voter).process.as_ref();
            process.is_some_and(|process| !process.frozen())
        };
        let linked = |one: usize, other: usize| {
            one == other || self.passes(one, other) && self.passes(other, one)
        };
        let leads = |leader: usize| {
            let answer = |voter: &usize| up(*voter) && linked(leader, *voter);
            self.voters().filter(answer).count() * 2 > self.voters().len()
        };
        self.voters().any(|leader| up(leader) && linked(machine, leader) && leads(leader))
    }

    #[expect(clippy::panic, reason = "an act is answered as an act")]
    fn group_agrees(&mut self, actor: NodeId, act: Act) -> Outcome {
        match self.agree(actor, None, act.into()) {
            Ok(Granted::Coordination(done)) => Ok(done),
            Err(Denied::Coordination(refused)) => Err(refused),
            other => panic!("group: {other:?}"),
        }
    }

    /// The next entry of the log.
    pub(super) fn agree(
        &mut self,
        actor: NodeId,
        key: Option<covey_logic::agreed::Key>,
        wish: Wish,
    ) -> covey_logic::agreed::Outcome {
        let entry = Entry { actor, at: Wall(0), key, clock: self.now * 1_000, wish };
        let outcome = self.group.agreed.apply(entry);
        let now = self.now;
        let running: BTreeMap<Lease, Duration> = self.leases().collect();
        self.group.leases.retain(|lease, _| running.contains_key(lease));
        for lease in running.into_keys() {
            self.group.leases.entry(lease).or_insert(now);
        }
        outcome
    }

    fn leases(&self) -> impl Iterator<Item = (Lease, Duration)> {
        self.group.agreed.coordination().leases()
    }

    /// The leader says which leases ended.
    pub(super) fn end_leases(&mut self) {
        let spans: BTreeMap<Lease, Duration> = self.leases().collect();
        let now = self.now;
        let ended = |(lease, since): (&Lease, &u64)| {
            let span = spans.get(lease)?;
            (now - since >= micros(*span)).then(|| lease.clone())
        };
        let ended: Vec<Lease> = self.group.leases.iter().filter_map(ended).collect();
        for Lease { place, token, renewed } in ended {
            let leader = self.machine(0).id;
            let said = self.group_agrees(leader, Act::Expire { place, token, renewed });
            assert!(said.is_ok(), "group: a lease ended that did not run: {said:?}");
        }
    }
}

/// What a claim is called in the group.
fn session(claim: Epoch) -> Option<Name> {
    Name::new(&format!("claim-{}", claim.0)).ok()
}

impl World {
    /// Ends the lease on names of an earlier life of a machine, or of a claim that it gave up.
    pub(super) fn end_earlier(&mut self, machine: usize) {
        let (node, life) = (self.machine(machine).id, self.machine(machine).life);
        let place = Place::names(node);
        let seats = self.group.agreed.coordination().place(&place);
        let Some(hold) = seats.and_then(|seats| seats.holds.first().cloned()) else { return };
        let mut claims = self.group.claims.iter();
        let stands = claims.any(|((at, of, claim), stands)| {
            (*at, *of) == (machine, life)
                && !stands.given_back
                && session(*claim).as_ref() == Some(&hold.holder.session)
        });
        if !stands {
            let released = self.group_agrees(node, Act::Release { place, token: hold.token });
            assert!(released.is_ok(), "group: {released:?}");
        }
    }

    /// What the shell does before a node handles anything: it lets go of names whose lease is over by
    /// time since boot, which goes on while the machine sleeps.
    pub(super) fn let_go_in_time(&mut self, machine: usize) -> Option<Input> {
        let (life, now) = (self.machine(machine).life, self.now);
        let over = |((at, of, _), claim): &(&Key, &Claim)| {
            (*at, *of) == (machine, life)
                && claim.place.kind == Kind::Names
                && claim.token.is_some()
                && claim.until <= now + micros(Registry::LEASE_MARGIN)
                && !claim.given_back
        };
        let (key, place) =
            self.group.claims.iter().find(over).map(|(key, it)| (*key, it.place.clone()))?;
        self.give_back(key);
        Some(Input::Tenure { place, claim: key.2, tidings: Tidings::Over { holder: None } })
    }
}
