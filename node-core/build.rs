//! Makes sure that there is a panel to embed, so that the node builds before the panel does.

use std::{fs, io, path::Path};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>Covey</title></head>
<body><p>The panel was not built: run <code>cargo xtask run</code></p></body>
</html>
";

fn main() -> io::Result<()> {
    let panel = Path::new("../ui/dist");
    println!("cargo::rerun-if-changed={}", panel.display());
    let page = panel.join("index.html");
    if !page.try_exists()? {
        fs::create_dir_all(panel)?;
        fs::write(page, PLACEHOLDER)?;
    }
    Ok(())
}
