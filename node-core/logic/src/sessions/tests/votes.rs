//! Votes: who wins, and when it is certain.

use serde_json::json;

use super::{Log, ballot, plan};

#[test]
fn majority_is_counted_on_all_participants() {
    let mut log = Log::default();
    let won = log.start(plan("vote", 5, &[]));
    log.hear(won, &[("a", ballot("approve")), ("b", ballot("reject"))]).unwrap();
    log.hear(won, &[("c", ballot("approve")), ("d", ballot("approve"))]).unwrap();
    let open = log.start(plan("vote", 5, &[]));
    log.hear(open, &[("a", ballot("approve")), ("b", ballot("approve"))]).unwrap();
    log.hear(open, &[("c", ballot("reject")), ("d", json!({ "abstain": true }))]).unwrap();
    log.clock = log.session(open).round_deadline;
    log.time(open).unwrap();

    assert_eq!((log.result(won).0, log.result(won).1["winner"].clone()), (true, json!("approve")));
    assert_eq!((log.result(open).0, log.result(open).1["needed"].clone()), (false, json!(3)));
    assert_eq!(log.result(open).1["absent"], json!(["e"]));
}

#[test]
fn super_majority_takes_two_thirds() {
    let mut log = Log::default();
    let vote = log.start(plan("vote", 6, &[("rule", "super_majority"), ("early", "no")]));
    let words = ["a", "b", "c", "d"].map(|agent| (agent, ballot("approve")));
    log.hear(vote, &words).unwrap();
    log.hear(vote, &[("e", ballot("reject")), ("f", ballot("reject"))]).unwrap();

    let (settled, result) = log.result(vote);
    assert!(settled && result["needed"] == 4, "{result}");
}

#[test]
fn any_dissent_or_absence_blocks_what_must_be_unanimous_and_is_reported() {
    let mut log = Log::default();
    let dissent = log.start(plan("vote", 3, &[("rule", "unanimous")]));
    log.hear(dissent, &[("a", ballot("approve")), ("b", ballot("reject"))]).unwrap();
    let absent = log.start(plan("vote", 3, &[("rule", "unanimous")]));
    log.hear(absent, &[("a", ballot("approve")), ("b", ballot("approve"))]).unwrap();
    log.clock = log.session(absent).round_deadline;
    log.time(absent).unwrap();

    let (settled, result) = log.result(dissent);
    assert!(!settled && result["dissent"] == json!(["b"]), "{result}");
    let (settled, result) = log.result(absent);
    assert!(!settled && result["absent"] == json!(["c"]), "{result}");
}

#[test]
fn tie_goes_to_nobody_or_to_the_option_listed_first() {
    for (ties, winner) in [("nobody", json!(null)), ("first", json!("red"))] {
        let mut log = Log::default();
        let options = [("options", "red, blue"), ("rule", "plurality"), ("ties", ties)];
        let vote = log.start(plan("vote", 4, &options));
        log.hear(vote, &[("a", ballot("blue")), ("b", ballot("red"))]).unwrap();
        log.hear(vote, &[("c", ballot("blue")), ("d", ballot("red"))]).unwrap();

        assert_eq!(log.result(vote).1["winner"], winner, "{ties}");
    }
}

/// K4, by trying everything that those who have not answered may still say.
#[test]
fn vote_ends_early_only_when_nothing_that_may_come_changes_the_winner() {
    let words = [ballot("x"), ballot("y"), json!({ "abstain": true })];
    let (mut early, rules) = (0, ["majority", "super_majority", "unanimous", "plurality"]);
    for (rule, ties) in rules.iter().flat_map(|rule| [(rule, "first"), (rule, "nobody")]) {
        for said in 0..3_usize.pow(5) {
            let options = [("options", "x, y"), ("rule", rule), ("ties", ties)];
            let patient = [&options[..], &[("early", "no")]].concat();
            let (mut log, mut other) = (Log::default(), Log::default());
            let vote = log.start(plan("vote", 5, &options));
            let full = other.start(plan("vote", 5, &patient));
            let word = |place: u32| words[said / 3_usize.pow(place) % 3].clone();
            for (place, agent) in (0..).zip(super::agents(5)) {
                other.hear(full, &[(agent, word(place))]).unwrap();
                if log.session(vote).end.is_none() {
                    log.hear(vote, &[(agent, word(place))]).unwrap();
                    early += u32::from(place < 4 && log.session(vote).end.is_some());
                }
            }

            let [ended, all] =
                [log.result(vote), other.result(full)].map(|(_, it)| it["winner"].clone());
            assert_eq!(ended, all, "{rule} {ties} {said}");
        }
    }
    assert!(early > 500, "it does end early: {early}");
}
