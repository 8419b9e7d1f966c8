//! What the command line takes and refuses, and how it prints.

use std::{fs, path::PathBuf, time::Duration};

use clap::{CommandFactory as _, Parser as _, error::ErrorKind};
use covey_logic::{
    NodeId, Wall,
    agent::{RestartPolicy, Runtime},
    pairing::{PairingView, RequestView},
};

use super::{
    CliError,
    args::{AgentVerb, Covey, StartArgs, Verb},
    find,
    out::{clean, table},
    pairing::{find_request, requests_text},
    spec, words,
};

#[test]
fn arguments_are_consistent() {
    Covey::command().debug_assert();
}

#[test]
fn every_verb_says_what_it_does() {
    fn check(command: &clap::Command) {
        for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
            let mut arguments = verb.get_arguments();
            let silent = arguments.find(|argument| argument.get_help().is_none());
            assert!(silent.is_none(), "{} {silent:?}", verb.get_name());
            check(verb);
        }
    }

    check(&Covey::command());
}

#[test]
fn help_teaches_by_example_and_names_the_exit_codes() {
    let help = Covey::command().render_long_help().to_string();

    assert!(help.contains("covey join 192.168.1.7"), "{help}");
    assert!(help.contains("Exit codes:"), "{help}");
}

#[test]
fn setting_counts_for_all_for_one_or_here() {
    for line in [
        "setting list",
        "setting list lock",
        "setting set log.level=debug locks.lease=1m --expect 7 --queue",
        "setting set log.level=debug --node kitchen",
        "setting unset log.level --here",
        "setting rollback 0",
        "setting watch --after 7",
    ] {
        assert!(parse(line).is_ok(), "{line}");
    }
    for line in [
        "setting set",
        "setting set log.level",
        "setting set log.level=debug --here --node kitchen",
        "setting set log.level=debug --here --queue",
        "setting unset Log",
        "setting rollback",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn start_takes_exactly_one_thing_to_run() {
    for line in [
        "agent start a --builtin echo",
        "agent start a --spec a.json --on kitchen",
        "agent start --spec a.json",
        "agent start a --file a.py --env K=V --restart transient -- python3 a.py --flag",
    ] {
        assert!(parse(line).is_ok(), "{line}");
    }
    for line in [
        "agent start a",
        "agent start --builtin echo",
        "agent start -- python3",
        "agent start a --builtin echo --spec a.json",
        "agent start a --builtin echo -- python3",
        "agent start a --builtin echo --file a.py",
        "agent start A --builtin echo",
        "agent start a --builtin echo --label room",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn arguments_that_fight_are_refused() {
    for line in [
        "agent move a",
        "agent move a kitchen --anywhere",
        "label",
        "label a=b --none",
        "allow",
        "agent call a get {bad",
        "invite --ttl soon",
        "names register",
        "names deregister",
        "names deregister a --matching",
        "names search --least cores=many",
        "names namespace set desk nowhere",
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        assert_ne!(error.kind(), ErrorKind::DisplayHelp, "{line}");
    }
}

#[test]
fn options_of_the_whole_may_stand_behind_the_verb() {
    let folder = tempfile::tempdir().unwrap();

    let covey = parse(&format!("nodes --json --data {}", folder.path().display())).unwrap();

    assert!(covey.json);
    assert!(matches!(covey.verb, Verb::Nodes));
    assert_eq!(covey.place.data_folder().unwrap(), folder.path());
}

#[test]
fn table_is_aligned_as_its_titles_say() {
    let rows = [["otter", "7", "-"], ["blue-heron", "12", "3.1ms"]];
    let rows = rows.map(|row| row.map(str::to_owned).to_vec());

    let text = table(&["NAME", ">AGENTS", ">RTT"], &rows);

    let expected = "\
NAME        AGENTS    RTT
otter            7      -
blue-heron      12  3.1ms";
    assert_eq!(text, expected);
}

#[test]
fn names_of_others_cannot_steer_the_terminal() {
    assert_eq!(clean("a\u{1b}[31mb\r\nc"), "a\u{fffd}[31mb\u{fffd}\u{fffd}c");
    assert!(!table(&["N"], &[vec!["\u{1b}]0;x\u{7}".to_owned()]]).contains('\u{1b}'));
}

#[test]
fn node_is_found_by_name_or_by_the_start_of_its_id() {
    let nodes = [(NodeId([0xaa; 32]), "otter"), (NodeId([0xab; 32]), "heron")];

    assert_eq!(find::node("otter", &nodes).unwrap(), nodes[0].0);
    assert_eq!(find::node("ABAB", &nodes).unwrap(), nodes[1].0);
    assert_eq!(find::node(&nodes[1].0.to_string(), &[]).unwrap(), nodes[1].0);
    assert!(find::node("ab", &nodes).is_err(), "two digits are an accident");
    assert!(find::node("kitchen", &nodes).is_err());
}

#[test]
fn node_that_can_be_any_of_several_is_refused_with_all_of_them() {
    let nodes = [(NodeId([0xaa; 32]), "otter"), (NodeId([0xab; 32]), "otter")];

    let error = find::node("otter", &nodes).unwrap_err().to_string();

    assert!(error.contains("otter (aaaaaaaa), otter (abababab)"), "{error}");
}

#[test]
fn request_is_found_by_its_code_however_it_is_typed() {
    let requests = [request(1, "otter", "123456"), request(2, "heron", "654321")];

    for text in ["654321", "654 321", "654-321", "heron", "02020202"] {
        assert_eq!(find_request(text, &requests).unwrap().name, "heron", "{text}");
    }
    assert!(find_request("111111", &requests).is_err());
}

#[test]
fn requests_show_the_code_as_the_other_screen_does() {
    let pairing =
        PairingView { requests: vec![request(1, "otter", "123456")], ..PairingView::default() };

    let text = requests_text(&pairing);

    assert!(text.contains("otter  01010101  123 456  owl tea sun map"), "{text}");
}

#[test]
fn spans_read_as_people_type_them() {
    assert_eq!(words::parse_span("30s"), Ok(Duration::from_secs(30)));
    assert_eq!(words::parse_span("500ms"), Ok(Duration::from_millis(500)));
    assert_eq!(words::parse_span("2h"), Ok(Duration::from_hours(2)));
    for text in ["", "10", "s", "-1s", "1.5h", "10 s", "99999999999999999999d"] {
        assert!(words::parse_span(text).is_err(), "{text}");
    }
}

#[test]
fn moments_are_dates_of_the_calendar() {
    for (wall, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399_999, "2000-02-28T23:59:59Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (1_709_251_200_000, "2024-03-01T00:00:00Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
    ] {
        assert_eq!(words::at(Wall(wall)), text);
    }
}

#[test]
fn specification_takes_its_files_from_beside_it() {
    let folder = Scratch::new("spec");
    fs::write(folder.0.join("a.py"), "print(1)").unwrap();
    let text = r#"{ "runtime": { "kind": "process", "command": ["python3", "a.py"],
        "files": ["a.py"] }, "capabilities": ["x"] }"#;
    fs::write(folder.0.join("a.json"), text).unwrap();
    let path = folder.0.join("a.json").display().to_string();

    let args = start(&["--spec", &path, "--cap", "y", "--restart", "temporary"]);
    let spec = spec::of(&args).unwrap();

    let Runtime::Process { files, .. } = spec.runtime else { panic!("no process") };
    assert_eq!((files[0].path.as_str(), &*files[0].contents), ("a.py", &b"print(1)"[..]));
    assert_eq!(spec.capabilities, ["x", "y"]);
    assert_eq!(spec.restart.policy, RestartPolicy::Temporary);
}

#[test]
fn specification_may_say_its_name() {
    let folder = Scratch::new("named");
    let text = r#"{ "name": "b", "runtime": { "kind": "builtin", "agent": "echo" } }"#;
    fs::write(folder.0.join("b.json"), text).unwrap();
    let path = folder.0.join("b.json").display().to_string();

    let args = start_args(&["--spec", &path]);
    assert_eq!(spec::of(&args).unwrap().name.as_str(), "b");
    let error = spec::of(&start(&["--spec", &path])).unwrap_err();
    assert!(matches!(&error, CliError::Usage(text) if text.contains("not \"a\"")), "{error}");
}

#[test]
fn specification_with_a_misspelt_field_is_refused() {
    let folder = Scratch::new("misspelt");
    let text = r#"{ "runtime": { "kind": "builtin", "agent": "echo" }, "capabilites": ["x"] }"#;
    fs::write(folder.0.join("a.json"), text).unwrap();
    let path = folder.0.join("a.json").display().to_string();

    let error = spec::of(&start(&["--spec", &path])).unwrap_err();

    assert!(matches!(&error, CliError::Usage(text) if text.contains("capabilites")), "{error}");
}

#[test]
fn file_travels_under_the_name_given() {
    let folder = Scratch::new("file");
    fs::write(folder.0.join("a.py"), "x").unwrap();
    let path = folder.0.join("a.py").display().to_string();

    let args = start(&["--file", &path, "--file", &format!("{path}=lib/b.py"), "--", "python3"]);
    let spec = spec::of(&args).unwrap();

    let Runtime::Process { files, .. } = spec.runtime else { panic!("no process") };
    assert_eq!(files.iter().map(|file| &*file.path).collect::<Vec<_>>(), ["a.py", "lib/b.py"]);
}

#[test]
fn file_that_is_missing_is_an_error_of_usage() {
    let error = spec::of(&start(&["--file", "/no/such/file", "--", "python3"])).unwrap_err();

    assert_eq!(error.exit_code(), std::process::ExitCode::from(2));
}

fn parse(line: &str) -> Result<Covey, clap::Error> {
    Covey::try_parse_from(["covey"].into_iter().chain(line.split(' ')))
}

fn start(arguments: &[&str]) -> StartArgs {
    start_args(&[&["a"], arguments].concat())
}

fn start_args(arguments: &[&str]) -> StartArgs {
    let line = ["covey", "agent", "start"].into_iter().chain(arguments.iter().copied());
    let verb = Covey::try_parse_from(line).unwrap().verb;
    let Verb::Agent { verb: AgentVerb::Start(args) } = verb else { panic!("{verb:?}") };
    *args
}

fn request(seed: u8, name: &str, digits: &str) -> RequestView {
    RequestView {
        node: NodeId([seed; 32]),
        name: name.to_owned(),
        os: "linux".to_owned(),
        digits: digits.to_owned(),
        words: ["owl", "tea", "sun", "map"].map(str::to_owned).to_vec(),
        expires: Wall(u64::MAX),
    }
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("covey-cli-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
