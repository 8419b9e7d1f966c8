//! Whole-system tests: real nodes as processes, on networks that are cut, split and flooded.
//!
//! Each needs network namespaces; see the head of the harness.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod alerts;
#[cfg(test)]
mod busy;
#[cfg(test)]
mod coordination;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod exclusive;
#[cfg(test)]
mod failover;
#[cfg(test)]
mod fencing;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod join_key;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod lan;
#[cfg(test)]
mod main_job;
#[cfg(test)]
mod market;
#[cfg(test)]
mod merged;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod partition;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod rolling;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stranger;
#[cfg(test)]
mod tasks;
