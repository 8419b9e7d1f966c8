//! Which of the things of one name is meant.

use covey_logic::{
    Name,
    coordination::{Refused, Scope},
    merged::Reach,
};

use super::{Asks, Fence};
use crate::{
    control::{Cause, UiError},
    handle::Named,
};

/// How a counter or a variable is changed or read: with the others, or by this node alone.
pub(super) enum Way {
    /// A majority agrees.
    Agree,
    /// This node does it.
    Alone(Reach),
}

/// The scope that is meant: the one that is said, or the one in which the name is there; the
/// cluster's if it is new.
pub(super) async fn way(
    asks: &impl Asks,
    (named, name): (Named, &Name),
    said: Option<Scope>,
) -> Result<Way, UiError> {
    if named == Named::Counter && said == Some(Scope::Local) {
        let value = Scope::Local.to_string();
        return Err(Cause::Invalid { field: "scope".to_owned(), value }.into());
    }
    let there = asks.primitives().scopes(named, name.clone()).await?;
    let scope = match (said, there.as_slice()) {
        (Some(said), []) => said,
        (Some(said), there) if there.contains(&said) => said,
        (Some(_), [scope, ..]) => {
            return Err(refused(Refused::OtherScope { name: name.clone(), scope: *scope }));
        }
        (None, []) => Scope::Cluster,
        (None, [scope]) => *scope,
        (None, _) => return Err(refused(Refused::Ambiguous { name: name.clone() })),
    };
    Ok(match scope {
        Scope::Cluster => Way::Agree,
        Scope::Global => Way::Alone(Reach::Global),
        Scope::Local => Way::Alone(Reach::Local),
    })
}

/// Refuses what only a majority can promise.
pub(super) fn promise_nothing(
    reach: Reach,
    fence: Option<&Fence>,
    key: Option<&String>,
) -> Result<(), UiError> {
    match (fence, key) {
        (Some(_), _) => Err(unagreed(reach, "a fence")),
        (None, Some(_)) => Err(unagreed(reach, "a key")),
        (None, None) => Ok(()),
    }
}

/// What is asked for takes agreement, and there is none.
pub(super) fn unagreed(reach: Reach, what: &str) -> UiError {
    let scope = match reach {
        Reach::Local => Scope::Local,
        Reach::Global => Scope::Global,
    };
    refused(Refused::Unagreed { what: what.to_owned(), scope })
}

fn refused(reason: Refused) -> UiError {
    Cause::Disagreed { reason: Box::new(reason) }.into()
}
