//! What a command, an agent or a task of this node does with the ledger and the auctions.

use covey_logic::{
    ClusterId, Name, NodeId,
    agreed::{Agreed, Granted, Key},
    economics::{
        Account, Act, Done, Economics, Party,
        auction::{self, Offer, Taken},
    },
};

use super::{SealedOpening, Vault, vault::KeepError};
use crate::{
    consensus::ProposeError,
    handle::{Freshness, NodeHandle, Primitives},
    host::Asker,
};

/// The ledger and the auctions, asked of this node; cheap to clone, and it keeps no node running.
#[derive(Clone, Debug)]
pub struct Market {
    primitives: Primitives,
    vault: Vault,
}

/// In whose name something is asked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trading {
    /// This node's own user.
    Owner,
    /// An agent that runs here.
    Agent(Asker),
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoMarket {
    /// The group did not agree, or refused.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// This node refused before it asked the group.
    #[error(transparent)]
    Refused(#[from] auction::Refused),
    /// The envelope of a sealed bid is not on this node's disk.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl NodeHandle {
    /// The ledger and the auctions.
    #[must_use]
    pub fn market(&self) -> Market {
        Market::new(self.primitives(), self.parts.vault.clone())
    }
}

impl Trading {
    /// As the log knows it.
    pub(crate) fn party(&self) -> Party {
        match self {
            Self::Owner => Party::Owner,
            Self::Agent(agent) => Party::Agent { name: agent.name.clone(), epoch: agent.epoch },
        }
    }

    /// Whether it can do what an auction asks for, which no other node can see.
    pub(super) fn is_capable(&self, capability: &Name) -> bool {
        match self {
            Self::Owner => false,
            Self::Agent(agent) => {
                agent.capabilities.iter().any(|has| has.as_str() == capability.as_str())
            }
        }
    }
}

impl Market {
    pub(crate) fn new(primitives: Primitives, vault: Vault) -> Self {
        Self { primitives, vault }
    }

    /// This node.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.primitives.node()
    }

    /// The key to seal openings for this node with.
    #[must_use]
    pub fn key(&self) -> String {
        self.vault.key()
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Has the cluster agree on a change; it is on the disks of a majority when this returns.
    ///
    /// Dropped, the change may be made all the same.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn agree(&self, act: impl Into<Act>, key: Option<Key>) -> Result<Done, ProposeError> {
        let (group, limit) = (self.primitives.group()?, Primitives::AGREE_TIMEOUT);
        let granted = group.propose(act.into(), key, limit).await?;
        // Else another wish was answered under this key.
        if let Granted::Economics(done) = granted { Ok(done) } else { Err(ProposeError::Unknown) }
    }

    /// Looks at the economics, and where the group's clock is, in nanoseconds.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn read<T>(
        &self,
        freshness: Freshness,
        look: impl FnOnce(&Economics, u64) -> T,
    ) -> Result<T, ProposeError> {
        self.read_all(freshness, |agreed, clock| look(agreed.economics(), clock)).await
    }

    /// Looks at all that is agreed, and where the group's clock is.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub(crate) async fn read_all<T>(
        &self,
        freshness: Freshness,
        look: impl FnOnce(&Agreed, u64) -> T,
    ) -> Result<T, ProposeError> {
        let clock = self.primitives.group()?.clock_here();
        let look = |agreed: &Agreed| look(agreed, clock.max(agreed.clock()));
        Ok(self.primitives.read_all(freshness, look).await?.0)
    }

    /// Looks at what this node has, without asking anybody; nothing without a group.
    pub(super) fn look_here<T>(&self, look: impl FnOnce(&Economics, u64) -> T) -> Option<T> {
        let group = self.primitives.group().ok()?;
        let clock = group.clock_here();
        Some(group.look_here(|agreed| look(agreed.economics(), clock.max(agreed.clock()))).0)
    }

    /// Tells of every entry that this node takes in; nothing without a group.
    pub(super) fn moved(&self) -> Option<tokio::sync::watch::Receiver<u64>> {
        self.primitives.group().ok().map(|group| group.revision())
    }

    pub(super) fn cluster(&self) -> Option<ClusterId> {
        self.primitives.group().ok().map(|group| group.cluster())
    }

    /// Makes one offer.
    ///
    /// # Errors
    ///
    /// [`NoMarket`]: a bidder that lacks the capability, and an opening that comes before bids are
    /// opened, are refused here and reach no other node.
    pub(crate) async fn offer(
        &self,
        trader: &Trading,
        (number, offer): (u64, Offer),
        key: Option<Key>,
    ) -> Result<Taken, NoMarket> {
        self.may_offer(trader, number, &offer)?;
        let offers = vec![(trader.party(), offer)];
        let done = self.agree(auction::Act::Offer { auction: number, offers }, key).await?;
        let Done::Auction(auction::Done::Offered(mut results)) = done else {
            return Err(ProposeError::Unknown.into());
        };
        Ok(results.pop().ok_or(ProposeError::Unknown)??)
    }

    /// Commits to a sealed bid, and keeps the envelope of its opening first, if there is one.
    ///
    /// # Errors
    ///
    /// See [`NoMarket`].
    pub(crate) async fn commit(
        &self,
        trader: &Trading,
        (number, commitment): (u64, [u8; 32]),
        opening: Option<SealedOpening>,
        key: Option<Key>,
    ) -> Result<Taken, NoMarket> {
        if let Some(opening) = opening {
            let cluster = self.cluster().ok_or(ProposeError::NoLeader)?;
            self.vault.keep((cluster, number), &commitment, opening).await?;
        }
        self.offer(trader, (number, Offer::Commit(commitment)), key).await
    }

    fn may_offer(&self, trader: &Trading, number: u64, offer: &Offer) -> Result<(), NoMarket> {
        let refused = self.look_here(|economics, _| {
            let auction = economics.auctions().get(number)?;
            let capability = auction.qualification.capability.as_ref();
            if let Some(capability) = capability.filter(|it| !trader.is_capable(it)) {
                let account: Account = trader.party().account(self.node());
                let capability = capability.clone();
                return Some(auction::Refused::NotCapable { account, capability });
            }
            let early = auction.phase == auction::Phase::Open;
            let reveals = matches!(offer, Offer::Reveal { .. });
            (early && reveals).then_some(auction::Refused::RevealEarly { auction: number })
        });
        refused.flatten().map_or(Ok(()), |refused| Err(refused.into()))
    }
}
