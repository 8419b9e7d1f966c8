//! Verbs about the data folder of a node that does not run.

use super::{CliError, args::StoreVerb, out::Out};
use crate::{Options, driver, store::SetAside};

pub(super) async fn run(options: &Options, out: &Out, verb: &StoreVerb) -> Result<(), CliError> {
    match verb {
        StoreVerb::SetAside => {
            let done = driver::set_aside(options).await?;
            let json =
                serde_json::json!({ "aside": done.path, "knows_cluster": done.knows_cluster });
            out.result(&json, || said(&done));
            Ok(())
        }
    }
}

fn said(done: &SetAside) -> String {
    let place = match &done.path {
        Some(path) => format!("the damaged database is in {}", path.display()),
        None => "there was nothing left of the database".to_owned(),
    };
    if done.knows_cluster {
        format!(
            "{place}; start the node: it comes back to its cluster, and the others fill it again"
        )
    } else {
        format!(
            "{place}; what the node knew of its cluster is lost as well: it starts with one of its \
             own, and can ask to be let in"
        )
    }
}
