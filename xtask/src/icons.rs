//! `cargo xtask icons`: draws every icon from `icons/covey.svg`.
//!
//! The tray's pictures are the same drawing with groups shown or hidden, so that a state differs
//! in shape and not in colour alone.

use std::{fs, path::Path};

use crate::{
    packages, pictures, places,
    shell::{Failure, at, cmd, say},
};

/// Sizes of the application icon; 1024 is for the macOS bundle.
const SIZES: [u32; 8] = [16, 32, 48, 64, 128, 256, 512, 1024];

/// Sizes of the application icon that are kept as files; the others go into the bundles.
const KEPT: [u32; 3] = [32, 128, 512];

/// A tray picture: 64 pixels serve a panel of 22 at three times the scale.
const TRAY: u32 = 64;

/// The tray's states and what each changes in the drawing.
const STATES: [(&str, &str); 3] = [
    ("ok", ""),
    ("attention", "#attention { display: inline } #right { display: none }"),
    ("offline", "#offline { display: inline } #flock { display: none } #tile { fill: #3d4650 }"),
];

/// Draws them all into `icons/`.
pub(crate) fn icons(_: &[String]) -> Result<(), Failure> {
    packages::ensure(packages::ICONS)?;
    let folder = places::root().join("icons");
    let scratch = places::target().join("icons");
    fs::create_dir_all(&scratch).map_err(|source| at(&scratch, source))?;

    let mut drawn = Vec::new();
    for size in SIZES {
        let file = scratch.join(format!("{size}.png"));
        draw(&folder, "", size, &file, &scratch)?;
        let picture = fs::read(&file).map_err(|source| at(&file, source))?;
        if KEPT.contains(&size) {
            write(&folder.join(format!("{size}x{size}.png")), &picture)?;
        }
        drawn.push((size, picture));
    }
    for (state, style) in STATES {
        draw(&folder, style, TRAY, &folder.join(format!("tray-{state}.png")), &scratch)?;
    }
    write(&folder.join("icon.ico"), &pictures::ico(&drawn))?;
    write(&folder.join("icon.icns"), &pictures::icns(&drawn))?;
    say(&format!("  the icons are in {}", folder.display()));
    Ok(())
}

fn draw(folder: &Path, style: &str, size: u32, file: &Path, scratch: &Path) -> Result<(), Failure> {
    let sheet = scratch.join("style.css");
    write(&sheet, style.as_bytes())?;
    let size = size.to_string();
    cmd("rsvg-convert")
        .args(&["-w", &size, "-h", &size, "-s"])
        .arg(&sheet)
        .arg(folder.join("covey.svg"))
        .arg("-o")
        .arg(file)
        .run()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|source| at(path, source))
}
