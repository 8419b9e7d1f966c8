//! What stands between a node and its programs, so that none outlives it.
//!
//! The executable of the node runs again in two parts that people do not see:
//!
//! - `__guard run PARENT PROGRAM ARGS…` asks the kernel to be killed when the node dies (Linux), and
//!   becomes the program.
//! - `__guard watch` is one for the whole node. It is told each process group that begins (`+ID`)
//!   and ends (`-ID`); when its input ends, because the node did, it kills those that are left,
//!   with the children of the programs, and on systems without such a signal. A group that may run
//!   only for so long (`+ID MILLISECONDS`, since the machine booted, as often as that changes) it
//!   kills then, also while the node stands still.

use std::{path::PathBuf, process::ExitCode};

/// The first argument that makes an executable a guard.
const GUARD: &str = "__guard";

/// An executable whose `main` begins with [`guard_main`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardProgram(PathBuf);

impl GuardProgram {
    /// The running executable itself, even if its file has been replaced by an update.
    ///
    /// # Errors
    ///
    /// If the system cannot tell where it is.
    pub fn this_executable() -> std::io::Result<Self> {
        if cfg!(target_os = "linux") {
            return Ok(Self(PathBuf::from("/proc/self/exe")));
        }
        std::env::current_exe().map(Self)
    }

    /// Another executable, by absolute path.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }
}

/// Acts as a guard if the executable was started as one; the first thing that `main` does.
///
/// A result means that the process is done: `main` returns it.
#[must_use]
pub fn guard_main() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    if args.next()? != GUARD {
        return None;
    }
    #[cfg(unix)]
    return Some(unix::main(args));
    #[cfg(not(unix))]
    return Some(ExitCode::FAILURE);
}

#[cfg(unix)]
pub(super) use unix::NOT_STARTED;

#[cfg(unix)]
mod unix {
    use std::{
        collections::BTreeMap,
        ffi::OsString,
        io::{self, BufRead as _, Write as _},
        os::unix::process::{CommandExt as _, parent_id},
        path::Path,
        process::{Child, Command, ExitCode, Stdio},
        sync::mpsc::{self, RecvTimeoutError},
        thread,
        time::Duration,
    };

    use rustix::process::{Pid, Signal, kill_process_group};

    use super::{GUARD, GuardProgram};
    use crate::clock;

    /// The groups that run, and until when they may, if not as long as they like.
    type Groups = BTreeMap<i32, Option<Duration>>;

    /// The notification by which a guard says that it could not become the program.
    pub(in crate::host) const NOT_STARTED: &str = "guard.not_started";

    /// As shells end when a program cannot be run.
    const CANNOT_RUN: u8 = 126;

    impl GuardProgram {
        /// The command that becomes `program`.
        pub(in crate::host) fn run(&self, program: &Path) -> Command {
            let mut command = Command::new(&self.0);
            command.args([GUARD, "run", &std::process::id().to_string()]).arg(program);
            command
        }

        /// Starts the guard of the whole node.
        pub(in crate::host) fn watch(&self) -> io::Result<Child> {
            Command::new(&self.0)
                .args([GUARD, "watch"])
                .env_clear()
                .current_dir("/")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .process_group(0)
                .spawn()
        }
    }

    pub(super) fn main(mut args: impl Iterator<Item = OsString>) -> ExitCode {
        match args.next().and_then(|part| part.into_string().ok()).as_deref() {
            Some("run") => run(args),
            Some("watch") => watch(),
            Some(_) | None => ExitCode::FAILURE,
        }
    }

    /// Comes back only if the program cannot be run.
    fn run(mut args: impl Iterator<Item = OsString>) -> ExitCode {
        let parent = args.next().and_then(|id| id.into_string().ok()?.parse::<u32>().ok());
        let Some((parent, program)) = parent.zip(args.next()) else { return ExitCode::FAILURE };
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
            return refused(&error.into());
        }
        // The node may have died before the signal was asked for.
        if parent_id() != parent {
            return ExitCode::from(CANNOT_RUN);
        }
        refused(&become_program(Command::new(program).args(args)))
    }

    /// A file that was written a moment ago is busy while any other thread of the node is between `fork`
    /// and `exec`, because its child still holds the file open; that takes milliseconds.
    fn become_program(command: &mut Command) -> io::Error {
        const ATTEMPTS: u32 = 100;
        const PAUSE: Duration = Duration::from_millis(10);

        for _ in 1..ATTEMPTS {
            let error = command.exec();
            if error.kind() != io::ErrorKind::ExecutableFileBusy {
                return error;
            }
            thread::sleep(PAUSE);
        }
        command.exec()
    }

    fn refused(error: &io::Error) -> ExitCode {
        let params = serde_json::json!({ "error": error.to_string() });
        let message =
            serde_json::json!({ "jsonrpc": "2.0", "method": NOT_STARTED, "params": params });
        let _node_gone = writeln!(io::stdout(), "{message}");
        ExitCode::from(CANNOT_RUN)
    }

    fn watch() -> ExitCode {
        /// Lines that wait; the node waits for a place.
        const QUEUE: usize = 64;

        let (sender, lines) = mpsc::sync_channel(QUEUE);
        // Ends with the input.
        drop(thread::spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        }));
        let mut groups = BTreeMap::new();
        loop {
            match next(&lines, &groups) {
                Ok(line) => note(&line, &mut groups),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = clock::uptime();
            for (group, until) in &groups {
                if until.is_some_and(|until| until <= now) {
                    kill(*group);
                }
            }
            groups.retain(|_, until| until.is_none_or(|until| until > now));
        }
        groups.into_keys().for_each(kill);
        ExitCode::SUCCESS
    }

    /// The next line; nothing when a group has to end before.
    fn next(lines: &mpsc::Receiver<String>, groups: &Groups) -> Result<String, RecvTimeoutError> {
        // A machine that slept wakes later than its timers say.
        const LONGEST: Duration = Duration::from_millis(250);

        let Some(first) = groups.values().flatten().min() else {
            return lines.recv().map_err(|_ended| RecvTimeoutError::Disconnected);
        };
        lines.recv_timeout(first.saturating_sub(clock::uptime()).min(LONGEST))
    }

    fn note(line: &str, groups: &mut Groups) {
        let Some((sign, rest)) = line.split_at_checked(1) else { return };
        let (id, until) = rest.split_once(' ').map_or((rest, None), |(id, ms)| (id, Some(ms)));
        let until = until.map(|ms| Duration::from_millis(ms.parse().unwrap_or(0)));
        match (sign, id.parse::<i32>()) {
            ("+", Ok(group)) => {
                groups.insert(group, until);
            }
            ("-", Ok(group)) => {
                groups.remove(&group);
            }
            _ => {}
        }
    }

    fn kill(group: i32) {
        if let Some(group) = Pid::from_raw(group).filter(|_| group > 1) {
            let _gone_already = kill_process_group(group, Signal::KILL);
        }
    }
}
