//! What pairing promises, seen from outside.

mod admission;
mod asking;
mod bounds;
mod by_itself;
mod code;
mod secrets;
mod world;
