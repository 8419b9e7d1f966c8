//! Commands: who may give them, and to which service each goes.

use std::collections::BTreeMap;

use crate::{
    agent::{AgentSpec, Programs},
    certificate::Role,
    event::{Class, Fact, Report},
    ids::{Name, NodeId, Ticket},
    merged::{MergedCommand, Reach},
    moving::Moving,
    node::{Command, CommandError, Node, Outcome, Record, machine::tables, names},
    replica::{Shared, SharedKey},
    supervision::{Supervision, Tables},
    time::Now,
};

/// Who may give a command.
enum Needs {
    /// A member with at least this role.
    Role(Role),
    /// The user of this node, whatever its role.
    OwnUser,
}

impl Command {
    fn needs(&self) -> Needs {
        match self {
            Self::StartAgent { .. }
            | Self::StopAgent { .. }
            | Self::RestartAgent { .. }
            | Self::MoveAgent { .. }
            | Self::RemoveAgent { .. }
            | Self::Cordon { .. }
            | Self::Drain { .. }
            | Self::Alert { .. }
            | Self::Rebalance(_) => Needs::Role(Role::Operator),
            Self::Register { .. }
            | Self::Deregister { .. }
            | Self::Report { .. }
            | Self::Merged(
                MergedCommand::Count { .. } | MergedCommand::Variable { reach: Reach::Global, .. },
            ) => Needs::Role(Role::Worker),
            Self::Name(command) => Needs::Role(names::needs(command)),
            Self::Accept { .. }
            | Self::Refuse { .. }
            | Self::Invite { .. }
            | Self::Uninvite { .. }
            | Self::Revoke { .. }
            | Self::BeginLineage { .. } => Needs::Role(Role::Admin),
            Self::Ask { .. }
            | Self::Withdraw
            | Self::UseInvite { .. }
            | Self::Leave
            | Self::Rename { .. }
            | Self::SetLabels { .. }
            | Self::SetPrograms { .. }
            | Self::Merged(MergedCommand::Variable { reach: Reach::Local, .. })
            | Self::NoteSettings { .. }
            | Self::NoteGuard { .. } => Needs::OwnUser,
        }
    }
}

impl Node {
    /// The longest name of a node or a label, in characters: it must fit a column.
    pub const MAX_NAME_LEN: usize = 40;
    /// Labels a node can have: each is part of what it says of itself.
    pub const MAX_LABELS: usize = 32;

    pub(super) fn on_command(&mut self, now: Now, ticket: Ticket, actor: NodeId, command: Command) {
        let result = self
            .authorise(actor, &command)
            .and_then(|()| self.carry_out(now, ticket, actor, command));
        // Nothing: someone answers later.
        if let Some(result) = result.transpose() {
            self.replies.push((ticket, result));
        }
    }

    fn authorise(&self, actor: NodeId, command: &Command) -> Result<(), CommandError> {
        match command.needs() {
            Needs::Role(needs) if self.roster.role(actor).is_none_or(|role| role < needs) => {
                return Err(CommandError::Forbidden { needs });
            }
            Needs::OwnUser if actor != self.me => {
                return Err(CommandError::Forbidden { needs: Role::Admin });
            }
            Needs::Role(_) | Needs::OwnUser => {}
        }
        match &self.read_only {
            Some(reason) if !matches!(command, Command::Leave) => {
                Err(CommandError::ReadOnly { reason: reason.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn carry_out(
        &mut self,
        now: Now,
        ticket: Ticket,
        actor: NodeId,
        command: Command,
    ) -> Result<Option<Outcome>, CommandError> {
        match command {
            Command::StartAgent { spec, pin, replace } => {
                self.start_agent(actor, (*spec, pin, replace))?;
            }
            Command::StopAgent { name } => self.ask(actor, name, Supervision::ask_stop)?,
            Command::RestartAgent { name } => self.ask(actor, name, Supervision::ask_restart)?,
            Command::RemoveAgent { name } => self.ask(actor, name, Supervision::ask_remove)?,
            Command::MoveAgent { name, to } => {
                self.ask(actor, (name, to), Supervision::ask_move)?;
            }
            Command::Register { .. } if self.membership.is_waking(self.me) => {
                self.waiting.push((ticket, actor, command));
                return Ok(None);
            }
            Command::Register { names } => {
                self.refuse_if_draining()?;
                return self.registry.register((now, ticket), None, names, &mut self.out);
            }
            Command::Name(command) => return self.on_name(now, ticket, actor, command),
            Command::Merged(command) => {
                return Ok(Some(Outcome::Merged(self.on_merged((now, actor), command)?)));
            }
            Command::Report { reports, class } => {
                return self.report(now, (ticket, actor), (reports, class));
            }
            Command::Deregister { names } => {
                return self.registry.deregister((now, ticket), names, &mut self.out);
            }
            Command::Revoke { node } => self.revoke(now, actor, node)?,
            Command::Leave => {
                self.leaving = Some(ticket);
                self.moving.leave(now, &mut self.out);
                self.supervision.leave(&mut self.out);
                return Ok(None);
            }
            Command::Cordon { node, on } => {
                self.ask(actor, (node, on), asking(Moving::ask_cordon))?;
            }
            Command::Drain { node, deadline } => {
                self.ask(actor, (node, deadline), asking(Moving::ask_drain))?;
            }
            Command::Rebalance(wish) => self.ask(actor, wish, asking(Moving::ask_rebalance))?,
            Command::Alert { rule, subject, command } => {
                self.on_alert((now, actor), (rule, subject), &command)?;
            }
            Command::Rename { name } => self.rename(now, &name)?,
            Command::SetLabels { labels } => self.set_labels(now, labels)?,
            Command::SetPrograms { programs } => self.set_programs(now, programs),
            Command::BeginLineage { lineage, revision } => {
                self.begin_lineage(now, actor, (lineage, revision));
            }
            Command::NoteSettings { facts } => {
                for fact in facts {
                    self.out.happened(crate::outbox::Happened::Fact(Some(actor), fact));
                }
            }
            Command::NoteGuard { facts } => self.note_guard(now, actor, facts),
            Command::Ask { .. }
            | Command::Withdraw
            | Command::Accept { .. }
            | Command::Refuse { .. }
            | Command::Invite { .. }
            | Command::Uninvite { .. }
            | Command::UseInvite { .. } => {
                return self.pair(now, ticket, command).map(|()| None);
            }
        }
        Ok(Some(Outcome::Done))
    }

    fn report(
        &mut self,
        now: Now,
        asked: (Ticket, NodeId),
        told: (Vec<Report>, Class),
    ) -> Result<Option<Outcome>, CommandError> {
        if self.events.is_regaining() {
            let reason = "this node fetches its own events from the others".to_owned();
            return Err(CommandError::ReadOnly { reason });
        }
        let receipt = self.events.report(now, asked, told, &mut self.out)?;
        Ok(receipt.map(Outcome::Reported))
    }

    fn start_agent(
        &mut self,
        actor: NodeId,
        start: (AgentSpec, Option<NodeId>, bool),
    ) -> Result<(), CommandError> {
        let claimed = |name: Name| {
            let owner = self.registry.owner(&name)?;
            (owner.epoch == crate::Epoch(0)).then_some((name, owner.node))
        };
        if let Some((name, owner)) = start.0.instances().find_map(claimed) {
            return Err(CommandError::NameTaken { name, owner });
        }
        self.ask(actor, start, Supervision::ask_start)
    }

    pub(super) fn ask<T>(
        &mut self,
        actor: NodeId,
        what: T,
        how: impl FnOnce(
            &Supervision,
            NodeId,
            T,
            Tables<'_>,
            &mut crate::outbox::Outbox,
        ) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        let tables = tables!(self);
        how(&self.supervision, actor, what, tables, &mut self.out)
    }

    /// Puts a node out, and takes over what it wrote: the word of a node that is out counts no more.
    fn revoke(&mut self, now: Now, actor: NodeId, node: NodeId) -> Result<(), CommandError> {
        if node == self.me {
            return Err(CommandError::Itself);
        }
        if self.roster.role(node).is_none() {
            return Err(CommandError::NoNode { node });
        }
        self.out.happened(crate::outbox::Happened::Fact(Some(actor), Fact::MemberRevoked { node }));
        let written: Vec<(SharedKey, Shared)> = self
            .replica
            .shared()
            .entries()
            .filter(|(_, stamp, _)| stamp.node == node)
            .map(|(key, _, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in written {
            self.replica.share(now, key, value, &mut self.out);
        }
        self.replica.share(now, SharedKey::Member(node), Shared::Deleted, &mut self.out);
        self.replica.share(now, SharedKey::Revoked(node), Shared::Revoked, &mut self.out);
        Ok(())
    }

    /// Has the cluster take another group for its own.
    fn begin_lineage(&mut self, now: Now, actor: NodeId, (lineage, revision): (u64, u64)) {
        let fact = Fact::GroupRecovered { revision };
        self.out.happened(crate::outbox::Happened::Fact(Some(actor), fact));
        self.replica.share(now, SharedKey::Lineage, Shared::Lineage(lineage), &mut self.out);
    }

    fn rename(&mut self, now: Now, name: &str) -> Result<(), CommandError> {
        let name = name.trim().to_owned();
        let length = name.chars().count();
        if length == 0 || length > Self::MAX_NAME_LEN || name.chars().any(char::is_control) {
            return Err(CommandError::Invalid { field: "name", value: name });
        }
        let old = std::mem::replace(&mut self.profile.name, name.clone());
        if self.profile.cluster_name == old && self.roster.iter().count() == 1 {
            self.profile.cluster_name.clone_from(&name);
        }
        self.keep_profile(now, Fact::NodeRenamed { old, new: name });
        Ok(())
    }

    fn set_labels(
        &mut self,
        now: Now,
        labels: BTreeMap<String, String>,
    ) -> Result<(), CommandError> {
        let fits = |text: &String| text.chars().count() <= Self::MAX_NAME_LEN;
        let fit = labels.iter().all(|(key, value)| fits(key) && fits(value));
        if labels.len() > Self::MAX_LABELS || !fit {
            let value = format!("{labels:?}");
            return Err(CommandError::Invalid { field: "labels", value });
        }
        let shown = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        self.profile.labels = labels;
        self.keep_profile(now, Fact::LabelsSet { labels: shown });
        Ok(())
    }

    fn set_programs(&mut self, now: Now, programs: Programs) {
        self.profile.programs = programs;
        let cluster = programs == Programs::Cluster;
        self.keep_profile(now, Fact::ProgramsAllowed { cluster });
    }

    fn keep_profile(&mut self, now: Now, fact: Fact) {
        self.out.record(Record::Profile(self.profile.clone()));
        self.out.happened(crate::outbox::Happened::Fact(Some(self.me), fact));
        self.tell_pairing(now);
        self.say_summary();
    }
}

/// A command that supervision has no part in.
fn asking<T>(
    how: impl FnOnce(NodeId, T, Tables<'_>, &mut crate::outbox::Outbox) -> Result<(), CommandError>,
) -> impl FnOnce(
    &Supervision,
    NodeId,
    T,
    Tables<'_>,
    &mut crate::outbox::Outbox,
) -> Result<(), CommandError> {
    |_, actor, what, tables, out| how(actor, what, tables, out)
}
