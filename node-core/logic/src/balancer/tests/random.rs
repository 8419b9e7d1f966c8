//! Acts by chance: what must hold of tasks after each.

use std::collections::BTreeMap;

use super::{NODE, agent, mark, new_task, queue};
use crate::{
    agreed::{Agreed, Entry, Wish},
    balancer::{
        Act, Assignment, AttemptEnd, Chance, NewTask, Pay, Settlement, StrategyKind, Task,
        TaskPhase, TaskState, Tasks,
    },
    credits::Credits,
    economics::{Account, ledger},
    ids::Epoch,
};

#[test]
fn tasks_hold_together_after_any_acts_for_every_seed() {
    for seed in 1..=300 {
        let mut chance = Chance::new(seed);
        let mut agreed = Agreed::default();
        for account in [Account::Owner(NODE), Account::Agent(agent(9))] {
            let issue = ledger::Act::Issue { to: account, amount: credits(60) };
            agreed.apply(entry(0, Wish::Economics(issue.into()))).unwrap();
        }
        let (mut clock, mut refused) = (0, 0);
        let mut ended = BTreeMap::<u64, TaskState>::new();
        for _ in 0..400 {
            clock += chance.draw() % 200_000_000;
            let act = act(&mut chance, agreed.tasks());
            let before: BTreeMap<u64, Task> =
                agreed.tasks().iter().map(|(id, task)| (id, task.clone())).collect();
            refused += u32::from(agreed.apply(entry(clock, act.into())).is_err());
            check_steps(&before, agreed.tasks(), seed);
            check(agreed.tasks(), &mut ended, seed);
            check_books(&agreed, seed);
        }
        assert_eq!(agreed.audit().faults, [], "seed {seed}");
        assert!(refused > 0, "seed {seed}");
    }
}

/// One of all acts, on tasks and attempts that there are, were, or never will be.
fn act(chance: &mut Chance, tasks: &Tasks) -> Act {
    let id = |chance: &mut Chance| 1 + chance.draw() % (tasks.last + 2);
    let attempt = |chance: &mut Chance, id: u64| {
        let last = tasks.get(id).map_or(0, |task| task.attempt);
        last.saturating_sub(1) + u32::try_from(chance.below(3)).unwrap()
    };
    match chance.below(11) {
        0 | 1 => Act::Submit(
            (0..1 + chance.below(4))
                .map(|_| NewTask {
                    attempts: 1 + u32::try_from(chance.below(3)).unwrap(),
                    expires_ms: (chance.below(3) == 0).then(|| 1 + chance.draw() % 3_000),
                    pay: pay(chance),
                    ..new_task(["a", "b"][chance.below(2)])
                })
                .collect(),
        ),
        2..=4 => Act::Assign {
            choices: (0..4)
                .map(|_| {
                    let task = id(chance);
                    let attempt = attempt(chance, task);
                    // At times a price that nobody agreed to.
                    let paid = tasks.get(task).is_some_and(|task| task.wanted.pay.is_some());
                    let price = (paid == (chance.below(9) > 0)).then(|| credits(chance.draw() % 9));
                    Assignment { task, attempt, agent: agent(chance.below(4)), price }
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
                        0 => AttemptEnd::Done { value: "1".to_owned(), took_us: 10, node: NODE },
                        1 => AttemptEnd::Failed { reason },
                        2 => AttemptEnd::Lost { reason },
                        _ => AttemptEnd::Untaken { reason },
                    };
                    Settlement { task, attempt, agent: agent(chance.below(4)), end }
                })
                .collect(),
        ),
        8 => Act::Choose {
            queue: [None, Some(queue("a"))][chance.below(2)].clone(),
            strategy: [None, Some(StrategyKind::Auction), Some(StrategyKind::Auction)]
                [chance.below(3)],
        },
        9 => Act::Cancel(vec![id(chance)]),
        _ => Act::Expire(vec![id(chance), id(chance)]),
    }
}

fn pay(chance: &mut Chance) -> Option<Pay> {
    let by = (chance.below(2) == 0).then(|| (agent(9), Epoch(1)));
    (chance.below(2) == 0).then(|| Pay { most: credits(chance.draw() % 8), by })
}

fn credits(amount: u64) -> Credits {
    Credits::new(amount).unwrap()
}

fn entry(clock: u64, wish: Wish) -> Entry {
    let mark = mark(clock);
    Entry { actor: mark.by, at: mark.at, key: None, clock, wish }
}

/// W6, and that no credit is made or lost.
fn check_books(agreed: &Agreed, seed: u64) {
    let ledger = agreed.economics().ledger();
    assert!(ledger.is_balanced(), "seed {seed}");
    assert_eq!(ledger.audit_tasks(agreed.tasks().held()), [], "seed {seed}");
    for (_, task) in agreed.tasks().iter() {
        let paid = matches!(task.phase(), TaskPhase::Done) && task.wanted.pay.is_some();
        let most = task.wanted.pay.as_ref().map_or(Credits::ZERO, |pay| pay.most);
        assert!(task.price().is_none_or(|price| price <= most), "seed {seed}");
        assert!(!task.is_over() || paid || task.price().is_none(), "seed {seed}");
    }
    for queue in ["a", "b"].map(queue) {
        let by_auction = agreed.tasks().strategy(&queue) == StrategyKind::Auction;
        let pays = |(_, task): (u64, &Task)| {
            !task.is_over() && task.wanted.queue == queue && task.wanted.pay.is_some()
        };
        assert!(by_auction || !agreed.tasks().iter().any(pays), "seed {seed}");
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
