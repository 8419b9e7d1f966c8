//! Why something could not be measured.

use std::{io, time::Duration};

use covey_node::{comms::CallError, driver::StartError, handle::AskError, options::OptionsError};

/// Why an area ended before its last figure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The system did not do its part.
    #[error("cannot {what}: {source}")]
    Io { what: &'static str, source: io::Error },
    /// Something did not come about.
    #[error("not within {within:?}: {what}; the last state: {state}")]
    Late { what: String, within: Duration, state: String },
    /// A node refused.
    #[error("{command} was refused: {answer}")]
    Refused { command: String, answer: String },
    /// A process of a node ended.
    #[error("{node} has ended")]
    Ended { node: String },
    /// The settings of a node are not understood.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// A node inside this process did not start.
    #[error("a node did not start: {0}")]
    Start(#[from] StartError),
    /// A node inside this process did not do what was asked.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// An agent did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The area took too long.
    #[error("an area has ten minutes, and this one took more")]
    Overrun,
}

impl BenchError {
    /// Names what the system would not do.
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
