//! What a command is to the doors: a name, a role, a word for people, and typed arguments.

use covey_logic::{Name, certificate::Role};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use ts_rs::TS;

use super::{Cause, UiError};

/// Typed arguments that know their command.
pub trait Request: Serialize + DeserializeOwned {
    /// The command's name on the wire.
    const COMMAND: &'static str;
    /// What comes back.
    type Reply: Serialize + DeserializeOwned;
}

/// A command in the table that palette, permissions and documents read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CommandEntry {
    /// Its name on the wire.
    pub name: &'static str,
    /// The least role that may.
    pub role: Role,
    /// How much confirmation a person must give.
    pub tier: Tier,
    /// What it does, in a few words.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Other words people look for it by.
    pub keywords: &'static [&'static str],
}

/// How much confirmation a command takes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// None: it reads, or it is easily taken back.
    T0,
    /// A sentence and a button.
    T1,
    /// The plan, and the name typed.
    T2,
    /// The name of the cluster typed, and a delay.
    T3,
}

/// Makes the table, the dispatch and the types out of the one list.
macro_rules! commands {
    ($(
        $name:literal $run:path: $request:ty => $reply:ty,
        $role:ident $tier:ident $title:literal $help:literal [$($keyword:literal),*];
    )*) => {
        /// Every command, in the order in which people should meet them.
        pub const COMMANDS: &[CommandEntry] = &[$(CommandEntry {
            name: $name,
            role: Role::$role,
            tier: Tier::$tier,
            title: $title,
            help: $help,
            keywords: &[$($keyword),*],
        }),*];

        $(impl Request for $request {
            const COMMAND: &'static str = $name;
            type Reply = $reply;
        })*

        /// Checks the role, reads the arguments, does what is asked, and writes the reply.
        pub(super) async fn dispatch(
            control: &Control,
            command: &str,
            arguments: Value,
        ) -> Result<Value, UiError> {
            match command {
                $($name => {
                    control.authorise(Role::$role).await?;
                    let actor = actor(&arguments);
                    let request: $request = read(arguments)?;
                    guard::admit(control, $name, actor).await?;
                    Ok(write(&Box::pin($run(control, request)).await?))
                })*
                _ => Err(Cause::UnknownCommand { command: command.to_owned() }.into()),
            }
        }

        /// Shows every type of every command to `visitor`.
        pub(super) fn visit_types(visitor: &mut impl TypeVisitor) {
            $(visitor.visit::<$request>(); visitor.visit::<$reply>();)*
        }

        /// The name, arguments and reply of each command in TypeScript.
        pub(super) fn signatures(config: &Config) -> Vec<(&'static str, String, String)> {
            vec![$(($name, <$request>::name(config), <$reply>::name(config))),*]
        }
    };
}
pub(super) use commands;

/// On whose behalf a command is, if its arguments say.
pub(super) fn actor(arguments: &Value) -> Option<Name> {
    Name::new(arguments.get("session")?.as_str()?).ok()
}

pub(super) fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, UiError> {
    let arguments = if arguments.is_null() { serde_json::json!({}) } else { arguments };
    serde_json::from_value(arguments)
        .map_err(|error| Cause::BadArguments { reason: error.to_string() }.into())
}

/// # Panics
///
/// If a view does not serialise, which is a fault of this crate: no view has a key that JSON lacks.
#[expect(clippy::expect_used, reason = "a view that JSON cannot express is a fault to be seen")]
pub(crate) fn write<T: Serialize>(reply: &T) -> Value {
    serde_json::to_value(reply).expect("every reply is expressible in JSON")
}
