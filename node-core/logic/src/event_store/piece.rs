//! Cutting events into messages, without parting what was told together (E3).

use std::sync::Arc;

use crate::event::EventRecord;

/// Leaves those out at the end whose batch is not whole.
pub(super) fn whole(mut events: Vec<Arc<EventRecord>>) -> Vec<Arc<EventRecord>> {
    let end = events.iter().rposition(|event| event.ends_batch()).map_or(0, |last| last + 1);
    events.truncate(end);
    events
}

/// Pieces of `count` events and `bytes` at most, where a batch allows it: one that is larger is a
/// piece of its own.
pub(super) fn cut(
    events: Vec<Arc<EventRecord>>,
    (count, bytes): (usize, usize),
) -> Vec<Vec<Arc<EventRecord>>> {
    let (mut pieces, mut piece, mut size): (Vec<Vec<_>>, Vec<Arc<EventRecord>>, _) =
        (Vec::new(), Vec::new(), 0);
    for batch in batches(events) {
        let weight = weight(&batch);
        if !piece.is_empty() && (piece.len() + batch.len() > count || size + weight > bytes) {
            pieces.push(std::mem::take(&mut piece));
            size = 0;
        }
        size += weight;
        piece.extend(batch);
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Bytes that events take in a message, roughly.
pub(super) fn weight(events: &[Arc<EventRecord>]) -> usize {
    events.iter().map(|event| event.weight()).sum()
}

fn batches(events: Vec<Arc<EventRecord>>) -> Vec<Vec<Arc<EventRecord>>> {
    let (mut batches, mut batch) = (Vec::new(), Vec::new());
    for event in events {
        let ends = event.ends_batch();
        batch.push(event);
        if ends {
            batches.push(std::mem::take(&mut batch));
        }
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}
