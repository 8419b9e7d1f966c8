//! Programs as agents: their calls, their ends, their output.

use std::{sync::Arc, time::Duration};

use covey_logic::{
    Epoch,
    agent::{ExitReason, Runtime},
};
use covey_node::host::{Call, CallError, HostEvent, Stream};
use tokio::{task::JoinSet, time::Instant};

use crate::support::{
    PATIENCE, World, call, clean, eventually, is_running, name, program, python, request,
};

#[tokio::test]
async fn python_agent_answers() {
    let mut world = World::new();
    world.run(&python("greeter")).await;

    assert_eq!(world.ask("greeter", "echo", "{\n\"a\":\r\n1}").await, serde_json::json!({"a": 1}));
    assert_eq!(world.ask("greeter", "complain", r#"{"text": "x"}"#).await, serde_json::Value::Null);
    let error = world.call("greeter", "nonsense", "").await.unwrap_err();
    let CallError::Agent { code, message, data } = error else { panic!("{error:?}") };
    assert_eq!((code, message.as_str()), (-32_601, "no such method"));
    assert_eq!(&data[..], br#"["nonsense"]"#);
}

/// A notice has no id and is not answered; a key is a member of its own.
#[tokio::test]
async fn notice_and_key_reach_the_program() {
    let mut world = World::new();
    world.run(&python("greeter")).await;
    let call = |method: &str, params: &str| request(method, params, PATIENCE);
    let notice = Call { answered: false, ..call("keep", r#"{"n":1}"#) };
    let keyed = Call { key: Some("k\"1".into()), ..call("keep", r#"{"n":2}"#) };

    let told = world.host.call(&name("greeter"), Epoch(1), notice).await.unwrap();
    world.host.call(&name("greeter"), Epoch(1), keyed).await.unwrap();

    assert!(told.is_empty());
    let kept = world.ask("greeter", "kept", "").await;
    assert_eq!(kept, serde_json::json!([[{"n": 1}, null, false], [{"n": 2}, "k\"1", true]]));
}

/// Notices take places in the mailbox until they are written; one more is refused.
#[tokio::test]
async fn notices_of_an_agent_that_does_not_read_are_bounded() {
    let mut world = World::new();
    let mut spec = python("greeter");
    spec.limits.mailbox = 4;
    world.run(&spec).await;
    let params = format!("[{:?}]", "x".repeat(1 << 19));
    let notice = || Call { answered: false, ..request("echo", &params, PATIENCE) };
    let hang = Call { answered: false, ..request("hang", "", PATIENCE) };
    world.host.call(&name("greeter"), Epoch(1), hang).await.unwrap();

    // What a pipe and one write take is out of the mailbox.
    let mut refused = None;
    for _ in 0..16 {
        refused = world.host.call(&name("greeter"), Epoch(1), notice()).await.err();
        if refused.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    assert_eq!(refused, Some(CallError::Busy));
}

#[tokio::test]
async fn agent_knows_itself_and_nothing_of_the_node() {
    let mut world = World::new();
    let mut spec = python("space/greeter");
    let Runtime::Process { env, .. } = &mut spec.runtime else { panic!() };
    env.extend([("COLOUR", "red"), ("COVEY_EPOCH", "9")].map(|(k, v)| (k.into(), v.into())));
    world.run(&spec).await;

    let about = world.ask("space/greeter", "about", "").await;

    let environment = about["environment"].as_object().unwrap();
    assert_eq!(environment["COVEY_AGENT"], "space/greeter");
    assert_eq!(environment["COVEY_NODE"], "07".repeat(32));
    assert_eq!(environment["COVEY_EPOCH"], "1");
    assert_eq!(environment["COLOUR"], "red");
    assert!(!environment.contains_key("CARGO_MANIFEST_DIR"));
    assert_eq!(about["files"], serde_json::json!(["agent.py"]));
    let folder = world.agents_folder().join("space+greeter/1").canonicalize().unwrap();
    assert_eq!(about["folder"], folder.to_str().unwrap());
}

#[tokio::test]
async fn crash_tells_its_code_and_last_words() {
    let mut world = World::new();
    world.run(&python("greeter")).await;

    let answer = world.call("greeter", "crash", "").await;

    assert_eq!(answer, Err(CallError::Crashed));
    let exit = world.exit().await;
    assert_eq!(exit.reason, ExitReason::Exited { code: 1 });
    assert!(exit.tail.iter().any(|line| line.starts_with("Traceback")), "{:?}", exit.tail);
    assert_eq!(exit.tail.last().unwrap(), "ZeroDivisionError: integer division or modulo by zero");
    assert_eq!(world.call("greeter", "echo", "").await, Err(CallError::Unknown));
    assert!(!world.agents_folder().join("greeter").exists());
}

#[tokio::test]
async fn signal_from_outside_is_told() {
    let mut world = World::new();
    world.run(&python("greeter")).await;
    let pid = world.ask("greeter", "pid", "").await.as_i64().unwrap();

    kill(pid);

    assert_eq!(world.exit().await.reason, ExitReason::Killed { signal: 9 });
}

#[tokio::test]
async fn line_that_is_no_message_ends_the_agent() {
    let mut world = World::new();
    world.run(&python("greeter")).await;

    assert_eq!(world.call("greeter", "garble", "").await, Err(CallError::Crashed));

    let line = "hello, I am no message".to_owned();
    assert_eq!(world.exit().await.reason, ExitReason::Garbled { line });
}

#[tokio::test]
async fn program_that_cannot_run_says_what_the_system_said() {
    let mut world = World::new();
    let broken = [("run", "#!/no/such/interpreter\n")];
    for (command, files, says) in [
        ("no-such-program", &[][..], "neither among the agent's files nor in the search path"),
        ("/no/such/program", &[], "No such file or directory"),
        ("/etc/passwd", &[], "may not be run"),
        ("run", &broken, "No such file or directory"),
    ] {
        let spec = program("broken", &[command], files);
        world.host.start_agent(Arc::new(spec), Epoch(1));

        let reason = world.exit().await.reason;

        let ExitReason::NotStarted { error } = reason else { panic!("{command}: {reason:?}") };
        assert!(error.contains(says), "{command}: {error}");
    }
}

#[tokio::test]
async fn program_that_ends_before_it_is_ready_tells_its_code() {
    let mut world = World::new();
    let spec = program("brief", &["sh", "-c", "echo sorry >&2; exit 3"], &[]);

    world.host.start_agent(Arc::new(spec), Epoch(1));

    let exit = world.exit().await;
    assert_eq!(exit.reason, ExitReason::Exited { code: 3 });
    assert_eq!(exit.tail, ["sorry"]);
}

#[tokio::test]
async fn file_of_the_agent_can_be_its_program() {
    let mut world = World::new();
    let script = "#!/bin/sh\nread line\necho '{\"id\":0,\"result\":{}}'\nread line\n\
                  echo '{\"id\":1,\"result\":\"from a file\"}'\nread line\n";
    world.run(&program("script", &["./bin/run"], &[("bin/run", script)])).await;

    assert_eq!(world.ask("script", "any", "").await, "from a file");
}

#[tokio::test]
async fn stop_lets_the_agent_say_goodbye() {
    let mut world = World::new();
    world.run(&python("greeter")).await;

    world.stop("greeter", PATIENCE);

    let exit = world.exit().await;
    assert!(clean(&exit.reason));
    assert_eq!(exit.tail, ["goodbye"]);
    assert!(world.log("greeter").contains(&"ended: it was stopped".to_owned()));
}

#[tokio::test]
async fn stop_kills_after_the_grace_what_does_not_listen() {
    let mut world = World::new();
    let mut spec = python("greeter");
    let Runtime::Process { env, .. } = &mut spec.runtime else { panic!() };
    env.insert("STUBBORN".into(), "1".into());
    world.run(&spec).await;
    let pid = world.ask("greeter", "pid", "").await.as_u64().unwrap();

    world.stop("greeter", Duration::from_millis(50));
    assert_eq!(world.call("greeter", "echo", "").await, Err(CallError::Stopping));

    assert!(clean(&world.exit().await.reason));
    assert!(!is_running(pid));
}

#[tokio::test]
async fn stop_all_ends_everything_by_its_deadline() {
    let mut world = World::new();
    let mut stubborn = python("stubborn");
    let Runtime::Process { env, .. } = &mut stubborn.runtime else { panic!() };
    env.insert("STUBBORN".into(), "1".into());
    world.run(&stubborn).await;
    world.run(&python("willing")).await;

    world.host.stop_all(Instant::now() + Duration::from_secs(2)).await;

    assert_eq!(world.host.count(), 0);
    assert!(clean(&world.exit().await.reason));
    assert!(clean(&world.exit().await.reason));
}

#[tokio::test]
async fn grandchildren_die_with_the_agent() {
    let mut world = World::new();
    world.run(&python("parent")).await;
    let grandchild = world.ask("parent", "spawn", "").await.as_u64().unwrap();
    assert!(is_running(grandchild));

    let _crashed = world.call("parent", "exit", r#"{"code": 0}"#).await;

    assert_eq!(world.exit().await.reason, ExitReason::Exited { code: 0 });
    eventually("the grandchild is dead", || !is_running(grandchild)).await;
}

#[tokio::test]
async fn calls_reach_the_agent_in_order() {
    let mut world = World::new();
    world.run(&python("greeter")).await;
    let mut calls = Vec::new();

    for i in 0..500 {
        let params = format!(r#"{{"text": "{i}"}}"#);
        let host = world.host.clone();
        let mut call = Box::pin(async move { call(&host, "greeter", "complain", &params).await });
        // The first poll queues it.
        assert!(futures::poll!(&mut call).is_pending());
        calls.push(call);
    }
    for call in calls {
        call.await.unwrap();
    }

    let sorted =
        |lines: &[String]| lines.windows(2).all(|pair| number(&pair[0]) < number(&pair[1]));
    eventually("every line is read", || world.log("greeter").len() == 501).await;
    assert!(sorted(&world.log("greeter")[1..]));
}

#[tokio::test]
async fn answers_may_come_in_any_order() {
    let mut world = World::new();
    world.run(&python("greeter")).await;
    let mut calls = JoinSet::new();
    for ms in [600, 300, 0] {
        let host = world.host.clone();
        calls.spawn(
            async move { call(&host, "greeter", "later", &format!(r#"{{"ms": {ms}}}"#)).await },
        );
    }

    let mut order = Vec::new();
    while let Some(answer) = calls.join_next().await {
        order.push(answer.unwrap().unwrap());
    }

    assert_eq!(order, ["0", "300", "600"]);
}

#[tokio::test]
async fn busy_agent_refuses_and_delays_no_other() {
    let mut world = World::new();
    let mut spec = python("slow");
    spec.limits.mailbox = 3;
    world.run(&spec).await;
    world.run(&python("quick")).await;

    for _ in 0..3 {
        let hang = request("hang", "", Duration::from_millis(1));
        let answer = world.host.call(&name("slow"), Epoch(1), hang).await;
        assert_eq!(answer, Err(CallError::TimedOut));
    }

    assert_eq!(world.call("slow", "echo", "").await, Err(CallError::Busy));
    assert_eq!(world.ask("quick", "echo", "1").await, 1);
}

#[tokio::test]
async fn everything_written_is_in_the_log() {
    let mut world = World::new();
    world.run(&python("greeter")).await;
    world.ask("greeter", "complain", r#"{"text": "on stderr"}"#).await;
    world.ask("greeter", "log", r#"{"text": "one\ntwo"}"#).await;
    world.ask("greeter", "ask", "").await;
    let long = "x".repeat(10_000);
    world.ask("greeter", "complain", &format!(r#"{{"text": "{long}"}}"#)).await;

    let has =
        |world: &World, text: &str| world.log("greeter").iter().any(|line| line.contains(text));
    eventually("the long line is there", || has(&world, "xxxx")).await;
    eventually("the refusal came", || has(&world, "\"id\":\"mine\"")).await;
    let lines = world.host.logs(&name("greeter"), 100);
    let stream = |text: &str| lines.iter().find(|line| line.text == text).unwrap().stream;
    assert_eq!(stream("on stderr"), Stream::Stderr);
    assert_eq!((stream("one"), stream("two")), (Stream::Log, Stream::Log));
    assert_eq!(lines[0].stream, Stream::Host);
    assert_eq!(lines.iter().map(|line| line.text.len()).max(), Some(4_096));
    assert!(lines.iter().all(|line| line.at.0 > 0));
    world.stop("greeter", PATIENCE);
    world.exit().await;
    assert!(has(&world, "on stderr"), "the log outlives the agent");
}

#[tokio::test]
async fn node_answers_what_an_agent_asks() {
    let mut world = World::new();
    world.run(&python("greeter")).await;

    world.ask("greeter", "ask_echo", r#"{"times": 3}"#).await;
    world.ask("greeter", "ask", "").await;

    let has =
        |world: &World, text: &str| world.log("greeter").iter().any(|line| line.contains(text));
    for number in 0..3 {
        let answer = format!(r#""result":["greeter",{{"a": {number}}}],"id":{number}"#);
        eventually("the answer came", || has(&world, &answer)).await;
    }
    let unknown = "the node has no method whatever";
    eventually("what the node does not know is refused", || has(&world, unknown)).await;
}

#[tokio::test]
async fn agents_start_at_the_same_time() {
    let mut world = World::new();
    let script = "#!/bin/sh\nread line\necho '{\"id\":0,\"result\":{}}'\nread line\n";
    for i in 0..30 {
        let spec = program(&format!("script-{i}"), &["run"], &[("run", script)]);
        world.host.start_agent(Arc::new(spec), Epoch(1));
    }

    for _ in 0..30 {
        let event = world.event().await;
        assert!(matches!(event, HostEvent::Started { .. }), "{event:?}");
    }
}

fn number(line: &str) -> u32 {
    line.parse().unwrap()
}

fn kill(pid: i64) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}
