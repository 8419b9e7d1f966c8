//! Copies that are pushed, lost and repaired.

mod conversation;
mod copy;
mod model;
mod shards;
mod values;
