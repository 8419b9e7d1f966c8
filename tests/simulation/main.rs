//! Simulation tests: whole clusters, a seed each.
//!
//! A failure names its seed. `COVEY_SEED=7 cargo test -p covey-sim --test simulation faults` runs
//! that seed alone, and with `COVEY_TRACE=1` writes everything that goes into and comes out of every
//! node. `COVEY_SEED=1000..9000` looks further than the tests do by themselves.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod events;
mod exclusive;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod majority;
#[cfg(test)]
mod market;
#[cfg(test)]
mod membership;
#[cfg(test)]
mod merged;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod names;
#[cfg(test)]
mod pairing;
#[cfg(test)]
mod placement;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod regressions;
#[cfg(test)]
mod relations;
#[cfg(test)]
mod replica;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod rolling;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod supervision;
