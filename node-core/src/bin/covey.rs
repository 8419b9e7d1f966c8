//! The headless node.
fn main() {}
