//! The committed TypeScript is the generated one.

use std::{fs, path::Path};

use crate::control::bindings::{FILE, GENERATE, generate};

#[test]
fn bindings_are_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FILE);

    let committed = fs::read_to_string(path).unwrap_or_default();

    assert!(committed == generate(), "{FILE} is not current; run\n{GENERATE}");
}
