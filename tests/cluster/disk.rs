//! Disks that fail: a node says so, the others go on, and it comes back by itself.

use std::{fs, time::Duration};

use covey_cluster::{Cluster, Node, Volume, eventually};
use serde_json::{Value, json};

use crate::agreement::{add, await_voters, group, read};

const PATIENCE: Duration = Duration::from_secs(30);
/// A member proves itself for half a minute before it votes.
const PROBATION: Duration = Duration::from_secs(90);
/// Room for a node, in mebibytes.
const ROOM: u32 = 64;
/// The same for one that is not filled up.
const LARGE: u32 = 256;

/// D8: of three voters one has no room left. It says so and keeps running, nobody is told that
/// something is kept that is not, and when there is room it goes on without being started anew.
#[test]
fn full_disk_is_said_and_left_behind_when_there_is_room() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    await_voters(&cluster, 3);
    cluster.nodes[2].kill();
    let volume = Volume::under(&cluster.nodes[2], ROOM);
    cluster.nodes[2].start();
    cluster.await_all();
    await_voters(&cluster, 3);
    let [first, _, full] = cluster.nodes.as_slice() else { panic!("three nodes") };
    assert_eq!(add(full), Ok(1));
    let life = full.member(full.id())["started"].clone();
    assert!(life.is_u64(), "{life}");

    volume.fill();
    for value in 2..=20 {
        assert_eq!(add(first), Ok(value), "the others go on");
    }

    let refused = eventually("a change is refused", PATIENCE, || {
        match full.ask("node.label", &json!({ "labels": { "rack": "1" } })) {
            Err(refused) => Ok(refused.code),
            Ok(done) => Err(done.to_string()),
        }
    });
    assert_eq!(refused.0, "read_only");
    eventually("it says what is full", PATIENCE, || has(full, "disk_full"));
    eventually("another says whose disk is full", PATIENCE, || disk_of(first, full, "full"));
    assert_eq!(add(first), Ok(21));

    volume.free();
    eventually("it takes writes again", PATIENCE, || {
        let status = full.get("status.get", &json!({}));
        let problems = status["problems"].to_string();
        if status["writable"] == true && !problems.contains("disk_full") {
            Ok(())
        } else {
            Err(status.to_string())
        }
    });
    eventually("it has what the others agreed on", PATIENCE, || match read(full) {
        Ok(21) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(add(full), Ok(22));
    eventually("the others see it sound", PATIENCE, || disk_of(first, full, "sound"));
    drop(full.get("node.label", &json!({ "labels": { "rack": "2" } })));
    assert_eq!(full.member(full.id())["started"], life, "it was not started anew");
    no_panic(full);
}

/// D8: a bit is flipped in what one of three holds of the group. It is set aside unasked, the others
/// fill an empty one, and the node votes again under another number.
#[test]
fn flipped_bit_in_the_group_of_one_of_three_is_mended_by_the_others() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    await_voters(&cluster, 3);
    for value in 1..=20 {
        assert_eq!(add(&cluster.nodes[0]), Ok(value));
    }
    cluster.nodes[2].kill();
    spoil(&cluster.nodes[2]);
    assert_eq!(add(&cluster.nodes[0]), Ok(21), "the others go on");

    cluster.nodes[2].start();

    let mended = &cluster.nodes[2];
    eventually("it has what was agreed on", PATIENCE, || match read(mended) {
        Ok(21) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    eventually("an event tells of it, on another node", PATIENCE, || {
        let asked = json!({ "kinds": ["store_set_aside"], "limit": 1 });
        let events = cluster.nodes[0].get("event.query", &asked).to_string();
        if events.contains("-damaged-") { Ok(()) } else { Err(events) }
    });
    eventually("it votes again", PROBATION, || {
        let group = group(mended);
        let votes = group["standing"] == "voter" || group["standing"] == "leader";
        if votes && group["members"].as_array().is_some_and(|members| members.len() == 3) {
            Ok(())
        } else {
            Err(group.to_string())
        }
    });
    eventually("nothing is said any more", PATIENCE, || match has(mended, "group_filling") {
        Ok(()) => Err("it is".to_owned()),
        Err(_) => Ok(()),
    });
    assert_eq!(add(mended), Ok(22));
    no_panic(mended);
}

/// D8: what the cluster agrees on is damaged on a node that has no others. It says so and changes
/// nothing; one word begins another group, which lasts.
#[test]
fn damaged_group_of_a_node_alone_is_set_aside_by_one_word() {
    let Some(mut cluster) = Cluster::new(1, 0) else { return };
    let last = &mut cluster.nodes[0];
    eventually("it agrees", PATIENCE, || add(last));
    last.kill();
    spoil(last);

    last.start();
    eventually("it says what is damaged", PATIENCE, || has(last, "group_damaged"));
    assert!(add(last).is_err());
    let done = last.does(&["coordination", "set-aside"]);

    assert!(fs::exists(done["aside"].as_str().unwrap()).unwrap(), "{done}");
    let first = eventually("another group agrees", PATIENCE, || add(last)).0;
    assert_eq!(first, 1, "it begins with nothing");
    eventually("nothing is said any more", PATIENCE, || match has(last, "group_damaged") {
        Ok(()) => Err("it is".to_owned()),
        Err(_) => Ok(()),
    });
    last.kill();
    last.start();
    eventually("it lasts", PATIENCE, || match read(last) {
        Ok(1) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    no_panic(last);
}

/// D8: a disk that can only be read is the reason for which a node does not start, and the others go
/// on.
#[test]
fn read_only_disk_stops_the_start_with_its_reason() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    await_voters(&cluster, 3);
    cluster.nodes[2].kill();
    let volume = Volume::under(&cluster.nodes[2], ROOM);
    volume.make_read_only();

    let start = cluster.nodes[2].cli(&["node"]);

    assert_eq!(start.code, Some(1), "{start:?}");
    assert!(start.stderr.to_lowercase().contains("read-only"), "{start:?}");
    assert_eq!(add(&cluster.nodes[0]), Ok(1));
}

/// D8: the file system finds an error under a running node, and can only be read from then on. The
/// node says so, the others go on, and nothing that was acknowledged is lost.
#[test]
fn disk_that_becomes_read_only_is_said_and_left_behind() {
    let Some(mut cluster) = Cluster::new(3, 0) else { return };
    await_voters(&cluster, 3);
    cluster.nodes[2].kill();
    let volume = Volume::that_may_break(&cluster.nodes[2], LARGE);
    cluster.nodes[2].start();
    cluster.await_all();
    await_voters(&cluster, 3);
    let [first, _, broken] = cluster.nodes.as_slice() else { panic!("three nodes") };
    assert_eq!(add(broken), Ok(1));

    volume.break_down();
    for value in 2..=20 {
        assert_eq!(add(first), Ok(value), "the others go on");
    }

    let refused = eventually("a change is refused", PATIENCE, || {
        match broken.ask("node.label", &json!({ "labels": { "rack": "1" } })) {
            Err(refused) => Ok(refused.code),
            Ok(done) => Err(done.to_string()),
        }
    });
    assert_eq!(refused.0, "read_only");
    eventually("it says why", PATIENCE, || has(broken, "disk_read_only"));
    eventually("another says it, too", PATIENCE, || disk_of(first, broken, "read_only"));
    assert_eq!(add(first), Ok(21));
    no_panic(broken);

    // Linux mounts it to be written only once nobody uses it.
    cluster.nodes[2].kill();
    volume.mount_anew();
    cluster.nodes[2].start();
    let mended = &cluster.nodes[2];
    eventually("it has what the others agreed on", PATIENCE, || match read(mended) {
        Ok(21) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(add(mended), Ok(22));
    drop(mended.get("node.label", &json!({ "labels": { "rack": "2" } })));
    eventually("the others see it sound", PATIENCE, || disk_of(&cluster.nodes[0], mended, "sound"));
}

/// Whether `node` sees the disk of `other` so, and says so if that is a problem.
fn disk_of(node: &Node, other: &Node, disk: &str) -> Result<(), String> {
    let row = node.member(other.id());
    let told = has(node, "node_disk").is_ok();
    if row["disk"] == disk && told == (disk != "sound") { Ok(()) } else { Err(row.to_string()) }
}

/// Whether a node has a problem of this kind.
fn has(node: &Node, kind: &str) -> Result<(), String> {
    let status = node.get("status.get", &json!({}));
    let problems = status["problems"].as_array().cloned().unwrap_or_default();
    let there = problems.iter().any(|problem: &Value| problem["kind"] == kind);
    if there { Ok(()) } else { Err(status.to_string()) }
}

fn no_panic(node: &Node) {
    let log = node.log();
    assert!(!log.contains("panicked"), "{log}");
}

/// Flips a bit in the first commits of each journal of the group.
fn spoil(node: &Node) {
    for group in fs::read_dir(node.data().join("group")).unwrap() {
        let group = group.unwrap().path();
        for file in fs::read_dir(&group).into_iter().flatten() {
            let file = file.unwrap().path();
            if file.extension() == Some("jnl".as_ref()) {
                let mut bytes = fs::read(&file).unwrap();
                let end = bytes.windows(4).position(|there| there == b"FJL\x03").unwrap();
                bytes[end - 1] ^= 1;
                fs::write(file, bytes).unwrap();
            }
        }
    }
}
