//! Sessions of every protocol by seeds: two stewards at once, words that come twice and in any order.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use serde_json::{Value, json};

use super::{Act, Failure, Heard, Log, NAMES, STEWARD, Said, heard, name, plan};
use crate::sessions::{Failing, Noted, Plan};

const SEEDS: u64 = 1_000;

/// K1, K2: whatever stewards hand in, and however often, each word counts once in its round, and the
/// session ends.
#[test]
fn every_session_ends_once_with_each_word_counted_once_for_every_seed() {
    let mut settled = 0;
    for seed in 0..SEEDS {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut throw = |end: usize| usize::try_from(dice.next_u64() % end as u64).unwrap();
        let (protocol, options) = PLAYED[throw(PLAYED.len())];
        let failing = [Failing::Continue, Failing::Replace, Failing::Abort][throw(3)];
        let spares = if failing == Failing::Replace { vec![name("h")] } else { Vec::new() };
        let mut log = Log::default();
        let session = log.start(Plan { failing, spares, ..plan(protocol, 5, options) });

        for _ in 0..500 {
            if log.session(session).end.is_some() {
                break;
            }
            let agent = NAMES[throw(8)];
            let said = match throw(12) {
                0 => Said::Nothing(Failure::Gone),
                choice => heard(agent, &word(&log, session, choice)).said,
            };
            let round = log.session(session).round.saturating_sub(u32::from(throw(6) == 0));
            let heard = vec![Heard { agent: name(agent), said }];
            let hear = Act::Hear { session, round, heard };
            // Two stewards tell the same.
            drop(log.apply(STEWARD, hear.clone()));
            drop(log.apply(STEWARD, hear));
            if throw(15) == 0 {
                log.clock = log.session(session).round_deadline;
                drop(log.time(session));
            }
        }

        let ended = log.session(session).clone();
        assert!(ended.end.is_some(), "seed {seed}: it ends");
        let mut said: Vec<_> = ended
            .journal
            .iter()
            .filter_map(|note| {
                let Noted::Said { agent, .. } = &note.what else { return None };
                Some((note.round, agent.clone()))
            })
            .collect();
        let all = said.len();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), all, "seed {seed}: {:?}", ended.journal);
        log.apply(STEWARD, Act::Cancel { session, reason: String::new() }).unwrap_err();
        assert_eq!(log.session(session), &ended, "seed {seed}: the end stays");
        assert_eq!(log.facts.len(), 2, "seed {seed}");
        settled += u64::from(matches!(ended.end, Some(super::End::Finished { settled: true, .. })));
    }
    assert!(settled > SEEDS / 20, "some settle: {settled}");
}

/// In whatever order words come, if all are waited for.
#[test]
fn outcome_does_not_depend_on_the_order_of_words_for_every_seed() {
    let plans: [(&str, &[(&str, &str)]); 4] = [
        ("vote", &[("early", "no")]),
        ("weighted", &[("early", "no")]),
        ("contract_net", &[]),
        ("allocation", &[("resources", "cpu=7")]),
    ];
    for seed in 0..SEEDS {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut throw = |end: usize| usize::try_from(dice.next_u64() % end as u64).unwrap();
        for (protocol, options) in plans {
            let mut ends = Vec::new();
            let choices: Vec<usize> = (0..5).map(|_| 1 + throw(11)).collect();
            for turn in [0, throw(5), throw(5)] {
                let mut log = Log::default();
                let session = log.start(plan(protocol, 5, options));
                let mut order: Vec<usize> = (0..5).collect();
                order.rotate_left(turn);
                for place in order {
                    let said = word(&log, session, choices[place]);
                    log.hear(session, &[(NAMES[place], said)]).unwrap();
                }
                ends.push((
                    log.session(session).end.clone(),
                    log.session(session).phase.clone(),
                    log.session(session).question(),
                ));
            }
            assert!(ends.array_windows().all(|[one, next]| one == next), "seed {seed}: {ends:?}");
        }
    }
}

const PLAYED: [(&str, &[(&str, &str)]); 6] = [
    ("vote", &[]),
    ("vote", &[("rule", "unanimous")]),
    ("vote", &[("early", "no"), ("rule", "plurality")]),
    ("weighted", &[("weights", "equal")]),
    ("contract_net", &[("limit", "9")]),
    ("allocation", &[("resources", "cpu=7, memory=12")]),
];

/// An answer to what the session asks now.
fn word(log: &Log, session: u64, choice: usize) -> Value {
    let (method, _) = log.session(session).question();
    match method {
        "session.vote" if choice == 11 => json!({ "abstain": true }),
        "session.vote" => super::ballot(["approve", "reject", "approve"][choice % 3]),
        "session.weigh" => json!({ "vote": choice * 9, "confidence": 100 - choice }),
        "session.offer" if choice == 11 => json!({ "decline": "no" }),
        "session.offer" => json!({ "price": choice }),
        "session.accept" => json!({ "accept": choice.is_multiple_of(2) }),
        _ => json!({ "demands": { "cpu": choice } }),
    }
}
