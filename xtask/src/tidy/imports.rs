//! Who may name whom: the part of the drawn house that crate boundaries do not enforce.

/// Files below `folder` never hold any of `banned`.
struct Rule {
    folder: &'static str,
    banned: &'static [&'static str],
}

/// Networks, storage and runtimes know nothing of each other: only the driver joins them. The
/// window knows the control interface, the simulation no real time, the cluster tests no insides.
const RULES: &[Rule] = &[
    Rule {
        folder: "node-core/src/net",
        banned: &["crate::store", "crate::host", "crate::consensus", "crate::driver", "sqlx::"],
    },
    Rule {
        folder: "node-core/src/store",
        banned: &["crate::net", "crate::host", "crate::consensus", "crate::driver", "libp2p::"],
    },
    Rule {
        folder: "node-core/src/host",
        banned: &[
            "crate::net",
            "crate::store",
            "crate::consensus",
            "crate::driver",
            "libp2p::",
            "sqlx::",
        ],
    },
    Rule {
        folder: "node-core/src/consensus",
        banned: &["crate::net", "crate::store", "crate::host", "crate::driver", "libp2p::"],
    },
    Rule { folder: "node-core/src/driver", banned: &["libp2p::", "sqlx::"] },
    Rule { folder: "node-core/src/control", banned: &["crate::net", "libp2p::", "sqlx::"] },
    Rule { folder: "src-tauri/src", banned: &["covey_logic", "libp2p::", "sqlx::", "tokio::sync"] },
    Rule { folder: "tests/support", banned: &["tokio::", "SystemTime::now", "Instant::now"] },
    Rule { folder: "tests/simulation", banned: &["tokio::", "SystemTime::now", "Instant::now"] },
    Rule { folder: "tests/cluster", banned: &["covey_logic::node"] },
];

/// What breaks a rule in one file.
pub(super) fn findings(path: &str, content: &str) -> Vec<String> {
    let mut out = Vec::new();
    for rule in RULES.iter().filter(|rule| path.ends_with(".rs") && covers(rule.folder, path)) {
        for (number, line) in (1..).zip(content.lines()) {
            let code = line.split("//").next().unwrap_or(line);
            for name in rule.banned.iter().filter(|name| code.contains(**name)) {
                let folder = rule.folder;
                out.push(format!("{path}:{number}: {folder} does not know {name}"));
            }
        }
    }
    out
}

/// A rule covers a folder, and the front page beside it.
fn covers(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_across_the_house_is_found() {
        let content = "//! A.\nuse crate::store::Store;\n// crate::host\n";

        assert_eq!(findings("node-core/src/net/fabric.rs", content).len(), 1);
        assert_eq!(findings("node-core/src/net.rs", content).len(), 1);
        assert!(findings("node-core/src/driver/io.rs", content).is_empty());
        assert!(findings("node-core/src/network.rs", content).is_empty());
    }
}
