//! The beacon as a question of multicast DNS (RFC 1035, section 4; RFC 6762).

use std::net::Ipv4Addr;

use covey_logic::NodeId;

/// The longest datagram that may be a beacon.
pub(super) const MAX_LEN: usize = 512;
/// What its name ends in.
const SUFFIX: [&str; 3] = ["_covey-beacon", "_udp", "local"];
/// Header with one question: neither an answer nor recursion is asked for.
const HEADER: [u8; 12] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
/// TXT, class IN.
const QUESTION: [u8; 4] = [0, 16, 0, 1];
/// Hexadecimal digits of a node's id in the name: half of it, because a label has 63 at most.
const ID_LEN: usize = 32;

/// Who says it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beacon {
    /// The first half of the node's id in hexadecimal digits.
    id: String,
    /// Which process.
    pub(super) instance: u64,
    /// Where its lobby listens.
    pub(super) port: u16,
    /// The interface it was sent through.
    pub(super) interface: Ipv4Addr,
}

impl Beacon {
    pub(super) fn new(node: NodeId, instance: u64, port: u16, interface: Ipv4Addr) -> Self {
        Self { id: half_of(node), instance, port, interface }
    }

    /// Whether it may be of `node`; only a handshake proves it.
    pub(super) fn is_of(&self, node: NodeId) -> bool {
        self.id == half_of(node)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let (instance, port) = (self.instance, self.port);
        let place = format!("{instance:016x}{port:04x}{:08x}", self.interface.to_bits());
        let mut bytes = HEADER.to_vec();
        for label in [place.as_str(), self.id.as_str()].into_iter().chain(SUFFIX) {
            bytes.push(u8::try_from(label.len()).unwrap_or_default());
            bytes.extend(label.as_bytes());
        }
        bytes.push(0);
        bytes.extend(QUESTION);
        bytes
    }

    /// The beacon that a datagram is, if it is one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&HEADER)?.strip_suffix(&QUESTION)?;
        let (place, rest) = label(rest)?;
        let (id, mut rest) = label(rest)?;
        for expected in SUFFIX {
            let (found, after) = label(rest)?;
            if found != expected {
                return None;
            }
            rest = after;
        }
        if rest != [0] || id.len() != ID_LEN || place.len() != 28 {
            return None;
        }
        Some(Self {
            id: id.to_owned(),
            instance: u64::from_str_radix(place.get(..16)?, 16).ok()?,
            port: u16::from_str_radix(place.get(16..20)?, 16).ok()?,
            interface: Ipv4Addr::from_bits(u32::from_str_radix(place.get(20..)?, 16).ok()?),
        })
    }
}

fn half_of(node: NodeId) -> String {
    node.to_string().get(..ID_LEN).unwrap_or_default().to_owned()
}

/// The first label of a name, and what comes after it.
fn label(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (label, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(label).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beacon_reads_as_it_was_written() {
        let node = NodeId([7; 32]);
        let beacon = Beacon::new(node, 0xfeed, 4_700, Ipv4Addr::new(10, 0, 0, 9));

        let read = Beacon::read(&beacon.write());

        assert_eq!(read.as_ref(), Some(&beacon));
        assert!(beacon.is_of(node) && !beacon.is_of(NodeId([8; 32])));
    }

    #[test]
    fn other_datagrams_are_no_beacons() {
        let whole = Beacon::new(NodeId([7; 32]), 1, 2, Ipv4Addr::LOCALHOST).write();

        for length in 0..whole.len() {
            assert_eq!(Beacon::read(&whole[..length]), None, "{length}");
        }
        for place in 0..whole.len() {
            let mut broken = whole.clone();
            broken[place] = 0xff;
            // Whatever is read, nothing panics; what the name ends in is needed.
            let read = Beacon::read(&broken);
            assert!(place < 12 + 62 || read.is_none(), "{place}");
        }
    }
}
