//! What falls to this node of the agents that pay for where they run: they get their places, and each
//! minute is settled.
//!
//! It holds no truth but what it saw a moment ago, and every node runs one: it also tells its node which
//! agents have which places, as far as the group agreed.

use std::{collections::BTreeSet, time::Duration};

use covey_logic::{
    Input, Name,
    agreed::Agreed,
    economics::{
        self,
        rent::{Act, Rental, Tenants},
    },
    supervision::Rented,
};
use futures::{StreamExt as _, stream};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use crate::{handle::Asking, stewardship::Stewardship};

/// Between two looks at the agents while some pay: an agent that lost its node waits so long for its
/// next place.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// Between two looks after a change of the log.
const GATHER: Duration = Duration::from_millis(5);

/// Wishes that are proposed at a time: as many as a commit of the group takes along.
const AT_ONCE: usize = 64;

/// What a steward of rents follows.
struct Landlord {
    stewardship: Stewardship,
    asking: Asking,
    inputs: mpsc::Sender<Input>,
    /// What the node was told last.
    told: Rented,
    /// What was seen at the last look.
    seen: Tenants,
}

/// Goes on until the node ends.
pub(crate) async fn let_places(
    stewardship: Stewardship,
    asking: Asking,
    inputs: mpsc::Sender<Input>,
) {
    let (told, seen) = (Rented::default(), Tenants::default());
    let mut landlord = Landlord { stewardship, asking, inputs, told, seen };
    let mut looked = Instant::now();
    loop {
        if !landlord.tell().await {
            return;
        }
        let idle = landlord.is_idle();
        if !idle && looked.elapsed() >= LOOK_INTERVAL {
            looked = Instant::now();
            landlord.go_round().await;
        }
        sleep(GATHER).await;
        tokio::select! {
            runs = landlord.stewardship.changed() => if !runs { return },
            () = sleep_until(looked + LOOK_INTERVAL), if !idle => {}
        }
    }
}

impl Landlord {
    /// Whether nobody pays for anything.
    fn is_idle(&self) -> bool {
        let ordered = |agreed: &Agreed| !agreed.economics().rents().orders().is_empty();
        self.told.is_empty() && self.stewardship.look(ordered) != Some(true)
    }

    /// Tells the node who has which place, if that changed; whether it still runs.
    async fn tell(&mut self) -> bool {
        let told = &self.told;
        let rented = self.stewardship.look(|agreed| {
            let rentals = agreed.economics().rents().rentals();
            let same = |(agent, rental): (&Name, &Rental)| told.get(agent) == Some(&rental.site);
            let changed = rentals.len() != told.len() || !rentals.iter().all(same);
            let sites = rentals.iter().map(|(agent, rental)| (agent.clone(), rental.site));
            changed.then(|| sites.collect::<Rented>())
        });
        // Without a group what was agreed on last goes on.
        let Some(rented) = rented.flatten() else { return true };
        self.told.clone_from(&rented);
        self.inputs.send(Input::Rented(rented)).await.is_ok()
    }

    /// Looks at the agents, and proposes what is to be said of them.
    async fn go_round(&mut self) {
        let orders =
            |agreed: &Agreed| agreed.economics().rents().orders().keys().cloned().collect();
        let orders: BTreeSet<Name> = self.stewardship.look(orders).unwrap_or_default();
        let seen = self.asking.look(move |node| node.tenants(&orders)).await;
        // A node that stops, or has not heard the others, says nothing.
        let Ok(Some(now)) = seen else { return };
        let clock = self.stewardship.clock();
        let is_mine = |agent: &Name| self.stewardship.is_mine(&format!("rent/{agent}"));
        let due =
            |agreed: &Agreed| agreed.economics().rents_due(clock, (&now, &self.seen), is_mine);
        let acts = self.stewardship.look(due).unwrap_or_default();
        self.seen = now;
        stream::iter(acts).for_each_concurrent(AT_ONCE, |act| self.say(act)).await;
    }

    async fn say(&self, act: Act) {
        let told = format!("{act:?}");
        if let Err(error) = self.stewardship.agree(economics::Act::from(act), None).await {
            tracing::debug!(act = told, %error, "a rent is looked at again");
        }
    }
}
