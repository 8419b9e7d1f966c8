//! Weighted votes: weights, support, and when it is certain.

use serde_json::{Value, json};

use super::{Log, plan};
use crate::sessions::{Act, Feedback};

#[test]
fn weights_follow_from_what_the_log_has_of_earlier_sessions_and_nobody_has_more_than_half() {
    let mut log = Log::default();
    assess(&mut log, "a", 100);
    assess(&mut log, "b", 0);

    let vote = log.start(plan("weighted", 3, &[("weights", "performance")]));
    let words = ["a", "b", "c"].map(|agent| (agent, word("approve", 100)));
    log.hear(vote, &words).unwrap();

    // 2 · 1^0.7 is cut to what the others have: 0.1 at least, and 1.2 · 0.5.
    let (settled, result) = log.result(vote);
    assert_eq!(result["weights_permille"], json!({ "a": 700, "b": 100, "c": 600 }));
    assert!(settled && result["support_permille"] == 1_000, "{result}");
}

#[test]
fn expertise_is_made_of_accuracy_consistency_domain_and_performance() {
    let mut log = Log::default();
    let first = log.start(plan("vote", 2, &[("early", "no")]));
    let approve = |agent| (agent, super::ballot("approve"));
    log.hear(first, &[approve("a"), approve("b")]).unwrap();

    let vote = log.start(plan("weighted", 3, &[]));

    // 0.3 · 1 + 0.2 · 1 + 0.3 · 0.5 + 0.2 · 0.5 = 0.75, times 1.5; c is unknown: 0.5 times 1.2.
    let view = log.session(vote).view(0);
    let remarks: Vec<_> = view.participants.iter().map(|it| it.remark.as_str()).collect();
    assert!(
        remarks[0].starts_with("weight 1.125 (accuracy 100 %, consistency 100 %"),
        "{remarks:?}"
    );
    assert!(remarks[2].starts_with("weight 0.600"), "{remarks:?}");
}

#[test]
fn weights_stay_as_they_were_when_it_began() {
    let mut log = Log::default();
    let first = log.start(plan("vote", 2, &[]));
    let words = ["a", "b"].map(|agent| (agent, super::ballot("approve")));
    log.hear(first, &words).unwrap();
    let options = [("weights", "performance"), ("early", "no")];
    let vote = log.start(plan("weighted", 2, &options));
    let before = log.session(vote).view(0).participants;

    let feedback = Feedback { accuracy: 100, efficiency: 100 };
    log.apply(super::OTHER, Act::Assess { session: first, agent: super::name("a"), feedback })
        .unwrap();

    assert_eq!(log.session(vote).view(0).participants, before);
}

#[test]
fn support_is_weight_times_confidence_times_vote_of_all_weight() {
    let mut log = Log::default();
    let vote = log.start(plan("weighted", 4, &[("weights", "equal"), ("early", "no")]));
    log.hear(vote, &[("a", word("approve", 80)), ("b", word("neutral", 100))]).unwrap();
    log.hear(vote, &[("c", word("reject", 100)), ("d", json!({ "vote": 90 }))]).unwrap();

    let (settled, result) = log.result(vote);
    assert!(!settled, "{result}");
    assert_eq!(result["support_permille"], 550, "(80 + 50 + 0 + 90) / 400");
    assert_eq!(
        (&result["decision"], &result["confidence_permille"]),
        (&json!("approve"), &json!(950))
    );
}

/// K4, by trying everything that those who have not answered may still say, in coarse steps.
#[test]
fn weighted_vote_ends_early_only_when_nothing_that_may_come_changes_what_it_is_called() {
    let words = [("approve", 100), ("approve", 50), ("neutral", 100), ("reject", 100)];
    let mut early = 0;
    for said in 0..4_usize.pow(5) {
        let (mut log, mut other) = (Log::default(), Log::default());
        let vote = log.start(plan("weighted", 5, &[]));
        let full = other.start(plan("weighted", 5, &[("early", "no")]));
        for (place, agent) in (0..).zip(super::agents(5)) {
            let (vote_word, confidence) = words[said / 4_usize.pow(place) % 4];
            let said = [(agent, word(vote_word, confidence))];
            other.hear(full, &said).unwrap();
            if log.session(vote).end.is_none() {
                log.hear(vote, &said).unwrap();
                early += u32::from(place < 4 && log.session(vote).end.is_some());
            }
        }

        let (ended, all) = (log.result(vote), other.result(full));
        assert_eq!((ended.0, &ended.1["decision"]), (all.0, &all.1["decision"]), "{said}");
    }
    assert!(early > 20, "it does end early: {early}");
}

fn assess(log: &mut Log, agent: &str, percent: u8) {
    let session = log.start(plan("vote", 2, &[]));
    log.apply(super::OTHER, Act::Cancel { session, reason: String::new() }).unwrap();
    let feedback = Feedback { accuracy: percent, efficiency: percent };
    log.apply(super::OTHER, Act::Assess { session, agent: super::name(agent), feedback }).unwrap();
}

fn word(vote: &str, confidence: u64) -> Value {
    json!({ "vote": vote, "confidence": confidence })
}
