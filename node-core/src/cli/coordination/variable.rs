//! Verbs about variables.

use std::time::Duration;

use covey_logic::{
    Name,
    coordination::{ConflictView, Rule, VariableView},
};

use super::{found, lease::millis};
use crate::{
    cli::{
        CliError,
        args::VariableVerb,
        client::{ANSWER_TIMEOUT, Client},
        find, node,
        out::{Out, table},
        words::Names,
    },
    control::{
        ListNodes, ReadVariable, RegisterVariable, RemoveVariable, SetVariable, WatchVariable,
    },
};

/// How long one question for a change waits.
const WATCH: Duration = Duration::from_mins(5);

pub(in crate::cli) async fn variable(
    client: &Client,
    out: &Out,
    verb: VariableVerb,
) -> Result<(), CliError> {
    match verb {
        VariableVerb::Register { variable, value, scope, strategy, rule, writers } => {
            let nodes = client.ask(&ListNodes {}).await?;
            let named = node::named(&nodes);
            let writers: Result<_, CliError> =
                writers.iter().map(|text| find::node(text, &named)).collect();
            let (rule, writers) = (rule.rule(), writers?);
            let asked =
                RegisterVariable { variable, value, scope, strategy, rule, writers, key: None };
            let set = client.ask(&asked).await?;
            out.result(&set, || format!("version {}", set.version));
        }
        VariableVerb::Set { variable, value, scope, expect, fence, key } => {
            let asked = SetVariable { variable, scope, value, expected: expect, fence, key };
            let set = client.ask(&asked).await?;
            out.result(&set, || format!("version {}", set.version));
        }
        VariableVerb::Get { variable, scope, stale } => {
            let asked = ReadVariable { variable: variable.clone(), scope, stale };
            let read = client.ask(&asked).await?;
            let value = read.found.as_ref().map(value);
            found(out, &read, value, || missing(&variable))?;
        }
        VariableVerb::History { variable, scope } => {
            let asked = ReadVariable { variable: variable.clone(), scope, stale: false };
            let read = client.ask(&asked).await?;
            let names = if out.json { Names::default() } else { node::names(client).await? };
            let text = read.found.as_ref().map(|found| history(found, &names));
            found(out, &read, text, || missing(&variable))?;
        }
        VariableVerb::Watch { variable, since } => watch(client, out, variable, since).await?,
        VariableVerb::Remove { variable, scope, expect } => {
            let asked = RemoveVariable { variable, scope, expected: expect, key: None };
            client.ask(&asked).await?;
            out.done("the variable is gone");
        }
    }
    Ok(())
}

/// Says each write after a version; when some are forgotten, that there were more.
async fn watch(client: &Client, out: &Out, variable: Name, since: u64) -> Result<(), CliError> {
    let mut known = since;
    while !out.closed() {
        let (variable, wait_ms) = (variable.clone(), millis(WATCH));
        let asked = WatchVariable { variable, scope: None, known, wait_ms };
        let found = client.ask_within(&asked, WATCH.saturating_add(ANSWER_TIMEOUT)).await?;
        if !found.whole {
            out.note("some writes are missing here: there were more than are remembered");
        }
        for written in found.writes {
            known = written.version;
            if out.json {
                out.json_line(&written);
            } else {
                out.line(&format!("{}  {}", written.version, written.value));
            }
        }
    }
    Ok(())
}

fn history(view: &VariableView, names: &Names) -> String {
    let last = (view.version, view.by, value(view));
    let before =
        view.history.iter().rev().map(|write| (write.version, write.by, write.value.clone()));
    let row =
        |(version, by, value): (u64, _, String)| vec![version.to_string(), names.of(by), value];
    let rows: Vec<_> = [last].into_iter().chain(before).map(row).collect();
    let writers: Vec<_> = view.terms.writers.iter().map(|node| names.of(*node)).collect();
    let writers = if writers.is_empty() { "anyone".to_owned() } else { writers.join(", ") };
    let rule = match &view.terms.rule {
        Rule::Text => "any text".to_owned(),
        Rule::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Rule::Boolean => "true or false".to_owned(),
        Rule::OneOf { values } => {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            format!("one of {}", values.join(", "))
        }
        Rule::Json => "a JSON document".to_owned(),
    };
    let scope = match view.strategy {
        Some(strategy) => format!("scope {}, {strategy}", view.scope),
        None => format!("scope {}", view.scope),
    };
    let history = table(&["VERSION", "BY", "VALUE"], &rows);
    if view.conflict.is_empty() {
        return format!("{scope}: {rule}, written by {writers}\n{history}");
    }
    let beside = |write: &ConflictView| vec![names.of(write.by), write.value.clone()];
    let beside: Vec<_> = view.conflict.iter().map(beside).collect();
    let beside = table(&["WRITTEN APART BY", "VALUE"], &beside);
    format!("{scope}: {rule}, written by {writers}\n{history}\n\n{beside}")
}

/// What it holds; of writes that stand beside each other, each in a line.
fn value(view: &VariableView) -> String {
    let beside = view.conflict.iter().map(|write| write.value.as_str());
    view.value.clone().unwrap_or_else(|| beside.collect::<Vec<_>>().join("\n"))
}

fn missing(variable: &Name) -> CliError {
    CliError::Failed(format!("there is no variable {variable}"))
}
