//! `cargo xtask run`: from a fresh machine to the open window.

use std::{env, fs, path::Path};

use crate::{
    files, javascript, packages, places,
    shell::{Failure, cargo, say},
};

/// Builds the panel and the app and opens the window; without a display, starts a headless node,
/// which prints the address of its panel. `options` go to the app.
///
/// The dev profile, as the tests use it: what was built once serves both, and its numerical
/// hot spots are optimised in it. A release build takes some twenty minutes more.
pub(crate) fn run(options: &[String]) -> Result<(), Failure> {
    let options: &[String] = match options {
        [dashes, rest @ ..] if dashes == "--" => rest,
        all => all,
    };
    let headless = !has_display();
    say("system packages");
    packages::ensure(if headless { packages::BUILD_HEADLESS } else { packages::BUILD })?;
    build_panel()?;
    // The features of the whole workspace, as in every check: `-p` alone would compile the
    // dependencies a second time.
    if headless {
        say("no display: a headless node, with the panel in any browser of this machine");
        cargo().words("build --workspace --bin covey").run()?;
        cargo().words("run --quiet --bin covey -- node").args(options).run()
    } else {
        say("the app: a first build compiles everything, which takes 10 to 20 minutes");
        cargo().words("build --workspace --bin covey-desktop").run()?;
        cargo().words("run --quiet --bin covey-desktop --").args(options).run()
    }
}

/// Builds the panel into `ui/dist`, if what it is made of changed since: whatever embeds it is
/// compiled again after that.
pub(crate) fn build_panel() -> Result<(), Failure> {
    say("the panel");
    let ui = places::root().join("ui");
    let dist = ui.join("dist");
    let written = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    // The page that stands in for a panel that was never built has no assets.
    if dist.join("assets").exists()
        && let Some(built) = written(&dist.join("index.html"))
        && files::below(&ui, "")?
            .iter()
            .filter(|path| !path.starts_with(&dist))
            .all(|path| written(path).is_some_and(|at| at < built))
    {
        return Ok(());
    }
    javascript::install("ui")?;
    javascript::js("npm")?.words("run build").folder("ui").run()
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
