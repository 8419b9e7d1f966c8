//! Verbs about groups and namespaces.

use covey_logic::registry::NamespaceView;

use crate::{
    cli::{
        CliError,
        args::{GroupVerb, NamespaceVerb},
        client::Client,
        node,
        out::Out,
        words::{Names, backend_word},
    },
    control::{
        CleanNamespace, JoinGroup, ListGroups, ListMembers, ListNamespaces, QuitGroup, SetNamespace,
    },
};

use super::{fields, metadata, watch::who};

pub(super) async fn run(client: &Client, out: &Out, verb: GroupVerb) -> Result<(), CliError> {
    match verb {
        GroupVerb::List => {
            let groups = client.ask(&ListGroups {}).await?;
            out.result(&groups, || {
                let line = |group: &crate::control::GroupSize| {
                    format!("{}  {} members", group.id, group.members)
                };
                groups.iter().map(line).collect::<Vec<_>>().join("\n")
            });
        }
        GroupVerb::Members { group } => {
            let members = client.ask(&ListMembers { group }).await?;
            let names = node::names(client).await?;
            out.result(&members, || {
                let line =
                    |member| format!("{}  {}", who(member, &names), fields(&member.metadata));
                members.iter().map(line).collect::<Vec<_>>().join("\n")
            });
        }
        GroupVerb::Join { group, agent, meta } => {
            client.ask(&JoinGroup { group, agent, metadata: metadata(&meta) }).await?;
            out.done("joined");
        }
        GroupVerb::Quit { group, agent } => {
            client.ask(&QuitGroup { group, agent }).await?;
            out.done("left");
        }
    }
    Ok(())
}

pub(super) async fn namespaces(
    client: &Client,
    out: &Out,
    verb: NamespaceVerb,
) -> Result<(), CliError> {
    match verb {
        NamespaceVerb::List => {
            let views = client.ask(&ListNamespaces {}).await?;
            let names = node::names(client).await?;
            out.result(&views, || {
                views.iter().map(|view| lines(view, &names)).collect::<Vec<_>>().join("\n")
            });
        }
        NamespaceVerb::Set { namespace, backend } => {
            client.ask(&SetNamespace { namespace, backend: backend.into() }).await?;
            out.done("set");
        }
        NamespaceVerb::Clean { yes: false, namespace } => {
            return Err(CliError::Failed(format!(
                "every name and agent of {namespace} would go, on every node: say --yes"
            )));
        }
        NamespaceVerb::Clean { namespace, .. } => {
            client.ask(&CleanNamespace { namespace }).await?;
            out.done("cleaned up");
        }
    }
    Ok(())
}

fn lines(view: &NamespaceView, names: &Names) -> String {
    let NamespaceView { id, backend, names: held, agents, nodes } = view;
    let kept = backend_word(*backend);
    let parts = nodes.iter().map(|part| {
        format!("\n  {}  {} names, {} agents", names.of(part.node), part.names, part.agents)
    });
    let parts: String = parts.collect();
    format!("{id}  {held} names, {agents} agents, kept {kept}{parts}")
}
