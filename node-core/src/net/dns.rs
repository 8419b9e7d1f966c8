//! DNS names that stand for nodes, looked up again and again.
//!
//! A name without a port stands for what its SRV records `_covey._tcp.NAME` name (RFC 2782), if it
//! has any, and for its own addresses otherwise. What a name no longer lists is not knocked at any
//! more; nobody who was found by it is forgotten.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::RData,
};
use libp2p::Multiaddr;
use tokio::{sync::mpsc, time::timeout};

use super::{address, config::DEFAULT_LOBBY_PORT, error::KnockError};

/// How often each name is looked up.
pub(super) const INTERVAL: Duration = Duration::from_secs(30);
/// How long one question may take, and how often it is asked again.
const QUESTION: (Duration, usize) = (Duration::from_secs(2), 1);
/// How long the system may take for an address; it asks each of its servers in turn.
const SYSTEM_TIMEOUT: Duration = Duration::from_secs(5);
/// Addresses that one name may stand for.
const MAX_ADDRESSES: usize = 64;

/// A name from the settings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DnsName {
    /// As it was written.
    pub(super) text: Arc<str>,
    host: String,
    port: Option<u16>,
}

/// What a name stands for at the moment.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) name: Arc<str>,
    pub(super) result: Result<Vec<Multiaddr>, DnsError>,
}

/// Why a name stands for nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DnsError {
    /// There is no such name, or it has no addresses.
    #[error("{0:?} is not known to DNS, or has no address")]
    Unknown(String),
    /// No server answers.
    #[error("no DNS server answers")]
    Silent,
    /// The system names no server that can be asked.
    #[error("this machine has no DNS server set up: {0}")]
    NoServer(String),
    /// A server said something else.
    #[error("DNS failed: {0}")]
    Failed(String),
}

impl DnsName {
    /// Reads `name` or `name:port`.
    pub(super) fn parse(text: &str) -> Result<Self, KnockError> {
        let trimmed = text.trim().trim_end_matches('.');
        let bad = || KnockError::BadName(text.trim().to_owned());
        let (host, port) = match trimmed.rsplit_once(':') {
            None => (trimmed, None),
            Some((host, port)) => {
                let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)?;
                (host, Some(port))
            }
        };
        let plain = |label: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            (1..=63).contains(&label.len()) && label.chars().all(fits)
        };
        let is_name = host.len() <= 253 && host.split('.').all(plain);
        if !is_name || host.parse::<IpAddr>().is_ok() {
            return Err(bad());
        }
        Ok(Self { text: trimmed.into(), host: host.to_owned(), port })
    }
}

/// Looks `names` up every [`INTERVAL`], until nobody listens.
pub(super) async fn run(
    names: Vec<DnsName>,
    servers: Vec<SocketAddr>,
    looked: mpsc::Sender<Looked>,
) {
    let mut tick = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = looked.closed() => return,
        }
        let lookups = names.iter().map(|name| look_up(name, &servers));
        let results = futures::future::join_all(lookups).await;
        for (name, result) in names.iter().zip(results) {
            let name = Arc::clone(&name.text);
            if looked.send(Looked { name, result }).await.is_err() {
                return;
            }
        }
    }
}

async fn look_up(name: &DnsName, servers: &[SocketAddr]) -> Result<Vec<Multiaddr>, DnsError> {
    if let Some(port) = name.port {
        return addresses(&name.host, port, servers).await;
    }
    let resolver = resolver(servers);
    let services = match &resolver {
        Ok(resolver) => services(resolver, &name.host).await,
        Err(error) => Err(error.clone()),
    };
    match services {
        Ok(services) if !services.is_empty() => {
            let mut found = Vec::new();
            let mut failure = None;
            for (host, port) in services {
                match addresses(&host, port, servers).await {
                    Ok(more) => found.extend(more),
                    Err(error) => failure = Some(error),
                }
            }
            found.truncate(MAX_ADDRESSES);
            match failure {
                Some(failure) if found.is_empty() => Err(failure),
                Some(_) | None => Ok(found),
            }
        }
        // The system may know a name that DNS does not, from its hosts file for one.
        Ok(_) => addresses(&name.host, DEFAULT_LOBBY_PORT, servers).await,
        Err(error) => match addresses(&name.host, DEFAULT_LOBBY_PORT, servers).await {
            Ok(found) => Ok(found),
            Err(_) => Err(error),
        },
    }
}

/// A resolver for these servers, or for the system's, read afresh: a laptop changes them.
fn resolver(servers: &[SocketAddr]) -> Result<TokioResolver, DnsError> {
    let set_up = |error: NetError| DnsError::NoServer(error.to_string());
    let mut builder = if servers.is_empty() {
        TokioResolver::builder_tokio().map_err(set_up)?
    } else {
        let servers = servers.iter().map(|at| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let to_port = |mut connection: ConnectionConfig| {
                connection.port = at.port();
                connection
            };
            NameServerConfig::new(at.ip(), true, connections.map(to_port).into())
        });
        let config = ResolverConfig::from_name_servers(servers.collect());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    let options: &mut ResolverOpts = builder.options_mut();
    (options.timeout, options.attempts) = QUESTION;
    options.cache_size = 0;
    builder.build().map_err(set_up)
}

/// Where the service is, the preferred first; nowhere if the name has no such records.
async fn services(resolver: &TokioResolver, host: &str) -> Result<Vec<(String, u16)>, DnsError> {
    let lookup = match resolver.srv_lookup(format!("_covey._tcp.{host}.")).await {
        Ok(lookup) => lookup,
        Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
        Err(error) => return Err(cause(&error)),
    };
    let mut services = Vec::new();
    for record in lookup.answers() {
        if let RData::SRV(srv) = &record.data {
            services.push((srv.priority, srv.target.to_utf8(), srv.port));
        }
    }
    services.sort();
    services.truncate(MAX_ADDRESSES);
    // A root target says that there is no such service (RFC 2782, "Target").
    let real =
        |(_, host, port): (u16, String, u16)| (host != "." && port != 0).then_some((host, port));
    Ok(services.into_iter().filter_map(real).collect())
}

async fn addresses(
    host: &str,
    port: u16,
    servers: &[SocketAddr],
) -> Result<Vec<Multiaddr>, DnsError> {
    let host = host.trim_end_matches('.');
    let unknown = || DnsError::Unknown(host.to_owned());
    let ips: Vec<IpAddr> = if servers.is_empty() {
        let lookup = timeout(SYSTEM_TIMEOUT, tokio::net::lookup_host((host, port))).await;
        let found = lookup.ok().ok_or(DnsError::Silent)?.ok().ok_or_else(unknown)?;
        found.map(|at| at.ip()).collect()
    } else {
        let lookup = resolver(servers)?.lookup_ip(format!("{host}.")).await;
        let found = lookup.map_err(|error| match error.is_no_records_found() {
            true => unknown(),
            false => cause(&error),
        })?;
        found.iter().collect()
    };
    let mut found: Vec<_> = ips.into_iter().map(|ip| address::tcp(ip, port)).collect();
    found.sort();
    found.dedup();
    found.truncate(MAX_ADDRESSES);
    if found.is_empty() { Err(unknown()) } else { Ok(found) }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the resolver knows dozens of errors")]
fn cause(error: &NetError) -> DnsError {
    match error {
        NetError::Timeout | NetError::NoConnections => DnsError::Silent,
        NetError::Io(_) => DnsError::Silent,
        other => DnsError::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_may_have_a_port_and_is_no_address() {
        let parse = |text| DnsName::parse(text).map(|name| (name.host, name.port));

        assert_eq!(parse("nodes.lan"), Ok(("nodes.lan".to_owned(), None)));
        assert_eq!(parse(" nodes.lan.:4100 ").ok(), None);
        assert_eq!(parse("nodes.lan:4100"), Ok(("nodes.lan".to_owned(), Some(4_100))));
        for text in ["", "10.0.0.1", "a b", "nodes.lan:0", "nodes.lan:x", "a..b", "::1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
