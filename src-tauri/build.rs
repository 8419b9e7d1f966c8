//! Embeds the panel, the icons and the permissions; a tree whose panel is not built yet gets a page
//! that says so.

use std::{error::Error, fs, path::Path};

/// What the panel calls; nothing else of the shell can be reached from a page.
const COMMANDS: &[&str] = &["call", "subscribe", "unsubscribe"];

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>Covey</title></head>
<body><p>The panel was not built: run <code>cargo xtask run</code></p></body>
</html>
";

fn main() -> Result<(), Box<dyn Error>> {
    let panel = Path::new("../ui/dist");
    println!("cargo::rerun-if-changed={}", panel.display());
    let page = panel.join("index.html");
    if !page.try_exists()? {
        fs::create_dir_all(panel)?;
        fs::write(page, PLACEHOLDER)?;
    }

    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}
