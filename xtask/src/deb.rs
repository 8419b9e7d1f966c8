//! The check of the Debian package: it holds what it should, starts, and declares what it links.

use std::{fs, path::Path};

use crate::{
    bundle::{self, Profile},
    depends, files, places,
    shell::{Failure, at, cmd, say},
    test,
};

/// What the package installs, besides icons.
const HOLDS: [&str; 3] =
    ["usr/bin/covey", "usr/bin/covey-desktop", "usr/share/applications/Covey.desktop"];

/// The tray's library is loaded while running, so no linker lists it; without it there is no tray.
const LOADED: &str = "libayatana-appindicator3-1";

/// Makes the package, unpacks it, checks its libraries against its dependencies, and tests its
/// window.
pub(crate) fn check() -> Result<(), Failure> {
    let made = bundle::make(Profile::Debug)?;
    let Some(package) = made.iter().find(|path| path.extension().is_some_and(|e| e == "deb"))
    else {
        return Err(Failure::Missing("the bundler made no .deb".to_owned()));
    };
    let unpacked = places::target().join("unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).map_err(|source| at(&unpacked, source))?;
    }
    cmd("dpkg-deb").arg("-x").arg(package).arg(&unpacked).run()?;

    let declared = cmd("dpkg-deb").arg("-f").arg(package).arg("Depends").read()?;
    say(&format!("  Depends: {}", declared.trim()));
    let mut lines = findings(&unpacked, &declared)?;
    let recommended = cmd("dpkg-deb").arg("-f").arg(package).arg("Recommends").read()?;
    if !recommended.contains(LOADED) {
        lines.push(format!("the package does not recommend {LOADED}"));
    }
    if !lines.is_empty() {
        return Err(Failure::Findings { check: "package", lines });
    }
    cmd("env").arg(unpacked.join("usr/bin/covey")).arg("--version").run()?;
    test::window_of(&unpacked.join("usr/bin/covey-desktop"))
}

fn findings(unpacked: &Path, declared: &str) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for file in HOLDS.iter().filter(|file| !unpacked.join(file).is_file()) {
        lines.push(format!("the package does not hold /{file}"));
    }
    let provided = depends::closure(declared)?;
    for program in files::below(&unpacked.join("usr/bin"), "")? {
        for (library, package) in depends::libraries(&program)? {
            if !provided.contains(&package) {
                let program = program.display();
                lines
                    .push(format!("{program} links {library} of {package}, which is not declared"));
            }
        }
    }
    Ok(lines)
}
