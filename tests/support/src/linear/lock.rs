//! What a lock with leases and fencing tokens does, for callers who do not wait in line.

use super::{Call, Model};

/// A lock that is free at first.
#[derive(Debug)]
pub struct Lock;

/// What a lock is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockOp {
    /// To be held by somebody, for so long without a word, in the unit of the clock.
    Acquire {
        /// By whom.
        holder: u64,
        /// How long.
        lease: u64,
    },
    /// To begin a lease anew.
    Renew {
        /// Of which holding.
        token: u64,
        /// How long it is.
        lease: u64,
    },
    /// To be given up.
    Release {
        /// Which holding.
        token: u64,
    },
    /// To be free again, as the lease that the call with this number began is over.
    End {
        /// Which call.
        of: usize,
    },
    /// To be looked at.
    Look,
}

/// What a lock answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockRet {
    /// It is held under this token.
    Held(u64),
    /// It is another's.
    Taken {
        /// Whose.
        by: u64,
    },
    /// The token is no longer good.
    Fenced,
    /// It is no longer held under the token.
    Freed,
    /// Who holds it, under which token.
    Was(Option<(u64, u64)>),
}

/// What a lock is between two calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LockState {
    hold: Option<Hold>,
    /// Every later token is greater.
    floor: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Hold {
    holder: u64,
    /// Nobody learned it if the holder did not.
    token: Option<u64>,
    /// The call that began its lease.
    by: usize,
}

/// The calls, and for each that may have begun a lease one that ends it: when the lease is over at
/// the earliest, or at any time if leases may end early.
#[must_use]
pub fn with_ends(mut calls: Vec<Call<LockOp, LockRet>>, early: bool) -> Vec<Call<LockOp, LockRet>> {
    let end = |(of, call): (usize, &Call<LockOp, LockRet>)| match call.op {
        LockOp::Acquire { lease, .. } | LockOp::Renew { lease, .. } => {
            let lease = if early { 0 } else { lease };
            Some(Call::begun(LockOp::End { of }, call.begun.saturating_add(lease)))
        }
        LockOp::Release { .. } | LockOp::End { .. } | LockOp::Look => None,
    };
    let ends: Vec<_> = calls.iter().enumerate().filter_map(end).collect();
    calls.extend(ends);
    calls
}

impl LockState {
    /// The same, if it may be held under `token`.
    fn under(&self, token: u64) -> Option<(Self, Hold)> {
        let hold = self.hold?;
        let good = hold.token.map_or(token > self.floor, |known| known == token);
        let hold = Hold { token: Some(token), ..hold };
        good.then(|| (Self { hold: Some(hold), floor: self.floor.max(token) }, hold))
    }

    fn free(&self) -> Self {
        Self { hold: None, ..self.clone() }
    }

    fn held(&self, hold: Hold) -> Self {
        Self { hold: Some(hold), ..self.clone() }
    }

    fn acquire(&self, (by, holder): (usize, u64), ret: Option<&LockRet>) -> Option<Self> {
        match (self.hold, ret) {
            (None, None) => Some(self.held(Hold { holder, token: None, by })),
            (None, Some(LockRet::Held(token))) if *token > self.floor => {
                Some(Self { hold: Some(Hold { holder, token: Some(*token), by }), floor: *token })
            }
            (Some(hold), None) if hold.holder == holder => Some(self.held(Hold { by, ..hold })),
            (Some(hold), Some(LockRet::Held(token))) if hold.holder == holder => {
                self.under(*token).map(|(kept, hold)| kept.held(Hold { by, ..hold }))
            }
            (Some(hold), Some(LockRet::Taken { by })) if hold.holder == *by && holder != *by => {
                Some(self.clone())
            }
            _ => None,
        }
    }

    /// Shows a token; `then` says what follows if it is good.
    fn show(
        &self,
        token: u64,
        ret: Option<&LockRet>,
        then: impl Fn(&Self, Hold) -> (Self, LockRet),
    ) -> Option<Self> {
        match ret {
            Some(LockRet::Fenced) => {
                let good = self.hold.is_some_and(|hold| hold.token == Some(token));
                (!good).then(|| self.clone())
            }
            ret => {
                let (kept, hold) = self.under(token)?;
                let (after, answer) = then(&kept, hold);
                ret.is_none_or(|ret| *ret == answer).then_some(after)
            }
        }
    }
}

impl Model for Lock {
    type State = LockState;
    type Op = LockOp;
    type Ret = LockRet;

    fn step(
        state: &LockState,
        (call, op): (usize, &LockOp),
        ret: Option<&LockRet>,
    ) -> Vec<LockState> {
        let after = match op {
            LockOp::Acquire { holder, .. } => state.acquire((call, *holder), ret),
            LockOp::Renew { token, .. } => state.show(*token, ret, |kept, hold| {
                (kept.held(Hold { by: call, ..hold }), LockRet::Held(*token))
            }),
            LockOp::Release { token } => {
                state.show(*token, ret, |kept, _| (kept.free(), LockRet::Freed))
            }
            LockOp::End { of } => {
                state.hold.is_some_and(|hold| hold.by == *of).then(|| state.free())
            }
            LockOp::Look => match ret {
                Some(LockRet::Was(None)) => state.hold.is_none().then(|| state.clone()),
                Some(LockRet::Was(Some((holder, token)))) => {
                    state.under(*token).filter(|(_, hold)| hold.holder == *holder).map(|at| at.0)
                }
                _ => None,
            },
        };
        after.into_iter().collect()
    }
}
