//! Guards, asked of this node.

use covey_logic::{
    Name,
    guard::{GuardView, Refused},
};

use super::NodeHandle;

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

    /// Closes the breaker of an agent, or all, here and on the nodes that are reached; those that
    /// were not closed here.
    #[must_use]
    pub fn reset_breakers(&self, name: Option<&Name>) -> Vec<Name> {
        self.parts.comms.reset_breakers(name)
    }
}
