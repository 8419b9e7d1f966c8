//! What a counter does.

use super::Model;

/// A counter that begins at nought.
#[derive(Debug)]
pub struct Counter;

/// What a counter is asked; it answers with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterOp {
    /// To change by so much.
    Add(i64),
    /// To be read.
    Read,
}

impl Model for Counter {
    type State = i64;
    type Op = CounterOp;
    type Ret = i64;

    fn step(state: &i64, (_, op): (usize, &CounterOp), ret: Option<&i64>) -> Vec<i64> {
        let after = match op {
            CounterOp::Add(by) => state.wrapping_add(*by),
            CounterOp::Read => *state,
        };
        let told = ret.map_or(after != *state, |value| *value == after);
        told.then_some(after).into_iter().collect()
    }
}
