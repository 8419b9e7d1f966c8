//! What the loop does for the node.

use std::{io, sync::Arc};

use covey_logic::{
    CommandError, Effect, Epoch, Input, Outcome, Ticket,
    agent::AgentSpec,
    node::{Belongings, Record},
};
use tokio::time::Instant;

use super::{event_loop::Driver, pictures::Change, tenants::Claim};
use crate::archive::{Archive, ArchivedGroup};

impl Driver {
    /// Does everything the node wants done, in order.
    pub(super) async fn drain(&mut self) {
        while let Some(effect) = self.node.poll_effect() {
            self.carry_out(effect).await;
        }
        self.pictures.names_changed(self.node.registry().changes().head());
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send { to, message } => self.parts.net.send(to, &message),
            Effect::Publish(publication) => self.parts.net.publish(publication),
            Effect::Allow(peers) => {
                self.allowed.clone_from(&peers);
                self.set_callers();
                self.parts.net.allow(peers).await;
            }
            Effect::Dial { peer, addresses } => self.parts.net.dial(peer, addresses).await,
            Effect::Disconnect { peer } => self.parts.net.disconnect(peer).await,
            Effect::SetHello(hello) => self.parts.net.set_hello(hello).await,
            Effect::LobbyRequest { ticket, to, request } => {
                self.parts.net.lobby_request(ticket, to, request).await;
            }
            Effect::LobbyLocated { node, addresses } => {
                self.parts.net.lobby_located(node, addresses).await;
            }
            Effect::LobbyAnswer { ticket, answer } => {
                self.parts.net.lobby_answer(ticket, answer).await;
            }
            Effect::Append { ticket, records } => self.append(ticket, records).await,
            Effect::Archive(belongings) => self.archive(*belongings).await,
            Effect::LoadEvents { ticket, origin, from, limit } => {
                let (store, found) = (self.parts.store.clone(), self.found.clone());
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
            Effect::DropEvents(expiry) => self.parts.store.drop_events(expiry).await,
            Effect::Forgotten { last } => self.parts.store.forgot(last).await,
            Effect::StartAgent { spec, epoch, token } => self.start_agent(spec, epoch, token),
            Effect::Agree { ticket, act } => self.tenants.agree(ticket, act, &self.found),
            Effect::Claim { place, claim, lease } => {
                let claim = Claim { place, claim, lease };
                self.tenants.claim(claim, self.clock, &self.found);
            }
            Effect::Release { claim, .. } => self.tenants.release(claim),
            Effect::RestoreAgent { name, epoch, state } => {
                self.parts.host.restore_agent(&name, epoch, state);
            }
            Effect::SuspendAgent { name, epoch } => {
                tracing::debug!(agent = %name, epoch = epoch.0, "suspending an agent");
                self.parts.host.suspend_agent(&name, epoch);
            }
            Effect::MergeAgent { name, epoch, state } => {
                tracing::debug!(agent = %name, epoch = epoch.0, "offering a lost life's state");
                self.parts.host.merge_agent(&name, epoch, state);
            }
            Effect::ResumeAgent { name, epoch } => self.parts.host.resume_agent(&name, epoch),
            Effect::StopAgent { name, epoch, grace } => {
                tracing::debug!(agent = %name, epoch = epoch.0, "stopping an agent");
                self.parts.host.stop_agent(&name, epoch, grace);
            }
            Effect::Route { name, route } => {
                self.pictures.changed(Change::Facts);
                self.parts.comms.routes().set(name.clone(), route);
                if let Some(route) = route {
                    self.seekers.routed(&name, route, self.is_reachable(route.node));
                }
            }
            Effect::Reply { ticket, result } => self.reply(ticket, result),
        }
    }

    /// Keeps what is left behind, if anything is; the store of the group stays beside it, so that the node goes on
    /// without if its disk takes no file.
    async fn archive(&self, belongings: Belongings) {
        let group = self.parts.agreement.group();
        let group = group.filter(|group| group.cluster() == belongings.cluster);
        let group = group.map(|group| group.look_here(|agreed| ArchivedGroup::from(agreed)).0);
        if belongings.is_empty() && group.as_ref().is_none_or(ArchivedGroup::is_empty) {
            return;
        }
        let archive = Archive { left: self.clock.now().wall, belongings, group };
        let archives = self.parts.archives.clone();
        let kept = tokio::task::spawn_blocking(move || archives.keep(&archive)).await;
        match kept.map_err(io::Error::other).flatten() {
            Ok(path) => tracing::info!(path = %path.display(), "what stays behind is archived"),
            Err(error) => tracing::warn!(%error, "what stays behind is not archived"),
        }
    }

    fn start_agent(&self, spec: Arc<AgentSpec>, epoch: Epoch, token: Option<u64>) {
        tracing::debug!(agent = %spec.name, epoch = epoch.0, ?token, "starting an agent");
        match token {
            Some(token) => self.parts.host.start_exclusive(spec, epoch, token),
            None => self.parts.host.start_agent(spec, epoch),
        }
    }

    async fn append(&mut self, ticket: Ticket, records: Vec<Record>) {
        self.pictures.changed(Change::Facts);
        for record in &records {
            if let Record::Event(event) = record {
                self.pictures.saw(event);
            }
        }
        self.parts.store.append(ticket, records).await;
    }

    fn reply(&mut self, ticket: Ticket, result: Result<Outcome, CommandError>) {
        if let Some(leaving) = self.leaving.as_mut().filter(|leaving| leaving.ticket == ticket) {
            leaving.until = leaving.until.min(Instant::now() + Self::LAST_WORDS);
        } else if self.wishes.remove(&ticket) {
            if let Err(error) = result {
                tracing::warn!(%error, "a setting was refused");
            }
        } else if let Some(reply) = self.replies.remove(&ticket) {
            self.pictures.refresh(&self.node);
            // Who asked may have given up.
            drop(reply.send(result));
        }
    }
}
