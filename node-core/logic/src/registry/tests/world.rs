//! A registry with its replica, and two other nodes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::agreement::Group;
use crate::{
    agent::{AgentSpec, Builtin, Runtime},
    agreed::Voters,
    event::Fact,
    hlc::Clock,
    ids::{Epoch, Incarnation, Name, NodeId, Ticket},
    node::{CommandError, Input, Outcome},
    outbox::{Happened, Outbox, Owner, Presentness},
    registry::{ChangeView, Metadata, NameOutcome, Query, Registry},
    replica::{Claim, Delta, Presence, PresenceKey, Replica, ShardDelta, Shared, SharedKey},
    time::{Instant, Now, Wall},
};

pub(super) const ME: NodeId = NodeId([5; 32]);
pub(super) const SMALL: NodeId = NodeId([1; 32]);
pub(super) const LARGE: NodeId = NodeId([9; 32]);
pub(super) const NOW: Now = Now { at: Instant(1_000_000), wall: Wall(1_000) };

pub(super) struct World {
    pub(super) registry: Registry,
    pub(super) replica: Replica,
    pub(super) out: Outbox,
    pub(super) told: Vec<Happened>,
    pub(super) facts: Vec<Fact>,
    pub(super) now: Now,
    pub(super) group: Group,
    asked: u64,
    answers: Vec<(Ticket, Result<Outcome, CommandError>)>,
    versions: BTreeMap<(NodeId, u64), u64>,
}

impl World {
    pub(super) fn new() -> Self {
        let mut world = Self {
            registry: Registry::new(ME),
            replica: Replica::new(NOW, (ME, Incarnation(1)), Vec::new()),
            out: Outbox::new(Clock::new(ME, Wall(0)), [1; 32]),
            told: Vec::new(),
            facts: Vec::new(),
            now: NOW,
            group: Group::default(),
            // Far from the tickets of those who wait.
            asked: 1_000_000,
            answers: Vec::new(),
            versions: BTreeMap::new(),
        };
        world.hear(Input::Voters(Voters { have: 1, need: 1 }));
        world.peer(SMALL, Presentness::Present);
        world.peer(LARGE, Presentness::Present);
        world
    }

    pub(super) fn claim(&mut self, node: NodeId, version: u64, moment: (u64, u64)) {
        self.claim_with(node, version, moment, &[]);
    }

    pub(super) fn claim_with(
        &mut self,
        node: NodeId,
        version: u64,
        (epoch, since): (u64, u64),
        fields: &[(&str, &str)],
    ) {
        let since = (Wall(since), 0);
        let claim = Claim { epoch: Epoch(epoch), metadata: metadata(fields), ..Claim::bare(since) };
        assert_eq!(version, self.versions.get(&(node, 1)).copied().unwrap_or(0) + 1);
        self.others_say((node, 1), key(), Some(claim));
    }

    /// Another node, in one of its lives, says something of itself.
    pub(super) fn others_say(
        &mut self,
        (node, life): (NodeId, u64),
        key: PresenceKey,
        claim: Option<Claim>,
    ) {
        let version = self.versions.entry((node, life)).or_default();
        *version += 1;
        let value = claim.map(|claim| Presence::Claim(Arc::new(claim)));
        let delta = Delta::Shard(ShardDelta {
            origin: node,
            incarnation: Incarnation(life),
            kind: key.kind(),
            from: *version - 1,
            to: *version,
            whole: false,
            changes: vec![(*version, key, value)],
        });
        self.replica.on_delta(self.now, (node, delta), &|_| true, &mut self.out);
        self.settle();
    }

    pub(super) fn peer(&mut self, node: NodeId, presentness: Presentness) {
        self.out.happened(Happened::PeerChanged(node, presentness));
        self.settle();
    }

    pub(super) fn share(&mut self, key: SharedKey, value: Shared) {
        self.out.happened(Happened::SharedSaid(key, value));
        self.settle();
    }

    pub(super) fn register(&mut self) -> Result<(), CommandError> {
        self.register_with(&[])
    }

    pub(super) fn register_with(&mut self, fields: &[(&str, &str)]) -> Result<(), CommandError> {
        self.register_name(None, &name(), metadata(fields))
    }

    pub(super) fn register_for(&mut self, agent: &Name, name: &Name) -> Result<(), CommandError> {
        self.register_name(Some(agent), name, Metadata::new())
    }

    pub(super) fn register_name(
        &mut self,
        holder: Option<&Name>,
        name: &Name,
        metadata: Metadata,
    ) -> Result<(), CommandError> {
        self.register_all(holder, vec![(name.clone(), metadata)]).pop().unwrap()
    }

    pub(super) fn register_all(
        &mut self,
        holder: Option<&Name>,
        names: Vec<(Name, Metadata)>,
    ) -> Vec<Result<(), CommandError>> {
        let asked = self.ask();
        let outcome = self.registry.register(asked, holder, names, &mut self.out);
        match self.outcome(asked.1, outcome) {
            Ok(Outcome::Names(outcomes)) => outcomes,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn deregister(&mut self) -> Result<(), CommandError> {
        self.deregister_name(&name())
    }

    pub(super) fn deregister_name(&mut self, name: &Name) -> Result<(), CommandError> {
        let asked = self.ask();
        let outcome = self.registry.deregister(asked, vec![name.clone()], &mut self.out);
        match self.outcome(asked.1, outcome) {
            Ok(Outcome::Names(mut outcomes)) => outcomes.pop().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// How many were given up.
    pub(super) fn deregister_matching(&mut self, query: &Query) -> Result<u32, CommandError> {
        let asked = self.ask();
        let outcome = self.registry.deregister_matching(asked, query, &mut self.out);
        self.outcome(asked.1, outcome).map(|outcome| {
            let Outcome::Name(NameOutcome::Count(count)) = outcome else { panic!("{outcome:?}") };
            count
        })
    }

    pub(super) fn set(
        &mut self,
        expected: Option<u64>,
        fields: &[(&str, &str)],
    ) -> Result<u64, CommandError> {
        let (asked, wish) = (self.ask(), (name(), expected, metadata(fields)));
        let outcome = self.registry.set_metadata(asked, wish, &mut self.out);
        self.outcome(asked.1, outcome).map(|outcome| {
            let Outcome::Name(NameOutcome::Revision(revision)) = outcome else {
                panic!("{outcome:?}")
            };
            revision
        })
    }

    fn ask(&mut self) -> (Now, Ticket) {
        self.asked += 1;
        (self.now, Ticket(self.asked))
    }

    /// What came of a command, at once or once the group has answered.
    fn outcome(
        &mut self,
        ticket: Ticket,
        outcome: Result<Option<Outcome>, CommandError>,
    ) -> Result<Outcome, CommandError> {
        self.settle();
        match outcome {
            Ok(Some(outcome)) => Ok(outcome),
            Ok(None) => {
                let mut answers = self.answers();
                let at = answers.iter().position(|(other, _)| *other == ticket);
                let (_, outcome) = answers.remove(at.expect("the group answered"));
                self.answers = answers;
                outcome
            }
            Err(error) => Err(error),
        }
    }

    /// What waits came to.
    pub(super) fn answers(&mut self) -> Vec<(Ticket, Result<Outcome, CommandError>)> {
        let mut answers = std::mem::take(&mut self.answers);
        answers.append(&mut self.registry.take_answers());
        answers
    }

    pub(super) fn revision(&self) -> u64 {
        let owner = self.registry.owner(&name()).unwrap();
        self.registry.claim(&name(), owner.node).unwrap().revision
    }

    pub(super) fn runs(&mut self, agent: &Name, epoch: u64) {
        self.runs_with(spec(agent), epoch);
    }

    pub(super) fn runs_with(&mut self, spec: AgentSpec, epoch: u64) {
        self.out.happened(Happened::AgentRuns(Arc::new(spec), Epoch(epoch)));
        self.settle();
    }

    pub(super) fn gone(&mut self, agent: &Name, epoch: u64) {
        self.out.happened(Happened::AgentGone(agent.clone(), Epoch(epoch)));
        self.settle();
    }

    pub(super) fn wait(&mut self, name: &Name, ticket: u64, timeout: Duration) -> Option<Outcome> {
        let asked = (Ticket(ticket), name.clone());
        self.registry.wait_for(self.now, asked, timeout).unwrap()
    }

    pub(super) fn settle(&mut self) {
        loop {
            self.offer();
            self.registry.ask_group(&mut self.out);
            let Some(effect) = self.out.poll_effect() else { return };
            let inputs = self.group.carry_out(self.now, effect);
            for input in inputs {
                self.hear(input);
            }
        }
    }

    /// The node hears of the group.
    pub(super) fn hear(&mut self, input: Input) {
        let (now, replica, out) = (self.now, &self.replica, &mut self.out);
        let registry = &mut self.registry;
        #[expect(clippy::wildcard_enum_match_arm, reason = "the group tells of nothing else")]
        match input {
            Input::Tenure { claim, tidings, .. } => {
                registry.on_tenure(now, (claim, tidings), replica, out);
            }
            Input::NamesHeld { index, whole, names } => {
                registry.on_held(now, (index, whole), names, (replica, out));
            }
            Input::NamesAgreed { ticket, result } => {
                registry.on_agreed(now, (ticket, result), replica, out);
            }
            Input::Voters(voters) => registry.on_voters(now, voters, out),
            other => panic!("{other:?}"),
        }
        self.offer();
    }

    fn offer(&mut self) {
        while let Some(happened) = self.out.poll_happened() {
            if let Happened::PresenceSaid(key, value) = happened {
                self.replica.say(self.now, key, value, &mut self.out);
            } else if let Happened::SharedSaid(key, value) = happened {
                self.replica.share(self.now, key, value, &mut self.out);
            } else if let Happened::Fact(_, fact) = happened {
                self.facts.push(fact);
            } else {
                self.registry.on_happened(self.now, &happened, &self.replica, &mut self.out);
                self.told.push(happened);
            }
        }
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        self.registry.owner(&name())
    }

    /// What changed after `seq`.
    pub(super) fn changes(&self, seq: u64) -> Vec<ChangeView> {
        self.registry.changes().after(seq, "").0
    }
}

pub(super) fn metadata(fields: &[(&str, &str)]) -> Metadata {
    let mut metadata = Metadata::new();
    for (field, value) in fields {
        metadata.entry((*field).to_owned()).or_default().0.push((*value).to_owned());
    }
    metadata
}

pub(super) fn spec(agent: &Name) -> AgentSpec {
    AgentSpec::new(agent.clone(), Runtime::Builtin { agent: Builtin::Echo })
}

pub(super) fn named(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(super) fn name() -> Name {
    named("planner")
}

pub(super) fn key() -> PresenceKey {
    PresenceKey::Claim(name())
}
