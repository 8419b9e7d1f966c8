//! Rules about one file's text: its head, its words, and what it must not hold.

/// Words that say nothing, from the style.
const EMPTY_WORDS: [&str; 11] = [
    "comprehensive",
    "robust",
    "powerful",
    "seamless",
    "sophisticated",
    "simply",
    "just",
    "various",
    "leverage",
    "utilize",
    "utilise",
];

/// Parts of a type's name that say nothing.
const EMPTY_NAMES: [&str; 6] = ["Manager", "Processor", "Helper", "Util", "Common", "Misc"];

/// Attributes that hide a finding; split, so that this file holds none.
const HIDING: [&str; 4] = [
    concat!("#[ig", "nore"),
    concat!("#[al", "low("),
    concat!("#![al", "low("),
    concat!("#[should_", "panic"),
];

/// Folders of one machine; split for the same reason.
const MACHINE: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

/// Whether people write this kind of file.
pub(super) fn is_source(path: &str) -> bool {
    const KINDS: [&str; 13] = [
        ".rs", ".toml", ".md", ".ts", ".svelte", ".js", ".mjs", ".css", ".html", ".sql", ".py",
        ".sh", ".json",
    ];
    let generated = path.ends_with("package-lock.json") || path.starts_with("src-tauri/gen/");
    !generated && (KINDS.iter().any(|kind| path.ends_with(kind)) || path == ".ci/run")
}

/// Lines of a Rust file up to its inner tests.
pub(super) fn length(content: &str) -> usize {
    content.lines().take_while(|line| *line != "#[cfg(test)]").count()
}

/// What breaks a rule in one file.
pub(super) fn findings(path: &str, content: &str) -> Vec<String> {
    let mut out = Vec::new();
    if !has_head(path, content) {
        out.push(format!("{path}:1: opens with one sentence on what it is for"));
    }
    for (number, line) in (1..).zip(content.lines()) {
        let mut tell = |what: String| out.push(format!("{path}:{number}: {what}"));
        for place in MACHINE.iter().filter(|place| line.contains(**place)) {
            tell(format!("names a folder of one machine: {place}"));
        }
        if path.ends_with(".rs") {
            for hidden in HIDING.iter().filter(|hidden| line.contains(**hidden)) {
                tell(format!("hides a finding: {hidden}"));
            }
            if let Some(name) = empty_name(line) {
                tell(format!("{name} does not say what it is"));
            }
        }
        for word in empty_words(path, line) {
            tell(format!("{word:?} says nothing"));
        }
    }
    out
}

fn has_head(path: &str, content: &str) -> bool {
    if path.ends_with(".rs") {
        content.starts_with("//!")
    } else if path.ends_with(".mjs") {
        content.starts_with("//") || content.starts_with("#!")
    } else {
        true
    }
}

/// The type or module that a line declares, if its name holds an empty part.
fn empty_name(line: &str) -> Option<&str> {
    let mut words = line.split([' ', '(', '<', '{', ';', ':']).filter(|word| !word.is_empty());
    words.find(|word| ["struct", "enum", "trait", "mod"].contains(word))?;
    let name = words.next()?;
    let first = line.trim_start().split(' ').next()?;
    let declares = ["struct", "enum", "trait", "mod", "pub", "pub(crate)", "pub(super)"];
    let empty =
        EMPTY_NAMES.iter().any(|part| name.contains(part) || name.eq_ignore_ascii_case(part));
    (declares.contains(&first) && empty).then_some(name)
}

/// The empty words in a line's prose: all of a Markdown file, comments elsewhere.
fn empty_words<'l>(path: &str, line: &'l str) -> Vec<&'l str> {
    let prose = if path.ends_with(".md") {
        line
    } else if path.ends_with(".rs") {
        line.split_once("//").map_or("", |(_, comment)| comment)
    } else {
        ""
    };
    let is_empty = |word: &&str| EMPTY_WORDS.iter().any(|empty| word.eq_ignore_ascii_case(empty));
    prose.split(|c: char| !c.is_alphanumeric() && c != '`' && c != '_').filter(is_empty).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_word_is_found_in_prose_and_not_in_code() {
        assert_eq!(empty_words("a.rs", concat!("let just = 1; /", "/ Simply one.")), ["Simply"]);
        assert_eq!(empty_words("a.md", "A robust thing, `just` as robustness."), ["robust"]);
        assert!(empty_words("a.rs", "let just = 1;").is_empty());
    }

    #[test]
    fn empty_name_is_found_where_it_is_declared() {
        assert_eq!(empty_name("pub(crate) struct NodeManager {"), Some("NodeManager"));
        assert_eq!(empty_name("mod util;"), Some("util"));
        assert_eq!(empty_name("    let mod_util = NodeManager::new();"), None);
        assert_eq!(empty_name("pub struct Community;"), None);
    }

    #[test]
    fn length_stops_at_the_inner_tests() {
        assert_eq!(length("//! A.\nfn a() {}\n#[cfg(test)]\nmod tests {}\n"), 2);
    }

    #[test]
    fn file_without_a_head_is_found() {
        assert_eq!(findings("a.rs", "fn a() {}\n").len(), 1);
        assert!(findings("a.rs", "//! A.\nfn a() {}\n").is_empty());
    }
}
