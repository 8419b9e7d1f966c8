//! The entries of this node, and what all entries come to.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    coordination::{Refused, Scope},
    hlc::Stamp,
    ids::{Name, NodeId, Ticket},
    merged::{
        LocalVariable, MergedCommand, MergedOutcome, Reach, Said, VariableAct, Write, Writer,
        index::Index,
        local::{Locals, fits},
        variable::said_of,
    },
    node::Record,
    outbox::{Happened, Outbox},
    replica::{Replica, Shared, SharedKey},
    time::{Now, Wall},
};

/// A shared value with its stamp.
type Entry = (SharedKey, Stamp, Shared);

/// What this node writes of counters and variables that merge, until it is on disk.
#[derive(Debug)]
pub struct Merged {
    pub(super) me: NodeId,
    /// Since when this node writes; none until it first does.
    pub(super) since: Option<(Wall, u32)>,
    pub(super) locals: Locals,
    pub(super) index: Index,
    /// Written in this step.
    fresh: Vec<Entry>,
    /// Written, and on the way to the disk.
    unsynced: BTreeMap<Ticket, Vec<Entry>>,
    /// The last of what was written under each key, until it is on disk.
    pub(super) latest: BTreeMap<SharedKey, (Stamp, Shared)>,
}

impl Merged {
    /// Names of counters, of variables, and of those of this node alone; one that was removed
    /// counts, because a mark keeps it from coming back, and can be used again.
    ///
    /// Two sides of a split may both come to it.
    pub const CAPACITY: usize = 10_000;
    /// Bytes of all variables of a scope together: every node holds those of all.
    pub const MAX_BYTES: usize = 16 * 1024 * 1024;

    /// What the disk kept: since when this node writes, and its own variables.
    #[must_use]
    pub fn new(me: NodeId, since: Option<(Wall, u32)>, locals: Vec<(Name, LocalVariable)>) -> Self {
        Self {
            me,
            since,
            locals: Locals::new(locals),
            index: Index::default(),
            fresh: Vec::new(),
            unsynced: BTreeMap::new(),
            latest: BTreeMap::new(),
        }
    }

    /// Takes note of everything that is held.
    pub fn look_at_all(&mut self, replica: &Replica) {
        self.index = Index::default();
        for (key, value) in replica.shared().iter() {
            self.index.note(key, value);
        }
    }

    /// This node enters another cluster, as a new writer; what was on its way to the disk goes.
    pub fn start_over(&mut self) {
        self.since = None;
        self.index = Index::default();
        self.fresh.clear();
        self.unsynced.clear();
        self.latest.clear();
    }

    /// Carries out a command of `actor`'s user.
    ///
    /// # Errors
    ///
    /// See [`Refused`]; nothing changed.
    pub fn on_command(
        &mut self,
        (now, actor): (Now, NodeId),
        command: MergedCommand,
        replica: &Replica,
        out: &mut Outbox,
    ) -> Result<MergedOutcome, Refused> {
        match command {
            MergedCommand::Count { counter, by } => self.count(now, (counter, by), replica, out),
            MergedCommand::Variable { variable, reach: Reach::Local, act } => {
                if self.variable(&variable, replica).is_some() {
                    return Err(Refused::OtherScope { name: variable, scope: Scope::Global });
                }
                let changed = self.locals.change((now.wall.0, actor), &variable, act)?.cloned();
                let version = changed.as_ref().map(|it| it.version);
                out.record(Record::Local(variable, changed));
                Ok(version
                    .map_or(MergedOutcome::Erased, |version| MergedOutcome::Wrote { version }))
            }
            MergedCommand::Variable { variable, reach: Reach::Global, act } => {
                if self.locals.get(&variable).is_some() {
                    return Err(Refused::OtherScope { name: variable, scope: Scope::Local });
                }
                self.change((now, actor), (variable, act), replica, out)
            }
        }
    }

    fn count(
        &mut self,
        now: Now,
        (counter, by): (Name, i64),
        replica: &Replica,
        out: &mut Outbox,
    ) -> Result<MergedOutcome, Refused> {
        if !self.index.has_counter(&counter) {
            room(self.index.counters().len())?;
        }
        let own = self.own_tally(&counter, replica);
        let value = self.counter(&counter, replica).value + i128::from(by);
        let changed = own.change(by);
        let (Some(tally), Ok(_)) = (changed, i64::try_from(value)) else {
            return Err(Refused::Overflow { counter });
        };
        let writer = self.writer(now, out);
        self.write(now, (SharedKey::Tally(counter, writer), Shared::Tally(tally)), out);
        Ok(MergedOutcome::Counted { value })
    }

    fn change(
        &mut self,
        (now, actor): (Now, NodeId),
        (variable, act): (Name, VariableAct),
        replica: &Replica,
        out: &mut Outbox,
    ) -> Result<MergedOutcome, Refused> {
        let words = self.words(&variable, replica);
        let there = words.read();
        act.expects(&variable, there.as_ref().map_or(0, |_| words.version()))?;
        let merge = there.as_ref().map(|there| there.merge.clone());
        let (value, merge) = match act {
            VariableAct::Register { value, merge } => (Some(value), merge),
            VariableAct::Write { value, .. } => (Some(value), merge.unwrap_or_default()),
            VariableAct::Erase { .. } => match merge {
                Some(merge) => (None, merge),
                None => return Ok(MergedOutcome::Erased),
            },
        };
        if !merge.is_sound() {
            return Err(Refused::Terms);
        }
        if !merge.terms.admits(actor) {
            return Err(Refused::NotWriter { variable });
        }
        if let Some(value) = &value {
            if !merge.terms.rule.allows(value) || !merge.strategy.takes(value) {
                return Err(Refused::Unfit { variable });
            }
            fits(value.len(), self.index.bytes() - self.own_bytes(&words))?;
            if !self.index.has_variable(&variable) {
                room(self.index.variables().len())?;
            }
        }
        let erased = value.is_none();
        let writer = self.writer(now, out);
        let stamp = out.stamp(now);
        let (at, clock) = ((stamp.wall, stamp.counter), words.clock(writer));
        let said = Said::Write(Write { value, clock, at, merge });
        self.write(now, (SharedKey::Variable(variable.clone(), writer), variable_of(said)), out);
        if erased {
            return Ok(MergedOutcome::Erased);
        }
        Ok(MergedOutcome::Wrote { version: self.words(&variable, replica).version() })
    }

    /// An entry changed: a write of this node's own that another supersedes is withdrawn, so that
    /// nobody has to keep what it held.
    pub fn on_happened(
        &mut self,
        now: Now,
        happened: &Happened,
        replica: &Replica,
        out: &mut Outbox,
    ) {
        let Happened::SharedChanged(key) = happened else { return };
        let Some(value) = replica.shared().get(key) else { return };
        self.index.note(key, value);
        let (SharedKey::Variable(variable, _), Some(since)) = (key, self.since) else { return };
        let writer = Writer { node: self.me, since };
        let words = self.words(variable, replica);
        if words.is_superseded(writer) {
            let count = words.0.get(&writer).map_or(0, |said| said.count(&writer));
            let key = SharedKey::Variable(variable.clone(), writer);
            self.write(now, (key, variable_of(Said::Withdrawn { count })), out);
        }
    }

    /// Writes this node's entries anew that the disk kept under stamps which nobody believed: they
    /// are its last word all the same. Gives back those that are not its own.
    pub fn rewrite(&mut self, now: Now, entries: Vec<Entry>, out: &mut Outbox) -> Vec<Entry> {
        let own = |key: &SharedKey| {
            key.writer().is_some_and(|it| it.node == self.me && Some(it.since) == self.since)
        };
        let (mine, others) = entries.into_iter().partition::<Vec<_>, _>(|(key, ..)| own(key));
        for (key, _, value) in mine {
            let value = match said_of(&value) {
                Some(Said::Write(write)) => {
                    let stamp = out.stamp(now);
                    let at = (stamp.wall, stamp.counter);
                    variable_of(Said::Write(Write { at, ..write.clone() }))
                }
                Some(Said::Withdrawn { .. }) | None => value,
            };
            self.write(now, (key, value), out);
        }
        others
    }

    /// The records of this step go to the disk under the ticket.
    pub fn on_append(&mut self, ticket: Ticket) {
        if !self.fresh.is_empty() {
            self.unsynced.insert(ticket, std::mem::take(&mut self.fresh));
        }
    }

    /// Records are on disk: the entries among them may be shown to others.
    #[must_use]
    pub fn on_appended(&mut self, ticket: Ticket) -> Vec<Entry> {
        let entries = self.unsynced.remove(&ticket).unwrap_or_default();
        for (key, stamp, _) in &entries {
            if self.latest.get(key).is_some_and(|(latest, _)| latest == stamp) {
                self.latest.remove(key);
            }
        }
        entries
    }

    /// This node as a writer, from here on if it never wrote.
    fn writer(&mut self, now: Now, out: &mut Outbox) -> Writer {
        if let Some(since) = self.since {
            return Writer { node: self.me, since };
        }
        let writer = Writer::beginning(out.stamp(now));
        self.since = Some(writer.since);
        out.record(Record::WritesSince(writer.since));
        writer
    }

    fn write(&mut self, now: Now, (key, value): (SharedKey, Shared), out: &mut Outbox) {
        let stamp = out.stamp(now);
        out.record(Record::Shared { key: key.clone(), stamp, value: value.clone() });
        self.index.note(&key, &value);
        self.latest.insert(key.clone(), (stamp, value.clone()));
        self.fresh.push((key, stamp, value));
    }
}

/// Whether there is room for another name where there are so many.
fn room(there: usize) -> Result<(), Refused> {
    let capacity = Merged::CAPACITY;
    if there < capacity { Ok(()) } else { Err(Refused::Full { capacity }) }
}

fn variable_of(said: Said) -> Shared {
    Shared::Variable(Arc::new(said))
}
