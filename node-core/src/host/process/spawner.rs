//! The one thread that starts programs.
//!
//! The kernel ties a program to the *thread* that started it and kills it when that thread ends
//! (`prctl(2)`, `PR_SET_PDEATHSIG`). Threads of the runtime come and go; this one stays as long as
//! the host.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    process::{self, ChildStdin},
    thread,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    runtime::Handle,
    sync::{mpsc, oneshot},
};

use crate::{clock, host::guard::GuardProgram};

/// Starts that wait; more than that wait for a place.
const QUEUE_CAPACITY: usize = 64;

/// Starts programs, each in its own group, watched by the guard of the node.
#[derive(Debug)]
pub(super) struct Spawner(mpsc::Sender<Job>);

#[derive(Debug)]
enum Job {
    Start {
        command: Box<Command>,
        /// Until when it may run, if not as long as it likes.
        until: Option<Duration>,
        reply: oneshot::Sender<io::Result<Child>>,
    },
    Prolong {
        group: u32,
        until: Duration,
    },
    Ended {
        group: u32,
    },
}

/// The guard of the node, and what it watches.
struct Watch {
    program: GuardProgram,
    guard: Option<(process::Child, ChildStdin)>,
    groups: BTreeMap<u32, Option<Duration>>,
}

impl Spawner {
    pub(super) fn start(guard: GuardProgram) -> io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel(QUEUE_CAPACITY);
        let runtime = Handle::current();
        let serve = move || {
            let _context = runtime.enter();
            let mut watch = Watch { program: guard, guard: None, groups: BTreeMap::new() };
            while let Some(job) = queue.blocking_recv() {
                match job {
                    Job::Start { command, until, reply } => {
                        let _life_gone = reply.send(watch.start(*command, until));
                    }
                    Job::Prolong { group, until } => watch.prolong(group, until),
                    Job::Ended { group } => watch.forget(group),
                }
            }
        };
        thread::Builder::new().name("covey-spawner".to_owned()).spawn(serve)?;
        Ok(Self(jobs))
    }

    /// Starts a program, which is killed at `until` if that is stated.
    pub(super) async fn spawn(
        &self,
        command: Command,
        until: Option<Duration>,
    ) -> io::Result<Child> {
        let (reply, answer) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts programs is gone");
        let job = Job::Start { command: Box::new(command), until, reply };
        self.0.send(job).await.map_err(|_gone| gone())?;
        answer.await.unwrap_or_else(|_gone| Err(gone()))
    }

    /// A group may run until then.
    pub(super) async fn prolong(&self, group: u32, until: Duration) {
        let _thread_gone = self.0.send(Job::Prolong { group, until }).await;
    }

    /// A group ended; told before its id can be given to another.
    pub(super) async fn ended(&self, group: u32) {
        let _thread_gone = self.0.send(Job::Ended { group }).await;
    }
}

impl Watch {
    fn start(&mut self, mut command: Command, until: Option<Duration>) -> io::Result<Child> {
        self.ensure_guard()?;
        if until.is_some_and(|until| until <= clock::uptime()) {
            return Err(io::Error::other("the lease on it is over"));
        }
        let child = command.spawn()?;
        if let Some(group) = child.id() {
            self.groups.insert(group, until);
            self.tell(&watched(group, until))?;
        }
        Ok(child)
    }

    fn prolong(&mut self, group: u32, until: Duration) {
        // One that ended meanwhile may have left its number to another.
        if let Some(known) = self.groups.get_mut(&group) {
            *known = Some(until);
            self.tell_or_warn(&watched(group, Some(until)));
        }
    }

    fn forget(&mut self, group: u32) {
        self.groups.remove(&group);
        self.tell_or_warn(&format!("-{group}\n"));
    }

    fn tell_or_warn(&mut self, line: &str) {
        if let Err(error) = self.tell(line) {
            tracing::warn!(%error, "the guard of programs cannot be started again");
        }
    }

    fn ensure_guard(&mut self) -> io::Result<()> {
        if self.guard.is_some() {
            return Ok(());
        }
        let mut guard = self.program.watch()?;
        let mut input = guard.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let known: String =
            self.groups.iter().map(|(group, until)| watched(*group, *until)).collect();
        input.write_all(known.as_bytes())?;
        self.guard = Some((guard, input));
        Ok(())
    }

    /// Tells the guard; one that somebody killed is replaced and told everything.
    fn tell(&mut self, line: &str) -> io::Result<()> {
        if let Some((_, input)) = &mut self.guard
            && input.write_all(line.as_bytes()).is_ok()
        {
            return Ok(());
        }
        if let Some((mut guard, _)) = self.guard.take() {
            let _status = guard.wait();
        }
        self.ensure_guard()
    }
}

/// What the guard is told of a group that runs.
fn watched(group: u32, until: Option<Duration>) -> String {
    until.map_or_else(|| format!("+{group}\n"), |at| format!("+{group} {}\n", at.as_millis()))
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((mut guard, input)) = self.guard.take() {
            drop(input);
            let _status = guard.wait();
        }
    }
}
