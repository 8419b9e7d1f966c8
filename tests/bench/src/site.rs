//! The folders of the nodes of one measurement.

use std::{
    env,
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use covey_node::Options;
use tempfile::TempDir;

use crate::error::BenchError;

/// How a node meets others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Company {
    /// Not at all.
    Alone,
    /// In the site's folder; somebody accepts.
    Asking,
    /// In the site's folder; a join key admits it.
    Keyed,
    /// By multicast, on a network of its own.
    Multicast,
    /// The same; a join key admits it.
    KeyedMulticast,
}

/// A folder for everything; gone when dropped.
#[derive(Debug)]
pub(crate) struct Site(TempDir);

impl Site {
    pub(crate) fn new() -> Result<Self, BenchError> {
        tempfile::tempdir().map(Self).map_err(BenchError::io("make a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes the data folder of a node, with its settings in it.
    pub(crate) fn data(&self, node: &str, company: Company) -> Result<PathBuf, BenchError> {
        let data = self.path().join(node);
        let meeting = format!("same_machine = {:?}", self.path().join("meeting"));
        let loopback = "mdns = false\nlisten = [\"127.0.0.1\"]";
        let (apart, key) = ("same_machine = false", "join_key = \"key-of-the-bench\"");
        let company = match company {
            Company::Alone => format!("{loopback}\n{apart}"),
            Company::Asking => format!("{loopback}\n{meeting}"),
            Company::Keyed => format!("{loopback}\n{meeting}\n{key}"),
            Company::Multicast => apart.to_owned(),
            Company::KeyedMulticast => format!("{apart}\n{key}"),
        };
        let settings = format!("name = {node:?}\nprograms = \"cluster\"\n{company}\n");
        DirBuilder::new()
            .mode(0o700)
            .create(&data)
            .and_then(|()| fs::write(data.join(Options::FILE), settings))
            .map_err(BenchError::io("make a data folder"))?;
        Ok(data)
    }
}

/// The `covey` that was built beside the bench.
pub(crate) fn covey() -> Result<PathBuf, BenchError> {
    let bench = env::current_exe().map_err(BenchError::io("find this program"))?;
    let covey = bench.with_file_name("covey");
    if covey.is_file() {
        return Ok(covey);
    }
    let source = std::io::Error::new(std::io::ErrorKind::NotFound, covey.display().to_string());
    Err(BenchError::Io { what: "find covey beside the bench", source })
}
