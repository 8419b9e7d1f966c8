//! The command line of the app.

use clap::Parser;
use covey_node::Options;

/// The computers on a LAN as one cluster, in a window
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "covey-desktop", version)]
pub(crate) struct Arguments {
    /// Which of this user's nodes: each profile has its own data folder and ports
    #[arg(long, value_name = "NAME", default_value = Options::DEFAULT_PROFILE)]
    pub(crate) profile: String,
    /// Start in the tray, with no window
    #[arg(long, conflicts_with = "headless")]
    pub(crate) hidden: bool,
    /// Start the node alone and print the address of its panel
    #[arg(long)]
    pub(crate) headless: bool,
}

impl Arguments {
    /// Reads them; on `--help`, `--version` or nonsense, says so and ends the process.
    pub(crate) fn read() -> Self {
        Self::parse()
    }

    /// Whether it is the node of those who name no profile.
    pub(crate) fn is_default_profile(&self) -> bool {
        self.profile == Options::DEFAULT_PROFILE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_click_opens_the_default_profile() {
        let arguments = Arguments::try_parse_from(["covey-desktop"]).unwrap();

        assert_eq!(arguments.profile, "default");
        assert!(!arguments.hidden && !arguments.headless);
    }

    #[test]
    fn headless_start_has_no_window_to_hide() {
        assert!(Arguments::try_parse_from(["covey-desktop", "--hidden", "--headless"]).is_err());
    }
}
