//! The host: builtin agents, and programs as real processes.

#[cfg(test)]
mod builtin;
#[cfg(all(test, unix))]
mod limits;
#[cfg(all(test, unix))]
mod orphans;
#[cfg(all(test, unix))]
mod program;
#[cfg(test)]
mod support;
