//! Alerts as people see them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Acknowledged, Alert, Muted, Quiet, Rule, Severity, Subject};
use crate::time::Wall;

/// How far an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It is so, and nobody said that they look after it.
    Active,
    /// It is so, and somebody looks after it.
    Acknowledged,
    /// It is so no more.
    Cleared,
}

/// An alert: the last of its rule and subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlertView {
    /// By which rule.
    pub rule: Rule,
    /// Of what.
    pub subject: Subject,
    /// How bad it is.
    pub severity: Severity,
    /// How far it is.
    pub state: AlertState,
    /// The value when it was raised, in whole units of the rule: percent, ends, or milliseconds.
    #[ts(type = "number | null")]
    pub value: Option<i64>,
    /// When it was raised.
    #[ts(type = "number")]
    pub raised: Wall,
    /// When it was cleared.
    #[ts(type = "number | null")]
    pub cleared: Option<Wall>,
    /// Who looks after it, if somebody does.
    pub acknowledged: Option<Acknowledged>,
    /// Who wants nobody told of it, if somebody does.
    pub muted: Option<Muted>,
}

impl AlertView {
    pub(super) fn new(
        (rule, subject): (Rule, &Subject),
        alert: &Alert,
        quiet: Option<&Quiet>,
        now: Wall,
    ) -> Self {
        let acknowledged = quiet.and_then(|quiet| quiet.acknowledged);
        let acknowledged = acknowledged.filter(|said| said.episode == alert.episode);
        Self {
            rule,
            subject: subject.clone(),
            severity: alert.severity,
            state: match (alert.is_active(), acknowledged) {
                (false, _) => AlertState::Cleared,
                (true, Some(_)) => AlertState::Acknowledged,
                (true, None) => AlertState::Active,
            },
            value: alert.value,
            raised: alert.raised,
            cleared: alert.cleared,
            acknowledged,
            muted: quiet.filter(|quiet| quiet.is_muted(now)).and_then(|quiet| quiet.muted),
        }
    }
}
