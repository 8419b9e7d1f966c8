//! The detector of one node; whole clusters are tested in the simulator.

mod health;
mod phi;
mod roster;
mod signs;
mod suspicion;
mod watcher;
