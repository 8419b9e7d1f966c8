//! Taking up in a cluster what was archived from another.

use covey_logic::{
    Name, Wall,
    agreed::{Agreed, Denied, Key},
    coordination::{Act, CounterView, DecisionView, Done, Refused, Scope, Terms, VariableView},
    merged::{Merge, MergedCommand, Reach, VariableAct},
    settings::{self, Change, Place, Settings},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ArchiveError;
use crate::{
    NodeHandle,
    consensus::ProposeError,
    handle::{AskError, ChangeError, Changed, Freshness, Named, Primitives, SettingWish},
};

/// What came of a replay. Whoever asks again finds what was made to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Replayed {
    /// What was made.
    pub made: Vec<ReplayedItem>,
    /// What was there already, alike.
    pub there: Vec<ReplayedItem>,
    /// What the cluster has otherwise: it stands.
    pub conflicts: Vec<Conflict>,
}

/// Something that was archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReplayedItem {
    /// What it is.
    pub kind: ArchivedKind,
    /// What it is called.
    #[ts(type = "string")]
    pub name: Name,
}

/// What an archive holds that can be replayed. Locks, elections, semaphores and barriers cannot:
/// nobody holds them any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ArchivedKind {
    /// A setting.
    Setting,
    /// A counter.
    Counter,
    /// A variable.
    Variable,
    /// A settled question.
    Decision,
}

/// Something that was archived and is otherwise in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Conflict {
    /// What it is.
    pub kind: ArchivedKind,
    /// What it is called.
    #[ts(type = "string")]
    pub name: Name,
    /// What was archived; none: several writes stood beside each other.
    pub archived: Option<String>,
    /// What the cluster has, if that is a value.
    pub there: Option<String>,
    /// Why it was not replayed.
    pub reason: String,
}

/// Why a replay came to no end. What was made before stays, and is found to be there when it is asked
/// for again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// See its text.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// See its text.
    #[error(transparent)]
    Setting(#[from] ChangeError),
    /// See its text.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// See its text.
    #[error(transparent)]
    Ask(#[from] AskError),
}

/// What becomes of one thing.
enum Fate {
    Made,
    There,
    Conflict { there: Option<String>, reason: String },
}

impl Fate {
    fn otherwise(there: Option<String>) -> Self {
        Self::Conflict { there, reason: "the cluster has another value".to_owned() }
    }

    fn compare(archived: &str, there: Option<String>) -> Self {
        if there.as_deref() == Some(archived) { Self::There } else { Self::otherwise(there) }
    }
}

impl Replayed {
    fn note(&mut self, (kind, name): (ArchivedKind, &Name), archived: Option<&str>, fate: Fate) {
        let item = || ReplayedItem { kind, name: name.clone() };
        match fate {
            Fate::Made => self.made.push(item()),
            Fate::There => self.there.push(item()),
            Fate::Conflict { there, reason } => self.conflicts.push(Conflict {
                kind,
                name: name.clone(),
                archived: archived.map(str::to_owned),
                there,
                reason,
            }),
        }
    }
}

impl NodeHandle {
    /// Makes in this node's cluster what an archive holds and the cluster has not: settings,
    /// counters, variables and settled questions, each in its scope.
    ///
    /// Dropped, a part may be made all the same; asked again it goes on.
    ///
    /// # Errors
    ///
    /// See [`ReplayError`].
    pub async fn replay_archive(&self, id: Wall) -> Result<Replayed, ReplayError> {
        let archive = self.archive(id)?;
        let mut replayed = Replayed::default();
        let group = archive.group.clone().unwrap_or_default();
        self.replay_settings(&group.settings, &mut replayed).await?;
        let replay = Replay { primitives: self.primitives(), archive: archive.left };
        let counters = group.counters.iter().chain(&archive.belongings.counters);
        for (number, counter) in counters.enumerate() {
            let fate = replay.counter(number, counter).await?;
            let at = (ArchivedKind::Counter, &counter.name);
            replayed.note(at, Some(&counter.value), fate);
        }
        for variable in group.variables.iter().chain(&archive.belongings.variables) {
            let fate = replay.variable(variable).await?;
            let at = (ArchivedKind::Variable, &variable.name);
            replayed.note(at, variable.value.as_deref(), fate);
        }
        for decision in &group.decisions {
            let fate = replay.decision(decision).await?;
            let at = (ArchivedKind::Decision, &decision.question);
            replayed.note(at, Some(&decision.value), fate);
        }
        Ok(replayed)
    }

    /// Sets what nobody set here; what was set for other nodes alone concerns nobody.
    async fn replay_settings(
        &self,
        archived: &[Change],
        replayed: &mut Replayed,
    ) -> Result<(), ReplayError> {
        let mine = |place: Place| place == Place::Cluster || place == Place::Node(self.id());
        let group = self.primitives().group()?;
        let look = |agreed: &Agreed| agreed.settings().clone();
        let (there, _) = group.look(Primitives::AGREE_TIMEOUT, look).await?;
        let mut wanted = Vec::new();
        for change in archived.iter().filter(|change| mine(change.place)) {
            let value = change.value.as_deref().unwrap_or_default();
            let at = (ArchivedKind::Setting, &change.key);
            match there.value(change.place, &change.key) {
                Some(held) => {
                    replayed.note(at, Some(value), Fate::compare(value, Some(held.value.clone())));
                }
                None => wanted.push(change.clone()),
            }
        }
        let mut expected = there.version();
        for changes in wanted.chunks(Settings::CHANGES) {
            let act = settings::Act::Change { changes: changes.to_vec(), expected: Some(expected) };
            let wish = SettingWish { act, key: None, queue: false };
            if let Changed::Agreed { version, .. } = self.change_settings(wish).await? {
                expected = version;
            }
            for change in changes {
                let at = (ArchivedKind::Setting, &change.key);
                replayed.note(at, change.value.as_deref(), Fate::Made);
            }
        }
        Ok(())
    }
}

/// The replay of one archive's primitives.
struct Replay {
    primitives: Primitives,
    archive: Wall,
}

impl Replay {
    async fn counter(&self, number: usize, counter: &CounterView) -> Result<Fate, ReplayError> {
        let CounterView { name, scope, value, .. } = counter;
        let Ok(by) = value.parse() else {
            let reason = "it is greater than one change can make it".to_owned();
            return Ok(Fate::Conflict { there: None, reason });
        };
        if let Some(fate) = self.elsewhere((Named::Counter, name), *scope).await? {
            return Ok(fate);
        }
        if *scope == Scope::Global {
            if let Some(there) = self.primitives.merged_counter(name.clone()).await? {
                return Ok(Fate::compare(value, Some(there.value)));
            }
            let command = MergedCommand::Count { counter: name.clone(), by };
            self.primitives.change(command).await?;
            return Ok(Fate::Made);
        }
        let (there, _) = self.primitives.counter(name, Freshness::Linearizable).await?;
        if there.version > 0 {
            return Ok(Fate::compare(value, Some(there.value.to_string())));
        }
        // Asked again after an answer that was lost, it is not added twice.
        let key = Key::new(&format!("archive-{}-{number}", self.archive.0));
        self.primitives.agree(Act::Add { counter: name.clone(), by }, key).await?;
        let (made, _) = self.primitives.counter(name, Freshness::Linearizable).await?;
        if made.version == 0 {
            let reason = "it was replayed before, and removed since".to_owned();
            return Ok(Fate::Conflict { there: None, reason });
        }
        Ok(Fate::Made)
    }

    async fn variable(&self, variable: &VariableView) -> Result<Fate, ReplayError> {
        let VariableView { name, scope, value, terms, strategy, .. } = variable;
        let Some(value) = value.clone() else {
            let reason = "several writes stood beside each other".to_owned();
            return Ok(Fate::Conflict { there: None, reason });
        };
        if let Some(fate) = self.elsewhere((Named::Variable, name), *scope).await? {
            return Ok(fate);
        }
        if *scope == Scope::Global {
            let strategy = strategy.unwrap_or_default();
            return self.merged((name, value), Merge { terms: terms.clone(), strategy }).await;
        }
        let (variable, text) = (name.clone(), value.clone());
        let act = if *terms == Terms::default() {
            Act::Write { variable, value: text, expected: Some(0) }
        } else {
            Act::Register { variable, value: text, terms: terms.clone() }
        };
        match self.primitives.agree(act, None).await {
            Ok(_) => Ok(Fate::Made),
            Err(ProposeError::Refused(Denied::Coordination(Refused::Conflict { .. }))) => {
                let (there, _) = self.primitives.variable(name, Freshness::Linearizable).await?;
                Ok(Fate::compare(&value, there.map(|there| there.last.value)))
            }
            Err(error) => refused(error),
        }
    }

    async fn merged(
        &self,
        (name, value): (&Name, String),
        merge: Merge,
    ) -> Result<Fate, ReplayError> {
        let (variable, reach) = (name.clone(), Reach::Global);
        if let Some(there) = self.primitives.merged_variable(variable.clone(), reach).await? {
            return Ok(Fate::compare(&value, there.value));
        }
        let act = VariableAct::Register { value, merge };
        self.primitives.change(MergedCommand::Variable { variable, reach, act }).await?;
        Ok(Fate::Made)
    }

    async fn decision(&self, decision: &DecisionView) -> Result<Fate, ReplayError> {
        let DecisionView { question, value, .. } = decision;
        let act = Act::Decide { question: question.clone(), value: value.clone() };
        match self.primitives.agree(act, None).await {
            Ok(Done::Decided { first: true, .. }) => Ok(Fate::Made),
            Ok(_) => {
                let (there, _) =
                    self.primitives.decision(question, Freshness::Linearizable).await?;
                Ok(Fate::compare(value, there.map(|there| there.value)))
            }
            Err(error) => refused(error),
        }
    }

    /// What becomes of a name that is there in another scope.
    async fn elsewhere(
        &self,
        (named, name): (Named, &Name),
        scope: Scope,
    ) -> Result<Option<Fate>, ReplayError> {
        let scopes = self.primitives.scopes(named, name.clone()).await?;
        let other = scopes.into_iter().find(|there| *there != scope);
        Ok(other.map(|there| Fate::Conflict {
            there: None,
            reason: format!("the name is there in scope {there}"),
        }))
    }
}

/// What the group refuses to one thing is no reason to replay no other.
fn refused(error: ProposeError) -> Result<Fate, ReplayError> {
    match error {
        ProposeError::Refused(denied) => {
            Ok(Fate::Conflict { there: None, reason: denied.to_string() })
        }
        ProposeError::NoQuorum { .. }
        | ProposeError::NoLeader
        | ProposeError::Forbidden
        | ProposeError::Unknown
        | ProposeError::Stopped { .. } => Err(error.into()),
    }
}
