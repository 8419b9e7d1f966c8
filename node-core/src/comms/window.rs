//! What agents here answered to calls with a key, remembered for a while.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::Name;
use tokio::{sync::watch, time::Instant};

use super::{Fault, Message};

/// Answers that are remembered: a thousand a second for ten seconds, or one a second for hours.
const MAX_KEPT: usize = 10_000;
/// Bytes of them all together.
const MAX_KEPT_LEN: usize = 64 << 20;
/// How long an answer is remembered: callers try again for some minutes at most.
const KEPT_FOR: Duration = Duration::from_mins(10);

/// How a call ended; none while it is being handled.
pub(super) type Ending = watch::Receiver<Option<Result<Bytes, Fault>>>;

/// Which agent, and what its caller named the call by.
type Id = (Name, Arc<str>);

/// The keys that are in use or remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct Window(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    calls: HashMap<Id, Keyed>,
    /// Those that are answered, oldest first, with when they were and the bytes of the answer.
    answered: VecDeque<(Id, Instant, usize)>,
    /// Bytes of the answers.
    len: usize,
}

#[derive(Debug)]
struct Keyed {
    /// Tells this call from another under the same key.
    asked: blake3::Hash,
    ending: Ending,
}

/// What becomes of a call with a key.
#[derive(Debug)]
pub(super) enum Entered {
    /// It is the first: who gets this has it handled.
    First(Turn, Ending),
    /// It was made before.
    Again(Ending),
    /// Another call was made under its key.
    Reused,
}

/// The handling of the first call under a key; dropped, the key is forgotten.
#[derive(Debug)]
pub(super) struct Turn {
    window: Window,
    id: Id,
    told: watch::Sender<Option<Result<Bytes, Fault>>>,
    settled: bool,
}

impl Window {
    /// A call of `name` under `key` begins.
    pub(super) fn enter(&self, name: &Name, key: &Arc<str>, message: &Message) -> Entered {
        let (id, asked) = ((name.clone(), Arc::clone(key)), digest(message));
        let mut state = self.state();
        state.forget(Instant::now());
        if let Some(keyed) = state.calls.get(&id) {
            let again = || Entered::Again(keyed.ending.clone());
            return if keyed.asked == asked { again() } else { Entered::Reused };
        }
        let (told, ending) = watch::channel(None);
        state.calls.insert(id.clone(), Keyed { asked, ending: ending.clone() });
        drop(state);
        let turn = Turn { window: self.clone(), id, told, settled: false };
        Entered::First(turn, ending)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Tells all who wait how it ended; remembered if the agent said so itself.
    pub(super) fn settle(mut self, result: Result<Bytes, Fault>) {
        self.settled = match &result {
            Ok(_) | Err(Fault::Agent { .. } | Fault::TooBig) => true,
            // Not done, or not known to be: a repeated call is to try.
            Err(
                Fault::NotHere
                | Fault::Busy
                | Fault::Refused
                | Fault::NotJson
                | Fault::Crashed
                | Fault::TimedOut
                | Fault::KeyReused,
            ) => false,
        };
        if self.settled {
            let len = result.as_ref().map_or(0, Bytes::len) + self.id.1.len();
            let mut state = self.window.state();
            state.answered.push_back((self.id.clone(), Instant::now(), len));
            state.len += len;
        } else {
            // First forgotten, then told: who hears of it may try at once.
            self.window.state().calls.remove(&self.id);
        }
        self.told.send_replace(Some(result));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.settled && self.told.borrow().is_none() {
            self.window.state().calls.remove(&self.id);
        }
    }
}

impl State {
    /// Forgets answers that are too old, and the oldest of too many.
    fn forget(&mut self, now: Instant) {
        while let Some((_, at, _)) = self.answered.front()
            && (self.answered.len() > MAX_KEPT
                || self.len > MAX_KEPT_LEN
                || now.duration_since(*at) > KEPT_FOR)
        {
            if let Some((id, _, len)) = self.answered.pop_front() {
                self.calls.remove(&id);
                self.len -= len;
            }
        }
    }
}

fn digest(message: &Message) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[u8::from(message.answered)]);
    hasher.update(&message.method.len().to_le_bytes());
    hasher.update(message.method.as_bytes());
    hasher.update(&message.params);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn answers_are_forgotten_when_they_are_old() {
        let window = Window::default();
        first(&window, "k").settle(Ok(Bytes::from_static(b"1")));
        assert!(matches!(window.enter(&name(), &"k".into(), &message("a")), Entered::Again(_)));

        tokio::time::advance(KEPT_FOR + Duration::from_secs(1)).await;

        drop(first(&window, "k"));
    }

    #[tokio::test]
    async fn oldest_of_too_many_are_forgotten() {
        let window = Window::default();
        for number in 0..=MAX_KEPT {
            first(&window, &number.to_string()).settle(Ok(Bytes::new()));
        }

        drop(first(&window, "0"));
        assert!(matches!(window.enter(&name(), &"1".into(), &message("a")), Entered::Again(_)));
        assert_eq!(window.state().answered.len(), MAX_KEPT);
    }

    #[tokio::test]
    async fn bytes_of_answers_are_bounded() {
        let window = Window::default();
        let answer = Bytes::from(vec![b'1'; 1 << 20]);
        for number in 0..100 {
            first(&window, &number.to_string()).settle(Ok(answer.clone()));
        }

        drop(first(&window, "0"));
        assert!(window.state().len <= MAX_KEPT_LEN);
    }

    #[tokio::test]
    async fn what_was_not_done_is_tried_again() {
        let window = Window::default();
        for fault in [Fault::NotHere, Fault::Busy, Fault::Crashed, Fault::TimedOut] {
            first(&window, "k").settle(Err(fault));
        }
        drop(first(&window, "k"));
        first(&window, "k").settle(Ok(Bytes::new()));
    }

    fn first(window: &Window, key: &str) -> Turn {
        match window.enter(&name(), &key.into(), &message("a")) {
            Entered::First(turn, _) => turn,
            other @ (Entered::Again(_) | Entered::Reused) => panic!("{other:?}"),
        }
    }

    fn message(method: &str) -> Message {
        Message { method: method.into(), params: Bytes::new(), key: None, answered: true }
    }

    fn name() -> Name {
        Name::new("agent").unwrap()
    }
}
