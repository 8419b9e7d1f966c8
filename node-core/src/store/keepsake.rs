//! What a node must know to come back to its cluster, in a second file: if the database is lost, the
//! node is the same member, and gives no number twice.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use covey_logic::{
    Incarnation, NodeId,
    hlc::Stamp,
    node::Profile,
    replica::{Shared, SharedKey},
    wire,
};
use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, SqliteConnection};
use tokio::{task::spawn_blocking, time::Instant};

use super::{
    error::{Damage, StoreError},
    load,
    open::{KnownAddresses, Loaded},
    rows::{self, Batch},
};
use crate::volume;

/// What a node must know to come back to its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Keepsake {
    /// The last life that began.
    pub(super) incarnation: Incarnation,
    /// No event of this node has a number above this one.
    pub(super) events: u64,
    /// The database holds the events of this node up to here, or held them.
    pub(super) held: u64,
    /// What the node keeps of itself.
    pub(super) profile: Option<Profile>,
    /// Who is a member and who is no more, and which group of the cluster counts.
    pub(super) members: BTreeMap<SharedKey, (Stamp, Shared)>,
    /// Where members were last reached.
    pub(super) addresses: Vec<KnownAddresses>,
    /// The database was set aside, and an empty one may be begun.
    pub(super) aside: bool,
}

/// What lies where a keepsake should.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing: the node never ran here, or a Covey did that kept none.
    Nothing,
    /// Not what was written.
    Damaged,
    /// The keepsake.
    Whole(Box<Keepsake>),
}

impl Keepsake {
    /// Bytes of the sum before everything else.
    const SUM: usize = 8;

    /// Where the keepsake of the database at `path` lies.
    pub(super) fn beside(path: &Path) -> PathBuf {
        path.with_file_name("keepsake")
    }

    /// Whether a shared value is among what it holds.
    pub(super) fn keeps(key: &SharedKey) -> bool {
        matches!(key, SharedKey::Member(_) | SharedKey::Revoked(_) | SharedKey::Lineage)
    }

    /// Reads the file at `path`.
    pub(super) fn read(path: &Path) -> io::Result<Found> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        let whole = bytes.split_at_checked(Self::SUM).filter(|(sum, body)| *sum == sum_of(body));
        let kept = whole.and_then(|(_, body)| wire::decode(body).ok());
        Ok(kept.map_or(Found::Damaged, |kept| Found::Whole(Box::new(kept))))
    }

    /// Replaces the file at `path`.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let body = wire::encode(self);
        let mut bytes = sum_of(&body).to_vec();
        bytes.extend(body);
        volume::replace(path, &bytes)
    }
}

fn sum_of(body: &[u8]) -> [u8; Keepsake::SUM] {
    let mut sum = [0; Keepsake::SUM];
    blake3::Hasher::new().update(body).finalize_xof().fill(&mut sum);
    sum
}

/// Keeps the keepsake of an open database.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    me: NodeId,
    kept: Keepsake,
    /// The greatest number of an event of this node that is in the database.
    held: u64,
    /// For how many numbers there was room when the file was last written for that, and when.
    room: (u64, Option<Instant>),
}

impl Keeper {
    /// Numbers of events for which the file is written at least, and at most.
    const ROOM: (u64, u64) = (64, 65_536);
    /// There should be numbers for so long.
    const ROOM_FOR: Duration = Duration::from_secs(10);

    /// Looks at what lies beside the database at `path` of node `me`, before that is opened.
    pub(super) fn find(path: &Path, me: NodeId) -> Result<Self, StoreError> {
        let file = Keepsake::beside(path);
        let found = Keepsake::read(&file);
        let found = found.map_err(|error| StoreError::at(path, sqlx::Error::Io(error)))?;
        let there = path.metadata().is_ok_and(|file| file.len() > 0);
        let kept = match found {
            Found::Nothing => Keepsake::default(),
            Found::Whole(kept) if there || kept.aside => *kept,
            Found::Damaged if there => {
                tracing::warn!(path = %file.display(), "the keepsake is damaged, and written anew");
                Keepsake::default()
            }
            Found::Whole(_) | Found::Damaged => {
                return Err(StoreError::Damaged { path: path.to_owned(), source: Damage::Gone });
            }
        };
        Ok(Self { path: file, me, kept, held: 0, room: (0, None) })
    }

    /// Whether a database must be there that lives began with.
    pub(super) fn expects_lives(&self) -> bool {
        !self.kept.aside && self.kept.incarnation > Incarnation(0)
    }

    /// Puts what is kept into a database with which no life began yet.
    pub(super) async fn fill(&self, to: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if !self.kept.aside || !matches!(load::incarnation(to).await?, Ok(None)) {
            return Ok(());
        }
        let mut transaction = to.begin().await?;
        let Keepsake { incarnation, events, profile, members, addresses, .. } = &self.kept;
        let last = incarnation.0.to_be_bytes().to_vec();
        rows::write_single(rows::INCARNATION, last, &mut transaction).await?;
        let from = wire::encode(&events.saturating_add(1));
        rows::write_single(rows::EVENTS_FROM, from, &mut transaction).await?;
        if let Some(profile) = profile {
            rows::write_single(rows::PROFILE, wire::encode(profile), &mut transaction).await?;
        }
        rows::write_members(members, &mut transaction).await?;
        rows::write_addresses(addresses, &mut transaction).await?;
        transaction.commit().await
    }

    /// Compares what the database holds with what it must, and follows it from here on.
    pub(super) fn compare(&mut self, path: &Path, loaded: &Loaded) -> Result<(), StoreError> {
        let held = loaded.event_extents.get(&self.me).map_or(0, |held| held.last);
        let kept = &self.kept;
        if !kept.aside && (loaded.incarnation < kept.incarnation || held < kept.held) {
            return Err(StoreError::Damaged { path: path.to_owned(), source: Damage::Older });
        }
        self.held = held;
        let members = loaded.shared.iter().filter(|(key, ..)| Keepsake::keeps(key));
        self.kept = Keepsake {
            incarnation: loaded.incarnation,
            events: kept.events.max(held),
            held,
            profile: loaded.profile.clone(),
            members: members
                .map(|(key, stamp, value)| (key.clone(), (*stamp, value.clone())))
                .collect(),
            addresses: loaded.addresses.clone(),
            aside: false,
        };
        Ok(())
    }

    /// A life begins, and the database says so.
    pub(super) async fn live(&mut self, incarnation: Incarnation) -> io::Result<()> {
        self.save(Keepsake { incarnation, ..self.kept.clone() }).await
    }

    /// Keeps what a batch changes, before that is written: no number is heard of that is not below
    /// the one that the file names.
    pub(super) async fn prepare(&mut self, batch: &Batch) -> io::Result<()> {
        let last = batch.last_of(self.me).filter(|last| *last > self.kept.events);
        let changed = batch.keep(&self.kept);
        if last.is_none() && changed.is_none() {
            return Ok(());
        }
        let mut next = changed.unwrap_or_else(|| self.kept.clone());
        if let Some(last) = last {
            next.events = last.saturating_add(self.more_room());
            next.held = self.held;
        }
        self.save(next).await
    }

    /// A batch is on disk.
    pub(super) fn wrote(&mut self, batch: &Batch) {
        self.held = self.held.max(batch.last_of(self.me).unwrap_or(0));
    }

    /// The greatest number of an event of this node that is in the database.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// The database must hold events of this node up to the one numbered `last`.
    pub(super) async fn must_hold(&mut self, last: u64) -> io::Result<()> {
        let events = self.kept.events.max(last);
        self.save(Keepsake { events, held: last, ..self.kept.clone() }).await
    }

    /// How many numbers are kept free: twice as many as before if those were soon used up.
    fn more_room(&mut self) -> u64 {
        let (least, most) = Self::ROOM;
        let now = Instant::now();
        let (room, since) = self.room;
        let soon = since.is_some_and(|since| now.duration_since(since) < Self::ROOM_FOR);
        let room = if soon { room.saturating_mul(2).min(most) } else { least };
        self.room = (room, Some(now));
        room
    }

    async fn save(&mut self, next: Keepsake) -> io::Result<()> {
        let (path, written) = (self.path.clone(), next.clone());
        let saved = spawn_blocking(move || written.write(&path)).await;
        saved.map_err(io::Error::other)??;
        self.kept = next;
        Ok(())
    }
}
