//! Where this process's log goes, and how much of it.

use std::{
    env, io,
    sync::{Mutex, OnceLock, PoisonError},
};

use covey_logic::settings::Level;
use tracing_subscriber::{EnvFilter, Registry, layer::SubscriberExt as _, reload};

/// The variable that chooses levels, as `covey_node=debug,info`.
const VARIABLE: &str = "COVEY_LOG";

/// What the libraries may say: libp2p tells every interface and every lone start, which says nothing
/// to an operator.
const LIBRARIES: &str = "openraft=off,libp2p=warn,libp2p_mdns=warn,libp2p_swarm=warn,\
                         libp2p_kad=error,yamux=off,zbus=warn,tracing=warn";

/// The log of this process: there is one, however many nodes it runs.
static LOG: OnceLock<Log> = OnceLock::new();

/// A log whose level can be changed.
#[derive(Debug)]
struct Log {
    filter: reload::Handle<EnvFilter, Registry>,
    level: Mutex<Option<Level>>,
}

/// Writes the log to standard error from here on, unless somebody who embeds this library logs
/// already.
pub fn to_stderr() {
    let (filter, handle) = reload::Layer::new(directives(None));
    let writing = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()));
    let subscriber = tracing_subscriber::registry().with(filter).with(writing);
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        // It is set once, as the global default is.
        drop(LOG.set(Log { filter: handle, level: Mutex::default() }));
    }
}

/// Writes as much as `level` says from here on; none: what the variable says, or [`Level::Info`].
pub fn set_level(level: Option<Level>) {
    let Some(log) = LOG.get() else { return };
    let mut current = log.level.lock().unwrap_or_else(PoisonError::into_inner);
    if *current == level {
        return;
    }
    match log.filter.reload(directives(level)) {
        Ok(()) => *current = level,
        Err(error) => tracing::warn!(%error, "the level of the log cannot be changed"),
    }
}

fn directives(level: Option<Level>) -> EnvFilter {
    let said = env::var(VARIABLE).ok().filter(|_| level.is_none());
    let said = said.and_then(|levels| EnvFilter::try_new(levels).ok());
    let word = level.unwrap_or(Level::Info).word();
    said.unwrap_or_else(|| EnvFilter::new(format!("{word},{LIBRARIES}")))
}

#[cfg(test)]
mod tests {
    use tracing::Level as Tracing;

    use super::*;

    /// D9: `log.level`.
    #[test]
    fn level_changes_while_the_process_runs() {
        let (filter, handle) = reload::Layer::new(directives(Some(Level::Info)));
        let subscriber = tracing_subscriber::registry().with(filter);

        tracing::subscriber::with_default(subscriber, || {
            let enabled = || {
                [
                    tracing::enabled!(Tracing::WARN),
                    tracing::enabled!(Tracing::INFO),
                    tracing::enabled!(Tracing::DEBUG),
                    tracing::enabled!(target: "libp2p", Tracing::DEBUG),
                ]
            };
            assert_eq!(enabled(), [true, true, false, false]);
            handle.reload(directives(Some(Level::Debug))).unwrap();
            assert_eq!(enabled(), [true, true, true, false]);
            handle.reload(directives(Some(Level::Warn))).unwrap();
            assert_eq!(enabled(), [true, false, false, false]);
        });
    }
}
