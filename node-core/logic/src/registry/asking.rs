//! What this node asks the group about names, and who waits for the answer.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use crate::{
    agreed::{Tidings, Undone, Voters},
    coordination::{self, Place},
    holding::{Act, Done, Held, Refused, Wanted},
    ids::{Epoch, Name, Ticket},
    node::{CommandError, Effect, Outcome},
    outbox::Outbox,
    registry::{
        NameError, NameOutcome, Registry,
        backend::{Keep as _, Local},
        granted::Grants,
        waits::Answer,
    },
    replica::Replica,
    time::{Instant, Now},
};

/// Wishes under way.
#[derive(Debug, Default)]
pub(super) struct Asking {
    voters: Voters,
    /// Wishes that wait for the lease.
    queue: VecDeque<Wish>,
    sent: BTreeMap<Ticket, Wish>,
    /// What is sent at the end of the step.
    leaving: Vec<(Ticket, Act)>,
    commands: BTreeMap<Ticket, Command>,
    answers: Vec<Answer>,
    /// When errands are run again.
    retry_at: Instant,
}

/// One of the names of a command, and which of them it is.
type Placed<T> = (usize, T);

/// A name to give up, and under which token it is held.
type Release = (Name, u64);

/// One wish.
#[derive(Clone, Debug)]
struct Wish {
    act: Act,
    /// The command that it is part of, and which of its names they are; none: an errand of this node.
    of: Option<(Ticket, Vec<usize>)>,
    /// Whether it was sent under a lease that was over.
    again: bool,
}

/// A command of which some names wait for the group.
#[derive(Debug)]
struct Command {
    form: Form,
    /// Its names, and what came of each.
    names: Vec<(Name, Option<Result<(), CommandError>>)>,
    /// The last entry that did something for it: this node answers once it took that in.
    index: u64,
}

/// What a command is answered with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// What came of each name.
    Names,
    /// How many were given up.
    Count,
    /// The revision of the one name.
    Revision(u64),
}

/// A name of a command: what came of it, or what the group is asked.
#[derive(Debug)]
pub(super) enum Step {
    /// It is done.
    Done,
    /// The group grants it, or not.
    Claim(Wanted),
    /// The group hears that it is free.
    Release(u64),
}

impl Asking {
    /// Between two tries to tell the group what nobody waits for.
    const RETRY: Duration = Duration::from_secs(1);

    fn has_errands(&self) -> bool {
        self.queue.iter().chain(self.sent.values()).any(|wish| wish.of.is_none())
    }

    pub(super) fn take_answers(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.answers)
    }
}

impl Registry {
    /// The voters in sight changed.
    pub fn on_voters(&mut self, now: Now, voters: Voters, out: &mut Outbox) {
        self.asking.voters = voters;
        self.run_errands(now, out);
    }

    /// What became of the lease on this node's names.
    pub fn on_tenure(
        &mut self,
        now: Now,
        (claim, tidings): (Epoch, Tidings),
        replica: &Replica,
        out: &mut Outbox,
    ) {
        let before = self.grants.token();
        if !self.grants.on_tidings(now.at, claim, tidings) {
            return;
        }
        if before != self.grants.token() {
            self.settle_own(replica, out);
        }
        if self.grants.token().is_some() {
            for wish in std::mem::take(&mut self.asking.queue) {
                self.send(wish, out);
            }
            self.run_errands(now, out);
            self.leave_if_idle(out);
        } else if !self.grants.is_asked() {
            for wish in std::mem::take(&mut self.asking.queue) {
                let undone = self.undone();
                self.finish(wish, Err(undone));
            }
            self.answer();
        }
    }

    /// Takes in who holds names, as the group agreed.
    pub fn on_held(
        &mut self,
        now: Now,
        (index, whole): (u64, bool),
        names: Vec<(Name, Option<Held>)>,
        (replica, out): (&Replica, &mut Outbox),
    ) {
        let mut names: BTreeMap<Name, Option<Held>> = names.into_iter().collect();
        if whole {
            let before = self.grants.iter().map(|(name, _)| (name.clone(), None));
            names = before.chain(std::mem::take(&mut names)).collect();
        }
        self.grants.reach(index);
        for (name, held) in names {
            self.counting(&name, |it| it.grants.put(&name, held));
            let mine = self.grants.own(&name).and_then(|held| held.claim.holder.clone());
            // It ended while the group was asked.
            if mine.is_some_and(|agent| self.check_agent(&agent).is_err()) {
                self.grants.part(&name);
            }
            self.settle(&name, replica, out);
        }
        self.answer();
        self.run_errands(now, out);
    }

    /// What came of a wish.
    pub fn on_agreed(
        &mut self,
        now: Now,
        (ticket, result): (Ticket, Result<Done, Undone>),
        replica: &Replica,
        out: &mut Outbox,
    ) {
        let Some(mut wish) = self.asking.sent.remove(&ticket) else { return };
        if result == Err(Undone::Refused(Refused::Lapsed)) && !wish.again {
            wish.again = true;
            self.let_go(replica, out);
            self.ask(now, wish, out);
            return;
        }
        if let (Act::Release { names }, Some(_)) = (&wish.act, &wish.of)
            && matches!(result, Err(Undone::NoQuorum(_) | Undone::NoLeader))
        {
            for (name, token) in names {
                self.grants.keep(name, *token);
                self.settle(name, replica, out);
            }
        }
        self.finish(wish, result);
        self.answer();
    }

    /// Lets go of what is held under a lease that is over by now.
    pub fn notice(&mut self, now: Now, replica: &Replica, out: &mut Outbox) {
        if self.grants.until().is_some_and(|until| until <= now.at) {
            self.distrust(replica, out);
        }
    }

    /// Lets go of what is held, until the lease is renewed: the clock stood still.
    pub(super) fn distrust(&mut self, replica: &Replica, out: &mut Outbox) {
        if self.grants.distrust() {
            self.settle_own(replica, out);
        }
    }

    /// Lets go of all names for good, and gives the lease back.
    pub fn let_go(&mut self, replica: &Replica, out: &mut Outbox) {
        if let Some(claim) = self.grants.let_go() {
            out.effect(Effect::Release { place: Place::names(self.me), claim });
            self.settle_own(replica, out);
        }
    }

    /// Has the group asked what a command takes, and gives the outcome if that takes nothing.
    pub(super) fn begin(
        &mut self,
        now: Now,
        (ticket, form): (Ticket, Form),
        steps: Vec<(Name, Result<Step, CommandError>)>,
        out: &mut Outbox,
    ) -> Result<Option<Outcome>, CommandError> {
        let (mut names, mut claims, mut releases) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (name, step)) in steps.into_iter().enumerate() {
            let known = match step {
                Ok(Step::Done) => Some(Ok(())),
                Err(error) => Some(Err(error)),
                Ok(Step::Claim(_) | Step::Release(_)) if !self.asking.voters.agree() => {
                    Some(Err(no_quorum(self.asking.voters)))
                }
                Ok(Step::Claim(wanted)) => {
                    claims.push((place, wanted));
                    None
                }
                Ok(Step::Release(token)) => {
                    // Before the group hears so: then it may be another's at once.
                    self.grants.part(&name);
                    Local.write(&name, None, out);
                    releases.push((place, (name.clone(), token)));
                    None
                }
            };
            names.push((name, known));
        }
        let command = Command { form, names, index: 0 };
        if claims.is_empty() && releases.is_empty() {
            return command.outcome().map(Some);
        }
        self.asking.commands.insert(ticket, command);
        self.ask_all(now, Some(ticket), (claims, releases), out);
        Ok(None)
    }

    /// Has the group asked to change what is told of a name of this node.
    pub(super) fn begin_telling(
        &mut self,
        now: Now,
        ticket: Ticket,
        act: Act,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        let Act::Tell { name, .. } = &act else { return Ok(()) };
        if !self.asking.voters.agree() {
            return Err(no_quorum(self.asking.voters));
        }
        let names = vec![(name.clone(), None)];
        let command = Command { form: Form::Revision(0), names, index: 0 };
        self.asking.commands.insert(ticket, command);
        self.ask(now, Wish { act, of: Some((ticket, vec![0])), again: false }, out);
        Ok(())
    }

    /// In as few wishes as their bounds allow.
    fn ask_all(
        &mut self,
        now: Now,
        ticket: Option<Ticket>,
        (claims, releases): (Vec<Placed<Wanted>>, Vec<Placed<Release>>),
        out: &mut Outbox,
    ) {
        let of = |places: Vec<usize>| ticket.map(|ticket| (ticket, places));
        let mut acts = Vec::new();
        for part in portions(claims, Wanted::size) {
            let (places, names) = part.into_iter().unzip();
            acts.push((of(places), Act::Claim { lease: 0, names }));
        }
        for part in portions(releases, |(name, _)| name.as_str().len()) {
            let (places, names) = part.into_iter().unzip();
            acts.push((of(places), Act::Release { names }));
        }
        for (of, act) in acts {
            self.ask(now, Wish { act, of, again: false }, out);
        }
    }

    fn ask(&mut self, now: Now, wish: Wish, out: &mut Outbox) {
        let claims = matches!(wish.act, Act::Claim { .. });
        if !claims || self.grants.token().is_some() {
            return self.send(wish, out);
        }
        self.asking.queue.push_back(wish);
        if !self.grants.is_asked() {
            let (place, claim) = (Place::names(self.me), out.epoch(now));
            self.grants.ask(claim);
            out.effect(Effect::Claim { place, claim, lease: Grants::LEASE });
        }
    }

    fn send(&mut self, mut wish: Wish, out: &mut Outbox) {
        if let (Act::Claim { lease, .. }, Some(token)) = (&mut wish.act, self.grants.token()) {
            *lease = token;
        }
        let ticket = out.ticket();
        self.asking.leaving.push((ticket, wish.act.clone()));
        self.asking.sent.insert(ticket, wish);
    }

    /// Ends a step: the group is asked once everybody here knows what is given up.
    pub fn ask_group(&mut self, out: &mut Outbox) {
        for (ticket, act) in self.asking.leaving.drain(..) {
            out.effect(Effect::Agree { ticket, act });
        }
    }

    /// Tells the group what nobody waits for: names that were claimed in another backend, and names
    /// that were given up.
    pub(super) fn run_errands(&mut self, now: Now, out: &mut Outbox) {
        let due = self.asking.retry_at <= now.at && self.asking.voters.agree();
        if !due || self.asking.has_errands() || !self.has_errands() {
            return;
        }
        self.asking.retry_at = now.at + Asking::RETRY;
        let bring = |name: &Name| {
            let claim = self.plain(name)?;
            let over = self.grants.parting().get(name).copied();
            let wanted = Wanted {
                name: name.clone(),
                holder: claim.holder.clone(),
                over,
                since: claim.since,
                revision: claim.revision,
                metadata: claim.metadata.clone(),
            };
            Some((0, wanted))
        };
        let claims = self.unmoved.iter().filter_map(bring).collect();
        let given_up = self.grants.parting().iter();
        let given_up = given_up.filter(|(name, _)| !self.unmoved.contains(*name));
        let releases = given_up.map(|(name, token)| (0, (name.clone(), *token))).collect();
        self.ask_all(now, None, (claims, releases), out);
    }

    fn has_errands(&self) -> bool {
        !self.unmoved.is_empty() || !self.grants.parting().is_empty()
    }

    /// When [`Self::on_timeout`] is due for what the group is asked.
    pub(super) fn next_errand(&self) -> Option<Instant> {
        let waits = self.has_errands() && self.asking.voters.agree() && !self.asking.has_errands();
        waits.then_some(self.asking.retry_at)
    }

    fn leave_if_idle(&mut self, out: &mut Outbox) {
        let holds = self.grants.iter().any(|(_, held)| held.node == self.me)
            || !self.asking.sent.is_empty();
        if self.grants.is_idle(holds)
            && let Some(claim) = self.grants.let_go()
        {
            out.effect(Effect::Release { place: Place::names(self.me), claim });
        }
    }

    /// What came of a wish, to whoever waits for it.
    fn finish(&mut self, wish: Wish, result: Result<Done, Undone>) {
        let Some((ticket, places)) = wish.of else { return };
        let Some(command) = self.asking.commands.get_mut(&ticket) else { return };
        let mut refused: BTreeMap<usize, Refused> = BTreeMap::new();
        if let Ok(done) = &result {
            command.index = command.index.max(done.index());
        }
        let undone = match result {
            Ok(Done::Claimed { refused: some, .. }) => {
                let place = |nth: u32| usize::try_from(nth).unwrap_or(usize::MAX);
                refused.extend(some.into_iter().map(|(nth, why)| (place(nth), why)));
                None
            }
            Ok(Done::Told { revision, .. }) => {
                command.form = Form::Revision(revision);
                None
            }
            Ok(Done::Released { .. }) => None,
            Err(undone) => Some(undone),
        };
        for (nth, place) in places.into_iter().enumerate() {
            let Some((name, outcome)) = command.names.get_mut(place) else { continue };
            let why = refused.remove(&nth).map(Undone::Refused).or_else(|| undone.clone());
            *outcome = Some(why.map_or(Ok(()), |why| Err(error(name, why))));
        }
    }

    /// Answers the commands of which everything is known, and taken in.
    fn answer(&mut self) {
        let taken_in = self.grants.index();
        let known = |command: &Command| {
            command.index <= taken_in && command.names.iter().all(|(_, outcome)| outcome.is_some())
        };
        let done: Vec<Ticket> = self
            .asking
            .commands
            .iter()
            .filter(|(_, command)| known(command))
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in done {
            if let Some(command) = self.asking.commands.remove(&ticket) {
                self.asking.answers.push((ticket, command.outcome()));
            }
        }
    }

    fn undone(&self) -> Undone {
        let voters = self.asking.voters;
        if voters.agree() { Undone::NoLeader } else { Undone::NoQuorum(voters) }
    }

    fn settle_own(&mut self, replica: &Replica, out: &mut Outbox) {
        let own = self.grants.iter().filter(|(_, held)| held.node == self.me);
        let own: BTreeSet<Name> = own.map(|(name, _)| name.clone()).collect();
        for name in own {
            self.settle(&name, replica, out);
        }
    }
}

impl Command {
    fn outcome(self) -> Result<Outcome, CommandError> {
        let outcomes = self
            .names
            .into_iter()
            .map(|(_, outcome)| outcome.unwrap_or(Err(NameError::Unknown.into())));
        match self.form {
            Form::Names => Ok(Outcome::Names(outcomes.collect())),
            Form::Count => {
                let all = outcomes.collect::<Result<Vec<()>, CommandError>>()?;
                let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
                Ok(Outcome::Name(NameOutcome::Count(count)))
            }
            Form::Revision(revision) => {
                outcomes.collect::<Result<(), CommandError>>()?;
                Ok(Outcome::Name(NameOutcome::Revision(revision)))
            }
        }
    }
}

/// In parts that fit one act each.
fn portions<T>(all: Vec<Placed<T>>, size: impl Fn(&T) -> usize) -> Vec<Vec<Placed<T>>> {
    let (mut parts, mut part, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (place, one) in all {
        let more = size(&one);
        let full = part.len() == Act::MOST || bytes + more > Act::MAX_BYTES;
        if full && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        bytes += more;
        part.push((place, one));
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn no_quorum(Voters { have, need }: Voters) -> CommandError {
    CommandError::NoQuorum { have, need }
}

/// Why it was not done for a name.
fn error(name: &Name, undone: Undone) -> CommandError {
    let name = name.clone();
    match undone {
        Undone::NoQuorum(voters) => no_quorum(voters),
        Undone::NoLeader | Undone::Refused(Refused::Lapsed) => NameError::NoLeader.into(),
        Undone::Unknown => NameError::Unknown.into(),
        Undone::Refused(Refused::Taken { by }) => CommandError::NameTaken { name, owner: by },
        Undone::Refused(Refused::HeldFor { holder }) => NameError::HeldHere { name, holder }.into(),
        Undone::Refused(Refused::Fenced { .. }) => CommandError::NotRegistered { name },
        Undone::Refused(Refused::Conflict { revision }) => {
            NameError::Conflict { name, revision }.into()
        }
        Undone::Refused(Refused::OutOfSpace { capacity }) => {
            coordination::Refused::OutOfSpace { capacity }.into()
        }
        Undone::Refused(Refused::Full { capacity } | Refused::TooMany { most: capacity, .. }) => {
            coordination::Refused::Full { capacity }.into()
        }
    }
}
