//! Placement and the restart rule; whole clusters are tested in the simulator.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    agent::{
        AgentSpec, Builtin, ExitReason, Intent, Placement, Programs, RestartPolicy, RestartRule,
        Runtime,
    },
    certificate::Role,
    ids::{Name, NodeId},
    replica::Summary,
    supervision::{
        Restarts, Verdict,
        placement::{Candidate, Exclusion, choose, exclusions},
    },
    time::Instant,
};

#[test]
fn every_node_chooses_the_same_place_whatever_the_order() {
    let summaries = summaries(5);
    let mut places = candidates(&summaries);
    let first = choose(&spec("a"), &intent(), &places);

    places.reverse();

    assert_eq!(choose(&spec("a"), &intent(), &places), first);
}

#[test]
fn node_that_joins_takes_its_share_and_no_other_agent_moves() {
    let (four, five) = (summaries(4), summaries(5));
    let (before, after) = (candidates(&four), candidates(&five));
    let newcomer = after[4].node;
    let mut moved = 0;

    for n in 0..1_000 {
        let spec = spec(&format!("agent-{n}"));
        let (old, new) = (choose(&spec, &intent(), &before), choose(&spec, &intent(), &after));
        if old != new {
            assert_eq!(new, Some(newcomer));
            moved += 1;
        }
    }

    assert!((150..250).contains(&moved), "{moved} of 1,000 moved; a fifth was expected");
}

#[test]
fn person_s_choice_comes_before_the_score() {
    let summaries = summaries(5);
    let places = candidates(&summaries);

    for place in &places {
        let intent = Intent { pin: Some(place.node), ..intent() };
        assert_eq!(choose(&spec("a"), &intent, &places), Some(place.node));
    }
}

#[test]
fn chosen_node_that_is_down_gives_way() {
    let summaries = summaries(3);
    let mut places = candidates(&summaries);
    let intent = Intent { pin: Some(places[0].node), ..intent() };
    places[0].present = false;

    assert!(choose(&spec("a"), &intent, &places).is_some_and(|node| node != places[0].node));
}

#[test]
fn chosen_node_that_has_not_connected_yet_is_waited_for() {
    let summaries = summaries(3);
    let mut places = candidates(&summaries);
    let intent = Intent { pin: Some(places[0].node), ..intent() };
    (places[0].present, places[0].awaited) = (false, true);

    assert_eq!(choose(&spec("a"), &intent, &places), Some(places[0].node));
}

#[test]
fn program_of_another_user_stays_off_a_node_that_allows_none() {
    let summaries = summaries(2);
    let places = candidates(&summaries);
    let intent = Intent { owner: places[0].node, ..intent() };
    let runtime = Runtime::Process {
        command: vec!["true".to_owned()],
        env: BTreeMap::new(),
        files: Vec::new(),
    };
    let spec = AgentSpec { runtime, ..spec("a") };

    assert_eq!(exclusions(&spec, &intent, &places[0]), []);
    assert_eq!(exclusions(&spec, &intent, &places[1]), [Exclusion::Programs]);
}

#[test]
fn constraints_name_what_does_not_fit() {
    let summaries = summaries(1);
    let places = candidates(&summaries);
    let placement = Placement {
        os: vec!["macos".to_owned()],
        arch: vec!["aarch64".to_owned()],
        labels: BTreeMap::from([("gpu".to_owned(), "yes".to_owned())]),
        ..Placement::default()
    };
    let spec = AgentSpec { placement, ..spec("a") };

    assert_eq!(
        exclusions(&spec, &intent(), &places[0]),
        [
            Exclusion::Os("linux".to_owned()),
            Exclusion::Arch("x86_64".to_owned()),
            Exclusion::Label("gpu".to_owned(), "yes".to_owned()),
        ]
    );
}

#[test]
fn backoff_doubles_until_the_intensity_is_used_up() {
    let rule = RestartRule { max_restarts: 3, backoff_ms: 100, ..RestartRule::default() };
    let mut restarts = Restarts::default();
    let crash = ExitReason::Exited { code: 1 };

    let verdicts: Vec<Verdict> =
        (0..4).map(|n| restarts.on_exit(Instant(n), &rule, &crash)).collect();

    let wait = |ms| Verdict::Restart(Duration::from_millis(ms));
    assert_eq!(verdicts, [wait(100), wait(200), wait(400), Verdict::Park]);
}

#[test]
fn end_before_the_window_is_forgotten() {
    let rule = RestartRule { max_restarts: 1, window_ms: 1_000, ..RestartRule::default() };
    let mut restarts = Restarts::default();
    let crash = ExitReason::Exited { code: 1 };
    restarts.on_exit(Instant(0), &rule, &crash);

    let inside = restarts.clone().on_exit(Instant(999_999), &rule, &crash);
    let outside = restarts.on_exit(Instant(1_000_000), &rule, &crash);

    assert_eq!(inside, Verdict::Park);
    assert!(matches!(outside, Verdict::Restart(_)));
}

#[test]
fn transient_agent_finishes_after_a_clean_exit_only() {
    let rule = RestartRule { policy: RestartPolicy::Transient, ..RestartRule::default() };
    let mut restarts = Restarts::default();

    let clean = restarts.on_exit(Instant(0), &rule, &ExitReason::Exited { code: 0 });
    let crashed = restarts.on_exit(Instant(0), &rule, &ExitReason::Killed { signal: 9 });

    assert_eq!(clean, Verdict::Finish);
    assert!(matches!(crashed, Verdict::Restart(_)));
}

fn summaries(count: u8) -> Vec<(NodeId, Summary)> {
    (1..=count)
        .map(|n| {
            let node = NodeId([n; 32]);
            let (os, arch) = ("linux".to_owned(), "x86_64".to_owned());
            (node, Summary { os, arch, programs: Programs::Own, ..Summary::unheard(node) })
        })
        .collect()
}

fn candidates(summaries: &[(NodeId, Summary)]) -> Vec<Candidate<'_>> {
    summaries
        .iter()
        .map(|(node, summary)| Candidate {
            node: *node,
            role: Role::Worker,
            present: true,
            cordoned: false,
            awaited: false,
            summary: Some(summary),
        })
        .collect()
}

fn spec(name: &str) -> AgentSpec {
    AgentSpec::new(Name::new(name).unwrap(), Runtime::Builtin { agent: Builtin::Echo })
}

fn intent() -> Intent {
    Intent { run: true, generation: 0, pin: None, owner: NodeId([1; 32]) }
}
