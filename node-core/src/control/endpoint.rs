//! The file by which the command line finds the node of a data folder.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Where a node's control interface is, and what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The token of this launch.
    pub token: String,
    /// The process.
    pub pid: u32,
}

/// The file while the node runs; dropping it removes it.
#[derive(Debug)]
pub struct Posted {
    path: PathBuf,
    endpoint: Endpoint,
}

impl Endpoint {
    /// The file's name in the data folder.
    pub const FILE: &str = "control.json";

    /// Writes the file, for this user's eyes alone, in place of one that a crash left behind.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn post(self, data: &Path) -> io::Result<Posted> {
        let path = data.join(Self::FILE);
        let draft = data.join("control.json.new");
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(&self)?)?;
        drop(file);
        fs::rename(&draft, &path)?;
        Ok(Posted { path, endpoint: self })
    }

    /// Reads the file, if there is one.
    ///
    /// # Errors
    ///
    /// What the operating system says, or that it is no such file.
    pub fn find(data: &Path) -> io::Result<Option<Self>> {
        match fs::read(data.join(Self::FILE)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The panel's address; the token is a fragment, which is sent nowhere.
    #[must_use]
    pub fn panel(&self) -> String {
        format!("{}/#token={}", self.url, self.token)
    }
}

impl Posted {
    /// What the file says.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Drop for Posted {
    fn drop(&mut self) {
        // Another node may have taken the folder over since.
        let data = self.path.parent().unwrap_or(Path::new("."));
        let ours = matches!(Endpoint::find(data), Ok(Some(found)) if found == self.endpoint);
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "Leaving the control file behind");
        }
    }
}
