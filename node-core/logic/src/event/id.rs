//! How events and the kinds of them are named.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::ids::NodeId;

/// A kind of event as applications name them: words with dots between them, the general one first,
/// as in `shop.order.paid`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(Arc<str>);

/// One event of the cluster: who saw it, and its number there; written `origin/seq`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// The node that saw it.
    pub origin: NodeId,
    /// Its number among the events of that node.
    pub seq: u64,
}

/// Text that names no kind of event or no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventNameError {
    /// A type is words of `a-z 0-9 _ -` with dots between them, two at least, 64 bytes at most.
    #[error("expected words of a-z, 0-9, '_' or '-' with dots between them, as in shop.order")]
    NotAType,
    /// An event is named by 64 hexadecimal digits, a slash and a number.
    #[error("expected a node's id, a slash and a number")]
    NotAnEvent,
}

impl EventType {
    /// The longest, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks `text` and makes it a type. What Covey itself sees has kinds without a dot, so that
    /// the two are never taken for each other.
    ///
    /// # Errors
    ///
    /// [`EventNameError::NotAType`] if `text` breaks the rule stated there.
    pub fn new(text: &str) -> Result<Self, EventNameError> {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let word = |word: &str| !word.is_empty() && word.chars().all(letter);
        let valid = text.len() <= Self::MAX_LEN && text.contains('.') && text.split('.').all(word);
        valid.then(|| Self(text.into())).ok_or(EventNameError::NotAType)
    }

    /// The type as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EventType {
    type Err = EventNameError;

    fn from_str(text: &str) -> Result<Self, EventNameError> {
        Self::new(text)
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.origin, self.seq)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{}", self.origin, self.seq)
    }
}

impl FromStr for EventId {
    type Err = EventNameError;

    fn from_str(text: &str) -> Result<Self, EventNameError> {
        let parse = || {
            let (origin, seq) = text.split_once('/')?;
            Some(Self { origin: origin.parse().ok()?, seq: seq.parse().ok()? })
        };
        parse().ok_or(EventNameError::NotAnEvent)
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_words_with_dots_between_them() {
        for good in ["a.b", "shop.order_2.paid-late"] {
            assert!(EventType::new(good).is_ok(), "{good}");
        }
        for bad in ["", "agent_started", "a..b", ".a", "a.", "A.b", "a b.c", &"a.".repeat(40)] {
            assert!(EventType::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn event_reads_back_as_it_is_written() {
        let id = EventId { origin: NodeId([9; 32]), seq: 12 };

        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("12".parse::<EventId>(), Err(EventNameError::NotAnEvent));
    }
}
