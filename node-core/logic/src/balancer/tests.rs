//! What must hold of choices and tasks.

mod auction;
mod pay;
mod random;
mod stewards;
mod strategies;
mod tasks;

use super::{
    Act, Assignment, AttemptEnd, Done, Mark, NewTask, Priority, Queue, Refused, Settlement, Tasks,
};
use crate::{
    ids::{Name, NodeId},
    time::Wall,
};

const NODE: NodeId = NodeId([1; 32]);
const SECOND: u64 = 1_000_000_000;

/// A task, accepted alone.
fn one() -> (Tasks, u64) {
    let mut tasks = Tasks::default();
    let id = accept(&mut tasks, vec![new_task("a")])[0];
    (tasks, id)
}

fn accept(tasks: &mut Tasks, wanted: Vec<NewTask>) -> Vec<u64> {
    apply(tasks, mark(0), Act::Submit(wanted)).unwrap().ids()
}

/// What no ledger is asked for here.
fn apply(tasks: &mut Tasks, mark: Mark, act: Act) -> Result<Done, Refused> {
    tasks.apply(mark, act, &mut Vec::new())
}

/// Whether the first attempt of a task begins.
fn assign(tasks: &mut Tasks, clock: u64, id: u64, number: usize) -> bool {
    assign_attempt(tasks, clock, (id, 1), number)
}

fn assign_attempt(tasks: &mut Tasks, clock: u64, (id, attempt): (u64, u32), number: usize) -> bool {
    let act = Act::Assign { choices: vec![choice(id, attempt, number)], most: 10 };
    apply(tasks, mark(clock), act) == Ok(Done::Moved(1))
}

fn choice(task: u64, attempt: u32, number: usize) -> Assignment {
    Assignment { task, attempt, agent: agent(number), price: None }
}

/// How many tasks end when the first agent did this one.
fn done(tasks: &mut Tasks, clock: u64, task: u64, attempt: u32) -> u32 {
    let end = AttemptEnd::Done { value: "42".to_owned(), took_us: 1_000, node: NODE };
    settle(tasks, clock, (task, attempt), end)
}

fn settle(tasks: &mut Tasks, clock: u64, (task, attempt): (u64, u32), end: AttemptEnd) -> u32 {
    let settlement = Settlement { task, attempt, agent: agent(1), end };
    match apply(tasks, mark(clock), Act::Settle(vec![settlement])) {
        Ok(Done::Moved(count)) => count,
        other => panic!("{other:?}"),
    }
}

fn new_task(capability: &str) -> NewTask {
    NewTask {
        queue: queue(capability),
        method: "do".to_owned(),
        params: "{}".to_owned(),
        priority: Priority::Normal,
        expires_ms: None,
        timeout_ms: NewTask::TIMEOUT_MS,
        attempts: NewTask::ATTEMPTS,
        key: None,
        session: None,
        pay: None,
        check: None,
    }
}

fn mark(clock: u64) -> Mark {
    Mark { clock, by: NodeId([1; 32]), at: Wall(7) }
}

fn queue(capability: &str) -> Queue {
    capability.parse().unwrap()
}

fn agent(number: usize) -> Name {
    Name::new(&format!("agent-{number}")).unwrap()
}
