//! D1: what clients of all nodes saw is linearizable, whatever happens to processes and cables.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use covey_cluster::{Caller, Cluster, Refused, eventually, hold, rounds};
use covey_sim::{
    dice::Dice,
    linear::{Asked, CounterOp, History, LockOp, LockRet, Said, VariableOp, VariableRet},
};
use serde_json::{Value, json};

use crate::agreement::{await_voters, leader_of};

/// Clients of one node.
const CLIENTS: usize = 2;
/// Objects of each kind.
const OBJECTS: u64 = 2;
/// How long all is well before a fault and after it.
const CALM: Duration = Duration::from_secs(2);
/// How long a fault lasts: long enough for another leader.
const FAULT: Duration = Duration::from_secs(4);
/// A second longer than a node waits for the group.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);
/// Longer than a round: no lease ends by itself.
const LEASE: Duration = Duration::from_mins(10);
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn what_clients_saw_is_linearizable_whatever_happens() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };

    for round in 1..=rounds() {
        await_voters(&cluster, 3);
        let site = Arc::new(Site::new(round, &cluster));
        let clients = site.clients();
        hold(CALM);

        let fault = strike(round, &mut cluster, &site);

        hold(CALM);
        site.stopped.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
        cluster.await_all();
        for node in 0..cluster.nodes.len() {
            eventually("it reads", PATIENCE, || site.read_all(node));
        }
        let history = site.history.lock().unwrap();
        let (answered, undone) = (history.answered(), history.undone());
        println!("round {round}, {fault}: {answered} answered, {undone} not done");
        assert_eq!(history.check(false), Ok(()), "round {round}, {fault}");
    }
}

/// One fault, from its beginning to its end.
fn strike(round: u32, cluster: &mut Cluster, site: &Site) -> &'static str {
    let leader = cluster.place_of(&leader_of(&cluster.nodes[0]));
    let others: Vec<usize> = (0..3).filter(|node| *node != leader).collect();
    match round % 5 {
        0 => {
            for node in 0..3 {
                site.leave(node);
                cluster.nodes[node].kill();
            }
            for node in 0..3 {
                cluster.nodes[node].launch();
            }
            for node in 0..3 {
                cluster.nodes[node].await_door();
                site.reach(node, cluster);
            }
            "all killed"
        }
        1 => {
            site.leave(leader);
            cluster.nodes[leader].kill();
            hold(FAULT);
            cluster.nodes[leader].start();
            site.reach(leader, cluster);
            "the leader killed"
        }
        2 => {
            cluster.nodes[leader].freeze();
            hold(FAULT);
            cluster.nodes[leader].thaw();
            "the leader frozen"
        }
        3 => {
            let host = |node: usize| cluster.nodes[node].host();
            cluster.lan.split(&[&[host(leader)], &[host(others[0]), host(others[1])]]);
            hold(FAULT);
            cluster.lan.heal();
            "the leader cut off"
        }
        _ => {
            site.leave(others[0]);
            cluster.nodes[others[0]].kill();
            cluster.nodes[leader].freeze();
            hold(FAULT);
            cluster.nodes[leader].thaw();
            cluster.nodes[others[0]].start();
            site.reach(others[0], cluster);
            "a follower killed while the leader was frozen"
        }
    }
}

/// What the clients of a round share.
struct Site {
    round: u32,
    begun: Instant,
    history: Mutex<History>,
    /// The ways to the nodes; none to one that is killed.
    callers: Vec<Mutex<Option<Caller>>>,
    stopped: AtomicBool,
}

impl Site {
    fn new(round: u32, cluster: &Cluster) -> Self {
        let callers = cluster.nodes.iter().map(|node| Mutex::new(node.caller())).collect();
        let (history, stopped) = Default::default();
        Self { round, begun: Instant::now(), history, callers, stopped }
    }

    fn leave(&self, node: usize) {
        *self.callers[node].lock().unwrap() = None;
    }

    fn reach(&self, node: usize, cluster: &Cluster) {
        *self.callers[node].lock().unwrap() = cluster.nodes[node].caller();
    }

    fn caller(&self, node: usize) -> Option<Caller> {
        let caller = self.callers[node].lock();
        caller.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn clients(self: &Arc<Self>) -> Vec<JoinHandle<()>> {
        let start = |number: usize| {
            let site = Arc::clone(self);
            let node = number % self.callers.len();
            let client = Client::new(site, node, number);
            std::thread::spawn(move || client.run())
        };
        (0..CLIENTS * self.callers.len()).map(start).collect()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap()
    }

    fn object(&self, object: u64) -> String {
        format!("r{}-{object}", self.round)
    }

    /// Asks once; an answer that did not come leaves the call open.
    fn ask(
        &self,
        caller: &Caller,
        (object, asked): (&str, &Asked),
        session: usize,
    ) -> Option<Said> {
        let (command, arguments) = wish(object, asked, session);
        let place = self.history.lock().unwrap().begin(self.now(), object, asked);
        let said = match caller.ask(command, &arguments, ANSWER_TIMEOUT) {
            Ok(answer) => Some(said(asked, &answer)),
            Err(refused) => denied(asked, &refused),
        };
        if let Some(said) = &said {
            self.history.lock().unwrap().end(self.now(), &place, (asked, said.clone()));
        }
        said
    }

    fn read_all(&self, node: usize) -> Result<(), String> {
        let Some(caller) = self.caller(node) else { return Err("it does not run".to_owned()) };
        for object in 0..OBJECTS {
            let object = self.object(object);
            for asked in [Asked::Counter(CounterOp::Read), Asked::Variable(VariableOp::Read)] {
                match self.ask(&caller, (&object, &asked), node) {
                    Some(Said::Undone) | None => return Err(format!("{object} is not read")),
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// Somebody on a node who wants things one after the other.
struct Client {
    site: Arc<Site>,
    node: usize,
    number: usize,
    dice: Dice,
    writes: u64,
    token: Option<(u64, u64)>,
    version: u64,
}

impl Client {
    /// Between two wishes, in milliseconds: as many as the checker takes at once.
    const PAUSE: (u64, u64) = (10, 80);

    fn new(site: Arc<Site>, node: usize, number: usize) -> Self {
        let dice = Dice::new(site.round.into(), number.try_into().unwrap());
        let (writes, token, version) = Default::default();
        Self { site, node, number, dice, writes, token, version }
    }

    fn run(mut self) {
        while !self.site.stopped.load(Ordering::Relaxed) {
            hold(Duration::from_millis(self.dice.micros(Self::PAUSE.0, Self::PAUSE.1)));
            let Some(caller) = self.site.caller(self.node) else { continue };
            let object = self.dice.below(OBJECTS);
            let asked = self.wants(object);
            let name = self.site.object(object);
            match self.site.ask(&caller, (&name, &asked), self.number) {
                Some(Said::Lock(LockRet::Held(token))) => self.token = Some((object, token)),
                Some(Said::Lock(LockRet::Freed)) => self.token = None,
                Some(Said::Variable(
                    VariableRet::Wrote(version)
                    | VariableRet::Conflict(version)
                    | VariableRet::Was(Some((_, version))),
                )) => self.version = version,
                _ => {}
            }
        }
    }

    fn wants(&mut self, object: u64) -> Asked {
        self.writes += 1;
        let value = u64::try_from(self.number).unwrap() * 1_000_000 + self.writes;
        let expected = self.dice.chance(500).then_some(self.version);
        let lease = u64::try_from(LEASE.as_micros()).unwrap();
        let token = self.token.filter(|(of, _)| *of == object).map(|(_, token)| token);
        match (self.dice.below(9), token) {
            (0..=1, _) => Asked::Counter(CounterOp::Add(i64::try_from(value).unwrap())),
            (2, _) => Asked::Counter(CounterOp::Read),
            (3..=4, _) => Asked::Variable(VariableOp::Write { value, expected }),
            (5, _) => Asked::Variable(VariableOp::Read),
            (6, Some(token)) => Asked::Lock(LockOp::Renew { token, lease }),
            (_, Some(token)) => Asked::Lock(LockOp::Release { token }),
            (_, None) => {
                Asked::Lock(LockOp::Acquire { holder: self.number.try_into().unwrap(), lease })
            }
        }
    }
}

/// The command that asks for it.
fn wish(object: &str, asked: &Asked, session: usize) -> (&'static str, Value) {
    match asked {
        Asked::Lock(LockOp::Acquire { .. }) => {
            let lease = u64::try_from(LEASE.as_millis()).unwrap();
            let session = format!("s{session}");
            let place = lock(object);
            ("lease.acquire", json!({ "place": place, "session": session, "lease_ms": lease }))
        }
        Asked::Lock(LockOp::Renew { token, .. }) => {
            ("lease.renew", json!({ "place": lock(object), "token": token }))
        }
        Asked::Lock(LockOp::Release { token }) => {
            ("lease.release", json!({ "place": lock(object), "token": token }))
        }
        Asked::Counter(CounterOp::Add(by)) => {
            ("counter.add", json!({ "counter": object, "by": by }))
        }
        Asked::Counter(CounterOp::Read) => ("counter.get", json!({ "counter": object })),
        Asked::Variable(VariableOp::Write { value, expected }) => {
            let value = value.to_string();
            let set = json!({ "variable": object, "value": value, "expected": expected });
            ("variable.set", set)
        }
        Asked::Variable(VariableOp::Read) => ("variable.get", json!({ "variable": object })),
        Asked::Lock(_) | Asked::Variable(_) => panic!("nobody asks for {asked:?}"),
    }
}

fn lock(object: &str) -> Value {
    json!({ "kind": "lock", "name": object })
}

fn said(asked: &Asked, answer: &Value) -> Said {
    let number = |field: &str| answer[field].as_u64().unwrap_or_else(|| panic!("{answer}"));
    match asked {
        Asked::Lock(LockOp::Acquire { .. }) => Said::Lock(LockRet::Held(number("token"))),
        Asked::Lock(LockOp::Renew { token, .. }) => Said::Lock(LockRet::Held(*token)),
        Asked::Lock(_) => Said::Lock(LockRet::Freed),
        Asked::Counter(CounterOp::Read) => Said::Counter(text(&answer["found"], "value")),
        Asked::Counter(_) => Said::Counter(text(answer, "value")),
        Asked::Variable(VariableOp::Read) => {
            let found = &answer["found"];
            let version = found["version"].as_u64();
            Said::Variable(VariableRet::Was(version.map(|at| (text(found, "value"), at))))
        }
        Asked::Variable(_) => Said::Variable(VariableRet::Wrote(number("version"))),
    }
}

/// What a refusal says; nothing if the wish may have been carried out.
fn denied(asked: &Asked, refused: &Refused) -> Option<Said> {
    match refused.code.as_str() {
        "no_quorum" | "no_leader" => Some(Said::Undone),
        "disagreed" => Some(disagreed(asked, &serde_json::from_str(&refused.text).unwrap())),
        "no_answer" | "unreachable_node" | "read_only" | "stopping" => None,
        _ => panic!("{asked:?}: {refused}"),
    }
}

fn disagreed(asked: &Asked, body: &Value) -> Said {
    let reason = &body["reason"];
    let version = reason["conflict"]["version"].as_u64();
    let session = reason["held"]["holder"]["session"].as_str();
    let holder = session.and_then(|name| name.rsplit('s').next()?.parse().ok());
    match (asked, holder, version) {
        (Asked::Lock(_), Some(by), _) => Said::Lock(LockRet::Taken { by }),
        (Asked::Lock(_), None, _) if reason["fenced"].is_object() => Said::Lock(LockRet::Fenced),
        (Asked::Variable(_), _, Some(version)) => Said::Variable(VariableRet::Conflict(version)),
        _ => panic!("{asked:?}: {body}"),
    }
}

fn text<T: std::str::FromStr>(answer: &Value, field: &str) -> T {
    let text = answer[field].as_str().unwrap_or_default();
    text.parse().ok().unwrap_or_else(|| panic!("{field} of {answer}"))
}
