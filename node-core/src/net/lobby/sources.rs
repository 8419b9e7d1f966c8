//! How the lobby's ways of finding nodes fare.

use std::{sync::Arc, time::Instant};

use super::{
    Lobby,
    targets::{Place, Target},
};
use crate::net::{
    error::KnockError,
    report::{SourceKind, SourceReport, SourceState},
};

impl Lobby {
    /// A report of each way of finding nodes, and of each place that the settings name.
    pub(super) fn source_reports(&self) -> Vec<SourceReport> {
        let mut reports = vec![self.mdns_report(), self.same_machine_report(), self.book_report()];
        let targets = &self.knocks.targets;
        for target in targets.targets.values() {
            if let Place::Address { text, .. } = &target.place {
                reports.push(summary((SourceKind::Address, text), &[target]));
            }
        }
        reports.extend(targets.names.keys().map(|name| self.dns_report(name)));
        reports.extend(self.search.refused.iter().map(|(kind, text, error)| SourceReport {
            error: Some(error.to_string()),
            ..plain(*kind, text, SourceState::Failing)
        }));
        reports
    }

    fn mdns_report(&self) -> SourceReport {
        let kind = SourceKind::Mdns;
        if let Some(error) = &self.mdns_error {
            let error = Some(format!("multicast could not be started: {error}"));
            return SourceReport { error, ..plain(kind, "", SourceState::Failing) };
        }
        if self.swarm.behaviour().mdns.as_ref().is_none() {
            return plain(kind, "", SourceState::Off);
        }
        let found = count(self.announced().len());
        let state = if found > 0 { SourceState::Found } else { SourceState::Nobody };
        SourceReport { found, tried_ms_ago: ago(self.discovery.heard()), ..plain(kind, "", state) }
    }

    fn same_machine_report(&self) -> SourceReport {
        let Some(folder) = &self.search.same_machine else {
            return plain(SourceKind::SameMachine, "", SourceState::Off);
        };
        let here = |target: &&Target| matches!(target.place, Place::SameMachine { .. });
        let targets: Vec<_> = self.knocks.targets.targets.values().filter(here).collect();
        // The folder is looked at all the time; that nobody else is in it is no failure.
        let report = summary((SourceKind::SameMachine, folder), &targets);
        let empty = report.state == SourceState::Searching && targets.is_empty();
        let state = if empty { SourceState::Nobody } else { report.state };
        SourceReport { state, ..report }
    }

    fn book_report(&self) -> SourceReport {
        let known = |target: &&Target| matches!(target.place, Place::Book(_));
        let targets: Vec<_> = self.knocks.targets.targets.values().filter(known).collect();
        let report = summary((SourceKind::AddressBook, ""), &targets);
        let state = if targets.is_empty() { SourceState::Nobody } else { report.state };
        SourceReport { state, ..report }
    }

    fn dns_report(&self, name: &Arc<str>) -> SourceReport {
        let targets = &self.knocks.targets;
        let Some(Some((at, outcome))) = targets.names.get(name) else {
            return plain(SourceKind::Dns, name, SourceState::Searching);
        };
        let of =
            |target: &&Target| matches!(&target.place, Place::Dns { name: of, .. } if of == name);
        let stands_for: Vec<_> = targets.targets.values().filter(of).collect();
        let report = summary((SourceKind::Dns, name), &stands_for);
        let tried_ms_ago = ago(Some(*at));
        match outcome {
            Err(error) => SourceReport {
                state: SourceState::Failing,
                error: Some(error.to_string()),
                tried_ms_ago,
                ..report
            },
            Ok(_) => SourceReport { tried_ms_ago, ..report },
        }
    }
}

/// What several places come to: found if anyone is at one of them.
fn summary((kind, text): (SourceKind, &str), targets: &[&Target]) -> SourceReport {
    let tried = targets.iter().filter_map(|target| target.tried.as_ref());
    let failures = tried.clone().filter_map(|(_, failure)| failure.as_ref());
    let found = count(targets.iter().filter(|target| target.is_there()).count());
    let error = failures.clone().find(|failure| **failure != KnockError::Itself);
    let state = if found > 0 {
        SourceState::Found
    } else if error.is_some() {
        SourceState::Failing
    } else if failures.clone().next().is_some() {
        SourceState::Itself
    } else {
        SourceState::Searching
    };
    SourceReport {
        tried_ms_ago: ago(tried.map(|(at, _)| *at).max()),
        found,
        error: error.filter(|_| found == 0).map(ToString::to_string),
        ..plain(kind, text, state)
    }
}

fn plain(kind: SourceKind, target: &str, state: SourceState) -> SourceReport {
    SourceReport {
        kind,
        target: target.to_owned(),
        state,
        tried_ms_ago: None,
        found: 0,
        error: None,
    }
}

fn ago(at: Option<Instant>) -> Option<u64> {
    at.map(|at| u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
