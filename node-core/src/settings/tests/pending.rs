//! Layers, events, and changes that wait.

use covey_logic::{
    ClusterId, NodeId, Wall,
    event::Fact,
    settings::{Act, Change, Layer, Mark, Place, Settings},
};
use serde_json::{Value, json};

use super::{Alone, eventually};
use crate::{
    control::Cause,
    settings::{File, NodeSettings, Pending},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_agreed_is_there_after_a_restart_and_what_is_set_here_is_gone() {
    let node = Alone::start().await;
    node.set("locks.lease", "1m").await;
    let here = json!({ "changes": [{ "key": "locks.lease", "value": "5s" }] });
    node.ask("setting.here", here).await.unwrap();
    let there = node.setting("locks.lease").await;
    assert_eq!([&there["value"], &there["layer"]], ["5s", "runtime"]);

    let node = node.restart().await;

    // At once: nobody waits for the group here.
    let there = node.setting("locks.lease").await;
    assert_eq!([&there["value"], &there["layer"]], ["1m", "cluster"]);
    node.node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_is_below_the_cluster() {
    let stated = |options: &mut crate::Options| {
        options.settings.insert("logs.lines".parse().unwrap(), "50".to_owned());
        options.weight = std::num::NonZeroU8::new(20).unwrap();
    };
    let node = Alone::start_with(stated).await;
    let value = async |key| {
        let there = node.setting(key).await;
        [there["value"].clone(), there["layer"].clone()]
    };

    assert_eq!(value("logs.lines").await, ["50", "file"]);
    assert_eq!(value("placement.weight").await, ["20", "file"]);
    node.set("logs.lines", "60").await;
    assert_eq!(value("logs.lines").await, ["60", "cluster"]);
    node.node.stop("test").await;
}

/// C45: who, old, new and version, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_change_is_one_event() {
    let node = Alone::start().await;
    let first = node.set("locks.lease", "1m").await["version"].as_u64().unwrap();
    let this = json!({ "node": node.node.id() });
    let two = json!([
        { "key": "locks.lease", "value": null },
        { "key": "logs.lines", "place": this, "value": "20" },
    ]);
    let second = node.change(two).await["version"].as_u64().unwrap();
    let here = json!({ "changes": [{ "key": "logs.lines", "value": "30" }] });
    node.ask("setting.here", here).await.unwrap();

    let facts = eventually("all is told", async || {
        let facts = node.facts().await;
        (facts.len() >= 4).then_some(facts)
    })
    .await;

    let me = node.node.id();
    let fact = |key: &str, (layer, node), (old, new): (Option<&str>, Option<&str>), version| {
        Fact::SettingChanged {
            key: key.parse().unwrap(),
            layer,
            node,
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
            version,
        }
    };
    let expected = [
        fact("locks.lease", (Layer::Cluster, None), (None, Some("1m")), Some(first)),
        fact("locks.lease", (Layer::Cluster, None), (Some("1m"), None), Some(second)),
        fact("logs.lines", (Layer::Node, Some(me)), (None, Some("20")), Some(second)),
        fact("logs.lines", (Layer::Runtime, Some(me)), (None, Some("30")), None),
    ];
    assert_eq!(facts, expected);
    let node = node.restart().await;
    assert_eq!(node.facts().await.len(), expected.len(), "told once");
    node.node.stop("test").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_change_is_refused_with_its_reason_and_changes_nothing() {
    let node = Alone::start().await;
    let version = node.set("locks.lease", "1m").await["version"].clone();
    let refused = async |changes: Value| {
        let asked = json!({ "changes": changes, "queue": true });
        let error = node.ask("setting.change", asked).await.unwrap_err();
        let Cause::SettingRefused { reason } = error.cause else { panic!("{error}") };
        reason.to_string()
    };

    let unknown = refused(json!([{ "key": "no.such", "value": "1" }])).await;
    let long = refused(json!([
        { "key": "logs.lines", "value": "20" },
        { "key": "locks.lease", "value": "13h" },
    ]))
    .await;

    assert_eq!(unknown, "there is no setting no.such");
    assert_eq!(long, "locks.lease cannot be \"13h\": it is from 1s to 12h");
    assert_eq!(node.ask("setting.list", json!({})).await.unwrap()["version"], version);
    node.node.stop("test").await;
}

/// Changes that wait are on disk in their order, and one that is too many is refused.
#[tokio::test]
async fn what_waits_survives_the_node_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    let open = || {
        let opened = File::open(path.clone()).unwrap();
        NodeSettings::new(NodeId([1; 32]), Default::default(), opened)
    };
    let act = |to| Act::RollBack { to, expected: None };
    let settings = open();
    for to in 0..u64::try_from(Pending::CAPACITY).unwrap() {
        settings.queue(act(to)).await.unwrap();
    }
    assert!(settings.queue(act(0)).await.is_err());

    let waiting = open().view().pending;

    assert_eq!(waiting.len(), Pending::CAPACITY);
    let expected: Vec<_> = (0..3).map(|to| format!("roll back to version {to}")).collect();
    let changes: Vec<_> = waiting.iter().take(3).map(|there| there.change.clone()).collect();
    assert_eq!(changes, expected);
    let age = u64::try_from(Pending::AGE.as_millis()).unwrap();
    assert_eq!(waiting[0].expires, Wall(waiting[0].asked.0 + age));
    assert!(settings.withdraw(&waiting[0].id).await.unwrap());
    assert!(!settings.withdraw(&waiting[0].id).await.unwrap());
    assert_eq!(open().view().pending.len(), Pending::CAPACITY - 1);
}

#[tokio::test]
async fn file_that_cannot_be_read_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    std::fs::write(&path, b"garbled").unwrap();

    let (_, kept) = File::open(path.clone()).unwrap();

    assert_eq!(kept, Default::default());
    assert_eq!(std::fs::read(path.with_extension("damaged")).unwrap(), b"garbled");
    assert!(!path.exists());
}

/// What another cluster agreed on does not count, and what waited for it is told to be dropped.
#[tokio::test]
async fn node_that_joins_another_cluster_goes_on_with_its_settings() {
    let me = NodeId([1; 32]);
    let folder = tempfile::tempdir().unwrap();
    let opened = File::open(folder.path().join("settings")).unwrap();
    let settings = NodeSettings::new(me, Default::default(), opened);
    settings.queue(Act::Reset { expected: None }).await.unwrap();

    settings.agreed(ClusterId([1; 32]), agreed(7));
    let first = (settings.values().log_lines, settings.view().pending.len());
    settings.agreed(ClusterId([2; 32]), Settings::default());

    assert_eq!(first, (20, 1));
    assert_eq!((settings.values().log_lines, settings.view().pending.len()), (1_000, 0));
    assert_eq!(*settings.version().borrow(), 0);
    let told = settings.untold();
    assert!(matches!(told.last(), Some(Fact::SettingsDropped { .. })), "{told:?}");
}

/// The log of a group that is opened anew says nothing before a majority does.
#[tokio::test]
async fn what_was_agreed_counts_until_the_log_is_as_far() {
    let folder = tempfile::tempdir().unwrap();
    let opened = File::open(folder.path().join("settings")).unwrap();
    let settings = NodeSettings::new(NodeId([1; 32]), Default::default(), opened);
    let cluster = ClusterId([1; 32]);

    settings.agreed(cluster, agreed(7));
    settings.agreed(cluster, Settings::default());

    assert_eq!(settings.values().log_lines, 20);
}

/// Another node set that twenty lines are kept.
fn agreed(version: u64) -> Settings {
    let mut agreed = Settings::default();
    let key = "logs.lines".parse().unwrap();
    let changes = vec![Change { key, place: Place::Cluster, value: Some("20".to_owned()) }];
    let mark = Mark { version, by: NodeId([2; 32]), at: Wall(7) };
    agreed.apply(mark, Act::Change { changes, expected: None }).unwrap();
    agreed
}
