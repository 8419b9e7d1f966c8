//! Invites: secrets that admit once, without a person at the host.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    certificate::Role,
    ids::hex,
    time::{Instant, Now, Wall},
};

use super::{InviteView, SecretId, door::later, secret::Secret};

/// The invites that can still be used. They live in memory: a restart ends them.
#[derive(Debug, Default)]
pub(super) struct Invites {
    invites: BTreeMap<SecretId, Invite>,
}

#[derive(Debug)]
struct Invite {
    secret: Secret,
    role: Role,
    expires: Instant,
    expires_wall: Wall,
}

impl Invites {
    pub(super) const CAPACITY: usize = 32;
    /// An invite is for someone who is expected.
    pub(super) const MAX_TTL: Duration = Duration::from_hours(24 * 30);

    pub(super) fn is_full(&self) -> bool {
        self.invites.len() >= Self::CAPACITY
    }

    /// Adds an invite and gives the name it has in lists.
    pub(super) fn add(
        &mut self,
        now: Now,
        secret: [u8; 16],
        (role, ttl): (Role, Duration),
    ) -> String {
        let secret = Secret::of_invite(secret);
        let id = secret.id();
        let (expires, expires_wall) = (now.at + ttl, later(now.wall, ttl));
        self.invites.insert(id, Invite { secret, role, expires, expires_wall });
        name(id)
    }

    pub(super) fn remove_named(&mut self, id: &str) -> bool {
        let before = self.invites.len();
        self.invites.retain(|secret, _| name(*secret) != id);
        self.invites.len() < before
    }

    /// What an invite admits as, and its secret.
    pub(super) fn get(&self, id: SecretId) -> Option<(&Secret, Role)> {
        self.invites.get(&id).map(|invite| (&invite.secret, invite.role))
    }

    /// Uses an invite up.
    pub(super) fn spend(&mut self, id: SecretId) {
        self.invites.remove(&id);
    }

    pub(super) fn clear(&mut self) {
        self.invites.clear();
    }

    pub(super) fn sweep(&mut self, at: Instant) {
        self.invites.retain(|_, invite| invite.expires > at);
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.invites.values().map(|invite| invite.expires).min()
    }

    pub(super) fn view(&self) -> Vec<InviteView> {
        self.invites
            .iter()
            .map(|(id, invite)| InviteView {
                id: name(*id),
                role: invite.role,
                expires: invite.expires_wall,
            })
            .collect()
    }
}

fn name(id: SecretId) -> String {
    hex(&id.0)
}
