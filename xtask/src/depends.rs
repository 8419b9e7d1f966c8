//! What a Debian package's dependencies bring along, and which package a library belongs to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::shell::{Failure, cmd};

/// The packages that installing `declared` brings along, by the system's own list.
pub(crate) fn closure(declared: &str) -> Result<BTreeSet<String>, Failure> {
    const FORMAT: &str = "${Package}\t${Provides}\t${Pre-Depends},${Depends}\n";
    let list = cmd("dpkg-query").args(&["-W", "-f", FORMAT]).read()?;
    Ok(reach(declared, &list))
}

/// The shared libraries that a program needs, with the package of each.
pub(crate) fn libraries(program: &Path) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    for line in cmd("ldd").arg(program).read()?.lines() {
        // `libfoo.so.1 => /lib/libfoo.so.1 (0x0000)`; the kernel's own and the loader have no arrow.
        let Some((name, rest)) = line.split_once(" => ") else { continue };
        let place = rest.split(" (").next().unwrap_or(rest);
        let package = owner(place).unwrap_or_else(|| format!("no package ({place})"));
        found.push((name.trim().to_owned(), package));
    }
    Ok(found)
}

/// The package that installed a file; the list of files has the place that links lead to, or the
/// one before /lib became a link to /usr/lib.
fn owner(place: &str) -> Option<String> {
    let real = fs::canonicalize(place).ok()?.to_string_lossy().into_owned();
    let before = real.strip_prefix("/usr").map(str::to_owned);
    [Some(real), before].into_iter().flatten().find_map(|place| {
        let answer = cmd("dpkg-query").args(&["-S", &place]).answer()?;
        answer.split(':').next().map(str::to_owned)
    })
}

/// Follows dependencies through lines of name, provided names and dependencies.
fn reach(declared: &str, list: &str) -> BTreeSet<String> {
    let mut needs: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut providers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in list.lines() {
        let mut fields = line.split('\t');
        let (Some(name), Some(provided), Some(depends)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        needs.insert(name, names(depends));
        for other in names(provided) {
            providers.entry(other).or_default().push(name);
        }
    }
    let mut reached = BTreeSet::new();
    let mut open = names(declared);
    while let Some(name) = open.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        open.extend(needs.get(name.as_str()).cloned().unwrap_or_default());
        open.extend(providers.get(&name).into_iter().flatten().map(|&name| name.to_owned()));
    }
    reached
}

/// The names in `a (>= 1), b:any | c`; of alternatives, all.
fn names(depends: &str) -> Vec<String> {
    let name =
        |part: &str| part.split([' ', '(', ':']).find(|word| !word.is_empty()).map(str::to_owned);
    depends.split([',', '|']).filter_map(|part| name(part.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closure_follows_dependencies_and_providers() {
        let list = "a\t\tb (>= 1) | x\nb\t\tc:any\nc\tvirtual\t\nd\tx\te\ne\t\t\nf\t\t\n";

        let reached = reach("a", list);

        assert!(["a", "b", "c", "d", "e", "x"].iter().all(|name| reached.contains(*name)));
        assert!(!reached.contains("f"));
    }
}
