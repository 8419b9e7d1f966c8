//! What is set on a node.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use covey_logic::{
    Name, NodeId,
    event::Fact,
    settings::{
        Act, Edit, Held, Layer, Mark, Place, Refused, Scope, SettingView, Settings, Sources,
        StrangerView, Values, VersionView, setting,
    },
};
use tokio::sync::{Notify, watch};

use super::{
    PendingView, SettingsView,
    file::{File, Kept},
    pending::{self, Pending},
};
use crate::{clock, entropy::EntropyError};

/// What is set on a node; cheap to clone.
#[derive(Clone, Debug)]
pub struct NodeSettings(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    me: NodeId,
    /// What the settings file and the command line say.
    stated: BTreeMap<Name, String>,
    file: File,
    /// Behind a lock of its own, so that what is on disk is never older than what others saw.
    saving: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    values: watch::Sender<Arc<Values>>,
    /// The version of what was agreed.
    version: watch::Sender<u64>,
    /// There is something to tell, or to propose.
    woken: Notify,
}

#[derive(Debug)]
struct State {
    kept: Kept,
    runtime: BTreeMap<Name, Held>,
    /// What this node's user did that is no event yet.
    untold: Vec<Fact>,
    /// Whether `kept` differs from what is on disk.
    dirty: bool,
}

/// Why nothing was set on this node, or why a change does not wait. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum HereError {
    /// See its text.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Mend the disk.
    #[error("the file of settings cannot be written")]
    Disk(#[from] io::Error),
    /// See its text.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl NodeSettings {
    /// The settings of `me`, whose settings file and command line state `stated`.
    pub(crate) fn new(
        me: NodeId,
        stated: BTreeMap<Name, String>,
        (file, kept): (File, Kept),
    ) -> Self {
        let version = watch::Sender::new(kept.agreed.version());
        let untold = facts(&kept.agreed, kept.told, me);
        let state = State { kept, runtime: BTreeMap::new(), untold, dirty: false };
        let settings = Self(Arc::new(Inner {
            me,
            stated,
            file,
            saving: tokio::sync::Mutex::default(),
            state: Mutex::new(state),
            values: watch::Sender::default(),
            version,
            woken: Notify::new(),
        }));
        settings.resolve();
        settings
    }

    /// The value of every setting.
    #[must_use]
    pub fn values(&self) -> Arc<Values> {
        Arc::clone(&self.0.values.borrow())
    }

    /// The values, marked as changed whenever one is.
    pub(crate) fn changes(&self) -> watch::Receiver<Arc<Values>> {
        self.0.values.subscribe()
    }

    /// The version of what was agreed and is followed, marked as changed whenever there is another.
    #[must_use]
    pub fn version(&self) -> watch::Receiver<u64> {
        self.0.version.subscribe()
    }

    /// The settings as people see them.
    #[must_use]
    pub fn view(&self) -> SettingsView {
        self.with(|sources, pending| SettingsView {
            version: sources.agreed.version(),
            settings: SettingView::all(sources),
            strangers: StrangerView::all(sources.agreed),
            pending: pending.iter().map(PendingView::from).collect(),
        })
    }

    /// The versions after `version` that are remembered, the oldest first.
    #[must_use]
    pub fn versions(&self, after: u64) -> Vec<VersionView> {
        self.with(|sources, _| {
            let later = sources.agreed.versions().filter(|there| there.mark.version > after);
            later.map(VersionView::from).collect()
        })
    }

    /// What differs between two versions.
    ///
    /// # Errors
    ///
    /// [`Refused::NoVersion`].
    pub fn diff(&self, from: u64, to: u64) -> Result<Vec<Edit>, Refused> {
        self.with(|sources, _| sources.agreed.diff(from, to))
    }

    /// Whether the level of the log was set by anybody.
    pub(super) fn states_level(&self) -> bool {
        let level = setting("log.level");
        self.with(|sources, _| {
            level.is_some_and(|level| sources.resolve(level).layer != Layer::Default)
        })
    }

    /// Sets or unsets settings on the running node, all or nothing; it forgets them when it stops.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn set_here(&self, changes: Vec<(Name, Option<String>)>) -> Result<(), Refused> {
        let checked: Result<Vec<_>, Refused> = changes.into_iter().map(checked_here).collect();
        let me = self.0.me;
        let mut state = self.state();
        for (key, value) in checked? {
            let mark = Mark { version: 0, by: me, at: clock::wall() };
            let held = value.clone().map(|value| Held { value, mark });
            let old = match held {
                Some(held) => state.runtime.insert(key.clone(), held),
                None => state.runtime.remove(&key),
            };
            let (layer, node, version) = (Layer::Runtime, Some(me), None);
            let (old, new) = (old.map(|old| old.value), value);
            if old != new {
                state.untold.push(Fact::SettingChanged { key, layer, node, old, new, version });
            }
        }
        drop(state);
        self.resolve();
        self.0.woken.notify_one();
        Ok(())
    }

    /// Has a change wait until a majority is there; it is on disk when this returns.
    ///
    /// # Errors
    ///
    /// See [`HereError`].
    pub async fn queue(&self, act: Act) -> Result<PendingView, HereError> {
        let waiting = Pending::new(act, clock::wall())?;
        let view = PendingView::from(&waiting);
        let fact = Fact::SettingsQueued { change: view.change.clone() };
        let capacity = Pending::CAPACITY;
        let full = self
            .change(|state| {
                if state.kept.pending.len() == capacity {
                    return true;
                }
                state.kept.pending.push(waiting);
                state.untold.push(fact);
                false
            })
            .await?;
        self.0.woken.notify_one();
        if full { Err(Refused::Full { capacity }.into()) } else { Ok(view) }
    }

    /// No longer has a change wait; whether one of that name did.
    ///
    /// # Errors
    ///
    /// The operating system's.
    pub async fn withdraw(&self, id: &str) -> io::Result<bool> {
        let waited = self.drop_pending(id, "it was withdrawn").await;
        self.0.woken.notify_one();
        waited
    }

    /// The change that waits longest.
    pub(super) fn next_pending(&self) -> Option<Pending> {
        self.state().kept.pending.first().cloned()
    }

    /// A change that waited was made.
    pub(super) async fn made(&self, id: &str) -> io::Result<()> {
        self.change(|state| state.kept.pending.retain(|waiting| waiting.id != id)).await
    }

    /// A change that waits was handed on, and nobody answered.
    pub(super) async fn handed_on(&self, id: &str) -> io::Result<()> {
        self.change(|state| {
            if let Some(waiting) = state.kept.pending.iter_mut().find(|waiting| waiting.id == id) {
                waiting.handed_on = true;
            }
        })
        .await
    }

    /// A change that waited is not made, for this reason; whether it waited.
    pub(super) async fn drop_pending(&self, id: &str, reason: &str) -> io::Result<bool> {
        self.change(|state| {
            let before = state.kept.pending.len();
            for waiting in state.kept.pending.extract_if(.., |waiting| waiting.id == id) {
                let change = pending::words(&waiting.act);
                let reason = reason.to_owned();
                state.untold.push(Fact::SettingsDropped { change, reason });
            }
            state.kept.pending.len() < before
        })
        .await
    }

    /// Goes on with what the cluster agreed on; what this node's user changed in it is told first.
    /// Older than what was known, it is not all of the log yet.
    pub(super) fn agreed(&self, cluster: covey_logic::ClusterId, settings: Settings) {
        let mut state = self.state();
        let State { kept, untold, dirty, .. } = &mut *state;
        let another = kept.cluster != Some(cluster);
        if another {
            let mut pending = std::mem::take(&mut kept.pending);
            if kept.cluster.is_some() {
                untold.extend(pending.drain(..).map(|waiting| Fact::SettingsDropped {
                    change: pending::words(&waiting.act),
                    reason: "this node is in another cluster".to_owned(),
                }));
            }
            *kept = Kept { cluster: Some(cluster), pending, ..Kept::default() };
            *dirty = true;
        }
        if settings.version() > kept.agreed.version() {
            untold.extend(facts(&settings, kept.agreed.version(), self.0.me));
            kept.agreed = settings;
            *dirty = true;
        } else if !another {
            return;
        }
        drop(state);
        self.resolve();
    }

    /// Says how far what was agreed is followed: the values of it are handed to all that go by them.
    pub(super) fn followed(&self) {
        let version = self.state().kept.agreed.version();
        self.0.version.send_replace(version);
    }

    /// What is to be told.
    pub(super) fn untold(&self) -> Vec<Fact> {
        self.state().untold.clone()
    }

    /// The first `count` things were told.
    pub(super) fn told(&self, count: usize) {
        let mut state = self.state();
        state.untold.drain(..count);
        if state.untold.is_empty() {
            state.kept.told = state.kept.agreed.version();
            state.dirty = true;
        }
    }

    /// Waits until something is to be told or proposed.
    pub(super) async fn woken(&self) {
        self.0.woken.notified().await;
    }

    /// Puts what is known on disk, if it is not.
    pub(super) async fn save(&self) -> io::Result<()> {
        if self.state().dirty { self.change(|_| ()).await } else { Ok(()) }
    }

    /// Changes what is kept, and has it on disk when this returns.
    async fn change<T>(&self, change: impl FnOnce(&mut State) -> T + Send) -> io::Result<T>
    where
        T: Send,
    {
        let _saving = self.0.saving.lock().await;
        let (result, kept) = {
            let mut state = self.state();
            let result = change(&mut state);
            state.dirty = false;
            (result, state.kept.clone())
        };
        let saved = self.0.file.save(&kept).await;
        if saved.is_err() {
            self.state().dirty = true;
        }
        saved.map(|()| result)
    }

    fn resolve(&self) {
        let values = self.with(|sources, _| sources.values());
        self.0.values.send_if_modified(|current| {
            let differs = **current != values;
            if differs {
                *current = Arc::new(values);
            }
            differs
        });
    }

    fn with<T>(&self, look: impl FnOnce(Sources<'_>, &[Pending]) -> T) -> T {
        let state = self.state();
        let sources = Sources {
            me: self.0.me,
            file: &self.0.stated,
            agreed: &state.kept.agreed,
            runtime: &state.runtime,
        };
        look(sources, &state.kept.pending)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the user of `me` changed after `version`.
fn facts(agreed: &Settings, version: u64, me: NodeId) -> Vec<Fact> {
    let fresh = agreed.versions().filter(|there| there.mark.version > version);
    let own = fresh.filter(|there| there.mark.by == me);
    own.flat_map(|there| there.edits.iter().map(|edit| fact(edit, there.mark.version))).collect()
}

fn fact(edit: &Edit, version: u64) -> Fact {
    let Edit { place, key, old, new } = edit.clone();
    let (layer, node) = match place {
        Place::Cluster => (Layer::Cluster, None),
        Place::Node(node) => (Layer::Node, Some(node)),
    };
    Fact::SettingChanged { key, layer, node, old, new, version: Some(version) }
}

fn checked_here((key, value): (Name, Option<String>)) -> Result<(Name, Option<String>), Refused> {
    let Some(setting) = setting(key.as_str()) else { return Err(Refused::Unknown { key }) };
    if setting.scope == Scope::Cluster {
        return Err(Refused::NotHere { key });
    }
    let Some(value) = value else { return Ok((key, None)) };
    match setting.kind.parse(&value) {
        Ok(value) => Ok((key, Some(value.to_string()))),
        Err(problem) => Err(Refused::Invalid { key, value, problem }),
    }
}
