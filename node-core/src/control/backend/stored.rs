//! Stored events, in the words of the doors.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    NodeHandle,
    control::{
        Cause, EventGap, EventOrder, EventOrigin, EventQuery, EventStatistics, EventsFollowed,
        FollowEvents, UiError,
    },
    store::{self, Edge, Followed, Order, Position},
};

impl EventQuery {
    /// The question in the store's words.
    pub(super) fn stored(self) -> Result<store::EventQuery, UiError> {
        let Self { kinds, origin, name, correlation, parent, text, since, until, .. } = self;
        let cursor = |text: String| {
            let refusal = |_: store::NotACursor| Cause::Invalid {
                field: "after".to_owned(),
                value: text.clone(),
            };
            text.parse().map_err(refusal)
        };
        Ok(store::EventQuery {
            kinds: kinds.into_iter().flatten().collect(),
            origin,
            agent: name,
            correlation,
            parent,
            text,
            since,
            until,
            order: match self.order {
                Some(EventOrder::Oldest) => Order::Oldest,
                Some(EventOrder::Newest) | None => Order::Newest,
            },
            after: self.after.map(cursor).transpose()?,
            limit: self.limit.unwrap_or(Self::DEFAULT_LIMIT),
        })
    }
}

/// Waits until there is something after a position, and gives it.
pub(super) async fn follow(
    node: &NodeHandle,
    request: FollowEvents,
) -> Result<EventsFollowed, UiError> {
    let limit = request.limit.unwrap_or(EventQuery::DEFAULT_LIMIT);
    let position = match request.position.as_str() {
        FollowEvents::NEWEST => {
            let position = node.event_position(Edge::Newest).await?;
            return Ok(EventsFollowed {
                position: position.to_string(),
                ..EventsFollowed::default()
            });
        }
        FollowEvents::OLDEST => node.event_position(Edge::Oldest).await?,
        text => position(text)?,
    };
    let until = Instant::now() + Duration::from_millis(request.wait_ms.into());
    let mut news = node.event_news();
    loop {
        // Marked first, so that nothing is missed between the look and the wait.
        news.mark_unchanged();
        let followed = node.follow_events(&position, limit).await?;
        if !followed.events.is_empty() || !followed.gaps.is_empty() {
            return Ok(told(followed));
        }
        match timeout_at(until, news.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_store_closed)) => return Err(Cause::Stopping.into()),
            Err(_) => return Ok(told(followed)),
        }
    }
}

fn position(text: &str) -> Result<Position, UiError> {
    let refusal = |_: store::NotAPosition| {
        UiError::from(Cause::Invalid { field: "position".to_owned(), value: text.to_owned() })
    };
    text.parse().map_err(refusal)
}

fn told(followed: Followed) -> EventsFollowed {
    let Followed { events, gaps, position, more } = followed;
    let gap = |gap: store::Gap| EventGap { origin: gap.origin, from: gap.from, to: gap.to };
    let gaps = gaps.into_iter().map(gap).collect();
    EventsFollowed { events, gaps, position: position.to_string(), more }
}

/// How many events there are, what they take, and who lacks some.
pub(super) async fn statistics(node: &NodeHandle) -> Result<EventStatistics, UiError> {
    let stored = node.event_statistics().await?;
    let (lags, retention) = node.look(|node| (node.event_lags(), node.retention())).await?;
    let origin = |origin: store::OriginStatistics| {
        let store::OriginStatistics { node, first, last, oldest, newest } = origin;
        EventOrigin { node, first, last, oldest, newest }
    };
    let origins: Vec<EventOrigin> = stored.origins.into_iter().map(origin).collect();
    Ok(EventStatistics {
        events: origins.iter().map(|it| (it.last + 1).saturating_sub(it.first)).sum(),
        bytes: stored.bytes,
        file_bytes: stored.file_bytes,
        max_bytes: retention.bytes,
        max_age_ms: u64::try_from(retention.age.as_millis()).unwrap_or(u64::MAX),
        origins,
        lags,
    })
}
