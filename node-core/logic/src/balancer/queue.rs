//! What a task takes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The tasks that take the same capabilities, written as those in order, joined by `+`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Queue(String);

/// Capabilities that no queue can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a task takes 1 to {} capabilities of 1 to {} bytes, without '+'", Queue::MAX, Queue::LEN)]
pub struct NoQueue;

impl Queue {
    /// The most capabilities that a task takes.
    pub const MAX: usize = 8;
    /// The longest capability, in bytes.
    pub const LEN: usize = 64;

    /// The queue of the tasks that take exactly these capabilities, in whichever order.
    ///
    /// # Errors
    ///
    /// See [`NoQueue`].
    pub fn of<T: AsRef<str>>(capabilities: &[T]) -> Result<Self, NoQueue> {
        let mut sorted: Vec<&str> = capabilities.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let fits = |one: &&str| {
            (1..=Self::LEN).contains(&one.len())
                && !one.contains(|c: char| c == '+' || c.is_control() || c.is_whitespace())
        };
        let fit = (1..=Self::MAX).contains(&sorted.len()) && sorted.iter().all(fits);
        fit.then(|| Self(sorted.join("+"))).ok_or(NoQueue)
    }

    /// The capabilities, in order.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        self.0.split('+')
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Queue {
    type Err = NoQueue;

    fn from_str(text: &str) -> Result<Self, NoQueue> {
        Self::of(&text.split('+').collect::<Vec<_>>())
    }
}

impl TryFrom<String> for Queue {
    type Error = NoQueue;

    fn try_from(text: String) -> Result<Self, NoQueue> {
        text.parse()
    }
}

impl From<Queue> for String {
    fn from(queue: Queue) -> Self {
        queue.0
    }
}
