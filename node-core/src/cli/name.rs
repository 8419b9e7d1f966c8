//! Verbs about names.

use covey_logic::{Name, registry::Metadata};

use crate::control::{Claim, Deregister, Lookup, NameOutcomes, Register};

use super::{CliError, args::NameVerb, client::Client, node, out::Out};

pub(super) async fn run(client: &Client, out: &Out, verb: NameVerb) -> Result<(), CliError> {
    match verb {
        NameVerb::Register { names, meta } => register(client, out, names, &meta).await,
        NameVerb::Deregister { names } => {
            client.ask(&Deregister { names }).await?;
            out.done("the names are given up");
            Ok(())
        }
        NameVerb::Lookup { name } => lookup(client, out, name).await,
    }
}

async fn register(
    client: &Client,
    out: &Out,
    names: Vec<Name>,
    meta: &[(String, String)],
) -> Result<(), CliError> {
    let mut metadata = Metadata::new();
    for (field, value) in meta {
        metadata.entry(field.clone()).or_default().0.push(value.clone());
    }
    let claim = |name: &Name| Claim { name: name.clone(), metadata: metadata.clone() };
    let claims = names.iter().map(claim).collect();
    let reply = client.ask(&Register { names: claims }).await?;
    out.result(&reply, || outcomes(&names, &reply));
    let refused = reply.outcomes.iter().flatten().count();
    if refused > 0 {
        let all = names.len();
        return Err(CliError::Failed(format!("{refused} of {all} names were not registered")));
    }
    Ok(())
}

fn outcomes(names: &[Name], reply: &NameOutcomes) -> String {
    let line = |(name, outcome): (&Name, &Option<crate::control::UiError>)| match outcome {
        None => format!("{name}  registered"),
        Some(error) => format!("{name}  {}", error.why),
    };
    names.iter().zip(&reply.outcomes).map(line).collect::<Vec<_>>().join("\n")
}

async fn lookup(client: &Client, out: &Out, name: Name) -> Result<(), CliError> {
    let holder = client.ask(&Lookup { name: name.clone() }).await?;
    let names = node::names(client).await?;
    match holder {
        None if !out.json => Err(CliError::Failed(format!("no node holds {name}"))),
        None => {
            out.result(&holder, String::new);
            Err(CliError::Failed(format!("no node holds {name}")))
        }
        Some(found) => {
            out.result(&holder, || format!("{}  {}", names.of(found.node), found.node));
            Ok(())
        }
    }
}
