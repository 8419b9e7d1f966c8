//! The list, and what each command does.

use covey_logic::{
    Command, CommandError, Name,
    agreed::Key,
    certificate::Role,
    coordination::{Place, Refused, Scope},
    event::Class,
    guard::{self, Shortage},
    monitor::{AlertCommand, Rule, Subject},
    moving::Rebalance,
    node::NodeState,
    registry::NameCommand,
    settings::{self, Problem},
};
use serde_json::{Value, json};

use super::double::{Double, OTHER, THIS, spec};
use crate::control::{COMMANDS, Cause, InviteLink, UiError};

/// Arguments with which each command can be carried out.
pub(super) fn arguments(command: &str) -> Value {
    let other = json!({ "node": OTHER });
    let link = InviteLink {
        host: OTHER,
        secret: [3; 16],
        addresses: vec!["/ip4/10.0.0.2/tcp/26839".into()],
    };
    match command {
        "pairing.ask" | "pairing.accept" | "pairing.refuse" | "member.revoke" => other,
        "lobby.dial" => json!({ "address": "10.0.0.2" }),
        "invite.create" => json!({ "role": "worker", "ttl_ms": 60_000 }),
        "invite.revoke" => json!({ "id": "i1" }),
        "cluster.join" => json!({ "link": link.to_string() }),
        "rate.reset" => json!({ "operation": "agent.call:*", "actor": "alice" }),
        "archive.get" | "archive.replay" => json!({ "id": 7 }),
        "cluster.plan" | "archive.list" => json!({}),
        "node.rename" => json!({ "name": "kitchen" }),
        "node.label" => json!({ "labels": { "room": "kitchen" } }),
        "node.programs" => json!({ "programs": "cluster" }),
        "name.register" => json!({ "names": [{ "name": "a", "metadata": { "k": "v" } }] }),
        "name.deregister" => json!({ "names": ["a"] }),
        "name.search" => json!({
            "terms": [{ "term": "equals", "field": "room", "value": "3" }], "limit": 5
        }),
        "name.count" | "name.deregister_matching" => json!({
            "terms": [{ "term": "not", "not": { "term": "prefix", "prefix": "queue-" } }]
        }),
        "name.wait" => json!({ "name": "adder", "timeout_ms": 5_000 }),
        "name.set" => json!({ "name": "adder", "expected": 7, "metadata": { "k": ["v", "w"] } }),
        "group.join" | "group.quit" | "group.members" => json!({ "group": "printers" }),
        "namespace.set" => json!({ "namespace": "desk", "backend": "local" }),
        "namespace.clean" => json!({ "namespace": "desk" }),
        "node.what_if" => other,
        "node.cordon" => json!({ "node": OTHER, "on": true }),
        "node.drain" => json!({ "node": OTHER, "deadline_ms": 60_000 }),
        "rebalance.start" => json!({ "moves": [], "interval_ms": 100 }),
        "rebalance.steer" => json!({ "step": "pause" }),
        "groups.list" | "namespaces.list" | "doctor.run" | "rebalance.preview"
        | "rebalance.get" => json!({}),
        "event.append" => json!({
            "events": [{ "type": "shop.order", "body": { "total": 12 }, "correlation": "o-7" }]
        }),
        "event.query" => json!({ "kinds": ["member_up", "shop."], "limit": 10 }),
        "event.get" => json!({ "event": format!("{OTHER}/7") }),
        "event.trace" => json!({ "correlation": "o-7" }),
        "event.follow" => json!({ "position": "newest" }),
        "event.statistics" | "event.check" => json!({}),
        "coordination.get"
        | "coordination.recovery"
        | "coordination.recover"
        | "coordination.set_aside"
        | "agents.list"
        | "nodes.list"
        | "status.get"
        | "pairing.get"
        | "pairing.withdraw"
        | "node.stop" => json!({}),
        other => arguments_about_agents(other),
    }
}

fn arguments_about_agents(command: &str) -> Value {
    let name = json!({ "name": "adder" });
    match command {
        "agent.start" => json!({ "spec": spec(), "pin": OTHER, "replace": true }),
        "agent.stop" | "agent.restart" | "agent.remove" | "agent.logs" | "agent.explain"
        | "agent.tenure" | "name.lookup" => name,
        "agent.move" => json!({ "name": "adder", "to": OTHER }),
        "agent.call" => json!({ "name": "adder", "method": "add", "params": { "by": 2 } }),
        "agent.notify" => json!({ "name": "adder", "method": "add", "key": "k1" }),
        "agent.broadcast" => json!({ "capabilities": ["add"], "method": "add", "notice": true }),
        "agent.submit" => json!({ "call": { "name": "adder", "method": "add" } }),
        "agent.result" => json!({ "handle": "00000000000000ff", "wait_ms": 10 }),
        "session.start" => json!({ "protocol": "vote", "participants": ["adder"], "wait_ms": 5 }),
        "session.get" | "session.wait" | "session.cancel" => json!({ "session": 1 }),
        "session.say" => json!({
            "session": 1, "agent": "adder", "word": { "option": "approve" }
        }),
        "session.assess" => json!({
            "session": 1, "agent": "adder", "accuracy": 90, "efficiency": 50
        }),
        "session.list" | "protocols.list" => json!({}),
        "topic.publish" => json!({ "topic": "news", "body": 7 }),
        "topic.subscribe" | "topic.unsubscribe" => json!({ "topic": "news", "agent": "adder" }),
        agreed => arguments_about_agreement(agreed),
    }
}

fn arguments_about_agreement(command: &str) -> Value {
    match command {
        "lease.acquire" | "lease.watch" => json!({ "place": door() }),
        "lease.renew" | "lease.release" | "lease.revoke" => json!({ "place": door(), "token": 3 }),
        "barrier.wait" => {
            json!({ "barrier": "gate", "session": "a", "parties": 2, "wait_ms": 1_000 })
        }
        "barrier.break" => json!({ "barrier": "gate", "generation": 3 }),
        "counter.add" => json!({ "counter": "hits", "by": 2 }),
        "counter.get" | "counter.remove" => json!({ "counter": "hits" }),
        "variable.watch" => json!({ "variable": "mode", "wait_ms": 0 }),
        "decision.propose" => json!({ "question": "leader", "value": "a" }),
        "decision.get" | "decision.reopen" => json!({ "question": "leader" }),
        "variable.set" | "variable.register" => json!({ "variable": "mode", "value": "fast" }),
        "variable.get" | "variable.remove" => json!({ "variable": "mode" }),
        other => arguments_about_tasks(other),
    }
}

fn arguments_about_tasks(command: &str) -> Value {
    match command {
        "task.submit" => {
            json!({ "tasks": [{ "capabilities": ["add"], "method": "add", "key": "t-1" }] })
        }
        "task.get" => json!({ "task": 1 }),
        "task.list" | "balancer.get" => json!({}),
        "task.wait" => json!({ "tasks": [1], "wait_ms": 10 }),
        "task.cancel" => json!({ "tasks": [1] }),
        "balancer.preview" => json!({ "capabilities": ["add"], "strategy": "round_robin" }),
        "balancer.set" => json!({ "strategy": "least_loaded" }),
        "setting.change" => json!({ "changes": [{ "key": "locks.lease", "value": null }] }),
        "setting.here" => json!({ "changes": [{ "key": "logs.lines", "value": null }] }),
        "setting.roll_back" => json!({ "to": 0 }),
        "setting.diff" => json!({ "from": 0, "to": 0 }),
        "setting.withdraw" => json!({ "id": "p1" }),
        "guard.reset" => json!({ "name": "adder" }),
        "setting.list" | "setting.history" | "setting.reset" | "guard.get" => json!({}),
        other => arguments_about_markets(other),
    }
}

/// What the market of the double can do.
fn arguments_about_markets(command: &str) -> Value {
    let hex = "07".repeat(32);
    let account = json!(format!("owner/{OTHER}"));
    match command {
        "auction.create" => json!({ "kind": "english", "lot": "an hour", "duration_ms": 60_000 }),
        "auction.bid" => json!({ "auction": 1, "amount": 5 }),
        "auction.accept" => json!({ "auction": 2, "most": 9 }),
        "auction.commit" => json!({ "auction": 3, "commitment": hex }),
        "auction.reveal" => json!({ "auction": 5, "amount": 5, "nonce": hex }),
        "auction.close" | "auction.cancel" => json!({ "auction": 4 }),
        "auction.get" => json!({ "auction": 1 }),
        "ledger.statement" => json!({ "account": account }),
        "ledger.issue" | "ledger.transfer" => json!({ "to": account, "amount": 5 }),
        "ledger.hold" => json!({ "to": account, "amount": 5, "span_ms": 1_000 }),
        "ledger.capture" | "ledger.release" => json!({ "hold": 2 }),
        "auction.list" | "auction.kinds" | "market.key" | "ledger.accounts" | "ledger.holds"
        | "ledger.audit" | "ledger.export" => json!({}),
        "metrics.list" | "metrics.now" | "alert.list" | "alert.rules" | "alert.history" => {
            json!({})
        }
        "metrics.get" => json!({ "subject": { "node": THIS }, "metrics": ["cpu"], "span_s": 60 }),
        "metrics.heat" => json!({ "metric": "cpu", "span_s": 60 }),
        "metrics.export" => json!({ "format": "csv", "span_s": 60 }),
        "alert.mute" => json!({ "rule": "cpu", "subject": { "node": THIS }, "for_ms": 5_000 }),
        "alert.unmute" | "alert.acknowledge" => {
            json!({ "rule": "cpu", "subject": { "node": THIS } })
        }
        other => panic!("{other} needs arguments here"),
    }
}

#[tokio::test]
async fn every_command_does_what_its_name_says() {
    for entry in COMMANDS {
        let double = Double::new();

        let reply = double.control().call(entry.name, arguments(entry.name)).await;

        assert!(reply.is_ok(), "{}: {reply:?}", entry.name);
        let asked = double.asked.lock().unwrap().first().map(discriminant);
        assert_eq!(asked, expected(entry.name), "{}", entry.name);
    }
}

#[tokio::test]
async fn role_below_the_least_is_refused_before_anything_is_done() {
    for entry in COMMANDS.iter().filter(|entry| entry.role > Role::Observer) {
        let double = Double::new();
        double.change(|views| views.status.role = Role::Observer);

        let refusal = double.control().call(entry.name, arguments(entry.name)).await;

        assert_eq!(refusal.unwrap_err().cause, Cause::Forbidden { needs: entry.role });
        assert!(double.asked.lock().unwrap().is_empty(), "{}", entry.name);
    }
}

#[tokio::test]
async fn unknown_argument_is_refused_and_not_ignored() {
    for entry in COMMANDS {
        let double = Double::new();
        let mut arguments = arguments(entry.name);
        arguments["no_such"] = json!(1);

        let refusal = double.control().call(entry.name, arguments).await.unwrap_err();

        assert!(matches!(refusal.cause, Cause::BadArguments { .. }), "{}", entry.name);
        assert!(double.asked.lock().unwrap().is_empty(), "{}", entry.name);
    }
}

#[tokio::test]
async fn names_of_commands_are_unique_and_explained() {
    let mut names: Vec<_> = COMMANDS.iter().map(|entry| entry.name).collect();
    names.sort_unstable();
    names.dedup();

    assert_eq!(names.len(), COMMANDS.len());
    assert!(COMMANDS.iter().all(|entry| entry.help.ends_with('.') && !entry.title.is_empty()));
}

#[tokio::test]
async fn accept_admits_an_operator_if_nothing_is_said() {
    let double = Double::new();

    double.control().call("pairing.accept", json!({ "node": OTHER })).await.unwrap();

    let accepted = Command::Accept { node: OTHER, role: Role::Operator };
    assert_eq!(*double.asked.lock().unwrap(), [accepted]);
}

#[tokio::test]
async fn invite_gives_a_link_that_reads_back() {
    let double = Double::new();

    let made = double.control().call("invite.create", json!({ "ttl_ms": 5_000 })).await.unwrap();

    let link: InviteLink = made["link"].as_str().unwrap().parse().unwrap();
    assert_eq!((link.host, link.secret), (THIS, [3; 16]));
    assert_eq!(made["expires"], json!(6_000));
}

#[tokio::test]
async fn join_waits_until_the_host_of_the_invite_is_nearby() {
    let double = Double::new();
    let nearby = double.views.borrow().pairing.nearby.clone();
    double.change(|views| views.pairing.nearby.clear());
    let control = double.control();
    let joining =
        tokio::spawn(async move { control.call("cluster.join", arguments("cluster.join")).await });
    tokio::task::yield_now().await;
    assert!(double.asked.lock().unwrap().is_empty());

    double.change(|views| views.pairing.nearby = nearby);

    joining.await.unwrap().unwrap();
    let used = Command::UseInvite { host: OTHER, secret: [3; 16] };
    assert_eq!(*double.asked.lock().unwrap(), [used]);
}

#[tokio::test]
async fn values_out_of_bounds_are_refused_by_name() {
    let name = "adder";
    for (command, arguments, field) in [
        ("agent.call", json!({ "name": name, "method": "m", "timeout_ms": 0 }), "timeout_ms"),
        ("agent.logs", json!({ "name": name, "lines": 1_001 }), "lines"),
        ("invite.create", json!({ "ttl_ms": 86_400_001 }), "ttl_ms"),
        ("event.query", json!({ "limit": 0 }), "limit"),
        ("event.follow", json!({ "position": "oldest", "wait_ms": 30_001 }), "wait_ms"),
        ("name.register", json!({ "names": [] }), "names"),
        ("rate.reset", json!({ "operation": "counter.add" }), "operation"),
    ] {
        let refusal = Double::new().control().call(command, arguments).await.unwrap_err();

        let Cause::Invalid { field: refused, .. } = refusal.cause else {
            panic!("{command}: {refusal}")
        };
        assert_eq!(refused, field);
    }
}

#[tokio::test]
async fn kind_that_no_event_has_is_refused_with_those_that_are() {
    let query = json!({ "kinds": ["agent_strated"] });

    let refusal = Double::new().control().call("event.query", query).await.unwrap_err();

    assert!(refusal.why.contains("agent_started"), "{refusal}");
}

#[tokio::test]
async fn refusal_of_the_node_reaches_the_caller() {
    let double = Double::new();
    let name = Name::new("adder").unwrap();
    let error = CommandError::NameTaken { name: name.clone(), owner: OTHER };
    *double.refuse.lock().unwrap() = Some(error);

    let refusal = double.control().call("agent.stop", arguments("agent.stop")).await;

    assert_eq!(refusal.unwrap_err(), UiError::from(Cause::NameTaken { name, owner: OTHER }));
}

#[tokio::test]
async fn names_for_an_agent_are_registered_for_it() {
    let double = Double::new();
    let wish = json!({ "names": [{ "name": "queue" }], "holder": "adder" });

    double.control().call("name.register", wish).await.unwrap();

    let holder = Name::new("adder").unwrap();
    let names = vec![(Name::new("queue").unwrap(), Default::default())];
    let asked = Command::Name(NameCommand::RegisterFor { holder, names });
    assert_eq!(*double.asked.lock().unwrap(), [asked]);
}

/// Who has no credits for a minute is told before anything is started; and nobody orders a place for
/// an agent that is there already.
#[tokio::test]
async fn place_of_an_agent_is_ordered_before_it_is_started() {
    let double = Double::new();
    let start = |name: &str, most: u64| {
        let placement = json!({ "strategy": "auction", "pay_per_minute": most });
        let runtime = json!({ "kind": "builtin", "agent": "echo" });
        json!({ "spec": { "name": name, "runtime": runtime, "placement": placement } })
    };
    let control = double.control();

    let refused = control.call("agent.start", start("new", 2_000)).await.unwrap_err();

    assert!(matches!(refused.cause, Cause::MarketRefused { .. }), "{refused}");
    assert!(double.asked.lock().unwrap().is_empty());
    control.call("agent.start", start("new", 900)).await.unwrap();
    control.call("agent.start", start("adder", 2_000)).await.unwrap();
    assert_eq!(double.asked.lock().unwrap().len(), 2);
}

/// Giving up whatever fits takes a word about what fits.
#[tokio::test]
async fn nothing_is_given_up_without_a_term() {
    let double = Double::new();

    let refusal = double.control().call("name.deregister_matching", json!({ "terms": [] })).await;

    assert!(matches!(refusal.unwrap_err().cause, Cause::Invalid { .. }));
    assert!(double.asked.lock().unwrap().is_empty());
}

/// A counter may pass what a number of JavaScript holds, and a lease has a default.
#[tokio::test]
async fn what_is_agreed_on_is_told_in_words_that_fit() {
    let control = Double::new().control();
    let ask = async |command, arguments| control.call(command, arguments).await;

    let counter = ask("counter.get", json!({ "counter": "hits" })).await.unwrap();
    let stale = ask("counter.get", json!({ "counter": "hits", "stale": true })).await.unwrap();
    let token = ask("lease.acquire", json!({ "place": door() })).await.unwrap();

    assert_eq!(counter["found"]["value"], i64::MAX.to_string());
    assert_eq!((&counter["index"], &stale["index"]), (&json!(5), &json!(3)));
    // The double answers with the lease.
    assert_eq!(token["token"], 30_000);
    let missing = ask("variable.get", json!({ "variable": "mode" })).await;
    assert_eq!(missing.unwrap()["found"], Value::Null);
}

/// A name is of one kind: it is used as what it is, and as nothing else.
#[tokio::test]
async fn scope_that_is_not_said_is_the_one_in_which_the_name_is() {
    let control = Double::new().control();
    let ask = async |command, arguments| control.call(command, arguments).await;
    let cause =
        async |command, arguments| control.call(command, arguments).await.unwrap_err().cause;

    let here = ask("counter.get", json!({ "counter": "visits" })).await.unwrap();
    let new = json!({ "counter": "new", "by": 5, "scope": "global" });
    let added = ask("counter.add", new).await.unwrap();
    let note = ask("variable.set", json!({ "variable": "note", "value": "a" })).await.unwrap();
    let other = json!({ "counter": "visits", "by": 1, "scope": "cluster" });
    let other = cause("counter.add", other).await;
    let both = cause("counter.add", json!({ "counter": "split", "by": 1 })).await;

    assert_eq!((&here["found"]["value"], &here["index"]), (&json!("9"), &Value::Null));
    assert_eq!((&here["found"]["scope"], &added["value"]), (&json!("global"), &json!("5")));
    assert_eq!(note["version"], 4);
    let name = |text| Name::new(text).unwrap();
    let reason = Box::new(Refused::OtherScope { name: name("visits"), scope: Scope::Global });
    assert_eq!(other, Cause::Disagreed { reason });
    let reason = Box::new(Refused::Ambiguous { name: name("split") });
    assert_eq!(both, Cause::Disagreed { reason });
}

/// What takes agreement is refused where there is none, and not ignored.
#[tokio::test]
async fn nothing_is_promised_that_only_a_majority_could_keep() {
    let control = Double::new().control();
    let cause =
        async |command, arguments| control.call(command, arguments).await.unwrap_err().cause;
    let fence = json!({ "place": door(), "token": 3 });
    let register = |scope, strategy| json!({ "variable": "v", "value": "1", "scope": scope, "strategy": strategy });

    for (command, arguments) in [
        ("counter.add", json!({ "counter": "visits", "by": 1, "key": "k" })),
        ("counter.add", json!({ "counter": "visits", "by": 1, "fence": fence })),
        ("counter.remove", json!({ "counter": "visits" })),
        ("variable.set", json!({ "variable": "note", "value": "a", "key": "k" })),
        ("variable.watch", json!({ "variable": "visits", "wait_ms": 0 })),
    ] {
        let found = cause(command, arguments).await;
        let unagreed = |reason: &Refused| matches!(reason, Refused::Unagreed { .. });
        assert!(matches!(found, Cause::Disagreed { reason } if unagreed(&reason)), "{command}");
    }
    for (scope, strategy) in
        [("cluster", "greatest"), ("global", "consensus"), ("local", "last_write_wins")]
    {
        let found = cause("variable.register", register(scope, strategy)).await;
        assert!(matches!(found, Cause::Invalid { field, .. } if field == "strategy"), "{scope}");
    }
    let local = cause("counter.add", json!({ "counter": "c", "by": 1, "scope": "local" })).await;
    assert!(matches!(local, Cause::Invalid { field, .. } if field == "scope"));
}

/// Why the group said no, or could not say anything, is told apart.
#[tokio::test]
async fn refusals_of_the_group_keep_their_causes() {
    let control = Double::new().control();
    let cause =
        async |command, arguments| control.call(command, arguments).await.unwrap_err().cause;

    let fenced = cause("lease.renew", json!({ "place": door(), "token": 7 })).await;
    let mute = cause("variable.remove", json!({ "variable": "mute" })).await;
    let long = cause("lease.acquire", json!({ "place": door(), "wait_ms": 3_600_001 })).await;
    let key = "k".repeat(Key::MAX_LEN + 1);
    let key = cause("counter.add", json!({ "counter": "hits", "by": 1, "key": key })).await;

    let reason =
        Box::new(Refused::Fenced { place: Place::lock(Name::new("door").unwrap()), token: 7 });
    assert_eq!(fenced, Cause::Disagreed { reason });
    assert_eq!(mute, Cause::NoQuorum { have: 1, need: 2 });
    assert!(matches!(long, Cause::Invalid { field, .. } if field == "wait_ms"));
    assert!(matches!(key, Cause::Invalid { field, .. } if field == "key"));
}

/// What is wrong with a value is told by its cause, and nothing changes.
#[tokio::test]
async fn settings_are_changed_compared_and_rolled_back() {
    let control = Double::new().control();
    let ask = async |command, arguments| control.call(command, arguments).await;
    let change = |value| json!({ "changes": [{ "key": "locks.lease", "value": value }] });
    let one = |node| json!([{ "key": "log.level", "place": node, "value": "debug" }]);

    ask("setting.change", change("1m")).await.unwrap();
    let node = json!({ "node": OTHER });
    ask("setting.change", json!({ "changes": one(node.clone()) })).await.unwrap();
    let refused = ask("setting.change", change("soon")).await.unwrap_err().cause;
    let edits = ask("setting.diff", json!({ "from": 1, "to": 2 })).await.unwrap();
    let back = ask("setting.roll_back", json!({ "to": 1, "expected": 2 })).await.unwrap();
    let history = ask("setting.history", json!({ "after": 1 })).await.unwrap();

    let value = "soon".to_owned();
    let (key, problem) = (Name::new("locks.lease").unwrap(), Problem::NoSpan);
    let reason = Box::new(settings::Refused::Invalid { key, value, problem });
    assert_eq!(refused, Cause::SettingRefused { reason });
    let edit = json!([{ "key": "log.level", "place": node, "old": null, "new": "debug" }]);
    assert_eq!(edits, edit);
    assert_eq!(back, json!({ "outcome": "agreed", "version": 3, "changed": 1 }));
    assert_eq!(history[1]["how"], json!({ "rolled_back": { "to": 1 } }));
    let list = ask("setting.list", json!({})).await.unwrap();
    let lease = |there: &&Value| there["key"] == "locks.lease";
    let lease = list["settings"].as_array().unwrap().iter().find(lease).unwrap();
    assert_eq!([&lease["value"], &lease["layer"]], ["1m", "cluster"]);
}

/// Who asks too often is refused before anything is done, and can still see and change the rule.
#[tokio::test]
async fn who_asks_too_often_is_refused_but_for_settings_and_guards() {
    let double = Double::new();
    let control = double.control();
    let eager = json!({ "place": door(), "session": "eager" });

    let refused = control.call("lease.acquire", eager).await.unwrap_err();

    let Cause::Guarded { reason } = refused.cause else { panic!("{refused}") };
    let (actor, operation) = ("eager".to_owned(), "lease.acquire".to_owned());
    let rate = guard::Refused::Rate { actor, operation, retry_ms: 20, shortage: Shortage::Rate };
    assert_eq!(*reason, rate);
    assert!(double.asked.lock().unwrap().is_empty());
    control.call("guard.get", json!({})).await.unwrap();
    control.call("setting.list", json!({})).await.unwrap();
}

#[tokio::test]
async fn lists_are_the_views() {
    let double = Double::new();
    double.change(|views| views.nodes[0].state = NodeState::Suspect);

    let nodes = double.control().call("nodes.list", Value::Null).await.unwrap();

    assert_eq!(nodes[0]["state"], "suspect");
}

fn door() -> Value {
    json!({ "kind": "lock", "name": "door" })
}

fn discriminant(command: &Command) -> std::mem::Discriminant<Command> {
    std::mem::discriminant(command)
}

/// What the node should be asked; nothing for commands that only read.
fn expected(command: &str) -> Option<std::mem::Discriminant<Command>> {
    let name = Name::new("adder").unwrap();
    let spec = serde_json::from_value(spec()).unwrap();
    let wish = match command {
        "agent.start" => Command::StartAgent { spec: Box::new(spec), pin: None, replace: true },
        "agent.stop" => Command::StopAgent { name },
        "agent.restart" => Command::RestartAgent { name },
        "agent.move" => Command::MoveAgent { name, to: None },
        "agent.remove" => Command::RemoveAgent { name },
        "pairing.ask" => Command::Ask { peer: OTHER },
        "pairing.withdraw" => Command::Withdraw,
        "pairing.accept" => Command::Accept { node: OTHER, role: Role::Worker },
        "pairing.refuse" => Command::Refuse { node: OTHER },
        "invite.create" => Command::Invite { role: Role::Worker, ttl: std::time::Duration::ZERO },
        "invite.revoke" => Command::Uninvite { id: String::new() },
        "cluster.join" => Command::UseInvite { host: OTHER, secret: [0; 16] },
        "member.revoke" => Command::Revoke { node: OTHER },
        "coordination.set_aside" => Command::BeginLineage { lineage: 7, revision: 0 },
        "coordination.recover" => Command::BeginLineage { lineage: 5, revision: 12 },
        "node.rename" => Command::Rename { name: String::new() },
        "node.label" => Command::SetLabels { labels: std::collections::BTreeMap::new() },
        "node.programs" => Command::SetPrograms { programs: covey_logic::agent::Programs::Own },
        "name.register" => Command::Register { names: Vec::new() },
        "name.deregister" => Command::Deregister { names: Vec::new() },
        "event.append" => Command::Report { reports: Vec::new(), class: Class::Local },
        "alert.mute" | "alert.unmute" | "alert.acknowledge" => Command::Alert {
            rule: Rule::Cpu,
            subject: Subject::Node(THIS),
            command: AlertCommand::Unmute,
        },
        "node.cordon" => Command::Cordon { node: OTHER, on: true },
        "node.drain" => Command::Drain { node: OTHER, deadline: std::time::Duration::from_mins(1) },
        "rebalance.start" | "rebalance.steer" => Command::Rebalance(Rebalance::Pause),
        "name.deregister_matching"
        | "name.set"
        | "group.join"
        | "group.quit"
        | "namespace.set"
        | "namespace.clean" => Command::Name(NameCommand::CleanUp { namespace: String::new() }),
        _ => return None,
    };
    Some(discriminant(&wish))
}
