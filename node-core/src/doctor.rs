//! Why nodes do not find each other: what is looked at, what it shows, and what a person can do.
//!
//! `examine` is a function of what the networks, the views and the machine show, so that each
//! cause has a test without a network; gathering that is the networks' work and `machine`'s.
//!
//! A verdict is only given for what was seen: a port that nobody tried from outside is not `ok`
//! but `unknown`.

mod clusters;
mod facts;
mod machine;
mod paths;
mod report;
mod settings;
#[cfg(test)]
mod tests;

pub use report::{CheckKind, CheckView, DoctorReport, Verdict};

pub(crate) use facts::{Asked, Facts};
#[cfg(test)]
pub(crate) use machine::Machine;
pub(crate) use machine::look;

/// Everything that is wrong with finding and reaching others, and what is right.
pub(crate) fn examine(facts: &Facts<'_>) -> DoctorReport {
    let checks = vec![
        paths::interfaces(facts),
        paths::multicast(facts),
        settings::ports(facts),
        paths::firewall(facts),
        paths::one_way(facts),
        paths::members(facts),
        clusters::others(facts),
        clusters::versions(facts),
        clusters::clocks(facts),
        clusters::identity(facts),
        settings::settings(facts),
        settings::sources(facts),
    ];
    let worst = |verdict: &Verdict| *verdict != Verdict::Unknown;
    let verdict = checks.iter().map(|check| check.verdict).filter(worst).max();
    DoctorReport { verdict: verdict.unwrap_or(Verdict::Ok), checks, sources: facts.sources() }
}
