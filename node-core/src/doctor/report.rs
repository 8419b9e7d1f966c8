//! What the doctor says.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::net::SourceReport;

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DoctorReport {
    /// The worst verdict of all that could be given.
    pub verdict: Verdict,
    /// What was looked at, in the order in which a person would.
    pub checks: Vec<CheckView>,
    /// How each way of finding nodes fares.
    pub sources: Vec<SourceReport>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CheckView {
    /// Which.
    pub kind: CheckKind,
    /// How it stands.
    pub verdict: Verdict,
    /// That in a few words.
    pub title: String,
    /// What was seen, a sentence each.
    pub evidence: Vec<String>,
    /// What a person can do, if something is to be done.
    pub fix: Option<String>,
}

/// How something stands; the later the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It could not be looked at: there is nobody to ask, or it is switched off.
    Unknown,
    /// As it should be.
    Ok,
    /// Others may not be found or reached, or not all of them.
    Warn,
    /// Others are not found or not reached.
    Fail,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Whether this machine is on a network.
    Interface,
    /// Whether multicast passes.
    Multicast,
    /// Whether the ports are those wanted.
    Port,
    /// Whether others reach this machine's ports.
    Firewall,
    /// Whether this machine reaches those it hears.
    OneWay,
    /// Whether members are connected.
    Members,
    /// Which nodes nearby belong to other clusters, or hold another key.
    OtherCluster,
    /// Whether everyone speaks one version.
    Version,
    /// Whether the clocks agree.
    Clock,
    /// Whether another machine runs with this node's identity.
    Identity,
    /// Whether the settings can be used.
    Settings,
    /// Whether anything looks for others at all.
    Source,
}

impl CheckView {
    /// A check with nothing to be done about it.
    pub(super) fn new(kind: CheckKind, verdict: Verdict, title: &str) -> Self {
        Self { kind, verdict, title: title.to_owned(), evidence: Vec::new(), fix: None }
    }

    /// The same with what was seen.
    pub(super) fn seen(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// The same with what to do.
    pub(super) fn fixed_by(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}
