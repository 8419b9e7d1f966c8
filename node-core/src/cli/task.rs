//! Verbs about tasks, and about how they are spread.

use std::time::Duration;

use covey_logic::balancer::{
    AgentLoadView, BalancerView, PreviewView, Queue, Stuck, TaskPhase, TaskView,
};

use super::{
    CliError,
    args::{BalancerVerb, SubmitArgs, TaskVerb, key},
    client::Client,
    node,
    out::{Out, table},
    words::{self, Names},
};
use crate::control::{
    CancelTasks, GetBalancer, GetTask, ListTasks, NewTaskWish, PreviewBalancer, SetBalancer,
    SubmitTasks, WaitForTasks,
};

/// Beyond what a node waits, for its answer to come here.
const SLACK: Duration = Duration::from_secs(5);
/// The longest that a node waits.
const MAX_WAIT: Duration = Duration::from_mins(10);

pub(super) async fn run(client: &Client, out: &Out, verb: TaskVerb) -> Result<(), CliError> {
    match verb {
        TaskVerb::Submit(args) => submit(client, out, args).await?,
        TaskVerb::Show { task } => {
            let task = client.ask(&GetTask { task }).await?;
            out.result(&task, || one(&task));
        }
        TaskVerb::List { queue, state, limit } => {
            let state = state.map(Into::into);
            let request = ListTasks { queue, state, before: None, limit: Some(limit) };
            let page = client.ask(&request).await?;
            out.result(&page, || format!("{}\n{} are open", rows(&page.tasks), page.open));
        }
        TaskVerb::Wait { tasks, timeout } => wait(client, out, tasks, timeout).await?,
        TaskVerb::Cancel { tasks } => {
            let done = client.ask(&CancelTasks { tasks }).await?;
            out.result(&done, || format!("{} tasks were cancelled", done.tasks.len()));
        }
    }
    Ok(())
}

async fn submit(client: &Client, out: &Out, args: SubmitArgs) -> Result<(), CliError> {
    let SubmitArgs {
        method,
        params,
        cap,
        priority,
        expires,
        timeout,
        attempts,
        key: said,
        pay,
        check,
        times,
        wait: waits,
        session,
    } = args;
    let no_key = || CliError::Failed("a key has 1 to 64 bytes".to_owned());
    let key = said.map(|text| key(&text).ok_or_else(no_key)).transpose()?;
    let wish = NewTaskWish {
        capabilities: cap,
        method,
        params,
        priority: priority.into(),
        expires_ms: expires.map(millis),
        timeout_ms: timeout.map(millis),
        attempts,
        key,
        pay,
        check,
    };
    let tasks = std::iter::repeat_n(wish, usize::try_from(times).unwrap_or(usize::MAX)).collect();
    let done = client.ask(&SubmitTasks { tasks, session }).await?;
    if waits {
        return wait(client, out, done.tasks, MAX_WAIT).await;
    }
    out.result(&done, || done.tasks.iter().map(u64::to_string).collect::<Vec<_>>().join(" "));
    Ok(())
}

async fn wait(
    client: &Client,
    out: &Out,
    tasks: Vec<u64>,
    timeout: Duration,
) -> Result<(), CliError> {
    let request = WaitForTasks { tasks, wait_ms: millis(timeout) };
    let tasks = client.ask_within(&request, timeout + SLACK).await?;
    out.result(&tasks, || match tasks.as_slice() {
        [task] => one(task),
        many => rows(many),
    });
    let done = tasks.iter().filter(|task| task.state == TaskPhase::Done).count();
    if done < tasks.len() {
        return Err(CliError::Failed(format!("{done} of {} were done", tasks.len())));
    }
    Ok(())
}

fn one(task: &TaskView) -> String {
    let mut lines = vec![rows(std::slice::from_ref(task))];
    if let Some(value) = &task.value {
        lines.push(format!("{value:#}"));
    }
    lines.join("\n")
}

fn rows(tasks: &[TaskView]) -> String {
    let row = |task: &TaskView| {
        vec![
            task.task.to_string(),
            task.queue.clone(),
            task.method.clone(),
            phase(task.state).to_owned(),
            task.agent.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            task.attempt.to_string(),
            words::span(Duration::from_millis(task.age_ms)),
            pay(task),
            task.reason.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = tasks.iter().map(row).collect();
    let titles = [">TASK", "QUEUE", "METHOD", "STATE", "AGENT", ">TRY", ">AGE", ">PAYS", "WHY"];
    table(&titles, &rows)
}

/// What is agreed on, or was paid, of what is paid at most.
fn pay(task: &TaskView) -> String {
    match (task.price, task.pay) {
        (_, None) => "-".to_owned(),
        (None, Some(most)) => format!("≤ {most}"),
        (Some(price), Some(most)) => format!("{price} of {most}"),
    }
}

fn phase(phase: TaskPhase) -> &'static str {
    match phase {
        TaskPhase::Queued => "queued",
        TaskPhase::Running => "running",
        TaskPhase::Done => "done",
        TaskPhase::Failed => "failed",
        TaskPhase::Expired => "expired",
        TaskPhase::Cancelled => "cancelled",
    }
}

pub(super) async fn balancer(
    client: &Client,
    out: &Out,
    verb: Option<BalancerVerb>,
) -> Result<(), CliError> {
    match verb {
        None => {
            let view = client.ask(&GetBalancer {}).await?;
            let names = if out.json { Names::default() } else { node::names(client).await? };
            out.result(&view, || spread(&view, &names));
        }
        Some(BalancerVerb::Preview { strategy, cap, burst }) => {
            let request = PreviewBalancer { capabilities: cap, strategy, burst };
            let previews = client.ask(&request).await?;
            out.result(&previews, || compared(&previews));
        }
        Some(BalancerVerb::Set { strategy, queue }) => {
            let whose = queue.as_ref().map_or_else(|| "all queues".to_owned(), Queue::to_string);
            client.ask(&SetBalancer { queue, strategy: Some(strategy) }).await?;
            out.done(&format!("agents of {whose} are chosen by {strategy}"));
        }
        Some(BalancerVerb::Unset { queue }) => {
            let request = SetBalancer { queue: Some(queue), strategy: None };
            client.ask(&request).await?;
            out.done("it follows the strategy of all");
        }
    }
    Ok(())
}

fn spread(view: &BalancerView, names: &Names) -> String {
    let queues = view.queues.iter().map(|queue| {
        vec![
            queue.queue.clone(),
            format!("{}{}", queue.strategy, if queue.own { " (own)" } else { "" }),
            queue.waiting.to_string(),
            queue.running.to_string(),
            queue.agents.to_string(),
            queue.stuck.map_or("", stuck).to_owned(),
        ]
    });
    let queues: Vec<_> = queues.collect();
    let agent = |load: &AgentLoadView| {
        vec![
            load.agent.to_string(),
            load.node.map_or_else(|| "-".to_owned(), |node| names.of(node)),
            format!("{}{}", load.in_flight, if load.overloaded { " (full)" } else { "" }),
            load.latency_us.map_or_else(
                || "-".to_owned(),
                |latency| words::span(Duration::from_micros(latency)),
            ),
            load.asks_thousandths.map_or_else(|| "-".to_owned(), node::thousandths),
            load.assigned.to_string(),
            load.done.to_string(),
            load.failed.to_string(),
        ]
    };
    let agents: Vec<_> = view.agents.iter().map(agent).collect();
    let strategies = view.strategies.iter().map(|strategy| {
        let mark = if strategy.strategy == view.strategy { "*" } else { " " };
        vec![format!("{mark} {}", strategy.strategy), strategy.about.clone()]
    });
    let strategies: Vec<_> = strategies.collect();
    [
        table(&["QUEUE", "STRATEGY", ">WAIT", ">RUN", ">AGENTS", "WHY"], &queues),
        table(
            &["AGENT", "NODE", "HAS", ">LATENCY", ">ASKS", ">ASSIGNED", ">DONE", ">FAILED"],
            &agents,
        ),
        table(&["  STRATEGY", ""], &strategies),
    ]
    .join("\n\n")
}

fn compared(previews: &[PreviewView]) -> String {
    let mut head = vec!["AGENT".to_owned(), ">HAS".to_owned()];
    head.extend(previews.iter().map(|preview| format!(">{}", preview.strategy.word())));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let shares = previews.first().map(|preview| preview.shares.as_slice()).unwrap_or_default();
    let row =
        |(place, share): (usize, &covey_logic::balancer::ShareView)| {
            let mut row = vec![share.agent.to_string(), share.in_flight.to_string()];
            row.extend(previews.iter().map(|preview| {
                preview.shares.get(place).map_or(0, |share| share.tasks).to_string()
            }));
            row
        };
    let rows: Vec<_> = shares.iter().enumerate().map(row).collect();
    let ends = previews.iter().map(|preview| {
        let why = preview.stuck.map_or("", stuck);
        let (word, spread, left) = (preview.strategy, preview.spread_percent, preview.left);
        let left = if left == 0 { String::new() } else { format!("; {left} get none: {why}") };
        format!("{word}: the busiest gets {spread} % of the mean{left}")
    });
    let ends: Vec<_> = ends.collect();
    format!("{}\n\n{}", table(&head, &rows), ends.join("\n"))
}

fn stuck(why: Stuck) -> &'static str {
    match why {
        Stuck::NoSuitableAgent => "no agent has the capabilities",
        Stuck::AllOverloaded => "all agents are at their limits",
        Stuck::NoBids => "no agent bids: they are being tried, or their nodes take no work",
        Stuck::TooDear => "all agents ask for more than is paid",
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
