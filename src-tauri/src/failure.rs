//! Why there is no node to show, said so that a person can act on it.

use std::{error::Error, io};

use covey_node::{
    control::http::DoorError, driver::StartError, entropy::EntropyError, options::OptionsError,
};

use crate::notice::{Choice, Notice};

/// Why the node did not start. Nothing runs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartFailure {
    /// Mend the settings file, or choose another profile.
    #[error("the settings cannot be used")]
    Options(#[from] OptionsError),
    /// See its cause.
    #[error("the node did not start")]
    Node(#[from] StartError),
    /// See its cause.
    #[error("the control interface did not start")]
    Door(#[from] DoorError),
    /// Make room in the data folder.
    #[error("the address of the control interface could not be written")]
    Post(#[source] io::Error),
    /// The operating system gives no random numbers: restart it.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The machine has no room for another thread.
    #[error("no thread could be started for the node")]
    Thread(#[source] io::Error),
}

impl StartFailure {
    /// What a person is told in place of the panel.
    pub(crate) fn notice(&self) -> Notice {
        let (title, text) = match self {
            Self::Node(StartError::Locked { .. }) => (
                "Covey is running already",
                "Another Covey uses this data folder, perhaps without a window. Close it and try \
                 again, or start this one with --profile and another name.",
            ),
            Self::Options(_) => (
                "The settings cannot be used",
                "The text below names the file and what is wrong in it. Correct it and try again.",
            ),
            Self::Node(_) | Self::Door(_) | Self::Post(_) | Self::Entropy(_) | Self::Thread(_) => (
                "Covey could not start",
                "The text below says what stood in the way. Nothing in the data folder was deleted.",
            ),
        };
        Notice {
            label: "failure",
            title: title.to_owned(),
            text: vec![text.to_owned()],
            detail: chain(self),
            choices: &[Choice::Restart, Choice::Quit],
        }
    }
}

/// An error and its causes, one a line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut lines = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        lines.push(error.to_string());
        cause = error.source();
    }
    lines.join(":\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notice_names_what_stood_in_the_way() {
        let failure = StartFailure::Thread(io::Error::other("no room"));

        let notice = failure.notice();

        assert_eq!(notice.detail, "no thread could be started for the node:\nno room");
        assert_eq!(notice.choices, [Choice::Restart, Choice::Quit]);
    }
}
