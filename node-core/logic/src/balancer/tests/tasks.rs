//! What becomes of tasks.

use super::{NODE, SECOND, accept, agent, apply, assign, done, mark, new_task, one, queue};
use crate::{
    agreed::Key,
    balancer::{
        Act, AttemptEnd, Done, Ending, NewTask, Priority, Refused, Settlement, StrategyKind,
        TaskState, Tasks,
    },
};

#[test]
fn task_is_done_once() {
    let (mut tasks, id) = one();
    assign(&mut tasks, SECOND, id, 1);

    assert_eq!(done(&mut tasks, 2 * SECOND, id, 1), 1);
    assert_eq!(done(&mut tasks, 3 * SECOND, id, 1), 0);

    let task = tasks.get(id).unwrap();
    let ending = Ending::Done { value: "42".to_owned() };
    let over = TaskState::Over { ending, agent: Some(agent(1)), at: 2 * SECOND };
    assert_eq!(task.state, over);
    let record = tasks.record(&agent(1));
    assert_eq!((record.in_flight, record.assigned, record.done), (0, 1, 1));
}

#[test]
fn second_steward_assigns_nothing_that_the_first_did() {
    let (mut tasks, id) = one();

    assert!(assign(&mut tasks, SECOND, id, 1));
    assert!(!assign(&mut tasks, SECOND, id, 2));

    assert_eq!(tasks.get(id).unwrap().attempt, 1);
    assert_eq!(tasks.record(&agent(2)).in_flight, 0);
}

#[test]
fn agent_at_its_limit_gets_no_task_of_any_queue() {
    let mut tasks = Tasks::default();
    let ids = accept(&mut tasks, vec![new_task("a"), new_task("b")]);
    let choice = |task: u64| vec![super::choice(task, 1, 1)];

    let first = Act::Assign { choices: choice(ids[0]), most: 1 };
    assert_eq!(apply(&mut tasks, mark(SECOND), first), Ok(Done::Moved(1)));
    let second = Act::Assign { choices: choice(ids[1]), most: 1 };
    assert_eq!(apply(&mut tasks, mark(SECOND), second), Ok(Done::Moved(0)));
}

#[test]
fn lost_attempts_are_repeated_after_pauses_and_then_fail() {
    let mut tasks = Tasks::default();
    let id = accept(&mut tasks, vec![NewTask { attempts: 3, ..new_task("a") }])[0];
    let mut clock = SECOND;
    let mut pauses = Vec::new();
    for attempt in 1..=3 {
        assert!(super::assign_attempt(&mut tasks, clock, (id, attempt), 1));
        let lost = AttemptEnd::Lost { reason: "it ended".to_owned() };
        super::settle(&mut tasks, clock, (id, attempt), lost);
        if let TaskState::Queued { not_before, .. } = tasks.get(id).unwrap().state {
            pauses.push(not_before - clock);
            assert!(!super::assign_attempt(&mut tasks, not_before - 1, (id, attempt + 1), 1));
            clock = not_before;
        }
    }

    assert_eq!(pauses, [Tasks::BACK_OFF, 2 * Tasks::BACK_OFF]);
    let TaskState::Over { ending: Ending::Failed { reason }, .. } = &tasks.get(id).unwrap().state
    else {
        panic!("{:?}", tasks.get(id))
    };
    assert_eq!(reason, "3 attempts failed, the last: it ended");
}

#[test]
fn untaken_attempts_count_for_nothing() {
    let mut tasks = Tasks::default();
    let id = accept(&mut tasks, vec![NewTask { attempts: 1, ..new_task("a") }])[0];

    for attempt in 1..=50 {
        let clock = u64::from(attempt) * SECOND;
        assert!(super::assign_attempt(&mut tasks, clock, (id, attempt), 1));
        let untaken = AttemptEnd::Untaken { reason: "busy".to_owned() };
        super::settle(&mut tasks, clock, (id, attempt), untaken);
    }

    assert!(!tasks.get(id).unwrap().is_over());
    assert_eq!(tasks.record(&agent(1)).in_flight, 0);
}

/// A steward gave the first up too early; both agents answer.
#[test]
fn first_answer_of_two_attempts_is_the_result() {
    let (mut tasks, id) = one();
    assign(&mut tasks, SECOND, id, 1);
    let lost = AttemptEnd::Lost { reason: "no answer".to_owned() };
    super::settle(&mut tasks, 2 * SECOND, (id, 1), lost);
    assert!(super::assign_attempt(&mut tasks, 3 * SECOND, (id, 2), 2));

    assert_eq!(done(&mut tasks, 4 * SECOND, id, 1), 1);
    let late = AttemptEnd::Done { value: "2".to_owned(), took_us: 1, node: NODE };
    let late = Settlement { task: id, attempt: 2, agent: agent(2), end: late };
    assert_eq!(apply(&mut tasks, mark(5 * SECOND), Act::Settle(vec![late])), Ok(Done::Moved(0)));

    let (first, second) = (tasks.record(&agent(1)), tasks.record(&agent(2)));
    assert_eq!((first.in_flight, second.in_flight), (0, 0));
    assert_eq!((first.done, second.done), (1, 0));
}

#[test]
fn task_that_is_submitted_again_under_its_key_is_the_same() {
    let mut tasks = Tasks::default();
    let keyed =
        |params: &str| NewTask { key: Key::new("k"), params: params.to_owned(), ..new_task("a") };
    let first = accept(&mut tasks, vec![new_task("a"), keyed("1")]);

    assert_eq!(accept(&mut tasks, vec![keyed("1"), new_task("a")]), [first[1], first[1] + 1]);

    let key = Key::new("k").unwrap();
    let reused = Refused::KeyReused { key, task: first[1] };
    assert_eq!(apply(&mut tasks, mark(0), Act::Submit(vec![keyed("2")])), Err(reused));
}

#[test]
fn most_urgent_waits_first() {
    let mut tasks = Tasks::default();
    let with = |priority, expires_ms| NewTask { priority, expires_ms, ..new_task("a") };
    let ids = accept(
        &mut tasks,
        vec![
            with(Priority::Low, Some(1)),
            with(Priority::Normal, None),
            with(Priority::Normal, Some(9_000)),
            with(Priority::Normal, Some(5_000)),
            with(Priority::High, None),
        ],
    );

    let line: Vec<u64> = tasks.line(&queue("a")).unwrap().waiting().collect();

    assert_eq!(line, [4, 3, 2, 1, 0].map(|place| ids[place]));
}

#[test]
fn task_expires_at_its_time_and_not_before() {
    let mut tasks = Tasks::default();
    let id = accept(&mut tasks, vec![NewTask { expires_ms: Some(1_000), ..new_task("a") }])[0];

    assert_eq!(apply(&mut tasks, mark(SECOND - 1), Act::Expire(vec![id])), Ok(Done::Moved(0)));
    assert!(!assign(&mut tasks, SECOND, id, 1));
    assert_eq!(tasks.expired(SECOND).collect::<Vec<_>>(), [id]);
    assert_eq!(apply(&mut tasks, mark(SECOND), Act::Expire(vec![id])), Ok(Done::Moved(1)));
    assert_eq!(tasks.expiries().next(), None);
}

#[test]
fn cancelled_task_takes_no_result() {
    let (mut tasks, id) = one();
    assign(&mut tasks, SECOND, id, 1);

    assert_eq!(
        apply(&mut tasks, mark(SECOND), Act::Cancel(vec![id])),
        Ok(Done::Cancelled(vec![id]))
    );
    assert_eq!(done(&mut tasks, 2 * SECOND, id, 1), 0);

    assert_eq!(tasks.record(&agent(1)).in_flight, 0);
    assert_eq!(apply(&mut tasks, mark(SECOND), Act::Cancel(vec![id])), Ok(Done::Cancelled(vec![])));
    assert_eq!(
        apply(&mut tasks, mark(SECOND), Act::Cancel(vec![99])),
        Err(Refused::NoTask { task: 99 })
    );
}

#[test]
fn submission_is_accepted_whole_or_not_at_all() {
    let mut tasks = Tasks::default();
    let bad = NewTask { timeout_ms: 0, ..new_task("a") };
    let many = |count| vec![new_task("a"); count];
    let long = NewTask { params: "x".repeat(Tasks::MAX_TEXT + 1), ..new_task("a") };
    let large = NewTask { params: "x".repeat(Tasks::MAX_TEXT), ..new_task("a") };

    let unfit = |field: &str| Err(Refused::Unfit { field: field.to_owned() });
    let mut submit = |wanted| apply(&mut tasks, mark(0), Act::Submit(wanted));
    assert_eq!(submit(vec![new_task("a"), bad]), unfit("timeout_ms"));
    assert_eq!(submit(vec![long]), unfit("params"));
    assert!(matches!(submit(many(0)), Err(Refused::Count { .. })));
    assert!(matches!(submit(many(Tasks::MAX_AT_ONCE + 1)), Err(Refused::Count { .. })));
    assert!(matches!(submit(vec![large; 3]), Err(Refused::TooLarge { .. })));
    for _ in 0..Tasks::MAX_OPEN / Tasks::MAX_AT_ONCE {
        submit(many(Tasks::MAX_AT_ONCE)).unwrap();
    }
    assert!(matches!(submit(many(1)), Err(Refused::Full { .. })));
    assert_eq!(tasks.open(), Tasks::MAX_OPEN);
}

#[test]
fn tasks_that_are_over_are_kept_for_a_while() {
    let mut tasks = Tasks::default();
    let mut ids = Vec::new();
    for _ in 0..=Tasks::KEPT / Tasks::MAX_AT_ONCE {
        ids.extend(accept(&mut tasks, vec![new_task("a"); Tasks::MAX_AT_ONCE]));
    }
    for some in ids.chunks(Tasks::MAX_AT_ONCE) {
        apply(&mut tasks, mark(0), Act::Cancel(some.to_vec())).unwrap();
    }

    assert_eq!(tasks.iter().count(), Tasks::KEPT);
    assert!(tasks.get(ids[0]).is_none());
    assert_eq!(tasks.open(), 0);
}

#[test]
fn strategy_is_of_a_queue_or_of_all() {
    let mut tasks = Tasks::default();
    let mut choose = |queue, strategy| apply(&mut tasks, mark(0), Act::Choose { queue, strategy });
    choose(None, Some(StrategyKind::Capability)).unwrap();
    choose(Some(queue("a")), Some(StrategyKind::RoundRobin)).unwrap();
    assert_eq!(tasks.strategy(&queue("a")), StrategyKind::RoundRobin);
    assert_eq!(tasks.strategy(&queue("b")), StrategyKind::Capability);

    apply(&mut tasks, mark(0), Act::Choose { queue: Some(queue("a")), strategy: None }).unwrap();

    assert_eq!(tasks.strategy(&queue("a")), StrategyKind::Capability);
}
