//! The control interface in TypeScript, as one file that is generated and committed.

use std::collections::BTreeMap;

use covey_logic::{
    agent::AgentSpec,
    event::EventRecord,
    node::{AgentView, NodeView, StatusView},
    pairing::PairingView,
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
const TOPICS: [(&str, &str, &str); 7] = [
    ("status", "Nothing", "StatusView"),
    ("nodes", "Nothing", "NodeView"),
    ("agents", "Nothing", "AgentView"),
    ("pairing", "Nothing", "PairingView"),
    ("traffic", "Nothing", "TrafficView"),
    ("events", "Nothing", "EventRecord"),
    ("logs", "{ name: string }", "LogLine"),
];

/// The whole file.
#[must_use]
pub fn generate() -> String {
    let config = Config::new().with_large_int("number");
    let mut types = Types { config: &config, declared: BTreeMap::new() };
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

    let mut text = format!(
        "// Generated from the list of commands in node-core/src/control. Do not edit; run\n// {GENERATE}\n"
    );
    for declaration in types.declared.values() {
        text.push('\n');
        text.push_str(declaration);
        text.push('\n');
    }
    text.push_str("\n/** What must be given of a specification: the node fills in the rest. */\n");
    text.push_str(
        "export type SpecDraft = Pick<AgentSpec, \"name\" | \"runtime\"> & Partial<AgentSpec>;\n",
    );
    text.push_str("\n/** No parameters. */\nexport type Nothing = Record<string, never>;\n");
    text.push_str(
        "\n/** Each command: its arguments and its reply. */\nexport type Commands = {\n",
    );
    for (name, arguments, reply) in commands::signatures(&config) {
        text.push_str(&format!("  {name:?}: {{ args: {arguments}; reply: {reply} }};\n"));
    }
    text.push_str("};\n\n/** Each topic: its parameters and its rows, which all have an `id`. */\nexport type Topics = {\n");
    for (name, params, row) in TOPICS {
        text.push_str(&format!(
            "  {name}: {{ params: {params}; row: {row} & {{ id: string }} }};\n"
        ));
    }
    text.push_str(
        "};\n\n/** Every command, in the order in which people should meet them. */\n\
         export const COMMANDS = [\n",
    );
    for entry in COMMANDS {
        text.push_str(&format!("  {},\n", command::write(entry)));
    }
    text.push_str("] as const satisfies readonly CommandEntry[];\n");
    text
}

/// Collects the declaration of every type it meets, once, by name.
struct Types<'a> {
    config: &'a Config,
    declared: BTreeMap<String, String>,
}

impl TypeVisitor for Types<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() {
            // A type of the language; what it is made of may be one of ours.
            T::visit_generics(self);
            T::visit_dependencies(self);
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
