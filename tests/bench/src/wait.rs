//! Waits with a bound.

use std::time::{Duration, Instant};

use crate::error::BenchError;

/// How long what is not measured may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks: below what is measured by looking.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

/// Looks until `check` has a result; it says how things stand otherwise.
pub(crate) async fn until<T>(
    what: impl Into<String>,
    within: Duration,
    mut check: impl AsyncFnMut() -> Result<T, String>,
) -> Result<T, BenchError> {
    let start = Instant::now();
    loop {
        let state = match check().await {
            Ok(result) => return Ok(result),
            Err(state) => state,
        };
        if start.elapsed() >= within {
            return Err(BenchError::Late { what: what.into(), within, state });
        }
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}
