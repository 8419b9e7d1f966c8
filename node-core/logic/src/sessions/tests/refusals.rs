//! What is refused, each with an error of its own.

use serde_json::json;

use super::{
    Act, Done, Epoch, Log, OTHER, Plan, Refused, STEWARD, Seat, Session, ballot, heard, name, plan,
};
use crate::sessions::{Failing, Failure, Feedback, Priority, Problem};

#[test]
fn second_ballot_is_refused_and_the_first_counts() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 3, &[("early", "no")]));
    log.say(OTHER, vote, "a", &ballot("approve")).unwrap();

    let again = log.say(OTHER, vote, "a", &ballot("reject"));
    let relayed = log.hear(vote, &[("a", ballot("reject"))]);

    assert_eq!(again, Err(Refused::SaidTwice { agent: name("a") }));
    assert_eq!(relayed, Ok(Done::Heard { taken: 0 }));
    assert_eq!(log.session(vote).view(0).participants[0].remark, "approve");
}

#[test]
fn stranger_is_refused() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 3, &[]));

    let refused = log.say(OTHER, vote, "z", &ballot("approve"));

    assert_eq!(refused, Err(Refused::Stranger { agent: name("z"), session: vote }));
}

#[test]
fn ballot_for_an_agent_of_another_node_is_refused() {
    let mut log = Log::default();
    let mut plan = plan("vote", 3, &[]);
    plan.participants[0].1 = Some(Seat { node: OTHER, epoch: Epoch(1) });
    let vote = log.start(plan);

    let refused = log.say(STEWARD, vote, "a", &ballot("approve"));

    assert_eq!(refused, Err(Refused::NotYours { agent: name("a"), node: OTHER }));
    log.say(OTHER, vote, "a", &ballot("approve")).unwrap();
}

#[test]
fn ballot_of_an_older_life_is_refused() {
    let mut log = Log::default();
    let mut plan = plan("vote", 3, &[]);
    plan.participants[0].1 = Some(Seat { node: STEWARD, epoch: Epoch(2) });
    let vote = log.start(plan);

    let refused = log.say(OTHER, vote, "a", &ballot("approve"));

    assert_eq!(refused, Err(Refused::OldLife { agent: name("a") }));
}

#[test]
fn late_ballot_is_refused_whether_or_not_the_steward_said_so() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 3, &[("early", "no")]));
    log.hear(vote, &[("a", ballot("approve")), ("b", ballot("approve"))]).unwrap();
    assert_eq!(log.time(vote), Err(Refused::TooEarly));

    log.clock = log.session(vote).round_deadline;
    let late = log.say(OTHER, vote, "c", &ballot("approve"));
    log.time(vote).unwrap();
    let over = log.say(OTHER, vote, "c", &ballot("approve"));

    assert_eq!(late, Err(Refused::Late { agent: name("c") }));
    assert_eq!(over, Err(Refused::Over { session: vote }));
    assert_eq!(log.time(vote), Err(Refused::Over { session: vote }));
}

#[test]
fn word_of_another_round_and_of_who_is_not_asked_is_refused() {
    let mut log = Log::default();
    let deal = log.start(plan("contract_net", 2, &[]));
    log.hear(deal, &[("a", json!({ "price": 1 })), ("b", json!({ "price": 2 }))]).unwrap();

    let heard = vec![heard("a", &json!({ "price": 3 }))];
    let old = log.apply(STEWARD, Act::Hear { session: deal, round: 1, heard });
    let idle = log.say(OTHER, deal, "b", &json!({ "accept": true }));

    assert_eq!(old, Err(Refused::WrongRound { round: 1, current: 2 }));
    assert_eq!(idle, Err(Refused::NotAsked { agent: name("b") }));
}

#[test]
fn unknown_session_and_protocol_and_options_are_refused() {
    let mut log = Log::default();
    let start = |plan| Act::Start(Box::new(plan));

    assert_eq!(log.say(OTHER, 99, "a", &ballot("x")), Err(Refused::UnknownSession { session: 99 }));
    let unknown = log.apply(OTHER, start(plan("pbft", 3, &[])));
    assert_eq!(unknown, Err(Refused::UnknownProtocol { protocol: "pbft".to_owned() }));
    for (options, problem) in [
        (("colour", "red"), Problem::Unknown),
        (("percent", "60"), Problem::Pointless),
        (("options", "one"), Problem::Parts { least: 2, most: 10 }),
        (("options", "one, one"), Problem::Twice),
    ] {
        let refused = log.apply(OTHER, start(plan("vote", 3, &[options])));
        assert_eq!(refused, Err(Refused::Option { option: options.0.to_owned(), problem }));
    }
    let missing = log.apply(OTHER, start(plan("allocation", 3, &[])));
    assert!(matches!(missing, Err(Refused::Option { problem: Problem::Missing, .. })));
}

#[test]
fn participants_and_times_have_bounds() {
    let mut log = Log::default();
    let mut refused = |plan: Plan| log.apply(OTHER, Act::Start(Box::new(plan))).unwrap_err();
    let many = (0..=Session::MAX_PLACES).map(|number| name(&format!("a{number}"))).collect();

    assert_eq!(refused(plan("vote", 0, &[])), Refused::TooFewParticipants { have: 0, least: 1 });
    assert_eq!(
        refused(Plan::new("vote", many)),
        Refused::TooManyParticipants { have: 51, most: 50 }
    );
    let twice = Plan::new("vote", vec![name("a"), name("a")]);
    assert_eq!(refused(twice), Refused::NamedTwice { agent: name("a") });
    let hasty = Plan { time_ms: 5, ..plan("vote", 2, &[]) };
    assert!(matches!(refused(hasty), Refused::Times { .. }));
    let idle = Plan { spares: vec![name("z")], ..plan("vote", 2, &[]) };
    assert!(matches!(refused(idle), Refused::Option { problem: Problem::Pointless, .. }));
}

#[test]
fn sessions_that_run_have_a_bound_by_priority() {
    let mut log = Log::default();
    for priority in [Priority::Low, Priority::Normal, Priority::High] {
        while log.value.iter_running().count() < priority.capacity() {
            log.start(Plan { priority, ..plan("vote", 1, &[]) });
        }
        let (running, capacity) = (priority.capacity(), priority.capacity());
        let more = Plan { priority, ..plan("vote", 1, &[]) };
        let refused = log.apply(OTHER, Act::Start(Box::new(more)));
        assert_eq!(refused, Err(Refused::TooManySessions { running, capacity }));
    }
}

#[test]
fn word_that_the_protocol_cannot_take_is_refused_or_a_failure() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 2, &[]));

    let refused = log.say(OTHER, vote, "a", &ballot("maybe"));
    log.hear(vote, &[("b", ballot("maybe"))]).unwrap();
    let given_up = log.say(OTHER, vote, "b", &ballot("approve"));
    let long = log.say(OTHER, vote, "a", &json!({ "option": "x".repeat(2_000) }));

    let choices = || vec!["approve".to_owned(), "reject".to_owned()];
    let problem = Problem::NoChoice { choices: choices() };
    assert_eq!(refused, Err(Refused::Malformed { agent: name("a"), problem }));
    assert_eq!(given_up, Err(Refused::GivenUp { agent: name("b") }));
    let problem = Problem::Long { most: 1_024 };
    assert_eq!(long, Err(Refused::Malformed { agent: name("a"), problem }));
}

#[test]
fn assessment_is_for_who_took_part_in_what_is_over_and_once() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 1, &[]));
    let assess = |agent: &str, accuracy| {
        let feedback = Feedback { accuracy, efficiency: 50 };
        Act::Assess { session: vote, agent: name(agent), feedback }
    };
    let early = log.apply(OTHER, assess("a", 50));
    log.hear(vote, &[("a", ballot("approve"))]).unwrap();

    assert_eq!(early, Err(Refused::StillRuns { session: vote }));
    let stranger = Refused::Stranger { agent: name("z"), session: vote };
    assert_eq!(log.apply(OTHER, assess("z", 50)), Err(stranger));
    assert!(matches!(log.apply(OTHER, assess("a", 101)), Err(Refused::Option { .. })));
    log.apply(OTHER, assess("a", 50)).unwrap();
    let twice = Refused::AssessedTwice { agent: name("a"), session: vote };
    assert_eq!(log.apply(OTHER, assess("a", 50)), Err(twice));
}

#[test]
fn failure_of_one_that_is_not_awaited_changes_nothing() {
    let mut log = Log::default();
    let abort = Plan { failing: Failing::Abort, ..plan("vote", 3, &[]) };
    let vote = log.start(abort);
    log.hear(vote, &[("a", ballot("approve"))]).unwrap();

    assert_eq!(log.fail(vote, "a", Failure::Gone), Ok(Done::Heard { taken: 0 }));
    assert_eq!(log.fail(vote, "z", Failure::Gone), Ok(Done::Heard { taken: 0 }));
    assert_eq!(log.session(vote).end, None);
}
