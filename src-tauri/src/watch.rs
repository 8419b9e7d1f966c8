//! Follows the node: the tray shows how it stands, and news reach a person who looks elsewhere.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use covey_node::control::{Frame, Picture, UiError, Watching};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt as _;

use crate::{core::Core, tray, window};

/// The parts of the topics `status` and `pairing` that a person should see without the panel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    /// The name of this node.
    name: String,
    /// The name of its cluster.
    cluster_name: String,
    /// Members that are alive, this node counted.
    pub(crate) nodes_alive: u32,
    /// Members in all.
    pub(crate) nodes_known: u32,
    /// What is wrong.
    problems: Vec<Problem>,
    /// Who asks to join; of the topic `pairing`.
    #[serde(skip)]
    requests: Vec<Request>,
}

/// Something that is wrong, as the topic `status` tells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Problem {
    kind: String,
    #[serde(default)]
    name: String,
}

/// A stranger who asks to join.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Request {
    node: String,
    name: String,
    digits: String,
}

/// Something to tell at once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct News {
    title: String,
    text: String,
}

impl Status {
    /// Whether a person should look.
    pub(crate) fn needs_attention(&self) -> bool {
        self.open_matters() > 0
    }

    /// What waits for a person: requests to join, and problems that will not do as they are.
    pub(crate) fn open_matters(&self) -> usize {
        // A cluster with one admin is sound; the panel advises a second.
        let problems = self.problems.iter().filter(|problem| problem.kind != "one_admin").count();
        problems + self.requests.len()
    }

    /// How things stand, for a pointer that rests on the icon.
    pub(crate) fn sentence(&self) -> String {
        let Self { name, cluster_name, nodes_alive, nodes_known, .. } = self;
        format!("Covey: {name} in {cluster_name}, {nodes_alive} of {nodes_known} nodes")
    }

    /// What is new since `before`. At start nothing is known, so what is lost then is no news.
    fn news(&self, before: Option<&Self>) -> Vec<News> {
        let known: BTreeSet<&str> =
            before.iter().flat_map(|old| &old.requests).map(|asker| asker.node.as_str()).collect();
        let asked = self.requests.iter().filter(|asker| !known.contains(asker.node.as_str()));
        let mut news: Vec<News> = asked
            .map(|asker| News {
                title: format!("{} asks to join", asker.name),
                text: format!("Compare the code {} on both screens, then accept.", asker.digits),
            })
            .collect();
        let Some(before) = before else { return news };
        let down = |status: &Self| -> BTreeSet<Problem> {
            status.problems.iter().filter(|it| it.kind == "node_down").cloned().collect()
        };
        news.extend(down(self).difference(&down(before)).map(|lost| News {
            title: format!("{} is gone", lost.name),
            text: "Its agents start on other computers that may run them.".to_owned(),
        }));
        news
    }

    /// A status with so many nodes and problems.
    #[cfg(test)]
    pub(crate) fn example(nodes_alive: u32, nodes_known: u32, problems: usize) -> Self {
        let problem = Problem { kind: "node_down".to_owned(), name: "heron".to_owned() };
        Self { nodes_alive, nodes_known, problems: vec![problem; problems], ..Self::default() }
    }
}

/// Follows the node until what is returned is dropped.
///
/// # Errors
///
/// As [`Local::subscribe`](covey_node::control::Local::subscribe).
pub(crate) fn follow(app: &AppHandle, core: &Core) -> Result<[Watching; 2], Box<UiError>> {
    let last: Arc<Mutex<Option<Status>>> = Arc::default();
    let status = {
        let (app, last) = (app.clone(), Arc::clone(&last));
        let mut picture = Picture::default();
        core.local().subscribe(0, "status", json!({}), move |frame| {
            on_frame(&app, &last, row(&mut picture, frame), |before, row| {
                let requests = before.map(|old| old.requests.clone()).unwrap_or_default();
                Some(Status { requests, ..Status::deserialize(row).ok()? })
            });
            true
        })?
    };
    let app = app.clone();
    let mut picture = Picture::default();
    let pairing = core.local().subscribe(0, "pairing", json!({}), move |frame| {
        on_frame(&app, &last, row(&mut picture, frame), |before, row| {
            let requests = Vec::deserialize(row.get("requests")?).ok()?;
            Some(Status { requests, ..before.cloned().unwrap_or_default() })
        });
        true
    })?;
    Ok([status, pairing])
}

/// The one row of a topic after `frame`.
fn row(picture: &mut Picture, frame: Frame) -> Option<&Value> {
    picture.apply(frame).ok()?;
    picture.0.values().next()
}

/// Puts a row into what is known, and shows what came of it.
fn on_frame(
    app: &AppHandle,
    last: &Mutex<Option<Status>>,
    row: Option<&Value>,
    merge: impl Fn(Option<&Status>, &Value) -> Option<Status>,
) {
    let Some(row) = row else { return };
    let (now, news) = {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(now) = merge(last.as_ref(), row) else {
            tracing::warn!("status is not understood");
            return;
        };
        let news = now.news(last.as_ref());
        *last = Some(now.clone());
        (now, news)
    };
    let handle = app.clone();
    let shown = app.run_on_main_thread(move || {
        tray::update(&handle, Some(&now));
        if !window::has_attention(&handle) {
            news.iter().for_each(|news| notify(&handle, news));
        }
    });
    if let Err(error) = shown {
        tracing::debug!(%error, "app is ending");
    }
}

/// A desktop that shows no notifications is no error: the tray and the panel show the same.
fn notify(app: &AppHandle, news: &News) {
    let shown = app.notification().builder().title(&news.title).body(&news.text).show();
    if let Err(error) = shown {
        tracing::debug!(%error, "notification could not be shown");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(node: &str) -> Request {
        Request { node: node.to_owned(), name: "heron".to_owned(), digits: "123456".to_owned() }
    }

    #[test]
    fn request_to_join_is_told_once() {
        let before = Status { requests: vec![request("a")], ..Status::example(1, 1, 0) };
        let now = Status { requests: vec![request("a"), request("b")], ..before.clone() };

        assert_eq!(now.news(Some(&before)).len(), 1);
        assert_eq!(now.news(Some(&now)), []);
        assert_eq!(before.news(None).len(), 1);
    }

    #[test]
    fn loss_of_a_node_is_told_when_it_happens_and_not_at_start() {
        let (whole, lost) = (Status::example(2, 2, 0), Status::example(1, 2, 1));

        assert_eq!(lost.news(Some(&whole)).first().map(|news| &*news.title), Some("heron is gone"));
        assert_eq!(lost.news(None), []);
    }

    #[test]
    fn row_of_the_topic_is_understood() {
        let row = json!({
            "name": "wren", "cluster_name": "home", "nodes_alive": 1, "nodes_known": 2,
            "problems": [
                {"kind": "one_admin"},
                {"kind": "node_down", "node": "00", "name": "heron", "since": 1},
            ],
        });

        let status: Status = serde_json::from_value(row).unwrap();

        assert_eq!(status.open_matters(), 1);
        assert_eq!(status.sentence(), "Covey: wren in home, 1 of 2 nodes");
    }
}
