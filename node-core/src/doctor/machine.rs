//! What the machine shows to whoever may read it: its firewall, and who holds a port.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::net::PortReport;

/// A firewall that a person may have switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Firewall {
    /// Uncomplicated Firewall.
    Ufw,
    /// `firewalld`.
    Firewalld,
}

/// What the machine shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// The firewall that seems to run, if one can be seen.
    pub(crate) firewall: Option<Firewall>,
    /// The program that holds each wanted port that this node does not have, if it can be seen.
    pub(crate) holders: Vec<(u16, String)>,
}

/// Looks at the machine; reads files, so not on a runtime's thread.
pub(crate) fn look(ports: &[PortReport]) -> Machine {
    let taken = ports.iter().filter(|port| port.wanted != 0 && port.has != Some(port.wanted));
    let holders = taken.filter_map(|port| Some((port.wanted, holder(port.wanted)?)));
    Machine { firewall: firewall(), holders: holders.collect() }
}

/// Both say on disk whether they are on; the rules themselves are for root's eyes.
fn firewall() -> Option<Firewall> {
    let ufw = fs::read_to_string("/etc/ufw/ufw.conf").unwrap_or_default();
    if ufw.lines().any(|line| line.trim().eq_ignore_ascii_case("enabled=yes")) {
        return Some(Firewall::Ufw);
    }
    Path::new("/run/firewalld").exists().then_some(Firewall::Firewalld)
}

/// The program that listens on a TCP port, as `name (process 12)`; Linux tells, and of other users'
/// programs it tells root alone.
fn holder(port: u16) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let inode = tables.iter().find_map(|table| listener(&fs::read_to_string(table).ok()?, port))?;
    let socket = PathBuf::from(format!("socket:[{inode}]"));
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        let Some(pid) = name.to_str().filter(|name| name.bytes().all(|b| b.is_ascii_digit()))
        else {
            continue;
        };
        let Ok(files) = fs::read_dir(process.path().join("fd")) else { continue };
        if files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|to| to == socket)) {
            let comm = fs::read_to_string(process.path().join("comm")).ok()?;
            return Some(format!("{} (process {pid})", comm.trim()));
        }
    }
    None
}

/// The inode of the socket that listens on `port`, in a table of `/proc/net` (`proc(5)`).
fn listener(table: &str, port: u16) -> Option<u64> {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    let listens = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        fields.next().is_some_and(|local| local.ends_with(&suffix))
            && fields.nth(1).is_some_and(|state| state == LISTEN)
    };
    table.lines().find(listens)?.split_whitespace().nth(9)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listener_is_found_by_its_port_and_state() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:125C 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 11 1 0\n   \
            1: 00000000:125C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22 1 0\n";

        assert_eq!(listener(table, 4_700), Some(22));
        assert_eq!(listener(table, 4_701), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn holder_of_a_port_is_named() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();

        let holder = holder(port).unwrap();

        assert!(holder.contains(&format!("(process {})", std::process::id())), "{holder}");
    }
}
