//! Auctions and holds while nodes die, fall silent and ask again, against what stands in for the group.
//!
//! The log is one; each node takes it in as late as the seed says, sees members as the seed says, and
//! proposes what it finds due in what it took in. Bidders repeat what was not answered, under the same
//! key. What must hold is looked at after every entry.

mod bazaar;
mod planted;
mod traders;

use covey_sim::invariant::Violation;

use crate::harness::each_seed;
use bazaar::{Bazaar, KINDS, Storm};

/// E3: credits are conserved after every entry, and every hold ends, whatever fails.
#[test]
fn credits_are_conserved_and_every_hold_ends_for_every_seed() {
    each_seed("market::credits_are_conserved", 0..1_000, |seed| {
        let mut bazaar = Bazaar::new(seed, Storm::everything());
        bazaar.mixed_traffic();
        bazaar.run()?;
        bazaar.all_is_over()
    });
}

/// E2: whoever is the steward when an auction is at a step dies there; the outcome is one, the same on
/// all nodes, paid once, and no acknowledged bid is lost or doubled.
#[test]
fn auction_has_one_outcome_wherever_its_steward_dies() {
    each_seed("market::auction_has_one_outcome", 0..500, |seed| {
        for kind in KINDS {
            let steps = one_auction(seed, kind, None)?;
            for step in 0..=steps {
                one_auction(seed, kind, Some(step))?;
            }
        }
        Ok(())
    });
}

/// How many entries it took.
fn one_auction(seed: u64, kind: &str, dies: Option<usize>) -> Result<usize, Violation> {
    let mut bazaar = Bazaar::new(seed, Storm { dies, ..Storm::some() });
    bazaar.one_auction(kind);
    bazaar.run()?;
    bazaar.all_is_over()?;
    Ok(bazaar.entries())
}
