//! What nodes ask each other of what they measured.

use covey_logic::{
    Name, Wall,
    monitor::{Metric, Point, Read, SeriesOf, Subject},
};
use serde::{Deserialize, Serialize};

/// The version of questions and answers; a change that an older node cannot read raises it.
const VERSION: u8 = 1;

/// A question to a node about what it measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// What its clock shows.
    Clock,
    /// Its series.
    Series(Which, Read),
    /// The last value of every metric of every subject.
    Latest,
}

/// Whose series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// The node's own.
    Node,
    /// An agent's, as far as the node held it.
    Agent(Name),
    /// Those of all agents that it held.
    Agents,
}

/// What a node answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// Its clock.
    Clock(Wall),
    /// Series; none of a subject that it measured nothing of.
    Series(Vec<SeriesOf>),
    /// More than one answer holds: so many points were asked for, and so many may be.
    TooMuch {
        /// Asked for.
        points: u64,
        /// Allowed.
        most: u64,
    },
    /// The last values.
    Latest(Vec<(Subject, Vec<(Metric, f32)>)>),
}

impl Answer {
    /// Points of one answer: seventeen bytes each, in a frame of a mebibyte.
    pub const MAX_POINTS: u64 = 50_000;
    /// What a point takes at most.
    const POINT: usize = size_of::<Point>() + 1;
}

const _: () =
    assert!(Answer::POINT as u64 * Answer::MAX_POINTS < crate::comms::MAX_BODY_LEN as u64);

/// As it travels.
pub(crate) fn encode<T: Serialize>(what: &T) -> Option<Vec<u8>> {
    postcard::to_extend(what, vec![VERSION]).ok()
}

/// What travelled; none if it is of another version, or no such thing.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    let (version, body) = bytes.split_first()?;
    (*version == VERSION).then(|| postcard::from_bytes(body).ok())?
}
