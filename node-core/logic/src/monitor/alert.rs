//! Alerts as all nodes hold them, and what is told on the way to one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Rule, Severity};
use crate::{
    ids::{Name, NodeId},
    time::Wall,
};

/// What is measured, and what an alert is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A node and its machine.
    Node(#[ts(type = "string")] NodeId),
    /// An agent.
    Agent(#[ts(type = "string")] Name),
}

/// A node found a value of its own past its band; said in its presence while it is so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Breach {
    /// By which rule.
    pub rule: Rule,
    /// Of what.
    pub subject: Subject,
    /// Since when, by the clock of the node that says so.
    pub since: Wall,
    /// The value then, in whole units of the rule.
    pub value: i64,
}

/// An alert of a rule and a subject: the last there was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Tells it from others of the same rule and subject, whoever raised it: since when the breach
    /// was there by the clock of who found it, or which life of a node was lost.
    pub episode: u64,
    /// How bad it is.
    pub severity: Severity,
    /// The value, in whole units of the rule; none: it has none.
    pub value: Option<i64>,
    /// When it was raised.
    pub raised: Wall,
    /// When it was cleared, if it was.
    pub cleared: Option<Wall>,
}

/// What people said of the alerts of a rule and a subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Nobody is to be told of them for a while.
    pub muted: Option<Muted>,
    /// Somebody looks after one.
    pub acknowledged: Option<Acknowledged>,
}

/// Nobody is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AlertMuted")]
pub struct Muted {
    /// The node whose user said so.
    #[ts(type = "string")]
    pub by: NodeId,
    /// Until when; none: until somebody says otherwise.
    #[ts(type = "number | null")]
    pub until: Option<Wall>,
}

/// Somebody looks after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "AlertAcknowledged")]
pub struct Acknowledged {
    /// The node whose user said so.
    #[ts(type = "string")]
    pub by: NodeId,
    /// When.
    #[ts(type = "number")]
    pub at: Wall,
    /// Of which [`Alert::episode`]: the next is nobody's again.
    #[ts(skip)]
    #[serde(default)]
    pub episode: u64,
}

impl Subject {
    /// The node, if it is one.
    #[must_use]
    pub fn node(&self) -> Option<NodeId> {
        if let Self::Node(node) = self { Some(*node) } else { None }
    }

    /// The agent, if it is one.
    #[must_use]
    pub fn agent(&self) -> Option<&Name> {
        if let Self::Agent(name) = self { Some(name) } else { None }
    }
}

impl Alert {
    /// Whether it is raised and not cleared.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.cleared.is_none()
    }
}

impl Quiet {
    /// Whether nobody is to be told at this moment.
    #[must_use]
    pub fn is_muted(&self, now: Wall) -> bool {
        self.muted.is_some_and(|muted| muted.until.is_none_or(|until| now < until))
    }
}

/// What the steward of an alert is chosen by.
pub(super) fn key(rule: Rule, subject: &Subject) -> String {
    match subject {
        Subject::Node(node) => format!("alert/{}/{node}", rule.name()),
        Subject::Agent(name) => format!("alert/{}/{name}", rule.name()),
    }
}
