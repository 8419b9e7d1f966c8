//! Commands about alerts.

use std::{collections::BTreeMap, sync::Arc};

use covey_logic::{
    Command, Wall,
    event::{EventRecord, Fact},
    monitor::{AlertCommand, AlertView, Of, Rule, Severity, Subject},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Cause, Control, EventQuery, UiError};

/// Reads the alerts of the cluster: the last of each rule and subject, those that are active first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListAlerts {}

/// Reads the rules, and where this node raises and clears by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListAlertRules {}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AlertRuleRow {
    /// Which.
    pub rule: Rule,
    /// What its alerts are of.
    pub of: Of,
    /// How bad they are.
    pub severity: Severity,
    /// The value it raises at: percent, ends within five minutes, milliseconds, or, of the loss of
    /// a node, none; none as well if it is switched off.
    pub raise: Option<f32>,
    /// The value it clears below.
    pub clear: Option<f32>,
    /// How long the value must be so to raise, in milliseconds.
    #[ts(type = "number")]
    pub raise_after_ms: u64,
    /// How long to clear.
    #[ts(type = "number")]
    pub clear_after_ms: u64,
    /// Whether it is watched for.
    pub watched: bool,
    /// The setting that says how much is too much.
    pub setting: String,
}

/// Reads alerts of the past, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct ListPastAlerts {
    /// How many at most: 100 if nothing is said, 500 at most.
    pub limit: Option<u32>,
}

impl ListPastAlerts {
    /// Each takes two events, of which one answer holds a thousand.
    pub const MAX: u32 = 500;
    const DEFAULT: u32 = 100;
}

/// One time that an alert was raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlertEpisode {
    /// By which rule.
    pub rule: Rule,
    /// Of what.
    pub subject: Subject,
    /// How bad it was.
    pub severity: Severity,
    /// The value when it was raised, in whole units of the rule, if that is still known.
    #[ts(type = "number | null")]
    pub value: Option<i64>,
    /// When it was raised.
    #[ts(type = "number")]
    pub raised: Wall,
    /// When it was cleared, if it was.
    #[ts(type = "number | null")]
    pub cleared: Option<Wall>,
}

/// Has nobody told of the alerts of a rule and a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MuteAlert {
    /// Which rule.
    pub rule: Rule,
    /// Which subject.
    pub subject: Subject,
    /// For how long, in milliseconds; until somebody says otherwise if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub for_ms: Option<u64>,
}

macro_rules! about_alerts {
    ($($(#[$doc:meta])* $request:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
        #[serde(deny_unknown_fields)]
        pub struct $request {
            /// Which rule.
            pub rule: Rule,
            /// Which subject.
            pub subject: Subject,
        }
    )*};
}

about_alerts! {
    /// Has people told of the alerts of a rule and a subject again.
    UnmuteAlert
    /// Says that somebody looks after an alert.
    AcknowledgeAlert
}

pub(super) async fn list(control: &Control, _: ListAlerts) -> Result<Vec<AlertView>, UiError> {
    control.backend().alerts().await
}

pub(super) async fn rules(
    control: &Control,
    _: ListAlertRules,
) -> Result<Vec<AlertRuleRow>, UiError> {
    let values = control.backend().values();
    let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let row = |rule: Rule| {
        let band = rule.band(&values);
        let lost = rule == Rule::NodeLost;
        let raise_after = if lost { Some(values.alert_node_lost) } else { None };
        let raise_after = raise_after.or(band.map(|band| band.raise_after)).unwrap_or_default();
        AlertRuleRow {
            rule,
            of: rule.of(),
            severity: rule.severity(),
            raise: band.map(|band| band.raise),
            clear: band.map(|band| band.clear),
            raise_after_ms: millis(raise_after),
            clear_after_ms: millis(values.alert_clear_after),
            watched: lost || band.is_some(),
            setting: format!("alerts.{}", rule.name()),
        }
    };
    Ok(Rule::ALL.into_iter().map(row).collect())
}

pub(super) async fn history(
    control: &Control,
    request: ListPastAlerts,
) -> Result<Vec<AlertEpisode>, UiError> {
    let limit = request.limit.unwrap_or(ListPastAlerts::DEFAULT);
    if !(1..=ListPastAlerts::MAX).contains(&limit) {
        return Err(Cause::Invalid { field: "limit".into(), value: limit.to_string() }.into());
    }
    let query = EventQuery {
        kinds: Some(vec!["alert_raised".to_owned(), "alert_cleared".to_owned()]),
        limit: Some(limit * 2),
        ..EventQuery::default()
    };
    let page = control.backend().query_events(query).await?;
    let mut episodes = episodes(page.events);
    episodes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(episodes)
}

/// Each episode once, however many told of it, the latest first.
fn episodes(events: impl IntoIterator<Item = Arc<EventRecord>>) -> Vec<AlertEpisode> {
    let mut found: BTreeMap<(Rule, Subject, u64), AlertEpisode> = BTreeMap::new();
    for event in events {
        let at = event.stamp.wall;
        if let Fact::AlertRaised { rule, subject, severity, value, episode } = &event.fact {
            let key = (*rule, subject.clone(), *episode);
            let fresh = || episode_of((*rule, subject), (*severity, at));
            let held = found.entry(key).or_insert_with(fresh);
            held.value = *value;
            held.raised = held.raised.min(at);
        } else if let Fact::AlertCleared { rule, subject, raised, episode } = &event.fact {
            let key = (*rule, subject.clone(), *episode);
            let fresh = || episode_of((*rule, subject), (rule.severity(), *raised));
            let held = found.entry(key).or_insert_with(fresh);
            held.cleared = Some(held.cleared.map_or(at, |cleared| cleared.min(at)));
        }
    }
    let mut episodes: Vec<AlertEpisode> = found.into_values().collect();
    episodes.sort_by_key(|episode| std::cmp::Reverse(episode.raised));
    episodes
}

fn episode_of(
    (rule, subject): (Rule, &Subject),
    (severity, raised): (Severity, Wall),
) -> AlertEpisode {
    AlertEpisode { rule, subject: subject.clone(), severity, value: None, raised, cleared: None }
}

pub(super) async fn mute(control: &Control, request: MuteAlert) -> Result<(), UiError> {
    let MuteAlert { rule, subject, for_ms } = request;
    let until = for_ms.map(|ms| Wall(control.backend().now().0.saturating_add(ms)));
    control.done(Command::Alert { rule, subject, command: AlertCommand::Mute(until) }).await
}

pub(super) async fn unmute(control: &Control, request: UnmuteAlert) -> Result<(), UiError> {
    let UnmuteAlert { rule, subject } = request;
    control.done(Command::Alert { rule, subject, command: AlertCommand::Unmute }).await
}

pub(super) async fn acknowledge(
    control: &Control,
    request: AcknowledgeAlert,
) -> Result<(), UiError> {
    let AcknowledgeAlert { rule, subject } = request;
    control.done(Command::Alert { rule, subject, command: AlertCommand::Acknowledge }).await
}

#[cfg(test)]
mod tests {
    use covey_logic::{NodeId, hlc::Stamp};

    use super::*;

    #[test]
    fn an_episode_that_two_told_of_is_one() {
        let subject = Subject::Node(NodeId([7; 32]));
        let raised = |wall| {
            let (rule, severity) = (Rule::NodeLost, Severity::Critical);
            let subject = subject.clone();
            event(wall, Fact::AlertRaised { rule, subject, severity, value: None, episode: 3 })
        };
        let cleared = event(
            90,
            Fact::AlertCleared {
                rule: Rule::NodeLost,
                subject: subject.clone(),
                raised: Wall(50),
                episode: 3,
            },
        );

        let found = episodes([cleared, raised(51), raised(50)].map(Arc::new));

        assert_eq!(
            found,
            [AlertEpisode {
                rule: Rule::NodeLost,
                subject: subject.clone(),
                severity: Severity::Critical,
                value: None,
                raised: Wall(50),
                cleared: Some(Wall(90)),
            }]
        );
    }

    fn event(wall: u64, fact: Fact) -> EventRecord {
        let node = NodeId([1; 32]);
        let stamp = Stamp { wall: Wall(wall), counter: 0, node };
        EventRecord { origin: node, seq: wall, stamp, actor: None, fact }
    }
}
