//! What one node lets through of each rate.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    guard::{Bucket, Drawn, Limited, Quota, RateReset, RateRule, Reach, Shortage, Without},
    ids::Name,
    time::Instant,
};

/// What one node lets through, for each rule and each who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limiter {
    counts: BTreeMap<(String, Option<Name>), Count>,
}

/// One rule, for one who asks or for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Count {
    /// Of a rate of this node, or of its part while there is no majority.
    bucket: Bucket,
    /// Of a rate of the cluster.
    portion: Held,
    passed: u64,
    refused: u64,
}

/// The portion of a rate of the cluster that this node holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    count: u32,
    /// When it is worth nothing any more.
    expires: Instant,
    /// Nobody draws before.
    dry_until: Instant,
    /// Its part counts until then, for want of a majority.
    alone_until: Instant,
    /// Since when somebody draws, and how much.
    drawing: Option<(Instant, u32)>,
    /// How many came meanwhile.
    waiting: u32,
    /// Let through since the last draw.
    used: u32,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// It is let through.
    Passed,
    /// It is not.
    Limited(Limited),
    /// A portion must be drawn first, and [`Limiter::drawn`] told; then it is to be asked again.
    Draw(Draw),
    /// Somebody draws; it is to be asked again then.
    Wait,
}

/// A portion to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// How much.
    pub want: u32,
}

/// What is counted of one rule for one who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// What this node can let through at once.
    pub left: u32,
    /// In how long another.
    pub next: Duration,
    /// In how long all that may come at once, of a rate of this node.
    pub full_in: Duration,
    /// Let through since the node started.
    pub passed: u64,
    /// Refused since the node started.
    pub refused: u64,
    /// Whether the part of this node counts, for want of a majority.
    pub alone: bool,
}

impl Limiter {
    /// How long a portion of a rate of the cluster may be used.
    pub const PORTION_AGE: Duration = Duration::from_secs(1);
    /// The least time between two draws of a rate that is used up: what comes back meanwhile is
    /// drawn at once.
    const DRAW_INTERVAL: Duration = Duration::from_millis(50);
    /// How long no majority is asked after one was not there.
    const ALONE_INTERVAL: Duration = Duration::from_millis(500);
    /// A draw that was told of by nobody for so long will not be.
    const LOST_DRAW: Duration = Duration::from_secs(10);
    /// Rules, each for each who asks, that are counted at a time.
    pub const CAPACITY: usize = 10_000;

    /// Takes one of a rate; `parties` nodes have a part each while there is no majority.
    pub fn take(
        &mut self,
        now: Instant,
        (rule, actor): (&RateRule, Option<&Name>),
        parties: u32,
    ) -> Take {
        if !self.has_room(now, rule, actor) {
            let retry = Self::PORTION_AGE;
            return Take::Limited(Limited { retry, shortage: Shortage::Room });
        }
        let count = self.counts.entry(key(rule, actor)).or_default();
        let take = match rule.reach {
            Reach::Node => count.take_here(now, &rule.quota),
            Reach::Cluster(without) => count.take_portion(now, &rule.quota, (without, parties)),
        };
        match take {
            Take::Passed => count.passed += 1,
            Take::Limited(_) => count.refused += 1,
            Take::Draw(_) | Take::Wait => {}
        }
        take
    }

    /// A draw that began at `since` ended; none: no majority was there.
    pub fn drawn(
        &mut self,
        (now, since): (Instant, Instant),
        (rule, actor): (&RateRule, Option<&Name>),
        drawn: Option<Drawn>,
    ) {
        let Some(count) = self.counts.get_mut(&key(rule, actor)) else { return };
        let held = &mut count.portion;
        let asked = held.drawing.map_or(1, |(_, want)| want);
        // Those who came meanwhile ask again, and are so many at least.
        (held.drawing, held.waiting, held.used) = (None, 0, held.waiting / DRAWN_AHEAD);
        match drawn {
            Some(Drawn { count, next }) => {
                // It was handed out later than it was asked for.
                (held.count, held.expires) = (count, since + Self::PORTION_AGE);
                held.alone_until = Instant::default();
                if count < asked {
                    held.dry_until = now + next.max(Self::DRAW_INTERVAL);
                }
            }
            None => held.alone_until = now + Self::ALONE_INTERVAL,
        }
    }

    /// Gives one back that was taken and not used.
    pub fn give_back(&mut self, now: Instant, (rule, actor): (&RateRule, Option<&Name>)) {
        let Some(count) = self.counts.get_mut(&key(rule, actor)) else { return };
        count.passed = count.passed.saturating_sub(1);
        let portion = &mut count.portion;
        if rule.reach == Reach::Node {
            count.bucket.give_back(&rule.quota, 1);
        } else if now < portion.expires {
            portion.count += 1;
            portion.used = portion.used.saturating_sub(1);
        }
    }

    /// A rate begins anew: what this node counted of it counts no more, nor what it holds of one of
    /// the cluster.
    pub fn reset(&mut self, wish: &RateReset) {
        let concerns = |(operation, actor): &(String, Option<Name>)| {
            *operation == wish.operation && (wish.actor.is_none() || *actor == wish.actor)
        };
        for (_, count) in self.counts.iter_mut().filter(|(key, _)| concerns(key)) {
            let Held { drawing, waiting, alone_until, .. } = count.portion;
            count.bucket = Bucket::default();
            count.portion = Held { drawing, waiting, alone_until, ..Held::default() };
        }
    }

    /// What is counted, for each who asked of late.
    pub fn counted<'a>(
        &'a self,
        now: Instant,
        rule: &'a RateRule,
    ) -> impl Iterator<Item = (Option<&'a Name>, Counted)> {
        let of_rule = self.counts.iter().filter(|((operation, _), _)| *operation == rule.operation);
        of_rule.map(move |((_, actor), count)| (actor.as_ref(), count.counted(now, rule)))
    }

    /// Forgets who has not asked of late, if there are many; whether there is room for this one.
    fn has_room(&mut self, now: Instant, rule: &RateRule, actor: Option<&Name>) -> bool {
        if self.counts.len() < Self::CAPACITY || self.counts.contains_key(&key(rule, actor)) {
            return true;
        }
        self.counts.retain(|_, count| !count.is_idle(now));
        self.counts.len() < Self::CAPACITY
    }
}

/// A portion is so many times what the last one served: who asks seldom holds little that others
/// lack, and who asks often soon draws once in a while.
const DRAWN_AHEAD: u32 = 2;

fn key(rule: &RateRule, actor: Option<&Name>) -> (String, Option<Name>) {
    (rule.operation.clone(), actor.cloned())
}

fn nanos(now: Instant) -> u64 {
    now.0.saturating_mul(1_000)
}

impl Count {
    fn take_here(&mut self, now: Instant, quota: &Quota) -> Take {
        if self.bucket.take(nanos(now), quota, 1) == 1 {
            return Take::Passed;
        }
        let retry = self.bucket.next(nanos(now), quota);
        Take::Limited(Limited { retry, shortage: Shortage::Rate })
    }

    fn take_portion(
        &mut self,
        now: Instant,
        quota: &Quota,
        (without, parties): (Without, u32),
    ) -> Take {
        let held = &mut self.portion;
        if held.count > 0 && now < held.expires {
            held.count -= 1;
            held.used = held.used.saturating_add(1);
            return Take::Passed;
        }
        if now < held.alone_until {
            return match without {
                Without::Open => self.take_here(now, &quota.part(parties)),
                Without::Closed => {
                    let retry = held.alone_until.since(now);
                    Take::Limited(Limited { retry, shortage: Shortage::Majority })
                }
            };
        }
        if now < held.dry_until {
            let retry = held.dry_until.since(now);
            return Take::Limited(Limited { retry, shortage: Shortage::Rate });
        }
        if held.drawing.is_some_and(|(since, _)| now.since(since) < Limiter::LOST_DRAW) {
            held.waiting = held.waiting.saturating_add(1);
            return Take::Wait;
        }
        if now.since(held.expires) > Limiter::PORTION_AGE {
            held.used = 0;
        }
        let want = held.used.saturating_mul(DRAWN_AHEAD).saturating_add(1);
        let want = want.min(quota.within(Limiter::PORTION_AGE).max(1)).min(quota.burst);
        (held.drawing, held.used) = (Some((now, want)), 0);
        Take::Draw(Draw { want })
    }

    fn counted(&self, now: Instant, rule: &RateRule) -> Counted {
        let Self { bucket, portion, passed, refused } = *self;
        let alone = now < portion.alone_until;
        let (left, next) = match rule.reach {
            Reach::Node => {
                (bucket.left(nanos(now), &rule.quota), bucket.next(nanos(now), &rule.quota))
            }
            Reach::Cluster(_) if now < portion.expires => {
                (portion.count, portion.dry_until.since(now))
            }
            Reach::Cluster(_) => (0, portion.dry_until.since(now)),
        };
        let full_in = bucket.full_in(nanos(now));
        Counted { left, next, full_in, passed, refused, alone }
    }

    fn is_idle(&self, now: Instant) -> bool {
        let Held { expires, dry_until, alone_until, drawing, .. } = self.portion;
        let rests = expires <= now && dry_until <= now && alone_until <= now && drawing.is_none();
        self.bucket.is_full(nanos(now)) && rests
    }
}
