//! Guards of nodes whose calls are doubles.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use covey_logic::{
    Name, NodeId,
    guard::{self, Drawn, Portion, Quota, Quotas, Refused, Shortage, Standing},
    settings::Values,
};
use futures::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::{Draws, Guard, Outcome, Permit, Rules};

const WELL: Outcome = Outcome { result: guard::Result::Well, ran: true };
const FAILED: Outcome = Outcome { result: guard::Result::Failed, ran: true };
const UNSENT: Outcome = Outcome { result: guard::Result::Nothing, ran: false };

#[tokio::test(start_paused = true)]
async fn guards_refuse_in_order_and_give_back_what_was_taken() {
    let guard = guard(&Values {
        rates: "agent.call:* 1/m burst 3".parse().unwrap(),
        breaker_failures: 1,
        calls_at_once: 1,
        calls_queue: 0,
        ..Values::default()
    });

    let permit = enter(&guard, "a").await.unwrap();
    assert!(matches!(enter(&guard, "a").await, Err(Refused::Bulkhead { running: 1, .. })));
    permit.settle(FAILED, Instant::now());
    assert!(matches!(enter(&guard, "a").await, Err(Refused::Breaker { .. })));
    // Two refusals gave back what they took: of three two are left.
    enter(&guard, "b").await.unwrap().settle(WELL, Instant::now());
    enter(&guard, "b").await.unwrap().settle(UNSENT, Instant::now());
    enter(&guard, "b").await.unwrap().settle(WELL, Instant::now());

    let Err(Refused::Rate { actor, operation, retry_ms, shortage }) = enter(&guard, "a").await
    else {
        panic!("the rate is used up, and asked first")
    };
    assert_eq!((&*actor, &*operation, shortage), ("operator", "agent.call:*", Shortage::Rate));
    assert_eq!(retry_ms, 60_000);
}

#[tokio::test(start_paused = true)]
async fn call_waits_in_line_until_one_ends() {
    let guard = narrow(5);
    let first = enter(&guard, "a").await.unwrap();
    let waiting = tokio::spawn(timed(guard.clone(), "a"));
    sleep(Duration::from_millis(300)).await;
    assert_eq!(counts(&guard), (1, 1));

    first.settle(WELL, Instant::now());

    let (permit, waited) = waiting.await.unwrap();
    permit.unwrap().settle(WELL, Instant::now());
    assert_eq!(waited, Duration::from_millis(300));
    assert!(guard.view().gates.iter().all(|gate| (gate.running, gate.queued) == (0, 0)));
}

#[tokio::test(start_paused = true)]
async fn call_waits_no_longer_than_is_set() {
    let guard = narrow(5);
    let _first = enter(&guard, "a").await.unwrap();

    let (refused, waited) = timed(guard.clone(), "a").await;

    let waited_ms = 1_000;
    let (running, queued, at_once, queue) = (1, 0, 1, 5);
    let name = name("a");
    let full = Refused::Bulkhead { name, running, queued, at_once, queue, waited_ms };
    assert_eq!(refused.unwrap_err(), full);
    assert_eq!(waited, Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn caller_that_gives_up_leaves_the_line_and_its_place() {
    let guard = narrow(5);
    let first = enter(&guard, "a").await.unwrap();
    let waiting = tokio::spawn(timed(guard.clone(), "a"));
    sleep(Duration::from_millis(1)).await;
    assert_eq!(counts(&guard), (1, 1));

    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(counts(&guard), (1, 0));
    drop(first);

    enter(&guard, "a").await.unwrap().settle(WELL, Instant::now());
}

#[tokio::test(start_paused = true)]
async fn wider_bulkhead_lets_who_waits_go_on_at_once() {
    let guard = narrow(5);
    let _first = enter(&guard, "a").await.unwrap();
    let waiting = tokio::spawn(timed(guard.clone(), "a"));
    sleep(Duration::from_millis(10)).await;

    guard.set_rules(Rules::from(&Values { calls_at_once: 2, ..Values::default() }));

    let (permit, waited) = waiting.await.unwrap();
    assert!(permit.is_ok());
    assert_eq!(waited, Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn call_in_line_is_refused_when_the_breaker_opens_meanwhile() {
    let guard = guard(&Values { breaker_failures: 1, calls_at_once: 1, ..Values::default() });
    let first = enter(&guard, "a").await.unwrap();
    let waiting = tokio::spawn(timed(guard.clone(), "a"));
    sleep(Duration::from_millis(10)).await;

    first.settle(FAILED, Instant::now());

    let (refused, _) = waiting.await.unwrap();
    assert!(matches!(refused, Err(Refused::Breaker { .. })), "{refused:?}");
    assert_eq!(counts(&guard), (0, 0));
}

/// Q1 on three nodes with real tasks and one group: whoever asks wherever, together they let no
/// more through than the burst, and the rate times the span and a second more.
#[tokio::test(start_paused = true)]
async fn nodes_together_keep_the_rate_of_the_cluster() {
    let group = Arc::new(OneGroup::default());
    let nodes = [1, 2, 3].map(|id| group.guard(id, "counter.add 100/s burst 20 cluster"));
    let passed: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let asking = nodes.iter().flat_map(|node| std::iter::repeat_n(node, 8)).map(|node| {
        let (node, passed) = (node.clone(), Arc::clone(&passed));
        tokio::spawn(async move {
            for _ in 0..2_000 {
                if node.admit(None, "counter.add").await.is_ok() {
                    passed.lock().unwrap().push(Instant::now());
                }
                sleep(Duration::from_millis(5)).await;
            }
        })
    });

    for task in asking.collect::<Vec<_>>() {
        task.await.unwrap();
    }

    let passed = passed.lock().unwrap();
    let span = passed[passed.len() - 1] - passed[0];
    // A hundred a second.
    let worth = usize::try_from(span.as_millis() / 10).unwrap();
    assert!(passed.len() <= 20 + worth + 100, "{} in {span:?}", passed.len());
    assert!(passed.len() >= worth * 8 / 10, "{} in {span:?}", passed.len());
    let draws = *group.draws.lock().unwrap();
    // 50 ms between draws of a rate that is used up, on three nodes.
    assert!(draws <= 3 * 20 * (span.as_secs() + 1), "{draws} draws in {span:?}");
}

#[tokio::test(start_paused = true)]
async fn many_who_come_at_once_wait_for_few_draws() {
    let group = Arc::new(OneGroup::default());
    let node = group.guard(1, "counter.add 1000/s burst 500 cluster");

    let asking = (0..500).map(|_| {
        let node = node.clone();
        tokio::spawn(async move { node.admit(None, "counter.add").await })
    });
    for task in asking.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }

    assert!(*group.draws.lock().unwrap() <= 4);
}

/// The choice of the rule, when no majority is there.
#[tokio::test(start_paused = true)]
async fn rate_without_a_majority_is_open_or_closed() {
    let group = Arc::new(OneGroup::default());
    *group.gone.lock().unwrap() = true;
    let node = group.guard(1, "counter.add 8/s cluster; variable.set 8/s cluster open");
    node.set_parties(2);
    let ask = async |operation| node.admit(None, operation).await;

    let closed = ask("counter.add").await.unwrap_err();
    assert!(matches!(closed, Refused::Rate { shortage: Shortage::Majority, .. }), "{closed}");
    for _ in 0..4 {
        ask("variable.set").await.unwrap();
    }
    let used = ask("variable.set").await.unwrap_err();
    assert!(matches!(used, Refused::Rate { shortage: Shortage::Rate, .. }), "a half: {used}");
    *group.gone.lock().unwrap() = false;
    sleep(Duration::from_millis(500)).await;
    ask("counter.add").await.unwrap();
}

/// A group that is never away unless told, and whose leader's clock is this machine's.
#[derive(Default)]
struct OneGroup {
    quotas: Mutex<Quotas>,
    draws: Mutex<u64>,
    gone: Mutex<bool>,
    began: Mutex<Option<Instant>>,
}

impl OneGroup {
    fn guard(self: &Arc<Self>, id: u8, rates: &str) -> Guard {
        let rules = Rules::from(&Values { rates: rates.parse().unwrap(), ..Values::default() });
        Guard::new(NodeId([id; 32]), rules, Arc::clone(self) as Arc<dyn Draws>)
    }
}

impl Draws for OneGroup {
    fn draw(&self, mut portion: Portion, _: Duration) -> BoxFuture<'_, Option<Drawn>> {
        Box::pin(async move {
            sleep(Duration::from_millis(2)).await;
            if *self.gone.lock().unwrap() {
                return None;
            }
            *self.draws.lock().unwrap() += 1;
            let began = *self.began.lock().unwrap().get_or_insert_with(Instant::now);
            portion.clock = u64::try_from(began.elapsed().as_nanos()).unwrap();
            let drawn = self.quotas.lock().unwrap().draw(&portion).unwrap();
            sleep(Duration::from_millis(2)).await;
            Some(drawn)
        })
    }

    fn standing(&self, key: &str, quota: &Quota) -> Option<Standing> {
        let quotas = self.quotas.lock().unwrap();
        Some(quotas.standing(key, quota, quotas.clock()))
    }
}

fn guard(values: &Values) -> Guard {
    Guard::new(NodeId([1; 32]), Rules::from(values), Arc::new(OneGroup::default()))
}

/// One call at a time, and a second in line.
fn narrow(queue: u32) -> Guard {
    let calls_queue_wait = Duration::from_secs(1);
    guard(&Values { calls_at_once: 1, calls_queue: queue, calls_queue_wait, ..Values::default() })
}

async fn enter(guard: &Guard, agent: &str) -> Result<Permit, Refused> {
    let now = Instant::now();
    guard
        .enter((None, &name(agent), "work"), (now, now + Duration::from_secs(10)))
        .await
        .map(|(permit, _)| permit)
}

async fn timed(guard: Guard, agent: &str) -> (Result<Permit, Refused>, Duration) {
    let begun = Instant::now();
    let result = enter(&guard, agent).await;
    (result, begun.elapsed())
}

fn counts(guard: &Guard) -> (u32, u32) {
    let view = guard.view();
    view.gates.first().map_or((0, 0), |gate| (gate.running, gate.queued))
}

fn name(name: &str) -> Name {
    Name::new(name).unwrap()
}
