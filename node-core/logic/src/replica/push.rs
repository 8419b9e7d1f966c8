//! Telling everyone at once what changed here.

use crate::{
    limits::PUSH_SIZE,
    node::Effect,
    outbox::Outbox,
    replica::{Delta, Kind, Replica},
    wire::{self, Publication},
};

impl Replica {
    /// Publishes what was written here since the last push.
    pub(super) fn push(&mut self, out: &mut Outbox) {
        if let Some(own) = self.holdings.get(&self.me) {
            for kind in Kind::ALL {
                let shard = own.shard(kind);
                let pushed = self.pushed.entry(kind).or_default();
                for delta in shard.changes_after(*pushed, PUSH_SIZE) {
                    publish(Delta::Shard(delta), out);
                }
                *pushed = shard.digest().version;
            }
        }
        let (mut hints, mut entries) = (Vec::new(), Vec::new());
        for key in std::mem::take(&mut self.unpushed) {
            let Some((stamp, value)) = self.shared.entry(&key) else { continue };
            if wire::encode(value).len() > PUSH_SIZE {
                hints.push((key, stamp));
            } else {
                entries.push((key, stamp, value.clone()));
            }
        }
        for piece in pieces(entries.into_iter(), PUSH_SIZE) {
            publish(Delta::Shared(piece), out);
        }
        for piece in pieces(hints.into_iter(), PUSH_SIZE) {
            publish(Delta::SharedHints(piece), out);
        }
    }
}

fn publish(delta: Delta, out: &mut Outbox) {
    out.effect(Effect::Publish(Publication::Delta(delta)));
}

/// Cuts a row of items into pieces of about `size` bytes each.
pub(super) fn pieces<T: serde::Serialize>(
    items: impl Iterator<Item = T>,
    size: usize,
) -> Vec<Vec<T>> {
    let (mut done, mut piece, mut used) = (Vec::new(), Vec::new(), 0);
    for item in items {
        let length = wire::encode(&item).len();
        if used + length > size && !piece.is_empty() {
            done.push(std::mem::take(&mut piece));
            used = 0;
        }
        used += length;
        piece.push(item);
    }
    if !piece.is_empty() {
        done.push(piece);
    }
    done
}
