//! What is taken of rates.

use covey_logic::{
    Instant, Name,
    guard::{
        Counted, Draw, Limited, Limiter, Portion, RateReset, RateRule, RateRules, RateView, Reach,
        Refused, Share, Shortage, Take, rate_key,
    },
};
use tokio::time::timeout_at;

use super::{Guard, machine::millis};

/// What was taken of rates: each rule, and for whom.
#[derive(Debug, Default)]
pub(super) struct Taken(Vec<(RateRule, Option<Name>)>);

/// Who asks, if nobody says.
const NOBODY: &str = "operator";

impl Guard {
    /// Lets `actor` do `operation`, by every rule that is for it.
    ///
    /// # Errors
    ///
    /// [`Refused::Rate`]; then nothing was taken.
    pub(crate) async fn admit(&self, actor: Option<&Name>, operation: &str) -> Result<(), Refused> {
        if self.0.rules.load().rates.is_empty() {
            return Ok(());
        }
        // A draw ends within the age of a portion.
        let deadline = tokio::time::Instant::now() + 2 * Limiter::PORTION_AGE;
        self.take(actor, operation, deadline).await.map(drop)
    }

    pub(super) async fn take(
        &self,
        actor: Option<&Name>,
        operation: &str,
        deadline: tokio::time::Instant,
    ) -> Result<Taken, Refused> {
        let rules = self.0.rules.load_full();
        let actor = actor.cloned().or_else(|| Name::new(NOBODY).ok());
        let mut taken = Taken::default();
        for rule in rules.rates.of(operation) {
            let counted = actor.clone().filter(|_| rule.share == Share::Each);
            match self.take_one((rule, counted.as_ref()), deadline).await {
                Ok(()) => taken.0.push((rule.clone(), counted)),
                Err(Limited { retry, shortage }) => {
                    self.give_back(&taken);
                    let operation = rule.operation.clone();
                    let actor = actor.map_or_else(|| NOBODY.to_owned(), |actor| actor.to_string());
                    let retry_ms = millis(retry);
                    let refused = Refused::Rate { actor, operation, retry_ms, shortage };
                    tracing::debug!(%refused, "refused by a rate");
                    return Err(refused);
                }
            }
        }
        Ok(taken)
    }

    async fn take_one(
        &self,
        who: (&RateRule, Option<&Name>),
        deadline: tokio::time::Instant,
    ) -> Result<(), Limited> {
        loop {
            let mut drawn = std::pin::pin!(self.0.drawn.notified());
            // From here on no draw that ends is missed.
            drawn.as_mut().enable();
            let now = self.now();
            let take = self.limiter().take(now, who, self.parties());
            match take {
                Take::Passed => return Ok(()),
                Take::Limited(limited) => return Err(limited),
                Take::Draw(draw) => self.draw(now, who, draw),
                Take::Wait => {}
            }
            if timeout_at(deadline, drawn).await.is_err() {
                let shortage = Shortage::Majority;
                return Err(Limited { retry: Limiter::PORTION_AGE, shortage });
            }
        }
    }

    /// Draws a portion, in a task of its own: who asked may give up, others wait too.
    fn draw(&self, since: Instant, (rule, actor): (&RateRule, Option<&Name>), draw: Draw) {
        let (guard, rule, actor) = (self.clone(), rule.clone(), actor.cloned());
        drop(tokio::spawn(async move {
            let (key, quota) = (rate_key(&rule.operation, actor.as_ref()), rule.quota);
            let portion = Portion { key, quota, want: draw.want, clock: 0 };
            let drawn = guard.0.draws.draw(portion, Limiter::PORTION_AGE).await;
            let moments = (guard.now(), since);
            guard.limiter().drawn(moments, (&rule, actor.as_ref()), drawn);
            guard.0.drawn.notify_waiters();
        }));
    }

    /// Whether a rule is for this operation, as it says it.
    pub(crate) fn has_rate(&self, operation: &str) -> bool {
        self.0.rules.load().rates.iter().any(|rule| rule.operation == operation)
    }

    /// Begins rates anew that the group said are to: those up to the wish of this number.
    pub(crate) fn reset_rates(&self, resets: &[RateReset], number: u64) {
        {
            let mut limiter = self.limiter();
            resets.iter().for_each(|reset| limiter.reset(reset));
        }
        self.0.resets.send_replace(number);
    }

    /// Waits until this node has begun anew what the wish of this number is for.
    pub(crate) async fn has_reset(&self, number: u64) {
        let mut resets = self.0.resets.subscribe();
        // The guard is not dropped while this waits.
        drop(resets.wait_for(|at| *at >= number).await);
    }

    pub(super) fn give_back(&self, taken: &Taken) {
        if taken.0.is_empty() {
            return;
        }
        let now = self.now();
        let mut limiter = self.limiter();
        for (rule, actor) in &taken.0 {
            limiter.give_back(now, (rule, actor.as_ref()));
        }
    }

    pub(super) fn rates(&self, now: Instant, rules: &RateRules) -> Vec<RateView> {
        let limiter = self.limiter();
        let mut views = Vec::new();
        for rule in rules.iter() {
            let before = views.len();
            for (actor, counted) in limiter.counted(now, rule) {
                views.push(self.rate(rule, actor, Some(counted)));
            }
            if views.len() == before {
                views.push(self.rate(rule, None, None));
            }
        }
        views.truncate(Self::LISTED);
        views
    }

    fn rate(&self, rule: &RateRule, actor: Option<&Name>, counted: Option<Counted>) -> RateView {
        let key = || rate_key(&rule.operation, actor);
        let standing = match rule.reach {
            Reach::Node => None,
            Reach::Cluster(_) => self.0.draws.standing(&key(), &rule.quota),
        };
        let asked = counted.is_some();
        let counted = counted.unwrap_or_default();
        RateView {
            rule: rule.to_string(),
            operation: rule.operation.clone(),
            reach: rule.reach,
            share: rule.share,
            actor: actor.cloned(),
            burst: rule.quota.burst,
            left: if asked || rule.reach != Reach::Node { counted.left } else { rule.quota.burst },
            cluster_left: standing.map(|standing| standing.left),
            next_ms: millis(counted.next),
            full_ms: millis(standing.map_or(counted.full_in, |standing| standing.full_in)),
            passed: counted.passed,
            refused: counted.refused,
            alone: counted.alone,
        }
    }
}
