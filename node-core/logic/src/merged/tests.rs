//! What merges, without a network: nodes that write, lose what was not on disk, and exchange what
//! was.

mod clocks;
mod counters;
mod model;
mod site;
mod variables;

use crate::ids::Name;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}
