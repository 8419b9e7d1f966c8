//! Somebody on a node who wants things one after the other.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use covey_logic::{
    Name,
    agreed::{Denied, Granted, Key},
    coordination::{Act, Coordination, Done, Holder, Kind, Place, Refused},
};
use covey_sim::{
    dice::Dice,
    linear::{Asked, CounterOp, History, LockOp, LockRet, Said, VariableOp, VariableRet},
};

use super::{
    clock::Clock,
    planted::Planted,
    rules::Shared,
    world::{id, number},
};
use crate::consensus::{Group, ProposeError, Standing};

/// A client; its machine drops it when its power goes.
pub(super) struct Client {
    pub(super) node: usize,
    /// Tells its life from those before, for keys and values.
    pub(super) life: u64,
    pub(super) group: Arc<Group>,
    pub(super) clock: Clock,
    pub(super) dice: Dice,
    pub(super) history: Shared<History>,
    pub(super) planted: Option<Planted>,
    pub(super) wishes: u64,
    pub(super) tokens: BTreeMap<u8, u64>,
    pub(super) versions: BTreeMap<u8, u64>,
}

/// Objects of each kind: few, so that many want the same.
pub(super) const OBJECTS: u8 = 2;

impl Client {
    /// How long a lease lasts: the shortest, so that some end.
    const LEASE: Duration = Duration::from_secs(1);
    /// Between two wishes, in milliseconds.
    const PAUSE: (u64, u64) = (5, 400);
    /// Times that a wish is repeated under its key when its outcome is unknown.
    const REPEATS: u32 = 2;

    pub(super) async fn run(mut self) {
        loop {
            let pause = self.dice.micros(Self::PAUSE.0, Self::PAUSE.1);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let object = u8::try_from(self.dice.below(OBJECTS.into())).unwrap();
            let asked = match self.dice.below(3) {
                0 => Asked::Lock(self.lock_op(object)),
                1 => Asked::Counter(self.counter_op()),
                _ => Asked::Variable(self.variable_op(object)),
            };
            self.ask(object, &asked).await;
        }
    }

    /// Reads everything, once each.
    pub(super) async fn read_all(mut self) {
        for object in 0..OBJECTS {
            self.ask(object, &Asked::Lock(LockOp::Look)).await;
            self.ask(object, &Asked::Counter(CounterOp::Read)).await;
            self.ask(object, &Asked::Variable(VariableOp::Read)).await;
        }
    }

    fn lock_op(&mut self, object: u8) -> LockOp {
        let lease = u64::try_from(Self::LEASE.as_micros()).unwrap();
        let token = self.tokens.get(&object).copied();
        match (token, self.dice.below(8)) {
            (_, 0) => LockOp::Look,
            (Some(token), 1..=4) => LockOp::Renew { token, lease },
            (Some(token), 5..=6) => LockOp::Release { token },
            _ => LockOp::Acquire { holder: self.node.try_into().unwrap(), lease },
        }
    }

    fn counter_op(&mut self) -> CounterOp {
        let by = i64::try_from(self.dice.below(9)).unwrap() + 1;
        if self.dice.chance(400) { CounterOp::Read } else { CounterOp::Add(by) }
    }

    fn variable_op(&mut self, object: u8) -> VariableOp {
        let seen = self.versions.get(&object).copied().unwrap_or(0);
        let expected = self.dice.chance(600).then_some(seen);
        self.wishes += 1;
        let value = (self.life << 32) + self.wishes;
        match self.dice.below(10) {
            0..=4 => VariableOp::Write { value, expected },
            5 => VariableOp::Erase { expected },
            _ => VariableOp::Read,
        }
    }

    async fn ask(&mut self, object: u8, asked: &Asked) {
        let timeout = Duration::from_millis(self.dice.micros(200, 3_000));
        let name = name_of(object);
        let place = self.history.lock().begin(self.clock.now(), &name.to_string(), asked);
        let said = match self.act(&name, asked) {
            Some(act) => self.propose(asked, act, timeout).await,
            None => self.look(&name, asked, timeout).await,
        };
        if let Some(said) = said {
            self.learn(object, &said);
            self.history.lock().end(self.clock.now(), &place, (asked, said));
        }
    }

    fn act(&self, name: &Name, asked: &Asked) -> Option<Act> {
        let (place, counter, variable) = (lock(name), name.clone(), name.clone());
        Some(match asked {
            Asked::Lock(LockOp::Acquire { .. }) => {
                let holder = Holder { node: id(self.node), session: name_of(0) };
                Act::Acquire { place, holder, permits: 1, lease: Self::LEASE, wait: false }
            }
            Asked::Lock(LockOp::Renew { token, .. }) => Act::Renew { place, token: *token },
            Asked::Lock(LockOp::Release { token }) => Act::Release { place, token: *token },
            Asked::Counter(CounterOp::Add(by)) => Act::Add { counter, by: *by },
            Asked::Variable(VariableOp::Write { value, expected }) => {
                Act::Write { variable, value: value.to_string(), expected: *expected }
            }
            Asked::Variable(VariableOp::Erase { expected }) => {
                Act::Erase { variable, expected: *expected }
            }
            Asked::Lock(_) | Asked::Counter(_) | Asked::Variable(_) => return None,
        })
    }

    /// What came of it; nothing if that is unknown.
    async fn propose(&mut self, asked: &Asked, act: Act, timeout: Duration) -> Option<Said> {
        self.wishes += 1;
        let key = Key::new(&format!("{}-{}", self.life, self.wishes));
        let repeats = if self.dice.chance(500) { Self::REPEATS } else { 0 };
        let mut handed_in = false;
        for _ in 0..=repeats {
            match self.group.propose(act.clone(), key.clone(), timeout).await {
                Ok(Granted::Coordination(done)) => return Some(granted(asked, &done)),
                Ok(other) => panic!("{asked:?}: {other:?}"),
                Err(ProposeError::Refused(Denied::Coordination(refused))) => {
                    return Some(denied(asked, &refused));
                }
                Err(ProposeError::Unknown | ProposeError::Stopped { .. }) => handed_in = true,
                // Of this time; an earlier one may still be done.
                Err(_) if handed_in => {}
                Err(_) => return Some(Said::Undone),
            }
        }
        None
    }

    async fn look(&self, name: &Name, asked: &Asked, timeout: Duration) -> Option<Said> {
        let see = |state: &Coordination| seen(name, asked, state);
        let leads = self.group.view().standing == Standing::Leader;
        if self.planted == Some(Planted::StaleLeader) && leads {
            return Some(self.group.look_here(|agreed| see(agreed.coordination())).0);
        }
        let looked = self.group.look(timeout, |agreed| see(agreed.coordination())).await;
        Some(looked.map_or(Said::Undone, |(said, _)| said))
    }

    fn learn(&mut self, object: u8, said: &Said) {
        match said {
            Said::Lock(LockRet::Held(token)) => drop(self.tokens.insert(object, *token)),
            // A token that is over is shown once more at times: it must be refused for ever.
            Said::Lock(LockRet::Freed | LockRet::Fenced) if self.dice.chance(700) => {
                self.tokens.remove(&object);
            }
            Said::Variable(
                VariableRet::Wrote(version)
                | VariableRet::Conflict(version)
                | VariableRet::Was(Some((_, version))),
            ) => drop(self.versions.insert(object, *version)),
            Said::Lock(_) | Said::Counter(_) | Said::Variable(_) | Said::Undone => {}
        }
    }
}

fn granted(asked: &Asked, done: &Done) -> Said {
    match (asked, done) {
        (Asked::Lock(_), Done::Held { token }) => Said::Lock(LockRet::Held(*token)),
        (Asked::Lock(_), Done::Free) => Said::Lock(LockRet::Freed),
        (Asked::Counter(_), Done::Counted { value }) => Said::Counter(*value),
        (Asked::Variable(_), Done::Wrote { version }) => {
            Said::Variable(VariableRet::Wrote(*version))
        }
        (Asked::Variable(_), Done::Erased) => Said::Variable(VariableRet::Erased),
        other => panic!("an answer to something else: {other:?}"),
    }
}

fn denied(asked: &Asked, refused: &Refused) -> Said {
    match (asked, refused) {
        (Asked::Lock(_), Refused::Held { holder, .. }) => {
            Said::Lock(LockRet::Taken { by: number(holder.node).try_into().unwrap() })
        }
        (Asked::Lock(_), Refused::Fenced { .. }) => Said::Lock(LockRet::Fenced),
        (Asked::Variable(_), Refused::Conflict { version, .. }) => {
            Said::Variable(VariableRet::Conflict(*version))
        }
        other => panic!("a refusal of something else: {other:?}"),
    }
}

fn seen(name: &Name, asked: &Asked, state: &Coordination) -> Said {
    match asked {
        Asked::Lock(_) => {
            let hold = state.place(&lock(name)).and_then(|seats| seats.holds.first());
            let hold = hold.map(|hold| (number(hold.holder.node).try_into().unwrap(), hold.token));
            Said::Lock(LockRet::Was(hold))
        }
        Asked::Counter(_) => Said::Counter(state.counter(name).value),
        Asked::Variable(_) => {
            let there = state.variable(name).map(|variable| &variable.last);
            let there = there.map(|last| (last.value.parse().unwrap(), last.version));
            Said::Variable(VariableRet::Was(there))
        }
    }
}

fn name_of(object: u8) -> Name {
    Name::new(&format!("o{object}")).unwrap()
}

fn lock(name: &Name) -> Place {
    Place { kind: Kind::Lock, name: name.clone() }
}
