//! Why a verb failed, and the exit code that says so.

use std::{io, process::ExitCode};

use crate::{
    control::{Cause, UiError, http::DoorError},
    driver::{AsideError, StartError},
    options::OptionsError,
};

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The node said no.
    #[error("{0}")]
    Refused(Box<UiError>),
    /// What was asked for is not there, or went another way than wished.
    #[error("{0}")]
    Failed(String),
    /// The arguments are read well and make no sense.
    #[error("{0}")]
    Usage(String),
    /// There is no node to speak to.
    #[error("no node runs with the data folder {folder}; start one with `covey node`")]
    NoNode {
        /// Which folder.
        folder: String,
    },
    /// It did not come about in time.
    #[error("{0}")]
    TimedOut(String),
    /// The node answered something else than a node of this version does.
    #[error("the node answered in a way that is not understood; is it of another version?")]
    Garbled,
    /// The operating system said no.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What it said.
        source: io::Error,
    },
    /// The settings cannot be used.
    #[error("the settings cannot be used")]
    Options(#[from] OptionsError),
    /// The node did not start.
    #[error("the node did not start")]
    Start(#[from] StartError),
    /// The database was not set aside.
    #[error(transparent)]
    Aside(#[from] AsideError),
    /// The node has no control door.
    #[error("the node has no control door")]
    Door(#[from] DoorError),
    /// The node ended by itself.
    #[error("the node stopped")]
    Stopped(#[source] std::sync::Arc<crate::driver::StopCause>),
}

impl CliError {
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) | Self::Options(_) => 2,
            Self::NoNode { .. } => 3,
            Self::TimedOut(_) => 4,
            Self::Refused(error)
                if matches!(error.cause, Cause::NoAnswer | Cause::NotInTime { .. }) =>
            {
                4
            }
            Self::Refused(_)
            | Self::Failed(_)
            | Self::Garbled
            | Self::Io { .. }
            | Self::Start(_)
            | Self::Aside(_)
            | Self::Door(_)
            | Self::Stopped(_) => 1,
        })
    }
}

impl From<UiError> for CliError {
    fn from(error: UiError) -> Self {
        Self::Refused(Box::new(error))
    }
}
