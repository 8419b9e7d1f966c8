//! Names that the group grants: the registry beside the true state machine, over one log.

use std::time::Duration;

use super::world::{ME, SMALL, World, key, metadata, name, named};
use crate::{
    agreed::{Agreed, Denied, Entry, Granted, Tidings, Undone, Voters},
    coordination::{self, Holder, Place},
    event::Fact,
    holding::{Act, Done, Wanted},
    ids::{Epoch, Name, NodeId},
    node::{CommandError, Effect, Input},
    outbox::{Happened, Owner},
    registry::{Backend, Metadata, Precedence, granted::Grants},
    replica::{PresenceKey, Shared, SharedKey},
    time::{Now, Wall},
};

#[test]
fn holder_and_others_see_the_fencing_token() {
    let mut world = agreed();

    world.register().unwrap();

    let token = world.group.agreed.holdings().get(&name()).map(|held| held.token);
    assert!(token.is_some());
    assert_eq!(world.owner(), Some(Owner { node: ME, epoch: Epoch(0), token }));
}

#[test]
fn name_of_another_is_refused_and_granted_once_it_is_free() {
    let mut world = agreed();
    let token = world.another_claims(&name());

    let refused = world.register();
    world.another(Act::Release { names: vec![(name(), token)] });
    world.register().unwrap();

    assert_eq!(refused, Err(CommandError::NameTaken { name: name(), owner: SMALL }));
    assert!(world.owner().unwrap().token > Some(token));
}

/// Another node may have given it up, and this one not heard so.
#[test]
fn group_decides_and_not_what_this_node_last_heard() {
    let mut world = agreed();
    let token = world.another_claims(&name());
    world.group.silent = true;
    world.another(Act::Release { names: vec![(name(), token)] });
    assert_eq!(world.owner().map(|owner| owner.node), Some(SMALL));

    world.group.silent = false;
    world.register().unwrap();

    assert_eq!(world.owner().map(|owner| owner.node), Some(ME));
}

#[test]
fn node_lets_go_before_the_group_may_give_the_name_away() {
    let mut world = agreed();
    let asked = world.now.at;
    world.register().unwrap();

    world.pass(Grants::LEASE - Grants::MARGIN - Duration::from_millis(1));
    let before = world.owner().map(|owner| owner.node);
    world.pass(Duration::from_millis(1));

    assert_eq!(before, Some(ME));
    assert_eq!(world.owner(), None);
    assert!(world.now.at + Grants::MARGIN <= asked + Grants::LEASE);
    assert_eq!(world.group.holder(&name()), Some(ME), "the group knows nothing of it yet");
}

#[test]
fn renewal_keeps_the_names() {
    let mut world = agreed();
    world.register().unwrap();
    for _ in 0..10 {
        world.pass(Duration::from_secs(3));
        world.renew();
    }

    assert_eq!(world.owner().map(|owner| owner.node), Some(ME));
}

/// What is renewed is another lease: nothing that was held under the first is held under it.
#[test]
fn lease_that_is_taken_anew_holds_nothing() {
    let mut world = agreed();
    world.register().unwrap();
    world.group.silent = true;
    world.group.end_lease(ME);

    world.hear_over();
    world.register_name(None, &named("other"), metadata(&[])).unwrap_err();
    world.group.silent = false;

    assert_eq!(world.group.holder(&name()), None);
    assert_eq!(world.owner(), None, "although it has not heard that the name is free");
}

#[test]
fn node_that_slept_lets_go_until_the_lease_is_renewed() {
    let mut world = agreed();
    world.register().unwrap();

    world.out.happened(Happened::Woke);
    world.settle();
    let asleep = world.owner();
    world.renew();

    assert_eq!(asleep, None);
    assert_eq!(world.owner().map(|owner| owner.node), Some(ME));
}

#[test]
fn without_a_majority_everything_is_refused_at_once_and_stays() {
    let mut world = agreed();
    world.register().unwrap();
    let (have, need) = (1, 2);

    world.hear(Input::Voters(Voters { have, need }));
    let refused = Err(CommandError::NoQuorum { have, need });

    assert_eq!(world.register_name(None, &named("other"), metadata(&[])), refused);
    assert_eq!(world.deregister(), refused);
    assert_eq!(world.set(None, &[("room", "3")]).map(|_| ()), refused);
    assert_eq!(world.owner().map(|owner| owner.node), Some(ME), "its lease lasts");
}

#[test]
fn many_names_are_few_wishes() {
    let mut world = agreed();
    let names = (0..300).map(|n| (named(&format!("n-{n}")), metadata(&[]))).collect();
    let before = world.group.agreed.revision();

    let outcomes = world.register_all(None, names);

    assert!(outcomes.iter().all(Result::is_ok) && outcomes.len() == 300);
    let wishes = world.group.agreed.revision() - before;
    assert_eq!(wishes, 4, "a lease, and three of 128 names at most");
}

/// The first in the log wins, whatever the claims say of themselves.
#[test]
fn of_claims_that_move_to_the_group_the_first_in_the_log_wins() {
    let mut world = World::new();
    world.claim(SMALL, 1, (0, 2_000));
    world.register_name(None, &named("mine"), metadata(&[])).unwrap();
    let (one, other) = (named("mine"), name());

    world.share(SharedKey::Namespace("default".to_owned()), Shared::Namespace(Backend::Consensus));
    world.run_errands();
    let moved = world.registry.owner(&one);
    let waits = world.registry.owner(&other);

    assert!(moved.is_some_and(|owner| owner.node == ME && owner.token.is_some()));
    assert!(world.replica.presence(ME, &PresenceKey::Claim(one)).is_none(), "moved, not copied");
    assert_eq!(waits, Some(Owner { node: SMALL, epoch: Epoch(0), token: None }));
}

#[test]
fn loser_of_a_move_is_told_and_withdraws() {
    let mut world = World::new();
    world.register_with(&[("room", "3")]).unwrap();
    world.another_claims(&name());
    assert_eq!(world.owner().map(|owner| owner.node), Some(ME), "nobody asked the group");

    world.share(SharedKey::Namespace("default".to_owned()), Shared::Namespace(Backend::Consensus));

    assert_eq!(world.owner().map(|owner| owner.node), Some(SMALL));
    assert!(world.replica.presence(ME, &key()).is_none());
    let lost = world.facts.iter().any(|fact| {
        matches!(fact, Fact::ClaimLost { winner: SMALL, why: Precedence::Earlier, .. })
    });
    assert!(lost, "{:?}", world.facts);
}

/// While the majority is away the names stay where they were, and are nobody's alone.
#[test]
fn move_waits_for_the_majority() {
    let mut world = World::new();
    world.register().unwrap();
    world.hear(Input::Voters(Voters { have: 1, need: 2 }));

    world.share(SharedKey::Namespace("default".to_owned()), Shared::Namespace(Backend::Consensus));
    let waits = world.owner();
    world.hear(Input::Voters(Voters { have: 2, need: 2 }));
    world.settle();

    assert_eq!(waits, Some(Owner { node: ME, epoch: Epoch(0), token: None }));
    assert!(world.owner().is_some_and(|owner| owner.node == ME && owner.token.is_some()));
}

#[test]
fn names_that_leave_the_group_are_told_to_all_and_free_there() {
    let mut world = agreed();
    world.register().unwrap();

    let replicated = Shared::Namespace(Backend::Replicated);
    world.share(SharedKey::Namespace("default".to_owned()), replicated);
    world.run_errands();

    assert_eq!(world.owner(), Some(Owner { node: ME, epoch: Epoch(0), token: None }));
    assert!(world.replica.presence(ME, &key()).is_some());
    assert_eq!(world.group.holder(&name()), None);
}

/// Once the group has heard so, another may be granted it before this node hears of that.
#[test]
fn name_is_held_no_more_from_when_the_group_is_told_that_it_is_free() {
    let mut world = agreed();
    world.register().unwrap();
    let token = world.owner().unwrap().token;
    world.group.slow = true;

    let asked = (world.now, crate::Ticket(1));
    world.registry.deregister(asked, vec![name()], &mut world.out).unwrap();
    world.settle();
    let meanwhile = world.owner();
    let Some(Effect::Agree { ticket, .. }) = world.group.held_back.pop() else { panic!("asked") };
    world.hear(Input::NamesAgreed { ticket, result: Err(Undone::NoLeader) });

    assert_eq!(meanwhile, None);
    assert_eq!(world.owner().and_then(|owner| owner.token), token, "nothing came of it");
}

/// The agent ended while the group was asked.
#[test]
fn name_granted_for_an_agent_that_ended_is_given_up() {
    let mut world = agreed();
    let agent = named("printer");
    world.runs(&agent, 7);
    world.group.slow = true;
    let names = vec![(name(), Metadata::new())];
    let asked = (world.now, crate::Ticket(1));
    world.registry.register(asked, Some(&agent), names, &mut world.out).unwrap();
    world.settle();

    world.gone(&agent, 7);
    world.group.slow = false;
    world.hear_late();
    world.run_errands();

    assert_eq!(world.owner(), None);
    assert_eq!(world.group.holder(&name()), None);
}

#[test]
fn lease_that_holds_nothing_is_given_back() {
    let mut world = agreed();
    world.register().unwrap();
    world.deregister().unwrap();

    world.renew();
    world.renew();

    assert!(world.group.agreed.coordination().place(&Place::names(ME)).is_none());
    world.register().unwrap();
    assert_eq!(world.owner().map(|owner| owner.node), Some(ME));
}

/// A world whose default namespace the group keeps.
fn agreed() -> World {
    let mut world = World::new();
    world.share(SharedKey::Namespace("default".to_owned()), Shared::Namespace(Backend::Consensus));
    world
}

/// What stands in for the group: one log.
#[derive(Default)]
pub(super) struct Group {
    agreed: Agreed,
    /// The claim of the node on its lease, and how long that lasts.
    claim: Option<(Epoch, Duration)>,
    /// How far the node was told.
    told: u64,
    /// Whether the node is told nothing.
    silent: bool,
    /// Whether what the node asks is on its way for now, and what is.
    slow: bool,
    held_back: Vec<Effect>,
}

impl Group {
    /// What the node hears of an effect.
    pub(super) fn carry_out(&mut self, now: Now, effect: Effect) -> Vec<Input> {
        let asks =
            matches!(effect, Effect::Claim { .. } | Effect::Release { .. } | Effect::Agree { .. });
        if self.slow && asks {
            self.held_back.push(effect);
            return Vec::new();
        }
        if self.silent {
            return self.unanswered(effect);
        }
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is for others")]
        let answer = match effect {
            Effect::Claim { place, claim, lease } => {
                self.claim = Some((claim, lease));
                self.end_lease(ME);
                let token = self.take_lease(ME, lease);
                let tidings = Tidings::Granted { token, until: now.at + lease };
                Some(Input::Tenure { place, claim, tidings })
            }
            Effect::Release { .. } => {
                self.end_lease(ME);
                None
            }
            Effect::Agree { ticket, act } => {
                let result = self.act(ME, act).map_err(Undone::Refused);
                Some(Input::NamesAgreed { ticket, result })
            }
            _ => None,
        };
        // In either order they may come.
        answer.into_iter().chain(self.news()).collect()
    }

    fn unanswered(&self, effect: Effect) -> Vec<Input> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is for others")]
        let input = match effect {
            Effect::Claim { place, claim, .. } => {
                Some(Input::Tenure { place, claim, tidings: Tidings::Over { holder: None } })
            }
            Effect::Agree { ticket, .. } => {
                Some(Input::NamesAgreed { ticket, result: Err(Undone::Unknown) })
            }
            _ => None,
        };
        input.into_iter().collect()
    }

    /// What changed since the node was told last.
    fn news(&mut self) -> Option<Input> {
        let holdings = self.agreed.holdings();
        let index = holdings.changed();
        let names = holdings.changed_after(self.told)?;
        let names = names.map(|name| (name.clone(), holdings.get(name).cloned())).collect();
        let news = index > self.told;
        self.told = index;
        news.then_some(Input::NamesHeld { index, whole: false, names })
    }

    fn holder(&self, name: &Name) -> Option<NodeId> {
        self.agreed.holdings().get(name).map(|held| held.node)
    }

    fn apply(&mut self, actor: NodeId, wish: crate::agreed::Wish) -> Result<Granted, Denied> {
        self.agreed.apply(Entry { actor, at: Wall(7), key: None, clock: 0, wish })
    }

    fn act(&mut self, node: NodeId, act: Act) -> Result<Done, crate::holding::Refused> {
        match self.apply(node, act.into()) {
            Ok(Granted::Names(done)) => Ok(done),
            Err(Denied::Names(refused)) => Err(refused),
            other => panic!("{other:?}"),
        }
    }

    fn take_lease(&mut self, node: NodeId, lease: Duration) -> u64 {
        let holder = Holder { node, session: named("life") };
        let (place, permits, wait) = (Place::names(node), 1, false);
        let act = coordination::Act::Acquire { place, holder, permits, lease, wait };
        match self.apply(node, act.into()) {
            Ok(Granted::Coordination(coordination::Done::Held { token })) => token,
            other => panic!("{other:?}"),
        }
    }

    fn end_lease(&mut self, node: NodeId) {
        let place = Place::names(node);
        if let Some(token) = self.lease_of(node) {
            let act = coordination::Act::Release { place, token };
            self.apply(node, act.into()).unwrap();
        }
    }

    fn lease_of(&self, node: NodeId) -> Option<u64> {
        let seats = self.agreed.coordination().place(&Place::names(node))?;
        seats.holds.first().map(|hold| hold.token)
    }
}

impl World {
    /// Another node asks the group.
    fn another(&mut self, act: Act) {
        self.group.act(SMALL, act).unwrap();
        if !self.group.silent
            && let Some(news) = self.group.news()
        {
            self.hear(news);
        }
    }

    /// Another node claims a name; its token.
    fn another_claims(&mut self, name: &Name) -> u64 {
        let lease = self.group.take_lease(SMALL, Grants::LEASE);
        let wanted = Wanted {
            name: name.clone(),
            holder: None,
            over: None,
            since: (Wall(5_000), 0),
            revision: 0,
            metadata: Metadata::new(),
        };
        self.another(Act::Claim { lease, names: vec![wanted] });
        self.group.agreed.revision()
    }

    fn renew(&mut self) {
        let (claim, lease) = self.group.claim.unwrap();
        if let Some(token) = self.group.lease_of(ME) {
            let tidings = Tidings::Granted { token, until: self.now.at + lease };
            self.hear(Input::Tenure { place: Place::names(ME), claim, tidings });
            self.settle();
        }
    }

    fn hear_over(&mut self) {
        let (claim, _) = self.group.claim.unwrap();
        let tidings = Tidings::Over { holder: None };
        self.hear(Input::Tenure { place: Place::names(ME), claim, tidings });
        self.settle();
    }

    fn pass(&mut self, span: Duration) {
        self.now.at = self.now.at + span;
        self.registry.notice(self.now, &self.replica, &mut self.out);
        self.settle();
    }

    /// Lets what nobody waits for be told.
    fn run_errands(&mut self) {
        for _ in 0..3 {
            self.now.at = self.now.at + Duration::from_millis(1_001);
            self.renew_if_asked();
            self.registry.on_timeout(self.now, &mut self.out);
            self.settle();
        }
    }

    fn renew_if_asked(&mut self) {
        if self.group.claim.is_some() {
            self.renew();
        }
    }

    fn hear_late(&mut self) {
        for effect in std::mem::take(&mut self.group.held_back) {
            for input in self.group.carry_out(self.now, effect) {
                self.hear(input);
            }
        }
        self.settle();
    }
}
