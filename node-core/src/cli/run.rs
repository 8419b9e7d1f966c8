//! `covey node`: runs a node with no window.

use std::{env, sync::Arc};

use crate::{
    Options,
    control::{Control, Token, http::Door},
    driver, entropy, logging,
    options::Secret,
};

use super::{CliError, args::NodeArgs, out::Out};

/// Where a join key may be given, so that it is in no list of processes.
const JOIN_KEY: &str = "COVEY_JOIN_KEY";

/// Runs a node until it is told to stop.
pub(super) async fn node(mut options: Options, args: NodeArgs, out: &Out) -> Result<(), CliError> {
    logging::to_stderr();
    apply(&mut options, args)?;
    let (data, address) = (options.data_dir.clone(), options.control);
    let token = Token::new(entropy::bytes().map_err(driver::StartError::from)?);
    let handle = driver::start(options).await?;
    let control = Control::new(Arc::new(handle.clone()));
    let opened = open(&control, (address, token), &data).await;
    let (door, posted) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            handle.stop("its control door did not open").await;
            return Err(error);
        }
    };
    if out.json {
        out.json_line(posted.endpoint());
    } else {
        out.text(&format!("panel: {}", posted.endpoint().panel()));
    }
    let (reason, broken) = tokio::select! {
        () = control.stop_asked() => ("a person asked", None),
        signal = told_to_end() => (signal, None),
        cause = handle.stopped() => ("", Some(cause)),
    };
    door.close().await;
    match broken {
        Some(cause) => Err(CliError::Stopped(cause)),
        None => {
            handle.stop(reason).await;
            drop(posted);
            Ok(())
        }
    }
}

async fn open(
    control: &Control,
    (address, token): (std::net::SocketAddr, Token),
    data: &std::path::Path,
) -> Result<(Door, crate::control::endpoint::Posted), CliError> {
    let door = Door::open(control.clone(), address, token).await?;
    let post = door.endpoint().post(data);
    match post {
        Ok(posted) => Ok((door, posted)),
        Err(source) => {
            door.close().await;
            Err(CliError::Io { what: "write control.json", source })
        }
    }
}

/// Puts what was typed in place of what the settings file says.
fn apply(options: &mut Options, args: NodeArgs) -> Result<(), CliError> {
    let key = join_key(&args)?;
    if let Some(name) = args.name {
        options.name = Some(name);
    }
    if let Some(port) = args.lobby_port {
        options.lobby_port = port;
    }
    if let Some(port) = args.fabric_port {
        options.fabric_port = port;
    }
    if let Some(port) = args.control_port {
        options.control.set_port(port);
    }
    if !args.listen.is_empty() {
        options.listen = args.listen;
    }
    options.mdns &= !args.no_mdns;
    if args.no_same_machine {
        options.same_machine = None;
    }
    options.peers.extend(args.peer);
    options.dns.extend(args.dns);
    if let Some(key) = key {
        options.join_key = Some(Secret(key));
    }
    if let Some(programs) = args.programs {
        options.programs = Some(programs.into());
    }
    if let Some(weight) = args.weight {
        options.weight = weight;
    }
    if let Some(most) = args.max_agents {
        options.max_agents = most;
    }
    if !args.label.is_empty() {
        options.labels = Some(args.label.into_iter().collect());
    }
    Ok(())
}

/// The key that admits unattended nodes, without the end of its line.
fn join_key(args: &NodeArgs) -> Result<Option<String>, CliError> {
    let key = match &args.join_key_file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            CliError::Usage(format!("cannot read the join key {}: {error}", path.display()))
        })?),
        None => env::var(JOIN_KEY).ok(),
    };
    let key = key.map(|key| key.trim().to_owned());
    if key.as_ref().is_some_and(|key| key.chars().count() < MIN_KEY_LEN) {
        return Err(CliError::Usage(format!("a join key has {MIN_KEY_LEN} characters or more")));
    }
    Ok(key)
}

/// Characters of a join key: 16 random hexadecimal digits are 64 bits.
const MIN_KEY_LEN: usize = 16;

/// Waits for Ctrl-C, or for the signal by which a service is ended.
#[cfg(unix)]
async fn told_to_end() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        reason = interrupted() => reason,
        _ = terminate.recv() => "SIGTERM",
    }
}

#[cfg(not(unix))]
async fn told_to_end() -> &'static str {
    interrupted().await
}

async fn interrupted() -> &'static str {
    match tokio::signal::ctrl_c().await {
        Ok(()) => "Ctrl-C",
        // There is nothing to listen to; the node still stops when asked.
        Err(_) => std::future::pending().await,
    }
}
