//! One reader of one topic.

use std::{fmt, sync::Arc, time::Duration};

use covey_logic::registry::{ChangeKind, ChangeView};
use tokio::{
    sync::watch,
    time::{Instant, error::Elapsed, sleep_until, timeout_at},
};

use crate::{Views, comms::LogLine};

use super::{
    Control, Frame, NameAnswer, NameQuestion, Rows, Topic,
    rows::{self, Changes},
};

/// One reader of one topic: a snapshot, then patches, each made when it is asked for.
///
/// A reader that asks late finds everything since in one patch, so it costs the view that it saw
/// last and nothing more.
pub struct Subscription {
    control: Control,
    id: u64,
    topic: Topic,
    views: watch::Receiver<Arc<Views>>,
    /// What the reader knows: the view that was last said.
    said: Option<Arc<Views>>,
    /// What the reader knows of a log: its last line; none before the snapshot.
    last_line: Option<Option<LogLine>>,
    trouble: Option<Frame>,
    /// What the reader knows of names: the number of the last change; none before the snapshot.
    place: Option<u64>,
    heads: watch::Receiver<u64>,
    /// The versions of the settings.
    versions: watch::Receiver<u64>,
    changed: bool,
    seq: u64,
    due: Instant,
    /// When to say that nothing happened.
    silence_ends: Instant,
}

impl Subscription {
    /// Between two frames: ten a second are smooth to the eye. The first after a pause goes at
    /// once.
    pub const FRAME_INTERVAL: Duration = Duration::from_millis(100);
    /// After so long without a change an empty patch says that the topic is still as it was.
    pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(5);
    /// Between two looks at views that changed elsewhere.
    const LOOK_INTERVAL: Duration = Duration::from_millis(10);
    /// Between two looks at a log, which may lie on another node.
    const LOG_INTERVAL: Duration = Duration::from_millis(250);
    /// Lines of a log in its snapshot.
    const LOG_LINES: u32 = 500;

    pub(super) fn new(control: Control, id: u64, topic: Topic) -> Self {
        let views = control.backend().views();
        let heads = control.backend().names_head();
        let versions = control.backend().settings_version();
        Self {
            control,
            id,
            topic,
            views,
            said: None,
            last_line: None,
            trouble: None,
            place: None,
            heads,
            versions,
            changed: true,
            seq: 0,
            due: Instant::now(),
            silence_ends: Instant::now() + Self::SILENCE_TIMEOUT,
        }
    }

    /// The next frame, or none once the node has stopped. Cancel safe.
    pub async fn next(&mut self) -> Option<Frame> {
        if let Topic::Logs { .. } = self.topic {
            return self.next_lines().await;
        }
        if let Topic::Names { .. } = self.topic {
            return self.next_names().await;
        }
        if let Topic::Settings { after } = self.topic {
            return self.next_versions(after).await;
        }
        loop {
            if !self.changed {
                match timeout_at(self.silence_ends, self.views.changed()).await {
                    Ok(changed) => changed.ok()?,
                    Err(Elapsed { .. }) => return Some(self.frame(Changes::default())),
                }
                self.changed = true;
            }
            sleep_until(self.due).await;
            let now = match self.said {
                // What is watched may be from before anybody looked.
                None => self.control.backend().view_now().await.ok()?,
                Some(_) => Arc::clone(&self.views.borrow_and_update()),
            };
            self.changed = false;
            let changes = rows::changes(&self.topic, self.said.as_deref(), &now);
            self.said = Some(now);
            if changes.is_empty() {
                self.due = Instant::now() + Self::LOOK_INTERVAL;
            } else {
                self.due = Instant::now() + Self::FRAME_INTERVAL;
                return Some(self.frame(changes));
            }
        }
    }

    async fn next_lines(&mut self) -> Option<Frame> {
        let Topic::Logs { name } = self.topic.clone() else { return None };
        loop {
            sleep_until(self.due).await;
            self.views.has_changed().ok()?;
            let page = self.control.backend().logs(name.clone(), Self::LOG_LINES).await;
            self.due = Instant::now() + Self::LOG_INTERVAL;
            let frame = match page {
                Ok(lines) => {
                    self.trouble = None;
                    let changes = self.fresh_lines(&lines);
                    let silent = Instant::now() >= self.silence_ends;
                    (silent || !changes.is_empty()).then(|| self.frame(changes))
                }
                Err(error) => {
                    let frame = Frame::Error { id: self.id, error };
                    let said = self.trouble.as_ref() == Some(&frame);
                    self.trouble = Some(frame.clone());
                    (!said).then_some(frame)
                }
            };
            if frame.is_some() {
                return frame;
            }
        }
    }

    /// The changes after the last one said; a gap among them makes the frame a snapshot.
    async fn next_names(&mut self) -> Option<Frame> {
        let Topic::Names { prefix } = self.topic.clone() else { return None };
        let Some(mut place) = self.place else {
            self.place = Some(*self.heads.borrow_and_update());
            return Some(self.frame(Changes { whole: true, ..Changes::default() }));
        };
        loop {
            let question = NameQuestion::Changes(place, prefix.clone());
            self.heads.mark_unchanged();
            let answer = self.control.backend().read_names(question).await.ok()?;
            let NameAnswer::Changes(changes, next) = answer else { return None };
            let moved = std::mem::replace(&mut place, next) != next;
            self.place = Some(place);
            if !changes.is_empty() {
                let gap = |change: &ChangeView| matches!(change.change, ChangeKind::Gap { .. });
                let whole = changes.iter().any(gap);
                let rows = changes.iter().map(rows::row).collect();
                return Some(self.frame(Changes { rows, removed: Vec::new(), whole }));
            }
            if moved {
                continue;
            }
            match timeout_at(self.silence_ends, self.heads.changed()).await {
                Ok(changed) => changed.ok()?,
                Err(Elapsed { .. }) => return Some(self.frame(Changes::default())),
            }
        }
    }

    /// The versions of the settings after the last one said; `after` is that of a new reader.
    async fn next_versions(&mut self, after: Option<u64>) -> Option<Frame> {
        loop {
            let head = *self.versions.borrow_and_update();
            let whole = self.place.is_none();
            let place = self.place.unwrap_or_else(|| after.unwrap_or(head));
            let fresh = self.control.backend().setting_versions(place);
            let last = fresh.last().map_or(place, |version| version.version);
            self.place = Some(last);
            if whole || !fresh.is_empty() {
                let rows = fresh.iter().map(rows::row).collect();
                return Some(self.frame(Changes { rows, removed: Vec::new(), whole }));
            }
            let stopped = async { while self.views.changed().await.is_ok() {} };
            tokio::select! {
                changed = timeout_at(self.silence_ends, self.versions.changed()) => match changed {
                    Ok(changed) => changed.ok()?,
                    Err(Elapsed { .. }) => return Some(self.frame(Changes::default())),
                },
                () = stopped => return None,
            }
        }
    }

    /// The lines after the last one said; all, as a snapshot, if that one is not among them.
    fn fresh_lines(&mut self, lines: &[LogLine]) -> Changes {
        let overlap = match &self.last_line {
            Some(Some(last)) => lines.iter().rposition(|line| line == last).map(|at| at + 1),
            Some(None) => Some(0),
            None => None,
        };
        self.last_line = Some(lines.last().cloned());
        let fresh = lines.get(overlap.unwrap_or(0)..).unwrap_or_default();
        Changes {
            rows: fresh.iter().map(rows::row).collect(),
            removed: Vec::new(),
            whole: overlap.is_none(),
        }
    }

    fn frame(&mut self, changes: Changes) -> Frame {
        self.seq += 1;
        self.silence_ends = Instant::now() + Self::SILENCE_TIMEOUT;
        let Changes { rows, removed, whole } = changes;
        let (id, seq, topic) = (self.id, self.seq, self.topic.name().to_owned());
        let rows = Rows { id, topic, seq, at: self.control.backend().now(), rows, removed };
        if whole { Frame::Snapshot(rows) } else { Frame::Patch(rows) }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &self.id)
            .field("topic", &self.topic)
            .field("seq", &self.seq)
            .finish_non_exhaustive()
    }
}
