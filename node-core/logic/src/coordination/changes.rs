//! What an act changed, as facts for people.
//!
//! An act is looked at before it is carried out, and what it concerns again afterwards; so the
//! primitives need not know that anybody is told.

use crate::{
    coordination::{Act, Coordination, Holder, Place},
    event::{Excerpt, Fact, Parting},
    ids::Name,
};

/// What an act concerns, as it was before.
#[derive(Debug)]
pub(crate) enum Before {
    Nothing,
    /// Who held what the act ends, under which token, and how it ends.
    Place(Place, Option<(Holder, u64, Parting)>),
    /// The barriers, and the last generation of each that ended.
    Barriers(Vec<(Name, u64)>),
    Counter(Name, Option<i64>),
    Variable(Name, Option<(Excerpt, u64)>),
    Question(Name, Option<Excerpt>),
}

impl Before {
    pub(crate) fn of(state: &Coordination, act: &Act) -> Self {
        let ends = |place: &Place, token: u64, how: Parting| {
            let held = state.place(place).and_then(|seats| seats.held(token));
            let gone = held.map(|hold| (hold.holder.clone(), token, how));
            Self::Place(place.clone(), gone)
        };
        match act {
            Act::Acquire { place, .. } => Self::Place(place.clone(), None),
            Act::Release { place, token } => ends(place, *token, Parting::Released),
            Act::Revoke { place, token } => ends(place, *token, Parting::Revoked),
            Act::Expire { place, token, .. } => ends(place, *token, Parting::Expired),
            Act::Arrive { barrier, .. }
            | Act::Leave { barrier, .. }
            | Act::Break { barrier, .. } => {
                Self::Barriers(vec![(barrier.clone(), ended(state, barrier))])
            }
            Act::Depart { node, .. } => {
                let concerned = state
                    .barriers()
                    .filter(|(_, there)| there.arrived.keys().any(|party| party.node == *node));
                let named = concerned.map(|(name, _)| (name.clone(), ended(state, name)));
                Self::Barriers(named.collect())
            }
            Act::Add { counter, .. } | Act::Discard { counter } => {
                Self::Counter(counter.clone(), value(state, counter))
            }
            Act::Register { variable, .. }
            | Act::Write { variable, .. }
            | Act::Erase { variable, .. } => {
                Self::Variable(variable.clone(), written(state, variable))
            }
            Act::Decide { question, .. } | Act::Reopen { question } => {
                Self::Question(question.clone(), answer(state, question))
            }
            Act::Fenced { act, .. } => Self::of(state, act),
            Act::Renew { .. } | Act::StepBack { .. } => Self::Nothing,
        }
    }

    /// What the act of the entry at `index` changed.
    pub(crate) fn changes(self, index: u64, state: &Coordination) -> Vec<Fact> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Place(place, gone) => places(index, state, place, gone),
            Self::Barriers(before) => before
                .into_iter()
                .filter_map(|(barrier, last)| barrier_ended(state, barrier, last))
                .collect(),
            Self::Counter(counter, before) => match (before, value(state, &counter)) {
                (None, Some(_)) => vec![Fact::CounterMade { counter }],
                (Some(value), None) => {
                    vec![Fact::CounterRemoved { counter, value: value.to_string() }]
                }
                (None, None) | (Some(_), Some(_)) => Vec::new(),
            },
            Self::Variable(variable, before) => {
                let now = written(state, &variable);
                if before == now {
                    return Vec::new();
                }
                let (old, was) = before.map_or((None, 0), |(old, was)| (Some(old), was));
                let new = now.map(|(new, _)| new);
                vec![Fact::VariableChanged { variable, old, new, was, version: index }]
            }
            Self::Question(question, before) => match (before, answer(state, &question)) {
                (None, Some(answer)) => vec![Fact::QuestionSettled { question, answer }],
                (Some(answer), None) => vec![Fact::QuestionReopened { question, answer }],
                (None, None) | (Some(_), Some(_)) => Vec::new(),
            },
        }
    }
}

fn places(
    index: u64,
    state: &Coordination,
    place: Place,
    gone: Option<(Holder, u64, Parting)>,
) -> Vec<Fact> {
    let held = |token| state.place(&place).and_then(|seats| seats.held(token));
    let left = gone.filter(|(_, token, _)| held(*token).is_none());
    // A token is the index of the entry that granted it.
    let taken = held(index).map(|hold| hold.holder.clone());
    let left = left.map(|(holder, token, how)| Fact::PlaceLeft {
        place: place.clone(),
        holder,
        token,
        how,
    });
    let taken = taken.map(|holder| Fact::PlaceTaken { place, holder, token: index });
    left.into_iter().chain(taken).collect()
}

fn barrier_ended(state: &Coordination, barrier: Name, before: u64) -> Option<Fact> {
    let there = state.barrier(&barrier)?;
    let (generation, fate) = there.ended.back().filter(|(ended, _)| *ended != before)?.clone();
    Some(Fact::BarrierEnded { barrier, generation, parties: there.parties, fate })
}

/// The last generation of a barrier that ended; nought if none did.
fn ended(state: &Coordination, barrier: &Name) -> u64 {
    state.barrier(barrier).and_then(|there| there.ended.back()).map_or(0, |(ended, _)| *ended)
}

fn value(state: &Coordination, counter: &Name) -> Option<i64> {
    state.known_counter(counter).map(|counter| counter.value)
}

fn written(state: &Coordination, variable: &Name) -> Option<(Excerpt, u64)> {
    let last = &state.variable(variable)?.last;
    Some((Excerpt::of(&last.value), last.version))
}

fn answer(state: &Coordination, question: &Name) -> Option<Excerpt> {
    state.decision(question).map(|settled| Excerpt::of(&settled.value))
}
