//! Waits with a bound.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How often a state is looked at: far below what is measured here.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Looks until `check` has a result, and tells it with the time it took; `check` says how things
/// stand otherwise.
///
/// # Panics
///
/// After `within`, with the last state.
pub fn eventually<T>(
    what: &str,
    within: Duration,
    mut check: impl FnMut() -> Result<T, String>,
) -> (T, Duration) {
    let start = Instant::now();
    loop {
        let last = match check() {
            Ok(result) => return (result, start.elapsed()),
            Err(state) => state,
        };
        assert!(start.elapsed() < within, "not within {within:?}: {what}; the last state: {last}");
        thread::sleep(POLL_INTERVAL);
    }
}

/// Lets a fault last.
pub fn hold(fault: Duration) {
    thread::sleep(fault);
}

/// How often a fault is repeated: `COVEY_ROUNDS`, or ten times, as the product promises.
///
/// # Panics
///
/// If the variable holds no number above 0.
#[must_use]
pub fn rounds() -> u32 {
    let Some(value) = std::env::var_os("COVEY_ROUNDS") else { return 10 };
    let rounds = value.to_str().and_then(|text| text.parse().ok()).filter(|rounds| *rounds > 0);
    rounds.unwrap_or_else(|| panic!("COVEY_ROUNDS={} is no count", value.display()))
}
