//! Whether network namespaces can be made here.

use std::process::{Command, Stdio};

/// Makes missing rights a failure: set where these tests must run.
const REQUIRED: &str = "COVEY_REQUIRE_NETNS";

/// Whether namespaces can be made; if not, says why, or fails where they are required.
pub(crate) fn granted() -> bool {
    let Some(reason) = missing() else { return true };
    let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
    assert!(!required, "network namespaces are required here, and there are none: {reason}");
    eprintln!("SKIPPED: it needs network namespaces, and there are none: {reason}");
    false
}

fn missing() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("this is not Linux".to_owned());
    }
    if !rustix::process::geteuid().is_root() {
        return Some("this user is not root".to_owned());
    }
    ["ip", "nft"].into_iter().find_map(|program| {
        let runs = Command::new(program).arg("-V").stdout(Stdio::null()).status();
        runs.is_err().then(|| format!("there is no program `{program}`"))
    })
}
