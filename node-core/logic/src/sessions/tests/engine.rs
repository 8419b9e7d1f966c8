//! Rounds, failures, budgets and ends, whatever the protocol.

use serde_json::json;

use super::{Act, End, Failure, Log, MS, OTHER, Plan, ballot, name, plan};
use crate::{
    event::{Fact, SessionFate},
    sessions::{Failing, Noted, PROTOCOLS, Sessions, Standing},
};

#[test]
fn lost_participant_is_left_out_replaced_or_the_end() {
    let with = |failing, spares: &[&str]| {
        let spares = spares.iter().map(|spare| name(spare)).collect();
        Plan { failing, spares, ..plan("vote", 3, &[]) }
    };
    let mut log = Log::default();
    let on = log.start(with(Failing::Continue, &[]));
    let replaced = log.start(with(Failing::Replace, &["x"]));
    let aborted = log.start(with(Failing::Abort, &[]));
    for session in [on, replaced, aborted] {
        log.fail(session, "a", Failure::Gone).unwrap();
    }
    let words = ["b", "c"].map(|agent| (agent, ballot("approve")));
    log.hear(on, &words).unwrap();
    log.hear(replaced, &[("x", ballot("approve")), ("b", ballot("approve"))]).unwrap();

    assert!(log.result(on).0 && log.result(replaced).0);
    let end = End::Aborted { agent: name("a"), failure: Failure::Gone };
    assert_eq!(log.session(aborted).end, Some(end));
    let journal = &log.session(replaced).journal;
    let by = Noted::Replaced { agent: name("a"), by: name("x") };
    assert!(journal.iter().any(|note| note.what == by), "{journal:?}");
}

#[test]
fn replacement_has_as_long_to_answer_as_the_one_that_failed() {
    let mut log = Log::default();
    let spares = vec![name("x")];
    let vote = log.start(Plan { failing: Failing::Replace, spares, ..plan("vote", 1, &[]) });
    log.clock = log.session(vote).round_deadline;

    log.time(vote).unwrap();

    let session = log.session(vote);
    assert_eq!(session.places[0].standing, Standing::Awaited);
    assert_eq!(session.round_deadline, log.clock + Plan::ANSWER_MS * MS);
}

#[test]
fn too_few_answers_are_no_result() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 4, &[]));
    log.hear(vote, &[("a", ballot("approve"))]).unwrap();
    log.clock = log.session(vote).round_deadline;

    log.time(vote).unwrap();

    assert_eq!(log.session(vote).end, Some(End::NoQuorum { have: 1, need: 2 }));
}

#[test]
fn budget_of_messages_is_a_hard_stop_with_an_end_of_its_own() {
    let mut log = Log::default();
    let vote = log.start(Plan { messages: Some(4), ..plan("vote", 3, &[("early", "no")]) });
    log.hear(vote, &[("a", ballot("approve")), ("b", ballot("approve"))]).unwrap();
    let none = log.start(Plan { messages: Some(2), ..plan("vote", 3, &[]) });

    assert_eq!(log.session(vote).end, Some(End::OverBudget { messages: 4 }));
    assert_eq!(log.session(none).end, Some(End::OverBudget { messages: 2 }));
}

#[test]
fn session_that_would_ask_on_past_its_deadline_expires() {
    let mut log = Log::default();
    let deal = log.start(Plan { time_ms: 10_000, ..plan("contract_net", 2, &[]) });
    log.hear(deal, &[("a", json!({ "price": 1 }))]).unwrap();
    log.clock = log.session(deal).deadline;

    log.time(deal).unwrap();

    assert_eq!(log.session(deal).end, Some(End::Expired));
}

#[test]
fn start_and_end_are_told_once() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 2, &[]));
    log.apply(OTHER, Act::Cancel { session: vote, reason: "enough".to_owned() }).unwrap();
    log.apply(OTHER, Act::Cancel { session: vote, reason: "enough".to_owned() }).unwrap_err();

    let [Fact::SessionStarted { session, .. }, Fact::SessionEnded { fate, words, .. }] =
        log.facts.as_slice()
    else {
        panic!("two facts: {:?}", log.facts);
    };
    assert_eq!((*session, *fate), (vote, SessionFate::Cancelled));
    assert_eq!(words.as_str(), "enough");
}

#[test]
fn last_sessions_that_are_over_are_kept() {
    let mut log = Log::default();
    let first = log.start(plan("vote", 1, &[]));
    log.hear(first, &[("a", ballot("approve"))]).unwrap();
    for _ in 0..Sessions::KEPT {
        let vote = log.start(plan("vote", 1, &[]));
        log.hear(vote, &[("a", ballot("approve"))]).unwrap();
    }

    assert_eq!(log.value.get(first), None);
    assert_eq!(log.value.iter_over().count(), Sessions::KEPT);
    assert_eq!(log.value.history().of(&name("a")).answered, 1_001);
}

#[test]
fn sessions_survive_their_encoding() {
    let mut log = Log::default();
    for described in PROTOCOLS {
        let resources = [("resources", "cpu=8")];
        let options = if described.name == "allocation" { &resources[..] } else { &[] };
        log.start(plan(described.name, 3, options));
    }

    let bytes = postcard::to_allocvec(&log.value).unwrap();
    assert_eq!(postcard::from_bytes::<Sessions>(&bytes).unwrap(), log.value);
}

/// E9: what a form needs is said by each protocol itself.
#[test]
fn every_option_of_every_protocol_has_a_sentence_and_a_value_that_it_takes() {
    for described in PROTOCOLS {
        assert!(described.doc.ends_with('.'), "{}", described.name);
        for field in described.options {
            let given = [(field.name.to_owned(), field.default.to_owned())].into();
            let taken = crate::sessions::Options::new(described.options, &given);
            assert!(field.doc.ends_with('.') && taken.is_ok(), "{} {taken:?}", field.name);
        }
    }
}
