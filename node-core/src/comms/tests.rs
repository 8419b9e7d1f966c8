//! Calls between nodes whose links are doubles.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use covey_logic::{
    Epoch, Name, NodeId, Wall,
    comms::Route,
    guard::{Drawn, Portion, Quota, Refused, Standing},
    settings::Values,
};
use futures::future::{BoxFuture, join_all};
use tokio::{sync::mpsc, task::unconstrained};

use super::*;
use crate::guard::{Draws, Guard, Rules};

const A: NodeId = NodeId([1; 32]);
const B: NodeId = NodeId([2; 32]);

#[tokio::test]
async fn call_is_answered_by_the_node_that_runs_the_agent() {
    let mut pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));

    let reply = pair.a.comms.call(call("echo", "echo")).await.unwrap();

    assert_eq!((&reply.value[..], reply.node), (&b"{}"[..], B));
    assert_eq!(pair.a.comms.counts()[&B], (1, 1));
    assert_eq!(pair.b.comms.counts()[&A], (1, 1));
    assert!(pair.a.seeks.try_recv().is_err());
}

#[tokio::test]
async fn agent_on_this_node_is_called_without_a_frame() {
    let pair = Pair::new();
    pair.a.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(A, 1)));

    let reply = pair.a.comms.call(call("echo", "echo")).await.unwrap();

    assert_eq!(reply.node, A);
    assert_eq!(pair.a.comms.counts()[&B], (0, 0));
}

#[tokio::test]
async fn call_of_an_older_life_goes_where_the_node_says() {
    let mut pair = Pair::new();
    pair.a.agents.run("echo", 2);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));
    let comms = pair.a.comms.clone();
    let waiting = tokio::spawn(async move { comms.call(call("echo", "echo")).await });

    let seek = pair.a.seeks.recv().await.unwrap();
    assert_eq!(seek.after, SeekAfter::NotHere(route(B, 1)));
    seek.reply.send(Ok(route(A, 2))).unwrap();

    assert_eq!(waiting.await.unwrap().unwrap().node, A);
}

/// K50: a message to a name that nobody has is an error of its own kind, not silence.
#[tokio::test]
async fn unknown_name_is_told_as_such() {
    let mut pair = Pair::new();
    let comms = pair.a.comms.clone();
    let waiting = tokio::spawn(async move { comms.call(call("nobody", "echo")).await });

    pair.a.seeks.recv().await.unwrap().reply.send(Err(NoRoute::Unknown)).unwrap();

    assert_eq!(waiting.await.unwrap(), Err(CallError::Unknown { name: name("nobody") }));
}

#[tokio::test(start_paused = true)]
async fn call_without_a_route_ends_at_its_deadline() {
    let pair = Pair::new();

    let error = pair.a.comms.call(call("echo", "echo")).await.unwrap_err();

    assert_eq!(error, CallError::Unreachable { name: name("echo"), node: None });
    assert!(!error.may_have_run());
}

#[tokio::test(start_paused = true)]
async fn agent_that_does_not_answer_times_out() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));

    let error = pair.a.comms.call(call("echo", "never")).await.unwrap_err();

    assert_eq!(error, CallError::TimedOut { name: name("echo"), node: B });
    assert!(error.may_have_run());
}

#[tokio::test]
async fn lost_connection_ends_the_calls_that_wait() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));
    let comms = pair.a.comms.clone();
    let waiting = tokio::spawn(async move { comms.call(call("echo", "never")).await });
    while pair.a.comms.counts()[&B].0 == 0 {
        tokio::task::yield_now().await;
    }

    pair.a.comms.disconnected(B);

    assert_eq!(waiting.await.unwrap(), Err(CallError::Lost { node: B }));
}

#[tokio::test]
async fn call_to_a_node_that_is_not_connected_waits_for_a_better_route() {
    let mut pair = Pair::new();
    pair.a.agents.run("echo", 2);
    let gone = NodeId([3; 32]);
    pair.a.comms.routes().set(name("echo"), Some(route(gone, 1)));
    let comms = pair.a.comms.clone();
    let waiting = tokio::spawn(async move { comms.call(call("echo", "echo")).await });

    let seek = pair.a.seeks.recv().await.unwrap();
    assert_eq!(seek.after, SeekAfter::NotConnected(route(gone, 1)));
    seek.reply.send(Ok(route(A, 2))).unwrap();

    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn agent_error_keeps_its_code() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));

    let error = pair.a.comms.call(call("echo", "fail")).await.unwrap_err();

    assert_eq!(
        error,
        CallError::Agent {
            code: -32_601,
            message: "no such method".to_owned(),
            data: Bytes::new()
        }
    );
}

#[tokio::test]
async fn observer_may_not_call() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));
    pair.b.comms.set_callers(&BTreeSet::from([B]));

    let error = pair.a.comms.call(call("echo", "echo")).await.unwrap_err();

    assert_eq!(error, CallError::Refused);
}

#[tokio::test]
async fn flood_of_one_peer_is_refused_as_busy() {
    let pair = Pair::new();
    for agent in ["echo", "other"] {
        pair.b.agents.run(agent, 1);
        pair.a.comms.routes().set(name(agent), Some(route(B, 1)));
    }
    let comms = &pair.a.comms;
    let flood = (0..MAX_SERVED_CALLS).map(|_| {
        let comms = comms.clone();
        tokio::spawn(async move { comms.call(call("echo", "never")).await })
    });
    let flood: Vec<_> = flood.collect();
    while comms.counts()[&B].0 < u64::try_from(MAX_SERVED_CALLS).unwrap() {
        tokio::task::yield_now().await;
    }

    // Of another agent: more of the first would wait here.
    let error = comms.call(call("other", "echo")).await.unwrap_err();

    assert_eq!(error, CallError::Busy { name: name("other") });
    flood.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn oversized_parameters_are_refused_before_they_travel() {
    let pair = Pair::new();
    let params = Bytes::from(vec![b' '; MAX_BODY_LEN + 1]);

    let error = pair.a.comms.call(Call { params, ..call("echo", "echo") }).await.unwrap_err();

    assert_eq!(error, CallError::TooBig { what: "parameters" });
}

#[tokio::test]
async fn logs_come_from_the_node_that_has_them() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);

    let lines = pair.a.comms.logs((B, &name("echo")), 2, Duration::from_secs(1)).await.unwrap();

    assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

#[tokio::test]
async fn garbage_of_a_peer_is_dropped() {
    let pair = Pair::new();
    let garbage = ["", "\u{1}", "\u{1}\u{0}", "\u{7}xyz", "\u{1}\u{4}\u{0}\u{3}"];

    pair.a.comms.deliver(B, garbage.map(|text| Bytes::from_static(text.as_bytes())).to_vec());

    assert_eq!(pair.a.comms.counts()[&B], (0, 5));
}

/// One node's calls fail; the other need not find out by failures of its own.
#[tokio::test(start_paused = true)]
async fn breaker_that_opens_stops_calls_on_the_other_node_too() {
    let pair = Pair::new();
    pair.b.agents.run("bad", 1);
    for side in [&pair.a, &pair.b] {
        side.comms.routes().set(name("bad"), Some(route(B, 1)));
    }
    let fail = async |side: &Side| side.comms.call(call("bad", "break")).await.unwrap_err();

    for _ in 0..Values::default().breaker_failures {
        assert!(matches!(fail(&pair.a).await, CallError::Agent { .. }));
    }
    let refused = [fail(&pair.a).await, fail(&pair.b).await];

    for refused in refused {
        let CallError::Guarded(reason) = refused else { panic!("{refused}") };
        assert!(matches!(*reason, Refused::Breaker { by: A, .. }), "{reason}");
    }
    assert_eq!(pair.a.comms.reset_breakers(None), [name("bad")]);
    assert!(matches!(fail(&pair.b).await, CallError::Agent { .. }), "both are closed");
}

#[tokio::test(start_paused = true)]
async fn what_callers_get_wrong_stops_no_calls() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));

    for _ in 0..3 * Values::default().breaker_failures {
        let error = pair.a.comms.call(call("echo", "fail")).await.unwrap_err();
        assert!(matches!(error, CallError::Agent { code: -32_601, .. }), "{error}");
    }
}

/// C4: asking again under a key is answered alike, also while the first is being handled, and after
/// its caller gave up.
#[tokio::test(start_paused = true)]
async fn call_under_a_key_is_done_once() {
    for there in [A, B] {
        let pair = Pair::new();
        let side = if there == A { &pair.a } else { &pair.b };
        side.agents.run("echo", 1);
        pair.a.comms.routes().set(name("echo"), Some(route(there, 1)));
        let comms = &pair.a.comms;
        let short = Duration::from_secs(1);
        let keyed = |timeout| Call { timeout, ..keyed("later", "one") };

        let gave_up = comms.call(keyed(short)).await.unwrap_err();
        let (first, again) = tokio::join!(
            comms.call(keyed(Duration::from_secs(5))),
            comms.call(keyed(Duration::from_secs(5)))
        );
        let late = comms.call(keyed(short)).await;

        assert_eq!(gave_up, CallError::TimedOut { name: name("echo"), node: there });
        for reply in [first, again, late] {
            assert_eq!(&reply.unwrap().value[..], b"{}");
        }
        assert_eq!(side.agents.taken.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn key_of_another_call_is_refused() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));
    pair.a.comms.call(keyed("echo", "one")).await.unwrap();

    let other = pair.a.comms.call(keyed("fail", "one")).await.unwrap_err();
    let bad = pair.a.comms.call(keyed("echo", &"k".repeat(65))).await.unwrap_err();

    assert_eq!(other, CallError::KeyReused { name: name("echo") });
    assert_eq!(bad, CallError::BadKey);
    assert!(!other.may_have_run() && !bad.may_have_run());
}

/// A notice is over once the agent's mailbox has it; who cannot take it is told of like in a call.
#[tokio::test]
async fn notice_is_not_answered_and_its_loss_is_told() {
    let mut pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));
    let notice = |agent| Call { answered: false, ..call(agent, "never") };

    let reply = pair.a.comms.call(notice("echo")).await.unwrap();
    let comms = pair.a.comms.clone();
    let unknown = tokio::spawn(async move { comms.call(notice("nobody")).await });
    pair.a.seeks.recv().await.unwrap().reply.send(Err(NoRoute::Unknown)).unwrap();

    assert_eq!((&reply.value[..], reply.node), (&b""[..], B));
    assert_eq!(unknown.await.unwrap(), Err(CallError::Unknown { name: name("nobody") }));
}

/// C5, K99: also of calls that take their time, and of those with keys.
#[tokio::test]
async fn messages_of_one_caller_are_handed_over_in_their_order() {
    let pair = Pair::new();
    pair.b.agents.run("echo", 1);
    pair.a.comms.routes().set(name("echo"), Some(route(B, 1)));
    let comms = &pair.a.comms;
    let message = |number: usize| {
        let method = if number.is_multiple_of(7) { "never" } else { "echo" };
        let key = number.is_multiple_of(3).then(|| number.to_string().into());
        let params = Bytes::from(number.to_string());
        Call { key, params, answered: !number.is_multiple_of(2), ..call("echo", method) }
    };

    // Each is begun once the one before was: nobody takes turns with others in between.
    let sent = (0..2_000).map(|number| unconstrained(comms.call(message(number))));
    let waited = tokio::time::timeout(Duration::from_millis(100), join_all(sent)).await;

    assert!(waited.is_err(), "some are never answered");
    let taken = pair.b.agents.taken.lock().unwrap();
    let numbers: Vec<usize> = taken
        .iter()
        .map(|message| std::str::from_utf8(&message.params).unwrap().parse().unwrap())
        .collect();
    assert_eq!(numbers, (0..2_000).collect::<Vec<_>>());
}

fn keyed(method: &str, key: &str) -> Call {
    Call { key: Some(key.into()), ..call("echo", method) }
}

struct NoGroup;

impl Draws for NoGroup {
    fn draw(&self, _: Portion, _: Duration) -> BoxFuture<'_, Option<Drawn>> {
        Box::pin(async { None })
    }

    fn standing(&self, _: &str, _: &Quota) -> Option<Standing> {
        None
    }
}

struct Side {
    comms: Comms<Doubles, Cable>,
    agents: Doubles,
    seeks: mpsc::Receiver<Seek>,
}

/// Two nodes and the cable between them.
struct Pair {
    a: Side,
    b: Side,
}

impl Pair {
    fn new() -> Self {
        let cables = [Cable::default(), Cable::default()];
        let [a, b] = [(A, B, &cables[0]), (B, A, &cables[1])].map(|(id, peer, cable)| {
            let (sender, seeks) = mpsc::channel(16);
            let agents = Doubles::default();
            let guard = Guard::new(id, Rules::from(&Values::default()), Arc::new(NoGroup));
            let comms = Comms::new(id, (agents.clone(), cable.clone()), (sender, guard));
            comms.set_callers(&BTreeSet::from([A, B]));
            cable.0.set((id, peer, OnceLock::new())).ok().unwrap();
            Side { comms, agents, seeks }
        });
        for (cable, end) in [(&cables[0], &b), (&cables[1], &a)] {
            cable.0.get().unwrap().2.set(end.comms.clone()).ok().unwrap();
        }
        Self { a, b }
    }
}

/// This side, the other side, and the other side's end.
type End = (NodeId, NodeId, OnceLock<Comms<Doubles, Cable>>);

#[derive(Clone, Default)]
struct Cable(Arc<OnceLock<End>>);

impl Wire for Cable {
    fn send(&self, to: NodeId, frame: Bytes) -> Result<(), Unsent> {
        let (me, peer, end) = self.0.get().unwrap();
        if to != *peer {
            return Err(Unsent::NotConnected);
        }
        end.get().unwrap().deliver(*me, vec![frame]);
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Doubles {
    runs: Arc<Mutex<HashMap<Name, Epoch>>>,
    /// What was handed to agents.
    taken: Arc<Mutex<Vec<Message>>>,
}

impl Doubles {
    fn run(&self, agent: &str, epoch: u64) {
        self.runs.lock().unwrap().insert(name(agent), Epoch(epoch));
    }
}

impl Agents for Doubles {
    async fn call(
        &self,
        (name, epoch): (&Name, Epoch),
        message: Message,
        _: tokio::time::Instant,
    ) -> Result<Bytes, Fault> {
        let runs = self.runs.lock().unwrap().get(name) == Some(&epoch);
        if runs {
            self.taken.lock().unwrap().push(message.clone());
        }
        match &*message.method {
            _ if !runs => Err(Fault::NotHere),
            _ if !message.answered => Ok(Bytes::new()),
            "echo" => Ok(message.params),
            "later" => {
                tokio::time::sleep(Duration::from_secs(3)).await;
                Ok(message.params)
            }
            "never" => std::future::pending().await,
            "break" => {
                Err(Fault::Agent { code: 1, message: "broken".to_owned(), data: Bytes::new() })
            }
            _ => Err(Fault::Agent {
                code: -32_601,
                message: "no such method".to_owned(),
                data: Bytes::new(),
            }),
        }
    }

    fn logs(&self, _: &Name, lines: usize) -> Vec<LogLine> {
        let line = |(seq, text): (u64, &str)| LogLine {
            seq,
            at: Wall(1),
            stream: LogStream::Stderr,
            text: text.to_owned(),
        };
        [(1, "one"), (2, "two")].into_iter().map(line).take(lines).collect()
    }
}

fn name(name: &str) -> Name {
    Name::new(name).unwrap()
}

fn route(node: NodeId, epoch: u64) -> Route {
    Route { node, epoch: Epoch(epoch), token: None }
}

fn call(agent: &str, method: &str) -> Call {
    Call::new(name(agent), method, Bytes::from_static(b"{}"), Duration::from_secs(5))
}
