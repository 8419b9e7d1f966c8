//! The task that tells the node who holds names, as the group agreed and this node took in.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Input, Name, NodeId,
    coordination::{Act, Place},
    holding::{Held, Holdings},
};
use tokio::{sync::mpsc, time::Instant};

use super::tenants::Tenants;
use crate::consensus::{Agreement, Group, ProposeError};

/// Who follows: which node, and what it claimed in this life.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) me: NodeId,
    pub(super) tenants: Tenants,
}

/// What a node is told: the entry as of which, whether that is everything, and who holds what.
type News = (u64, bool, Vec<(Name, Option<Held>)>);

impl Names {
    /// How long it is tried to have the end of an earlier lease agreed on: after that it has ended by
    /// itself.
    const END_TIMEOUT: Duration = Duration::from_secs(6);
    /// How long one try may take, and between two: one that starts sees no majority at first.
    const TRY_TIMEOUT: Duration = Duration::from_secs(1);
    const PAUSE: Duration = Duration::from_millis(100);

    /// Goes on until the node or the agreement ends.
    pub(super) async fn follow(self, agreement: Agreement, inputs: mpsc::Sender<Input>) {
        let mut opened = agreement.opened();
        loop {
            opened.mark_unchanged();
            let group = agreement.group();
            tokio::select! {
                () = self.tell(group, &inputs) => {}
                () = inputs.closed() => return,
                changed = opened.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Tells what one group agrees on, for as long as it is there.
    async fn tell(&self, group: Option<Arc<Group>>, inputs: &mpsc::Sender<Input>) {
        let Some(group) = group else { return std::future::pending().await };
        let mut revision = group.revision();
        let (mut told, mut ended) = (None, None);
        loop {
            revision.mark_unchanged();
            let (news, _) = group.look_here(|agreed| news(agreed.holdings(), told));
            if let Some((index, whole, names)) = news {
                told = Some(index);
                if inputs.send(Input::NamesHeld { index, whole, names }).await.is_err() {
                    return;
                }
            }
            self.end_earlier(&group, &mut ended);
            if revision.changed().await.is_err() {
                // The group is closed; the next is told of.
                return std::future::pending().await;
            }
        }
    }

    /// Ends the lease of an earlier life of this node, which is over, or of a claim that was given
    /// up: others need not wait for its end.
    fn end_earlier(&self, group: &Arc<Group>, ended: &mut Option<u64>) {
        let place = Place::names(self.me);
        let (hold, _) = group.look_here(|agreed| {
            agreed.coordination().place(&place).and_then(|seats| seats.holds.first().cloned())
        });
        let Some(hold) = hold.filter(|hold| !self.tenants.looks_after(&hold.holder)) else {
            return;
        };
        if ended.replace(hold.token) == Some(hold.token) {
            return;
        }
        let (group, token) = (Arc::clone(group), hold.token);
        drop(tokio::spawn(async move {
            let deadline = Instant::now() + Self::END_TIMEOUT;
            while Instant::now() < deadline {
                let act = Act::Release { place: place.clone(), token };
                match group.propose(act, None, Self::TRY_TIMEOUT).await {
                    Ok(_) | Err(ProposeError::Refused(_) | ProposeError::Forbidden) => return,
                    Err(error) => {
                        tracing::debug!(%error, "the end of an earlier lease was not said");
                        tokio::time::sleep(Self::PAUSE).await;
                    }
                }
            }
        }));
    }
}

/// What changed after the entry that was told last; everything if nothing was, or too much changed.
fn news(holdings: &Holdings, told: Option<u64>) -> Option<News> {
    let index = holdings.changed();
    let current = |name: &Name| (name.clone(), holdings.get(name).cloned());
    match told.and_then(|told| holdings.changed_after(told)) {
        Some(_) if told == Some(index) => None,
        Some(names) => Some((index, false, names.map(current).collect())),
        None => {
            let all = holdings.iter().map(|(name, held)| (name.clone(), Some(held.clone())));
            Some((index, true, all.collect()))
        }
    }
}
