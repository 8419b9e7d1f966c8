//! Which node a person means.

use covey_logic::NodeId;

use super::CliError;

/// The node that `text` names among `nodes`: by its whole id, by its name, or by the first digits
/// of its id.
pub(super) fn node(text: &str, nodes: &[(NodeId, &str)]) -> Result<NodeId, CliError> {
    if let Ok(id) = text.parse::<NodeId>() {
        return Ok(id);
    }
    let all = || nodes.iter().copied();
    let by_name: Vec<_> = all().filter(|(_, name)| *name == text).collect();
    let found = if by_name.is_empty() {
        let prefix = text.to_ascii_lowercase();
        let fits = |id: NodeId| prefix.len() >= MIN_DIGITS && id.to_string().starts_with(&prefix);
        all().filter(|(id, _)| fits(*id)).collect()
    } else {
        by_name
    };
    match found.as_slice() {
        [(id, _)] => Ok(*id),
        [] => Err(CliError::Failed(format!("no node is called {text:?} or has an id like it"))),
        several => {
            let list: Vec<_> =
                several.iter().map(|(id, name)| format!("{name} ({})", id.short())).collect();
            let list = list.join(", ");
            Err(CliError::Failed(format!("{text:?} can be any of {list}; use more of the id")))
        }
    }
}

/// Digits of an id that are no accident.
const MIN_DIGITS: usize = 4;
