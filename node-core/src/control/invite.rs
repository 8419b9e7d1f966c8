//! An invite as a link that people send each other.

use std::{fmt, str::FromStr};

use covey_logic::{
    NodeId,
    ids::{hex, unhex},
};

/// Where to go, whom to expect there, and the secret that admits once.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteLink {
    /// The node that made it.
    pub host: NodeId,
    /// Admits once.
    pub secret: [u8; 16],
    /// Where its lobby is, as multiaddresses; never empty.
    pub addresses: Vec<String>,
}

/// Text that is no invite link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Copy it whole.
    #[error("it does not begin with covey://join/")]
    Scheme,
    /// Copy it whole.
    #[error("the node id in it is not 64 hexadecimal digits")]
    Host,
    /// Copy it whole.
    #[error("the secret in it is not 32 hexadecimal digits")]
    Secret,
    /// Copy it whole.
    #[error("it has no address in it")]
    NoAddress,
    /// Copy it anew: an address has a character it cannot have.
    #[error("an address in it is not a multiaddress")]
    Address,
    /// It is of another version of Covey.
    #[error("it has a part that is not known")]
    UnknownPart,
}

impl InviteLink {
    /// Addresses that one link can hold: more than a machine has networks.
    pub const MAX_ADDRESSES: usize = 16;
    const START: &str = "covey://join/";
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}?secret={}", Self::START, self.host, hex(&self.secret))?;
        self.addresses.iter().take(Self::MAX_ADDRESSES).try_for_each(|at| write!(f, "&at={at}"))
    }
}

impl fmt::Debug for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteLink").field("host", &self.host).finish_non_exhaustive()
    }
}

impl FromStr for InviteLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let rest = text.trim().strip_prefix(Self::START).ok_or(LinkError::Scheme)?;
        let (host, query) = rest.split_once('?').ok_or(LinkError::Secret)?;
        let host = unhex(host).map(NodeId).ok_or(LinkError::Host)?;
        let (mut secret, mut addresses) = (None, Vec::new());
        for part in query.split('&') {
            match part.split_once('=') {
                Some(("secret", digits)) if secret.is_none() => {
                    secret = Some(unhex(digits).ok_or(LinkError::Secret)?);
                }
                Some(("at", address)) if addresses.len() < Self::MAX_ADDRESSES => {
                    addresses.push(checked(address)?);
                }
                Some(_) | None => return Err(LinkError::UnknownPart),
            }
        }
        let secret = secret.ok_or(LinkError::Secret)?;
        if addresses.is_empty() {
            return Err(LinkError::NoAddress);
        }
        Ok(Self { host, secret, addresses })
    }
}

/// A multiaddress of an IP address or a DNS name needs no character that a link must escape.
fn checked(address: &str) -> Result<String, LinkError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/.:-_".contains(c);
    (address.starts_with('/') && address.len() <= 200 && address.chars().all(plain))
        .then(|| address.to_owned())
        .ok_or(LinkError::Address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> InviteLink {
        InviteLink {
            host: NodeId([7; 32]),
            secret: [9; 16],
            addresses: vec!["/ip4/10.0.0.1/tcp/4100".into(), "/ip6/fe80::1/tcp/4100".into()],
        }
    }

    #[test]
    fn link_reads_back_as_it_was_written() {
        assert_eq!(link().to_string().parse(), Ok(link()));
    }

    #[test]
    fn link_that_was_cut_or_changed_is_refused() {
        let whole = link().to_string();

        for (text, error) in [
            (whole.replace("covey", "http"), LinkError::Scheme),
            (whole.replace("0707?", "07?"), LinkError::Host),
            (whole.replace("0909&", "&"), LinkError::Secret),
            (whole.split('&').next().unwrap().to_owned(), LinkError::NoAddress),
            (whole.replace("&at=/ip4", "&at=ip4"), LinkError::Address),
            (whole.replace("/tcp/4100", "/tcp/%20"), LinkError::Address),
            (format!("{whole}&role=admin"), LinkError::UnknownPart),
            (format!("{whole}&secret={}", hex(&[1; 16])), LinkError::UnknownPart),
        ] {
            assert_eq!(text.parse::<InviteLink>(), Err(error), "{text}");
        }
    }
}
