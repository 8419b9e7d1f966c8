//! Verbs about settings.

use covey_logic::{
    Name, NodeId,
    settings::{Change, EditView, How, Layer, LayerView, Place, SettingView, VersionView},
};

use crate::{
    control::{
        ChangeSettings, DiffSettings, Frame, ListNodes, ListSettingVersions, ListSettings,
        ResetSettings, RollBackSettings, SetSettingsHere, SettingHere, Topic, WithdrawSetting,
    },
    handle::Changed,
    settings::SettingsView,
};

use super::{
    CliError,
    args::{ChangeArgs, IfArgs, SettingVerb},
    client::Client,
    find, node,
    out::{Out, table},
    words::{self, Names},
};

pub(super) async fn run(client: &Client, out: &Out, verb: SettingVerb) -> Result<(), CliError> {
    match verb {
        SettingVerb::List { text } => list(client, out, &text).await,
        SettingVerb::Get { key } => get(client, out, &key).await,
        SettingVerb::Set { settings, how } => {
            let named = |(key, value): (String, String)| {
                let key = Name::new(&key).map_err(|error| CliError::Usage(error.to_string()))?;
                Ok((key, Some(value)))
            };
            let changes: Result<Vec<_>, CliError> = settings.into_iter().map(named).collect();
            change(client, out, changes?, how).await
        }
        SettingVerb::Unset { keys, how } => {
            change(client, out, keys.into_iter().map(|key| (key, None)).collect(), how).await
        }
        SettingVerb::History => history(client, out).await,
        SettingVerb::Diff { from, to } => diff(client, out, DiffSettings { from, to }).await,
        SettingVerb::Rollback { to, if_at: IfArgs { expect: expected, queue } } => {
            let changed = client.ask(&RollBackSettings { to, expected, queue }).await?;
            out.result(&changed, || outcome(&changed));
            Ok(())
        }
        SettingVerb::Reset { if_at: IfArgs { expect: expected, queue } } => {
            let changed = client.ask(&ResetSettings { expected, queue }).await?;
            out.result(&changed, || outcome(&changed));
            Ok(())
        }
        SettingVerb::Watch { after } => watch(client, out, after).await,
        SettingVerb::Withdraw { id } => {
            client.ask(&WithdrawSetting { id }).await?;
            out.done("it waits no more");
            Ok(())
        }
    }
}

async fn list(client: &Client, out: &Out, text: &str) -> Result<(), CliError> {
    let mut view = client.ask(&ListSettings {}).await?;
    let text = text.to_lowercase();
    view.settings
        .retain(|there| there.key.contains(&text) || there.doc.to_lowercase().contains(&text));
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&view, || list_text(&view, &names));
    Ok(())
}

fn list_text(view: &SettingsView, names: &Names) -> String {
    let row = |there: &SettingView| {
        let (from, by) = (layer(there.layer).to_owned(), there.layers.last());
        let by = by.map_or_else(String::new, |set| who(set, names));
        vec![there.key.clone(), there.value.clone(), from, by]
    };
    let rows: Vec<_> = view.settings.iter().map(row).collect();
    let mut parts = vec![table(&["SETTING", "VALUE", "FROM", "BY"], &rows)];
    if !view.strangers.is_empty() {
        let row = |there: &covey_logic::settings::StrangerView| {
            vec![there.key.to_string(), there.value.clone(), place(there.place, names)]
        };
        let rows: Vec<_> = view.strangers.iter().map(row).collect();
        parts.push(table(&["NOT KNOWN TO THIS VERSION", "VALUE", "FOR"], &rows));
    }
    if !view.pending.is_empty() {
        let row = |there: &crate::settings::PendingView| {
            vec![there.id.clone(), there.change.clone(), words::at(there.expires)]
        };
        let rows: Vec<_> = view.pending.iter().map(row).collect();
        parts.push(table(&["WAITS FOR A MAJORITY", "CHANGE", "UNTIL"], &rows));
    }
    parts.join("\n\n")
}

async fn get(client: &Client, out: &Out, key: &Name) -> Result<(), CliError> {
    let view = client.ask(&ListSettings {}).await?;
    let found = view.settings.into_iter().find(|there| there.key == key.as_str());
    let Some(there) = found else {
        return Err(CliError::Failed(format!("there is no setting {key}")));
    };
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&there, || {
        let row = |set: &LayerView| {
            let whom = set.node.map_or_else(String::new, |node| names.of(node));
            vec![layer(set.layer).to_owned(), whom, set.value.clone(), who(set, &names)]
        };
        let others = there.nodes.iter().filter(|set| !there.layers.contains(set));
        let rows: Vec<_> = there.layers.iter().chain(others).map(row).collect();
        let head = format!("{}\n{} (default {})", there.value, there.doc, there.default);
        if rows.is_empty() {
            return head;
        }
        format!("{head}\n\n{}", table(&["FROM", "NODE", "VALUE", "BY"], &rows))
    });
    Ok(())
}

async fn change(
    client: &Client,
    out: &Out,
    changes: Vec<(Name, Option<String>)>,
    how: ChangeArgs,
) -> Result<(), CliError> {
    let ChangeArgs { node: text, here, if_at: IfArgs { expect: expected, queue } } = how;
    if here {
        let changes = changes.into_iter().map(|(key, value)| SettingHere { key, value }).collect();
        client.ask(&SetSettingsHere { changes }).await?;
        out.done("it counts here until the node stops");
        return Ok(());
    }
    let place = match text {
        Some(text) => {
            let nodes = client.ask(&ListNodes {}).await?;
            Place::Node(find::node(&text, &node::named(&nodes))?)
        }
        None => Place::Cluster,
    };
    let change = |(key, value)| Change { key, place, value };
    let changes = changes.into_iter().map(change).collect();
    let changed = client.ask(&ChangeSettings { changes, expected, queue, key: None }).await?;
    out.result(&changed, || outcome(&changed));
    Ok(())
}

async fn history(client: &Client, out: &Out) -> Result<(), CliError> {
    let mut versions = client.ask(&ListSettingVersions::default()).await?;
    versions.reverse();
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&versions, || {
        let lines: Vec<_> = versions.iter().map(|there| version(there, &names)).collect();
        if lines.is_empty() { "Nobody changed a setting.".to_owned() } else { lines.join("\n") }
    });
    Ok(())
}

async fn diff(client: &Client, out: &Out, asked: DiffSettings) -> Result<(), CliError> {
    let edits = client.ask(&asked).await?;
    let names = if out.json { Names::default() } else { node::names(client).await? };
    out.result(&edits, || {
        let lines: Vec<_> = edits.iter().map(|there| edit(there, &names)).collect();
        if lines.is_empty() { "Nothing differs.".to_owned() } else { lines.join("\n") }
    });
    Ok(())
}

async fn watch(client: &Client, out: &Out, after: Option<u64>) -> Result<(), CliError> {
    let names = node::names(client).await?;
    let mut feed = client.watch(&Topic::Settings { after }).await?;
    while let (false, Some(frame)) = (out.closed(), feed.next().await?) {
        let rows = match frame {
            Frame::Snapshot(rows) | Frame::Patch(rows) => rows.rows,
            Frame::Error { error, .. } => return Err(error.into()),
        };
        for row in rows {
            if out.json {
                out.json_line(&row);
                continue;
            }
            let there: VersionView = serde_json::from_value(row).ok().ok_or(CliError::Garbled)?;
            version(&there, &names).lines().for_each(|line| out.line(line));
        }
    }
    if out.closed() { Ok(()) } else { Err(CliError::Failed("the node stopped".to_owned())) }
}

fn outcome(changed: &Changed) -> String {
    match changed {
        Changed::Agreed { version, changed: 0 } => {
            format!("nothing changed; the settings are at version {version}")
        }
        Changed::Agreed { version, .. } => format!("version {version}"),
        Changed::Waits { pending } => {
            format!("waits for a majority until {} as {}", words::at(pending.expires), pending.id)
        }
    }
}

fn version(there: &VersionView, names: &Names) -> String {
    let how = match there.how {
        How::Changed => String::new(),
        How::RolledBack { to } => format!(", rolled back to {to}"),
        How::Reset => ", reset".to_owned(),
    };
    let head = format!("{}  {}  {}{how}", there.version, words::at(there.at), names.of(there.by));
    let edits = there.edits.iter().map(|there| format!("    {}", edit(there, names)));
    [head].into_iter().chain(edits).collect::<Vec<_>>().join("\n")
}

fn edit(there: &EditView, names: &Names) -> String {
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "unset".to_owned());
    let EditView { key, old, new, .. } = there;
    format!("{key} {}: {} → {}", place(there.place, names), word(old), word(new))
}

fn place(place: Place, names: &Names) -> String {
    match place {
        Place::Cluster => "for all".to_owned(),
        Place::Node(node) => format!("for {}", names.of(node)),
    }
}

fn who(set: &LayerView, names: &Names) -> String {
    let by = |node: NodeId| names.of(node);
    match (set.by, set.at) {
        (Some(node), Some(at)) => format!("{} at {}", by(node), words::at(at)),
        _ => String::new(),
    }
}

fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Default => "default",
        Layer::File => "file",
        Layer::Cluster => "cluster",
        Layer::Node => "node",
        Layer::Runtime => "running node",
    }
}
