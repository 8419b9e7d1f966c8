//! Has the group agree on how attempts ended, many at a time.

use std::time::Duration;

use covey_logic::balancer::{Act, AttemptEnd, Settlement, Tasks};
use tokio::{sync::mpsc, time::sleep};

use crate::consensus::{Agreement, ProposeError};

/// How long one proposal may take.
const AGREE_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two tries while no majority is in sight, or another leads.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Goes on until the ends come no more.
pub(super) async fn settle(agreement: Agreement, mut ends: mpsc::Receiver<Settlement>) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(first) => first,
            None => match ends.recv().await {
                Some(first) => first,
                None => return,
            },
        };
        let mut bytes = size(&first);
        let mut batch = vec![first];
        while batch.len() < Tasks::MAX_AT_ONCE {
            let Ok(end) = ends.try_recv() else { break };
            bytes += size(&end);
            if bytes > Tasks::MAX_ENTRY {
                next = Some(end);
                break;
            }
            batch.push(end);
        }
        agree(&agreement, &batch, &ends).await;
    }
}

/// Tries until it is agreed on: what is said twice does nothing.
async fn agree(agreement: &Agreement, batch: &[Settlement], ends: &mpsc::Receiver<Settlement>) {
    loop {
        let agreed = match agreement.group() {
            Some(group) => group.propose(Act::Settle(batch.to_vec()), None, AGREE_TIMEOUT).await,
            None => Err(ProposeError::NoLeader),
        };
        match agreed {
            Ok(_) => return,
            Err(error @ (ProposeError::Refused(_) | ProposeError::Forbidden)) => {
                tracing::warn!(%error, "ends of tasks were refused");
                return;
            }
            Err(error) => tracing::debug!(%error, "ends of tasks are told again"),
        }
        if ends.is_closed() {
            // The node stops: whoever is steward next takes the calls up.
            return;
        }
        sleep(RETRY_INTERVAL).await;
    }
}

/// Bytes it takes in the log, about.
fn size(settlement: &Settlement) -> usize {
    /// Numbers, and the name of an agent.
    const OTHERS: usize = 96;
    let text = match &settlement.end {
        AttemptEnd::Done { value: text, .. }
        | AttemptEnd::Failed { reason: text }
        | AttemptEnd::Lost { reason: text }
        | AttemptEnd::Untaken { reason: text } => text.len(),
    };
    text + OTHERS
}
