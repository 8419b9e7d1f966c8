//! What is wanted under a name: an agent of its own, or one replica of another.

use std::sync::Arc;

use crate::{
    agent::{AgentSpec, Intent},
    ids::Name,
    replica::{Replica, Shared, SharedKey},
};

/// What is wanted under a name.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The name it runs under.
    pub name: Name,
    /// The specification it comes from; a replica's is that of all replicas.
    pub spec: &'a Arc<AgentSpec>,
    /// What is wanted of it.
    pub intent: Intent,
}

impl Wanted<'_> {
    /// The specification under the name that it runs by.
    #[must_use]
    pub fn own_spec(&self) -> Arc<AgentSpec> {
        if self.spec.name == self.name {
            Arc::clone(self.spec)
        } else {
            Arc::new(AgentSpec { name: self.name.clone(), ..AgentSpec::clone(self.spec) })
        }
    }
}

/// The specification and the intent that were asked for under exactly this name.
#[must_use]
pub fn asked<'a>(
    replica: &'a Replica,
    name: &Name,
) -> Option<(&'a Arc<AgentSpec>, &'a Arc<Intent>)> {
    Some((spec_of(replica, name)?, intent_of(replica, name)?))
}

/// What runs, or should, under `name`.
///
/// With replicas a specification is not itself an agent; each of its replicas is. A replica follows
/// the intent of all, unless a person wanted something of it alone: then the generation counts from
/// both, so that each restart of either is seen.
#[must_use]
pub fn wanted<'a>(replica: &'a Replica, name: &Name) -> Option<Wanted<'a>> {
    if let Some(spec) = spec_of(replica, name) {
        let intent = *intent_of(replica, name)?.as_ref();
        return (spec.copies() == 1).then(|| Wanted { name: name.clone(), spec, intent });
    }
    let base = base_of(name)?;
    let (spec, all) = asked(replica, &base)?;
    let number = number_of(name)?;
    if spec.copies() == 1 || number > spec.copies() {
        return None;
    }
    let intent = match intent_of(replica, name) {
        Some(own) => Intent { generation: all.generation + own.generation, ..*own.as_ref() },
        None => *all.as_ref(),
    };
    Some(Wanted { name: name.clone(), spec, intent })
}

/// The name that `name` would be a replica of.
#[must_use]
pub fn base_of(name: &Name) -> Option<Name> {
    number_of(name)?;
    let (base, _) = name.as_str().rsplit_once('.')?;
    Name::new(base).ok()
}

/// Which replica `name` would be, counted from 1.
fn number_of(name: &Name) -> Option<u32> {
    let (_, digits) = name.as_str().rsplit_once('.')?;
    let canonical = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    canonical.then(|| digits.parse().ok()).flatten()
}

/// The specification of exactly this name.
#[must_use]
pub fn spec_of<'a>(replica: &'a Replica, name: &Name) -> Option<&'a Arc<AgentSpec>> {
    let value = replica.shared().get(&SharedKey::Spec(name.clone()))?;
    if let Shared::Spec(spec) = value { Some(spec) } else { None }
}

/// The intent of exactly this name.
#[must_use]
pub fn intent_of<'a>(replica: &'a Replica, name: &Name) -> Option<&'a Arc<Intent>> {
    let value = replica.shared().get(&SharedKey::Intent(name.clone()))?;
    if let Shared::Intent(intent) = value { Some(intent) } else { None }
}
