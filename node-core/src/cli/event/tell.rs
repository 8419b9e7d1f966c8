//! Telling of events of one's own making.

use std::io::Read as _;

use covey_logic::event::Class;

use crate::{
    cli::{CliError, args::AppendArgs, client::Client, out::Out},
    control::{AppendEvents, NewEvent},
};

pub(super) async fn append(client: &Client, out: &Out, args: AppendArgs) -> Result<(), CliError> {
    let class = if args.replicated { Class::Replicated } else { Class::Local };
    let appended = client.ask(&AppendEvents { events: events(args)?, class }).await?;
    out.result(&appended, || {
        let copies = match appended.copies {
            1 => "on this disk".to_owned(),
            copies => format!("on {copies} disks"),
        };
        match appended.count {
            1 => format!("{}, {copies}", appended.first),
            count => format!("{count} events from {} on, {copies}", appended.first),
        }
    });
    Ok(())
}

fn events(args: AppendArgs) -> Result<Vec<NewEvent>, CliError> {
    let AppendArgs { kind, body, correlation, parent, file, .. } = args;
    if let Some(kind) = kind {
        let wrong = |error| CliError::Usage(format!("the body is no JSON object: {error}"));
        let body = serde_json::from_str(&body).map_err(wrong)?;
        return Ok(vec![NewEvent { kind, body, correlation, parent }]);
    }
    let io = |source| CliError::Io { what: "read the events", source };
    let text = match file.filter(|path| path.as_os_str() != "-") {
        Some(path) => std::fs::read_to_string(path).map_err(io)?,
        None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(io)?;
            text
        }
    };
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let event = |(line, number): (&str, u32)| {
        let wrong = |error| CliError::Usage(format!("line {number} is no event: {error}"));
        serde_json::from_str(line).map_err(wrong)
    };
    lines.map(event).collect()
}
