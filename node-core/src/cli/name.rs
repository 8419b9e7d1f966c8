//! Verbs about names.

mod group;
mod watch;

use covey_logic::{
    Name,
    registry::{Metadata, NameView, Query, Term},
};

use crate::control::{
    Claim, CountNames, Deregister, DeregisterMatching, ListNodes, Lookup, NameOutcomes, Register,
    SetName, UiError, WaitForName,
};

use super::{
    CliError,
    args::{NameVerb, TermArgs},
    client::{ANSWER_TIMEOUT, Client},
    find, node,
    out::Out,
    words::Names,
};

pub(super) async fn run(client: &Client, out: &Out, verb: NameVerb) -> Result<(), CliError> {
    match verb {
        NameVerb::Register { names, meta, holder } => {
            register(client, out, (names, holder), &meta).await
        }
        NameVerb::Deregister { matching: true, terms, .. } => {
            let terms = read(client, terms).await?;
            let given_up = client.ask(&DeregisterMatching { terms }).await?;
            out.result(&given_up, || format!("{} names are given up", given_up.count));
            Ok(())
        }
        NameVerb::Deregister { names, .. } => {
            client.ask(&Deregister { names }).await?;
            out.done("the names are given up");
            Ok(())
        }
        NameVerb::Lookup { name, linearizable } => lookup(client, out, name, linearizable).await,
        NameVerb::Search { terms, count: true, .. } => {
            let terms = read(client, terms).await?;
            let count = client.ask(&CountNames { terms }).await?;
            let more = if count.exact { "" } else { " at least" };
            out.result(&count, || format!("{}{more}", count.count));
            Ok(())
        }
        NameVerb::Search { terms, after, limit, .. } => {
            let terms = read(client, terms).await?;
            search(client, out, Query { terms, after, limit: Some(limit) }).await
        }
        NameVerb::Watch { prefix } => watch::run(client, out, prefix).await,
        NameVerb::Wait { name, timeout } => {
            let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            let limit = timeout.saturating_add(ANSWER_TIMEOUT);
            let holder = client.ask_within(&WaitForName { name, timeout_ms }, limit).await?;
            let names = node::names(client).await?;
            out.result(&holder, || format!("{}  {}", names.of(holder.node), holder.node));
            Ok(())
        }
        NameVerb::Set { name, meta, expect } => {
            let request = SetName { name, expected: expect, metadata: metadata(&meta) };
            let revision = client.ask(&request).await?;
            out.result(&revision, || format!("revision {}", revision.revision));
            Ok(())
        }
        NameVerb::Group { verb } => group::run(client, out, verb).await,
        NameVerb::Namespace { verb } => group::namespaces(client, out, verb).await,
    }
}

async fn register(
    client: &Client,
    out: &Out,
    (names, holder): (Vec<Name>, Option<Name>),
    meta: &[(String, String)],
) -> Result<(), CliError> {
    let metadata = metadata(meta);
    let claim = |name: &Name| Claim { name: name.clone(), metadata: metadata.clone() };
    let claims = names.iter().map(claim).collect();
    let reply = client.ask(&Register { names: claims, holder }).await?;
    out.result(&reply, || outcomes(&names, &reply));
    let refused = reply.outcomes.iter().flatten().count();
    if refused > 0 {
        let all = names.len();
        return Err(CliError::Failed(format!("{refused} of {all} names were not registered")));
    }
    Ok(())
}

/// Fields as they were typed; one that is typed again has several values.
fn metadata(meta: &[(String, String)]) -> Metadata {
    let mut metadata = Metadata::new();
    for (field, value) in meta {
        metadata.entry(field.clone()).or_default().0.push(value.clone());
    }
    metadata
}

fn outcomes(names: &[Name], reply: &NameOutcomes) -> String {
    let line = |((name, outcome), held): ((&Name, &Option<UiError>), &Option<u64>)| match outcome {
        None => format!("{name}  registered{}", token(*held)),
        Some(error) => format!("{name}  {}", error.why),
    };
    let outcomes = names.iter().zip(&reply.outcomes).zip(&reply.tokens);
    outcomes.map(line).collect::<Vec<_>>().join("\n")
}

async fn lookup(
    client: &Client,
    out: &Out,
    name: Name,
    linearizable: bool,
) -> Result<(), CliError> {
    let holder = client.ask(&Lookup { name: name.clone(), linearizable }).await?;
    let names = node::names(client).await?;
    match holder {
        None if !out.json => Err(CliError::Failed(format!("no node holds {name}"))),
        None => {
            out.result(&holder, String::new);
            Err(CliError::Failed(format!("no node holds {name}")))
        }
        Some(found) => {
            out.result(&holder, || {
                let token = token(found.token);
                format!("{}  {}{token}", names.of(found.node), found.node)
            });
            if let (false, Some(index)) = (out.json, found.index) {
                out.note(&format!("as of entry {index}"));
            }
            Ok(())
        }
    }
}

/// The fencing token, where the cluster agreed on who holds a name.
fn token(token: Option<u64>) -> String {
    token.map_or_else(String::new, |token| format!("  token {token}"))
}

async fn search(client: &Client, out: &Out, query: Query) -> Result<(), CliError> {
    let page = client.ask(&query).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&page, || {
        let lines: Vec<_> = page.names.iter().map(|view| line(view, &names)).collect();
        if lines.is_empty() { "No name fits.".to_owned() } else { lines.join("\n") }
    });
    if let (false, Some(next)) = (out.json, page.next) {
        out.note(&format!("there may be more: --after {next}"));
    }
    if !(out.json || page.indexed) {
        out.note("no index helps with this search: every name is looked at");
    }
    Ok(())
}

fn line(view: &NameView, names: &Names) -> String {
    let token = token(view.token);
    format!("{}  {}{token}  {}", view.id, names.of(view.node), fields(&view.metadata))
}

/// Metadata on one line.
fn fields(metadata: &Metadata) -> String {
    let field = |(field, values): (&String, &covey_logic::registry::Values)| {
        format!("{field}={}", values.0.join(","))
    };
    metadata.iter().map(field).collect::<Vec<_>>().join(" ")
}

/// The terms as they were typed.
async fn read(client: &Client, args: TermArgs) -> Result<Vec<Term>, CliError> {
    let on = match &args.on {
        Some(text) => {
            let nodes = client.ask(&ListNodes {}).await?;
            let node = find::node(text, &node::named(&nodes))?;
            Some(Term::Node { node })
        }
        None => None,
    };
    let all = args.capability;
    let between = |field, min, max| Term::Between { field, min, max };
    let lacks = |field| Term::Not { not: Box::new(Term::Exists { field }) };
    Ok(on
        .into_iter()
        .chain(args.namespace.map(|namespace| Term::Namespace { namespace }))
        .chain(args.prefix.map(|prefix| Term::Prefix { prefix }))
        .chain(args.held_for.map(|agent| Term::Holder { agent }))
        .chain((!all.is_empty()).then_some(Term::Capabilities { all }))
        .chain(args.kind.map(|kind| Term::Kind { kind: kind.into() }))
        .chain(args.state.map(|state| Term::State { state: state.into() }))
        .chain(args.equals.into_iter().map(|(field, value)| Term::Equals { field, value }))
        .chain(args.begins.into_iter().map(|(field, prefix)| Term::BeginsWith { field, prefix }))
        .chain(args.has.into_iter().map(|field| Term::Exists { field }))
        .chain(args.lacks.into_iter().map(lacks))
        .chain(args.least.into_iter().map(|(field, min)| between(field, Some(min), None)))
        .chain(args.most.into_iter().map(|(field, max)| between(field, None, Some(max))))
        .collect())
}
