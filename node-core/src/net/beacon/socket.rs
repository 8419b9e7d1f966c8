//! The sockets of the beacon.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
};

use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};
use tokio::net::UdpSocket;

/// The group and port of multicast DNS (RFC 6762, section 3).
const GROUP: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(224, 0, 0, 251), 5353);
/// Hops that a beacon may take, as multicast DNS asks for (RFC 6762, section 11); the group is of
/// the link alone, so that no router passes it on.
const TTL: u32 = 255;

/// A socket that hears the group on each of these interfaces, beside other programs.
pub(super) fn open(interfaces: &[Ipv4Addr]) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    let anywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, GROUP.port()));
    socket.bind(&anywhere.into())?;
    for ip in interfaces {
        socket.join_multicast_v4_n(GROUP.ip(), &InterfaceIndexOrAddress::Address(*ip))?;
    }
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}

/// Sends to the group through one interface; it takes no time.
pub(super) fn send(interface: Ipv4Addr, bytes: &[u8]) -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((interface, 0)).into())?;
    socket.set_multicast_if_v4(&interface)?;
    socket.set_multicast_loop_v4(true)?;
    socket.set_multicast_ttl_v4(TTL)?;
    socket.send_to(bytes, &SocketAddr::V4(GROUP).into()).map(drop)
}
