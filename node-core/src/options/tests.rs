//! Which options hold, and where a profile keeps its data.

use super::*;

#[test]
fn empty_folder_gives_the_defaults() {
    let dir = Scratch::new("defaults");

    let options = Options::in_folder(dir.0.clone()).unwrap();

    assert_eq!(options, Options { data_dir: dir.0.clone(), ..Options::default() });
}

#[test]
fn settings_file_overrides_the_defaults() {
    let dir = Scratch::new("file");
    let text = "name = \"kitchen\"\nlobby_port = 7000\nmdns = false\nsame_machine = false\n\
                programs = \"cluster\"\npeers = [\"10.0.0.1:4700\"]\n[labels]\nroom = \"1\"\n";
    std::fs::write(dir.0.join(Options::FILE), text).unwrap();

    let options = Options::in_folder(dir.0.clone()).unwrap();

    assert_eq!(options.name.as_deref(), Some("kitchen"));
    assert_eq!((options.lobby_port, options.fabric_port), (7_000, 0));
    assert_eq!((options.mdns, options.same_machine), (false, None));
    assert_eq!(options.programs, Some(Programs::Cluster));
    assert_eq!(options.labels, Some(BTreeMap::from([("room".to_owned(), "1".to_owned())])));
}

#[test]
fn defaults_of_retention_are_those_of_the_node() {
    assert_eq!(Options::default().retention(), Retention::default());
}

#[test]
fn settings_that_the_cluster_may_agree_on_are_stated_by_key() {
    let dir = Scratch::new("stated");
    let text = "weight = 20\nevent_days = 7\nevent_mib = 64\n[settings]\n\"log.level\" = \"warn\"\nlogs.lines = 50\n\
                locks.lease = \"90s\"\n";
    std::fs::write(dir.0.join(Options::FILE), text).unwrap();

    let stated = Options::in_folder(dir.0.clone()).unwrap().stated();

    let stated: Vec<_> = stated.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    let expected = [
        ("events.age", "7d"),
        ("events.size", "64"),
        ("locks.lease", "90s"),
        ("log.level", "warn"),
        ("logs.lines", "50"),
        ("placement.weight", "20"),
    ];
    assert_eq!(stated, expected);
}

#[test]
fn setting_of_the_cluster_that_is_unknown_or_of_another_kind_is_refused() {
    let dir = Scratch::new("unstated");
    for line in ["log.levle = \"warn\"", "logs.lines = \"many\"", "voters.absence = \"20s\""] {
        std::fs::write(dir.0.join(Options::FILE), format!("[settings]\n{line}\n")).unwrap();

        let refused = Options::in_folder(dir.0.clone());

        assert!(matches!(refused, Err(OptionsError::Parse { .. })), "{line}");
    }
}

#[test]
fn misspelt_setting_is_refused() {
    let dir = Scratch::new("misspelt");
    std::fs::write(dir.0.join(Options::FILE), "nmae = \"x\"\n").unwrap();

    let refused = Options::in_folder(dir.0.clone());

    assert!(matches!(refused, Err(OptionsError::Parse { .. })));
}

#[test]
fn profile_cannot_leave_the_data_folder() {
    for name in ["", "..", "a/b", "a\\b"] {
        assert!(matches!(Options::for_profile(name), Err(OptionsError::Profile(_))), "{name}");
    }
}

#[test]
fn join_key_does_not_show_in_logs() {
    let key = Secret("a key of sixteen characters".to_owned());

    assert!(!format!("{key:?}").contains("sixteen"));
}

#[cfg(unix)]
#[test]
fn folder_that_others_can_enter_is_not_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = Scratch::new("private");
    let inner = dir.0.join("inner");
    create_private(&inner).unwrap();
    assert!(check_private(&inner).is_ok());

    std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o755)).unwrap();

    assert!(check_private(&inner).is_err());
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("covey-options-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
