//! The rules of names that one node holds at a time, entry by entry.

use std::time::Duration;

use super::{Act, Done, Held, Holdings, Refused, Wanted};
use crate::{
    agreed::{Agreed, Denied, Entry, Granted},
    coordination::{Act as Seat, Done as Sat, Holder, Place},
    ids::{Name, NodeId},
    registry::Metadata,
    time::Wall,
};

const ONE: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);
const LEASE: Duration = Duration::from_secs(6);

#[test]
fn name_has_one_holder_until_it_is_given_up() {
    let mut log = Log::default();
    let (one, other) = (log.lease(ONE, "a"), log.lease(OTHER, "a"));

    let first = log.claim(ONE, one, "x").unwrap();
    let refused = log.claim(OTHER, other, "x");
    log.release(ONE, "x", first);
    let second = log.claim(OTHER, other, "x").unwrap();

    assert_eq!(refused, Err(Refused::Taken { by: ONE }));
    assert!(second > first, "tokens grow");
    assert_eq!(log.holder("x"), Some(OTHER));
}

#[test]
fn name_that_is_claimed_again_keeps_its_token() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    let first = log.claim(ONE, lease, "x").unwrap();
    let before = log.held("x").unwrap().clone();

    log.claim(ONE, lease, "x").unwrap();

    assert_eq!(log.held("x").unwrap().token, first);
    assert_eq!(*log.held("x").unwrap(), before);
}

#[test]
fn names_end_with_the_lease_and_are_free() {
    let mut log = Log::default();
    let (one, other) = (log.lease(ONE, "a"), log.lease(OTHER, "a"));
    for name in ["x", "y"] {
        log.claim(ONE, one, name).unwrap();
    }
    log.claim(OTHER, other, "z").unwrap();

    log.expire(ONE, one, one);

    assert_eq!(["x", "y", "z"].map(|name| log.holder(name)), [None, None, Some(OTHER)]);
    assert_eq!(log.claim(ONE, one, "x"), Err(Refused::Lapsed));
}

/// The leader measured the lease before it took the renewal in.
#[test]
fn end_of_a_lease_that_was_renewed_meanwhile_frees_nothing() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    log.claim(ONE, lease, "x").unwrap();
    log.seat(ONE, Seat::Renew { place: Place::names(ONE), token: lease });

    log.expire(ONE, lease, lease);

    assert_eq!(log.holder("x"), Some(ONE));
}

/// A node that starts anew ends the lease of its earlier life, and what that held with it.
#[test]
fn later_life_holds_nothing_of_the_earlier_one() {
    let mut log = Log::default();
    let old = log.lease(ONE, "earlier");
    log.claim(ONE, old, "x").unwrap();

    log.seat(ONE, Seat::Release { place: Place::names(ONE), token: old });
    let new = log.lease(ONE, "later");

    assert_eq!(log.holder("x"), None);
    assert_eq!(log.claim(ONE, old, "x"), Err(Refused::Lapsed), "a wish that was on its way");
    assert!(log.claim(ONE, new, "x").is_ok());
}

#[test]
fn lease_of_another_node_is_nobodys_to_take_or_give_back() {
    let place = Place::names(ONE);
    let acts = [
        Seat::Renew { place: place.clone(), token: 1 },
        Seat::Release { place: place.clone(), token: 1 },
        Seat::Revoke { place, token: 1 },
    ];

    assert!(acts.iter().all(|act| act.is_of_nodes()));
    assert_eq!(acts.each_ref().map(|act| act.is_open_to(OTHER)), [false, false, false]);
    assert_eq!(acts.each_ref().map(|act| act.is_open_to(ONE)), [true, true, false]);
}

#[test]
fn what_is_said_under_a_token_that_is_over_changes_nothing() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    let old = log.claim(ONE, lease, "x").unwrap();
    log.release(ONE, "x", old);
    let new = log.claim(ONE, lease, "x").unwrap();

    log.release(ONE, "x", old);
    log.release(OTHER, "x", new);
    let told = log.tell("x", old, None, "3");

    assert_eq!(log.held("x").unwrap().token, new);
    assert_eq!(told, Err(Refused::Fenced { name: name("x"), token: old }));
}

#[test]
fn metadata_is_compared_and_set() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    let token = log.claim(ONE, lease, "x").unwrap();
    let first = log.held("x").unwrap().claim.revision;

    let second = log.tell("x", token, Some(first), "3").unwrap();
    let refused = log.tell("x", token, Some(first), "7");
    let same = log.tell("x", token, None, "3").unwrap();

    assert!(second > first);
    assert_eq!(refused, Err(Refused::Conflict { revision: second }));
    assert_eq!(same, second);
}

/// Whoever read a revision in an earlier holding of the name cannot take this one for it.
#[test]
fn revisions_never_come_again() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    let token = log.claim(ONE, lease, "x").unwrap();
    let first = log.tell("x", token, None, "3").unwrap();
    log.release(ONE, "x", token);

    log.claim(ONE, lease, "x").unwrap();

    assert!(log.held("x").unwrap().claim.revision > first);
}

#[test]
fn of_a_batch_each_name_is_granted_or_refused_for_itself() {
    let mut log = Log::default();
    let (one, other) = (log.lease(ONE, "a"), log.lease(OTHER, "a"));
    log.claim(ONE, one, "y").unwrap();

    let names = ["x", "y", "z"].map(wanted).to_vec();
    let done = log.act(OTHER, Act::Claim { lease: other, names });

    let index = log.agreed.revision();
    let refused = vec![(1, Refused::Taken { by: ONE })];
    assert_eq!(done, Ok(Done::Claimed { index, refused }));
    assert_eq!(["x", "y", "z"].map(|name| log.holder(name)), [Some(OTHER), Some(ONE), Some(OTHER)]);
}

#[test]
fn name_that_is_held_for_another_agent_is_refused() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    log.claim(ONE, lease, "x").unwrap();

    let wish = Wanted { holder: Some(name("printer")), ..wanted("x") };
    let done = log.act(ONE, Act::Claim { lease, names: vec![wish] });

    let refused = vec![(0, Refused::HeldFor { holder: None })];
    assert_eq!(done, Ok(Done::Claimed { index: log.agreed.holdings().changed(), refused }));
}

#[test]
fn batch_that_is_too_large_is_refused_whole() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");

    let names = (0..=Act::MOST).map(|number| wanted(&format!("n{number}"))).collect();
    let refused = log.act(ONE, Act::Claim { lease, names });

    let (count, most) = (Act::MOST + 1, Act::MOST);
    assert_eq!(refused, Err(Refused::TooMany { count, most }));
    assert_eq!(log.agreed.holdings().iter().count(), 0);
}

#[test]
fn no_more_names_are_held_than_there_is_room_for() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    let names: Vec<Wanted> =
        (0..Holdings::CAPACITY).map(|number| wanted(&format!("n{number}"))).collect();
    for names in names.chunks(Act::MOST) {
        log.act(ONE, Act::Claim { lease, names: names.to_vec() }).unwrap();
    }
    let token = log.held("n0").unwrap().token;

    let refused = log.claim(ONE, lease, "another");
    log.release(ONE, "n0", token);

    assert_eq!(refused, Err(Refused::Full { capacity: Holdings::CAPACITY }));
    assert!(log.claim(ONE, lease, "another").is_ok());
}

#[test]
fn followers_are_told_what_changed_or_that_it_is_forgotten() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    let token = log.claim(ONE, lease, "x").unwrap();
    let known = log.agreed.revision();
    log.release(ONE, "x", token);
    log.claim(ONE, lease, "y").unwrap();
    let changed = |log: &Log, known| {
        let names = log.agreed.holdings().changed_after(known);
        names.map(|names| names.map(Name::to_string).collect::<Vec<_>>())
    };

    assert_eq!(changed(&log, known), Some(vec!["y".to_owned(), "x".to_owned()]));
    assert_eq!(changed(&log, log.agreed.revision()), Some(Vec::new()));
    let bytes = postcard::to_allocvec(&log.agreed).unwrap();
    let copy: Agreed = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(copy, log.agreed);

    for _ in 0..Holdings::RECENT {
        let token = log.claim(ONE, lease, "x").unwrap();
        log.release(ONE, "x", token);
    }
    assert_eq!(changed(&log, known), None);
}

/// The word that a name is given up may come after the next claim on it.
#[test]
fn holding_that_was_given_up_ends_when_the_name_is_claimed_anew() {
    let mut log = Log::default();
    let lease = log.lease(ONE, "a");
    let old = log.claim(ONE, lease, "x").unwrap();

    let names = vec![Wanted { over: Some(old), ..wanted("x") }];
    log.act(ONE, Act::Claim { lease, names }).unwrap();
    log.release(ONE, "x", old);

    assert_eq!(log.held("x").map(|held| held.token), Some(old + 1));
}

/// What is agreed after a log.
#[derive(Default)]
struct Log {
    agreed: Agreed,
}

impl Log {
    fn entry(&mut self, actor: NodeId, wish: crate::agreed::Wish) -> Result<Granted, Denied> {
        let entry = Entry { actor, at: Wall(7), key: None, clock: 0, wish };
        self.agreed.apply(entry)
    }

    fn seat(&mut self, actor: NodeId, act: Seat) -> u64 {
        match self.entry(actor, act.into()) {
            Ok(Granted::Coordination(Sat::Held { token })) => token,
            Ok(_) => 0,
            Err(denied) => panic!("{denied}"),
        }
    }

    fn lease(&mut self, node: NodeId, life: &str) -> u64 {
        let holder = Holder { node, session: name(life) };
        let (place, permits, lease, wait) = (Place::names(node), 1, LEASE, false);
        self.seat(node, Seat::Acquire { place, holder, permits, lease, wait })
    }

    fn expire(&mut self, node: NodeId, token: u64, renewed: u64) {
        self.seat(OTHER, Seat::Expire { place: Place::names(node), token, renewed });
    }

    fn act(&mut self, node: NodeId, act: Act) -> Result<Done, Refused> {
        match self.entry(node, act.into()) {
            Ok(Granted::Names(done)) => Ok(done),
            Err(Denied::Names(refused)) => Err(refused),
            other => panic!("{other:?}"),
        }
    }

    /// The token of a name, if it is granted.
    fn claim(&mut self, node: NodeId, lease: u64, text: &str) -> Result<u64, Refused> {
        let done = self.act(node, Act::Claim { lease, names: vec![wanted(text)] })?;
        let Done::Claimed { index, refused } = done else { panic!("{done:?}") };
        refused.into_iter().next().map_or(Ok(index), |(_, refused)| Err(refused))
    }

    fn release(&mut self, node: NodeId, text: &str, token: u64) {
        self.act(node, Act::Release { names: vec![(name(text), token)] }).unwrap();
    }

    fn tell(
        &mut self,
        text: &str,
        token: u64,
        expected: Option<u64>,
        room: &str,
    ) -> Result<u64, Refused> {
        let (name, metadata) = (name(text), Metadata::from([("room".to_owned(), room.into())]));
        let done = self.act(ONE, Act::Tell { name, token, expected, revision: 0, metadata })?;
        let Done::Told { revision, .. } = done else { panic!("{done:?}") };
        Ok(revision)
    }

    fn held(&self, text: &str) -> Option<&Held> {
        self.agreed.holdings().get(&name(text))
    }

    fn holder(&self, text: &str) -> Option<NodeId> {
        self.held(text).map(|held| held.node)
    }
}

fn wanted(text: &str) -> Wanted {
    Wanted {
        name: name(text),
        holder: None,
        over: None,
        since: (Wall(7), 0),
        revision: 0,
        metadata: Metadata::new(),
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
