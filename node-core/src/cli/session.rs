//! Verbs about sessions.

use std::time::Duration;

use covey_logic::sessions::{
    Failing, NoteKind, NoteView, Priority, ProtocolView, SessionRow, SessionState, SessionView,
};

use super::{
    CliError,
    args::{PriorityArg, SessionArgs, SessionVerb},
    client::Client,
    node,
    out::{Out, table},
    words::{self, Names},
};
use crate::control::{
    AssessParticipant, CancelSession, GetSession, ListProtocols, ListSessions, SayInSession,
    StartSession, WaitForSession,
};

/// Beyond what a node waits, for its answer to come here.
const SLACK: Duration = Duration::from_secs(5);

pub(super) async fn run(client: &Client, out: &Out, verb: SessionVerb) -> Result<(), CliError> {
    match verb {
        SessionVerb::Start(args) => return start(client, out, *args).await,
        SessionVerb::List => {
            let rows = client.ask(&ListSessions {}).await?;
            out.result(&rows, || list(&rows));
        }
        SessionVerb::Show { session } => {
            let view = client.ask(&GetSession { session }).await?;
            show(client, out, &view).await?;
        }
        SessionVerb::Wait { session, timeout } => {
            let request = WaitForSession { session, wait_ms: millis(timeout) };
            let view = client.ask_within(&request, timeout + SLACK).await?;
            show(client, out, &view).await?;
        }
        SessionVerb::Say { session, agent, word } => {
            let agent = Some(agent);
            client.ask(&SayInSession { session, round: None, agent, word }).await?;
            out.done("it is in the log");
        }
        SessionVerb::Cancel { session, reason } => {
            client.ask(&CancelSession { session, reason }).await?;
            out.done(&format!("session {session} is cancelled"));
        }
        SessionVerb::Assess { session, agent, accuracy, efficiency } => {
            client.ask(&AssessParticipant { session, agent, accuracy, efficiency }).await?;
            out.done("its later weights follow from it");
        }
        SessionVerb::Protocols => {
            let protocols = client.ask(&ListProtocols {}).await?;
            out.result(&protocols, || {
                let texts: Vec<_> = protocols.iter().map(protocol).collect();
                texts.join("\n\n")
            });
        }
    }
    Ok(())
}

async fn start(client: &Client, out: &Out, args: SessionArgs) -> Result<(), CliError> {
    let failing = match (args.abort, args.spares.is_empty()) {
        (true, _) => Failing::Abort,
        (false, false) => Failing::Replace,
        (false, true) => Failing::Continue,
    };
    let request = StartSession {
        protocol: args.protocol,
        subject: args.about,
        options: args.options.into_iter().collect(),
        participants: args.with,
        capabilities: args.cap,
        spares: args.spares,
        answer_ms: args.answer.and_then(millis),
        time_ms: args.time.and_then(millis),
        quorum_percent: args.quorum,
        failing: Some(failing),
        messages: args.messages,
        priority: Some(args.priority.into()),
        session: None,
        tags: args.tags,
        domain: args.domain,
        key: None,
        wait_ms: args.wait.and_then(millis),
    };
    let limit = args.wait.unwrap_or_default() + SLACK;
    let started = client.ask_within(&request, limit).await?;
    match &started.view {
        Some(view) => show(client, out, view).await?,
        None => out.result(&started, || format!("session {}", started.session)),
    }
    Ok(())
}

async fn show(client: &Client, out: &Out, view: &SessionView) -> Result<(), CliError> {
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(view, || text(view, &names));
    Ok(())
}

fn list(rows: &[SessionRow]) -> String {
    if rows.is_empty() {
        return "no session was begun yet: covey session start --help".to_owned();
    }
    let row = |row: &SessionRow| {
        vec![
            row.id.to_string(),
            row.protocol.clone(),
            state_word(row.state).to_owned(),
            format!("{} of {}", row.answered, row.participants),
            words::span(Duration::from_millis(row.took_ms)),
            row.subject.clone(),
            row.words.clone(),
        ]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    table(&["SESSION", "PROTOCOL", "STATE", "ANSWERED", ">TOOK", "ABOUT", "RESULT"], &rows)
}

fn text(view: &SessionView, names: &Names) -> String {
    let row = &view.row;
    let result = match row.words.as_str() {
        "" => format!("in {}, {} of {} answered", row.phase, row.answered, row.participants),
        words => words.to_owned(),
    };
    let state = state_word(row.state);
    let head = format!("session {} by {} is {state}: {result}", row.id, row.protocol);
    let tally = view
        .tally
        .rows
        .iter()
        .map(|it| vec![it.label.clone(), it.amount.to_string(), it.of.to_string()]);
    let tally: Vec<_> = tally.collect();
    let participants = view.participants.iter().map(|it| {
        let node = it.node.map_or_else(String::new, |node| names.of(node));
        vec![it.agent.to_string(), node, it.remark.clone()]
    });
    let participants: Vec<_> = participants.collect();
    let journal: Vec<_> = view.journal.iter().map(|note| journal_row(note, names)).collect();
    let unit = view.tally.unit.to_uppercase();
    let takes = view.tally.threshold.as_ref();
    let takes = takes.map(|it| format!("\nit takes {}: {}", it.label, it.amount));
    [
        head,
        table(&["TALLY", ">", ">OF"], &tally) + &takes.unwrap_or_default(),
        table(&["PARTICIPANT", "NODE", &unit], &participants),
        table(&[">AFTER", "ROUND", "WHAT", "WHO", "RELAYED BY", "WORD"], &journal),
    ]
    .join("\n\n")
}

fn journal_row(note: &NoteView, names: &Names) -> Vec<String> {
    let kind = match note.kind {
        NoteKind::Asked => "asked",
        NoteKind::Said => "said",
        NoteKind::Failed => "failed",
        NoteKind::Replaced => "replaced by",
        NoteKind::Ended => "ended",
    };
    let whom: Vec<&str> = note.whom.iter().map(|name| name.as_str()).collect();
    vec![
        words::span(Duration::from_micros(note.after_us)),
        note.round.to_string(),
        kind.to_owned(),
        note.agent.as_ref().map_or_else(|| whom.join(" "), ToString::to_string),
        note.relayed.map_or_else(String::new, |node| names.of(node)),
        note.text.clone(),
    ]
}

fn protocol(view: &ProtocolView) -> String {
    let ProtocolView { name, version, doc, least, most, .. } = view;
    let options = view.options.iter().map(|option| {
        let values = match option.kind.as_str() {
            "choice" => option.choices.join(", "),
            kind => format!("{kind} {}", option.unit),
        };
        vec![option.name.clone(), values, option.default.clone(), option.doc.clone()]
    });
    let options: Vec<_> = options.collect();
    let head = format!("{name}, version {version}, {least} to {most} participants\n{doc}");
    format!("{head}\n{}", table(&["OPTION", "VALUES", "IF NOT SAID", ""], &options))
}

fn state_word(state: SessionState) -> &'static str {
    match state {
        SessionState::Running => "running",
        SessionState::Settled => "settled",
        SessionState::Unsettled => "unsettled",
        SessionState::NoQuorum => "without quorum",
        SessionState::Aborted => "aborted",
        SessionState::OverBudget => "over its budget",
        SessionState::Expired => "expired",
        SessionState::Cancelled => "cancelled",
    }
}

fn millis(span: Duration) -> Option<u64> {
    u64::try_from(span.as_millis()).ok()
}

impl From<PriorityArg> for Priority {
    fn from(priority: PriorityArg) -> Self {
        match priority {
            PriorityArg::Low => Self::Low,
            PriorityArg::Normal => Self::Normal,
            PriorityArg::High => Self::High,
        }
    }
}
