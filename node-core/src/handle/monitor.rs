//! What was measured, asked of any node, and the alerts that came of it.

use std::time::Duration;

use covey_logic::{NodeId, monitor::AlertView};

use super::{AskError, NodeHandle};
use crate::{
    clock,
    monitor::{Answer, Question, decode, encode},
};

impl NodeHandle {
    /// How long another node may take to read a day of measures.
    const MEASURED_TIMEOUT: Duration = Duration::from_secs(5);

    /// What a node measured; nothing if it is not reached, cannot tell, or does not answer in time.
    pub async fn measured(&self, node: NodeId, question: Question) -> Option<Answer> {
        if node == self.id {
            return self.parts.monitor.answer(question).await.ok();
        }
        let asked = encode(&question)?;
        let answer = self.parts.comms.question(node, &asked, Self::MEASURED_TIMEOUT).await?;
        decode(&answer)
    }

    /// Every alert that the cluster holds: the last of each rule and subject, those that are active
    /// first.
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub async fn alerts(&self) -> Result<Vec<AlertView>, AskError> {
        self.look(|node| node.alerts(clock::wall())).await
    }

    /// What this node measured, in the text format of Prometheus, version 0.0.4.
    #[must_use]
    pub fn prometheus(&self) -> String {
        self.parts.monitor.prometheus()
    }
}
