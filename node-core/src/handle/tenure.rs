//! Under which token an exclusive agent runs, and how long its lease lasts.

use std::time::Duration;

use covey_logic::{
    Name, NodeId,
    coordination::{Kind, Lease, Place},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Primitives;

/// Who was granted an exclusive agent, as this node has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TenureView {
    /// Which node.
    #[ts(type = "string")]
    pub node: NodeId,
    /// The fencing token that the agent runs under.
    #[ts(type = "number")]
    pub token: u64,
    /// How long the lease lasts without a word, in milliseconds.
    #[ts(type = "number")]
    pub lease_ms: u64,
    /// In how long it ends unless it is renewed, in milliseconds, counted from when this node heard of
    /// the last renewal; none if it has not.
    #[ts(type = "number | null")]
    pub left_ms: Option<u64>,
}

impl Primitives {
    /// Who was granted the exclusive agent `name`; none if nobody was, as far as this node knows.
    #[must_use]
    pub fn tenure(&self, name: &Name) -> Option<TenureView> {
        let group = self.group().ok()?;
        let place = Place { kind: Kind::Agent, name: name.clone() };
        let (hold, _) = group.look_here(|agreed| {
            let seats = agreed.coordination().place(&place)?;
            seats.holds.first().cloned()
        });
        let hold = hold?;
        let lease = Lease { place, token: hold.token, renewed: hold.renewed };
        Some(TenureView {
            node: hold.holder.node,
            token: hold.token,
            lease_ms: millis(hold.lease),
            left_ms: group.lease_left(&lease).map(millis),
        })
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
