//! `cargo xtask bundle`: the packages of this system.
//!
//! The bundler is Tauri's, from npm as the lock file names it; it needs no packaging tools of the
//! system.

use std::{fs, path::PathBuf};

use crate::{
    files, javascript, packages, places, run,
    shell::{Failure, at, cargo, say},
};

/// How a bundle is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As `cargo build` does; for the check of the package.
    Debug,
    /// As people get it.
    Release,
}

impl Profile {
    /// The folder below the target folder.
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// Makes release packages and says where they are.
pub(crate) fn bundle(arguments: &[String]) -> Result<(), Failure> {
    if !arguments.is_empty() {
        return Err(Failure::Usage("cargo xtask bundle takes no arguments".to_owned()));
    }
    packages::ensure(packages::BUILD)?;
    run::build_panel()?;
    say("a release build takes some 20 minutes on two cores");
    for package in make(Profile::Release)? {
        say(&format!("  {}", package.display()));
    }
    Ok(())
}

/// Builds the command line and the app and packs them; the packages made.
pub(crate) fn make(profile: Profile) -> Result<Vec<PathBuf>, Failure> {
    let release: &[&str] = if profile == Profile::Release { &["--release"] } else { &[] };
    cargo().words("build -p covey-node --bin covey").args(release).run()?;
    stage(profile)?;

    let kinds = match () {
        () if cfg!(target_os = "macos") => "dmg",
        () if cfg!(windows) => "msi",
        () => "deb,rpm",
    };
    let debug: &[&str] = if profile == Profile::Debug { &["--debug"] } else { &[] };
    javascript::install("src-tauri")?;
    javascript::js("npm")?
        .words("exec -- tauri build --ci --no-sign --bundles")
        .arg(kinds)
        .args(debug)
        .folder("src-tauri")
        .run()?;
    let folder = places::target().join(profile.folder()).join("bundle");
    let mut made = Vec::new();
    for ending in [".deb", ".rpm", ".dmg", ".msi"] {
        made.extend(files::below(&folder, ending)?);
    }
    Ok(made)
}

/// Puts the command line where the bundler's configuration looks for it.
fn stage(profile: Profile) -> Result<(), Failure> {
    let name = if cfg!(windows) { "covey.exe" } else { "covey" };
    let from = places::target().join(profile.folder()).join(name);
    let folder = places::root().join("src-tauri/bundle");
    fs::create_dir_all(&folder).map_err(|source| at(&folder, source))?;
    fs::copy(&from, folder.join(name)).map_err(|source| at(&from, source))?;
    Ok(())
}
