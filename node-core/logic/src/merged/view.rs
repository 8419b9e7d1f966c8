//! Pictures for people.

use crate::{
    coordination::{ConflictView, CounterView, Scope, VariableRow, VariableView},
    ids::{Name, NodeId},
    merged::{Count, LocalVariable, Reading},
};

impl Count {
    /// The picture of a counter of this name.
    #[must_use]
    pub fn view(self, name: &Name) -> CounterView {
        let scope = Scope::Global;
        CounterView {
            name: name.clone(),
            scope,
            value: self.value.to_string(),
            version: self.changes,
        }
    }
}

impl Reading {
    /// The picture of a variable of this name, at the version that it has here.
    #[must_use]
    pub fn view(self, name: &Name, version: u64) -> Option<VariableView> {
        let by = self.writes.last().map(|(writer, _)| writer.node)?;
        let several = self.writes.len() > 1;
        let conflict = self.writes.into_iter().filter(|_| several).filter_map(|(writer, write)| {
            Some(ConflictView { value: write.value?, by: writer.node, at: write.at.0 })
        });
        Some(VariableView {
            name: name.clone(),
            scope: Scope::Global,
            value: self.value,
            version,
            by,
            conflict: conflict.collect(),
            terms: self.merge.terms,
            strategy: Some(self.merge.strategy),
            history: Vec::new(),
        })
    }
}

impl LocalVariable {
    /// The picture of a variable of this name on this node.
    #[must_use]
    pub fn view(&self, name: &Name, me: NodeId) -> VariableView {
        VariableView {
            name: name.clone(),
            scope: Scope::Local,
            value: Some(self.value.clone()),
            version: self.version,
            by: me,
            terms: self.terms.clone(),
            strategy: None,
            conflict: Vec::new(),
            history: Vec::new(),
        }
    }
}

impl VariableRow {
    /// The row of a variable that was looked at whole.
    #[must_use]
    pub fn of(view: &VariableView) -> Self {
        let beside = view.conflict.iter().map(|it| it.value.len()).sum();
        let bytes = view.value.as_ref().map_or(beside, String::len);
        Self {
            name: view.name.clone(),
            scope: view.scope,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
            version: view.version,
            by: view.by,
            strategy: view.strategy,
            writes: u32::try_from(view.conflict.len().max(1)).unwrap_or(u32::MAX),
        }
    }
}
