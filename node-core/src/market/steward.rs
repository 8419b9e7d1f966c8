//! What has to happen in time, of the auctions and holds that fall to this node: bids are opened,
//! auctions end, holds go back.
//!
//! It holds no truth: what is due is read in what the group agreed on, and whether the time has come
//! is decided there. So a steward that dies is followed by one that reads the same, and two at once do
//! nothing twice.

use std::time::Duration;

use covey_logic::{
    agreed::{Denied, Wish},
    economics::{Act, Refused, auction, ledger},
};
use futures::{StreamExt as _, stream};
use tokio::time::{Instant, sleep_until};

use super::{Market, bidders::Bidders};
use crate::{consensus::ProposeError, host::Host, stewardship::Stewardship};

/// What comes so soon after a change is looked at with the next: more looks would find the same.
const GATHER: Duration = Duration::from_millis(5);
/// How long until what could not be said is said again.
const RETRY: Duration = Duration::from_millis(100);
/// Wishes that are proposed at a time: as many as a commit of the group takes along.
const AT_ONCE: usize = 64;

/// Goes on until the node ends.
pub(crate) async fn run(mut stewardship: Stewardship, market: Market, host: Host) {
    let mut bidders = Bidders::new(market, host);
    loop {
        let looked = Instant::now();
        bidders.look();
        let next = say_what_is_due(&stewardship).await;
        // A burst of changes is one look.
        sleep_until(looked + GATHER).await;
        tokio::select! {
            runs = stewardship.changed() => if !runs { return },
            () = sleep_until(looked + next) => {}
        }
    }
}

/// Proposes what is due, and says in how long to look again.
async fn say_what_is_due(stewardship: &Stewardship) -> Duration {
    /// What is due later is looked at again by then, whatever happens.
    const LATER: Duration = Duration::from_secs(60);

    let clock = stewardship.clock();
    let due = stewardship.look(|agreed| agreed.economics().due(clock)).unwrap_or_default();
    let mine = due.acts.into_iter().filter(|(key, _)| stewardship.is_mine(key));
    let failed = stream::iter(mine)
        .map(|(_, act)| say(stewardship, act))
        .buffer_unordered(AT_ONCE)
        .any(|said| async move { !said })
        .await;
    if failed {
        return RETRY;
    }
    due.next.map_or(LATER, |at| Duration::from_nanos(at.saturating_sub(clock)).min(LATER))
}

/// Whether there is nothing left to say of it.
async fn say(stewardship: &Stewardship, act: Act) -> bool {
    let told = format!("{act:?}");
    match stewardship.agree(Wish::Economics(act), None).await {
        Ok(_) => true,
        Err(ProposeError::Refused(Denied::Economics(refused))) => {
            tracing::debug!(act = told, %refused, "what was due is refused");
            !matches!(
                refused,
                Refused::Auction(auction::Refused::TooEarly { .. })
                    | Refused::Ledger(ledger::Refused::TooEarly { .. })
            )
        }
        Err(error) => {
            tracing::debug!(act = told, %error, "what is due cannot be agreed on");
            false
        }
    }
}
