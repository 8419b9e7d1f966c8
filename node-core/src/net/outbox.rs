//! The way of a network's events to the driver: a network never waits for it.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::event::NetEvent;

/// Queues events for the driver; those that must not be lost wait here while its queue is full.
///
/// What waits is bounded by what causes it: two events a member, one a command.
#[derive(Debug)]
pub(super) struct Outbox {
    driver: mpsc::Sender<NetEvent>,
    backlog: VecDeque<NetEvent>,
}

impl Outbox {
    pub(super) fn new(driver: mpsc::Sender<NetEvent>) -> Self {
        Self { driver, backlog: VecDeque::new() }
    }

    /// Tells the driver, at once or as soon as it has room.
    pub(super) fn tell(&mut self, event: NetEvent) {
        if !self.backlog.is_empty() {
            self.backlog.push_back(event);
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(event)) = self.driver.try_send(event) {
            self.backlog.push_back(event);
        }
    }

    /// Tells the driver if it has room; whether it had.
    pub(super) fn offer(&mut self, event: NetEvent) -> bool {
        self.backlog.is_empty() && self.driver.try_send(event).is_ok()
    }

    /// Moves what waits as the driver makes room; never ends while nothing waits. Cancel safe.
    pub(super) async fn drain(&mut self) {
        loop {
            if self.backlog.is_empty() {
                std::future::pending::<()>().await;
            }
            let Ok(permit) = self.driver.reserve().await else {
                self.backlog.clear();
                continue;
            };
            if let Some(event) = self.backlog.pop_front() {
                permit.send(event);
            }
        }
    }
}
