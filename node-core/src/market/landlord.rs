//! What falls to this node of the agents that pay for where they run: they get their places, and each
//! minute is settled.
//!
//! It holds no truth but what it saw a moment ago, and every node runs one: it also tells its node which
//! agents have which places, as far as the group agreed.

use std::{collections::BTreeSet, time::Duration};

use covey_logic::{
    Input, Name,
    economics::rent::{Act, Tenants},
    supervision::Rented,
};
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
        let orders = landlord.orders();
        let idle = orders.is_empty() && landlord.told.is_empty();
        if !idle && looked.elapsed() >= LOOK_INTERVAL {
            looked = Instant::now();
            landlord.go_round(orders).await;
        }
        sleep(GATHER).await;
        tokio::select! {
            runs = landlord.stewardship.changed() => if !runs { return },
            () = sleep_until(looked + LOOK_INTERVAL), if !idle => {}
        }
    }
}

impl Landlord {
    /// The specifications that somebody pays for.
    fn orders(&self) -> BTreeSet<Name> {
        let orders = self
            .stewardship
            .look(|agreed| agreed.economics().rents().orders().keys().cloned().collect());
        orders.unwrap_or_default()
    }

    /// Tells the node who has which place, if that changed; whether it still runs.
    async fn tell(&mut self) -> bool {
        let rented = self.stewardship.look(|agreed| {
            let rentals = agreed.economics().rents().rentals();
            rentals.iter().map(|(agent, rental)| (agent.clone(), rental.site)).collect::<Rented>()
        });
        // Without a group what was agreed on last goes on.
        let Some(rented) = rented.filter(|rented| *rented != self.told) else { return true };
        self.told.clone_from(&rented);
        self.inputs.send(Input::Rented(rented)).await.is_ok()
    }

    /// Looks at the agents, and proposes what is to be said of them.
    async fn go_round(&mut self, orders: BTreeSet<Name>) {
        let Ok(now) = self.asking.look(move |node| node.tenants(&orders)).await else { return };
        let clock = self.stewardship.clock();
        let is_mine = |agent: &Name| self.stewardship.is_mine(&format!("rent/{agent}"));
        let acts = self
            .stewardship
            .look(|agreed| agreed.economics().rents_due(clock, (&now, &self.seen), is_mine));
        self.seen = now;
        for act in acts.unwrap_or_default() {
            self.say(act).await;
        }
    }

    async fn say(&self, act: Act) {
        let told = format!("{act:?}");
        if let Err(error) =
            self.stewardship.agree(covey_logic::economics::Act::from(act), None).await
        {
            tracing::debug!(act = told, %error, "a rent is looked at again");
        }
    }
}
