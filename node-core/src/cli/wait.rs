//! Waits for the cluster to be as wished, and says what it waits for.

use std::{ops::ControlFlow, time::Duration};

use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::control::Topic;

use super::{
    CliError,
    client::{Client, Table},
    out::Out,
};

/// How long a wait stays silent: what is faster needs no word.
const SILENCE: Duration = Duration::from_secs(1);

/// Waits until `check` breaks with a result on the rows of `topic`; it gives what to wait for
/// otherwise, which is said when it takes more than a moment.
pub(super) async fn until<R: DeserializeOwned, T>(
    (client, out): (&Client, &Out),
    topic: &Topic,
    limit: Duration,
    mut check: impl FnMut(&Table<R>) -> ControlFlow<Result<T, CliError>, String>,
) -> Result<T, CliError> {
    let start = Instant::now();
    let mut feed = client.watch(topic).await?;
    let mut rows = Table::new();
    let (mut waits_for, mut said) = (String::new(), String::new());
    loop {
        let speak = start + SILENCE;
        let frame = tokio::select! {
            frame = timeout_at(start + limit, feed.next()) => frame,
            () = sleep_until(speak), if said != waits_for => {
                out.note(&format!("waiting: {waits_for} ..."));
                said.clone_from(&waits_for);
                continue;
            }
        };
        match frame {
            Err(_) => return Err(CliError::TimedOut(format!("gave up waiting: {waits_for}"))),
            Ok(Ok(None)) => return Err(CliError::Failed("the node stopped".to_owned())),
            Ok(Err(error)) => return Err(error),
            Ok(Ok(Some(frame))) => rows.apply(frame)?,
        }
        match check(&rows) {
            ControlFlow::Break(result) => return result,
            ControlFlow::Continue(text) => waits_for = text,
        }
    }
}
