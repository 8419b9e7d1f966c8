//! Following events from a position.

use std::collections::BTreeSet;

use covey_logic::{NodeId, Wall, event_store::Expiry};

use super::{A, B, Folder, Told, event, open, started};
use crate::store::{Edge, Gap, Position, StoreEvent};

#[tokio::test]
async fn follower_gets_each_event_once_while_more_arrive() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    let (mut position, mut seen) = (Position::default(), Vec::new());

    for round in 0..20_u64 {
        // A late node: its events have earlier stamps than what was followed already.
        let told = (1..=7).map(|i| event(A, round * 7 + i, 1_000 + round, started()));
        let late = (1..=3).map(|i| event(B, round * 3 + i, 1 + round, started()));
        store.append(round, told.chain(late).collect()).await;
        store.said(1).await;
        let followed = store.store.follow_events(&position, 8).await.unwrap();
        assert!(followed.gaps.is_empty());
        seen.extend(followed.events.iter().map(|event| (event.origin, event.seq)));
        // What a follower keeps is the word.
        position = followed.position.to_string().parse().unwrap();
    }
    loop {
        let followed = store.store.follow_events(&position, 8).await.unwrap();
        seen.extend(followed.events.iter().map(|event| (event.origin, event.seq)));
        position = followed.position;
        if !followed.more {
            break;
        }
    }

    assert_eq!(seen.len(), 200);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 200);
    for node in [A, B] {
        let of = seen.iter().filter(|(origin, _)| *origin == node).map(|(_, seq)| *seq);
        assert!(of.is_sorted(), "{node:?}");
    }
    assert_eq!(position, store.store.event_position(Edge::Newest).await.unwrap());
}

#[tokio::test]
async fn what_was_dropped_is_told_as_a_gap() {
    let folder = Folder::new();
    let (mut store, _) = open(&folder.database()).await;
    store.append(1, (1..=9).map(|seq| event(A, seq, seq, started())).collect()).await;
    store.append(2, (1..=2).map(|seq| event(B, seq, seq, started())).collect()).await;
    store.said(2).await;

    drop_before(&mut store, 5).await;

    let behind: Position = [(A, 1)].into_iter().collect();
    let followed = store.store.follow_events(&behind, 100).await.unwrap();
    let gaps = [Gap { origin: A, from: 2, to: 4 }, Gap { origin: B, from: 1, to: 2 }];
    assert_eq!(followed.gaps.iter().copied().collect::<BTreeSet<_>>(), gaps.into());
    assert_eq!(followed.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [5, 6, 7, 8, 9]);
    let again = store.store.follow_events(&followed.position, 100).await.unwrap();
    assert_eq!((again.events.len(), again.gaps.len()), (0, 0));
    let oldest = store.store.event_position(Edge::Oldest).await.unwrap();
    assert_eq!((oldest.last(A), oldest.last(B)), (4, 2));
}

#[tokio::test]
async fn who_follows_wakes_when_events_are_written() {
    let folder = Folder::new();
    let (store, _) = open(&folder.database()).await;
    let mut news = store.store.event_news();

    store.append(1, vec![event(A, 1, 1, started())]).await;
    news.changed().await.unwrap();

    let followed = store.store.follow_events(&Position::default(), 9).await.unwrap();
    assert_eq!(followed.events.len(), 1);
}

#[test]
fn word_that_is_no_position_is_refused() {
    for text in ["", "?", "AAAA", "oldest"] {
        assert!(text.parse::<Position>().is_err(), "{text}");
    }
    let position: Position = [(NodeId([4; 32]), 7), (A, 0)].into_iter().collect();
    assert_eq!(position.to_string().parse(), Ok(position));
}

pub(super) async fn drop_before(store: &mut Told, wall: u64) {
    let expiry = Expiry { before: Wall(wall), bytes: u64::MAX, own: (A, u64::MAX) };
    store.store.drop_events(expiry).await;
    assert!(matches!(store.said(1).await[..], [StoreEvent::Dropped { .. }]));
}
