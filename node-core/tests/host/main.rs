//! The host: builtin agents, and programs as real processes.

#[cfg(test)]
mod builtin;
#[cfg(test)]
#[cfg(unix)]
mod examples;
#[cfg(test)]
#[cfg(unix)]
mod exclusive;
#[cfg(test)]
#[cfg(unix)]
mod handoff;
#[cfg(test)]
#[cfg(unix)]
mod limits;
#[cfg(test)]
#[cfg(unix)]
mod orphans;
#[cfg(test)]
#[cfg(unix)]
mod program;
#[cfg(test)]
mod support;
