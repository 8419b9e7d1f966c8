//! What clients asked of objects of all kinds, and saw.

use std::{
    collections::BTreeMap,
    hash::{Hash as _, Hasher},
};

use super::{
    Call, Counter, CounterOp, Lock, LockOp, LockRet, Model, Variable, VariableOp, VariableRet,
    check, with_ends,
};

/// All calls, by kind and object.
#[derive(Debug, Default)]
pub struct History {
    locks: Calls<LockOp, LockRet>,
    counters: Calls<CounterOp, i64>,
    variables: Calls<VariableOp, VariableRet>,
    answered: usize,
    undone: usize,
}

/// Of each object; none for a call that was not done.
type Calls<O, R> = BTreeMap<String, Vec<Option<Call<O, R>>>>;

/// What an object is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A lock.
    Lock(LockOp),
    /// A counter.
    Counter(CounterOp),
    /// A variable.
    Variable(VariableOp),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A lock answered.
    Lock(LockRet),
    /// A counter answered.
    Counter(i64),
    /// A variable answered.
    Variable(VariableRet),
    /// It was not done, and will not be.
    Undone,
}

/// A call that is not answered yet.
#[derive(Clone, Debug)]
pub struct Place {
    object: String,
    place: usize,
}

impl History {
    /// Notes that an object is asked.
    pub fn begin(&mut self, at: u64, object: &str, asked: &Asked) -> Place {
        match asked {
            Asked::Lock(op) => begin(&mut self.locks, (object, at), op),
            Asked::Counter(op) => begin(&mut self.counters, (object, at), op),
            Asked::Variable(op) => begin(&mut self.variables, (object, at), op),
        }
    }

    /// Notes what became of it. A call of which nobody learns that is left as it is.
    pub fn end(&mut self, at: u64, place: &Place, (asked, said): (&Asked, Said)) {
        let count = if said == Said::Undone { &mut self.undone } else { &mut self.answered };
        *count += 1;
        match (asked, said) {
            (Asked::Lock(_), Said::Lock(ret)) => end(&mut self.locks, place, Some((at, ret))),
            (Asked::Lock(_), _) => end(&mut self.locks, place, None),
            (Asked::Counter(_), Said::Counter(ret)) => {
                end(&mut self.counters, place, Some((at, ret)));
            }
            (Asked::Counter(_), _) => end(&mut self.counters, place, None),
            (Asked::Variable(_), Said::Variable(ret)) => {
                end(&mut self.variables, place, Some((at, ret)));
            }
            (Asked::Variable(_), _) => end(&mut self.variables, place, None),
        }
    }

    /// Calls that were answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answered
    }

    /// Calls that were not done.
    #[must_use]
    pub fn undone(&self) -> usize {
        self.undone
    }

    /// Whether it is linearizable, object by object; leases may end early if a clock went faster
    /// than that of the calls.
    ///
    /// # Errors
    ///
    /// What cannot be explained, in words.
    pub fn check(&self, early: bool) -> Result<(), String> {
        for (object, calls) in &self.counters {
            explain::<Counter>(("counter", object), &done(calls))?;
        }
        for (object, calls) in &self.variables {
            explain::<Variable>(("variable", object), &done(calls))?;
        }
        for (object, calls) in &self.locks {
            let calls = done(calls);
            if !early {
                exclusive(&calls).map_err(|why| format!("lock {object}: {why}"))?;
            }
            explain::<Lock>(("lock", object), &with_ends(calls, early))?;
        }
        Ok(())
    }

    /// Adds everything that was seen to a hash.
    pub fn add_to(&self, hasher: &mut impl Hasher) {
        format!("{:?}{:?}{:?}", self.locks, self.counters, self.variables).hash(hasher);
    }
}

fn begin<O: Clone, R>(calls: &mut Calls<O, R>, (object, at): (&str, u64), op: &O) -> Place {
    let calls = calls.entry(object.to_owned()).or_default();
    calls.push(Some(Call::begun(op.clone(), at)));
    Place { object: object.to_owned(), place: calls.len() - 1 }
}

fn end<O, R>(calls: &mut Calls<O, R>, place: &Place, answer: Option<(u64, R)>) {
    let calls = calls.get_mut(&place.object);
    let Some(call) = calls.and_then(|calls| calls.get_mut(place.place)) else { return };
    match (answer, call) {
        (Some(answer), Some(call)) => call.ended = Some(answer),
        (_, call) => *call = None,
    }
}

fn done<O: Clone, R: Clone>(calls: &[Option<Call<O, R>>]) -> Vec<Call<O, R>> {
    calls.iter().flatten().cloned().collect()
}

fn explain<M: Model>(
    (kind, object): (&str, &str),
    calls: &[Call<M::Op, M::Ret>],
) -> Result<(), String> {
    check::<M>(calls).map_err(|why| format!("{kind} {object}, {} calls: {why}", calls.len()))
}

/// One holder at a time, as far as each may believe: from the grant to the end of its lease or its
/// giving up, by a clock that goes as all others do.
fn exclusive(calls: &[Call<LockOp, LockRet>]) -> Result<(), String> {
    let given_up = |token: u64| {
        let releases = calls.iter().filter(|call| call.op == LockOp::Release { token });
        releases.map(|call| call.begun).min().unwrap_or(u64::MAX)
    };
    let belief = |call: &Call<LockOp, LockRet>| match (&call.op, &call.ended) {
        (
            LockOp::Acquire { lease, .. } | LockOp::Renew { lease, .. },
            Some((from, LockRet::Held(token))),
        ) => {
            let until = call.begun.saturating_add(*lease).min(given_up(*token));
            // Who learned of it too late believes nothing.
            (*from < until).then_some((*from, until, *token))
        }
        _ => None,
    };
    let mut beliefs: Vec<(u64, u64, u64)> = calls.iter().filter_map(belief).collect();
    beliefs.sort_unstable();
    for (place, (_, until, token)) in beliefs.iter().enumerate() {
        let overlaps = |other: &&(u64, u64, u64)| other.2 != *token && other.0 < *until;
        if let Some((from, _, other)) = beliefs.iter().skip(place + 1).find(overlaps) {
            return Err(format!(
                "two hold it: under {token} until {until}, under {other} from {from}"
            ));
        }
    }
    Ok(())
}
