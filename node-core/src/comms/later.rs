//! Calls whose callers come back for the answer.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{CallError, CallReply};

/// Calls that are on their way or whose answers are kept, of one node.
pub const MAX_LATER: usize = 10_000;
/// Bytes of answers that are kept.
const MAX_KEPT_LEN: usize = 64 << 20;
/// How long an answer is kept.
pub const KEPT_FOR: Duration = Duration::from_mins(10);

/// What a caller comes back with; nobody guesses one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Handle(pub [u8; 8]);

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// Text that is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a handle has 16 hexadecimal digits")]
pub struct NoHandle;

impl FromStr for Handle {
    type Err = NoHandle;

    fn from_str(text: &str) -> Result<Self, NoHandle> {
        let number = (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(|number| Self(number.to_be_bytes())).ok_or(NoHandle)
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.to_string()
    }
}

impl TryFrom<String> for Handle {
    type Error = NoHandle;

    fn try_from(text: String) -> Result<Self, NoHandle> {
        text.parse()
    }
}

/// How a call ended; none while it is on its way.
pub type Ending = Option<Result<CallReply, CallError>>;

/// The calls of one node whose callers come back; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Later(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    calls: HashMap<Handle, watch::Receiver<Ending>>,
    /// Those that ended, in that order, with the bytes of their answers.
    ended: VecDeque<(Handle, Instant, usize)>,
    len: usize,
}

impl Later {
    /// A call begins; its ending is to be put where this says. Nothing if as many are on their way as
    /// may be.
    pub(crate) fn begin(&self, handle: Handle) -> Option<Ends> {
        let mut state = self.state();
        state.forget();
        if state.calls.len() >= MAX_LATER {
            return None;
        }
        let (told, ending) = watch::channel(None);
        state.calls.insert(handle, ending);
        Some(Ends { later: self.clone(), handle, told })
    }

    /// How a call ended, waited for; nothing if no call of this handle is known.
    pub(crate) async fn ending(&self, handle: Handle, wait: Duration) -> Option<Ending> {
        let mut ending = {
            let mut state = self.state();
            state.forget();
            state.calls.get(&handle)?.clone()
        };
        match timeout(wait, ending.wait_for(Option::is_some)).await {
            Ok(Ok(ended)) => Some(ended.clone()),
            // The node stops: it never ends.
            Ok(Err(_)) => None,
            Err(_) => Some(None),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the ending of a call goes.
#[derive(Debug)]
pub(crate) struct Ends {
    later: Later,
    handle: Handle,
    told: watch::Sender<Ending>,
}

impl Ends {
    /// The call ended.
    pub(crate) fn with(self, result: Result<CallReply, CallError>) {
        let len = result.as_ref().map_or(0, |reply| reply.value.len());
        let mut state = self.later.state();
        state.ended.push_back((self.handle, Instant::now(), len));
        state.len += len;
        drop(state);
        self.told.send_replace(Some(result));
    }
}

impl State {
    /// Forgets answers that are too old, and the oldest of too many.
    fn forget(&mut self) {
        while let Some((_, at, _)) = self.ended.front()
            && (self.calls.len() >= MAX_LATER || self.len > MAX_KEPT_LEN || at.elapsed() > KEPT_FOR)
        {
            if let Some((handle, _, len)) = self.ended.pop_front() {
                self.calls.remove(&handle);
                self.len -= len;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn answer_is_waited_for_and_kept_for_a_while() {
        let later = Later::default();
        let ends = later.begin(handle(1)).unwrap();

        assert_eq!(later.ending(handle(1), Duration::from_secs(1)).await, Some(None));
        ends.with(Err(CallError::NotJson));
        for _ in 0..2 {
            let ended = later.ending(handle(1), Duration::ZERO).await;
            assert_eq!(ended, Some(Some(Err(CallError::NotJson))));
        }
        tokio::time::advance(KEPT_FOR + Duration::from_secs(1)).await;
        assert_eq!(later.ending(handle(1), Duration::ZERO).await, None);
    }

    #[tokio::test]
    async fn calls_on_their_way_are_bounded_and_answers_make_room() {
        let later = Later::default();
        let mut ends: Vec<_> =
            (0..MAX_LATER).map(|number| later.begin(handle(number)).unwrap()).collect();

        assert!(later.begin(handle(MAX_LATER)).is_none());
        ends.remove(0).with(Err(CallError::NotJson));
        assert!(later.begin(handle(MAX_LATER)).is_some());
        assert_eq!(later.ending(handle(0), Duration::ZERO).await, None);
    }

    #[test]
    fn handles_are_read_as_they_are_written() {
        let handle = handle(7);

        assert_eq!(handle.to_string().parse(), Ok(handle));
        for text in ["", "7", "000000000000000g", "00000000000000007"] {
            assert_eq!(text.parse::<Handle>(), Err(NoHandle), "{text}");
        }
    }

    fn handle(number: usize) -> Handle {
        Handle(u64::try_from(number).unwrap().to_be_bytes())
    }
}
