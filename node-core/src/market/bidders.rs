//! Bidders of this node: its agents, asked to bid and to open their bids, and its own user's sealed
//! bids.
//!
//! Every node asks its own agents, all at once with one deadline, and vouches for what they answer; so
//! nobody speaks for an agent that runs elsewhere, and asking ends with the node that does it alone.

mod answer;
mod opening;
mod round;

use std::collections::BTreeMap;

use covey_logic::economics::auction::Phase;
use tokio::task::JoinHandle;

use super::Market;
use crate::host::Host;

/// The auctions that this node bids in.
#[derive(Debug)]
pub(super) struct Bidders {
    market: Market,
    host: Host,
    /// By auction and phase, until the auction is over.
    tasks: BTreeMap<(u64, Phase), JoinHandle<()>>,
}

impl Bidders {
    /// Auctions that this node bids in at a time; others have their turn when these are over.
    const AT_ONCE: usize = 1_024;

    pub(super) fn new(market: Market, host: Host) -> Self {
        Self { market, host, tasks: BTreeMap::new() }
    }

    /// Begins to bid in auctions that ask for it, and ends in those that are over.
    pub(super) fn look(&mut self) {
        let wanted = self.market.look_here(|economics, _| {
            let open = economics.auctions().open();
            let asks = open.filter(|(_, it)| it.solicits || it.phase == Phase::Revealing);
            asks.map(|(number, it)| (number, it.phase)).collect::<Vec<_>>()
        });
        let Some(wanted) = wanted else { return };
        let before = self.tasks.len();
        self.tasks.retain(|key, task| {
            let stays = wanted.binary_search(key).is_ok();
            if !stays {
                task.abort();
            }
            stays
        });
        if self.tasks.len() < before {
            self.forget();
        }
        for key in wanted {
            if self.tasks.len() >= Self::AT_ONCE {
                return;
            }
            self.tasks.entry(key).or_insert_with(|| begin(&self.market, &self.host, key));
        }
    }

    /// Envelopes of what is over are of no use.
    fn forget(&self) {
        let open = self.market.look_here(|economics, _| {
            economics.auctions().open().map(|(number, _)| number).collect::<Vec<_>>()
        });
        if let (Some(open), Some(cluster)) = (open, self.market.cluster()) {
            self.market.vault().forget(cluster, |auction| open.binary_search(&auction).is_err());
        }
    }
}

fn begin(market: &Market, host: &Host, (auction, phase): (u64, Phase)) -> JoinHandle<()> {
    let (market, host) = (market.clone(), host.clone());
    if phase == Phase::Revealing {
        return tokio::spawn(opening::open_all(market, host, auction));
    }
    tokio::spawn(round::bid(market, host, auction))
}

impl Drop for Bidders {
    fn drop(&mut self) {
        for task in self.tasks.values() {
            task.abort();
        }
    }
}
