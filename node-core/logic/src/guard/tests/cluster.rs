//! Q1 of several nodes: what they let through together, on simulated time.

use std::collections::VecDeque;

use super::{Dice, quota};
use crate::{
    guard::{Drawn, Limiter, Portion, Quota, Quotas, RateRule, Reach, Share, Take, Without},
    time::Instant,
};

const NODES: u64 = 5;
/// Microseconds.
const STEP: u64 = 500;
const SPAN: u64 = 12_000_000;
const AGE: u64 = 1_000_000;

#[test]
fn all_nodes_together_keep_the_rate_for_every_seed() {
    for seed in 1..=40 {
        let mut cluster = Cluster::new(seed, Without::Closed);

        cluster.run();

        let (count, burst) = (u64::from(cluster.quota().count), u64::from(cluster.quota().burst));
        assert_bound(&cluster.passed, (count, burst), seed);
        // And it is of use: under load most of the rate is let through, with a node down for half
        // of the time, and no leader for some.
        let whole = burst + count * SPAN / 1_000_000;
        let passed = cluster.passed.len() as u64;
        assert!(passed * 2 > whole, "seed {seed}: {passed} of {whole} passed");
    }
}

/// A node that cannot reach a majority lets its equal part through beside the others.
#[test]
fn nodes_without_a_majority_add_their_part_at_most() {
    for seed in 1..=40 {
        let mut cluster = Cluster::new(seed, Without::Open);
        cluster.apart = Some(0);

        cluster.run();

        let (count, burst) = (u64::from(cluster.quota().count), u64::from(cluster.quota().burst));
        let part = |whole: u64| (whole / NODES).max(1);
        assert_bound(&cluster.passed, (count + part(count), burst + part(burst)), seed);
        assert!(cluster.passed_by[0] > 0, "seed {seed}: fail-open");
    }
}

/// Within any span no more than the burst, and the rate times the span and a second more.
fn assert_bound(passed: &[u64], (count, burst): (u64, u64), seed: u64) {
    let mut window = VecDeque::new();
    for span in [1_000, 100_000, 1_000_000, 5_000_000] {
        window.clear();
        for at in passed {
            window.push_back(*at);
            while window.front().is_some_and(|first| at - first > span) {
                window.pop_front();
            }
            let most = burst + count * (span + AGE) / 1_000_000;
            assert!(window.len() as u64 <= most, "seed {seed}: {} in {span} µs", window.len());
        }
    }
}

/// Nodes with limiters of their own, and a log that takes a while.
struct Cluster {
    dice: Dice,
    rule: RateRule,
    nodes: Vec<Limiter>,
    log: Quotas,
    /// Draws on their way: when they are taken in, whose, since when, and how much.
    asked: Vec<(u64, usize, u64, u32)>,
    /// Answers on their way.
    answered: Vec<(u64, usize, u64, Option<Drawn>)>,
    /// The node that never reaches a majority.
    apart: Option<usize>,
    /// The leader's clock: where it was when it began to lead, and when that was.
    led: (u64, u64),
    passed: Vec<u64>,
    passed_by: Vec<u64>,
}

impl Cluster {
    fn new(seed: u64, without: Without) -> Self {
        let mut dice = Dice(seed);
        let count = u32::try_from(5 + dice.below(2_000)).unwrap();
        let burst = u32::try_from(1 + dice.below(u64::from(count))).unwrap();
        let rule = RateRule {
            operation: "variable.set".into(),
            quota: quota(count, burst.max(count / 10)),
            reach: Reach::Cluster(without),
            share: Share::Together,
        };
        Self {
            dice,
            rule,
            nodes: vec![Limiter::default(); usize::try_from(NODES).unwrap()],
            log: Quotas::default(),
            asked: Vec::new(),
            answered: Vec::new(),
            apart: None,
            led: (0, 0),
            passed: Vec::new(),
            passed_by: vec![0; usize::try_from(NODES).unwrap()],
        }
    }

    fn quota(&self) -> &Quota {
        &self.rule.quota
    }

    fn run(&mut self) {
        for now in (0..SPAN).step_by(usize::try_from(STEP).unwrap()) {
            if self.dice.below(6_000) == 0 {
                // Another leads: its clock goes on from what it has taken in.
                self.led = (self.log.clock(), now);
            }
            self.take_in(now);
            self.tell(now);
            for node in 0..self.nodes.len() {
                // One node asks nearly all the time, the others less; the last is down at first.
                let asks = self.dice.below(1 + node as u64) == 0;
                let down = node == 4 && now < SPAN / 2;
                if asks && !down {
                    self.ask(now, node);
                }
            }
        }
    }

    fn ask(&mut self, now: u64, node: usize) {
        let parties = u32::try_from(NODES).unwrap();
        let who = (&self.rule, None);
        match self.nodes[node].take(Instant(now), who, parties) {
            Take::Passed => {
                self.passed.push(now);
                self.passed_by[node] += 1;
            }
            Take::Limited(_) | Take::Wait => {}
            Take::Draw(draw) if self.apart == Some(node) => {
                self.answered.push((now, node, now, None));
                assert!(draw.want > 0);
            }
            Take::Draw(draw) => {
                // Now and then it takes longer than a portion lasts.
                let slow = if self.dice.below(50) == 0 { 1_500_000 } else { 4_000 };
                let at = now + 500 + self.dice.below(slow);
                self.asked.push((at, node, now, draw.want));
            }
        }
    }

    fn take_in(&mut self, now: u64) {
        for (_, node, since, want) in self.asked.extract_if(.., |asked| asked.0 <= now) {
            let (from, began) = self.led;
            let clock = from + (now - began) * 1_000;
            let (key, quota) = ("variable.set".to_owned(), self.rule.quota);
            let drawn = self.log.draw(&Portion { key, quota, want, clock }).unwrap();
            let at = now + 200 + self.dice.below(4_000);
            self.answered.push((at, node, since, Some(drawn)));
        }
    }

    fn tell(&mut self, now: u64) {
        for (_, node, since, drawn) in self.answered.extract_if(.., |answer| answer.0 <= now) {
            let moments = (Instant(now), Instant(since));
            self.nodes[node].drawn(moments, (&self.rule, None), drawn);
        }
    }
}
