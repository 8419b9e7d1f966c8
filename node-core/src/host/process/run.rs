//! One program from its start to its end.

use std::{
    ffi::OsStr,
    io,
    os::fd::OwnedFd,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use covey_logic::agent::{ExitReason, Runtime};
use rustix::process::{Pid, Signal as Kill, kill_process_group};
use tokio::{
    io::unix::AsyncFd,
    process::{Child, Command},
    sync::{mpsc, oneshot},
    task::{self, JoinHandle},
    time::{self, Instant},
};

use super::{
    counter::Counter,
    files::{self, Prepared},
    message,
    pipes::{self, Signal},
    programs::{Part, Programs},
};
use crate::host::{life::Order, log::Stream};

/// How long a program may take until it answers `initialize`; interpreters and their imports take
/// seconds on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// Time between the signal that asks and the one that kills.
const TERM_GRACE: Duration = Duration::from_secs(1);
/// How long the last output may take to arrive once every process of the group is dead.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// A running program.
struct Running {
    child: Child,
    group: Pid,
    /// Tells of its end and leaves it unburied, so that its group keeps its id until it is killed.
    end: Option<AsyncFd<OwnedFd>>,
    signals: mpsc::Receiver<Signal>,
    /// Lets the writer past the first line.
    ready: Option<oneshot::Sender<()>>,
    writer: JoinHandle<io::Result<()>>,
    readers: [JoinHandle<()>; 2],
}

/// Runs a program to its end.
pub(super) async fn live(
    programs: &Programs,
    part: Part<'_>,
    orders: &mut mpsc::Receiver<Order>,
    mut started: impl FnMut() + Send,
) -> ExitReason {
    let folder = files::folder_of(&programs.work_dir, &part.spec.name, part.life.epoch);
    let reason = match start(programs, part, &folder).await {
        Ok(mut running) => {
            part.log.write(Stream::Host, format!("started as process {}", running.group));
            let told = running.follow(part, orders, &mut started).await;
            running.bury(programs, part, told).await
        }
        Err(error) => ExitReason::NotStarted { error: error.to_string() },
    };
    part.mailbox.abandon();
    let removal = task::spawn_blocking(move || files::remove(&folder)).await;
    if let Ok(Err(error)) = removal {
        tracing::warn!(agent = %part.spec.name, %error, "agent folder stays");
    }
    part.log.write(Stream::Host, format!("ended: {}", sentence(&reason)));
    reason
}

async fn start(
    programs: &Programs,
    part: Part<'_>,
    folder: &std::path::Path,
) -> io::Result<Running> {
    let missing = |what: &str| io::Error::other(format!("the program has no {what}"));
    let Prepared { folder, program } = prepare(part, folder).await?;
    let until = programs.term(part.life);
    let command = command(programs, part, &folder, &program);
    let mut child = programs.spawner()?.spawn(command, until).await?;
    let group = child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
        .ok_or_else(|| missing("process"))?;
    programs.watch(group.as_raw_pid(), part.life);
    let number = group.as_raw_pid().unsigned_abs();
    if let Some(until) = programs.runs_in(part.life, Some(number)) {
        programs.spawner()?.prolong(number, until).await;
    }
    let stdin = child.stdin.take().ok_or_else(|| missing("input"))?;
    let stdout = child.stdout.take().ok_or_else(|| missing("output"))?;
    let stderr = child.stderr.take().ok_or_else(|| missing("error output"))?;
    let lines = part.mailbox.take_lines().ok_or_else(|| missing("mailbox"))?;

    let node = programs.node.to_string();
    let first =
        message::initialize(part.spec.name.as_str(), (part.life.epoch, part.life.token), &node);
    let (ready, is_ready) = oneshot::channel();
    let (signal, signals) = mpsc::channel(2);
    let counter = Counter::new(&programs.desk, part.life);
    let read = pipes::read(stdout, counter, part.log.clone(), signal);
    let keep = pipes::keep(stderr, part.log.clone());
    Ok(Running {
        end: watch_end(group),
        child,
        group,
        signals,
        ready: Some(ready),
        writer: tokio::spawn(pipes::write(stdin, first, is_ready, lines)),
        readers: [tokio::spawn(read), tokio::spawn(keep)],
    })
}

/// Writing files blocks; up to 1 MiB of them.
async fn prepare(part: Part<'_>, folder: &std::path::Path) -> io::Result<Prepared> {
    let Runtime::Process { command, env, files } = &part.spec.runtime else {
        return Err(io::Error::other("the agent is no program"));
    };
    let first = command.first().cloned().unwrap_or_default();
    let search_path = env.get("PATH").map(Into::into).or_else(|| std::env::var_os("PATH"));
    let (folder, files) = (folder.to_owned(), files.clone());
    let work =
        move || files::prepare(&folder, &first, &files, search_path.as_deref().map(OsStr::new));
    task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn command(
    programs: &Programs,
    part: Part<'_>,
    folder: &std::path::Path,
    program: &std::path::Path,
) -> Command {
    let mut command: Command = programs.guard.run(program).into();
    command.env_clear();
    let inherited = ["PATH", "HOME", "LANG", "TMPDIR"];
    command.envs(inherited.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    if let Runtime::Process { command: line, env, .. } = &part.spec.runtime {
        command.args(line.iter().skip(1)).envs(env);
    }
    command
        .env("COVEY_AGENT", part.spec.name.as_str())
        .env("COVEY_NODE", programs.node.to_string())
        .env("COVEY_EPOCH", part.life.epoch.0.to_string())
        .envs(part.life.token.map(|token| ("COVEY_TOKEN", token.to_string())))
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

#[cfg_attr(
    target_os = "linux",
    expect(
        deprecated,
        reason = "its successor wants a promise in unsafe code that the descriptor stays open, which \
                  an `OwnedFd` keeps anyway"
    )
)]
fn watch_end(process: Pid) -> Option<AsyncFd<OwnedFd>> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{PidfdFlags, pidfd_open};

        let end = pidfd_open(process, PidfdFlags::NONBLOCK).ok()?;
        AsyncFd::with_interest(end, tokio::io::Interest::READABLE).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _process = process;
        None
    }
}

impl Running {
    /// Waits until it ended or has to; tells why, if that is known without its exit code.
    async fn follow(
        &mut self,
        part: Part<'_>,
        orders: &mut mpsc::Receiver<Order>,
        started: &mut (impl FnMut() + Send),
    ) -> Option<ExitReason> {
        let limit_ms = part.life.limits.handle_ms;
        let limit = Duration::from_millis(limit_ms);
        let start_deadline = Instant::now() + START_TIMEOUT;
        // A quarter of the limit: an overdue call is noticed at most that much late.
        let mut ticks =
            time::interval((limit / 4).clamp(Duration::from_millis(1), Duration::from_millis(250)));
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = ended(&mut self.child, self.end.as_ref()) => return None,
                Some(signal) = self.signals.recv() => match signal {
                    Signal::Over(reason) => return Some(reason),
                    Signal::Ready => if let Some(ready) = self.ready.take() {
                        part.mailbox.open();
                        started();
                        let _writer_gone = ready.send(());
                    },
                },
                order = orders.recv() => match order {
                    Some(Order::Kill(reason)) => return Some(reason),
                    Some(Order::Stop(grace)) => return Some(self.stop(part, orders, grace).await),
                    None => return Some(ExitReason::Stopped),
                },
                _ = ticks.tick() => if self.ready.is_some() {
                    if Instant::now() >= start_deadline {
                        let error = format!("no answer to initialize within {START_TIMEOUT:?}");
                        return Some(ExitReason::NotStarted { error });
                    }
                } else if part.mailbox.is_overdue(limit) {
                    return Some(ExitReason::OverTime { limit_ms });
                },
            }
        }
    }

    /// Asks it to stop, by word and by closing its input; then by signal.
    async fn stop(
        &mut self,
        part: Part<'_>,
        orders: &mut mpsc::Receiver<Order>,
        grace: Duration,
    ) -> ExitReason {
        part.mailbox.close();
        self.ready = None;
        for (wait, then) in [(grace, Some(Kill::TERM)), (TERM_GRACE, None)] {
            tokio::select! {
                () = ended(&mut self.child, self.end.as_ref()) => return ExitReason::Stopped,
                () = time::sleep(wait) => {}
                () = killed(orders) => return ExitReason::Stopped,
            }
            if let Some(signal) = then {
                let _gone_already = kill_process_group(self.group, signal);
            }
        }
        ExitReason::Stopped
    }

    /// Kills what is left of the group, collects the last output, and tells why it ended.
    async fn bury(
        mut self,
        programs: &Programs,
        part: Part<'_>,
        told: Option<ExitReason>,
    ) -> ExitReason {
        let _gone_already = kill_process_group(self.group, Kill::KILL);
        programs.unwatch(self.group.as_raw_pid());
        programs.runs_in(part.life, None);
        if let Ok(spawner) = programs.spawner() {
            spawner.ended(self.group.as_raw_pid().unsigned_abs()).await;
        }
        part.mailbox.close();
        let status = self.child.wait().await;
        self.writer.abort();
        for reader in &mut self.readers {
            // A process that left its group may hold the pipe open for ever.
            if time::timeout(DRAIN_TIMEOUT, &mut *reader).await.is_err() {
                reader.abort();
            }
        }
        // What it wrote last may say more than its exit code.
        while told.is_none()
            && let Ok(signal) = self.signals.try_recv()
        {
            if let Signal::Over(reason) = signal {
                return reason;
            }
        }
        told.unwrap_or_else(|| match status {
            Ok(status) => reason_of(status),
            Err(error) => {
                tracing::warn!(agent = %part.spec.name, %error, "exit code is lost");
                ExitReason::Exited { code: -1 }
            }
        })
    }
}

async fn ended(child: &mut Child, end: Option<&AsyncFd<OwnedFd>>) {
    match end {
        Some(end) if end.readable().await.is_ok() => {}
        Some(_) | None => {
            let _status = child.wait().await;
        }
    }
}

async fn killed(orders: &mut mpsc::Receiver<Order>) {
    while let Some(order) = orders.recv().await {
        if matches!(order, Order::Kill(_)) {
            return;
        }
    }
}

fn reason_of(status: ExitStatus) -> ExitReason {
    use std::os::unix::process::ExitStatusExt as _;

    match (status.code(), status.signal()) {
        (Some(code), _) => ExitReason::Exited { code },
        (None, signal) => ExitReason::Killed { signal: signal.unwrap_or(0) },
    }
}

fn sentence(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Stopped => "it was stopped".to_owned(),
        ExitReason::Exited { code } => format!("it exited with code {code}"),
        ExitReason::Killed { signal } => format!("signal {signal}"),
        ExitReason::NotStarted { error } => format!("it could not be started: {error}"),
        ExitReason::OverMemory { used_mib, limit_mib } => {
            format!("it used {used_mib} MiB of memory, and may use {limit_mib}")
        }
        ExitReason::OverTime { limit_ms } => {
            format!("one message took longer than {limit_ms} ms")
        }
        ExitReason::Garbled { line } => format!("it wrote what is no message: {line}"),
    }
}
