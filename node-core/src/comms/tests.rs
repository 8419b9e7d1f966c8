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
use futures::future::BoxFuture;
use tokio::sync::mpsc;

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
struct Doubles(Arc<Mutex<HashMap<Name, Epoch>>>);

impl Doubles {
    fn run(&self, agent: &str, epoch: u64) {
        self.0.lock().unwrap().insert(name(agent), Epoch(epoch));
    }
}

impl Agents for Doubles {
    async fn call(
        &self,
        (name, epoch): (&Name, Epoch),
        method: &Arc<str>,
        params: Bytes,
        _: tokio::time::Instant,
    ) -> Result<Bytes, Fault> {
        let runs = self.0.lock().unwrap().get(name) == Some(&epoch);
        match &**method {
            _ if !runs => Err(Fault::NotHere),
            "echo" => Ok(params),
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
    Call {
        name: name(agent),
        method: method.into(),
        params: Bytes::from_static(b"{}"),
        timeout: Duration::from_secs(5),
        actor: None,
    }
}
