//! The addresses of this machine.

use std::{io, net::Ipv4Addr};

use if_addrs::{IfAddr, IfOperStatus, Interface};

use super::report::InterfaceAddress;

/// Every address of this machine but those of loopback.
///
/// # Errors
///
/// The operating system's.
pub(super) fn addresses() -> io::Result<Vec<InterfaceAddress>> {
    Ok(if_addrs::get_if_addrs()?
        .into_iter()
        .filter(|found| !found.is_loopback())
        .map(|found| InterfaceAddress { ip: found.ip(), up: is_up(&found), interface: found.name })
        .collect())
}

/// The interfaces that multicast may go through, each with one IPv4 address.
///
/// # Errors
///
/// The operating system's.
pub(super) fn for_multicast() -> io::Result<Vec<(String, Ipv4Addr)>> {
    Ok(if_addrs::get_if_addrs()?
        .into_iter()
        .filter(|found| !found.is_loopback() && !found.is_p2p() && is_up(found))
        .filter_map(|found| match found.addr {
            IfAddr::V4(v4) => Some((found.name, v4.ip)),
            IfAddr::V6(_) => None,
        })
        .collect())
}

/// Unix says of an interface that it runs, or nothing; Windows says of some that it does not know.
fn is_up(found: &Interface) -> bool {
    found.is_oper_up() || (cfg!(windows) && found.oper_status == IfOperStatus::Unknown)
}
