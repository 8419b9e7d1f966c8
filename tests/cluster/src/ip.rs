//! Orders to iproute2 and nftables.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// Runs `ip` with `args`.
pub(crate) fn ip(args: &[&str]) {
    let output = Command::new("ip").args(args).output();
    let output = output.unwrap_or_else(|error| panic!("`ip` does not run: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`ip {}` failed: {said}", args.join(" "));
}

/// Runs several orders of `ip`, one a line, in a namespace.
pub(crate) fn in_namespace(namespace: &str, orders: &str) {
    feed(Command::new("ip").args(["-n", namespace, "-batch", "-"]), orders);
}

/// Gives `rules` to the packet filter of a namespace.
pub(crate) fn filter(namespace: &str, rules: &str) {
    feed(Command::new("ip").args(["netns", "exec", namespace, "nft", "-f", "-"]), rules);
}

fn feed(command: &mut Command, input: &str) {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        let wrote = stdin.write_all(input.as_bytes());
        wrote.unwrap_or_else(|error| panic!("{command:?} does not listen: {error}"));
    }
    let output = child.wait_with_output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} was lost: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {said}\nit was told:\n{input}");
}
