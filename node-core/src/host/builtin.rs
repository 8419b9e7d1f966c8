//! The agents that come with Covey: handled by the caller itself, without a queue between.

mod bidder;
mod delegate;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use covey_logic::agent::{AgentState, Builtin, ExitReason};
use serde::Deserialize;
use tokio::time::{self, MissedTickBehavior};

use self::bidder::Bidder;
use super::{
    call::{Call, CallError},
    life::{Life, Order, Place},
    log::{Log, Stream},
};

/// The state of a builtin agent.
#[derive(Debug)]
pub(super) enum Builtins {
    Echo,
    Counter(AtomicI64),
    Ticker(AtomicU64),
    Bidder(Bidder),
    Delegate,
}

/// Parameters of `counter`'s `add`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    by: i64,
}

/// Parameters of `echo`'s `sleep`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sleep {
    ms: u64,
}

impl Builtins {
    /// Seconds between two lines of a ticker.
    const TICKS_PER_LINE: u64 = 10;

    pub(super) fn new(agent: Builtin) -> Self {
        match agent {
            Builtin::Echo => Self::Echo,
            Builtin::Counter => Self::Counter(AtomicI64::new(0)),
            Builtin::Ticker => Self::Ticker(AtomicU64::new(0)),
            Builtin::Bidder => Self::Bidder(Bidder::default()),
            Builtin::Delegate => Self::Delegate,
        }
    }

    /// What it goes on from on another node: JSON.
    pub(super) fn state(&self) -> AgentState {
        let text = match self {
            Self::Echo | Self::Delegate => "null".to_owned(),
            Self::Counter(count) => count.load(Ordering::Acquire).to_string(),
            Self::Ticker(seconds) => seconds.load(Ordering::Acquire).to_string(),
            Self::Bidder(bidder) => bidder.state(),
        };
        text.into_bytes().into()
    }

    /// Goes on from what [`Self::state`] gave.
    pub(super) fn restore(&self, state: &AgentState) -> Result<(), String> {
        let garbled = |error: serde_json::Error| error.to_string();
        match self {
            Self::Echo | Self::Delegate => {}
            Self::Counter(count) => {
                let value = serde_json::from_slice(&state.0).map_err(garbled)?;
                count.store(value, Ordering::Release);
            }
            Self::Ticker(seconds) => {
                let value = serde_json::from_slice(&state.0).map_err(garbled)?;
                seconds.store(value, Ordering::Release);
            }
            Self::Bidder(bidder) => bidder.restore(state).map_err(garbled)?,
        }
        Ok(())
    }

    /// Handles what takes no time; none if it takes some.
    pub(super) fn handle(&self, method: &str, params: &Bytes) -> Option<Result<Bytes, CallError>> {
        let answer = match (self, method) {
            (Self::Echo, "echo") if params.is_empty() => Ok(Bytes::from_static(b"null")),
            (Self::Echo, "echo") => Ok(params.clone()),
            (Self::Echo, "sleep") => return None,
            (Self::Counter(count), "add") => parse::<Add>(params).and_then(|Add { by }| {
                count
                    .try_update(Ordering::AcqRel, Ordering::Acquire, |count| count.checked_add(by))
                    .map(|before| json(before.wrapping_add(by)))
                    .map_err(|count| {
                        invalid(format!("{count} and {by} are more than a counter holds"))
                    })
            }),
            (Self::Counter(count), "get") => Ok(json(count.load(Ordering::Acquire))),
            (Self::Ticker(seconds), "get") => Ok(json(seconds.load(Ordering::Acquire))),
            (Self::Bidder(bidder), method) => bidder.handle(method, params),
            (Self::Delegate, method) => delegate::answer(method, params),
            (Self::Echo | Self::Counter(_) | Self::Ticker(_), _) => Err(no_method(method)),
        };
        Some(answer)
    }

    /// Runs beside the calls until something ends the life; tells why it ended.
    pub(super) async fn live(
        &self,
        orders: &mut tokio::sync::mpsc::Receiver<Order>,
        open_log: impl Fn() -> Log,
    ) -> ExitReason {
        let Self::Ticker(seconds) = self else {
            return ended_by(orders.recv().await);
        };
        let log = open_log();
        let second = Duration::from_secs(1);
        let mut ticks = time::interval_at(time::Instant::now() + second, second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            tokio::select! {
                order = orders.recv() => return ended_by(order),
                _ = ticks.tick() => {
                    let seconds = seconds.fetch_add(1, Ordering::AcqRel) + 1;
                    if seconds.is_multiple_of(Self::TICKS_PER_LINE) {
                        log.write(Stream::Log, format!("{seconds} seconds"));
                    }
                }
            }
        }
    }
}

/// Answers after the time asked for; past the agent's limit, the agent is ended as any other.
pub(super) async fn sleep(
    life: &Arc<Life>,
    place: Option<Place>,
    call: &Call,
) -> Result<Bytes, CallError> {
    let Sleep { ms } = parse(&call.params)?;
    let place = place.ok_or(CallError::Busy)?;
    let limit_ms = life.limits.handle_ms;
    let nap = time::sleep(Duration::from_millis(ms.min(limit_ms)));
    let slept = tokio::select! {
        slept = time::timeout_at(call.deadline, nap) => slept,
        () = life.ended() => return Err(CallError::Crashed),
    };
    drop(place);
    slept.map_err(|_elapsed| CallError::TimedOut)?;
    if ms > limit_ms {
        life.kill(ExitReason::OverTime { limit_ms });
        return Err(CallError::Crashed);
    }
    Ok(json(ms))
}

fn ended_by(order: Option<Order>) -> ExitReason {
    match order {
        Some(Order::Kill(reason)) => reason,
        Some(Order::Stop(_)) | None => ExitReason::Stopped,
    }
}

fn no_method(method: &str) -> CallError {
    CallError::agent(CallError::METHOD_NOT_FOUND, format!("there is no method {method:?}"))
}

fn parse<'a, T: Deserialize<'a>>(params: &'a [u8]) -> Result<T, CallError> {
    serde_json::from_slice(params).map_err(|error| invalid(error.to_string()))
}

fn invalid(message: String) -> CallError {
    CallError::agent(CallError::INVALID_PARAMS, message)
}

fn json(number: impl std::fmt::Display) -> Bytes {
    Bytes::from(number.to_string())
}
