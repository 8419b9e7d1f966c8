//! Running many seeds, and saying which failed.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use covey_logic::{Command, Name, Outcome, agent::AgentSpec};
use covey_sim::{
    Setup, World,
    invariant::{self, Invariant, Violation},
    workload,
};

/// Threads that take seeds: the cores of the smallest machine the tests are made for.
const THREADS: usize = 2;

/// Runs `test` for each seed, or for those in `COVEY_SEED`; fails with the least seed that fails.
pub(crate) fn each_seed(
    topic: &str,
    seeds: Range<u64>,
    test: impl Fn(u64) -> Result<(), Violation> + Sync,
) {
    let seeds = seeds.start..seeds.end.min(seeds.start.saturating_add(most()));
    if let Some((seed, why)) = first_failure(seeds, test) {
        panic!(
            "seed {seed}: {why}\nreplay: COVEY_SEED={seed} cargo test -p covey-sim \
             --test simulation {topic}"
        );
    }
}

/// The least seed for which `test` fails, and why.
pub(crate) fn first_failure(
    seeds: Range<u64>,
    test: impl Fn(u64) -> Result<(), Violation> + Sync,
) -> Option<(u64, String)> {
    let seeds = chosen().unwrap_or(seeds);
    let next = AtomicU64::new(seeds.start);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while failures.lock().unwrap().is_empty() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    if let Err(why) = outcome(seed, &test) {
                        failures.lock().unwrap().push((seed, why));
                    }
                }
            });
        }
    });
    failures.into_inner().unwrap().into_iter().min()
}

/// How many seeds a test tries at most: `COVEY_SEEDS`, or all it names.
fn most() -> u64 {
    let most = std::env::var("COVEY_SEEDS").ok();
    most.map_or(u64::MAX, |text| text.parse().expect("COVEY_SEEDS is a number"))
}

/// The seeds in `COVEY_SEED`: one, or a range such as `1000..9000`.
fn chosen() -> Option<Range<u64>> {
    let text = std::env::var("COVEY_SEED").ok()?;
    let number = |text: &str| text.parse::<u64>().expect("COVEY_SEED is a number or a range");
    Some(match text.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => number(&text)..number(&text) + 1,
    })
}

fn outcome(seed: u64, test: impl Fn(u64) -> Result<(), Violation>) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| test(seed))) {
        Ok(result) => result.map_err(|violation| violation.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Err(text.unwrap_or_else(|| "a panic without words".to_owned()))
        }
    }
}

/// A world to make; it tells its trace if `COVEY_TRACE` is set.
pub(crate) fn setup(seed: u64, machines: usize) -> Setup {
    Setup { told: std::env::var_os("COVEY_TRACE").is_some(), ..Setup::new(seed, machines) }
}

/// Lets the world rest until every property holds, asked each half second, and still does three
/// seconds later.
pub(crate) fn settle(world: &mut World, limit: Duration) -> Result<(), Violation> {
    settle_to(world, limit, invariant::check)
}

/// Lets the world rest until `property` holds, asked each half second, and still does three seconds
/// later.
pub(crate) fn settle_to(
    world: &mut World,
    limit: Duration,
    property: Invariant,
) -> Result<(), Violation> {
    world.rest();
    let end = world.now() + limit;
    loop {
        world.run_for(Duration::from_millis(500));
        match property(world) {
            Ok(()) => break,
            Err(violation) if world.now() >= end => return Err(violation),
            Err(_) => {}
        }
    }
    world.run_for(Duration::from_secs(3));
    property(world)
}

/// Runs for `span` while `property` holds, asked each quarter of a second.
pub(crate) fn run_while(
    world: &mut World,
    span: Duration,
    property: Invariant,
) -> Result<(), Violation> {
    let end = world.now() + span;
    while world.now() < end {
        world.run_for(Duration::from_millis(250));
        property(world)?;
    }
    Ok(())
}

/// The name `text`.
pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Starts an agent and waits until every node sees it run; gives its machine.
pub(crate) fn run_agent(world: &mut World, index: usize, name: &Name) -> usize {
    let result = world.ask(index, workload::start(name.clone(), false));
    assert_eq!(result, Some(Ok(Outcome::Done)));
    assert!(
        world.run_until(Duration::from_secs(5), |world| runs_everywhere(world, name)),
        "{name} does not run: {:?} {:?}",
        world.copies(name),
        world.agent(index, name)
    );
    world.copies(name)[0].0
}

/// Has an agent wanted, and waits until that is promised.
pub(crate) fn want(world: &mut World, index: usize, spec: AgentSpec) {
    let start = Command::StartAgent { spec: Box::new(spec), pin: None, replace: false };
    assert_eq!(world.ask(index, start), Some(Ok(Outcome::Done)));
}

/// Waits until each of the agents runs once and every node knows where.
pub(crate) fn all_run(world: &mut World, names: &[Name], limit: Duration) -> bool {
    world.run_until(limit, |world| names.iter().all(|name| runs_everywhere(world, name)))
}

/// The machine on which an agent runs.
pub(crate) fn place(world: &World, name: &Name) -> usize {
    world.copies(name)[0].0
}

/// How often a host was told to start an agent.
pub(crate) fn starts(world: &World, name: &Name) -> usize {
    world.starts.iter().filter(|start| start.name == *name).count()
}

/// What every live node says keeps an agent from running, if they all say the same.
pub(crate) fn waiting(world: &World, name: &Name) -> Option<Vec<String>> {
    let mut said = world.live().map(|(index, _)| world.agent(index, name).map(|it| it.waiting));
    let first = said.next()?;
    if said.all(|other| other == first) { first } else { None }
}

/// Whether one copy of an agent runs, and every live node knows where and finds it by name: the two
/// travel apart, and one may be lost on the way.
pub(crate) fn runs_everywhere(world: &World, name: &Name) -> bool {
    let [(holder, _)] = world.copies(name)[..] else { return false };
    let id = world.id(holder);
    world.live().all(|(index, _)| {
        let view = world.agent(index, name);
        let runs = view.is_some_and(|view| {
            view.node == Some(id) && view.phase == Some(covey_logic::agent::Phase::Running)
        });
        runs && world.route(index, name).is_some_and(|route| route.node == id)
    })
}

/// Has a node claim a name for itself.
pub(crate) fn register(name: &Name) -> Command {
    Command::Register { names: vec![(name.clone(), std::collections::BTreeMap::new())] }
}
