//! The control interface against a double of a node.

mod agents;
mod bindings;
mod commands;
mod convened;
mod doors;
mod double;
mod frames;
mod messages;
mod stall;
mod work;
