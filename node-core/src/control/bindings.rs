//! The control interface in TypeScript, as one file that is generated and committed.

use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
};

use covey_logic::{
    agent::AgentSpec,
    event::EventRecord,
    node::{AgentView, NodeView, StatusView},
    pairing::PairingView,
    registry::ChangeView,
};
use ts_rs::{Config, TS, TypeVisitor};

use crate::{comms::LogLine, handle::TrafficView};

use super::{COMMANDS, CommandEntry, Frame, UiError, command, commands};

/// Where the file lies in the repository.
pub const FILE: &str = "ui/src/lib/ipc/bindings.ts";

/// What writes the file.
pub const GENERATE: &str =
    "cargo run -p covey-node --bin covey -- bindings > ui/src/lib/ipc/bindings.ts";

/// The topics in TypeScript: name, parameters, row.
const TOPICS: [(&str, &str, &str); 9] = [
    ("status", "Nothing", "StatusView"),
    ("nodes", "Nothing", "NodeView"),
    ("agents", "Nothing", "AgentView"),
    ("pairing", "Nothing", "PairingView"),
    ("traffic", "Nothing", "TrafficView"),
    ("events", "Nothing", "EventRecord"),
    ("logs", "{ name: string }", "LogLine"),
    ("names", "{ prefix?: string }", "ChangeView"),
    ("settings", "{ after?: number | null }", "SettingsVersion"),
];

/// The whole file.
#[must_use]
pub fn generate() -> String {
    let config = Config::new().with_large_int("number");
    let mut types = Types { config: &config, declared: BTreeMap::new(), seen: BTreeSet::new() };
    commands::visit_types(&mut types);
    types.visit::<AgentSpec>();
    types.visit::<Frame>();
    types.visit::<UiError>();
    types.visit::<CommandEntry>();
    types.visit::<StatusView>();
    types.visit::<NodeView>();
    types.visit::<AgentView>();
    types.visit::<PairingView>();
    types.visit::<TrafficView>();
    types.visit::<EventRecord>();
    types.visit::<LogLine>();
    types.visit::<ChangeView>();

    let declarations: Vec<String> = types.declared.into_values().collect();
    let command =
        |(name, arguments, reply)| format!("  {name:?}: {{ args: {arguments}; reply: {reply} }};");
    let commands: Vec<String> = commands::signatures(&config).into_iter().map(command).collect();
    let topics = TOPICS.map(|(name, params, row)| {
        format!("  {name}: {{ params: {params}; row: {row} & {{ id: string }} }};")
    });
    let table: Vec<String> =
        COMMANDS.iter().map(|entry| format!("  {},", command::write(entry))).collect();
    format!(
        "// Generated from the list of commands in node-core/src/control. Do not edit; run
// {GENERATE}

{}

/** What must be given of a specification: the node fills in the rest. */
export type SpecDraft = Pick<AgentSpec, \"name\" | \"runtime\"> & Partial<Omit<AgentSpec, \"placement\">> & {{ placement?: Partial<Placement> }};

/** No parameters. */
export type Nothing = Record<string, never>;

/** Each command: its arguments and its reply. */
export type Commands = {{
{}
}};

/** Each topic: its parameters and its rows, which all have an `id`. */
export type Topics = {{
{}
}};

/** Every command, in the order in which people should meet them. */
export const COMMANDS = [
{}
] as const satisfies readonly CommandEntry[];
",
        declarations.join("\n\n"),
        commands.join("\n"),
        topics.join("\n"),
        table.join("\n"),
    )
}

/// Collects the declaration of every type it meets, once, by name.
struct Types<'a> {
    config: &'a Config,
    declared: BTreeMap<String, String>,
    /// Types of the language that were looked into: a boxed type may lead back to itself.
    seen: BTreeSet<TypeId>,
}

impl TypeVisitor for Types<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() {
            // A type of the language; what it is made of may be one of ours.
            if self.seen.insert(TypeId::of::<T>()) {
                T::visit_generics(self);
                T::visit_dependencies(self);
            }
            return;
        }
        let name = T::ident(self.config);
        if self.declared.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}", T::decl(self.config));
        self.declared.insert(name, declaration);
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
