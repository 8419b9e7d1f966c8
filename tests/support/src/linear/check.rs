//! The search for an order that explains a history.
//!
//! Wing and Gong, *Testing and Verifying Concurrent Objects* (1993), with what was tried remembered
//! as in Lowe, *Testing for Linearizability* (2016), section 4.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Debug,
    hash::Hash,
};

use super::Call;

/// What an object does if it is called by one alone.
pub trait Model {
    /// What it is between two calls; its default before the first.
    type State: Clone + Debug + Default + Eq + Hash;
    /// What it is asked.
    type Op: Debug;
    /// What it answers.
    type Ret: Debug;

    /// The states in which the call with this number may leave it, if it is done in `state` and
    /// answered by `ret`; none if it would not have answered so. Of a call whose answer nobody
    /// knows only the states that differ: that it was not done is considered anyhow.
    fn step(
        state: &Self::State,
        call: (usize, &Self::Op),
        ret: Option<&Self::Ret>,
    ) -> Vec<Self::State>;
}

/// Why no order was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unexplained {
    /// There is none: the history is not linearizable.
    #[error("no order explains it; at most {explained} of {calls} calls, then one of: {next}")]
    NoOrder {
        /// Calls in the longest order that was found.
        explained: usize,
        /// Calls with an answer.
        calls: usize,
        /// The calls of which none could follow.
        next: String,
    },
    /// The search ended before all was tried.
    #[error("no order was found in {tried} steps")]
    TooHard {
        /// Steps that were tried.
        tried: usize,
    },
}

/// Steps of one search: some seconds. A history of five hundred calls takes some thousand.
const MAX_STEPS: usize = 3_000_000;

/// Looks for an order of `calls` that `M` would have answered the same.
///
/// # Errors
///
/// See [`Unexplained`].
pub fn check<M: Model>(calls: &[Call<M::Op, M::Ret>]) -> Result<(), Unexplained> {
    let answered = calls.iter().filter(|call| call.ended.is_some()).count();
    let mut seen = HashSet::new();
    let mut paths = vec![Path::<M>::start(calls.len())];
    let mut longest = (0, String::new());
    let mut tried = 0;
    while let Some(path) = paths.pop() {
        if path.answered == answered {
            return Ok(());
        }
        let next = path.candidates(calls);
        if path.answered > longest.0 || longest.1.is_empty() {
            longest = (path.answered, told(&path, calls, &next));
        }
        // The last that is pushed is tried first: those that ended early are.
        for place in next.into_iter().rev() {
            let Some(call) = calls.get(place) else { continue };
            for state in M::step(&path.state, (place, &call.op), call.answer()) {
                tried += 1;
                let longer = path.with(place, call.ended.is_some(), state);
                if seen.insert((longer.done.clone(), longer.state.clone())) {
                    paths.push(longer);
                }
            }
        }
        if tried > MAX_STEPS {
            return Err(Unexplained::TooHard { tried });
        }
    }
    let (explained, next) = longest;
    Err(Unexplained::NoOrder { explained, calls: answered, next })
}

/// An order of some of the calls.
struct Path<M: Model> {
    /// One bit a call.
    done: Vec<u64>,
    answered: usize,
    state: M::State,
}

impl<M: Model> Path<M> {
    fn start(calls: usize) -> Self {
        Self { done: vec![0; calls.div_ceil(64)], answered: 0, state: M::State::default() }
    }

    fn has(&self, place: usize) -> bool {
        self.done.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn with(&self, place: usize, answered: bool, state: M::State) -> Self {
        let mut done = self.done.clone();
        if let Some(word) = done.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
        Self { done, answered: self.answered + usize::from(answered), state }
    }

    /// The calls that may come next: those that began before any that is left ended. In the order
    /// in which they ended, those without an end last.
    fn candidates(&self, calls: &[Call<M::Op, M::Ret>]) -> Vec<usize> {
        let left = || calls.iter().enumerate().filter(|(place, _)| !self.has(*place));
        let first_end = left().filter_map(|(_, call)| call.end()).min().unwrap_or(u64::MAX);
        let next: BTreeSet<(u64, usize)> = left()
            .filter(|(_, call)| call.begun <= first_end)
            .map(|(place, call)| (call.end().unwrap_or(u64::MAX), place))
            .collect();
        next.into_iter().map(|(_, place)| place).collect()
    }
}

fn told<M: Model>(path: &Path<M>, calls: &[Call<M::Op, M::Ret>], next: &[usize]) -> String {
    let calls: Vec<_> = next.iter().filter_map(|place| calls.get(*place)).collect();
    format!("{calls:?} in {:?}", path.state)
}
