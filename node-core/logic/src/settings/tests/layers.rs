//! Which layer counts.

use std::{collections::BTreeMap, time::Duration};

use super::{A, B, Log, change, changes, key};
use crate::{
    ids::Name,
    settings::{
        Held, Layer, Level, Mark, Place, Resolved, SettingView, Sources, StrangerView, Value,
        setting,
    },
    time::Wall,
};

#[test]
fn later_layer_counts_and_says_who_set_it() {
    let mut log = Log::default();
    let mut file = BTreeMap::new();
    let mut runtime = BTreeMap::new();
    let level = |log: &Log, file: &BTreeMap<Name, String>, runtime: &BTreeMap<Name, Held>| {
        let sources = Sources { me: A, file, agreed: &log.settings, runtime };
        let Resolved { value, layer, .. } = sources.resolve(setting("log.level").unwrap());
        let Value::Level(level) = value else { panic!("{value:?}") };
        (layer, level)
    };

    let mut seen = vec![level(&log, &file, &runtime)];
    file.insert(key("log.level"), "error".to_owned());
    seen.push(level(&log, &file, &runtime));
    log.set("log.level", "warn").unwrap();
    seen.push(level(&log, &file, &runtime));
    log.add(changes(vec![change(Place::Node(A), "log.level", Some("debug"))])).unwrap();
    seen.push(level(&log, &file, &runtime));
    let mark = Mark { version: 0, by: A, at: Wall(7) };
    runtime.insert(key("log.level"), Held { value: "trace".to_owned(), mark });
    seen.push(level(&log, &file, &runtime));

    let expected = [
        (Layer::Default, Level::Info),
        (Layer::File, Level::Error),
        (Layer::Cluster, Level::Warn),
        (Layer::Node, Level::Debug),
        (Layer::Runtime, Level::Trace),
    ];
    assert_eq!(seen, expected);
    let sources = Sources { me: A, file: &file, agreed: &log.settings, runtime: &runtime };
    let view = SettingView::new(setting("log.level").unwrap(), sources);
    let marks: Vec<_> = view.layers.iter().map(|layer| (layer.layer, layer.version)).collect();
    assert_eq!(
        marks,
        [
            (Layer::File, None),
            (Layer::Cluster, Some(1)),
            (Layer::Node, Some(2)),
            (Layer::Runtime, None)
        ]
    );
    let at: Vec<_> = view.layers.iter().map(|layer| layer.at).collect();
    assert_eq!(at, [None, Some(Wall(1_000)), Some(Wall(2_000)), Some(Wall(7))]);
}

#[test]
fn what_is_set_for_another_node_does_not_count_and_is_shown() {
    let mut log = Log::default();
    log.add(changes(vec![change(Place::Node(B), "logs.lines", Some("50"))])).unwrap();
    let (file, runtime) = Default::default();
    let sources = Sources { me: A, file: &file, agreed: &log.settings, runtime: &runtime };

    let view = SettingView::new(setting("logs.lines").unwrap(), sources);

    assert_eq!(sources.values().log_lines, 1_000);
    assert_eq!((view.layer, view.value.as_str()), (Layer::Default, "1000"));
    assert_eq!((view.nodes[0].node, view.nodes[0].value.as_str()), (Some(B), "50"));
}

#[test]
fn layers_below_the_cluster_do_not_count_for_what_concerns_all() {
    let log = Log::default();
    let file = BTreeMap::from([(key("voters.absence"), "2m".to_owned())]);
    let runtime = BTreeMap::new();
    let sources = Sources { me: A, file: &file, agreed: &log.settings, runtime: &runtime };

    assert_eq!(sources.values().voter_absence, Duration::from_mins(1));
}

#[test]
fn key_of_a_newer_node_is_shown_and_has_no_effect() {
    let mut log = Log::default();
    log.add(changes(vec![change(Place::Cluster, "market.fee", Some("3"))])).unwrap();
    let (file, runtime) = Default::default();
    let sources = Sources { me: A, file: &file, agreed: &log.settings, runtime: &runtime };

    assert_eq!(sources.values(), crate::settings::Values::default());
    let stranger = &StrangerView::all(&log.settings)[0];
    assert_eq!((stranger.key.as_str(), stranger.value.as_str()), ("market.fee", "3"));
}
