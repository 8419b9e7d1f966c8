//! What the loop does for the node.

use covey_logic::{Effect, Input, Outcome, CommandError, Ticket, node::Record};
use tokio::time::Instant;

use super::{event_loop::Driver, pictures::Change};

impl Driver {
    /// Does everything the node wants done, in order.
    pub(super) async fn drain(&mut self) {
        while let Some(effect) = self.node.poll_effect() {
            self.carry_out(effect).await;
        }
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send { to, message } => self.net.send(to, message),
            Effect::Publish(publication) => self.net.publish(publication),
            Effect::Allow(peers) => {
                self.allowed.clone_from(&peers);
                self.set_callers();
                self.net.allow(peers);
            }
            Effect::Dial { peer, addresses } => self.net.dial(peer, addresses),
            Effect::Disconnect { peer } => self.net.disconnect(peer),
            Effect::SetHello(hello) => self.net.set_hello(hello),
            Effect::LobbyRequest { ticket, to, request } => {
                self.net.lobby_request(ticket, to, request);
            }
            Effect::LobbyAnswer { ticket, answer } => self.net.lobby_answer(ticket, answer),
            Effect::Append { ticket, records } => self.append(ticket, records).await,
            Effect::LoadEvents { ticket, origin, from, limit } => {
                let (store, found) = (self.store.clone(), self.found.clone());
                drop(tokio::spawn(async move {
                    let events = store.load_events(origin, from, limit).await;
                    let events = events.unwrap_or_else(|error| {
                        tracing::warn!(%error, "stored events cannot be read");
                        Vec::new()
                    });
                    // A closed queue means that the node has stopped.
                    drop(found.send(Input::EventsLoaded { ticket, events }).await);
                }));
            }
            Effect::StartAgent { spec, epoch } => self.host.start_agent(spec, epoch),
            Effect::StopAgent { name, epoch, grace } => self.host.stop_agent(&name, epoch, grace),
            Effect::Route { name, route } => {
                self.pictures.changed(Change::Facts);
                self.comms.routes().set(name.clone(), route);
                if let Some(route) = route {
                    self.seekers.routed(&name, route, self.is_reachable(route.node));
                }
            }
            Effect::Reply { ticket, result } => self.reply(ticket, result),
        }
    }

    async fn append(&mut self, ticket: Ticket, records: Vec<Record>) {
        self.pictures.changed(Change::Facts);
        for record in &records {
            if let Record::Event(event) = record {
                self.pictures.saw(event);
            }
        }
        self.store.append(ticket, records).await;
    }

    fn reply(&mut self, ticket: Ticket, result: Result<Outcome, CommandError>) {
        if let Some(leaving) = self.leaving.as_mut().filter(|leaving| leaving.ticket == ticket) {
            leaving.until = leaving.until.min(Instant::now() + Self::LAST_WORDS);
        } else if self.wishes.remove(&ticket) {
            if let Err(error) = result {
                tracing::warn!(%error, "a setting was refused");
            }
        } else if let Some(reply) = self.replies.remove(&ticket) {
            // Who asked may have given up.
            drop(reply.send(result));
        }
    }
}
