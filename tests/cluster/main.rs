//! Whole-system tests: real nodes as processes, on networks that are cut, split and flooded.

#[cfg(test)]
mod lan;
