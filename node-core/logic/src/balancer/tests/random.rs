//! Acts by chance: what must hold of tasks after each.

use std::collections::BTreeMap;

use super::{agent, mark, new_task};
use crate::balancer::{
    Act, Assignment, AttemptEnd, Chance, NewTask, Settlement, Task, TaskState, Tasks,
};

#[test]
fn tasks_hold_together_after_any_acts_for_every_seed() {
    for seed in 1..=300 {
        let mut chance = Chance::new(seed);
        let mut tasks = Tasks::default();
        let mut clock = 0;
        let mut ended = BTreeMap::<u64, TaskState>::new();
        for _ in 0..400 {
            clock += chance.draw() % 200_000_000;
            let act = act(&mut chance, &tasks);
            let before: BTreeMap<u64, Task> = tasks.iter().map(|(id, t)| (id, t.clone())).collect();
            let _refused = tasks.apply(mark(clock), act);
            check_steps(&before, &tasks, seed);
            check(&tasks, &mut ended, seed);
        }
    }
}

/// One of all acts, on tasks and attempts that there are, were, or never will be.
fn act(chance: &mut Chance, tasks: &Tasks) -> Act {
    let id = |chance: &mut Chance| 1 + chance.draw() % (tasks.last + 2);
    let attempt = |chance: &mut Chance, id: u64| {
        let last = tasks.get(id).map_or(0, |task| task.attempt);
        last.saturating_sub(1) + u32::try_from(chance.below(3)).unwrap()
    };
    match chance.below(10) {
        0 | 1 => Act::Submit(
            (0..1 + chance.below(4))
                .map(|_| NewTask {
                    attempts: 1 + u32::try_from(chance.below(3)).unwrap(),
                    expires_ms: (chance.below(3) == 0).then(|| 1 + chance.draw() % 3_000),
                    ..new_task(["a", "b"][chance.below(2)])
                })
                .collect(),
        ),
        2..=4 => Act::Assign {
            choices: (0..4)
                .map(|_| {
                    let task = id(chance);
                    let attempt = attempt(chance, task);
                    Assignment { task, attempt, agent: agent(chance.below(4)) }
                })
                .collect(),
            most: 3,
        },
        5..=7 => Act::Settle(
            (0..3)
                .map(|_| {
                    let task = id(chance);
                    let attempt = attempt(chance, task);
                    let reason = "r".to_owned();
                    let end = match chance.below(4) {
                        0 => AttemptEnd::Done { value: "1".to_owned(), took_us: 10 },
                        1 => AttemptEnd::Failed { reason },
                        2 => AttemptEnd::Lost { reason },
                        _ => AttemptEnd::Untaken { reason },
                    };
                    Settlement { task, attempt, agent: agent(chance.below(4)), end }
                })
                .collect(),
        ),
        8 => Act::Cancel(vec![id(chance)]),
        _ => Act::Expire(vec![id(chance), id(chance)]),
    }
}

/// W2 and W3: what is over stays so, and attempts only grow.
fn check_steps(before: &BTreeMap<u64, Task>, tasks: &Tasks, seed: u64) {
    for (id, was) in before {
        let Some(is) = tasks.get(*id) else { continue };
        assert!(is.attempt >= was.attempt && is.failures >= was.failures, "seed {seed}: {id}");
        assert!(is.failures <= is.wanted.attempts, "seed {seed}: {id}");
        if let (TaskState::Running { agent: old, .. }, TaskState::Running { agent: new, .. }) =
            (&was.state, &is.state)
        {
            assert!(old == new && was.attempt == is.attempt, "seed {seed}: {id} went on elsewhere");
        }
    }
}

/// W1, W4 and W5: what is counted is what there is.
fn check(tasks: &Tasks, ended: &mut BTreeMap<u64, TaskState>, seed: u64) {
    let mut in_flight = BTreeMap::new();
    let (mut waiting, mut running) = (0, 0);
    let mut bytes = (0, 0);
    for (id, task) in tasks.iter() {
        let line = tasks.line(&task.wanted.queue);
        match &task.state {
            TaskState::Queued { .. } => {
                waiting += 1;
                assert!(line.unwrap().waiting().any(|there| there == id), "seed {seed}");
                bytes.0 += task.size();
            }
            TaskState::Running { agent, .. } => {
                running += 1;
                assert!(line.unwrap().running().any(|there| there == id), "seed {seed}");
                *in_flight.entry(agent.clone()).or_insert(0) += 1;
                bytes.0 += task.size();
            }
            TaskState::Over { .. } => {
                let first = ended.entry(id).or_insert_with(|| task.state.clone());
                assert_eq!(*first, task.state, "seed {seed}: {id} ended twice");
                bytes.1 += task.size();
            }
        }
    }
    let lines: (usize, usize) = tasks.lines().fold((0, 0), |(waits, runs), (_, line)| {
        (waits + line.waiting().len(), runs + line.running().len())
    });
    assert_eq!(lines, (waiting, running), "seed {seed}");
    assert_eq!(tasks.open(), waiting + running, "seed {seed}");
    assert_eq!(tasks.bytes, bytes, "seed {seed}");
    for (name, record) in tasks.records() {
        let has = in_flight.get(name).copied().unwrap_or(0);
        assert_eq!(record.in_flight, has, "seed {seed}: {name}");
        assert!(has <= 3, "seed {seed}: {name} has {has}");
    }
}
