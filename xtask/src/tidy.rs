//! What neither the compiler nor clippy checks: words, heads, sizes, who may name whom, and
//! whether the house is as drawn.
//!
//! Each rule is a function of one file's path and text; a finding is a line that a terminal can
//! open. Sizes are told and fail nothing.

mod drawing;
mod imports;
mod text;

use crate::{
    files, places,
    shell::{Failure, read, say},
};

/// Lines of a Rust file, without its inner tests, past which it probably has two jobs.
const LONG: usize = 400;

/// Checks every file of the tree.
pub(crate) fn tidy() -> Result<(), Failure> {
    let mut lines = Vec::new();
    let mut count = 0;
    let tracked = files::tracked()?;
    let page = read(&places::root().join(drawing::PAGE))?;
    lines.extend(drawing::findings(&page, &tracked));
    for path in tracked.iter().filter(|path| text::is_source(path)) {
        count += 1;
        let content = read(&places::root().join(path))?;
        lines.extend(text::findings(path, &content));
        lines.extend(imports::findings(path, &content));
        let length = text::length(&content);
        if path.ends_with(".rs") && length > LONG {
            say(&format!("  {path} has {length} lines: is it one job?"));
        }
    }
    say(&format!("  {count} files read"));
    if lines.is_empty() { Ok(()) } else { Err(Failure::Findings { check: "tidy", lines }) }
}
