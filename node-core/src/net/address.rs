//! Addresses: as people type them, as libp2p writes them, and which of them are worth a dial.

use std::{net::IpAddr, time::Duration};

use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};

use super::{config::DEFAULT_LOBBY_PORT, error::KnockError, limits::MAX_DIAL_ADDRESSES};

/// How long looking up a name may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// An address that a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A multiaddress with an IP address in it.
    Exact(Multiaddr),
    /// A name to look up, or an IP address, and a port.
    Host(String, u16),
}

impl Typed {
    /// Reads `host`, `host:port`, `[v6]:port`, an IP address, or a multiaddress.
    pub(super) fn parse(text: &str) -> Result<Self, KnockError> {
        let text = text.trim();
        let bad = || KnockError::BadAddress(text.to_owned());
        if text.starts_with('/') {
            return text.parse().ok().and_then(Self::from_multiaddr).ok_or_else(bad);
        }
        let host = |host: &str, port| {
            let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
            let fits = !host.is_empty() && host.len() <= 253 && host.chars().all(plain);
            fits.then(|| Self::Host(host.to_owned(), port)).ok_or_else(bad)
        };
        if let Some(rest) = text.strip_prefix('[') {
            let (ip, port) = rest.split_once(']').ok_or_else(bad)?;
            let port = match port.strip_prefix(':') {
                Some(port) => parse_port(port).ok_or_else(bad)?,
                None if port.is_empty() => DEFAULT_LOBBY_PORT,
                None => return Err(bad()),
            };
            return host(ip, port);
        }
        match text.rsplit_once(':') {
            // Two colons without brackets are an IPv6 address.
            Some((name, port)) if !name.contains(':') => {
                host(name, parse_port(port).ok_or_else(bad)?)
            }
            Some(_) | None => host(text, DEFAULT_LOBBY_PORT),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "libp2p knows some forty protocols")]
    fn from_multiaddr(address: Multiaddr) -> Option<Self> {
        if ip_of(&address).is_some() {
            return (is_tcp(&address) || is_quic(&address)).then_some(Self::Exact(address));
        }
        let mut parts = address.iter();
        let host = match parts.next()? {
            Protocol::Dns(host) | Protocol::Dns4(host) | Protocol::Dns6(host) => host.into_owned(),
            _ => return None,
        };
        match parts.next()? {
            Protocol::Tcp(port) => Some(Self::Host(host, port)),
            _ => None,
        }
    }

    /// The multiaddresses it stands for at the moment; names are looked up.
    pub(super) async fn resolve(&self) -> Result<Vec<Multiaddr>, KnockError> {
        let (host, port) = match self {
            Self::Exact(address) => return Ok(vec![address.clone()]),
            Self::Host(host, port) => (host, *port),
        };
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(vec![tcp(ip, port)]);
        }
        let unknown = || KnockError::UnknownHost(host.clone());
        let lookup = tokio::net::lookup_host((host.as_str(), port));
        let found = tokio::time::timeout(LOOKUP_TIMEOUT, lookup).await;
        let found = found.ok().and_then(Result::ok).ok_or_else(unknown)?;
        let found: Vec<_> =
            found.map(|at| tcp(at.ip(), at.port())).take(MAX_DIAL_ADDRESSES).collect();
        if found.is_empty() { Err(unknown()) } else { Ok(found) }
    }
}

/// Port 0 is no port to knock at.
fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

/// The multiaddress of a TCP port.
pub(super) fn tcp(ip: IpAddr, port: u16) -> Multiaddr {
    Multiaddr::from(ip).with(Protocol::Tcp(port))
}

/// The multiaddress of a QUIC port.
pub(super) fn quic(ip: IpAddr, port: u16) -> Multiaddr {
    Multiaddr::from(ip).with(Protocol::Udp(port)).with(Protocol::QuicV1)
}

/// The IP address that a multiaddress begins with.
#[expect(clippy::wildcard_enum_match_arm, reason = "libp2p knows some forty protocols")]
pub(super) fn ip_of(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(ip.into()),
        _ => None,
    }
}

/// The TCP port in a multiaddress.
pub(super) fn tcp_port(address: &Multiaddr) -> Option<u16> {
    address.iter().find_map(|part| if let Protocol::Tcp(port) = part { Some(port) } else { None })
}

/// Whether a multiaddress is of this machine alone.
pub(super) fn is_loopback(address: &Multiaddr) -> bool {
    ip_of(address).is_some_and(|ip| ip.is_loopback())
}

fn is_tcp(address: &Multiaddr) -> bool {
    address.iter().any(|part| matches!(part, Protocol::Tcp(_)))
}

fn is_quic(address: &Multiaddr) -> bool {
    address.iter().any(|part| matches!(part, Protocol::QuicV1))
}

/// The peer that a multiaddress names at its end.
pub(super) fn peer_in(address: &Multiaddr) -> Option<PeerId> {
    address.iter().find_map(|part| if let Protocol::P2p(peer) = part { Some(peer) } else { None })
}

/// A multiaddress without the peer at its end.
pub(super) fn without_peer(address: &Multiaddr) -> Multiaddr {
    address.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect()
}

/// The multiaddresses among `texts` that can be dialled, each once.
pub(super) fn parse_all(texts: &[String]) -> Vec<Multiaddr> {
    let mut addresses = Vec::new();
    for text in texts {
        if let Ok(address) = text.parse::<Multiaddr>() {
            let address = without_peer(&address);
            if ip_of(&address).is_some() && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    addresses
}

/// What of `candidates` to dial, best first: TCP before QUIC, because a dead process refuses TCP
/// at once and says nothing over QUIC; and loopback addresses only if the peer may be on this
/// machine, because on another they lead to someone else.
pub(super) fn worth_dialling(candidates: Vec<Multiaddr>, own: &[Multiaddr]) -> Vec<Multiaddr> {
    let here = candidates.iter().all(is_loopback)
        || candidates.iter().any(|candidate| {
            !is_loopback(candidate) && own.iter().any(|own| ip_of(own) == ip_of(candidate))
        });
    let reachable: Vec<_> =
        candidates.into_iter().filter(|address| here || !is_loopback(address)).collect();
    let any_tcp = reachable.iter().any(is_tcp);
    reachable
        .into_iter()
        .filter(|address| if any_tcp { is_tcp(address) } else { is_quic(address) })
        .take(MAX_DIAL_ADDRESSES)
        .collect()
}

/// What of the addresses listened on to tell others: those of this machine alone last, and only if
/// `same_machine` or if there are no others.
pub(super) fn worth_telling(listening: &[Multiaddr], same_machine: bool) -> Vec<String> {
    let (here, reachable): (Vec<_>, Vec<_>) =
        listening.iter().partition(|address| is_loopback(address));
    let tell_here = same_machine || reachable.is_empty();
    let here = here.into_iter().filter(|_| tell_here);
    reachable.into_iter().chain(here).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<Multiaddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn typed_forms_name_host_and_port() {
        let host = |host: &str, port| Ok(Typed::Host(host.to_owned(), port));

        assert_eq!(Typed::parse("box"), host("box", 4700));
        assert_eq!(Typed::parse(" box.local:5000 "), host("box.local", 5000));
        assert_eq!(Typed::parse("1.2.3.4"), host("1.2.3.4", 4700));
        assert_eq!(Typed::parse("1.2.3.4:4001"), host("1.2.3.4", 4001));
        assert_eq!(Typed::parse("[fe80::1]:4001"), host("fe80::1", 4001));
        assert_eq!(Typed::parse("fe80::1"), host("fe80::1", 4700));
        assert_eq!(Typed::parse("/dns4/box/tcp/7"), host("box", 7));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "a b", "box:", "box:0", "box:70000", "/ip4/1.2.3.4", "/nonsense", "[::1"] {
            assert_eq!(Typed::parse(text), Err(KnockError::BadAddress(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn loopback_of_another_machine_is_not_dialled() {
        let own = addresses(&["/ip4/10.0.0.1/tcp/4701"]);
        let peer = addresses(&["/ip4/10.0.0.2/tcp/4701", "/ip4/127.0.0.1/tcp/4701"]);

        assert_eq!(worth_dialling(peer.clone(), &own), peer[..1]);
        assert_eq!(worth_dialling(peer.clone(), &peer[..1]), peer);
        assert_eq!(worth_dialling(peer[1..].to_vec(), &own), peer[1..]);
    }

    #[test]
    fn quic_is_dialled_only_where_there_is_no_tcp() {
        let peer = addresses(&["/ip4/10.0.0.2/udp/1/quic-v1", "/ip4/10.0.0.2/tcp/1"]);

        assert_eq!(worth_dialling(peer.clone(), &[]), peer[1..]);
        assert_eq!(worth_dialling(peer[..1].to_vec(), &[]), peer[..1]);
    }

    #[test]
    fn loopback_is_told_last_and_only_where_it_serves() {
        let all = addresses(&["/ip4/127.0.0.1/tcp/1", "/ip4/10.0.0.2/tcp/1"]);

        assert_eq!(worth_telling(&all, true), ["/ip4/10.0.0.2/tcp/1", "/ip4/127.0.0.1/tcp/1"]);
        assert_eq!(worth_telling(&all, false), ["/ip4/10.0.0.2/tcp/1"]);
        assert_eq!(worth_telling(&all[..1], false), ["/ip4/127.0.0.1/tcp/1"]);
    }
}
