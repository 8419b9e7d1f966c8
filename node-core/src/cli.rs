//! The command line: the headless node, and every step that the panel can do.
//!
//! Each verb but `node` is a client: it finds the running node by `control.json` in the data folder
//! and speaks to its control door. Results go to standard output, as tables for people or, with
//! `--json`, as JSON for programs; progress and errors go to standard error.

mod agent;
mod archive;
mod args;
mod client;
mod coordination;
mod doctor;
mod error;
mod event;
mod find;
mod guard;
mod market;
mod message;
mod monitor;
mod moving;
mod name;
mod node;
mod out;
mod pairing;
mod place;
mod run;
mod session;
mod setting;
mod spec;
mod store;
mod task;
#[cfg(test)]
mod tests;
mod wait;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Covey, Verb};
use client::Client;
use error::CliError;
use out::Out;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let covey = Covey::parse();
    let out = Out::new(covey.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return out.fail(&CliError::Io { what: "start threads", source: error }),
    };
    match runtime.block_on(Box::pin(run(covey, &out))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => out.fail(&error),
    }
}

async fn run(covey: Covey, out: &Out) -> Result<(), CliError> {
    let place = covey.place;
    if let Verb::Bindings = covey.verb {
        out.text(crate::control::bindings::generate().trim_end());
        return Ok(());
    }
    if let Verb::Node(node) = covey.verb {
        let Some(verb) = node.verb else {
            return run::node(place.options()?, *node, out).await;
        };
        return moving::node(&Client::find(&place.data_folder()?)?, out, verb).await;
    }
    if let Verb::Store { verb } = covey.verb {
        return store::run(&place.options()?, out, &verb).await;
    }
    let client = Client::find(&place.data_folder()?)?;
    match covey.verb {
        Verb::Node(_) | Verb::Store { .. } | Verb::Bindings => Ok(()),
        Verb::Rebalance { verb } => moving::rebalance(&client, out, verb).await,
        Verb::Status => node::status(&client, out).await,
        Verb::Coordination { verb } => coordination::coordination(&client, out, verb).await,
        Verb::Lock { verb } => coordination::lock(&client, out, verb).await,
        Verb::Election { verb } => coordination::election(&client, out, verb).await,
        Verb::Semaphore { verb } => coordination::semaphore(&client, out, verb).await,
        Verb::Barrier { verb } => coordination::barrier(&client, out, verb).await,
        Verb::Decision { verb } => coordination::decision(&client, out, verb).await,
        Verb::Counter { verb } => coordination::counter(&client, out, verb).await,
        Verb::Variable { verb } => coordination::variable(&client, out, verb).await,
        Verb::Metrics { verb } => monitor::metrics(&client, out, verb).await,
        Verb::Top => monitor::top(&client, out).await,
        Verb::Alert { verb } => monitor::alert(&client, out, verb).await,
        Verb::Guard { verb } => guard::run(&client, out, verb).await,
        Verb::Session { verb } => session::run(&client, out, verb).await,
        Verb::Setting { verb } => setting::run(&client, out, verb).await,
        Verb::Doctor => doctor::doctor(&client, out).await,
        Verb::Nodes => node::nodes(&client, out).await,
        Verb::Rename { name } => node::rename(&client, out, name).await,
        Verb::Label { labels, none: _ } => node::label(&client, out, labels).await,
        Verb::Allow { programs } => node::allow(&client, out, programs.into()).await,
        Verb::Revoke { node } => node::revoke(&client, out, &node).await,
        Verb::Stop => node::stop(&client, out, &place.data_folder()?).await,
        Verb::Nearby => pairing::nearby(&client, out).await,
        Verb::Requests => pairing::requests(&client, out).await,
        Verb::Ask(ask) => pairing::ask(&client, out, ask).await,
        Verb::Withdraw => pairing::withdraw(&client, out).await,
        Verb::Accept { node, role } => pairing::accept(&client, out, &node, role.into()).await,
        Verb::Refuse { node } => pairing::refuse(&client, out, &node).await,
        Verb::Invite { role, ttl } => pairing::invite(&client, out, role.into(), ttl).await,
        Verb::Uninvite { id } => pairing::uninvite(&client, out, id).await,
        Verb::Join(join) => pairing::join(&client, out, join).await,
        Verb::Agent { verb } => agent::run(&client, out, verb).await,
        Verb::Topic { verb } => message::topic(&client, out, verb).await,
        Verb::Task { verb } => task::run(&client, out, verb).await,
        Verb::Balancer { verb } => task::balancer(&client, out, verb).await,
        Verb::Events { verb } => event::run(&client, out, verb).await,
        Verb::Auction { verb } => market::auction(&client, out, verb).await,
        Verb::Ledger { verb } => market::ledger(&client, out, verb).await,
        Verb::Names { verb } => name::run(&client, out, verb).await,
    }
}
