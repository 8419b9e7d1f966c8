//! Verbs about locks, elections and semaphores.

use std::time::Duration;

use covey_logic::coordination::{Place, PlaceView};

use crate::{
    cli::{
        CliError,
        args::{ElectionVerb, HoldArgs, LockVerb, SemaphoreVerb},
        client::{ANSWER_TIMEOUT, Client},
        node,
        out::Out,
        words::Names,
    },
    control::{AcquireLease, ReleaseLease, RenewLease, RevokeLease, WatchLease},
};

/// How long one question for a change waits.
const WATCH: Duration = Duration::from_mins(5);

pub(in crate::cli) async fn lock(
    client: &Client,
    out: &Out,
    verb: LockVerb,
) -> Result<(), CliError> {
    match verb {
        LockVerb::Acquire { name, hold } => {
            acquire(client, out, (Place::lock(name), 1), hold).await
        }
        LockVerb::Renew { name, token } => renew(client, out, Place::lock(name), token).await,
        LockVerb::Release { name, token } => {
            release(client, out, Place::lock(name), token, "the lock is given up").await
        }
        LockVerb::Revoke { name, token } => {
            revoke(client, out, Place::lock(name), token, "its holder has it no more").await
        }
    }
}

pub(in crate::cli) async fn election(
    client: &Client,
    out: &Out,
    verb: ElectionVerb,
) -> Result<(), CliError> {
    match verb {
        ElectionVerb::Campaign { name, hold } => {
            acquire(client, out, (Place::election(name), 1), hold).await
        }
        ElectionVerb::Renew { name, term } => renew(client, out, Place::election(name), term).await,
        ElectionVerb::Resign { name, term } => {
            release(client, out, Place::election(name), term, "who stands next leads").await
        }
        ElectionVerb::Depose { name, term } => {
            revoke(client, out, Place::election(name), term, "its leader leads no more").await
        }
        ElectionVerb::Observe { name, once } => {
            observe(client, out, Place::election(name), once).await
        }
    }
}

pub(in crate::cli) async fn semaphore(
    client: &Client,
    out: &Out,
    verb: SemaphoreVerb,
) -> Result<(), CliError> {
    match verb {
        SemaphoreVerb::Acquire { name, permits, hold } => {
            acquire(client, out, (Place::semaphore(name), permits), hold).await
        }
        SemaphoreVerb::Renew { name, token } => {
            renew(client, out, Place::semaphore(name), token).await
        }
        SemaphoreVerb::Release { name, token } => {
            release(client, out, Place::semaphore(name), token, "the permit is given up").await
        }
        SemaphoreVerb::Revoke { name, token } => {
            revoke(client, out, Place::semaphore(name), token, "its holder has it no more").await
        }
    }
}

async fn acquire(
    client: &Client,
    out: &Out,
    (place, permits): (Place, u32),
    hold: HoldArgs,
) -> Result<(), CliError> {
    let HoldArgs { session, lease, wait, key } = hold;
    let asked = AcquireLease {
        place,
        permits: Some(permits),
        session,
        lease_ms: lease.map(millis),
        wait_ms: wait.map(millis),
        key,
    };
    let limit = wait.unwrap_or_default().saturating_add(ANSWER_TIMEOUT);
    let held = client.ask_within(&asked, limit).await?;
    out.result(&held, || held.token.to_string());
    Ok(())
}

async fn renew(client: &Client, out: &Out, place: Place, token: u64) -> Result<(), CliError> {
    client.ask(&RenewLease { place, token }).await?;
    out.done("its lease begins anew");
    Ok(())
}

async fn release(
    client: &Client,
    out: &Out,
    place: Place,
    token: u64,
    done: &str,
) -> Result<(), CliError> {
    client.ask(&ReleaseLease { place, token, key: None }).await?;
    out.done(done);
    Ok(())
}

async fn revoke(
    client: &Client,
    out: &Out,
    place: Place,
    token: u64,
    done: &str,
) -> Result<(), CliError> {
    client.ask(&RevokeLease { place, token }).await?;
    out.done(done);
    Ok(())
}

/// Says who leads, and each who follows; a change that lasts no longer than a moment may be missed,
/// but no term is told twice.
async fn observe(client: &Client, out: &Out, place: Place, once: bool) -> Result<(), CliError> {
    let names = if out.json { Names::default() } else { node::names(client).await? };
    let mut known = None;
    let mut wait = Duration::ZERO;
    while !out.closed() {
        let asked = WatchLease { place: place.clone(), known, wait_ms: Some(millis(wait)) };
        let read = client.ask_within(&asked, wait.saturating_add(ANSWER_TIMEOUT)).await?;
        let token = token(read.found.as_ref());
        if token != known || wait.is_zero() {
            if out.json {
                out.json_line(&read);
            } else {
                out.line(&leader(read.found.as_ref(), &names));
            }
        }
        if once {
            return Ok(());
        }
        known = token;
        wait = WATCH;
    }
    Ok(())
}

fn token(found: Option<&PlaceView>) -> Option<u64> {
    found.and_then(|place| place.holds.first()).map(|hold| hold.token)
}

fn leader(found: Option<&PlaceView>, names: &Names) -> String {
    match found.and_then(|place| place.holds.first()) {
        Some(hold) => {
            let node = names.of(hold.holder.node);
            format!("{} on {node} leads in term {}", hold.holder.session, hold.token)
        }
        None => "nobody leads".to_owned(),
    }
}

pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
