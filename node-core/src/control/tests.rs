//! The control interface against a double of a node.

mod bindings;
mod commands;
mod doors;
mod double;
mod frames;
mod messages;
mod stall;
