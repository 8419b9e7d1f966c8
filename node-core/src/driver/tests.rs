//! One folder, one process, one key; and what is left when the loop breaks.

use std::{net::Ipv4Addr, path::PathBuf};

use super::{
    Request, StopCause,
    identity::{self, IdentityError},
    lock::{Lock, LockFailure},
    start, start_in_thread,
};
use crate::{Options, handle::AskError};

#[test]
fn identity_is_the_same_at_every_start() {
    let dir = Scratch::new("identity");
    let path = dir.0.join("identity");

    let first = identity::load_or_create(&path).unwrap();
    let second = identity::load_or_create(&path).unwrap();

    assert_eq!(first.to_bytes(), second.to_bytes());
}

#[test]
fn damaged_identity_is_refused_and_left_alone() {
    let dir = Scratch::new("damaged");
    let path = dir.0.join("identity");
    identity::load_or_create(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[3] ^= 1;

    for damaged in [Vec::new(), whole[..63].to_vec(), [&whole[..], b"x"].concat(), flipped] {
        std::fs::write(&path, &damaged).unwrap();

        let refused = identity::load_or_create(&path);

        assert!(matches!(refused, Err(IdentityError::Damaged(_))), "{}", damaged.len());
        assert_eq!(std::fs::read(&path).unwrap(), damaged);
    }
}

#[cfg(unix)]
#[test]
fn identity_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = Scratch::new("mode");
    let path = dir.0.join("identity");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    identity::load_or_create(&path).unwrap();
    assert_eq!(mode(), 0o600);

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    identity::load_or_create(&path).unwrap();

    assert_eq!(mode(), 0o600);
}

#[test]
fn lock_says_who_has_it_and_is_free_afterwards() {
    let dir = Scratch::new("lock");
    let path = dir.0.join("lock");
    let lock = Lock::take(&path).unwrap();

    let held = Lock::take(&path);
    assert!(matches!(held, Err(LockFailure::Held(Some(pid))) if pid == std::process::id()));

    drop(lock);
    assert!(Lock::take(&path).is_ok());
}

#[test]
fn node_in_its_own_thread_serves_callers_without_its_runtime() {
    let dir = Scratch::new("thread");
    let callers = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();

    let node = start_in_thread(alone(&dir)).unwrap();

    let views = callers.block_on(node.view_now()).unwrap();
    assert_eq!(views.status.node, node.id());
    assert!(matches!(&*callers.block_on(node.stop("test")), StopCause::Asked { .. }));
}

#[tokio::test]
async fn broken_node_says_so_and_frees_its_folder() {
    let dir = Scratch::new("broken");
    let node = start(alone(&dir)).await.unwrap();

    node.requests.send(Request::Break).await.unwrap();

    let cause = StopCause::Broken { message: "a rule is broken".to_owned() };
    assert_eq!(*node.stopped().await, cause);
    assert_eq!(node.view_now().await.unwrap_err(), AskError::Stopped);
    start(alone(&dir)).await.unwrap().kill().await;
}

/// A node that looks for nobody.
fn alone(dir: &Scratch) -> Options {
    Options {
        data_dir: dir.0.clone(),
        listen: vec![Ipv4Addr::LOCALHOST.into()],
        mdns: false,
        same_machine: None,
        ..Options::default()
    }
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("covey-driver-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
