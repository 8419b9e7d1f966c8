//! Two nodes find what each lacks.

use std::{collections::BTreeMap, sync::Arc};

use super::copy::{A, B, C, Copy, claim, converse, key};
use crate::{
    ids::NodeId,
    replica::{Delta, Kind, Presence, PresenceKey, Repair, Summary, shard::Shard},
    wire,
};

/// K31.
#[test]
fn range_that_skips_a_change_is_not_applied_but_asked_for() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    a.claim("one");
    let first = a.changes_after(0);
    a.claim("two");
    let second = a.changes_after(1);

    b.take(A, second);

    assert_eq!(b.names(A), Vec::<&str>::new());
    assert!(matches!(b.sent()[..], [(A, Repair::WantShard { from: 0, .. })]));
    b.take(A, first);
    assert_eq!(b.names(A), ["one"]);
}

#[test]
fn repair_makes_copies_equal_whatever_was_lost() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    for n in 0..100 {
        a.claim(&format!("a{n}"));
        b.claim(&format!("b{n}"));
        a.share(n);
    }
    a.unclaim("a7");

    converse(&mut a, &mut b);

    assert_eq!(a.digest(), b.digest());
    assert_eq!(b.names(A).len(), 99);
}

/// K35.
#[test]
fn equal_versions_with_different_content_are_told_apart_and_repaired() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    a.claim("one");
    let Delta::Shard(mut delta) = a.changes_after(0) else { panic!("a shard") };
    delta.changes[0].1 = key("flipped");
    b.take(A, Delta::Shard(delta));

    converse(&mut a, &mut b);

    assert_eq!(b.names(A), ["one"]);
}

/// K34, in either order of arrival.
#[test]
fn newer_life_decides_between_an_old_claim_and_its_removal() {
    let (mut old, mut reborn) = (Copy::new(A), Copy::with_life(A, 2));
    old.claim("kept");
    old.claim("gone");
    let old = old.changes_after(0);
    reborn.claim("kept");
    reborn.claim("gone");
    reborn.unclaim("gone");
    let new = reborn.changes_after(0);

    for order in [[&old, &new], [&new, &old]] {
        let mut b = Copy::new(B);
        for delta in order {
            b.take(A, delta.clone());
        }
        assert_eq!(b.names(A), ["kept"]);
    }
}

#[test]
fn newer_life_that_says_nothing_of_names_ends_those_of_the_older() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    a.claim("old");
    converse(&mut a, &mut b);
    let mut reborn = Copy::with_life(A, 2);
    reborn.say(PresenceKey::Summary, Some(summary(A)));

    converse(&mut reborn, &mut b);

    assert_eq!(b.names(A), Vec::<&str>::new());
    assert_eq!(reborn.digest(), b.digest());
}

/// K32: who is behind the removals that are remembered gets the shard whole, and what is alike on
/// both sides does not change for a moment.
#[test]
fn one_who_is_behind_gets_the_shard_whole_without_a_flap() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    a.claim("stays");
    a.claim("goes");
    converse(&mut a, &mut b);
    a.unclaim("goes");
    for n in 0..=Shard::MAX_REMOVALS {
        a.claim(&format!("n{n}"));
        a.unclaim(&format!("n{n}"));
    }
    a.claim("comes");
    b.changed(A);

    let said = converse(&mut a, &mut b);

    let whole =
        |repair: &Repair| matches!(repair, Repair::Changes(Delta::Shard(delta)) if delta.whole);
    assert!(said.iter().any(|(from, repair)| *from == A && whole(repair)));
    assert_eq!(b.changed(A), [key("goes"), key("comes")]);
    assert_eq!(a.digest(), b.digest());
}

/// K38: what is small and vital comes before what is large, from each node alike.
#[test]
fn newcomer_hears_of_nodes_before_agents_before_names() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    let mut c = Copy::new(C);
    for (copy, prefix) in [(&mut a, "a"), (&mut b, "b")] {
        for n in 0..20_000 {
            copy.claim(&format!("{prefix}{n}"));
        }
        copy.share(1);
        copy.say(PresenceKey::Summary, Some(summary(copy.me)));
    }
    converse(&mut a, &mut b);

    let said = converse(&mut c, &mut a);

    let order: Vec<Option<Kind>> = said
        .iter()
        .filter_map(|(from, repair)| {
            let Repair::Changes(delta) = repair else { return None };
            let kind = if let Delta::Shard(delta) = delta { Some(delta.kind) } else { None };
            (*from == A).then_some(kind)
        })
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.iter().filter(|kind| **kind == Some(Kind::Node)).count(), 2);
    assert_eq!(c.digest(), a.digest());
}

/// Cost follows what changed: a difference in one of many nodes names that one alone.
#[test]
fn comparison_names_only_the_groups_that_differ() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    for n in 3..200 {
        let mut other = Copy::new(NodeId([n; 32]));
        other.claim("name");
        converse(&mut other, &mut a);
        converse(&mut other, &mut b);
    }
    a.claim("one");
    converse(&mut a, &mut b);
    a.claim("two");

    let said = converse(&mut b, &mut a);

    let compared = said.iter().find_map(|(_, repair)| {
        let Repair::Compare { digest, .. } = repair else { return None };
        Some((digest.groups.clone(), digest.holdings.len()))
    });
    assert_eq!(compared, Some((vec![1], 1)));
    assert_eq!(a.digest(), b.digest());
}

#[test]
fn newcomer_gets_everything_once_however_many_greet_it() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    for n in 0..5_000 {
        a.claim(&format!("a{n}"));
    }
    converse(&mut a, &mut b);
    let mut c = Copy::new(C);
    let none = BTreeMap::new();
    for copy in [&mut a, &mut b] {
        copy.replica.on_connected(copy.now, C, &none, &mut copy.out);
    }
    for peer in [A, B] {
        c.replica.on_connected(c.now, peer, &none, &mut c.out);
    }

    let mut bytes = 0;
    for _ in 0..40 {
        for n in 0..3 {
            let mut copies = [&mut a, &mut b, &mut c];
            let from = copies[n].me;
            copies[n].tick(1);
            for (to, repair) in copies[n].sent() {
                bytes += if to == C { wire::encode(&repair).len() } else { 0 };
                let to = copies.iter_mut().find(|copy| copy.me == to).unwrap();
                to.on_repair(from, repair);
            }
        }
    }

    assert_eq!(c.digest(), a.digest());
    let whole: usize = {
        a.sent();
        let incarnation = a.replica.incarnation(A).unwrap();
        let want = Repair::WantShard { origin: A, incarnation, kind: Kind::Names, from: 0 };
        a.on_repair(B, want);
        a.sent().iter().map(|(_, repair)| wire::encode(repair).len()).sum()
    };
    assert!(bytes < whole + whole / 10, "{bytes} bytes for {whole}");
}

#[test]
fn answer_to_a_crossed_offer_leaves_the_other_comparison_alone() {
    let (mut a, mut b) = (Copy::new(A), Copy::new(B));
    let none = BTreeMap::new();
    a.replica.on_connected(a.now, B, &none, &mut a.out);
    b.replica.on_connected(b.now, A, &none, &mut b.out);
    let (offers, crossed) = (a.sent(), b.sent());
    crossed.into_iter().for_each(|(_, repair)| a.on_repair(B, repair));
    let equal = a.sent();
    assert!(matches!(equal[..], [(B, Repair::Equal)]));

    b.claim("between");
    offers.into_iter().chain(equal).for_each(|(_, repair)| b.on_repair(A, repair));
    for _ in 0..4 {
        b.sent().into_iter().for_each(|(_, repair)| a.on_repair(B, repair));
        a.sent().into_iter().for_each(|(_, repair)| b.on_repair(A, repair));
    }

    assert_eq!(a.names(B), ["between"]);
}

#[test]
fn comparison_that_ends_in_silence_is_given_up_for_the_next() {
    let mut a = Copy::new(A);
    let none = BTreeMap::new();
    a.replica.on_connected(a.now, B, &none, &mut a.out);
    a.replica.on_connected(a.now, C, &none, &mut a.out);
    assert!(matches!(a.sent()[..], [(B, Repair::Offer { .. })]));

    a.tick(1_001);

    assert!(matches!(a.sent()[..], [(C, Repair::Offer { .. })]));
}

/// K39, but for its time, which the bench measures.
#[test]
fn reader_asks_nobody() {
    let mut a = Copy::new(A);
    a.say(key("name"), Some(claim(1)));
    a.pushed();

    for _ in 0..1_000 {
        assert!(a.replica.presence(A, &key("name")).is_some());
    }

    assert!(a.out.poll_effect().is_none());
}

fn summary(node: NodeId) -> Presence {
    Presence::Summary(Arc::new(Summary::unheard(node)))
}
