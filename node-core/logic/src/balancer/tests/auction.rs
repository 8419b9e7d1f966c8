//! Who wins a task by auction, and what it is paid.

use super::{NODE, SECOND, agent, apply, mark, new_task, queue};
use crate::{
    balancer::{
        Able, Act, Assignment, Bid, Dispatcher, Limits, NewTask, NoChoice, Pace, Pay, Pool, Round,
        StrategyKind, Tasks, Worker,
    },
    credits::{Ask, Credits},
    ids::NodeId,
};

const MS: u64 = 1_000_000;

#[test]
fn lowest_ask_wins_and_is_paid_the_next() {
    let mut pool = pool(&[(1, 2_000, 3), (2, 1_000, 4), (3, 4_000, 9)]);

    assert_eq!(pool.award(credits(50)), Ok((agent(1), credits(6))), "4 is asked, and 6 is next");
}

#[test]
fn next_is_what_another_node_asks() {
    let mut pool = pool(&[(1, 1_000, 3), (1, 1_000, 4), (2, 1_000, 9)]);

    assert_eq!(pool.award(credits(50)), Ok((agent(0), credits(9))));
}

#[test]
fn nobody_is_paid_more_than_the_task_pays() {
    let mut alone = pool(&[(1, 1_000, 3)]);
    assert_eq!(alone.award(credits(50)), Ok((agent(0), credits(50))), "there is no second");

    let mut two = pool(&[(1, 1_000, 3), (2, 1_000, 9)]);
    assert_eq!(two.award(credits(5)), Ok((agent(0), credits(5))));
}

#[test]
fn ask_above_what_is_paid_does_not_win() {
    let mut pool = pool(&[(1, 1_000, 3), (2, 1_000, 9)]);

    let dear = NoChoice::TooDear { least: credits(3), most: credits(2) };
    assert_eq!(pool.award(credits(2)), Err(dear));
    pool.award(credits(3)).unwrap();
    let dear = NoChoice::TooDear { least: credits(6), most: credits(3) };
    assert_eq!(pool.award(credits(3)), Err(dear), "each task in flight makes it dearer");
}

#[test]
fn of_equal_asks_who_had_one_longest_ago_wins() {
    let mut pool = pool(&[(1, 1_000, 1), (2, 1_000, 1), (3, 1_000, 1)]);

    let winners: Vec<_> = (0..6)
        .map(|_| {
            let (winner, price) = pool.award(credits(50)).unwrap();
            pool.ended(&winner);
            (winner, price)
        })
        .collect();

    assert_eq!(winners, [0, 1, 2, 0, 1, 2].map(|number| (agent(number), credits(1))));
}

#[test]
fn node_that_asks_for_nothing_wins_nothing() {
    let mut pool = Pool::new(StrategyKind::Auction, Limits::default());
    pool.set(&agent(1), Worker { pace_us: Some(1), ..Worker::default() });

    assert_eq!(pool.award(credits(50)), Err(NoChoice::NoBids { agents: 1 }));
    assert_eq!(pool.award(credits(50)).unwrap_err(), pool_choose(&mut pool));
}

#[test]
fn newcomer_is_tried_with_one_task_at_the_price_of_the_others() {
    let mut pool = pool(&[(1, 1_000, 3)]);
    pool.set(&agent(7), Worker { pace_us: None, ..worker(2, 5_000, 0) });

    assert_eq!(pool.award(credits(50)), Ok((agent(7), credits(3))));
    assert_eq!(pool.award(credits(50)), Ok((agent(0), credits(50))), "it is no second yet");
}

#[test]
fn task_that_pays_too_little_waits_and_keeps_no_other() {
    let mut tasks = Tasks::default();
    let by_auction = Act::Choose { queue: None, strategy: Some(StrategyKind::Auction) };
    apply(&mut tasks, mark(0), by_auction).unwrap();
    let paying =
        |most| NewTask { pay: Some(Pay { most: credits(most), by: None }), ..new_task("a") };
    // The first measures the agent: two seconds for one.
    let measured = super::accept(&mut tasks, vec![paying(50)])[0];
    let round = go_round(&tasks, 0);
    let price = Some(credits(50));
    assert_eq!(round.choices[0].price, price);
    let choices = round.choices;
    apply(&mut tasks, mark(0), Act::Assign { choices, most: 10 }).unwrap();
    super::done(&mut tasks, 2 * SECOND, measured, 1);

    let ids = super::accept(&mut tasks, vec![paying(1), paying(2), new_task("a")]);
    let round = go_round(&tasks, 2 * SECOND);

    let choice = |task, price| Assignment { task, attempt: 1, agent: agent(1), price };
    assert_eq!(round.choices, [choice(ids[1], Some(credits(2))), choice(ids[2], None)]);
    let dear = NoChoice::TooDear { least: credits(2), most: credits(1) };
    assert_eq!(round.stuck.get(&queue("a")), Some(&dear));
}

#[test]
fn pace_is_the_time_between_ends_and_not_the_wait_before() {
    let mut pace = Pace::default();
    assert_eq!(pace.value(0), None);
    // Ten that it had at once, each of which took ten milliseconds, told by two entries.
    for clock in [50, 100] {
        (0..5).for_each(|_| pace.done(0, clock * MS));
    }
    assert_eq!(pace.value(0), Some(10_000));
    // The time without any counts for nothing.
    pace.done(900 * MS, 910 * MS);
    assert_eq!(pace.value(0), Some(10_000));

    (0..64).for_each(|number| pace.done(0, (1_000 + 20 * number) * MS));

    let after = pace.value(0).unwrap();
    assert!((18_000..=21_000).contains(&after), "{after}");
    assert_eq!(pace.value(60 * SECOND), Some(after / 2), "who had nothing for a minute");
}

#[test]
fn agent_that_loses_tasks_asks_for_more() {
    let mut pace = Pace::default();
    pace.done(0, 10 * MS);

    pace.failed(10 * MS, 12 * MS, 100 * MS);

    assert_eq!(pace.value(0), Some(112_000));
}

fn pool_choose(pool: &mut Pool) -> NoChoice {
    pool.choose(&mut crate::balancer::Chance::new(1)).unwrap_err()
}

fn go_round(tasks: &Tasks, clock: u64) -> Round {
    let able = Able { agent: agent(1), node: NODE, extra: 0, strain: None, ask: Ask::new(1_000) };
    let mine = [(queue("a"), vec![able])].into_iter().collect();
    Dispatcher::new(1).round(tasks, clock, &mine, Limits::default())
}

/// Agents by their nodes, what these ask a second, and how many seconds they take.
fn pool(agents: &[(u8, u32, u64)]) -> Pool {
    let mut pool = Pool::new(StrategyKind::Auction, Limits::default());
    for (number, (node, ask, seconds)) in agents.iter().enumerate() {
        pool.set(&agent(number), worker(*node, *ask, *seconds));
    }
    pool
}

fn worker(node: u8, ask: u32, seconds: u64) -> Worker {
    let bid = Ask::new(ask).map(|ask| Bid { node: NodeId([node; 32]), ask });
    Worker { pace_us: Some(seconds * 1_000_000), bid, ..Worker::default() }
}

fn credits(amount: u64) -> Credits {
    Credits::new(amount).unwrap()
}
