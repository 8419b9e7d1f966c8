//! What is wrong with the disk, for people.

use std::path::Path;

use covey_logic::node::ProblemView;

use super::Parts;
use crate::{consensus::Trouble, volume::Refusal};

/// What is wrong with the stores of a node, worst first.
pub(super) fn of(parts: &Parts) -> Vec<ProblemView> {
    let store = parts.store.refusal().map(|refusal| refused(parts.store.path(), refusal));
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

fn refused(path: &Path, refusal: Refusal) -> ProblemView {
    let path = path.display().to_string();
    match refusal {
        Refusal::Full { free_bytes } => ProblemView::DiskFull { path, free_bytes },
        Refusal::ReadOnly => ProblemView::DiskReadOnly { path },
        Refusal::Fails { reason } => ProblemView::DiskFails { path, reason },
    }
}
