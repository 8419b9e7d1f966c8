//! Guards, asked of this node.

use covey_logic::{
    Command, Name,
    agreed::Granted,
    event::Fact,
    guard::{GuardView, RateReset, Refused},
};
use tokio::time::timeout;

use super::{NodeHandle, Primitives};
use crate::consensus::ProposeError;

impl NodeHandle {
    /// The guards around calls from this node, as they are.
    #[must_use]
    pub fn guard(&self) -> GuardView {
        self.parts.comms.guard().view()
    }

    /// Takes from the rates that `operation` of `actor` must pass; `operator` if nobody is said.
    ///
    /// # Errors
    ///
    /// [`Refused::Rate`]; then nothing was taken.
    pub async fn admit(&self, actor: Option<&Name>, operation: &str) -> Result<(), Refused> {
        self.parts.comms.guard().admit(actor, operation).await
    }

    /// Has a rate begin anew on every node, be it counted by each or by all together; this node has
    /// followed when this returns, the others do when they take the wish in.
    ///
    /// Dropped, it may begin anew all the same.
    ///
    /// # Errors
    ///
    /// See [`ProposeError`].
    pub async fn reset_rate(&self, wish: RateReset) -> Result<(), ProposeError> {
        let RateReset { operation, actor } = wish.clone();
        let group = self.primitives().group()?;
        let granted = group.propose(wish, None, Primitives::AGREE_TIMEOUT).await?;
        let Granted::RateReset(number) = granted else { return Err(ProposeError::Unknown) };
        let followed = self.parts.comms.guard().has_reset(number);
        // It comes here by itself, if late.
        drop(timeout(Primitives::AGREE_TIMEOUT, followed).await);
        let facts = vec![Fact::RateReset { operation, actor }];
        // What was done is done, whether or not it is told.
        drop(self.command(self.id, Command::NoteSettings { facts }).await);
        Ok(())
    }

    /// Whether a rule of rates is for this operation, as it says it.
    #[must_use]
    pub fn has_rate(&self, operation: &str) -> bool {
        self.parts.comms.guard().has_rate(operation)
    }

    /// Closes the breaker of an agent, or all, here and on the nodes that are reached; those that
    /// were not closed here.
    #[must_use]
    pub fn reset_breakers(&self, name: Option<&Name>) -> Vec<Name> {
        self.parts.comms.reset_breakers(name)
    }
}
