//! A node in a process of its own that takes orders on a pipe: what the control interface is too
//! slow to time.
//!
//! An order is a line, `claim PREFIX COUNT`, `find PREFIX COUNT` or `resolve PREFIX COUNT LOST`;
//! its answer is a line with the time at which it was done, by the clock that all processes share.
//! When its input ends, so does the node.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use covey_logic::{Command, Name, NodeId, Outcome};
use covey_node::{NodeHandle, Options, driver};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

use crate::{error::BenchError, machine, site, wait::PATIENCE};

/// Names in one command, as the control interface has it.
const BATCH: usize = 1_000;
/// How long a node that stopped has to say why.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Between two looks for a name.
const LOOK_INTERVAL: Duration = Duration::from_micros(100);

/// A worker, from the bench's side.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    /// Starts one; it is ready when this returns.
    pub(crate) async fn start(data: &Path) -> Result<Self, BenchError> {
        let bench = std::env::current_exe().map_err(BenchError::io("find this program"))?;
        let child = tokio::process::Command::new(bench)
            .arg("--worker")
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.map_err(BenchError::io("run a worker"))?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(ended());
        };
        let answers = BufReader::new(answers).lines();
        let mut worker = Self { child, orders, answers };
        worker.answer().await?;
        Ok(worker)
    }

    /// Gives an order.
    pub(crate) async fn order(
        &mut self,
        verb: &str,
        prefix: &str,
        count: usize,
    ) -> Result<(), BenchError> {
        self.say(&format!("{verb} {prefix} {count}\n")).await
    }

    /// Orders it to look until names lead elsewhere than to the node `lost`.
    pub(crate) async fn resolve(
        &mut self,
        prefix: &str,
        count: usize,
        lost: NodeId,
    ) -> Result<(), BenchError> {
        self.say(&format!("resolve {prefix} {count} {lost}\n")).await
    }

    async fn say(&mut self, line: &str) -> Result<(), BenchError> {
        self.orders.write_all(line.as_bytes()).await.map_err(BenchError::io("order a worker"))
    }

    /// Ends it as a power cut does.
    pub(crate) async fn kill(&mut self) -> Result<(), BenchError> {
        self.child.kill().await.map_err(BenchError::io("kill a worker"))
    }

    /// Stops it in its tracks.
    pub(crate) fn freeze(&self) -> Result<(), BenchError> {
        self.signal(Signal::STOP).map_err(BenchError::io("freeze a worker"))
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) -> Result<(), BenchError> {
        self.signal(Signal::CONT).map_err(BenchError::io("thaw a worker"))
    }

    fn signal(&self, signal: Signal) -> std::io::Result<()> {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let pid = pid.ok_or(std::io::ErrorKind::NotFound)?;
        Ok(kill_process(pid, signal)?)
    }

    /// When the oldest order without an answer was done.
    pub(crate) async fn answer(&mut self) -> Result<Duration, BenchError> {
        let line = timeout(PATIENCE, self.answers.next_line()).await;
        let late = |_| BenchError::Late {
            what: "a worker answers".to_owned(),
            within: PATIENCE,
            state: "silence".to_owned(),
        };
        let line = line.map_err(late)?.map_err(BenchError::io("hear a worker"))?;
        let time = line.and_then(|line| line.parse().ok()).map(Duration::from_nanos);
        time.ok_or_else(ended)
    }

    pub(crate) fn pid(&self) -> Result<u32, BenchError> {
        self.child.id().ok_or_else(ended)
    }
}

fn ended() -> BenchError {
    BenchError::Ended { node: "a worker".to_owned() }
}

/// A node inside this process.
pub(crate) async fn embed(data: PathBuf) -> Result<NodeHandle, BenchError> {
    let mut options = Options::in_folder(data)?;
    options.guard = Some(site::covey()?);
    Ok(driver::start(options).await?)
}

/// Name `number` of those that begin with `prefix`.
pub(crate) fn name(prefix: &str, number: usize) -> Result<Name, BenchError> {
    let text = format!("{prefix}-{number}");
    Name::new(&text).map_err(|error| refused(&text, &error.to_string()))
}

/// All of them.
pub(crate) fn names(prefix: &str, count: usize) -> Result<Vec<Name>, BenchError> {
    (0..count).map(|number| name(prefix, number)).collect()
}

/// Claims names for `node`, as many at once as the control interface takes.
pub(crate) async fn claim(node: &NodeHandle, names: &[Name]) -> Result<(), BenchError> {
    for batch in names.chunks(BATCH) {
        let names = batch.iter().map(|name| (name.clone(), Default::default())).collect();
        match node.command(node.id(), Command::Register { names }).await? {
            Outcome::Names(outcomes) if outcomes.iter().all(Result::is_ok) => {}
            other @ (Outcome::Names(_)
            | Outcome::Done
            | Outcome::Invite { .. }
            | Outcome::Name(_)
            | Outcome::Merged(_)
            | Outcome::Reported(_)) => {
                let mut answer = format!("{other:?}");
                answer.truncate(200);
                return Err(refused("names.register", &answer));
            }
        }
    }
    Ok(())
}

/// Gives names up.
pub(crate) async fn give_up(node: &NodeHandle, names: &[Name]) -> Result<(), BenchError> {
    for batch in names.chunks(BATCH) {
        let names = batch.to_vec();
        node.command(node.id(), Command::Deregister { names }).await?;
    }
    Ok(())
}

fn refused(command: &str, answer: &str) -> BenchError {
    BenchError::Refused { command: command.to_owned(), answer: answer.to_owned() }
}

/// Is a worker until its input ends.
pub(crate) async fn serve(data: PathBuf) -> Result<(), BenchError> {
    let node = embed(data).await?;
    println!("{}", machine::shared_now().as_nanos());
    while let Some(order) = next_order().await? {
        let words: Vec<&str> = order.split(' ').collect();
        let count = |count: &str| count.parse().ok().ok_or_else(|| refused("worker", count));
        let done = match words.as_slice() {
            ["claim", prefix, number] => {
                if let Err(error) = claim(&node, &names(prefix, count(number)?)?).await {
                    let cause = timeout(LAST_WORDS, node.stopped()).await;
                    eprintln!("a worker: {error}; {cause:?}");
                    return Err(error);
                }
                machine::shared_now()
            }
            ["find", prefix, number] => look(&node, names(prefix, count(number)?)?, None).await?,
            ["resolve", prefix, number, lost] => {
                let lost = lost.parse().ok().ok_or_else(|| refused("worker", lost))?;
                look(&node, names(prefix, count(number)?)?, Some(lost)).await?
            }
            _ => return Err(refused("worker", &order)),
        };
        println!("{}", done.as_nanos());
    }
    node.kill().await;
    Ok(())
}

async fn next_order() -> Result<Option<String>, BenchError> {
    let order = tokio::task::spawn_blocking(|| std::io::stdin().lines().next().transpose()).await;
    let order = order.map_err(|error| refused("worker", &error.to_string()))?;
    order.map_err(BenchError::io("hear an order"))
}

async fn look(
    node: &NodeHandle,
    names: Vec<Name>,
    lost: Option<NodeId>,
) -> Result<Duration, BenchError> {
    let node = node.clone();
    let looked = tokio::task::spawn_blocking(move || resolve(&node, &names, lost)).await;
    looked.map_err(|error| refused("worker", &error.to_string()))?
}

/// Looks until every name leads to a node, other than `lost`; tells when that was.
pub(crate) fn resolve(
    node: &NodeHandle,
    names: &[Name],
    lost: Option<NodeId>,
) -> Result<Duration, BenchError> {
    let begun = Instant::now();
    for name in names {
        while node.lookup(name).is_none_or(|route| Some(route.node) == lost) {
            if begun.elapsed() > PATIENCE {
                let (what, state) = (format!("{name} is found"), "it is not".to_owned());
                return Err(BenchError::Late { what, within: PATIENCE, state });
            }
            thread::sleep(LOOK_INTERVAL);
        }
    }
    Ok(machine::shared_now())
}
