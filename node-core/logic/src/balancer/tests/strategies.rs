//! Who gets a task, by each strategy.

use std::collections::{BTreeMap, VecDeque};

use super::NODE;
use crate::{
    balancer::{Bid, Chance, Limits, NoChoice, PeakEwma, Pool, Strain, StrategyKind, Worker},
    credits::Ask,
    ids::Name,
};

const OPEN: Limits = Limits { in_flight: u32::MAX, cpu_percent: 100, memory_percent: 100 };
const SECOND: u64 = 1_000_000_000;

/// Of tasks that take alike, none are over before the last was given, each is over before the next,
/// or sixty are in flight at a time.
#[test]
fn equal_tasks_are_spread_within_a_tenth_for_every_seed() {
    for kind in StrategyKind::ALL {
        for seed in 1..=40 {
            for at_once in [1, 60, 1_000] {
                for latency_us in [None, Some(10_000)] {
                    let spread = spread(*kind, seed, at_once, latency_us);
                    assert!(spread <= 1.1, "{kind}, seed {seed}, {at_once} at once: {spread}");
                }
            }
        }
    }
}

#[test]
fn round_robin_is_even_while_others_come_and_go() {
    for seed in 1..=40 {
        let mut chance = Chance::new(seed);
        let mut pool = Pool::new(StrategyKind::RoundRobin, OPEN);
        let staying: Vec<Name> = (0..20).map(|number| named("stays", number)).collect();
        let mut passing: Vec<Name> = Vec::new();
        let mut counts = BTreeMap::new();
        for step in 0..2_000 {
            match chance.below(3) {
                0 => passing.push(named("passes", step)),
                1 if !passing.is_empty() => {
                    drop(passing.swap_remove(chance.below(passing.len())));
                }
                _ => {}
            }
            let there = |name: &Name| staying.contains(name) || passing.contains(name);
            pool.retain(there);
            for name in staying.iter().chain(&passing) {
                pool.set(name, bidder());
            }
            *counts.entry(pool.choose(&mut chance).unwrap()).or_insert(0) += 1;
        }

        let of = |name: &Name| counts.get(name).copied().unwrap_or(0);
        let (least, most) = (staying.iter().map(of).min(), staying.iter().map(of).max());
        assert!(most.unwrap() - least.unwrap() <= 1, "seed {seed}: {least:?} to {most:?}");
    }
}

#[test]
fn burst_is_in_flight_before_any_of_it_began() {
    let mut pool = pool(StrategyKind::LeastLoaded, 4, bidder());
    let mut chance = Chance::new(1);

    for _ in 0..8 {
        pool.choose(&mut chance).unwrap();
    }

    assert!(pool.workers().all(|(_, worker)| worker.in_flight == 2));
}

#[test]
fn busy_node_gets_less_than_an_idle_one() {
    let mut pool = Pool::new(StrategyKind::LeastLoaded, OPEN);
    let strain = |cpu_percent| Some(Strain { cpu_percent, memory_percent: 0 });
    pool.set(&named("busy", 0), Worker { strain: strain(75), ..bidder() });
    pool.set(&named("idle", 0), Worker { strain: strain(0), ..bidder() });
    let mut chance = Chance::new(1);

    let first: Vec<Name> = (0..4).map(|_| pool.choose(&mut chance).unwrap()).collect();

    assert_eq!(first[..3], [named("idle", 0), named("idle", 0), named("idle", 0)]);
    assert_eq!(first[3], named("busy", 0));
}

#[test]
fn most_specialised_is_preferred_until_it_is_full() {
    let limits = Limits { in_flight: 2, ..OPEN };
    let mut pool = Pool::new(StrategyKind::Capability, limits);
    pool.set(&named("able", 0), Worker { extra: 5, ..bidder() });
    pool.set(&named("expert", 0), Worker { extra: 0, ..bidder() });
    let mut chance = Chance::new(1);

    let first: Vec<Name> = (0..3).map(|_| pool.choose(&mut chance).unwrap()).collect();

    assert_eq!(first, [named("expert", 0), named("expert", 0), named("able", 0)]);
}

#[test]
fn shares_are_in_proportion_to_speed() {
    let mut pool = Pool::new(StrategyKind::Performance, OPEN);
    for (number, latency) in [10_000, 20_000, 40_000].into_iter().enumerate() {
        let worker = Worker { latency_us: Some(latency), ..bidder() };
        pool.set(&named("agent", number), worker);
    }
    let counts = choose(&mut pool, 700);

    assert_eq!(counts, [400, 200, 100]);
}

#[test]
fn newcomer_is_tried_once_and_not_taken_for_the_fastest() {
    for kind in [StrategyKind::Performance, StrategyKind::PowerOfTwo, StrategyKind::Auction] {
        let speed = Some(10_000);
        let known = Worker { latency_us: speed, pace_us: speed, ..bidder() };
        let mut pool = pool(kind, 9, known);
        pool.set(&named("newcomer", 0), bidder());
        let mut chance = Chance::new(7);

        for _ in 0..500 {
            pool.choose(&mut chance).unwrap();
        }

        let newcomer = pool.workers().find(|(name, _)| **name == named("newcomer", 0));
        assert_eq!(newcomer.unwrap().1.in_flight, 1, "{kind}");
    }
}

#[test]
fn slow_agent_is_avoided_by_the_better_of_two() {
    for seed in 1..=20 {
        let mut pool =
            pool(StrategyKind::PowerOfTwo, 9, Worker { latency_us: Some(10_000), ..bidder() });
        let slow = named("slow", 0);
        pool.set(&slow, Worker { latency_us: Some(100_000), ..bidder() });
        let mut chance = Chance::new(seed);
        let mut had = 0;

        for _ in 0..1_000 {
            let name = pool.choose(&mut chance).unwrap();
            had += usize::from(name == slow);
            pool.ended(&name);
        }

        assert!(had < 10, "seed {seed}: {had} of 1,000");
    }
}

#[test]
fn overloaded_is_told_from_unable() {
    for kind in StrategyKind::ALL {
        let limits = Limits { in_flight: 1, cpu_percent: 90, memory_percent: 95 };
        let mut pool = Pool::new(*kind, limits);
        let mut chance = Chance::new(1);
        assert_eq!(pool.choose(&mut chance), Err(NoChoice::NoSuitableAgent));
        let hot = Strain { cpu_percent: 91, memory_percent: 0 };
        pool.set(&named("hot", 0), Worker { strain: Some(hot), ..bidder() });
        let full = Strain { cpu_percent: 0, memory_percent: 96 };
        pool.set(&named("full", 0), Worker { strain: Some(full), ..bidder() });
        pool.set(&named("one", 0), bidder());

        assert_eq!(pool.choose(&mut chance), Ok(named("one", 0)), "{kind}");

        let overloaded = NoChoice::AllOverloaded { agents: 3 };
        assert_eq!(pool.choose(&mut chance), Err(overloaded), "{kind}");
        pool.ended(&named("one", 0));
        assert_eq!(pool.choose(&mut chance), Ok(named("one", 0)), "{kind}");
    }
}

#[test]
fn who_left_is_chosen_no_more_by_any_strategy() {
    for kind in StrategyKind::ALL {
        for seed in 1..=20 {
            let mut pool = pool(*kind, 20, bidder());
            let mut chance = Chance::new(seed);
            let gone = named("agent", chance.below(20));
            choose(&mut pool, chance.below(100));

            pool.retain(|name| *name != gone);

            for _ in 0..200 {
                assert_ne!(pool.choose(&mut chance).unwrap(), gone, "{kind}, seed {seed}");
            }
        }
    }
}

#[test]
fn latency_follows_a_peak_at_once_and_forgives_with_time() {
    let mut latency = PeakEwma::new(0, 10_000);

    latency.observe(SECOND, 100_000);
    assert_eq!(latency.value(SECOND), 100_000);
    latency.observe(2 * SECOND, 10_000);
    let after = latency.value(2 * SECOND);
    assert!((90_000..100_000).contains(&after), "{after}");

    assert_eq!(latency.value(12 * SECOND), after / 2);
    assert!(latency.value(u64::MAX) >= 1);
}

fn spread(kind: StrategyKind, seed: u64, at_once: usize, latency_us: Option<u64>) -> f64 {
    let (agents, tasks) = (50, 1_000);
    let worker = Worker { latency_us, pace_us: latency_us, ..bidder() };
    let mut pool = pool(kind, agents, worker);
    let mut chance = Chance::new(seed);
    let mut counts = BTreeMap::<Name, u32>::new();
    let mut going = VecDeque::new();
    for _ in 0..tasks {
        if going.len() == at_once {
            pool.ended(&going.pop_front().unwrap());
        }
        let name = pool.choose(&mut chance).unwrap();
        *counts.entry(name.clone()).or_default() += 1;
        going.push_back(name);
    }
    f64::from(*counts.values().max().unwrap()) / (f64::from(tasks) / 50.0)
}

fn choose(pool: &mut Pool, times: usize) -> Vec<u32> {
    let mut chance = Chance::new(5);
    let mut counts = BTreeMap::<Name, u32>::new();
    for _ in 0..times {
        *counts.entry(pool.choose(&mut chance).unwrap()).or_default() += 1;
    }
    counts.into_values().collect()
}

fn pool(kind: StrategyKind, agents: usize, worker: Worker) -> Pool {
    let mut pool = Pool::new(kind, OPEN);
    (0..agents).for_each(|number| pool.set(&named("agent", number), worker));
    pool
}

/// One on a node that asks what all ask.
fn bidder() -> Worker {
    let bid = Ask::new(1_000).map(|ask| Bid { node: NODE, ask });
    Worker { bid, ..Worker::default() }
}

fn named(stem: &str, number: usize) -> Name {
    Name::new(&format!("{stem}-{number}")).unwrap()
}
