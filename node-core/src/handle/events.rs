//! Stored events, asked of this node.

use std::sync::Arc;

use covey_logic::event::{EventId, EventRecord};
use tokio::sync::watch;

use super::NodeHandle;
use crate::store::{
    Edge, EventCheck, EventPage, EventQuery, EventStatistics, Followed, Position, ReadError,
};

impl NodeHandle {
    /// Stored events of all nodes.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn query_events(&self, query: &EventQuery) -> Result<EventPage, ReadError> {
        self.parts.store.query_events(query).await
    }

    /// One stored event, if it is held here.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn event(&self, event: EventId) -> Result<Option<Arc<EventRecord>>, ReadError> {
        let found = self.parts.store.load_events(event.origin, event.seq, 1).await?;
        Ok(found.into_iter().next())
    }

    /// Stored events after a position, `limit` at most: those of each node in their order, each once.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn follow_events(
        &self,
        position: &Position,
        limit: u32,
    ) -> Result<Followed, ReadError> {
        self.parts.store.follow_events(position, limit).await
    }

    /// Where the stored events begin, or end.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn event_position(&self, edge: Edge) -> Result<Position, ReadError> {
        self.parts.store.event_position(edge).await
    }

    /// Marked as changed whenever events were written.
    #[must_use]
    pub fn event_news(&self) -> watch::Receiver<u64> {
        self.parts.store.event_news()
    }

    /// How many events are stored, and what they take.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn event_statistics(&self) -> Result<EventStatistics, ReadError> {
        self.parts.store.event_statistics().await
    }

    /// Reads every stored event and says what is not as it was written.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn check_events(&self) -> Result<EventCheck, ReadError> {
        self.parts.store.check_events().await
    }
}
