//! What would come along to another cluster, and what was left behind, asked of this node.

use covey_logic::{Node, Wall};

use super::{AskError, NodeHandle};
use crate::archive::{Archive, ArchiveError, ArchiveRow, ArchivedGroup, JoinPlan};

impl NodeHandle {
    /// What would come along if this node entered another cluster, and what would be archived.
    ///
    /// # Errors
    ///
    /// [`AskError::Stopped`].
    pub async fn join_plan(&self) -> Result<JoinPlan, AskError> {
        let belongings = self.look(Node::belongings).await?;
        let group = self.parts.agreement.group();
        let group = group.map(|group| group.look_here(|agreed| ArchivedGroup::from(agreed)).0);
        Ok(JoinPlan::new(&belongings, &group.unwrap_or_default()))
    }

    /// What this node left behind whenever it entered another cluster, the last first.
    ///
    /// # Errors
    ///
    /// See [`ArchiveError`].
    pub fn archives(&self) -> Result<Vec<ArchiveRow>, ArchiveError> {
        self.parts.archives.list()
    }

    /// One archive.
    ///
    /// # Errors
    ///
    /// See [`ArchiveError`].
    pub fn archive(&self, id: Wall) -> Result<Archive, ArchiveError> {
        self.parts.archives.read(id)
    }
}
