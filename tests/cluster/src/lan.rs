//! A switch with hosts on it, in namespaces.

use std::{
    fs::File,
    net::Ipv4Addr,
    os::fd::AsFd as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::{
    ip::{filter, in_namespace, ip},
    rights,
    sweep::{NAMESPACES, PREFIX, remove, sweep},
};

/// A switch and hosts 1 to `hosts`, each with one cable to it; gone when dropped.
#[derive(Debug)]
pub struct Lan {
    name: String,
    hosts: u8,
}

impl Lan {
    /// Groups that a network can be parted into.
    pub const MAX_GROUPS: usize = 3;

    /// A network of `hosts` hosts; none, and said so, where namespaces cannot be made.
    ///
    /// # Panics
    ///
    /// If they can and one is not, or if they are required and cannot be made.
    #[must_use]
    pub fn new(hosts: u8) -> Option<Arc<Self>> {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        if !rights::granted() {
            return None;
        }
        sweep();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let lan = Self { name: format!("{PREFIX}{}-{number}", std::process::id()), hosts };
        let switch = lan.switch();
        ip(&["netns", "add", &switch]);
        // Multicast goes to all, as through the cheap switches of a home. There is a bridge for
        // each group of a split, and the first for the network that is whole.
        let bridge = |number| {
            let kind = "type bridge mcast_snooping 0 forward_delay 0";
            format!("link add br{number} {kind}\nlink set br{number} up\n")
        };
        in_namespace(&switch, &(0..=Self::MAX_GROUPS).map(bridge).collect::<String>());
        for host in 1..=hosts {
            let namespace = lan.namespace(host);
            ip(&["netns", "add", &namespace]);
            let port = format!(
                "link add p{host} type veth peer name eth0 netns {namespace}\n\
                 link set p{host} master br0\n\
                 link set p{host} up\n"
            );
            in_namespace(&switch, &port);
            let host = format!(
                "link set lo up\n\
                 addr add {}/24 dev eth0\n\
                 link set eth0 up\n\
                 route add 224.0.0.0/4 dev eth0\n",
                Self::address(host)
            );
            in_namespace(&namespace, &host);
        }
        Some(Arc::new(lan))
    }

    /// The address of a host.
    #[must_use]
    pub fn address(host: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 0, host)
    }

    /// Cuts the cable of a host at the switch.
    pub fn unplug(&self, host: u8) {
        in_namespace(&self.switch(), &format!("link set p{host} down\n"));
    }

    /// Mends the cable of a host.
    pub fn plug(&self, host: u8) {
        in_namespace(&self.switch(), &format!("link set p{host} up\n"));
    }

    /// Parts the network: hosts of `groups` reach those of their own group alone, though every
    /// cable is plugged in; hosts in no group stay together.
    ///
    /// # Panics
    ///
    /// For more than [`Self::MAX_GROUPS`] groups.
    pub fn split(&self, groups: &[&[u8]]) {
        assert!(groups.len() <= Self::MAX_GROUPS, "{groups:?} are too many groups");
        let orders = (1..).zip(groups).flat_map(|(number, group)| {
            group.iter().map(move |host| format!("link set p{host} master br{number}\n"))
        });
        in_namespace(&self.switch(), &orders.collect::<String>());
    }

    /// Puts all hosts on one switch again.
    pub fn heal(&self) {
        let orders = (1..=self.hosts).map(|host| format!("link set p{host} master br0\n"));
        in_namespace(&self.switch(), &orders.collect::<String>());
    }

    /// Loses `percent` of the packets that a host sends; 0 ends it.
    pub fn lose(&self, host: u8, percent: u8) {
        let rule = match percent {
            0 => String::new(),
            100.. => "oif eth0 drop".to_owned(),
            percent => format!("oif eth0 numgen random mod 100 < {percent} drop"),
        };
        let table = "table inet loss";
        let chain = format!("chain out {{\ntype filter hook output priority 0\n{rule}\n}}");
        filter(
            &self.namespace(host),
            &format!("{table}\ndelete {table}\n{table} {{\n{chain}\n}}\n"),
        );
    }

    /// Drops what a host receives and sends if it matches one of `rules`, as `nft` writes them, such
    /// as `udp dport 5353`; without rules, nothing any more.
    pub fn shut(&self, host: u8, received: &[&str], sent: &[&str]) {
        let drops =
            |rules: &[&str]| rules.iter().map(|rule| format!("{rule} drop\n")).collect::<String>();
        let chain = |name: &str, rules: &[&str]| {
            format!("chain {name} {{\ntype filter hook {name} priority 0\n{}}}\n", drops(rules))
        };
        let (input, output) = (chain("input", received), chain("output", sent));
        let table = "table inet shut";
        filter(
            &self.namespace(host),
            &format!("{table}\ndelete {table}\n{table} {{\n{input}{output}}}\n"),
        );
    }

    /// Gives a host another address, as a new lease does; the old one is gone.
    pub fn readdress(&self, host: u8, address: Ipv4Addr) {
        let orders = format!(
            "addr flush dev eth0\naddr add {address}/24 dev eth0\n\
             route replace 224.0.0.0/4 dev eth0\n"
        );
        in_namespace(&self.namespace(host), &orders);
    }

    /// Does `work` in the network of a host: sockets that it opens and processes that it starts
    /// stay there.
    ///
    /// # Panics
    ///
    /// If `work` does, or the namespace cannot be entered.
    pub fn inside<T: Send>(&self, host: u8, work: impl FnOnce() -> T + Send) -> T {
        let path = Path::new(NAMESPACES).join(self.namespace(host));
        let enter = move || {
            let namespace = File::open(&path)?;
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
            Ok::<_, std::io::Error>(work())
        };
        let done = thread::scope(|scope| scope.spawn(enter).join());
        match done {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => panic!("host {host} of {} cannot be entered: {error}", self.name),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn switch(&self) -> String {
        format!("{}-sw", self.name)
    }

    fn namespace(&self, host: u8) -> String {
        assert!((1..=self.hosts).contains(&host), "there is no host {host}");
        format!("{}-h{host}", self.name)
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for host in 1..=self.hosts {
            remove(&self.namespace(host));
        }
        remove(&self.switch());
    }
}
