//! How a node is started: the settings file of its data folder, and what the command line adds.

use std::{
    collections::BTreeMap,
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::{NonZeroU8, NonZeroU32},
    path::{Path, PathBuf},
    time::Duration,
};

use covey_logic::{
    Name,
    agent::Programs,
    event_store::Retention,
    replica::Summary,
    settings::{Scope, setting},
};
use serde::{Deserialize, Deserializer};

use crate::net::{DEFAULT_FABRIC_PORT, DEFAULT_LOBBY_PORT};

mod folder;

pub use folder::rendezvous_dir;

/// How a node is started; what `covey.toml` in the data folder leaves out keeps its default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Where the node keeps its identity, its store and its agents' folders.
    #[serde(skip)]
    pub data_dir: PathBuf,
    /// The program that stands guard over agents' programs; without it, the running one.
    #[serde(skip)]
    pub guard: Option<PathBuf>,
    /// What the node is called; without it, what it was called last, and at first two words of its
    /// own.
    pub name: Option<String>,
    /// The port strangers knock at; 0: any that is free.
    pub lobby_port: u16,
    /// The port members connect to; 0: any that is free.
    pub fabric_port: u16,
    /// The addresses of this machine to listen on.
    pub listen: Vec<IpAddr>,
    /// Whether to look for others, and be found, by multicast on the LAN.
    pub mdns: bool,
    /// The folder where instances on this machine find each other, if they do.
    #[serde(deserialize_with = "rendezvous")]
    pub same_machine: Option<PathBuf>,
    /// Lobby addresses to try: `host`, `host:port`, an IP address, or a multiaddress.
    pub peers: Vec<String>,
    /// DNS names of nodes, each as `name` or `name:port`: a name without a port stands for what its
    /// SRV records `_covey._tcp.NAME` name, or else for its own addresses.
    pub dns: Vec<String>,
    /// The servers that are asked for them, each as `IP` or `IP:port`; none: the system's.
    #[serde(deserialize_with = "dns_servers")]
    pub dns_servers: Vec<SocketAddr>,
    /// A secret that admits whoever knows it, without a person; at least 16 characters.
    pub join_key: Option<Secret>,
    /// Whether a lone node asks a cluster nearby by itself to be let in.
    pub ask_by_itself: bool,
    /// Which programs of others this node runs; without it, what was last said.
    pub programs: Option<Programs>,
    /// Labels of this node; without it, those last set.
    pub labels: Option<BTreeMap<String, String>>,
    /// This node's share of the agents beside the others' weights, from 1 to 255.
    pub weight: NonZeroU8,
    /// How many agents this node holds at most.
    pub max_agents: u32,
    /// How many days events are kept.
    pub event_days: NonZeroU32,
    /// How many MiB of the disk the events of all nodes take together before the oldest go.
    pub event_mib: NonZeroU32,
    /// Where the control interface listens; port 0: any that is free.
    pub control: SocketAddr,
    /// What the settings that the cluster may agree on are at this node, if nobody sets them
    /// otherwise: `[settings]`, by key.
    #[serde(deserialize_with = "settings")]
    pub settings: BTreeMap<Name, String>,
    /// Settings about finding others that cannot be used and were left out: the node runs without
    /// them and says so.
    #[serde(skip)]
    pub unusable: Vec<Unusable>,
}

/// A setting that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Which setting.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Options {
    /// Settings about finding others: one that cannot be read is left out, because a node that
    /// nobody finds can still be asked why, and one that does not start cannot.
    const FORGIVEN: [&str; 5] = ["mdns", "same_machine", "peers", "dns", "dns_servers"];
    /// The settings file in the data folder.
    pub const FILE: &str = "covey.toml";
    /// The profile of those who name none.
    pub const DEFAULT_PROFILE: &str = "default";
    /// The longest name of a profile, in bytes: it is one component of a path.
    pub const MAX_PROFILE_LEN: usize = 40;

    /// The options of the profile `name`: its data folder under the user's, the settings file in
    /// it, fixed ports for the default profile and free ones for every other.
    ///
    /// # Errors
    ///
    /// See [`OptionsError`]; nothing is written.
    pub fn for_profile(name: &str) -> Result<Self, OptionsError> {
        let valid = !name.is_empty()
            && name.len() <= Self::MAX_PROFILE_LEN
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        if !valid {
            return Err(OptionsError::Profile(name.to_owned()));
        }
        let data_dir = folder::user_data_dir().ok_or(OptionsError::NoHome)?.join(name);
        let ports = if name == Self::DEFAULT_PROFILE {
            (DEFAULT_LOBBY_PORT, DEFAULT_FABRIC_PORT)
        } else {
            (0, 0)
        };
        Self::read(data_dir, ports)
    }

    /// The options of the data folder `data_dir`, with free ports unless its settings file states
    /// some.
    ///
    /// # Errors
    ///
    /// See [`OptionsError`]; nothing is written.
    pub fn in_folder(data_dir: PathBuf) -> Result<Self, OptionsError> {
        Self::read(data_dir, (0, 0))
    }

    fn read(data_dir: PathBuf, (lobby, fabric): (u16, u16)) -> Result<Self, OptionsError> {
        let path = data_dir.join(Self::FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(OptionsError::Read { path, source }),
        };
        let parse = |source| OptionsError::Parse { path: path.clone(), source: Box::new(source) };
        let mut table: toml::Table = text.parse().map_err(parse)?;
        let unusable = Self::take_unusable(&mut table);
        let states = |key| table.contains_key(key);
        let (lobby_stated, fabric_stated) = (states("lobby_port"), states("fabric_port"));
        // The text is read again where it can be, because its errors name a line.
        let mut options: Self = if unusable.is_empty() {
            toml::from_str(&text).map_err(parse)?
        } else {
            Self::deserialize(table).map_err(parse)?
        };
        options.unusable = unusable;
        if !lobby_stated {
            options.lobby_port = lobby;
        }
        if !fabric_stated {
            options.fabric_port = fabric;
        }
        options.data_dir = data_dir;
        Ok(options)
    }

    /// Takes the forgiven settings that cannot be read out of `table`.
    fn take_unusable(table: &mut toml::Table) -> Vec<Unusable> {
        let mut unusable = Vec::new();
        for key in Self::FORGIVEN {
            let Some(value) = table.get(key) else { continue };
            let alone = toml::Table::from_iter([(key.to_owned(), value.clone())]);
            if let Err(error) = Self::deserialize(alone) {
                let reason = error.message().trim().to_owned();
                tracing::warn!(key, reason, "setting left out");
                unusable.push(Unusable { key: key.to_owned(), reason });
                table.remove(key);
            }
        }
        unusable
    }

    /// How long events are kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        let (days, mib) = (self.event_days.get(), self.event_mib.get());
        Retention {
            age: Duration::from_secs(u64::from(days) * 24 * 60 * 60),
            bytes: u64::from(mib) << 20,
        }
    }

    /// What is stated of settings that the cluster may agree on.
    pub(crate) fn stated(&self) -> BTreeMap<Name, String> {
        let default = Self::default();
        let mut stated = self.settings.clone();
        let mut state = |key: &str, differs: bool, value: String| {
            if differs && let Some(setting) = setting(key) {
                stated.insert(setting.name(), value);
            }
        };
        state("placement.weight", self.weight != default.weight, self.weight.to_string());
        let most = self.max_agents;
        state("placement.max_agents", most != default.max_agents, most.to_string());
        let (days, mib) = (self.event_days, self.event_mib);
        state("events.age", days != default.event_days, format!("{days}d"));
        state("events.size", mib != default.event_mib, mib.to_string());
        let asks = self.ask_by_itself;
        state("pairing.ask_by_itself", asks != default.ask_by_itself, asks.to_string());
        stated
    }

    /// Where `file` of the node lies.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.data_dir.join(file)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::new(),
            guard: None,
            name: None,
            lobby_port: 0,
            fabric_port: 0,
            listen: vec![Ipv4Addr::UNSPECIFIED.into()],
            mdns: true,
            same_machine: Some(rendezvous_dir()),
            peers: Vec::new(),
            dns: Vec::new(),
            dns_servers: Vec::new(),
            unusable: Vec::new(),
            join_key: None,
            ask_by_itself: false,
            programs: None,
            labels: None,
            weight: NonZeroU8::new(Summary::DEFAULT_WEIGHT).unwrap_or(NonZeroU8::MIN),
            max_agents: Summary::MAX_AGENTS,
            event_days: NonZeroU32::new(30).unwrap_or(NonZeroU32::MIN),
            event_mib: NonZeroU32::new(1_024).unwrap_or(NonZeroU32::MIN),
            control: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            settings: BTreeMap::new(),
        }
    }
}

/// Text that no log may show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Settings that cannot be used. Nothing was started or written.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// Choose a name of 1 to 40 letters, digits, `_` and `-`.
    #[error("{0:?} cannot name a profile: use 1 to 40 letters, digits, '_' and '-'")]
    Profile(String),
    /// Set `HOME`, or name a data folder.
    #[error("this user has no home folder; name a data folder")]
    NoHome,
    /// Mend the file's permissions, or the disk.
    #[error("{} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Mend the line that the source names.
    #[error("{} is not understood", path.display())]
    Parse {
        /// Which file.
        path: PathBuf,
        /// Where, and what is wrong there.
        source: Box<toml::de::Error>,
    },
}

/// `true`, `false`, or the path of a folder.
fn rendezvous<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rendezvous {
        Wanted(bool),
        In(PathBuf),
    }
    Ok(match Rendezvous::deserialize(deserializer)? {
        Rendezvous::Wanted(true) => Some(rendezvous_dir()),
        Rendezvous::Wanted(false) => None,
        Rendezvous::In(path) => Some(path),
    })
}

/// IP addresses, each with a port or with that of DNS.
fn dns_servers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SocketAddr>, D::Error> {
    const DNS_PORT: u16 = 53;

    let read = |text: String| {
        let with_port = text.parse::<SocketAddr>();
        let plain = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, DNS_PORT));
        let wrong = |_| serde::de::Error::custom(format!("{text:?} is no IP address of a server"));
        with_port.or_else(|_| plain()).map_err(wrong)
    };
    Vec::<String>::deserialize(deserializer)?.into_iter().map(read).collect()
}

/// Settings by key, each of a value that it takes; the dots of a key may be tables.
fn settings<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Name, String>, D::Error> {
    let mut stated = BTreeMap::new();
    let mut tables = vec![(String::new(), toml::Table::deserialize(deserializer)?)];
    while let Some((prefix, table)) = tables.pop() {
        for (key, value) in table {
            let key = format!("{prefix}{key}");
            let text = match value {
                toml::Value::Table(inner) => {
                    tables.push((format!("{key}."), inner));
                    continue;
                }
                toml::Value::String(text) => text,
                other @ (toml::Value::Integer(_)
                | toml::Value::Float(_)
                | toml::Value::Boolean(_)
                | toml::Value::Datetime(_)
                | toml::Value::Array(_)) => other.to_string(),
            };
            let (key, text) = stated_setting(&key, &text).map_err(serde::de::Error::custom)?;
            stated.insert(key, text);
        }
    }
    Ok(stated)
}

fn stated_setting(key: &str, text: &str) -> Result<(Name, String), String> {
    let setting = setting(key).ok_or_else(|| format!("there is no setting {key}"))?;
    if setting.scope == Scope::Cluster {
        return Err(format!("{key} is set for the whole cluster alone"));
    }
    let value = setting.kind.parse(text);
    let value = value.map_err(|problem| format!("{key} cannot be {text:?}: {problem}"))?;
    Ok((setting.name(), value.to_string()))
}

/// Makes `dir` if it is missing, for this user alone.
///
/// # Errors
///
/// The operating system's.
pub(crate) fn create_private(dir: &Path) -> io::Result<()> {
    folder::create_private(dir)
}

/// Whether `dir` is a folder of this user that no other user can enter.
///
/// # Errors
///
/// Says what is wrong with it.
pub(crate) fn check_private(dir: &Path) -> io::Result<()> {
    folder::check_private(dir)
}

#[cfg(test)]
mod tests;
