//! What is wrong with the disk, for people.

use std::path::Path;

use covey_logic::{node::ProblemView, replica::DiskState};

use super::Parts;
use crate::{consensus::Trouble, store::StoreTrouble, volume::Refusal};

/// What is wrong with the stores of a node, worst first.
pub(super) fn of(parts: &Parts) -> Vec<ProblemView> {
    let at = parts.store.path();
    let store = parts.store.trouble().map(|trouble| match trouble {
        StoreTrouble::Refused(refusal) => refused(at, refusal),
        StoreTrouble::Damaged { reason } => {
            ProblemView::StoreDamaged { path: at.display().to_string(), reason }
        }
    });
    let group = parts.agreement.trouble().borrow().clone();
    let path = |path: &Path| path.display().to_string();
    let group = group.map(|trouble| match trouble {
        Trouble::Filling { aside } => ProblemView::GroupFilling { aside: path(&aside) },
        Trouble::Damaged { path: at, reason } => {
            ProblemView::GroupDamaged { path: path(&at), reason }
        }
        Trouble::Unusable { path: at, reason } => {
            ProblemView::GroupUnusable { path: path(&at), reason }
        }
        Trouble::Stopped { path, refusal } => refused(&path, refusal),
    });
    store.into_iter().chain(group).collect()
}

/// The worst of it, for the other members.
pub(super) fn state(troubles: &[ProblemView]) -> DiskState {
    #[expect(clippy::wildcard_enum_match_arm, reason = "only what concerns the disk comes here")]
    let state = |trouble: &ProblemView| match trouble {
        ProblemView::DiskFull { .. } => DiskState::Full,
        ProblemView::DiskReadOnly { .. } => DiskState::ReadOnly,
        ProblemView::StoreDamaged { .. } | ProblemView::GroupDamaged { .. } => DiskState::Damaged,
        ProblemView::GroupFilling { .. } => DiskState::Filling,
        _ => DiskState::Fails,
    };
    troubles.iter().map(state).max().unwrap_or_default()
}

fn refused(path: &Path, refusal: Refusal) -> ProblemView {
    let path = path.display().to_string();
    match refusal {
        Refusal::Full { free_bytes } => ProblemView::DiskFull { path, free_bytes },
        Refusal::ReadOnly => ProblemView::DiskReadOnly { path },
        Refusal::Fails { reason } => ProblemView::DiskFails { path, reason },
    }
}
