//! The house is as drawn: the tree in ARCHITECTURE.md names the folders that exist, and no others.

use std::collections::BTreeSet;

/// Where the house is drawn, and under which heading.
pub(super) const PAGE: &str = "ARCHITECTURE.md";
const HEADING: &str = "## Code map";
/// How far each storey stands in from the one above it.
const INDENT: usize = 2;

/// Folders of which each folder is drawn; the first is the root.
const SHOWN_WHOLE: &[&str] =
    &["", "node-core/src", "node-core/logic/src", "tests", "ui/src", "ui/src/lib"];

/// Where the drawing and the tree of `files` differ.
pub(super) fn findings(page: &str, files: &[String]) -> Vec<String> {
    let drawn = match folders_of(page) {
        Ok(drawn) => drawn,
        Err(finding) => return vec![finding],
    };
    let built: BTreeSet<&str> = files.iter().flat_map(|file| folders_above(file)).collect();
    let gone = drawn
        .iter()
        .filter(|(_, folder)| !built.contains(folder.as_str()))
        .map(|(number, folder)| format!("{PAGE}:{number}: {folder} is drawn and does not exist"));
    let named: BTreeSet<&str> = drawn.iter().map(|(_, folder)| folder.as_str()).collect();
    let missing = built
        .iter()
        .filter(|folder| must_be_drawn(folder, files) && !named.contains(**folder))
        .map(|folder| format!("{PAGE}: {folder} exists and is not drawn"));
    gone.chain(missing).collect()
}

/// The folders of the drawing, each with its line.
fn folders_of(page: &str) -> Result<Vec<(usize, String)>, String> {
    let lines = (1..).zip(page.lines()).skip_while(|(_, line)| *line != HEADING);
    let block: Vec<(usize, &str)> = lines
        .skip_while(|(_, line)| !line.starts_with("```"))
        .skip(1)
        .take_while(|(_, line)| !line.starts_with("```"))
        .collect();
    if block.is_empty() {
        return Err(format!("{PAGE}: there is no drawing below \"{HEADING}\""));
    }
    let mut above: Vec<&str> = Vec::new();
    let mut folders = Vec::new();
    for (number, line) in block {
        let indent = line.len() - line.trim_start().len();
        let word = line.split_whitespace().next().unwrap_or_default();
        let Some(name) = word.strip_suffix('/').filter(|name| !name.is_empty()) else {
            return Err(format!("{PAGE}:{number}: a line begins with a folder: `name/`"));
        };
        let depth = indent / INDENT;
        if !indent.is_multiple_of(INDENT) || depth > above.len() {
            return Err(format!("{PAGE}:{number}: {name} hangs on no folder above it"));
        }
        above.truncate(depth);
        above.push(name);
        folders.push((number, above.join("/")));
    }
    Ok(folders)
}

/// `a` and `a/b` of `a/b/c.rs`.
fn folders_above(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').filter_map(|(end, _)| file.get(..end))
}

/// Each crate is drawn, and each folder of those that are shown whole; hidden ones belong to tools.
fn must_be_drawn(folder: &str, files: &[String]) -> bool {
    let (parent, name) = folder.rsplit_once('/').unwrap_or(("", folder));
    if name.starts_with('.') {
        return false;
    }
    let manifest = format!("{folder}/Cargo.toml");
    SHOWN_WHOLE.contains(&parent) || files.contains(&manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(drawing: &str) -> String {
        format!("# A\n\n```text\nelsewhere\n```\n\n{HEADING}\n\n```text\n{drawing}```\n")
    }

    fn files(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn drawing_of_what_exists_is_fine() {
        let drawing = "node-core/      the shell\n  src/\n    net/  both networks\ntests/\n";
        let built = files(&["node-core/src/net/lobby/a.rs", "tests/a.rs", ".ci/run", "README.md"]);

        assert_eq!(findings(&page(drawing), &built), [""; 0]);
    }

    #[test]
    fn folder_that_only_one_of_both_knows_is_found() {
        let drawing = "node-core/\n  src/\n    net/\n    gone/\n";
        let built = files(&["node-core/src/net/a.rs", "node-core/src/store/a.rs", "ui/a.ts"]);

        assert_eq!(
            findings(&page(drawing), &built),
            [
                "ARCHITECTURE.md:13: node-core/src/gone is drawn and does not exist",
                "ARCHITECTURE.md: node-core/src/store exists and is not drawn",
                "ARCHITECTURE.md: ui exists and is not drawn",
            ]
        );
    }

    #[test]
    fn crate_below_a_folder_is_drawn() {
        let built = files(&["a/b/c/Cargo.toml", "a/b/d/e.rs"]);

        assert_eq!(
            findings(&page("a/\n"), &built),
            ["ARCHITECTURE.md: a/b/c exists and is not drawn"]
        );
    }

    #[test]
    fn page_without_a_tree_is_found() {
        assert_eq!(findings("# A\n", &[]).len(), 1);
        assert_eq!(findings(&page("    a/\n"), &[]).len(), 1);
        assert_eq!(findings(&page("a.rs\n"), &[]).len(), 1);
    }
}
